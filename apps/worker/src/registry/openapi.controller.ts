import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { HttpResponse } from '../rest/http.ts';
import type { Schema } from '../rest/openapi/surface.ts';
import { registryDocument } from './openapi/document.ts';
import { REGISTRY_OPTIONS, type RegistryApiOptions } from './tokens.ts';

/** The description of this API. */
@Controller('api/openapi.json')
export class RegistryOpenApiController {
  readonly #document: Schema;

  constructor(@Inject(REGISTRY_OPTIONS) options: RegistryApiOptions) {
    this.#document = registryDocument(options.version);
  }

  @Get()
  document(@Res({ passthrough: true }) response: HttpResponse): Schema {
    response.setHeader('Content-Type', 'application/json');
    return this.#document;
  }
}
