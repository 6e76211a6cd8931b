import { unreachable } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import {
  acceptsProtocols,
  electPresentLeader,
  equalBytes,
  longestRebalanceTimeoutMs,
  sameProtocols,
  selectProtocol,
} from './group-protocols.ts';
import {
  assignmentsOf,
  isWaiting,
  metadataOf,
  NOTHING,
  recordOfGroup,
  type GroupLimits,
  type GroupMember,
  type GroupPhase,
  type GroupProtocol,
  type GroupRecord,
  type GroupState,
  type Token,
} from './group-state.ts';

/*
 * The classic group protocol as a step function: an event comes in, the state changes, effects go
 * out. No clock, no chance, no I/O. Rules are Kafka's, KIP-394 (known member ids), KIP-345 (static
 * members), KIP-814 (a static leader that comes back) included.
 *
 *   Empty -> PreparingRebalance -> CompletingRebalance -> Stable
 *   (nobody)  (JoinGroups wait)     (SyncGroups wait)      (heartbeats)
 *
 * Any change of the membership leads back to PreparingRebalance. An assignment counts only once the
 * coordinator has stored it and says so with 'group-stored' (INV-7).
 */
export interface JoinEvent {
  readonly kind: 'join';
  readonly token: Token;
  readonly memberId: string;
  /** The id that a member without one gets. */
  readonly newMemberId: string;
  readonly instanceId: string | null;
  /** From version 4 on, a newcomer must come back with the id that it was given. */
  readonly requiresKnownMemberId: boolean;
  /** From version 9 on, a leader can be told to keep the assignment. */
  readonly canSkipAssignment: boolean;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly GroupProtocol[];
}

export interface SyncEvent {
  readonly kind: 'sync';
  readonly token: Token;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
}

export interface HeartbeatEvent {
  readonly kind: 'heartbeat';
  readonly token: Token;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

export interface LeaveEvent {
  readonly kind: 'leave';
  readonly token: Token;
  readonly members: readonly { readonly memberId: string; readonly instanceId: string | null }[];
}

export type GroupEvent =
  | JoinEvent
  | SyncEvent
  | HeartbeatEvent
  | LeaveEvent
  | { readonly kind: 'group-stored'; readonly generation: number; readonly errorCode: number }
  | { readonly kind: 'time-passed' };

export interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly metadata: Uint8Array;
  }[];
}

export interface SyncAnswer {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Uint8Array;
}

export type GroupEffect =
  | { readonly kind: 'answer-join'; readonly token: Token; readonly answer: JoinAnswer }
  | { readonly kind: 'answer-sync'; readonly token: Token; readonly answer: SyncAnswer }
  | { readonly kind: 'answer-heartbeat'; readonly token: Token; readonly errorCode: number }
  | { readonly kind: 'answer-leave'; readonly token: Token; readonly errorCodes: readonly number[] }
  /** To be written durably; then a 'group-stored' event with this generation is due. */
  | { readonly kind: 'store-group'; readonly generation: number; readonly record: GroupRecord };

/** Changes `group` in place and returns what the world must now be told. */
export function stepGroup(
  group: GroupState,
  event: GroupEvent,
  limits: GroupLimits,
  nowMs: number,
): readonly GroupEffect[] {
  const step = new Step(group, limits, nowMs);
  switch (event.kind) {
    case 'join':
      step.join(event);
      break;
    case 'sync':
      step.sync(event);
      break;
    case 'heartbeat':
      step.heartbeat(event);
      break;
    case 'leave':
      step.leave(event);
      break;
    case 'group-stored':
      step.stored(event.generation, event.errorCode);
      break;
    case 'time-passed':
      break;
    default:
      return unreachable(event);
  }
  step.passTime();
  return step.effects;
}

/**
 * Whether offsets may be committed by this member, as an error code. A member that commits is alive.
 * A consumer without a group (generation -1, no id) may commit while the group has no members.
 */
export function admitCommit(
  group: GroupState,
  commit: Pick<HeartbeatEvent, 'memberId' | 'instanceId' | 'generation'>,
  nowMs: number,
): number {
  if (group.phase === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  if (group.phase === 'Empty' && commit.generation < 0) return ErrorCode.NONE;
  const member = findMember(group, commit.memberId, commit.instanceId);
  if (typeof member === 'number') return member;
  if (commit.generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION;
  touch(member, nowMs);
  return group.phase === 'CompletingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/** The member, or the error code for who is not one. */
function findMember(
  group: GroupState,
  memberId: string,
  instanceId: string | null,
): GroupMember | number {
  if (instanceId !== null) {
    const current = group.staticMembers.get(instanceId);
    if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (current !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
  }
  return group.members.get(memberId) ?? ErrorCode.UNKNOWN_MEMBER_ID;
}

function touch(member: GroupMember, nowMs: number): void {
  member.sessionDeadlineMs = nowMs + member.sessionTimeoutMs;
}

class Step {
  readonly effects: GroupEffect[] = [];
  readonly #group: GroupState;
  readonly #limits: GroupLimits;
  readonly #nowMs: number;

  constructor(group: GroupState, limits: GroupLimits, nowMs: number) {
    this.#group = group;
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  join(event: JoinEvent): void {
    const group = this.#group;
    if (group.phase === 'Dead') {
      this.#refuseJoin(event.token, event.memberId, ErrorCode.COORDINATOR_NOT_AVAILABLE);
    } else if (!acceptsProtocols(group, event)) {
      this.#refuseJoin(event.token, event.memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    } else if (event.memberId === '') {
      this.#joinWithoutId(event);
    } else if (group.pendingMembers.has(event.memberId) && event.instanceId === null) {
      this.#admit(event, event.memberId);
    } else {
      this.#joinAgain(event);
    }
  }

  #joinWithoutId(event: JoinEvent): void {
    const group = this.#group;
    const former =
      event.instanceId === null ? undefined : group.staticMembers.get(event.instanceId);
    if (former !== undefined) {
      this.#replaceStaticMember(event, former);
      return;
    }
    // INV-6: bounded by group.max.size, ids that were only given out included.
    if (group.members.size + group.pendingMembers.size >= this.#limits.membersMax) {
      this.#refuseJoin(event.token, '', ErrorCode.GROUP_MAX_SIZE_REACHED);
    } else if (event.requiresKnownMemberId && event.instanceId === null) {
      group.pendingMembers.set(event.newMemberId, this.#nowMs + event.sessionTimeoutMs);
      this.#refuseJoin(event.token, event.newMemberId, ErrorCode.MEMBER_ID_REQUIRED);
    } else {
      this.#admit(event, event.newMemberId);
    }
  }

  #admit(event: JoinEvent, memberId: string): void {
    const group = this.#group;
    group.pendingMembers.delete(memberId);
    group.members.set(memberId, memberFrom(event, memberId, this.#nowMs));
    if (event.instanceId !== null) group.staticMembers.set(event.instanceId, memberId);
    group.leaderId ??= memberId;
    group.protocolType = event.protocolType;
    group.hasNewcomer = true;
    this.#rebalance();
  }

  #joinAgain(event: JoinEvent): void {
    const group = this.#group;
    const member = findMember(group, event.memberId, event.instanceId);
    if (typeof member === 'number') {
      this.#refuseJoin(event.token, event.memberId, member);
      return;
    }
    const isUnchanged = sameProtocols(member.protocols, event.protocols);
    if (group.phase === 'CompletingRebalance' && isUnchanged) {
      // The answer was lost on its way: the same again.
      touch(member, this.#nowMs);
      this.#answerJoin(event.token, member);
    } else if (group.phase === 'Stable' && isUnchanged && member.memberId !== group.leaderId) {
      touch(member, this.#nowMs);
      this.#answerJoin(event.token, member);
    } else {
      this.#updateMember(member, event);
      if (group.phase === 'PreparingRebalance') this.#completeJoinIfAllCame();
      else this.#rebalance();
    }
  }

  #updateMember(member: GroupMember, event: JoinEvent): void {
    if (member.waitingJoin !== undefined) {
      // The client gave up on its former request; only the newest one is answered with success.
      this.#refuseJoin(member.waitingJoin, member.memberId, ErrorCode.REBALANCE_IN_PROGRESS);
    }
    member.protocols = event.protocols;
    member.sessionTimeoutMs = event.sessionTimeoutMs;
    member.rebalanceTimeoutMs = event.rebalanceTimeoutMs;
    member.waitingJoin = event.token;
    touch(member, this.#nowMs);
  }

  /** A static member came back under its name: the former holder of the name is fenced. */
  #replaceStaticMember(event: JoinEvent, formerId: string): void {
    const group = this.#group;
    const former = group.members.get(formerId);
    if (former === undefined) {
      this.#admit(event, event.newMemberId);
      return;
    }
    this.#fence(former);
    const member = memberFrom(event, event.newMemberId, this.#nowMs);
    member.assignment = former.assignment;
    member.hasSynced = former.hasSynced;
    group.members.delete(formerId);
    group.members.set(member.memberId, member);
    group.staticMembers.set(event.instanceId ?? '', member.memberId);
    const wasLeader = group.leaderId === formerId;
    if (wasLeader) group.leaderId = member.memberId;
    if (group.phase === 'PreparingRebalance') {
      this.#completeJoinIfAllCame();
    } else if (
      group.phase === 'Stable' &&
      selectProtocol(group) === group.protocolName &&
      equalBytes(metadataOf(member, group.protocolName), metadataOf(former, group.protocolName))
    ) {
      member.waitingJoin = undefined;
      this.#keepAssignment(event, member, wasLeader);
    } else {
      this.#rebalance();
    }
  }

  /** Nothing changed for the group but the id of one member: no rebalance (KIP-345, KIP-814). */
  #keepAssignment(event: JoinEvent, member: GroupMember, wasLeader: boolean): void {
    const group = this.#group;
    this.#store(assignmentsOf(group));
    const answer = joinAnswerOf(group, member, wasLeader && event.canSkipAssignment);
    this.effects.push({
      kind: 'answer-join',
      token: event.token,
      answer: {
        ...answer,
        skipAssignment: wasLeader && event.canSkipAssignment,
        // An older client must not take itself for the leader, since it would assign anew.
        leader: wasLeader && !event.canSkipAssignment ? '' : answer.leader,
        members: wasLeader && !event.canSkipAssignment ? [] : answer.members,
      },
    });
  }

  #fence(member: GroupMember): void {
    if (member.waitingJoin !== undefined) {
      this.#refuseJoin(member.waitingJoin, member.memberId, ErrorCode.FENCED_INSTANCE_ID);
      member.waitingJoin = undefined;
    }
    if (member.waitingSync !== undefined) {
      this.#refuseSync(member.waitingSync, ErrorCode.FENCED_INSTANCE_ID);
      member.waitingSync = undefined;
    }
  }

  sync(event: SyncEvent): void {
    const group = this.#group;
    const refusal = this.#checkSync(event);
    const member = findMember(group, event.memberId, event.instanceId);
    if (refusal !== ErrorCode.NONE || typeof member === 'number') {
      this.#refuseSync(event.token, refusal);
      return;
    }
    touch(member, this.#nowMs);
    if (group.phase === 'Stable') {
      this.#answerSync(event.token, member);
      return;
    }
    if (member.waitingSync !== undefined) {
      this.#refuseSync(member.waitingSync, ErrorCode.REBALANCE_IN_PROGRESS);
    }
    member.waitingSync = event.token;
    member.hasSynced = true;
    if (member.memberId === group.leaderId && group.storing === undefined) {
      const assignments = new Map(
        event.assignments.map((each) => [each.memberId, each.assignment]),
      );
      group.storing = { generation: group.generation, assignments };
      this.#store(assignments);
    }
  }

  #checkSync(event: SyncEvent): number {
    const group = this.#group;
    if (group.phase === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const member = findMember(group, event.memberId, event.instanceId);
    if (typeof member === 'number') return member;
    if (event.generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION;
    const isOfType = event.protocolType === null || event.protocolType === group.protocolType;
    const isOfName = event.protocolName === null || event.protocolName === group.protocolName;
    if (!isOfType || !isOfName) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    if (group.phase === 'PreparingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    return group.phase === 'Empty' ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.NONE;
  }

  /** The assignment is durable, or could not be made so: then everybody must join again. */
  stored(generation: number, errorCode: number): void {
    const group = this.#group;
    const storing = group.storing;
    if (storing?.generation !== generation) return;
    group.storing = undefined;
    if (group.phase !== 'CompletingRebalance' || generation !== group.generation) return;
    if (errorCode !== ErrorCode.NONE) {
      this.#dropAssignments(errorCode);
      this.#rebalance();
      return;
    }
    this.#enter('Stable');
    for (const member of group.members.values()) {
      member.assignment = storing.assignments.get(member.memberId) ?? NOTHING;
      if (member.waitingSync === undefined) continue;
      const token = member.waitingSync;
      member.waitingSync = undefined;
      touch(member, this.#nowMs);
      this.#answerSync(token, member);
    }
  }

  heartbeat(event: HeartbeatEvent): void {
    this.effects.push({
      kind: 'answer-heartbeat',
      token: event.token,
      errorCode: this.#checkHeartbeat(event),
    });
  }

  #checkHeartbeat(event: HeartbeatEvent): number {
    const group = this.#group;
    if (group.phase === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    const member = findMember(group, event.memberId, event.instanceId);
    if (typeof member === 'number') return member;
    if (event.generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION;
    touch(member, this.#nowMs);
    return group.phase === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  leave(event: LeaveEvent): void {
    const leaving: GroupMember[] = [];
    const errorCodes = event.members.map((each) => {
      if (this.#group.pendingMembers.delete(each.memberId)) return ErrorCode.NONE;
      const memberId =
        each.memberId === '' && each.instanceId !== null
          ? (this.#group.staticMembers.get(each.instanceId) ?? '')
          : each.memberId;
      const member = findMember(this.#group, memberId, each.instanceId);
      if (typeof member === 'number') return member;
      leaving.push(member);
      return ErrorCode.NONE;
    });
    this.effects.push({ kind: 'answer-leave', token: event.token, errorCodes });
    for (const member of leaving) this.#remove(member);
    this.#afterRemoval(leaving.length);
    if (this.#group.phase === 'PreparingRebalance') this.#completeJoinIfAllCame();
  }

  /** Everything that is due by now. Runs at the end of each step. */
  passTime(): void {
    const group = this.#group;
    for (const [memberId, until] of group.pendingMembers) {
      if (until <= this.#nowMs) group.pendingMembers.delete(memberId);
    }
    const late = [...group.members.values()].filter((member) => this.#isLate(member));
    for (const member of late) this.#remove(member);
    if (group.syncDeadlineMs !== undefined && group.syncDeadlineMs <= this.#nowMs) {
      group.syncDeadlineMs = undefined;
      const silent = [...group.members.values()].filter((member) => !member.hasSynced);
      for (const member of silent) this.#remove(member);
      late.push(...silent);
    }
    this.#afterRemoval(late.length);
    if (group.phase !== 'PreparingRebalance') return;
    if (group.rebalanceDeadlineMs !== undefined && group.rebalanceDeadlineMs <= this.#nowMs)
      this.#endWaitForMembers();
    else this.#completeJoinIfAllCame();
  }

  #isLate(member: GroupMember): boolean {
    return !isWaiting(member) && member.sessionDeadlineMs <= this.#nowMs;
  }

  #afterRemoval(count: number): void {
    const { phase } = this.#group;
    if (count > 0 && (phase === 'Stable' || phase === 'CompletingRebalance')) this.#rebalance();
  }

  #remove(member: GroupMember): void {
    const group = this.#group;
    if (member.waitingJoin !== undefined)
      this.#refuseJoin(member.waitingJoin, member.memberId, ErrorCode.UNKNOWN_MEMBER_ID);
    if (member.waitingSync !== undefined)
      this.#refuseSync(member.waitingSync, ErrorCode.UNKNOWN_MEMBER_ID);
    group.members.delete(member.memberId);
    if (member.instanceId !== null) group.staticMembers.delete(member.instanceId);
    if (group.leaderId === member.memberId) {
      const [next] = group.members.keys();
      group.leaderId = next ?? null;
    }
  }

  #rebalance(): void {
    const group = this.#group;
    if (group.phase === 'PreparingRebalance' || group.phase === 'Dead') return;
    if (group.phase === 'CompletingRebalance')
      this.#dropAssignments(ErrorCode.REBALANCE_IN_PROGRESS);
    const isFirst = group.phase === 'Empty';
    const rebalanceTimeoutMs = longestRebalanceTimeoutMs(group);
    this.#enter('PreparingRebalance');
    const delayMs = Math.min(this.#limits.initialRebalanceDelayMs, rebalanceTimeoutMs);
    if (isFirst && delayMs > 0) {
      group.initialDelayLeftMs = rebalanceTimeoutMs - delayMs;
      group.rebalanceDeadlineMs = this.#nowMs + delayMs;
      group.hasNewcomer = false;
    } else {
      group.rebalanceDeadlineMs = this.#nowMs + rebalanceTimeoutMs;
      this.#completeJoinIfAllCame();
    }
  }

  #dropAssignments(errorCode: number): void {
    this.#group.storing = undefined;
    for (const member of this.#group.members.values()) {
      member.assignment = NOTHING;
      if (member.waitingSync === undefined) continue;
      this.#refuseSync(member.waitingSync, errorCode);
      member.waitingSync = undefined;
      touch(member, this.#nowMs);
    }
  }

  #endWaitForMembers(): void {
    const group = this.#group;
    const leftMs = group.initialDelayLeftMs;
    if (leftMs !== undefined && leftMs > 0 && group.hasNewcomer) {
      // Somebody new came during the first delay: others may be on their way too.
      const delayMs = Math.min(this.#limits.initialRebalanceDelayMs, leftMs);
      group.hasNewcomer = false;
      group.initialDelayLeftMs = leftMs - delayMs;
      group.rebalanceDeadlineMs = this.#nowMs + delayMs;
      return;
    }
    this.#completeJoin();
  }

  #completeJoinIfAllCame(): void {
    const group = this.#group;
    if (group.phase !== 'PreparingRebalance') return;
    if (group.initialDelayLeftMs !== undefined && group.members.size > 0) return;
    if (group.pendingMembers.size > 0) return;
    for (const member of group.members.values()) if (member.waitingJoin === undefined) return;
    this.#completeJoin();
  }

  #completeJoin(): void {
    const group = this.#group;
    // A static member may be away for as long as its session lasts.
    for (const member of [...group.members.values()]) {
      if (member.waitingJoin === undefined && member.instanceId === null) this.#remove(member);
    }
    if (group.members.size > 0 && !electPresentLeader(group)) {
      group.rebalanceDeadlineMs = this.#nowMs + longestRebalanceTimeoutMs(group);
      return;
    }
    group.generation += 1;
    group.initialDelayLeftMs = undefined;
    group.rebalanceDeadlineMs = undefined;
    if (group.members.size === 0) {
      group.protocolName = null;
      group.leaderId = null;
      this.#enter('Empty');
      this.#store(new Map());
    } else {
      group.protocolName = selectProtocol(group);
      this.#startGeneration();
    }
  }

  #startGeneration(): void {
    const group = this.#group;
    this.#enter('CompletingRebalance');
    group.syncDeadlineMs = this.#nowMs + longestRebalanceTimeoutMs(group);
    for (const member of group.members.values()) {
      member.hasSynced = false;
      if (member.waitingJoin === undefined) continue;
      const token = member.waitingJoin;
      member.waitingJoin = undefined;
      touch(member, this.#nowMs);
      this.#answerJoin(token, member);
    }
  }

  #enter(phase: GroupPhase): void {
    const group = this.#group;
    group.phase = phase;
    group.phaseSinceMs = this.#nowMs;
    group.syncDeadlineMs = undefined;
    if (phase !== 'PreparingRebalance') group.rebalanceDeadlineMs = undefined;
  }

  #store(assignments: ReadonlyMap<string, Uint8Array>): void {
    this.effects.push({
      kind: 'store-group',
      generation: this.#group.generation,
      record: recordOfGroup(this.#group, assignments, this.#nowMs),
    });
  }

  #answerJoin(token: Token, member: GroupMember): void {
    const isLeader = member.memberId === this.#group.leaderId;
    this.effects.push({
      kind: 'answer-join',
      token,
      answer: joinAnswerOf(this.#group, member, isLeader),
    });
  }

  #answerSync(token: Token, member: GroupMember): void {
    this.effects.push({
      kind: 'answer-sync',
      token,
      answer: {
        errorCode: ErrorCode.NONE,
        protocolType: this.#group.protocolType,
        protocolName: this.#group.protocolName,
        assignment: member.assignment,
      },
    });
  }

  #refuseJoin(token: Token, memberId: string, errorCode: number): void {
    this.effects.push({ kind: 'answer-join', token, answer: refusedJoin(memberId, errorCode) });
  }

  #refuseSync(token: Token, errorCode: number): void {
    this.effects.push({ kind: 'answer-sync', token, answer: refusedSync(errorCode) });
  }
}

export function refusedJoin(memberId: string, errorCode: number): JoinAnswer {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function refusedSync(errorCode: number): SyncAnswer {
  return { errorCode, protocolType: null, protocolName: null, assignment: NOTHING };
}

function joinAnswerOf(group: GroupState, member: GroupMember, withMembers: boolean): JoinAnswer {
  return {
    errorCode: ErrorCode.NONE,
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    skipAssignment: false,
    memberId: member.memberId,
    members: withMembers
      ? [...group.members.values()].map((each) => ({
          memberId: each.memberId,
          groupInstanceId: each.instanceId,
          metadata: metadataOf(each, group.protocolName),
        }))
      : [],
  };
}

function memberFrom(event: JoinEvent, memberId: string, nowMs: number): GroupMember {
  return {
    memberId,
    instanceId: event.instanceId,
    clientId: event.clientId,
    clientHost: event.clientHost,
    sessionTimeoutMs: event.sessionTimeoutMs,
    rebalanceTimeoutMs: event.rebalanceTimeoutMs,
    protocols: event.protocols,
    assignment: NOTHING,
    sessionDeadlineMs: nowMs + event.sessionTimeoutMs,
    waitingJoin: event.token,
    waitingSync: undefined,
    hasSynced: false,
  };
}
