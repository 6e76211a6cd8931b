import { ErrorCode, buildControlBatch } from '@millrace/kafka-protocol';
import { retry, type Clock, type Logger, type Random } from '@millrace/foundation';
import { markerRefused } from '../errors.ts';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { OFFSETS_TOPIC } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import type { PartitionsByTopic } from './transaction-state.ts';

/** The end of a transaction, as its partitions learn it. */
export interface TransactionEnd {
  readonly producerId: number;
  readonly epoch: number;
  readonly coordinatorEpoch: number;
  readonly isCommit: boolean;
}

export interface MarkerWriterOptions {
  readonly topics: Topics;
  readonly groups: GroupCoordinator;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const RETRY_DELAY_MS = 20;
const RETRY_DELAY_MS_MAX = 5000;

/** Codes after which a marker is never going to be written, nor needed. */
const FINAL: ReadonlySet<number> = new Set([
  ErrorCode.NONE,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, // the topic was deleted, and what was in it
  ErrorCode.INVALID_PRODUCER_EPOCH, // the partition has heard of a newer end than this
  ErrorCode.TRANSACTION_COORDINATOR_FENCED,
]);

/** Writes the control batches that end a transaction on a partition. */
export class MarkerWriter {
  readonly #options: MarkerWriterOptions;

  constructor(options: MarkerWriterOptions) {
    this.#options = options;
  }

  /** Answers once every partition has its marker durably; goes on for ever until then, or until `signal`. */
  async writeAll(
    end: TransactionEnd,
    partitions: PartitionsByTopic,
    signal: AbortSignal,
  ): Promise<void> {
    const writes: Promise<void>[] = [];
    for (const [topic, numbers] of partitions) {
      for (const partition of numbers) {
        writes.push(this.#writeUntilDone(end, topic, partition, signal));
      }
    }
    await Promise.all(writes);
  }

  async #writeUntilDone(
    end: TransactionEnd,
    topic: string,
    partition: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { log } = this.#options;
    const policy = {
      initialDelayMs: RETRY_DELAY_MS,
      delayMaxMs: RETRY_DELAY_MS_MAX,
      deadlineMs: Infinity,
    };
    const onRetry = (error: unknown, attempt: number): void => {
      if (attempt === 1)
        log.warn({ topic, partition, err: error }, 'a transaction waits for its marker');
    };
    await retry(policy, { ...this.#options, signal, onRetry }, async () => {
      const errorCode = await this.write(end, topic, partition);
      if (!FINAL.has(errorCode)) throw markerRefused(topic, partition, errorCode);
      if (errorCode !== ErrorCode.NONE)
        log.warn(
          { topic, partition, errorCode },
          'a partition did not take the end of a transaction',
        );
    });
  }

  /** One attempt on one partition: 0 once the marker is durable, or Kafka's error code. */
  async write(end: TransactionEnd, topic: string, partition: number): Promise<number> {
    const { topics, groups } = this.#options;
    if (!topics.hasPartition(topic, partition)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    const append = (): Promise<number> => this.#append(end, topic, partition);
    // Offsets of the transaction become those of their groups, or nothing.
    return topic === OFFSETS_TOPIC
      ? groups.endTransaction(partition, end.producerId, end.isCommit, append)
      : append();
  }

  async #append(end: TransactionEnd, topic: string, partition: number): Promise<number> {
    const { topics, clock, log } = this.#options;
    const entry = topics.find(topic);
    if (entry === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    const batch = buildControlBatch({
      type: end.isCommit ? 'commit' : 'abort',
      producerId: end.producerId,
      producerEpoch: end.epoch,
      coordinatorEpoch: end.coordinatorEpoch,
      timestampMs: clock.nowMs(),
    });
    try {
      const partitionLog =
        topics.findLog(entry, partition) ?? (await topics.openLog(entry, partition));
      // INV-7: durable before the transaction counts as complete, or a crash would leave it open for ever.
      const result = await partitionLog.append(batch, {
        leaderEpoch: topics.leaderEpochOf(entry, partition),
        flush: 'every-append',
        origin: 'coordinator',
      });
      return result.kind === 'appended' ? ErrorCode.NONE : result.errorCode;
    } catch (error) {
      log.warn({ topic, partition, err: error }, 'a log could not be opened for a marker');
      return ErrorCode.KAFKA_STORAGE_ERROR;
    }
  }
}
