import { describeError, type Clock, type Logger } from '@millrace/foundation';
import { decodeRecords, ErrorCode, isControl, RecordBatchBuilder } from '@millrace/kafka-protocol';
import { partitionForGroup } from '../groups/java-hash.ts';
import { replayBatches } from '../internal-topics.ts';
import { TRANSACTIONS_TOPIC } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import {
  readTransactionRecord,
  type ReplayedTransaction,
  type TransactionLogRecord,
} from './transaction-records.ts';
import type { TransactionStore } from './transaction-store.ts';

export interface TransactionTopicStoreOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ensureTopic: () => Promise<void>;
}

/** Transactions in `__transaction_state`, as Kafka keeps them there. */
export class TransactionTopicStore implements TransactionStore {
  readonly #options: TransactionTopicStoreOptions;

  constructor(options: TransactionTopicStoreOptions) {
    this.#options = options;
  }

  async append(
    transactionalId: string,
    { key, value }: TransactionLogRecord,
    { isDurable }: { readonly isDurable: boolean },
  ): Promise<number> {
    const { topics, clock, log, ensureTopic } = this.#options;
    try {
      if (topics.find(TRANSACTIONS_TOPIC) === undefined) await ensureTopic();
      const entry = topics.mustFind(TRANSACTIONS_TOPIC);
      // Kafka spreads transactional ids as it does groups.
      const partition = partitionForGroup(transactionalId, entry.partitionCount);
      const builder = new RecordBatchBuilder();
      builder.append(key, value, clock.nowMs());
      const partitionLog =
        topics.findLog(entry, partition) ?? (await topics.openLog(entry, partition));
      const result = await partitionLog.append(builder.buildSync(), {
        leaderEpoch: topics.leaderEpochOf(entry, partition),
        flush: isDurable ? 'every-append' : 'interval',
        origin: 'coordinator',
      });
      if (result.kind === 'appended') return ErrorCode.NONE;
      log.warn(
        { transactionalId, partition, error: result.error.message },
        'the state of a transaction was not stored; the client is told to try again',
      );
    } catch (error) {
      log.warn(
        { transactionalId, error: describeError(error) },
        'the state of a transaction was not stored; the client is told to try again',
      );
    }
    return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }

  async replay(apply: (record: ReplayedTransaction) => void): Promise<void> {
    const { topics } = this.#options;
    const entry = topics.find(TRANSACTIONS_TOPIC);
    if (entry === undefined) return;
    for (let partition = 0; partition < entry.partitionCount; partition += 1) {
      const log = topics.findLog(entry, partition);
      if (log === undefined) continue;
      await replayBatches(log, (batch) => {
        if (isControl(batch.header.attributes)) return;
        for (const { key, value } of decodeRecords(batch)) {
          if (key !== null) apply(readTransactionRecord(key, value));
        }
      });
    }
  }
}
