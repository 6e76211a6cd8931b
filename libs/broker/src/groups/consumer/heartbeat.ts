import { ErrorCode } from '@millrace/kafka-protocol';
import type { Refusal } from '../../refusal.ts';
import { equalAssignments, NO_PARTITIONS, type Assignment } from './assignment.ts';
import {
  currentOf,
  type ConsumerGroup,
  type CurrentAssignment,
  type MemberSubscription,
} from './consumer-group.ts';
import { reconcileMember, refreshEpoch, refreshTarget } from './rebalance.ts';
import { findEpochProblem, findMember, findUnreleased, isRefusal, refused } from './refusal.ts';
import { touch, type ConsumerStep } from './step.ts';

/** A heartbeat that does not leave. Null is what has not changed since the last one. */
export interface ConsumerHeartbeat {
  readonly memberId: string;
  /** 0 joins. */
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** Negative when it has not changed. */
  readonly rebalanceTimeoutMs: number;
  readonly topicNames: readonly string[] | null;
  readonly topicRegex: string | null;
  readonly serverAssignor: string | null;
  readonly owned: Assignment | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Who asks may know of this topic; without it, of all. */
  readonly maySeeTopic?: (name: string) => boolean;
}

export interface ConsumerHeartbeatAnswer {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** Null when it has not changed. */
  readonly assignment: Assignment | null;
}

export function heartbeat(
  step: ConsumerStep,
  request: ConsumerHeartbeat,
): ConsumerHeartbeatAnswer | Refusal {
  const { group } = step;
  const { memberId, memberEpoch } = request;
  const isJoin = memberEpoch === 0;
  const full = findGroupFull(step, memberId);
  if (full !== undefined) return full;
  const former = isJoin ? findJoiningMember(step, request) : findBeatingMember(group, request);
  if (former !== undefined && isRefusal(former)) return former;
  const before = currentOf(group, memberId);
  const member = updatedMember(former, request);
  if (former === undefined || !sameMember(former, member))
    step.change({ kind: 'member', memberId, value: member });
  const { maySeeTopic = () => true } = request;
  refreshEpoch(step, former === undefined || hasNewSubscription(former, member), maySeeTopic);
  refreshTarget(step);
  reconcileMember(step, member, request.owned);
  touch(step, member);
  const after = currentOf(group, memberId);
  return {
    memberId,
    memberEpoch: after.memberEpoch,
    heartbeatIntervalMs: step.limits.heartbeatIntervalMs,
    assignment: isFullRequest(request) || hasNewPartitions(before, after) ? after.assigned : null,
  };
}

/** INV-6: bounded by group.consumer.max.size. */
export function findGroupFull(
  { group, limits }: ConsumerStep,
  memberId: string,
): Refusal | undefined {
  if (group.members.size < limits.membersMax || group.members.has(memberId)) return undefined;
  return refused(
    ErrorCode.GROUP_MAX_SIZE_REACHED,
    `The consumer group has reached its maximum capacity of ${limits.membersMax} members.`,
  );
}

function findBeatingMember(
  group: ConsumerGroup,
  { memberId, memberEpoch, instanceId, owned }: ConsumerHeartbeat,
): MemberSubscription | Refusal {
  const member = findMember(group, memberId, instanceId);
  if (isRefusal(member)) return member;
  return findEpochProblem(currentOf(group, memberId), memberEpoch, owned) ?? member;
}

/** Undefined for a newcomer. A static member gets what its former self had. */
function findJoiningMember(
  step: ConsumerStep,
  { memberId, memberEpoch, instanceId, owned }: ConsumerHeartbeat,
): MemberSubscription | Refusal | undefined {
  const { group } = step;
  if (instanceId === null) {
    const member = group.members.get(memberId);
    if (member === undefined) return undefined;
    return findEpochProblem(currentOf(group, memberId), memberEpoch, owned) ?? member;
  }
  const ownerId = group.staticMembers.get(instanceId);
  const owner = ownerId === undefined ? undefined : group.members.get(ownerId);
  if (owner === undefined) return undefined;
  // Between members that both heartbeat; a classic one is replaced as classic members are.
  const problem = owner.classic === null ? findUnreleased(group, owner, memberId) : undefined;
  return problem ?? replaceMember(step, owner, memberId);
}

/** The new holder of an instance id takes over from the former one, with another member id. */
export function replaceMember(
  step: ConsumerStep,
  former: MemberSubscription,
  memberId: string,
): MemberSubscription {
  const { group } = step;
  const target = group.targets.get(former.memberId) ?? NO_PARTITIONS;
  const current = currentOf(group, former.memberId);
  removeMember(step, former.memberId);
  const member = { ...former, memberId };
  step.change({ kind: 'member', memberId, value: member });
  step.change({ kind: 'target', memberId, value: target });
  const value: CurrentAssignment = { ...current, memberEpoch: 0, previousMemberEpoch: 0 };
  step.change({ kind: 'current', memberId, value });
  return member;
}

export function removeMember(step: ConsumerStep, memberId: string): void {
  step.change({ kind: 'current', memberId, value: null });
  step.change({ kind: 'target', memberId, value: null });
  step.change({ kind: 'member', memberId, value: null });
}

function updatedMember(
  former: MemberSubscription | undefined,
  request: ConsumerHeartbeat,
): MemberSubscription {
  return {
    memberId: request.memberId,
    instanceId: request.instanceId ?? former?.instanceId ?? null,
    rackId: request.rackId ?? former?.rackId ?? null,
    clientId: request.clientId,
    clientHost: request.clientHost,
    topicNames:
      request.topicNames === null
        ? (former?.topicNames ?? [])
        : [...new Set(request.topicNames)].sort(),
    topicRegex: request.topicRegex ?? former?.topicRegex ?? '',
    rebalanceTimeoutMs:
      request.rebalanceTimeoutMs < 0
        ? (former?.rebalanceTimeoutMs ?? -1)
        : request.rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? former?.serverAssignor ?? null,
    classic: null,
  };
}

export function sameMember(a: MemberSubscription, b: MemberSubscription): boolean {
  return (
    !hasNewSubscription(a, b) &&
    a.memberId === b.memberId &&
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.serverAssignor === b.serverAssignor &&
    a.classic === b.classic
  );
}

export function hasNewSubscription(a: MemberSubscription, b: MemberSubscription): boolean {
  return (
    a.topicRegex !== b.topicRegex ||
    a.topicNames.length !== b.topicNames.length ||
    a.topicNames.some((name, index) => name !== b.topicNames[index])
  );
}

/** With everything that may change: the member may have lost what it knew. */
function isFullRequest(request: ConsumerHeartbeat): boolean {
  return (
    request.memberEpoch === 0 ||
    (request.rebalanceTimeoutMs >= 0 &&
      (request.topicNames !== null || request.topicRegex !== null) &&
      request.owned !== null)
  );
}

function hasNewPartitions(before: CurrentAssignment, after: CurrentAssignment): boolean {
  return before !== after && !equalAssignments(before.assigned, after.assigned);
}
