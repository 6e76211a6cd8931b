import type { GroupProtocol } from '../classic/group-state.ts';
import type { Assignment } from './assignment.ts';

/** The parts of a group of KIP-848. Changed by `applyChange` alone, but for the deadlines. */
export interface ConsumerGroup {
  readonly groupId: string;
  /** Grows with every change of members, subscriptions or topics. */
  epoch: number;
  /** The epoch that the target assignment was made for. */
  assignmentEpoch: number;
  /** Of the topics that the group reads, as they were at its epoch. */
  metadataHash: number;
  readonly members: Map<string, MemberSubscription>;
  /** `group.instance.id` to member id. */
  readonly staticMembers: Map<string, string>;
  /** What each member is to own. */
  readonly targets: Map<string, Assignment>;
  /** What each member owns, or is about to give up. */
  readonly currents: Map<string, CurrentAssignment>;
  /** Who owns a partition, or has not yet said that it gave it up; by topic id and partition. */
  readonly owners: Map<string, Map<number, string>>;
  /** The topics that each subscribed pattern matches. */
  readonly patterns: Map<string, MatchedTopics>;
  /** The topics that `metadataHash` was last compared with; see `TopicDirectory.version`. */
  topicsVersion: unknown;
  /** The same for `patterns`. */
  patternsVersion: unknown;
  /** Written by Kafka before 4.1; needs a tombstone when the group goes. */
  hasPartitionMetadata: boolean;
  /** When members are given up. Not stored: after a start they count anew. */
  readonly deadlines: Map<string, MemberDeadlines>;
}

/** What a member said of itself. */
export interface MemberSubscription {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly topicNames: readonly string[];
  /** Empty for none. */
  readonly topicRegex: string;
  readonly rebalanceTimeoutMs: number;
  readonly serverAssignor: string | null;
  /** Of a member that speaks the classic protocol; null for the others. */
  readonly classic: ClassicSide | null;
}

export interface ClassicSide {
  readonly sessionTimeoutMs: number;
  readonly protocols: readonly GroupProtocol[];
}

/** Kafka's numbers for where a member stands on its way to the target. */
export const MemberPhase = { STABLE: 0, UNREVOKED: 1, UNRELEASED: 2 } as const;

export interface CurrentAssignment {
  readonly memberEpoch: number;
  /** Accepted once more from a member that missed the answer which raised its epoch. */
  readonly previousMemberEpoch: number;
  readonly phase: number;
  readonly assigned: Assignment;
  /** Asked back; others get them once the member says that it has stopped. */
  readonly pendingRevocation: Assignment;
}

export interface MatchedTopics {
  readonly topics: readonly string[];
  readonly metadataVersion: number;
  readonly timestampMs: number;
}

export interface MemberDeadlines {
  sessionMs: number;
  /** For giving up partitions; void once the member has left that epoch. */
  revocation: { readonly atMs: number; readonly memberEpoch: number } | undefined;
  /** A classic member was told to join, or has joined and is to sync. */
  joinMs: number | undefined;
  syncMs: number | undefined;
}

/** The epoch of a static member that went and means to come back (KIP-848). */
export const STATIC_LEAVE_EPOCH = -2;
export const LEAVE_EPOCH = -1;

export function emptyConsumerGroup(groupId: string): ConsumerGroup {
  return {
    groupId,
    epoch: 0,
    assignmentEpoch: 0,
    metadataHash: 0,
    members: new Map(),
    staticMembers: new Map(),
    targets: new Map(),
    currents: new Map(),
    owners: new Map(),
    patterns: new Map(),
    topicsVersion: undefined,
    patternsVersion: undefined,
    hasPartitionMetadata: false,
    deadlines: new Map(),
  };
}

const NOTHING_YET: CurrentAssignment = {
  memberEpoch: 0,
  previousMemberEpoch: -1,
  phase: MemberPhase.STABLE,
  assigned: new Map(),
  pendingRevocation: new Map(),
};

export function currentOf(group: ConsumerGroup, memberId: string): CurrentAssignment {
  return group.currents.get(memberId) ?? NOTHING_YET;
}

export function isReconciled(current: CurrentAssignment, assignmentEpoch: number): boolean {
  return current.phase === MemberPhase.STABLE && current.memberEpoch === assignmentEpoch;
}

export type ConsumerGroupPhase = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

export function phaseOf(group: ConsumerGroup): ConsumerGroupPhase {
  if (group.members.size === 0) return 'Empty';
  if (group.epoch > group.assignmentEpoch) return 'Assigning';
  for (const memberId of group.members.keys()) {
    if (!isReconciled(currentOf(group, memberId), group.assignmentEpoch)) return 'Reconciling';
  }
  return 'Stable';
}

/** The topics that a member reads, those of its pattern included. */
export function topicsOf(group: ConsumerGroup, member: MemberSubscription): ReadonlySet<string> {
  const topics = new Set(member.topicNames);
  if (member.topicRegex !== '') {
    for (const topic of group.patterns.get(member.topicRegex)?.topics ?? []) topics.add(topic);
  }
  return topics;
}

export function readsTopic(group: ConsumerGroup, topic: string): boolean {
  for (const member of group.members.values()) {
    if (member.topicNames.includes(topic)) return true;
  }
  for (const { topics } of group.patterns.values()) if (topics.includes(topic)) return true;
  return false;
}

/** When the group next has something to do by itself; Infinity when nothing is due. */
export function nextDeadlineMs(group: ConsumerGroup): number {
  let next = Infinity;
  for (const { sessionMs, revocation, joinMs, syncMs } of group.deadlines.values()) {
    next = Math.min(
      next,
      sessionMs,
      revocation?.atMs ?? Infinity,
      joinMs ?? Infinity,
      syncMs ?? Infinity,
    );
  }
  return next;
}
