import { Controller, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import { badRequest, noSuchLevel, noSuchLogger } from '../errors.ts';
import { levelNamed, type LoggerLevel } from '../log-levels.ts';
import type { Herder } from '@millrace/runtime';
import type { HttpResponse } from './http.ts';
import { readLevelBody, type BodyRequest } from './request-body.ts';
import { HERDER, REST_OPTIONS, type RestOptions } from './tokens.ts';

/** Log levels, changed while the worker runs (KIP-495). */
@Controller('admin/loggers')
export class LoggersController {
  readonly #options: RestOptions;
  readonly #herder: Herder;

  constructor(@Inject(REST_OPTIONS) options: RestOptions, @Inject(HERDER) herder: Herder) {
    this.#options = options;
    this.#herder = herder;
  }

  @Get()
  list(): Readonly<Record<string, LoggerLevel>> {
    return this.#options.levels.list();
  }

  @Get(':name')
  level(@Param('name') name: string): LoggerLevel {
    const found = this.#options.levels.find(name);
    if (found === undefined) throw noSuchLogger(name);
    return found;
  }

  /** With `scope=cluster` Connect answers nothing, and notes it for all live workers of the group (KIP-976). */
  @Put(':name')
  async setLevel(
    @Param('name') name: string,
    @Query('scope') scope: unknown,
    @Req() request: BodyRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<readonly string[] | undefined> {
    const given = readLevelBody(request);
    if (given === undefined)
      throw badRequest("Desired 'level' parameter was not specified in request.");
    const level = levelNamed(given);
    if (level === undefined) throw noSuchLevel(given);
    // Of a parameter that is given twice the first counts, as everywhere in JAX-RS.
    const first: unknown = Array.isArray(scope) ? scope[0] : scope;
    if (typeof first !== 'string' || first.toLowerCase() !== 'cluster')
      return this.#options.levels.set(name, level);
    await this.#herder.announceLoggerLevel(name, given);
    this.#options.levels.set(name, level);
    response.status(204);
    return undefined;
  }
}
