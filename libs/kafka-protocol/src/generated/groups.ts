// Generated from schemas/groups.schema by generator/generate.mjs; change that and run it.
import { checkVersion, EMPTY_BYTES, fieldNotInVersion, notNull, type Api, type Message } from '../api.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

export interface OffsetCommitRequest {
  readonly groupId: string;
  readonly generationIdOrMemberEpoch: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly retentionTimeMs: number;
  readonly topics: readonly OffsetCommitRequestTopic[];
}

export interface OffsetCommitRequestInput {
  readonly groupId: string;
  readonly generationIdOrMemberEpoch?: number | undefined;
  readonly memberId?: string | undefined;
  readonly groupInstanceId?: string | null | undefined;
  readonly retentionTimeMs?: number | undefined;
  readonly topics: readonly OffsetCommitRequestTopicInput[];
}

export interface OffsetCommitRequestTopic {
  readonly name: string;
  readonly partitions: readonly OffsetCommitRequestPartition[];
}

export interface OffsetCommitRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly OffsetCommitRequestPartitionInput[];
}

export interface OffsetCommitRequestPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

export interface OffsetCommitRequestPartitionInput {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number | undefined;
  readonly committedMetadata?: string | null | undefined;
}

function writeOffsetCommitRequest(w: Writer, v: OffsetCommitRequestInput, version: number): void {
  const flexible = version >= 8;
  w.string(v.groupId, flexible);
  w.int32((v.generationIdOrMemberEpoch ?? -1));
  w.string((v.memberId ?? ''), flexible);
  if (version >= 7) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  } else if ((v.groupInstanceId ?? null) !== null) {
    throw fieldNotInVersion('OffsetCommitRequest.groupInstanceId', version);
  }
  if (version <= 4) {
    w.int64((v.retentionTimeMs ?? -1));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeOffsetCommitRequestTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetCommitRequest(r: Reader, version: number): OffsetCommitRequest {
  const flexible = version >= 8;
  const groupId = r.string(flexible);
  const generationIdOrMemberEpoch = r.int32();
  const memberId = r.string(flexible);
  const groupInstanceId = version >= 7 ? r.nullableString(flexible) : null;
  const retentionTimeMs = version <= 4 ? r.int64() : -1;
  let topics: OffsetCommitRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readOffsetCommitRequestTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, retentionTimeMs, topics };
}

function completeOffsetCommitRequest(v: OffsetCommitRequestInput): OffsetCommitRequest {
  return {
    groupId: v.groupId,
    generationIdOrMemberEpoch: (v.generationIdOrMemberEpoch ?? -1),
    memberId: (v.memberId ?? ''),
    groupInstanceId: (v.groupInstanceId ?? null),
    retentionTimeMs: (v.retentionTimeMs ?? -1),
    topics: v.topics.map(completeOffsetCommitRequestTopic),
  };
}

function writeOffsetCommitRequestTopic(w: Writer, v: OffsetCommitRequestTopicInput, version: number): void {
  const flexible = version >= 8;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeOffsetCommitRequestPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetCommitRequestTopic(r: Reader, version: number): OffsetCommitRequestTopic {
  const flexible = version >= 8;
  const name = r.string(flexible);
  let partitions: OffsetCommitRequestPartition[] = [];
  for (let left = r.arrayLength(flexible, 14); left > 0; left -= 1) partitions.push(readOffsetCommitRequestPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeOffsetCommitRequestTopic(v: OffsetCommitRequestTopicInput): OffsetCommitRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeOffsetCommitRequestPartition),
  };
}

function writeOffsetCommitRequestPartition(w: Writer, v: OffsetCommitRequestPartitionInput, version: number): void {
  const flexible = version >= 8;
  w.int32(v.partitionIndex);
  w.int64(v.committedOffset);
  if (version >= 6) {
    w.int32((v.committedLeaderEpoch ?? -1));
  }
  w.nullableString((v.committedMetadata ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetCommitRequestPartition(r: Reader, version: number): OffsetCommitRequestPartition {
  const flexible = version >= 8;
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = version >= 6 ? r.int32() : -1;
  const committedMetadata = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata };
}

function completeOffsetCommitRequestPartition(v: OffsetCommitRequestPartitionInput): OffsetCommitRequestPartition {
  return {
    partitionIndex: v.partitionIndex,
    committedOffset: v.committedOffset,
    committedLeaderEpoch: (v.committedLeaderEpoch ?? -1),
    committedMetadata: (v.committedMetadata ?? null),
  };
}

export interface OffsetCommitResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetCommitResponseTopic[];
}

export interface OffsetCommitResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics: readonly OffsetCommitResponseTopicInput[];
}

export interface OffsetCommitResponseTopic {
  readonly name: string;
  readonly partitions: readonly OffsetCommitResponsePartition[];
}

export interface OffsetCommitResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly OffsetCommitResponsePartitionInput[];
}

export interface OffsetCommitResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

export interface OffsetCommitResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function writeOffsetCommitResponse(w: Writer, v: OffsetCommitResponseInput, version: number): void {
  const flexible = version >= 8;
  if (version >= 3) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeOffsetCommitResponseTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetCommitResponse(r: Reader, version: number): OffsetCommitResponse {
  const flexible = version >= 8;
  const throttleTimeMs = version >= 3 ? r.int32() : 0;
  let topics: OffsetCommitResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readOffsetCommitResponseTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, topics };
}

function completeOffsetCommitResponse(v: OffsetCommitResponseInput): OffsetCommitResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: v.topics.map(completeOffsetCommitResponseTopic),
  };
}

function writeOffsetCommitResponseTopic(w: Writer, v: OffsetCommitResponseTopicInput, version: number): void {
  const flexible = version >= 8;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeOffsetCommitResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetCommitResponseTopic(r: Reader, version: number): OffsetCommitResponseTopic {
  const flexible = version >= 8;
  const name = r.string(flexible);
  let partitions: OffsetCommitResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) partitions.push(readOffsetCommitResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeOffsetCommitResponseTopic(v: OffsetCommitResponseTopicInput): OffsetCommitResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeOffsetCommitResponsePartition),
  };
}

function writeOffsetCommitResponsePartition(w: Writer, v: OffsetCommitResponsePartitionInput, version: number): void {
  const flexible = version >= 8;
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetCommitResponsePartition(r: Reader, version: number): OffsetCommitResponsePartition {
  const flexible = version >= 8;
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, errorCode };
}

function completeOffsetCommitResponsePartition(v: OffsetCommitResponsePartitionInput): OffsetCommitResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
  };
}

export const offsetCommitApi: Api<OffsetCommitRequest, OffsetCommitResponse, OffsetCommitRequestInput, OffsetCommitResponseInput> = {
  key: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 9,
  advertisedMinVersion: 2,
  flexibleFrom: 8,
  encodeRequest(w: Writer, request: OffsetCommitRequestInput, version: number): void {
    checkVersion('OffsetCommit', version, 2, 9);
    writeOffsetCommitRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): OffsetCommitRequest {
    checkVersion('OffsetCommit', version, 2, 9);
    return readOffsetCommitRequest(r, version);
  },
  encodeResponse(w: Writer, response: OffsetCommitResponseInput, version: number): void {
    checkVersion('OffsetCommit', version, 2, 9);
    writeOffsetCommitResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): OffsetCommitResponse {
    checkVersion('OffsetCommit', version, 2, 9);
    return readOffsetCommitResponse(r, version);
  },
  completeRequest: completeOffsetCommitRequest,
  completeResponse: completeOffsetCommitResponse,
};

export interface OffsetFetchRequest {
  readonly groupId: string;
  /** Null all partitions with an offset */
  readonly topics: readonly OffsetFetchRequestTopic[] | null;
  readonly groups: readonly OffsetFetchRequestGroup[];
  readonly requireStable: boolean;
}

export interface OffsetFetchRequestInput {
  readonly groupId?: string | undefined;
  /** Null all partitions with an offset */
  readonly topics?: readonly OffsetFetchRequestTopicInput[] | null | undefined;
  readonly groups?: readonly OffsetFetchRequestGroupInput[] | undefined;
  readonly requireStable?: boolean | undefined;
}

export interface OffsetFetchRequestTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface OffsetFetchRequestTopicInput {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface OffsetFetchRequestGroup {
  readonly groupId: string;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly topics: readonly OffsetFetchRequestGroupTopic[] | null;
}

export interface OffsetFetchRequestGroupInput {
  readonly groupId: string;
  readonly memberId?: string | null | undefined;
  readonly memberEpoch?: number | undefined;
  readonly topics?: readonly OffsetFetchRequestGroupTopicInput[] | null | undefined;
}

export interface OffsetFetchRequestGroupTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface OffsetFetchRequestGroupTopicInput {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function writeOffsetFetchRequest(w: Writer, v: OffsetFetchRequestInput, version: number): void {
  const flexible = version >= 6;
  if (version <= 7) {
    w.string((v.groupId ?? ''), flexible);
  }
  if (version <= 7) {
    {
      const topicsItems = (v.topics === undefined ? [] : v.topics);
      if (!(version >= 2)) notNull(topicsItems, 'OffsetFetchRequest.topics');
      if (topicsItems === null) w.nullArray(flexible);
      else {
        w.arrayLength(topicsItems.length, flexible);
        for (const item of topicsItems) writeOffsetFetchRequestTopic(w, item, version);
      }
    }
  }
  if (version >= 8) {
    {
      const groupsItems = (v.groups ?? []);
      w.arrayLength(groupsItems.length, flexible);
      for (const item of groupsItems) writeOffsetFetchRequestGroup(w, item, version);
    }
  } else if ((v.groups ?? []).length > 0) {
    throw fieldNotInVersion('OffsetFetchRequest.groups', version);
  }
  if (version >= 7) {
    w.bool((v.requireStable ?? false));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchRequest(r: Reader, version: number): OffsetFetchRequest {
  const flexible = version >= 6;
  const groupId = version <= 7 ? r.string(flexible) : '';
  let topics: OffsetFetchRequestTopic[] | null = [];
  if (version <= 7) {
    const topicsCount = version >= 2 ? r.nullableArrayLength(flexible, 3) : r.arrayLength(flexible, 3);
    if (topicsCount === -1) topics = null;
    else {
      topics = [];
      for (let left = topicsCount; left > 0; left -= 1) topics.push(readOffsetFetchRequestTopic(r, version));
    }
  }
  let groups: OffsetFetchRequestGroup[] = [];
  if (version >= 8) {
    for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) groups.push(readOffsetFetchRequestGroup(r, version));
  }
  const requireStable = version >= 7 ? r.bool() : false;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, topics, groups, requireStable };
}

function completeOffsetFetchRequest(v: OffsetFetchRequestInput): OffsetFetchRequest {
  return {
    groupId: (v.groupId ?? ''),
    topics: (v.topics === undefined ? [] : v.topics)?.map(completeOffsetFetchRequestTopic) ?? null,
    groups: (v.groups ?? []).map(completeOffsetFetchRequestGroup),
    requireStable: (v.requireStable ?? false),
  };
}

function writeOffsetFetchRequestTopic(w: Writer, v: OffsetFetchRequestTopicInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.name, flexible);
  {
    const partitionIndexesItems = v.partitionIndexes;
    w.arrayLength(partitionIndexesItems.length, flexible);
    for (const item of partitionIndexesItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchRequestTopic(r: Reader, version: number): OffsetFetchRequestTopic {
  const flexible = version >= 6;
  const name = r.string(flexible);
  let partitionIndexes: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitionIndexes.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitionIndexes };
}

function completeOffsetFetchRequestTopic(v: OffsetFetchRequestTopicInput): OffsetFetchRequestTopic {
  return {
    name: v.name,
    partitionIndexes: v.partitionIndexes,
  };
}

function writeOffsetFetchRequestGroup(w: Writer, v: OffsetFetchRequestGroupInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.groupId, flexible);
  if (version >= 9) {
    w.nullableString((v.memberId ?? null), flexible);
  }
  if (version >= 9) {
    w.int32((v.memberEpoch ?? -1));
  }
  {
    const topicsItems = (v.topics ?? null);
    if (topicsItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(topicsItems.length, flexible);
      for (const item of topicsItems) writeOffsetFetchRequestGroupTopic(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchRequestGroup(r: Reader, version: number): OffsetFetchRequestGroup {
  const flexible = version >= 6;
  const groupId = r.string(flexible);
  const memberId = version >= 9 ? r.nullableString(flexible) : null;
  const memberEpoch = version >= 9 ? r.int32() : -1;
  let topics: OffsetFetchRequestGroupTopic[] | null = null;
  const topicsCount = r.nullableArrayLength(flexible, 3);
  if (topicsCount === -1) topics = null;
  else {
    topics = [];
    for (let left = topicsCount; left > 0; left -= 1) topics.push(readOffsetFetchRequestGroupTopic(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, memberId, memberEpoch, topics };
}

function completeOffsetFetchRequestGroup(v: OffsetFetchRequestGroupInput): OffsetFetchRequestGroup {
  return {
    groupId: v.groupId,
    memberId: (v.memberId ?? null),
    memberEpoch: (v.memberEpoch ?? -1),
    topics: (v.topics ?? null)?.map(completeOffsetFetchRequestGroupTopic) ?? null,
  };
}

function writeOffsetFetchRequestGroupTopic(w: Writer, v: OffsetFetchRequestGroupTopicInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.name, flexible);
  {
    const partitionIndexesItems = v.partitionIndexes;
    w.arrayLength(partitionIndexesItems.length, flexible);
    for (const item of partitionIndexesItems) w.int32(item);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchRequestGroupTopic(r: Reader, version: number): OffsetFetchRequestGroupTopic {
  const flexible = version >= 6;
  const name = r.string(flexible);
  let partitionIndexes: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitionIndexes.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitionIndexes };
}

function completeOffsetFetchRequestGroupTopic(v: OffsetFetchRequestGroupTopicInput): OffsetFetchRequestGroupTopic {
  return {
    name: v.name,
    partitionIndexes: v.partitionIndexes,
  };
}

export interface OffsetFetchResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetFetchResponseTopic[];
  readonly errorCode: number;
  readonly groups: readonly OffsetFetchResponseGroup[];
}

export interface OffsetFetchResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly topics?: readonly OffsetFetchResponseTopicInput[] | undefined;
  readonly errorCode?: number | undefined;
  readonly groups?: readonly OffsetFetchResponseGroupInput[] | undefined;
}

export interface OffsetFetchResponseTopic {
  readonly name: string;
  readonly partitions: readonly OffsetFetchResponsePartition[];
}

export interface OffsetFetchResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly OffsetFetchResponsePartitionInput[];
}

export interface OffsetFetchResponsePartition {
  readonly partitionIndex: number;
  /** -1 none */
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

export interface OffsetFetchResponsePartitionInput {
  readonly partitionIndex: number;
  /** -1 none */
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number | undefined;
  readonly metadata?: string | null | undefined;
  readonly errorCode: number;
}

export interface OffsetFetchResponseGroup {
  readonly groupId: string;
  readonly topics: readonly OffsetFetchResponseGroupTopic[];
  readonly errorCode: number;
}

export interface OffsetFetchResponseGroupInput {
  readonly groupId: string;
  readonly topics: readonly OffsetFetchResponseGroupTopicInput[];
  readonly errorCode?: number | undefined;
}

export interface OffsetFetchResponseGroupTopic {
  readonly name: string;
  readonly partitions: readonly OffsetFetchResponseGroupPartition[];
}

export interface OffsetFetchResponseGroupTopicInput {
  readonly name: string;
  readonly partitions: readonly OffsetFetchResponseGroupPartitionInput[];
}

export interface OffsetFetchResponseGroupPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

export interface OffsetFetchResponseGroupPartitionInput {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number | undefined;
  readonly metadata?: string | null | undefined;
  readonly errorCode: number;
}

function writeOffsetFetchResponse(w: Writer, v: OffsetFetchResponseInput, version: number): void {
  const flexible = version >= 6;
  if (version >= 3) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  if (version <= 7) {
    {
      const topicsItems = (v.topics ?? []);
      w.arrayLength(topicsItems.length, flexible);
      for (const item of topicsItems) writeOffsetFetchResponseTopic(w, item, version);
    }
  }
  if (version >= 2 && version <= 7) {
    w.int16((v.errorCode ?? 0));
  }
  if (version >= 8) {
    {
      const groupsItems = (v.groups ?? []);
      w.arrayLength(groupsItems.length, flexible);
      for (const item of groupsItems) writeOffsetFetchResponseGroup(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchResponse(r: Reader, version: number): OffsetFetchResponse {
  const flexible = version >= 6;
  const throttleTimeMs = version >= 3 ? r.int32() : 0;
  let topics: OffsetFetchResponseTopic[] = [];
  if (version <= 7) {
    for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readOffsetFetchResponseTopic(r, version));
  }
  const errorCode = version >= 2 && version <= 7 ? r.int16() : 0;
  let groups: OffsetFetchResponseGroup[] = [];
  if (version >= 8) {
    for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) groups.push(readOffsetFetchResponseGroup(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, topics, errorCode, groups };
}

function completeOffsetFetchResponse(v: OffsetFetchResponseInput): OffsetFetchResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: (v.topics ?? []).map(completeOffsetFetchResponseTopic),
    errorCode: (v.errorCode ?? 0),
    groups: (v.groups ?? []).map(completeOffsetFetchResponseGroup),
  };
}

function writeOffsetFetchResponseTopic(w: Writer, v: OffsetFetchResponseTopicInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeOffsetFetchResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchResponseTopic(r: Reader, version: number): OffsetFetchResponseTopic {
  const flexible = version >= 6;
  const name = r.string(flexible);
  let partitions: OffsetFetchResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 16); left > 0; left -= 1) partitions.push(readOffsetFetchResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeOffsetFetchResponseTopic(v: OffsetFetchResponseTopicInput): OffsetFetchResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeOffsetFetchResponsePartition),
  };
}

function writeOffsetFetchResponsePartition(w: Writer, v: OffsetFetchResponsePartitionInput, version: number): void {
  const flexible = version >= 6;
  w.int32(v.partitionIndex);
  w.int64(v.committedOffset);
  if (version >= 5 && version <= 7) {
    w.int32((v.committedLeaderEpoch ?? -1));
  }
  w.nullableString((v.metadata === undefined ? '' : v.metadata), flexible);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchResponsePartition(r: Reader, version: number): OffsetFetchResponsePartition {
  const flexible = version >= 6;
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = version >= 5 && version <= 7 ? r.int32() : -1;
  const metadata = r.nullableString(flexible);
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode };
}

function completeOffsetFetchResponsePartition(v: OffsetFetchResponsePartitionInput): OffsetFetchResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    committedOffset: v.committedOffset,
    committedLeaderEpoch: (v.committedLeaderEpoch ?? -1),
    metadata: (v.metadata === undefined ? '' : v.metadata),
    errorCode: v.errorCode,
  };
}

function writeOffsetFetchResponseGroup(w: Writer, v: OffsetFetchResponseGroupInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.groupId, flexible);
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeOffsetFetchResponseGroupTopic(w, item, version);
  }
  w.int16((v.errorCode ?? 0));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchResponseGroup(r: Reader, version: number): OffsetFetchResponseGroup {
  const flexible = version >= 6;
  const groupId = r.string(flexible);
  let topics: OffsetFetchResponseGroupTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readOffsetFetchResponseGroupTopic(r, version));
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, topics, errorCode };
}

function completeOffsetFetchResponseGroup(v: OffsetFetchResponseGroupInput): OffsetFetchResponseGroup {
  return {
    groupId: v.groupId,
    topics: v.topics.map(completeOffsetFetchResponseGroupTopic),
    errorCode: (v.errorCode ?? 0),
  };
}

function writeOffsetFetchResponseGroupTopic(w: Writer, v: OffsetFetchResponseGroupTopicInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeOffsetFetchResponseGroupPartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchResponseGroupTopic(r: Reader, version: number): OffsetFetchResponseGroupTopic {
  const flexible = version >= 6;
  const name = r.string(flexible);
  let partitions: OffsetFetchResponseGroupPartition[] = [];
  for (let left = r.arrayLength(flexible, 20); left > 0; left -= 1) partitions.push(readOffsetFetchResponseGroupPartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeOffsetFetchResponseGroupTopic(v: OffsetFetchResponseGroupTopicInput): OffsetFetchResponseGroupTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeOffsetFetchResponseGroupPartition),
  };
}

function writeOffsetFetchResponseGroupPartition(w: Writer, v: OffsetFetchResponseGroupPartitionInput, version: number): void {
  const flexible = version >= 6;
  w.int32(v.partitionIndex);
  w.int64(v.committedOffset);
  w.int32((v.committedLeaderEpoch ?? -1));
  w.nullableString((v.metadata === undefined ? '' : v.metadata), flexible);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readOffsetFetchResponseGroupPartition(r: Reader, version: number): OffsetFetchResponseGroupPartition {
  const flexible = version >= 6;
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = r.int32();
  const metadata = r.nullableString(flexible);
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode };
}

function completeOffsetFetchResponseGroupPartition(v: OffsetFetchResponseGroupPartitionInput): OffsetFetchResponseGroupPartition {
  return {
    partitionIndex: v.partitionIndex,
    committedOffset: v.committedOffset,
    committedLeaderEpoch: (v.committedLeaderEpoch ?? -1),
    metadata: (v.metadata === undefined ? '' : v.metadata),
    errorCode: v.errorCode,
  };
}

export const offsetFetchApi: Api<OffsetFetchRequest, OffsetFetchResponse, OffsetFetchRequestInput, OffsetFetchResponseInput> = {
  key: 9,
  name: 'OffsetFetch',
  minVersion: 1,
  maxVersion: 9,
  advertisedMinVersion: 1,
  flexibleFrom: 6,
  encodeRequest(w: Writer, request: OffsetFetchRequestInput, version: number): void {
    checkVersion('OffsetFetch', version, 1, 9);
    writeOffsetFetchRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): OffsetFetchRequest {
    checkVersion('OffsetFetch', version, 1, 9);
    return readOffsetFetchRequest(r, version);
  },
  encodeResponse(w: Writer, response: OffsetFetchResponseInput, version: number): void {
    checkVersion('OffsetFetch', version, 1, 9);
    writeOffsetFetchResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): OffsetFetchResponse {
    checkVersion('OffsetFetch', version, 1, 9);
    return readOffsetFetchResponse(r, version);
  },
  completeRequest: completeOffsetFetchRequest,
  completeResponse: completeOffsetFetchResponse,
};

export interface FindCoordinatorRequest {
  readonly key: string;
  /** 0 group, 1 transaction */
  readonly keyType: number;
  readonly coordinatorKeys: readonly string[];
}

export interface FindCoordinatorRequestInput {
  readonly key?: string | undefined;
  /** 0 group, 1 transaction */
  readonly keyType?: number | undefined;
  readonly coordinatorKeys?: readonly string[] | undefined;
}

function writeFindCoordinatorRequest(w: Writer, v: FindCoordinatorRequestInput, version: number): void {
  const flexible = version >= 3;
  if (version <= 3) {
    w.string((v.key ?? ''), flexible);
  }
  if (version >= 1) {
    w.int8((v.keyType ?? 0));
  }
  if (version >= 4) {
    {
      const coordinatorKeysItems = (v.coordinatorKeys ?? []);
      w.arrayLength(coordinatorKeysItems.length, flexible);
      for (const item of coordinatorKeysItems) w.string(item, flexible);
    }
  } else if ((v.coordinatorKeys ?? []).length > 0) {
    throw fieldNotInVersion('FindCoordinatorRequest.coordinatorKeys', version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFindCoordinatorRequest(r: Reader, version: number): FindCoordinatorRequest {
  const flexible = version >= 3;
  const key = version <= 3 ? r.string(flexible) : '';
  const keyType = version >= 1 ? r.int8() : 0;
  let coordinatorKeys: string[] = [];
  if (version >= 4) {
    for (let left = r.arrayLength(flexible, 1); left > 0; left -= 1) coordinatorKeys.push(r.string(flexible));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { key, keyType, coordinatorKeys };
}

function completeFindCoordinatorRequest(v: FindCoordinatorRequestInput): FindCoordinatorRequest {
  return {
    key: (v.key ?? ''),
    keyType: (v.keyType ?? 0),
    coordinatorKeys: (v.coordinatorKeys ?? []),
  };
}

export interface FindCoordinatorResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly coordinators: readonly FindCoordinatorResponseCoordinator[];
}

export interface FindCoordinatorResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode?: number | undefined;
  readonly errorMessage?: string | null | undefined;
  readonly nodeId?: number | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly coordinators?: readonly FindCoordinatorResponseCoordinatorInput[] | undefined;
}

export interface FindCoordinatorResponseCoordinator {
  readonly key: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface FindCoordinatorResponseCoordinatorInput {
  readonly key: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeFindCoordinatorResponse(w: Writer, v: FindCoordinatorResponseInput, version: number): void {
  const flexible = version >= 3;
  if (version >= 1) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  if (version <= 3) {
    w.int16((v.errorCode ?? 0));
  }
  if (version >= 1 && version <= 3) {
    w.nullableString((v.errorMessage ?? null), flexible);
  }
  if (version <= 3) {
    w.int32((v.nodeId ?? -1));
  }
  if (version <= 3) {
    w.string((v.host ?? ''), flexible);
  }
  if (version <= 3) {
    w.int32((v.port ?? -1));
  }
  if (version >= 4) {
    {
      const coordinatorsItems = (v.coordinators ?? []);
      w.arrayLength(coordinatorsItems.length, flexible);
      for (const item of coordinatorsItems) writeFindCoordinatorResponseCoordinator(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFindCoordinatorResponse(r: Reader, version: number): FindCoordinatorResponse {
  const flexible = version >= 3;
  const throttleTimeMs = version >= 1 ? r.int32() : 0;
  const errorCode = version <= 3 ? r.int16() : 0;
  const errorMessage = version >= 1 && version <= 3 ? r.nullableString(flexible) : null;
  const nodeId = version <= 3 ? r.int32() : -1;
  const host = version <= 3 ? r.string(flexible) : '';
  const port = version <= 3 ? r.int32() : -1;
  let coordinators: FindCoordinatorResponseCoordinator[] = [];
  if (version >= 4) {
    for (let left = r.arrayLength(flexible, 14); left > 0; left -= 1) coordinators.push(readFindCoordinatorResponseCoordinator(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, errorMessage, nodeId, host, port, coordinators };
}

function completeFindCoordinatorResponse(v: FindCoordinatorResponseInput): FindCoordinatorResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: (v.errorCode ?? 0),
    errorMessage: (v.errorMessage ?? null),
    nodeId: (v.nodeId ?? -1),
    host: (v.host ?? ''),
    port: (v.port ?? -1),
    coordinators: (v.coordinators ?? []).map(completeFindCoordinatorResponseCoordinator),
  };
}

function writeFindCoordinatorResponseCoordinator(w: Writer, v: FindCoordinatorResponseCoordinatorInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.key, flexible);
  w.int32(v.nodeId);
  w.string(v.host, flexible);
  w.int32(v.port);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readFindCoordinatorResponseCoordinator(r: Reader, version: number): FindCoordinatorResponseCoordinator {
  const flexible = version >= 3;
  const key = r.string(flexible);
  const nodeId = r.int32();
  const host = r.string(flexible);
  const port = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { key, nodeId, host, port, errorCode, errorMessage };
}

function completeFindCoordinatorResponseCoordinator(v: FindCoordinatorResponseCoordinatorInput): FindCoordinatorResponseCoordinator {
  return {
    key: v.key,
    nodeId: v.nodeId,
    host: v.host,
    port: v.port,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const findCoordinatorApi: Api<FindCoordinatorRequest, FindCoordinatorResponse, FindCoordinatorRequestInput, FindCoordinatorResponseInput> = {
  key: 10,
  name: 'FindCoordinator',
  minVersion: 0,
  maxVersion: 6,
  advertisedMinVersion: 0,
  flexibleFrom: 3,
  encodeRequest(w: Writer, request: FindCoordinatorRequestInput, version: number): void {
    checkVersion('FindCoordinator', version, 0, 6);
    writeFindCoordinatorRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): FindCoordinatorRequest {
    checkVersion('FindCoordinator', version, 0, 6);
    return readFindCoordinatorRequest(r, version);
  },
  encodeResponse(w: Writer, response: FindCoordinatorResponseInput, version: number): void {
    checkVersion('FindCoordinator', version, 0, 6);
    writeFindCoordinatorResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): FindCoordinatorResponse {
    checkVersion('FindCoordinator', version, 0, 6);
    return readFindCoordinatorResponse(r, version);
  },
  completeRequest: completeFindCoordinatorRequest,
  completeResponse: completeFindCoordinatorResponse,
};

export interface JoinGroupRequest {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string;
  readonly protocols: readonly JoinGroupRequestProtocol[];
  readonly reason: string | null;
}

export interface JoinGroupRequestInput {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs?: number | undefined;
  readonly memberId?: string | undefined;
  readonly groupInstanceId?: string | null | undefined;
  readonly protocolType: string;
  readonly protocols: readonly JoinGroupRequestProtocolInput[];
  readonly reason?: string | null | undefined;
}

export interface JoinGroupRequestProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface JoinGroupRequestProtocolInput {
  readonly name: string;
  readonly metadata: Uint8Array;
}

function writeJoinGroupRequest(w: Writer, v: JoinGroupRequestInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.groupId, flexible);
  w.int32(v.sessionTimeoutMs);
  if (version >= 1) {
    w.int32((v.rebalanceTimeoutMs ?? -1));
  }
  w.string((v.memberId ?? ''), flexible);
  if (version >= 5) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  } else if ((v.groupInstanceId ?? null) !== null) {
    throw fieldNotInVersion('JoinGroupRequest.groupInstanceId', version);
  }
  w.string(v.protocolType, flexible);
  {
    const protocolsItems = v.protocols;
    w.arrayLength(protocolsItems.length, flexible);
    for (const item of protocolsItems) writeJoinGroupRequestProtocol(w, item, version);
  }
  if (version >= 8) {
    w.nullableString((v.reason ?? null), flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readJoinGroupRequest(r: Reader, version: number): JoinGroupRequest {
  const flexible = version >= 6;
  const groupId = r.string(flexible);
  const sessionTimeoutMs = r.int32();
  const rebalanceTimeoutMs = version >= 1 ? r.int32() : -1;
  const memberId = r.string(flexible);
  const groupInstanceId = version >= 5 ? r.nullableString(flexible) : null;
  const protocolType = r.string(flexible);
  let protocols: JoinGroupRequestProtocol[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) protocols.push(readJoinGroupRequestProtocol(r, version));
  const reason = version >= 8 ? r.nullableString(flexible) : null;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId, protocolType, protocols, reason };
}

function completeJoinGroupRequest(v: JoinGroupRequestInput): JoinGroupRequest {
  return {
    groupId: v.groupId,
    sessionTimeoutMs: v.sessionTimeoutMs,
    rebalanceTimeoutMs: (v.rebalanceTimeoutMs ?? -1),
    memberId: (v.memberId ?? ''),
    groupInstanceId: (v.groupInstanceId ?? null),
    protocolType: v.protocolType,
    protocols: v.protocols.map(completeJoinGroupRequestProtocol),
    reason: (v.reason ?? null),
  };
}

function writeJoinGroupRequestProtocol(w: Writer, v: JoinGroupRequestProtocolInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.name, flexible);
  w.bytes(v.metadata, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readJoinGroupRequestProtocol(r: Reader, version: number): JoinGroupRequestProtocol {
  const flexible = version >= 6;
  const name = r.string(flexible);
  const metadata = r.bytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, metadata };
}

function completeJoinGroupRequestProtocol(v: JoinGroupRequestProtocolInput): JoinGroupRequestProtocol {
  return {
    name: v.name,
    metadata: v.metadata,
  };
}

export interface JoinGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly JoinGroupResponseMember[];
}

export interface JoinGroupResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly generationId?: number | undefined;
  readonly protocolType?: string | null | undefined;
  readonly protocolName?: string | null | undefined;
  readonly leader?: string | undefined;
  readonly skipAssignment?: boolean | undefined;
  readonly memberId?: string | undefined;
  readonly members?: readonly JoinGroupResponseMemberInput[] | undefined;
}

export interface JoinGroupResponseMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Uint8Array;
}

export interface JoinGroupResponseMemberInput {
  readonly memberId: string;
  readonly groupInstanceId?: string | null | undefined;
  readonly metadata: Uint8Array;
}

function writeJoinGroupResponse(w: Writer, v: JoinGroupResponseInput, version: number): void {
  const flexible = version >= 6;
  if (version >= 2) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  w.int16(v.errorCode);
  w.int32((v.generationId ?? -1));
  if (version >= 7) {
    w.nullableString((v.protocolType ?? null), flexible);
  }
  if (version >= 7) w.nullableString((v.protocolName === undefined ? '' : v.protocolName), flexible);
  else w.string(notNull((v.protocolName === undefined ? '' : v.protocolName), 'JoinGroupResponse.protocolName'), flexible);
  w.string((v.leader ?? ''), flexible);
  if (version >= 9) {
    w.bool((v.skipAssignment ?? false));
  }
  w.string((v.memberId ?? ''), flexible);
  {
    const membersItems = (v.members ?? []);
    w.arrayLength(membersItems.length, flexible);
    for (const item of membersItems) writeJoinGroupResponseMember(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readJoinGroupResponse(r: Reader, version: number): JoinGroupResponse {
  const flexible = version >= 6;
  const throttleTimeMs = version >= 2 ? r.int32() : 0;
  const errorCode = r.int16();
  const generationId = r.int32();
  const protocolType = version >= 7 ? r.nullableString(flexible) : null;
  const protocolName = (version >= 7 ? r.nullableString(flexible) : r.string(flexible));
  const leader = r.string(flexible);
  const skipAssignment = version >= 9 ? r.bool() : false;
  const memberId = r.string(flexible);
  let members: JoinGroupResponseMember[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) members.push(readJoinGroupResponseMember(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, generationId, protocolType, protocolName, leader, skipAssignment, memberId, members };
}

function completeJoinGroupResponse(v: JoinGroupResponseInput): JoinGroupResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    generationId: (v.generationId ?? -1),
    protocolType: (v.protocolType ?? null),
    protocolName: (v.protocolName === undefined ? '' : v.protocolName),
    leader: (v.leader ?? ''),
    skipAssignment: (v.skipAssignment ?? false),
    memberId: (v.memberId ?? ''),
    members: (v.members ?? []).map(completeJoinGroupResponseMember),
  };
}

function writeJoinGroupResponseMember(w: Writer, v: JoinGroupResponseMemberInput, version: number): void {
  const flexible = version >= 6;
  w.string(v.memberId, flexible);
  if (version >= 5) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  }
  w.bytes(v.metadata, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readJoinGroupResponseMember(r: Reader, version: number): JoinGroupResponseMember {
  const flexible = version >= 6;
  const memberId = r.string(flexible);
  const groupInstanceId = version >= 5 ? r.nullableString(flexible) : null;
  const metadata = r.bytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { memberId, groupInstanceId, metadata };
}

function completeJoinGroupResponseMember(v: JoinGroupResponseMemberInput): JoinGroupResponseMember {
  return {
    memberId: v.memberId,
    groupInstanceId: (v.groupInstanceId ?? null),
    metadata: v.metadata,
  };
}

export const joinGroupApi: Api<JoinGroupRequest, JoinGroupResponse, JoinGroupRequestInput, JoinGroupResponseInput> = {
  key: 11,
  name: 'JoinGroup',
  minVersion: 0,
  maxVersion: 9,
  advertisedMinVersion: 0,
  flexibleFrom: 6,
  encodeRequest(w: Writer, request: JoinGroupRequestInput, version: number): void {
    checkVersion('JoinGroup', version, 0, 9);
    writeJoinGroupRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): JoinGroupRequest {
    checkVersion('JoinGroup', version, 0, 9);
    return readJoinGroupRequest(r, version);
  },
  encodeResponse(w: Writer, response: JoinGroupResponseInput, version: number): void {
    checkVersion('JoinGroup', version, 0, 9);
    writeJoinGroupResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): JoinGroupResponse {
    checkVersion('JoinGroup', version, 0, 9);
    return readJoinGroupResponse(r, version);
  },
  completeRequest: completeJoinGroupRequest,
  completeResponse: completeJoinGroupResponse,
};

export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface HeartbeatRequestInput {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId?: string | null | undefined;
}

function writeHeartbeatRequest(w: Writer, v: HeartbeatRequestInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.groupId, flexible);
  w.int32(v.generationId);
  w.string(v.memberId, flexible);
  if (version >= 3) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  } else if ((v.groupInstanceId ?? null) !== null) {
    throw fieldNotInVersion('HeartbeatRequest.groupInstanceId', version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readHeartbeatRequest(r: Reader, version: number): HeartbeatRequest {
  const flexible = version >= 4;
  const groupId = r.string(flexible);
  const generationId = r.int32();
  const memberId = r.string(flexible);
  const groupInstanceId = version >= 3 ? r.nullableString(flexible) : null;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, generationId, memberId, groupInstanceId };
}

function completeHeartbeatRequest(v: HeartbeatRequestInput): HeartbeatRequest {
  return {
    groupId: v.groupId,
    generationId: v.generationId,
    memberId: v.memberId,
    groupInstanceId: (v.groupInstanceId ?? null),
  };
}

export interface HeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

export interface HeartbeatResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
}

function writeHeartbeatResponse(w: Writer, v: HeartbeatResponseInput, version: number): void {
  const flexible = version >= 4;
  if (version >= 1) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readHeartbeatResponse(r: Reader, version: number): HeartbeatResponse {
  const flexible = version >= 4;
  const throttleTimeMs = version >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode };
}

function completeHeartbeatResponse(v: HeartbeatResponseInput): HeartbeatResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
  };
}

export const heartbeatApi: Api<HeartbeatRequest, HeartbeatResponse, HeartbeatRequestInput, HeartbeatResponseInput> = {
  key: 12,
  name: 'Heartbeat',
  minVersion: 0,
  maxVersion: 4,
  advertisedMinVersion: 0,
  flexibleFrom: 4,
  encodeRequest(w: Writer, request: HeartbeatRequestInput, version: number): void {
    checkVersion('Heartbeat', version, 0, 4);
    writeHeartbeatRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): HeartbeatRequest {
    checkVersion('Heartbeat', version, 0, 4);
    return readHeartbeatRequest(r, version);
  },
  encodeResponse(w: Writer, response: HeartbeatResponseInput, version: number): void {
    checkVersion('Heartbeat', version, 0, 4);
    writeHeartbeatResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): HeartbeatResponse {
    checkVersion('Heartbeat', version, 0, 4);
    return readHeartbeatResponse(r, version);
  },
  completeRequest: completeHeartbeatRequest,
  completeResponse: completeHeartbeatResponse,
};

export interface LeaveGroupRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly members: readonly LeaveGroupRequestMember[];
}

export interface LeaveGroupRequestInput {
  readonly groupId: string;
  readonly memberId?: string | undefined;
  readonly members?: readonly LeaveGroupRequestMemberInput[] | undefined;
}

export interface LeaveGroupRequestMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly reason: string | null;
}

export interface LeaveGroupRequestMemberInput {
  readonly memberId?: string | undefined;
  readonly groupInstanceId?: string | null | undefined;
  readonly reason?: string | null | undefined;
}

function writeLeaveGroupRequest(w: Writer, v: LeaveGroupRequestInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.groupId, flexible);
  if (version <= 2) {
    w.string((v.memberId ?? ''), flexible);
  }
  if (version >= 3) {
    {
      const membersItems = (v.members ?? []);
      w.arrayLength(membersItems.length, flexible);
      for (const item of membersItems) writeLeaveGroupRequestMember(w, item, version);
    }
  } else if ((v.members ?? []).length > 0) {
    throw fieldNotInVersion('LeaveGroupRequest.members', version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readLeaveGroupRequest(r: Reader, version: number): LeaveGroupRequest {
  const flexible = version >= 4;
  const groupId = r.string(flexible);
  const memberId = version <= 2 ? r.string(flexible) : '';
  let members: LeaveGroupRequestMember[] = [];
  if (version >= 3) {
    for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) members.push(readLeaveGroupRequestMember(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, memberId, members };
}

function completeLeaveGroupRequest(v: LeaveGroupRequestInput): LeaveGroupRequest {
  return {
    groupId: v.groupId,
    memberId: (v.memberId ?? ''),
    members: (v.members ?? []).map(completeLeaveGroupRequestMember),
  };
}

function writeLeaveGroupRequestMember(w: Writer, v: LeaveGroupRequestMemberInput, version: number): void {
  const flexible = version >= 4;
  w.string((v.memberId ?? ''), flexible);
  w.nullableString((v.groupInstanceId ?? null), flexible);
  if (version >= 5) {
    w.nullableString((v.reason ?? null), flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readLeaveGroupRequestMember(r: Reader, version: number): LeaveGroupRequestMember {
  const flexible = version >= 4;
  const memberId = r.string(flexible);
  const groupInstanceId = r.nullableString(flexible);
  const reason = version >= 5 ? r.nullableString(flexible) : null;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { memberId, groupInstanceId, reason };
}

function completeLeaveGroupRequestMember(v: LeaveGroupRequestMemberInput): LeaveGroupRequestMember {
  return {
    memberId: (v.memberId ?? ''),
    groupInstanceId: (v.groupInstanceId ?? null),
    reason: (v.reason ?? null),
  };
}

export interface LeaveGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly members: readonly LeaveGroupResponseMember[];
}

export interface LeaveGroupResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly members?: readonly LeaveGroupResponseMemberInput[] | undefined;
}

export interface LeaveGroupResponseMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly errorCode: number;
}

export interface LeaveGroupResponseMemberInput {
  readonly memberId: string;
  readonly groupInstanceId?: string | null | undefined;
  readonly errorCode: number;
}

function writeLeaveGroupResponse(w: Writer, v: LeaveGroupResponseInput, version: number): void {
  const flexible = version >= 4;
  if (version >= 1) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  w.int16(v.errorCode);
  if (version >= 3) {
    {
      const membersItems = (v.members ?? []);
      w.arrayLength(membersItems.length, flexible);
      for (const item of membersItems) writeLeaveGroupResponseMember(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readLeaveGroupResponse(r: Reader, version: number): LeaveGroupResponse {
  const flexible = version >= 4;
  const throttleTimeMs = version >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  let members: LeaveGroupResponseMember[] = [];
  if (version >= 3) {
    for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) members.push(readLeaveGroupResponseMember(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, members };
}

function completeLeaveGroupResponse(v: LeaveGroupResponseInput): LeaveGroupResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    members: (v.members ?? []).map(completeLeaveGroupResponseMember),
  };
}

function writeLeaveGroupResponseMember(w: Writer, v: LeaveGroupResponseMemberInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.memberId, flexible);
  w.nullableString((v.groupInstanceId ?? null), flexible);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readLeaveGroupResponseMember(r: Reader, version: number): LeaveGroupResponseMember {
  const flexible = version >= 4;
  const memberId = r.string(flexible);
  const groupInstanceId = r.nullableString(flexible);
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { memberId, groupInstanceId, errorCode };
}

function completeLeaveGroupResponseMember(v: LeaveGroupResponseMemberInput): LeaveGroupResponseMember {
  return {
    memberId: v.memberId,
    groupInstanceId: (v.groupInstanceId ?? null),
    errorCode: v.errorCode,
  };
}

export const leaveGroupApi: Api<LeaveGroupRequest, LeaveGroupResponse, LeaveGroupRequestInput, LeaveGroupResponseInput> = {
  key: 13,
  name: 'LeaveGroup',
  minVersion: 0,
  maxVersion: 5,
  advertisedMinVersion: 0,
  flexibleFrom: 4,
  encodeRequest(w: Writer, request: LeaveGroupRequestInput, version: number): void {
    checkVersion('LeaveGroup', version, 0, 5);
    writeLeaveGroupRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): LeaveGroupRequest {
    checkVersion('LeaveGroup', version, 0, 5);
    return readLeaveGroupRequest(r, version);
  },
  encodeResponse(w: Writer, response: LeaveGroupResponseInput, version: number): void {
    checkVersion('LeaveGroup', version, 0, 5);
    writeLeaveGroupResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): LeaveGroupResponse {
    checkVersion('LeaveGroup', version, 0, 5);
    return readLeaveGroupResponse(r, version);
  },
  completeRequest: completeLeaveGroupRequest,
  completeResponse: completeLeaveGroupResponse,
};

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly SyncGroupRequestAssignment[];
}

export interface SyncGroupRequestInput {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId?: string | null | undefined;
  readonly protocolType?: string | null | undefined;
  readonly protocolName?: string | null | undefined;
  readonly assignments?: readonly SyncGroupRequestAssignmentInput[] | undefined;
}

export interface SyncGroupRequestAssignment {
  readonly memberId: string;
  readonly assignment: Uint8Array;
}

export interface SyncGroupRequestAssignmentInput {
  readonly memberId: string;
  readonly assignment: Uint8Array;
}

function writeSyncGroupRequest(w: Writer, v: SyncGroupRequestInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.groupId, flexible);
  w.int32(v.generationId);
  w.string(v.memberId, flexible);
  if (version >= 3) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  } else if ((v.groupInstanceId ?? null) !== null) {
    throw fieldNotInVersion('SyncGroupRequest.groupInstanceId', version);
  }
  if (version >= 5) {
    w.nullableString((v.protocolType ?? null), flexible);
  }
  if (version >= 5) {
    w.nullableString((v.protocolName ?? null), flexible);
  }
  {
    const assignmentsItems = (v.assignments ?? []);
    w.arrayLength(assignmentsItems.length, flexible);
    for (const item of assignmentsItems) writeSyncGroupRequestAssignment(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readSyncGroupRequest(r: Reader, version: number): SyncGroupRequest {
  const flexible = version >= 4;
  const groupId = r.string(flexible);
  const generationId = r.int32();
  const memberId = r.string(flexible);
  const groupInstanceId = version >= 3 ? r.nullableString(flexible) : null;
  const protocolType = version >= 5 ? r.nullableString(flexible) : null;
  const protocolName = version >= 5 ? r.nullableString(flexible) : null;
  let assignments: SyncGroupRequestAssignment[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) assignments.push(readSyncGroupRequestAssignment(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments };
}

function completeSyncGroupRequest(v: SyncGroupRequestInput): SyncGroupRequest {
  return {
    groupId: v.groupId,
    generationId: v.generationId,
    memberId: v.memberId,
    groupInstanceId: (v.groupInstanceId ?? null),
    protocolType: (v.protocolType ?? null),
    protocolName: (v.protocolName ?? null),
    assignments: (v.assignments ?? []).map(completeSyncGroupRequestAssignment),
  };
}

function writeSyncGroupRequestAssignment(w: Writer, v: SyncGroupRequestAssignmentInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.memberId, flexible);
  w.bytes(v.assignment, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readSyncGroupRequestAssignment(r: Reader, version: number): SyncGroupRequestAssignment {
  const flexible = version >= 4;
  const memberId = r.string(flexible);
  const assignment = r.bytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { memberId, assignment };
}

function completeSyncGroupRequestAssignment(v: SyncGroupRequestAssignmentInput): SyncGroupRequestAssignment {
  return {
    memberId: v.memberId,
    assignment: v.assignment,
  };
}

export interface SyncGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Uint8Array;
}

export interface SyncGroupResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly protocolType?: string | null | undefined;
  readonly protocolName?: string | null | undefined;
  readonly assignment?: Uint8Array | undefined;
}

function writeSyncGroupResponse(w: Writer, v: SyncGroupResponseInput, version: number): void {
  const flexible = version >= 4;
  if (version >= 1) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  w.int16(v.errorCode);
  if (version >= 5) {
    w.nullableString((v.protocolType ?? null), flexible);
  }
  if (version >= 5) {
    w.nullableString((v.protocolName ?? null), flexible);
  }
  w.bytes((v.assignment ?? EMPTY_BYTES), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readSyncGroupResponse(r: Reader, version: number): SyncGroupResponse {
  const flexible = version >= 4;
  const throttleTimeMs = version >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  const protocolType = version >= 5 ? r.nullableString(flexible) : null;
  const protocolName = version >= 5 ? r.nullableString(flexible) : null;
  const assignment = r.bytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, protocolType, protocolName, assignment };
}

function completeSyncGroupResponse(v: SyncGroupResponseInput): SyncGroupResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    protocolType: (v.protocolType ?? null),
    protocolName: (v.protocolName ?? null),
    assignment: (v.assignment ?? EMPTY_BYTES),
  };
}

export const syncGroupApi: Api<SyncGroupRequest, SyncGroupResponse, SyncGroupRequestInput, SyncGroupResponseInput> = {
  key: 14,
  name: 'SyncGroup',
  minVersion: 0,
  maxVersion: 5,
  advertisedMinVersion: 0,
  flexibleFrom: 4,
  encodeRequest(w: Writer, request: SyncGroupRequestInput, version: number): void {
    checkVersion('SyncGroup', version, 0, 5);
    writeSyncGroupRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): SyncGroupRequest {
    checkVersion('SyncGroup', version, 0, 5);
    return readSyncGroupRequest(r, version);
  },
  encodeResponse(w: Writer, response: SyncGroupResponseInput, version: number): void {
    checkVersion('SyncGroup', version, 0, 5);
    writeSyncGroupResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): SyncGroupResponse {
    checkVersion('SyncGroup', version, 0, 5);
    return readSyncGroupResponse(r, version);
  },
  completeRequest: completeSyncGroupRequest,
  completeResponse: completeSyncGroupResponse,
};

export interface DescribeGroupsRequest {
  readonly groups: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

export interface DescribeGroupsRequestInput {
  readonly groups: readonly string[];
  readonly includeAuthorizedOperations?: boolean | undefined;
}

function writeDescribeGroupsRequest(w: Writer, v: DescribeGroupsRequestInput, version: number): void {
  const flexible = version >= 5;
  {
    const groupsItems = v.groups;
    w.arrayLength(groupsItems.length, flexible);
    for (const item of groupsItems) w.string(item, flexible);
  }
  if (version >= 3) {
    w.bool((v.includeAuthorizedOperations ?? false));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeGroupsRequest(r: Reader, version: number): DescribeGroupsRequest {
  const flexible = version >= 5;
  let groups: string[] = [];
  for (let left = r.arrayLength(flexible, 1); left > 0; left -= 1) groups.push(r.string(flexible));
  const includeAuthorizedOperations = version >= 3 ? r.bool() : false;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groups, includeAuthorizedOperations };
}

function completeDescribeGroupsRequest(v: DescribeGroupsRequestInput): DescribeGroupsRequest {
  return {
    groups: v.groups,
    includeAuthorizedOperations: (v.includeAuthorizedOperations ?? false),
  };
}

export interface DescribeGroupsResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribeGroupsResponseGroup[];
}

export interface DescribeGroupsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly groups: readonly DescribeGroupsResponseGroupInput[];
}

export interface DescribeGroupsResponseGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly protocolType: string;
  readonly protocolData: string;
  readonly members: readonly DescribeGroupsResponseMember[];
  readonly authorizedOperations: number;
}

export interface DescribeGroupsResponseGroupInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly groupId: string;
  readonly groupState?: string | undefined;
  readonly protocolType?: string | undefined;
  readonly protocolData?: string | undefined;
  readonly members?: readonly DescribeGroupsResponseMemberInput[] | undefined;
  readonly authorizedOperations?: number | undefined;
}

export interface DescribeGroupsResponseMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberMetadata: Uint8Array;
  readonly memberAssignment: Uint8Array;
}

export interface DescribeGroupsResponseMemberInput {
  readonly memberId: string;
  readonly groupInstanceId?: string | null | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberMetadata: Uint8Array;
  readonly memberAssignment: Uint8Array;
}

function writeDescribeGroupsResponse(w: Writer, v: DescribeGroupsResponseInput, version: number): void {
  const flexible = version >= 5;
  if (version >= 1) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  {
    const groupsItems = v.groups;
    w.arrayLength(groupsItems.length, flexible);
    for (const item of groupsItems) writeDescribeGroupsResponseGroup(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeGroupsResponse(r: Reader, version: number): DescribeGroupsResponse {
  const flexible = version >= 5;
  const throttleTimeMs = version >= 1 ? r.int32() : 0;
  let groups: DescribeGroupsResponseGroup[] = [];
  for (let left = r.arrayLength(flexible, 12); left > 0; left -= 1) groups.push(readDescribeGroupsResponseGroup(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, groups };
}

function completeDescribeGroupsResponse(v: DescribeGroupsResponseInput): DescribeGroupsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    groups: v.groups.map(completeDescribeGroupsResponseGroup),
  };
}

function writeDescribeGroupsResponseGroup(w: Writer, v: DescribeGroupsResponseGroupInput, version: number): void {
  const flexible = version >= 5;
  w.int16(v.errorCode);
  if (version >= 6) {
    w.nullableString((v.errorMessage ?? null), flexible);
  }
  w.string(v.groupId, flexible);
  w.string((v.groupState ?? ''), flexible);
  w.string((v.protocolType ?? ''), flexible);
  w.string((v.protocolData ?? ''), flexible);
  {
    const membersItems = (v.members ?? []);
    w.arrayLength(membersItems.length, flexible);
    for (const item of membersItems) writeDescribeGroupsResponseMember(w, item, version);
  }
  if (version >= 3) {
    w.int32((v.authorizedOperations ?? -2147483648));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeGroupsResponseGroup(r: Reader, version: number): DescribeGroupsResponseGroup {
  const flexible = version >= 5;
  const errorCode = r.int16();
  const errorMessage = version >= 6 ? r.nullableString(flexible) : null;
  const groupId = r.string(flexible);
  const groupState = r.string(flexible);
  const protocolType = r.string(flexible);
  const protocolData = r.string(flexible);
  let members: DescribeGroupsResponseMember[] = [];
  for (let left = r.arrayLength(flexible, 7); left > 0; left -= 1) members.push(readDescribeGroupsResponseMember(r, version));
  const authorizedOperations = version >= 3 ? r.int32() : -2147483648;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, groupId, groupState, protocolType, protocolData, members, authorizedOperations };
}

function completeDescribeGroupsResponseGroup(v: DescribeGroupsResponseGroupInput): DescribeGroupsResponseGroup {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    groupId: v.groupId,
    groupState: (v.groupState ?? ''),
    protocolType: (v.protocolType ?? ''),
    protocolData: (v.protocolData ?? ''),
    members: (v.members ?? []).map(completeDescribeGroupsResponseMember),
    authorizedOperations: (v.authorizedOperations ?? -2147483648),
  };
}

function writeDescribeGroupsResponseMember(w: Writer, v: DescribeGroupsResponseMemberInput, version: number): void {
  const flexible = version >= 5;
  w.string(v.memberId, flexible);
  if (version >= 4) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  }
  w.string(v.clientId, flexible);
  w.string(v.clientHost, flexible);
  w.bytes(v.memberMetadata, flexible);
  w.bytes(v.memberAssignment, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeGroupsResponseMember(r: Reader, version: number): DescribeGroupsResponseMember {
  const flexible = version >= 5;
  const memberId = r.string(flexible);
  const groupInstanceId = version >= 4 ? r.nullableString(flexible) : null;
  const clientId = r.string(flexible);
  const clientHost = r.string(flexible);
  const memberMetadata = r.bytes(flexible);
  const memberAssignment = r.bytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { memberId, groupInstanceId, clientId, clientHost, memberMetadata, memberAssignment };
}

function completeDescribeGroupsResponseMember(v: DescribeGroupsResponseMemberInput): DescribeGroupsResponseMember {
  return {
    memberId: v.memberId,
    groupInstanceId: (v.groupInstanceId ?? null),
    clientId: v.clientId,
    clientHost: v.clientHost,
    memberMetadata: v.memberMetadata,
    memberAssignment: v.memberAssignment,
  };
}

export const describeGroupsApi: Api<DescribeGroupsRequest, DescribeGroupsResponse, DescribeGroupsRequestInput, DescribeGroupsResponseInput> = {
  key: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 6,
  advertisedMinVersion: 0,
  flexibleFrom: 5,
  encodeRequest(w: Writer, request: DescribeGroupsRequestInput, version: number): void {
    checkVersion('DescribeGroups', version, 0, 6);
    writeDescribeGroupsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeGroupsRequest {
    checkVersion('DescribeGroups', version, 0, 6);
    return readDescribeGroupsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeGroupsResponseInput, version: number): void {
    checkVersion('DescribeGroups', version, 0, 6);
    writeDescribeGroupsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeGroupsResponse {
    checkVersion('DescribeGroups', version, 0, 6);
    return readDescribeGroupsResponse(r, version);
  },
  completeRequest: completeDescribeGroupsRequest,
  completeResponse: completeDescribeGroupsResponse,
};

export interface ListGroupsRequest {
  readonly statesFilter: readonly string[];
  readonly typesFilter: readonly string[];
}

export interface ListGroupsRequestInput {
  readonly statesFilter?: readonly string[] | undefined;
  readonly typesFilter?: readonly string[] | undefined;
}

function writeListGroupsRequest(w: Writer, v: ListGroupsRequestInput, version: number): void {
  const flexible = version >= 3;
  if (version >= 4) {
    {
      const statesFilterItems = (v.statesFilter ?? []);
      w.arrayLength(statesFilterItems.length, flexible);
      for (const item of statesFilterItems) w.string(item, flexible);
    }
  } else if ((v.statesFilter ?? []).length > 0) {
    throw fieldNotInVersion('ListGroupsRequest.statesFilter', version);
  }
  if (version >= 5) {
    {
      const typesFilterItems = (v.typesFilter ?? []);
      w.arrayLength(typesFilterItems.length, flexible);
      for (const item of typesFilterItems) w.string(item, flexible);
    }
  } else if ((v.typesFilter ?? []).length > 0) {
    throw fieldNotInVersion('ListGroupsRequest.typesFilter', version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListGroupsRequest(r: Reader, version: number): ListGroupsRequest {
  const flexible = version >= 3;
  let statesFilter: string[] = [];
  if (version >= 4) {
    for (let left = r.arrayLength(flexible, 1); left > 0; left -= 1) statesFilter.push(r.string(flexible));
  }
  let typesFilter: string[] = [];
  if (version >= 5) {
    for (let left = r.arrayLength(flexible, 1); left > 0; left -= 1) typesFilter.push(r.string(flexible));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { statesFilter, typesFilter };
}

function completeListGroupsRequest(v: ListGroupsRequestInput): ListGroupsRequest {
  return {
    statesFilter: (v.statesFilter ?? []),
    typesFilter: (v.typesFilter ?? []),
  };
}

export interface ListGroupsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly groups: readonly ListGroupsResponseGroup[];
}

export interface ListGroupsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly groups: readonly ListGroupsResponseGroupInput[];
}

export interface ListGroupsResponseGroup {
  readonly groupId: string;
  readonly protocolType: string;
  readonly groupState: string;
  readonly groupType: string;
}

export interface ListGroupsResponseGroupInput {
  readonly groupId: string;
  readonly protocolType: string;
  readonly groupState?: string | undefined;
  readonly groupType?: string | undefined;
}

function writeListGroupsResponse(w: Writer, v: ListGroupsResponseInput, version: number): void {
  const flexible = version >= 3;
  if (version >= 1) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  w.int16(v.errorCode);
  {
    const groupsItems = v.groups;
    w.arrayLength(groupsItems.length, flexible);
    for (const item of groupsItems) writeListGroupsResponseGroup(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListGroupsResponse(r: Reader, version: number): ListGroupsResponse {
  const flexible = version >= 3;
  const throttleTimeMs = version >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  let groups: ListGroupsResponseGroup[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) groups.push(readListGroupsResponseGroup(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, groups };
}

function completeListGroupsResponse(v: ListGroupsResponseInput): ListGroupsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    groups: v.groups.map(completeListGroupsResponseGroup),
  };
}

function writeListGroupsResponseGroup(w: Writer, v: ListGroupsResponseGroupInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.groupId, flexible);
  w.string(v.protocolType, flexible);
  if (version >= 4) {
    w.string((v.groupState ?? ''), flexible);
  }
  if (version >= 5) {
    w.string((v.groupType ?? ''), flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readListGroupsResponseGroup(r: Reader, version: number): ListGroupsResponseGroup {
  const flexible = version >= 3;
  const groupId = r.string(flexible);
  const protocolType = r.string(flexible);
  const groupState = version >= 4 ? r.string(flexible) : '';
  const groupType = version >= 5 ? r.string(flexible) : '';
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, protocolType, groupState, groupType };
}

function completeListGroupsResponseGroup(v: ListGroupsResponseGroupInput): ListGroupsResponseGroup {
  return {
    groupId: v.groupId,
    protocolType: v.protocolType,
    groupState: (v.groupState ?? ''),
    groupType: (v.groupType ?? ''),
  };
}

export const listGroupsApi: Api<ListGroupsRequest, ListGroupsResponse, ListGroupsRequestInput, ListGroupsResponseInput> = {
  key: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 5,
  advertisedMinVersion: 0,
  flexibleFrom: 3,
  encodeRequest(w: Writer, request: ListGroupsRequestInput, version: number): void {
    checkVersion('ListGroups', version, 0, 5);
    writeListGroupsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ListGroupsRequest {
    checkVersion('ListGroups', version, 0, 5);
    return readListGroupsRequest(r, version);
  },
  encodeResponse(w: Writer, response: ListGroupsResponseInput, version: number): void {
    checkVersion('ListGroups', version, 0, 5);
    writeListGroupsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ListGroupsResponse {
    checkVersion('ListGroups', version, 0, 5);
    return readListGroupsResponse(r, version);
  },
  completeRequest: completeListGroupsRequest,
  completeResponse: completeListGroupsResponse,
};

export interface DeleteGroupsRequest {
  readonly groupsNames: readonly string[];
}

export interface DeleteGroupsRequestInput {
  readonly groupsNames: readonly string[];
}

function writeDeleteGroupsRequest(w: Writer, v: DeleteGroupsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const groupsNamesItems = v.groupsNames;
    w.arrayLength(groupsNamesItems.length, flexible);
    for (const item of groupsNamesItems) w.string(item, flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteGroupsRequest(r: Reader, version: number): DeleteGroupsRequest {
  const flexible = version >= 2;
  let groupsNames: string[] = [];
  for (let left = r.arrayLength(flexible, 1); left > 0; left -= 1) groupsNames.push(r.string(flexible));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupsNames };
}

function completeDeleteGroupsRequest(v: DeleteGroupsRequestInput): DeleteGroupsRequest {
  return {
    groupsNames: v.groupsNames,
  };
}

export interface DeleteGroupsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly DeleteGroupsResponseResult[];
}

export interface DeleteGroupsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly results: readonly DeleteGroupsResponseResultInput[];
}

export interface DeleteGroupsResponseResult {
  readonly groupId: string;
  readonly errorCode: number;
}

export interface DeleteGroupsResponseResultInput {
  readonly groupId: string;
  readonly errorCode: number;
}

function writeDeleteGroupsResponse(w: Writer, v: DeleteGroupsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, flexible);
    for (const item of resultsItems) writeDeleteGroupsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteGroupsResponse(r: Reader, version: number): DeleteGroupsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  let results: DeleteGroupsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) results.push(readDeleteGroupsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, results };
}

function completeDeleteGroupsResponse(v: DeleteGroupsResponseInput): DeleteGroupsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    results: v.results.map(completeDeleteGroupsResponseResult),
  };
}

function writeDeleteGroupsResponseResult(w: Writer, v: DeleteGroupsResponseResultInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.groupId, flexible);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteGroupsResponseResult(r: Reader, version: number): DeleteGroupsResponseResult {
  const flexible = version >= 2;
  const groupId = r.string(flexible);
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { groupId, errorCode };
}

function completeDeleteGroupsResponseResult(v: DeleteGroupsResponseResultInput): DeleteGroupsResponseResult {
  return {
    groupId: v.groupId,
    errorCode: v.errorCode,
  };
}

export const deleteGroupsApi: Api<DeleteGroupsRequest, DeleteGroupsResponse, DeleteGroupsRequestInput, DeleteGroupsResponseInput> = {
  key: 42,
  name: 'DeleteGroups',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: DeleteGroupsRequestInput, version: number): void {
    checkVersion('DeleteGroups', version, 0, 2);
    writeDeleteGroupsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DeleteGroupsRequest {
    checkVersion('DeleteGroups', version, 0, 2);
    return readDeleteGroupsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DeleteGroupsResponseInput, version: number): void {
    checkVersion('DeleteGroups', version, 0, 2);
    writeDeleteGroupsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DeleteGroupsResponse {
    checkVersion('DeleteGroups', version, 0, 2);
    return readDeleteGroupsResponse(r, version);
  },
  completeRequest: completeDeleteGroupsRequest,
  completeResponse: completeDeleteGroupsResponse,
};

export interface ConsumerGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  /** 0 to join, -1 to leave, -2 for a static member that comes back */
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** -1 unchanged */
  readonly rebalanceTimeoutMs: number;
  /** Null unchanged */
  readonly subscribedTopicNames: readonly string[] | null;
  /** Null unchanged */
  readonly subscribedTopicRegex: string | null;
  readonly serverAssignor: string | null;
  /** Null unchanged; what the member owns */
  readonly topicPartitions: readonly ConsumerGroupHeartbeatRequestTopicPartitions[] | null;
}

export interface ConsumerGroupHeartbeatRequestInput {
  readonly groupId: string;
  readonly memberId: string;
  /** 0 to join, -1 to leave, -2 for a static member that comes back */
  readonly memberEpoch: number;
  readonly instanceId?: string | null | undefined;
  readonly rackId?: string | null | undefined;
  /** -1 unchanged */
  readonly rebalanceTimeoutMs?: number | undefined;
  /** Null unchanged */
  readonly subscribedTopicNames?: readonly string[] | null | undefined;
  /** Null unchanged */
  readonly subscribedTopicRegex?: string | null | undefined;
  readonly serverAssignor?: string | null | undefined;
  /** Null unchanged; what the member owns */
  readonly topicPartitions?: readonly ConsumerGroupHeartbeatRequestTopicPartitionsInput[] | null | undefined;
}

export interface ConsumerGroupHeartbeatRequestTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupHeartbeatRequestTopicPartitionsInput {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function writeConsumerGroupHeartbeatRequest(w: Writer, v: ConsumerGroupHeartbeatRequestInput, version: number): void {
  w.string(v.groupId, true);
  w.string(v.memberId, true);
  w.int32(v.memberEpoch);
  w.nullableString((v.instanceId ?? null), true);
  w.nullableString((v.rackId ?? null), true);
  w.int32((v.rebalanceTimeoutMs ?? -1));
  {
    const subscribedTopicNamesItems = (v.subscribedTopicNames ?? null);
    if (subscribedTopicNamesItems === null) w.nullArray(true);
    else {
      w.arrayLength(subscribedTopicNamesItems.length, true);
      for (const item of subscribedTopicNamesItems) w.string(item, true);
    }
  }
  if (version >= 1) {
    w.nullableString((v.subscribedTopicRegex ?? null), true);
  } else if ((v.subscribedTopicRegex ?? null) !== null) {
    throw fieldNotInVersion('ConsumerGroupHeartbeatRequest.subscribedTopicRegex', version);
  }
  w.nullableString((v.serverAssignor ?? null), true);
  {
    const topicPartitionsItems = (v.topicPartitions ?? null);
    if (topicPartitionsItems === null) w.nullArray(true);
    else {
      w.arrayLength(topicPartitionsItems.length, true);
      for (const item of topicPartitionsItems) writeConsumerGroupHeartbeatRequestTopicPartitions(w, item, version);
    }
  }
  w.unsignedVarint(0);
}

function readConsumerGroupHeartbeatRequest(r: Reader, version: number): ConsumerGroupHeartbeatRequest {
  const groupId = r.string(true);
  const memberId = r.string(true);
  const memberEpoch = r.int32();
  const instanceId = r.nullableString(true);
  const rackId = r.nullableString(true);
  const rebalanceTimeoutMs = r.int32();
  let subscribedTopicNames: string[] | null = null;
  const subscribedTopicNamesCount = r.nullableArrayLength(true, 1);
  if (subscribedTopicNamesCount === -1) subscribedTopicNames = null;
  else {
    subscribedTopicNames = [];
    for (let left = subscribedTopicNamesCount; left > 0; left -= 1) subscribedTopicNames.push(r.string(true));
  }
  const subscribedTopicRegex = version >= 1 ? r.nullableString(true) : null;
  const serverAssignor = r.nullableString(true);
  let topicPartitions: ConsumerGroupHeartbeatRequestTopicPartitions[] | null = null;
  const topicPartitionsCount = r.nullableArrayLength(true, 18);
  if (topicPartitionsCount === -1) topicPartitions = null;
  else {
    topicPartitions = [];
    for (let left = topicPartitionsCount; left > 0; left -= 1) topicPartitions.push(readConsumerGroupHeartbeatRequestTopicPartitions(r, version));
  }
  r.skipTaggedFields();
  return { groupId, memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, serverAssignor, topicPartitions };
}

function completeConsumerGroupHeartbeatRequest(v: ConsumerGroupHeartbeatRequestInput): ConsumerGroupHeartbeatRequest {
  return {
    groupId: v.groupId,
    memberId: v.memberId,
    memberEpoch: v.memberEpoch,
    instanceId: (v.instanceId ?? null),
    rackId: (v.rackId ?? null),
    rebalanceTimeoutMs: (v.rebalanceTimeoutMs ?? -1),
    subscribedTopicNames: (v.subscribedTopicNames ?? null),
    subscribedTopicRegex: (v.subscribedTopicRegex ?? null),
    serverAssignor: (v.serverAssignor ?? null),
    topicPartitions: (v.topicPartitions ?? null)?.map(completeConsumerGroupHeartbeatRequestTopicPartitions) ?? null,
  };
}

function writeConsumerGroupHeartbeatRequestTopicPartitions(w: Writer, v: ConsumerGroupHeartbeatRequestTopicPartitionsInput, _version: number): void {
  w.uuid(v.topicId);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupHeartbeatRequestTopicPartitions(r: Reader, _version: number): ConsumerGroupHeartbeatRequestTopicPartitions {
  const topicId = r.uuid();
  let partitions: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitions.push(r.int32());
  r.skipTaggedFields();
  return { topicId, partitions };
}

function completeConsumerGroupHeartbeatRequestTopicPartitions(v: ConsumerGroupHeartbeatRequestTopicPartitionsInput): ConsumerGroupHeartbeatRequestTopicPartitions {
  return {
    topicId: v.topicId,
    partitions: v.partitions,
  };
}

export interface ConsumerGroupHeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** Null unchanged */
  readonly assignment: ConsumerGroupHeartbeatResponseAssignment | null;
}

export interface ConsumerGroupHeartbeatResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly memberId?: string | null | undefined;
  readonly memberEpoch?: number | undefined;
  readonly heartbeatIntervalMs?: number | undefined;
  /** Null unchanged */
  readonly assignment?: ConsumerGroupHeartbeatResponseAssignmentInput | null | undefined;
}

export interface ConsumerGroupHeartbeatResponseAssignment {
  readonly topicPartitions: readonly ConsumerGroupHeartbeatResponseTopicPartitions[];
}

export interface ConsumerGroupHeartbeatResponseAssignmentInput {
  readonly topicPartitions: readonly ConsumerGroupHeartbeatResponseTopicPartitionsInput[];
}

export interface ConsumerGroupHeartbeatResponseTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupHeartbeatResponseTopicPartitionsInput {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function writeConsumerGroupHeartbeatResponse(w: Writer, v: ConsumerGroupHeartbeatResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  w.nullableString((v.memberId ?? null), true);
  w.int32((v.memberEpoch ?? 0));
  w.int32((v.heartbeatIntervalMs ?? 0));
  {
    const assignmentStruct = (v.assignment ?? null);
    w.int8(assignmentStruct === null ? -1 : 1);
    if (assignmentStruct !== null) writeConsumerGroupHeartbeatResponseAssignment(w, assignmentStruct, version);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupHeartbeatResponse(r: Reader, version: number): ConsumerGroupHeartbeatResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  const memberId = r.nullableString(true);
  const memberEpoch = r.int32();
  const heartbeatIntervalMs = r.int32();
  const assignment = (r.int8() <= -1 ? null : readConsumerGroupHeartbeatResponseAssignment(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment };
}

function completeConsumerGroupHeartbeatResponse(v: ConsumerGroupHeartbeatResponseInput): ConsumerGroupHeartbeatResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    memberId: (v.memberId ?? null),
    memberEpoch: (v.memberEpoch ?? 0),
    heartbeatIntervalMs: (v.heartbeatIntervalMs ?? 0),
    assignment: v.assignment == null ? null : completeConsumerGroupHeartbeatResponseAssignment(v.assignment),
  };
}

function writeConsumerGroupHeartbeatResponseAssignment(w: Writer, v: ConsumerGroupHeartbeatResponseAssignmentInput, version: number): void {
  {
    const topicPartitionsItems = v.topicPartitions;
    w.arrayLength(topicPartitionsItems.length, true);
    for (const item of topicPartitionsItems) writeConsumerGroupHeartbeatResponseTopicPartitions(w, item, version);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupHeartbeatResponseAssignment(r: Reader, version: number): ConsumerGroupHeartbeatResponseAssignment {
  let topicPartitions: ConsumerGroupHeartbeatResponseTopicPartitions[] = [];
  for (let left = r.arrayLength(true, 18); left > 0; left -= 1) topicPartitions.push(readConsumerGroupHeartbeatResponseTopicPartitions(r, version));
  r.skipTaggedFields();
  return { topicPartitions };
}

function completeConsumerGroupHeartbeatResponseAssignment(v: ConsumerGroupHeartbeatResponseAssignmentInput): ConsumerGroupHeartbeatResponseAssignment {
  return {
    topicPartitions: v.topicPartitions.map(completeConsumerGroupHeartbeatResponseTopicPartitions),
  };
}

function writeConsumerGroupHeartbeatResponseTopicPartitions(w: Writer, v: ConsumerGroupHeartbeatResponseTopicPartitionsInput, _version: number): void {
  w.uuid(v.topicId);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupHeartbeatResponseTopicPartitions(r: Reader, _version: number): ConsumerGroupHeartbeatResponseTopicPartitions {
  const topicId = r.uuid();
  let partitions: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitions.push(r.int32());
  r.skipTaggedFields();
  return { topicId, partitions };
}

function completeConsumerGroupHeartbeatResponseTopicPartitions(v: ConsumerGroupHeartbeatResponseTopicPartitionsInput): ConsumerGroupHeartbeatResponseTopicPartitions {
  return {
    topicId: v.topicId,
    partitions: v.partitions,
  };
}

export const consumerGroupHeartbeatApi: Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ConsumerGroupHeartbeatRequestInput, ConsumerGroupHeartbeatResponseInput> = {
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: ConsumerGroupHeartbeatRequestInput, version: number): void {
    checkVersion('ConsumerGroupHeartbeat', version, 0, 1);
    writeConsumerGroupHeartbeatRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ConsumerGroupHeartbeatRequest {
    checkVersion('ConsumerGroupHeartbeat', version, 0, 1);
    return readConsumerGroupHeartbeatRequest(r, version);
  },
  encodeResponse(w: Writer, response: ConsumerGroupHeartbeatResponseInput, version: number): void {
    checkVersion('ConsumerGroupHeartbeat', version, 0, 1);
    writeConsumerGroupHeartbeatResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ConsumerGroupHeartbeatResponse {
    checkVersion('ConsumerGroupHeartbeat', version, 0, 1);
    return readConsumerGroupHeartbeatResponse(r, version);
  },
  completeRequest: completeConsumerGroupHeartbeatRequest,
  completeResponse: completeConsumerGroupHeartbeatResponse,
};

export interface ShareGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  /** 0 to join, -1 to leave */
  readonly memberEpoch: number;
  readonly rackId: string | null;
  /** Null unchanged */
  readonly subscribedTopicNames: readonly string[] | null;
}

export interface ShareGroupHeartbeatRequestInput {
  readonly groupId: string;
  readonly memberId: string;
  /** 0 to join, -1 to leave */
  readonly memberEpoch: number;
  readonly rackId?: string | null | undefined;
  /** Null unchanged */
  readonly subscribedTopicNames?: readonly string[] | null | undefined;
}

function writeShareGroupHeartbeatRequest(w: Writer, v: ShareGroupHeartbeatRequestInput, _version: number): void {
  w.string(v.groupId, true);
  w.string(v.memberId, true);
  w.int32(v.memberEpoch);
  w.nullableString((v.rackId ?? null), true);
  {
    const subscribedTopicNamesItems = (v.subscribedTopicNames ?? null);
    if (subscribedTopicNamesItems === null) w.nullArray(true);
    else {
      w.arrayLength(subscribedTopicNamesItems.length, true);
      for (const item of subscribedTopicNamesItems) w.string(item, true);
    }
  }
  w.unsignedVarint(0);
}

function readShareGroupHeartbeatRequest(r: Reader, _version: number): ShareGroupHeartbeatRequest {
  const groupId = r.string(true);
  const memberId = r.string(true);
  const memberEpoch = r.int32();
  const rackId = r.nullableString(true);
  let subscribedTopicNames: string[] | null = null;
  const subscribedTopicNamesCount = r.nullableArrayLength(true, 1);
  if (subscribedTopicNamesCount === -1) subscribedTopicNames = null;
  else {
    subscribedTopicNames = [];
    for (let left = subscribedTopicNamesCount; left > 0; left -= 1) subscribedTopicNames.push(r.string(true));
  }
  r.skipTaggedFields();
  return { groupId, memberId, memberEpoch, rackId, subscribedTopicNames };
}

function completeShareGroupHeartbeatRequest(v: ShareGroupHeartbeatRequestInput): ShareGroupHeartbeatRequest {
  return {
    groupId: v.groupId,
    memberId: v.memberId,
    memberEpoch: v.memberEpoch,
    rackId: (v.rackId ?? null),
    subscribedTopicNames: (v.subscribedTopicNames ?? null),
  };
}

export interface ShareGroupHeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** Null unchanged */
  readonly assignment: ShareGroupHeartbeatResponseShareAssignment | null;
}

export interface ShareGroupHeartbeatResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly memberId?: string | null | undefined;
  readonly memberEpoch?: number | undefined;
  readonly heartbeatIntervalMs?: number | undefined;
  /** Null unchanged */
  readonly assignment?: ShareGroupHeartbeatResponseShareAssignmentInput | null | undefined;
}

export interface ShareGroupHeartbeatResponseShareAssignment {
  readonly topicPartitions: readonly ShareGroupHeartbeatResponseTopicPartitions[];
}

export interface ShareGroupHeartbeatResponseShareAssignmentInput {
  readonly topicPartitions: readonly ShareGroupHeartbeatResponseTopicPartitionsInput[];
}

export interface ShareGroupHeartbeatResponseTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ShareGroupHeartbeatResponseTopicPartitionsInput {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function writeShareGroupHeartbeatResponse(w: Writer, v: ShareGroupHeartbeatResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  w.nullableString((v.memberId ?? null), true);
  w.int32((v.memberEpoch ?? 0));
  w.int32((v.heartbeatIntervalMs ?? 0));
  {
    const assignmentStruct = (v.assignment ?? null);
    w.int8(assignmentStruct === null ? -1 : 1);
    if (assignmentStruct !== null) writeShareGroupHeartbeatResponseShareAssignment(w, assignmentStruct, version);
  }
  w.unsignedVarint(0);
}

function readShareGroupHeartbeatResponse(r: Reader, version: number): ShareGroupHeartbeatResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  const memberId = r.nullableString(true);
  const memberEpoch = r.int32();
  const heartbeatIntervalMs = r.int32();
  const assignment = (r.int8() <= -1 ? null : readShareGroupHeartbeatResponseShareAssignment(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment };
}

function completeShareGroupHeartbeatResponse(v: ShareGroupHeartbeatResponseInput): ShareGroupHeartbeatResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    memberId: (v.memberId ?? null),
    memberEpoch: (v.memberEpoch ?? 0),
    heartbeatIntervalMs: (v.heartbeatIntervalMs ?? 0),
    assignment: v.assignment == null ? null : completeShareGroupHeartbeatResponseShareAssignment(v.assignment),
  };
}

function writeShareGroupHeartbeatResponseShareAssignment(w: Writer, v: ShareGroupHeartbeatResponseShareAssignmentInput, version: number): void {
  {
    const topicPartitionsItems = v.topicPartitions;
    w.arrayLength(topicPartitionsItems.length, true);
    for (const item of topicPartitionsItems) writeShareGroupHeartbeatResponseTopicPartitions(w, item, version);
  }
  w.unsignedVarint(0);
}

function readShareGroupHeartbeatResponseShareAssignment(r: Reader, version: number): ShareGroupHeartbeatResponseShareAssignment {
  let topicPartitions: ShareGroupHeartbeatResponseTopicPartitions[] = [];
  for (let left = r.arrayLength(true, 18); left > 0; left -= 1) topicPartitions.push(readShareGroupHeartbeatResponseTopicPartitions(r, version));
  r.skipTaggedFields();
  return { topicPartitions };
}

function completeShareGroupHeartbeatResponseShareAssignment(v: ShareGroupHeartbeatResponseShareAssignmentInput): ShareGroupHeartbeatResponseShareAssignment {
  return {
    topicPartitions: v.topicPartitions.map(completeShareGroupHeartbeatResponseTopicPartitions),
  };
}

function writeShareGroupHeartbeatResponseTopicPartitions(w: Writer, v: ShareGroupHeartbeatResponseTopicPartitionsInput, _version: number): void {
  w.uuid(v.topicId);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readShareGroupHeartbeatResponseTopicPartitions(r: Reader, _version: number): ShareGroupHeartbeatResponseTopicPartitions {
  const topicId = r.uuid();
  let partitions: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitions.push(r.int32());
  r.skipTaggedFields();
  return { topicId, partitions };
}

function completeShareGroupHeartbeatResponseTopicPartitions(v: ShareGroupHeartbeatResponseTopicPartitionsInput): ShareGroupHeartbeatResponseTopicPartitions {
  return {
    topicId: v.topicId,
    partitions: v.partitions,
  };
}

export const shareGroupHeartbeatApi: Api<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, ShareGroupHeartbeatRequestInput, ShareGroupHeartbeatResponseInput> = {
  key: 76,
  name: 'ShareGroupHeartbeat',
  minVersion: 1,
  maxVersion: 1,
  advertisedMinVersion: 1,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: ShareGroupHeartbeatRequestInput, version: number): void {
    checkVersion('ShareGroupHeartbeat', version, 1, 1);
    writeShareGroupHeartbeatRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ShareGroupHeartbeatRequest {
    checkVersion('ShareGroupHeartbeat', version, 1, 1);
    return readShareGroupHeartbeatRequest(r, version);
  },
  encodeResponse(w: Writer, response: ShareGroupHeartbeatResponseInput, version: number): void {
    checkVersion('ShareGroupHeartbeat', version, 1, 1);
    writeShareGroupHeartbeatResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ShareGroupHeartbeatResponse {
    checkVersion('ShareGroupHeartbeat', version, 1, 1);
    return readShareGroupHeartbeatResponse(r, version);
  },
  completeRequest: completeShareGroupHeartbeatRequest,
  completeResponse: completeShareGroupHeartbeatResponse,
};

export interface ConsumerGroupDescribeRequest {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

export interface ConsumerGroupDescribeRequestInput {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations?: boolean | undefined;
}

function writeConsumerGroupDescribeRequest(w: Writer, v: ConsumerGroupDescribeRequestInput, _version: number): void {
  {
    const groupIdsItems = v.groupIds;
    w.arrayLength(groupIdsItems.length, true);
    for (const item of groupIdsItems) w.string(item, true);
  }
  w.bool((v.includeAuthorizedOperations ?? false));
  w.unsignedVarint(0);
}

function readConsumerGroupDescribeRequest(r: Reader, _version: number): ConsumerGroupDescribeRequest {
  let groupIds: string[] = [];
  for (let left = r.arrayLength(true, 1); left > 0; left -= 1) groupIds.push(r.string(true));
  const includeAuthorizedOperations = r.bool();
  r.skipTaggedFields();
  return { groupIds, includeAuthorizedOperations };
}

function completeConsumerGroupDescribeRequest(v: ConsumerGroupDescribeRequestInput): ConsumerGroupDescribeRequest {
  return {
    groupIds: v.groupIds,
    includeAuthorizedOperations: (v.includeAuthorizedOperations ?? false),
  };
}

export interface ConsumerGroupDescribeResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly ConsumerGroupDescribeResponseDescribedGroup[];
}

export interface ConsumerGroupDescribeResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly groups: readonly ConsumerGroupDescribeResponseDescribedGroupInput[];
}

export interface ConsumerGroupDescribeResponseDescribedGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly groupEpoch: number;
  readonly assignmentEpoch: number;
  readonly assignorName: string;
  readonly members: readonly ConsumerGroupDescribeResponseMember[];
  readonly authorizedOperations: number;
}

export interface ConsumerGroupDescribeResponseDescribedGroupInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly groupId: string;
  readonly groupState?: string | undefined;
  readonly groupEpoch?: number | undefined;
  readonly assignmentEpoch?: number | undefined;
  readonly assignorName?: string | undefined;
  readonly members?: readonly ConsumerGroupDescribeResponseMemberInput[] | undefined;
  readonly authorizedOperations?: number | undefined;
}

export interface ConsumerGroupDescribeResponseMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  readonly subscribedTopicRegex: string | null;
  readonly assignment: ConsumerGroupDescribeResponseAssignment;
  readonly targetAssignment: ConsumerGroupDescribeResponseAssignment;
  /** 0 classic, 1 consumer */
  readonly memberType: number;
}

export interface ConsumerGroupDescribeResponseMemberInput {
  readonly memberId: string;
  readonly instanceId?: string | null | undefined;
  readonly rackId?: string | null | undefined;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames?: readonly string[] | undefined;
  readonly subscribedTopicRegex?: string | null | undefined;
  readonly assignment: ConsumerGroupDescribeResponseAssignmentInput;
  readonly targetAssignment: ConsumerGroupDescribeResponseAssignmentInput;
  /** 0 classic, 1 consumer */
  readonly memberType?: number | undefined;
}

export interface ConsumerGroupDescribeResponseAssignment {
  readonly topicPartitions: readonly ConsumerGroupDescribeResponseTopicPartitions[];
}

export interface ConsumerGroupDescribeResponseAssignmentInput {
  readonly topicPartitions: readonly ConsumerGroupDescribeResponseTopicPartitionsInput[];
}

export interface ConsumerGroupDescribeResponseTopicPartitions {
  readonly topicId: string;
  readonly topicName: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupDescribeResponseTopicPartitionsInput {
  readonly topicId: string;
  readonly topicName: string;
  readonly partitions: readonly number[];
}

function writeConsumerGroupDescribeResponse(w: Writer, v: ConsumerGroupDescribeResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  {
    const groupsItems = v.groups;
    w.arrayLength(groupsItems.length, true);
    for (const item of groupsItems) writeConsumerGroupDescribeResponseDescribedGroup(w, item, version);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupDescribeResponse(r: Reader, version: number): ConsumerGroupDescribeResponse {
  const throttleTimeMs = r.int32();
  let groups: ConsumerGroupDescribeResponseDescribedGroup[] = [];
  for (let left = r.arrayLength(true, 20); left > 0; left -= 1) groups.push(readConsumerGroupDescribeResponseDescribedGroup(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, groups };
}

function completeConsumerGroupDescribeResponse(v: ConsumerGroupDescribeResponseInput): ConsumerGroupDescribeResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    groups: v.groups.map(completeConsumerGroupDescribeResponseDescribedGroup),
  };
}

function writeConsumerGroupDescribeResponseDescribedGroup(w: Writer, v: ConsumerGroupDescribeResponseDescribedGroupInput, version: number): void {
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  w.string(v.groupId, true);
  w.string((v.groupState ?? ''), true);
  w.int32((v.groupEpoch ?? 0));
  w.int32((v.assignmentEpoch ?? 0));
  w.string((v.assignorName ?? ''), true);
  {
    const membersItems = (v.members ?? []);
    w.arrayLength(membersItems.length, true);
    for (const item of membersItems) writeConsumerGroupDescribeResponseMember(w, item, version);
  }
  w.int32((v.authorizedOperations ?? -2147483648));
  w.unsignedVarint(0);
}

function readConsumerGroupDescribeResponseDescribedGroup(r: Reader, version: number): ConsumerGroupDescribeResponseDescribedGroup {
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  const groupId = r.string(true);
  const groupState = r.string(true);
  const groupEpoch = r.int32();
  const assignmentEpoch = r.int32();
  const assignorName = r.string(true);
  let members: ConsumerGroupDescribeResponseMember[] = [];
  for (let left = r.arrayLength(true, 16); left > 0; left -= 1) members.push(readConsumerGroupDescribeResponseMember(r, version));
  const authorizedOperations = r.int32();
  r.skipTaggedFields();
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members, authorizedOperations };
}

function completeConsumerGroupDescribeResponseDescribedGroup(v: ConsumerGroupDescribeResponseDescribedGroupInput): ConsumerGroupDescribeResponseDescribedGroup {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    groupId: v.groupId,
    groupState: (v.groupState ?? ''),
    groupEpoch: (v.groupEpoch ?? 0),
    assignmentEpoch: (v.assignmentEpoch ?? 0),
    assignorName: (v.assignorName ?? ''),
    members: (v.members ?? []).map(completeConsumerGroupDescribeResponseMember),
    authorizedOperations: (v.authorizedOperations ?? -2147483648),
  };
}

function writeConsumerGroupDescribeResponseMember(w: Writer, v: ConsumerGroupDescribeResponseMemberInput, version: number): void {
  w.string(v.memberId, true);
  w.nullableString((v.instanceId ?? null), true);
  w.nullableString((v.rackId ?? null), true);
  w.int32(v.memberEpoch);
  w.string(v.clientId, true);
  w.string(v.clientHost, true);
  {
    const subscribedTopicNamesItems = (v.subscribedTopicNames ?? []);
    w.arrayLength(subscribedTopicNamesItems.length, true);
    for (const item of subscribedTopicNamesItems) w.string(item, true);
  }
  w.nullableString((v.subscribedTopicRegex ?? null), true);
  writeConsumerGroupDescribeResponseAssignment(w, v.assignment, version);
  writeConsumerGroupDescribeResponseAssignment(w, v.targetAssignment, version);
  if (version >= 1) {
    w.int8((v.memberType ?? -1));
  }
  w.unsignedVarint(0);
}

function readConsumerGroupDescribeResponseMember(r: Reader, version: number): ConsumerGroupDescribeResponseMember {
  const memberId = r.string(true);
  const instanceId = r.nullableString(true);
  const rackId = r.nullableString(true);
  const memberEpoch = r.int32();
  const clientId = r.string(true);
  const clientHost = r.string(true);
  let subscribedTopicNames: string[] = [];
  for (let left = r.arrayLength(true, 1); left > 0; left -= 1) subscribedTopicNames.push(r.string(true));
  const subscribedTopicRegex = r.nullableString(true);
  const assignment = readConsumerGroupDescribeResponseAssignment(r, version);
  const targetAssignment = readConsumerGroupDescribeResponseAssignment(r, version);
  const memberType = version >= 1 ? r.int8() : -1;
  r.skipTaggedFields();
  return { memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, subscribedTopicRegex, assignment, targetAssignment, memberType };
}

function completeConsumerGroupDescribeResponseMember(v: ConsumerGroupDescribeResponseMemberInput): ConsumerGroupDescribeResponseMember {
  return {
    memberId: v.memberId,
    instanceId: (v.instanceId ?? null),
    rackId: (v.rackId ?? null),
    memberEpoch: v.memberEpoch,
    clientId: v.clientId,
    clientHost: v.clientHost,
    subscribedTopicNames: (v.subscribedTopicNames ?? []),
    subscribedTopicRegex: (v.subscribedTopicRegex ?? null),
    assignment: completeConsumerGroupDescribeResponseAssignment(v.assignment),
    targetAssignment: completeConsumerGroupDescribeResponseAssignment(v.targetAssignment),
    memberType: (v.memberType ?? -1),
  };
}

function writeConsumerGroupDescribeResponseAssignment(w: Writer, v: ConsumerGroupDescribeResponseAssignmentInput, version: number): void {
  {
    const topicPartitionsItems = v.topicPartitions;
    w.arrayLength(topicPartitionsItems.length, true);
    for (const item of topicPartitionsItems) writeConsumerGroupDescribeResponseTopicPartitions(w, item, version);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupDescribeResponseAssignment(r: Reader, version: number): ConsumerGroupDescribeResponseAssignment {
  let topicPartitions: ConsumerGroupDescribeResponseTopicPartitions[] = [];
  for (let left = r.arrayLength(true, 19); left > 0; left -= 1) topicPartitions.push(readConsumerGroupDescribeResponseTopicPartitions(r, version));
  r.skipTaggedFields();
  return { topicPartitions };
}

function completeConsumerGroupDescribeResponseAssignment(v: ConsumerGroupDescribeResponseAssignmentInput): ConsumerGroupDescribeResponseAssignment {
  return {
    topicPartitions: v.topicPartitions.map(completeConsumerGroupDescribeResponseTopicPartitions),
  };
}

function writeConsumerGroupDescribeResponseTopicPartitions(w: Writer, v: ConsumerGroupDescribeResponseTopicPartitionsInput, _version: number): void {
  w.uuid(v.topicId);
  w.string(v.topicName, true);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupDescribeResponseTopicPartitions(r: Reader, _version: number): ConsumerGroupDescribeResponseTopicPartitions {
  const topicId = r.uuid();
  const topicName = r.string(true);
  let partitions: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitions.push(r.int32());
  r.skipTaggedFields();
  return { topicId, topicName, partitions };
}

function completeConsumerGroupDescribeResponseTopicPartitions(v: ConsumerGroupDescribeResponseTopicPartitionsInput): ConsumerGroupDescribeResponseTopicPartitions {
  return {
    topicId: v.topicId,
    topicName: v.topicName,
    partitions: v.partitions,
  };
}

export const consumerGroupDescribeApi: Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupDescribeRequestInput, ConsumerGroupDescribeResponseInput> = {
  key: 69,
  name: 'ConsumerGroupDescribe',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: ConsumerGroupDescribeRequestInput, version: number): void {
    checkVersion('ConsumerGroupDescribe', version, 0, 1);
    writeConsumerGroupDescribeRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ConsumerGroupDescribeRequest {
    checkVersion('ConsumerGroupDescribe', version, 0, 1);
    return readConsumerGroupDescribeRequest(r, version);
  },
  encodeResponse(w: Writer, response: ConsumerGroupDescribeResponseInput, version: number): void {
    checkVersion('ConsumerGroupDescribe', version, 0, 1);
    writeConsumerGroupDescribeResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ConsumerGroupDescribeResponse {
    checkVersion('ConsumerGroupDescribe', version, 0, 1);
    return readConsumerGroupDescribeResponse(r, version);
  },
  completeRequest: completeConsumerGroupDescribeRequest,
  completeResponse: completeConsumerGroupDescribeResponse,
};

export interface OffsetDeleteRequest {
  readonly groupId: string;
  readonly topics: readonly OffsetDeleteRequestTopic[];
}

export interface OffsetDeleteRequestInput {
  readonly groupId: string;
  readonly topics: readonly OffsetDeleteRequestTopicInput[];
}

export interface OffsetDeleteRequestTopic {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteRequestPartition[];
}

export interface OffsetDeleteRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteRequestPartitionInput[];
}

export interface OffsetDeleteRequestPartition {
  readonly partitionIndex: number;
}

export interface OffsetDeleteRequestPartitionInput {
  readonly partitionIndex: number;
}

function writeOffsetDeleteRequest(w: Writer, v: OffsetDeleteRequestInput, version: number): void {
  w.string(v.groupId, false);
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, false);
    for (const item of topicsItems) writeOffsetDeleteRequestTopic(w, item, version);
  }
}

function readOffsetDeleteRequest(r: Reader, version: number): OffsetDeleteRequest {
  const groupId = r.string(false);
  let topics: OffsetDeleteRequestTopic[] = [];
  for (let left = r.arrayLength(false, 6); left > 0; left -= 1) topics.push(readOffsetDeleteRequestTopic(r, version));
  return { groupId, topics };
}

function completeOffsetDeleteRequest(v: OffsetDeleteRequestInput): OffsetDeleteRequest {
  return {
    groupId: v.groupId,
    topics: v.topics.map(completeOffsetDeleteRequestTopic),
  };
}

function writeOffsetDeleteRequestTopic(w: Writer, v: OffsetDeleteRequestTopicInput, version: number): void {
  w.string(v.name, false);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, false);
    for (const item of partitionsItems) writeOffsetDeleteRequestPartition(w, item, version);
  }
}

function readOffsetDeleteRequestTopic(r: Reader, version: number): OffsetDeleteRequestTopic {
  const name = r.string(false);
  let partitions: OffsetDeleteRequestPartition[] = [];
  for (let left = r.arrayLength(false, 4); left > 0; left -= 1) partitions.push(readOffsetDeleteRequestPartition(r, version));
  return { name, partitions };
}

function completeOffsetDeleteRequestTopic(v: OffsetDeleteRequestTopicInput): OffsetDeleteRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeOffsetDeleteRequestPartition),
  };
}

function writeOffsetDeleteRequestPartition(w: Writer, v: OffsetDeleteRequestPartitionInput, _version: number): void {
  w.int32(v.partitionIndex);
}

function readOffsetDeleteRequestPartition(r: Reader, _version: number): OffsetDeleteRequestPartition {
  const partitionIndex = r.int32();
  return { partitionIndex };
}

function completeOffsetDeleteRequestPartition(v: OffsetDeleteRequestPartitionInput): OffsetDeleteRequestPartition {
  return {
    partitionIndex: v.partitionIndex,
  };
}

export interface OffsetDeleteResponse {
  readonly errorCode: number;
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetDeleteResponseTopic[];
}

export interface OffsetDeleteResponseInput {
  readonly errorCode?: number | undefined;
  readonly throttleTimeMs?: number | undefined;
  readonly topics?: readonly OffsetDeleteResponseTopicInput[] | undefined;
}

export interface OffsetDeleteResponseTopic {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteResponsePartition[];
}

export interface OffsetDeleteResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteResponsePartitionInput[];
}

export interface OffsetDeleteResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

export interface OffsetDeleteResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function writeOffsetDeleteResponse(w: Writer, v: OffsetDeleteResponseInput, version: number): void {
  w.int16((v.errorCode ?? 0));
  w.int32((v.throttleTimeMs ?? 0));
  {
    const topicsItems = (v.topics ?? []);
    w.arrayLength(topicsItems.length, false);
    for (const item of topicsItems) writeOffsetDeleteResponseTopic(w, item, version);
  }
}

function readOffsetDeleteResponse(r: Reader, version: number): OffsetDeleteResponse {
  const errorCode = r.int16();
  const throttleTimeMs = r.int32();
  let topics: OffsetDeleteResponseTopic[] = [];
  for (let left = r.arrayLength(false, 6); left > 0; left -= 1) topics.push(readOffsetDeleteResponseTopic(r, version));
  return { errorCode, throttleTimeMs, topics };
}

function completeOffsetDeleteResponse(v: OffsetDeleteResponseInput): OffsetDeleteResponse {
  return {
    errorCode: (v.errorCode ?? 0),
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    topics: (v.topics ?? []).map(completeOffsetDeleteResponseTopic),
  };
}

function writeOffsetDeleteResponseTopic(w: Writer, v: OffsetDeleteResponseTopicInput, version: number): void {
  w.string(v.name, false);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, false);
    for (const item of partitionsItems) writeOffsetDeleteResponsePartition(w, item, version);
  }
}

function readOffsetDeleteResponseTopic(r: Reader, version: number): OffsetDeleteResponseTopic {
  const name = r.string(false);
  let partitions: OffsetDeleteResponsePartition[] = [];
  for (let left = r.arrayLength(false, 6); left > 0; left -= 1) partitions.push(readOffsetDeleteResponsePartition(r, version));
  return { name, partitions };
}

function completeOffsetDeleteResponseTopic(v: OffsetDeleteResponseTopicInput): OffsetDeleteResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeOffsetDeleteResponsePartition),
  };
}

function writeOffsetDeleteResponsePartition(w: Writer, v: OffsetDeleteResponsePartitionInput, _version: number): void {
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
}

function readOffsetDeleteResponsePartition(r: Reader, _version: number): OffsetDeleteResponsePartition {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  return { partitionIndex, errorCode };
}

function completeOffsetDeleteResponsePartition(v: OffsetDeleteResponsePartitionInput): OffsetDeleteResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
  };
}

export const offsetDeleteApi: Api<OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteRequestInput, OffsetDeleteResponseInput> = {
  key: 47,
  name: 'OffsetDelete',
  minVersion: 0,
  maxVersion: 0,
  advertisedMinVersion: 0,
  flexibleFrom: Infinity,
  encodeRequest(w: Writer, request: OffsetDeleteRequestInput, version: number): void {
    checkVersion('OffsetDelete', version, 0, 0);
    writeOffsetDeleteRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): OffsetDeleteRequest {
    checkVersion('OffsetDelete', version, 0, 0);
    return readOffsetDeleteRequest(r, version);
  },
  encodeResponse(w: Writer, response: OffsetDeleteResponseInput, version: number): void {
    checkVersion('OffsetDelete', version, 0, 0);
    writeOffsetDeleteResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): OffsetDeleteResponse {
    checkVersion('OffsetDelete', version, 0, 0);
    return readOffsetDeleteResponse(r, version);
  },
  completeRequest: completeOffsetDeleteRequest,
  completeResponse: completeOffsetDeleteResponse,
};

export interface ConsumerProtocolSubscription {
  readonly topics: readonly string[];
  readonly userData: Uint8Array | null;
  readonly ownedPartitions: readonly ConsumerProtocolSubscriptionTopicPartition[];
  readonly generationId: number;
  readonly rackId: string | null;
}

export interface ConsumerProtocolSubscriptionInput {
  readonly topics: readonly string[];
  readonly userData?: Uint8Array | null | undefined;
  readonly ownedPartitions?: readonly ConsumerProtocolSubscriptionTopicPartitionInput[] | undefined;
  readonly generationId?: number | undefined;
  readonly rackId?: string | null | undefined;
}

export interface ConsumerProtocolSubscriptionTopicPartition {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface ConsumerProtocolSubscriptionTopicPartitionInput {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function writeConsumerProtocolSubscription(w: Writer, v: ConsumerProtocolSubscriptionInput, version: number): void {
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, false);
    for (const item of topicsItems) w.string(item, false);
  }
  w.nullableBytes((v.userData ?? null), false);
  if (version >= 1) {
    {
      const ownedPartitionsItems = (v.ownedPartitions ?? []);
      w.arrayLength(ownedPartitionsItems.length, false);
      for (const item of ownedPartitionsItems) writeConsumerProtocolSubscriptionTopicPartition(w, item, version);
    }
  }
  if (version >= 2) {
    w.int32((v.generationId ?? -1));
  }
  if (version >= 3) {
    w.nullableString((v.rackId ?? null), false);
  }
}

function readConsumerProtocolSubscription(r: Reader, version: number): ConsumerProtocolSubscription {
  let topics: string[] = [];
  for (let left = r.arrayLength(false, 2); left > 0; left -= 1) topics.push(r.string(false));
  const userData = r.nullableBytes(false);
  let ownedPartitions: ConsumerProtocolSubscriptionTopicPartition[] = [];
  if (version >= 1) {
    for (let left = r.arrayLength(false, 6); left > 0; left -= 1) ownedPartitions.push(readConsumerProtocolSubscriptionTopicPartition(r, version));
  }
  const generationId = version >= 2 ? r.int32() : -1;
  const rackId = version >= 3 ? r.nullableString(false) : null;
  return { topics, userData, ownedPartitions, generationId, rackId };
}

function writeConsumerProtocolSubscriptionTopicPartition(w: Writer, v: ConsumerProtocolSubscriptionTopicPartitionInput, _version: number): void {
  w.string(v.topic, false);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, false);
    for (const item of partitionsItems) w.int32(item);
  }
}

function readConsumerProtocolSubscriptionTopicPartition(r: Reader, _version: number): ConsumerProtocolSubscriptionTopicPartition {
  const topic = r.string(false);
  let partitions: number[] = [];
  for (let left = r.arrayLength(false, 4); left > 0; left -= 1) partitions.push(r.int32());
  return { topic, partitions };
}

export const consumerProtocolSubscriptionMessage: Message<ConsumerProtocolSubscription, ConsumerProtocolSubscriptionInput> = {
  name: 'ConsumerProtocolSubscription',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: Infinity,
  readsNewerAsLatest: true,
  encode(w: Writer, value: ConsumerProtocolSubscriptionInput, version: number): void {
    checkVersion('ConsumerProtocolSubscription', version, 0, 3);
    writeConsumerProtocolSubscription(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerProtocolSubscription {
    checkVersion('ConsumerProtocolSubscription', version, 0, 3);
    return readConsumerProtocolSubscription(r, version);
  },
};

export interface ConsumerProtocolAssignment {
  readonly assignedPartitions: readonly ConsumerProtocolAssignmentTopicPartition[];
  readonly userData: Uint8Array | null;
}

export interface ConsumerProtocolAssignmentInput {
  readonly assignedPartitions: readonly ConsumerProtocolAssignmentTopicPartitionInput[];
  readonly userData?: Uint8Array | null | undefined;
}

export interface ConsumerProtocolAssignmentTopicPartition {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface ConsumerProtocolAssignmentTopicPartitionInput {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function writeConsumerProtocolAssignment(w: Writer, v: ConsumerProtocolAssignmentInput, version: number): void {
  {
    const assignedPartitionsItems = v.assignedPartitions;
    w.arrayLength(assignedPartitionsItems.length, false);
    for (const item of assignedPartitionsItems) writeConsumerProtocolAssignmentTopicPartition(w, item, version);
  }
  w.nullableBytes((v.userData ?? null), false);
}

function readConsumerProtocolAssignment(r: Reader, version: number): ConsumerProtocolAssignment {
  let assignedPartitions: ConsumerProtocolAssignmentTopicPartition[] = [];
  for (let left = r.arrayLength(false, 6); left > 0; left -= 1) assignedPartitions.push(readConsumerProtocolAssignmentTopicPartition(r, version));
  const userData = r.nullableBytes(false);
  return { assignedPartitions, userData };
}

function writeConsumerProtocolAssignmentTopicPartition(w: Writer, v: ConsumerProtocolAssignmentTopicPartitionInput, _version: number): void {
  w.string(v.topic, false);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, false);
    for (const item of partitionsItems) w.int32(item);
  }
}

function readConsumerProtocolAssignmentTopicPartition(r: Reader, _version: number): ConsumerProtocolAssignmentTopicPartition {
  const topic = r.string(false);
  let partitions: number[] = [];
  for (let left = r.arrayLength(false, 4); left > 0; left -= 1) partitions.push(r.int32());
  return { topic, partitions };
}

export const consumerProtocolAssignmentMessage: Message<ConsumerProtocolAssignment, ConsumerProtocolAssignmentInput> = {
  name: 'ConsumerProtocolAssignment',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: Infinity,
  readsNewerAsLatest: true,
  encode(w: Writer, value: ConsumerProtocolAssignmentInput, version: number): void {
    checkVersion('ConsumerProtocolAssignment', version, 0, 3);
    writeConsumerProtocolAssignment(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerProtocolAssignment {
    checkVersion('ConsumerProtocolAssignment', version, 0, 3);
    return readConsumerProtocolAssignment(r, version);
  },
};

export interface OffsetCommitKey {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export interface OffsetCommitKeyInput {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

function writeOffsetCommitKey(w: Writer, v: OffsetCommitKeyInput, _version: number): void {
  w.string(v.group, false);
  w.string(v.topic, false);
  w.int32(v.partition);
}

function readOffsetCommitKey(r: Reader, _version: number): OffsetCommitKey {
  const group = r.string(false);
  const topic = r.string(false);
  const partition = r.int32();
  return { group, topic, partition };
}

export const offsetCommitKeyMessage: Message<OffsetCommitKey, OffsetCommitKeyInput> = {
  name: 'OffsetCommitKey',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: OffsetCommitKeyInput, version: number): void {
    checkVersion('OffsetCommitKey', version, 0, 1);
    writeOffsetCommitKey(w, value, version);
  },
  decode(r: Reader, version: number): OffsetCommitKey {
    checkVersion('OffsetCommitKey', version, 0, 1);
    return readOffsetCommitKey(r, version);
  },
};

export interface OffsetCommitValue {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestamp: number;
  readonly expireTimestamp: number;
  readonly topicId: string;
}

export interface OffsetCommitValueInput {
  readonly offset: number;
  readonly leaderEpoch?: number | undefined;
  readonly metadata: string;
  readonly commitTimestamp: number;
  readonly expireTimestamp?: number | undefined;
  readonly topicId?: string | undefined;
}

function writeOffsetCommitValue(w: Writer, v: OffsetCommitValueInput, version: number): void {
  const flexible = version >= 4;
  w.int64(v.offset);
  if (version >= 3) {
    w.int32((v.leaderEpoch ?? -1));
  }
  w.string(v.metadata, flexible);
  w.int64(v.commitTimestamp);
  if (version >= 1 && version <= 1) {
    w.int64((v.expireTimestamp ?? -1));
  }
  if (flexible) {
    const hasTopicId = version >= 4 && (v.topicId ?? ZERO_UUID) !== ZERO_UUID;
    w.unsignedVarint(Number(hasTopicId));
    if (hasTopicId) {
      const sizeAt = w.openTaggedField(0);
      w.uuid((v.topicId ?? ZERO_UUID));
      w.closeTaggedField(sizeAt);
    }
  }
}

function readOffsetCommitValue(r: Reader, version: number): OffsetCommitValue {
  const flexible = version >= 4;
  const offset = r.int64();
  const leaderEpoch = version >= 3 ? r.int32() : -1;
  const metadata = r.string(flexible);
  const commitTimestamp = r.int64();
  const expireTimestamp = version >= 1 && version <= 1 ? r.int64() : -1;
  let topicId: string = ZERO_UUID;
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 4) {
        topicId = r.uuid();
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId };
}

export const offsetCommitValueMessage: Message<OffsetCommitValue, OffsetCommitValueInput> = {
  name: 'OffsetCommitValue',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  readsNewerAsLatest: false,
  encode(w: Writer, value: OffsetCommitValueInput, version: number): void {
    checkVersion('OffsetCommitValue', version, 0, 4);
    writeOffsetCommitValue(w, value, version);
  },
  decode(r: Reader, version: number): OffsetCommitValue {
    checkVersion('OffsetCommitValue', version, 0, 4);
    return readOffsetCommitValue(r, version);
  },
};

export interface GroupMetadataKey {
  readonly group: string;
}

export interface GroupMetadataKeyInput {
  readonly group: string;
}

function writeGroupMetadataKey(w: Writer, v: GroupMetadataKeyInput, _version: number): void {
  w.string(v.group, false);
}

function readGroupMetadataKey(r: Reader, _version: number): GroupMetadataKey {
  const group = r.string(false);
  return { group };
}

export const groupMetadataKeyMessage: Message<GroupMetadataKey, GroupMetadataKeyInput> = {
  name: 'GroupMetadataKey',
  minVersion: 2,
  maxVersion: 2,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: GroupMetadataKeyInput, version: number): void {
    checkVersion('GroupMetadataKey', version, 2, 2);
    writeGroupMetadataKey(w, value, version);
  },
  decode(r: Reader, version: number): GroupMetadataKey {
    checkVersion('GroupMetadataKey', version, 2, 2);
    return readGroupMetadataKey(r, version);
  },
};

export interface GroupMetadataValue {
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  readonly currentStateTimestamp: number;
  readonly members: readonly GroupMetadataValueMember[];
}

export interface GroupMetadataValueInput {
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  readonly currentStateTimestamp?: number | undefined;
  readonly members: readonly GroupMetadataValueMemberInput[];
}

export interface GroupMetadataValueMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeout: number;
  readonly sessionTimeout: number;
  readonly subscription: Uint8Array;
  readonly assignment: Uint8Array;
}

export interface GroupMetadataValueMemberInput {
  readonly memberId: string;
  readonly groupInstanceId?: string | null | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeout?: number | undefined;
  readonly sessionTimeout: number;
  readonly subscription: Uint8Array;
  readonly assignment: Uint8Array;
}

function writeGroupMetadataValue(w: Writer, v: GroupMetadataValueInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.protocolType, flexible);
  w.int32(v.generation);
  w.nullableString(v.protocol, flexible);
  w.nullableString(v.leader, flexible);
  if (version >= 2) {
    w.int64((v.currentStateTimestamp ?? -1));
  }
  {
    const membersItems = v.members;
    w.arrayLength(membersItems.length, flexible);
    for (const item of membersItems) writeGroupMetadataValueMember(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readGroupMetadataValue(r: Reader, version: number): GroupMetadataValue {
  const flexible = version >= 4;
  const protocolType = r.string(flexible);
  const generation = r.int32();
  const protocol = r.nullableString(flexible);
  const leader = r.nullableString(flexible);
  const currentStateTimestamp = version >= 2 ? r.int64() : -1;
  let members: GroupMetadataValueMember[] = [];
  for (let left = r.arrayLength(flexible, 15); left > 0; left -= 1) members.push(readGroupMetadataValueMember(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { protocolType, generation, protocol, leader, currentStateTimestamp, members };
}

function writeGroupMetadataValueMember(w: Writer, v: GroupMetadataValueMemberInput, version: number): void {
  const flexible = version >= 4;
  w.string(v.memberId, flexible);
  if (version >= 3) {
    w.nullableString((v.groupInstanceId ?? null), flexible);
  }
  w.string(v.clientId, flexible);
  w.string(v.clientHost, flexible);
  if (version >= 1) {
    w.int32((v.rebalanceTimeout ?? -1));
  }
  w.int32(v.sessionTimeout);
  w.bytes(v.subscription, flexible);
  w.bytes(v.assignment, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readGroupMetadataValueMember(r: Reader, version: number): GroupMetadataValueMember {
  const flexible = version >= 4;
  const memberId = r.string(flexible);
  const groupInstanceId = version >= 3 ? r.nullableString(flexible) : null;
  const clientId = r.string(flexible);
  const clientHost = r.string(flexible);
  const rebalanceTimeout = version >= 1 ? r.int32() : -1;
  const sessionTimeout = r.int32();
  const subscription = r.bytes(flexible);
  const assignment = r.bytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeout, sessionTimeout, subscription, assignment };
}

export const groupMetadataValueMessage: Message<GroupMetadataValue, GroupMetadataValueInput> = {
  name: 'GroupMetadataValue',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  readsNewerAsLatest: false,
  encode(w: Writer, value: GroupMetadataValueInput, version: number): void {
    checkVersion('GroupMetadataValue', version, 0, 4);
    writeGroupMetadataValue(w, value, version);
  },
  decode(r: Reader, version: number): GroupMetadataValue {
    checkVersion('GroupMetadataValue', version, 0, 4);
    return readGroupMetadataValue(r, version);
  },
};

export interface ConsumerGroupMetadataKey {
  readonly groupId: string;
}

export interface ConsumerGroupMetadataKeyInput {
  readonly groupId: string;
}

function writeConsumerGroupMetadataKey(w: Writer, v: ConsumerGroupMetadataKeyInput, _version: number): void {
  w.string(v.groupId, false);
}

function readConsumerGroupMetadataKey(r: Reader, _version: number): ConsumerGroupMetadataKey {
  const groupId = r.string(false);
  return { groupId };
}

export const consumerGroupMetadataKeyMessage: Message<ConsumerGroupMetadataKey, ConsumerGroupMetadataKeyInput> = {
  name: 'ConsumerGroupMetadataKey',
  minVersion: 3,
  maxVersion: 3,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupMetadataKeyInput, version: number): void {
    checkVersion('ConsumerGroupMetadataKey', version, 3, 3);
    writeConsumerGroupMetadataKey(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupMetadataKey {
    checkVersion('ConsumerGroupMetadataKey', version, 3, 3);
    return readConsumerGroupMetadataKey(r, version);
  },
};

export interface ConsumerGroupMetadataValue {
  readonly epoch: number;
  /** Of the topics subscribed to; differs when they have changed */
  readonly metadataHash: number;
}

export interface ConsumerGroupMetadataValueInput {
  readonly epoch: number;
  /** Of the topics subscribed to; differs when they have changed */
  readonly metadataHash?: number | undefined;
}

function writeConsumerGroupMetadataValue(w: Writer, v: ConsumerGroupMetadataValueInput, _version: number): void {
  w.int32(v.epoch);
  const hasMetadataHash = (v.metadataHash ?? 0) !== 0;
  w.unsignedVarint(Number(hasMetadataHash));
  if (hasMetadataHash) {
    const sizeAt = w.openTaggedField(0);
    w.int64((v.metadataHash ?? 0));
    w.closeTaggedField(sizeAt);
  }
}

function readConsumerGroupMetadataValue(r: Reader, _version: number): ConsumerGroupMetadataValue {
  const epoch = r.int32();
  let metadataHash: number = 0;
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0) {
      metadataHash = r.int64();
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { epoch, metadataHash };
}

export const consumerGroupMetadataValueMessage: Message<ConsumerGroupMetadataValue, ConsumerGroupMetadataValueInput> = {
  name: 'ConsumerGroupMetadataValue',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupMetadataValueInput, version: number): void {
    checkVersion('ConsumerGroupMetadataValue', version, 0, 0);
    writeConsumerGroupMetadataValue(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupMetadataValue {
    checkVersion('ConsumerGroupMetadataValue', version, 0, 0);
    return readConsumerGroupMetadataValue(r, version);
  },
};

export interface ConsumerGroupPartitionMetadataKey {
  readonly groupId: string;
}

export interface ConsumerGroupPartitionMetadataKeyInput {
  readonly groupId: string;
}

function writeConsumerGroupPartitionMetadataKey(w: Writer, v: ConsumerGroupPartitionMetadataKeyInput, _version: number): void {
  w.string(v.groupId, false);
}

function readConsumerGroupPartitionMetadataKey(r: Reader, _version: number): ConsumerGroupPartitionMetadataKey {
  const groupId = r.string(false);
  return { groupId };
}

export const consumerGroupPartitionMetadataKeyMessage: Message<ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataKeyInput> = {
  name: 'ConsumerGroupPartitionMetadataKey',
  minVersion: 4,
  maxVersion: 4,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupPartitionMetadataKeyInput, version: number): void {
    checkVersion('ConsumerGroupPartitionMetadataKey', version, 4, 4);
    writeConsumerGroupPartitionMetadataKey(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupPartitionMetadataKey {
    checkVersion('ConsumerGroupPartitionMetadataKey', version, 4, 4);
    return readConsumerGroupPartitionMetadataKey(r, version);
  },
};

export interface ConsumerGroupMemberMetadataKey {
  readonly groupId: string;
  readonly memberId: string;
}

export interface ConsumerGroupMemberMetadataKeyInput {
  readonly groupId: string;
  readonly memberId: string;
}

function writeConsumerGroupMemberMetadataKey(w: Writer, v: ConsumerGroupMemberMetadataKeyInput, _version: number): void {
  w.string(v.groupId, false);
  w.string(v.memberId, false);
}

function readConsumerGroupMemberMetadataKey(r: Reader, _version: number): ConsumerGroupMemberMetadataKey {
  const groupId = r.string(false);
  const memberId = r.string(false);
  return { groupId, memberId };
}

export const consumerGroupMemberMetadataKeyMessage: Message<ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataKeyInput> = {
  name: 'ConsumerGroupMemberMetadataKey',
  minVersion: 5,
  maxVersion: 5,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupMemberMetadataKeyInput, version: number): void {
    checkVersion('ConsumerGroupMemberMetadataKey', version, 5, 5);
    writeConsumerGroupMemberMetadataKey(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupMemberMetadataKey {
    checkVersion('ConsumerGroupMemberMetadataKey', version, 5, 5);
    return readConsumerGroupMemberMetadataKey(r, version);
  },
};

export interface ConsumerGroupMemberMetadataValue {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  readonly subscribedTopicRegex: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly serverAssignor: string | null;
  /** Null for members that heartbeat */
  readonly classicMemberMetadata: ConsumerGroupMemberMetadataValueClassicMemberMetadata | null;
}

export interface ConsumerGroupMemberMetadataValueInput {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  readonly subscribedTopicRegex: string | null;
  readonly rebalanceTimeoutMs?: number | undefined;
  readonly serverAssignor: string | null;
  /** Null for members that heartbeat */
  readonly classicMemberMetadata?: ConsumerGroupMemberMetadataValueClassicMemberMetadataInput | null | undefined;
}

export interface ConsumerGroupMemberMetadataValueClassicMemberMetadata {
  readonly sessionTimeoutMs: number;
  readonly supportedProtocols: readonly ConsumerGroupMemberMetadataValueClassicProtocol[];
}

export interface ConsumerGroupMemberMetadataValueClassicMemberMetadataInput {
  readonly sessionTimeoutMs: number;
  readonly supportedProtocols: readonly ConsumerGroupMemberMetadataValueClassicProtocolInput[];
}

export interface ConsumerGroupMemberMetadataValueClassicProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface ConsumerGroupMemberMetadataValueClassicProtocolInput {
  readonly name: string;
  readonly metadata: Uint8Array;
}

function writeConsumerGroupMemberMetadataValue(w: Writer, v: ConsumerGroupMemberMetadataValueInput, version: number): void {
  w.nullableString(v.instanceId, true);
  w.nullableString(v.rackId, true);
  w.string(v.clientId, true);
  w.string(v.clientHost, true);
  {
    const subscribedTopicNamesItems = v.subscribedTopicNames;
    w.arrayLength(subscribedTopicNamesItems.length, true);
    for (const item of subscribedTopicNamesItems) w.string(item, true);
  }
  w.nullableString(v.subscribedTopicRegex, true);
  w.int32((v.rebalanceTimeoutMs ?? -1));
  w.nullableString(v.serverAssignor, true);
  const hasClassicMemberMetadata = true;
  w.unsignedVarint(Number(hasClassicMemberMetadata));
  if (hasClassicMemberMetadata) {
    const sizeAt = w.openTaggedField(0);
    {
      const classicMemberMetadataStruct = (v.classicMemberMetadata ?? null);
      w.int8(classicMemberMetadataStruct === null ? 0 : 1);
      if (classicMemberMetadataStruct !== null) writeConsumerGroupMemberMetadataValueClassicMemberMetadata(w, classicMemberMetadataStruct, version);
    }
    w.closeTaggedField(sizeAt);
  }
}

function readConsumerGroupMemberMetadataValue(r: Reader, version: number): ConsumerGroupMemberMetadataValue {
  const instanceId = r.nullableString(true);
  const rackId = r.nullableString(true);
  const clientId = r.string(true);
  const clientHost = r.string(true);
  let subscribedTopicNames: string[] = [];
  for (let left = r.arrayLength(true, 1); left > 0; left -= 1) subscribedTopicNames.push(r.string(true));
  const subscribedTopicRegex = r.nullableString(true);
  const rebalanceTimeoutMs = r.int32();
  const serverAssignor = r.nullableString(true);
  let classicMemberMetadata: ConsumerGroupMemberMetadataValueClassicMemberMetadata | null = null;
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0) {
      classicMemberMetadata = (r.int8() <= 0 ? null : readConsumerGroupMemberMetadataValueClassicMemberMetadata(r, version));
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { instanceId, rackId, clientId, clientHost, subscribedTopicNames, subscribedTopicRegex, rebalanceTimeoutMs, serverAssignor, classicMemberMetadata };
}

function writeConsumerGroupMemberMetadataValueClassicMemberMetadata(w: Writer, v: ConsumerGroupMemberMetadataValueClassicMemberMetadataInput, version: number): void {
  w.int32(v.sessionTimeoutMs);
  {
    const supportedProtocolsItems = v.supportedProtocols;
    w.arrayLength(supportedProtocolsItems.length, true);
    for (const item of supportedProtocolsItems) writeConsumerGroupMemberMetadataValueClassicProtocol(w, item, version);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupMemberMetadataValueClassicMemberMetadata(r: Reader, version: number): ConsumerGroupMemberMetadataValueClassicMemberMetadata {
  const sessionTimeoutMs = r.int32();
  let supportedProtocols: ConsumerGroupMemberMetadataValueClassicProtocol[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) supportedProtocols.push(readConsumerGroupMemberMetadataValueClassicProtocol(r, version));
  r.skipTaggedFields();
  return { sessionTimeoutMs, supportedProtocols };
}

function writeConsumerGroupMemberMetadataValueClassicProtocol(w: Writer, v: ConsumerGroupMemberMetadataValueClassicProtocolInput, _version: number): void {
  w.string(v.name, true);
  w.bytes(v.metadata, true);
  w.unsignedVarint(0);
}

function readConsumerGroupMemberMetadataValueClassicProtocol(r: Reader, _version: number): ConsumerGroupMemberMetadataValueClassicProtocol {
  const name = r.string(true);
  const metadata = r.bytes(true);
  r.skipTaggedFields();
  return { name, metadata };
}

export const consumerGroupMemberMetadataValueMessage: Message<ConsumerGroupMemberMetadataValue, ConsumerGroupMemberMetadataValueInput> = {
  name: 'ConsumerGroupMemberMetadataValue',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupMemberMetadataValueInput, version: number): void {
    checkVersion('ConsumerGroupMemberMetadataValue', version, 0, 0);
    writeConsumerGroupMemberMetadataValue(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupMemberMetadataValue {
    checkVersion('ConsumerGroupMemberMetadataValue', version, 0, 0);
    return readConsumerGroupMemberMetadataValue(r, version);
  },
};

export interface ConsumerGroupTargetAssignmentMetadataKey {
  readonly groupId: string;
}

export interface ConsumerGroupTargetAssignmentMetadataKeyInput {
  readonly groupId: string;
}

function writeConsumerGroupTargetAssignmentMetadataKey(w: Writer, v: ConsumerGroupTargetAssignmentMetadataKeyInput, _version: number): void {
  w.string(v.groupId, false);
}

function readConsumerGroupTargetAssignmentMetadataKey(r: Reader, _version: number): ConsumerGroupTargetAssignmentMetadataKey {
  const groupId = r.string(false);
  return { groupId };
}

export const consumerGroupTargetAssignmentMetadataKeyMessage: Message<ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataKeyInput> = {
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  minVersion: 6,
  maxVersion: 6,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupTargetAssignmentMetadataKeyInput, version: number): void {
    checkVersion('ConsumerGroupTargetAssignmentMetadataKey', version, 6, 6);
    writeConsumerGroupTargetAssignmentMetadataKey(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupTargetAssignmentMetadataKey {
    checkVersion('ConsumerGroupTargetAssignmentMetadataKey', version, 6, 6);
    return readConsumerGroupTargetAssignmentMetadataKey(r, version);
  },
};

export interface ConsumerGroupTargetAssignmentMetadataValue {
  readonly assignmentEpoch: number;
}

export interface ConsumerGroupTargetAssignmentMetadataValueInput {
  readonly assignmentEpoch: number;
}

function writeConsumerGroupTargetAssignmentMetadataValue(w: Writer, v: ConsumerGroupTargetAssignmentMetadataValueInput, _version: number): void {
  w.int32(v.assignmentEpoch);
  w.unsignedVarint(0);
}

function readConsumerGroupTargetAssignmentMetadataValue(r: Reader, _version: number): ConsumerGroupTargetAssignmentMetadataValue {
  const assignmentEpoch = r.int32();
  r.skipTaggedFields();
  return { assignmentEpoch };
}

export const consumerGroupTargetAssignmentMetadataValueMessage: Message<ConsumerGroupTargetAssignmentMetadataValue, ConsumerGroupTargetAssignmentMetadataValueInput> = {
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupTargetAssignmentMetadataValueInput, version: number): void {
    checkVersion('ConsumerGroupTargetAssignmentMetadataValue', version, 0, 0);
    writeConsumerGroupTargetAssignmentMetadataValue(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupTargetAssignmentMetadataValue {
    checkVersion('ConsumerGroupTargetAssignmentMetadataValue', version, 0, 0);
    return readConsumerGroupTargetAssignmentMetadataValue(r, version);
  },
};

export interface ConsumerGroupTargetAssignmentMemberKey {
  readonly groupId: string;
  readonly memberId: string;
}

export interface ConsumerGroupTargetAssignmentMemberKeyInput {
  readonly groupId: string;
  readonly memberId: string;
}

function writeConsumerGroupTargetAssignmentMemberKey(w: Writer, v: ConsumerGroupTargetAssignmentMemberKeyInput, _version: number): void {
  w.string(v.groupId, false);
  w.string(v.memberId, false);
}

function readConsumerGroupTargetAssignmentMemberKey(r: Reader, _version: number): ConsumerGroupTargetAssignmentMemberKey {
  const groupId = r.string(false);
  const memberId = r.string(false);
  return { groupId, memberId };
}

export const consumerGroupTargetAssignmentMemberKeyMessage: Message<ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberKeyInput> = {
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  minVersion: 7,
  maxVersion: 7,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupTargetAssignmentMemberKeyInput, version: number): void {
    checkVersion('ConsumerGroupTargetAssignmentMemberKey', version, 7, 7);
    writeConsumerGroupTargetAssignmentMemberKey(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupTargetAssignmentMemberKey {
    checkVersion('ConsumerGroupTargetAssignmentMemberKey', version, 7, 7);
    return readConsumerGroupTargetAssignmentMemberKey(r, version);
  },
};

export interface ConsumerGroupTargetAssignmentMemberValue {
  readonly topicPartitions: readonly ConsumerGroupTargetAssignmentMemberValueTopicPartition[];
}

export interface ConsumerGroupTargetAssignmentMemberValueInput {
  readonly topicPartitions: readonly ConsumerGroupTargetAssignmentMemberValueTopicPartitionInput[];
}

export interface ConsumerGroupTargetAssignmentMemberValueTopicPartition {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupTargetAssignmentMemberValueTopicPartitionInput {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function writeConsumerGroupTargetAssignmentMemberValue(w: Writer, v: ConsumerGroupTargetAssignmentMemberValueInput, version: number): void {
  {
    const topicPartitionsItems = v.topicPartitions;
    w.arrayLength(topicPartitionsItems.length, true);
    for (const item of topicPartitionsItems) writeConsumerGroupTargetAssignmentMemberValueTopicPartition(w, item, version);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupTargetAssignmentMemberValue(r: Reader, version: number): ConsumerGroupTargetAssignmentMemberValue {
  let topicPartitions: ConsumerGroupTargetAssignmentMemberValueTopicPartition[] = [];
  for (let left = r.arrayLength(true, 18); left > 0; left -= 1) topicPartitions.push(readConsumerGroupTargetAssignmentMemberValueTopicPartition(r, version));
  r.skipTaggedFields();
  return { topicPartitions };
}

function writeConsumerGroupTargetAssignmentMemberValueTopicPartition(w: Writer, v: ConsumerGroupTargetAssignmentMemberValueTopicPartitionInput, _version: number): void {
  w.uuid(v.topicId);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupTargetAssignmentMemberValueTopicPartition(r: Reader, _version: number): ConsumerGroupTargetAssignmentMemberValueTopicPartition {
  const topicId = r.uuid();
  let partitions: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitions.push(r.int32());
  r.skipTaggedFields();
  return { topicId, partitions };
}

export const consumerGroupTargetAssignmentMemberValueMessage: Message<ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupTargetAssignmentMemberValueInput> = {
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupTargetAssignmentMemberValueInput, version: number): void {
    checkVersion('ConsumerGroupTargetAssignmentMemberValue', version, 0, 0);
    writeConsumerGroupTargetAssignmentMemberValue(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupTargetAssignmentMemberValue {
    checkVersion('ConsumerGroupTargetAssignmentMemberValue', version, 0, 0);
    return readConsumerGroupTargetAssignmentMemberValue(r, version);
  },
};

export interface ConsumerGroupCurrentMemberAssignmentKey {
  readonly groupId: string;
  readonly memberId: string;
}

export interface ConsumerGroupCurrentMemberAssignmentKeyInput {
  readonly groupId: string;
  readonly memberId: string;
}

function writeConsumerGroupCurrentMemberAssignmentKey(w: Writer, v: ConsumerGroupCurrentMemberAssignmentKeyInput, _version: number): void {
  w.string(v.groupId, false);
  w.string(v.memberId, false);
}

function readConsumerGroupCurrentMemberAssignmentKey(r: Reader, _version: number): ConsumerGroupCurrentMemberAssignmentKey {
  const groupId = r.string(false);
  const memberId = r.string(false);
  return { groupId, memberId };
}

export const consumerGroupCurrentMemberAssignmentKeyMessage: Message<ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentKeyInput> = {
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  minVersion: 8,
  maxVersion: 8,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupCurrentMemberAssignmentKeyInput, version: number): void {
    checkVersion('ConsumerGroupCurrentMemberAssignmentKey', version, 8, 8);
    writeConsumerGroupCurrentMemberAssignmentKey(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupCurrentMemberAssignmentKey {
    checkVersion('ConsumerGroupCurrentMemberAssignmentKey', version, 8, 8);
    return readConsumerGroupCurrentMemberAssignmentKey(r, version);
  },
};

export interface ConsumerGroupCurrentMemberAssignmentValue {
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  /** 0 stable, 1 unrevoked partitions, 2 unreleased partitions */
  readonly state: number;
  readonly assignedPartitions: readonly ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[];
  readonly partitionsPendingRevocation: readonly ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[];
}

export interface ConsumerGroupCurrentMemberAssignmentValueInput {
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  /** 0 stable, 1 unrevoked partitions, 2 unreleased partitions */
  readonly state: number;
  readonly assignedPartitions: readonly ConsumerGroupCurrentMemberAssignmentValueTopicPartitionsInput[];
  readonly partitionsPendingRevocation: readonly ConsumerGroupCurrentMemberAssignmentValueTopicPartitionsInput[];
}

export interface ConsumerGroupCurrentMemberAssignmentValueTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupCurrentMemberAssignmentValueTopicPartitionsInput {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function writeConsumerGroupCurrentMemberAssignmentValue(w: Writer, v: ConsumerGroupCurrentMemberAssignmentValueInput, version: number): void {
  w.int32(v.memberEpoch);
  w.int32(v.previousMemberEpoch);
  w.int8(v.state);
  {
    const assignedPartitionsItems = v.assignedPartitions;
    w.arrayLength(assignedPartitionsItems.length, true);
    for (const item of assignedPartitionsItems) writeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(w, item, version);
  }
  {
    const partitionsPendingRevocationItems = v.partitionsPendingRevocation;
    w.arrayLength(partitionsPendingRevocationItems.length, true);
    for (const item of partitionsPendingRevocationItems) writeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(w, item, version);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupCurrentMemberAssignmentValue(r: Reader, version: number): ConsumerGroupCurrentMemberAssignmentValue {
  const memberEpoch = r.int32();
  const previousMemberEpoch = r.int32();
  const state = r.int8();
  let assignedPartitions: ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[] = [];
  for (let left = r.arrayLength(true, 18); left > 0; left -= 1) assignedPartitions.push(readConsumerGroupCurrentMemberAssignmentValueTopicPartitions(r, version));
  let partitionsPendingRevocation: ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[] = [];
  for (let left = r.arrayLength(true, 18); left > 0; left -= 1) partitionsPendingRevocation.push(readConsumerGroupCurrentMemberAssignmentValueTopicPartitions(r, version));
  r.skipTaggedFields();
  return { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation };
}

function writeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(w: Writer, v: ConsumerGroupCurrentMemberAssignmentValueTopicPartitionsInput, _version: number): void {
  w.uuid(v.topicId);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, true);
    for (const item of partitionsItems) w.int32(item);
  }
  w.unsignedVarint(0);
}

function readConsumerGroupCurrentMemberAssignmentValueTopicPartitions(r: Reader, _version: number): ConsumerGroupCurrentMemberAssignmentValueTopicPartitions {
  const topicId = r.uuid();
  let partitions: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) partitions.push(r.int32());
  r.skipTaggedFields();
  return { topicId, partitions };
}

export const consumerGroupCurrentMemberAssignmentValueMessage: Message<ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupCurrentMemberAssignmentValueInput> = {
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupCurrentMemberAssignmentValueInput, version: number): void {
    checkVersion('ConsumerGroupCurrentMemberAssignmentValue', version, 0, 0);
    writeConsumerGroupCurrentMemberAssignmentValue(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupCurrentMemberAssignmentValue {
    checkVersion('ConsumerGroupCurrentMemberAssignmentValue', version, 0, 0);
    return readConsumerGroupCurrentMemberAssignmentValue(r, version);
  },
};

export interface ConsumerGroupRegularExpressionKey {
  readonly groupId: string;
  readonly regularExpression: string;
}

export interface ConsumerGroupRegularExpressionKeyInput {
  readonly groupId: string;
  readonly regularExpression: string;
}

function writeConsumerGroupRegularExpressionKey(w: Writer, v: ConsumerGroupRegularExpressionKeyInput, _version: number): void {
  w.string(v.groupId, false);
  w.string(v.regularExpression, false);
}

function readConsumerGroupRegularExpressionKey(r: Reader, _version: number): ConsumerGroupRegularExpressionKey {
  const groupId = r.string(false);
  const regularExpression = r.string(false);
  return { groupId, regularExpression };
}

export const consumerGroupRegularExpressionKeyMessage: Message<ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionKeyInput> = {
  name: 'ConsumerGroupRegularExpressionKey',
  minVersion: 16,
  maxVersion: 16,
  flexibleFrom: Infinity,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupRegularExpressionKeyInput, version: number): void {
    checkVersion('ConsumerGroupRegularExpressionKey', version, 16, 16);
    writeConsumerGroupRegularExpressionKey(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupRegularExpressionKey {
    checkVersion('ConsumerGroupRegularExpressionKey', version, 16, 16);
    return readConsumerGroupRegularExpressionKey(r, version);
  },
};

export interface ConsumerGroupRegularExpressionValue {
  readonly topics: readonly string[];
  /** `version` in Kafka: of the topics it was matched against */
  readonly metadataVersion: number;
  readonly timestamp: number;
}

export interface ConsumerGroupRegularExpressionValueInput {
  readonly topics: readonly string[];
  /** `version` in Kafka: of the topics it was matched against */
  readonly metadataVersion: number;
  readonly timestamp: number;
}

function writeConsumerGroupRegularExpressionValue(w: Writer, v: ConsumerGroupRegularExpressionValueInput, _version: number): void {
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, true);
    for (const item of topicsItems) w.string(item, true);
  }
  w.int64(v.metadataVersion);
  w.int64(v.timestamp);
  w.unsignedVarint(0);
}

function readConsumerGroupRegularExpressionValue(r: Reader, _version: number): ConsumerGroupRegularExpressionValue {
  let topics: string[] = [];
  for (let left = r.arrayLength(true, 1); left > 0; left -= 1) topics.push(r.string(true));
  const metadataVersion = r.int64();
  const timestamp = r.int64();
  r.skipTaggedFields();
  return { topics, metadataVersion, timestamp };
}

export const consumerGroupRegularExpressionValueMessage: Message<ConsumerGroupRegularExpressionValue, ConsumerGroupRegularExpressionValueInput> = {
  name: 'ConsumerGroupRegularExpressionValue',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConsumerGroupRegularExpressionValueInput, version: number): void {
    checkVersion('ConsumerGroupRegularExpressionValue', version, 0, 0);
    writeConsumerGroupRegularExpressionValue(w, value, version);
  },
  decode(r: Reader, version: number): ConsumerGroupRegularExpressionValue {
    checkVersion('ConsumerGroupRegularExpressionValue', version, 0, 0);
    return readConsumerGroupRegularExpressionValue(r, version);
  },
};
