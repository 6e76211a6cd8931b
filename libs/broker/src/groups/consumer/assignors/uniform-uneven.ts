import { addPartition, partitionCountOf } from '../assignment.ts';
import { readersByTopic, type Assignor, type AssignorMember } from './assignor.ts';

type Share = Map<string, Set<number>>;

interface Reader {
  readonly memberId: string;
  readonly share: Share;
  size: number;
}

/**
 * Members read different topics: each keeps what it had, what is free goes to whoever reads it and
 * has least, and then partitions move from readers with more to readers with less until none can.
 */
export const assignUnevenSubscriptions: Assignor = (members, partitionCounts) => {
  const readers = new Map<string, Reader>(
    members.map(({ memberId }) => [memberId, { memberId, share: new Map(), size: 0 }]),
  );
  const readersOf = new Map<string, readonly Reader[]>();
  for (const [topicId, ofTopic] of readersByTopic(members, partitionCounts)) {
    readersOf.set(
      topicId,
      ofTopic.flatMap(({ memberId }) => readers.get(memberId) ?? []),
    );
  }
  const owners = keepShares(members, partitionCounts, readers);
  // Topics with the fewest readers first: these have the least choice.
  const topics = [...readersOf].sort(
    ([idA, a], [idB, b]) => a.length - b.length || (idA < idB ? -1 : 1),
  );
  for (const [topicId, ofTopic] of topics) {
    const owned = owners.get(topicId);
    for (let partition = 0; partition < (partitionCounts.get(topicId) ?? 0); partition += 1) {
      if (owned?.has(partition) === true) continue;
      const reader = leastLoaded(ofTopic);
      if (reader !== undefined) give(reader, topicId, partition);
    }
  }
  balance(topics);
  return new Map([...readers].map(([memberId, { share }]) => [memberId, share]));
};

function keepShares(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
  readers: ReadonlyMap<string, Reader>,
): ReadonlyMap<string, ReadonlySet<number>> {
  const owned: Share = new Map();
  for (const member of members) {
    const reader = readers.get(member.memberId);
    if (reader === undefined || partitionCountOf(member.share) === 0) continue;
    for (const [topicId, partitions] of member.share) {
      const count = partitionCounts.get(topicId) ?? 0;
      if (!member.topicIds.has(topicId)) continue;
      for (const partition of partitions) {
        if (partition >= count || owned.get(topicId)?.has(partition) === true) continue;
        addPartition(owned, topicId, partition);
        give(reader, topicId, partition);
      }
    }
  }
  return owned;
}

function give(reader: Reader, topicId: string, partition: number): void {
  addPartition(reader.share, topicId, partition);
  reader.size += 1;
}

function leastLoaded(readers: readonly Reader[]): Reader | undefined {
  let least: Reader | undefined;
  for (const reader of readers) if (least === undefined || reader.size < least.size) least = reader;
  return least;
}

/**
 * Moves single partitions of a topic from the reader with most to the one with least. Each move
 * lowers the sum of the squares of the sizes, so that it ends.
 */
function balance(topics: readonly (readonly [string, readonly Reader[]])[]): void {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const [topicId, readers] of topics) {
      while (moveOne(topicId, readers)) hasMoved = true;
    }
  }
}

function moveOne(topicId: string, readers: readonly Reader[]): boolean {
  const to = leastLoaded(readers);
  let from: Reader | undefined;
  for (const reader of readers) {
    const has = (reader.share.get(topicId)?.size ?? 0) > 0;
    if (has && (from === undefined || reader.size > from.size)) from = reader;
  }
  if (to === undefined || from === undefined || from.size - to.size < 2) return false;
  const partitions = from.share.get(topicId);
  const [partition] = [...(partitions ?? [])].slice(-1);
  if (partitions === undefined || partition === undefined) return false;
  partitions.delete(partition);
  if (partitions.size === 0) from.share.delete(topicId);
  from.size -= 1;
  give(to, topicId, partition);
  return true;
}
