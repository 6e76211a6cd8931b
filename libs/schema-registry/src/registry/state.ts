import { compareText } from '../json/json.ts';
import type {
  ContextId,
  Mode,
  SchemaVersion,
  SchemaContent,
  SubjectConfig,
  SubjectVersion,
} from './entities.ts';
import { guidFromBase64, guidOf } from './fingerprint.ts';
import type { StoredRecord, StoredSchema } from './stored-record.ts';
import { contextOf, isWithin, normalizeSubject, qualifyWithParent } from './subject.ts';

/**
 * What the records of `_schemas` add up to. Applied in the log's order, so that every registry that reads the topic
 * comes to the same state, whoever wrote.
 */
export class RegistryState {
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>();
  readonly #contexts = new Map<string, ContextState>();
  readonly #knownContexts = new Set<string>();
  readonly #configs = new Map<string | null, SubjectConfig>();
  readonly #modes = new Map<string | null, Mode>();

  apply(record: StoredRecord, timestampMs: number): void {
    switch (record.keytype) {
      case 'SCHEMA':
        if (record.value === null) this.#tombstone(record.subject, record.version);
        else this.#put(record.value, timestampMs);
        return;
      case 'CONFIG':
        put(this.#configs, scopeOf(record.subject), record.value);
        return;
      case 'MODE':
        put(this.#modes, scopeOf(record.subject), record.value);
        return;
      case 'CONTEXT':
        if (record.isPresent) this.#knownContexts.add(record.context);
        else this.#knownContexts.delete(record.context);
        return;
      case 'DELETE_SUBJECT':
        if (record.version !== null) this.#deleteUpTo(record.subject, record.version);
        return;
      case 'CLEAR_SUBJECT':
        if (record.isPresent) this.#clear(record.subject);
        return;
      case 'NOOP':
        return;
    }
  }

  /** The same state, to try changes on. */
  clone(): RegistryState {
    const copy = new RegistryState();
    for (const [subject, versions] of this.#subjects)
      copy.#subjects.set(subject, new Map(versions));
    for (const [context, state] of this.#contexts)
      copy.#contexts.set(context, {
        idMax: state.idMax,
        ids: copyDeep(state.ids),
        guids: new Map(state.guids),
        references: copyDeep(state.references),
      });
    for (const context of this.#knownContexts) copy.#knownContexts.add(context);
    for (const [scope, config] of this.#configs) copy.#configs.set(scope, config);
    for (const [scope, mode] of this.#modes) copy.#modes.set(scope, mode);
    return copy;
  }

  /** An id that was written but may not count (its write failed midway): it is not given to another schema. */
  reserveId(context: string, id: number): void {
    const state = this.#context(context);
    state.idMax = Math.max(state.idMax, id);
  }

  /** All versions of the subject, ascending, deleted ones included. */
  versions(subject: string): readonly SchemaVersion[] {
    const versions = this.#subjects.get(subject);
    if (versions === undefined) return [];
    return [...versions.values()].sort((one, other) => one.version - other.version);
  }

  version(subject: string, version: number): SchemaVersion | undefined {
    return this.#subjects.get(subject)?.get(version);
  }

  latest(subject: string): SchemaVersion | undefined {
    return this.versions(subject).findLast(({ deleted }) => !deleted);
  }

  /** All subjects that have a version, deleted ones included, sorted. */
  subjects(): readonly string[] {
    return [...this.#subjects.keys()].sort(compareText);
  }

  hasSubjects(scope: string, withDeleted: boolean): boolean {
    const exact = this.#subjects.get(scope);
    if (exact !== undefined && some(exact, withDeleted)) return true;
    for (const [subject, versions] of this.#subjects)
      if (isWithin(scope, subject) && some(versions, withDeleted)) return true;
    return false;
  }

  /** Beside the default one, sorted. */
  contexts(): readonly string[] {
    return [...this.#knownContexts].sort(compareText);
  }

  hasContext(context: string): boolean {
    return this.#knownContexts.has(context);
  }

  /** A subject, or any one of the context, that has the id. */
  byId(context: string, id: number, subject?: string): SchemaVersion | undefined {
    const versions = this.#contexts.get(context)?.ids.get(id);
    if (versions === undefined) return undefined;
    if (subject !== undefined) {
      const version = versions.get(subject);
      return version === undefined ? undefined : this.version(subject, version);
    }
    for (const [any, version] of versions) return this.version(any, version);
    return undefined;
  }

  /** Where the schema of this id is registered, deleted versions included. */
  versionsOfId(context: string, id: number): readonly SubjectVersion[] {
    const versions = this.#contexts.get(context)?.ids.get(id);
    return [...(versions ?? [])].map(([subject, version]) => ({ subject, version }));
  }

  idByGuid(context: string, guid: string): number | undefined {
    const state = this.#contexts.get(context);
    const id = state?.guids.get(guid);
    return id !== undefined && state?.ids.has(id) === true ? id : undefined;
  }

  nextId(context: string): number {
    return (this.#contexts.get(context)?.idMax ?? 0) + 1;
  }

  idMax(context: string): number {
    return Math.max(this.#contexts.get(context)?.idMax ?? 1, 1);
  }

  /** Ids of the schemas that refer to this version. */
  referencedBy(subject: string, version: number): readonly ContextId[] {
    const key = referenceKey(subject, version);
    const ids = this.#contexts.get(contextOf(subject))?.references.get(key);
    return [...(ids?.values() ?? [])];
  }

  /** Null is the global scope. */
  config(scope: string | null): SubjectConfig | undefined {
    return this.#configs.get(scope);
  }

  mode(scope: string | null): Mode | undefined {
    return this.#modes.get(scope);
  }

  modeScopes(): readonly (string | null)[] {
    return [...this.#modes.keys()];
  }

  aliases(): readonly (readonly [string, string])[] {
    return [...this.#configs].flatMap(([subject, { alias }]): [string, string][] =>
      subject === null || alias === undefined ? [] : [[subject, alias]],
    );
  }

  #put(stored: StoredSchema, timestampMs: number): void {
    const { subject, version, id } = stored;
    const context = this.#context(contextOf(subject));
    // Two schemas under one id would make data unreadable: the first one counts, as in Confluent's registry.
    const known = this.byId(contextOf(subject), id);
    if (known !== undefined && known.schema !== stored.schema) return;
    const guid =
      (stored.md5 === undefined ? undefined : guidFromBase64(stored.md5)) ?? guidOf(stored);
    const versions = this.#subjects.get(subject) ?? new Map<number, SchemaVersion>();
    this.#subjects.set(subject, versions);
    versions.set(version, {
      ...contentOf(stored),
      subject,
      version,
      id,
      guid,
      deleted: stored.deleted,
      timestampMs,
    });
    context.idMax = Math.max(context.idMax, id);
    const ofId = context.ids.get(id) ?? new Map<string, number>();
    context.ids.set(id, ofId);
    ofId.set(subject, version);
    context.guids.set(guid, id);
    if (!stored.deleted) this.#addReferences(stored);
  }

  #addReferences(stored: StoredSchema): void {
    const own = { context: contextOf(stored.subject), id: stored.id };
    for (const reference of stored.references) {
      const target = qualifyWithParent(stored.subject, reference.subject);
      const { references } = this.#context(contextOf(target));
      const key = referenceKey(target, reference.version);
      const ids = references.get(key) ?? new Map<string, ContextId>();
      references.set(key, ids);
      ids.set(`${own.id} ${own.context}`, own);
    }
  }

  #tombstone(subject: string, version: number): void {
    const versions = this.#subjects.get(subject);
    const schema = versions?.get(version);
    if (versions === undefined || schema === undefined) return;
    versions.delete(version);
    if (versions.size === 0) this.#subjects.delete(subject);
    const context = this.#context(contextOf(subject));
    const ofId = context.ids.get(schema.id);
    if (ofId?.get(subject) === version) ofId.delete(subject);
    if (ofId?.size === 0) context.ids.delete(schema.id);
    for (const reference of schema.references) {
      const target = qualifyWithParent(subject, reference.subject);
      const { references } = this.#context(contextOf(target));
      const key = referenceKey(target, reference.version);
      references.get(key)?.delete(`${schema.id} ${contextOf(subject)}`);
      if (references.get(key)?.size === 0) references.delete(key);
    }
  }

  #deleteUpTo(subject: string, last: number): void {
    const versions = this.#subjects.get(subject);
    for (const schema of versions?.values() ?? [])
      if (schema.version <= last && !schema.deleted)
        versions?.set(schema.version, { ...schema, deleted: true });
  }

  /** Forgets what is deleted there; a subject that goes over to mode IMPORT begins anew. */
  #clear(scope: string): void {
    for (const [subject, versions] of this.#subjects) {
      if (!isWithin(scope, subject)) continue;
      for (const { version, deleted } of [...versions.values()])
        if (deleted) this.#tombstone(subject, version);
    }
  }

  #context(context: string): ContextState {
    const known = this.#contexts.get(context);
    if (known !== undefined) return known;
    const state: ContextState = {
      idMax: 0,
      ids: new Map(),
      guids: new Map(),
      references: new Map(),
    };
    this.#contexts.set(context, state);
    return state;
  }
}

interface ContextState {
  idMax: number;
  /** By id, then by subject: the version that has it. */
  readonly ids: Map<number, Map<string, number>>;
  readonly guids: Map<string, number>;
  /** By subject and version: who refers to it. */
  readonly references: Map<string, Map<string, ContextId>>;
}

function contentOf({
  schemaType,
  schema,
  references,
  metadata,
  ruleSet,
}: StoredSchema): SchemaContent {
  return { schemaType, schema, references, metadata, ruleSet };
}

function some(versions: ReadonlyMap<number, SchemaVersion>, withDeleted: boolean): boolean {
  for (const { deleted } of versions.values()) if (withDeleted || !deleted) return true;
  return false;
}

function scopeOf(subject: string | null): string | null {
  return subject === null ? null : normalizeSubject(subject);
}

function put<V>(map: Map<string | null, V>, scope: string | null, value: V | null): void {
  if (value === null) map.delete(scope);
  else map.set(scope, value);
}

function referenceKey(subject: string, version: number): string {
  return `${version} ${subject}`;
}

function copyDeep<K, I, V>(map: ReadonlyMap<K, ReadonlyMap<I, V>>): Map<K, Map<I, V>> {
  return new Map([...map].map(([key, inner]) => [key, new Map(inner)]));
}
