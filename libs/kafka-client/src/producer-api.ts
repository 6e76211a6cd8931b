import type { GroupMetadata, OffsetToCommit } from './consumer-api.ts';
import type { ProducerRecord, ProducerRun, SendResult, WritableRun } from './records.ts';

export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Kafka's keys in our notation; the defaults are Kafka's unless said otherwise. */
export interface ProducerOptions {
  /** `acks`: `all` (default), 1 the leader's page cache, 0 nothing is known. */
  readonly acks?: 'all' | 0 | 1;
  /** `enable.idempotence`, default true; needs `acks` all and at most 5 in flight. */
  readonly enableIdempotence?: boolean;
  /** `linger.ms`, default 5 as since Kafka 4.0. 0: what is sent in one turn of the event loop shares a batch. */
  readonly lingerMs?: number;
  /** `batch.size`, default 128 KiB (Kafka: 16 KiB). */
  readonly batchBytes?: number;
  /** `buffer.memory`, default 32 MiB. `send` waits while it is full. */
  readonly bufferBytes?: number;
  /** `max.request.size`, default 1 MiB. */
  readonly maxRequestBytes?: number;
  /** `max.in.flight.requests.per.connection`, default 5. */
  readonly maxInFlight?: number;
  readonly compression?: CompressionName;
  /** `compression.gzip.level` and so on; the codec's default. */
  readonly compressionLevel?: number;
  /** `partitioner.ignore.keys`, default false: records with a key go anywhere too. */
  readonly partitionerIgnoreKeys?: boolean;
  /** `delivery.timeout.ms`, default 120,000; `Infinity` never gives up. */
  readonly deliveryTimeoutMs?: number;
  /** `request.timeout.ms`, default 30,000. */
  readonly requestTimeoutMs?: number;
  /** `retry.backoff.ms`, default 100, doubling to `retryBackoffMaxMs` (1,000). */
  readonly retryBackoffMs?: number;
  readonly retryBackoffMaxMs?: number;
  /** `max.block.ms`, default 60,000: for buffer space, and for a topic to be known. */
  readonly maxBlockMs?: number;
}

/** Totals since the producer was opened, by the names of Kafka's metrics. */
export interface ProducerMetrics {
  readonly recordSendTotal: number;
  /** Records that failed for good. */
  readonly recordErrorTotal: number;
  /** Records that were sent again, as often as they were. */
  readonly recordRetryTotal: number;
  readonly batchSplitTotal: number;
  readonly requestTotal: number;
  readonly outgoingByteTotal: number;
  readonly requestsInFlight: number;
  readonly bufferTotalBytes: number;
  readonly bufferAvailableBytes: number;
}

export interface Producer extends AsyncDisposable {
  /**
   * Resolves when the records are in the buffer (back-pressure: waits while `buffer.memory` is
   * full); `delivered` settles when every record of the call is acknowledged or has failed, and
   * never rejects. Rejects only when aborted (what was buffered before is still delivered) or when
   * the producer is closed.
   */
  send(
    records: readonly ProducerRecord[],
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }>;
  /** `send` of records that lie together; an index is that of a record in the run. Their bytes are copied before it resolves. */
  sendRun(
    run: ProducerRun,
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }>;
  /**
   * `send` of records from `from` on that are written in place, up to `end`; where that is `from`, the record has to go
   * by itself. An index counts from `from`.
   */
  writeRun(
    run: WritableRun,
    from: number,
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult>; readonly end: number }>;
  /** Sends what is buffered without lingering; resolves when all of it has settled. */
  flush(): Promise<void>;
  metrics(): ProducerMetrics;
  /** Flushes, for `timeoutMs` at most (default: as long as it takes); what is left then fails. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface TransactionalProducerOptions extends ProducerOptions {
  /** `transactional.id`: who opens another producer of this name fences the former one. */
  readonly transactionalId: string;
  /** `transaction.timeout.ms`, default 60,000: then the coordinator aborts by itself, and fences. */
  readonly transactionTimeoutMs?: number;
}

/**
 * Records and offsets that become visible (to `read_committed`) together or not at all.
 *
 * An error of a record or call within a transaction is one of two: after
 * `client.transaction_must_abort` nothing but `abortTransaction` helps, and then the transaction can
 * be tried again; after `client.producer_fenced` and `client.transaction_failed` only another
 * producer can go on. What is retriable is retried inside.
 */
export interface TransactionalProducer extends Producer {
  /** Once, before all else: finishes what a former producer of this name left open, and fences it. */
  initTransactions(signal?: AbortSignal): Promise<void>;
  beginTransaction(): void;
  /** The group's offsets are committed with the transaction. */
  sendOffsetsToTransaction(offsets: readonly OffsetToCommit[], group: GroupMetadata): Promise<void>;
  /**
   * Flushes, then commits. Rejects with the retriable `client.transaction_pending` when there was no
   * answer within `max.block.ms`: the outcome is open, and calling again waits on.
   */
  commitTransaction(): Promise<void>;
  /** What is buffered is dropped: its records fail with `client.transaction_aborted`. */
  abortTransaction(): Promise<void>;
}
