import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ALL_CONTEXTS,
  schemaNotFound,
  subjectNotFound,
  type Deleted,
  type SchemaVersion,
  type SchemaRegistry,
} from '@millrace/schema-registry';
import { booleanQuery, repeatedQuery } from '../rest/http.ts';
import { schemaAnswer } from './answers.ts';
import { pageOf, readPage, readSchemaBody, textQuery, type RegistryRequest } from './request.ts';
import { meantSubject } from './subject-path.ts';
import { SCHEMA_REGISTRY } from './tokens.ts';

type QueryFields = Readonly<Record<string, unknown>>;

/** Subjects as a whole: their list, look-ups, deletion. */
@Controller('subjects')
export class SubjectsController {
  readonly #registry: SchemaRegistry;

  constructor(@Inject(SCHEMA_REGISTRY) registry: SchemaRegistry) {
    this.#registry = registry;
  }

  @Get()
  list(@Query() query: QueryFields): Promise<readonly string[]> {
    const prefix = textQuery(query['subjectPrefix']) ?? ALL_CONTEXTS;
    const page = readPage(query);
    return this.#registry.read((queries) =>
      pageOf(queries.subjects(prefix, deletedOf(query)), page),
    );
  }

  @Post(':subject')
  @HttpCode(200)
  lookUp(
    @Param('subject') subject: string,
    @Query() query: QueryFields,
    @Req() request: RegistryRequest,
  ): Promise<unknown> {
    const body = readSchemaBody(request);
    const withDeleted = booleanQuery(query['deleted'], false);
    return this.#registry.read((queries) => {
      const meant = meantSubject(queries, subject);
      const normalize = booleanQuery(query['normalize'], false) || queries.normalizes(meant);
      const found = queries.lookUp(meant, body, normalize, withDeleted);
      if (found !== undefined)
        return inFormat(found, query, (schema) => queries.parser.parseRegistered(schema));
      throw queries.hasSubjects(meant, withDeleted) ? schemaNotFound() : subjectNotFound(meant);
    });
  }

  @Get(':subject/metadata')
  latestWithMetadata(
    @Param('subject') subject: string,
    @Query() query: QueryFields,
  ): Promise<unknown> {
    const keys = repeatedQuery(query['key']);
    const values = repeatedQuery(query['value']);
    const withDeleted = booleanQuery(query['deleted'], false);
    return this.#registry.read((queries) => {
      const meant = meantSubject(queries, subject);
      const versions = queries.versions(meant, withDeleted ? 'with' : 'without');
      const found = versions.findLast(({ metadata }) =>
        keys.every((key, index) => metadata?.properties?.[key] === values[index]),
      );
      if (found?.metadata !== undefined) return schemaAnswer(found);
      throw queries.hasSubjects(meant, withDeleted) ? schemaNotFound() : subjectNotFound(meant);
    });
  }

  @Delete(':subject')
  async delete(
    @Param('subject') subject: string,
    @Query('permanent') permanent: unknown,
  ): Promise<readonly number[]> {
    const meant = await this.#registry.read((queries) => meantSubject(queries, subject));
    return this.#registry.deleteSubject(meant, booleanQuery(permanent, false));
  }
}

/** `deletedOnly` goes before `deleted`. */
export function deletedOf(query: QueryFields): Deleted {
  if (booleanQuery(query['deletedOnly'], false)) return 'only';
  return booleanQuery(query['deleted'], false) ? 'with' : 'without';
}

/** With the text in the form that `format` asks for. */
export function inFormat(
  schema: SchemaVersion,
  query: QueryFields,
  parse: (schema: SchemaVersion) => { formatted(format: string): string },
): Readonly<Record<string, unknown>> {
  const format = textQuery(query['format'])?.trim() ?? '';
  const answer = schemaAnswer(schema);
  return format === '' ? answer : { ...answer, schema: parse(schema).formatted(format) };
}
