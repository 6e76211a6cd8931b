import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { normalizeSubject, type SchemaRegistry } from '@millrace/schema-registry';
import { pageOf, readPage, textQuery } from './request.ts';
import { REGISTRY_OPTIONS, SCHEMA_REGISTRY, type RegistryApiOptions } from './tokens.ts';

/** Confluent's version whose API this is; clients that look at it expect one of Confluent's. */
const API_VERSION = '8.0.0';

/** The registry itself: its contexts, its cluster, its version. */
@Controller()
export class ServerController {
  readonly #registry: SchemaRegistry;
  readonly #options: RegistryApiOptions;

  constructor(
    @Inject(SCHEMA_REGISTRY) registry: SchemaRegistry,
    @Inject(REGISTRY_OPTIONS) options: RegistryApiOptions,
  ) {
    this.#registry = registry;
    this.#options = options;
  }

  @Get()
  root(): object {
    return {};
  }

  @Post()
  @HttpCode(200)
  posted(): object {
    return {};
  }

  @Get('contexts')
  contexts(@Query() query: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
    const prefix = textQuery(query['contextPrefix']) ?? '';
    return this.#registry.read((queries) => {
      const contexts = queries.contexts().filter((context) => context.startsWith(prefix));
      return pageOf(contexts, readPage(query));
    });
  }

  @Delete('contexts/:context')
  @HttpCode(204)
  deleteContext(@Param('context') context: string): Promise<undefined> {
    return this.#registry.deleteContext(normalizeSubject(context));
  }

  @Get('v1/metadata/id')
  async clusterId(): Promise<unknown> {
    const clusters = {
      'kafka-cluster': await this.#options.kafkaClusterId(),
      'schema-registry-cluster': this.#options.groupId,
    };
    return { id: '', scope: { path: [], clusters } };
  }

  @Get('v1/metadata/version')
  version(): unknown {
    return { version: API_VERSION, commitId: `millrace-${this.#options.version}` };
  }
}
