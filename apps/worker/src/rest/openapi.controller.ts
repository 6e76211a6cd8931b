import { Controller, Get, Inject } from '@nestjs/common';
import { openApiDocument } from './openapi/document.ts';
import type { Schema } from './openapi/surface.ts';
import { REST_OPTIONS, type RestOptions } from './tokens.ts';

/** The description of this API. */
@Controller('api/openapi.json')
export class OpenApiController {
  readonly #document: Schema;

  constructor(@Inject(REST_OPTIONS) options: RestOptions) {
    this.#document = openApiDocument(options.version);
  }

  @Get()
  document(): Schema {
    return this.#document;
  }
}
