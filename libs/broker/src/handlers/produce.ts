import {
  apis,
  BATCH_OVERHEAD,
  codecOf,
  ErrorCode,
  errorByCode,
  isTransactional,
  type ProduceRequest,
  type ProduceRequestPartition,
  type ProduceResponseInput,
  type ProduceResponsePartitionInput,
} from '@millrace/kafka-protocol';
import type { AppendResult, FlushPolicy, PartitionLog } from '@millrace/log';
import type { BrokerCore, Call } from '../core.ts';
import type { TopicEntry } from '../metadata/metadata-image.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { isInternalTopic } from '../topic-names.ts';
import type { WriteCode } from '../transactions/admit-writes.ts';
import { admitProduce } from '../transactions/produce-in-transaction.ts';

const ZSTD = 4;
const ZSTD_SINCE_VERSION = 7;
const EPOCH_FOR_EACH_SINCE = 12;
const TOPIC_IDS_SINCE = 13;
const BATCH_LENGTH_AT = 8;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const RECORD_COUNT_AT = 57;

/**
 * The hot path. Everything up to the append runs in one go, so that the appends of a connection's
 * requests are in the order of the requests; nothing here looks at records.
 */
export const produceHandler: ServedApi = serve(apis.produce, produce, {
  isConcurrent: true,
  isReleased: true,
  prepare: nameTopics,
});

/** From version 13 on topics come by id (KIP-516). An id that no topic has keeps an empty name. */
function nameTopics(request: ProduceRequest, { core, version }: Call): ProduceRequest {
  if (version < TOPIC_IDS_SINCE) return request;
  const topicData = request.topicData.map(({ topicId, partitionData }) => ({
    name: core.topics.findById(topicId)?.name ?? '',
    topicId,
    partitionData,
  }));
  return { ...request, topicData };
}

function produce(
  request: ProduceRequest,
  call: Call,
): ProduceResponseInput | undefined | Promise<ProduceResponseInput | undefined> {
  if (request.transactionalId !== null)
    return produceInTransaction(request, request.transactionalId, call);
  const [topic] = request.topicData;
  const [partition] = topic?.partitionData ?? [];
  if (
    topic !== undefined &&
    partition !== undefined &&
    request.topicData.length === 1 &&
    topic.partitionData.length === 1
  ) {
    return producePartition(request, topic.name, partition, call).then((answer) =>
      answerOf(request, [answeredFor(topic, [answer], call)], call),
    );
  }
  return produceAll(request, call);
}

/** Partitions that the coordinator does not admit are refused, the others written in one go. */
function produceInTransaction(
  request: ProduceRequest,
  transactionalId: string,
  call: Call,
): Promise<ProduceResponseInput | undefined> {
  const code = admitProduce(request, transactionalId, call);
  return code instanceof Promise
    ? code.then((admitted) => produceAll(request, call, admitted))
    : produceAll(request, call, code);
}

async function produceAll(
  request: ProduceRequest,
  call: Call,
  code?: WriteCode,
): Promise<ProduceResponseInput | undefined> {
  const topics = request.topicData.map((topic) => ({
    topic,
    answers: topic.partitionData.map((partition) => {
      const { name } = topic;
      const refusal = code?.(name, partition.index) ?? ErrorCode.NONE;
      return refusal === ErrorCode.NONE
        ? producePartition(request, name, partition, call)
        : Promise.resolve(refuseUnadmitted(partition, name, refusal, call));
    }),
  }));
  const responses: ProduceResponseInput['responses'][number][] = [];
  for (const { topic, answers } of topics) {
    responses.push(answeredFor(topic, await Promise.all(answers), call));
  }
  return answerOf(request, responses, call);
}

/** Named as it was asked for, in both transports. */
function answeredFor(
  { name, topicId }: ProduceRequest['topicData'][number],
  partitionResponses: readonly ProduceResponsePartitionInput[],
  { version }: Call,
): ProduceResponseInput['responses'][number] {
  return { name: version >= TOPIC_IDS_SINCE ? '' : name, topicId, partitionResponses };
}

function answerOf(
  request: ProduceRequest,
  responses: ProduceResponseInput['responses'],
  call: Call,
): ProduceResponseInput | undefined {
  if (request.acks !== 0) return { responses };
  const hasFailed = responses.some(({ partitionResponses }) =>
    partitionResponses.some(({ errorCode }) => errorCode !== ErrorCode.NONE),
  );
  // Who waits for no answer learns in this way, as with Kafka, that he should ask for metadata anew.
  if (hasFailed) call.endAfterAnswer();
  return undefined;
}

function producePartition(
  request: ProduceRequest,
  name: string,
  { index, records }: ProduceRequestPartition,
  { core, version, context }: Call,
): Promise<ProduceResponsePartitionInput> {
  const entry = core.topics.find(name);
  const problem =
    entry === undefined
      ? failed(index, unknownCode(name, version))
      : findProblem(request, entry, index, records, core, version);
  if (problem !== undefined || entry === undefined || records === null) {
    countFailed(core, entry?.name, records?.byteLength ?? 0);
    return Promise.resolve(problem ?? failed(index, ErrorCode.INVALID_RECORD));
  }
  // Now: once it is appended its memory may be another's.
  const figures = { topic: name, bytes: records.byteLength, count: recordCountOf(records) };
  const append = (log: PartitionLog): Promise<ProduceResponsePartitionInput> => {
    // D5: an answer to acks=all says that the records survive a loss of power.
    const flush: FlushPolicy | undefined =
      request.acks === -1 && core.settings.values['log.flush.acks.all']
        ? 'every-append'
        : undefined;
    return log
      .append(records, {
        leaderEpoch: core.topics.leaderEpochOf(entry, index),
        ...(flush === undefined ? {} : { flush }),
        ...(context.trustsBatches === true ? { isCrcTrusted: true } : {}),
        ...(hasEpochForEach(request, version) ? { beginsAtZero: true } : {}),
      })
      .then((result) => appended(index, result, figures, core));
  };
  const log = core.topics.findLog(entry, index);
  return log === undefined ? openAndAppend(core, entry, index, append) : append(log);
}

/** Clients that speak this version get a new epoch for each transaction (KIP-890). */
function hasEpochForEach({ transactionalId }: ProduceRequest, version: number): boolean {
  return transactionalId !== null && version >= EPOCH_FOR_EACH_SINCE;
}

async function openAndAppend(
  core: BrokerCore,
  entry: TopicEntry,
  index: number,
  append: (log: PartitionLog) => Promise<ProduceResponsePartitionInput>,
): Promise<ProduceResponsePartitionInput> {
  try {
    return await append(await core.topics.openLog(entry, index));
  } catch (error) {
    core.log.warn({ topic: entry.name, partition: index, err: error }, 'a log could not be opened');
    return failed(index, ErrorCode.KAFKA_STORAGE_ERROR);
  }
}

function findProblem(
  request: ProduceRequest,
  entry: TopicEntry,
  index: number,
  records: Uint8Array | null,
  core: BrokerCore,
  version: number,
): ProduceResponsePartitionInput | undefined {
  const { acks } = request;
  if (acks < -1 || acks > 1) return failed(index, ErrorCode.INVALID_REQUIRED_ACKS);
  if (index < 0 || index >= entry.partitionCount)
    return failed(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  if (isInternalTopic(entry.name)) return failed(index, ErrorCode.INVALID_TOPIC_EXCEPTION);
  if (acks === -1 && core.topics.minInSyncReplicas(entry) > 1)
    return failed(index, ErrorCode.NOT_ENOUGH_REPLICAS);
  return findBatchProblem(index, records, request.transactionalId, version);
}

/** Who names an id is told of the id. */
function unknownCode(name: string, version: number): number {
  return name === '' && version >= TOPIC_IDS_SINCE
    ? ErrorCode.UNKNOWN_TOPIC_ID
    : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
}

/** What the log can't know: one batch a partition, and nothing that this version or broker has not. */
function findBatchProblem(
  index: number,
  records: Uint8Array | null,
  transactionalId: string | null,
  version: number,
): ProduceResponsePartitionInput | undefined {
  if (records === null || records.byteLength < BATCH_OVERHEAD)
    return failed(
      index,
      ErrorCode.INVALID_RECORD,
      'Produce requests must contain exactly one record batch per partition',
    );
  const magic = records[MAGIC_AT] ?? 0;
  if (magic !== 2) {
    // Formats that were, and numbers that never were one.
    return magic < 2
      ? failed(index, ErrorCode.INVALID_RECORD, `records of the old message format ${magic}`)
      : failed(index, ErrorCode.CORRUPT_MESSAGE, `no message format has the number ${magic}`);
  }
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const size = view.getInt32(BATCH_LENGTH_AT) + 12;
  if (size > records.byteLength || (size >= BATCH_OVERHEAD && size < records.byteLength))
    return failed(
      index,
      ErrorCode.INVALID_RECORD,
      'Produce requests must contain exactly one record batch per partition',
    );
  const attributes = view.getInt16(ATTRIBUTES_AT);
  if (codecOf(attributes) > ZSTD || (codecOf(attributes) === ZSTD && version < ZSTD_SINCE_VERSION))
    return failed(index, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
  if (isTransactional(attributes) && transactionalId === null)
    return failed(index, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  return undefined;
}

function refuseUnadmitted(
  { index, records }: ProduceRequestPartition,
  topic: string,
  errorCode: number,
  { core }: Call,
): ProduceResponsePartitionInput {
  countFailed(core, core.topics.find(topic)?.name, records?.byteLength ?? 0);
  return failed(
    index,
    errorCode,
    errorCode === ErrorCode.INVALID_TXN_STATE
      ? 'Partition was not added to the transaction'
      : undefined,
  );
}

interface BatchFigures {
  readonly topic: string;
  readonly bytes: number;
  /** Of records. */
  readonly count: number;
}

function appended(
  index: number,
  result: AppendResult,
  { topic, bytes, count }: BatchFigures,
  core: BrokerCore,
): ProduceResponsePartitionInput {
  if (result.kind === 'refused') {
    countFailed(core, topic, bytes);
    const refusal = failed(index, result.errorCode, result.error.message);
    if (result.recordErrors === undefined) return refusal;
    // KIP-467: the client fails these for their own fault, and the others for their company.
    const recordErrors = result.recordErrors.map(({ batchIndex, message }) => ({
      batchIndex,
      batchIndexErrorMessage: message,
    }));
    return { ...refusal, recordErrors };
  }
  core.counters.producedBatches += 1;
  core.counters.topics.addTaken(topic, bytes, count);
  return {
    index,
    errorCode: ErrorCode.NONE,
    baseOffset: result.baseOffset,
    logAppendTimeMs: result.logAppendTimeMs,
    logStartOffset: result.logStartOffset,
  };
}

/** No topic, when there is none of that name. */
function countFailed({ counters }: BrokerCore, topic: string | undefined, bytes: number): void {
  const { topics } = counters;
  for (const [figure, count] of [
    ['produceRequests', 1],
    ['failedProduceRequests', 1],
    ['bytesRejected', bytes],
  ] as const) {
    if (topic === undefined) topics.addUnknown(figure, count);
    else topics.add(topic, figure, count);
  }
}

function recordCountOf(batch: Uint8Array): number {
  const byte = (at: number): number => batch[RECORD_COUNT_AT + at] ?? 0;
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
}

function failed(index: number, errorCode: number, message?: string): ProduceResponsePartitionInput {
  return {
    index,
    errorCode,
    baseOffset: -1,
    errorMessage: message ?? errorByCode(errorCode).message,
  };
}
