import { unreachable } from '@millrace/foundation';
import type { Assignment } from './assignment.ts';
import type {
  ConsumerGroup,
  CurrentAssignment,
  MatchedTopics,
  MemberSubscription,
} from './consumer-group.ts';

/** One change of a group, which is one record in its log. Null removes. */
export type GroupChange =
  | { readonly kind: 'epoch'; readonly value: GroupEpoch | null }
  | {
      readonly kind: 'member';
      readonly memberId: string;
      readonly value: MemberSubscription | null;
    }
  | { readonly kind: 'target-epoch'; readonly value: number | null }
  | { readonly kind: 'target'; readonly memberId: string; readonly value: Assignment | null }
  | {
      readonly kind: 'current';
      readonly memberId: string;
      readonly value: CurrentAssignment | null;
    }
  | { readonly kind: 'pattern'; readonly regex: string; readonly value: MatchedTopics | null }
  /** What Kafka before 4.1 kept where the hash is now. Only ever removed. */
  | { readonly kind: 'partition-metadata'; readonly value: object | null };

export interface GroupEpoch {
  readonly epoch: number;
  readonly metadataHash: number;
}

/** Changes the group, and returns the change that takes it back. */
export function applyChange(group: ConsumerGroup, change: GroupChange): GroupChange {
  switch (change.kind) {
    case 'epoch': {
      const { epoch, metadataHash } = group;
      group.epoch = change.value?.epoch ?? 0;
      group.metadataHash = change.value?.metadataHash ?? 0;
      return { kind: 'epoch', value: { epoch, metadataHash } };
    }
    case 'target-epoch': {
      const value = group.assignmentEpoch;
      group.assignmentEpoch = change.value ?? 0;
      return { kind: 'target-epoch', value };
    }
    case 'member':
      return applyMember(group, change.memberId, change.value);
    case 'target': {
      const value = group.targets.get(change.memberId) ?? null;
      put(group.targets, change.memberId, change.value);
      return { kind: 'target', memberId: change.memberId, value };
    }
    case 'current':
      return applyCurrent(group, change.memberId, change.value);
    case 'pattern': {
      const value = group.patterns.get(change.regex) ?? null;
      put(group.patterns, change.regex, change.value);
      return { kind: 'pattern', regex: change.regex, value };
    }
    case 'partition-metadata': {
      const value = group.hasPartitionMetadata ? {} : null;
      group.hasPartitionMetadata = change.value !== null;
      return { kind: 'partition-metadata', value };
    }
    default:
      return unreachable(change);
  }
}

function applyMember(
  group: ConsumerGroup,
  memberId: string,
  value: MemberSubscription | null,
): GroupChange {
  const former = group.members.get(memberId) ?? null;
  const { staticMembers } = group;
  if (former?.instanceId != null && staticMembers.get(former.instanceId) === memberId)
    staticMembers.delete(former.instanceId);
  put(group.members, memberId, value);
  if (value?.instanceId != null) staticMembers.set(value.instanceId, memberId);
  if (value === null) group.deadlines.delete(memberId);
  return { kind: 'member', memberId, value: former };
}

function applyCurrent(
  group: ConsumerGroup,
  memberId: string,
  value: CurrentAssignment | null,
): GroupChange {
  const former = group.currents.get(memberId) ?? null;
  if (former !== null) {
    disown(group, memberId, former.assigned);
    disown(group, memberId, former.pendingRevocation);
  }
  put(group.currents, memberId, value);
  if (value !== null) {
    own(group, memberId, value.assigned);
    own(group, memberId, value.pendingRevocation);
  }
  return { kind: 'current', memberId, value: former };
}

function own(group: ConsumerGroup, memberId: string, assignment: Assignment): void {
  for (const [topicId, partitions] of assignment) {
    const owners = group.owners.get(topicId) ?? new Map<number, string>();
    group.owners.set(topicId, owners);
    for (const partition of partitions) owners.set(partition, memberId);
  }
}

/** Compaction may show a later owner's record before the former owner's: only one's own is taken away. */
function disown(group: ConsumerGroup, memberId: string, assignment: Assignment): void {
  for (const [topicId, partitions] of assignment) {
    const owners = group.owners.get(topicId);
    if (owners === undefined) continue;
    for (const partition of partitions) {
      if (owners.get(partition) === memberId) owners.delete(partition);
    }
    if (owners.size === 0) group.owners.delete(topicId);
  }
}

function put<T>(map: Map<string, T>, key: string, value: T | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}
