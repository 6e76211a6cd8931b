import { ErrorCode } from '@millrace/kafka-protocol';
import type { Assignment } from './assignment.ts';
import {
  currentOf,
  STATIC_LEAVE_EPOCH,
  type ConsumerGroup,
  type CurrentAssignment,
  type MemberSubscription,
} from './consumer-group.ts';
import { isWithin } from './assignment.ts';
import type { Refusal } from '../../refusal.ts';

export function refused(errorCode: number, message: string): Refusal {
  return { errorCode, message };
}

export function unknownMember(group: ConsumerGroup, memberId: string): Refusal {
  return refused(
    ErrorCode.UNKNOWN_MEMBER_ID,
    `Member ${memberId} is not a member of group ${group.groupId}.`,
  );
}

export function unknownInstance(instanceId: string): Refusal {
  return refused(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
}

/** The member of a request that does not join, or why there is none. */
export function findMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
): MemberSubscription | Refusal {
  if (instanceId === null) return group.members.get(memberId) ?? unknownMember(group, memberId);
  const ownerId = group.staticMembers.get(instanceId);
  const owner = ownerId === undefined ? undefined : group.members.get(ownerId);
  if (owner === undefined) return unknownInstance(instanceId);
  return findInstanceFenced(owner, memberId) ?? owner;
}

function findInstanceFenced(owner: MemberSubscription, memberId: string): Refusal | undefined {
  if (owner.memberId === memberId) return undefined;
  return refused(
    ErrorCode.FENCED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${String(owner.instanceId)} was fenced by member ${owner.memberId}.`,
  );
}

/** A name is free again only when its holder has said that it goes and means to come back. */
export function findUnreleased(
  group: ConsumerGroup,
  owner: MemberSubscription,
  memberId: string,
): Refusal | undefined {
  if (currentOf(group, owner.memberId).memberEpoch === STATIC_LEAVE_EPOCH) return undefined;
  return refused(
    ErrorCode.UNRELEASED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${String(owner.instanceId)} cannot join the group because the instance id is owned by ${owner.memberId} member.`,
  );
}

/**
 * A member that missed the answer which raised its epoch may come once more with the one before, as
 * long as it owns nothing that it was not given.
 */
export function findEpochProblem(
  current: CurrentAssignment,
  memberEpoch: number,
  owned: Assignment | null,
): Refusal | undefined {
  if (memberEpoch === current.memberEpoch) return undefined;
  const isRetry =
    memberEpoch < current.memberEpoch &&
    memberEpoch === current.previousMemberEpoch &&
    owned !== null &&
    isWithin(owned, current.assigned);
  if (isRetry) return undefined;
  const side = memberEpoch > current.memberEpoch ? 'greater' : 'smaller';
  return refused(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${side} member epoch (${memberEpoch}) than the one known by the group coordinator (${current.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  );
}

export function isRefusal(value: object): value is Refusal {
  return 'errorCode' in value;
}
