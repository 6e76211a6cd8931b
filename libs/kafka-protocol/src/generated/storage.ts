// Generated from schemas/storage.schema by generator/generate.mjs; change that and run it.
import { checkVersion, type Api } from '../api.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

export interface AlterReplicaLogDirsRequest {
  readonly dirs: readonly AlterReplicaLogDirsRequestDir[];
}

export interface AlterReplicaLogDirsRequestInput {
  readonly dirs: readonly AlterReplicaLogDirsRequestDirInput[];
}

export interface AlterReplicaLogDirsRequestDir {
  readonly path: string;
  readonly topics: readonly AlterReplicaLogDirsRequestTopic[];
}

export interface AlterReplicaLogDirsRequestDirInput {
  readonly path: string;
  readonly topics: readonly AlterReplicaLogDirsRequestTopicInput[];
}

export interface AlterReplicaLogDirsRequestTopic {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AlterReplicaLogDirsRequestTopicInput {
  readonly name: string;
  readonly partitions: readonly number[];
}

function writeAlterReplicaLogDirsRequest(w: Writer, v: AlterReplicaLogDirsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const dirsItems = v.dirs;
    w.arrayLength(dirsItems.length, flexible);
    for (const item of dirsItems) writeAlterReplicaLogDirsRequestDir(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterReplicaLogDirsRequest(r: Reader, version: number): AlterReplicaLogDirsRequest {
  const flexible = version >= 2;
  let dirs: AlterReplicaLogDirsRequestDir[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) dirs.push(readAlterReplicaLogDirsRequestDir(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { dirs };
}

function completeAlterReplicaLogDirsRequest(v: AlterReplicaLogDirsRequestInput): AlterReplicaLogDirsRequest {
  return {
    dirs: v.dirs.map(completeAlterReplicaLogDirsRequestDir),
  };
}

function writeAlterReplicaLogDirsRequestDir(w: Writer, v: AlterReplicaLogDirsRequestDirInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.path, flexible);
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeAlterReplicaLogDirsRequestTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterReplicaLogDirsRequestDir(r: Reader, version: number): AlterReplicaLogDirsRequestDir {
  const flexible = version >= 2;
  const path = r.string(flexible);
  let topics: AlterReplicaLogDirsRequestTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readAlterReplicaLogDirsRequestTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { path, topics };
}

function completeAlterReplicaLogDirsRequestDir(v: AlterReplicaLogDirsRequestDirInput): AlterReplicaLogDirsRequestDir {
  return {
    path: v.path,
    topics: v.topics.map(completeAlterReplicaLogDirsRequestTopic),
  };
}

function writeAlterReplicaLogDirsRequestTopic(w: Writer, v: AlterReplicaLogDirsRequestTopicInput, version: number): void {
  const flexible = version >= 2;
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

function readAlterReplicaLogDirsRequestTopic(r: Reader, version: number): AlterReplicaLogDirsRequestTopic {
  const flexible = version >= 2;
  const name = r.string(flexible);
  let partitions: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitions.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeAlterReplicaLogDirsRequestTopic(v: AlterReplicaLogDirsRequestTopicInput): AlterReplicaLogDirsRequestTopic {
  return {
    name: v.name,
    partitions: v.partitions,
  };
}

export interface AlterReplicaLogDirsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly AlterReplicaLogDirsResponseTopic[];
}

export interface AlterReplicaLogDirsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly results: readonly AlterReplicaLogDirsResponseTopicInput[];
}

export interface AlterReplicaLogDirsResponseTopic {
  readonly topicName: string;
  readonly partitions: readonly AlterReplicaLogDirsResponsePartition[];
}

export interface AlterReplicaLogDirsResponseTopicInput {
  readonly topicName: string;
  readonly partitions: readonly AlterReplicaLogDirsResponsePartitionInput[];
}

export interface AlterReplicaLogDirsResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

export interface AlterReplicaLogDirsResponsePartitionInput {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function writeAlterReplicaLogDirsResponse(w: Writer, v: AlterReplicaLogDirsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, flexible);
    for (const item of resultsItems) writeAlterReplicaLogDirsResponseTopic(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterReplicaLogDirsResponse(r: Reader, version: number): AlterReplicaLogDirsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  let results: AlterReplicaLogDirsResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) results.push(readAlterReplicaLogDirsResponseTopic(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, results };
}

function completeAlterReplicaLogDirsResponse(v: AlterReplicaLogDirsResponseInput): AlterReplicaLogDirsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    results: v.results.map(completeAlterReplicaLogDirsResponseTopic),
  };
}

function writeAlterReplicaLogDirsResponseTopic(w: Writer, v: AlterReplicaLogDirsResponseTopicInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.topicName, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeAlterReplicaLogDirsResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterReplicaLogDirsResponseTopic(r: Reader, version: number): AlterReplicaLogDirsResponseTopic {
  const flexible = version >= 2;
  const topicName = r.string(flexible);
  let partitions: AlterReplicaLogDirsResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) partitions.push(readAlterReplicaLogDirsResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topicName, partitions };
}

function completeAlterReplicaLogDirsResponseTopic(v: AlterReplicaLogDirsResponseTopicInput): AlterReplicaLogDirsResponseTopic {
  return {
    topicName: v.topicName,
    partitions: v.partitions.map(completeAlterReplicaLogDirsResponsePartition),
  };
}

function writeAlterReplicaLogDirsResponsePartition(w: Writer, v: AlterReplicaLogDirsResponsePartitionInput, version: number): void {
  const flexible = version >= 2;
  w.int32(v.partitionIndex);
  w.int16(v.errorCode);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterReplicaLogDirsResponsePartition(r: Reader, version: number): AlterReplicaLogDirsResponsePartition {
  const flexible = version >= 2;
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, errorCode };
}

function completeAlterReplicaLogDirsResponsePartition(v: AlterReplicaLogDirsResponsePartitionInput): AlterReplicaLogDirsResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    errorCode: v.errorCode,
  };
}

export const alterReplicaLogDirsApi: Api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, AlterReplicaLogDirsRequestInput, AlterReplicaLogDirsResponseInput> = {
  key: 34,
  name: 'AlterReplicaLogDirs',
  minVersion: 1,
  maxVersion: 2,
  advertisedMinVersion: 1,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: AlterReplicaLogDirsRequestInput, version: number): void {
    checkVersion('AlterReplicaLogDirs', version, 1, 2);
    writeAlterReplicaLogDirsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): AlterReplicaLogDirsRequest {
    checkVersion('AlterReplicaLogDirs', version, 1, 2);
    return readAlterReplicaLogDirsRequest(r, version);
  },
  encodeResponse(w: Writer, response: AlterReplicaLogDirsResponseInput, version: number): void {
    checkVersion('AlterReplicaLogDirs', version, 1, 2);
    writeAlterReplicaLogDirsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): AlterReplicaLogDirsResponse {
    checkVersion('AlterReplicaLogDirs', version, 1, 2);
    return readAlterReplicaLogDirsResponse(r, version);
  },
  completeRequest: completeAlterReplicaLogDirsRequest,
  completeResponse: completeAlterReplicaLogDirsResponse,
};

export interface DescribeLogDirsRequest {
  /** Null all topics */
  readonly topics: readonly DescribeLogDirsRequestTopic[] | null;
}

export interface DescribeLogDirsRequestInput {
  /** Null all topics */
  readonly topics: readonly DescribeLogDirsRequestTopicInput[] | null;
}

export interface DescribeLogDirsRequestTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface DescribeLogDirsRequestTopicInput {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function writeDescribeLogDirsRequest(w: Writer, v: DescribeLogDirsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const topicsItems = v.topics;
    if (topicsItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(topicsItems.length, flexible);
      for (const item of topicsItems) writeDescribeLogDirsRequestTopic(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeLogDirsRequest(r: Reader, version: number): DescribeLogDirsRequest {
  const flexible = version >= 2;
  let topics: DescribeLogDirsRequestTopic[] | null = [];
  const topicsCount = r.nullableArrayLength(flexible, 3);
  if (topicsCount === -1) topics = null;
  else {
    topics = [];
    for (let left = topicsCount; left > 0; left -= 1) topics.push(readDescribeLogDirsRequestTopic(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topics };
}

function completeDescribeLogDirsRequest(v: DescribeLogDirsRequestInput): DescribeLogDirsRequest {
  return {
    topics: v.topics?.map(completeDescribeLogDirsRequestTopic) ?? null,
  };
}

function writeDescribeLogDirsRequestTopic(w: Writer, v: DescribeLogDirsRequestTopicInput, version: number): void {
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

function readDescribeLogDirsRequestTopic(r: Reader, version: number): DescribeLogDirsRequestTopic {
  const flexible = version >= 2;
  const topic = r.string(flexible);
  let partitions: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) partitions.push(r.int32());
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topic, partitions };
}

function completeDescribeLogDirsRequestTopic(v: DescribeLogDirsRequestTopicInput): DescribeLogDirsRequestTopic {
  return {
    topic: v.topic,
    partitions: v.partitions,
  };
}

export interface DescribeLogDirsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly results: readonly DescribeLogDirsResponseResult[];
}

export interface DescribeLogDirsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode?: number | undefined;
  readonly results: readonly DescribeLogDirsResponseResultInput[];
}

export interface DescribeLogDirsResponseResult {
  readonly errorCode: number;
  readonly logDir: string;
  readonly topics: readonly DescribeLogDirsResponseTopic[];
  /** Of the volume; -1 unknown */
  readonly totalBytes: number;
  readonly usableBytes: number;
}

export interface DescribeLogDirsResponseResultInput {
  readonly errorCode: number;
  readonly logDir: string;
  readonly topics: readonly DescribeLogDirsResponseTopicInput[];
  /** Of the volume; -1 unknown */
  readonly totalBytes?: number | undefined;
  readonly usableBytes?: number | undefined;
}

export interface DescribeLogDirsResponseTopic {
  readonly name: string;
  readonly partitions: readonly DescribeLogDirsResponsePartition[];
}

export interface DescribeLogDirsResponseTopicInput {
  readonly name: string;
  readonly partitions: readonly DescribeLogDirsResponsePartitionInput[];
}

export interface DescribeLogDirsResponsePartition {
  readonly partitionIndex: number;
  /** Bytes of the log segments */
  readonly partitionSize: number;
  /** Of a future log: how far it is behind the current one */
  readonly offsetLag: number;
  /** A copy that will replace the current log */
  readonly isFutureKey: boolean;
}

export interface DescribeLogDirsResponsePartitionInput {
  readonly partitionIndex: number;
  /** Bytes of the log segments */
  readonly partitionSize: number;
  /** Of a future log: how far it is behind the current one */
  readonly offsetLag: number;
  /** A copy that will replace the current log */
  readonly isFutureKey: boolean;
}

function writeDescribeLogDirsResponse(w: Writer, v: DescribeLogDirsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  if (version >= 3) {
    w.int16((v.errorCode ?? 0));
  }
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, flexible);
    for (const item of resultsItems) writeDescribeLogDirsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeLogDirsResponse(r: Reader, version: number): DescribeLogDirsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  const errorCode = version >= 3 ? r.int16() : 0;
  let results: DescribeLogDirsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) results.push(readDescribeLogDirsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, results };
}

function completeDescribeLogDirsResponse(v: DescribeLogDirsResponseInput): DescribeLogDirsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: (v.errorCode ?? 0),
    results: v.results.map(completeDescribeLogDirsResponseResult),
  };
}

function writeDescribeLogDirsResponseResult(w: Writer, v: DescribeLogDirsResponseResultInput, version: number): void {
  const flexible = version >= 2;
  w.int16(v.errorCode);
  w.string(v.logDir, flexible);
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeDescribeLogDirsResponseTopic(w, item, version);
  }
  if (version >= 4) {
    w.int64((v.totalBytes ?? -1));
  }
  if (version >= 4) {
    w.int64((v.usableBytes ?? -1));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeLogDirsResponseResult(r: Reader, version: number): DescribeLogDirsResponseResult {
  const flexible = version >= 2;
  const errorCode = r.int16();
  const logDir = r.string(flexible);
  let topics: DescribeLogDirsResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) topics.push(readDescribeLogDirsResponseTopic(r, version));
  const totalBytes = version >= 4 ? r.int64() : -1;
  const usableBytes = version >= 4 ? r.int64() : -1;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, logDir, topics, totalBytes, usableBytes };
}

function completeDescribeLogDirsResponseResult(v: DescribeLogDirsResponseResultInput): DescribeLogDirsResponseResult {
  return {
    errorCode: v.errorCode,
    logDir: v.logDir,
    topics: v.topics.map(completeDescribeLogDirsResponseTopic),
    totalBytes: (v.totalBytes ?? -1),
    usableBytes: (v.usableBytes ?? -1),
  };
}

function writeDescribeLogDirsResponseTopic(w: Writer, v: DescribeLogDirsResponseTopicInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.name, flexible);
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeDescribeLogDirsResponsePartition(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeLogDirsResponseTopic(r: Reader, version: number): DescribeLogDirsResponseTopic {
  const flexible = version >= 2;
  const name = r.string(flexible);
  let partitions: DescribeLogDirsResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 21); left > 0; left -= 1) partitions.push(readDescribeLogDirsResponsePartition(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, partitions };
}

function completeDescribeLogDirsResponseTopic(v: DescribeLogDirsResponseTopicInput): DescribeLogDirsResponseTopic {
  return {
    name: v.name,
    partitions: v.partitions.map(completeDescribeLogDirsResponsePartition),
  };
}

function writeDescribeLogDirsResponsePartition(w: Writer, v: DescribeLogDirsResponsePartitionInput, version: number): void {
  const flexible = version >= 2;
  w.int32(v.partitionIndex);
  w.int64(v.partitionSize);
  w.int64(v.offsetLag);
  w.bool(v.isFutureKey);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeLogDirsResponsePartition(r: Reader, version: number): DescribeLogDirsResponsePartition {
  const flexible = version >= 2;
  const partitionIndex = r.int32();
  const partitionSize = r.int64();
  const offsetLag = r.int64();
  const isFutureKey = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { partitionIndex, partitionSize, offsetLag, isFutureKey };
}

function completeDescribeLogDirsResponsePartition(v: DescribeLogDirsResponsePartitionInput): DescribeLogDirsResponsePartition {
  return {
    partitionIndex: v.partitionIndex,
    partitionSize: v.partitionSize,
    offsetLag: v.offsetLag,
    isFutureKey: v.isFutureKey,
  };
}

export const describeLogDirsApi: Api<DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeLogDirsRequestInput, DescribeLogDirsResponseInput> = {
  key: 35,
  name: 'DescribeLogDirs',
  minVersion: 1,
  maxVersion: 4,
  advertisedMinVersion: 1,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: DescribeLogDirsRequestInput, version: number): void {
    checkVersion('DescribeLogDirs', version, 1, 4);
    writeDescribeLogDirsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeLogDirsRequest {
    checkVersion('DescribeLogDirs', version, 1, 4);
    return readDescribeLogDirsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeLogDirsResponseInput, version: number): void {
    checkVersion('DescribeLogDirs', version, 1, 4);
    writeDescribeLogDirsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeLogDirsResponse {
    checkVersion('DescribeLogDirs', version, 1, 4);
    return readDescribeLogDirsResponse(r, version);
  },
  completeRequest: completeDescribeLogDirsRequest,
  completeResponse: completeDescribeLogDirsResponse,
};
