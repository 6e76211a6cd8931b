import { apis, isTransactional, ZERO_UUID, type ProduceRequest } from '@millrace/kafka-protocol';
import type { Call } from '../../core.ts';
import { AclOperation } from '../acl.ts';
import {
  allowsCluster,
  allowsTopic,
  allowsTransaction,
  guard,
  openTo,
  split,
  TOPIC_REFUSED,
  TRANSACTION_REFUSED,
  type Guard,
} from './guard.ts';

const ATTRIBUTES_AT = 21;

const produceGuard = guard(apis.produce, async (request, call, next) => {
  const id = request.transactionalId;
  if (hasTransaction(request) && (id === null || !allowsTransaction(call, AclOperation.WRITE, id)))
    return produceRefused(request, request.topicData, TRANSACTION_REFUSED, call);
  // An id that no topic has is the handler's to refuse.
  const mayWrite = ({ name, topicId }: ProduceRequest['topicData'][number]): boolean =>
    (name === '' && topicId !== ZERO_UUID) || allowsTopic(call, AclOperation.WRITE, name);
  const [allowed, denied] = split(request.topicData, mayWrite);
  if (denied.length === 0) return next(request);
  const refused = produceRefused(request, denied, TOPIC_REFUSED, call);
  if (allowed.length === 0) return refused;
  const answer = await next({ ...request, topicData: allowed });
  if (answer === undefined || refused === undefined) return undefined;
  return { ...answer, responses: [...answer.responses, ...refused.responses] };
});

function hasTransaction({ topicData }: ProduceRequest): boolean {
  return topicData.some(({ partitionData }) =>
    partitionData.some(({ records }) => {
      if (records === null || records.byteLength <= ATTRIBUTES_AT + 1) return false;
      const attributes = ((records[ATTRIBUTES_AT] ?? 0) << 8) | (records[ATTRIBUTES_AT + 1] ?? 0);
      return isTransactional(attributes);
    }),
  );
}

interface ProduceRefused {
  readonly responses: readonly {
    readonly name: string;
    readonly topicId: string;
    readonly partitionResponses: readonly {
      readonly index: number;
      readonly errorCode: number;
      readonly errorMessage: string;
      readonly baseOffset: number;
    }[];
  }[];
}

function produceRefused(
  { acks }: ProduceRequest,
  topics: ProduceRequest['topicData'],
  error: typeof TOPIC_REFUSED,
  call: Call,
): ProduceRefused | undefined {
  if (acks === 0) {
    call.endAfterAnswer();
    return undefined;
  }
  return {
    responses: topics.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({ index, ...error, baseOffset: -1 })),
    })),
  };
}

const listOffsetsGuard = guard(apis.listOffsets, async (request, call, next) => {
  const [allowed, denied] = split(request.topics, ({ name }) =>
    allowsTopic(call, AclOperation.DESCRIBE, name),
  );
  const answer = await next({ ...request, topics: allowed });
  return {
    ...answer,
    topics: [
      ...(answer?.topics ?? []),
      ...denied.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: TOPIC_REFUSED.errorCode,
          timestamp: -1,
          offset: -1,
        })),
      })),
    ],
  };
});

const deleteRecordsGuard = guard(apis.deleteRecords, async (request, call, next) => {
  const [allowed, denied] = split(request.topics, ({ name }) =>
    allowsTopic(call, AclOperation.DELETE, name),
  );
  const answer = await next({ ...request, topics: allowed });
  return {
    ...answer,
    topics: [
      ...(answer?.topics ?? []),
      ...denied.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          lowWatermark: -1,
          errorCode: TOPIC_REFUSED.errorCode,
        })),
      })),
    ],
  };
});

const offsetForLeaderEpochGuard = guard(apis.offsetForLeaderEpoch, async (request, call, next) => {
  const maySeeAll = allowsCluster(call, AclOperation.CLUSTER_ACTION);
  const [allowed, denied] = split(
    request.topics,
    ({ topic }) => maySeeAll || allowsTopic(call, AclOperation.DESCRIBE, topic),
  );
  const answer = await next({ ...request, topics: allowed });
  return {
    ...answer,
    topics: [
      ...(answer?.topics ?? []),
      ...denied.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({
          errorCode: TOPIC_REFUSED.errorCode,
          partition,
          leaderEpoch: -1,
          endOffset: -1,
        })),
      })),
    ],
  };
});

/** For the handler of Fetch, which looks itself: what a fetch session holds is checked at every fetch. */
export function mayFetch(call: Call, topic: string): boolean {
  return allowsTopic(call, AclOperation.READ, topic);
}

export const recordGuards: readonly Guard[] = [
  produceGuard,
  openTo(apis.fetch),
  listOffsetsGuard,
  deleteRecordsGuard,
  offsetForLeaderEpochGuard,
];
