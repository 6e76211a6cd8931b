import { incompatibleSchema, invalidSchema, operationNotPermitted } from '../errors.ts';
import type { ParsedSchema } from '../parsed-schema.ts';
import { completeContract, hasDefaultsOrOverrides } from './data-contract.ts';
import type { Decision } from './decision.ts';
import type { SchemaVersion, SchemaContent, SchemaRequest } from './entities.ts';
import { guidOf } from './fingerprint.ts';
import { isBlank, isImporting, type RegistryQueries } from './queries.ts';
import type { RegistryState } from './state.ts';
import type { StoredRecord } from './stored-record.ts';
import { contextOf, contextPrefix, DEFAULT_CONTEXT } from './subject.ts';

export interface RegisterOptions {
  readonly normalize: boolean;
  /** Whatever the compatibility level says. */
  readonly force?: boolean;
}

export interface RegisterInput extends RegisterOptions {
  readonly subject: string;
  readonly request: SchemaRequest;
}

/** What a client is told: the schema with its id and version. */
export type RegisteredOutcome = Omit<SchemaVersion, 'deleted' | 'timestampMs'>;

/** The schema was registered before: nothing has to be written. */
export function findRegistered(
  queries: RegistryQueries,
  { subject, request, normalize }: RegisterInput,
): SchemaVersion | undefined {
  if (hasDefaultsOrOverrides(queries.configInScope(subject))) return undefined;
  const { version = 0, id = -1 } = request;
  const found = queries.lookUpExactly(subject, request, normalize, false, version === -1);
  if (found === undefined || (id >= 0 && id !== found.id)) return undefined;
  if (version <= 0 || found.version === version) return found;
  // An import may have given the same schema to several versions.
  const asked = id < 0 ? undefined : queries.exactVersion(subject, version, false);
  return asked?.id === found.id && asked.guid === found.guid ? asked : undefined;
}

/** @throws SchemaRegistryError when the schema may not be registered */
export function decideRegister(
  state: RegistryState,
  queries: RegistryQueries,
  input: RegisterInput,
): Decision<RegisteredOutcome> {
  const { subject, request } = input;
  checkMode(queries, subject, request.id ?? -1);
  const found = findRegistered(queries, input);
  if (found !== undefined) return { writes: [], outcome: found };

  const version = request.version ?? 0;
  const all = state.versions(subject);
  const undeleted = all.filter(({ deleted }) => !deleted);
  const next = Math.max(0, ...all.map((schema) => schema.version)) + 1;
  const { parsed, content } = prepare(queries, input, undeleted.at(-1), next);

  const context = contextOf(subject);
  const guid = guidOf(content);
  const asked = request.id ?? -1;
  const known = state.idByGuid(context, guid);
  const reusable = known !== undefined && (asked < 0 || asked === known) ? known : undefined;
  if (version === 0) {
    const same =
      (reusable === undefined ? undefined : state.byId(context, reusable, subject)) ??
      undeleted.findLast(
        (schema) => (asked < 0 || asked === schema.id) && queries.isSame(parsed, content, schema),
      );
    if (same !== undefined && !same.deleted)
      return { writes: [], outcome: { ...same, ...content } };
  }
  const mode = queries.modeInScope(subject);
  if (!isImporting(mode) && input.force !== true) {
    const problems = queries.problemsAfter(subject, parsed, content, undeleted);
    if (problems.length > 0) throw incompatibleSchema(subject, problems);
  }
  if (version > 0 && version !== next && !isImporting(mode))
    throw invalidSchema('Version is not one more than previous version');

  const id = reusable ?? (asked >= 0 ? asked : state.nextId(context));
  checkIdIsFree(state, context, id, content);
  const registered = { ...content, subject, version: version > 0 ? version : next, id, guid };
  return { writes: writesFor(state, queries, registered, all), outcome: registered };
}

function checkMode(queries: RegistryQueries, subject: string, id: number): void {
  const mode = queries.modeInScope(subject);
  const context = contextPrefix(contextOf(subject));
  const where = `Subject ${subject} in context ${context} is`;
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE')
    throw operationNotPermitted(`${where} in read-only mode`);
  if (id >= 0 && !isImporting(mode)) throw operationNotPermitted(`${where} not in import mode`);
  if (id < 0 && mode !== 'READWRITE')
    throw operationNotPermitted(`${where} not in read-write mode`);
}

function prepare(
  queries: RegistryQueries,
  { subject, request, normalize }: RegisterInput,
  previous: SchemaVersion | undefined,
  next: number,
): { readonly parsed: ParsedSchema; readonly content: SchemaContent } {
  const isImport = isImporting(queries.modeInScope(subject));
  const base = isImport || !isBlank(request.schema) ? request : { ...request, ...previous };
  if (isBlank(base.schema)) throw invalidSchema('Empty schema');
  const contract = isImport
    ? { metadata: request.metadata, ruleSet: request.ruleSet }
    : completeContract(queries.configInScope(subject), own(request), previous, {
        next,
        isAsked: (request.version ?? 0) !== 0,
      });
  const isNew = (request.id ?? -1) < 0 && queries.validatesNewSchemas(subject);
  const schema = {
    schema: base.schema,
    schemaType: base.schemaType,
    references: base.references,
    ...contract,
  };
  return queries.canonicalize(subject, schema, normalize, isNew);
}

function own({ metadata, ruleSet }: SchemaRequest) {
  return { metadata, ruleSet };
}

/** One id never means two schemas. */
function checkIdIsFree(
  state: RegistryState,
  context: string,
  id: number,
  content: SchemaContent,
): void {
  const existing = state.byId(context, id);
  if (existing === undefined || existing.guid === guidOf(content)) return;
  throw operationNotPermitted(
    `Overwrite new schema with id ${id} in context ${contextPrefix(context)} is not permitted.`,
  );
}

function writesFor(
  state: RegistryState,
  queries: RegistryQueries,
  schema: RegisteredOutcome,
  all: readonly SchemaVersion[],
): readonly StoredRecord[] {
  const { subject, version, id } = schema;
  const context = contextOf(subject);
  const isNewContext = context !== DEFAULT_CONTEXT && !state.hasContext(context);
  // The schema under this id was deleted in an earlier version: that one goes, unless somebody refers to it.
  const replaced = all.filter(
    (earlier) =>
      earlier.deleted &&
      earlier.id === id &&
      earlier.version < version &&
      queries.referrers(subject, earlier.version, true).length === 0,
  );
  return [
    ...(isNewContext ? [{ keytype: 'CONTEXT', context, isPresent: true } as const] : []),
    ...replaced.map(
      (earlier) => ({ keytype: 'SCHEMA', subject, version: earlier.version, value: null }) as const,
    ),
    { keytype: 'SCHEMA', subject, version, value: { ...schema, deleted: false } },
  ];
}
