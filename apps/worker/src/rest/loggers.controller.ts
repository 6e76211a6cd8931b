import { Controller, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import { badRequest, noSuchLevel, noSuchLogger } from '../errors.ts';
import { levelNamed, type LoggerLevel } from '../log-levels.ts';
import type { HttpResponse } from './http.ts';
import { readLevelBody, type BodyRequest } from './request-body.ts';
import { REST_OPTIONS, type RestOptions } from './tokens.ts';

/** Log levels, changed while the worker runs (KIP-495). */
@Controller('admin/loggers')
export class LoggersController {
  readonly #options: RestOptions;

  constructor(@Inject(REST_OPTIONS) options: RestOptions) {
    this.#options = options;
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

  /** With `scope=cluster` Connect answers nothing; this worker is the whole cluster. */
  @Put(':name')
  setLevel(
    @Param('name') name: string,
    @Query('scope') scope: unknown,
    @Req() request: BodyRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): readonly string[] | undefined {
    const given = readLevelBody(request);
    if (given === undefined)
      throw badRequest("Desired 'level' parameter was not specified in request.");
    const level = levelNamed(given);
    if (level === undefined) throw noSuchLevel(given);
    const changed = this.#options.levels.set(name, level);
    if (typeof scope !== 'string' || scope.toLowerCase() !== 'cluster') return changed;
    response.status(204);
    return undefined;
  }
}
