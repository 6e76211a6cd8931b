import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  invalidSubject,
  isValidSubject,
  subjectNotFound,
  versionNotFound,
  type SchemaVersion,
  type RegistryQueries,
  type SchemaRegistry,
} from '@millrace/schema-registry';
import { booleanQuery } from '../rest/http.ts';
import { registeredAnswer } from './answers.ts';
import {
  pageOf,
  readPage,
  readSchemaBody,
  readVersion,
  textQuery,
  type RegistryRequest,
} from './request.ts';
import { meantSubject } from './subject-path.ts';
import { deletedOf, inFormat } from './subjects.controller.ts';
import { qualifiedReferences } from './schemas.controller.ts';
import { SCHEMA_REGISTRY } from './tokens.ts';

type QueryFields = Readonly<Record<string, unknown>>;

/** The versions of a subject. */
@Controller('subjects/:subject/versions')
export class VersionsController {
  readonly #registry: SchemaRegistry;

  constructor(@Inject(SCHEMA_REGISTRY) registry: SchemaRegistry) {
    this.#registry = registry;
  }

  @Get()
  list(@Param('subject') subject: string, @Query() query: QueryFields): Promise<readonly number[]> {
    const isSigned = booleanQuery(query['deletedAsNegative'], false);
    const deleted = deletedOf(query);
    return this.#registry.read((queries) => {
      const meant = meantSubject(queries, subject);
      if (!queries.hasSubjects(meant, deleted !== 'without')) throw subjectNotFound(meant);
      const versions = queries
        .versions(meant, isSigned ? 'with' : deleted)
        .map((schema) => (isSigned && schema.deleted ? -schema.version : schema.version));
      return pageOf(versions, readPage(query));
    });
  }

  @Post()
  @HttpCode(200)
  async register(
    @Param('subject') subject: string,
    @Query() query: QueryFields,
    @Req() request: RegistryRequest,
  ): Promise<unknown> {
    if (!isValidSubject(subject)) throw invalidSubject(subject);
    const body = readSchemaBody(request);
    const meant = await this.#registry.read((queries) => meantSubject(queries, subject));
    const registered = await this.#registry.register(meant, body, {
      normalize: booleanQuery(query['normalize'], false),
      force: booleanQuery(query['force'], false),
    });
    return registeredAnswer(registered);
  }

  @Get(':version')
  get(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Query() query: QueryFields,
  ): Promise<unknown> {
    return this.#registry.read((queries) => {
      const schema = findVersion(queries, subject, version, booleanQuery(query['deleted'], false));
      const answer = inFormat(schema, query, (found) => queries.parser.parseRegistered(found));
      return { ...answer, ...qualifiedReferences(queries, schema, query) };
    });
  }

  @Get(':version/schema')
  async text(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Query() query: QueryFields,
  ): Promise<unknown> {
    const answer = await this.#registry.read((queries) => {
      const schema = findVersion(queries, subject, version, booleanQuery(query['deleted'], false));
      return inFormat(schema, query, (found) => queries.parser.parseRegistered(found));
    });
    return answer['schema'];
  }

  @Get(':version/referencedby')
  referencedBy(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Query() query: QueryFields,
  ): Promise<readonly number[]> {
    return this.#registry.read((queries) => {
      const schema = findVersion(queries, subject, version, true);
      const withDeleted = booleanQuery(query['deleted'], false);
      const ids = queries.referencedBy(schema.subject, schema.version, withDeleted);
      return pageOf(ids, readPage(query));
    });
  }

  @Delete(':version')
  async delete(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Query('permanent') permanent: unknown,
  ): Promise<number> {
    const number = readVersion(version);
    const meant = await this.#registry.read((queries) => meantSubject(queries, subject));
    return this.#registry.deleteVersion(meant, number, textQuery(permanent) === 'true');
  }
}

function findVersion(
  queries: RegistryQueries,
  subject: string,
  version: string,
  withDeleted: boolean,
): SchemaVersion {
  const number = readVersion(version);
  const meant = meantSubject(queries, subject);
  const found = queries.version(meant, number, withDeleted);
  if (found !== undefined) return found;
  throw queries.hasSubjects(meant, withDeleted) ? versionNotFound(number) : subjectNotFound(meant);
}
