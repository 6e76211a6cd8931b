// Generated from schemas/cluster.schema by generator/generate.mjs; change that and run it.
import { checkVersion, EMPTY_BYTES, notNull, type Api } from '../api.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

export interface ApiVersionsRequest {
  readonly clientSoftwareName: string;
  readonly clientSoftwareVersion: string;
}

export interface ApiVersionsRequestInput {
  readonly clientSoftwareName?: string | undefined;
  readonly clientSoftwareVersion?: string | undefined;
}

function writeApiVersionsRequest(w: Writer, v: ApiVersionsRequestInput, version: number): void {
  const flexible = version >= 3;
  if (version >= 3) {
    w.string((v.clientSoftwareName ?? ''), flexible);
  }
  if (version >= 3) {
    w.string((v.clientSoftwareVersion ?? ''), flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readApiVersionsRequest(r: Reader, version: number): ApiVersionsRequest {
  const flexible = version >= 3;
  const clientSoftwareName = version >= 3 ? r.string(flexible) : '';
  const clientSoftwareVersion = version >= 3 ? r.string(flexible) : '';
  if (flexible) {
    r.skipTaggedFields();
  }
  return { clientSoftwareName, clientSoftwareVersion };
}

function completeApiVersionsRequest(v: ApiVersionsRequestInput): ApiVersionsRequest {
  return {
    clientSoftwareName: (v.clientSoftwareName ?? ''),
    clientSoftwareVersion: (v.clientSoftwareVersion ?? ''),
  };
}

export interface ApiVersionsResponse {
  readonly errorCode: number;
  readonly apiKeys: readonly ApiVersionsResponseApiVersion[];
  readonly throttleTimeMs: number;
  readonly supportedFeatures: readonly ApiVersionsResponseSupportedFeature[];
  readonly finalizedFeaturesEpoch: number;
  readonly finalizedFeatures: readonly ApiVersionsResponseFinalizedFeature[];
  readonly zkMigrationReady: boolean;
}

export interface ApiVersionsResponseInput {
  readonly errorCode: number;
  readonly apiKeys: readonly ApiVersionsResponseApiVersionInput[];
  readonly throttleTimeMs?: number | undefined;
  readonly supportedFeatures?: readonly ApiVersionsResponseSupportedFeatureInput[] | undefined;
  readonly finalizedFeaturesEpoch?: number | undefined;
  readonly finalizedFeatures?: readonly ApiVersionsResponseFinalizedFeatureInput[] | undefined;
  readonly zkMigrationReady?: boolean | undefined;
}

export interface ApiVersionsResponseApiVersion {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface ApiVersionsResponseApiVersionInput {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface ApiVersionsResponseSupportedFeature {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface ApiVersionsResponseSupportedFeatureInput {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface ApiVersionsResponseFinalizedFeature {
  readonly name: string;
  readonly maxVersionLevel: number;
  readonly minVersionLevel: number;
}

export interface ApiVersionsResponseFinalizedFeatureInput {
  readonly name: string;
  readonly maxVersionLevel: number;
  readonly minVersionLevel: number;
}

function writeApiVersionsResponse(w: Writer, v: ApiVersionsResponseInput, version: number): void {
  const flexible = version >= 3;
  w.int16(v.errorCode);
  {
    const apiKeysItems = v.apiKeys;
    w.arrayLength(apiKeysItems.length, flexible);
    for (const item of apiKeysItems) writeApiVersionsResponseApiVersion(w, item, version);
  }
  if (version >= 1) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  if (flexible) {
    const hasSupportedFeatures = version >= 3 && (v.supportedFeatures ?? []).length > 0;
    const hasFinalizedFeaturesEpoch = version >= 3 && (v.finalizedFeaturesEpoch ?? -1) !== -1;
    const hasFinalizedFeatures = version >= 3 && (v.finalizedFeatures ?? []).length > 0;
    const hasZkMigrationReady = version >= 3 && (v.zkMigrationReady ?? false);
    w.unsignedVarint(Number(hasSupportedFeatures) + Number(hasFinalizedFeaturesEpoch) + Number(hasFinalizedFeatures) + Number(hasZkMigrationReady));
    if (hasSupportedFeatures) {
      const sizeAt = w.openTaggedField(0);
      {
        const supportedFeaturesItems = (v.supportedFeatures ?? []);
        w.arrayLength(supportedFeaturesItems.length, flexible);
        for (const item of supportedFeaturesItems) writeApiVersionsResponseSupportedFeature(w, item, version);
      }
      w.closeTaggedField(sizeAt);
    }
    if (hasFinalizedFeaturesEpoch) {
      const sizeAt = w.openTaggedField(1);
      w.int64((v.finalizedFeaturesEpoch ?? -1));
      w.closeTaggedField(sizeAt);
    }
    if (hasFinalizedFeatures) {
      const sizeAt = w.openTaggedField(2);
      {
        const finalizedFeaturesItems = (v.finalizedFeatures ?? []);
        w.arrayLength(finalizedFeaturesItems.length, flexible);
        for (const item of finalizedFeaturesItems) writeApiVersionsResponseFinalizedFeature(w, item, version);
      }
      w.closeTaggedField(sizeAt);
    }
    if (hasZkMigrationReady) {
      const sizeAt = w.openTaggedField(3);
      w.bool((v.zkMigrationReady ?? false));
      w.closeTaggedField(sizeAt);
    }
  }
}

function readApiVersionsResponse(r: Reader, version: number): ApiVersionsResponse {
  const flexible = version >= 3;
  const errorCode = r.int16();
  let apiKeys: ApiVersionsResponseApiVersion[] = [];
  for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) apiKeys.push(readApiVersionsResponseApiVersion(r, version));
  const throttleTimeMs = version >= 1 ? r.int32() : 0;
  let supportedFeatures: readonly ApiVersionsResponseSupportedFeature[] = [];
  let finalizedFeaturesEpoch: number = -1;
  let finalizedFeatures: readonly ApiVersionsResponseFinalizedFeature[] = [];
  let zkMigrationReady: boolean = false;
  if (flexible) {
    for (let count = r.unsignedVarint(); count > 0; count -= 1) {
      const tag = r.unsignedVarint();
      const end = r.taggedFieldEnd();
      if (tag === 0 && version >= 3) {
        let supportedFeaturesItems: ApiVersionsResponseSupportedFeature[] = [];
        for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) supportedFeaturesItems.push(readApiVersionsResponseSupportedFeature(r, version));
        supportedFeatures = supportedFeaturesItems;
        r.expectAt(end);
      } else if (tag === 1 && version >= 3) {
        finalizedFeaturesEpoch = r.int64();
        r.expectAt(end);
      } else if (tag === 2 && version >= 3) {
        let finalizedFeaturesItems: ApiVersionsResponseFinalizedFeature[] = [];
        for (let left = r.arrayLength(flexible, 6); left > 0; left -= 1) finalizedFeaturesItems.push(readApiVersionsResponseFinalizedFeature(r, version));
        finalizedFeatures = finalizedFeaturesItems;
        r.expectAt(end);
      } else if (tag === 3 && version >= 3) {
        zkMigrationReady = r.bool();
        r.expectAt(end);
      } else {
        r.skipTo(end);
      }
    }
  }
  return { errorCode, apiKeys, throttleTimeMs, supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady };
}

function completeApiVersionsResponse(v: ApiVersionsResponseInput): ApiVersionsResponse {
  return {
    errorCode: v.errorCode,
    apiKeys: v.apiKeys.map(completeApiVersionsResponseApiVersion),
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    supportedFeatures: (v.supportedFeatures ?? []).map(completeApiVersionsResponseSupportedFeature),
    finalizedFeaturesEpoch: (v.finalizedFeaturesEpoch ?? -1),
    finalizedFeatures: (v.finalizedFeatures ?? []).map(completeApiVersionsResponseFinalizedFeature),
    zkMigrationReady: (v.zkMigrationReady ?? false),
  };
}

function writeApiVersionsResponseApiVersion(w: Writer, v: ApiVersionsResponseApiVersionInput, version: number): void {
  const flexible = version >= 3;
  w.int16(v.apiKey);
  w.int16(v.minVersion);
  w.int16(v.maxVersion);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readApiVersionsResponseApiVersion(r: Reader, version: number): ApiVersionsResponseApiVersion {
  const flexible = version >= 3;
  const apiKey = r.int16();
  const minVersion = r.int16();
  const maxVersion = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { apiKey, minVersion, maxVersion };
}

function completeApiVersionsResponseApiVersion(v: ApiVersionsResponseApiVersionInput): ApiVersionsResponseApiVersion {
  return {
    apiKey: v.apiKey,
    minVersion: v.minVersion,
    maxVersion: v.maxVersion,
  };
}

function writeApiVersionsResponseSupportedFeature(w: Writer, v: ApiVersionsResponseSupportedFeatureInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.name, flexible);
  w.int16(v.minVersion);
  w.int16(v.maxVersion);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readApiVersionsResponseSupportedFeature(r: Reader, version: number): ApiVersionsResponseSupportedFeature {
  const flexible = version >= 3;
  const name = r.string(flexible);
  const minVersion = r.int16();
  const maxVersion = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, minVersion, maxVersion };
}

function completeApiVersionsResponseSupportedFeature(v: ApiVersionsResponseSupportedFeatureInput): ApiVersionsResponseSupportedFeature {
  return {
    name: v.name,
    minVersion: v.minVersion,
    maxVersion: v.maxVersion,
  };
}

function writeApiVersionsResponseFinalizedFeature(w: Writer, v: ApiVersionsResponseFinalizedFeatureInput, version: number): void {
  const flexible = version >= 3;
  w.string(v.name, flexible);
  w.int16(v.maxVersionLevel);
  w.int16(v.minVersionLevel);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readApiVersionsResponseFinalizedFeature(r: Reader, version: number): ApiVersionsResponseFinalizedFeature {
  const flexible = version >= 3;
  const name = r.string(flexible);
  const maxVersionLevel = r.int16();
  const minVersionLevel = r.int16();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { name, maxVersionLevel, minVersionLevel };
}

function completeApiVersionsResponseFinalizedFeature(v: ApiVersionsResponseFinalizedFeatureInput): ApiVersionsResponseFinalizedFeature {
  return {
    name: v.name,
    maxVersionLevel: v.maxVersionLevel,
    minVersionLevel: v.minVersionLevel,
  };
}

export const apiVersionsApi: Api<ApiVersionsRequest, ApiVersionsResponse, ApiVersionsRequestInput, ApiVersionsResponseInput> = {
  key: 18,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 4,
  advertisedMinVersion: 0,
  flexibleFrom: 3,
  encodeRequest(w: Writer, request: ApiVersionsRequestInput, version: number): void {
    checkVersion('ApiVersions', version, 0, 4);
    writeApiVersionsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ApiVersionsRequest {
    checkVersion('ApiVersions', version, 0, 4);
    return readApiVersionsRequest(r, version);
  },
  encodeResponse(w: Writer, response: ApiVersionsResponseInput, version: number): void {
    checkVersion('ApiVersions', version, 0, 4);
    writeApiVersionsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ApiVersionsResponse {
    checkVersion('ApiVersions', version, 0, 4);
    return readApiVersionsResponse(r, version);
  },
  completeRequest: completeApiVersionsRequest,
  completeResponse: completeApiVersionsResponse,
};

export interface MetadataRequest {
  /** Null all topics; in version 0 an empty list means all */
  readonly topics: readonly MetadataRequestTopic[] | null;
  readonly allowAutoTopicCreation: boolean;
  readonly includeClusterAuthorizedOperations: boolean;
  readonly includeTopicAuthorizedOperations: boolean;
}

export interface MetadataRequestInput {
  /** Null all topics; in version 0 an empty list means all */
  readonly topics: readonly MetadataRequestTopicInput[] | null;
  readonly allowAutoTopicCreation?: boolean | undefined;
  readonly includeClusterAuthorizedOperations?: boolean | undefined;
  readonly includeTopicAuthorizedOperations?: boolean | undefined;
}

export interface MetadataRequestTopic {
  readonly topicId: string;
  /** Null from version 10 on: asked by topicId (12+) */
  readonly name: string | null;
}

export interface MetadataRequestTopicInput {
  readonly topicId?: string | undefined;
  /** Null from version 10 on: asked by topicId (12+) */
  readonly name?: string | null | undefined;
}

function writeMetadataRequest(w: Writer, v: MetadataRequestInput, version: number): void {
  const flexible = version >= 9;
  {
    const topicsItems = v.topics;
    if (!(version >= 1)) notNull(topicsItems, 'MetadataRequest.topics');
    if (topicsItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(topicsItems.length, flexible);
      for (const item of topicsItems) writeMetadataRequestTopic(w, item, version);
    }
  }
  if (version >= 4) {
    w.bool((v.allowAutoTopicCreation ?? true));
  }
  if (version >= 8 && version <= 10) {
    w.bool((v.includeClusterAuthorizedOperations ?? false));
  }
  if (version >= 8) {
    w.bool((v.includeTopicAuthorizedOperations ?? false));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readMetadataRequest(r: Reader, version: number): MetadataRequest {
  const flexible = version >= 9;
  let topics: MetadataRequestTopic[] | null = [];
  const topicsCount = version >= 1 ? r.nullableArrayLength(flexible, 2) : r.arrayLength(flexible, 2);
  if (topicsCount === -1) topics = null;
  else {
    topics = [];
    for (let left = topicsCount; left > 0; left -= 1) topics.push(readMetadataRequestTopic(r, version));
  }
  const allowAutoTopicCreation = version >= 4 ? r.bool() : true;
  const includeClusterAuthorizedOperations = version >= 8 && version <= 10 ? r.bool() : false;
  const includeTopicAuthorizedOperations = version >= 8 ? r.bool() : false;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topics, allowAutoTopicCreation, includeClusterAuthorizedOperations, includeTopicAuthorizedOperations };
}

function completeMetadataRequest(v: MetadataRequestInput): MetadataRequest {
  return {
    topics: v.topics?.map(completeMetadataRequestTopic) ?? null,
    allowAutoTopicCreation: (v.allowAutoTopicCreation ?? true),
    includeClusterAuthorizedOperations: (v.includeClusterAuthorizedOperations ?? false),
    includeTopicAuthorizedOperations: (v.includeTopicAuthorizedOperations ?? false),
  };
}

function writeMetadataRequestTopic(w: Writer, v: MetadataRequestTopicInput, version: number): void {
  const flexible = version >= 9;
  if (version >= 10) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  if (version >= 10) w.nullableString((v.name ?? null), flexible);
  else w.string(notNull((v.name ?? null), 'MetadataRequest.name'), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readMetadataRequestTopic(r: Reader, version: number): MetadataRequestTopic {
  const flexible = version >= 9;
  const topicId = version >= 10 ? r.uuid() : ZERO_UUID;
  const name = (version >= 10 ? r.nullableString(flexible) : r.string(flexible));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { topicId, name };
}

function completeMetadataRequestTopic(v: MetadataRequestTopicInput): MetadataRequestTopic {
  return {
    topicId: (v.topicId ?? ZERO_UUID),
    name: (v.name ?? null),
  };
}

export interface MetadataResponse {
  readonly throttleTimeMs: number;
  readonly brokers: readonly MetadataResponseBroker[];
  readonly clusterId: string | null;
  readonly controllerId: number;
  readonly topics: readonly MetadataResponseTopic[];
  readonly clusterAuthorizedOperations: number;
  /** 129 REBOOTSTRAP_REQUIRED */
  readonly errorCode: number;
}

export interface MetadataResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly brokers: readonly MetadataResponseBrokerInput[];
  readonly clusterId?: string | null | undefined;
  readonly controllerId?: number | undefined;
  readonly topics: readonly MetadataResponseTopicInput[];
  readonly clusterAuthorizedOperations?: number | undefined;
  /** 129 REBOOTSTRAP_REQUIRED */
  readonly errorCode?: number | undefined;
}

export interface MetadataResponseBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface MetadataResponseBrokerInput {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null | undefined;
}

export interface MetadataResponseTopic {
  readonly errorCode: number;
  /** Null only where a topic asked by id is unknown */
  readonly name: string | null;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly MetadataResponsePartition[];
  readonly topicAuthorizedOperations: number;
}

export interface MetadataResponseTopicInput {
  readonly errorCode: number;
  /** Null only where a topic asked by id is unknown */
  readonly name: string | null;
  readonly topicId?: string | undefined;
  readonly isInternal?: boolean | undefined;
  readonly partitions: readonly MetadataResponsePartitionInput[];
  readonly topicAuthorizedOperations?: number | undefined;
}

export interface MetadataResponsePartition {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas: readonly number[];
}

export interface MetadataResponsePartitionInput {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch?: number | undefined;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas?: readonly number[] | undefined;
}

function writeMetadataResponse(w: Writer, v: MetadataResponseInput, version: number): void {
  const flexible = version >= 9;
  if (version >= 3) {
    w.int32((v.throttleTimeMs ?? 0));
  }
  {
    const brokersItems = v.brokers;
    w.arrayLength(brokersItems.length, flexible);
    for (const item of brokersItems) writeMetadataResponseBroker(w, item, version);
  }
  if (version >= 2) {
    w.nullableString((v.clusterId ?? null), flexible);
  }
  if (version >= 1) {
    w.int32((v.controllerId ?? -1));
  }
  {
    const topicsItems = v.topics;
    w.arrayLength(topicsItems.length, flexible);
    for (const item of topicsItems) writeMetadataResponseTopic(w, item, version);
  }
  if (version >= 8 && version <= 10) {
    w.int32((v.clusterAuthorizedOperations ?? -2147483648));
  }
  if (version >= 13) {
    w.int16((v.errorCode ?? 0));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readMetadataResponse(r: Reader, version: number): MetadataResponse {
  const flexible = version >= 9;
  const throttleTimeMs = version >= 3 ? r.int32() : 0;
  let brokers: MetadataResponseBroker[] = [];
  for (let left = r.arrayLength(flexible, 10); left > 0; left -= 1) brokers.push(readMetadataResponseBroker(r, version));
  const clusterId = version >= 2 ? r.nullableString(flexible) : null;
  const controllerId = version >= 1 ? r.int32() : -1;
  let topics: MetadataResponseTopic[] = [];
  for (let left = r.arrayLength(flexible, 8); left > 0; left -= 1) topics.push(readMetadataResponseTopic(r, version));
  const clusterAuthorizedOperations = version >= 8 && version <= 10 ? r.int32() : -2147483648;
  const errorCode = version >= 13 ? r.int16() : 0;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, brokers, clusterId, controllerId, topics, clusterAuthorizedOperations, errorCode };
}

function completeMetadataResponse(v: MetadataResponseInput): MetadataResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    brokers: v.brokers.map(completeMetadataResponseBroker),
    clusterId: (v.clusterId ?? null),
    controllerId: (v.controllerId ?? -1),
    topics: v.topics.map(completeMetadataResponseTopic),
    clusterAuthorizedOperations: (v.clusterAuthorizedOperations ?? -2147483648),
    errorCode: (v.errorCode ?? 0),
  };
}

function writeMetadataResponseBroker(w: Writer, v: MetadataResponseBrokerInput, version: number): void {
  const flexible = version >= 9;
  w.int32(v.nodeId);
  w.string(v.host, flexible);
  w.int32(v.port);
  if (version >= 1) {
    w.nullableString((v.rack ?? null), flexible);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readMetadataResponseBroker(r: Reader, version: number): MetadataResponseBroker {
  const flexible = version >= 9;
  const nodeId = r.int32();
  const host = r.string(flexible);
  const port = r.int32();
  const rack = version >= 1 ? r.nullableString(flexible) : null;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { nodeId, host, port, rack };
}

function completeMetadataResponseBroker(v: MetadataResponseBrokerInput): MetadataResponseBroker {
  return {
    nodeId: v.nodeId,
    host: v.host,
    port: v.port,
    rack: (v.rack ?? null),
  };
}

function writeMetadataResponseTopic(w: Writer, v: MetadataResponseTopicInput, version: number): void {
  const flexible = version >= 9;
  w.int16(v.errorCode);
  if (version >= 12) w.nullableString(v.name, flexible);
  else w.string(notNull(v.name, 'MetadataResponse.name'), flexible);
  if (version >= 10) {
    w.uuid((v.topicId ?? ZERO_UUID));
  }
  if (version >= 1) {
    w.bool((v.isInternal ?? false));
  }
  {
    const partitionsItems = v.partitions;
    w.arrayLength(partitionsItems.length, flexible);
    for (const item of partitionsItems) writeMetadataResponsePartition(w, item, version);
  }
  if (version >= 8) {
    w.int32((v.topicAuthorizedOperations ?? -2147483648));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readMetadataResponseTopic(r: Reader, version: number): MetadataResponseTopic {
  const flexible = version >= 9;
  const errorCode = r.int16();
  const name = (version >= 12 ? r.nullableString(flexible) : r.string(flexible));
  const topicId = version >= 10 ? r.uuid() : ZERO_UUID;
  const isInternal = version >= 1 ? r.bool() : false;
  let partitions: MetadataResponsePartition[] = [];
  for (let left = r.arrayLength(flexible, 18); left > 0; left -= 1) partitions.push(readMetadataResponsePartition(r, version));
  const topicAuthorizedOperations = version >= 8 ? r.int32() : -2147483648;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations };
}

function completeMetadataResponseTopic(v: MetadataResponseTopicInput): MetadataResponseTopic {
  return {
    errorCode: v.errorCode,
    name: v.name,
    topicId: (v.topicId ?? ZERO_UUID),
    isInternal: (v.isInternal ?? false),
    partitions: v.partitions.map(completeMetadataResponsePartition),
    topicAuthorizedOperations: (v.topicAuthorizedOperations ?? -2147483648),
  };
}

function writeMetadataResponsePartition(w: Writer, v: MetadataResponsePartitionInput, version: number): void {
  const flexible = version >= 9;
  w.int16(v.errorCode);
  w.int32(v.partitionIndex);
  w.int32(v.leaderId);
  if (version >= 7) {
    w.int32((v.leaderEpoch ?? -1));
  }
  {
    const replicaNodesItems = v.replicaNodes;
    w.arrayLength(replicaNodesItems.length, flexible);
    for (const item of replicaNodesItems) w.int32(item);
  }
  {
    const isrNodesItems = v.isrNodes;
    w.arrayLength(isrNodesItems.length, flexible);
    for (const item of isrNodesItems) w.int32(item);
  }
  if (version >= 5) {
    {
      const offlineReplicasItems = (v.offlineReplicas ?? []);
      w.arrayLength(offlineReplicasItems.length, flexible);
      for (const item of offlineReplicasItems) w.int32(item);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readMetadataResponsePartition(r: Reader, version: number): MetadataResponsePartition {
  const flexible = version >= 9;
  const errorCode = r.int16();
  const partitionIndex = r.int32();
  const leaderId = r.int32();
  const leaderEpoch = version >= 7 ? r.int32() : -1;
  let replicaNodes: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) replicaNodes.push(r.int32());
  let isrNodes: number[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) isrNodes.push(r.int32());
  let offlineReplicas: number[] = [];
  if (version >= 5) {
    for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) offlineReplicas.push(r.int32());
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas };
}

function completeMetadataResponsePartition(v: MetadataResponsePartitionInput): MetadataResponsePartition {
  return {
    errorCode: v.errorCode,
    partitionIndex: v.partitionIndex,
    leaderId: v.leaderId,
    leaderEpoch: (v.leaderEpoch ?? -1),
    replicaNodes: v.replicaNodes,
    isrNodes: v.isrNodes,
    offlineReplicas: (v.offlineReplicas ?? []),
  };
}

export const metadataApi: Api<MetadataRequest, MetadataResponse, MetadataRequestInput, MetadataResponseInput> = {
  key: 3,
  name: 'Metadata',
  minVersion: 0,
  maxVersion: 13,
  advertisedMinVersion: 0,
  flexibleFrom: 9,
  encodeRequest(w: Writer, request: MetadataRequestInput, version: number): void {
    checkVersion('Metadata', version, 0, 13);
    writeMetadataRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): MetadataRequest {
    checkVersion('Metadata', version, 0, 13);
    return readMetadataRequest(r, version);
  },
  encodeResponse(w: Writer, response: MetadataResponseInput, version: number): void {
    checkVersion('Metadata', version, 0, 13);
    writeMetadataResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): MetadataResponse {
    checkVersion('Metadata', version, 0, 13);
    return readMetadataResponse(r, version);
  },
  completeRequest: completeMetadataRequest,
  completeResponse: completeMetadataResponse,
};

export interface DescribeClusterRequest {
  readonly includeClusterAuthorizedOperations: boolean;
  /** 1 brokers, 2 controllers */
  readonly endpointType: number;
  readonly includeFencedBrokers: boolean;
}

export interface DescribeClusterRequestInput {
  readonly includeClusterAuthorizedOperations?: boolean | undefined;
  /** 1 brokers, 2 controllers */
  readonly endpointType?: number | undefined;
  readonly includeFencedBrokers?: boolean | undefined;
}

function writeDescribeClusterRequest(w: Writer, v: DescribeClusterRequestInput, version: number): void {
  w.bool((v.includeClusterAuthorizedOperations ?? false));
  if (version >= 1) {
    w.int8((v.endpointType ?? 1));
  }
  if (version >= 2) {
    w.bool((v.includeFencedBrokers ?? false));
  }
  w.unsignedVarint(0);
}

function readDescribeClusterRequest(r: Reader, version: number): DescribeClusterRequest {
  const includeClusterAuthorizedOperations = r.bool();
  const endpointType = version >= 1 ? r.int8() : 1;
  const includeFencedBrokers = version >= 2 ? r.bool() : false;
  r.skipTaggedFields();
  return { includeClusterAuthorizedOperations, endpointType, includeFencedBrokers };
}

function completeDescribeClusterRequest(v: DescribeClusterRequestInput): DescribeClusterRequest {
  return {
    includeClusterAuthorizedOperations: (v.includeClusterAuthorizedOperations ?? false),
    endpointType: (v.endpointType ?? 1),
    includeFencedBrokers: (v.includeFencedBrokers ?? false),
  };
}

export interface DescribeClusterResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly endpointType: number;
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: readonly DescribeClusterResponseBroker[];
  readonly clusterAuthorizedOperations: number;
}

export interface DescribeClusterResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly endpointType?: number | undefined;
  readonly clusterId: string;
  readonly controllerId?: number | undefined;
  readonly brokers: readonly DescribeClusterResponseBrokerInput[];
  readonly clusterAuthorizedOperations?: number | undefined;
}

export interface DescribeClusterResponseBroker {
  readonly brokerId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

export interface DescribeClusterResponseBrokerInput {
  readonly brokerId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null | undefined;
  readonly isFenced?: boolean | undefined;
}

function writeDescribeClusterResponse(w: Writer, v: DescribeClusterResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  if (version >= 1) {
    w.int8((v.endpointType ?? 1));
  }
  w.string(v.clusterId, true);
  w.int32((v.controllerId ?? -1));
  {
    const brokersItems = v.brokers;
    w.arrayLength(brokersItems.length, true);
    for (const item of brokersItems) writeDescribeClusterResponseBroker(w, item, version);
  }
  w.int32((v.clusterAuthorizedOperations ?? -2147483648));
  w.unsignedVarint(0);
}

function readDescribeClusterResponse(r: Reader, version: number): DescribeClusterResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  const endpointType = version >= 1 ? r.int8() : 1;
  const clusterId = r.string(true);
  const controllerId = r.int32();
  let brokers: DescribeClusterResponseBroker[] = [];
  for (let left = r.arrayLength(true, 11); left > 0; left -= 1) brokers.push(readDescribeClusterResponseBroker(r, version));
  const clusterAuthorizedOperations = r.int32();
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, endpointType, clusterId, controllerId, brokers, clusterAuthorizedOperations };
}

function completeDescribeClusterResponse(v: DescribeClusterResponseInput): DescribeClusterResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    endpointType: (v.endpointType ?? 1),
    clusterId: v.clusterId,
    controllerId: (v.controllerId ?? -1),
    brokers: v.brokers.map(completeDescribeClusterResponseBroker),
    clusterAuthorizedOperations: (v.clusterAuthorizedOperations ?? -2147483648),
  };
}

function writeDescribeClusterResponseBroker(w: Writer, v: DescribeClusterResponseBrokerInput, version: number): void {
  w.int32(v.brokerId);
  w.string(v.host, true);
  w.int32(v.port);
  w.nullableString((v.rack ?? null), true);
  if (version >= 2) {
    w.bool((v.isFenced ?? false));
  }
  w.unsignedVarint(0);
}

function readDescribeClusterResponseBroker(r: Reader, version: number): DescribeClusterResponseBroker {
  const brokerId = r.int32();
  const host = r.string(true);
  const port = r.int32();
  const rack = r.nullableString(true);
  const isFenced = version >= 2 ? r.bool() : false;
  r.skipTaggedFields();
  return { brokerId, host, port, rack, isFenced };
}

function completeDescribeClusterResponseBroker(v: DescribeClusterResponseBrokerInput): DescribeClusterResponseBroker {
  return {
    brokerId: v.brokerId,
    host: v.host,
    port: v.port,
    rack: (v.rack ?? null),
    isFenced: (v.isFenced ?? false),
  };
}

export const describeClusterApi: Api<DescribeClusterRequest, DescribeClusterResponse, DescribeClusterRequestInput, DescribeClusterResponseInput> = {
  key: 60,
  name: 'DescribeCluster',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: DescribeClusterRequestInput, version: number): void {
    checkVersion('DescribeCluster', version, 0, 2);
    writeDescribeClusterRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeClusterRequest {
    checkVersion('DescribeCluster', version, 0, 2);
    return readDescribeClusterRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeClusterResponseInput, version: number): void {
    checkVersion('DescribeCluster', version, 0, 2);
    writeDescribeClusterResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeClusterResponse {
    checkVersion('DescribeCluster', version, 0, 2);
    return readDescribeClusterResponse(r, version);
  },
  completeRequest: completeDescribeClusterRequest,
  completeResponse: completeDescribeClusterResponse,
};

export interface SaslHandshakeRequest {
  readonly mechanism: string;
}

export interface SaslHandshakeRequestInput {
  readonly mechanism: string;
}

function writeSaslHandshakeRequest(w: Writer, v: SaslHandshakeRequestInput, _version: number): void {
  w.string(v.mechanism, false);
}

function readSaslHandshakeRequest(r: Reader, _version: number): SaslHandshakeRequest {
  const mechanism = r.string(false);
  return { mechanism };
}

function completeSaslHandshakeRequest(v: SaslHandshakeRequestInput): SaslHandshakeRequest {
  return {
    mechanism: v.mechanism,
  };
}

export interface SaslHandshakeResponse {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

export interface SaslHandshakeResponseInput {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

function writeSaslHandshakeResponse(w: Writer, v: SaslHandshakeResponseInput, _version: number): void {
  w.int16(v.errorCode);
  {
    const mechanismsItems = v.mechanisms;
    w.arrayLength(mechanismsItems.length, false);
    for (const item of mechanismsItems) w.string(item, false);
  }
}

function readSaslHandshakeResponse(r: Reader, _version: number): SaslHandshakeResponse {
  const errorCode = r.int16();
  let mechanisms: string[] = [];
  for (let left = r.arrayLength(false, 2); left > 0; left -= 1) mechanisms.push(r.string(false));
  return { errorCode, mechanisms };
}

function completeSaslHandshakeResponse(v: SaslHandshakeResponseInput): SaslHandshakeResponse {
  return {
    errorCode: v.errorCode,
    mechanisms: v.mechanisms,
  };
}

export const saslHandshakeApi: Api<SaslHandshakeRequest, SaslHandshakeResponse, SaslHandshakeRequestInput, SaslHandshakeResponseInput> = {
  key: 17,
  name: 'SaslHandshake',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: Infinity,
  encodeRequest(w: Writer, request: SaslHandshakeRequestInput, version: number): void {
    checkVersion('SaslHandshake', version, 0, 1);
    writeSaslHandshakeRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): SaslHandshakeRequest {
    checkVersion('SaslHandshake', version, 0, 1);
    return readSaslHandshakeRequest(r, version);
  },
  encodeResponse(w: Writer, response: SaslHandshakeResponseInput, version: number): void {
    checkVersion('SaslHandshake', version, 0, 1);
    writeSaslHandshakeResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): SaslHandshakeResponse {
    checkVersion('SaslHandshake', version, 0, 1);
    return readSaslHandshakeResponse(r, version);
  },
  completeRequest: completeSaslHandshakeRequest,
  completeResponse: completeSaslHandshakeResponse,
};

export interface SaslAuthenticateRequest {
  readonly authBytes: Uint8Array;
}

export interface SaslAuthenticateRequestInput {
  readonly authBytes: Uint8Array;
}

function writeSaslAuthenticateRequest(w: Writer, v: SaslAuthenticateRequestInput, version: number): void {
  const flexible = version >= 2;
  w.bytes(v.authBytes, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readSaslAuthenticateRequest(r: Reader, version: number): SaslAuthenticateRequest {
  const flexible = version >= 2;
  const authBytes = r.bytes(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { authBytes };
}

function completeSaslAuthenticateRequest(v: SaslAuthenticateRequestInput): SaslAuthenticateRequest {
  return {
    authBytes: v.authBytes,
  };
}

export interface SaslAuthenticateResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly authBytes: Uint8Array;
  readonly sessionLifetimeMs: number;
}

export interface SaslAuthenticateResponseInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly authBytes?: Uint8Array | undefined;
  readonly sessionLifetimeMs?: number | undefined;
}

function writeSaslAuthenticateResponse(w: Writer, v: SaslAuthenticateResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  w.bytes((v.authBytes ?? EMPTY_BYTES), flexible);
  if (version >= 1) {
    w.int64((v.sessionLifetimeMs ?? 0));
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readSaslAuthenticateResponse(r: Reader, version: number): SaslAuthenticateResponse {
  const flexible = version >= 2;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  const authBytes = r.bytes(flexible);
  const sessionLifetimeMs = version >= 1 ? r.int64() : 0;
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, authBytes, sessionLifetimeMs };
}

function completeSaslAuthenticateResponse(v: SaslAuthenticateResponseInput): SaslAuthenticateResponse {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    authBytes: (v.authBytes ?? EMPTY_BYTES),
    sessionLifetimeMs: (v.sessionLifetimeMs ?? 0),
  };
}

export const saslAuthenticateApi: Api<SaslAuthenticateRequest, SaslAuthenticateResponse, SaslAuthenticateRequestInput, SaslAuthenticateResponseInput> = {
  key: 36,
  name: 'SaslAuthenticate',
  minVersion: 0,
  maxVersion: 2,
  advertisedMinVersion: 0,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: SaslAuthenticateRequestInput, version: number): void {
    checkVersion('SaslAuthenticate', version, 0, 2);
    writeSaslAuthenticateRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): SaslAuthenticateRequest {
    checkVersion('SaslAuthenticate', version, 0, 2);
    return readSaslAuthenticateRequest(r, version);
  },
  encodeResponse(w: Writer, response: SaslAuthenticateResponseInput, version: number): void {
    checkVersion('SaslAuthenticate', version, 0, 2);
    writeSaslAuthenticateResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): SaslAuthenticateResponse {
    checkVersion('SaslAuthenticate', version, 0, 2);
    return readSaslAuthenticateResponse(r, version);
  },
  completeRequest: completeSaslAuthenticateRequest,
  completeResponse: completeSaslAuthenticateResponse,
};
