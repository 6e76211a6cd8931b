import {
  apis,
  ErrorCode,
  type OffsetFetchRequest,
  type OffsetFetchResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { admitConsumerFetch } from '../groups/consumer/admit-commit.ts';
import type { CommittedOffset } from '../groups/group-records.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** From this version on several groups at once. */
const BATCHED_SINCE = 8;

export const offsetFetchHandler: ServedApi = serve(apis.offsetFetch, offsetFetch);

type AskedTopics =
  readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null;

function offsetFetch(
  request: OffsetFetchRequest,
  { core, version }: Call,
): OffsetFetchResponseInput {
  if (version < BATCHED_SINCE) {
    const { groupId, topics, requireStable } = request;
    return { topics: offsetsOf(groupId, topics, requireStable, core), errorCode: ErrorCode.NONE };
  }
  return {
    groups: request.groups.map(({ groupId, topics, memberId, memberEpoch }) => {
      const group = core.groups.find(groupId)?.group;
      const errorCode =
        group?.kind === 'consumer'
          ? admitConsumerFetch(group.state, memberId, memberEpoch)
          : ErrorCode.NONE;
      const isAdmitted = errorCode === ErrorCode.NONE;
      return {
        groupId,
        topics: isAdmitted ? offsetsOf(groupId, topics, request.requireStable, core) : [],
        errorCode,
      };
    }),
  };
}

interface TopicOffsets {
  readonly name: string;
  readonly partitions: readonly PartitionOffset[];
}

interface PartitionOffset {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly metadata: string;
  readonly errorCode: number;
}

/** `isStable` asks for offsets that no open transaction can change (KIP-447). */
function offsetsOf(
  groupId: string,
  asked: AskedTopics,
  isStable: boolean,
  core: BrokerCore,
): TopicOffsets[] {
  const offsets = core.groups.find(groupId)?.offsets;
  const offsetOf = (
    topic: string,
    index: number,
    committed: CommittedOffset | undefined,
  ): PartitionOffset =>
    isStable && core.groups.hasPendingOffset(groupId, topic, index)
      ? partitionOffset(index, undefined, ErrorCode.UNSTABLE_OFFSET_COMMIT)
      : partitionOffset(index, committed, ErrorCode.NONE);
  if (asked !== null) {
    return asked.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) =>
        offsetOf(name, index, offsets?.get(name)?.get(index)),
      ),
    }));
  }
  return [...(offsets ?? [])].map(([name, partitions]) => ({
    name,
    partitions: [...partitions].map(([index, committed]) => offsetOf(name, index, committed)),
  }));
}

/** What was never committed is -1, and no error. */
function partitionOffset(
  partitionIndex: number,
  committed: CommittedOffset | undefined,
  errorCode: number,
): PartitionOffset {
  return {
    partitionIndex,
    committedOffset: committed?.offset ?? -1,
    committedLeaderEpoch: committed?.leaderEpoch ?? -1,
    metadata: committed?.metadata ?? '',
    errorCode,
  };
}
