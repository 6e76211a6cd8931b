import { Controller, Delete, Get, Inject, Param, Put, Query, Req } from '@nestjs/common';
import {
  invalidMode,
  invalidSubject,
  isValidSubject,
  noSubjectMode,
  type Mode,
  type SchemaRegistry,
} from '@millrace/schema-registry';
import { booleanQuery } from '../rest/http.ts';
import { readModeBody, type RegistryRequest } from './request.ts';
import { scopeOf } from './subject-path.ts';
import { SCHEMA_REGISTRY } from './tokens.ts';

interface ModeAnswer {
  readonly mode?: Mode | null;
}

/** Whether schemas may be registered, of all and of one. */
@Controller('mode')
export class ModeController {
  readonly #registry: SchemaRegistry;

  constructor(@Inject(SCHEMA_REGISTRY) registry: SchemaRegistry) {
    this.#registry = registry;
  }

  @Get()
  global(@Query('defaultToGlobal') defaultToGlobal: unknown): Promise<ModeAnswer> {
    return this.#get(null, defaultToGlobal);
  }

  @Get(':subject')
  ofSubject(
    @Param('subject') subject: string,
    @Query('defaultToGlobal') defaultToGlobal: unknown,
  ): Promise<ModeAnswer> {
    return this.#get(scopeOf(subject), defaultToGlobal);
  }

  #get(scope: string | null, defaultToGlobal: unknown): Promise<ModeAnswer> {
    return this.#registry.read((queries) => {
      const isInherited = booleanQuery(defaultToGlobal, false);
      const mode = isInherited ? queries.modeInScope(scope) : queries.mode(scope);
      if (mode === undefined) throw noSubjectMode(scope ?? '');
      return { mode };
    });
  }

  @Put()
  setGlobal(@Query('force') force: unknown, @Req() request: RegistryRequest): Promise<ModeAnswer> {
    return this.#set('', force, request);
  }

  @Put(':subject')
  setOfSubject(
    @Param('subject') subject: string,
    @Query('force') force: unknown,
    @Req() request: RegistryRequest,
  ): Promise<ModeAnswer> {
    return this.#set(subject, force, request);
  }

  async #set(subject: string, force: unknown, request: RegistryRequest): Promise<ModeAnswer> {
    if (!isValidSubject(subject, true)) throw invalidSubject(subject);
    const mode = readModeBody(request);
    if (mode === 'FORWARD') throw invalidMode('Forward mode is not supported');
    await this.#registry.setMode(scopeOf(subject), mode, booleanQuery(force, false));
    return { mode };
  }

  @Delete()
  deleteGlobal(@Query('recursive') recursive: unknown): Promise<ModeAnswer> {
    return this.#delete(null, recursive);
  }

  @Delete(':subject')
  deleteOfSubject(
    @Param('subject') subject: string,
    @Query('recursive') recursive: unknown,
  ): Promise<ModeAnswer> {
    return this.#delete(scopeOf(subject), recursive);
  }

  async #delete(scope: string | null, recursive: unknown): Promise<ModeAnswer> {
    const mode = await this.#registry.deleteMode(scope, booleanQuery(recursive, false));
    return mode === undefined ? {} : { mode };
  }
}
