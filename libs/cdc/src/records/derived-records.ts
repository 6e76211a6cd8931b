import type { Header, SourceOffset, SourceRecord } from '@millrace/record';

/** The record of a row, which can render its key alone. */
export interface KeyedRecord extends SourceRecord {
  readonly keyJson: Buffer | null;
}

/** The record that follows a delete: the same key and no value. */
export function tombstone(
  record: KeyedRecord,
  sourceOffset: SourceOffset,
  headers: readonly Header[],
): SourceRecord {
  return {
    topic: record.topic,
    partition: null,
    keySchema: record.keySchema,
    get key() {
      return record.key;
    },
    valueSchema: null,
    value: null,
    timestampMs: null,
    headers,
    sourcePartition: record.sourcePartition,
    sourceOffset,
    get json() {
      return { key: record.keyJson, value: null };
    },
  };
}

/** The same record with getters of its own, so that a transform may spread it. Slow to make, therefore not the rule. */
export function copyable(record: SourceRecord): SourceRecord {
  return {
    topic: record.topic,
    partition: record.partition,
    keySchema: record.keySchema,
    get key() {
      return record.key;
    },
    valueSchema: record.valueSchema,
    get value() {
      return record.value;
    },
    timestampMs: record.timestampMs,
    headers: record.headers,
    sourcePartition: record.sourcePartition,
    sourceOffset: record.sourceOffset,
  };
}
