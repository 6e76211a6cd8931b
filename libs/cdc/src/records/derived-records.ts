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

/** The same record without ready-made JSON, which nobody takes when a transform stands before the converters. */
export function copyable(record: SourceRecord): SourceRecord {
  return new CopyableRecord(record);
}

/** Key and value are decoded when they are asked for, so once by a transform, and kept by nobody else. */
class CopyableRecord implements SourceRecord {
  readonly topic: string;
  readonly partition: number | null;
  readonly keySchema: SourceRecord['keySchema'];
  readonly valueSchema: SourceRecord['valueSchema'];
  readonly timestampMs: number | null;
  readonly headers: readonly Header[];
  readonly sourcePartition: SourceRecord['sourcePartition'];
  readonly sourceOffset: SourceOffset;
  readonly #record: SourceRecord;

  constructor(record: SourceRecord) {
    this.#record = record;
    this.topic = record.topic;
    this.partition = record.partition;
    this.keySchema = record.keySchema;
    this.valueSchema = record.valueSchema;
    this.timestampMs = record.timestampMs;
    this.headers = record.headers;
    this.sourcePartition = record.sourcePartition;
    this.sourceOffset = record.sourceOffset;
  }

  get key(): unknown {
    return this.#record.key;
  }

  get value(): unknown {
    return this.#record.value;
  }
}
