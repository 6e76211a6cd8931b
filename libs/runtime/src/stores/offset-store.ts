import type { CommittedOffset, OffsetReader } from '@millrace/connector-api';
import type { Clock, Logger } from '@millrace/foundation';
import type { ConsumedRecord, ProducerRecord } from '@millrace/kafka-client';
import type { OffsetValue, SourceOffset, SourcePartition } from '@millrace/record';
import type { CompactedTopic, TableRecord } from './compacted-topic.ts';
import { decodeJson, encodeJson, isObject } from './json-codec.ts';
import { SharedRuns } from './shared-runs.ts';

interface StoredOffset {
  readonly partition: SourcePartition;
  readonly offset: SourceOffset;
  /** All keys that the log holds for this partition: another writer may have ordered the members otherwise. */
  readonly keys: readonly Uint8Array[];
  readonly timestampMs: number;
  /** Where the log holds it; undefined for what was written here and not read back yet. */
  readonly place: Place | undefined;
}

interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** What changes: null forgets the partition. */
export interface OffsetChange {
  readonly partition: SourcePartition;
  readonly offset: SourceOffset | null;
}

/** The offsets of source connectors, in one topic or two. */
export interface SourceOffsets {
  /** Where offsets are written first; with exactly-once delivery, in the transaction of their records. */
  readonly topic: string;
  /** Takes in what anybody wrote since the last time. */
  refresh(signal: AbortSignal): Promise<void>;
  /** The offsets as they are now; later writes do not show. */
  reader(connector: string): OffsetReader;
  list(connector: string): readonly CommittedOffset[];
  /** Resolves when the offsets are durable; only then are they seen by readers. */
  write(connector: string, changes: readonly OffsetChange[], signal?: AbortSignal): Promise<void>;
  /** The records that store these offsets, for who writes them in a transaction of its own. */
  recordsOf(connector: string, changes: readonly OffsetChange[]): readonly ProducerRecord[];
  /** These offsets are durable now: readers see them. */
  noteWritten(connector: string, changes: readonly OffsetChange[]): void;
}

/**
 * `connect-offsets`, in Connect's format: `["name",{partition}]` to `{offset}`. Another worker, or a JVM's, may write it
 * too: a task that starts reads what is new first (INV-9).
 */
export class OffsetStore implements SourceOffsets {
  readonly #topic: CompactedTopic;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** When partitions were forgotten, by connector and partition: an older spelling must not bring them back. */
  readonly #forgotten = new Map<string, number>();
  readonly #connectors = new Map<string, Map<string, StoredOffset>>();
  readonly #refreshes = new SharedRuns((signal) =>
    this.#topic.readNew((record) => this.#apply(record), signal),
  );

  constructor(topic: CompactedTopic, clock: Clock, log: Logger) {
    this.#topic = topic;
    this.#clock = clock;
    this.#log = log;
  }

  get topic(): string {
    return this.#topic.name;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    // INV-9: tasks that start together share a reading, but only one that begins after they asked.
    await this.#refreshes.run(signal);
  }

  reader(connector: string): OffsetReader {
    const offsets = new Map(this.#connectors.get(connector));
    return { find: (partition) => offsets.get(partitionKey(partition))?.offset };
  }

  list(connector: string): readonly CommittedOffset[] {
    return [...(this.#connectors.get(connector)?.values() ?? [])].map(({ partition, offset }) => ({
      partition,
      offset,
    }));
  }

  async write(
    connector: string,
    changes: readonly OffsetChange[],
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#topic.write(this.#tableRecords(connector, changes), signal);
    this.noteWritten(connector, changes);
  }

  recordsOf(connector: string, changes: readonly OffsetChange[]): readonly ProducerRecord[] {
    return this.#topic.recordsOf(this.#tableRecords(connector, changes));
  }

  noteWritten(connector: string, changes: readonly OffsetChange[]): void {
    const timestampMs = this.#clock.nowMs();
    const stored = this.#storedOf(connector);
    for (const { partition, offset } of changes) {
      const key = partitionKey(partition);
      const known = stored.get(key);
      if (offset === null) {
        stored.delete(key);
        this.#forgotten.set(`${connector}:${key}`, timestampMs);
        continue;
      }
      stored.set(key, {
        partition: known?.partition ?? partition,
        offset,
        keys: [lastOf(known?.keys) ?? encodeKey(connector, partition)],
        timestampMs,
        place: undefined,
      });
      this.#forgotten.delete(`${connector}:${key}`);
    }
  }

  #tableRecords(connector: string, changes: readonly OffsetChange[]): readonly TableRecord[] {
    const timestampMs = this.#clock.nowMs();
    const stored = this.#storedOf(connector);
    return changes
      .flatMap((change) => recordsOf(connector, change, stored))
      .map((record) => ({ ...record, timestampMs }));
  }

  #storedOf(connector: string): Map<string, StoredOffset> {
    const stored = this.#connectors.get(connector) ?? new Map<string, StoredOffset>();
    this.#connectors.set(connector, stored);
    return stored;
  }

  #apply(record: ConsumedRecord): void {
    try {
      const decoded = record.key === null ? undefined : decodeKey(record.key);
      if (decoded === undefined || record.key === null) return;
      const [connector, partition] = decoded;
      const stored = this.#storedOf(connector);
      const key = partitionKey(partition);
      const known = stored.get(key);
      const forgottenMs = this.#forgotten.get(`${connector}:${key}`) ?? -Infinity;
      if (isOutdated(record, known) || record.timestampMs < forgottenMs) return;
      const offset = record.value === null ? null : decodeJson(record.value);
      if (!isObject(offset)) {
        this.#forgotten.set(`${connector}:${key}`, record.timestampMs);
        stored.delete(key);
        return;
      }
      this.#forgotten.delete(`${connector}:${key}`);
      const keyBytes = Buffer.from(record.key);
      const others = (known?.keys ?? []).filter((each) => !keyBytes.equals(each));
      stored.set(key, {
        partition,
        offset: offsetValues(offset),
        keys: [...others, keyBytes],
        timestampMs: record.timestampMs,
        place: { partition: record.partition, offset: record.offset },
      });
    } catch (error) {
      this.#log.warn(
        { offset: record.offset, partition: record.partition, err: error },
        'a record of the offsets topic is unreadable and ignored',
      );
    }
  }
}

/**
 * Within a partition of the topic the later record counts. Two spellings of one source partition may lie in different
 * ones, and what was written here has no place yet: then the younger one counts.
 */
function isOutdated(record: ConsumedRecord, known: StoredOffset | undefined): boolean {
  if (known === undefined) return false;
  if (known.place?.partition === record.partition) return record.offset < known.place.offset;
  return record.timestampMs < known.timestampMs;
}

function recordsOf(
  connector: string,
  change: OffsetChange,
  stored: ReadonlyMap<string, StoredOffset>,
): readonly TableRecord[] {
  const keys = stored.get(partitionKey(change.partition))?.keys ?? [];
  const key = lastOf(keys) ?? encodeKey(connector, change.partition);
  // Other spellings go with the first write, so that a reader that compares bytes can't see an old offset.
  const stale = keys.filter((each) => each !== key);
  return [
    ...stale.map((each) => ({ key: each, value: null })),
    { key, value: change.offset === null ? null : encodeJson(change.offset) },
  ];
}

function lastOf(keys: readonly Uint8Array[] | undefined): Uint8Array | undefined {
  return keys?.[keys.length - 1];
}

/** Members in alphabetical order: equal partitions have equal bytes. */
function encodeKey(connector: string, partition: SourcePartition): Uint8Array {
  return encodeJson([connector, sorted(partition)]);
}

function decodeKey(bytes: Uint8Array): readonly [string, SourcePartition] | undefined {
  const key = decodeJson(bytes);
  if (!Array.isArray(key)) return undefined;
  const connector: unknown = key[0];
  const partition: unknown = key[1];
  if (typeof connector !== 'string' || !isObject(partition)) return undefined;
  return [connector, offsetValues(partition)];
}

function sorted(partition: SourcePartition): SourcePartition {
  return Object.fromEntries(
    Object.entries(partition).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/** Equal for partitions with equal members in any order; 5 and 5n are equal. */
export function partitionKey(partition: SourcePartition): string {
  const names = Object.keys(partition);
  const ordered = names.length > 1 ? sorted(partition) : partition;
  return Object.entries(ordered)
    .map(([name, value]) => `${JSON.stringify(name)}:${valueKey(value)}`)
    .join(',');
}

function valueKey(value: OffsetValue): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

function offsetValues(value: Readonly<Record<string, unknown>>): SourceOffset {
  const values: Record<string, OffsetValue> = {};
  for (const [key, member] of Object.entries(value)) values[key] = offsetValue(member);
  return values;
}

function offsetValue(member: unknown): OffsetValue {
  switch (typeof member) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return member;
    default:
      return null;
  }
}
