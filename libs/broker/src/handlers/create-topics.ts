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
import { findTopicNameProblem } from '../topic-names.ts';
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
        ? refusal(ErrorCode.INVALID_REQUEST, `Duplicate topic in request: ${topic.name}`)
        : checkTopic(topic, core);
    if ('errorCode' in checked) outcomes.set(topic.name, refused(topic.name, checked));
    else accepted.push(checked);
  }
  const created = await core.topics
    .create(accepted, request.validateOnly)
    .catch((error: unknown) => accepted.map(() => storageRefusal(core, error)));
  for (const [index, outcome] of created.entries()) {
    const name = accepted[index]?.name ?? '';
    outcomes.set(
      name,
      'errorCode' in outcome
        ? refused(name, outcome)
        : described(outcome, core, request.validateOnly),
    );
  }
  return { topics: [...outcomes.values()] };
}

function checkTopic(topic: CreateTopicsRequestTopic, core: BrokerCore): NewTopic | Refusal {
  const nameProblem = findTopicNameProblem(topic.name);
  if (nameProblem !== undefined) return refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, nameProblem);
  const partitionCount =
    topic.assignments.length > 0 ? countAssigned(topic, core) : countAsked(topic, core);
  if (typeof partitionCount !== 'number') return partitionCount;
  const problems = configProblems(topic.configs);
  if (problems.length > 0) return refusal(ErrorCode.INVALID_CONFIG, problems.join('; '));
  const configs = Object.fromEntries(topic.configs.map(({ name, value }) => [name, value ?? '']));
  return { name: topic.name, partitionCount, configs };
}

function countAsked(topic: CreateTopicsRequestTopic, core: BrokerCore): number | Refusal {
  const { values } = core.settings;
  if (topic.numPartitions === 0 || topic.numPartitions < -1)
    return refusal(
      ErrorCode.INVALID_PARTITIONS,
      'Number of partitions was set to an invalid non-positive value.',
    );
  if (topic.replicationFactor === 0 || topic.replicationFactor < -1)
    return refusal(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
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
  if (topic.numPartitions !== -1 || topic.replicationFactor !== -1)
    return refusal(
      ErrorCode.INVALID_REQUEST,
      'A manual partition assignment was specified, but numPartitions or replicationFactor was not set to -1.',
    );
  const problem = findAssignmentProblem(
    topic.assignments.map(({ brokerIds }) => brokerIds),
    core.nodeId,
  );
  if (problem !== undefined) return problem;
  const indexes = new Set(topic.assignments.map(({ partitionIndex }) => partitionIndex));
  for (let index = 0; index < topic.assignments.length; index += 1) {
    if (!indexes.has(index))
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        'partitions should be a consecutive 0-based integer sequence',
      );
  }
  return topic.assignments.length;
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
    if (new Set(brokerIds).size !== brokerIds.length)
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        'The manual partition assignment includes the broker more than once.',
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

function described(
  entry: TopicEntry,
  core: BrokerCore,
  isValidateOnly: boolean,
): CreateTopicsResponseTopicInput {
  return {
    name: entry.name,
    topicId: isValidateOnly ? ZERO_UUID : entry.topicId,
    errorCode: ErrorCode.NONE,
    numPartitions: entry.partitionCount,
    replicationFactor: 1,
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
