import {
  apis,
  ErrorCode,
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import type { Refusal } from '../refusal.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { findAssignmentProblem } from './create-topics.ts';

export const alterPartitionReassignmentsHandler: ServedApi = serve(
  apis.alterPartitionReassignments,
  alterPartitionReassignments,
);

/** On one node there is one place for a replica: what can be done is done already. */
function alterPartitionReassignments(
  { topics, allowReplicationFactorChange }: AlterPartitionReassignmentsRequest,
  { core }: Call,
): AlterPartitionReassignmentsResponseInput {
  return {
    allowReplicationFactorChange,
    responses: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, replicas }) => {
        const refusal = findProblem(name, partitionIndex, replicas, core);
        return {
          partitionIndex,
          errorCode: refusal?.errorCode ?? ErrorCode.NONE,
          errorMessage: refusal?.message ?? null,
        };
      }),
    })),
  };
}

function findProblem(
  name: string,
  partitionIndex: number,
  replicas: readonly number[] | null,
  core: BrokerCore,
): (Omit<Refusal, 'message'> & { readonly message: string | null }) | undefined {
  const entry = core.topics.find(name);
  const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  if (entry === undefined)
    return { errorCode: unknown, message: `Unable to find a topic named ${name}.` };
  if (entry.partitions[partitionIndex] === undefined)
    return { errorCode: unknown, message: `Unable to find partition ${name}:${partitionIndex}.` };
  if (replicas === null) return { errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, message: null };
  return findAssignmentProblem([replicas], core.nodeId);
}
