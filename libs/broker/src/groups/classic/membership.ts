import { ErrorCode } from '@millrace/kafka-protocol';
import type { LeaveEvent, Step } from './events.ts';
import { type GroupMember, isWaiting } from './group-state.ts';
import { remove, findMember } from './members.ts';
import { endWaitForMembers, completeJoinIfAllCame, rebalance } from './rebalance.ts';

export function leave(step: Step, event: LeaveEvent): void {
  const leaving: GroupMember[] = [];
  const errorCodes = event.members.map((each) => {
    if (step.group.pendingMembers.delete(each.memberId)) return ErrorCode.NONE;
    const memberId =
      each.memberId === '' && each.instanceId !== null
        ? (step.group.staticMembers.get(each.instanceId) ?? '')
        : each.memberId;
    const member = findMember(step.group, memberId, each.instanceId);
    if (typeof member === 'number') return member;
    leaving.push(member);
    return ErrorCode.NONE;
  });
  step.effects.push({ kind: 'answer-leave', token: event.token, errorCodes });
  for (const member of leaving) remove(step, member);
  afterRemoval(step, leaving.length);
  if (step.group.phase === 'PreparingRebalance') completeJoinIfAllCame(step);
}

/** Everything that is due by now. Runs at the end of each step. */
export function passTime(step: Step): void {
  const group = step.group;
  for (const [memberId, until] of group.pendingMembers) {
    if (until <= step.nowMs) group.pendingMembers.delete(memberId);
  }
  const late = [...group.members.values()].filter((member) => isLate(step, member));
  for (const member of late) remove(step, member);
  if (group.syncDeadlineMs !== undefined && group.syncDeadlineMs <= step.nowMs) {
    group.syncDeadlineMs = undefined;
    const silent = [...group.members.values()].filter((member) => !member.hasSynced);
    for (const member of silent) remove(step, member);
    late.push(...silent);
  }
  afterRemoval(step, late.length);
  if (group.phase !== 'PreparingRebalance') return;
  if (group.rebalanceDeadlineMs !== undefined && group.rebalanceDeadlineMs <= step.nowMs)
    endWaitForMembers(step);
  else completeJoinIfAllCame(step);
}

function isLate(step: Step, member: GroupMember): boolean {
  return !isWaiting(member) && member.sessionDeadlineMs <= step.nowMs;
}

function afterRemoval(step: Step, count: number): void {
  const { phase } = step.group;
  if (count > 0 && (phase === 'Stable' || phase === 'CompletingRebalance')) rebalance(step);
}
