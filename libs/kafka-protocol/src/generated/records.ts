// Generated from schemas/records.schema by generator/generate.mjs; change that and run it.
import { checkVersion, type Api } from '../api.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

export interface ProduceRequest {
  readonly transactionalId: string | null;
  /** 0 none (and no response at all), 1 leader, -1 all in sync */
  readonly acks: number;
  readonly timeoutMs: number;
  readonly topicData: readonly ProduceRequestTopic[];
}

export interface ProduceRequestInput {
  readonly transactionalId?: string | null | undefined;
  /** 0 none (and no response at all), 1 leader, -1 all in sync */
  readonly acks: number;
  readonly timeoutMs?: number | undefined;
  readonly topicData: readonly ProduceRequestTopicInput[];
}

export interface ProduceRequestTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitionData: readonly ProduceRequestPartition[];
}

export interface ProduceRequestTopicInput {
  readonly name?: string | undefined;
  readonly topicId?: string | undefined;
  readonly partitionData: readonly ProduceRequestPartitionInput[];
}

export interface ProduceRequestPartition {
  readonly index: number;
  /** Exactly one batch */
  readonly records: Uint8Array | null;
}

export interface ProduceRequestPartitionInput {
  readonly index: number;
  /** Exactly one batch */
  readonly records: Uint8Array | null;
}

function writeProduceRequest(w: Writer, v: ProduceRequestInput, version: number): void {
  const flexible = version >= 9;
  w.nullableString((v.transactionalId ?? null), flexible);
  w.int16(v.acks);
  w.int32((v.timeoutMs ?? 30000));
  {
    const topicDataItems = v.topicData;
    w.arrayLength(topicDataItems.length, flexible);
    for (const item of topicDataItems) writeProduceRequestTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readProduceRequest(r: Reader, version: number): ProduceRequest {
  const flexible = version >= 9;
  const transactionalId = r.nullableString(flexible);
  const acks = r.int16();
  const timeoutMs = r.int32();
  let topicData: ProduceRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topicData.push(readProduceRequestTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { transactionalId, acks, timeoutMs, topicData };
}

function completeProduceRequest(v: ProduceRequestInput): ProduceRequest {
  return {
    transactionalId: (v.transactionalId ?? null),
    acks: v.acks,
    timeoutMs: (v.timeoutMs ?? 30000),
    topicData: v.topicData.map(completeProduceRequestTopic),
  };
}

function writeProduceRequestTopic(w: Writer, v: ProduceRequestTopicInput, version: number): void {
  const flexible = version >= 9;
  if (version <= 12) {
    w.string((v.name ?? ''), flexible);
  }
  if (version >= 13) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  {
    const partitionDataItems = v.partitionData;
    w.arrayLength(partitionDataItems.length, flexible);
    for (const item of partitionDataItems) writeProduceRequestPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readProduceRequestTopic(r: Reader, version: number): ProduceRequestTopic {
  const flexible = version >= 9;
  const name = version <= 12 ? r.string(flexible) : '';
  const topicId = version >= 13 ? r.uuid() : ZERO_UUID;
  let partitionData: ProduceRequestPartition[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) partitionData.push(readProduceRequestPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, topicId, partitionData };
}

function completeProduceRequestTopic(v: ProduceRequestTopicInput): ProduceRequestTopic {
  return {
    name: (v.name ?? ''),
    topicId: (v.topicId ?? ZERO_UUID),
    partitionData: v.partitionData.map(completeProduceRequestPartition),
  };
}

function writeProduceRequestPartition(w: Writer, v: ProduceRequestPartitionInput, version: number): void {
  const flexible = version >= 9;
  w.int32(v.index);
  w.nullableBytes(v.records, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readProduceRequestPartition(r: Reader, version: number): ProduceRequestPartition {
  const flexible = version >= 9;
  const index = r.int32();
  const records = r.nullableBytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { index, records };
}

function completeProduceRequestPartition(v: ProduceRequestPartitionInput): ProduceRequestPartition {
  return {
    index: v.index,
    records: v.records,
  };
}

export interface ProduceResponse {
  readonly responses: readonly ProduceResponseTopic[];
  readonly throttleTimeMs: number;
  readonly nodeEndpoints: readonly ProduceResponseNodeEndpoint[];
}

export interface ProduceResponseInput {
  readonly responses: readonly ProduceResponseTopicInput[];
  readonly throttleTimeMs?: number | undefined;
  readonly nodeEndpoints?: readonly ProduceResponseNodeEndpointInput[] | undefined;
}

export interface ProduceResponseTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitionResponses: readonly ProduceResponsePartition[];
}

export interface ProduceResponseTopicInput {
  readonly name?: string | undefined;
  readonly topicId?: string | undefined;
  readonly partitionResponses: readonly ProduceResponsePartitionInput[];
}

export interface ProduceResponsePartition {
  readonly index: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  /** -1 unless the topic has LogAppendTime */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  readonly recordErrors: readonly ProduceResponseRecordError[];
  readonly errorMessage: string | null;
  readonly currentLeader: ProduceResponseLeader;
}

export interface ProduceResponsePartitionInput {
  readonly index: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  /** -1 unless the topic has LogAppendTime */
  readonly logAppendTimeMs?: number | undefined;
  readonly logStartOffset?: number | undefined;
  readonly recordErrors?: readonly ProduceResponseRecordErrorInput[] | undefined;
  readonly errorMessage?: string | null | undefined;
  readonly currentLeader?: ProduceResponseLeaderInput | undefined;
}

export interface ProduceResponseRecordError {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage: string | null;
}

export interface ProduceResponseRecordErrorInput {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage?: string | null | undefined;
}

export interface ProduceResponseLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface ProduceResponseLeaderInput {
  readonly leaderId?: number | undefined;
  readonly leaderEpoch?: number | undefined;
}

export interface ProduceResponseNodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface ProduceResponseNodeEndpointInput {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null | undefined;
}

function writeProduceResponse(w: Writer, v: ProduceResponseInput, version: number): void {
  const flexible = version >= 9;
  {
    const responsesItems = v.responses;
    w.arrayLength(responsesItems.length, flexible);
    for (const item of responsesItems) writeProduceResponseTopic(w, item, version);
  }
  w.int32((v.throttleTimeMs ?? 0));
  if (flexible) {
    const hasNodeEndpoints = version >= 10 && (v.nodeEndpoints ?? []).length > 0;
    w.unsignedVarint(Number(hasNodeEndpoints));
    if (hasNodeEndpoints) {
      const sizeAt = w.openTaggedField(0);
      {
        const nodeEndpointsItems = (v.nodeEndpoints ?? []);
        w.arrayLength(nodeEndpointsItems.length, flexible);
        for (const item of nodeEndpointsItems) writeProduceResponseNodeEndpoint(w, item, version);
      }
      w.closeTaggedField(sizeAt);
    }
  }
}

function readProduceResponse(r: Reader, version: number): ProduceResponse {
  const flexible = version >= 9;
  let responses: ProduceResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) responses.push(readProduceResponseTopic(r, version));
  const throttleTimeMs = r.int32();
  let nodeEndpoints: readonly ProduceResponseNodeEndpoint[] = [];
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 10) {
        let nodeEndpointsItems: ProduceResponseNodeEndpoint[] = [];
        for (let left = r.arrayLength(flexible, 11); left > 0; left -= 1) nodeEndpointsItems.push(readProduceResponseNodeEndpoint(r, version));
        nodeEndpoints = nodeEndpointsItems;
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { responses, throttleTimeMs, nodeEndpoints };
}

function completeProduceResponse(v: ProduceResponseInput): ProduceResponse {
  return {
    responses: v.responses.map(completeProduceResponseTopic),
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    nodeEndpoints: (v.nodeEndpoints ?? []).map(completeProduceResponseNodeEndpoint),
  };
}

function writeProduceResponseTopic(w: Writer, v: ProduceResponseTopicInput, version: number): void {
  const flexible = version >= 9;
  if (version <= 12) {
    w.string((v.name ?? ''), flexible);
  }
  if (version >= 13) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  {
    const partitionResponsesItems = v.partitionResponses;
    w.arrayLength(partitionResponsesItems.length, flexible);
    for (const item of partitionResponsesItems) writeProduceResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readProduceResponseTopic(r: Reader, version: number): ProduceResponseTopic {
  const flexible = version >= 9;
  const name = version <= 12 ? r.string(flexible) : '';
  const topicId = version >= 13 ? r.uuid() : ZERO_UUID;
  let partitionResponses: ProduceResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 22); left > 0; left -= 1) partitionResponses.push(readProduceResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, topicId, partitionResponses };
}

function completeProduceResponseTopic(v: ProduceResponseTopicInput): ProduceResponseTopic {
  return {
    name: (v.name ?? ''),
    topicId: (v.topicId ?? ZERO_UUID),
    partitionResponses: v.partitionResponses.map(completeProduceResponsePartition),
  };
}

function writeProduceResponsePartition(w: Writer, v: ProduceResponsePartitionInput, version: number): void {
  const flexible = version >= 9;
  w.int32(v.index);
  w.int16(v.errorCode);
  w.int64(v.baseOffset);
  w.int64((v.logAppendTimeMs ?? -1));
  if (version >= 5) {
    w.int64((v.logStartOffset ?? -1));
  }
  if (version >= 8) {
    {
      const recordErrorsItems = (v.recordErrors ?? []);
      w.arrayLength(recordErrorsItems.length, flexible);
      for (const item of recordErrorsItems) writeProduceResponseRecordError(w, item, version);
    }
  }
  if (version >= 8) {
    w.nullableString((v.errorMessage ?? null), flexible);
  }
  if (flexible) {
    const hasCurrentLeader = version >= 10 && !isDefaultProduceResponseLeader((v.currentLeader ?? DEFAULT_PRODUCE_RESPONSE_LEADER));
    w.unsignedVarint(Number(hasCurrentLeader));
    if (hasCurrentLeader) {
      const sizeAt = w.openTaggedField(0);
      writeProduceResponseLeader(w, (v.currentLeader ?? DEFAULT_PRODUCE_RESPONSE_LEADER), version);
      w.closeTaggedField(sizeAt);
    }
  }
}

function readProduceResponsePartition(r: Reader, version: number): ProduceResponsePartition {
  const flexible = version >= 9;
  const index = r.int32();
  const errorCode = r.int16();
  const baseOffset = r.int64();
  const logAppendTimeMs = r.int64();
  const logStartOffset = version >= 5 ? r.int64() : -1;
  let recordErrors: ProduceResponseRecordError[] = [];
  if (version >= 8) {
    for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) recordErrors.push(readProduceResponseRecordError(r, version));
  }
  const errorMessage = version >= 8 ? r.nullableString(flexible) : null;
  let currentLeader: ProduceResponseLeader = DEFAULT_PRODUCE_RESPONSE_LEADER;
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 10) {
        currentLeader = readProduceResponseLeader(r, version);
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, currentLeader };
}

function completeProduceResponsePartition(v: ProduceResponsePartitionInput): ProduceResponsePartition {
  return {
    index: v.index,
    errorCode: v.errorCode,
    baseOffset: v.baseOffset,
    logAppendTimeMs: (v.logAppendTimeMs ?? -1),
    logStartOffset: (v.logStartOffset ?? -1),
    recordErrors: (v.recordErrors ?? []).map(completeProduceResponseRecordError),
    errorMessage: (v.errorMessage ?? null),
    currentLeader: completeProduceResponseLeader((v.currentLeader ?? DEFAULT_PRODUCE_RESPONSE_LEADER)),
  };
}

function writeProduceResponseRecordError(w: Writer, v: ProduceResponseRecordErrorInput, version: number): void {
  const flexible = version >= 9;
  w.int32(v.batchIndex);
  w.nullableString((v.batchIndexErrorMessage ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readProduceResponseRecordError(r: Reader, version: number): ProduceResponseRecordError {
  const flexible = version >= 9;
  const batchIndex = r.int32();
  const batchIndexErrorMessage = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { batchIndex, batchIndexErrorMessage };
}

function completeProduceResponseRecordError(v: ProduceResponseRecordErrorInput): ProduceResponseRecordError {
  return {
    batchIndex: v.batchIndex,
    batchIndexErrorMessage: (v.batchIndexErrorMessage ?? null),
  };
}

function writeProduceResponseLeader(w: Writer, v: ProduceResponseLeaderInput, version: number): void {
  const flexible = version >= 9;
  w.int32((v.leaderId ?? -1));
  w.int32((v.leaderEpoch ?? -1));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readProduceResponseLeader(r: Reader, version: number): ProduceResponseLeader {
  const flexible = version >= 9;
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { leaderId, leaderEpoch };
}

function completeProduceResponseLeader(v: ProduceResponseLeaderInput): ProduceResponseLeader {
  return {
    leaderId: (v.leaderId ?? -1),
    leaderEpoch: (v.leaderEpoch ?? -1),
  };
}

const DEFAULT_PRODUCE_RESPONSE_LEADER: ProduceResponseLeader = { leaderId: -1, leaderEpoch: -1 };

function isDefaultProduceResponseLeader(v: ProduceResponseLeaderInput): boolean {
  return !((v.leaderId ?? -1) !== -1) && !((v.leaderEpoch ?? -1) !== -1);
}

function writeProduceResponseNodeEndpoint(w: Writer, v: ProduceResponseNodeEndpointInput, version: number): void {
  const flexible = version >= 9;
  w.int32(v.nodeId);
  w.string(v.host, flexible);
  w.int32(v.port);
  w.nullableString((v.rack ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readProduceResponseNodeEndpoint(r: Reader, version: number): ProduceResponseNodeEndpoint {
  const flexible = version >= 9;
  const nodeId = r.int32();
  const host = r.string(flexible);
  const port = r.int32();
  const rack = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { nodeId, host, port, rack };
}

function completeProduceResponseNodeEndpoint(v: ProduceResponseNodeEndpointInput): ProduceResponseNodeEndpoint {
  return {
    nodeId: v.nodeId,
    host: v.host,
    port: v.port,
    rack: (v.rack ?? null),
  };
}

export const produceApi: Api<ProduceRequest, ProduceResponse, ProduceRequestInput, ProduceResponseInput> = {
  key: 0,
  name: 'Produce',
  minVersion: 3,
  maxVersion: 13,
  advertisedMinVersion: 0,
  flexibleFrom: 9,
  encodeRequest(w: Writer, request: ProduceRequestInput, version: number): void {
    checkVersion('Produce', version, 3, 13);
    writeProduceRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ProduceRequest {
    checkVersion('Produce', version, 3, 13);
    return readProduceRequest(r, version);
  },
  encodeResponse(w: Writer, response: ProduceResponseInput, version: number): void {
    checkVersion('Produce', version, 3, 13);
    writeProduceResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ProduceResponse {
    checkVersion('Produce', version, 3, 13);
    return readProduceResponse(r, version);
  },
  completeRequest: completeProduceRequest,
  completeResponse: completeProduceResponse,
};

export interface FetchRequest {
  readonly clusterId: string | null;
  /** -1 for a consumer; in replicaState from version 15 */
  readonly replicaId: number;
  readonly replicaState: FetchRequestReplicaState;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** 0 read uncommitted, 1 read committed */
  readonly isolationLevel: number;
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: readonly FetchRequestTopic[];
  readonly forgottenTopicsData: readonly FetchRequestForgottenTopic[];
  readonly rackId: string;
}

export interface FetchRequestInput {
  readonly clusterId?: string | null | undefined;
  /** -1 for a consumer; in replicaState from version 15 */
  readonly replicaId?: number | undefined;
  readonly replicaState?: FetchRequestReplicaStateInput | undefined;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes?: number | undefined;
  /** 0 read uncommitted, 1 read committed */
  readonly isolationLevel?: number | undefined;
  readonly sessionId?: number | undefined;
  readonly sessionEpoch?: number | undefined;
  readonly topics: readonly FetchRequestTopicInput[];
  readonly forgottenTopicsData?: readonly FetchRequestForgottenTopicInput[] | undefined;
  readonly rackId?: string | undefined;
}

export interface FetchRequestReplicaState {
  readonly replicaId: number;
  readonly replicaEpoch: number;
}

export interface FetchRequestReplicaStateInput {
  readonly replicaId?: number | undefined;
  readonly replicaEpoch?: number | undefined;
}

export interface FetchRequestTopic {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly FetchRequestPartition[];
}

export interface FetchRequestTopicInput {
  readonly topic?: string | undefined;
  readonly topicId?: string | undefined;
  readonly partitions: readonly FetchRequestPartitionInput[];
}

export interface FetchRequestPartition {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  /** Of the follower */
  readonly logStartOffset: number;
  readonly partitionMaxBytes: number;
  readonly replicaDirectoryId: string;
  /** Of the follower (KIP-1166); -1 unknown */
  readonly highWatermark: number;
}

export interface FetchRequestPartitionInput {
  readonly partition: number;
  readonly currentLeaderEpoch?: number | undefined;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch?: number | undefined;
  /** Of the follower */
  readonly logStartOffset?: number | undefined;
  readonly partitionMaxBytes: number;
  readonly replicaDirectoryId?: string | undefined;
  /** Of the follower (KIP-1166); -1 unknown */
  readonly highWatermark?: number | undefined;
}

export interface FetchRequestForgottenTopic {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface FetchRequestForgottenTopicInput {
  readonly topic?: string | undefined;
  readonly topicId?: string | undefined;
  readonly partitions: readonly number[];
}

function writeFetchRequest(w: Writer, v: FetchRequestInput, version: number): void {
  const flexible = version >= 12;
  if (version <= 14) {
    w.int32((v.replicaId ?? -1));
  }
  w.int32(v.maxWaitMs);
  w.int32(v.minBytes);
  w.int32((v.maxBytes ?? 2147483647));
  w.int8((v.isolationLevel ?? 0));
  if (version >= 7) {
    w.int32((v.sessionId ?? 0));
  }
  if (version >= 7) {
    w.int32((v.sessionEpoch ?? -1));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeFetchRequestTopic(w, item, version);
  }
  if (version >= 7) {
    {
      const forgottenTopicsDataItems = (v.forgottenTopicsData ?? []);
      w.arrayLength(forgottenTopicsDataItems.length, flexible);
      for (const item of forgottenTopicsDataItems) writeFetchRequestForgottenTopic(w, item, version);
    }
  }
  if (version >= 11) {
    w.string((v.rackId ?? ''), flexible);
  }
  if (flexible) {
    const hasClusterId = version >= 12 && (v.clusterId ?? null) !== null;
    const hasReplicaState = version >= 15 && !isDefaultFetchRequestReplicaState((v.replicaState ?? DEFAULT_FETCH_REQUEST_REPLICA_STATE));
    w.unsignedVarint(Number(hasClusterId) + Number(hasReplicaState));
    if (hasClusterId) {
      const sizeAt = w.openTaggedField(0);
      w.nullableString((v.clusterId ?? null), flexible);
      w.closeTaggedField(sizeAt);
    }
    if (hasReplicaState) {
      const sizeAt = w.openTaggedField(1);
      writeFetchRequestReplicaState(w, (v.replicaState ?? DEFAULT_FETCH_REQUEST_REPLICA_STATE), version);
      w.closeTaggedField(sizeAt);
    }
  }
}

function readFetchRequest(r: Reader, version: number): FetchRequest {
  const flexible = version >= 12;
  let clusterId: string | null = null;
  const replicaId = version <= 14 ? r.int32() : -1;
  let replicaState: FetchRequestReplicaState = DEFAULT_FETCH_REQUEST_REPLICA_STATE;
  const maxWaitMs = r.int32();
  const minBytes = r.int32();
  const maxBytes = r.int32();
  const isolationLevel = r.int8();
  const sessionId = version >= 7 ? r.int32() : 0;
  const sessionEpoch = version >= 7 ? r.int32() : -1;
  let topics: FetchRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readFetchRequestTopic(r, version));
  let forgottenTopicsData: FetchRequestForgottenTopic[] = [];
  if (version >= 7) {
    for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) forgottenTopicsData.push(readFetchRequestForgottenTopic(r, version));
  }
  const rackId = version >= 11 ? r.string(flexible) : '';
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 12) {
        clusterId = r.nullableString(flexible);
        r.expectAt(end);
      } else if (tag === 1 && version >= 15) {
        replicaState = readFetchRequestReplicaState(r, version);
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { clusterId, replicaId, replicaState, maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch, topics, forgottenTopicsData, rackId };
}

function completeFetchRequest(v: FetchRequestInput): FetchRequest {
  return {
    clusterId: (v.clusterId ?? null),
    replicaId: (v.replicaId ?? -1),
    replicaState: completeFetchRequestReplicaState((v.replicaState ?? DEFAULT_FETCH_REQUEST_REPLICA_STATE)),
    maxWaitMs: v.maxWaitMs,
    minBytes: v.minBytes,
    maxBytes: (v.maxBytes ?? 2147483647),
    isolationLevel: (v.isolationLevel ?? 0),
    sessionId: (v.sessionId ?? 0),
    sessionEpoch: (v.sessionEpoch ?? -1),
    topics: v.topics.map(completeFetchRequestTopic),
    forgottenTopicsData: (v.forgottenTopicsData ?? []).map(completeFetchRequestForgottenTopic),
    rackId: (v.rackId ?? ''),
  };
}

function writeFetchRequestReplicaState(w: Writer, v: FetchRequestReplicaStateInput, version: number): void {
  const flexible = version >= 12;
  w.int32((v.replicaId ?? -1));
  w.int64((v.replicaEpoch ?? -1));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchRequestReplicaState(r: Reader, version: number): FetchRequestReplicaState {
  const flexible = version >= 12;
  const replicaId = r.int32();
  const replicaEpoch = r.int64();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { replicaId, replicaEpoch };
}

function completeFetchRequestReplicaState(v: FetchRequestReplicaStateInput): FetchRequestReplicaState {
  return {
    replicaId: (v.replicaId ?? -1),
    replicaEpoch: (v.replicaEpoch ?? -1),
  };
}

const DEFAULT_FETCH_REQUEST_REPLICA_STATE: FetchRequestReplicaState = { replicaId: -1, replicaEpoch: -1 };

function isDefaultFetchRequestReplicaState(v: FetchRequestReplicaStateInput): boolean {
  return !((v.replicaId ?? -1) !== -1) && !((v.replicaEpoch ?? -1) !== -1);
}

function writeFetchRequestTopic(w: Writer, v: FetchRequestTopicInput, version: number): void {
  const flexible = version >= 12;
  if (version <= 12) {
    w.string((v.topic ?? ''), flexible);
  }
  if (version >= 13) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeFetchRequestPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchRequestTopic(r: Reader, version: number): FetchRequestTopic {
  const flexible = version >= 12;
  const topic = version <= 12 ? r.string(flexible) : '';
  const topicId = version >= 13 ? r.uuid() : ZERO_UUID;
  let partitions: FetchRequestPartition[] = [];
  for (let left = r.arrayLength(flexible, 16); left > 0; left -= 1) partitions.push(readFetchRequestPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, topicId, partitions };
}

function completeFetchRequestTopic(v: FetchRequestTopicInput): FetchRequestTopic {
  return {
    topic: (v.topic ?? ''),
    topicId: (v.topicId ?? ZERO_UUID),
    partitions: v.partitions.map(completeFetchRequestPartition),
  };
}

function writeFetchRequestPartition(w: Writer, v: FetchRequestPartitionInput, version: number): void {
  const flexible = version >= 12;
  w.int32(v.partition);
  if (version >= 9) {
    w.int32((v.currentLeaderEpoch ?? -1));
  }
  w.int64(v.fetchOffset);
  if (version >= 12) {
    w.int32((v.lastFetchedEpoch ?? -1));
  }
  if (version >= 5) {
    w.int64((v.logStartOffset ?? -1));
  }
  w.int32(v.partitionMaxBytes);
  if (flexible) {
    const hasReplicaDirectoryId = version >= 17 && (v.replicaDirectoryId ?? ZERO_UUID) !== ZERO_UUID;
    const hasHighWatermark = version >= 18 && (v.highWatermark ?? 9223372036854775807) !== 9223372036854775807;
    w.unsignedVarint(Number(hasReplicaDirectoryId) + Number(hasHighWatermark));
    if (hasReplicaDirectoryId) {
      const sizeAt = w.openTaggedField(0);
      w.uuid((v.replicaDirectoryId ?? ZERO_UUID));
      w.closeTaggedField(sizeAt);
    }
    if (hasHighWatermark) {
      const sizeAt = w.openTaggedField(1);
      w.int64((v.highWatermark ?? 9223372036854775807));
      w.closeTaggedField(sizeAt);
    }
  }
}

function readFetchRequestPartition(r: Reader, version: number): FetchRequestPartition {
  const flexible = version >= 12;
  const partition = r.int32();
  const currentLeaderEpoch = version >= 9 ? r.int32() : -1;
  const fetchOffset = r.int64();
  const lastFetchedEpoch = version >= 12 ? r.int32() : -1;
  const logStartOffset = version >= 5 ? r.int64() : -1;
  const partitionMaxBytes = r.int32();
  let replicaDirectoryId: string = ZERO_UUID;
  let highWatermark: number = 9223372036854775807;
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 17) {
        replicaDirectoryId = r.uuid();
        r.expectAt(end);
      } else if (tag === 1 && version >= 18) {
        highWatermark = r.int64();
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, partitionMaxBytes, replicaDirectoryId, highWatermark };
}

function completeFetchRequestPartition(v: FetchRequestPartitionInput): FetchRequestPartition {
  return {
    partition: v.partition,
    currentLeaderEpoch: (v.currentLeaderEpoch ?? -1),
    fetchOffset: v.fetchOffset,
    lastFetchedEpoch: (v.lastFetchedEpoch ?? -1),
    logStartOffset: (v.logStartOffset ?? -1),
    partitionMaxBytes: v.partitionMaxBytes,
    replicaDirectoryId: (v.replicaDirectoryId ?? ZERO_UUID),
    highWatermark: (v.highWatermark ?? 9223372036854775807),
  };
}

function writeFetchRequestForgottenTopic(w: Writer, v: FetchRequestForgottenTopicInput, version: number): void {
  const flexible = version >= 12;
  if (version >= 7 && version <= 12) {
    w.string((v.topic ?? ''), flexible);
  }
  if (version >= 13) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchRequestForgottenTopic(r: Reader, version: number): FetchRequestForgottenTopic {
  const flexible = version >= 12;
  const topic = version >= 7 && version <= 12 ? r.string(flexible) : '';
  const topicId = version >= 13 ? r.uuid() : ZERO_UUID;
  let partitions: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitions.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, topicId, partitions };
}

function completeFetchRequestForgottenTopic(v: FetchRequestForgottenTopicInput): FetchRequestForgottenTopic {
  return {
    topic: (v.topic ?? ''),
    topicId: (v.topicId ?? ZERO_UUID),
    partitions: v.partitions,
  };
}

export interface FetchResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly FetchResponseTopic[];
  readonly nodeEndpoints: readonly FetchResponseNodeEndpoint[];
}

export interface FetchResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode?: number | undefined;
  readonly sessionId?: number | undefined;
  readonly responses: readonly FetchResponseTopicInput[];
  readonly nodeEndpoints?: readonly FetchResponseNodeEndpointInput[] | undefined;
}

export interface FetchResponseTopic {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly FetchResponsePartition[];
}

export interface FetchResponseTopicInput {
  readonly topic?: string | undefined;
  readonly topicId?: string | undefined;
  readonly partitions: readonly FetchResponsePartitionInput[];
}

export interface FetchResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly divergingEpoch: FetchResponseEpochEndOffset;
  readonly currentLeader: FetchResponseLeader;
  readonly snapshotId: FetchResponseSnapshotId;
  readonly abortedTransactions: readonly FetchResponseAbortedTransaction[] | null;
  readonly preferredReadReplica: number;
  /** Whole batches, the last possibly cut */
  readonly records: Uint8Array | null;
}

export interface FetchResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset?: number | undefined;
  readonly logStartOffset?: number | undefined;
  readonly divergingEpoch?: FetchResponseEpochEndOffsetInput | undefined;
  readonly currentLeader?: FetchResponseLeaderInput | undefined;
  readonly snapshotId?: FetchResponseSnapshotIdInput | undefined;
  readonly abortedTransactions?: readonly FetchResponseAbortedTransactionInput[] | null | undefined;
  readonly preferredReadReplica?: number | undefined;
  /** Whole batches, the last possibly cut */
  readonly records: Uint8Array | null;
}

export interface FetchResponseEpochEndOffset {
  readonly epoch: number;
  readonly endOffset: number;
}

export interface FetchResponseEpochEndOffsetInput {
  readonly epoch?: number | undefined;
  readonly endOffset?: number | undefined;
}

export interface FetchResponseLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface FetchResponseLeaderInput {
  readonly leaderId?: number | undefined;
  readonly leaderEpoch?: number | undefined;
}

export interface FetchResponseSnapshotId {
  readonly endOffset: number;
  readonly epoch: number;
}

export interface FetchResponseSnapshotIdInput {
  readonly endOffset?: number | undefined;
  readonly epoch?: number | undefined;
}

export interface FetchResponseAbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchResponseAbortedTransactionInput {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchResponseNodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface FetchResponseNodeEndpointInput {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null | undefined;
}

function writeFetchResponse(w: Writer, v: FetchResponseInput, version: number): void {
  const flexible = version >= 12;
  w.int32((v.throttleTimeMs ?? 0));
  if (version >= 7) {
    w.int16((v.errorCode ?? 0));
  }
  if (version >= 7) {
    w.int32((v.sessionId ?? 0));
  }
  {
    const responsesItems = v.responses;
    w.arrayLength(responsesItems.length, flexible);
    for (const item of responsesItems) writeFetchResponseTopic(w, item, version);
  }
  if (flexible) {
    const hasNodeEndpoints = version >= 16 && (v.nodeEndpoints ?? []).length > 0;
    w.unsignedVarint(Number(hasNodeEndpoints));
    if (hasNodeEndpoints) {
      const sizeAt = w.openTaggedField(0);
      {
        const nodeEndpointsItems = (v.nodeEndpoints ?? []);
        w.arrayLength(nodeEndpointsItems.length, flexible);
        for (const item of nodeEndpointsItems) writeFetchResponseNodeEndpoint(w, item, version);
      }
      w.closeTaggedField(sizeAt);
    }
  }
}

function readFetchResponse(r: Reader, version: number): FetchResponse {
  const flexible = version >= 12;
  const throttleTimeMs = r.int32();
  const errorCode = version >= 7 ? r.int16() : 0;
  const sessionId = version >= 7 ? r.int32() : 0;
  let responses: FetchResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) responses.push(readFetchResponseTopic(r, version));
  let nodeEndpoints: readonly FetchResponseNodeEndpoint[] = [];
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 16) {
        let nodeEndpointsItems: FetchResponseNodeEndpoint[] = [];
        for (let left = r.arrayLength(flexible, 11); left > 0; left -= 1) nodeEndpointsItems.push(readFetchResponseNodeEndpoint(r, version));
        nodeEndpoints = nodeEndpointsItems;
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { throttleTimeMs, errorCode, sessionId, responses, nodeEndpoints };
}

function completeFetchResponse(v: FetchResponseInput): FetchResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: (v.errorCode ?? 0),
    sessionId: (v.sessionId ?? 0),
    responses: v.responses.map(completeFetchResponseTopic),
    nodeEndpoints: (v.nodeEndpoints ?? []).map(completeFetchResponseNodeEndpoint),
  };
}

function writeFetchResponseTopic(w: Writer, v: FetchResponseTopicInput, version: number): void {
  const flexible = version >= 12;
  if (version <= 12) {
    w.string((v.topic ?? ''), flexible);
  }
  if (version >= 13) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeFetchResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchResponseTopic(r: Reader, version: number): FetchResponseTopic {
  const flexible = version >= 12;
  const topic = version <= 12 ? r.string(flexible) : '';
  const topicId = version >= 13 ? r.uuid() : ZERO_UUID;
  let partitions: FetchResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 30); left > 0; left -= 1) partitions.push(readFetchResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, topicId, partitions };
}

function completeFetchResponseTopic(v: FetchResponseTopicInput): FetchResponseTopic {
  return {
    topic: (v.topic ?? ''),
    topicId: (v.topicId ?? ZERO_UUID),
    partitions: v.partitions.map(completeFetchResponsePartition),
  };
}

function writeFetchResponsePartition(w: Writer, v: FetchResponsePartitionInput, version: number): void {
  const flexible = version >= 12;
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  w.int64(v.highWatermark);
  w.int64((v.lastStableOffset ?? -1));
  if (version >= 5) {
    w.int64((v.logStartOffset ?? -1));
  }
  {
    const abortedTransactionsItems = (v.abortedTransactions ?? null);
    if (abortedTransactionsItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(abortedTransactionsItems.length, flexible);
      for (const item of abortedTransactionsItems) writeFetchResponseAbortedTransaction(w, item, version);
    }
  }
  if (version >= 11) {
    w.int32((v.preferredReadReplica ?? -1));
  }
  w.nullableBytes(v.records, flexible);
  if (flexible) {
    const hasDivergingEpoch = version >= 12 && !isDefaultFetchResponseEpochEndOffset((v.divergingEpoch ?? DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET));
    const hasCurrentLeader = version >= 12 && !isDefaultFetchResponseLeader((v.currentLeader ?? DEFAULT_FETCH_RESPONSE_LEADER));
    const hasSnapshotId = version >= 12 && !isDefaultFetchResponseSnapshotId((v.snapshotId ?? DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID));
    w.unsignedVarint(Number(hasDivergingEpoch) + Number(hasCurrentLeader) + Number(hasSnapshotId));
    if (hasDivergingEpoch) {
      const sizeAt = w.openTaggedField(0);
      writeFetchResponseEpochEndOffset(w, (v.divergingEpoch ?? DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET), version);
      w.closeTaggedField(sizeAt);
    }
    if (hasCurrentLeader) {
      const sizeAt = w.openTaggedField(1);
      writeFetchResponseLeader(w, (v.currentLeader ?? DEFAULT_FETCH_RESPONSE_LEADER), version);
      w.closeTaggedField(sizeAt);
    }
    if (hasSnapshotId) {
      const sizeAt = w.openTaggedField(2);
      writeFetchResponseSnapshotId(w, (v.snapshotId ?? DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID), version);
      w.closeTaggedField(sizeAt);
    }
  }
}

function readFetchResponsePartition(r: Reader, version: number): FetchResponsePartition {
  const flexible = version >= 12;
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const highWatermark = r.int64();
  const lastStableOffset = r.int64();
  const logStartOffset = version >= 5 ? r.int64() : -1;
  let divergingEpoch: FetchResponseEpochEndOffset = DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET;
  let currentLeader: FetchResponseLeader = DEFAULT_FETCH_RESPONSE_LEADER;
  let snapshotId: FetchResponseSnapshotId = DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID;
  let abortedTransactions: FetchResponseAbortedTransaction[] | null = null;
  const abortedTransactionsCount = r.nullableArrayLength(flexible, 16);
  if (abortedTransactionsCount === -1) abortedTransactions = null;
  else {
    abortedTransactions = [];
    for (let left = abortedTransactionsCount; left > 0; left -= 1) abortedTransactions.push(readFetchResponseAbortedTransaction(r, version));
  }
  const preferredReadReplica = version >= 11 ? r.int32() : -1;
  const records = r.nullableBytes(flexible);
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 12) {
        divergingEpoch = readFetchResponseEpochEndOffset(r, version);
        r.expectAt(end);
      } else if (tag === 1 && version >= 12) {
        currentLeader = readFetchResponseLeader(r, version);
        r.expectAt(end);
      } else if (tag === 2 && version >= 12) {
        snapshotId = readFetchResponseSnapshotId(r, version);
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { partitionIndex, errorCode, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, currentLeader, snapshotId, abortedTransactions, preferredReadReplica, records };
}

function completeFetchResponsePartition(v: FetchResponsePartitionInput): FetchResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
    highWatermark: v.highWatermark,
    lastStableOffset: (v.lastStableOffset ?? -1),
    logStartOffset: (v.logStartOffset ?? -1),
    divergingEpoch: completeFetchResponseEpochEndOffset((v.divergingEpoch ?? DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET)),
    currentLeader: completeFetchResponseLeader((v.currentLeader ?? DEFAULT_FETCH_RESPONSE_LEADER)),
    snapshotId: completeFetchResponseSnapshotId((v.snapshotId ?? DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID)),
    abortedTransactions: (v.abortedTransactions ?? null)?.map(completeFetchResponseAbortedTransaction) ?? null,
    preferredReadReplica: (v.preferredReadReplica ?? -1),
    records: v.records,
  };
}

function writeFetchResponseEpochEndOffset(w: Writer, v: FetchResponseEpochEndOffsetInput, version: number): void {
  const flexible = version >= 12;
  w.int32((v.epoch ?? -1));
  w.int64((v.endOffset ?? -1));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchResponseEpochEndOffset(r: Reader, version: number): FetchResponseEpochEndOffset {
  const flexible = version >= 12;
  const epoch = r.int32();
  const endOffset = r.int64();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { epoch, endOffset };
}

function completeFetchResponseEpochEndOffset(v: FetchResponseEpochEndOffsetInput): FetchResponseEpochEndOffset {
  return {
    epoch: (v.epoch ?? -1),
    endOffset: (v.endOffset ?? -1),
  };
}

const DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET: FetchResponseEpochEndOffset = { epoch: -1, endOffset: -1 };

function isDefaultFetchResponseEpochEndOffset(v: FetchResponseEpochEndOffsetInput): boolean {
  return !((v.epoch ?? -1) !== -1) && !((v.endOffset ?? -1) !== -1);
}

function writeFetchResponseLeader(w: Writer, v: FetchResponseLeaderInput, version: number): void {
  const flexible = version >= 12;
  w.int32((v.leaderId ?? -1));
  w.int32((v.leaderEpoch ?? -1));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchResponseLeader(r: Reader, version: number): FetchResponseLeader {
  const flexible = version >= 12;
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { leaderId, leaderEpoch };
}

function completeFetchResponseLeader(v: FetchResponseLeaderInput): FetchResponseLeader {
  return {
    leaderId: (v.leaderId ?? -1),
    leaderEpoch: (v.leaderEpoch ?? -1),
  };
}

const DEFAULT_FETCH_RESPONSE_LEADER: FetchResponseLeader = { leaderId: -1, leaderEpoch: -1 };

function isDefaultFetchResponseLeader(v: FetchResponseLeaderInput): boolean {
  return !((v.leaderId ?? -1) !== -1) && !((v.leaderEpoch ?? -1) !== -1);
}

function writeFetchResponseSnapshotId(w: Writer, v: FetchResponseSnapshotIdInput, version: number): void {
  const flexible = version >= 12;
  w.int64((v.endOffset ?? -1));
  w.int32((v.epoch ?? -1));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchResponseSnapshotId(r: Reader, version: number): FetchResponseSnapshotId {
  const flexible = version >= 12;
  const endOffset = r.int64();
  const epoch = r.int32();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { endOffset, epoch };
}

function completeFetchResponseSnapshotId(v: FetchResponseSnapshotIdInput): FetchResponseSnapshotId {
  return {
    endOffset: (v.endOffset ?? -1),
    epoch: (v.epoch ?? -1),
  };
}

const DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID: FetchResponseSnapshotId = { endOffset: -1, epoch: -1 };

function isDefaultFetchResponseSnapshotId(v: FetchResponseSnapshotIdInput): boolean {
  return !((v.endOffset ?? -1) !== -1) && !((v.epoch ?? -1) !== -1);
}

function writeFetchResponseAbortedTransaction(w: Writer, v: FetchResponseAbortedTransactionInput, version: number): void {
  const flexible = version >= 12;
  w.int64(v.producerId);
  w.int64(v.firstOffset);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchResponseAbortedTransaction(r: Reader, version: number): FetchResponseAbortedTransaction {
  const flexible = version >= 12;
  const producerId = r.int64();
  const firstOffset = r.int64();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { producerId, firstOffset };
}

function completeFetchResponseAbortedTransaction(v: FetchResponseAbortedTransactionInput): FetchResponseAbortedTransaction {
  return {
    producerId: v.producerId,
    firstOffset: v.firstOffset,
  };
}

function writeFetchResponseNodeEndpoint(w: Writer, v: FetchResponseNodeEndpointInput, version: number): void {
  const flexible = version >= 12;
  w.int32(v.nodeId);
  w.string(v.host, flexible);
  w.int32(v.port);
  w.nullableString((v.rack ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFetchResponseNodeEndpoint(r: Reader, version: number): FetchResponseNodeEndpoint {
  const flexible = version >= 12;
  const nodeId = r.int32();
  const host = r.string(flexible);
  const port = r.int32();
  const rack = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { nodeId, host, port, rack };
}

function completeFetchResponseNodeEndpoint(v: FetchResponseNodeEndpointInput): FetchResponseNodeEndpoint {
  return {
    nodeId: v.nodeId,
    host: v.host,
    port: v.port,
    rack: (v.rack ?? null),
  };
}

export const fetchApi: Api<FetchRequest, FetchResponse, FetchRequestInput, FetchResponseInput> = {
  key: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 18,
  advertisedMinVersion: 4,
  flexibleFrom: 12,
  encodeRequest(w: Writer, request: FetchRequestInput, version: number): void {
    checkVersion('Fetch', version, 4, 18);
    writeFetchRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): FetchRequest {
    checkVersion('Fetch', version, 4, 18);
    return readFetchRequest(r, version);
  },
  encodeResponse(w: Writer, response: FetchResponseInput, version: number): void {
    checkVersion('Fetch', version, 4, 18);
    writeFetchResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): FetchResponse {
    checkVersion('Fetch', version, 4, 18);
    return readFetchResponse(r, version);
  },
  completeRequest: completeFetchRequest,
  completeResponse: completeFetchResponse,
};

export interface ListOffsetsRequest {
  readonly replicaId: number;
  readonly isolationLevel: number;
  readonly topics: readonly ListOffsetsRequestTopic[];
  readonly timeoutMs: number;
}

export interface ListOffsetsRequestInput {
  readonly replicaId?: number | undefined;
  readonly isolationLevel?: number | undefined;
  readonly topics: readonly ListOffsetsRequestTopicInput[];
  readonly timeoutMs?: number | undefined;
}

export interface ListOffsetsRequestTopic {
  readonly name: string;
  readonly partitions: readonly ListOffsetsRequestPartition[];
}

export interface ListOffsetsRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly ListOffsetsRequestPartitionInput[];
}

export interface ListOffsetsRequestPartition {
  readonly partitionIndex: number;
  readonly currentLeaderEpoch: number;
  /** -1 latest, -2 earliest, -3 of the largest timestamp (7+) */
  readonly timestamp: number;
}

export interface ListOffsetsRequestPartitionInput {
  readonly partitionIndex: number;
  readonly currentLeaderEpoch?: number | undefined;
  /** -1 latest, -2 earliest, -3 of the largest timestamp (7+) */
  readonly timestamp: number;
}

function writeListOffsetsRequest(w: Writer, v: ListOffsetsRequestInput, version: number): void {
  const flexible = version >= 6;
  w.int32((v.replicaId ?? -1));
  if (version >= 2) {
    w.int8((v.isolationLevel ?? 0));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeListOffsetsRequestTopic(w, item, version);
  }
  if (version >= 10) {
    w.int32((v.timeoutMs ?? 0));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListOffsetsRequest(r: Reader, version: number): ListOffsetsRequest {
  const flexible = version >= 6;
  const replicaId = r.int32();
  const isolationLevel = version >= 2 ? r.int8() : 0;
  let topics: ListOffsetsRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readListOffsetsRequestTopic(r, version));
  const timeoutMs = version >= 10 ? r.int32() : 0;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { replicaId, isolationLevel, topics, timeoutMs };
}

function completeListOffsetsRequest(v: ListOffsetsRequestInput): ListOffsetsRequest {
  return {
    replicaId: (v.replicaId ?? -1),
    isolationLevel: (v.isolationLevel ?? 0),
    topics: v.topics.map(completeListOffsetsRequestTopic),
    timeoutMs: (v.timeoutMs ?? 0),
  };
}

function writeListOffsetsRequestTopic(w: Writer, v: ListOffsetsRequestTopicInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeListOffsetsRequestPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListOffsetsRequestTopic(r: Reader, version: number): ListOffsetsRequestTopic {
  const flexible = version >= 6;
  const name = r.string(flexible);
  let partitions: ListOffsetsRequestPartition[] = [];
  for (let left = r.arrayLength(flexible, 12); left > 0; left -= 1) partitions.push(readListOffsetsRequestPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeListOffsetsRequestTopic(v: ListOffsetsRequestTopicInput): ListOffsetsRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeListOffsetsRequestPartition),
  };
}

function writeListOffsetsRequestPartition(w: Writer, v: ListOffsetsRequestPartitionInput, version: number): void {
  const flexible = version >= 6;
  w.int32(v.partitionIndex);
  if (version >= 4) {
    w.int32((v.currentLeaderEpoch ?? -1));
  }
  w.int64(v.timestamp);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListOffsetsRequestPartition(r: Reader, version: number): ListOffsetsRequestPartition {
  const flexible = version >= 6;
  const partitionIndex = r.int32();
  const currentLeaderEpoch = version >= 4 ? r.int32() : -1;
  const timestamp = r.int64();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, currentLeaderEpoch, timestamp };
}

function completeListOffsetsRequestPartition(v: ListOffsetsRequestPartitionInput): ListOffsetsRequestPartition {
  return {
    partitionIndex: v.partitionIndex,
    currentLeaderEpoch: (v.currentLeaderEpoch ?? -1),
    timestamp: v.timestamp,
  };
}

export interface ListOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly ListOffsetsResponseTopic[];
}

export interface ListOffsetsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly ListOffsetsResponseTopicInput[];
}

export interface ListOffsetsResponseTopic {
  readonly name: string;
  readonly partitions: readonly ListOffsetsResponsePartition[];
}

export interface ListOffsetsResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly ListOffsetsResponsePartitionInput[];
}

export interface ListOffsetsResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly timestamp: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

export interface ListOffsetsResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly timestamp?: number | undefined;
  readonly offset?: number | undefined;
  readonly leaderEpoch?: number | undefined;
}

function writeListOffsetsResponse(w: Writer, v: ListOffsetsResponseInput, version: number): void {
  const flexible = version >= 6;
  if (version >= 2) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeListOffsetsResponseTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListOffsetsResponse(r: Reader, version: number): ListOffsetsResponse {
  const flexible = version >= 6;
  const throttleTimeMs = version >= 2 ? r.int32() : 0;
  let topics: ListOffsetsResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readListOffsetsResponseTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, topics };
}

function completeListOffsetsResponse(v: ListOffsetsResponseInput): ListOffsetsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeListOffsetsResponseTopic),
  };
}

function writeListOffsetsResponseTopic(w: Writer, v: ListOffsetsResponseTopicInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeListOffsetsResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListOffsetsResponseTopic(r: Reader, version: number): ListOffsetsResponseTopic {
  const flexible = version >= 6;
  const name = r.string(flexible);
  let partitions: ListOffsetsResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 22); left > 0; left -= 1) partitions.push(readListOffsetsResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeListOffsetsResponseTopic(v: ListOffsetsResponseTopicInput): ListOffsetsResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeListOffsetsResponsePartition),
  };
}

function writeListOffsetsResponsePartition(w: Writer, v: ListOffsetsResponsePartitionInput, version: number): void {
  const flexible = version >= 6;
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  w.int64((v.timestamp ?? -1));
  w.int64((v.offset ?? -1));
  if (version >= 4) {
    w.int32((v.leaderEpoch ?? -1));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListOffsetsResponsePartition(r: Reader, version: number): ListOffsetsResponsePartition {
  const flexible = version >= 6;
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const timestamp = r.int64();
  const offset = r.int64();
  const leaderEpoch = version >= 4 ? r.int32() : -1;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, errorCode, timestamp, offset, leaderEpoch };
}

function completeListOffsetsResponsePartition(v: ListOffsetsResponsePartitionInput): ListOffsetsResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
    timestamp: (v.timestamp ?? -1),
    offset: (v.offset ?? -1),
    leaderEpoch: (v.leaderEpoch ?? -1),
  };
}

export const listOffsetsApi: Api<ListOffsetsRequest, ListOffsetsResponse, ListOffsetsRequestInput, ListOffsetsResponseInput> = {
  key: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 10,
  advertisedMinVersion: 1,
  flexibleFrom: 6,
  encodeRequest(w: Writer, request: ListOffsetsRequestInput, version: number): void {
    checkVersion('ListOffsets', version, 1, 10);
    writeListOffsetsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ListOffsetsRequest {
    checkVersion('ListOffsets', version, 1, 10);
    return readListOffsetsRequest(r, version);
  },
  encodeResponse(w: Writer, response: ListOffsetsResponseInput, version: number): void {
    checkVersion('ListOffsets', version, 1, 10);
    writeListOffsetsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ListOffsetsResponse {
    checkVersion('ListOffsets', version, 1, 10);
    return readListOffsetsResponse(r, version);
  },
  completeRequest: completeListOffsetsRequest,
  completeResponse: completeListOffsetsResponse,
};

export interface OffsetForLeaderEpochRequest {
  /** -1 a consumer, -2 a tool */
  readonly replicaId: number;
  readonly topics: readonly OffsetForLeaderEpochRequestTopic[];
}

export interface OffsetForLeaderEpochRequestInput {
  /** -1 a consumer, -2 a tool */
  readonly replicaId?: number | undefined;
  readonly topics: readonly OffsetForLeaderEpochRequestTopicInput[];
}

export interface OffsetForLeaderEpochRequestTopic {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderEpochRequestPartition[];
}

export interface OffsetForLeaderEpochRequestTopicInput {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderEpochRequestPartitionInput[];
}

export interface OffsetForLeaderEpochRequestPartition {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly leaderEpoch: number;
}

export interface OffsetForLeaderEpochRequestPartitionInput {
  readonly partition: number;
  readonly currentLeaderEpoch?: number | undefined;
  readonly leaderEpoch: number;
}

function writeOffsetForLeaderEpochRequest(w: Writer, v: OffsetForLeaderEpochRequestInput, version: number): void {
  const flexible = version >= 4;
  if (version >= 3) {
    w.int32((v.replicaId ?? -2));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeOffsetForLeaderEpochRequestTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetForLeaderEpochRequest(r: Reader, version: number): OffsetForLeaderEpochRequest {
  const flexible = version >= 4;
  const replicaId = version >= 3 ? r.int32() : -2;
  let topics: OffsetForLeaderEpochRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readOffsetForLeaderEpochRequestTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { replicaId, topics };
}

function completeOffsetForLeaderEpochRequest(v: OffsetForLeaderEpochRequestInput): OffsetForLeaderEpochRequest {
  return {
    replicaId: (v.replicaId ?? -2),
    topics: v.topics.map(completeOffsetForLeaderEpochRequestTopic),
  };
}

function writeOffsetForLeaderEpochRequestTopic(w: Writer, v: OffsetForLeaderEpochRequestTopicInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.topic, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeOffsetForLeaderEpochRequestPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetForLeaderEpochRequestTopic(r: Reader, version: number): OffsetForLeaderEpochRequestTopic {
  const flexible = version >= 4;
  const topic = r.string(flexible);
  let partitions: OffsetForLeaderEpochRequestPartition[] = [];
  for (let left = r.arrayLength(flexible, 12); left > 0; left -= 1) partitions.push(readOffsetForLeaderEpochRequestPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, partitions };
}

function completeOffsetForLeaderEpochRequestTopic(v: OffsetForLeaderEpochRequestTopicInput): OffsetForLeaderEpochRequestTopic {
  return {
    topic: v.topic,
    partitions: v.partitions.map(completeOffsetForLeaderEpochRequestPartition),
  };
}

function writeOffsetForLeaderEpochRequestPartition(w: Writer, v: OffsetForLeaderEpochRequestPartitionInput, version: number): void {
  const flexible = version >= 4;
  w.int32(v.partition);
  w.int32((v.currentLeaderEpoch ?? -1));
  w.int32(v.leaderEpoch);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetForLeaderEpochRequestPartition(r: Reader, version: number): OffsetForLeaderEpochRequestPartition {
  const flexible = version >= 4;
  const partition = r.int32();
  const currentLeaderEpoch = r.int32();
  const leaderEpoch = r.int32();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partition, currentLeaderEpoch, leaderEpoch };
}

function completeOffsetForLeaderEpochRequestPartition(v: OffsetForLeaderEpochRequestPartitionInput): OffsetForLeaderEpochRequestPartition {
  return {
    partition: v.partition,
    currentLeaderEpoch: (v.currentLeaderEpoch ?? -1),
    leaderEpoch: v.leaderEpoch,
  };
}

export interface OffsetForLeaderEpochResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetForLeaderEpochResponseTopic[];
}

export interface OffsetForLeaderEpochResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly OffsetForLeaderEpochResponseTopicInput[];
}

export interface OffsetForLeaderEpochResponseTopic {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderEpochResponsePartition[];
}

export interface OffsetForLeaderEpochResponseTopicInput {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderEpochResponsePartitionInput[];
}

export interface OffsetForLeaderEpochResponsePartition {
  readonly errorCode: number;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

export interface OffsetForLeaderEpochResponsePartitionInput {
  readonly errorCode: number;
  readonly partition: number;
  readonly leaderEpoch?: number | undefined;
  readonly endOffset?: number | undefined;
}

function writeOffsetForLeaderEpochResponse(w: Writer, v: OffsetForLeaderEpochResponseInput, version: number): void {
  const flexible = version >= 4;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeOffsetForLeaderEpochResponseTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetForLeaderEpochResponse(r: Reader, version: number): OffsetForLeaderEpochResponse {
  const flexible = version >= 4;
  const throttleTimeMs = r.int32();
  let topics: OffsetForLeaderEpochResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readOffsetForLeaderEpochResponseTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, topics };
}

function completeOffsetForLeaderEpochResponse(v: OffsetForLeaderEpochResponseInput): OffsetForLeaderEpochResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeOffsetForLeaderEpochResponseTopic),
  };
}

function writeOffsetForLeaderEpochResponseTopic(w: Writer, v: OffsetForLeaderEpochResponseTopicInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.topic, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeOffsetForLeaderEpochResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetForLeaderEpochResponseTopic(r: Reader, version: number): OffsetForLeaderEpochResponseTopic {
  const flexible = version >= 4;
  const topic = r.string(flexible);
  let partitions: OffsetForLeaderEpochResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 18); left > 0; left -= 1) partitions.push(readOffsetForLeaderEpochResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, partitions };
}

function completeOffsetForLeaderEpochResponseTopic(v: OffsetForLeaderEpochResponseTopicInput): OffsetForLeaderEpochResponseTopic {
  return {
    topic: v.topic,
    partitions: v.partitions.map(completeOffsetForLeaderEpochResponsePartition),
  };
}

function writeOffsetForLeaderEpochResponsePartition(w: Writer, v: OffsetForLeaderEpochResponsePartitionInput, version: number): void {
  const flexible = version >= 4;
  w.int16(v.errorCode);
  w.int32(v.partition);
  w.int32((v.leaderEpoch ?? -1));
  w.int64((v.endOffset ?? -1));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetForLeaderEpochResponsePartition(r: Reader, version: number): OffsetForLeaderEpochResponsePartition {
  const flexible = version >= 4;
  const errorCode = r.int16();
  const partition = r.int32();
  const leaderEpoch = r.int32();
  const endOffset = r.int64();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, partition, leaderEpoch, endOffset };
}

function completeOffsetForLeaderEpochResponsePartition(v: OffsetForLeaderEpochResponsePartitionInput): OffsetForLeaderEpochResponsePartition {
  return {
    errorCode: v.errorCode,
    partition: v.partition,
    leaderEpoch: (v.leaderEpoch ?? -1),
    endOffset: (v.endOffset ?? -1),
  };
}

export const offsetForLeaderEpochApi: Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderEpochRequestInput, OffsetForLeaderEpochResponseInput> = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  minVersion: 2,
  maxVersion: 4,
  advertisedMinVersion: 2,
  flexibleFrom: 4,
  encodeRequest(w: Writer, request: OffsetForLeaderEpochRequestInput, version: number): void {
    checkVersion('OffsetForLeaderEpoch', version, 2, 4);
    writeOffsetForLeaderEpochRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): OffsetForLeaderEpochRequest {
    checkVersion('OffsetForLeaderEpoch', version, 2, 4);
    return readOffsetForLeaderEpochRequest(r, version);
  },
  encodeResponse(w: Writer, response: OffsetForLeaderEpochResponseInput, version: number): void {
    checkVersion('OffsetForLeaderEpoch', version, 2, 4);
    writeOffsetForLeaderEpochResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): OffsetForLeaderEpochResponse {
    checkVersion('OffsetForLeaderEpoch', version, 2, 4);
    return readOffsetForLeaderEpochResponse(r, version);
  },
  completeRequest: completeOffsetForLeaderEpochRequest,
  completeResponse: completeOffsetForLeaderEpochResponse,
};

export interface DeleteRecordsRequest {
  readonly topics: readonly DeleteRecordsRequestTopic[];
  readonly timeoutMs: number;
}

export interface DeleteRecordsRequestInput {
  readonly topics: readonly DeleteRecordsRequestTopicInput[];
  readonly timeoutMs?: number | undefined;
}

export interface DeleteRecordsRequestTopic {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsRequestPartition[];
}

export interface DeleteRecordsRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsRequestPartitionInput[];
}

export interface DeleteRecordsRequestPartition {
  readonly partitionIndex: number;
  /** The first that stays; -1 the high watermark */
  readonly offset: number;
}

export interface DeleteRecordsRequestPartitionInput {
  readonly partitionIndex: number;
  /** The first that stays; -1 the high watermark */
  readonly offset: number;
}

function writeDeleteRecordsRequest(w: Writer, v: DeleteRecordsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeDeleteRecordsRequestTopic(w, item, version);
  }
  w.int32((v.timeoutMs ?? 30000));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteRecordsRequest(r: Reader, version: number): DeleteRecordsRequest {
  const flexible = version >= 2;
  let topics: DeleteRecordsRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readDeleteRecordsRequestTopic(r, version));
  const timeoutMs = r.int32();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topics, timeoutMs };
}

function completeDeleteRecordsRequest(v: DeleteRecordsRequestInput): DeleteRecordsRequest {
  return {
    topics: v.topics.map(completeDeleteRecordsRequestTopic),
    timeoutMs: (v.timeoutMs ?? 30000),
  };
}

function writeDeleteRecordsRequestTopic(w: Writer, v: DeleteRecordsRequestTopicInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeDeleteRecordsRequestPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteRecordsRequestTopic(r: Reader, version: number): DeleteRecordsRequestTopic {
  const flexible = version >= 2;
  const name = r.string(flexible);
  let partitions: DeleteRecordsRequestPartition[] = [];
  for (let left = r.arrayLength(flexible, 12); left > 0; left -= 1) partitions.push(readDeleteRecordsRequestPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeDeleteRecordsRequestTopic(v: DeleteRecordsRequestTopicInput): DeleteRecordsRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeDeleteRecordsRequestPartition),
  };
}

function writeDeleteRecordsRequestPartition(w: Writer, v: DeleteRecordsRequestPartitionInput, version: number): void {
  const flexible = version >= 2;
  w.int32(v.partitionIndex);
  w.int64(v.offset);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteRecordsRequestPartition(r: Reader, version: number): DeleteRecordsRequestPartition {
  const flexible = version >= 2;
  const partitionIndex = r.int32();
  const offset = r.int64();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, offset };
}

function completeDeleteRecordsRequestPartition(v: DeleteRecordsRequestPartitionInput): DeleteRecordsRequestPartition {
  return {
    partitionIndex: v.partitionIndex,
    offset: v.offset,
  };
}

export interface DeleteRecordsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DeleteRecordsResponseTopic[];
}

export interface DeleteRecordsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly DeleteRecordsResponseTopicInput[];
}

export interface DeleteRecordsResponseTopic {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsResponsePartition[];
}

export interface DeleteRecordsResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsResponsePartitionInput[];
}

export interface DeleteRecordsResponsePartition {
  readonly partitionIndex: number;
  readonly lowWatermark: number;
  readonly errorCode: number;
}

export interface DeleteRecordsResponsePartitionInput {
  readonly partitionIndex: number;
  readonly lowWatermark: number;
  readonly errorCode: number;
}

function writeDeleteRecordsResponse(w: Writer, v: DeleteRecordsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeDeleteRecordsResponseTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteRecordsResponse(r: Reader, version: number): DeleteRecordsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  let topics: DeleteRecordsResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readDeleteRecordsResponseTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, topics };
}

function completeDeleteRecordsResponse(v: DeleteRecordsResponseInput): DeleteRecordsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeDeleteRecordsResponseTopic),
  };
}

function writeDeleteRecordsResponseTopic(w: Writer, v: DeleteRecordsResponseTopicInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeDeleteRecordsResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteRecordsResponseTopic(r: Reader, version: number): DeleteRecordsResponseTopic {
  const flexible = version >= 2;
  const name = r.string(flexible);
  let partitions: DeleteRecordsResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 14); left > 0; left -= 1) partitions.push(readDeleteRecordsResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeDeleteRecordsResponseTopic(v: DeleteRecordsResponseTopicInput): DeleteRecordsResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeDeleteRecordsResponsePartition),
  };
}

function writeDeleteRecordsResponsePartition(w: Writer, v: DeleteRecordsResponsePartitionInput, version: number): void {
  const flexible = version >= 2;
  w.int32(v.partitionIndex);
  w.int64(v.lowWatermark);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteRecordsResponsePartition(r: Reader, version: number): DeleteRecordsResponsePartition {
  const flexible = version >= 2;
  const partitionIndex = r.int32();
  const lowWatermark = r.int64();
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, lowWatermark, errorCode };
}

function completeDeleteRecordsResponsePartition(v: DeleteRecordsResponsePartitionInput): DeleteRecordsResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    lowWatermark: v.lowWatermark,
    errorCode: v.errorCode,
  };
}

export const deleteRecordsApi: Api<DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsRequestInput, DeleteRecordsResponseInput> = {
  key: 21,
  name: 'DeleteRecords',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: DeleteRecordsRequestInput, version: number): void {
    checkVersion('DeleteRecords', version, 0, 2);
    writeDeleteRecordsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DeleteRecordsRequest {
    checkVersion('DeleteRecords', version, 0, 2);
    return readDeleteRecordsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DeleteRecordsResponseInput, version: number): void {
    checkVersion('DeleteRecords', version, 0, 2);
    writeDeleteRecordsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DeleteRecordsResponse {
    checkVersion('DeleteRecords', version, 0, 2);
    return readDeleteRecordsResponse(r, version);
  },
  completeRequest: completeDeleteRecordsRequest,
  completeResponse: completeDeleteRecordsResponse,
};
