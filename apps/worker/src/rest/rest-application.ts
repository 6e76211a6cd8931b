import 'reflect-metadata';
import type { RequestListener } from 'node:http';
import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { Herder } from '@millrace/runtime';
import { authenticating, type Authenticator } from './auth/authenticator.ts';
import { ErrorFilter } from './error-filter.ts';
import type { HttpRequest, HttpResponse, Next } from './http.ts';
import { JsonAnswers } from './json-answers.ts';
import { negotiate } from './negotiation.ts';
import { refuseForeignOrigin, type OriginRules } from './origin-guard.ts';
import type { HeaderRule } from './response-headers.ts';
import { RestModule } from './rest.module.ts';
import type { RestOptions } from './tokens.ts';

export interface RestApplicationOptions extends RestOptions {
  readonly herder: Herder;
  readonly origins: OriginRules;
  /** `access.control.allow.methods`; empty: GET, POST and HEAD. */
  readonly allowedMethods: readonly string[];
  readonly headerRules: readonly HeaderRule[];
  /** Undefined: nobody is asked who he is. */
  readonly authenticator?: Authenticator | undefined;
  /** `rest.request.bytes.max`. */
  readonly requestBytesMax: number;
}

export interface RestApplication extends AsyncDisposable {
  readonly handler: RequestListener;
  /** Every path with its methods, as Express writes them: `/connectors/:name`. */
  routes(): readonly { readonly path: string; readonly methods: readonly string[] }[];
}

/** The REST API as a request handler; it opens no socket. */
export async function createRestApplication(
  options: RestApplicationOptions,
): Promise<RestApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    RestModule.create(options),
    caseSensitive(new ExpressAdapter()),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- NestJS' options are a class that is meant as an interface
    { logger: false, abortOnError: false, bodyParser: false },
  );
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use((request: HttpRequest, response: HttpResponse, next: Next) => {
    applyHeaderRules(response, options.headerRules);
    refuseForeignOrigin(request, options.origins);
    next();
  });
  enableCors(app, options);
  app.use(authenticating(options.authenticator));
  app.use((request: HttpRequest, response: HttpResponse, next: Next) => {
    sendAsIs(response);
    if (request.method !== 'OPTIONS') next();
    else answerOptions(methodsOf(routesOf(app), request.path), response, next);
  });
  app.use((request: HttpRequest, _response: HttpResponse, next: Next) => {
    negotiate(request);
    next();
  });
  app.useBodyParser('raw', { type: () => true, limit: options.requestBytesMax });
  app.useGlobalInterceptors(new JsonAnswers(options));
  app.useGlobalFilters(
    new ErrorFilter({ log: options.log, methodsOf: (path) => methodsOf(routesOf(app), path) }),
  );
  await app.init();
  const handler = app.getHttpAdapter().getInstance() as RequestListener; // an Express application is one
  const routes: RestApplication['routes'] = () =>
    routesOf(app).flatMap(({ route }) =>
      route === undefined ? [] : [{ path: route.path, methods: Object.keys(route.methods) }],
    );
  return { handler, routes, [Symbol.asyncDispose]: () => app.close() };
}

/** Before any route is added, which reads this once; Express makes the router with the adapter. */
function caseSensitive(adapter: ExpressAdapter): ExpressAdapter {
  const express: { readonly router: { caseSensitive: boolean } } = adapter.getInstance();
  express.router.caseSensitive = true;
  return adapter;
}

function enableCors(app: NestExpressApplication, options: RestApplicationOptions): void {
  const { allowedOrigins } = options.origins;
  if (allowedOrigins.length === 0) return;
  const settings = {
    origin: allowedOrigins.includes('*') ? '*' : [...allowedOrigins],
    methods:
      options.allowedMethods.length > 0 ? [...options.allowedMethods] : ['GET', 'POST', 'HEAD'],
    optionsSuccessStatus: 200,
    maxAge: PREFLIGHT_AGE_S,
  };
  app.enableCors((request: HttpRequest, decide: DecideCors) => {
    decide(null, { ...settings, preflightContinue: !isPreflight(request) });
  });
}

/** How long a browser may keep what a preflight told it; Connect's. */
const PREFLIGHT_AGE_S = 60;

type DecideCors = (error: Error | null, settings: CorsOptions) => void;

/** A browser asks before it sends; any other OPTIONS wants to know the methods. */
function isPreflight({ headers }: HttpRequest): boolean {
  return headers['origin'] !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Express would add a charset to the content type, which JSON has none of. */
function sendAsIs(response: HttpResponse): void {
  response.send = (body) => {
    response.end(body);
    return response;
  };
}

/** Which methods a path knows. Preflights of browsers are answered before, if any origin is allowed. */
function answerOptions(methods: readonly string[], response: HttpResponse, next: Next): void {
  if (methods.length === 0) {
    next();
    return;
  }
  const allowed = [...methods, 'OPTIONS'].join(', ');
  response.status(200).setHeader('Allow', allowed).setHeader('Content-Type', 'text/plain');
  response.end(allowed);
}

function applyHeaderRules(response: HttpResponse, rules: readonly HeaderRule[]): void {
  for (const { action, name, value } of rules) {
    if (action.startsWith('set')) response.setHeader(name, value);
    else response.appendHeader(name, value);
  }
}

/** One route of Express' router, as far as we look into it to tell 405 from 404. */
interface Route {
  match(path: string): boolean;
  readonly route?: {
    readonly path: string;
    readonly methods: Readonly<Record<string, boolean>>;
  };
}

function routesOf(app: NestExpressApplication): readonly Route[] {
  const express = app.getHttpAdapter().getInstance() as { router: { stack: readonly Route[] } };
  return express.router.stack.filter((layer) => layer.route !== undefined);
}

function methodsOf(routes: readonly Route[], path: string): readonly string[] {
  const methods = routes
    .filter((layer) => matches(layer, path))
    .flatMap((layer) => Object.keys(layer.route?.methods ?? {}))
    .map((method) => method.toUpperCase());
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)];
}

function matches(layer: Route, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false; // a path that can't be decoded matches nothing
  }
}
