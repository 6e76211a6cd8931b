import { assert, isAborted, type Clock, type Logger, type Random } from '@millrace/foundation';
import { ErrorCode, uuidFromBytes } from '@millrace/kafka-protocol';
import type { Refusal } from '../refusal.ts';
import { refusedJoin, refusedSync } from './classic/answers.ts';
import type {
  GroupEffect,
  GroupEvent,
  HeartbeatEvent,
  JoinAnswer,
  JoinEvent,
  LeaveEvent,
  SyncAnswer,
  SyncEvent,
} from './classic/events.ts';
import {
  emptyGroup,
  recordOfGroup,
  type GroupLimits,
  type GroupRecord,
  type GroupState,
  type Token,
} from './classic/group-state.ts';
import { stepGroup } from './classic/group-step.ts';
import { admitCommit, admitTransactionalCommit } from './classic/members.ts';
import { admitConsumerCommit, admitConsumerTransaction } from './consumer/admit-commit.ts';
import {
  classicHeartbeat,
  classicJoin,
  classicLeave,
  classicSync,
} from './consumer/classic-members.ts';
import { emptyConsumerGroup } from './consumer/consumer-group.ts';
import {
  canUpgrade,
  downgradeAfterReplacement,
  fenceMembers,
  removeGroup,
  upgrade,
} from './consumer/convert.ts';
import {
  heartbeat,
  type ConsumerHeartbeat,
  type ConsumerHeartbeatAnswer,
} from './consumer/heartbeat.ts';
import { lateMembers, leave, type ConsumerLeave } from './consumer/leave.ts';
import { isRefusal } from './consumer/refusal.ts';
import { ConsumerStep, type ConsumerLimits, type TopicDirectory } from './consumer/step.ts';
import { Batch } from './group-batch.ts';
import {
  deadlineOf,
  isEmpty,
  isNothing,
  newEntry,
  type GroupEntry,
  type GroupView,
  type Job,
} from './group-entry.ts';
import type { GroupLogRecord } from './group-log-record.ts';
import { groupRecord, offsetRecord } from './group-records.ts';
import type { GroupStore, TransactionalProducer } from './group-store.ts';
import { loadGroups } from './load-groups.ts';
import { PendingOffsets, type OffsetsTransaction } from './pending-offsets.ts';
import { expiredOffsets, findTopicInUse } from './offsets/offset-expiry.ts';
import {
  countOffsets,
  offsetTombstones,
  setOffset,
  type OffsetsByTopic,
  type OffsetTable,
  type OffsetToCommit,
} from './offsets/offset-table.ts';

/** Longest single sleep: timers of more than 2^31 ms would fire at once. */
const SLEEP_MS_MAX = 3_600_000;

export interface CoordinatorOptions {
  readonly store: GroupStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly topics: TopicDirectory;
  readonly limits: GroupLimits & {
    readonly groupsMax: number;
    readonly offsetMetadataLengthMax: number;
    readonly offsetsRetentionMs: number;
  };
  /** They may differ from group to group and change while it lives. */
  readonly consumerLimits: (groupId: string) => ConsumerLimits;
}

type Request<Event> = Omit<Event, 'kind' | 'token'> & { readonly groupId: string };
type JoinRequest = Omit<Request<JoinEvent>, 'newMemberId'>;
export type CommitRequest = Request<HeartbeatEvent> & {
  /** Of OffsetCommit: tells whether `generation` may be a member epoch. */
  readonly version: number;
  readonly offsets: readonly OffsetToCommit[];
};
export type TransactionalCommitRequest = Omit<CommitRequest, 'version'> & TransactionalProducer;

/**
 * Drives the groups: hands events to the step functions, answers who waits, stores what must be
 * durable, keeps time. One loop owns all groups, so that nothing is locked. While a change of a group
 * is on its way to the log, the requests of that group wait; then they run as one batch.
 */
export class GroupCoordinator {
  readonly #options: CoordinatorOptions;
  readonly #groups = new Map<string, GroupEntry>();
  /** Of transactions that are not decided yet. */
  readonly #pendingOffsets = new PendingOffsets();
  readonly #joins = new Map<Token, (answer: JoinAnswer) => void>();
  readonly #syncs = new Map<Token, (answer: SyncAnswer) => void>();
  readonly #heartbeats = new Map<Token, (errorCode: number) => void>();
  readonly #leaves = new Map<Token, (errorCodes: readonly number[]) => void>();
  readonly #startedMs: number;
  readonly #startedMonotonicMs: number;
  #nextToken = 1;
  #isClosed = false;

  private constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#startedMonotonicMs = options.clock.monotonicMs();
  }

  /** Reads all groups and offsets back. Members have a whole session to be heard of again. */
  static async open(options: CoordinatorOptions): Promise<GroupCoordinator> {
    const coordinator = new GroupCoordinator(options);
    const loaded = await loadGroups(
      options.store,
      coordinator.#pendingOffsets,
      coordinator.#nowMs(),
      options.consumerLimits,
    );
    for (const entry of loaded) {
      coordinator.#groups.set(entry.groupId, entry);
      coordinator.#arm(entry);
    }
    return coordinator;
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  groups(): readonly GroupView[] {
    return [...this.#groups.values()];
  }

  find(groupId: string): GroupView | undefined {
    return this.#groups.get(groupId);
  }

  consumerLimits(groupId: string): ConsumerLimits {
    return this.#options.consumerLimits(groupId);
  }

  /** For members of a version in which the broker names them. */
  newMemberId(): string {
    return uuidFromBytes(this.#options.random.nextBytes(16));
  }

  join(request: JoinRequest): Promise<JoinAnswer> {
    const { groupId, memberId } = request;
    return this.#ask<JoinAnswer>(
      groupId,
      (errorCode) => refusedJoin(memberId, errorCode),
      (batch, answer) => {
        const known = this.#groups.get(groupId);
        if (known?.group.kind === 'consumer' && !isEmpty(known.group)) {
          this.#joinConsumerGroup(known, request, batch, answer);
          return;
        }
        const entry = memberId === '' ? this.#ensure(groupId) : known;
        if (entry === undefined) {
          // Who has no id yet was kept out by groups.max.
          const isNew = memberId === '';
          answer(
            refusedJoin(memberId, isNew ? ErrorCode.POLICY_VIOLATION : ErrorCode.UNKNOWN_MEMBER_ID),
          );
          return;
        }
        if (entry.group.kind === 'consumer') this.#replaceByClassic(entry, batch);
        const newMemberId = `${request.instanceId ?? request.clientId}-${this.#uuid()}`;
        const token = this.#token(this.#joins, answer);
        this.#step(entry, { ...request, kind: 'join', token, newMemberId });
      },
    );
  }

  sync(request: Request<SyncEvent>): Promise<SyncAnswer> {
    return this.#ask<SyncAnswer>(request.groupId, refusedSync, (batch, answer) => {
      const entry = this.#groups.get(request.groupId);
      if (entry === undefined) answer(refusedSync(ErrorCode.UNKNOWN_MEMBER_ID));
      else if (entry.group.kind === 'consumer')
        answer(this.#consumerStep(entry, batch, (step) => classicSync(step, request)));
      else {
        const token = this.#token(this.#syncs, answer);
        this.#step(entry, { ...request, kind: 'sync', token });
      }
    });
  }

  heartbeat(request: Request<HeartbeatEvent>): Promise<number> {
    return this.#ask<number>(
      request.groupId,
      (errorCode) => errorCode,
      (batch, answer) => {
        const entry = this.#groups.get(request.groupId);
        if (entry === undefined) answer(ErrorCode.UNKNOWN_MEMBER_ID);
        else if (entry.group.kind === 'consumer')
          answer(this.#consumerStep(entry, batch, (step) => classicHeartbeat(step, request)));
        else {
          const token = this.#token(this.#heartbeats, answer);
          this.#step(entry, { ...request, kind: 'heartbeat', token });
        }
      },
    );
  }

  /** An error code for each member, in their order. */
  leave(request: Request<LeaveEvent>): Promise<readonly number[]> {
    const forAll = (errorCode: number): readonly number[] => request.members.map(() => errorCode);
    return this.#ask<readonly number[]>(request.groupId, forAll, (batch, answer) => {
      const entry = this.#groups.get(request.groupId);
      if (entry === undefined) answer(forAll(ErrorCode.UNKNOWN_MEMBER_ID));
      else if (entry.group.kind === 'consumer')
        answer(this.#leaveConsumerGroup(entry, request, batch));
      else {
        const token = this.#token(this.#leaves, answer);
        this.#step(entry, { ...request, kind: 'leave', token });
      }
    });
  }

  /** KIP-848: a member joins or says that it is alive, and hears what it is to own. */
  consumerHeartbeat(
    groupId: string,
    request: ConsumerHeartbeat,
  ): Promise<ConsumerHeartbeatAnswer | Refusal> {
    return this.#ask<ConsumerHeartbeatAnswer | Refusal>(groupId, asRefusal, (batch, answer) => {
      const entry = this.#consumerEntry(groupId, request.memberEpoch, batch);
      if (isRefusal(entry)) answer(entry);
      else answer(this.#consumerStep(entry, batch, (step) => heartbeat(step, request)));
    });
  }

  /** KIP-848: a member goes. Undefined once that is durable. */
  consumerLeave(groupId: string, request: ConsumerLeave): Promise<Refusal | undefined> {
    return this.#ask<Refusal | undefined>(groupId, asRefusal, (batch, answer) => {
      const entry = this.#groups.get(groupId);
      if (entry?.group.kind !== 'consumer') {
        answer(notConsumerGroup(groupId, entry, 'Group'));
        return;
      }
      let classic: GroupState | undefined;
      const outcome = this.#consumerStep(entry, batch, (step) => {
        const left = leave(step, request);
        if (typeof left === 'string') classic = fenceMembers(step, [left]);
        return typeof left === 'object' ? left : undefined;
      });
      if (classic !== undefined) this.#downgrade(entry, classic, batch, true);
      answer(outcome);
    });
  }

  /** Answers 0 once the offsets are durable, or the error that holds for all of them. */
  commit(request: CommitRequest): Promise<number> {
    const { groupId, generation, offsets } = request;
    return this.#ask<number>(
      groupId,
      (errorCode) => errorCode,
      (_batch, answer) => {
        const entry = generation < 0 ? this.#ensure(groupId) : this.#groups.get(groupId);
        if (entry === undefined) {
          answer(generation < 0 ? ErrorCode.POLICY_VIOLATION : withoutCommitGroup(request.version));
          return;
        }
        const { group } = entry;
        const admitted =
          group.kind === 'consumer'
            ? admitConsumerCommit(group.state, request)
            : admitCommit(group.state, request, this.#nowMs());
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
    const errorCode = await this.#store(entry, records);
    entry.committing.delete(offsets);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    for (const { topic, partition, committed } of offsets) {
      this.#pendingOffsets.supersede(entry.groupId, topic, partition);
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
    return this.#ask<number>(
      groupId,
      (errorCode) => errorCode,
      (_batch, answer) => {
        const entry = generation < 0 ? this.#ensure(groupId) : this.#groups.get(groupId);
        if (entry === undefined) {
          answer(generation < 0 ? ErrorCode.POLICY_VIOLATION : ErrorCode.ILLEGAL_GENERATION);
          return;
        }
        const { group } = entry;
        const admitted =
          group.kind === 'consumer'
            ? admitConsumerTransaction(group.state, request)
            : admitTransactionalCommit(group.state, request, this.#nowMs());
        if (admitted !== ErrorCode.NONE || offsets.length === 0) {
          answer(admitted);
          return;
        }
        const transaction = { partition: this.#options.store.partitionOf(groupId), producerId };
        const producer = { producerId, producerEpoch };
        const write = this.#storePending(entry, offsets, transaction, producer);
        this.#pendingOffsets.announce(transaction, write);
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
    const errorCode = await this.#store(entry, records, producer);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    for (const offset of offsets) {
      this.#pendingOffsets.add(transaction, { group: groupId, ...offset });
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
    const before = this.#pendingOffsets.writesBefore(transaction);
    const errorCode = await appendMarker();
    if (errorCode !== ErrorCode.NONE) return errorCode;
    await before;
    const decided = this.#pendingOffsets.end(transaction);
    for (const { group, topic, partition: index, committed } of decided) {
      const entry = this.#groups.get(group);
      if (entry === undefined) continue;
      if (isCommit) setOffset(entry.offsets, topic, index, committed);
      this.#tidy(entry);
    }
    return ErrorCode.NONE;
  }

  /** Whether a transaction that is not decided yet may change this offset (KIP-447). */
  hasPendingOffset(groupId: string, topic: string, partition: number): boolean {
    return this.#pendingOffsets.has(groupId, topic, partition);
  }

  /** Whether a committed offset's text is short enough. */
  admitsMetadata(metadata: string): boolean {
    return metadata.length <= this.#options.limits.offsetMetadataLengthMax;
  }

  /** Removes an empty group with its offsets. */
  delete(groupId: string): Promise<number> {
    return this.#ask<number>(
      groupId,
      (errorCode) => errorCode,
      (batch, answer) => {
        const entry = this.#groups.get(groupId);
        if (entry === undefined) answer(ErrorCode.GROUP_ID_NOT_FOUND);
        else if (!isEmpty(entry.group)) answer(ErrorCode.NON_EMPTY_GROUP);
        else {
          // A commit on its way comes before these records in the log.
          const tombstones = offsetTombstones(groupId, withCommitting(entry));
          const pending = this.#pendingOffsets.supersedeWhere(({ group }) => group === groupId);
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
    return this.#ask<readonly number[] | number>(
      groupId,
      (errorCode) => errorCode,
      (batch, answer) => {
        const entry = this.#groups.get(groupId);
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
          this.#pendingOffsets.supersede(groupId, topic, partition);
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
    const pending = this.#pendingOffsets.supersedeWhere((offset) => offset.topic === topic);
    for (const entry of [...this.#groups.values()]) {
      const { groupId } = entry;
      const partitions = new Set(withCommitting(entry).get(topic)?.keys());
      for (const offset of pending) if (offset.group === groupId) partitions.add(offset.partition);
      if (partitions.size === 0) continue;
      entry.offsets.delete(topic);
      const records = [...partitions].map((partition) =>
        offsetRecord(groupId, topic, partition, null),
      );
      await this.#store(entry, records);
      entry.offsets.delete(topic); // what was on its way has come before
    }
  }

  /** Removes offsets that are past their time, and groups of which nothing is left. */
  async expireOffsets(): Promise<void> {
    for (const groupId of [...this.#groups.keys()]) {
      await this.#ask<number>(
        groupId,
        (errorCode) => errorCode,
        (batch, answer) => {
          const entry = this.#groups.get(groupId);
          if (entry !== undefined) this.#expire(entry, batch);
          answer(ErrorCode.NONE);
        },
      );
    }
  }

  #expire(entry: GroupEntry, batch: Batch): void {
    const { groupId, group, offsets } = entry;
    const { offsetsRetentionMs } = this.#options.limits;
    const pending = this.#pendingOffsets;
    const expired = expiredOffsets(
      entry,
      (topic, partition) => pending.has(groupId, topic, partition),
      this.#nowMs(),
      offsetsRetentionMs,
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

  /** Answers everybody who waits; they find a coordinator again later. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#groups.values()) {
      entry.timer?.stop.abort();
      for (const job of entry.jobs.splice(0)) job(new Batch());
    }
    const errorCode = ErrorCode.COORDINATOR_NOT_AVAILABLE;
    for (const resolve of this.#joins.values()) resolve(refusedJoin('', errorCode));
    for (const resolve of this.#syncs.values()) resolve(refusedSync(errorCode));
    this.#joins.clear();
    this.#syncs.clear();
  }

  /**
   * Runs a request once nothing of its group is on its way to the log. What it answers leaves when the
   * changes of its batch are durable; `refuse` makes the answer when they could not be made so.
   */
  #ask<T>(
    groupId: string,
    refuse: (errorCode: number) => T,
    run: (batch: Batch, answer: (answer: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve) => {
      this.#submit(groupId, (batch) => {
        if (this.#isClosed) {
          resolve(refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE));
          return;
        }
        let isRunning = true;
        run(batch, (answer) => {
          if (!isRunning) resolve(answer);
          else
            batch.onSettled((errorCode) =>
              resolve(errorCode === ErrorCode.NONE ? answer : refuse(errorCode)),
            );
        });
        isRunning = false;
      });
    });
  }

  #submit(groupId: string, job: Job): void {
    const entry = this.#groups.get(groupId);
    if (entry?.isStoring === true) entry.jobs.push(job);
    else this.#run(groupId, [job]);
  }

  #run(groupId: string, jobs: Job[]): void {
    while (jobs.length > 0) {
      const batch = new Batch();
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        job(batch);
        if (batch.isSealed) break;
      }
      const entry = this.#groups.get(groupId);
      if (batch.records.length > 0 && entry !== undefined) {
        entry.isStoring = true;
        entry.jobs.push(...jobs.splice(0));
        void this.#storeBatch(entry, batch);
      } else {
        batch.settle(ErrorCode.NONE);
        if (entry !== undefined) this.#tidy(entry);
      }
    }
  }

  async #storeBatch(entry: GroupEntry, batch: Batch): Promise<void> {
    const errorCode = await this.#store(entry, batch.records);
    entry.isStoring = false;
    batch.settle(errorCode);
    this.#tidy(entry);
    this.#run(entry.groupId, entry.jobs.splice(0));
  }

  #tidy(entry: GroupEntry): void {
    if (this.#groups.get(entry.groupId) !== entry) return;
    if (isNothing(entry)) this.#forget(entry);
    else this.#arm(entry);
  }

  #ensure(groupId: string): GroupEntry | undefined {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    // INV-6: bounded by groups.max.
    if (this.#groups.size >= this.#options.limits.groupsMax) return undefined;
    const state = emptyGroup(groupId, this.#nowMs());
    const entry = newEntry(groupId, { kind: 'classic', state });
    this.#groups.set(groupId, entry);
    return entry;
  }

  #forget(entry: GroupEntry): void {
    if (entry.group.kind === 'classic') entry.group.state.phase = 'Dead';
    entry.timer?.stop.abort();
    if (this.#groups.get(entry.groupId) === entry) this.#groups.delete(entry.groupId);
  }

  /** Writes an empty group's end and forgets it once that is durable. */
  #removeGroup(entry: GroupEntry, tombstones: readonly GroupLogRecord[], batch: Batch): void {
    const { groupId, group } = entry;
    batch.records.push(...tombstones);
    if (group.kind === 'consumer') {
      const step = this.#newStep(entry, group.state);
      removeGroup(step);
      batch.add(groupId, step);
    } else if (entry.isStored) batch.records.push(groupRecord(groupId, null));
    batch.seal();
    batch.onSettled((errorCode) => {
      if (errorCode === ErrorCode.NONE) this.#forget(entry);
    });
  }

  // ---- groups of KIP-848

  #newStep(entry: GroupEntry, state: ConsumerStep['group']): ConsumerStep {
    const { topics, consumerLimits } = this.#options;
    return new ConsumerStep(state, topics, consumerLimits(entry.groupId), this.#nowMs());
  }

  #consumerStep<T>(entry: GroupEntry, batch: Batch, run: (step: ConsumerStep) => T): T {
    assert(entry.group.kind === 'consumer', 'the group is of KIP-848');
    const step = this.#newStep(entry, entry.group.state);
    const outcome = run(step);
    batch.add(entry.groupId, step);
    return outcome;
  }

  /** The group that a heartbeat is about; who joins may make it, or turn a classic one into it. */
  #consumerEntry(groupId: string, memberEpoch: number, batch: Batch): GroupEntry | Refusal {
    const known = this.#groups.get(groupId);
    if (known?.group.kind === 'consumer') return known;
    if (memberEpoch !== 0) return notConsumerGroup(groupId, known);
    const entry = known ?? this.#ensure(groupId);
    if (entry === undefined)
      return { errorCode: ErrorCode.POLICY_VIOLATION, message: 'There are too many groups.' };
    assert(entry.group.kind === 'classic', 'the other kind was returned above');
    const { group: before } = entry;
    const classic = before.state;
    const isReplaced = isEmpty(before);
    if (!isReplaced && !canUpgrade(classic, this.#options.consumerLimits(groupId)))
      return notConsumerGroup(groupId, entry);
    const step = this.#newStep(entry, emptyConsumerGroup(groupId));
    if (!isReplaced && !upgrade(step, classic)) return notConsumerGroup(groupId, entry);
    if (!isReplaced)
      for (const effect of stepGroup(
        classic,
        { kind: 'handed-over' },
        this.#options.limits,
        this.#nowMs(),
      ))
        this.#perform(entry, classic, effect);
    if (entry.isStored) batch.records.push(groupRecord(groupId, null));
    entry.group = { kind: 'consumer', state: step.group };
    batch.onFailure(() => (entry.group = before));
    batch.add(groupId, step);
    return entry;
  }

  #joinConsumerGroup(
    entry: GroupEntry,
    request: JoinRequest,
    batch: Batch,
    answer: (answer: JoinAnswer) => void,
  ): void {
    let classic: GroupState | undefined;
    const joined = this.#consumerStep(entry, batch, (step) => {
      const { staticMembers } = step.group;
      const formerId =
        request.instanceId === null ? undefined : staticMembers.get(request.instanceId);
      const outcome = classicJoin(step, { ...request, newMemberId: this.#uuid() });
      const isReplaced = formerId !== undefined && !step.group.members.has(formerId);
      if (isReplaced) classic = downgradeAfterReplacement(step);
      return outcome;
    });
    if (classic !== undefined) this.#downgrade(entry, classic, batch, false);
    answer(joined);
  }

  #leaveConsumerGroup(
    entry: GroupEntry,
    request: Request<LeaveEvent>,
    batch: Batch,
  ): readonly number[] {
    let classic: GroupState | undefined;
    const errorCodes = this.#consumerStep(entry, batch, (step) => {
      const outcome = classicLeave(step, request);
      classic = fenceMembers(step, outcome.leaving);
      return outcome.errorCodes;
    });
    if (classic !== undefined) this.#downgrade(entry, classic, batch, true);
    return errorCodes;
  }

  /** An empty group takes the protocol of whoever comes next. */
  #replaceByClassic(entry: GroupEntry, batch: Batch): void {
    const { group: before, groupId } = entry;
    this.#consumerStep(entry, batch, removeGroup);
    entry.group = { kind: 'classic', state: emptyGroup(groupId, this.#nowMs()) };
    batch.onFailure(() => (entry.group = before));
    batch.seal();
  }

  /** The members that are left speak the classic protocol, among themselves from now on. */
  #downgrade(entry: GroupEntry, classic: GroupState, batch: Batch, mustRebalance: boolean): void {
    const { group: before, groupId } = entry;
    const assignments = new Map(
      [...classic.members].map(([memberId, { assignment }]) => [memberId, assignment]),
    );
    batch.records.push(groupRecord(groupId, recordOfGroup(classic, assignments, this.#nowMs())));
    entry.group = { kind: 'classic', state: classic };
    batch.onFailure(() => (entry.group = before));
    batch.seal();
    batch.onSettled((errorCode) => {
      if (errorCode === ErrorCode.NONE && mustRebalance) this.#step(entry, { kind: 'member-gone' });
    });
  }

  #passConsumerTime(entry: GroupEntry, batch: Batch): void {
    let classic: GroupState | undefined;
    this.#consumerStep(entry, batch, (step) => {
      const late = lateMembers(step);
      if (late.length > 0) classic = fenceMembers(step, late);
    });
    if (classic !== undefined) this.#downgrade(entry, classic, batch, true);
  }

  // ---- classic groups

  #step(entry: GroupEntry, event: GroupEvent): void {
    assert(entry.group.kind === 'classic', 'the group is classic');
    const { state } = entry.group;
    for (const effect of stepGroup(state, event, this.#options.limits, this.#nowMs()))
      this.#perform(entry, state, effect);
    this.#tidy(entry);
  }

  #perform(entry: GroupEntry, state: GroupState, effect: GroupEffect): void {
    switch (effect.kind) {
      case 'answer-join':
        settle(this.#joins, effect.token, effect.answer);
        break;
      case 'answer-sync':
        settle(this.#syncs, effect.token, effect.answer);
        break;
      case 'answer-heartbeat':
        settle(this.#heartbeats, effect.token, effect.errorCode);
        break;
      case 'answer-leave':
        settle(this.#leaves, effect.token, effect.errorCodes);
        break;
      case 'store-group':
        void this.#storeGroup(entry, state, effect.generation, effect.record);
        break;
    }
  }

  async #storeGroup(
    entry: GroupEntry,
    state: GroupState,
    generation: number,
    record: GroupRecord,
  ): Promise<void> {
    const { groupId } = entry;
    const errorCode = await this.#store(entry, [groupRecord(groupId, record)]);
    if (errorCode !== ErrorCode.NONE)
      this.#options.log.warn(
        { group: groupId, generation, errorCode },
        'a group could not be stored; its members join again',
      );
    this.#submit(groupId, () => {
      const isSame = this.#groups.get(groupId) === entry && entry.group.state === state;
      if (!this.#isClosed && isSame)
        this.#step(entry, { kind: 'group-stored', generation, errorCode });
    });
  }

  #store(
    entry: GroupEntry,
    records: readonly GroupLogRecord[],
    producer?: TransactionalProducer,
  ): Promise<number> {
    entry.isStored = true;
    return this.#options.store.append(entry.groupId, records, producer);
  }

  /** One timer a group. It may fire too early, since heartbeats move deadlines without touching it. */
  #arm(entry: GroupEntry): void {
    const dueMs = deadlineOf(entry.group);
    if (this.#isClosed || dueMs === Infinity) return;
    if (entry.timer !== undefined) {
      if (entry.timer.dueMs <= dueMs) return;
      entry.timer.stop.abort();
    }
    const stop = new AbortController();
    entry.timer = { dueMs, stop };
    const sleepMs = Math.min(Math.max(dueMs - this.#nowMs(), 0), SLEEP_MS_MAX);
    this.#options.clock.sleep(sleepMs, stop.signal).then(
      () => {
        if (isAborted(stop.signal) || this.#isClosed) return;
        entry.timer = undefined;
        this.#submit(entry.groupId, (batch) => this.#passTime(entry, batch));
      },
      () => undefined, // stopped: another timer, or nobody, has taken over
    );
  }

  #passTime(entry: GroupEntry, batch: Batch): void {
    if (this.#isClosed || this.#groups.get(entry.groupId) !== entry) return;
    if (entry.group.kind === 'consumer') this.#passConsumerTime(entry, batch);
    else this.#step(entry, { kind: 'time-passed' });
  }

  #token<T>(waiting: Map<Token, T>, resolve: T): Token {
    const token = this.#nextToken;
    this.#nextToken += 1;
    waiting.set(token, resolve);
    return token;
  }

  /** Epoch milliseconds that follow the steady clock, so that a jump of the wall clock ends no session. */
  #nowMs(): number {
    return (
      this.#startedMs + Math.floor(this.#options.clock.monotonicMs() - this.#startedMonotonicMs)
    );
  }

  #uuid(): string {
    const hex = Buffer.from(this.#options.random.nextBytes(16)).toString('hex');
    assert(hex.length === 32, 'a random source gives as many bytes as asked');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

function settle<T>(waiting: Map<Token, (answer: T) => void>, token: Token, answer: T): void {
  const resolve = waiting.get(token);
  waiting.delete(token);
  // Answered before only when the coordinator is closing.
  resolve?.(answer);
}

function asRefusal(errorCode: number): Refusal {
  return { errorCode, message: 'The group could not be stored.' };
}

/** Clients of newer versions know an error of its own for it. */
function withoutCommitGroup(version: number): number {
  return version >= 9 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
}

function notConsumerGroup(
  groupId: string,
  entry: GroupEntry | undefined,
  noun = 'Consumer group',
): Refusal {
  const message =
    entry === undefined
      ? `${noun} ${groupId} not found.`
      : `Group ${groupId} is not a consumer group.`;
  return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, message };
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
