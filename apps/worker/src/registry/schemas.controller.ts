import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  schemaNotFound,
  type ContextId,
  type SchemaVersion,
  type RegistryQueries,
  type SchemaRegistry,
  type SubjectVersion,
} from '@millrace/schema-registry';
import { booleanQuery } from '../rest/http.ts';
import { schemaAnswer, schemaStringAnswer } from './answers.ts';
import { pageOf, readId, readPage, textQuery } from './request.ts';
import { REGISTRY_OPTIONS, SCHEMA_REGISTRY, type RegistryApiOptions } from './tokens.ts';

type QueryFields = Readonly<Record<string, unknown>>;

/** Schemas by id and GUID, and all of them. */
@Controller('schemas')
export class SchemasController {
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
  list(@Query() query: QueryFields): Promise<readonly unknown[]> {
    const prefix = textQuery(query['subjectPrefix']) ?? '';
    const deleted = booleanQuery(query['deleted'], false) ? 'with' : 'without';
    const latestOnly = booleanQuery(query['latestOnly'], false);
    const withAliases = booleanQuery(query['aliases'], false);
    const page = readPage(query, this.#options.schemaSearchMaxLimit);
    const ruleType = textQuery(query['ruleType']) ?? '';
    return this.#registry.read((queries) => {
      const all = queries.schemas(prefix, deleted, latestOnly);
      const wanted = ruleType === '' ? all : all.filter((schema) => hasRule(schema, ruleType));
      return pageOf(wanted, page).map((schema) => {
        const aliases = withAliases ? queries.aliasesOf(schema.subject) : [];
        return { ...schemaAnswer(schema), ...(aliases.length === 0 ? {} : { aliases }) };
      });
    });
  }

  @Get('types')
  types(): readonly string[] {
    return this.#registry.schemaTypes;
  }

  @Get('ids/:id')
  byId(@Param('id') id: string, @Query() query: QueryFields): Promise<unknown> {
    const subject = textQuery(query['subject']);
    return this.#registry.read((queries) => {
      const schema = findById(queries, readId(id), subject);
      const withMaxId = booleanQuery(query['fetchMaxId'], false);
      return {
        ...schemaStringAnswer(schema, subject !== undefined),
        schema: textIn(queries, schema, query),
        ...qualifiedReferences(queries, schema, query),
        ...(withMaxId ? { maxId: queries.idMax(schema.subject) } : {}),
      };
    });
  }

  @Get('ids/:id/schema')
  textById(@Param('id') id: string, @Query() query: QueryFields): Promise<string> {
    return this.#registry.read((queries) => {
      const schema = findById(queries, readId(id), textQuery(query['subject']));
      return textIn(queries, schema, query);
    });
  }

  @Get('ids/:id/subjects')
  async subjectsById(
    @Param('id') id: string,
    @Query() query: QueryFields,
  ): Promise<readonly string[]> {
    const versions = await this.#versions(id, query);
    return pageOf([...new Set(versions.map(({ subject }) => subject))], readPage(query));
  }

  @Get('ids/:id/versions')
  async versionsById(
    @Param('id') id: string,
    @Query() query: QueryFields,
  ): Promise<readonly SubjectVersion[]> {
    return pageOf(await this.#versions(id, query), readPage(query));
  }

  #versions(id: string, query: QueryFields): Promise<readonly SubjectVersion[]> {
    const withDeleted = booleanQuery(query['deleted'], false);
    return this.#registry.read((queries) => {
      const subject = textQuery(query['subject']) ?? '';
      const versions = queries.versionsOfId(readId(id), subject, withDeleted);
      if (versions === undefined) throw schemaNotFound();
      return versions;
    });
  }

  @Get('guids/:guid')
  byGuid(@Param('guid') guid: string, @Query() query: QueryFields): Promise<unknown> {
    return this.#registry.read((queries) => {
      const schema = queries.byGuid(guid);
      if (schema === undefined) throw schemaNotFound(guid);
      return { ...schemaStringAnswer(schema, false), schema: textIn(queries, schema, query) };
    });
  }

  @Get('guids/:guid/ids')
  idsByGuid(@Param('guid') guid: string): Promise<readonly ContextId[]> {
    return this.#registry.read((queries) => queries.idsOfGuid(guid));
  }
}

function findById(
  queries: RegistryQueries,
  id: number,
  subject: string | undefined,
): SchemaVersion {
  const schema = queries.byId(id, subject ?? '');
  if (schema === undefined) throw schemaNotFound(id);
  return schema;
}

function textIn(queries: RegistryQueries, schema: SchemaVersion, query: QueryFields): string {
  const format = textQuery(query['format'])?.trim() ?? '';
  return format === '' ? schema.schema : queries.parser.parseRegistered(schema).formatted(format);
}

/** `referenceFormat=qualified`: references with the context that they are looked for in. */
export function qualifiedReferences(
  queries: RegistryQueries,
  { subject, references }: SchemaVersion,
  query: QueryFields,
): Readonly<Record<string, unknown>> {
  if (textQuery(query['referenceFormat']) !== 'qualified' || references.length === 0) return {};
  const qualified = references.map((reference) => ({
    ...reference,
    subject: queries.qualify(subject, reference.subject),
  }));
  return { references: qualified };
}

function hasRule({ ruleSet }: SchemaVersion, type: string): boolean {
  const rules = [
    ...(ruleSet?.migrationRules ?? []),
    ...(ruleSet?.domainRules ?? []),
    ...(ruleSet?.encodingRules ?? []),
  ];
  return rules.some((rule) => rule.type === type);
}
