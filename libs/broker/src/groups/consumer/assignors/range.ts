import { addPartition, type Assignment } from '../assignment.ts';
import { readersByTopic, type Assignor, type AssignorMember } from './assignor.ts';

/**
 * Each topic in ranges, in the order of the members, so that topics with as many partitions and the
 * same readers are shared out alike: a member has the same partitions of all of them.
 */
export const assignRanges: Assignor = (members, partitionCounts) => {
  const shares = new Map<string, Map<string, Set<number>>>(
    members.map(({ memberId }) => [memberId, new Map<string, Set<number>>()]),
  );
  const ordered = [...members].sort(compareMembers);
  for (const [topicId, readers] of readersByTopic(ordered, partitionCounts)) {
    const count = partitionCounts.get(topicId) ?? 0;
    const least = Math.floor(count / readers.length);
    const more = count % readers.length;
    let next = 0;
    for (const [index, { memberId }] of readers.entries()) {
      const end = next + least + (index < more ? 1 : 0);
      const share = shares.get(memberId);
      for (; next < end; next += 1) if (share !== undefined) addPartition(share, topicId, next);
    }
  }
  return shares satisfies ReadonlyMap<string, Assignment>;
};

/** Static members by their names first, since these outlive their member ids. */
function compareMembers(a: AssignorMember, b: AssignorMember): number {
  if (a.instanceId !== null && b.instanceId !== null)
    return compareTexts(a.instanceId, b.instanceId);
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return compareTexts(a.memberId, b.memberId);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
