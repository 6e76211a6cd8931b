import type { Assignment } from '../assignment.ts';

export interface AssignorMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Ids of the topics that it reads and that exist. */
  readonly topicIds: ReadonlySet<string>;
  /** Its share so far, which stays with it as far as balance allows. */
  readonly share: Assignment;
}

/** Shares out all partitions of the topics (ids to partition counts) that anybody reads. */
export type Assignor = (
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
) => ReadonlyMap<string, Assignment>;

/** The members of each topic, in the members' order. */
export function readersByTopic(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly AssignorMember[]> {
  const readers = new Map<string, AssignorMember[]>();
  for (const member of members) {
    for (const topicId of member.topicIds) {
      if (!partitionCounts.has(topicId)) continue;
      const known = readers.get(topicId);
      if (known === undefined) readers.set(topicId, [member]);
      else known.push(member);
    }
  }
  return readers;
}
