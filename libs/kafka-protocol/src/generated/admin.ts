// Generated from schemas/admin.schema by generator/generate.mjs; change that and run it.
import { checkVersion, type Api } from '../api.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

export interface ElectLeadersRequest {
  /** 0 the preferred replica, 1 any that is alive */
  readonly electionType: number;
  /** Null all */
  readonly topicPartitions: readonly ElectLeadersRequestTopicPartitions[] | null;
  readonly timeoutMs: number;
}

export interface ElectLeadersRequestInput {
  /** 0 the preferred replica, 1 any that is alive */
  readonly electionType?: number | undefined;
  /** Null all */
  readonly topicPartitions: readonly ElectLeadersRequestTopicPartitionsInput[] | null;
  readonly timeoutMs?: number | undefined;
}

export interface ElectLeadersRequestTopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface ElectLeadersRequestTopicPartitionsInput {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function writeElectLeadersRequest(w: Writer, v: ElectLeadersRequestInput, version: number): void {
  const flexible = version >= 2;
  if (version >= 1) {
    w.int8((v.electionType ?? 0));
  }
  {
    const topicPartitionsItems = v.topicPartitions;
    if (topicPartitionsItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(topicPartitionsItems.length, flexible);
      for (const item of topicPartitionsItems) writeElectLeadersRequestTopicPartitions(w, item, version);
    }
  }
  w.int32((v.timeoutMs ?? 60000));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readElectLeadersRequest(r: Reader, version: number): ElectLeadersRequest {
  const flexible = version >= 2;
  const electionType = version >= 1 ? r.int8() : 0;
  let topicPartitions: ElectLeadersRequestTopicPartitions[] | null = [];
  const topicPartitionsCount = r.nullableArrayLength(flexible, 3);
  if (topicPartitionsCount === -1) topicPartitions = null;
  else {
    topicPartitions = [];
    for (let left = topicPartitionsCount; left > 0; left -= 1) topicPartitions.push(readElectLeadersRequestTopicPartitions(r, version));
  }
  const timeoutMs = r.int32();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { electionType, topicPartitions, timeoutMs };
}

function completeElectLeadersRequest(v: ElectLeadersRequestInput): ElectLeadersRequest {
  return {
    electionType: (v.electionType ?? 0),
    topicPartitions: v.topicPartitions?.map(completeElectLeadersRequestTopicPartitions) ?? null,
    timeoutMs: (v.timeoutMs ?? 60000),
  };
}

function writeElectLeadersRequestTopicPartitions(w: Writer, v: ElectLeadersRequestTopicPartitionsInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.topic, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readElectLeadersRequestTopicPartitions(r: Reader, version: number): ElectLeadersRequestTopicPartitions {
  const flexible = version >= 2;
  const topic = r.string(flexible);
  let partitions: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitions.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, partitions };
}

function completeElectLeadersRequestTopicPartitions(v: ElectLeadersRequestTopicPartitionsInput): ElectLeadersRequestTopicPartitions {
  return {
    topic: v.topic,
    partitions: v.partitions,
  };
}

export interface ElectLeadersResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly replicaElectionResults: readonly ElectLeadersResponseResult[];
}

export interface ElectLeadersResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode?: number | undefined;
  readonly replicaElectionResults: readonly ElectLeadersResponseResultInput[];
}

export interface ElectLeadersResponseResult {
  readonly topic: string;
  readonly partitionResult: readonly ElectLeadersResponsePartitionResult[];
}

export interface ElectLeadersResponseResultInput {
  readonly topic: string;
  readonly partitionResult: readonly ElectLeadersResponsePartitionResultInput[];
}

export interface ElectLeadersResponsePartitionResult {
  readonly partitionId: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface ElectLeadersResponsePartitionResultInput {
  readonly partitionId: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeElectLeadersResponse(w: Writer, v: ElectLeadersResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  if (version >= 1) {
    w.int16((v.errorCode ?? 0));
  }
  {
    const replicaElectionResultsItems = v.replicaElectionResults;
    w.arrayLength(replicaElectionResultsItems.length, flexible);
    for (const item of replicaElectionResultsItems) writeElectLeadersResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readElectLeadersResponse(r: Reader, version: number): ElectLeadersResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  const errorCode = version >= 1 ? r.int16() : 0;
  let replicaElectionResults: ElectLeadersResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) replicaElectionResults.push(readElectLeadersResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, replicaElectionResults };
}

function completeElectLeadersResponse(v: ElectLeadersResponseInput): ElectLeadersResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: (v.errorCode ?? 0),
    replicaElectionResults: v.replicaElectionResults.map(completeElectLeadersResponseResult),
  };
}

function writeElectLeadersResponseResult(w: Writer, v: ElectLeadersResponseResultInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.topic, flexible);
  {
    const partitionResultItems = v.partitionResult;
    w.arrayLength(partitionResultItems.length, flexible);
    for (const item of partitionResultItems) writeElectLeadersResponsePartitionResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readElectLeadersResponseResult(r: Reader, version: number): ElectLeadersResponseResult {
  const flexible = version >= 2;
  const topic = r.string(flexible);
  let partitionResult: ElectLeadersResponsePartitionResult[] = [];
  for (let left = r.arrayLength(flexible, 8); left > 0; left -= 1) partitionResult.push(readElectLeadersResponsePartitionResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, partitionResult };
}

function completeElectLeadersResponseResult(v: ElectLeadersResponseResultInput): ElectLeadersResponseResult {
  return {
    topic: v.topic,
    partitionResult: v.partitionResult.map(completeElectLeadersResponsePartitionResult),
  };
}

function writeElectLeadersResponsePartitionResult(w: Writer, v: ElectLeadersResponsePartitionResultInput, version: number): void {
  const flexible = version >= 2;
  w.int32(v.partitionId);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readElectLeadersResponsePartitionResult(r: Reader, version: number): ElectLeadersResponsePartitionResult {
  const flexible = version >= 2;
  const partitionId = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionId, errorCode, errorMessage };
}

function completeElectLeadersResponsePartitionResult(v: ElectLeadersResponsePartitionResultInput): ElectLeadersResponsePartitionResult {
  return {
    partitionId: v.partitionId,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const electLeadersApi: Api<ElectLeadersRequest, ElectLeadersResponse, ElectLeadersRequestInput, ElectLeadersResponseInput> = {
  key: 43,
  name: 'ElectLeaders',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: ElectLeadersRequestInput, version: number): void {
    checkVersion('ElectLeaders', version, 0, 2);
    writeElectLeadersRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ElectLeadersRequest {
    checkVersion('ElectLeaders', version, 0, 2);
    return readElectLeadersRequest(r, version);
  },
  encodeResponse(w: Writer, response: ElectLeadersResponseInput, version: number): void {
    checkVersion('ElectLeaders', version, 0, 2);
    writeElectLeadersResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ElectLeadersResponse {
    checkVersion('ElectLeaders', version, 0, 2);
    return readElectLeadersResponse(r, version);
  },
  completeRequest: completeElectLeadersRequest,
  completeResponse: completeElectLeadersResponse,
};

export interface AlterPartitionReassignmentsRequest {
  readonly timeoutMs: number;
  readonly allowReplicationFactorChange: boolean;
  readonly topics: readonly AlterPartitionReassignmentsRequestTopic[];
}

export interface AlterPartitionReassignmentsRequestInput {
  readonly timeoutMs?: number | undefined;
  readonly allowReplicationFactorChange?: boolean | undefined;
  readonly topics: readonly AlterPartitionReassignmentsRequestTopicInput[];
}

export interface AlterPartitionReassignmentsRequestTopic {
  readonly name: string;
  readonly partitions: readonly AlterPartitionReassignmentsRequestPartition[];
}

export interface AlterPartitionReassignmentsRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly AlterPartitionReassignmentsRequestPartitionInput[];
}

export interface AlterPartitionReassignmentsRequestPartition {
  readonly partitionIndex: number;
  /** Null cancels a move under way */
  readonly replicas: readonly number[] | null;
}

export interface AlterPartitionReassignmentsRequestPartitionInput {
  readonly partitionIndex: number;
  /** Null cancels a move under way */
  readonly replicas?: readonly number[] | null | undefined;
}

function writeAlterPartitionReassignmentsRequest(w: Writer, v: AlterPartitionReassignmentsRequestInput, version: number): void {
  w.int32((v.timeoutMs ?? 60000));
  if (version >= 1) {
    w.bool((v.allowReplicationFactorChange ?? true));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeAlterPartitionReassignmentsRequestTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readAlterPartitionReassignmentsRequest(r: Reader, version: number): AlterPartitionReassignmentsRequest {
  const timeoutMs = r.int32();
  const allowReplicationFactorChange = version >= 1 ? r.bool() : true;
  let topics: AlterPartitionReassignmentsRequestTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readAlterPartitionReassignmentsRequestTopic(r, version));
  r.skipTaggedFields();
  return { timeoutMs, allowReplicationFactorChange, topics };
}

function completeAlterPartitionReassignmentsRequest(v: AlterPartitionReassignmentsRequestInput): AlterPartitionReassignmentsRequest {
  return {
    timeoutMs: (v.timeoutMs ?? 60000),
    allowReplicationFactorChange: (v.allowReplicationFactorChange ?? true),
    topics: v.topics.map(completeAlterPartitionReassignmentsRequestTopic),
  };
}

function writeAlterPartitionReassignmentsRequestTopic(w: Writer, v: AlterPartitionReassignmentsRequestTopicInput, version: number): void {
  w.string(v.name, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeAlterPartitionReassignmentsRequestPartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readAlterPartitionReassignmentsRequestTopic(r: Reader, version: number): AlterPartitionReassignmentsRequestTopic {
  const name = r.string(true);
  let partitions: AlterPartitionReassignmentsRequestPartition[] = [];
  for (let left = r.arrayLength(true, 6); left > 0; left -= 1) partitions.push(readAlterPartitionReassignmentsRequestPartition(r, version));
  r.skipTaggedFields();
  return { name, partitions };
}

function completeAlterPartitionReassignmentsRequestTopic(v: AlterPartitionReassignmentsRequestTopicInput): AlterPartitionReassignmentsRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeAlterPartitionReassignmentsRequestPartition),
  };
}

function writeAlterPartitionReassignmentsRequestPartition(w: Writer, v: AlterPartitionReassignmentsRequestPartitionInput, _version: number): void {
  w.int32(v.partitionIndex);
  {
    const replicasItems = (v.replicas ?? null);
    if (replicasItems === null) w.nullArray(true);
    else {
      w.arrayLength(replicasItems.length, true);
      for (const item of replicasItems) w.int32(item);
    }
  }
  w.unsignedVarint(0);
}

function readAlterPartitionReassignmentsRequestPartition(r: Reader, _version: number): AlterPartitionReassignmentsRequestPartition {
  const partitionIndex = r.int32();
  let replicas: number[] | null = null;
  const replicasCount = r.nullableArrayLength(true, 4);
  if (replicasCount === -1) replicas = null;
  else {
    replicas = [];
    for (let left = replicasCount; left > 0; left -= 1) replicas.push(r.int32());
  }
  r.skipTaggedFields();
  return { partitionIndex, replicas };
}

function completeAlterPartitionReassignmentsRequestPartition(v: AlterPartitionReassignmentsRequestPartitionInput): AlterPartitionReassignmentsRequestPartition {
  return {
    partitionIndex: v.partitionIndex,
    replicas: (v.replicas ?? null),
  };
}

export interface AlterPartitionReassignmentsResponse {
  readonly throttleTimeMs: number;
  readonly allowReplicationFactorChange: boolean;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly responses: readonly AlterPartitionReassignmentsResponseTopic[];
}

export interface AlterPartitionReassignmentsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly allowReplicationFactorChange?: boolean | undefined;
  readonly errorCode?: number | undefined;
  readonly errorMessage?: string | null | undefined;
  readonly responses: readonly AlterPartitionReassignmentsResponseTopicInput[];
}

export interface AlterPartitionReassignmentsResponseTopic {
  readonly name: string;
  readonly partitions: readonly AlterPartitionReassignmentsResponsePartition[];
}

export interface AlterPartitionReassignmentsResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly AlterPartitionReassignmentsResponsePartitionInput[];
}

export interface AlterPartitionReassignmentsResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface AlterPartitionReassignmentsResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeAlterPartitionReassignmentsResponse(w: Writer, v: AlterPartitionReassignmentsResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  if (version >= 1) {
    w.bool((v.allowReplicationFactorChange ?? true));
  }
  w.int16((v.errorCode ?? 0));
  w.nullableString((v.errorMessage ?? null), true);
  {
    const responsesItems = v.responses;
    w.arrayLength(responsesItems.length, true);
    for (const item of responsesItems) writeAlterPartitionReassignmentsResponseTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readAlterPartitionReassignmentsResponse(r: Reader, version: number): AlterPartitionReassignmentsResponse {
  const throttleTimeMs = r.int32();
  const allowReplicationFactorChange = version >= 1 ? r.bool() : true;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  let responses: AlterPartitionReassignmentsResponseTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) responses.push(readAlterPartitionReassignmentsResponseTopic(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, allowReplicationFactorChange, errorCode, errorMessage, responses };
}

function completeAlterPartitionReassignmentsResponse(v: AlterPartitionReassignmentsResponseInput): AlterPartitionReassignmentsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    allowReplicationFactorChange: (v.allowReplicationFactorChange ?? true),
    errorCode: (v.errorCode ?? 0),
    errorMessage: (v.errorMessage ?? null),
    responses: v.responses.map(completeAlterPartitionReassignmentsResponseTopic),
  };
}

function writeAlterPartitionReassignmentsResponseTopic(w: Writer, v: AlterPartitionReassignmentsResponseTopicInput, version: number): void {
  w.string(v.name, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeAlterPartitionReassignmentsResponsePartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readAlterPartitionReassignmentsResponseTopic(r: Reader, version: number): AlterPartitionReassignmentsResponseTopic {
  const name = r.string(true);
  let partitions: AlterPartitionReassignmentsResponsePartition[] = [];
  for (let left = r.arrayLength(true, 8); left > 0; left -= 1) partitions.push(readAlterPartitionReassignmentsResponsePartition(r, version));
  r.skipTaggedFields();
  return { name, partitions };
}

function completeAlterPartitionReassignmentsResponseTopic(v: AlterPartitionReassignmentsResponseTopicInput): AlterPartitionReassignmentsResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeAlterPartitionReassignmentsResponsePartition),
  };
}

function writeAlterPartitionReassignmentsResponsePartition(w: Writer, v: AlterPartitionReassignmentsResponsePartitionInput, _version: number): void {
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  w.unsignedVarint(0);
}

function readAlterPartitionReassignmentsResponsePartition(r: Reader, _version: number): AlterPartitionReassignmentsResponsePartition {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage };
}

function completeAlterPartitionReassignmentsResponsePartition(v: AlterPartitionReassignmentsResponsePartitionInput): AlterPartitionReassignmentsResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const alterPartitionReassignmentsApi: Api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, AlterPartitionReassignmentsRequestInput, AlterPartitionReassignmentsResponseInput> = {
  key: 45,
  name: 'AlterPartitionReassignments',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: AlterPartitionReassignmentsRequestInput, version: number): void {
    checkVersion('AlterPartitionReassignments', version, 0, 1);
    writeAlterPartitionReassignmentsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): AlterPartitionReassignmentsRequest {
    checkVersion('AlterPartitionReassignments', version, 0, 1);
    return readAlterPartitionReassignmentsRequest(r, version);
  },
  encodeResponse(w: Writer, response: AlterPartitionReassignmentsResponseInput, version: number): void {
    checkVersion('AlterPartitionReassignments', version, 0, 1);
    writeAlterPartitionReassignmentsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): AlterPartitionReassignmentsResponse {
    checkVersion('AlterPartitionReassignments', version, 0, 1);
    return readAlterPartitionReassignmentsResponse(r, version);
  },
  completeRequest: completeAlterPartitionReassignmentsRequest,
  completeResponse: completeAlterPartitionReassignmentsResponse,
};

export interface ListPartitionReassignmentsRequest {
  readonly timeoutMs: number;
  /** Null all */
  readonly topics: readonly ListPartitionReassignmentsRequestTopic[] | null;
}

export interface ListPartitionReassignmentsRequestInput {
  readonly timeoutMs?: number | undefined;
  /** Null all */
  readonly topics?: readonly ListPartitionReassignmentsRequestTopicInput[] | null | undefined;
}

export interface ListPartitionReassignmentsRequestTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface ListPartitionReassignmentsRequestTopicInput {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function writeListPartitionReassignmentsRequest(w: Writer, v: ListPartitionReassignmentsRequestInput, version: number): void {
  w.int32((v.timeoutMs ?? 60000));
  {
    const topicsItems = (v.topics ?? null);
    if (topicsItems === null) w.nullArray(true);
    else {
      w.arrayLength(topicsItems.length, true);
      for (const item of topicsItems) writeListPartitionReassignmentsRequestTopic(w, item, version);
    }
  }
  w.unsignedVarint(0);
}

function readListPartitionReassignmentsRequest(r: Reader, version: number): ListPartitionReassignmentsRequest {
  const timeoutMs = r.int32();
  let topics: ListPartitionReassignmentsRequestTopic[] | null = null;
  const topicsCount = r.nullableArrayLength(true, 3);
  if (topicsCount === -1) topics = null;
  else {
    topics = [];
    for (let left = topicsCount; left > 0; left -= 1) topics.push(readListPartitionReassignmentsRequestTopic(r, version));
  }
  r.skipTaggedFields();
  return { timeoutMs, topics };
}

function completeListPartitionReassignmentsRequest(v: ListPartitionReassignmentsRequestInput): ListPartitionReassignmentsRequest {
  return {
    timeoutMs: (v.timeoutMs ?? 60000),
    topics: (v.topics ?? null)?.map(completeListPartitionReassignmentsRequestTopic) ?? null,
  };
}

function writeListPartitionReassignmentsRequestTopic(w: Writer, v: ListPartitionReassignmentsRequestTopicInput, _version: number): void {
  w.string(v.name, true);
  {
    const partitionIndexesItems = v.partitionIndexes;
    w.arrayLength(partitionIndexesItems.length, true);
    for (const item of partitionIndexesItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readListPartitionReassignmentsRequestTopic(r: Reader, _version: number): ListPartitionReassignmentsRequestTopic {
  const name = r.string(true);
  let partitionIndexes: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitionIndexes.push(r.int32());
  r.skipTaggedFields();
  return { name, partitionIndexes };
}

function completeListPartitionReassignmentsRequestTopic(v: ListPartitionReassignmentsRequestTopicInput): ListPartitionReassignmentsRequestTopic {
  return {
    name: v.name,
    partitionIndexes: v.partitionIndexes,
  };
}

export interface ListPartitionReassignmentsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topics: readonly ListPartitionReassignmentsResponseTopic[];
}

export interface ListPartitionReassignmentsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode?: number | undefined;
  readonly errorMessage?: string | null | undefined;
  readonly topics: readonly ListPartitionReassignmentsResponseTopicInput[];
}

export interface ListPartitionReassignmentsResponseTopic {
  readonly name: string;
  readonly partitions: readonly ListPartitionReassignmentsResponsePartition[];
}

export interface ListPartitionReassignmentsResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly ListPartitionReassignmentsResponsePartitionInput[];
}

export interface ListPartitionReassignmentsResponsePartition {
  readonly partitionIndex: number;
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

export interface ListPartitionReassignmentsResponsePartitionInput {
  readonly partitionIndex: number;
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

function writeListPartitionReassignmentsResponse(w: Writer, v: ListPartitionReassignmentsResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16((v.errorCode ?? 0));
  w.nullableString((v.errorMessage ?? null), true);
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeListPartitionReassignmentsResponseTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readListPartitionReassignmentsResponse(r: Reader, version: number): ListPartitionReassignmentsResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  let topics: ListPartitionReassignmentsResponseTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readListPartitionReassignmentsResponseTopic(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, topics };
}

function completeListPartitionReassignmentsResponse(v: ListPartitionReassignmentsResponseInput): ListPartitionReassignmentsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: (v.errorCode ?? 0),
    errorMessage: (v.errorMessage ?? null),
    topics: v.topics.map(completeListPartitionReassignmentsResponseTopic),
  };
}

function writeListPartitionReassignmentsResponseTopic(w: Writer, v: ListPartitionReassignmentsResponseTopicInput, version: number): void {
  w.string(v.name, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeListPartitionReassignmentsResponsePartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readListPartitionReassignmentsResponseTopic(r: Reader, version: number): ListPartitionReassignmentsResponseTopic {
  const name = r.string(true);
  let partitions: ListPartitionReassignmentsResponsePartition[] = [];
  for (let left = r.arrayLength(true, 8); left > 0; left -= 1) partitions.push(readListPartitionReassignmentsResponsePartition(r, version));
  r.skipTaggedFields();
  return { name, partitions };
}

function completeListPartitionReassignmentsResponseTopic(v: ListPartitionReassignmentsResponseTopicInput): ListPartitionReassignmentsResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeListPartitionReassignmentsResponsePartition),
  };
}

function writeListPartitionReassignmentsResponsePartition(w: Writer, v: ListPartitionReassignmentsResponsePartitionInput, _version: number): void {
  w.int32(v.partitionIndex);
  {
    const replicasItems = v.replicas;
    w.arrayLength(replicasItems.length, true);
    for (const item of replicasItems) w.int32(item);
  }
  {
    const addingReplicasItems = v.addingReplicas;
    w.arrayLength(addingReplicasItems.length, true);
    for (const item of addingReplicasItems) w.int32(item);
  }
  {
    const removingReplicasItems = v.removingReplicas;
    w.arrayLength(removingReplicasItems.length, true);
    for (const item of removingReplicasItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readListPartitionReassignmentsResponsePartition(r: Reader, _version: number): ListPartitionReassignmentsResponsePartition {
  const partitionIndex = r.int32();
  let replicas: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) replicas.push(r.int32());
  let addingReplicas: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) addingReplicas.push(r.int32());
  let removingReplicas: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) removingReplicas.push(r.int32());
  r.skipTaggedFields();
  return { partitionIndex, replicas, addingReplicas, removingReplicas };
}

function completeListPartitionReassignmentsResponsePartition(v: ListPartitionReassignmentsResponsePartitionInput): ListPartitionReassignmentsResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    replicas: v.replicas,
    addingReplicas: v.addingReplicas,
    removingReplicas: v.removingReplicas,
  };
}

export const listPartitionReassignmentsApi: Api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, ListPartitionReassignmentsRequestInput, ListPartitionReassignmentsResponseInput> = {
  key: 46,
  name: 'ListPartitionReassignments',
  minVersion: 0,
  maxVersion: 0,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: ListPartitionReassignmentsRequestInput, version: number): void {
    checkVersion('ListPartitionReassignments', version, 0, 0);
    writeListPartitionReassignmentsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ListPartitionReassignmentsRequest {
    checkVersion('ListPartitionReassignments', version, 0, 0);
    return readListPartitionReassignmentsRequest(r, version);
  },
  encodeResponse(w: Writer, response: ListPartitionReassignmentsResponseInput, version: number): void {
    checkVersion('ListPartitionReassignments', version, 0, 0);
    writeListPartitionReassignmentsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ListPartitionReassignmentsResponse {
    checkVersion('ListPartitionReassignments', version, 0, 0);
    return readListPartitionReassignmentsResponse(r, version);
  },
  completeRequest: completeListPartitionReassignmentsRequest,
  completeResponse: completeListPartitionReassignmentsResponse,
};

export interface DescribeQuorumRequest {
  readonly topics: readonly DescribeQuorumRequestTopic[];
}

export interface DescribeQuorumRequestInput {
  readonly topics: readonly DescribeQuorumRequestTopicInput[];
}

export interface DescribeQuorumRequestTopic {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumRequestPartition[];
}

export interface DescribeQuorumRequestTopicInput {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumRequestPartitionInput[];
}

export interface DescribeQuorumRequestPartition {
  readonly partitionIndex: number;
}

export interface DescribeQuorumRequestPartitionInput {
  readonly partitionIndex: number;
}

function writeDescribeQuorumRequest(w: Writer, v: DescribeQuorumRequestInput, version: number): void {
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeDescribeQuorumRequestTopic(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeQuorumRequest(r: Reader, version: number): DescribeQuorumRequest {
  let topics: DescribeQuorumRequestTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readDescribeQuorumRequestTopic(r, version));
  r.skipTaggedFields();
  return { topics };
}

function completeDescribeQuorumRequest(v: DescribeQuorumRequestInput): DescribeQuorumRequest {
  return {
    topics: v.topics.map(completeDescribeQuorumRequestTopic),
  };
}

function writeDescribeQuorumRequestTopic(w: Writer, v: DescribeQuorumRequestTopicInput, version: number): void {
  w.string(v.topicName, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeDescribeQuorumRequestPartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeQuorumRequestTopic(r: Reader, version: number): DescribeQuorumRequestTopic {
  const topicName = r.string(true);
  let partitions: DescribeQuorumRequestPartition[] = [];
  for (let left = r.arrayLength(true, 5); left > 0; left -= 1) partitions.push(readDescribeQuorumRequestPartition(r, version));
  r.skipTaggedFields();
  return { topicName, partitions };
}

function completeDescribeQuorumRequestTopic(v: DescribeQuorumRequestTopicInput): DescribeQuorumRequestTopic {
  return {
    topicName: v.topicName,
    partitions: v.partitions.map(completeDescribeQuorumRequestPartition),
  };
}

function writeDescribeQuorumRequestPartition(w: Writer, v: DescribeQuorumRequestPartitionInput, _version: number): void {
  w.int32(v.partitionIndex);
  w.unsignedVarint(0);
}

function readDescribeQuorumRequestPartition(r: Reader, _version: number): DescribeQuorumRequestPartition {
  const partitionIndex = r.int32();
  r.skipTaggedFields();
  return { partitionIndex };
}

function completeDescribeQuorumRequestPartition(v: DescribeQuorumRequestPartitionInput): DescribeQuorumRequestPartition {
  return {
    partitionIndex: v.partitionIndex,
  };
}

export interface DescribeQuorumResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topics: readonly DescribeQuorumResponseTopic[];
  readonly nodes: readonly DescribeQuorumResponseNode[];
}

export interface DescribeQuorumResponseInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly topics: readonly DescribeQuorumResponseTopicInput[];
  readonly nodes?: readonly DescribeQuorumResponseNodeInput[] | undefined;
}

export interface DescribeQuorumResponseTopic {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumResponsePartition[];
}

export interface DescribeQuorumResponseTopicInput {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumResponsePartitionInput[];
}

export interface DescribeQuorumResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly currentVoters: readonly DescribeQuorumResponseReplica[];
  readonly observers: readonly DescribeQuorumResponseReplica[];
}

export interface DescribeQuorumResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly currentVoters: readonly DescribeQuorumResponseReplicaInput[];
  readonly observers: readonly DescribeQuorumResponseReplicaInput[];
}

export interface DescribeQuorumResponseReplica {
  readonly replicaId: number;
  readonly replicaDirectoryId: string;
  readonly logEndOffset: number;
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

export interface DescribeQuorumResponseReplicaInput {
  readonly replicaId: number;
  readonly replicaDirectoryId?: string | undefined;
  readonly logEndOffset: number;
  readonly lastFetchTimestamp?: number | undefined;
  readonly lastCaughtUpTimestamp?: number | undefined;
}

export interface DescribeQuorumResponseNode {
  readonly nodeId: number;
  readonly listeners: readonly DescribeQuorumResponseListener[];
}

export interface DescribeQuorumResponseNodeInput {
  readonly nodeId: number;
  readonly listeners: readonly DescribeQuorumResponseListenerInput[];
}

export interface DescribeQuorumResponseListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface DescribeQuorumResponseListenerInput {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

function writeDescribeQuorumResponse(w: Writer, v: DescribeQuorumResponseInput, version: number): void {
  w.int16(v.errorCode);
  if (version >= 2) {
    w.nullableString((v.errorMessage ?? null), true);
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeDescribeQuorumResponseTopic(w, item, version);
  }
  if (version >= 2) {
    {
      const nodesItems = (v.nodes ?? []);
      w.arrayLength(nodesItems.length, true);
      for (const item of nodesItems) writeDescribeQuorumResponseNode(w, item, version);
    }
  }
  w.unsignedVarint(0);
}

function readDescribeQuorumResponse(r: Reader, version: number): DescribeQuorumResponse {
  const errorCode = r.int16();
  const errorMessage = version >= 2 ? r.nullableString(true) : null;
  let topics: DescribeQuorumResponseTopic[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) topics.push(readDescribeQuorumResponseTopic(r, version));
  let nodes: DescribeQuorumResponseNode[] = [];
  if (version >= 2) {
    for (let left = r.arrayLength(true, 6); left > 0; left -= 1) nodes.push(readDescribeQuorumResponseNode(r, version));
  }
  r.skipTaggedFields();
  return { errorCode, errorMessage, topics, nodes };
}

function completeDescribeQuorumResponse(v: DescribeQuorumResponseInput): DescribeQuorumResponse {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    topics: v.topics.map(completeDescribeQuorumResponseTopic),
    nodes: (v.nodes ?? []).map(completeDescribeQuorumResponseNode),
  };
}

function writeDescribeQuorumResponseTopic(w: Writer, v: DescribeQuorumResponseTopicInput, version: number): void {
  w.string(v.topicName, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeDescribeQuorumResponsePartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeQuorumResponseTopic(r: Reader, version: number): DescribeQuorumResponseTopic {
  const topicName = r.string(true);
  let partitions: DescribeQuorumResponsePartition[] = [];
  for (let left = r.arrayLength(true, 25); left > 0; left -= 1) partitions.push(readDescribeQuorumResponsePartition(r, version));
  r.skipTaggedFields();
  return { topicName, partitions };
}

function completeDescribeQuorumResponseTopic(v: DescribeQuorumResponseTopicInput): DescribeQuorumResponseTopic {
  return {
    topicName: v.topicName,
    partitions: v.partitions.map(completeDescribeQuorumResponsePartition),
  };
}

function writeDescribeQuorumResponsePartition(w: Writer, v: DescribeQuorumResponsePartitionInput, version: number): void {
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  if (version >= 2) {
    w.nullableString((v.errorMessage ?? null), true);
  }
  w.int32(v.leaderId);
  w.int32(v.leaderEpoch);
  w.int64(v.highWatermark);
  {
    const currentVotersItems = v.currentVoters;
    w.arrayLength(currentVotersItems.length, true);
    for (const item of currentVotersItems) writeDescribeQuorumResponseReplica(w, item, version);
  }
  {
    const observersItems = v.observers;
    w.arrayLength(observersItems.length, true);
    for (const item of observersItems) writeDescribeQuorumResponseReplica(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeQuorumResponsePartition(r: Reader, version: number): DescribeQuorumResponsePartition {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = version >= 2 ? r.nullableString(true) : null;
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  const highWatermark = r.int64();
  let currentVoters: DescribeQuorumResponseReplica[] = [];
  for (let left = r.arrayLength(true, 13); left > 0; left -= 1) currentVoters.push(readDescribeQuorumResponseReplica(r, version));
  let observers: DescribeQuorumResponseReplica[] = [];
  for (let left = r.arrayLength(true, 13); left > 0; left -= 1) observers.push(readDescribeQuorumResponseReplica(r, version));
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage, leaderId, leaderEpoch, highWatermark, currentVoters, observers };
}

function completeDescribeQuorumResponsePartition(v: DescribeQuorumResponsePartitionInput): DescribeQuorumResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    leaderId: v.leaderId,
    leaderEpoch: v.leaderEpoch,
    highWatermark: v.highWatermark,
    currentVoters: v.currentVoters.map(completeDescribeQuorumResponseReplica),
    observers: v.observers.map(completeDescribeQuorumResponseReplica),
  };
}

function writeDescribeQuorumResponseReplica(w: Writer, v: DescribeQuorumResponseReplicaInput, version: number): void {
  w.int32(v.replicaId);
  if (version >= 2) {
    w.uuid((v.replicaDirectoryId ?? ZERO_UUID));
  }
  w.int64(v.logEndOffset);
  if (version >= 1) {
    w.int64((v.lastFetchTimestamp ?? -1));
  }
  if (version >= 1) {
    w.int64((v.lastCaughtUpTimestamp ?? -1));
  }
  w.unsignedVarint(0);
}

function readDescribeQuorumResponseReplica(r: Reader, version: number): DescribeQuorumResponseReplica {
  const replicaId = r.int32();
  const replicaDirectoryId = version >= 2 ? r.uuid() : ZERO_UUID;
  const logEndOffset = r.int64();
  const lastFetchTimestamp = version >= 1 ? r.int64() : -1;
  const lastCaughtUpTimestamp = version >= 1 ? r.int64() : -1;
  r.skipTaggedFields();
  return { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp };
}

function completeDescribeQuorumResponseReplica(v: DescribeQuorumResponseReplicaInput): DescribeQuorumResponseReplica {
  return {
    replicaId: v.replicaId,
    replicaDirectoryId: (v.replicaDirectoryId ?? ZERO_UUID),
    logEndOffset: v.logEndOffset,
    lastFetchTimestamp: (v.lastFetchTimestamp ?? -1),
    lastCaughtUpTimestamp: (v.lastCaughtUpTimestamp ?? -1),
  };
}

function writeDescribeQuorumResponseNode(w: Writer, v: DescribeQuorumResponseNodeInput, version: number): void {
  w.int32(v.nodeId);
  {
    const listenersItems = v.listeners;
    w.arrayLength(listenersItems.length, true);
    for (const item of listenersItems) writeDescribeQuorumResponseListener(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeQuorumResponseNode(r: Reader, version: number): DescribeQuorumResponseNode {
  const nodeId = r.int32();
  let listeners: DescribeQuorumResponseListener[] = [];
  for (let left = r.arrayLength(true, 5); left > 0; left -= 1) listeners.push(readDescribeQuorumResponseListener(r, version));
  r.skipTaggedFields();
  return { nodeId, listeners };
}

function completeDescribeQuorumResponseNode(v: DescribeQuorumResponseNodeInput): DescribeQuorumResponseNode {
  return {
    nodeId: v.nodeId,
    listeners: v.listeners.map(completeDescribeQuorumResponseListener),
  };
}

function writeDescribeQuorumResponseListener(w: Writer, v: DescribeQuorumResponseListenerInput, _version: number): void {
  w.string(v.name, true);
  w.string(v.host, true);
  w.uint16(v.port);
  w.unsignedVarint(0);
}

function readDescribeQuorumResponseListener(r: Reader, _version: number): DescribeQuorumResponseListener {
  const name = r.string(true);
  const host = r.string(true);
  const port = r.uint16();
  r.skipTaggedFields();
  return { name, host, port };
}

function completeDescribeQuorumResponseListener(v: DescribeQuorumResponseListenerInput): DescribeQuorumResponseListener {
  return {
    name: v.name,
    host: v.host,
    port: v.port,
  };
}

export const describeQuorumApi: Api<DescribeQuorumRequest, DescribeQuorumResponse, DescribeQuorumRequestInput, DescribeQuorumResponseInput> = {
  key: 55,
  name: 'DescribeQuorum',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: DescribeQuorumRequestInput, version: number): void {
    checkVersion('DescribeQuorum', version, 0, 2);
    writeDescribeQuorumRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeQuorumRequest {
    checkVersion('DescribeQuorum', version, 0, 2);
    return readDescribeQuorumRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeQuorumResponseInput, version: number): void {
    checkVersion('DescribeQuorum', version, 0, 2);
    writeDescribeQuorumResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeQuorumResponse {
    checkVersion('DescribeQuorum', version, 0, 2);
    return readDescribeQuorumResponse(r, version);
  },
  completeRequest: completeDescribeQuorumRequest,
  completeResponse: completeDescribeQuorumResponse,
};

export interface UpdateFeaturesRequest {
  readonly timeoutMs: number;
  readonly featureUpdates: readonly UpdateFeaturesRequestFeatureUpdate[];
  readonly validateOnly: boolean;
}

export interface UpdateFeaturesRequestInput {
  readonly timeoutMs?: number | undefined;
  readonly featureUpdates: readonly UpdateFeaturesRequestFeatureUpdateInput[];
  readonly validateOnly?: boolean | undefined;
}

export interface UpdateFeaturesRequestFeatureUpdate {
  readonly feature: string;
  /** 0 takes the feature away */
  readonly maxVersionLevel: number;
  readonly allowDowngrade: boolean;
  /** 1 upgrade, 2 safe downgrade, 3 unsafe downgrade */
  readonly upgradeType: number;
}

export interface UpdateFeaturesRequestFeatureUpdateInput {
  readonly feature: string;
  /** 0 takes the feature away */
  readonly maxVersionLevel: number;
  readonly allowDowngrade?: boolean | undefined;
  /** 1 upgrade, 2 safe downgrade, 3 unsafe downgrade */
  readonly upgradeType?: number | undefined;
}

function writeUpdateFeaturesRequest(w: Writer, v: UpdateFeaturesRequestInput, version: number): void {
  w.int32((v.timeoutMs ?? 60000));
  {
    const featureUpdatesItems = v.featureUpdates;
    w.arrayLength(featureUpdatesItems.length, true);
    for (const item of featureUpdatesItems) writeUpdateFeaturesRequestFeatureUpdate(w, item, version);
  }
  if (version >= 1) {
    w.bool((v.validateOnly ?? false));
  }
  w.unsignedVarint(0);
}

function readUpdateFeaturesRequest(r: Reader, version: number): UpdateFeaturesRequest {
  const timeoutMs = r.int32();
  let featureUpdates: UpdateFeaturesRequestFeatureUpdate[] = [];
  for (let left = r.arrayLength(true, 5); left > 0; left -= 1) featureUpdates.push(readUpdateFeaturesRequestFeatureUpdate(r, version));
  const validateOnly = version >= 1 ? r.bool() : false;
  r.skipTaggedFields();
  return { timeoutMs, featureUpdates, validateOnly };
}

function completeUpdateFeaturesRequest(v: UpdateFeaturesRequestInput): UpdateFeaturesRequest {
  return {
    timeoutMs: (v.timeoutMs ?? 60000),
    featureUpdates: v.featureUpdates.map(completeUpdateFeaturesRequestFeatureUpdate),
    validateOnly: (v.validateOnly ?? false),
  };
}

function writeUpdateFeaturesRequestFeatureUpdate(w: Writer, v: UpdateFeaturesRequestFeatureUpdateInput, version: number): void {
  w.string(v.feature, true);
  w.int16(v.maxVersionLevel);
  if (version <= 0) {
    w.bool((v.allowDowngrade ?? false));
  }
  if (version >= 1) {
    w.int8((v.upgradeType ?? 1));
  }
  w.unsignedVarint(0);
}

function readUpdateFeaturesRequestFeatureUpdate(r: Reader, version: number): UpdateFeaturesRequestFeatureUpdate {
  const feature = r.string(true);
  const maxVersionLevel = r.int16();
  const allowDowngrade = version <= 0 ? r.bool() : false;
  const upgradeType = version >= 1 ? r.int8() : 1;
  r.skipTaggedFields();
  return { feature, maxVersionLevel, allowDowngrade, upgradeType };
}

function completeUpdateFeaturesRequestFeatureUpdate(v: UpdateFeaturesRequestFeatureUpdateInput): UpdateFeaturesRequestFeatureUpdate {
  return {
    feature: v.feature,
    maxVersionLevel: v.maxVersionLevel,
    allowDowngrade: (v.allowDowngrade ?? false),
    upgradeType: (v.upgradeType ?? 1),
  };
}

export interface UpdateFeaturesResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly results: readonly UpdateFeaturesResponseResult[];
}

export interface UpdateFeaturesResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly results?: readonly UpdateFeaturesResponseResultInput[] | undefined;
}

export interface UpdateFeaturesResponseResult {
  readonly feature: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface UpdateFeaturesResponseResultInput {
  readonly feature: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeUpdateFeaturesResponse(w: Writer, v: UpdateFeaturesResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  if (version <= 1) {
    {
      const resultsItems = (v.results ?? []);
      w.arrayLength(resultsItems.length, true);
      for (const item of resultsItems) writeUpdateFeaturesResponseResult(w, item, version);
    }
  }
  w.unsignedVarint(0);
}

function readUpdateFeaturesResponse(r: Reader, version: number): UpdateFeaturesResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  let results: UpdateFeaturesResponseResult[] = [];
  if (version <= 1) {
    for (let left = r.arrayLength(true, 5); left > 0; left -= 1) results.push(readUpdateFeaturesResponseResult(r, version));
  }
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, results };
}

function completeUpdateFeaturesResponse(v: UpdateFeaturesResponseInput): UpdateFeaturesResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    results: (v.results ?? []).map(completeUpdateFeaturesResponseResult),
  };
}

function writeUpdateFeaturesResponseResult(w: Writer, v: UpdateFeaturesResponseResultInput, _version: number): void {
  w.string(v.feature, true);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  w.unsignedVarint(0);
}

function readUpdateFeaturesResponseResult(r: Reader, _version: number): UpdateFeaturesResponseResult {
  const feature = r.string(true);
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  r.skipTaggedFields();
  return { feature, errorCode, errorMessage };
}

function completeUpdateFeaturesResponseResult(v: UpdateFeaturesResponseResultInput): UpdateFeaturesResponseResult {
  return {
    feature: v.feature,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const updateFeaturesApi: Api<UpdateFeaturesRequest, UpdateFeaturesResponse, UpdateFeaturesRequestInput, UpdateFeaturesResponseInput> = {
  key: 57,
  name: 'UpdateFeatures',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: UpdateFeaturesRequestInput, version: number): void {
    checkVersion('UpdateFeatures', version, 0, 2);
    writeUpdateFeaturesRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): UpdateFeaturesRequest {
    checkVersion('UpdateFeatures', version, 0, 2);
    return readUpdateFeaturesRequest(r, version);
  },
  encodeResponse(w: Writer, response: UpdateFeaturesResponseInput, version: number): void {
    checkVersion('UpdateFeatures', version, 0, 2);
    writeUpdateFeaturesResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): UpdateFeaturesResponse {
    checkVersion('UpdateFeatures', version, 0, 2);
    return readUpdateFeaturesResponse(r, version);
  },
  completeRequest: completeUpdateFeaturesRequest,
  completeResponse: completeUpdateFeaturesResponse,
};

export interface ListConfigResourcesRequest {
  /** None for all; version 0 asks for client metrics alone */
  readonly resourceTypes: readonly number[];
}

export interface ListConfigResourcesRequestInput {
  /** None for all; version 0 asks for client metrics alone */
  readonly resourceTypes?: readonly number[] | undefined;
}

function writeListConfigResourcesRequest(w: Writer, v: ListConfigResourcesRequestInput, version: number): void {
  if (version >= 1) {
    {
      const resourceTypesItems = (v.resourceTypes ?? []);
      w.arrayLength(resourceTypesItems.length, true);
      for (const item of resourceTypesItems) w.int8(item);
    }
  }
  w.unsignedVarint(0);
}

function readListConfigResourcesRequest(r: Reader, version: number): ListConfigResourcesRequest {
  let resourceTypes: number[] = [];
  if (version >= 1) {
    for (let left = r.arrayLength(true, 1); left > 0; left -= 1) resourceTypes.push(r.int8());
  }
  r.skipTaggedFields();
  return { resourceTypes };
}

function completeListConfigResourcesRequest(v: ListConfigResourcesRequestInput): ListConfigResourcesRequest {
  return {
    resourceTypes: (v.resourceTypes ?? []),
  };
}

export interface ListConfigResourcesResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly configResources: readonly ListConfigResourcesResponseConfigResource[];
}

export interface ListConfigResourcesResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly configResources: readonly ListConfigResourcesResponseConfigResourceInput[];
}

export interface ListConfigResourcesResponseConfigResource {
  readonly resourceName: string;
  readonly resourceType: number;
}

export interface ListConfigResourcesResponseConfigResourceInput {
  readonly resourceName: string;
  readonly resourceType?: number | undefined;
}

function writeListConfigResourcesResponse(w: Writer, v: ListConfigResourcesResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  {
    const configResourcesItems = v.configResources;
    w.arrayLength(configResourcesItems.length, true);
    for (const item of configResourcesItems) writeListConfigResourcesResponseConfigResource(w, item, version);
  }
  w.unsignedVarint(0);
}

function readListConfigResourcesResponse(r: Reader, version: number): ListConfigResourcesResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  let configResources: ListConfigResourcesResponseConfigResource[] = [];
  for (let left = r.arrayLength(true, 2); left > 0; left -= 1) configResources.push(readListConfigResourcesResponseConfigResource(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, configResources };
}

function completeListConfigResourcesResponse(v: ListConfigResourcesResponseInput): ListConfigResourcesResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    configResources: v.configResources.map(completeListConfigResourcesResponseConfigResource),
  };
}

function writeListConfigResourcesResponseConfigResource(w: Writer, v: ListConfigResourcesResponseConfigResourceInput, version: number): void {
  w.string(v.resourceName, true);
  if (version >= 1) {
    w.int8((v.resourceType ?? 16));
  }
  w.unsignedVarint(0);
}

function readListConfigResourcesResponseConfigResource(r: Reader, version: number): ListConfigResourcesResponseConfigResource {
  const resourceName = r.string(true);
  const resourceType = version >= 1 ? r.int8() : 16;
  r.skipTaggedFields();
  return { resourceName, resourceType };
}

function completeListConfigResourcesResponseConfigResource(v: ListConfigResourcesResponseConfigResourceInput): ListConfigResourcesResponseConfigResource {
  return {
    resourceName: v.resourceName,
    resourceType: (v.resourceType ?? 16),
  };
}

export const listConfigResourcesApi: Api<ListConfigResourcesRequest, ListConfigResourcesResponse, ListConfigResourcesRequestInput, ListConfigResourcesResponseInput> = {
  key: 74,
  name: 'ListConfigResources',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: ListConfigResourcesRequestInput, version: number): void {
    checkVersion('ListConfigResources', version, 0, 1);
    writeListConfigResourcesRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ListConfigResourcesRequest {
    checkVersion('ListConfigResources', version, 0, 1);
    return readListConfigResourcesRequest(r, version);
  },
  encodeResponse(w: Writer, response: ListConfigResourcesResponseInput, version: number): void {
    checkVersion('ListConfigResources', version, 0, 1);
    writeListConfigResourcesResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ListConfigResourcesResponse {
    checkVersion('ListConfigResources', version, 0, 1);
    return readListConfigResourcesResponse(r, version);
  },
  completeRequest: completeListConfigResourcesRequest,
  completeResponse: completeListConfigResourcesResponse,
};
