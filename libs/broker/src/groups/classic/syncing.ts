import { ErrorCode } from '@millrace/kafka-protocol';
import { answerSync, refuseSync } from './answers.ts';
import type { HeartbeatEvent, Step, SyncEvent } from './events.ts';
import { NOTHING } from './group-state.ts';
import { findMember, touch } from './members.ts';
import { dropAssignments, enter, rebalance, store } from './rebalance.ts';

export function sync(step: Step, event: SyncEvent): void {
  const group = step.group;
  const refusal = checkSync(step, event);
  const member = findMember(group, event.memberId, event.instanceId);
  if (refusal !== ErrorCode.NONE || typeof member === 'number') {
    refuseSync(step, event.token, refusal);
    return;
  }
  touch(member, step.nowMs);
  if (group.phase === 'Stable') {
    answerSync(step, event.token, member);
    return;
  }
  if (member.waitingSync !== undefined) {
    refuseSync(step, member.waitingSync, ErrorCode.REBALANCE_IN_PROGRESS);
  }
  member.waitingSync = event.token;
  member.hasSynced = true;
  if (member.memberId === group.leaderId && group.storing === undefined) {
    const assignments = new Map(event.assignments.map((each) => [each.memberId, each.assignment]));
    group.storing = { generation: group.generation, assignments };
    store(step, assignments);
  }
}

function checkSync(step: Step, event: SyncEvent): number {
  const group = step.group;
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
export function stored(step: Step, generation: number, errorCode: number): void {
  const group = step.group;
  const storing = group.storing;
  if (storing?.generation !== generation) return;
  group.storing = undefined;
  if (group.phase !== 'CompletingRebalance' || generation !== group.generation) return;
  if (errorCode !== ErrorCode.NONE) {
    dropAssignments(step, errorCode);
    rebalance(step);
    return;
  }
  enter(step, 'Stable');
  for (const member of group.members.values()) {
    member.assignment = storing.assignments.get(member.memberId) ?? NOTHING;
    if (member.waitingSync === undefined) continue;
    const token = member.waitingSync;
    member.waitingSync = undefined;
    touch(member, step.nowMs);
    answerSync(step, token, member);
  }
}

export function heartbeat(step: Step, event: HeartbeatEvent): void {
  step.effects.push({
    kind: 'answer-heartbeat',
    token: event.token,
    errorCode: checkHeartbeat(step, event),
  });
}

function checkHeartbeat(step: Step, event: HeartbeatEvent): number {
  const group = step.group;
  if (group.phase === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  const member = findMember(group, event.memberId, event.instanceId);
  if (typeof member === 'number') return member;
  if (event.generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION;
  touch(member, step.nowMs);
  return group.phase === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}
