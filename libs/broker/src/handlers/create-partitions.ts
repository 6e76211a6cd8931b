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
  const results: { name: string; errorCode: number; errorMessage: string | null }[] = [];
  const seen = new Set<string>();
  for (const topic of request.topics) {
    const refusal = seen.has(topic.name)
      ? { errorCode: ErrorCode.INVALID_REQUEST, message: 'Duplicate topic in request.' }
      : await grow(topic, request.validateOnly, core);
    seen.add(topic.name);
    results.push({
      name: topic.name,
      errorCode: refusal?.errorCode ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
    });
  }
  return { results };
}

async function grow(
  { name, count, assignments }: CreatePartitionsRequestTopic,
  isValidateOnly: boolean,
  core: BrokerCore,
): Promise<Refusal | undefined> {
  const entry = core.topics.find(name);
  if (entry === undefined)
    return {
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      message: `The topic '${name}' does not exist.`,
    };
  if (assignments !== null) {
    const added = count - entry.partitionCount;
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
  return core.topics
    .addPartitions(entry.topicId, count, isValidateOnly)
    .catch((error: unknown) => storageRefusal(core, error));
}
