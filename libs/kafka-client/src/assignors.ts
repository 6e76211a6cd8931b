import { must } from '@millrace/foundation';
import type { AssignorName } from './consumer-api.ts';
import type { TopicPartition } from './records.ts';

export interface MemberSubscription {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  /** In which `owned` was assigned; -1 when unknown. */
  readonly generation: number;
}

/** Member id to partitions; every member is in it. */
export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

type Assignor = (
  members: readonly MemberSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
) => Assignment;

export const ASSIGNORS: Readonly<Record<AssignorName, Assignor>> = {
  range: assignRange,
  roundrobin: assignRoundRobin,
  sticky: assignSticky,
  'cooperative-sticky': assignCooperativeSticky,
};

/** Each topic by itself: neighbouring partitions to members in order, the first ones get one more. */
export function assignRange(
  members: readonly MemberSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
): Assignment {
  const ordered = inOrder(members);
  const assignment = emptyAssignment(ordered);
  for (const [topic, count] of partitionCounts) {
    const subscribed = ordered.filter(({ topics }) => topics.includes(topic));
    const each = Math.floor(count / subscribed.length);
    const withOneMore = count % subscribed.length;
    let partition = 0;
    for (const [index, { memberId }] of subscribed.entries()) {
      const share = each + (index < withOneMore ? 1 : 0);
      for (const end = partition + share; partition < end; partition += 1) {
        assignment.get(memberId)?.push({ topic, partition });
      }
    }
  }
  return assignment;
}

/** All partitions of all topics in turn. */
export function assignRoundRobin(
  members: readonly MemberSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
): Assignment {
  const ordered = inOrder(members);
  const assignment = emptyAssignment(ordered);
  let turn = 0;
  for (const { topic, partition } of allPartitions(partitionCounts)) {
    for (let tried = 0; tried < ordered.length; tried += 1) {
      const member = must(ordered[turn % ordered.length], 'a member has the turn');
      turn += 1;
      if (!member.topics.includes(topic)) continue;
      assignment.get(member.memberId)?.push({ topic, partition });
      break;
    }
  }
  return assignment;
}

/** Balanced, with as few moves as possible; all have given up everything before. */
export function assignSticky(
  members: readonly MemberSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
): Assignment {
  const ordered = inOrder(members);
  return balance(ordered, partitionCounts, ownersOf(ordered, partitionCounts));
}

/**
 * Balanced, with as few moves as possible; and a partition that moves is given to nobody yet: its
 * owner first gives it up, which starts the next rebalance (KIP-429).
 */
export function assignCooperativeSticky(
  members: readonly MemberSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
): Assignment {
  const ordered = inOrder(members);
  const owners = ownersOf(ordered, partitionCounts);
  const balanced = balance(ordered, partitionCounts, owners);
  return new Map(
    [...balanced].map(([memberId, partitions]) => [
      memberId,
      partitions.filter((partition) => {
        const owner = owners.get(keyOf(partition));
        return owner === undefined || owner === memberId;
      }),
    ]),
  );
}

/** Who holds what, by the newest generation; what two members claim belongs to neither. */
function ownersOf(
  members: readonly MemberSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> {
  const claims = new Map<string, { memberId: string | undefined; generation: number }>();
  for (const { generation, memberId, owned, topics } of members) {
    for (const partition of owned) {
      if (partition.partition >= (partitionCounts.get(partition.topic) ?? 0)) continue;
      if (!topics.includes(partition.topic)) continue;
      const key = keyOf(partition);
      const claim = claims.get(key);
      if (claim === undefined || generation > claim.generation) {
        claims.set(key, { memberId, generation });
      } else if (generation === claim.generation) claim.memberId = undefined;
    }
  }
  const owners = new Map<string, string>();
  for (const [key, { memberId }] of claims) if (memberId !== undefined) owners.set(key, memberId);
  return owners;
}

function balance(
  members: readonly MemberSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
  owners: ReadonlyMap<string, string>,
): Map<string, TopicPartition[]> {
  const assignment = emptyAssignment(members);
  const load = (memberId: string): number => assignment.get(memberId)?.length ?? 0;
  const subscribed = new Map<string, string[]>();
  for (const topic of partitionCounts.keys()) {
    subscribed.set(
      topic,
      members.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => memberId),
    );
  }
  const leastLoaded = (topic: string): string | undefined => {
    let least: string | undefined;
    for (const memberId of subscribed.get(topic) ?? []) {
      if (least === undefined || load(memberId) < load(least)) least = memberId;
    }
    return least;
  };
  const free: TopicPartition[] = [];
  for (const partition of allPartitions(partitionCounts)) {
    const owner = owners.get(keyOf(partition));
    if (owner === undefined) free.push(partition);
    else assignment.get(owner)?.push(partition);
  }
  for (const partition of free) {
    const memberId = leastLoaded(partition.topic);
    if (memberId !== undefined) assignment.get(memberId)?.push(partition);
  }
  // Each move makes the loads more equal, so this ends.
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const { memberId } of members) {
      const held = assignment.get(memberId) ?? [];
      for (let index = held.length - 1; index >= 0; index -= 1) {
        const partition = must(held[index], 'within the held');
        const least = leastLoaded(partition.topic);
        if (least === undefined || load(least) + 1 >= held.length) continue;
        held.splice(index, 1);
        assignment.get(least)?.push(partition);
        hasMoved = true;
      }
    }
  }
  return assignment;
}

/** Static members by their instance id, so that a restart changes nothing. */
function inOrder(members: readonly MemberSubscription[]): readonly MemberSubscription[] {
  const rank = (member: MemberSubscription): string =>
    member.groupInstanceId === null ? `1${member.memberId}` : `0${member.groupInstanceId}`;
  return [...members].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function emptyAssignment(members: readonly MemberSubscription[]): Map<string, TopicPartition[]> {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

function allPartitions(partitionCounts: ReadonlyMap<string, number>): TopicPartition[] {
  return [...partitionCounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    );
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}
