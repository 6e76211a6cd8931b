import {
  contextNotEmpty,
  operationNotPermitted,
  referenceExists,
  subjectNotFound,
  subjectNotSoftDeleted,
  subjectSoftDeleted,
  versionNotFound,
  versionNotSoftDeleted,
  versionSoftDeleted,
} from '../errors.ts';
import type { Decision } from './decision.ts';
import type { SchemaVersion } from './entities.ts';
import type { RegistryQueries } from './queries.ts';
import type { RegistryState } from './state.ts';
import type { StoredRecord } from './stored-record.ts';
import { contextOf, contextPrefix } from './subject.ts';

/** @param version -1 is the latest */
export function decideDeleteVersion(
  state: RegistryState,
  queries: RegistryQueries,
  subject: string,
  version: number,
  permanent: boolean,
): Decision<number> {
  const schema = queries.exactVersion(subject, version, true);
  if (schema?.deleted === true && !permanent) throw versionSoftDeleted(subject, version);
  if (schema === undefined)
    throw state.hasSubjects(subject, true) ? versionNotFound(version) : subjectNotFound(subject);
  checkWritable(queries, subject);
  if (queries.referrers(subject, schema.version, permanent).length > 0)
    throw referenceExists(subject, schema.version);
  if (!permanent) return { writes: [softDeletion(schema)], outcome: schema.version };
  if (!schema.deleted) throw versionNotSoftDeleted(subject, schema.version);
  const isLast = state.versions(subject).length === 1;
  return {
    writes: [tombstone(schema), ...(isLast ? settingsOf(state, subject) : [])],
    outcome: schema.version,
  };
}

export function decideDeleteSubject(
  state: RegistryState,
  queries: RegistryQueries,
  subject: string,
  permanent: boolean,
): Decision<readonly number[]> {
  if (!state.hasSubjects(subject, true)) throw subjectNotFound(subject);
  if (!permanent && !state.hasSubjects(subject, false)) throw subjectSoftDeleted(subject);
  checkWritable(queries, subject);
  const deleted = queries.versions(subject, permanent ? 'with' : 'without');
  for (const schema of deleted) {
    const referrers = queries.referrers(subject, schema.version, permanent);
    const others = referrers.flatMap((id) => queries.subjectsOf(id, permanent));
    if (others.some((other) => other !== subject)) throw referenceExists(subject, schema.version);
    if (permanent && !schema.deleted) throw subjectNotSoftDeleted(subject);
  }
  const outcome = deleted.map(({ version }) => version);
  if (permanent)
    return {
      writes: [...deleted.toReversed().map(tombstone), ...settingsOf(state, subject)],
      outcome,
    };
  const last = outcome.at(-1) ?? 0;
  return { writes: [{ keytype: 'DELETE_SUBJECT', subject, version: last }], outcome };
}

/** @param context as `:.context:` */
export function decideDeleteContext(state: RegistryState, context: string): Decision<undefined> {
  if (state.hasSubjects(context, true)) throw contextNotEmpty(context);
  const record = { keytype: 'CONTEXT', context: contextOf(context), isPresent: false } as const;
  return { writes: [record], outcome: undefined };
}

export function checkWritable(queries: RegistryQueries, subject: string | null): void {
  const mode = queries.modeInScope(subject);
  if (mode !== 'READONLY' && mode !== 'READONLY_OVERRIDE') return;
  const context = subject === null ? '' : contextPrefix(contextOf(subject));
  throw operationNotPermitted(
    `Subject ${subject ?? 'null'} in context ${context} is in read-only mode`,
  );
}

function softDeletion(schema: SchemaVersion): StoredRecord {
  const { subject, version } = schema;
  return { keytype: 'SCHEMA', subject, version, value: { ...schema, deleted: true } };
}

function tombstone({ subject, version }: SchemaVersion): StoredRecord {
  return { keytype: 'SCHEMA', subject, version, value: null };
}

/** A subject that is gone keeps no mode and no configuration. */
function settingsOf(state: RegistryState, subject: string): readonly StoredRecord[] {
  return [
    ...(state.mode(subject) === undefined
      ? []
      : [{ keytype: 'MODE', subject, value: null } as const]),
    ...(state.config(subject) === undefined
      ? []
      : [{ keytype: 'CONFIG', subject, value: null } as const]),
  ];
}
