import { ErrorCode } from '@millrace/kafka-protocol';
import { refuseJoin, refuseSync } from './answers.ts';
import type { HeartbeatEvent, Step } from './events.ts';
import type { GroupMember, GroupState } from './group-state.ts';

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

/**
 * As `admitCommit`, for offsets in a transaction. Old clients name no member: the transaction itself
 * fences them; and a rebalance that is going on is no reason to refuse.
 */
export function admitTransactionalCommit(
  group: GroupState,
  commit: Pick<HeartbeatEvent, 'memberId' | 'instanceId' | 'generation'>,
  nowMs: number,
): number {
  if (group.phase === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  if (commit.generation < 0 && commit.memberId === '' && commit.instanceId === null)
    return ErrorCode.NONE;
  if (group.phase === 'Empty' && commit.generation < 0) return ErrorCode.NONE;
  const member = findMember(group, commit.memberId, commit.instanceId);
  if (typeof member === 'number') return member;
  if (commit.generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION;
  touch(member, nowMs);
  return ErrorCode.NONE;
}

/** The member, or the error code for who is not one. */
export function findMember(
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

export function touch(member: GroupMember, nowMs: number): void {
  member.sessionDeadlineMs = nowMs + member.sessionTimeoutMs;
}

export function remove(step: Step, member: GroupMember): void {
  const group = step.group;
  if (member.waitingJoin !== undefined)
    refuseJoin(step, member.waitingJoin, member.memberId, ErrorCode.UNKNOWN_MEMBER_ID);
  if (member.waitingSync !== undefined)
    refuseSync(step, member.waitingSync, ErrorCode.UNKNOWN_MEMBER_ID);
  group.members.delete(member.memberId);
  if (member.instanceId !== null) group.staticMembers.delete(member.instanceId);
  if (group.leaderId === member.memberId) {
    const [next] = group.members.keys();
    group.leaderId = next ?? null;
  }
}
