import 'reflect-metadata';
import type { RequestListener } from 'node:http';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from '@millrace/foundation';
import { authenticating, type Authenticator } from '../rest/auth/authenticator.ts';
import type { HttpRequest, HttpResponse, Next } from '../rest/http.ts';
import { refuseForeignOrigin, type OriginRules } from '../rest/origin-guard.ts';
import { CompatibilityController } from './compatibility.controller.ts';
import { ConfigController } from './config.controller.ts';
import { ModeController } from './mode.controller.ts';
import { RegistryOpenApiController } from './openapi.controller.ts';
import { RegistryAnswers, RegistryErrors } from './registry-answers.ts';
import { SchemasController } from './schemas.controller.ts';
import { ServerController } from './server.controller.ts';
import { withoutContextPath } from './subject-path.ts';
import { SubjectsController } from './subjects.controller.ts';
import { REGISTRY_OPTIONS, SCHEMA_REGISTRY, type RegistryApiOptions } from './tokens.ts';
import { VersionsController } from './versions.controller.ts';

/** Metadata and rules beside the schema (INV-6). */
const BODY_BYTES_BESIDE = 1024 * 1024;

export interface RegistryApplicationOptions extends RegistryApiOptions {
  readonly log: Logger;
  readonly schemaBytesMax: number;
  readonly origins: OriginRules;
  /** Undefined: nobody is asked who he is. */
  readonly authenticator?: Authenticator | undefined;
}

export interface RegistryApplication extends AsyncDisposable {
  readonly handler: RequestListener;
  /** Every path with its methods, as Express writes them: `/subjects/:subject`. */
  routes(): readonly { readonly path: string; readonly methods: readonly string[] }[];
}

/** Confluent's registry API over a finished registry. */
@Module({})
class RegistryModule {
  static create(options: RegistryApiOptions): DynamicModule {
    return {
      module: RegistryModule,
      controllers: [
        ServerController,
        SchemasController,
        SubjectsController,
        VersionsController,
        CompatibilityController,
        ConfigController,
        ModeController,
        RegistryOpenApiController,
      ],
      providers: [
        { provide: SCHEMA_REGISTRY, useValue: options.registry },
        { provide: REGISTRY_OPTIONS, useValue: options },
      ],
    };
  }
}

/** The registry's API as a request handler; it opens no socket. */
export async function createRegistryApplication(
  options: RegistryApplicationOptions,
): Promise<RegistryApplication> {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- NestJS' options are a class that is meant as an interface
  const app = await NestFactory.create<NestExpressApplication>(RegistryModule.create(options), {
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use((request: HttpRequest, response: HttpResponse, next: Next) => {
    refuseForeignOrigin(request, options.origins);
    // Express would add a charset to the content type, which JSON has none of.
    response.send = (body) => {
      response.end(body);
      return response;
    };
    next();
  });
  app.use(authenticating(options.authenticator));
  // A character of a schema may take six bytes in a JSON string.
  const limit = options.schemaBytesMax * 6 + BODY_BYTES_BESIDE;
  app.useBodyParser('raw', { type: () => true, limit });
  app.useGlobalInterceptors(new RegistryAnswers());
  app.useGlobalFilters(new RegistryErrors(options.log));
  await app.init();
  const express = app.getHttpAdapter().getInstance() as RequestListener; // an Express application is one
  return {
    handler: (request, response) => {
      request.url = withoutContextPath(request.url ?? '/');
      express(request, response);
    },
    routes: () => routesOf(app),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

function routesOf(app: NestExpressApplication): ReturnType<RegistryApplication['routes']> {
  const express = app.getHttpAdapter().getInstance() as { router: { stack: readonly Layer[] } };
  return express.router.stack.flatMap(({ route }) =>
    route === undefined ? [] : [{ path: route.path, methods: Object.keys(route.methods) }],
  );
}
