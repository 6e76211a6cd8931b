import {
  apis,
  ErrorCode,
  ZERO_UUID,
  type CreateTopicsRequest,
  type CreateTopicsRequestTopic,
  type CreateTopicsResponseInput,
  type CreateTopicsResponseTopicInput,
} from '@millrace/kafka-protocol';
import { configProblems } from '../config-changes.ts';
import { storageRefusal, type BrokerCore, type Call } from '../core.ts';
import { topicConfigChain } from '../effective-configs.ts';
import type { TopicEntry } from '../metadata/metadata-image.ts';
import type { Refusal } from '../refusal.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { topicFields } from '../topic-fields.ts';
import { findTopicNameProblem, METADATA_TOPIC } from '../topic-names.ts';
import type { NewTopic } from '../topics.ts';

export const createTopicsHandler: ServedApi = serve(apis.createTopics, createTopics);

async function createTopics(
  request: CreateTopicsRequest,
  { core }: Call,
): Promise<CreateTopicsResponseInput> {
  const seen = new Map<string, number>();
  for (const { name } of request.topics) seen.set(name, (seen.get(name) ?? 0) + 1);
  const outcomes = new Map<string, CreateTopicsResponseTopicInput>();
  const accepted: NewTopic[] = [];
  for (const topic of request.topics) {
    const checked =
      (seen.get(topic.name) ?? 0) > 1
        ? refusal(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
        : checkTopic(topic, core);
    if ('errorCode' in checked) outcomes.set(topic.name, refused(topic.name, checked));
    else accepted.push(checked);
  }
  const created = await core.topics
    .create(accepted, request.validateOnly)
    .catch((error: unknown) => accepted.map(() => storageRefusal(core, error)));
  for (const [index, outcome] of created.entries()) {
    const name = accepted[index]?.name ?? '';
    outcomes.set(name, 'errorCode' in outcome ? refused(name, outcome) : described(outcome, core));
  }
  return { topics: [...outcomes.values()] };
}

function checkTopic(topic: CreateTopicsRequestTopic, core: BrokerCore): NewTopic | Refusal {
  if (topic.name === METADATA_TOPIC)
    return refusal(
      ErrorCode.INVALID_REQUEST,
      `Creation of internal topic ${METADATA_TOPIC} is prohibited.`,
    );
  const nameProblem = findTopicNameProblem(topic.name);
  if (nameProblem !== undefined) return refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, nameProblem);
  const partitionCount =
    topic.assignments.length > 0 ? countAssigned(topic, core) : countAsked(topic, core);
  if (typeof partitionCount !== 'number') return partitionCount;
  const assignments = topic.assignments.length > 0 ? assignedReplicas(topic) : undefined;
  const problems = configProblems(topic.configs);
  if (problems.length > 0) return refusal(ErrorCode.INVALID_CONFIG, problems.join('; '));
  const configs = Object.fromEntries(topic.configs.map(({ name, value }) => [name, value ?? '']));
  return { name: topic.name, partitionCount, configs, assignments };
}

function countAsked(topic: CreateTopicsRequestTopic, core: BrokerCore): number | Refusal {
  const { values } = core.settings;
  if (topic.replicationFactor === 0 || topic.replicationFactor < -1)
    return refusal(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    );
  if (topic.numPartitions === 0 || topic.numPartitions < -1)
    return refusal(
      ErrorCode.INVALID_PARTITIONS,
      'Number of partitions was set to an invalid non-positive value.',
    );
  const factor =
    topic.replicationFactor === -1 ? values['default.replication.factor'] : topic.replicationFactor;
  if (factor > 1)
    return refusal(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${factor} time(s): The target replication factor of ${factor} cannot be reached because only 1 broker(s) are registered.`,
    );
  return topic.numPartitions === -1 ? values['num.partitions'] : topic.numPartitions;
}

function countAssigned(topic: CreateTopicsRequestTopic, core: BrokerCore): number | Refusal {
  const { numPartitions, replicationFactor, assignments } = topic;
  if (replicationFactor !== -1 || numPartitions !== -1) {
    const set = replicationFactor === -1 ? 'numPartitions' : 'replication factor';
    return refusal(
      ErrorCode.INVALID_REQUEST,
      `A manual partition assignment was specified, but ${set} was not set to -1.`,
    );
  }
  const seen = new Set<number>();
  for (const { partitionIndex } of assignments) {
    if (seen.has(partitionIndex))
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Found multiple manual partition assignments for partition ${partitionIndex}`,
      );
    seen.add(partitionIndex);
  }
  const problem = findAssignmentProblem(
    assignments.map(({ brokerIds }) => brokerIds),
    core.nodeId,
  );
  if (problem !== undefined) return problem;
  const isDense = assignments.every((_, index) => seen.has(index));
  return isDense
    ? assignments.length
    : refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        'partitions should be a consecutive 0-based integer sequence',
      );
}

/** The replicas by partition, in whichever order they were asked for. */
function assignedReplicas({
  assignments,
}: CreateTopicsRequestTopic): readonly (readonly number[])[] {
  return [...assignments]
    .sort((one, other) => one.partitionIndex - other.partitionIndex)
    .map(({ brokerIds }) => brokerIds);
}

/** Every partition must be on this node and nowhere else. */
export function findAssignmentProblem(
  assignments: readonly (readonly number[])[],
  nodeId: number,
): Refusal | undefined {
  for (const brokerIds of assignments) {
    if (brokerIds.length === 0)
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        'The manual partition assignment includes an empty replica list.',
      );
    const twice = brokerIds.find((brokerId, index) => brokerIds.indexOf(brokerId) !== index);
    if (twice !== undefined)
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `The manual partition assignment includes the broker ${twice} more than once.`,
      );
    const unknown = brokerIds.find((brokerId) => brokerId !== nodeId);
    if (unknown !== undefined)
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `The manual partition assignment includes broker ${unknown}, but no such broker is registered.`,
      );
  }
  return undefined;
}

function described(entry: TopicEntry, core: BrokerCore): CreateTopicsResponseTopicInput {
  return {
    name: entry.name,
    topicId: entry.topicId,
    errorCode: ErrorCode.NONE,
    numPartitions: entry.partitionCount,
    replicationFactor: entry.partitions[0]?.replicas.length ?? 0,
    configs: Object.keys(topicFields).map((name) => {
      const [effective] = topicConfigChain(name, entry.configs, core.topics.layers);
      return { name, value: effective?.value ?? null, configSource: effective?.source ?? -1 };
    }),
  };
}

function refused(name: string, { errorCode, message }: Refusal): CreateTopicsResponseTopicInput {
  return { name, topicId: ZERO_UUID, errorCode, errorMessage: message, configs: [] };
}

function refusal(errorCode: number, message: string): Refusal {
  return { errorCode, message };
}
