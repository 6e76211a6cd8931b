import { apis, ErrorCode } from '@millrace/kafka-protocol';
import type { Call } from '../../core.ts';
import { AclOperation, AclResource } from '../acl.ts';
import {
  allowsCluster,
  allowsGroup,
  allowsTopic,
  allowsTransaction,
  clusterGuard,
  CLUSTER_REFUSED,
  GROUP_REFUSED,
  guard,
  split,
  TOPIC_REFUSED,
  TRANSACTION_REFUSED,
  type Guard,
} from './guard.ts';

const { READ, WRITE, DESCRIBE, CLUSTER_ACTION, ALTER, IDEMPOTENT_WRITE } = AclOperation;
const { errorCode: TRANSACTION_CODE } = TRANSACTION_REFUSED;
const GROUP_KEY = 0;
const TRANSACTION_KEY = 1;
const BATCHED_SINCE = 4;

const initProducerIdGuard = guard(apis.initProducerId, (request, call, next) => {
  const id = request.transactionalId;
  const refuse = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 });
  if (id !== null) {
    if (!allowsTransaction(call, WRITE, id)) return refuse(TRANSACTION_CODE);
  } else if (
    !allowsCluster(call, IDEMPOTENT_WRITE) &&
    // KIP-679: whoever may write anywhere may do so idempotently.
    !call.rights.allowsSome(WRITE, AclResource.TOPIC)
  ) {
    return refuse(CLUSTER_REFUSED.errorCode);
  }
  return next(request);
});

const addPartitionsToTxnGuard = guard(apis.addPartitionsToTxn, (request, call, next) => {
  if (call.version >= 4) {
    if (allowsCluster(call, CLUSTER_ACTION)) return next(request);
    return { errorCode: CLUSTER_REFUSED.errorCode };
  }
  const topics = request.v3AndBelowTopics;
  const refuse = (codeOf: (topic: string) => number) => ({
    resultsByTopicV3AndBelow: topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: codeOf(name),
      })),
    })),
  });
  if (!allowsTransaction(call, WRITE, request.v3AndBelowTransactionalId))
    return refuse(() => TRANSACTION_CODE);
  const [, denied] = split(topics, ({ name }) => allowsTopic(call, WRITE, name));
  if (denied.length === 0) return next(request);
  const names = new Set(denied.map(({ name }) => name));
  // All or nothing: none is added when one may not be.
  return refuse((name) =>
    names.has(name) ? TOPIC_REFUSED.errorCode : ErrorCode.OPERATION_NOT_ATTEMPTED,
  );
});

const addOffsetsToTxnGuard = guard(apis.addOffsetsToTxn, (request, call, next) => {
  if (!allowsTransaction(call, WRITE, request.transactionalId))
    return { errorCode: TRANSACTION_CODE };
  if (!allowsGroup(call, READ, request.groupId)) return { errorCode: GROUP_REFUSED.errorCode };
  return next(request);
});

const endTxnGuard = guard(apis.endTxn, (request, call, next) =>
  allowsTransaction(call, WRITE, request.transactionalId)
    ? next(request)
    : { errorCode: TRANSACTION_CODE },
);

const writeTxnMarkersGuard = guard(apis.writeTxnMarkers, (request, call, next) => {
  if (allowsCluster(call, ALTER) || allowsCluster(call, CLUSTER_ACTION)) return next(request);
  return {
    markers: request.markers.map(({ producerId, topics }) => ({
      producerId,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          errorCode: CLUSTER_REFUSED.errorCode,
        })),
      })),
    })),
  };
});

const txnOffsetCommitGuard = guard(apis.txnOffsetCommit, async (request, call, next) => {
  const refuse = (topics: typeof request.topics, errorCode: number) =>
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    }));
  if (!allowsTransaction(call, WRITE, request.transactionalId))
    return { topics: refuse(request.topics, TRANSACTION_CODE) };
  if (!allowsGroup(call, READ, request.groupId))
    return { topics: refuse(request.topics, GROUP_REFUSED.errorCode) };
  const [allowed, denied] = split(request.topics, ({ name }) => allowsTopic(call, READ, name));
  if (denied.length === 0) return next(request);
  const answer = allowed.length === 0 ? undefined : await next({ ...request, topics: allowed });
  return {
    ...answer,
    topics: [...(answer?.topics ?? []), ...refuse(denied, TOPIC_REFUSED.errorCode)],
  };
});

const findCoordinatorGuard = guard(apis.findCoordinator, async (request, call, next) => {
  const refusal = (key: string) => findCoordinatorRefusal(request.keyType, key, call);
  const nowhere = { nodeId: -1, host: '', port: -1 };
  if (call.version < BATCHED_SINCE) {
    const refused = refusal(request.key);
    return refused === undefined ? next(request) : { ...refused, ...nowhere };
  }
  const [allowed, denied] = split(request.coordinatorKeys, (key) => refusal(key) === undefined);
  if (denied.length === 0) return next(request);
  const answer =
    allowed.length === 0 ? undefined : await next({ ...request, coordinatorKeys: allowed });
  return {
    ...answer,
    coordinators: [
      ...(answer?.coordinators ?? []),
      ...denied.map((key) => ({ key, ...nowhere, ...(refusal(key) ?? CLUSTER_REFUSED) })),
    ],
  };
});

function findCoordinatorRefusal(
  keyType: number,
  key: string,
  call: Call,
): typeof GROUP_REFUSED | undefined {
  if (keyType === GROUP_KEY) return allowsGroup(call, DESCRIBE, key) ? undefined : GROUP_REFUSED;
  if (keyType === TRANSACTION_KEY)
    return allowsTransaction(call, DESCRIBE, key) ? undefined : TRANSACTION_REFUSED;
  return allowsCluster(call, CLUSTER_ACTION) ? undefined : CLUSTER_REFUSED;
}

const describeProducersGuard = guard(apis.describeProducers, async (request, call, next) => {
  const [allowed, denied] = split(request.topics, ({ name }) => allowsTopic(call, READ, name));
  const answer = await next({ ...request, topics: allowed });
  const refused = denied.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...TOPIC_REFUSED })),
  }));
  return { ...answer, topics: [...(answer?.topics ?? []), ...refused] };
});

const describeTransactionsGuard = guard(apis.describeTransactions, async (request, call, next) => {
  const [allowed, denied] = split(request.transactionalIds, (id) =>
    allowsTransaction(call, DESCRIBE, id),
  );
  const answer = await next({ ...request, transactionalIds: allowed });
  const shown = (answer?.transactionStates ?? []).map((state) => ({
    ...state,
    topics: (state.topics ?? []).filter(({ topic }) => allowsTopic(call, DESCRIBE, topic)),
  }));
  const refused = denied.map((transactionalId) => ({
    errorCode: TRANSACTION_CODE,
    transactionalId,
  }));
  return { ...answer, transactionStates: [...shown, ...refused] };
});

const listTransactionsGuard = guard(apis.listTransactions, async (request, call, next) => {
  const answer = await next(request);
  if (answer === undefined) return undefined;
  const transactionStates = (answer.transactionStates ?? []).filter(({ transactionalId }) =>
    allowsTransaction(call, DESCRIBE, transactionalId),
  );
  return { ...answer, transactionStates };
});

export const transactionGuards: readonly Guard[] = [
  describeProducersGuard,
  describeTransactionsGuard,
  listTransactionsGuard,
  initProducerIdGuard,
  addPartitionsToTxnGuard,
  addOffsetsToTxnGuard,
  endTxnGuard,
  writeTxnMarkersGuard,
  txnOffsetCommitGuard,
  findCoordinatorGuard,
  clusterGuard(apis.describeQuorum, DESCRIBE, (_request, { errorCode }) => ({
    errorCode,
    topics: [],
  })),
];
