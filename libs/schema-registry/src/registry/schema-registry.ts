import type { Clock } from '@millrace/foundation';
import { avroFormat } from '../avro/avro-format.ts';
import { jsonSchemaFormat } from '../json-schema/json-schema-format.ts';
import { protobufFormat } from '../protobuf/protobuf-format.ts';
import { schemaTooLarge, SchemaRegistryError, storeFailed, storeTimedOut } from '../errors.ts';
import type { SchemaFormat } from '../parsed-schema.ts';
import { decideDeleteContext, decideDeleteSubject, decideDeleteVersion } from './decide-delete.ts';
import {
  decideRegister,
  findRegistered,
  type RegisteredOutcome,
  type RegisterOptions,
} from './decide-register.ts';
import {
  decideDeleteConfig,
  decideDeleteMode,
  decideSetConfig,
  decideSetMode,
} from './decide-settings.ts';
import type { Decision } from './decision.ts';
import type { ConfigChange, Mode, SchemaRequest, SubjectConfig } from './entities.ts';
import { RegistryQueries, type RegistryDefaults } from './queries.ts';
import { SchemaParser } from './schema-parser.ts';
import { RegistryState } from './state.ts';
import type { SchemaStore, StoreEntry, StoreWrite } from './store.ts';
import { decodeRecord, encodeRecord, type StoredRecord } from './stored-record.ts';
import { contextOf, normalizeSubject } from './subject.ts';

export interface SchemaRegistryOptions extends RegistryDefaults {
  readonly store: SchemaStore;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** `mode.mutability` */
  readonly isModeMutable: boolean;
  /** INV-6: a larger schema is refused. */
  readonly schemaBytesMax: number;
  readonly formats?: readonly SchemaFormat[];
}

const FORMATS = [jsonSchemaFormat, protobufFormat, avroFormat];

/** Changes that are written in one transaction. */
const TOGETHER_MAX = 50;
/** More that wait are refused (INV-6). */
const WAITING_MAX = 10_000;

interface Tried {
  readonly writes: readonly StoredRecord[];
  readonly settle: () => void;
}

interface Change {
  readonly tryOn: (state: RegistryState, queries: RegistryQueries) => Tried;
  readonly reject: (error: unknown) => void;
}

/** Who takes the right to write away this often in a row is broken. */
const ATTEMPTS_MAX = 5;
/** What others write is seen within this time. */
const FRESH_MS = 1000;

/**
 * Subjects, versions and ids as Confluent's registry keeps them, over the records of `_schemas`.
 *
 * One change after the other, here and everywhere: a change is decided on the state as of the end of the log, and its
 * records count only if no other registry has taken the right to write meanwhile (`SchemaStore.lead`, `append`).
 * So one id is never given to two schemas. State changes only by what is read back: a change that is answered is in
 * the log, and whoever reads the log comes to the same state (INV-7).
 */
export class SchemaRegistry {
  readonly #options: SchemaRegistryOptions;
  readonly #state = new RegistryState();
  readonly #parser: SchemaParser;
  readonly #queries: RegistryQueries;
  readonly #waiting: Change[] = [];
  #isWriting = false;
  #following: Promise<void> | undefined;
  #freshUntilMs = 0;
  #unknownRecordCount = 0;

  constructor(options: SchemaRegistryOptions) {
    this.#options = options;
    this.#parser = new SchemaParser(this.#state, options.formats ?? FORMATS);
    this.#queries = new RegistryQueries(this.#state, this.#parser, options);
  }

  /** Reads all that is stored. */
  async open(): Promise<void> {
    await this.#options.store.lead(this.#apply);
    this.#freshUntilMs = this.#options.clock.monotonicMs() + FRESH_MS;
  }

  get schemaTypes(): readonly string[] {
    return this.#parser.types;
  }

  /** Records of `_schemas` that mean nothing to this registry; they are left as they are. */
  get unknownRecordCount(): number {
    return this.#unknownRecordCount;
  }

  /**
   * Asks what is known; what is not found is looked for once more at the end of the log, since another registry may
   * have written it. A log that does not answer makes answers old, not impossible.
   */
  async read<T>(query: (queries: RegistryQueries) => T): Promise<T> {
    if (this.#options.clock.monotonicMs() >= this.#freshUntilMs)
      await this.#follow().catch(() => undefined); // the state as of before is a state too
    try {
      return query(this.#queries);
    } catch (error) {
      if (!(error instanceof SchemaRegistryError) || error.httpStatus !== 404) throw error;
      await this.#follow().catch(() => undefined); // as above
      return query(this.#queries);
    }
  }

  /** The schema's id, given anew unless the schema was registered before. */
  async register(
    subject: string,
    request: SchemaRequest,
    options: RegisterOptions,
  ): Promise<RegisteredOutcome> {
    const bytes = Buffer.byteLength(request.schema ?? '');
    const { schemaBytesMax } = this.#options;
    if (bytes > schemaBytesMax) throw schemaTooLarge(bytes, schemaBytesMax);
    const normalized = normalizeSubject(subject);
    const input = {
      ...options,
      subject: normalized,
      request,
      normalize: options.normalize || this.#queries.normalizes(normalized),
    };
    // The usual case, serializers that start: no write, no queue.
    const found = this.#findRegistered(input);
    if (found !== undefined) return found;
    return this.#change((state, queries) => decideRegister(state, queries, input));
  }

  #findRegistered(input: Parameters<typeof findRegistered>[1]): RegisteredOutcome | undefined {
    try {
      return findRegistered(this.#queries, input);
    } catch (error) {
      if (error instanceof SchemaRegistryError) return undefined; // said by `decideRegister`, at the end of the log
      throw error;
    }
  }

  /** @returns the version that was deleted */
  deleteVersion(subject: string, version: number, permanent: boolean): Promise<number> {
    const normalized = normalizeSubject(subject);
    return this.#change((state, queries) =>
      decideDeleteVersion(state, queries, normalized, version, permanent),
    );
  }

  /** @returns the versions that were deleted */
  deleteSubject(subject: string, permanent: boolean): Promise<readonly number[]> {
    const normalized = normalizeSubject(subject);
    return this.#change((state, queries) =>
      decideDeleteSubject(state, queries, normalized, permanent),
    );
  }

  /** @param context as `:.context:` */
  deleteContext(context: string): Promise<undefined> {
    return this.#change((state) => decideDeleteContext(state, context));
  }

  /** Of a subject, a context (`:.context:`), or null for all. */
  setConfig(scope: string | null, change: ConfigChange): Promise<SubjectConfig> {
    return this.#change((state, queries) => decideSetConfig(state, queries, scope, change));
  }

  /** @returns what was set */
  deleteConfig(scope: string | null): Promise<SubjectConfig> {
    return this.#change((state, queries) => decideDeleteConfig(state, queries, scope));
  }

  /** Null takes the mode away. */
  setMode(scope: string | null, mode: Mode | null, force: boolean): Promise<undefined> {
    const options = { isMutable: this.#options.isModeMutable, force };
    return this.#change((state, queries) => decideSetMode(state, queries, scope, mode, options));
  }

  /** @returns what was set */
  deleteMode(scope: string | null, recursive: boolean): Promise<Mode | undefined> {
    const { isModeMutable } = this.#options;
    return this.#change((state, queries) =>
      decideDeleteMode(state, queries, scope, recursive, isModeMutable),
    );
  }

  #change<T>(decide: (state: RegistryState, queries: RegistryQueries) => Decision<T>): Promise<T> {
    if (this.#waiting.length >= WAITING_MAX)
      throw storeTimedOut(`${WAITING_MAX} changes are waiting already`);
    return new Promise<T>((resolve, reject) => {
      const tryOn = (state: RegistryState, queries: RegistryQueries): Tried => {
        const { writes, outcome } = decide(state, queries);
        return {
          writes,
          settle: () => {
            resolve(outcome);
          },
        };
      };
      this.#waiting.push({ tryOn, reject });
      void this.#write();
    });
  }

  /** What came while the last ones were written is written together. Never rejects. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const changes = this.#waiting.splice(0, TOGETHER_MAX);
      try {
        await this.#carryOut(changes);
      } catch (error) {
        for (const change of changes) change.reject(error);
      }
    }
    this.#isWriting = false;
  }

  async #carryOut(changes: readonly Change[]): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      await this.#options.store.lead(this.#apply);
      const { writes, settles } = this.#tryAll(changes);
      if (writes.length > 0 && !(await this.#append(writes.map(encodeRecord)))) continue;
      for (const settle of settles) settle();
      return;
    }
    throw storeFailed('another registry takes over again and again', undefined);
  }

  /** Each change on what the ones before it come to: on a copy, since nobody may see what is not written yet (INV-5). */
  #tryAll(changes: readonly Change[]): {
    readonly writes: readonly StoredRecord[];
    readonly settles: readonly (() => void)[];
  } {
    const isAlone = changes.length === 1;
    const state = isAlone ? this.#state : this.#state.clone();
    const queries = isAlone ? this.#queries : this.#queriesOver(state);
    const writes: StoredRecord[] = [];
    const settles = changes.map(({ tryOn, reject }) => {
      try {
        const tried = tryOn(state, queries);
        writes.push(...tried.writes);
        if (!isAlone) for (const record of tried.writes) state.apply(record, 0);
        return tried.settle;
      } catch (error) {
        return () => {
          reject(error);
        };
      }
    });
    return { writes, settles };
  }

  #queriesOver(state: RegistryState): RegistryQueries {
    const parser = new SchemaParser(state, this.#options.formats ?? FORMATS);
    return new RegistryQueries(state, parser, this.#options);
  }

  async #append(writes: readonly StoreWrite[]): Promise<boolean> {
    try {
      return await this.#options.store.append(writes, this.#apply);
    } catch (error) {
      for (const write of writes) this.reserve(write);
      throw error;
    }
  }

  #follow(): Promise<void> {
    this.#following ??= this.#options.store
      .follow(this.#apply)
      .then(() => {
        this.#freshUntilMs = this.#options.clock.monotonicMs() + FRESH_MS;
      })
      .finally(() => {
        this.#following = undefined;
      });
    return this.#following;
  }

  readonly #apply = (entry: StoreEntry): void => {
    const record = decodeRecord(entry.key, entry.value);
    if (record === undefined) {
      this.#unknownRecordCount++;
      return;
    }
    this.#state.apply(record, entry.timestampMs);
    const removes =
      record.keytype === 'CLEAR_SUBJECT' || (record.keytype === 'SCHEMA' && record.value === null);
    if (removes) this.#parser.forget();
  };

  /** An id seen in a record that may not count: see `RegistryState.reserveId`. */
  reserve(entry: StoreWrite): void {
    const record = decodeRecord(entry.key, entry.value);
    if (record?.keytype === 'SCHEMA' && record.value !== null)
      this.#state.reserveId(contextOf(record.subject), record.value.id);
  }
}
