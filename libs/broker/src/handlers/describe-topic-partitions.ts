import {
  apis,
  ErrorCode,
  ZERO_UUID,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponseInput,
  type DescribeTopicPartitionsResponseTopicInput,
} from '@millrace/kafka-protocol';
import { ALL_TOPIC_OPERATIONS } from '../authorized-operations.ts';
import { leaderOf, type BrokerCore, type Call } from '../core.ts';
import type { TopicEntry } from '../metadata/metadata-image.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { findTopicNameProblem, isInternalTopic } from '../topic-names.ts';

export const describeTopicPartitionsHandler: ServedApi = serve(
  apis.describeTopicPartitions,
  describeTopicPartitions,
);

/** Topics in the order of their names, as many partitions as asked for, and where to go on. */
function describeTopicPartitions(
  request: DescribeTopicPartitionsRequest,
  { core }: Call,
): DescribeTopicPartitionsResponseInput {
  const { cursor } = request;
  if (cursor !== null && cursor.partitionIndex < 0) return refused(request);
  const isAll = request.topics.length === 0;
  const asked = isAll
    ? [...core.topics.image.topicsByName.keys()]
    : request.topics.map(({ name }) => name);
  const names = [...new Set(asked)]
    .filter((name) => cursor === null || name >= cursor.topicName)
    .sort(compareTexts);
  const limitMax = core.settings.values['max.request.partition.size.limit'];
  let left = Math.max(1, Math.min(request.responsePartitionLimit, limitMax));
  const topics: DescribeTopicPartitionsResponseTopicInput[] = [];
  for (const name of names) {
    const entry = core.topics.find(name);
    if (left === 0) {
      if (entry === undefined && isAll) continue;
      return { topics, nextCursor: { topicName: name, partitionIndex: 0 } };
    }
    if (entry === undefined) {
      topics.push(unknown(name));
      continue;
    }
    const first = cursor?.topicName === name ? cursor.partitionIndex : 0;
    const end = Math.min(entry.partitionCount, first + left);
    topics.push(describe(entry, first, end, core));
    left -= Math.max(0, end - first);
    if (end < entry.partitionCount)
      return { topics, nextCursor: { topicName: name, partitionIndex: end } };
  }
  return { topics, nextCursor: null };
}

function describe(
  entry: TopicEntry,
  first: number,
  end: number,
  core: BrokerCore,
): DescribeTopicPartitionsResponseTopicInput {
  return {
    errorCode: ErrorCode.NONE,
    name: entry.name,
    topicId: entry.topicId,
    isInternal: isInternalTopic(entry.name),
    partitions: entry.partitions.slice(first, end).map((partition, index) => {
      const { leader, errorCode, offlineReplicas } = leaderOf(core, entry, first + index);
      return {
        errorCode,
        partitionIndex: first + index,
        leaderId: leader,
        leaderEpoch: partition.leaderEpoch,
        replicaNodes: partition.replicas,
        isrNodes: partition.isr,
        eligibleLeaderReplicas: partition.eligibleLeaderReplicas,
        lastKnownElr: partition.lastKnownElr,
        offlineReplicas,
      };
    }),
    topicAuthorizedOperations: ALL_TOPIC_OPERATIONS,
  };
}

function unknown(name: string): DescribeTopicPartitionsResponseTopicInput {
  const errorCode =
    findTopicNameProblem(name) === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.INVALID_TOPIC_EXCEPTION;
  const topicAuthorizedOperations = ALL_TOPIC_OPERATIONS;
  return { errorCode, name, topicId: ZERO_UUID, partitions: [], topicAuthorizedOperations };
}

function refused({ topics }: DescribeTopicPartitionsRequest): DescribeTopicPartitionsResponseInput {
  return {
    topics: topics.map(({ name }) => ({
      errorCode: ErrorCode.INVALID_REQUEST,
      name,
      topicId: ZERO_UUID,
      partitions: [],
    })),
  };
}

/** By code units, as Java sorts texts. */
function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
