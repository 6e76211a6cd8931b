import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  normalizeSubject,
  SchemaRegistryError,
  versionNotFound,
  type SchemaVersion,
  type RegistryQueries,
  type SchemaRegistry,
} from '@millrace/schema-registry';
import { booleanQuery } from '../rest/http.ts';
import { readSchemaBody, readVersion, type RegistryRequest } from './request.ts';
import { SCHEMA_REGISTRY } from './tokens.ts';

type QueryFields = Readonly<Record<string, unknown>>;

interface CompatibilityAnswer {
  readonly is_compatible: boolean;
  readonly messages?: readonly string[];
}

/** Whether a schema could be registered, without registering it. */
@Controller('compatibility/subjects/:subject/versions')
export class CompatibilityController {
  readonly #registry: SchemaRegistry;

  constructor(@Inject(SCHEMA_REGISTRY) registry: SchemaRegistry) {
    this.#registry = registry;
  }

  @Post()
  @HttpCode(200)
  withSubject(
    @Param('subject') subject: string,
    @Query() query: QueryFields,
    @Req() request: RegistryRequest,
  ): Promise<CompatibilityAnswer> {
    return this.#check(subject, query, request, (queries, normalized) =>
      queries.versions(normalized, 'without'),
    );
  }

  @Post(':version')
  @HttpCode(200)
  withVersion(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Query() query: QueryFields,
    @Req() request: RegistryRequest,
  ): Promise<CompatibilityAnswer> {
    const number = readVersion(version);
    return this.#check(subject, query, request, (queries, normalized) => {
      const found = queries.exactVersion(normalized, number, false);
      if (found === undefined && number !== -1) throw versionNotFound(number);
      return found === undefined ? [] : [found];
    });
  }

  #check(
    subject: string,
    query: QueryFields,
    request: RegistryRequest,
    previous: (queries: RegistryQueries, subject: string) => readonly SchemaVersion[],
  ): Promise<CompatibilityAnswer> {
    const body = readSchemaBody(request);
    const isVerbose = booleanQuery(query['verbose'], false);
    return this.#registry.read((queries) => {
      const normalized = normalizeSubject(subject);
      const normalize = booleanQuery(query['normalize'], false) || queries.normalizes(normalized);
      const versions = previous(queries, normalized);
      const messages = messagesOf(isVerbose, () =>
        queries.incompatibilities(normalized, body, versions, normalize),
      );
      return { is_compatible: messages.length === 0, ...(isVerbose ? { messages } : {}) };
    });
  }
}

/** To who asks for details, that a schema is none is one of them. */
function messagesOf(isVerbose: boolean, check: () => readonly string[]): readonly string[] {
  try {
    return check();
  } catch (error) {
    const isInvalid =
      error instanceof SchemaRegistryError && error.code === 'schema_registry.invalid_schema';
    if (!isVerbose || !isInvalid) throw error;
    return [error.message];
  }
}
