// Generated from schemas/transactions.schema by generator/generate.mjs; change that and run it.
import { checkVersion, fieldNotInVersion, type Api, type Message } from '../api.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

export interface InitProducerIdRequest {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface InitProducerIdRequestInput {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs?: number | undefined;
  readonly producerId?: number | undefined;
  readonly producerEpoch?: number | undefined;
}

function writeInitProducerIdRequest(w: Writer, v: InitProducerIdRequestInput, version: number): void {
  const flexible = version >= 2;
  w.nullableString(v.transactionalId, flexible);
  w.int32((v.transactionTimeoutMs ?? 60000));
  if (version >= 3) {
    w.int64((v.producerId ?? -1));
  }
  if (version >= 3) {
    w.int16((v.producerEpoch ?? -1));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readInitProducerIdRequest(r: Reader, version: number): InitProducerIdRequest {
  const flexible = version >= 2;
  const transactionalId = r.nullableString(flexible);
  const transactionTimeoutMs = r.int32();
  const producerId = version >= 3 ? r.int64() : -1;
  const producerEpoch = version >= 3 ? r.int16() : -1;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactionalId, transactionTimeoutMs, producerId, producerEpoch };
}

function completeInitProducerIdRequest(v: InitProducerIdRequestInput): InitProducerIdRequest {
  return {
    transactionalId: v.transactionalId,
    transactionTimeoutMs: (v.transactionTimeoutMs ?? 60000),
    producerId: (v.producerId ?? -1),
    producerEpoch: (v.producerEpoch ?? -1),
  };
}

export interface InitProducerIdResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface InitProducerIdResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly producerId?: number | undefined;
  readonly producerEpoch: number;
}

function writeInitProducerIdResponse(w: Writer, v: InitProducerIdResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.int64((v.producerId ?? -1));
  w.int16(v.producerEpoch);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readInitProducerIdResponse(r: Reader, version: number): InitProducerIdResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, producerId, producerEpoch };
}

function completeInitProducerIdResponse(v: InitProducerIdResponseInput): InitProducerIdResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    producerId: (v.producerId ?? -1),
    producerEpoch: v.producerEpoch,
  };
}

export const initProducerIdApi: Api<InitProducerIdRequest, InitProducerIdResponse, InitProducerIdRequestInput, InitProducerIdResponseInput> = {
  key: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 5,
  advertisedMinVersion: 0,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: InitProducerIdRequestInput, version: number): void {
    checkVersion('InitProducerId', version, 0, 5);
    writeInitProducerIdRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): InitProducerIdRequest {
    checkVersion('InitProducerId', version, 0, 5);
    return readInitProducerIdRequest(r, version);
  },
  encodeResponse(w: Writer, response: InitProducerIdResponseInput, version: number): void {
    checkVersion('InitProducerId', version, 0, 5);
    writeInitProducerIdResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): InitProducerIdResponse {
    checkVersion('InitProducerId', version, 0, 5);
    return readInitProducerIdResponse(r, version);
  },
  completeRequest: completeInitProducerIdRequest,
  completeResponse: completeInitProducerIdResponse,
};

export interface AddPartitionsToTxnRequest {
  readonly transactions: readonly AddPartitionsToTxnRequestTransaction[];
  readonly v3AndBelowTransactionalId: string;
  readonly v3AndBelowProducerId: number;
  readonly v3AndBelowProducerEpoch: number;
  readonly v3AndBelowTopics: readonly AddPartitionsToTxnRequestTopic[];
}

export interface AddPartitionsToTxnRequestInput {
  readonly transactions?: readonly AddPartitionsToTxnRequestTransactionInput[] | undefined;
  readonly v3AndBelowTransactionalId?: string | undefined;
  readonly v3AndBelowProducerId?: number | undefined;
  readonly v3AndBelowProducerEpoch?: number | undefined;
  readonly v3AndBelowTopics?: readonly AddPartitionsToTxnRequestTopicInput[] | undefined;
}

export interface AddPartitionsToTxnRequestTransaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly verifyOnly: boolean;
  readonly topics: readonly AddPartitionsToTxnRequestTopic[];
}

export interface AddPartitionsToTxnRequestTransactionInput {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly verifyOnly?: boolean | undefined;
  readonly topics: readonly AddPartitionsToTxnRequestTopicInput[];
}

export interface AddPartitionsToTxnRequestTopic {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AddPartitionsToTxnRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly number[];
}

function writeAddPartitionsToTxnRequest(w: Writer, v: AddPartitionsToTxnRequestInput, version: number): void {
  const flexible = version >= 3;
  if (version >= 4) {
    {
      const transactionsItems = (v.transactions ?? []);
      w.arrayLength(transactionsItems.length, flexible);
      for (const item of transactionsItems) writeAddPartitionsToTxnRequestTransaction(w, item, version);
    }
  } else if ((v.transactions ?? []).length > 0) {
    throw fieldNotInVersion('AddPartitionsToTxnRequest.transactions', version);
  }
  if (version <= 3) {
    w.string((v.v3AndBelowTransactionalId ?? ''), flexible);
  }
  if (version <= 3) {
    w.int64((v.v3AndBelowProducerId ?? 0));
  }
  if (version <= 3) {
    w.int16((v.v3AndBelowProducerEpoch ?? 0));
  }
  if (version <= 3) {
    {
      const v3AndBelowTopicsItems = (v.v3AndBelowTopics ?? []);
      w.arrayLength(v3AndBelowTopicsItems.length, flexible);
      for (const item of v3AndBelowTopicsItems) writeAddPartitionsToTxnRequestTopic(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddPartitionsToTxnRequest(r: Reader, version: number): AddPartitionsToTxnRequest {
  const flexible = version >= 3;
  let transactions: AddPartitionsToTxnRequestTransaction[] = [];
  if (version >= 4) {
    for (let left = r.arrayLength(flexible, 14); left > 0; left -= 1) transactions.push(readAddPartitionsToTxnRequestTransaction(r, version));
  }
  const v3AndBelowTransactionalId = version <= 3 ? r.string(flexible) : '';
  const v3AndBelowProducerId = version <= 3 ? r.int64() : 0;
  const v3AndBelowProducerEpoch = version <= 3 ? r.int16() : 0;
  let v3AndBelowTopics: AddPartitionsToTxnRequestTopic[] = [];
  if (version <= 3) {
    for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) v3AndBelowTopics.push(readAddPartitionsToTxnRequestTopic(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactions, v3AndBelowTransactionalId, v3AndBelowProducerId, v3AndBelowProducerEpoch, v3AndBelowTopics };
}

function completeAddPartitionsToTxnRequest(v: AddPartitionsToTxnRequestInput): AddPartitionsToTxnRequest {
  return {
    transactions: (v.transactions ?? []).map(completeAddPartitionsToTxnRequestTransaction),
    v3AndBelowTransactionalId: (v.v3AndBelowTransactionalId ?? ''),
    v3AndBelowProducerId: (v.v3AndBelowProducerId ?? 0),
    v3AndBelowProducerEpoch: (v.v3AndBelowProducerEpoch ?? 0),
    v3AndBelowTopics: (v.v3AndBelowTopics ?? []).map(completeAddPartitionsToTxnRequestTopic),
  };
}

function writeAddPartitionsToTxnRequestTransaction(w: Writer, v: AddPartitionsToTxnRequestTransactionInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.transactionalId, flexible);
  w.int64(v.producerId);
  w.int16(v.producerEpoch);
  w.bool((v.verifyOnly ?? false));
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeAddPartitionsToTxnRequestTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddPartitionsToTxnRequestTransaction(r: Reader, version: number): AddPartitionsToTxnRequestTransaction {
  const flexible = version >= 3;
  const transactionalId = r.string(flexible);
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const verifyOnly = r.bool();
  let topics: AddPartitionsToTxnRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readAddPartitionsToTxnRequestTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactionalId, producerId, producerEpoch, verifyOnly, topics };
}

function completeAddPartitionsToTxnRequestTransaction(v: AddPartitionsToTxnRequestTransactionInput): AddPartitionsToTxnRequestTransaction {
  return {
    transactionalId: v.transactionalId,
    producerId: v.producerId,
    producerEpoch: v.producerEpoch,
    verifyOnly: (v.verifyOnly ?? false),
    topics: v.topics.map(completeAddPartitionsToTxnRequestTopic),
  };
}

function writeAddPartitionsToTxnRequestTopic(w: Writer, v: AddPartitionsToTxnRequestTopicInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddPartitionsToTxnRequestTopic(r: Reader, version: number): AddPartitionsToTxnRequestTopic {
  const flexible = version >= 3;
  const name = r.string(flexible);
  let partitions: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitions.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeAddPartitionsToTxnRequestTopic(v: AddPartitionsToTxnRequestTopicInput): AddPartitionsToTxnRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions,
  };
}

export interface AddPartitionsToTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly resultsByTransaction: readonly AddPartitionsToTxnResponseTransactionResult[];
  readonly resultsByTopicV3AndBelow: readonly AddPartitionsToTxnResponseTopicResult[];
}

export interface AddPartitionsToTxnResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode?: number | undefined;
  readonly resultsByTransaction?: readonly AddPartitionsToTxnResponseTransactionResultInput[] | undefined;
  readonly resultsByTopicV3AndBelow?: readonly AddPartitionsToTxnResponseTopicResultInput[] | undefined;
}

export interface AddPartitionsToTxnResponseTransactionResult {
  readonly transactionalId: string;
  readonly topicResults: readonly AddPartitionsToTxnResponseTopicResult[];
}

export interface AddPartitionsToTxnResponseTransactionResultInput {
  readonly transactionalId: string;
  readonly topicResults: readonly AddPartitionsToTxnResponseTopicResultInput[];
}

export interface AddPartitionsToTxnResponseTopicResult {
  readonly name: string;
  readonly resultsByPartition: readonly AddPartitionsToTxnResponsePartitionResult[];
}

export interface AddPartitionsToTxnResponseTopicResultInput {
  readonly name: string;
  readonly resultsByPartition: readonly AddPartitionsToTxnResponsePartitionResultInput[];
}

export interface AddPartitionsToTxnResponsePartitionResult {
  readonly partitionIndex: number;
  readonly partitionErrorCode: number;
}

export interface AddPartitionsToTxnResponsePartitionResultInput {
  readonly partitionIndex: number;
  readonly partitionErrorCode: number;
}

function writeAddPartitionsToTxnResponse(w: Writer, v: AddPartitionsToTxnResponseInput, version: number): void {
  const flexible = version >= 3;
  w.int32((v.throttleTimeMs ?? 0));
  if (version >= 4) {
    w.int16((v.errorCode ?? 0));
  }
  if (version >= 4) {
    {
      const resultsByTransactionItems = (v.resultsByTransaction ?? []);
      w.arrayLength(resultsByTransactionItems.length, flexible);
      for (const item of resultsByTransactionItems) writeAddPartitionsToTxnResponseTransactionResult(w, item, version);
    }
  }
  if (version <= 3) {
    {
      const resultsByTopicV3AndBelowItems = (v.resultsByTopicV3AndBelow ?? []);
      w.arrayLength(resultsByTopicV3AndBelowItems.length, flexible);
      for (const item of resultsByTopicV3AndBelowItems) writeAddPartitionsToTxnResponseTopicResult(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddPartitionsToTxnResponse(r: Reader, version: number): AddPartitionsToTxnResponse {
  const flexible = version >= 3;
  const throttleTimeMs = r.int32();
  const errorCode = version >= 4 ? r.int16() : 0;
  let resultsByTransaction: AddPartitionsToTxnResponseTransactionResult[] = [];
  if (version >= 4) {
    for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) resultsByTransaction.push(readAddPartitionsToTxnResponseTransactionResult(r, version));
  }
  let resultsByTopicV3AndBelow: AddPartitionsToTxnResponseTopicResult[] = [];
  if (version <= 3) {
    for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) resultsByTopicV3AndBelow.push(readAddPartitionsToTxnResponseTopicResult(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, resultsByTransaction, resultsByTopicV3AndBelow };
}

function completeAddPartitionsToTxnResponse(v: AddPartitionsToTxnResponseInput): AddPartitionsToTxnResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: (v.errorCode ?? 0),
    resultsByTransaction: (v.resultsByTransaction ?? []).map(completeAddPartitionsToTxnResponseTransactionResult),
    resultsByTopicV3AndBelow: (v.resultsByTopicV3AndBelow ?? []).map(completeAddPartitionsToTxnResponseTopicResult),
  };
}

function writeAddPartitionsToTxnResponseTransactionResult(w: Writer, v: AddPartitionsToTxnResponseTransactionResultInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.transactionalId, flexible);
  {
    const topicResultsItems = v.topicResults;
    w.arrayLength(topicResultsItems.length, flexible);
    for (const item of topicResultsItems) writeAddPartitionsToTxnResponseTopicResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddPartitionsToTxnResponseTransactionResult(r: Reader, version: number): AddPartitionsToTxnResponseTransactionResult {
  const flexible = version >= 3;
  const transactionalId = r.string(flexible);
  let topicResults: AddPartitionsToTxnResponseTopicResult[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topicResults.push(readAddPartitionsToTxnResponseTopicResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactionalId, topicResults };
}

function completeAddPartitionsToTxnResponseTransactionResult(v: AddPartitionsToTxnResponseTransactionResultInput): AddPartitionsToTxnResponseTransactionResult {
  return {
    transactionalId: v.transactionalId,
    topicResults: v.topicResults.map(completeAddPartitionsToTxnResponseTopicResult),
  };
}

function writeAddPartitionsToTxnResponseTopicResult(w: Writer, v: AddPartitionsToTxnResponseTopicResultInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.name, flexible);
  {
    const resultsByPartitionItems = v.resultsByPartition;
    w.arrayLength(resultsByPartitionItems.length, flexible);
    for (const item of resultsByPartitionItems) writeAddPartitionsToTxnResponsePartitionResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddPartitionsToTxnResponseTopicResult(r: Reader, version: number): AddPartitionsToTxnResponseTopicResult {
  const flexible = version >= 3;
  const name = r.string(flexible);
  let resultsByPartition: AddPartitionsToTxnResponsePartitionResult[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) resultsByPartition.push(readAddPartitionsToTxnResponsePartitionResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, resultsByPartition };
}

function completeAddPartitionsToTxnResponseTopicResult(v: AddPartitionsToTxnResponseTopicResultInput): AddPartitionsToTxnResponseTopicResult {
  return {
    name: v.name,
    resultsByPartition: v.resultsByPartition.map(completeAddPartitionsToTxnResponsePartitionResult),
  };
}

function writeAddPartitionsToTxnResponsePartitionResult(w: Writer, v: AddPartitionsToTxnResponsePartitionResultInput, version: number): void {
  const flexible = version >= 3;
  w.int32(v.partitionIndex);
  w.int16(v.partitionErrorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddPartitionsToTxnResponsePartitionResult(r: Reader, version: number): AddPartitionsToTxnResponsePartitionResult {
  const flexible = version >= 3;
  const partitionIndex = r.int32();
  const partitionErrorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, partitionErrorCode };
}

function completeAddPartitionsToTxnResponsePartitionResult(v: AddPartitionsToTxnResponsePartitionResultInput): AddPartitionsToTxnResponsePartitionResult {
  return {
    partitionIndex: v.partitionIndex,
    partitionErrorCode: v.partitionErrorCode,
  };
}

export const addPartitionsToTxnApi: Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, AddPartitionsToTxnRequestInput, AddPartitionsToTxnResponseInput> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  minVersion: 0,
  maxVersion: 5,
  advertisedMinVersion: 0,
  flexibleFrom: 3,
  encodeRequest(w: Writer, request: AddPartitionsToTxnRequestInput, version: number): void {
    checkVersion('AddPartitionsToTxn', version, 0, 5);
    writeAddPartitionsToTxnRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): AddPartitionsToTxnRequest {
    checkVersion('AddPartitionsToTxn', version, 0, 5);
    return readAddPartitionsToTxnRequest(r, version);
  },
  encodeResponse(w: Writer, response: AddPartitionsToTxnResponseInput, version: number): void {
    checkVersion('AddPartitionsToTxn', version, 0, 5);
    writeAddPartitionsToTxnResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): AddPartitionsToTxnResponse {
    checkVersion('AddPartitionsToTxn', version, 0, 5);
    return readAddPartitionsToTxnResponse(r, version);
  },
  completeRequest: completeAddPartitionsToTxnRequest,
  completeResponse: completeAddPartitionsToTxnResponse,
};

export interface AddOffsetsToTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly groupId: string;
}

export interface AddOffsetsToTxnRequestInput {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly groupId: string;
}

function writeAddOffsetsToTxnRequest(w: Writer, v: AddOffsetsToTxnRequestInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.transactionalId, flexible);
  w.int64(v.producerId);
  w.int16(v.producerEpoch);
  w.string(v.groupId, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddOffsetsToTxnRequest(r: Reader, version: number): AddOffsetsToTxnRequest {
  const flexible = version >= 3;
  const transactionalId = r.string(flexible);
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const groupId = r.string(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactionalId, producerId, producerEpoch, groupId };
}

function completeAddOffsetsToTxnRequest(v: AddOffsetsToTxnRequestInput): AddOffsetsToTxnRequest {
  return {
    transactionalId: v.transactionalId,
    producerId: v.producerId,
    producerEpoch: v.producerEpoch,
    groupId: v.groupId,
  };
}

export interface AddOffsetsToTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

export interface AddOffsetsToTxnResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
}

function writeAddOffsetsToTxnResponse(w: Writer, v: AddOffsetsToTxnResponseInput, version: number): void {
  const flexible = version >= 3;
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAddOffsetsToTxnResponse(r: Reader, version: number): AddOffsetsToTxnResponse {
  const flexible = version >= 3;
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode };
}

function completeAddOffsetsToTxnResponse(v: AddOffsetsToTxnResponseInput): AddOffsetsToTxnResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
  };
}

export const addOffsetsToTxnApi: Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddOffsetsToTxnRequestInput, AddOffsetsToTxnResponseInput> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  minVersion: 0,
  maxVersion: 4,
  advertisedMinVersion: 0,
  flexibleFrom: 3,
  encodeRequest(w: Writer, request: AddOffsetsToTxnRequestInput, version: number): void {
    checkVersion('AddOffsetsToTxn', version, 0, 4);
    writeAddOffsetsToTxnRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): AddOffsetsToTxnRequest {
    checkVersion('AddOffsetsToTxn', version, 0, 4);
    return readAddOffsetsToTxnRequest(r, version);
  },
  encodeResponse(w: Writer, response: AddOffsetsToTxnResponseInput, version: number): void {
    checkVersion('AddOffsetsToTxn', version, 0, 4);
    writeAddOffsetsToTxnResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): AddOffsetsToTxnResponse {
    checkVersion('AddOffsetsToTxn', version, 0, 4);
    return readAddOffsetsToTxnResponse(r, version);
  },
  completeRequest: completeAddOffsetsToTxnRequest,
  completeResponse: completeAddOffsetsToTxnResponse,
};

export interface EndTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
}

export interface EndTxnRequestInput {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
}

function writeEndTxnRequest(w: Writer, v: EndTxnRequestInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.transactionalId, flexible);
  w.int64(v.producerId);
  w.int16(v.producerEpoch);
  w.bool(v.committed);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readEndTxnRequest(r: Reader, version: number): EndTxnRequest {
  const flexible = version >= 3;
  const transactionalId = r.string(flexible);
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const committed = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactionalId, producerId, producerEpoch, committed };
}

function completeEndTxnRequest(v: EndTxnRequestInput): EndTxnRequest {
  return {
    transactionalId: v.transactionalId,
    producerId: v.producerId,
    producerEpoch: v.producerEpoch,
    committed: v.committed,
  };
}

export interface EndTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface EndTxnResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly producerId?: number | undefined;
  readonly producerEpoch?: number | undefined;
}

function writeEndTxnResponse(w: Writer, v: EndTxnResponseInput, version: number): void {
  const flexible = version >= 3;
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  if (version >= 5) {
    w.int64((v.producerId ?? -1));
  }
  if (version >= 5) {
    w.int16((v.producerEpoch ?? -1));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readEndTxnResponse(r: Reader, version: number): EndTxnResponse {
  const flexible = version >= 3;
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const producerId = version >= 5 ? r.int64() : -1;
  const producerEpoch = version >= 5 ? r.int16() : -1;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, producerId, producerEpoch };
}

function completeEndTxnResponse(v: EndTxnResponseInput): EndTxnResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    producerId: (v.producerId ?? -1),
    producerEpoch: (v.producerEpoch ?? -1),
  };
}

export const endTxnApi: Api<EndTxnRequest, EndTxnResponse, EndTxnRequestInput, EndTxnResponseInput> = {
  key: 26,
  name: 'EndTxn',
  minVersion: 0,
  maxVersion: 5,
  advertisedMinVersion: 0,
  flexibleFrom: 3,
  encodeRequest(w: Writer, request: EndTxnRequestInput, version: number): void {
    checkVersion('EndTxn', version, 0, 5);
    writeEndTxnRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): EndTxnRequest {
    checkVersion('EndTxn', version, 0, 5);
    return readEndTxnRequest(r, version);
  },
  encodeResponse(w: Writer, response: EndTxnResponseInput, version: number): void {
    checkVersion('EndTxn', version, 0, 5);
    writeEndTxnResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): EndTxnResponse {
    checkVersion('EndTxn', version, 0, 5);
    return readEndTxnResponse(r, version);
  },
  completeRequest: completeEndTxnRequest,
  completeResponse: completeEndTxnResponse,
};

export interface WriteTxnMarkersRequest {
  readonly markers: readonly WriteTxnMarkersRequestMarker[];
}

export interface WriteTxnMarkersRequestInput {
  readonly markers: readonly WriteTxnMarkersRequestMarkerInput[];
}

export interface WriteTxnMarkersRequestMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** True commit, false abort */
  readonly transactionResult: boolean;
  readonly topics: readonly WriteTxnMarkersRequestTopic[];
  readonly coordinatorEpoch: number;
}

export interface WriteTxnMarkersRequestMarkerInput {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** True commit, false abort */
  readonly transactionResult: boolean;
  readonly topics: readonly WriteTxnMarkersRequestTopicInput[];
  readonly coordinatorEpoch: number;
}

export interface WriteTxnMarkersRequestTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface WriteTxnMarkersRequestTopicInput {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function writeWriteTxnMarkersRequest(w: Writer, v: WriteTxnMarkersRequestInput, version: number): void {
  {
    const markersItems = v.markers;
    w.arrayLength(markersItems.length, true);
    for (const item of markersItems) writeWriteTxnMarkersRequestMarker(w, item, version);
  }
  w.unsignedVarint(0);
}

function readWriteTxnMarkersRequest(r: Reader, version: number): WriteTxnMarkersRequest {
  let markers: WriteTxnMarkersRequestMarker[] = [];
  for (let left = r.arrayLength(true, 17); left > 0; left -= 1) markers.push(readWriteTxnMarkersRequestMarker(r, version));
  r.skipTaggedFields();
  return { markers };
}

function completeWriteTxnMarkersRequest(v: WriteTxnMarkersRequestInput): WriteTxnMarkersRequest {
  return {
    markers: v.markers.map(completeWriteTxnMarkersRequestMarker),
  };
}

function writeWriteTxnMarkersRequestMarker(w: Writer, v: WriteTxnMarkersRequestMarkerInput, version: number): void {
  w.int64(v.producerId);
  w.int16(v.producerEpoch);
  w.bool(v.transactionResult);
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeWriteTxnMarkersRequestTopic(w, item, version);
  }
  w.int32(v.coordinatorEpoch);
  w.unsignedVarint(0);
}

function readWriteTxnMarkersRequestMarker(r: Reader, version: number): WriteTxnMarkersRequestMarker {
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const transactionResult = r.bool();
  let topics: WriteTxnMarkersRequestTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readWriteTxnMarkersRequestTopic(r, version));
  const coordinatorEpoch = r.int32();
  r.skipTaggedFields();
  return { producerId, producerEpoch, transactionResult, topics, coordinatorEpoch };
}

function completeWriteTxnMarkersRequestMarker(v: WriteTxnMarkersRequestMarkerInput): WriteTxnMarkersRequestMarker {
  return {
    producerId: v.producerId,
    producerEpoch: v.producerEpoch,
    transactionResult: v.transactionResult,
    topics: v.topics.map(completeWriteTxnMarkersRequestTopic),
    coordinatorEpoch: v.coordinatorEpoch,
  };
}

function writeWriteTxnMarkersRequestTopic(w: Writer, v: WriteTxnMarkersRequestTopicInput, _version: number): void {
  w.string(v.name, true);
  {
    const partitionIndexesItems = v.partitionIndexes;
    w.arrayLength(partitionIndexesItems.length, true);
    for (const item of partitionIndexesItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readWriteTxnMarkersRequestTopic(r: Reader, _version: number): WriteTxnMarkersRequestTopic {
  const name = r.string(true);
  let partitionIndexes: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitionIndexes.push(r.int32());
  r.skipTaggedFields();
  return { name, partitionIndexes };
}

function completeWriteTxnMarkersRequestTopic(v: WriteTxnMarkersRequestTopicInput): WriteTxnMarkersRequestTopic {
  return {
    name: v.name,
    partitionIndexes: v.partitionIndexes,
  };
}

export interface WriteTxnMarkersResponse {
  readonly markers: readonly WriteTxnMarkersResponseMarker[];
}

export interface WriteTxnMarkersResponseInput {
  readonly markers: readonly WriteTxnMarkersResponseMarkerInput[];
}

export interface WriteTxnMarkersResponseMarker {
  readonly producerId: number;
  readonly topics: readonly WriteTxnMarkersResponseTopic[];
}

export interface WriteTxnMarkersResponseMarkerInput {
  readonly producerId: number;
  readonly topics: readonly WriteTxnMarkersResponseTopicInput[];
}

export interface WriteTxnMarkersResponseTopic {
  readonly name: string;
  readonly partitions: readonly WriteTxnMarkersResponsePartition[];
}

export interface WriteTxnMarkersResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly WriteTxnMarkersResponsePartitionInput[];
}

export interface WriteTxnMarkersResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

export interface WriteTxnMarkersResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function writeWriteTxnMarkersResponse(w: Writer, v: WriteTxnMarkersResponseInput, version: number): void {
  {
    const markersItems = v.markers;
    w.arrayLength(markersItems.length, true);
    for (const item of markersItems) writeWriteTxnMarkersResponseMarker(w, item, version);
  }
  w.unsignedVarint(0);
}

function readWriteTxnMarkersResponse(r: Reader, version: number): WriteTxnMarkersResponse {
  let markers: WriteTxnMarkersResponseMarker[] = [];
  for (let left = r.arrayLength(true, 10); left > 0; left -= 1) markers.push(readWriteTxnMarkersResponseMarker(r, version));
  r.skipTaggedFields();
  return { markers };
}

function completeWriteTxnMarkersResponse(v: WriteTxnMarkersResponseInput): WriteTxnMarkersResponse {
  return {
    markers: v.markers.map(completeWriteTxnMarkersResponseMarker),
  };
}

function writeWriteTxnMarkersResponseMarker(w: Writer, v: WriteTxnMarkersResponseMarkerInput, version: number): void {
  w.int64(v.producerId);
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeWriteTxnMarkersResponseTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readWriteTxnMarkersResponseMarker(r: Reader, version: number): WriteTxnMarkersResponseMarker {
  const producerId = r.int64();
  let topics: WriteTxnMarkersResponseTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readWriteTxnMarkersResponseTopic(r, version));
  r.skipTaggedFields();
  return { producerId, topics };
}

function completeWriteTxnMarkersResponseMarker(v: WriteTxnMarkersResponseMarkerInput): WriteTxnMarkersResponseMarker {
  return {
    producerId: v.producerId,
    topics: v.topics.map(completeWriteTxnMarkersResponseTopic),
  };
}

function writeWriteTxnMarkersResponseTopic(w: Writer, v: WriteTxnMarkersResponseTopicInput, version: number): void {
  w.string(v.name, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeWriteTxnMarkersResponsePartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readWriteTxnMarkersResponseTopic(r: Reader, version: number): WriteTxnMarkersResponseTopic {
  const name = r.string(true);
  let partitions: WriteTxnMarkersResponsePartition[] = [];
  for (let left = r.arrayLength(true, 7); left > 0; left -= 1) partitions.push(readWriteTxnMarkersResponsePartition(r, version));
  r.skipTaggedFields();
  return { name, partitions };
}

function completeWriteTxnMarkersResponseTopic(v: WriteTxnMarkersResponseTopicInput): WriteTxnMarkersResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeWriteTxnMarkersResponsePartition),
  };
}

function writeWriteTxnMarkersResponsePartition(w: Writer, v: WriteTxnMarkersResponsePartitionInput, _version: number): void {
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  w.unsignedVarint(0);
}

function readWriteTxnMarkersResponsePartition(r: Reader, _version: number): WriteTxnMarkersResponsePartition {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  r.skipTaggedFields();
  return { partitionIndex, errorCode };
}

function completeWriteTxnMarkersResponsePartition(v: WriteTxnMarkersResponsePartitionInput): WriteTxnMarkersResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
  };
}

export const writeTxnMarkersApi: Api<WriteTxnMarkersRequest, WriteTxnMarkersResponse, WriteTxnMarkersRequestInput, WriteTxnMarkersResponseInput> = {
  key: 27,
  name: 'WriteTxnMarkers',
  minVersion: 1,
  maxVersion: 1,
  advertisedMinVersion: 1,
  flexibleFrom: 1,
  encodeRequest(w: Writer, request: WriteTxnMarkersRequestInput, version: number): void {
    checkVersion('WriteTxnMarkers', version, 1, 1);
    writeWriteTxnMarkersRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): WriteTxnMarkersRequest {
    checkVersion('WriteTxnMarkers', version, 1, 1);
    return readWriteTxnMarkersRequest(r, version);
  },
  encodeResponse(w: Writer, response: WriteTxnMarkersResponseInput, version: number): void {
    checkVersion('WriteTxnMarkers', version, 1, 1);
    writeWriteTxnMarkersResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): WriteTxnMarkersResponse {
    checkVersion('WriteTxnMarkers', version, 1, 1);
    return readWriteTxnMarkersResponse(r, version);
  },
  completeRequest: completeWriteTxnMarkersRequest,
  completeResponse: completeWriteTxnMarkersResponse,
};

export interface TxnOffsetCommitRequest {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly TxnOffsetCommitRequestTopic[];
}

export interface TxnOffsetCommitRequestInput {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly generationId?: number | undefined;
  readonly memberId?: string | undefined;
  readonly groupInstanceId?: string | null | undefined;
  readonly topics: readonly TxnOffsetCommitRequestTopicInput[];
}

export interface TxnOffsetCommitRequestTopic {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitRequestPartition[];
}

export interface TxnOffsetCommitRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitRequestPartitionInput[];
}

export interface TxnOffsetCommitRequestPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

export interface TxnOffsetCommitRequestPartitionInput {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number | undefined;
  readonly committedMetadata?: string | null | undefined;
}

function writeTxnOffsetCommitRequest(w: Writer, v: TxnOffsetCommitRequestInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.transactionalId, flexible);
  w.string(v.groupId, flexible);
  w.int64(v.producerId);
  w.int16(v.producerEpoch);
  if (version >= 3) {
    w.int32((v.generationId ?? -1));
  }
  if (version >= 3) {
    w.string((v.memberId ?? ''), flexible);
  }
  if (version >= 3) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  } else if ((v.groupInstanceId ?? null) !== null) {
    throw fieldNotInVersion('TxnOffsetCommitRequest.groupInstanceId', version);
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeTxnOffsetCommitRequestTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readTxnOffsetCommitRequest(r: Reader, version: number): TxnOffsetCommitRequest {
  const flexible = version >= 3;
  const transactionalId = r.string(flexible);
  const groupId = r.string(flexible);
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const generationId = version >= 3 ? r.int32() : -1;
  const memberId = version >= 3 ? r.string(flexible) : '';
  const groupInstanceId = version >= 3 ? r.nullableString(flexible) : null;
  let topics: TxnOffsetCommitRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readTxnOffsetCommitRequestTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactionalId, groupId, producerId, producerEpoch, generationId, memberId, groupInstanceId, topics };
}

function completeTxnOffsetCommitRequest(v: TxnOffsetCommitRequestInput): TxnOffsetCommitRequest {
  return {
    transactionalId: v.transactionalId,
    groupId: v.groupId,
    producerId: v.producerId,
    producerEpoch: v.producerEpoch,
    generationId: (v.generationId ?? -1),
    memberId: (v.memberId ?? ''),
    groupInstanceId: (v.groupInstanceId ?? null),
    topics: v.topics.map(completeTxnOffsetCommitRequestTopic),
  };
}

function writeTxnOffsetCommitRequestTopic(w: Writer, v: TxnOffsetCommitRequestTopicInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeTxnOffsetCommitRequestPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readTxnOffsetCommitRequestTopic(r: Reader, version: number): TxnOffsetCommitRequestTopic {
  const flexible = version >= 3;
  const name = r.string(flexible);
  let partitions: TxnOffsetCommitRequestPartition[] = [];
  for (let left = r.arrayLength(flexible, 14); left > 0; left -= 1) partitions.push(readTxnOffsetCommitRequestPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeTxnOffsetCommitRequestTopic(v: TxnOffsetCommitRequestTopicInput): TxnOffsetCommitRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeTxnOffsetCommitRequestPartition),
  };
}

function writeTxnOffsetCommitRequestPartition(w: Writer, v: TxnOffsetCommitRequestPartitionInput, version: number): void {
  const flexible = version >= 3;
  w.int32(v.partitionIndex);
  w.int64(v.committedOffset);
  if (version >= 2) {
    w.int32((v.committedLeaderEpoch ?? -1));
  }
  w.nullableString((v.committedMetadata ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readTxnOffsetCommitRequestPartition(r: Reader, version: number): TxnOffsetCommitRequestPartition {
  const flexible = version >= 3;
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = version >= 2 ? r.int32() : -1;
  const committedMetadata = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata };
}

function completeTxnOffsetCommitRequestPartition(v: TxnOffsetCommitRequestPartitionInput): TxnOffsetCommitRequestPartition {
  return {
    partitionIndex: v.partitionIndex,
    committedOffset: v.committedOffset,
    committedLeaderEpoch: (v.committedLeaderEpoch ?? -1),
    committedMetadata: (v.committedMetadata ?? null),
  };
}

export interface TxnOffsetCommitResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly TxnOffsetCommitResponseTopic[];
}

export interface TxnOffsetCommitResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly TxnOffsetCommitResponseTopicInput[];
}

export interface TxnOffsetCommitResponseTopic {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitResponsePartition[];
}

export interface TxnOffsetCommitResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitResponsePartitionInput[];
}

export interface TxnOffsetCommitResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

export interface TxnOffsetCommitResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function writeTxnOffsetCommitResponse(w: Writer, v: TxnOffsetCommitResponseInput, version: number): void {
  const flexible = version >= 3;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeTxnOffsetCommitResponseTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readTxnOffsetCommitResponse(r: Reader, version: number): TxnOffsetCommitResponse {
  const flexible = version >= 3;
  const throttleTimeMs = r.int32();
  let topics: TxnOffsetCommitResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readTxnOffsetCommitResponseTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, topics };
}

function completeTxnOffsetCommitResponse(v: TxnOffsetCommitResponseInput): TxnOffsetCommitResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeTxnOffsetCommitResponseTopic),
  };
}

function writeTxnOffsetCommitResponseTopic(w: Writer, v: TxnOffsetCommitResponseTopicInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeTxnOffsetCommitResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readTxnOffsetCommitResponseTopic(r: Reader, version: number): TxnOffsetCommitResponseTopic {
  const flexible = version >= 3;
  const name = r.string(flexible);
  let partitions: TxnOffsetCommitResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) partitions.push(readTxnOffsetCommitResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeTxnOffsetCommitResponseTopic(v: TxnOffsetCommitResponseTopicInput): TxnOffsetCommitResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeTxnOffsetCommitResponsePartition),
  };
}

function writeTxnOffsetCommitResponsePartition(w: Writer, v: TxnOffsetCommitResponsePartitionInput, version: number): void {
  const flexible = version >= 3;
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readTxnOffsetCommitResponsePartition(r: Reader, version: number): TxnOffsetCommitResponsePartition {
  const flexible = version >= 3;
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, errorCode };
}

function completeTxnOffsetCommitResponsePartition(v: TxnOffsetCommitResponsePartitionInput): TxnOffsetCommitResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
  };
}

export const txnOffsetCommitApi: Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse, TxnOffsetCommitRequestInput, TxnOffsetCommitResponseInput> = {
  key: 28,
  name: 'TxnOffsetCommit',
  minVersion: 0,
  maxVersion: 5,
  advertisedMinVersion: 0,
  flexibleFrom: 3,
  encodeRequest(w: Writer, request: TxnOffsetCommitRequestInput, version: number): void {
    checkVersion('TxnOffsetCommit', version, 0, 5);
    writeTxnOffsetCommitRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): TxnOffsetCommitRequest {
    checkVersion('TxnOffsetCommit', version, 0, 5);
    return readTxnOffsetCommitRequest(r, version);
  },
  encodeResponse(w: Writer, response: TxnOffsetCommitResponseInput, version: number): void {
    checkVersion('TxnOffsetCommit', version, 0, 5);
    writeTxnOffsetCommitResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): TxnOffsetCommitResponse {
    checkVersion('TxnOffsetCommit', version, 0, 5);
    return readTxnOffsetCommitResponse(r, version);
  },
  completeRequest: completeTxnOffsetCommitRequest,
  completeResponse: completeTxnOffsetCommitResponse,
};

export interface DescribeProducersRequest {
  readonly topics: readonly DescribeProducersRequestTopic[];
}

export interface DescribeProducersRequestInput {
  readonly topics: readonly DescribeProducersRequestTopicInput[];
}

export interface DescribeProducersRequestTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface DescribeProducersRequestTopicInput {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function writeDescribeProducersRequest(w: Writer, v: DescribeProducersRequestInput, version: number): void {
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeDescribeProducersRequestTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeProducersRequest(r: Reader, version: number): DescribeProducersRequest {
  let topics: DescribeProducersRequestTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readDescribeProducersRequestTopic(r, version));
  r.skipTaggedFields();
  return { topics };
}

function completeDescribeProducersRequest(v: DescribeProducersRequestInput): DescribeProducersRequest {
  return {
    topics: v.topics.map(completeDescribeProducersRequestTopic),
  };
}

function writeDescribeProducersRequestTopic(w: Writer, v: DescribeProducersRequestTopicInput, _version: number): void {
  w.string(v.name, true);
  {
    const partitionIndexesItems = v.partitionIndexes;
    w.arrayLength(partitionIndexesItems.length, true);
    for (const item of partitionIndexesItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readDescribeProducersRequestTopic(r: Reader, _version: number): DescribeProducersRequestTopic {
  const name = r.string(true);
  let partitionIndexes: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitionIndexes.push(r.int32());
  r.skipTaggedFields();
  return { name, partitionIndexes };
}

function completeDescribeProducersRequestTopic(v: DescribeProducersRequestTopicInput): DescribeProducersRequestTopic {
  return {
    name: v.name,
    partitionIndexes: v.partitionIndexes,
  };
}

export interface DescribeProducersResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DescribeProducersResponseTopic[];
}

export interface DescribeProducersResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly DescribeProducersResponseTopicInput[];
}

export interface DescribeProducersResponseTopic {
  readonly name: string;
  readonly partitions: readonly DescribeProducersResponsePartition[];
}

export interface DescribeProducersResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly DescribeProducersResponsePartitionInput[];
}

export interface DescribeProducersResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly activeProducers: readonly DescribeProducersResponseProducer[];
}

export interface DescribeProducersResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly activeProducers?: readonly DescribeProducersResponseProducerInput[] | undefined;
}

export interface DescribeProducersResponseProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset: number;
}

export interface DescribeProducersResponseProducerInput {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence?: number | undefined;
  readonly lastTimestamp?: number | undefined;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset?: number | undefined;
}

function writeDescribeProducersResponse(w: Writer, v: DescribeProducersResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeDescribeProducersResponseTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeProducersResponse(r: Reader, version: number): DescribeProducersResponse {
  const throttleTimeMs = r.int32();
  let topics: DescribeProducersResponseTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readDescribeProducersResponseTopic(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function completeDescribeProducersResponse(v: DescribeProducersResponseInput): DescribeProducersResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeDescribeProducersResponseTopic),
  };
}

function writeDescribeProducersResponseTopic(w: Writer, v: DescribeProducersResponseTopicInput, version: number): void {
  w.string(v.name, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeDescribeProducersResponsePartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeProducersResponseTopic(r: Reader, version: number): DescribeProducersResponseTopic {
  const name = r.string(true);
  let partitions: DescribeProducersResponsePartition[] = [];
  for (let left = r.arrayLength(true, 9); left > 0; left -= 1) partitions.push(readDescribeProducersResponsePartition(r, version));
  r.skipTaggedFields();
  return { name, partitions };
}

function completeDescribeProducersResponseTopic(v: DescribeProducersResponseTopicInput): DescribeProducersResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeDescribeProducersResponsePartition),
  };
}

function writeDescribeProducersResponsePartition(w: Writer, v: DescribeProducersResponsePartitionInput, version: number): void {
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  {
    const activeProducersItems = (v.activeProducers ?? []);
    w.arrayLength(activeProducersItems.length, true);
    for (const item of activeProducersItems) writeDescribeProducersResponseProducer(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeProducersResponsePartition(r: Reader, version: number): DescribeProducersResponsePartition {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  let activeProducers: DescribeProducersResponseProducer[] = [];
  for (let left = r.arrayLength(true, 37); left > 0; left -= 1) activeProducers.push(readDescribeProducersResponseProducer(r, version));
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage, activeProducers };
}

function completeDescribeProducersResponsePartition(v: DescribeProducersResponsePartitionInput): DescribeProducersResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    activeProducers: (v.activeProducers ?? []).map(completeDescribeProducersResponseProducer),
  };
}

function writeDescribeProducersResponseProducer(w: Writer, v: DescribeProducersResponseProducerInput, _version: number): void {
  w.int64(v.producerId);
  w.int32(v.producerEpoch);
  w.int32((v.lastSequence ?? -1));
  w.int64((v.lastTimestamp ?? -1));
  w.int32(v.coordinatorEpoch);
  w.int64((v.currentTxnStartOffset ?? -1));
  w.unsignedVarint(0);
}

function readDescribeProducersResponseProducer(r: Reader, _version: number): DescribeProducersResponseProducer {
  const producerId = r.int64();
  const producerEpoch = r.int32();
  const lastSequence = r.int32();
  const lastTimestamp = r.int64();
  const coordinatorEpoch = r.int32();
  const currentTxnStartOffset = r.int64();
  r.skipTaggedFields();
  return { producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch, currentTxnStartOffset };
}

function completeDescribeProducersResponseProducer(v: DescribeProducersResponseProducerInput): DescribeProducersResponseProducer {
  return {
    producerId: v.producerId,
    producerEpoch: v.producerEpoch,
    lastSequence: (v.lastSequence ?? -1),
    lastTimestamp: (v.lastTimestamp ?? -1),
    coordinatorEpoch: v.coordinatorEpoch,
    currentTxnStartOffset: (v.currentTxnStartOffset ?? -1),
  };
}

export const describeProducersApi: Api<DescribeProducersRequest, DescribeProducersResponse, DescribeProducersRequestInput, DescribeProducersResponseInput> = {
  key: 61,
  name: 'DescribeProducers',
  minVersion: 0,
  maxVersion: 0,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: DescribeProducersRequestInput, version: number): void {
    checkVersion('DescribeProducers', version, 0, 0);
    writeDescribeProducersRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeProducersRequest {
    checkVersion('DescribeProducers', version, 0, 0);
    return readDescribeProducersRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeProducersResponseInput, version: number): void {
    checkVersion('DescribeProducers', version, 0, 0);
    writeDescribeProducersResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeProducersResponse {
    checkVersion('DescribeProducers', version, 0, 0);
    return readDescribeProducersResponse(r, version);
  },
  completeRequest: completeDescribeProducersRequest,
  completeResponse: completeDescribeProducersResponse,
};

export interface DescribeTransactionsRequest {
  readonly transactionalIds: readonly string[];
}

export interface DescribeTransactionsRequestInput {
  readonly transactionalIds: readonly string[];
}

function writeDescribeTransactionsRequest(w: Writer, v: DescribeTransactionsRequestInput, _version: number): void {
  {
    const transactionalIdsItems = v.transactionalIds;
    w.arrayLength(transactionalIdsItems.length, true);
    for (const item of transactionalIdsItems) w.string(item, true);
  }
  w.unsignedVarint(0);
}

function readDescribeTransactionsRequest(r: Reader, _version: number): DescribeTransactionsRequest {
  let transactionalIds: string[] = [];
  for (let left = r.arrayLength(true, 1); left > 0; left -= 1) transactionalIds.push(r.string(true));
  r.skipTaggedFields();
  return { transactionalIds };
}

function completeDescribeTransactionsRequest(v: DescribeTransactionsRequestInput): DescribeTransactionsRequest {
  return {
    transactionalIds: v.transactionalIds,
  };
}

export interface DescribeTransactionsResponse {
  readonly throttleTimeMs: number;
  readonly transactionStates: readonly DescribeTransactionsResponseTransactionState[];
}

export interface DescribeTransactionsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly transactionStates: readonly DescribeTransactionsResponseTransactionStateInput[];
}

export interface DescribeTransactionsResponseTransactionState {
  readonly errorCode: number;
  readonly transactionalId: string;
  readonly transactionState: string;
  readonly transactionTimeoutMs: number;
  readonly transactionStartTimeMs: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly topics: readonly DescribeTransactionsResponseTopic[];
}

export interface DescribeTransactionsResponseTransactionStateInput {
  readonly errorCode: number;
  readonly transactionalId: string;
  readonly transactionState?: string | undefined;
  readonly transactionTimeoutMs?: number | undefined;
  readonly transactionStartTimeMs?: number | undefined;
  readonly producerId?: number | undefined;
  readonly producerEpoch?: number | undefined;
  readonly topics?: readonly DescribeTransactionsResponseTopicInput[] | undefined;
}

export interface DescribeTransactionsResponseTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface DescribeTransactionsResponseTopicInput {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function writeDescribeTransactionsResponse(w: Writer, v: DescribeTransactionsResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  {
    const transactionStatesItems = v.transactionStates;
    w.arrayLength(transactionStatesItems.length, true);
    for (const item of transactionStatesItems) writeDescribeTransactionsResponseTransactionState(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeTransactionsResponse(r: Reader, version: number): DescribeTransactionsResponse {
  const throttleTimeMs = r.int32();
  let transactionStates: DescribeTransactionsResponseTransactionState[] = [];
  for (let left = r.arrayLength(true, 28); left > 0; left -= 1) transactionStates.push(readDescribeTransactionsResponseTransactionState(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, transactionStates };
}

function completeDescribeTransactionsResponse(v: DescribeTransactionsResponseInput): DescribeTransactionsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    transactionStates: v.transactionStates.map(completeDescribeTransactionsResponseTransactionState),
  };
}

function writeDescribeTransactionsResponseTransactionState(w: Writer, v: DescribeTransactionsResponseTransactionStateInput, version: number): void {
  w.int16(v.errorCode);
  w.string(v.transactionalId, true);
  w.string((v.transactionState ?? ''), true);
  w.int32((v.transactionTimeoutMs ?? 0));
  w.int64((v.transactionStartTimeMs ?? 0));
  w.int64((v.producerId ?? 0));
  w.int16((v.producerEpoch ?? 0));
  {
    const topicsItems = (v.topics ?? []);
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeDescribeTransactionsResponseTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeTransactionsResponseTransactionState(r: Reader, version: number): DescribeTransactionsResponseTransactionState {
  const errorCode = r.int16();
  const transactionalId = r.string(true);
  const transactionState = r.string(true);
  const transactionTimeoutMs = r.int32();
  const transactionStartTimeMs = r.int64();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  let topics: DescribeTransactionsResponseTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readDescribeTransactionsResponseTopic(r, version));
  r.skipTaggedFields();
  return { errorCode, transactionalId, transactionState, transactionTimeoutMs, transactionStartTimeMs, producerId, producerEpoch, topics };
}

function completeDescribeTransactionsResponseTransactionState(v: DescribeTransactionsResponseTransactionStateInput): DescribeTransactionsResponseTransactionState {
  return {
    errorCode: v.errorCode,
    transactionalId: v.transactionalId,
    transactionState: (v.transactionState ?? ''),
    transactionTimeoutMs: (v.transactionTimeoutMs ?? 0),
    transactionStartTimeMs: (v.transactionStartTimeMs ?? 0),
    producerId: (v.producerId ?? 0),
    producerEpoch: (v.producerEpoch ?? 0),
    topics: (v.topics ?? []).map(completeDescribeTransactionsResponseTopic),
  };
}

function writeDescribeTransactionsResponseTopic(w: Writer, v: DescribeTransactionsResponseTopicInput, _version: number): void {
  w.string(v.topic, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readDescribeTransactionsResponseTopic(r: Reader, _version: number): DescribeTransactionsResponseTopic {
  const topic = r.string(true);
  let partitions: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitions.push(r.int32());
  r.skipTaggedFields();
  return { topic, partitions };
}

function completeDescribeTransactionsResponseTopic(v: DescribeTransactionsResponseTopicInput): DescribeTransactionsResponseTopic {
  return {
    topic: v.topic,
    partitions: v.partitions,
  };
}

export const describeTransactionsApi: Api<DescribeTransactionsRequest, DescribeTransactionsResponse, DescribeTransactionsRequestInput, DescribeTransactionsResponseInput> = {
  key: 65,
  name: 'DescribeTransactions',
  minVersion: 0,
  maxVersion: 0,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: DescribeTransactionsRequestInput, version: number): void {
    checkVersion('DescribeTransactions', version, 0, 0);
    writeDescribeTransactionsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeTransactionsRequest {
    checkVersion('DescribeTransactions', version, 0, 0);
    return readDescribeTransactionsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeTransactionsResponseInput, version: number): void {
    checkVersion('DescribeTransactions', version, 0, 0);
    writeDescribeTransactionsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeTransactionsResponse {
    checkVersion('DescribeTransactions', version, 0, 0);
    return readDescribeTransactionsResponse(r, version);
  },
  completeRequest: completeDescribeTransactionsRequest,
  completeResponse: completeDescribeTransactionsResponse,
};

export interface ListTransactionsRequest {
  readonly stateFilters: readonly string[];
  readonly producerIdFilters: readonly number[];
  readonly durationFilter: number;
  readonly transactionalIdPattern: string | null;
}

export interface ListTransactionsRequestInput {
  readonly stateFilters?: readonly string[] | undefined;
  readonly producerIdFilters?: readonly number[] | undefined;
  readonly durationFilter?: number | undefined;
  readonly transactionalIdPattern?: string | null | undefined;
}

function writeListTransactionsRequest(w: Writer, v: ListTransactionsRequestInput, version: number): void {
  {
    const stateFiltersItems = (v.stateFilters ?? []);
    w.arrayLength(stateFiltersItems.length, true);
    for (const item of stateFiltersItems) w.string(item, true);
  }
  {
    const producerIdFiltersItems = (v.producerIdFilters ?? []);
    w.arrayLength(producerIdFiltersItems.length, true);
    for (const item of producerIdFiltersItems) w.int64(item);
  }
  if (version >= 1) {
    w.int64((v.durationFilter ?? -1));
  }
  if (version >= 2) {
    w.nullableString((v.transactionalIdPattern ?? null), true);
  }
  w.unsignedVarint(0);
}

function readListTransactionsRequest(r: Reader, version: number): ListTransactionsRequest {
  let stateFilters: string[] = [];
  for (let left = r.arrayLength(true, 1); left > 0; left -= 1) stateFilters.push(r.string(true));
  let producerIdFilters: number[] = [];
  for (let left = r.arrayLength(true, 8); left > 0; left -= 1) producerIdFilters.push(r.int64());
  const durationFilter = version >= 1 ? r.int64() : -1;
  const transactionalIdPattern = version >= 2 ? r.nullableString(true) : null;
  r.skipTaggedFields();
  return { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern };
}

function completeListTransactionsRequest(v: ListTransactionsRequestInput): ListTransactionsRequest {
  return {
    stateFilters: (v.stateFilters ?? []),
    producerIdFilters: (v.producerIdFilters ?? []),
    durationFilter: (v.durationFilter ?? -1),
    transactionalIdPattern: (v.transactionalIdPattern ?? null),
  };
}

export interface ListTransactionsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly unknownStateFilters: readonly string[];
  readonly transactionStates: readonly ListTransactionsResponseTransactionState[];
}

export interface ListTransactionsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly unknownStateFilters?: readonly string[] | undefined;
  readonly transactionStates?: readonly ListTransactionsResponseTransactionStateInput[] | undefined;
}

export interface ListTransactionsResponseTransactionState {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly transactionState: string;
}

export interface ListTransactionsResponseTransactionStateInput {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly transactionState: string;
}

function writeListTransactionsResponse(w: Writer, v: ListTransactionsResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  {
    const unknownStateFiltersItems = (v.unknownStateFilters ?? []);
    w.arrayLength(unknownStateFiltersItems.length, true);
    for (const item of unknownStateFiltersItems) w.string(item, true);
  }
  {
    const transactionStatesItems = (v.transactionStates ?? []);
    w.arrayLength(transactionStatesItems.length, true);
    for (const item of transactionStatesItems) writeListTransactionsResponseTransactionState(w, item, version);
  }
  w.unsignedVarint(0);
}

function readListTransactionsResponse(r: Reader, version: number): ListTransactionsResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  let unknownStateFilters: string[] = [];
  for (let left = r.arrayLength(true, 1); left > 0; left -= 1) unknownStateFilters.push(r.string(true));
  let transactionStates: ListTransactionsResponseTransactionState[] = [];
  for (let left = r.arrayLength(true, 11); left > 0; left -= 1) transactionStates.push(readListTransactionsResponseTransactionState(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, unknownStateFilters, transactionStates };
}

function completeListTransactionsResponse(v: ListTransactionsResponseInput): ListTransactionsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    unknownStateFilters: (v.unknownStateFilters ?? []),
    transactionStates: (v.transactionStates ?? []).map(completeListTransactionsResponseTransactionState),
  };
}

function writeListTransactionsResponseTransactionState(w: Writer, v: ListTransactionsResponseTransactionStateInput, _version: number): void {
  w.string(v.transactionalId, true);
  w.int64(v.producerId);
  w.string(v.transactionState, true);
  w.unsignedVarint(0);
}

function readListTransactionsResponseTransactionState(r: Reader, _version: number): ListTransactionsResponseTransactionState {
  const transactionalId = r.string(true);
  const producerId = r.int64();
  const transactionState = r.string(true);
  r.skipTaggedFields();
  return { transactionalId, producerId, transactionState };
}

function completeListTransactionsResponseTransactionState(v: ListTransactionsResponseTransactionStateInput): ListTransactionsResponseTransactionState {
  return {
    transactionalId: v.transactionalId,
    producerId: v.producerId,
    transactionState: v.transactionState,
  };
}

export const listTransactionsApi: Api<ListTransactionsRequest, ListTransactionsResponse, ListTransactionsRequestInput, ListTransactionsResponseInput> = {
  key: 66,
  name: 'ListTransactions',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: ListTransactionsRequestInput, version: number): void {
    checkVersion('ListTransactions', version, 0, 2);
    writeListTransactionsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ListTransactionsRequest {
    checkVersion('ListTransactions', version, 0, 2);
    return readListTransactionsRequest(r, version);
  },
  encodeResponse(w: Writer, response: ListTransactionsResponseInput, version: number): void {
    checkVersion('ListTransactions', version, 0, 2);
    writeListTransactionsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ListTransactionsResponse {
    checkVersion('ListTransactions', version, 0, 2);
    return readListTransactionsResponse(r, version);
  },
  completeRequest: completeListTransactionsRequest,
  completeResponse: completeListTransactionsResponse,
};

export interface TransactionLogKey {
  readonly transactionalId: string;
}

export interface TransactionLogKeyInput {
  readonly transactionalId: string;
}

function writeTransactionLogKey(w: Writer, v: TransactionLogKeyInput, _version: number): void {
  w.string(v.transactionalId, false);
}

function readTransactionLogKey(r: Reader, _version: number): TransactionLogKey {
  const transactionalId = r.string(false);
  return { transactionalId };
}

export const transactionLogKeyMessage: Message<TransactionLogKey, TransactionLogKeyInput> = {
  name: 'TransactionLogKey',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: TransactionLogKeyInput, version: number): void {
    checkVersion('TransactionLogKey', version, 0, 0);
    writeTransactionLogKey(w, value, version);
  },
  decode(r: Reader, version: number): TransactionLogKey {
    checkVersion('TransactionLogKey', version, 0, 0);
    return readTransactionLogKey(r, version);
  },
};

export interface TransactionLogValue {
  readonly producerId: number;
  readonly previousProducerId: number;
  readonly nextProducerId: number;
  readonly producerEpoch: number;
  readonly transactionTimeoutMs: number;
  readonly transactionStatus: number;
  readonly transactionPartitions: readonly TransactionLogValuePartitions[] | null;
  readonly transactionLastUpdateTimestampMs: number;
  readonly transactionStartTimestampMs: number;
  readonly clientTransactionVersion: number;
}

export interface TransactionLogValueInput {
  readonly producerId: number;
  readonly previousProducerId?: number | undefined;
  readonly nextProducerId?: number | undefined;
  readonly producerEpoch: number;
  readonly transactionTimeoutMs: number;
  readonly transactionStatus: number;
  readonly transactionPartitions: readonly TransactionLogValuePartitionsInput[] | null;
  readonly transactionLastUpdateTimestampMs: number;
  readonly transactionStartTimestampMs: number;
  readonly clientTransactionVersion?: number | undefined;
}

export interface TransactionLogValuePartitions {
  readonly topic: string;
  readonly partitionIds: readonly number[];
}

export interface TransactionLogValuePartitionsInput {
  readonly topic: string;
  readonly partitionIds: readonly number[];
}

function writeTransactionLogValue(w: Writer, v: TransactionLogValueInput, version: number): void {
  const flexible = version >= 1;
  w.int64(v.producerId);
  w.int16(v.producerEpoch);
  w.int32(v.transactionTimeoutMs);
  w.int8(v.transactionStatus);
  {
    const transactionPartitionsItems = v.transactionPartitions;
    if (transactionPartitionsItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(transactionPartitionsItems.length, flexible);
      for (const item of transactionPartitionsItems) writeTransactionLogValuePartitions(w, item, version);
    }
  }
  w.int64(v.transactionLastUpdateTimestampMs);
  w.int64(v.transactionStartTimestampMs);
  if (flexible) {
    const hasPreviousProducerId = version >= 1 && (v.previousProducerId ?? -1) !== -1;
    const hasNextProducerId = version >= 1 && (v.nextProducerId ?? -1) !== -1;
    const hasClientTransactionVersion = version >= 1 && (v.clientTransactionVersion ?? 0) !== 0;
    w.unsignedVarint(Number(hasPreviousProducerId) + Number(hasNextProducerId) + Number(hasClientTransactionVersion));
    if (hasPreviousProducerId) {
      const sizeAt = w.openTaggedField(0);
      w.int64((v.previousProducerId ?? -1));
      w.closeTaggedField(sizeAt);
    }
    if (hasNextProducerId) {
      const sizeAt = w.openTaggedField(1);
      w.int64((v.nextProducerId ?? -1));
      w.closeTaggedField(sizeAt);
    }
    if (hasClientTransactionVersion) {
      const sizeAt = w.openTaggedField(2);
      w.int16((v.clientTransactionVersion ?? 0));
      w.closeTaggedField(sizeAt);
    }
  }
}

function readTransactionLogValue(r: Reader, version: number): TransactionLogValue {
  const flexible = version >= 1;
  const producerId = r.int64();
  let previousProducerId: number = -1;
  let nextProducerId: number = -1;
  const producerEpoch = r.int16();
  const transactionTimeoutMs = r.int32();
  const transactionStatus = r.int8();
  let transactionPartitions: TransactionLogValuePartitions[] | null = [];
  const transactionPartitionsCount = r.nullableArrayLength(flexible, 3);
  if (transactionPartitionsCount === -1) transactionPartitions = null;
  else {
    transactionPartitions = [];
    for (let left = transactionPartitionsCount; left > 0; left -= 1) transactionPartitions.push(readTransactionLogValuePartitions(r, version));
  }
  const transactionLastUpdateTimestampMs = r.int64();
  const transactionStartTimestampMs = r.int64();
  let clientTransactionVersion: number = 0;
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 1) {
        previousProducerId = r.int64();
        r.expectAt(end);
      } else if (tag === 1 && version >= 1) {
        nextProducerId = r.int64();
        r.expectAt(end);
      } else if (tag === 2 && version >= 1) {
        clientTransactionVersion = r.int16();
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { producerId, previousProducerId, nextProducerId, producerEpoch, transactionTimeoutMs, transactionStatus, transactionPartitions, transactionLastUpdateTimestampMs, transactionStartTimestampMs, clientTransactionVersion };
}

function writeTransactionLogValuePartitions(w: Writer, v: TransactionLogValuePartitionsInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.topic, flexible);
  {
    const partitionIdsItems = v.partitionIds;
    w.arrayLength(partitionIdsItems.length, flexible);
    for (const item of partitionIdsItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readTransactionLogValuePartitions(r: Reader, version: number): TransactionLogValuePartitions {
  const flexible = version >= 1;
  const topic = r.string(flexible);
  let partitionIds: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitionIds.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, partitionIds };
}

export const transactionLogValueMessage: Message<TransactionLogValue, TransactionLogValueInput> = {
  name: 'TransactionLogValue',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  readsNewerAsLatest: false,
  encode(w: Writer, value: TransactionLogValueInput, version: number): void {
    checkVersion('TransactionLogValue', version, 0, 1);
    writeTransactionLogValue(w, value, version);
  },
  decode(r: Reader, version: number): TransactionLogValue {
    checkVersion('TransactionLogValue', version, 0, 1);
    return readTransactionLogValue(r, version);
  },
};
