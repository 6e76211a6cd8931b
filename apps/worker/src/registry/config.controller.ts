import { Controller, Delete, Get, Inject, Param, Put, Query, Req } from '@nestjs/common';
import {
  invalidSubject,
  isValidSubject,
  noSubjectConfig,
  type SchemaRegistry,
} from '@millrace/schema-registry';
import { booleanQuery } from '../rest/http.ts';
import { configAnswer, configUpdateAnswer } from './answers.ts';
import { readConfigBody, type RegistryRequest } from './request.ts';
import { scopeOf } from './subject-path.ts';
import { SCHEMA_REGISTRY } from './tokens.ts';

/** Compatibility levels and what else is configured, of all and of one. */
@Controller('config')
export class ConfigController {
  readonly #registry: SchemaRegistry;

  constructor(@Inject(SCHEMA_REGISTRY) registry: SchemaRegistry) {
    this.#registry = registry;
  }

  @Get()
  global(@Query('defaultToGlobal') defaultToGlobal: unknown): Promise<unknown> {
    return this.#get(null, defaultToGlobal);
  }

  @Get(':subject')
  ofSubject(
    @Param('subject') subject: string,
    @Query('defaultToGlobal') defaultToGlobal: unknown,
  ): Promise<unknown> {
    return this.#get(scopeOf(subject), defaultToGlobal);
  }

  #get(scope: string | null, defaultToGlobal: unknown): Promise<unknown> {
    return this.#registry.read((queries) => {
      const isInherited = booleanQuery(defaultToGlobal, false);
      const config = isInherited ? queries.configInScope(scope) : queries.config(scope);
      if (config === undefined) throw noSubjectConfig(scope ?? '');
      return configAnswer(config);
    });
  }

  @Put()
  async setGlobal(@Req() request: RegistryRequest): Promise<unknown> {
    return configUpdateAnswer(await this.#registry.setConfig(null, readConfigBody(request)));
  }

  @Put(':subject')
  async setOfSubject(
    @Param('subject') subject: string,
    @Req() request: RegistryRequest,
  ): Promise<unknown> {
    const change = readConfigBody(request);
    if (!isValidSubject(subject, true)) throw invalidSubject(subject);
    return configUpdateAnswer(await this.#registry.setConfig(scopeOf(subject), change));
  }

  @Delete()
  async deleteGlobal(): Promise<unknown> {
    return configAnswer(await this.#registry.deleteConfig(null));
  }

  @Delete(':subject')
  async deleteOfSubject(@Param('subject') subject: string): Promise<unknown> {
    return configAnswer(await this.#registry.deleteConfig(scopeOf(subject)));
  }
}
