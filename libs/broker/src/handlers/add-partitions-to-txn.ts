import {
  apis,
  ErrorCode,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnRequestTransaction,
  type AddPartitionsToTxnResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { fencedCodeFor } from '../transactions/client-codes.ts';
import { isInternalTopic } from '../topic-names.ts';
import { partitionsOf } from '../transactions/transaction-coordinator.ts';

/** From this version on brokers ask one another, for many transactions at once. */
const BATCHED_SINCE = 4;
const FENCED_SINCE = 2;

export const addPartitionsToTxnHandler: ServedApi = serve(
  apis.addPartitionsToTxn,
  addPartitionsToTxn,
);

type Topics = AddPartitionsToTxnRequestTransaction['topics'];
type Code = (topic: string, partition: number) => number;

async function addPartitionsToTxn(
  request: AddPartitionsToTxnRequest,
  { core, version }: Call,
): Promise<AddPartitionsToTxnResponseInput> {
  if (version < BATCHED_SINCE) {
    const topics = request.v3AndBelowTopics;
    // The broker's own are nobody's: those of groups come into a transaction by AddOffsetsToTxn.
    if (topics.some(({ name }) => isInternalTopic(name)))
      return { resultsByTopicV3AndBelow: resultsOf(topics, refuseInternal) };
    const code = await add(core, {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
      verifyOnly: false,
      topics,
    });
    const known: Code = (topic, partition) =>
      fencedCodeFor(version, FENCED_SINCE, code(topic, partition));
    return { resultsByTopicV3AndBelow: resultsOf(topics, known) };
  }
  const results = await Promise.all(
    request.transactions.map(async (transaction) => ({
      transactionalId: transaction.transactionalId,
      topicResults: resultsOf(transaction.topics, await add(core, transaction)),
    })),
  );
  return { errorCode: ErrorCode.NONE, resultsByTransaction: results };
}

const refuseInternal: Code = (topic) =>
  isInternalTopic(topic) ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.OPERATION_NOT_ATTEMPTED;

/** All partitions are added or none: when one is missing, the others are said not to have been tried. */
async function add(core: BrokerCore, asked: AddPartitionsToTxnRequestTransaction): Promise<Code> {
  const { transactionalId, producerId, producerEpoch, topics } = asked;
  const isKnown = (topic: string, partition: number): boolean =>
    core.topics.hasPartition(topic, partition);
  if (topics.some(({ name, partitions }) => partitions.some((each) => !isKnown(name, each)))) {
    return (topic, partition) =>
      isKnown(topic, partition)
        ? ErrorCode.OPERATION_NOT_ATTEMPTED
        : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  }
  if (transactionalId === '') return () => ErrorCode.INVALID_REQUEST;
  const producer = { transactionalId, producerId, epoch: producerEpoch };
  if (asked.verifyOnly)
    return (topic, partition) => core.transactions.verify(producer, topic, partition);
  const errorCode = await core.transactions.add({
    ...producer,
    partitions: partitionsOf(topics),
    clientVersion: 0,
  });
  return () => errorCode;
}

function resultsOf(
  topics: Topics,
  code: Code,
): NonNullable<AddPartitionsToTxnResponseInput['resultsByTopicV3AndBelow']> {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: code(name, partitionIndex),
    })),
  }));
}
