import type { GroupLogRecord } from './group-log-record.ts';
import type { ReplayedRecord } from './group-records.ts';
import type { OffsetsTransaction } from './pending-offsets.ts';

/** The producer whose transaction decides whether the records count. */
export interface TransactionalProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Where groups and their offsets are kept: `__consumer_offsets`. */
export interface GroupStore {
  /**
   * Writes the records of one group, all or none, and answers once they are durable, with 0 or the
   * error for the client. Calls of one group are written in their order.
   */
  append(
    groupId: string,
    records: readonly GroupLogRecord[],
    producer?: TransactionalProducer,
  ): Promise<number>;
  /** The partition of `__consumer_offsets` that a group's records go to. */
  partitionOf(groupId: string): number;
  /** Everything stored, oldest first within a group. */
  replay(listener: ReplayListener): Promise<void>;
}

export interface ReplayListener {
  /** `transaction` when the record counts only once that is committed. */
  onRecord(record: ReplayedRecord, transaction: OffsetsTransaction | undefined): void;
  onTransactionEnd(transaction: OffsetsTransaction, isCommit: boolean): void;
}
