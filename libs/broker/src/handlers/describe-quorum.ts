import {
  apis,
  ErrorCode,
  type DescribeQuorumRequest,
  type DescribeQuorumResponseInput,
  type DescribeQuorumResponsePartitionInput,
} from '@millrace/kafka-protocol';
import type { Call } from '../core.ts';
import { CONTROLLER_LISTENER } from '../metadata/control-batch.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { METADATA_TOPIC } from '../topic-names.ts';

export const describeQuorumHandler: ServedApi = serve(apis.describeQuorum, describeQuorum);

function describeQuorum(
  { topics }: DescribeQuorumRequest,
  { core, context }: Call,
): DescribeQuorumResponseInput {
  // Kafka says "no error" with an empty text here.
  const errorMessage = '';
  if (!asksForMetadata(topics)) {
    return {
      errorCode: ErrorCode.NONE,
      errorMessage,
      topics: topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) => unknown(partitionIndex)),
      })),
    };
  }
  const { leaderId, leaderEpoch, highWatermark, logEndOffset, directoryId } = core.metadata.quorum;
  const nowMs = core.clock.nowMs();
  const { host, port } = core.addressFor(context);
  const voter = {
    replicaId: leaderId,
    replicaDirectoryId: directoryId,
    logEndOffset,
    lastFetchTimestamp: nowMs,
    lastCaughtUpTimestamp: nowMs,
  };
  const partition = {
    ...{ partitionIndex: 0, errorCode: ErrorCode.NONE, errorMessage },
    ...{ leaderId, leaderEpoch, highWatermark, currentVoters: [voter], observers: [] },
  };
  return {
    errorCode: ErrorCode.NONE,
    errorMessage,
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
    nodes: [{ nodeId: leaderId, listeners: [{ name: CONTROLLER_LISTENER, host, port }] }],
  };
}

function asksForMetadata(topics: DescribeQuorumRequest['topics']): boolean {
  const [topic] = topics;
  return (
    topics.length === 1 &&
    topic?.topicName === METADATA_TOPIC &&
    topic.partitions.length === 1 &&
    topic.partitions[0]?.partitionIndex === 0
  );
}

function unknown(partitionIndex: number): DescribeQuorumResponsePartitionInput {
  return {
    partitionIndex,
    errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    errorMessage: 'This server does not host this topic-partition.',
    leaderId: 0,
    leaderEpoch: 0,
    highWatermark: 0,
    currentVoters: [],
    observers: [],
  };
}
