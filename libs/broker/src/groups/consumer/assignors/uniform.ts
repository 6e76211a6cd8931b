import { addPartition, partitionCountOf } from '../assignment.ts';
import type { Assignor, AssignorMember } from './assignor.ts';
import { assignUnevenSubscriptions } from './uniform-uneven.ts';

/** As even as can be, and as little moved as that allows. */
export const assignUniformly: Assignor = (members, partitionCounts) => {
  const [first] = members;
  if (first === undefined) return new Map();
  return members.every((member) => readsTheSame(member, first))
    ? assignEvenSubscriptions(members, partitionCounts)
    : assignUnevenSubscriptions(members, partitionCounts);
};

function readsTheSame(a: AssignorMember, b: AssignorMember): boolean {
  if (a === b) return true;
  if (a.topicIds.size !== b.topicIds.size) return false;
  for (const topicId of a.topicIds) if (!b.topicIds.has(topicId)) return false;
  return true;
}

type Shares = Map<string, Map<string, Set<number>>>;

/** Everybody reads the same: each has the quota, and the first `extra` of those with more keep one more. */
const assignEvenSubscriptions: Assignor = (members, partitionCounts) => {
  const topicIds = [...(members[0]?.topicIds ?? [])].filter((id) => partitionCounts.has(id));
  const total = topicIds.reduce((sum, id) => sum + (partitionCounts.get(id) ?? 0), 0);
  const quota = Math.floor(total / members.length);
  let extra = total % members.length;
  const shares: Shares = new Map();
  const free = new Map(
    topicIds.map((id) => [id, new Set(Array(partitionCounts.get(id) ?? 0).keys())]),
  );
  const room = new Map<string, number>();
  // Who had more than the quota keeps one of the extra ones first, so that it moves nowhere.
  for (const member of members) {
    const hadMore = partitionCountOf(member.share) > quota && extra > 0;
    if (hadMore) extra -= 1;
    room.set(member.memberId, quota + (hadMore ? 1 : 0));
  }
  for (const member of members) {
    const share = new Map<string, Set<number>>();
    shares.set(member.memberId, share);
    let left = room.get(member.memberId) ?? 0;
    for (const [topicId, partitions] of member.share) {
      const unassigned = free.get(topicId);
      for (const partition of partitions) {
        if (left === 0 || unassigned?.delete(partition) !== true) continue;
        addPartition(share, topicId, partition);
        left -= 1;
      }
    }
    room.set(member.memberId, left);
  }
  for (const { memberId } of members) {
    if (extra === 0) break;
    const share = shares.get(memberId);
    const size = (share === undefined ? 0 : partitionCountOf(share)) + (room.get(memberId) ?? 0);
    if (size > quota) continue;
    room.set(memberId, (room.get(memberId) ?? 0) + 1);
    extra -= 1;
  }
  deal(members, shares, room, free);
  return shares;
};

/** Deals out what nobody has, one to each in turn, so that each member gets something of each topic. */
function deal(
  members: readonly AssignorMember[],
  shares: Shares,
  room: Map<string, number>,
  free: ReadonlyMap<string, ReadonlySet<number>>,
): void {
  let hungry = members.filter(({ memberId }) => (room.get(memberId) ?? 0) > 0);
  let turn = 0;
  for (const [topicId, partitions] of free) {
    for (const partition of partitions) {
      const member = hungry[turn % hungry.length];
      const share = member === undefined ? undefined : shares.get(member.memberId);
      if (member === undefined || share === undefined) return;
      addPartition(share, topicId, partition);
      const left = (room.get(member.memberId) ?? 0) - 1;
      room.set(member.memberId, left);
      if (left === 0) {
        turn %= hungry.length;
        hungry = hungry.filter((each) => each !== member);
      } else turn += 1;
    }
  }
}
