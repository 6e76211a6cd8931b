import { operationNotPermitted, referenceExists, subjectNotFound } from '../errors.ts';
import type { Decision } from './decision.ts';
import { checkWritable } from './decide-delete.ts';
import { CONFIG_KEYS, type ConfigChange, type Mode, type SubjectConfig } from './entities.ts';
import type { RegistryQueries } from './queries.ts';
import type { RegistryState } from './state.ts';
import { isWithin, splitSubject } from './subject.ts';

/** A scope is a subject, a context, or null for everything. */
export function decideSetConfig(
  state: RegistryState,
  queries: RegistryQueries,
  scope: string | null,
  change: ConfigChange,
): Decision<SubjectConfig> {
  checkWritable(queries, scope);
  const value = applyChange(state.config(scope) ?? {}, change);
  return { writes: [{ keytype: 'CONFIG', subject: scope, value }], outcome: value };
}

export function decideDeleteConfig(
  state: RegistryState,
  queries: RegistryQueries,
  scope: string | null,
): Decision<SubjectConfig> {
  const outcome = queries.config(scope);
  if (outcome === undefined) throw subjectNotFound(scope ?? '');
  checkWritable(queries, scope);
  const isSet = state.config(scope) !== undefined;
  return { writes: isSet ? [{ keytype: 'CONFIG', subject: scope, value: null }] : [], outcome };
}

export interface ModeOptions {
  /** `mode.mutability` */
  readonly isMutable: boolean;
  /** IMPORT although there are subjects. */
  readonly force: boolean;
}

export function decideSetMode(
  state: RegistryState,
  queries: RegistryQueries,
  scope: string | null,
  mode: Mode | null,
  { isMutable, force }: ModeOptions,
): Decision<undefined> {
  if (!isMutable) throw operationNotPermitted('Mode changes are not allowed');
  const set = { keytype: 'MODE', subject: scope, value: mode } as const;
  if (mode !== 'IMPORT' || queries.modeInScope(scope) === 'IMPORT' || force)
    return { writes: [set], outcome: undefined };
  // What is imported brings its own ids: nothing may be there, and what is deleted is forgotten.
  const subjects = state.subjects().filter((subject) => scope === null || isWithin(scope, subject));
  if (subjects.some((subject) => queries.versions(subject, 'without').length > 0))
    throw operationNotPermitted('Cannot import since found existing subjects');
  const gone = subjects.flatMap((subject) => state.versions(subject));
  for (const { subject, version } of gone)
    if (queries.referrers(subject, version, true).length > 0)
      throw referenceExists(subject, version);
  return {
    writes: [
      ...gone.map(
        ({ subject, version }) => ({ keytype: 'SCHEMA', subject, version, value: null }) as const,
      ),
      ...(scope === null
        ? []
        : [{ keytype: 'CLEAR_SUBJECT', subject: scope, isPresent: true } as const]),
      set,
    ],
    outcome: undefined,
  };
}

/** @param recursive of a context, the modes of its subjects too */
export function decideDeleteMode(
  state: RegistryState,
  queries: RegistryQueries,
  scope: string | null,
  recursive: boolean,
  isMutable: boolean,
): Decision<Mode | undefined> {
  const outcome = queries.mode(scope);
  if (outcome === undefined && !recursive) throw subjectNotFound(scope ?? '');
  if (!isMutable) throw operationNotPermitted('Mode changes are not allowed');
  const isContext = scope === null || splitSubject(scope).subject === '';
  const scopes = state
    .modeScopes()
    .filter(
      (other) =>
        other === scope ||
        (recursive && isContext && other !== null && isWithin(scope ?? ':.:', other)),
    );
  return {
    writes: scopes.map((subject) => ({ keytype: 'MODE', subject, value: null }) as const),
    outcome,
  };
}

function applyChange(config: SubjectConfig, change: ConfigChange): SubjectConfig {
  const entries = CONFIG_KEYS.flatMap((key) => {
    const value = change[key] === undefined ? config[key] : change[key];
    return value === undefined || value === null ? [] : [[key, value]];
  });
  return Object.fromEntries(entries) as SubjectConfig; // each value is one of its key's
}
