import { decodeVersioned, encodeVersioned, ErrorCode, messages } from '@millrace/kafka-protocol';
import type { Refusal } from '../../refusal.ts';
import { refusedJoin, refusedSync } from '../classic/answers.ts';
import type {
  HeartbeatEvent,
  JoinAnswer,
  JoinEvent,
  LeaveEvent,
  SyncAnswer,
  SyncEvent,
} from '../classic/events.ts';
import type { GroupProtocol } from '../classic/group-state.ts';
import { addPartition, NO_PARTITIONS, type Assignment } from './assignment.ts';
import {
  currentOf,
  MemberPhase,
  type ConsumerGroup,
  type MemberSubscription,
} from './consumer-group.ts';
import { findGroupFull, hasNewSubscription, replaceMember, sameMember } from './heartbeat.ts';
import { reconcileMember, refreshEpoch, refreshTarget } from './rebalance.ts';
import { findMember, isRefusal } from './refusal.ts';
import { deadlinesOf, touch, type ConsumerStep, type TopicDirectory } from './step.ts';

/*
 * Members that speak the classic protocol in a group of KIP-848: a JoinGroup is their heartbeat with
 * news, a generation is their member epoch, SyncGroup brings what the broker has assigned, and
 * REBALANCE_IN_PROGRESS sends them to join again. None of them leads.
 */
export const CONSUMER_TYPE = 'consumer';

type Request<T> = Omit<T, 'kind' | 'token'>;

export function classicJoin(step: ConsumerStep, request: Request<JoinEvent>): JoinAnswer {
  const { group } = step;
  const isNew = request.memberId === '';
  const memberId = isNew ? request.newMemberId : request.memberId;
  const full = findGroupFull(step, memberId);
  if (full !== undefined) return refusedJoin(request.memberId, full.errorCode);
  const [protocol] = request.protocols;
  const subscription = protocol === undefined ? undefined : readSubscription(protocol.metadata);
  if (protocol === undefined || subscription === undefined || !supportsProtocols(group, request))
    return refusedJoin(request.memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  if (isNew && request.requiresKnownMemberId && request.instanceId === null)
    return refusedJoin(memberId, ErrorCode.MEMBER_ID_REQUIRED);
  const former = findJoiningMember(step, request, memberId);
  if (former !== undefined && isRefusal(former))
    return refusedJoin(request.memberId, former.errorCode);
  const member: MemberSubscription = {
    memberId,
    instanceId: request.instanceId ?? former?.instanceId ?? null,
    rackId: subscription.rackId ?? former?.rackId ?? null,
    clientId: request.clientId,
    clientHost: request.clientHost,
    topicNames: [...new Set(subscription.topics)].sort(),
    topicRegex: former?.topicRegex ?? '',
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    serverAssignor: former?.serverAssignor ?? null,
    classic: { sessionTimeoutMs: request.sessionTimeoutMs, protocols: request.protocols },
  };
  if (former === undefined || !sameMember(former, member))
    step.change({ kind: 'member', memberId, value: member });
  refreshEpoch(step, former === undefined || hasNewSubscription(former, member));
  refreshTarget(step);
  reconcileMember(step, member, ownedOf(subscription.ownedPartitions, step.topics));
  touch(step, member);
  const deadlines = deadlinesOf(step, memberId);
  deadlines.joinMs = undefined;
  deadlines.syncMs = step.nowMs + request.rebalanceTimeoutMs;
  return {
    errorCode: ErrorCode.NONE,
    generationId: currentOf(group, memberId).memberEpoch,
    protocolType: CONSUMER_TYPE,
    protocolName: protocol.name,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

function findJoiningMember(
  step: ConsumerStep,
  { memberId: givenId, instanceId }: Request<JoinEvent>,
  memberId: string,
): MemberSubscription | Refusal | undefined {
  const { group } = step;
  if (instanceId === null) return group.members.get(memberId);
  if (givenId !== '') return findMember(group, memberId, instanceId);
  const ownerId = group.staticMembers.get(instanceId);
  const owner = ownerId === undefined ? undefined : group.members.get(ownerId);
  return owner === undefined ? undefined : replaceMember(step, owner, memberId);
}

/** At least one of its protocols must be one that all other classic members have. */
function supportsProtocols(
  group: ConsumerGroup,
  { protocolType, protocols, memberId }: Request<JoinEvent>,
): boolean {
  if (protocolType !== CONSUMER_TYPE || protocols.length === 0) return false;
  const others = [...group.members.values()].flatMap((member) =>
    member.classic === null || member.memberId === memberId ? [] : [member.classic.protocols],
  );
  return protocols.some(({ name }) =>
    others.every((known) => known.some((protocol) => protocol.name === name)),
  );
}

export function classicSync(step: ConsumerStep, request: Request<SyncEvent>): SyncAnswer {
  const { group } = step;
  const member = findClassicMember(group, request);
  if (isRefusal(member)) return refusedSync(member.errorCode);
  const current = currentOf(group, member.memberId);
  if (request.generation !== current.memberEpoch) return refusedSync(ErrorCode.ILLEGAL_GENERATION);
  const protocol = member.classic?.protocols[0];
  const isOfType = request.protocolType === null || request.protocolType === CONSUMER_TYPE;
  const isOfName = request.protocolName === null || request.protocolName === protocol?.name;
  if (protocol === undefined || !isOfType || !isOfName)
    return refusedSync(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  const deadlines = deadlinesOf(step, member.memberId);
  // Who still has to give something up has joined already; it joins again when it has done so.
  if (group.epoch > current.memberEpoch && current.phase !== MemberPhase.UNREVOKED) {
    deadlines.joinMs ??= step.nowMs + member.rebalanceTimeoutMs;
    return refusedSync(ErrorCode.REBALANCE_IN_PROGRESS);
  }
  deadlines.syncMs = undefined;
  touch(step, member);
  return {
    errorCode: ErrorCode.NONE,
    protocolType: request.protocolType,
    protocolName: request.protocolName,
    assignment: encodeAssignment(current.assigned, protocol, step.topics),
  };
}

export function classicHeartbeat(step: ConsumerStep, request: Request<HeartbeatEvent>): number {
  const { group } = step;
  const member = findClassicMember(group, request);
  if (isRefusal(member)) return member.errorCode;
  const current = currentOf(group, member.memberId);
  if (request.generation !== current.memberEpoch) return ErrorCode.ILLEGAL_GENERATION;
  touch(step, member);
  const mustJoin =
    current.memberEpoch < group.epoch ||
    current.phase === MemberPhase.UNREVOKED ||
    (current.phase === MemberPhase.UNRELEASED && !isWaitingForOthers(group, member.memberId));
  if (!mustJoin) return ErrorCode.NONE;
  deadlinesOf(step, member.memberId).joinMs ??= step.nowMs + member.rebalanceTimeoutMs;
  return ErrorCode.REBALANCE_IN_PROGRESS;
}

/** Some partition of its target is still held by another member. */
function isWaitingForOthers(group: ConsumerGroup, memberId: string): boolean {
  const { assigned } = currentOf(group, memberId);
  for (const [topicId, partitions] of group.targets.get(memberId) ?? NO_PARTITIONS) {
    for (const partition of partitions) {
      if (assigned.get(topicId)?.has(partition) === true) continue;
      if (group.owners.get(topicId)?.has(partition) === true) return true;
    }
  }
  return false;
}

/**
 * Who is to go, of either protocol, since administrators remove members this way; and an error code
 * for each, in their order.
 */
export function classicLeave(
  { group }: ConsumerStep,
  { members }: Request<LeaveEvent>,
): { readonly leaving: readonly string[]; readonly errorCodes: readonly number[] } {
  const leaving = new Set<string>();
  const errorCodes = members.map(({ memberId, instanceId }) => {
    // By its instance id alone, a static member is removed whatever its member id.
    const named =
      memberId === '' && instanceId !== null
        ? (group.staticMembers.get(instanceId) ?? '')
        : memberId;
    const member = findMember(group, named, instanceId);
    if (isRefusal(member)) return member.errorCode;
    leaving.add(member.memberId);
    return ErrorCode.NONE;
  });
  return { leaving: [...leaving], errorCodes };
}

function findClassicMember(
  group: ConsumerGroup,
  { memberId, instanceId }: { readonly memberId: string; readonly instanceId: string | null },
): MemberSubscription | Refusal {
  const member = findMember(group, memberId, instanceId);
  if (isRefusal(member) || member.classic !== null) return member;
  return {
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    message: `Member ${memberId} does not use the classic protocol.`,
  };
}

export interface ClassicSubscription {
  readonly topics: readonly string[];
  readonly rackId: string | null;
  readonly ownedPartitions: readonly {
    readonly topic: string;
    readonly partitions: readonly number[];
  }[];
}

/** Undefined for bytes that are not Kafka's consumer protocol. */
export function readSubscription(metadata: Uint8Array): ClassicSubscription | undefined {
  try {
    return decodeVersioned(messages.consumerProtocolSubscription, metadata).value;
  } catch {
    return undefined; // another program's own format
  }
}

export function ownedOf(
  owned: ClassicSubscription['ownedPartitions'],
  topics: TopicDirectory,
): Assignment {
  const assignment = new Map<string, Set<number>>();
  for (const { topic, partitions } of owned) {
    const topicId = topics.find(topic)?.topicId;
    if (topicId === undefined) continue;
    for (const partition of partitions) addPartition(assignment, topicId, partition);
  }
  return assignment;
}

/** In the version of the member's own subscription. */
export function encodeAssignment(
  assignment: Assignment,
  protocol: GroupProtocol,
  topics: TopicDirectory,
): Uint8Array {
  const message = messages.consumerProtocolAssignment;
  const { version } = decodeVersioned(messages.consumerProtocolSubscription, protocol.metadata);
  const assignedPartitions = [...assignment].flatMap(([topicId, partitions]) => {
    const topic = topics.nameOf(topicId);
    return topic === undefined
      ? []
      : [{ topic, partitions: [...partitions].sort((a, b) => a - b) }];
  });
  const known = Math.min(version, message.maxVersion);
  return encodeVersioned(message, known, { assignedPartitions, userData: null });
}
