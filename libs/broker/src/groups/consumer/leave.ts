import type { Refusal } from '../../refusal.ts';
import { NO_PARTITIONS } from './assignment.ts';
import { currentOf, STATIC_LEAVE_EPOCH } from './consumer-group.ts';
import { removeMember } from './heartbeat.ts';
import { metadataHashOf } from './metadata-hash.ts';
import { forgetUnusedPatterns, subscribedTopics } from './rebalance.ts';
import { findMember, isRefusal } from './refusal.ts';
import type { ConsumerStep } from './step.ts';

export interface ConsumerLeave {
  readonly memberId: string;
  /** -1 for good; -2 for a static member that means to come back. */
  readonly memberEpoch: number;
  readonly instanceId: string | null;
}

/** Answers the member that goes for good; undefined for one that comes back, which keeps its share. */
export function leave(step: ConsumerStep, request: ConsumerLeave): string | Refusal | undefined {
  const { memberId, memberEpoch, instanceId } = request;
  const member = findMember(step.group, memberId, instanceId);
  if (isRefusal(member)) return member;
  if (instanceId === null || memberEpoch !== STATIC_LEAVE_EPOCH) return member.memberId;
  const value = {
    ...currentOf(step.group, member.memberId),
    memberEpoch: STATIC_LEAVE_EPOCH,
    pendingRevocation: NO_PARTITIONS,
  };
  step.change({ kind: 'current', memberId: member.memberId, value });
  return undefined;
}

/** Members go: the group has a new epoch, and whoever heartbeats next has their partitions shared out. */
export function removeMembers(step: ConsumerStep, memberIds: readonly string[]): void {
  const { group, topics } = step;
  if (memberIds.length === 0) return;
  for (const memberId of memberIds) removeMember(step, memberId);
  forgetUnusedPatterns(step);
  const metadataHash = metadataHashOf(subscribedTopics(group), topics);
  step.change({ kind: 'epoch', value: { epoch: group.epoch + 1, metadataHash } });
}

/** Whom time has run out for. */
export function lateMembers(step: ConsumerStep): readonly string[] {
  const { group, nowMs } = step;
  const late: string[] = [];
  for (const [memberId, deadlines] of group.deadlines) {
    const { revocation } = deadlines;
    const isStuck =
      revocation !== undefined &&
      revocation.atMs <= nowMs &&
      currentOf(group, memberId).memberEpoch === revocation.memberEpoch;
    if (revocation !== undefined && revocation.atMs <= nowMs) deadlines.revocation = undefined;
    const isSilent =
      deadlines.sessionMs <= nowMs ||
      (deadlines.joinMs ?? Infinity) <= nowMs ||
      (deadlines.syncMs ?? Infinity) <= nowMs;
    if (isStuck || isSilent) late.push(memberId);
  }
  return late;
}
