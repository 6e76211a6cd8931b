import { Controller, Delete, Get, HttpCode, Inject, Param } from '@nestjs/common';
import type { ConnectorErrors, ErrorDesk, Herder } from '@millrace/runtime';
import { HERDER } from './tokens.ts';

/** What failed in a connector, by kind. Ours beside Connect's API. */
@Controller('api/connectors/:name/errors')
export class ErrorsController {
  readonly #desk: ErrorDesk;

  constructor(@Inject(HERDER) herder: Herder) {
    this.#desk = herder.errors;
  }

  @Get()
  errors(@Param('name') name: string): ConnectorErrors {
    return this.#desk.errorsOf(name);
  }

  @Delete()
  @HttpCode(204)
  clear(@Param('name') name: string): void {
    this.#desk.clearErrors(name);
  }
}
