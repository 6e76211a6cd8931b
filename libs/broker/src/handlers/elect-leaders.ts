import {
  apis,
  ErrorCode,
  type ElectLeadersRequest,
  type ElectLeadersResponseInput,
  type ElectLeadersResponsePartitionResultInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';

const PREFERRED = 0;
const UNCLEAN = 1;

export const electLeadersHandler: ServedApi = serve(apis.electLeaders, electLeaders);

/** On one node every leader is the preferred one, and alive: there is never anything to elect. */
function electLeaders(
  { electionType, topicPartitions }: ElectLeadersRequest,
  { core }: Call,
): ElectLeadersResponseInput {
  if (electionType !== PREFERRED && electionType !== UNCLEAN)
    return refused(topicPartitions ?? [], `Unknown election type ${electionType}`);
  if (topicPartitions === null) {
    // Asked for all, those without need of an election are left out.
    const names = [...core.topics.image.topicsByName.keys()];
    return { replicaElectionResults: names.map((topic) => ({ topic, partitionResult: [] })) };
  }
  return {
    replicaElectionResults: topicPartitions.map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partition) => elect(topic, partition, core)),
    })),
  };
}

function elect(
  topic: string,
  partitionId: number,
  core: BrokerCore,
): ElectLeadersResponsePartitionResultInput {
  const entry = core.topics.find(topic);
  if (entry === undefined) return unknown(partitionId, `No such topic as ${topic}`);
  if (entry.partitions[partitionId] === undefined)
    return unknown(partitionId, `No such partition as ${topic}-${partitionId}`);
  return {
    partitionId,
    errorCode: ErrorCode.ELECTION_NOT_NEEDED,
    errorMessage: 'Leader election not needed for topic partition.',
  };
}

function unknown(
  partitionId: number,
  errorMessage: string,
): ElectLeadersResponsePartitionResultInput {
  return { partitionId, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage };
}

function refused(
  topics: NonNullable<ElectLeadersRequest['topicPartitions']>,
  errorMessage: string,
): ElectLeadersResponseInput {
  const errorCode = ErrorCode.INVALID_REQUEST;
  return {
    errorCode,
    replicaElectionResults: topics.map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  };
}
