import { assert } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { Refusal } from '../../refusal.ts';
import type { ClassicGroups } from '../classic/classic-groups.ts';
import type { JoinAnswer, JoinEvent, LeaveEvent } from '../classic/events.ts';
import { emptyGroup, recordOfGroup, type GroupState } from '../classic/group-state.ts';
import type { Batch } from '../group-batch.ts';
import { isEmpty, type GroupEntry } from '../group-entry.ts';
import type { GroupLogRecord } from '../group-log-record.ts';
import { groupRecord } from '../group-records.ts';
import type { GroupTable } from '../group-table.ts';
import { classicJoin, classicLeave } from './classic-members.ts';
import { emptyConsumerGroup } from './consumer-group.ts';
import {
  canUpgrade,
  downgradeAfterReplacement,
  fenceMembers,
  removeGroup,
  upgrade,
} from './convert.ts';
import { heartbeat, type ConsumerHeartbeat, type ConsumerHeartbeatAnswer } from './heartbeat.ts';
import { lateMembers, leave, type ConsumerLeave } from './leave.ts';
import { isRefusal } from './refusal.ts';
import { ConsumerStep, type ConsumerLimits, type TopicDirectory } from './step.ts';

export interface ConsumerGroupsOptions {
  readonly table: GroupTable;
  readonly classic: ClassicGroups;
  readonly topics: TopicDirectory;
  readonly consumerLimits: (groupId: string) => ConsumerLimits;
}

/** Drives groups of KIP-848, and turns classic ones into them and back. */
export class ConsumerGroups {
  readonly #table: GroupTable;
  readonly #classic: ClassicGroups;
  readonly #topics: TopicDirectory;
  readonly #consumerLimits: (groupId: string) => ConsumerLimits;

  constructor({ table, classic, topics, consumerLimits }: ConsumerGroupsOptions) {
    this.#table = table;
    this.#classic = classic;
    this.#topics = topics;
    this.#consumerLimits = consumerLimits;
  }

  heartbeat(
    groupId: string,
    request: ConsumerHeartbeat,
    batch: Batch,
  ): ConsumerHeartbeatAnswer | Refusal {
    const entry = this.#consumerEntry(groupId, request.memberEpoch, batch);
    return isRefusal(entry) ? entry : this.run(entry, batch, (step) => heartbeat(step, request));
  }

  leave(groupId: string, request: ConsumerLeave, batch: Batch): Refusal | undefined {
    const entry = this.#table.find(groupId);
    if (entry?.group.kind !== 'consumer') return notConsumerGroup(groupId, entry, 'Group');
    let classic: GroupState | undefined;
    const outcome = this.run(entry, batch, (step) => {
      const left = leave(step, request);
      if (typeof left === 'string') classic = fenceMembers(step, [left]);
      return typeof left === 'object' ? left : undefined;
    });
    if (classic !== undefined) this.#downgrade(entry, classic, batch, true);
    return outcome;
  }

  join(entry: GroupEntry, request: Omit<JoinEvent, 'kind' | 'token'>, batch: Batch): JoinAnswer {
    let classic: GroupState | undefined;
    const joined = this.run(entry, batch, (step) => {
      const { staticMembers } = step.group;
      const formerId =
        request.instanceId === null ? undefined : staticMembers.get(request.instanceId);
      const outcome = classicJoin(step, request);
      const isReplaced = formerId !== undefined && !step.group.members.has(formerId);
      if (isReplaced) classic = downgradeAfterReplacement(step);
      return outcome;
    });
    if (classic !== undefined) this.#downgrade(entry, classic, batch, false);
    return joined;
  }

  leaveClassic(
    entry: GroupEntry,
    request: Omit<LeaveEvent, 'kind' | 'token'>,
    batch: Batch,
  ): readonly number[] {
    let classic: GroupState | undefined;
    const errorCodes = this.run(entry, batch, (step) => {
      const outcome = classicLeave(step, request);
      classic = fenceMembers(step, outcome.leaving);
      return outcome.errorCodes;
    });
    if (classic !== undefined) this.#downgrade(entry, classic, batch, true);
    return errorCodes;
  }

  passTime(entry: GroupEntry, batch: Batch): void {
    let classic: GroupState | undefined;
    this.run(entry, batch, (step) => {
      const late = lateMembers(step);
      if (late.length > 0) classic = fenceMembers(step, late);
    });
    if (classic !== undefined) this.#downgrade(entry, classic, batch, true);
  }

  /** An empty group takes the protocol of whoever comes next. */
  replaceByClassic(entry: GroupEntry, batch: Batch): void {
    const { group: before, groupId } = entry;
    this.run(entry, batch, removeGroup);
    entry.group = { kind: 'classic', state: emptyGroup(groupId, this.#table.nowMs()) };
    batch.onFailure(() => (entry.group = before));
    batch.seal();
  }

  /** Writes an empty group's end and forgets it once that is durable. */
  remove(entry: GroupEntry, tombstones: readonly GroupLogRecord[], batch: Batch): void {
    const { groupId, group } = entry;
    batch.records.push(...tombstones);
    if (group.kind === 'consumer') {
      const step = this.#newStep(entry, group.state);
      removeGroup(step);
      batch.add(groupId, step);
    } else if (entry.isStored) batch.records.push(groupRecord(groupId, null));
    batch.seal();
    batch.onSettled((errorCode) => {
      if (errorCode === ErrorCode.NONE) this.#table.forget(entry);
    });
  }

  /** One request or moment of a group; its changes go with the batch. */
  run<T>(entry: GroupEntry, batch: Batch, run: (step: ConsumerStep) => T): T {
    assert(entry.group.kind === 'consumer', 'the group is of KIP-848');
    const step = this.#newStep(entry, entry.group.state);
    const outcome = run(step);
    batch.add(entry.groupId, step);
    return outcome;
  }

  #newStep(entry: GroupEntry, state: ConsumerStep['group']): ConsumerStep {
    const limits = this.#consumerLimits(entry.groupId);
    return new ConsumerStep(state, this.#topics, limits, this.#table.nowMs());
  }

  /** The group that a heartbeat is about; who joins may make it, or turn a classic one into it. */
  #consumerEntry(groupId: string, memberEpoch: number, batch: Batch): GroupEntry | Refusal {
    const known = this.#table.find(groupId);
    if (known?.group.kind === 'consumer') return known;
    if (memberEpoch !== 0) return notConsumerGroup(groupId, known);
    const entry = known ?? this.#table.ensure(groupId);
    if (entry === undefined)
      return { errorCode: ErrorCode.POLICY_VIOLATION, message: 'There are too many groups.' };
    assert(entry.group.kind === 'classic', 'the other kind was returned above');
    const { group: before } = entry;
    const classic = before.state;
    const isReplaced = isEmpty(before);
    if (!isReplaced && !canUpgrade(classic, this.#consumerLimits(groupId)))
      return notConsumerGroup(groupId, entry);
    const step = this.#newStep(entry, emptyConsumerGroup(groupId));
    if (!isReplaced && !upgrade(step, classic)) return notConsumerGroup(groupId, entry);
    if (!isReplaced) this.#classic.step(entry, { kind: 'handed-over' });
    if (entry.isStored) batch.records.push(groupRecord(groupId, null));
    entry.group = { kind: 'consumer', state: step.group };
    batch.onFailure(() => (entry.group = before));
    batch.add(groupId, step);
    return entry;
  }

  /** The members that are left speak the classic protocol, among themselves from now on. */
  #downgrade(entry: GroupEntry, classic: GroupState, batch: Batch, mustRebalance: boolean): void {
    const { group: before, groupId } = entry;
    const assignments = new Map(
      [...classic.members].map(([memberId, { assignment }]) => [memberId, assignment]),
    );
    batch.records.push(
      groupRecord(groupId, recordOfGroup(classic, assignments, this.#table.nowMs())),
    );
    entry.group = { kind: 'classic', state: classic };
    batch.onFailure(() => (entry.group = before));
    batch.seal();
    batch.onSettled((errorCode) => {
      if (errorCode === ErrorCode.NONE && mustRebalance)
        this.#classic.step(entry, { kind: 'member-gone' });
    });
  }
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
