import type { MillraceError } from '@millrace/foundation';
import type { PackedRecords, RecordFrame, RecordTarget } from '@millrace/kafka-protocol';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export function keyOf({ partition, topic }: TopicPartition): string {
  return `${partition} ${topic}`;
}

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface ProducerRecord {
  readonly topic: string;
  /** `null`: by the key's murmur2 hash as the Java client does, or sticky without a key. */
  readonly partition: number | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** `null`: the time of `send`. */
  readonly timestampMs: number | null;
  readonly headers: readonly RecordHeader[];
}

/** Records of one topic that lie together, as a source that renders many in one go has them. Each goes by its key. */
export interface ProducerRun extends PackedRecords {
  readonly topic: string;
  /** `null`: the time of `send`. */
  readonly timestampMs: number | null;
  readonly headers: readonly RecordHeader[];
}

/** Records of one topic that whoever has them writes straight into the batch. */
export interface WritableRun {
  readonly topic: string;
  /** `null`: the time of `writeRun`. */
  readonly timestampMs: number | null;
  readonly headers: readonly RecordHeader[];
  readonly count: number;
  readonly frame: RecordFrame;
  /** Writes records from `from` on while there is room; none also when that record can't be written so. */
  readonly write: (target: RecordTarget, from: number) => void;
  /** Those from `from` on that lie together: for several partitions, and larger ones. `null`: that one goes by itself. */
  readonly packed: (from: number) => ProducerRun | null;
}

export interface SendFailure {
  /** Of the record in the array given to `send`. */
  readonly index: number;
  readonly error: MillraceError;
}

/** Empty when all records were acknowledged. */
export interface SendResult {
  readonly failures: readonly SendFailure[];
}

export type TimestampType = 'none' | 'create' | 'log-append';

/** `key`, `value` and header values are views into fetched bytes: copy what is kept for long. */
export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly timestampType: TimestampType;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Of the leader that wrote it; -1 when the broker didn't say. */
  readonly leaderEpoch: number;
}
