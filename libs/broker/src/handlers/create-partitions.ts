import {
  apis,
  ErrorCode,
  type CreatePartitionsRequest,
  type CreatePartitionsRequestTopic,
  type CreatePartitionsResponseInput,
} from '@millrace/kafka-protocol';
import { storageRefusal, type BrokerCore, type Call } from '../core.ts';
import type { Refusal } from '../refusal.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { findAssignmentProblem } from './create-topics.ts';

export const createPartitionsHandler: ServedApi = serve(apis.createPartitions, createPartitions);

async function createPartitions(
  request: CreatePartitionsRequest,
  { core }: Call,
): Promise<CreatePartitionsResponseInput> {
  const names = request.topics.map(({ name }) => name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  const results: CreatePartitionsResponseInput['results'][number][] = [];
  for (const name of twice) {
    const errorMessage = 'Duplicate topic name.';
    results.push({ name, errorCode: ErrorCode.INVALID_REQUEST, errorMessage });
  }
  for (const topic of request.topics) {
    if (twice.has(topic.name)) continue;
    const refusal = await grow(topic, request.validateOnly, core);
    results.push({
      name: topic.name,
      errorCode: refusal?.errorCode ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
    });
  }
  return { results };
}

type GrowthRefusal = Omit<Refusal, 'message'> & { readonly message: string | null };

async function grow(
  { name, count, assignments }: CreatePartitionsRequestTopic,
  isValidateOnly: boolean,
  core: BrokerCore,
): Promise<GrowthRefusal | undefined> {
  const entry = core.topics.find(name);
  if (entry === undefined)
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: null };
  const added = count - entry.partitionCount;
  if (assignments !== null && added > 0) {
    if (assignments.length !== added)
      return {
        errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        message: `Attempted to add ${added} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
      };
    const problem = findAssignmentProblem(
      assignments.map(({ brokerIds }) => brokerIds),
      core.nodeId,
    );
    if (problem !== undefined) return problem;
  }
  const replicas = assignments?.map(({ brokerIds }) => brokerIds);
  return core.topics
    .addPartitions(entry.topicId, count, isValidateOnly, replicas)
    .catch((error: unknown) => storageRefusal(core, error));
}
