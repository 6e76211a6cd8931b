import { assert, type Clock, type Logger, type Random } from '@millrace/foundation';
import { ErrorCode, uuidFromBytes } from '@millrace/kafka-protocol';
import type { Refusal } from '../refusal.ts';
import { refusedJoin, refusedSync } from './classic/answers.ts';
import { ClassicGroups } from './classic/classic-groups.ts';
import type {
  HeartbeatEvent,
  JoinAnswer,
  JoinEvent,
  LeaveEvent,
  SyncAnswer,
  SyncEvent,
} from './classic/events.ts';
import type { GroupLimits } from './classic/group-state.ts';
import { classicHeartbeat, classicSync } from './consumer/classic-members.ts';
import { ConsumerGroups } from './consumer/consumer-groups.ts';
import type { ConsumerHeartbeat, ConsumerHeartbeatAnswer } from './consumer/heartbeat.ts';
import type { ConsumerLeave } from './consumer/leave.ts';
import type { ConsumerLimits, TopicDirectory } from './consumer/step.ts';
import { isEmpty, type GroupView } from './group-entry.ts';
import { groupErrorCode } from './group-records.ts';
import type { GroupStore } from './group-store.ts';
import { GroupTable } from './group-table.ts';
import { loadGroups } from './load-groups.ts';
import {
  GroupOffsets,
  type CommitRequest,
  type TransactionalCommitRequest,
} from './offsets/group-offsets.ts';
import { PendingOffsets } from './pending-offsets.ts';

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

/**
 * All groups and their offsets. One loop owns them, so that nothing is locked; a request goes to the
 * protocol that its group has.
 */
export class GroupCoordinator {
  readonly #options: CoordinatorOptions;
  readonly #table: GroupTable;
  readonly #classic: ClassicGroups;
  readonly #consumer: ConsumerGroups;
  readonly #offsets: GroupOffsets;
  /** Of transactions that are not decided yet. */
  readonly #pending = new PendingOffsets();

  private constructor(options: CoordinatorOptions) {
    const { store, clock, log, limits, topics, consumerLimits } = options;
    this.#options = options;
    this.#table = new GroupTable({
      store,
      clock,
      groupsMax: limits.groupsMax,
      onTime: (entry, batch) => {
        if (entry.group.kind === 'consumer') this.#consumer.passTime(entry, batch);
        else this.#classic.step(entry, { kind: 'time-passed' });
      },
    });
    this.#classic = new ClassicGroups(this.#table, limits, log);
    this.#consumer = new ConsumerGroups({
      table: this.#table,
      classic: this.#classic,
      topics,
      consumerLimits,
    });
    this.#offsets = new GroupOffsets({
      table: this.#table,
      store,
      pending: this.#pending,
      retentionMs: limits.offsetsRetentionMs,
      removeGroup: (entry, records, batch) => this.#consumer.remove(entry, records, batch),
    });
  }

  /** Reads all groups and offsets back. Members have a whole session to be heard of again. */
  static async open(options: CoordinatorOptions): Promise<GroupCoordinator> {
    const coordinator = new GroupCoordinator(options);
    const nowMs = coordinator.#table.nowMs();
    const { store, consumerLimits } = options;
    const loaded = await loadGroups(store, coordinator.#pending, nowMs, consumerLimits);
    for (const entry of loaded) coordinator.#table.add(entry);
    return coordinator;
  }

  get groupCount(): number {
    return this.#table.size;
  }

  groups(): readonly GroupView[] {
    return this.#table.entries();
  }

  find(groupId: string): GroupView | undefined {
    return this.#table.find(groupId);
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
    return this.#table.ask<JoinAnswer>(
      groupId,
      (errorCode) => refusedJoin(memberId, errorCode),
      (batch, answer) => {
        const known = this.#table.find(groupId);
        if (known?.group.kind === 'consumer' && !isEmpty(known.group)) {
          answer(this.#consumer.join(known, { ...request, newMemberId: this.#uuid() }, batch));
          return;
        }
        const entry = memberId === '' ? this.#table.ensure(groupId) : known;
        if (entry === undefined) {
          // Who has no id yet was kept out by groups.max.
          const isNew = memberId === '';
          answer(
            refusedJoin(memberId, isNew ? ErrorCode.POLICY_VIOLATION : ErrorCode.UNKNOWN_MEMBER_ID),
          );
          return;
        }
        if (entry.group.kind === 'consumer') this.#consumer.replaceByClassic(entry, batch);
        const newMemberId = `${request.instanceId ?? request.clientId}-${this.#uuid()}`;
        this.#classic.join(entry, { ...request, newMemberId }, answer);
      },
    );
  }

  sync(request: Request<SyncEvent>): Promise<SyncAnswer> {
    return this.#table.ask<SyncAnswer>(request.groupId, refusedSync, (batch, answer) => {
      const entry = this.#table.find(request.groupId);
      if (entry === undefined) answer(refusedSync(ErrorCode.UNKNOWN_MEMBER_ID));
      else if (entry.group.kind === 'consumer')
        answer(this.#consumer.run(entry, batch, (step) => classicSync(step, request)));
      else this.#classic.sync(entry, request, answer);
    });
  }

  heartbeat(request: Request<HeartbeatEvent>): Promise<number> {
    return this.#table.ask<number>(
      request.groupId,
      (errorCode) => errorCode,
      (batch, answer) => {
        const entry = this.#table.find(request.groupId);
        if (entry === undefined) answer(ErrorCode.UNKNOWN_MEMBER_ID);
        else if (entry.group.kind === 'consumer')
          answer(this.#consumer.run(entry, batch, (step) => classicHeartbeat(step, request)));
        else this.#classic.heartbeat(entry, request, answer);
      },
    );
  }

  /** An error code for each member, in their order. */
  leave(request: Request<LeaveEvent>): Promise<readonly number[]> {
    const forAll = (errorCode: number): readonly number[] => request.members.map(() => errorCode);
    return this.#table.ask<readonly number[]>(request.groupId, forAll, (batch, answer) => {
      const entry = this.#table.find(request.groupId);
      if (entry === undefined) answer(forAll(ErrorCode.UNKNOWN_MEMBER_ID));
      else if (entry.group.kind === 'consumer')
        answer(this.#consumer.leaveClassic(entry, request, batch));
      else this.#classic.leave(entry, request, answer);
    });
  }

  /** KIP-848: a member joins or says that it is alive, and hears what it is to own. */
  consumerHeartbeat(
    groupId: string,
    request: ConsumerHeartbeat,
  ): Promise<ConsumerHeartbeatAnswer | Refusal> {
    return this.#table.ask<ConsumerHeartbeatAnswer | Refusal>(groupId, asRefusal, (batch, answer) =>
      answer(this.#consumer.heartbeat(groupId, request, batch)),
    );
  }

  /** KIP-848: a member goes. Undefined once that is durable. */
  consumerLeave(groupId: string, request: ConsumerLeave): Promise<Refusal | undefined> {
    return this.#table.ask<Refusal | undefined>(groupId, asRefusal, (batch, answer) =>
      answer(this.#consumer.leave(groupId, request, batch)),
    );
  }

  /** Answers 0 once the offsets are durable, or the error that holds for all of them. */
  commit(request: CommitRequest): Promise<number> {
    return this.#offsets.commit(request);
  }

  /** The same for offsets that count once the producer's transaction is committed. */
  commitInTransaction(request: TransactionalCommitRequest): Promise<number> {
    return this.#offsets.commitInTransaction(request);
  }

  /** See `GroupOffsets`. */
  endTransaction(
    partition: number,
    producerId: number,
    isCommit: boolean,
    appendMarker: () => Promise<number>,
  ): Promise<number> {
    return this.#offsets.endTransaction(partition, producerId, isCommit, appendMarker);
  }

  /** Whether a transaction that is not decided yet may change this offset (KIP-447). */
  hasPendingOffset(groupId: string, topic: string, partition: number): boolean {
    return this.#pending.has(groupId, topic, partition);
  }

  /** Whether a committed offset's text is short enough. */
  admitsMetadata(metadata: string): boolean {
    return metadata.length <= this.#options.limits.offsetMetadataLengthMax;
  }

  /** Removes an empty group with its offsets. */
  delete(groupId: string): Promise<number> {
    return this.#offsets.delete(groupId);
  }

  /** Removes offsets of a group: an error code for each, in their order, or one for the group. */
  deleteOffsets(
    groupId: string,
    asked: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<readonly number[] | number> {
    return this.#offsets.deleteOffsets(groupId, asked);
  }

  /** The topic is gone, so are the offsets in it. */
  forgetTopic(topic: string): Promise<void> {
    return this.#offsets.forgetTopic(topic);
  }

  /** Removes offsets that are past their time, and groups of which nothing is left. */
  expireOffsets(): Promise<void> {
    return this.#offsets.expireOffsets();
  }

  /** Answers everybody who waits; they find a coordinator again later. */
  close(): void {
    this.#table.close();
    this.#classic.close();
  }

  #uuid(): string {
    const hex = Buffer.from(this.#options.random.nextBytes(16)).toString('hex');
    assert(hex.length === 32, 'a random source gives as many bytes as asked');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

function asRefusal(errorCode: number): Refusal {
  return { errorCode: groupErrorCode(errorCode), message: 'The group could not be stored.' };
}
