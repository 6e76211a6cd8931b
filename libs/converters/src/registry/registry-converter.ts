import type { Converter, ConverterRole, SchemaAndValue } from '@millrace/connector-api';
import type { Clock } from '@millrace/foundation';
import { must } from '@millrace/foundation';
import type { RawRecord, Schema } from '@millrace/record';
import type { RegisteredSchema, RegistryClient } from '@millrace/schema-registry';
import { MillraceError } from '@millrace/foundation';
import { notPrepared } from '../errors.ts';
import type { RegistryFormat, SchemaReader, SchemaWriter } from './registry-format.ts';
import { subjectOf, type SubjectStrategy } from './subject-names.ts';
import { ID_PREFIX_BYTES, markOf, prefixedId, type SchemaMark } from './wire-format.ts';

export interface RegistryConverterOptions {
  readonly format: RegistryFormat;
  readonly client: RegistryClient;
  readonly role: ConverterRole;
  readonly clock: Clock;
  readonly strategy: SubjectStrategy;
  readonly autoRegisters: boolean;
  readonly usesLatest: boolean;
  /** Infinity: "latest" is asked for once. */
  readonly latestTtlMs: number;
  /** -1: none. */
  readonly schemaId: number;
  readonly normalizes: boolean;
  /** Readers, and topics of a schema, that are kept. */
  readonly cacheEntriesMax: number;
}

interface ReadyWriter {
  readonly writer: SchemaWriter;
  readonly untilMs: number;
}

/** Stands for "no schema" in a map by schema. */
const NO_SCHEMA: Schema = { type: 'string', optional: true };

/**
 * What Avro, Protobuf and JSON Schema have in common: the registry is asked once a schema (`prepare…`), conversion
 * itself is synchronous. Writers live as long as the schema object they are for.
 */
export class RegistryConverter implements Converter {
  readonly #options: RegistryConverterOptions;
  readonly #isKey: boolean;
  readonly #writers = new WeakMap<Schema, Map<string, ReadyWriter>>();
  /** By topic and schema id or guid, oldest first. */
  readonly #readers = new Map<string, SchemaReader>();
  #lastSchema: Schema | undefined;
  #lastTopic = '';
  #lastWriter: ReadyWriter | undefined;
  #lastReadTopic = '';
  #lastReadId = -1;
  #lastReader: SchemaReader | undefined;

  constructor(options: RegistryConverterOptions) {
    this.#options = options;
    this.#isKey = options.role === 'key';
  }

  prepareFromConnect(
    topic: string,
    schema: Schema | null,
    value: unknown,
  ): Promise<void> | undefined {
    if (this.#isTombstone(schema, value) || this.#findWriter(topic, schema) !== undefined)
      return undefined;
    return this.#openWriter(topic, schema);
  }

  fromConnect(topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (this.#isTombstone(schema, value)) return null;
    const ready = this.#findWriter(topic, schema);
    if (ready === undefined) throw notPrepared(topic);
    return ready.writer.write(value);
  }

  prepareToConnect(
    topic: string,
    bytes: Uint8Array | null,
    headers?: RawRecord['headers'],
  ): Promise<void> | undefined {
    if (bytes === null || this.#isLastRead(topic, bytes, headers)) return undefined;
    const mark = markOf(bytes, this.#isKey, headers);
    if (this.#readers.has(readerKey(topic, mark))) return undefined;
    return this.#openReader(topic, mark);
  }

  toConnect(
    topic: string,
    bytes: Uint8Array | null,
    headers?: RawRecord['headers'],
  ): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null };
    if (this.#lastReader !== undefined && this.#isLastRead(topic, bytes, headers))
      return this.#lastReader.read(bytes, ID_PREFIX_BYTES);
    const mark = markOf(bytes, this.#isKey, headers);
    const key = readerKey(topic, mark);
    const reader = this.#readers.get(key);
    if (reader === undefined) throw notPrepared(topic);
    this.#readers.delete(key);
    this.#readers.set(key, reader); // The most recently used one is the last to go.
    if (mark.id !== undefined && mark.dataAt > 0) {
      this.#lastReadTopic = topic;
      this.#lastReadId = mark.id;
      this.#lastReader = reader;
    }
    return reader.read(bytes, mark.dataAt);
  }

  /** Most messages have the schema of the one before. A header would count more than the prefix. */
  #isLastRead(topic: string, bytes: Uint8Array, headers?: RawRecord['headers']): boolean {
    return (
      this.#lastReader !== undefined &&
      topic === this.#lastReadTopic &&
      (headers === undefined || headers.length === 0) &&
      prefixedId(bytes) === this.#lastReadId
    );
  }

  #findWriter(topic: string, schema: Schema | null): ReadyWriter | undefined {
    const key = schema ?? NO_SCHEMA;
    let ready = this.#lastWriter;
    if (key !== this.#lastSchema || topic !== this.#lastTopic) {
      ready = this.#writers.get(key)?.get(topic);
      if (ready === undefined) return undefined;
      this.#lastSchema = key;
      this.#lastTopic = topic;
      this.#lastWriter = ready;
    }
    if (ready === undefined || ready.untilMs === Infinity) return ready;
    return this.#options.clock.monotonicMs() < ready.untilMs ? ready : undefined;
  }

  async #openWriter(topic: string, schema: Schema | null): Promise<void> {
    const { format, usesLatest, autoRegisters, latestTtlMs, clock } = this.#options;
    const registered = await this.#registered(topic, schema);
    const isBounded = usesLatest && !autoRegisters && latestTtlMs !== Infinity;
    const ready: ReadyWriter = {
      writer: format.compileWriter(schema, registered),
      untilMs: isBounded ? clock.monotonicMs() + latestTtlMs : Infinity,
    };
    const key = schema ?? NO_SCHEMA;
    const ofSchema = this.#writers.get(key) ?? new Map<string, ReadyWriter>();
    this.#keepBounded(ofSchema, topic, ready);
    this.#writers.set(key, ofSchema);
    this.#lastSchema = undefined; // A writer that was used up is not the last one any more.
  }

  async #registered(topic: string, schema: Schema | null): Promise<RegisteredSchema> {
    const { format, client, strategy, autoRegisters, usesLatest, schemaId, normalizes } =
      this.#options;
    const { text, recordName } = format.describe(schema);
    const subject = subjectOf(strategy, topic, this.#isKey, recordName);
    if (autoRegisters) return client.register(subject, text, normalizes);
    if (schemaId >= 0) return client.byId(schemaId, subject);
    if (usesLatest) return client.latest(subject);
    return client.lookUp(subject, text, { normalize: normalizes });
  }

  async #openReader(topic: string, mark: SchemaMark): Promise<void> {
    const { format, client, strategy } = this.#options;
    const known =
      strategy === 'topic' ? subjectOf('topic', topic, this.#isKey, undefined) : undefined;
    const registered =
      mark.guid === undefined
        ? await client.byId(must(mark.id, 'a mark has an id or a guid'), known)
        : await client.byGuid(mark.guid);
    const version = await this.#versionOf(topic, registered);
    const reader = format.compileReader(registered, version);
    this.#keepBounded(this.#readers, readerKey(topic, mark), reader);
  }

  /** The registry's count of versions becomes the schema's; a subject that does not have the schema gives it none. */
  async #versionOf(topic: string, registered: RegisteredSchema): Promise<number | undefined> {
    const { format, client, strategy } = this.#options;
    try {
      const recordName = strategy === 'topic' ? undefined : format.recordNameOf(registered);
      const subject = subjectOf(strategy, topic, this.#isKey, recordName);
      const found = await client.lookUp(subject, registered, { includeDeleted: true });
      return found.version;
    } catch (error) {
      // Topics may be copied or renamed; the data can be read all the same.
      if (error instanceof MillraceError && error.retry === 'fatal') return undefined;
      throw error;
    }
  }

  #isTombstone(schema: Schema | null, value: unknown): boolean {
    return (value === null || value === undefined) && this.#options.format.isTombstone(schema);
  }

  #keepBounded<T>(entries: Map<string, T>, key: string, entry: T): void {
    entries.delete(key);
    entries.set(key, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= this.#options.cacheEntriesMax) break;
      entries.delete(oldest);
    }
  }
}

function readerKey(topic: string, mark: SchemaMark): string {
  return `${mark.id ?? mark.guid ?? ''}\n${topic}`;
}
