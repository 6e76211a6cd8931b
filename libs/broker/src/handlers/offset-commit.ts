import {
  apis,
  ErrorCode,
  type OffsetCommitRequest,
  type OffsetCommitResponseInput,
} from '@millrace/kafka-protocol';
import type { Call } from '../core.ts';
import type { OffsetToCommit } from '../groups/offsets/offset-table.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const offsetCommitHandler: ServedApi = serve(apis.offsetCommit, offsetCommit);

async function offsetCommit(
  request: OffsetCommitRequest,
  { core, version }: Call,
): Promise<OffsetCommitResponseInput> {
  const nowMs = core.clock.nowMs();
  const offsets: OffsetToCommit[] = [];
  const refusals = new Map<string, number>();
  for (const { name, partitions } of request.topics) {
    for (const partition of partitions) {
      const { partitionIndex, committedOffset: offset } = partition;
      const metadata = partition.committedMetadata ?? '';
      if (!core.topics.hasPartition(name, partitionIndex)) {
        refusals.set(keyOf(name, partitionIndex), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      } else if (!core.groups.admitsMetadata(metadata)) {
        refusals.set(keyOf(name, partitionIndex), ErrorCode.OFFSET_METADATA_TOO_LARGE);
      } else {
        const committed = {
          offset,
          leaderEpoch: partition.committedLeaderEpoch,
          metadata,
          commitTimestampMs: nowMs,
          expireTimestampMs: request.retentionTimeMs < 0 ? -1 : nowMs + request.retentionTimeMs,
        };
        offsets.push({ topic: name, partition: partitionIndex, committed });
      }
    }
  }
  const errorCode = await core.groups.commit({
    groupId: request.groupId,
    memberId: request.memberId,
    instanceId: request.groupInstanceId,
    generation: request.generationIdOrMemberEpoch,
    version,
    offsets,
  });
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: refusals.get(keyOf(name, partitionIndex)) ?? errorCode,
      })),
    })),
  };
}

function keyOf(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
