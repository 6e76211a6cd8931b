import { apis } from '@millrace/kafka-protocol';
import { byTopic } from './by-topic.ts';
import type { CommittedOffset, OffsetToCommit } from './consumer-api.ts';
import type { Coordinator } from './coordinator.ts';
import { answerIncomplete } from './errors.ts';
import type { TopicPartition } from './records.ts';

/** From here on OffsetFetch takes many groups. */
const BATCHED_SINCE = 8;

export interface MemberIdentity {
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** Who commits without being a member. */
export const NO_MEMBER: MemberIdentity = { generationId: -1, memberId: '', groupInstanceId: null };

/** `null` asks for all partitions. Throws retriable errors as they come; one attempt. */
export async function fetchGroupOffsets(
  coordinator: Coordinator,
  partitions: readonly TopicPartition[] | null,
  requireStable: boolean,
  member: MemberIdentity = NO_MEMBER,
): Promise<CommittedOffset[]> {
  const groupId = coordinator.key;
  const topics =
    partitions === null
      ? null
      : [...byTopic(partitions)].map(([name, group]) => ({
          name,
          partitionIndexes: group.map(({ partition }) => partition),
        }));
  const doing = 'fetch offsets of group';
  const answer = await coordinator.ask((link) =>
    link.request(apis.offsetFetch, (version) =>
      version >= BATCHED_SINCE
        ? { groups: [{ groupId, topics, ...asMember(version, member) }], requireStable }
        : { groupId, topics, requireStable: version >= 7 && requireStable },
    ),
  );
  const group =
    answer.groups.length > 0 ? answer.groups.find((one) => one.groupId === groupId) : answer;
  if (group === undefined) throw answerIncomplete('OffsetFetch', `group "${groupId}"`);
  if (group.errorCode !== 0) throw coordinator.refuse(group.errorCode, doing);
  const offsets: CommittedOffset[] = [];
  for (const topic of group.topics) {
    for (const partition of topic.partitions) {
      if (partition.errorCode !== 0) throw coordinator.refuse(partition.errorCode, doing);
      if (partition.committedOffset < 0) continue;
      offsets.push({
        topic: topic.name,
        partition: partition.partitionIndex,
        offset: partition.committedOffset,
        metadata: partition.metadata ?? '',
        ...(partition.committedLeaderEpoch >= 0
          ? { leaderEpoch: partition.committedLeaderEpoch }
          : {}),
      });
    }
  }
  return offsets;
}

/** From here on the coordinator checks who asks, in the consumer protocol. */
const MEMBER_SINCE = 9;

function asMember(
  version: number,
  { generationId, memberId }: MemberIdentity,
): { memberId?: string; memberEpoch?: number } {
  return version < MEMBER_SINCE || memberId === '' ? {} : { memberId, memberEpoch: generationId };
}

/** The first error code of the answer, 0 when all was committed. One attempt. */
export async function commitGroupOffsets(
  coordinator: Coordinator,
  member: MemberIdentity,
  offsets: readonly OffsetToCommit[],
): Promise<number> {
  const answer = await coordinator.ask((link) =>
    link.request(apis.offsetCommit, (version) => ({
      groupId: coordinator.key,
      generationIdOrMemberEpoch: member.generationId,
      memberId: member.memberId,
      groupInstanceId: version >= 7 ? member.groupInstanceId : null,
      topics: [...byTopic(offsets)].map(([name, group]) => ({
        name,
        partitions: group.map(({ leaderEpoch, metadata, offset, partition }) => ({
          partitionIndex: partition,
          committedOffset: offset,
          ...(version >= 6 ? { committedLeaderEpoch: leaderEpoch ?? -1 } : {}),
          committedMetadata: metadata ?? '',
        })),
      })),
    })),
  );
  for (const { partitions } of answer.topics) {
    for (const { errorCode } of partitions) if (errorCode !== 0) return errorCode;
  }
  return 0;
}
