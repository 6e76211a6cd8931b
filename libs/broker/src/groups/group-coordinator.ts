import { assert, isAborted, type Clock, type Logger, type Random } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import {
  groupRecord,
  offsetRecord,
  type CommittedOffset,
  type GroupLogRecord,
} from './group-records.ts';
import {
  emptyGroup,
  groupFromRecord,
  nextDeadlineMs,
  type GroupLimits,
  type GroupRecord,
  type GroupState,
  type Token,
} from './classic/group-state.ts';
import type { GroupStore, TransactionalProducer } from './group-store.ts';
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
import { stepGroup } from './classic/group-step.ts';
import { admitCommit, admitTransactionalCommit } from './classic/members.ts';
import { PendingOffsets, type OffsetsTransaction } from './pending-offsets.ts';

/** Longest single sleep: timers of more than 2^31 ms would fire at once. */
const SLEEP_MS_MAX = 3_600_000;

export interface CoordinatorOptions {
  readonly store: GroupStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits: GroupLimits & {
    readonly groupsMax: number;
    readonly offsetMetadataBytesMax: number;
    readonly offsetsRetentionMs: number;
  };
}

export type OffsetsByTopic = ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>;

/** A group with its offsets, to be read. */
export interface GroupView {
  readonly state: GroupState;
  readonly offsets: OffsetsByTopic;
}

export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

interface Entry {
  readonly state: GroupState;
  readonly offsets: Map<string, Map<number, CommittedOffset>>;
  /** Something of the group is in the store. */
  isStored: boolean;
  timer: { readonly dueMs: number; readonly stop: AbortController } | undefined;
}

type JoinRequest = Omit<JoinEvent, 'kind' | 'token' | 'newMemberId'> & { readonly groupId: string };
type SyncRequest = Omit<SyncEvent, 'kind' | 'token'> & { readonly groupId: string };
type HeartbeatRequest = Omit<HeartbeatEvent, 'kind' | 'token'> & { readonly groupId: string };
type LeaveRequest = Omit<LeaveEvent, 'kind' | 'token'> & { readonly groupId: string };
export type CommitRequest = HeartbeatRequest & { readonly offsets: readonly OffsetToCommit[] };
export type TransactionalCommitRequest = CommitRequest & TransactionalProducer;

/**
 * Drives the groups: hands events to the step function, answers who waits, stores what must be
 * durable, keeps time. One loop owns all groups, so that nothing is locked.
 */
export class GroupCoordinator {
  readonly #options: CoordinatorOptions;
  readonly #groups = new Map<string, Entry>();
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
    await coordinator.#load();
    return coordinator;
  }

  async #load(): Promise<void> {
    const records = new Map<string, Parameters<typeof groupFromRecord>[1]>();
    const offsets = new Map<string, Map<string, Map<number, CommittedOffset>>>();
    const offsetsOf = (group: string): Map<string, Map<number, CommittedOffset>> => {
      const topics = offsets.get(group) ?? new Map<string, Map<number, CommittedOffset>>();
      offsets.set(group, topics);
      return topics;
    };
    const pending = this.#pendingOffsets;
    await this.#options.store.replay({
      onRecord: (replayed, transaction) => {
        if (replayed.kind === 'group') {
          if (replayed.record === null) records.delete(replayed.group);
          else records.set(replayed.group, replayed.record);
        } else if (replayed.kind === 'offset') {
          const { group, topic, partition, committed } = replayed;
          const topics = offsetsOf(group);
          if (transaction !== undefined && committed !== null) {
            pending.add(transaction, { group, topic, partition, committed });
          } else {
            pending.supersede(group, topic, partition);
            setOffset(topics, topic, partition, committed);
          }
        }
      },
      onTransactionEnd: (transaction, isCommit) => {
        const decided = pending.end(transaction);
        if (!isCommit) return;
        for (const { group, topic, partition, committed } of decided)
          setOffset(offsetsOf(group), topic, partition, committed);
      },
    });
    const nowMs = this.#nowMs();
    for (const groupId of new Set([...records.keys(), ...offsets.keys()])) {
      const record = records.get(groupId);
      const groupOffsets = offsetsOf(groupId);
      if (record === undefined && groupOffsets.size === 0 && !pending.hasGroup(groupId)) continue;
      const entry: Entry = {
        state:
          record === undefined
            ? emptyGroup(groupId, nowMs)
            : groupFromRecord(groupId, record, nowMs),
        offsets: groupOffsets,
        isStored: true,
        timer: undefined,
      };
      this.#groups.set(groupId, entry);
      this.#arm(entry);
    }
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

  join(request: JoinRequest): Promise<JoinAnswer> {
    const { groupId, memberId } = request;
    const entry = memberId === '' ? this.#ensure(groupId) : this.#groups.get(groupId);
    if (entry === undefined || this.#isClosed) {
      const refusal = this.#refusalWithoutGroup(memberId);
      return Promise.resolve(refusedJoin(memberId, refusal));
    }
    const newMemberId = `${request.instanceId ?? request.clientId}-${this.#uuid()}`;
    return new Promise((resolve) => {
      const token = this.#token(this.#joins, resolve);
      this.#step(entry, { ...request, kind: 'join', token, newMemberId });
    });
  }

  sync(request: SyncRequest): Promise<SyncAnswer> {
    const entry = this.#groups.get(request.groupId);
    if (entry === undefined || this.#isClosed) {
      return Promise.resolve(refusedSync(this.#refusalWithoutGroup(request.memberId)));
    }
    return new Promise((resolve) => {
      this.#step(entry, { ...request, kind: 'sync', token: this.#token(this.#syncs, resolve) });
    });
  }

  heartbeat(request: HeartbeatRequest): Promise<number> {
    const entry = this.#groups.get(request.groupId);
    if (entry === undefined || this.#isClosed) {
      return Promise.resolve(this.#refusalWithoutGroup(request.memberId));
    }
    return new Promise((resolve) => {
      const token = this.#token(this.#heartbeats, resolve);
      this.#step(entry, { ...request, kind: 'heartbeat', token });
    });
  }

  /** An error code for each member, in their order. */
  leave(request: LeaveRequest): Promise<readonly number[]> {
    const entry = this.#groups.get(request.groupId);
    if (entry === undefined || this.#isClosed) {
      return Promise.resolve(
        request.members.map(({ memberId }) => this.#refusalWithoutGroup(memberId)),
      );
    }
    return new Promise((resolve) => {
      this.#step(entry, { ...request, kind: 'leave', token: this.#token(this.#leaves, resolve) });
    });
  }

  /** Answers 0 once the offsets are durable, or the error that holds for all of them. */
  async commit(request: CommitRequest): Promise<number> {
    const { groupId, offsets } = request;
    if (this.#isClosed) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const entry = request.generation < 0 ? this.#ensure(groupId) : this.#groups.get(groupId);
    if (entry === undefined)
      return request.generation < 0 ? ErrorCode.POLICY_VIOLATION : ErrorCode.ILLEGAL_GENERATION;
    const admitted = admitCommit(entry.state, request, this.#nowMs());
    if (admitted !== ErrorCode.NONE || offsets.length === 0) return admitted;
    const records = offsets.map(({ topic, partition, committed }) =>
      offsetRecord(groupId, topic, partition, committed),
    );
    // INV-7: an offset is shown only once it is durable. The store answers in the order of its log.
    const errorCode = await this.#store(entry, records);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    for (const { topic, partition, committed } of offsets) {
      this.#pendingOffsets.supersede(groupId, topic, partition);
      setOffset(entry.offsets, topic, partition, committed);
    }
    return ErrorCode.NONE;
  }

  /**
   * Stores offsets that count once the producer's transaction is committed. Answers 0 once they are
   * durable, or the error that holds for all of them.
   */
  async commitInTransaction(request: TransactionalCommitRequest): Promise<number> {
    const { groupId, offsets, producerId, producerEpoch } = request;
    if (this.#isClosed) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const entry = request.generation < 0 ? this.#ensure(groupId) : this.#groups.get(groupId);
    if (entry === undefined)
      return request.generation < 0 ? ErrorCode.POLICY_VIOLATION : ErrorCode.ILLEGAL_GENERATION;
    const admitted = admitTransactionalCommit(entry.state, request, this.#nowMs());
    if (admitted !== ErrorCode.NONE || offsets.length === 0) return admitted;
    const transaction = { partition: this.#options.store.partitionOf(groupId), producerId };
    const write = this.#storePending(entry, request, transaction, { producerId, producerEpoch });
    this.#pendingOffsets.announce(transaction, write);
    return write;
  }

  async #storePending(
    entry: Entry,
    { groupId, offsets }: CommitRequest,
    transaction: OffsetsTransaction,
    producer: TransactionalProducer,
  ): Promise<number> {
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
    for (const { group, topic, partition: index, committed } of this.#pendingOffsets.end(
      transaction,
    )) {
      const entry = this.#groups.get(group);
      if (isCommit && entry !== undefined) setOffset(entry.offsets, topic, index, committed);
      if (entry !== undefined && isNothing(entry)) this.#forget(entry);
    }
    return ErrorCode.NONE;
  }

  /** Whether a transaction that is not decided yet may change this offset (KIP-447). */
  hasPendingOffset(groupId: string, topic: string, partition: number): boolean {
    return this.#pendingOffsets.has(groupId, topic, partition);
  }

  /** Whether a committed offset's text is short enough. */
  admitsMetadata(metadata: string): boolean {
    return Buffer.byteLength(metadata) <= this.#options.limits.offsetMetadataBytesMax;
  }

  /** Removes an empty group with its offsets. */
  async delete(groupId: string): Promise<number> {
    const entry = this.#groups.get(groupId);
    if (entry === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
    const { phase } = entry.state;
    if (phase === 'Dead') return ErrorCode.GROUP_ID_NOT_FOUND;
    if (phase !== 'Empty' || entry.state.members.size > 0) return ErrorCode.NON_EMPTY_GROUP;
    const pending = this.#pendingOffsets.supersedeWhere(({ group }) => group === groupId);
    const records = [
      ...tombstones(groupId, entry.offsets),
      ...pending.map(({ topic, partition }) => offsetRecord(groupId, topic, partition, null)),
      groupRecord(groupId, null),
    ];
    const errorCode = await this.#store(entry, records);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    this.#forget(entry);
    return ErrorCode.NONE;
  }

  /** The topic is gone, so are the offsets in it. */
  async forgetTopic(topic: string): Promise<void> {
    const pending = this.#pendingOffsets.supersedeWhere((offset) => offset.topic === topic);
    for (const entry of [...this.#groups.values()]) {
      const { groupId } = entry.state;
      const partitions = entry.offsets.get(topic);
      entry.offsets.delete(topic);
      const records = pending
        .filter(({ group, partition }) => group === groupId && partitions?.has(partition) !== true)
        .map(({ partition }) => offsetRecord(groupId, topic, partition, null));
      if (partitions !== undefined)
        records.push(...tombstones(groupId, new Map([[topic, partitions]])));
      if (records.length > 0) await this.#store(entry, records);
    }
  }

  /** Removes offsets that are past their time, and groups of which nothing is left. */
  async expireOffsets(isSubscribed: (group: GroupView, topic: string) => boolean): Promise<void> {
    const nowMs = this.#nowMs();
    for (const entry of [...this.#groups.values()]) {
      const expired = this.#expiredOffsets(entry, nowMs, isSubscribed);
      const { state } = entry;
      const isGone =
        state.phase === 'Empty' &&
        state.pendingMembers.size === 0 &&
        !this.#pendingOffsets.hasGroup(state.groupId) &&
        countOffsets(entry.offsets) === countOffsets(expired);
      if (expired.size === 0 && !isGone) continue;
      const records = [...tombstones(state.groupId, expired)];
      if (isGone && entry.isStored) records.push(groupRecord(state.groupId, null));
      const errorCode = records.length === 0 ? 0 : await this.#store(entry, records);
      if (errorCode !== ErrorCode.NONE) continue; // tried again at the next look
      for (const [topic, partitions] of expired) {
        for (const [partition, committed] of partitions) {
          if (entry.offsets.get(topic)?.get(partition) === committed)
            setOffset(entry.offsets, topic, partition, null);
        }
      }
      if (isGone && entry.state.phase === 'Empty' && entry.offsets.size === 0) this.#forget(entry);
    }
  }

  #expiredOffsets(
    entry: Entry,
    nowMs: number,
    isSubscribed: (group: GroupView, topic: string) => boolean,
  ): Map<string, Map<number, CommittedOffset>> {
    const { state } = entry;
    const expired = new Map<string, Map<number, CommittedOffset>>();
    const isEmpty = state.phase === 'Empty';
    for (const [topic, partitions] of entry.offsets) {
      if (!isEmpty && (state.phase !== 'Stable' || isSubscribed(entry, topic))) continue;
      for (const [partition, committed] of partitions) {
        // A group that never had members keeps an offset from its commit on, others from their end on.
        const sinceMs =
          isEmpty && state.protocolType !== null
            ? Math.max(state.phaseSinceMs, committed.commitTimestampMs)
            : committed.commitTimestampMs;
        const dueMs =
          committed.expireTimestampMs >= 0
            ? committed.expireTimestampMs
            : sinceMs + this.#options.limits.offsetsRetentionMs;
        if (dueMs <= nowMs && !this.#pendingOffsets.has(state.groupId, topic, partition))
          setOffset(expired, topic, partition, committed);
      }
    }
    return expired;
  }

  /** Answers everybody who waits; they find a coordinator again later. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#groups.values()) entry.timer?.stop.abort();
    const errorCode = ErrorCode.COORDINATOR_NOT_AVAILABLE;
    for (const resolve of this.#joins.values()) resolve(refusedJoin('', errorCode));
    for (const resolve of this.#syncs.values()) resolve(refusedSync(errorCode));
    this.#joins.clear();
    this.#syncs.clear();
  }

  #ensure(groupId: string): Entry | undefined {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    // INV-6: bounded by groups.max.
    if (this.#groups.size >= this.#options.limits.groupsMax) return undefined;
    const entry: Entry = {
      state: emptyGroup(groupId, this.#nowMs()),
      offsets: new Map(),
      isStored: false,
      timer: undefined,
    };
    this.#groups.set(groupId, entry);
    return entry;
  }

  #refusalWithoutGroup(memberId: string): number {
    if (this.#isClosed) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    return memberId === '' ? ErrorCode.POLICY_VIOLATION : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  #forget(entry: Entry): void {
    entry.state.phase = 'Dead';
    entry.timer?.stop.abort();
    const { groupId } = entry.state;
    if (this.#groups.get(groupId) === entry) this.#groups.delete(groupId);
  }

  #step(entry: Entry, event: GroupEvent): void {
    const effects = stepGroup(entry.state, event, this.#options.limits, this.#nowMs());
    for (const effect of effects) this.#perform(entry, effect);
    if (isNothing(entry)) this.#forget(entry);
    else this.#arm(entry);
  }

  #perform(entry: Entry, effect: GroupEffect): void {
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
        void this.#storeGroup(entry, effect.generation, effect.record);
        break;
    }
  }

  async #storeGroup(entry: Entry, generation: number, record: GroupRecord): Promise<void> {
    const { groupId } = entry.state;
    const errorCode = await this.#store(entry, [groupRecord(groupId, record)]);
    if (errorCode !== ErrorCode.NONE)
      this.#options.log.warn(
        { group: groupId, generation, errorCode },
        'a group could not be stored; its members join again',
      );
    if (!this.#isClosed && this.#groups.get(groupId) === entry)
      this.#step(entry, { kind: 'group-stored', generation, errorCode });
  }

  #store(
    entry: Entry,
    records: readonly GroupLogRecord[],
    producer?: TransactionalProducer,
  ): Promise<number> {
    entry.isStored = true;
    return this.#options.store.append(entry.state.groupId, records, producer);
  }

  /** One timer a group. It may fire too early, since heartbeats move deadlines without touching it. */
  #arm(entry: Entry): void {
    const dueMs = nextDeadlineMs(entry.state);
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
        this.#step(entry, { kind: 'time-passed' });
      },
      () => undefined, // stopped: another timer, or nobody, has taken over
    );
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

/** Nothing but a name that somebody asked for. */
function isNothing(entry: Entry): boolean {
  const { state, offsets, isStored } = entry;
  return (
    !isStored && state.members.size === 0 && state.pendingMembers.size === 0 && offsets.size === 0
  );
}

function setOffset(
  topics: Map<string, Map<number, CommittedOffset>>,
  topic: string,
  partition: number,
  committed: CommittedOffset | null,
): void {
  const partitions = topics.get(topic);
  if (committed === null) {
    partitions?.delete(partition);
    if (partitions?.size === 0) topics.delete(topic);
  } else if (partitions === undefined) {
    topics.set(topic, new Map([[partition, committed]]));
  } else {
    partitions.set(partition, committed);
  }
}

function* tombstones(groupId: string, offsets: OffsetsByTopic): Iterable<GroupLogRecord> {
  for (const [topic, partitions] of offsets) {
    for (const partition of partitions.keys()) yield offsetRecord(groupId, topic, partition, null);
  }
}

function countOffsets(offsets: OffsetsByTopic): number {
  let count = 0;
  for (const partitions of offsets.values()) count += partitions.size;
  return count;
}
