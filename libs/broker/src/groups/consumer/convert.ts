import { decodeVersioned, messages } from '@millrace/kafka-protocol';
import { selectProtocol } from '../classic/group-protocols.ts';
import {
  emptyGroup,
  metadataOf,
  type GroupMember,
  type GroupState,
} from '../classic/group-state.ts';
import { NO_PARTITIONS, type Assignment } from './assignment.ts';
import { CONSUMER_TYPE, encodeAssignment, ownedOf, readSubscription } from './classic-members.ts';
import { MemberPhase, type MemberSubscription } from './consumer-group.ts';
import { removeMember } from './heartbeat.ts';
import { removeMembers } from './leave.ts';
import { touch, type ConsumerLimits, type ConsumerStep, type TopicDirectory } from './step.ts';

/** Whether a member that heartbeats may turn this group into one of KIP-848. */
export function canUpgrade(group: GroupState, limits: ConsumerLimits): boolean {
  return (
    limits.canUpgrade &&
    group.protocolType === CONSUMER_TYPE &&
    group.members.size < limits.membersMax
  );
}

/** Fills an empty group with the members of a classic one. False when one of them can't be read. */
export function upgrade(step: ConsumerStep, classic: GroupState): boolean {
  const { group, topics } = step;
  const members: { readonly member: MemberSubscription; readonly assigned: Assignment }[] = [];
  for (const former of classic.members.values()) {
    const metadata =
      classic.protocolName === null
        ? former.protocols[0]?.metadata
        : metadataOf(former, classic.protocolName);
    const subscription = metadata === undefined ? undefined : readSubscription(metadata);
    const assigned = readAssignment(former.assignment, topics);
    if (subscription === undefined || assigned === undefined) return false;
    members.push({ member: memberFrom(former, subscription), assigned });
  }
  for (const { member } of members)
    step.change({ kind: 'member', memberId: member.memberId, value: member });
  const epoch = classic.generation;
  step.change({ kind: 'epoch', value: { epoch, metadataHash: 0 } });
  for (const { member, assigned } of members)
    step.change({ kind: 'target', memberId: member.memberId, value: assigned });
  step.change({ kind: 'target-epoch', value: epoch });
  for (const { member, assigned } of members) {
    const value = {
      memberEpoch: epoch,
      previousMemberEpoch: epoch,
      phase: MemberPhase.STABLE,
      assigned,
      pendingRevocation: NO_PARTITIONS,
    };
    step.change({ kind: 'current', memberId: member.memberId, value });
    touch(step, member);
  }
  group.topicsVersion = undefined;
  return true;
}

function memberFrom(
  former: GroupMember,
  subscription: { readonly topics: readonly string[]; readonly rackId: string | null },
): MemberSubscription {
  return {
    memberId: former.memberId,
    instanceId: former.instanceId,
    rackId: subscription.rackId,
    clientId: former.clientId,
    clientHost: former.clientHost,
    topicNames: [...new Set(subscription.topics)].sort(),
    topicRegex: '',
    rebalanceTimeoutMs: former.rebalanceTimeoutMs,
    serverAssignor: null,
    classic: { sessionTimeoutMs: former.sessionTimeoutMs, protocols: former.protocols },
  };
}

/** Undefined for what is not Kafka's format; a member that was never given anything has no bytes. */
function readAssignment(bytes: Uint8Array, topics: TopicDirectory): Assignment | undefined {
  if (bytes.byteLength === 0) return NO_PARTITIONS;
  try {
    const { value } = decodeVersioned(messages.consumerProtocolAssignment, bytes);
    return ownedOf(value.assignedPartitions, topics);
  } catch {
    return undefined;
  }
}

/**
 * Takes members out. When only classic ones are left of a mixed group, the group is classic again:
 * then everything of KIP-848 is removed and the classic group is returned.
 */
export function fenceMembers(
  step: ConsumerStep,
  memberIds: readonly string[],
): GroupState | undefined {
  const { group } = step;
  const leaving = memberIds.flatMap((memberId) => group.members.get(memberId) ?? []);
  const isLastConsumer = leaving.some(({ classic }) => classic === null);
  const staying = [...group.members.values()].filter(
    ({ memberId }) => !memberIds.includes(memberId),
  );
  if (!isLastConsumer || !mayBeClassic(step, staying)) {
    removeMembers(step, memberIds);
    return undefined;
  }
  for (const { memberId } of leaving) removeMember(step, memberId);
  return downgrade(step);
}

/** After a classic member has taken the place of the last one that heartbeats. */
export function downgradeAfterReplacement(step: ConsumerStep): GroupState | undefined {
  return mayBeClassic(step, [...step.group.members.values()]) ? downgrade(step) : undefined;
}

function mayBeClassic({ limits }: ConsumerStep, members: readonly MemberSubscription[]): boolean {
  return (
    limits.canDowngrade &&
    members.length > 0 &&
    members.length <= limits.classicMembersMax &&
    members.every(({ classic }) => classic !== null)
  );
}

function downgrade(step: ConsumerStep): GroupState {
  const { group, nowMs, topics } = step;
  const classic = emptyGroup(group.groupId, nowMs);
  classic.phase = 'Stable';
  classic.generation = group.epoch;
  classic.protocolType = CONSUMER_TYPE;
  for (const member of group.members.values()) {
    if (member.classic === null) continue;
    const { sessionTimeoutMs, protocols } = member.classic;
    classic.members.set(member.memberId, {
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      sessionTimeoutMs,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      protocols,
      assignment: new Uint8Array(0),
      sessionDeadlineMs: nowMs + sessionTimeoutMs,
      waitingJoin: undefined,
      waitingSync: undefined,
      hasSynced: true,
    });
    if (member.instanceId !== null) classic.staticMembers.set(member.instanceId, member.memberId);
    classic.leaderId ??= member.memberId;
  }
  classic.protocolName = selectProtocol(classic);
  for (const member of classic.members.values()) {
    const protocol = member.protocols.find(({ name }) => name === classic.protocolName);
    const target = group.targets.get(member.memberId) ?? NO_PARTITIONS;
    if (protocol !== undefined) member.assignment = encodeAssignment(target, protocol, topics);
  }
  removeGroup(step);
  return classic;
}

/** Everything that is stored of a group. */
export function removeGroup(step: ConsumerStep): void {
  const { group } = step;
  for (const memberId of [...group.currents.keys()])
    step.change({ kind: 'current', memberId, value: null });
  for (const memberId of [...group.targets.keys()])
    step.change({ kind: 'target', memberId, value: null });
  step.change({ kind: 'target-epoch', value: null });
  for (const memberId of [...group.members.keys()])
    step.change({ kind: 'member', memberId, value: null });
  for (const regex of [...group.patterns.keys()])
    step.change({ kind: 'pattern', regex, value: null });
  if (group.hasPartitionMetadata) step.change({ kind: 'partition-metadata', value: null });
  step.change({ kind: 'epoch', value: null });
}
