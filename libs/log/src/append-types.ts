import type { MillraceError } from '@millrace/foundation';

/** When an append is acknowledged and its bytes are forced to the disk. */
export type FlushPolicy =
  /** After an `fdatasync` that all appends of the moment share (group commit). */
  | 'every-append'
  /** After the write to the page cache; a background flush follows soon. */
  | 'interval'
  /** After the write to the page cache; the operating system decides. */
  | 'none';

export interface AppendOptions {
  /** Stamped into each batch. */
  readonly leaderEpoch: number;
  /** The log's own policy when absent. `acks=all` on one replica needs 'every-append'. */
  readonly flush?: FlushPolicy;
  /** 'coordinator' may append transaction markers (control batches); clients may not. */
  readonly origin?: 'client' | 'coordinator';
  /** The batches were made in this process a moment ago: a CRC over them was just computed, and is not again. */
  readonly isCrcTrusted?: boolean;
  /**
   * A producer of whom nothing is known here begins with sequence 0 (KIP-890: each transaction has its own epoch), so
   * that a batch which overtook the first one is refused and comes again.
   */
  readonly beginsAtZero?: boolean;
}

export interface Appended {
  readonly kind: 'appended';
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1 unless the topic has `message.timestamp.type=LogAppendTime`. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  /** A retry of an idempotent producer: nothing was appended, the offsets are those of the first time. */
  readonly isDuplicate: boolean;
}

export type RefusalReason =
  | 'corrupt'
  | 'too-large'
  | 'batches-too-large'
  | 'unsupported-format'
  | 'invalid-record'
  | 'invalid-timestamp'
  | 'out-of-order-sequence'
  | 'invalid-producer-epoch'
  | 'invalid-transaction-state'
  | 'coordinator-fenced'
  | 'unexpected-offset'
  | 'queue-full'
  | 'disk-full'
  | 'offline'
  | 'closed';

export interface AppendRefused {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  /** What Kafka answers in this case. */
  readonly errorCode: number;
  readonly error: MillraceError;
  /** Which records are wrong, if not the batch as a whole (KIP-467). */
  readonly recordErrors?: readonly RecordError[];
}

export interface RecordError {
  /** Of the record in its batch, from 0. */
  readonly batchIndex: number;
  readonly message: string;
}

export type AppendResult = Appended | AppendRefused;

const ERROR_CODES: Readonly<Record<RefusalReason, number>> = {
  corrupt: 2, // CORRUPT_MESSAGE
  'too-large': 10, // MESSAGE_TOO_LARGE
  'batches-too-large': 18, // RECORD_LIST_TOO_LARGE
  'unsupported-format': 43, // UNSUPPORTED_FOR_MESSAGE_FORMAT
  'invalid-record': 87, // INVALID_RECORD
  'invalid-timestamp': 32, // INVALID_TIMESTAMP
  'out-of-order-sequence': 45, // OUT_OF_ORDER_SEQUENCE_NUMBER
  'invalid-producer-epoch': 47, // INVALID_PRODUCER_EPOCH
  'invalid-transaction-state': 48, // INVALID_TXN_STATE
  'coordinator-fenced': 52, // TRANSACTION_COORDINATOR_FENCED
  'unexpected-offset': 1, // OFFSET_OUT_OF_RANGE
  'queue-full': 7, // REQUEST_TIMED_OUT: clients retry it after their back-off
  'disk-full': 56, // KAFKA_STORAGE_ERROR
  offline: 56, // KAFKA_STORAGE_ERROR
  closed: 6, // NOT_LEADER_OR_FOLLOWER
};

export function refused(
  reason: RefusalReason,
  error: MillraceError,
  recordErrors?: readonly RecordError[],
): AppendRefused {
  const refusal: AppendRefused = { kind: 'refused', reason, errorCode: ERROR_CODES[reason], error };
  return recordErrors === undefined ? refusal : { ...refusal, recordErrors };
}
