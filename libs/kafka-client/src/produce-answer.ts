import type { MillraceError } from '@millrace/foundation';
import { ErrorCode, errorFromCode, type ProduceResponsePartition } from '@millrace/kafka-protocol';
import { recordTooLarge } from './errors.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { ProducerBatch } from './producer-batch.ts';

export type Verdict =
  | 'written'
  /** Too large as a whole; its halves may not be. */
  | 'split'
  | { readonly kind: 'failed'; readonly error: MillraceError }
  /** The broker expects another sequence, or doesn't know the producer (any more). */
  | { readonly kind: 'gap'; readonly error: MillraceError }
  /** Only an earlier batch is missing yet, which goes first. */
  | { readonly kind: 'early'; readonly error: MillraceError };

/** What became of a batch. */
export function readProduceAnswer(
  queue: PartitionQueue,
  batch: ProducerBatch,
  { errorCode, errorMessage, recordErrors }: ProduceResponsePartition,
): Verdict {
  const doing = `produce to ${queue.topic}-${queue.partition}`;
  switch (errorCode) {
    case ErrorCode.NONE:
    case ErrorCode.DUPLICATE_SEQUENCE_NUMBER: // an earlier attempt was written after all
      return 'written';
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE: {
      if (batch.recordCount > 1) return 'split';
      const limit = { key: 'max.message.bytes' };
      const cause = errorFromCode(errorCode, doing, errorMessage);
      return { kind: 'failed', error: recordTooLarge(queue.topic, batch.byteLength, limit, cause) };
    }
    case ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER:
    case ErrorCode.UNKNOWN_PRODUCER_ID:
    case ErrorCode.INVALID_PRODUCER_EPOCH:
    case ErrorCode.PRODUCER_FENCED: {
      const error = errorFromCode(errorCode, doing, errorMessage);
      if (queue.producer === undefined) return { kind: 'failed', error };
      const isEarly =
        errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && !queue.isOldestPending(batch);
      return { kind: isEarly ? 'early' : 'gap', error };
    }
    default: {
      const detail = errorMessage ?? recordErrors[0]?.batchIndexErrorMessage;
      return { kind: 'failed', error: errorFromCode(errorCode, doing, detail) };
    }
  }
}
