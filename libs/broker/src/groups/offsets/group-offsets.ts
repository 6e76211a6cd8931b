import { ErrorCode } from '@millrace/kafka-protocol';
import type { HeartbeatEvent } from '../classic/events.ts';
import { admitCommit, admitTransactionalCommit } from '../classic/members.ts';
import { admitConsumerCommit, admitConsumerTransaction } from '../consumer/admit-commit.ts';
import type { Batch } from '../group-batch.ts';
import { isEmpty, type GroupEntry } from '../group-entry.ts';
import type { GroupLogRecord } from '../group-log-record.ts';
import { offsetRecord } from '../group-records.ts';
import type { GroupStore, TransactionalProducer } from '../group-store.ts';
import type { GroupTable } from '../group-table.ts';
import type { OffsetsTransaction, PendingOffsets } from '../pending-offsets.ts';
import { expiredOffsets, findTopicInUse } from './offset-expiry.ts';
import {
  countOffsets,
  offsetTombstones,
  setOffset,
  type OffsetsByTopic,
  type OffsetTable,
  type OffsetToCommit,
} from './offset-table.ts';

export type CommitRequest = Omit<HeartbeatEvent, 'kind' | 'token'> & {
  readonly groupId: string;
} & {
  /** Of OffsetCommit: tells whether `generation` may be a member epoch. */
  readonly version: number;
  readonly offsets: readonly OffsetToCommit[];
};
export type TransactionalCommitRequest = Omit<CommitRequest, 'version'> &
  TransactionalProducer & {
    /** Whether the transaction is still open when the write's turn comes, as an error code. */
    readonly checkAgain: () => number;
  };

export interface GroupOffsetsOptions {
  readonly table: GroupTable;
  readonly store: GroupStore;
  readonly pending: PendingOffsets;
  readonly retentionMs: number;
  /** Writes the end of an empty group, after these records, and forgets it. */
  readonly removeGroup: (
    entry: GroupEntry,
    records: readonly GroupLogRecord[],
    batch: Batch,
  ) => void;
}

/** The committed offsets of all groups: commits, those in transactions, deletion, expiry. */
export class GroupOffsets {
  readonly #table: GroupTable;
  readonly #store: GroupStore;
  readonly #pending: PendingOffsets;
  readonly #retentionMs: number;
  readonly #removeGroup: GroupOffsetsOptions['removeGroup'];

  constructor({ table, store, pending, retentionMs, removeGroup }: GroupOffsetsOptions) {
    this.#table = table;
    this.#store = store;
    this.#pending = pending;
    this.#retentionMs = retentionMs;
    this.#removeGroup = removeGroup;
  }

  /** Answers 0 once the offsets are durable, or the error that holds for all of them. */
  commit(request: CommitRequest): Promise<number> {
    const { groupId, generation, offsets } = request;
    return this.#table.ask<number>(
      groupId,
      (errorCode) => errorCode,
      (_batch, answer) => {
        const entry = generation < 0 ? this.#table.ensure(groupId) : this.#table.find(groupId);
        if (entry === undefined) {
          answer(generation < 0 ? ErrorCode.POLICY_VIOLATION : withoutCommitGroup(request.version));
          return;
        }
        const { group } = entry;
        const admitted =
          group.kind === 'consumer'
            ? admitConsumerCommit(group.state, request, this.#table.nowMs())
            : admitCommit(group.state, request, this.#table.nowMs());
        if (admitted !== ErrorCode.NONE || offsets.length === 0) answer(admitted);
        // Not in the batch: commits neither wait for one another nor for the group.
        else void this.#commit(entry, offsets).then(answer);
      },
    );
  }

  async #commit(entry: GroupEntry, offsets: readonly OffsetToCommit[]): Promise<number> {
    const records = offsets.map(({ topic, partition, committed }) =>
      offsetRecord(entry.groupId, topic, partition, committed),
    );
    entry.committing.add(offsets);
    // INV-7: an offset is shown only once it is durable. The store answers in the order of its log.
    const errorCode = await this.#table.store(entry, records);
    entry.committing.delete(offsets);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    for (const { topic, partition, committed } of offsets) {
      this.#pending.supersede(entry.groupId, topic, partition);
      setOffset(entry.offsets, topic, partition, committed);
    }
    return ErrorCode.NONE;
  }

  /**
   * Stores offsets that count once the producer's transaction is committed. Answers 0 once they are
   * durable, or the error that holds for all of them.
   */
  commitInTransaction(request: TransactionalCommitRequest): Promise<number> {
    const { groupId, generation, offsets, producerId, producerEpoch } = request;
    return this.#table.ask<number>(
      groupId,
      (errorCode) => errorCode,
      (_batch, answer) => {
        const entry = generation < 0 ? this.#table.ensure(groupId) : this.#table.find(groupId);
        if (entry === undefined) {
          answer(generation < 0 ? ErrorCode.POLICY_VIOLATION : ErrorCode.ILLEGAL_GENERATION);
          return;
        }
        const { group } = entry;
        const admitted =
          group.kind === 'consumer'
            ? admitConsumerTransaction(group.state, request)
            : admitTransactionalCommit(group.state, request, this.#table.nowMs());
        const refusal = admitted === ErrorCode.NONE ? request.checkAgain() : admitted;
        if (refusal !== ErrorCode.NONE || offsets.length === 0) {
          answer(refusal);
          return;
        }
        const transaction = { partition: this.#store.partitionOf(groupId), producerId };
        const producer = { producerId, producerEpoch };
        const write = this.#storePending(entry, offsets, transaction, producer);
        this.#pending.announce(transaction, write);
        void write.then(answer);
      },
    );
  }

  async #storePending(
    entry: GroupEntry,
    offsets: readonly OffsetToCommit[],
    transaction: OffsetsTransaction,
    producer: TransactionalProducer,
  ): Promise<number> {
    const { groupId } = entry;
    const records = offsets.map(({ topic, partition, committed }) =>
      offsetRecord(groupId, topic, partition, committed),
    );
    const errorCode = await this.#table.store(entry, records, producer);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    for (const offset of offsets) {
      this.#pending.add(transaction, { group: groupId, ...offset });
    }
    return ErrorCode.NONE;
  }

  /**
   * Ends a producer's transaction on a partition of `__consumer_offsets`: `appendMarker` writes the
   * marker, and once that is durable the offsets of the transaction count, or are dropped.
   */
  async endTransaction(
    partition: number,
    producerId: number,
    isCommit: boolean,
    appendMarker: () => Promise<number>,
  ): Promise<number> {
    const transaction = { partition, producerId };
    const before = this.#pending.writesBefore(transaction);
    const errorCode = await appendMarker();
    if (errorCode !== ErrorCode.NONE) return errorCode;
    await before;
    const decided = this.#pending.end(transaction);
    for (const { group, topic, partition: index, committed } of decided) {
      const entry = this.#table.find(group);
      if (entry === undefined) continue;
      if (isCommit) setOffset(entry.offsets, topic, index, committed);
      this.#table.tidy(entry);
    }
    return ErrorCode.NONE;
  }

  /** Removes an empty group with its offsets. */
  delete(groupId: string): Promise<number> {
    return this.#table.ask<number>(
      groupId,
      (errorCode) => errorCode,
      (batch, answer) => {
        const entry = this.#table.find(groupId);
        if (entry === undefined) answer(ErrorCode.GROUP_ID_NOT_FOUND);
        else if (!isEmpty(entry.group)) answer(ErrorCode.NON_EMPTY_GROUP);
        else {
          // A commit on its way comes before these records in the log.
          const tombstones = offsetTombstones(groupId, withCommitting(entry));
          const pending = this.#pending.supersedeWhere(({ group }) => group === groupId);
          for (const { topic, partition } of pending)
            tombstones.push(offsetRecord(groupId, topic, partition, null));
          this.#removeGroup(entry, tombstones, batch);
          answer(ErrorCode.NONE);
        }
      },
    );
  }

  /** Removes offsets of a group: an error code for each, in their order, or one for the group. */
  deleteOffsets(
    groupId: string,
    asked: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<readonly number[] | number> {
    return this.#table.ask<readonly number[] | number>(
      groupId,
      (errorCode) => errorCode,
      (batch, answer) => {
        const entry = this.#table.find(groupId);
        if (entry === undefined) {
          answer(ErrorCode.GROUP_ID_NOT_FOUND);
          return;
        }
        const { group } = entry;
        const isForeign = group.kind === 'classic' && group.state.protocolType !== 'consumer';
        if (!isEmpty(group) && isForeign) {
          answer(ErrorCode.NON_EMPTY_GROUP);
          return;
        }
        const known = withCommitting(entry);
        const errorCodes = asked.map(({ topic }) => findTopicInUse(entry, topic));
        const deleted = asked.filter(
          ({ topic, partition }, index) =>
            errorCodes[index] === ErrorCode.NONE && known.get(topic)?.has(partition) === true,
        );
        for (const { topic, partition } of deleted) {
          this.#pending.supersede(groupId, topic, partition);
          batch.records.push(offsetRecord(groupId, topic, partition, null));
        }
        batch.onSettled((errorCode) => {
          if (errorCode !== ErrorCode.NONE) return;
          for (const { topic, partition } of deleted)
            setOffset(entry.offsets, topic, partition, null);
        });
        answer(errorCodes);
      },
    );
  }

  /** The topic is gone, so are the offsets in it. */
  async forgetTopic(topic: string): Promise<void> {
    const pending = this.#pending.supersedeWhere((offset) => offset.topic === topic);
    for (const entry of this.#table.entries()) {
      const { groupId } = entry;
      const partitions = new Set(withCommitting(entry).get(topic)?.keys());
      for (const offset of pending) if (offset.group === groupId) partitions.add(offset.partition);
      if (partitions.size === 0) continue;
      entry.offsets.delete(topic);
      const records = [...partitions].map((partition) =>
        offsetRecord(groupId, topic, partition, null),
      );
      await this.#table.store(entry, records);
      entry.offsets.delete(topic); // what was on its way has come before
    }
  }

  /** Removes offsets that are past their time, and groups of which nothing is left. */
  async expireOffsets(): Promise<void> {
    for (const groupId of this.#table.entries().map((each) => each.groupId)) {
      await this.#table.ask<number>(
        groupId,
        (errorCode) => errorCode,
        (batch, answer) => {
          const entry = this.#table.find(groupId);
          if (entry !== undefined) this.#expire(entry, batch);
          answer(ErrorCode.NONE);
        },
      );
    }
  }

  #expire(entry: GroupEntry, batch: Batch): void {
    const { groupId, group, offsets } = entry;
    const pending = this.#pending;
    const expired = expiredOffsets(
      entry,
      (topic, partition) => pending.has(groupId, topic, partition),
      this.#table.nowMs(),
      this.#retentionMs,
    );
    const tombstones = offsetTombstones(groupId, expired);
    const isGone =
      isEmpty(group) &&
      (group.kind === 'consumer' || group.state.pendingMembers.size === 0) &&
      entry.committing.size === 0 &&
      !pending.hasGroup(groupId) &&
      countOffsets(offsets) === countOffsets(expired);
    if (isGone) {
      this.#removeGroup(entry, tombstones, batch);
      return;
    }
    batch.records.push(...tombstones);
    batch.onSettled((errorCode) => {
      if (errorCode !== ErrorCode.NONE) return; // tried again at the next look
      for (const [topic, partitions] of expired) {
        for (const [partition, committed] of partitions) {
          if (offsets.get(topic)?.get(partition) === committed)
            setOffset(offsets, topic, partition, null);
        }
      }
    });
  }
}

/** Clients of newer versions know an error of its own for it. */
function withoutCommitGroup(version: number): number {
  return version >= 9 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
}

/** The offsets, those on their way to the log included. */
function withCommitting({ offsets, committing }: GroupEntry): OffsetsByTopic {
  if (committing.size === 0) return offsets;
  const all: OffsetTable = new Map([...offsets].map(([topic, each]) => [topic, new Map(each)]));
  for (const pending of committing)
    for (const { topic, partition, committed } of pending)
      setOffset(all, topic, partition, committed);
  return all;
}
