// Generated from schemas/topics.schema by generator/generate.mjs; change that and run it.
import { checkVersion, fieldNotInVersion, notNull, type Api } from '../api.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

export interface CreateTopicsRequest {
  readonly topics: readonly CreateTopicsRequestTopic[];
  readonly timeoutMs: number;
  readonly validateOnly: boolean;
}

export interface CreateTopicsRequestInput {
  readonly topics: readonly CreateTopicsRequestTopicInput[];
  readonly timeoutMs?: number | undefined;
  readonly validateOnly?: boolean | undefined;
}

export interface CreateTopicsRequestTopic {
  readonly name: string;
  /** -1 with assignments, or for the broker's default */
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly assignments: readonly CreateTopicsRequestAssignment[];
  readonly configs: readonly CreateTopicsRequestConfig[];
}

export interface CreateTopicsRequestTopicInput {
  readonly name: string;
  /** -1 with assignments, or for the broker's default */
  readonly numPartitions?: number | undefined;
  readonly replicationFactor?: number | undefined;
  readonly assignments?: readonly CreateTopicsRequestAssignmentInput[] | undefined;
  readonly configs?: readonly CreateTopicsRequestConfigInput[] | undefined;
}

export interface CreateTopicsRequestAssignment {
  readonly partitionIndex: number;
  readonly brokerIds: readonly number[];
}

export interface CreateTopicsRequestAssignmentInput {
  readonly partitionIndex: number;
  readonly brokerIds: readonly number[];
}

export interface CreateTopicsRequestConfig {
  readonly name: string;
  readonly value: string | null;
}

export interface CreateTopicsRequestConfigInput {
  readonly name: string;
  readonly value: string | null;
}

function writeCreateTopicsRequest(w: Writer, v: CreateTopicsRequestInput, version: number): void {
  const flexible = version >= 5;
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeCreateTopicsRequestTopic(w, item, version);
  }
  w.int32((v.timeoutMs ?? 60000));
  w.bool((v.validateOnly ?? false));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateTopicsRequest(r: Reader, version: number): CreateTopicsRequest {
  const flexible = version >= 5;
  let topics: CreateTopicsRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 10); left > 0; left -= 1) topics.push(readCreateTopicsRequestTopic(r, version));
  const timeoutMs = r.int32();
  const validateOnly = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topics, timeoutMs, validateOnly };
}

function completeCreateTopicsRequest(v: CreateTopicsRequestInput): CreateTopicsRequest {
  return {
    topics: v.topics.map(completeCreateTopicsRequestTopic),
    timeoutMs: (v.timeoutMs ?? 60000),
    validateOnly: (v.validateOnly ?? false),
  };
}

function writeCreateTopicsRequestTopic(w: Writer, v: CreateTopicsRequestTopicInput, version: number): void {
  const flexible = version >= 5;
  w.string(v.name, flexible);
  w.int32((v.numPartitions ?? -1));
  w.int16((v.replicationFactor ?? -1));
  {
    const assignmentsItems = (v.assignments ?? []);
    w.arrayLength(assignmentsItems.length, flexible);
    for (const item of assignmentsItems) writeCreateTopicsRequestAssignment(w, item, version);
  }
  {
    const configsItems = (v.configs ?? []);
    w.arrayLength(configsItems.length, flexible);
    for (const item of configsItems) writeCreateTopicsRequestConfig(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateTopicsRequestTopic(r: Reader, version: number): CreateTopicsRequestTopic {
  const flexible = version >= 5;
  const name = r.string(flexible);
  const numPartitions = r.int32();
  const replicationFactor = r.int16();
  let assignments: CreateTopicsRequestAssignment[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) assignments.push(readCreateTopicsRequestAssignment(r, version));
  let configs: CreateTopicsRequestConfig[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) configs.push(readCreateTopicsRequestConfig(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, numPartitions, replicationFactor, assignments, configs };
}

function completeCreateTopicsRequestTopic(v: CreateTopicsRequestTopicInput): CreateTopicsRequestTopic {
  return {
    name: v.name,
    numPartitions: (v.numPartitions ?? -1),
    replicationFactor: (v.replicationFactor ?? -1),
    assignments: (v.assignments ?? []).map(completeCreateTopicsRequestAssignment),
    configs: (v.configs ?? []).map(completeCreateTopicsRequestConfig),
  };
}

function writeCreateTopicsRequestAssignment(w: Writer, v: CreateTopicsRequestAssignmentInput, version: number): void {
  const flexible = version >= 5;
  w.int32(v.partitionIndex);
  {
    const brokerIdsItems = v.brokerIds;
    w.arrayLength(brokerIdsItems.length, flexible);
    for (const item of brokerIdsItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateTopicsRequestAssignment(r: Reader, version: number): CreateTopicsRequestAssignment {
  const flexible = version >= 5;
  const partitionIndex = r.int32();
  let brokerIds: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) brokerIds.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, brokerIds };
}

function completeCreateTopicsRequestAssignment(v: CreateTopicsRequestAssignmentInput): CreateTopicsRequestAssignment {
  return {
    partitionIndex: v.partitionIndex,
    brokerIds: v.brokerIds,
  };
}

function writeCreateTopicsRequestConfig(w: Writer, v: CreateTopicsRequestConfigInput, version: number): void {
  const flexible = version >= 5;
  w.string(v.name, flexible);
  w.nullableString(v.value, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateTopicsRequestConfig(r: Reader, version: number): CreateTopicsRequestConfig {
  const flexible = version >= 5;
  const name = r.string(flexible);
  const value = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, value };
}

function completeCreateTopicsRequestConfig(v: CreateTopicsRequestConfigInput): CreateTopicsRequestConfig {
  return {
    name: v.name,
    value: v.value,
  };
}

export interface CreateTopicsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly CreateTopicsResponseTopic[];
}

export interface CreateTopicsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly CreateTopicsResponseTopicInput[];
}

export interface CreateTopicsResponseTopic {
  readonly name: string;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topicConfigErrorCode: number;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: readonly CreateTopicsResponseConfig[] | null;
}

export interface CreateTopicsResponseTopicInput {
  readonly name: string;
  readonly topicId?: string | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly topicConfigErrorCode?: number | undefined;
  readonly numPartitions?: number | undefined;
  readonly replicationFactor?: number | undefined;
  readonly configs?: readonly CreateTopicsResponseConfigInput[] | null | undefined;
}

export interface CreateTopicsResponseConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
}

export interface CreateTopicsResponseConfigInput {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly?: boolean | undefined;
  readonly configSource?: number | undefined;
  readonly isSensitive?: boolean | undefined;
}

function writeCreateTopicsResponse(w: Writer, v: CreateTopicsResponseInput, version: number): void {
  const flexible = version >= 5;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeCreateTopicsResponseTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateTopicsResponse(r: Reader, version: number): CreateTopicsResponse {
  const flexible = version >= 5;
  const throttleTimeMs = r.int32();
  let topics: CreateTopicsResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) topics.push(readCreateTopicsResponseTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, topics };
}

function completeCreateTopicsResponse(v: CreateTopicsResponseInput): CreateTopicsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeCreateTopicsResponseTopic),
  };
}

function writeCreateTopicsResponseTopic(w: Writer, v: CreateTopicsResponseTopicInput, version: number): void {
  const flexible = version >= 5;
  w.string(v.name, flexible);
  if (version >= 7) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  if (version >= 5) {
    w.int32((v.numPartitions ?? -1));
  }
  if (version >= 5) {
    w.int16((v.replicationFactor ?? -1));
  }
  if (version >= 5) {
    {
      const configsItems = (v.configs === undefined ? [] : v.configs);
      if (configsItems === null) w.nullArray(flexible);
      else {
        w.arrayLength(configsItems.length, flexible);
        for (const item of configsItems) writeCreateTopicsResponseConfig(w, item, version);
      }
    }
  }
  if (flexible) {
    const hasTopicConfigErrorCode = version >= 5 && (v.topicConfigErrorCode ?? 0) !== 0;
    w.unsignedVarint(Number(hasTopicConfigErrorCode));
    if (hasTopicConfigErrorCode) {
      const sizeAt = w.openTaggedField(0);
      w.int16((v.topicConfigErrorCode ?? 0));
      w.closeTaggedField(sizeAt);
    }
  }
}

function readCreateTopicsResponseTopic(r: Reader, version: number): CreateTopicsResponseTopic {
  const flexible = version >= 5;
  const name = r.string(flexible);
  const topicId = version >= 7 ? r.uuid() : ZERO_UUID;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  let topicConfigErrorCode: number = 0;
  const numPartitions = version >= 5 ? r.int32() : -1;
  const replicationFactor = version >= 5 ? r.int16() : -1;
  let configs: CreateTopicsResponseConfig[] | null = [];
  if (version >= 5) {
    const configsCount = r.nullableArrayLength(flexible, 6);
    if (configsCount === -1) configs = null;
    else {
      configs = [];
      for (let left = configsCount; left > 0; left -= 1) configs.push(readCreateTopicsResponseConfig(r, version));
    }
  }
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 5) {
        topicConfigErrorCode = r.int16();
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { name, topicId, errorCode, errorMessage, topicConfigErrorCode, numPartitions, replicationFactor, configs };
}

function completeCreateTopicsResponseTopic(v: CreateTopicsResponseTopicInput): CreateTopicsResponseTopic {
  return {
    name: v.name,
    topicId: (v.topicId ?? ZERO_UUID),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    topicConfigErrorCode: (v.topicConfigErrorCode ?? 0),
    numPartitions: (v.numPartitions ?? -1),
    replicationFactor: (v.replicationFactor ?? -1),
    configs: (v.configs === undefined ? [] : v.configs)?.map(completeCreateTopicsResponseConfig) ?? null,
  };
}

function writeCreateTopicsResponseConfig(w: Writer, v: CreateTopicsResponseConfigInput, version: number): void {
  const flexible = version >= 5;
  w.string(v.name, flexible);
  w.nullableString(v.value, flexible);
  w.bool((v.readOnly ?? false));
  w.int8((v.configSource ?? -1));
  w.bool((v.isSensitive ?? false));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateTopicsResponseConfig(r: Reader, version: number): CreateTopicsResponseConfig {
  const flexible = version >= 5;
  const name = r.string(flexible);
  const value = r.nullableString(flexible);
  const readOnly = r.bool();
  const configSource = r.int8();
  const isSensitive = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, value, readOnly, configSource, isSensitive };
}

function completeCreateTopicsResponseConfig(v: CreateTopicsResponseConfigInput): CreateTopicsResponseConfig {
  return {
    name: v.name,
    value: v.value,
    readOnly: (v.readOnly ?? false),
    configSource: (v.configSource ?? -1),
    isSensitive: (v.isSensitive ?? false),
  };
}

export const createTopicsApi: Api<CreateTopicsRequest, CreateTopicsResponse, CreateTopicsRequestInput, CreateTopicsResponseInput> = {
  key: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 7,
  advertisedMinVersion: 2,
  flexibleFrom: 5,
  encodeRequest(w: Writer, request: CreateTopicsRequestInput, version: number): void {
    checkVersion('CreateTopics', version, 2, 7);
    writeCreateTopicsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): CreateTopicsRequest {
    checkVersion('CreateTopics', version, 2, 7);
    return readCreateTopicsRequest(r, version);
  },
  encodeResponse(w: Writer, response: CreateTopicsResponseInput, version: number): void {
    checkVersion('CreateTopics', version, 2, 7);
    writeCreateTopicsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): CreateTopicsResponse {
    checkVersion('CreateTopics', version, 2, 7);
    return readCreateTopicsResponse(r, version);
  },
  completeRequest: completeCreateTopicsRequest,
  completeResponse: completeCreateTopicsResponse,
};

export interface DeleteTopicsRequest {
  readonly topics: readonly DeleteTopicsRequestTopic[];
  readonly topicNames: readonly string[];
  readonly timeoutMs: number;
}

export interface DeleteTopicsRequestInput {
  readonly topics?: readonly DeleteTopicsRequestTopicInput[] | undefined;
  readonly topicNames?: readonly string[] | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface DeleteTopicsRequestTopic {
  readonly name: string | null;
  readonly topicId: string;
}

export interface DeleteTopicsRequestTopicInput {
  readonly name?: string | null | undefined;
  readonly topicId?: string | undefined;
}

function writeDeleteTopicsRequest(w: Writer, v: DeleteTopicsRequestInput, version: number): void {
  const flexible = version >= 4;
  if (version >= 6) {
    {
      const topicsItems = (v.topics ?? []);
      w.arrayLength(topicsItems.length, flexible);
      for (const item of topicsItems) writeDeleteTopicsRequestTopic(w, item, version);
    }
  } else if ((v.topics ?? []).length > 0) {
    throw fieldNotInVersion('DeleteTopicsRequest.topics', version);
  }
  if (version <= 5) {
    {
      const topicNamesItems = (v.topicNames ?? []);
      w.arrayLength(topicNamesItems.length, flexible);
      for (const item of topicNamesItems) w.string(item, flexible);
    }
  }
  w.int32((v.timeoutMs ?? 30000));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteTopicsRequest(r: Reader, version: number): DeleteTopicsRequest {
  const flexible = version >= 4;
  let topics: DeleteTopicsRequestTopic[] = [];
  if (version >= 6) {
    for (let left = r.arrayLength(flexible, 18); left > 0; left -= 1) topics.push(readDeleteTopicsRequestTopic(r, version));
  }
  let topicNames: string[] = [];
  if (version <= 5) {
    for (let left = r.arrayLength(flexible, 1); left > 0; left -= 1) topicNames.push(r.string(flexible));
  }
  const timeoutMs = r.int32();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topics, topicNames, timeoutMs };
}

function completeDeleteTopicsRequest(v: DeleteTopicsRequestInput): DeleteTopicsRequest {
  return {
    topics: (v.topics ?? []).map(completeDeleteTopicsRequestTopic),
    topicNames: (v.topicNames ?? []),
    timeoutMs: (v.timeoutMs ?? 30000),
  };
}

function writeDeleteTopicsRequestTopic(w: Writer, v: DeleteTopicsRequestTopicInput, version: number): void {
  const flexible = version >= 4;
  w.nullableString((v.name ?? null), flexible);
  w.uuid((v.topicId ?? ZERO_UUID));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteTopicsRequestTopic(r: Reader, version: number): DeleteTopicsRequestTopic {
  const flexible = version >= 4;
  const name = r.nullableString(flexible);
  const topicId = r.uuid();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, topicId };
}

function completeDeleteTopicsRequestTopic(v: DeleteTopicsRequestTopicInput): DeleteTopicsRequestTopic {
  return {
    name: (v.name ?? null),
    topicId: (v.topicId ?? ZERO_UUID),
  };
}

export interface DeleteTopicsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly DeleteTopicsResponseResult[];
}

export interface DeleteTopicsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly responses: readonly DeleteTopicsResponseResultInput[];
}

export interface DeleteTopicsResponseResult {
  readonly name: string | null;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface DeleteTopicsResponseResultInput {
  readonly name: string | null;
  readonly topicId?: string | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeDeleteTopicsResponse(w: Writer, v: DeleteTopicsResponseInput, version: number): void {
  const flexible = version >= 4;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const responsesItems = v.responses;
    w.arrayLength(responsesItems.length, flexible);
    for (const item of responsesItems) writeDeleteTopicsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteTopicsResponse(r: Reader, version: number): DeleteTopicsResponse {
  const flexible = version >= 4;
  const throttleTimeMs = r.int32();
  let responses: DeleteTopicsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) responses.push(readDeleteTopicsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, responses };
}

function completeDeleteTopicsResponse(v: DeleteTopicsResponseInput): DeleteTopicsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    responses: v.responses.map(completeDeleteTopicsResponseResult),
  };
}

function writeDeleteTopicsResponseResult(w: Writer, v: DeleteTopicsResponseResultInput, version: number): void {
  const flexible = version >= 4;
  if (version >= 6) w.nullableString(v.name, flexible);
  else w.string(notNull(v.name, 'DeleteTopicsResponse.name'), flexible);
  if (version >= 6) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  w.int16(v.errorCode);
  if (version >= 5) {
    w.nullableString((v.errorMessage ?? null), flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteTopicsResponseResult(r: Reader, version: number): DeleteTopicsResponseResult {
  const flexible = version >= 4;
  const name = (version >= 6 ? r.nullableString(flexible) : r.string(flexible));
  const topicId = version >= 6 ? r.uuid() : ZERO_UUID;
  const errorCode = r.int16();
  const errorMessage = version >= 5 ? r.nullableString(flexible) : null;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, topicId, errorCode, errorMessage };
}

function completeDeleteTopicsResponseResult(v: DeleteTopicsResponseResultInput): DeleteTopicsResponseResult {
  return {
    name: v.name,
    topicId: (v.topicId ?? ZERO_UUID),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const deleteTopicsApi: Api<DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicsRequestInput, DeleteTopicsResponseInput> = {
  key: 20,
  name: 'DeleteTopics',
  minVersion: 1,
  maxVersion: 6,
  advertisedMinVersion: 1,
  flexibleFrom: 4,
  encodeRequest(w: Writer, request: DeleteTopicsRequestInput, version: number): void {
    checkVersion('DeleteTopics', version, 1, 6);
    writeDeleteTopicsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DeleteTopicsRequest {
    checkVersion('DeleteTopics', version, 1, 6);
    return readDeleteTopicsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DeleteTopicsResponseInput, version: number): void {
    checkVersion('DeleteTopics', version, 1, 6);
    writeDeleteTopicsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DeleteTopicsResponse {
    checkVersion('DeleteTopics', version, 1, 6);
    return readDeleteTopicsResponse(r, version);
  },
  completeRequest: completeDeleteTopicsRequest,
  completeResponse: completeDeleteTopicsResponse,
};

export interface CreatePartitionsRequest {
  readonly topics: readonly CreatePartitionsRequestTopic[];
  readonly timeoutMs: number;
  readonly validateOnly: boolean;
}

export interface CreatePartitionsRequestInput {
  readonly topics: readonly CreatePartitionsRequestTopicInput[];
  readonly timeoutMs?: number | undefined;
  readonly validateOnly?: boolean | undefined;
}

export interface CreatePartitionsRequestTopic {
  readonly name: string;
  /** The new total */
  readonly count: number;
  /** Of the new partitions only */
  readonly assignments: readonly CreatePartitionsRequestAssignment[] | null;
}

export interface CreatePartitionsRequestTopicInput {
  readonly name: string;
  /** The new total */
  readonly count: number;
  /** Of the new partitions only */
  readonly assignments?: readonly CreatePartitionsRequestAssignmentInput[] | null | undefined;
}

export interface CreatePartitionsRequestAssignment {
  readonly brokerIds: readonly number[];
}

export interface CreatePartitionsRequestAssignmentInput {
  readonly brokerIds: readonly number[];
}

function writeCreatePartitionsRequest(w: Writer, v: CreatePartitionsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeCreatePartitionsRequestTopic(w, item, version);
  }
  w.int32((v.timeoutMs ?? 30000));
  w.bool((v.validateOnly ?? false));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreatePartitionsRequest(r: Reader, version: number): CreatePartitionsRequest {
  const flexible = version >= 2;
  let topics: CreatePartitionsRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 7); left > 0; left -= 1) topics.push(readCreatePartitionsRequestTopic(r, version));
  const timeoutMs = r.int32();
  const validateOnly = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topics, timeoutMs, validateOnly };
}

function completeCreatePartitionsRequest(v: CreatePartitionsRequestInput): CreatePartitionsRequest {
  return {
    topics: v.topics.map(completeCreatePartitionsRequestTopic),
    timeoutMs: (v.timeoutMs ?? 30000),
    validateOnly: (v.validateOnly ?? false),
  };
}

function writeCreatePartitionsRequestTopic(w: Writer, v: CreatePartitionsRequestTopicInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.name, flexible);
  w.int32(v.count);
  {
    const assignmentsItems = (v.assignments ?? null);
    if (assignmentsItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(assignmentsItems.length, flexible);
      for (const item of assignmentsItems) writeCreatePartitionsRequestAssignment(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreatePartitionsRequestTopic(r: Reader, version: number): CreatePartitionsRequestTopic {
  const flexible = version >= 2;
  const name = r.string(flexible);
  const count = r.int32();
  let assignments: CreatePartitionsRequestAssignment[] | null = null;
  const assignmentsCount = r.nullableArrayLength(flexible, 2);
  if (assignmentsCount === -1) assignments = null;
  else {
    assignments = [];
    for (let left = assignmentsCount; left > 0; left -= 1) assignments.push(readCreatePartitionsRequestAssignment(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, count, assignments };
}

function completeCreatePartitionsRequestTopic(v: CreatePartitionsRequestTopicInput): CreatePartitionsRequestTopic {
  return {
    name: v.name,
    count: v.count,
    assignments: (v.assignments ?? null)?.map(completeCreatePartitionsRequestAssignment) ?? null,
  };
}

function writeCreatePartitionsRequestAssignment(w: Writer, v: CreatePartitionsRequestAssignmentInput, version: number): void {
  const flexible = version >= 2;
  {
    const brokerIdsItems = v.brokerIds;
    w.arrayLength(brokerIdsItems.length, flexible);
    for (const item of brokerIdsItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreatePartitionsRequestAssignment(r: Reader, version: number): CreatePartitionsRequestAssignment {
  const flexible = version >= 2;
  let brokerIds: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) brokerIds.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { brokerIds };
}

function completeCreatePartitionsRequestAssignment(v: CreatePartitionsRequestAssignmentInput): CreatePartitionsRequestAssignment {
  return {
    brokerIds: v.brokerIds,
  };
}

export interface CreatePartitionsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly CreatePartitionsResponseResult[];
}

export interface CreatePartitionsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly results: readonly CreatePartitionsResponseResultInput[];
}

export interface CreatePartitionsResponseResult {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface CreatePartitionsResponseResultInput {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeCreatePartitionsResponse(w: Writer, v: CreatePartitionsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, flexible);
    for (const item of resultsItems) writeCreatePartitionsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreatePartitionsResponse(r: Reader, version: number): CreatePartitionsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  let results: CreatePartitionsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) results.push(readCreatePartitionsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, results };
}

function completeCreatePartitionsResponse(v: CreatePartitionsResponseInput): CreatePartitionsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    results: v.results.map(completeCreatePartitionsResponseResult),
  };
}

function writeCreatePartitionsResponseResult(w: Writer, v: CreatePartitionsResponseResultInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.name, flexible);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreatePartitionsResponseResult(r: Reader, version: number): CreatePartitionsResponseResult {
  const flexible = version >= 2;
  const name = r.string(flexible);
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, errorCode, errorMessage };
}

function completeCreatePartitionsResponseResult(v: CreatePartitionsResponseResultInput): CreatePartitionsResponseResult {
  return {
    name: v.name,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const createPartitionsApi: Api<CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsRequestInput, CreatePartitionsResponseInput> = {
  key: 37,
  name: 'CreatePartitions',
  minVersion: 0,
  maxVersion: 3,
  advertisedMinVersion: 0,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: CreatePartitionsRequestInput, version: number): void {
    checkVersion('CreatePartitions', version, 0, 3);
    writeCreatePartitionsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): CreatePartitionsRequest {
    checkVersion('CreatePartitions', version, 0, 3);
    return readCreatePartitionsRequest(r, version);
  },
  encodeResponse(w: Writer, response: CreatePartitionsResponseInput, version: number): void {
    checkVersion('CreatePartitions', version, 0, 3);
    writeCreatePartitionsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): CreatePartitionsResponse {
    checkVersion('CreatePartitions', version, 0, 3);
    return readCreatePartitionsResponse(r, version);
  },
  completeRequest: completeCreatePartitionsRequest,
  completeResponse: completeCreatePartitionsResponse,
};

export interface DescribeConfigsRequest {
  readonly resources: readonly DescribeConfigsRequestResource[];
  readonly includeSynonyms: boolean;
  readonly includeDocumentation: boolean;
}

export interface DescribeConfigsRequestInput {
  readonly resources: readonly DescribeConfigsRequestResourceInput[];
  readonly includeSynonyms?: boolean | undefined;
  readonly includeDocumentation?: boolean | undefined;
}

export interface DescribeConfigsRequestResource {
  /** 2 topic, 4 broker, 8 broker logger */
  readonly resourceType: number;
  readonly resourceName: string;
  /** Null all */
  readonly configurationKeys: readonly string[] | null;
}

export interface DescribeConfigsRequestResourceInput {
  /** 2 topic, 4 broker, 8 broker logger */
  readonly resourceType: number;
  readonly resourceName: string;
  /** Null all */
  readonly configurationKeys?: readonly string[] | null | undefined;
}

function writeDescribeConfigsRequest(w: Writer, v: DescribeConfigsRequestInput, version: number): void {
  const flexible = version >= 4;
  {
    const resourcesItems = v.resources;
    w.arrayLength(resourcesItems.length, flexible);
    for (const item of resourcesItems) writeDescribeConfigsRequestResource(w, item, version);
  }
  w.bool((v.includeSynonyms ?? false));
  if (version >= 3) {
    w.bool((v.includeDocumentation ?? false));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeConfigsRequest(r: Reader, version: number): DescribeConfigsRequest {
  const flexible = version >= 4;
  let resources: DescribeConfigsRequestResource[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) resources.push(readDescribeConfigsRequestResource(r, version));
  const includeSynonyms = r.bool();
  const includeDocumentation = version >= 3 ? r.bool() : false;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resources, includeSynonyms, includeDocumentation };
}

function completeDescribeConfigsRequest(v: DescribeConfigsRequestInput): DescribeConfigsRequest {
  return {
    resources: v.resources.map(completeDescribeConfigsRequestResource),
    includeSynonyms: (v.includeSynonyms ?? false),
    includeDocumentation: (v.includeDocumentation ?? false),
  };
}

function writeDescribeConfigsRequestResource(w: Writer, v: DescribeConfigsRequestResourceInput, version: number): void {
  const flexible = version >= 4;
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  {
    const configurationKeysItems = (v.configurationKeys ?? null);
    if (configurationKeysItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(configurationKeysItems.length, flexible);
      for (const item of configurationKeysItems) w.string(item, flexible);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeConfigsRequestResource(r: Reader, version: number): DescribeConfigsRequestResource {
  const flexible = version >= 4;
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  let configurationKeys: string[] | null = null;
  const configurationKeysCount = r.nullableArrayLength(flexible, 1);
  if (configurationKeysCount === -1) configurationKeys = null;
  else {
    configurationKeys = [];
    for (let left = configurationKeysCount; left > 0; left -= 1) configurationKeys.push(r.string(flexible));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resourceType, resourceName, configurationKeys };
}

function completeDescribeConfigsRequestResource(v: DescribeConfigsRequestResourceInput): DescribeConfigsRequestResource {
  return {
    resourceType: v.resourceType,
    resourceName: v.resourceName,
    configurationKeys: (v.configurationKeys ?? null),
  };
}

export interface DescribeConfigsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly DescribeConfigsResponseResult[];
}

export interface DescribeConfigsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly results: readonly DescribeConfigsResponseResultInput[];
}

export interface DescribeConfigsResponseResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly DescribeConfigsResponseConfig[];
}

export interface DescribeConfigsResponseResultInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly DescribeConfigsResponseConfigInput[];
}

export interface DescribeConfigsResponseConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  /** 1 topic, 2 dynamic broker, 3 dynamic default, 4 static broker, 5 default */
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly synonyms: readonly DescribeConfigsResponseSynonym[];
  /** 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password */
  readonly configType: number;
  readonly documentation: string | null;
}

export interface DescribeConfigsResponseConfigInput {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly?: boolean | undefined;
  /** 1 topic, 2 dynamic broker, 3 dynamic default, 4 static broker, 5 default */
  readonly configSource?: number | undefined;
  readonly isSensitive?: boolean | undefined;
  readonly synonyms?: readonly DescribeConfigsResponseSynonymInput[] | undefined;
  /** 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password */
  readonly configType?: number | undefined;
  readonly documentation?: string | null | undefined;
}

export interface DescribeConfigsResponseSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

export interface DescribeConfigsResponseSynonymInput {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

function writeDescribeConfigsResponse(w: Writer, v: DescribeConfigsResponseInput, version: number): void {
  const flexible = version >= 4;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, flexible);
    for (const item of resultsItems) writeDescribeConfigsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeConfigsResponse(r: Reader, version: number): DescribeConfigsResponse {
  const flexible = version >= 4;
  const throttleTimeMs = r.int32();
  let results: DescribeConfigsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 7); left > 0; left -= 1) results.push(readDescribeConfigsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, results };
}

function completeDescribeConfigsResponse(v: DescribeConfigsResponseInput): DescribeConfigsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    results: v.results.map(completeDescribeConfigsResponseResult),
  };
}

function writeDescribeConfigsResponseResult(w: Writer, v: DescribeConfigsResponseResultInput, version: number): void {
  const flexible = version >= 4;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  {
    const configsItems = v.configs;
    w.arrayLength(configsItems.length, flexible);
    for (const item of configsItems) writeDescribeConfigsResponseConfig(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeConfigsResponseResult(r: Reader, version: number): DescribeConfigsResponseResult {
  const flexible = version >= 4;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  let configs: DescribeConfigsResponseConfig[] = [];
  for (let left = r.arrayLength(flexible, 9); left > 0; left -= 1) configs.push(readDescribeConfigsResponseConfig(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, resourceType, resourceName, configs };
}

function completeDescribeConfigsResponseResult(v: DescribeConfigsResponseResultInput): DescribeConfigsResponseResult {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    resourceType: v.resourceType,
    resourceName: v.resourceName,
    configs: v.configs.map(completeDescribeConfigsResponseConfig),
  };
}

function writeDescribeConfigsResponseConfig(w: Writer, v: DescribeConfigsResponseConfigInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.name, flexible);
  w.nullableString(v.value, flexible);
  w.bool((v.readOnly ?? false));
  w.int8((v.configSource ?? -1));
  w.bool((v.isSensitive ?? false));
  {
    const synonymsItems = (v.synonyms ?? []);
    w.arrayLength(synonymsItems.length, flexible);
    for (const item of synonymsItems) writeDescribeConfigsResponseSynonym(w, item, version);
  }
  if (version >= 3) {
    w.int8((v.configType ?? 0));
  }
  if (version >= 3) {
    w.nullableString((v.documentation ?? null), flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeConfigsResponseConfig(r: Reader, version: number): DescribeConfigsResponseConfig {
  const flexible = version >= 4;
  const name = r.string(flexible);
  const value = r.nullableString(flexible);
  const readOnly = r.bool();
  const configSource = r.int8();
  const isSensitive = r.bool();
  let synonyms: DescribeConfigsResponseSynonym[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) synonyms.push(readDescribeConfigsResponseSynonym(r, version));
  const configType = version >= 3 ? r.int8() : 0;
  const documentation = version >= 3 ? r.nullableString(flexible) : null;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, value, readOnly, configSource, isSensitive, synonyms, configType, documentation };
}

function completeDescribeConfigsResponseConfig(v: DescribeConfigsResponseConfigInput): DescribeConfigsResponseConfig {
  return {
    name: v.name,
    value: v.value,
    readOnly: (v.readOnly ?? false),
    configSource: (v.configSource ?? -1),
    isSensitive: (v.isSensitive ?? false),
    synonyms: (v.synonyms ?? []).map(completeDescribeConfigsResponseSynonym),
    configType: (v.configType ?? 0),
    documentation: (v.documentation ?? null),
  };
}

function writeDescribeConfigsResponseSynonym(w: Writer, v: DescribeConfigsResponseSynonymInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.name, flexible);
  w.nullableString(v.value, flexible);
  w.int8(v.source);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeConfigsResponseSynonym(r: Reader, version: number): DescribeConfigsResponseSynonym {
  const flexible = version >= 4;
  const name = r.string(flexible);
  const value = r.nullableString(flexible);
  const source = r.int8();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, value, source };
}

function completeDescribeConfigsResponseSynonym(v: DescribeConfigsResponseSynonymInput): DescribeConfigsResponseSynonym {
  return {
    name: v.name,
    value: v.value,
    source: v.source,
  };
}

export const describeConfigsApi: Api<DescribeConfigsRequest, DescribeConfigsResponse, DescribeConfigsRequestInput, DescribeConfigsResponseInput> = {
  key: 32,
  name: 'DescribeConfigs',
  minVersion: 1,
  maxVersion: 4,
  advertisedMinVersion: 1,
  flexibleFrom: 4,
  encodeRequest(w: Writer, request: DescribeConfigsRequestInput, version: number): void {
    checkVersion('DescribeConfigs', version, 1, 4);
    writeDescribeConfigsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeConfigsRequest {
    checkVersion('DescribeConfigs', version, 1, 4);
    return readDescribeConfigsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeConfigsResponseInput, version: number): void {
    checkVersion('DescribeConfigs', version, 1, 4);
    writeDescribeConfigsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeConfigsResponse {
    checkVersion('DescribeConfigs', version, 1, 4);
    return readDescribeConfigsResponse(r, version);
  },
  completeRequest: completeDescribeConfigsRequest,
  completeResponse: completeDescribeConfigsResponse,
};

export interface AlterConfigsRequest {
  readonly resources: readonly AlterConfigsRequestResource[];
  readonly validateOnly: boolean;
}

export interface AlterConfigsRequestInput {
  readonly resources: readonly AlterConfigsRequestResourceInput[];
  readonly validateOnly?: boolean | undefined;
}

export interface AlterConfigsRequestResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly AlterConfigsRequestConfig[];
}

export interface AlterConfigsRequestResourceInput {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly AlterConfigsRequestConfigInput[];
}

export interface AlterConfigsRequestConfig {
  readonly name: string;
  readonly value: string | null;
}

export interface AlterConfigsRequestConfigInput {
  readonly name: string;
  readonly value: string | null;
}

function writeAlterConfigsRequest(w: Writer, v: AlterConfigsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const resourcesItems = v.resources;
    w.arrayLength(resourcesItems.length, flexible);
    for (const item of resourcesItems) writeAlterConfigsRequestResource(w, item, version);
  }
  w.bool((v.validateOnly ?? false));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterConfigsRequest(r: Reader, version: number): AlterConfigsRequest {
  const flexible = version >= 2;
  let resources: AlterConfigsRequestResource[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) resources.push(readAlterConfigsRequestResource(r, version));
  const validateOnly = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resources, validateOnly };
}

function completeAlterConfigsRequest(v: AlterConfigsRequestInput): AlterConfigsRequest {
  return {
    resources: v.resources.map(completeAlterConfigsRequestResource),
    validateOnly: (v.validateOnly ?? false),
  };
}

function writeAlterConfigsRequestResource(w: Writer, v: AlterConfigsRequestResourceInput, version: number): void {
  const flexible = version >= 2;
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  {
    const configsItems = v.configs;
    w.arrayLength(configsItems.length, flexible);
    for (const item of configsItems) writeAlterConfigsRequestConfig(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterConfigsRequestResource(r: Reader, version: number): AlterConfigsRequestResource {
  const flexible = version >= 2;
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  let configs: AlterConfigsRequestConfig[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) configs.push(readAlterConfigsRequestConfig(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resourceType, resourceName, configs };
}

function completeAlterConfigsRequestResource(v: AlterConfigsRequestResourceInput): AlterConfigsRequestResource {
  return {
    resourceType: v.resourceType,
    resourceName: v.resourceName,
    configs: v.configs.map(completeAlterConfigsRequestConfig),
  };
}

function writeAlterConfigsRequestConfig(w: Writer, v: AlterConfigsRequestConfigInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.name, flexible);
  w.nullableString(v.value, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterConfigsRequestConfig(r: Reader, version: number): AlterConfigsRequestConfig {
  const flexible = version >= 2;
  const name = r.string(flexible);
  const value = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, value };
}

function completeAlterConfigsRequestConfig(v: AlterConfigsRequestConfigInput): AlterConfigsRequestConfig {
  return {
    name: v.name,
    value: v.value,
  };
}

export interface AlterConfigsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly AlterConfigsResponseResult[];
}

export interface AlterConfigsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly responses: readonly AlterConfigsResponseResultInput[];
}

export interface AlterConfigsResponseResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

export interface AlterConfigsResponseResultInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly resourceType: number;
  readonly resourceName: string;
}

function writeAlterConfigsResponse(w: Writer, v: AlterConfigsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const responsesItems = v.responses;
    w.arrayLength(responsesItems.length, flexible);
    for (const item of responsesItems) writeAlterConfigsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterConfigsResponse(r: Reader, version: number): AlterConfigsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  let responses: AlterConfigsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) responses.push(readAlterConfigsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, responses };
}

function completeAlterConfigsResponse(v: AlterConfigsResponseInput): AlterConfigsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    responses: v.responses.map(completeAlterConfigsResponseResult),
  };
}

function writeAlterConfigsResponseResult(w: Writer, v: AlterConfigsResponseResultInput, version: number): void {
  const flexible = version >= 2;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterConfigsResponseResult(r: Reader, version: number): AlterConfigsResponseResult {
  const flexible = version >= 2;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, resourceType, resourceName };
}

function completeAlterConfigsResponseResult(v: AlterConfigsResponseResultInput): AlterConfigsResponseResult {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    resourceType: v.resourceType,
    resourceName: v.resourceName,
  };
}

export const alterConfigsApi: Api<AlterConfigsRequest, AlterConfigsResponse, AlterConfigsRequestInput, AlterConfigsResponseInput> = {
  key: 33,
  name: 'AlterConfigs',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: AlterConfigsRequestInput, version: number): void {
    checkVersion('AlterConfigs', version, 0, 2);
    writeAlterConfigsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): AlterConfigsRequest {
    checkVersion('AlterConfigs', version, 0, 2);
    return readAlterConfigsRequest(r, version);
  },
  encodeResponse(w: Writer, response: AlterConfigsResponseInput, version: number): void {
    checkVersion('AlterConfigs', version, 0, 2);
    writeAlterConfigsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): AlterConfigsResponse {
    checkVersion('AlterConfigs', version, 0, 2);
    return readAlterConfigsResponse(r, version);
  },
  completeRequest: completeAlterConfigsRequest,
  completeResponse: completeAlterConfigsResponse,
};

export interface IncrementalAlterConfigsRequest {
  readonly resources: readonly IncrementalAlterConfigsRequestResource[];
  readonly validateOnly: boolean;
}

export interface IncrementalAlterConfigsRequestInput {
  readonly resources: readonly IncrementalAlterConfigsRequestResourceInput[];
  readonly validateOnly?: boolean | undefined;
}

export interface IncrementalAlterConfigsRequestResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly IncrementalAlterConfigsRequestConfig[];
}

export interface IncrementalAlterConfigsRequestResourceInput {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly IncrementalAlterConfigsRequestConfigInput[];
}

export interface IncrementalAlterConfigsRequestConfig {
  readonly name: string;
  /** 0 set, 1 delete, 2 append, 3 subtract */
  readonly configOperation: number;
  readonly value: string | null;
}

export interface IncrementalAlterConfigsRequestConfigInput {
  readonly name: string;
  /** 0 set, 1 delete, 2 append, 3 subtract */
  readonly configOperation: number;
  readonly value?: string | null | undefined;
}

function writeIncrementalAlterConfigsRequest(w: Writer, v: IncrementalAlterConfigsRequestInput, version: number): void {
  const flexible = version >= 1;
  {
    const resourcesItems = v.resources;
    w.arrayLength(resourcesItems.length, flexible);
    for (const item of resourcesItems) writeIncrementalAlterConfigsRequestResource(w, item, version);
  }
  w.bool((v.validateOnly ?? false));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readIncrementalAlterConfigsRequest(r: Reader, version: number): IncrementalAlterConfigsRequest {
  const flexible = version >= 1;
  let resources: IncrementalAlterConfigsRequestResource[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) resources.push(readIncrementalAlterConfigsRequestResource(r, version));
  const validateOnly = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resources, validateOnly };
}

function completeIncrementalAlterConfigsRequest(v: IncrementalAlterConfigsRequestInput): IncrementalAlterConfigsRequest {
  return {
    resources: v.resources.map(completeIncrementalAlterConfigsRequestResource),
    validateOnly: (v.validateOnly ?? false),
  };
}

function writeIncrementalAlterConfigsRequestResource(w: Writer, v: IncrementalAlterConfigsRequestResourceInput, version: number): void {
  const flexible = version >= 1;
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  {
    const configsItems = v.configs;
    w.arrayLength(configsItems.length, flexible);
    for (const item of configsItems) writeIncrementalAlterConfigsRequestConfig(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readIncrementalAlterConfigsRequestResource(r: Reader, version: number): IncrementalAlterConfigsRequestResource {
  const flexible = version >= 1;
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  let configs: IncrementalAlterConfigsRequestConfig[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) configs.push(readIncrementalAlterConfigsRequestConfig(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resourceType, resourceName, configs };
}

function completeIncrementalAlterConfigsRequestResource(v: IncrementalAlterConfigsRequestResourceInput): IncrementalAlterConfigsRequestResource {
  return {
    resourceType: v.resourceType,
    resourceName: v.resourceName,
    configs: v.configs.map(completeIncrementalAlterConfigsRequestConfig),
  };
}

function writeIncrementalAlterConfigsRequestConfig(w: Writer, v: IncrementalAlterConfigsRequestConfigInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.name, flexible);
  w.int8(v.configOperation);
  w.nullableString((v.value ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readIncrementalAlterConfigsRequestConfig(r: Reader, version: number): IncrementalAlterConfigsRequestConfig {
  const flexible = version >= 1;
  const name = r.string(flexible);
  const configOperation = r.int8();
  const value = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, configOperation, value };
}

function completeIncrementalAlterConfigsRequestConfig(v: IncrementalAlterConfigsRequestConfigInput): IncrementalAlterConfigsRequestConfig {
  return {
    name: v.name,
    configOperation: v.configOperation,
    value: (v.value ?? null),
  };
}

export interface IncrementalAlterConfigsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly IncrementalAlterConfigsResponseResult[];
}

export interface IncrementalAlterConfigsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly responses: readonly IncrementalAlterConfigsResponseResultInput[];
}

export interface IncrementalAlterConfigsResponseResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

export interface IncrementalAlterConfigsResponseResultInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly resourceType: number;
  readonly resourceName: string;
}

function writeIncrementalAlterConfigsResponse(w: Writer, v: IncrementalAlterConfigsResponseInput, version: number): void {
  const flexible = version >= 1;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const responsesItems = v.responses;
    w.arrayLength(responsesItems.length, flexible);
    for (const item of responsesItems) writeIncrementalAlterConfigsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readIncrementalAlterConfigsResponse(r: Reader, version: number): IncrementalAlterConfigsResponse {
  const flexible = version >= 1;
  const throttleTimeMs = r.int32();
  let responses: IncrementalAlterConfigsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) responses.push(readIncrementalAlterConfigsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, responses };
}

function completeIncrementalAlterConfigsResponse(v: IncrementalAlterConfigsResponseInput): IncrementalAlterConfigsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    responses: v.responses.map(completeIncrementalAlterConfigsResponseResult),
  };
}

function writeIncrementalAlterConfigsResponseResult(w: Writer, v: IncrementalAlterConfigsResponseResultInput, version: number): void {
  const flexible = version >= 1;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readIncrementalAlterConfigsResponseResult(r: Reader, version: number): IncrementalAlterConfigsResponseResult {
  const flexible = version >= 1;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, resourceType, resourceName };
}

function completeIncrementalAlterConfigsResponseResult(v: IncrementalAlterConfigsResponseResultInput): IncrementalAlterConfigsResponseResult {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    resourceType: v.resourceType,
    resourceName: v.resourceName,
  };
}

export const incrementalAlterConfigsApi: Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, IncrementalAlterConfigsRequestInput, IncrementalAlterConfigsResponseInput> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: 1,
  encodeRequest(w: Writer, request: IncrementalAlterConfigsRequestInput, version: number): void {
    checkVersion('IncrementalAlterConfigs', version, 0, 1);
    writeIncrementalAlterConfigsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): IncrementalAlterConfigsRequest {
    checkVersion('IncrementalAlterConfigs', version, 0, 1);
    return readIncrementalAlterConfigsRequest(r, version);
  },
  encodeResponse(w: Writer, response: IncrementalAlterConfigsResponseInput, version: number): void {
    checkVersion('IncrementalAlterConfigs', version, 0, 1);
    writeIncrementalAlterConfigsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): IncrementalAlterConfigsResponse {
    checkVersion('IncrementalAlterConfigs', version, 0, 1);
    return readIncrementalAlterConfigsResponse(r, version);
  },
  completeRequest: completeIncrementalAlterConfigsRequest,
  completeResponse: completeIncrementalAlterConfigsResponse,
};

export interface DescribeTopicPartitionsRequest {
  /** In the order of their names; none for all */
  readonly topics: readonly DescribeTopicPartitionsRequestTopic[];
  readonly responsePartitionLimit: number;
  /** Where the answer before this one ended */
  readonly cursor: DescribeTopicPartitionsRequestCursor | null;
}

export interface DescribeTopicPartitionsRequestInput {
  /** In the order of their names; none for all */
  readonly topics: readonly DescribeTopicPartitionsRequestTopicInput[];
  readonly responsePartitionLimit?: number | undefined;
  /** Where the answer before this one ended */
  readonly cursor?: DescribeTopicPartitionsRequestCursorInput | null | undefined;
}

export interface DescribeTopicPartitionsRequestTopic {
  readonly name: string;
}

export interface DescribeTopicPartitionsRequestTopicInput {
  readonly name: string;
}

export interface DescribeTopicPartitionsRequestCursor {
  readonly topicName: string;
  readonly partitionIndex: number;
}

export interface DescribeTopicPartitionsRequestCursorInput {
  readonly topicName: string;
  readonly partitionIndex: number;
}

function writeDescribeTopicPartitionsRequest(w: Writer, v: DescribeTopicPartitionsRequestInput, version: number): void {
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeDescribeTopicPartitionsRequestTopic(w, item, version);
  }
  w.int32((v.responsePartitionLimit ?? 2000));
  {
    const cursorStruct = (v.cursor ?? null);
    w.int8(cursorStruct === null ? -1 : 1);
    if (cursorStruct !== null) writeDescribeTopicPartitionsRequestCursor(w, cursorStruct, version);
  }
  w.unsignedVarint(0);
}

function readDescribeTopicPartitionsRequest(r: Reader, version: number): DescribeTopicPartitionsRequest {
  let topics: DescribeTopicPartitionsRequestTopic[] = [];
  for (let left = r.arrayLength(true, 2); left > 0; left -= 1) topics.push(readDescribeTopicPartitionsRequestTopic(r, version));
  const responsePartitionLimit = r.int32();
  const cursor = (r.int8() <= -1 ? null : readDescribeTopicPartitionsRequestCursor(r, version));
  r.skipTaggedFields();
  return { topics, responsePartitionLimit, cursor };
}

function completeDescribeTopicPartitionsRequest(v: DescribeTopicPartitionsRequestInput): DescribeTopicPartitionsRequest {
  return {
    topics: v.topics.map(completeDescribeTopicPartitionsRequestTopic),
    responsePartitionLimit: (v.responsePartitionLimit ?? 2000),
    cursor: v.cursor == null ? null : completeDescribeTopicPartitionsRequestCursor(v.cursor),
  };
}

function writeDescribeTopicPartitionsRequestTopic(w: Writer, v: DescribeTopicPartitionsRequestTopicInput, _version: number): void {
  w.string(v.name, true);
  w.unsignedVarint(0);
}

function readDescribeTopicPartitionsRequestTopic(r: Reader, _version: number): DescribeTopicPartitionsRequestTopic {
  const name = r.string(true);
  r.skipTaggedFields();
  return { name };
}

function completeDescribeTopicPartitionsRequestTopic(v: DescribeTopicPartitionsRequestTopicInput): DescribeTopicPartitionsRequestTopic {
  return {
    name: v.name,
  };
}

function writeDescribeTopicPartitionsRequestCursor(w: Writer, v: DescribeTopicPartitionsRequestCursorInput, _version: number): void {
  w.string(v.topicName, true);
  w.int32(v.partitionIndex);
  w.unsignedVarint(0);
}

function readDescribeTopicPartitionsRequestCursor(r: Reader, _version: number): DescribeTopicPartitionsRequestCursor {
  const topicName = r.string(true);
  const partitionIndex = r.int32();
  r.skipTaggedFields();
  return { topicName, partitionIndex };
}

function completeDescribeTopicPartitionsRequestCursor(v: DescribeTopicPartitionsRequestCursorInput): DescribeTopicPartitionsRequestCursor {
  return {
    topicName: v.topicName,
    partitionIndex: v.partitionIndex,
  };
}

export interface DescribeTopicPartitionsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DescribeTopicPartitionsResponseTopic[];
  readonly nextCursor: DescribeTopicPartitionsResponseCursor | null;
}

export interface DescribeTopicPartitionsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly DescribeTopicPartitionsResponseTopicInput[];
  readonly nextCursor?: DescribeTopicPartitionsResponseCursorInput | null | undefined;
}

export interface DescribeTopicPartitionsResponseTopic {
  readonly errorCode: number;
  readonly name: string | null;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly DescribeTopicPartitionsResponsePartition[];
  readonly topicAuthorizedOperations: number;
}

export interface DescribeTopicPartitionsResponseTopicInput {
  readonly errorCode: number;
  readonly name?: string | null | undefined;
  readonly topicId: string;
  readonly isInternal?: boolean | undefined;
  readonly partitions: readonly DescribeTopicPartitionsResponsePartitionInput[];
  readonly topicAuthorizedOperations?: number | undefined;
}

export interface DescribeTopicPartitionsResponsePartition {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly eligibleLeaderReplicas: readonly number[] | null;
  readonly lastKnownElr: readonly number[] | null;
  readonly offlineReplicas: readonly number[];
}

export interface DescribeTopicPartitionsResponsePartitionInput {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch?: number | undefined;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly eligibleLeaderReplicas?: readonly number[] | null | undefined;
  readonly lastKnownElr?: readonly number[] | null | undefined;
  readonly offlineReplicas?: readonly number[] | undefined;
}

export interface DescribeTopicPartitionsResponseCursor {
  readonly topicName: string;
  readonly partitionIndex: number;
}

export interface DescribeTopicPartitionsResponseCursorInput {
  readonly topicName: string;
  readonly partitionIndex: number;
}

function writeDescribeTopicPartitionsResponse(w: Writer, v: DescribeTopicPartitionsResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) writeDescribeTopicPartitionsResponseTopic(w, item, version);
  }
  {
    const nextCursorStruct = (v.nextCursor ?? null);
    w.int8(nextCursorStruct === null ? -1 : 1);
    if (nextCursorStruct !== null) writeDescribeTopicPartitionsResponseCursor(w, nextCursorStruct, version);
  }
  w.unsignedVarint(0);
}

function readDescribeTopicPartitionsResponse(r: Reader, version: number): DescribeTopicPartitionsResponse {
  const throttleTimeMs = r.int32();
  let topics: DescribeTopicPartitionsResponseTopic[] = [];
  for (let left = r.arrayLength(true, 26); left > 0; left -= 1) topics.push(readDescribeTopicPartitionsResponseTopic(r, version));
  const nextCursor = (r.int8() <= -1 ? null : readDescribeTopicPartitionsResponseCursor(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, topics, nextCursor };
}

function completeDescribeTopicPartitionsResponse(v: DescribeTopicPartitionsResponseInput): DescribeTopicPartitionsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeDescribeTopicPartitionsResponseTopic),
    nextCursor: v.nextCursor == null ? null : completeDescribeTopicPartitionsResponseCursor(v.nextCursor),
  };
}

function writeDescribeTopicPartitionsResponseTopic(w: Writer, v: DescribeTopicPartitionsResponseTopicInput, version: number): void {
  w.int16(v.errorCode);
  w.nullableString((v.name ?? null), true);
  w.uuid(v.topicId);
  w.bool((v.isInternal ?? false));
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) writeDescribeTopicPartitionsResponsePartition(w, item, version);
  }
  w.int32((v.topicAuthorizedOperations ?? -2147483648));
  w.unsignedVarint(0);
}

function readDescribeTopicPartitionsResponseTopic(r: Reader, version: number): DescribeTopicPartitionsResponseTopic {
  const errorCode = r.int16();
  const name = r.nullableString(true);
  const topicId = r.uuid();
  const isInternal = r.bool();
  let partitions: DescribeTopicPartitionsResponsePartition[] = [];
  for (let left = r.arrayLength(true, 20); left > 0; left -= 1) partitions.push(readDescribeTopicPartitionsResponsePartition(r, version));
  const topicAuthorizedOperations = r.int32();
  r.skipTaggedFields();
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations };
}

function completeDescribeTopicPartitionsResponseTopic(v: DescribeTopicPartitionsResponseTopicInput): DescribeTopicPartitionsResponseTopic {
  return {
    errorCode: v.errorCode,
    name: (v.name ?? null),
    topicId: v.topicId,
    isInternal: (v.isInternal ?? false),
    partitions: v.partitions.map(completeDescribeTopicPartitionsResponsePartition),
    topicAuthorizedOperations: (v.topicAuthorizedOperations ?? -2147483648),
  };
}

function writeDescribeTopicPartitionsResponsePartition(w: Writer, v: DescribeTopicPartitionsResponsePartitionInput, _version: number): void {
  w.int16(v.errorCode);
  w.int32(v.partitionIndex);
  w.int32(v.leaderId);
  w.int32((v.leaderEpoch ?? -1));
  {
    const replicaNodesItems = v.replicaNodes;
    w.arrayLength(replicaNodesItems.length, true);
    for (const item of replicaNodesItems) w.int32(item);
  }
  {
    const isrNodesItems = v.isrNodes;
    w.arrayLength(isrNodesItems.length, true);
    for (const item of isrNodesItems) w.int32(item);
  }
  {
    const eligibleLeaderReplicasItems = (v.eligibleLeaderReplicas ?? null);
    if (eligibleLeaderReplicasItems === null) w.nullArray(true);
    else {
      w.arrayLength(eligibleLeaderReplicasItems.length, true);
      for (const item of eligibleLeaderReplicasItems) w.int32(item);
    }
  }
  {
    const lastKnownElrItems = (v.lastKnownElr ?? null);
    if (lastKnownElrItems === null) w.nullArray(true);
    else {
      w.arrayLength(lastKnownElrItems.length, true);
      for (const item of lastKnownElrItems) w.int32(item);
    }
  }
  {
    const offlineReplicasItems = (v.offlineReplicas ?? []);
    w.arrayLength(offlineReplicasItems.length, true);
    for (const item of offlineReplicasItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readDescribeTopicPartitionsResponsePartition(r: Reader, _version: number): DescribeTopicPartitionsResponsePartition {
  const errorCode = r.int16();
  const partitionIndex = r.int32();
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  let replicaNodes: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) replicaNodes.push(r.int32());
  let isrNodes: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) isrNodes.push(r.int32());
  let eligibleLeaderReplicas: number[] | null = null;
  const eligibleLeaderReplicasCount = r.nullableArrayLength(true, 4);
  if (eligibleLeaderReplicasCount === -1) eligibleLeaderReplicas = null;
  else {
    eligibleLeaderReplicas = [];
    for (let left = eligibleLeaderReplicasCount; left > 0; left -= 1) eligibleLeaderReplicas.push(r.int32());
  }
  let lastKnownElr: number[] | null = null;
  const lastKnownElrCount = r.nullableArrayLength(true, 4);
  if (lastKnownElrCount === -1) lastKnownElr = null;
  else {
    lastKnownElr = [];
    for (let left = lastKnownElrCount; left > 0; left -= 1) lastKnownElr.push(r.int32());
  }
  let offlineReplicas: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) offlineReplicas.push(r.int32());
  r.skipTaggedFields();
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, eligibleLeaderReplicas, lastKnownElr, offlineReplicas };
}

function completeDescribeTopicPartitionsResponsePartition(v: DescribeTopicPartitionsResponsePartitionInput): DescribeTopicPartitionsResponsePartition {
  return {
    errorCode: v.errorCode,
    partitionIndex: v.partitionIndex,
    leaderId: v.leaderId,
    leaderEpoch: (v.leaderEpoch ?? -1),
    replicaNodes: v.replicaNodes,
    isrNodes: v.isrNodes,
    eligibleLeaderReplicas: (v.eligibleLeaderReplicas ?? null),
    lastKnownElr: (v.lastKnownElr ?? null),
    offlineReplicas: (v.offlineReplicas ?? []),
  };
}

function writeDescribeTopicPartitionsResponseCursor(w: Writer, v: DescribeTopicPartitionsResponseCursorInput, _version: number): void {
  w.string(v.topicName, true);
  w.int32(v.partitionIndex);
  w.unsignedVarint(0);
}

function readDescribeTopicPartitionsResponseCursor(r: Reader, _version: number): DescribeTopicPartitionsResponseCursor {
  const topicName = r.string(true);
  const partitionIndex = r.int32();
  r.skipTaggedFields();
  return { topicName, partitionIndex };
}

function completeDescribeTopicPartitionsResponseCursor(v: DescribeTopicPartitionsResponseCursorInput): DescribeTopicPartitionsResponseCursor {
  return {
    topicName: v.topicName,
    partitionIndex: v.partitionIndex,
  };
}

export const describeTopicPartitionsApi: Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, DescribeTopicPartitionsRequestInput, DescribeTopicPartitionsResponseInput> = {
  key: 75,
  name: 'DescribeTopicPartitions',
  minVersion: 0,
  maxVersion: 0,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: DescribeTopicPartitionsRequestInput, version: number): void {
    checkVersion('DescribeTopicPartitions', version, 0, 0);
    writeDescribeTopicPartitionsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeTopicPartitionsRequest {
    checkVersion('DescribeTopicPartitions', version, 0, 0);
    return readDescribeTopicPartitionsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeTopicPartitionsResponseInput, version: number): void {
    checkVersion('DescribeTopicPartitions', version, 0, 0);
    writeDescribeTopicPartitionsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeTopicPartitionsResponse {
    checkVersion('DescribeTopicPartitions', version, 0, 0);
    return readDescribeTopicPartitionsResponse(r, version);
  },
  completeRequest: completeDescribeTopicPartitionsRequest,
  completeResponse: completeDescribeTopicPartitionsResponse,
};
