// Generated from schemas/metadata.schema by generator/generate.mjs; change that and run it.
import { checkVersion, type Message } from '../api.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

export interface RegisterBrokerRecord {
  readonly brokerId: number;
  readonly isMigratingZkBroker: boolean;
  readonly incarnationId: string;
  readonly brokerEpoch: number;
  readonly endPoints: readonly RegisterBrokerRecordEndPoint[];
  readonly features: readonly RegisterBrokerRecordFeature[];
  readonly rack: string | null;
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  readonly logDirs: readonly string[];
}

export interface RegisterBrokerRecordInput {
  readonly brokerId: number;
  readonly isMigratingZkBroker?: boolean | undefined;
  readonly incarnationId: string;
  readonly brokerEpoch: number;
  readonly endPoints: readonly RegisterBrokerRecordEndPointInput[];
  readonly features: readonly RegisterBrokerRecordFeatureInput[];
  readonly rack: string | null;
  readonly fenced?: boolean | undefined;
  readonly inControlledShutdown?: boolean | undefined;
  readonly logDirs?: readonly string[] | undefined;
}

export interface RegisterBrokerRecordEndPoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** 0 plaintext, 1 ssl, 2 sasl_plaintext, 3 sasl_ssl */
  readonly securityProtocol: number;
}

export interface RegisterBrokerRecordEndPointInput {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** 0 plaintext, 1 ssl, 2 sasl_plaintext, 3 sasl_ssl */
  readonly securityProtocol: number;
}

export interface RegisterBrokerRecordFeature {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface RegisterBrokerRecordFeatureInput {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

function writeRegisterBrokerRecord(w: Writer, v: RegisterBrokerRecordInput, version: number): void {
  w.int32(v.brokerId);
  if (version >= 2) {
    w.bool((v.isMigratingZkBroker ?? false));
  }
  w.uuid(v.incarnationId);
  w.int64(v.brokerEpoch);
  {
    const endPointsItems = v.endPoints;
    w.arrayLength(endPointsItems.length, true);
    for (const item of endPointsItems) writeRegisterBrokerRecordEndPoint(w, item, version);
  }
  {
    const featuresItems = v.features;
    w.arrayLength(featuresItems.length, true);
    for (const item of featuresItems) writeRegisterBrokerRecordFeature(w, item, version);
  }
  w.nullableString(v.rack, true);
  w.bool((v.fenced ?? true));
  if (version >= 1) {
    w.bool((v.inControlledShutdown ?? false));
  }
  const hasLogDirs = version >= 3 && (v.logDirs ?? []).length > 0;
  w.unsignedVarint(Number(hasLogDirs));
  if (hasLogDirs) {
    const sizeAt = w.openTaggedField(0);
    {
      const logDirsItems = (v.logDirs ?? []);
      w.arrayLength(logDirsItems.length, true);
      for (const item of logDirsItems) w.uuid(item);
    }
    w.closeTaggedField(sizeAt);
  }
}

function readRegisterBrokerRecord(r: Reader, version: number): RegisterBrokerRecord {
  const brokerId = r.int32();
  const isMigratingZkBroker = version >= 2 ? r.bool() : false;
  const incarnationId = r.uuid();
  const brokerEpoch = r.int64();
  let endPoints: RegisterBrokerRecordEndPoint[] = [];
  for (let left = r.arrayLength(true, 7); left > 0; left -= 1) endPoints.push(readRegisterBrokerRecordEndPoint(r, version));
  let features: RegisterBrokerRecordFeature[] = [];
  for (let left = r.arrayLength(true, 6); left > 0; left -= 1) features.push(readRegisterBrokerRecordFeature(r, version));
  const rack = r.nullableString(true);
  const fenced = r.bool();
  const inControlledShutdown = version >= 1 ? r.bool() : false;
  let logDirs: readonly string[] = [];
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0 && version >= 3) {
      let logDirsItems: string[] = [];
      for (let left = r.arrayLength(true, 16); left > 0; left -= 1) logDirsItems.push(r.uuid());
      logDirs = logDirsItems;
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { brokerId, isMigratingZkBroker, incarnationId, brokerEpoch, endPoints, features, rack, fenced, inControlledShutdown, logDirs };
}

function writeRegisterBrokerRecordEndPoint(w: Writer, v: RegisterBrokerRecordEndPointInput, _version: number): void {
  w.string(v.name, true);
  w.string(v.host, true);
  w.uint16(v.port);
  w.int16(v.securityProtocol);
  w.unsignedVarint(0);
}

function readRegisterBrokerRecordEndPoint(r: Reader, _version: number): RegisterBrokerRecordEndPoint {
  const name = r.string(true);
  const host = r.string(true);
  const port = r.uint16();
  const securityProtocol = r.int16();
  r.skipTaggedFields();
  return { name, host, port, securityProtocol };
}

function writeRegisterBrokerRecordFeature(w: Writer, v: RegisterBrokerRecordFeatureInput, _version: number): void {
  w.string(v.name, true);
  w.int16(v.minSupportedVersion);
  w.int16(v.maxSupportedVersion);
  w.unsignedVarint(0);
}

function readRegisterBrokerRecordFeature(r: Reader, _version: number): RegisterBrokerRecordFeature {
  const name = r.string(true);
  const minSupportedVersion = r.int16();
  const maxSupportedVersion = r.int16();
  r.skipTaggedFields();
  return { name, minSupportedVersion, maxSupportedVersion };
}

export const registerBrokerRecordMessage: Message<RegisterBrokerRecord, RegisterBrokerRecordInput> = {
  name: 'RegisterBrokerRecord',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: RegisterBrokerRecordInput, version: number): void {
    checkVersion('RegisterBrokerRecord', version, 0, 3);
    writeRegisterBrokerRecord(w, value, version);
  },
  decode(r: Reader, version: number): RegisterBrokerRecord {
    checkVersion('RegisterBrokerRecord', version, 0, 3);
    return readRegisterBrokerRecord(r, version);
  },
};

export interface UnregisterBrokerRecord {
  readonly brokerId: number;
  readonly brokerEpoch: number;
}

export interface UnregisterBrokerRecordInput {
  readonly brokerId: number;
  readonly brokerEpoch: number;
}

function writeUnregisterBrokerRecord(w: Writer, v: UnregisterBrokerRecordInput, _version: number): void {
  w.int32(v.brokerId);
  w.int64(v.brokerEpoch);
  w.unsignedVarint(0);
}

function readUnregisterBrokerRecord(r: Reader, _version: number): UnregisterBrokerRecord {
  const brokerId = r.int32();
  const brokerEpoch = r.int64();
  r.skipTaggedFields();
  return { brokerId, brokerEpoch };
}

export const unregisterBrokerRecordMessage: Message<UnregisterBrokerRecord, UnregisterBrokerRecordInput> = {
  name: 'UnregisterBrokerRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: UnregisterBrokerRecordInput, version: number): void {
    checkVersion('UnregisterBrokerRecord', version, 0, 0);
    writeUnregisterBrokerRecord(w, value, version);
  },
  decode(r: Reader, version: number): UnregisterBrokerRecord {
    checkVersion('UnregisterBrokerRecord', version, 0, 0);
    return readUnregisterBrokerRecord(r, version);
  },
};

export interface TopicRecord {
  readonly name: string;
  readonly topicId: string;
}

export interface TopicRecordInput {
  readonly name: string;
  readonly topicId: string;
}

function writeTopicRecord(w: Writer, v: TopicRecordInput, _version: number): void {
  w.string(v.name, true);
  w.uuid(v.topicId);
  w.unsignedVarint(0);
}

function readTopicRecord(r: Reader, _version: number): TopicRecord {
  const name = r.string(true);
  const topicId = r.uuid();
  r.skipTaggedFields();
  return { name, topicId };
}

export const topicRecordMessage: Message<TopicRecord, TopicRecordInput> = {
  name: 'TopicRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: TopicRecordInput, version: number): void {
    checkVersion('TopicRecord', version, 0, 0);
    writeTopicRecord(w, value, version);
  },
  decode(r: Reader, version: number): TopicRecord {
    checkVersion('TopicRecord', version, 0, 0);
    return readTopicRecord(r, version);
  },
};

export interface PartitionRecord {
  readonly partitionId: number;
  readonly topicId: string;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly removingReplicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly leader: number;
  readonly leaderRecoveryState: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly directories: readonly string[];
  readonly eligibleLeaderReplicas: readonly number[] | null;
  readonly lastKnownElr: readonly number[] | null;
}

export interface PartitionRecordInput {
  readonly partitionId?: number | undefined;
  readonly topicId: string;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly removingReplicas?: readonly number[] | undefined;
  readonly addingReplicas?: readonly number[] | undefined;
  readonly leader?: number | undefined;
  readonly leaderRecoveryState?: number | undefined;
  readonly leaderEpoch?: number | undefined;
  readonly partitionEpoch?: number | undefined;
  readonly directories?: readonly string[] | undefined;
  readonly eligibleLeaderReplicas?: readonly number[] | null | undefined;
  readonly lastKnownElr?: readonly number[] | null | undefined;
}

function writePartitionRecord(w: Writer, v: PartitionRecordInput, version: number): void {
  w.int32((v.partitionId ?? -1));
  w.uuid(v.topicId);
  {
    const replicasItems = v.replicas;
    w.arrayLength(replicasItems.length, true);
    for (const item of replicasItems) w.int32(item);
  }
  {
    const isrItems = v.isr;
    w.arrayLength(isrItems.length, true);
    for (const item of isrItems) w.int32(item);
  }
  {
    const removingReplicasItems = (v.removingReplicas ?? []);
    w.arrayLength(removingReplicasItems.length, true);
    for (const item of removingReplicasItems) w.int32(item);
  }
  {
    const addingReplicasItems = (v.addingReplicas ?? []);
    w.arrayLength(addingReplicasItems.length, true);
    for (const item of addingReplicasItems) w.int32(item);
  }
  w.int32((v.leader ?? -1));
  w.int32((v.leaderEpoch ?? -1));
  w.int32((v.partitionEpoch ?? -1));
  if (version >= 1) {
    {
      const directoriesItems = (v.directories ?? []);
      w.arrayLength(directoriesItems.length, true);
      for (const item of directoriesItems) w.uuid(item);
    }
  }
  const hasLeaderRecoveryState = (v.leaderRecoveryState ?? 0) !== 0;
  const hasEligibleLeaderReplicas = version >= 2 && (v.eligibleLeaderReplicas ?? null) !== null;
  const hasLastKnownElr = version >= 2 && (v.lastKnownElr ?? null) !== null;
  w.unsignedVarint(Number(hasLeaderRecoveryState) + Number(hasEligibleLeaderReplicas) + Number(hasLastKnownElr));
  if (hasLeaderRecoveryState) {
    const sizeAt = w.openTaggedField(0);
    w.int8((v.leaderRecoveryState ?? 0));
    w.closeTaggedField(sizeAt);
  }
  if (hasEligibleLeaderReplicas) {
    const sizeAt = w.openTaggedField(1);
    {
      const eligibleLeaderReplicasItems = (v.eligibleLeaderReplicas ?? null);
      if (eligibleLeaderReplicasItems === null) w.nullArray(true);
      else {
        w.arrayLength(eligibleLeaderReplicasItems.length, true);
        for (const item of eligibleLeaderReplicasItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
  if (hasLastKnownElr) {
    const sizeAt = w.openTaggedField(2);
    {
      const lastKnownElrItems = (v.lastKnownElr ?? null);
      if (lastKnownElrItems === null) w.nullArray(true);
      else {
        w.arrayLength(lastKnownElrItems.length, true);
        for (const item of lastKnownElrItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
}

function readPartitionRecord(r: Reader, version: number): PartitionRecord {
  const partitionId = r.int32();
  const topicId = r.uuid();
  let replicas: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) replicas.push(r.int32());
  let isr: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) isr.push(r.int32());
  let removingReplicas: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) removingReplicas.push(r.int32());
  let addingReplicas: number[] = [];
  for (let left = r.arrayLength(true, 4); left > 0; left -= 1) addingReplicas.push(r.int32());
  const leader = r.int32();
  let leaderRecoveryState: number = 0;
  const leaderEpoch = r.int32();
  const partitionEpoch = r.int32();
  let directories: string[] = [];
  if (version >= 1) {
    for (let left = r.arrayLength(true, 16); left > 0; left -= 1) directories.push(r.uuid());
  }
  let eligibleLeaderReplicas: readonly number[] | null = null;
  let lastKnownElr: readonly number[] | null = null;
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0) {
      leaderRecoveryState = r.int8();
      r.expectAt(end);
    } else if (tag === 1 && version >= 2) {
      let eligibleLeaderReplicasItems: number[] | null = [];
      const eligibleLeaderReplicasItemsCount = r.nullableArrayLength(true, 4);
      if (eligibleLeaderReplicasItemsCount === -1) eligibleLeaderReplicasItems = null;
      else {
        eligibleLeaderReplicasItems = [];
        for (let left = eligibleLeaderReplicasItemsCount; left > 0; left -= 1) eligibleLeaderReplicasItems.push(r.int32());
      }
      eligibleLeaderReplicas = eligibleLeaderReplicasItems;
      r.expectAt(end);
    } else if (tag === 2 && version >= 2) {
      let lastKnownElrItems: number[] | null = [];
      const lastKnownElrItemsCount = r.nullableArrayLength(true, 4);
      if (lastKnownElrItemsCount === -1) lastKnownElrItems = null;
      else {
        lastKnownElrItems = [];
        for (let left = lastKnownElrItemsCount; left > 0; left -= 1) lastKnownElrItems.push(r.int32());
      }
      lastKnownElr = lastKnownElrItems;
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { partitionId, topicId, replicas, isr, removingReplicas, addingReplicas, leader, leaderRecoveryState, leaderEpoch, partitionEpoch, directories, eligibleLeaderReplicas, lastKnownElr };
}

export const partitionRecordMessage: Message<PartitionRecord, PartitionRecordInput> = {
  name: 'PartitionRecord',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: PartitionRecordInput, version: number): void {
    checkVersion('PartitionRecord', version, 0, 2);
    writePartitionRecord(w, value, version);
  },
  decode(r: Reader, version: number): PartitionRecord {
    checkVersion('PartitionRecord', version, 0, 2);
    return readPartitionRecord(r, version);
  },
};

export interface ConfigRecord {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly name: string;
  /** Null back to the default */
  readonly value: string | null;
}

export interface ConfigRecordInput {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly name: string;
  /** Null back to the default */
  readonly value: string | null;
}

function writeConfigRecord(w: Writer, v: ConfigRecordInput, _version: number): void {
  w.int8(v.resourceType);
  w.string(v.resourceName, true);
  w.string(v.name, true);
  w.nullableString(v.value, true);
  w.unsignedVarint(0);
}

function readConfigRecord(r: Reader, _version: number): ConfigRecord {
  const resourceType = r.int8();
  const resourceName = r.string(true);
  const name = r.string(true);
  const value = r.nullableString(true);
  r.skipTaggedFields();
  return { resourceType, resourceName, name, value };
}

export const configRecordMessage: Message<ConfigRecord, ConfigRecordInput> = {
  name: 'ConfigRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ConfigRecordInput, version: number): void {
    checkVersion('ConfigRecord', version, 0, 0);
    writeConfigRecord(w, value, version);
  },
  decode(r: Reader, version: number): ConfigRecord {
    checkVersion('ConfigRecord', version, 0, 0);
    return readConfigRecord(r, version);
  },
};

export interface PartitionChangeRecord {
  readonly partitionId: number;
  readonly topicId: string;
  /** Null, and -2 for the leader: unchanged */
  readonly isr: readonly number[] | null;
  readonly leader: number;
  readonly replicas: readonly number[] | null;
  readonly removingReplicas: readonly number[] | null;
  readonly addingReplicas: readonly number[] | null;
  readonly leaderRecoveryState: number;
  readonly eligibleLeaderReplicas: readonly number[] | null;
  readonly lastKnownElr: readonly number[] | null;
  readonly directories: readonly string[] | null;
}

export interface PartitionChangeRecordInput {
  readonly partitionId?: number | undefined;
  readonly topicId: string;
  /** Null, and -2 for the leader: unchanged */
  readonly isr?: readonly number[] | null | undefined;
  readonly leader?: number | undefined;
  readonly replicas?: readonly number[] | null | undefined;
  readonly removingReplicas?: readonly number[] | null | undefined;
  readonly addingReplicas?: readonly number[] | null | undefined;
  readonly leaderRecoveryState?: number | undefined;
  readonly eligibleLeaderReplicas?: readonly number[] | null | undefined;
  readonly lastKnownElr?: readonly number[] | null | undefined;
  readonly directories?: readonly string[] | null | undefined;
}

function writePartitionChangeRecord(w: Writer, v: PartitionChangeRecordInput, version: number): void {
  w.int32((v.partitionId ?? -1));
  w.uuid(v.topicId);
  const hasIsr = (v.isr ?? null) !== null;
  const hasLeader = (v.leader ?? -2) !== -2;
  const hasReplicas = (v.replicas ?? null) !== null;
  const hasRemovingReplicas = (v.removingReplicas ?? null) !== null;
  const hasAddingReplicas = (v.addingReplicas ?? null) !== null;
  const hasLeaderRecoveryState = (v.leaderRecoveryState ?? -1) !== -1;
  const hasEligibleLeaderReplicas = version >= 2 && (v.eligibleLeaderReplicas ?? null) !== null;
  const hasLastKnownElr = version >= 2 && (v.lastKnownElr ?? null) !== null;
  const hasDirectories = version >= 1 && (v.directories ?? null) !== null;
  w.unsignedVarint(Number(hasIsr) + Number(hasLeader) + Number(hasReplicas) + Number(hasRemovingReplicas) + Number(hasAddingReplicas) + Number(hasLeaderRecoveryState) + Number(hasEligibleLeaderReplicas) + Number(hasLastKnownElr) + Number(hasDirectories));
  if (hasIsr) {
    const sizeAt = w.openTaggedField(0);
    {
      const isrItems = (v.isr ?? null);
      if (isrItems === null) w.nullArray(true);
      else {
        w.arrayLength(isrItems.length, true);
        for (const item of isrItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
  if (hasLeader) {
    const sizeAt = w.openTaggedField(1);
    w.int32((v.leader ?? -2));
    w.closeTaggedField(sizeAt);
  }
  if (hasReplicas) {
    const sizeAt = w.openTaggedField(2);
    {
      const replicasItems = (v.replicas ?? null);
      if (replicasItems === null) w.nullArray(true);
      else {
        w.arrayLength(replicasItems.length, true);
        for (const item of replicasItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
  if (hasRemovingReplicas) {
    const sizeAt = w.openTaggedField(3);
    {
      const removingReplicasItems = (v.removingReplicas ?? null);
      if (removingReplicasItems === null) w.nullArray(true);
      else {
        w.arrayLength(removingReplicasItems.length, true);
        for (const item of removingReplicasItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
  if (hasAddingReplicas) {
    const sizeAt = w.openTaggedField(4);
    {
      const addingReplicasItems = (v.addingReplicas ?? null);
      if (addingReplicasItems === null) w.nullArray(true);
      else {
        w.arrayLength(addingReplicasItems.length, true);
        for (const item of addingReplicasItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
  if (hasLeaderRecoveryState) {
    const sizeAt = w.openTaggedField(5);
    w.int8((v.leaderRecoveryState ?? -1));
    w.closeTaggedField(sizeAt);
  }
  if (hasEligibleLeaderReplicas) {
    const sizeAt = w.openTaggedField(6);
    {
      const eligibleLeaderReplicasItems = (v.eligibleLeaderReplicas ?? null);
      if (eligibleLeaderReplicasItems === null) w.nullArray(true);
      else {
        w.arrayLength(eligibleLeaderReplicasItems.length, true);
        for (const item of eligibleLeaderReplicasItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
  if (hasLastKnownElr) {
    const sizeAt = w.openTaggedField(7);
    {
      const lastKnownElrItems = (v.lastKnownElr ?? null);
      if (lastKnownElrItems === null) w.nullArray(true);
      else {
        w.arrayLength(lastKnownElrItems.length, true);
        for (const item of lastKnownElrItems) w.int32(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
  if (hasDirectories) {
    const sizeAt = w.openTaggedField(8);
    {
      const directoriesItems = (v.directories ?? null);
      if (directoriesItems === null) w.nullArray(true);
      else {
        w.arrayLength(directoriesItems.length, true);
        for (const item of directoriesItems) w.uuid(item);
      }
    }
    w.closeTaggedField(sizeAt);
  }
}

function readPartitionChangeRecord(r: Reader, version: number): PartitionChangeRecord {
  const partitionId = r.int32();
  const topicId = r.uuid();
  let isr: readonly number[] | null = null;
  let leader: number = -2;
  let replicas: readonly number[] | null = null;
  let removingReplicas: readonly number[] | null = null;
  let addingReplicas: readonly number[] | null = null;
  let leaderRecoveryState: number = -1;
  let eligibleLeaderReplicas: readonly number[] | null = null;
  let lastKnownElr: readonly number[] | null = null;
  let directories: readonly string[] | null = null;
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0) {
      let isrItems: number[] | null = [];
      const isrItemsCount = r.nullableArrayLength(true, 4);
      if (isrItemsCount === -1) isrItems = null;
      else {
        isrItems = [];
        for (let left = isrItemsCount; left > 0; left -= 1) isrItems.push(r.int32());
      }
      isr = isrItems;
      r.expectAt(end);
    } else if (tag === 1) {
      leader = r.int32();
      r.expectAt(end);
    } else if (tag === 2) {
      let replicasItems: number[] | null = [];
      const replicasItemsCount = r.nullableArrayLength(true, 4);
      if (replicasItemsCount === -1) replicasItems = null;
      else {
        replicasItems = [];
        for (let left = replicasItemsCount; left > 0; left -= 1) replicasItems.push(r.int32());
      }
      replicas = replicasItems;
      r.expectAt(end);
    } else if (tag === 3) {
      let removingReplicasItems: number[] | null = [];
      const removingReplicasItemsCount = r.nullableArrayLength(true, 4);
      if (removingReplicasItemsCount === -1) removingReplicasItems = null;
      else {
        removingReplicasItems = [];
        for (let left = removingReplicasItemsCount; left > 0; left -= 1) removingReplicasItems.push(r.int32());
      }
      removingReplicas = removingReplicasItems;
      r.expectAt(end);
    } else if (tag === 4) {
      let addingReplicasItems: number[] | null = [];
      const addingReplicasItemsCount = r.nullableArrayLength(true, 4);
      if (addingReplicasItemsCount === -1) addingReplicasItems = null;
      else {
        addingReplicasItems = [];
        for (let left = addingReplicasItemsCount; left > 0; left -= 1) addingReplicasItems.push(r.int32());
      }
      addingReplicas = addingReplicasItems;
      r.expectAt(end);
    } else if (tag === 5) {
      leaderRecoveryState = r.int8();
      r.expectAt(end);
    } else if (tag === 6 && version >= 2) {
      let eligibleLeaderReplicasItems: number[] | null = [];
      const eligibleLeaderReplicasItemsCount = r.nullableArrayLength(true, 4);
      if (eligibleLeaderReplicasItemsCount === -1) eligibleLeaderReplicasItems = null;
      else {
        eligibleLeaderReplicasItems = [];
        for (let left = eligibleLeaderReplicasItemsCount; left > 0; left -= 1) eligibleLeaderReplicasItems.push(r.int32());
      }
      eligibleLeaderReplicas = eligibleLeaderReplicasItems;
      r.expectAt(end);
    } else if (tag === 7 && version >= 2) {
      let lastKnownElrItems: number[] | null = [];
      const lastKnownElrItemsCount = r.nullableArrayLength(true, 4);
      if (lastKnownElrItemsCount === -1) lastKnownElrItems = null;
      else {
        lastKnownElrItems = [];
        for (let left = lastKnownElrItemsCount; left > 0; left -= 1) lastKnownElrItems.push(r.int32());
      }
      lastKnownElr = lastKnownElrItems;
      r.expectAt(end);
    } else if (tag === 8 && version >= 1) {
      let directoriesItems: string[] | null = [];
      const directoriesItemsCount = r.nullableArrayLength(true, 16);
      if (directoriesItemsCount === -1) directoriesItems = null;
      else {
        directoriesItems = [];
        for (let left = directoriesItemsCount; left > 0; left -= 1) directoriesItems.push(r.uuid());
      }
      directories = directoriesItems;
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { partitionId, topicId, isr, leader, replicas, removingReplicas, addingReplicas, leaderRecoveryState, eligibleLeaderReplicas, lastKnownElr, directories };
}

export const partitionChangeRecordMessage: Message<PartitionChangeRecord, PartitionChangeRecordInput> = {
  name: 'PartitionChangeRecord',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: PartitionChangeRecordInput, version: number): void {
    checkVersion('PartitionChangeRecord', version, 0, 2);
    writePartitionChangeRecord(w, value, version);
  },
  decode(r: Reader, version: number): PartitionChangeRecord {
    checkVersion('PartitionChangeRecord', version, 0, 2);
    return readPartitionChangeRecord(r, version);
  },
};

export interface FenceBrokerRecord {
  readonly id: number;
  readonly epoch: number;
}

export interface FenceBrokerRecordInput {
  readonly id: number;
  readonly epoch: number;
}

function writeFenceBrokerRecord(w: Writer, v: FenceBrokerRecordInput, _version: number): void {
  w.int32(v.id);
  w.int64(v.epoch);
  w.unsignedVarint(0);
}

function readFenceBrokerRecord(r: Reader, _version: number): FenceBrokerRecord {
  const id = r.int32();
  const epoch = r.int64();
  r.skipTaggedFields();
  return { id, epoch };
}

export const fenceBrokerRecordMessage: Message<FenceBrokerRecord, FenceBrokerRecordInput> = {
  name: 'FenceBrokerRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: FenceBrokerRecordInput, version: number): void {
    checkVersion('FenceBrokerRecord', version, 0, 0);
    writeFenceBrokerRecord(w, value, version);
  },
  decode(r: Reader, version: number): FenceBrokerRecord {
    checkVersion('FenceBrokerRecord', version, 0, 0);
    return readFenceBrokerRecord(r, version);
  },
};

export interface UnfenceBrokerRecord {
  readonly id: number;
  readonly epoch: number;
}

export interface UnfenceBrokerRecordInput {
  readonly id: number;
  readonly epoch: number;
}

function writeUnfenceBrokerRecord(w: Writer, v: UnfenceBrokerRecordInput, _version: number): void {
  w.int32(v.id);
  w.int64(v.epoch);
  w.unsignedVarint(0);
}

function readUnfenceBrokerRecord(r: Reader, _version: number): UnfenceBrokerRecord {
  const id = r.int32();
  const epoch = r.int64();
  r.skipTaggedFields();
  return { id, epoch };
}

export const unfenceBrokerRecordMessage: Message<UnfenceBrokerRecord, UnfenceBrokerRecordInput> = {
  name: 'UnfenceBrokerRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: UnfenceBrokerRecordInput, version: number): void {
    checkVersion('UnfenceBrokerRecord', version, 0, 0);
    writeUnfenceBrokerRecord(w, value, version);
  },
  decode(r: Reader, version: number): UnfenceBrokerRecord {
    checkVersion('UnfenceBrokerRecord', version, 0, 0);
    return readUnfenceBrokerRecord(r, version);
  },
};

export interface RemoveTopicRecord {
  readonly topicId: string;
}

export interface RemoveTopicRecordInput {
  readonly topicId: string;
}

function writeRemoveTopicRecord(w: Writer, v: RemoveTopicRecordInput, _version: number): void {
  w.uuid(v.topicId);
  w.unsignedVarint(0);
}

function readRemoveTopicRecord(r: Reader, _version: number): RemoveTopicRecord {
  const topicId = r.uuid();
  r.skipTaggedFields();
  return { topicId };
}

export const removeTopicRecordMessage: Message<RemoveTopicRecord, RemoveTopicRecordInput> = {
  name: 'RemoveTopicRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: RemoveTopicRecordInput, version: number): void {
    checkVersion('RemoveTopicRecord', version, 0, 0);
    writeRemoveTopicRecord(w, value, version);
  },
  decode(r: Reader, version: number): RemoveTopicRecord {
    checkVersion('RemoveTopicRecord', version, 0, 0);
    return readRemoveTopicRecord(r, version);
  },
};

export interface UserScramCredentialRecord {
  readonly name: string;
  /** 1 SHA-256, 2 SHA-512 */
  readonly mechanism: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

export interface UserScramCredentialRecordInput {
  readonly name: string;
  /** 1 SHA-256, 2 SHA-512 */
  readonly mechanism: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

function writeUserScramCredentialRecord(w: Writer, v: UserScramCredentialRecordInput, _version: number): void {
  w.string(v.name, true);
  w.int8(v.mechanism);
  w.bytes(v.salt, true);
  w.bytes(v.storedKey, true);
  w.bytes(v.serverKey, true);
  w.int32(v.iterations);
  w.unsignedVarint(0);
}

function readUserScramCredentialRecord(r: Reader, _version: number): UserScramCredentialRecord {
  const name = r.string(true);
  const mechanism = r.int8();
  const salt = r.bytes(true);
  const storedKey = r.bytes(true);
  const serverKey = r.bytes(true);
  const iterations = r.int32();
  r.skipTaggedFields();
  return { name, mechanism, salt, storedKey, serverKey, iterations };
}

export const userScramCredentialRecordMessage: Message<UserScramCredentialRecord, UserScramCredentialRecordInput> = {
  name: 'UserScramCredentialRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: UserScramCredentialRecordInput, version: number): void {
    checkVersion('UserScramCredentialRecord', version, 0, 0);
    writeUserScramCredentialRecord(w, value, version);
  },
  decode(r: Reader, version: number): UserScramCredentialRecord {
    checkVersion('UserScramCredentialRecord', version, 0, 0);
    return readUserScramCredentialRecord(r, version);
  },
};

export interface RemoveUserScramCredentialRecord {
  readonly name: string;
  readonly mechanism: number;
}

export interface RemoveUserScramCredentialRecordInput {
  readonly name: string;
  readonly mechanism: number;
}

function writeRemoveUserScramCredentialRecord(w: Writer, v: RemoveUserScramCredentialRecordInput, _version: number): void {
  w.string(v.name, true);
  w.int8(v.mechanism);
  w.unsignedVarint(0);
}

function readRemoveUserScramCredentialRecord(r: Reader, _version: number): RemoveUserScramCredentialRecord {
  const name = r.string(true);
  const mechanism = r.int8();
  r.skipTaggedFields();
  return { name, mechanism };
}

export const removeUserScramCredentialRecordMessage: Message<RemoveUserScramCredentialRecord, RemoveUserScramCredentialRecordInput> = {
  name: 'RemoveUserScramCredentialRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: RemoveUserScramCredentialRecordInput, version: number): void {
    checkVersion('RemoveUserScramCredentialRecord', version, 0, 0);
    writeRemoveUserScramCredentialRecord(w, value, version);
  },
  decode(r: Reader, version: number): RemoveUserScramCredentialRecord {
    checkVersion('RemoveUserScramCredentialRecord', version, 0, 0);
    return readRemoveUserScramCredentialRecord(r, version);
  },
};

export interface FeatureLevelRecord {
  readonly name: string;
  /** 0 takes it away */
  readonly featureLevel: number;
}

export interface FeatureLevelRecordInput {
  readonly name: string;
  /** 0 takes it away */
  readonly featureLevel: number;
}

function writeFeatureLevelRecord(w: Writer, v: FeatureLevelRecordInput, _version: number): void {
  w.string(v.name, true);
  w.int16(v.featureLevel);
  w.unsignedVarint(0);
}

function readFeatureLevelRecord(r: Reader, _version: number): FeatureLevelRecord {
  const name = r.string(true);
  const featureLevel = r.int16();
  r.skipTaggedFields();
  return { name, featureLevel };
}

export const featureLevelRecordMessage: Message<FeatureLevelRecord, FeatureLevelRecordInput> = {
  name: 'FeatureLevelRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: FeatureLevelRecordInput, version: number): void {
    checkVersion('FeatureLevelRecord', version, 0, 0);
    writeFeatureLevelRecord(w, value, version);
  },
  decode(r: Reader, version: number): FeatureLevelRecord {
    checkVersion('FeatureLevelRecord', version, 0, 0);
    return readFeatureLevelRecord(r, version);
  },
};

export interface ClientQuotaRecord {
  readonly entity: readonly ClientQuotaRecordEntity[];
  readonly key: string;
  readonly value: number;
  readonly remove: boolean;
}

export interface ClientQuotaRecordInput {
  readonly entity: readonly ClientQuotaRecordEntityInput[];
  readonly key: string;
  readonly value: number;
  readonly remove: boolean;
}

export interface ClientQuotaRecordEntity {
  readonly entityType: string;
  /** Null the default */
  readonly entityName: string | null;
}

export interface ClientQuotaRecordEntityInput {
  readonly entityType: string;
  /** Null the default */
  readonly entityName: string | null;
}

function writeClientQuotaRecord(w: Writer, v: ClientQuotaRecordInput, version: number): void {
  {
    const entityItems = v.entity;
    w.arrayLength(entityItems.length, true);
    for (const item of entityItems) writeClientQuotaRecordEntity(w, item, version);
  }
  w.string(v.key, true);
  w.float64(v.value);
  w.bool(v.remove);
  w.unsignedVarint(0);
}

function readClientQuotaRecord(r: Reader, version: number): ClientQuotaRecord {
  let entity: ClientQuotaRecordEntity[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) entity.push(readClientQuotaRecordEntity(r, version));
  const key = r.string(true);
  const value = r.float64();
  const remove = r.bool();
  r.skipTaggedFields();
  return { entity, key, value, remove };
}

function writeClientQuotaRecordEntity(w: Writer, v: ClientQuotaRecordEntityInput, _version: number): void {
  w.string(v.entityType, true);
  w.nullableString(v.entityName, true);
  w.unsignedVarint(0);
}

function readClientQuotaRecordEntity(r: Reader, _version: number): ClientQuotaRecordEntity {
  const entityType = r.string(true);
  const entityName = r.nullableString(true);
  r.skipTaggedFields();
  return { entityType, entityName };
}

export const clientQuotaRecordMessage: Message<ClientQuotaRecord, ClientQuotaRecordInput> = {
  name: 'ClientQuotaRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ClientQuotaRecordInput, version: number): void {
    checkVersion('ClientQuotaRecord', version, 0, 0);
    writeClientQuotaRecord(w, value, version);
  },
  decode(r: Reader, version: number): ClientQuotaRecord {
    checkVersion('ClientQuotaRecord', version, 0, 0);
    return readClientQuotaRecord(r, version);
  },
};

export interface ProducerIdsRecord {
  readonly brokerId: number;
  readonly brokerEpoch: number;
  readonly nextProducerId: number;
}

export interface ProducerIdsRecordInput {
  readonly brokerId: number;
  readonly brokerEpoch?: number | undefined;
  readonly nextProducerId: number;
}

function writeProducerIdsRecord(w: Writer, v: ProducerIdsRecordInput, _version: number): void {
  w.int32(v.brokerId);
  w.int64((v.brokerEpoch ?? -1));
  w.int64(v.nextProducerId);
  w.unsignedVarint(0);
}

function readProducerIdsRecord(r: Reader, _version: number): ProducerIdsRecord {
  const brokerId = r.int32();
  const brokerEpoch = r.int64();
  const nextProducerId = r.int64();
  r.skipTaggedFields();
  return { brokerId, brokerEpoch, nextProducerId };
}

export const producerIdsRecordMessage: Message<ProducerIdsRecord, ProducerIdsRecordInput> = {
  name: 'ProducerIdsRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: ProducerIdsRecordInput, version: number): void {
    checkVersion('ProducerIdsRecord', version, 0, 0);
    writeProducerIdsRecord(w, value, version);
  },
  decode(r: Reader, version: number): ProducerIdsRecord {
    checkVersion('ProducerIdsRecord', version, 0, 0);
    return readProducerIdsRecord(r, version);
  },
};

export interface BrokerRegistrationChangeRecord {
  readonly brokerId: number;
  readonly brokerEpoch: number;
  /** -1 unfence, 1 fence */
  readonly fenced: number;
  readonly inControlledShutdown: number;
  readonly logDirs: readonly string[];
}

export interface BrokerRegistrationChangeRecordInput {
  readonly brokerId: number;
  readonly brokerEpoch: number;
  /** -1 unfence, 1 fence */
  readonly fenced?: number | undefined;
  readonly inControlledShutdown?: number | undefined;
  readonly logDirs?: readonly string[] | undefined;
}

function writeBrokerRegistrationChangeRecord(w: Writer, v: BrokerRegistrationChangeRecordInput, version: number): void {
  w.int32(v.brokerId);
  w.int64(v.brokerEpoch);
  const hasFenced = (v.fenced ?? 0) !== 0;
  const hasInControlledShutdown = version >= 1 && (v.inControlledShutdown ?? 0) !== 0;
  const hasLogDirs = version >= 2 && (v.logDirs ?? []).length > 0;
  w.unsignedVarint(Number(hasFenced) + Number(hasInControlledShutdown) + Number(hasLogDirs));
  if (hasFenced) {
    const sizeAt = w.openTaggedField(0);
    w.int8((v.fenced ?? 0));
    w.closeTaggedField(sizeAt);
  }
  if (hasInControlledShutdown) {
    const sizeAt = w.openTaggedField(1);
    w.int8((v.inControlledShutdown ?? 0));
    w.closeTaggedField(sizeAt);
  }
  if (hasLogDirs) {
    const sizeAt = w.openTaggedField(2);
    {
      const logDirsItems = (v.logDirs ?? []);
      w.arrayLength(logDirsItems.length, true);
      for (const item of logDirsItems) w.uuid(item);
    }
    w.closeTaggedField(sizeAt);
  }
}

function readBrokerRegistrationChangeRecord(r: Reader, version: number): BrokerRegistrationChangeRecord {
  const brokerId = r.int32();
  const brokerEpoch = r.int64();
  let fenced: number = 0;
  let inControlledShutdown: number = 0;
  let logDirs: readonly string[] = [];
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0) {
      fenced = r.int8();
      r.expectAt(end);
    } else if (tag === 1 && version >= 1) {
      inControlledShutdown = r.int8();
      r.expectAt(end);
    } else if (tag === 2 && version >= 2) {
      let logDirsItems: string[] = [];
      for (let left = r.arrayLength(true, 16); left > 0; left -= 1) logDirsItems.push(r.uuid());
      logDirs = logDirsItems;
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { brokerId, brokerEpoch, fenced, inControlledShutdown, logDirs };
}

export const brokerRegistrationChangeRecordMessage: Message<BrokerRegistrationChangeRecord, BrokerRegistrationChangeRecordInput> = {
  name: 'BrokerRegistrationChangeRecord',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: BrokerRegistrationChangeRecordInput, version: number): void {
    checkVersion('BrokerRegistrationChangeRecord', version, 0, 2);
    writeBrokerRegistrationChangeRecord(w, value, version);
  },
  decode(r: Reader, version: number): BrokerRegistrationChangeRecord {
    checkVersion('BrokerRegistrationChangeRecord', version, 0, 2);
    return readBrokerRegistrationChangeRecord(r, version);
  },
};

export interface AccessControlEntryRecord {
  readonly id: string;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export interface AccessControlEntryRecordInput {
  readonly id: string;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

function writeAccessControlEntryRecord(w: Writer, v: AccessControlEntryRecordInput, _version: number): void {
  w.uuid(v.id);
  w.int8(v.resourceType);
  w.string(v.resourceName, true);
  w.int8(v.patternType);
  w.string(v.principal, true);
  w.string(v.host, true);
  w.int8(v.operation);
  w.int8(v.permissionType);
  w.unsignedVarint(0);
}

function readAccessControlEntryRecord(r: Reader, _version: number): AccessControlEntryRecord {
  const id = r.uuid();
  const resourceType = r.int8();
  const resourceName = r.string(true);
  const patternType = r.int8();
  const principal = r.string(true);
  const host = r.string(true);
  const operation = r.int8();
  const permissionType = r.int8();
  r.skipTaggedFields();
  return { id, resourceType, resourceName, patternType, principal, host, operation, permissionType };
}

export const accessControlEntryRecordMessage: Message<AccessControlEntryRecord, AccessControlEntryRecordInput> = {
  name: 'AccessControlEntryRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: AccessControlEntryRecordInput, version: number): void {
    checkVersion('AccessControlEntryRecord', version, 0, 0);
    writeAccessControlEntryRecord(w, value, version);
  },
  decode(r: Reader, version: number): AccessControlEntryRecord {
    checkVersion('AccessControlEntryRecord', version, 0, 0);
    return readAccessControlEntryRecord(r, version);
  },
};

export interface RemoveAccessControlEntryRecord {
  readonly id: string;
}

export interface RemoveAccessControlEntryRecordInput {
  readonly id: string;
}

function writeRemoveAccessControlEntryRecord(w: Writer, v: RemoveAccessControlEntryRecordInput, _version: number): void {
  w.uuid(v.id);
  w.unsignedVarint(0);
}

function readRemoveAccessControlEntryRecord(r: Reader, _version: number): RemoveAccessControlEntryRecord {
  const id = r.uuid();
  r.skipTaggedFields();
  return { id };
}

export const removeAccessControlEntryRecordMessage: Message<RemoveAccessControlEntryRecord, RemoveAccessControlEntryRecordInput> = {
  name: 'RemoveAccessControlEntryRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: RemoveAccessControlEntryRecordInput, version: number): void {
    checkVersion('RemoveAccessControlEntryRecord', version, 0, 0);
    writeRemoveAccessControlEntryRecord(w, value, version);
  },
  decode(r: Reader, version: number): RemoveAccessControlEntryRecord {
    checkVersion('RemoveAccessControlEntryRecord', version, 0, 0);
    return readRemoveAccessControlEntryRecord(r, version);
  },
};

export interface NoOpRecord {
}

export interface NoOpRecordInput {
}

function writeNoOpRecord(w: Writer, _v: NoOpRecordInput, _version: number): void {
  w.unsignedVarint(0);
}

function readNoOpRecord(r: Reader, _version: number): NoOpRecord {
  r.skipTaggedFields();
  return {  };
}

export const noOpRecordMessage: Message<NoOpRecord, NoOpRecordInput> = {
  name: 'NoOpRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: NoOpRecordInput, version: number): void {
    checkVersion('NoOpRecord', version, 0, 0);
    writeNoOpRecord(w, value, version);
  },
  decode(r: Reader, version: number): NoOpRecord {
    checkVersion('NoOpRecord', version, 0, 0);
    return readNoOpRecord(r, version);
  },
};

export interface BeginTransactionRecord {
  readonly name: string | null;
}

export interface BeginTransactionRecordInput {
  readonly name?: string | null | undefined;
}

function writeBeginTransactionRecord(w: Writer, v: BeginTransactionRecordInput, _version: number): void {
  const hasName = (v.name ?? null) !== null;
  w.unsignedVarint(Number(hasName));
  if (hasName) {
    const sizeAt = w.openTaggedField(0);
    w.nullableString((v.name ?? null), true);
    w.closeTaggedField(sizeAt);
  }
}

function readBeginTransactionRecord(r: Reader, _version: number): BeginTransactionRecord {
  let name: string | null = null;
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0) {
      name = r.nullableString(true);
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { name };
}

export const beginTransactionRecordMessage: Message<BeginTransactionRecord, BeginTransactionRecordInput> = {
  name: 'BeginTransactionRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: BeginTransactionRecordInput, version: number): void {
    checkVersion('BeginTransactionRecord', version, 0, 0);
    writeBeginTransactionRecord(w, value, version);
  },
  decode(r: Reader, version: number): BeginTransactionRecord {
    checkVersion('BeginTransactionRecord', version, 0, 0);
    return readBeginTransactionRecord(r, version);
  },
};

export interface EndTransactionRecord {
}

export interface EndTransactionRecordInput {
}

function writeEndTransactionRecord(w: Writer, _v: EndTransactionRecordInput, _version: number): void {
  w.unsignedVarint(0);
}

function readEndTransactionRecord(r: Reader, _version: number): EndTransactionRecord {
  r.skipTaggedFields();
  return {  };
}

export const endTransactionRecordMessage: Message<EndTransactionRecord, EndTransactionRecordInput> = {
  name: 'EndTransactionRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: EndTransactionRecordInput, version: number): void {
    checkVersion('EndTransactionRecord', version, 0, 0);
    writeEndTransactionRecord(w, value, version);
  },
  decode(r: Reader, version: number): EndTransactionRecord {
    checkVersion('EndTransactionRecord', version, 0, 0);
    return readEndTransactionRecord(r, version);
  },
};

export interface AbortTransactionRecord {
  readonly reason: string | null;
}

export interface AbortTransactionRecordInput {
  readonly reason?: string | null | undefined;
}

function writeAbortTransactionRecord(w: Writer, v: AbortTransactionRecordInput, _version: number): void {
  const hasReason = (v.reason ?? null) !== null;
  w.unsignedVarint(Number(hasReason));
  if (hasReason) {
    const sizeAt = w.openTaggedField(0);
    w.nullableString((v.reason ?? null), true);
    w.closeTaggedField(sizeAt);
  }
}

function readAbortTransactionRecord(r: Reader, _version: number): AbortTransactionRecord {
  let reason: string | null = null;
  for (let count = r.unsignedVarint(); count > 0; count -= 1) {
    const tag = r.unsignedVarint();
    const end = r.taggedFieldEnd();
    if (tag === 0) {
      reason = r.nullableString(true);
      r.expectAt(end);
    } else {
      r.skipTo(end);
    }
  }
  return { reason };
}

export const abortTransactionRecordMessage: Message<AbortTransactionRecord, AbortTransactionRecordInput> = {
  name: 'AbortTransactionRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: AbortTransactionRecordInput, version: number): void {
    checkVersion('AbortTransactionRecord', version, 0, 0);
    writeAbortTransactionRecord(w, value, version);
  },
  decode(r: Reader, version: number): AbortTransactionRecord {
    checkVersion('AbortTransactionRecord', version, 0, 0);
    return readAbortTransactionRecord(r, version);
  },
};

export interface RegisterControllerRecord {
  readonly controllerId: number;
  readonly incarnationId: string;
  readonly zkMigrationReady: boolean;
  readonly endPoints: readonly RegisterControllerRecordEndPoint[];
  readonly features: readonly RegisterControllerRecordFeature[];
}

export interface RegisterControllerRecordInput {
  readonly controllerId: number;
  readonly incarnationId: string;
  readonly zkMigrationReady: boolean;
  readonly endPoints: readonly RegisterControllerRecordEndPointInput[];
  readonly features: readonly RegisterControllerRecordFeatureInput[];
}

export interface RegisterControllerRecordEndPoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: number;
}

export interface RegisterControllerRecordEndPointInput {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: number;
}

export interface RegisterControllerRecordFeature {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface RegisterControllerRecordFeatureInput {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

function writeRegisterControllerRecord(w: Writer, v: RegisterControllerRecordInput, version: number): void {
  w.int32(v.controllerId);
  w.uuid(v.incarnationId);
  w.bool(v.zkMigrationReady);
  {
    const endPointsItems = v.endPoints;
    w.arrayLength(endPointsItems.length, true);
    for (const item of endPointsItems) writeRegisterControllerRecordEndPoint(w, item, version);
  }
  {
    const featuresItems = v.features;
    w.arrayLength(featuresItems.length, true);
    for (const item of featuresItems) writeRegisterControllerRecordFeature(w, item, version);
  }
  w.unsignedVarint(0);
}

function readRegisterControllerRecord(r: Reader, version: number): RegisterControllerRecord {
  const controllerId = r.int32();
  const incarnationId = r.uuid();
  const zkMigrationReady = r.bool();
  let endPoints: RegisterControllerRecordEndPoint[] = [];
  for (let left = r.arrayLength(true, 7); left > 0; left -= 1) endPoints.push(readRegisterControllerRecordEndPoint(r, version));
  let features: RegisterControllerRecordFeature[] = [];
  for (let left = r.arrayLength(true, 6); left > 0; left -= 1) features.push(readRegisterControllerRecordFeature(r, version));
  r.skipTaggedFields();
  return { controllerId, incarnationId, zkMigrationReady, endPoints, features };
}

function writeRegisterControllerRecordEndPoint(w: Writer, v: RegisterControllerRecordEndPointInput, _version: number): void {
  w.string(v.name, true);
  w.string(v.host, true);
  w.uint16(v.port);
  w.int16(v.securityProtocol);
  w.unsignedVarint(0);
}

function readRegisterControllerRecordEndPoint(r: Reader, _version: number): RegisterControllerRecordEndPoint {
  const name = r.string(true);
  const host = r.string(true);
  const port = r.uint16();
  const securityProtocol = r.int16();
  r.skipTaggedFields();
  return { name, host, port, securityProtocol };
}

function writeRegisterControllerRecordFeature(w: Writer, v: RegisterControllerRecordFeatureInput, _version: number): void {
  w.string(v.name, true);
  w.int16(v.minSupportedVersion);
  w.int16(v.maxSupportedVersion);
  w.unsignedVarint(0);
}

function readRegisterControllerRecordFeature(r: Reader, _version: number): RegisterControllerRecordFeature {
  const name = r.string(true);
  const minSupportedVersion = r.int16();
  const maxSupportedVersion = r.int16();
  r.skipTaggedFields();
  return { name, minSupportedVersion, maxSupportedVersion };
}

export const registerControllerRecordMessage: Message<RegisterControllerRecord, RegisterControllerRecordInput> = {
  name: 'RegisterControllerRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: RegisterControllerRecordInput, version: number): void {
    checkVersion('RegisterControllerRecord', version, 0, 0);
    writeRegisterControllerRecord(w, value, version);
  },
  decode(r: Reader, version: number): RegisterControllerRecord {
    checkVersion('RegisterControllerRecord', version, 0, 0);
    return readRegisterControllerRecord(r, version);
  },
};

export interface LeaderChangeMessage {
  readonly messageVersion: number;
  readonly leaderId: number;
  readonly voters: readonly LeaderChangeMessageVoter[];
  readonly grantingVoters: readonly LeaderChangeMessageVoter[];
}

export interface LeaderChangeMessageInput {
  readonly messageVersion?: number | undefined;
  readonly leaderId: number;
  readonly voters: readonly LeaderChangeMessageVoterInput[];
  readonly grantingVoters: readonly LeaderChangeMessageVoterInput[];
}

export interface LeaderChangeMessageVoter {
  readonly voterId: number;
  readonly voterDirectoryId: string;
}

export interface LeaderChangeMessageVoterInput {
  readonly voterId: number;
  readonly voterDirectoryId?: string | undefined;
}

function writeLeaderChangeMessage(w: Writer, v: LeaderChangeMessageInput, version: number): void {
  w.int16((v.messageVersion ?? 0));
  w.int32(v.leaderId);
  {
    const votersItems = v.voters;
    w.arrayLength(votersItems.length, true);
    for (const item of votersItems) writeLeaderChangeMessageVoter(w, item, version);
  }
  {
    const grantingVotersItems = v.grantingVoters;
    w.arrayLength(grantingVotersItems.length, true);
    for (const item of grantingVotersItems) writeLeaderChangeMessageVoter(w, item, version);
  }
  w.unsignedVarint(0);
}

function readLeaderChangeMessage(r: Reader, version: number): LeaderChangeMessage {
  const messageVersion = r.int16();
  const leaderId = r.int32();
  let voters: LeaderChangeMessageVoter[] = [];
  for (let left = r.arrayLength(true, 5); left > 0; left -= 1) voters.push(readLeaderChangeMessageVoter(r, version));
  let grantingVoters: LeaderChangeMessageVoter[] = [];
  for (let left = r.arrayLength(true, 5); left > 0; left -= 1) grantingVoters.push(readLeaderChangeMessageVoter(r, version));
  r.skipTaggedFields();
  return { messageVersion, leaderId, voters, grantingVoters };
}

function writeLeaderChangeMessageVoter(w: Writer, v: LeaderChangeMessageVoterInput, version: number): void {
  w.int32(v.voterId);
  if (version >= 1) {
    w.uuid((v.voterDirectoryId ?? ZERO_UUID));
  }
  w.unsignedVarint(0);
}

function readLeaderChangeMessageVoter(r: Reader, version: number): LeaderChangeMessageVoter {
  const voterId = r.int32();
  const voterDirectoryId = version >= 1 ? r.uuid() : ZERO_UUID;
  r.skipTaggedFields();
  return { voterId, voterDirectoryId };
}

export const leaderChangeMessageMessage: Message<LeaderChangeMessage, LeaderChangeMessageInput> = {
  name: 'LeaderChangeMessage',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: LeaderChangeMessageInput, version: number): void {
    checkVersion('LeaderChangeMessage', version, 0, 1);
    writeLeaderChangeMessage(w, value, version);
  },
  decode(r: Reader, version: number): LeaderChangeMessage {
    checkVersion('LeaderChangeMessage', version, 0, 1);
    return readLeaderChangeMessage(r, version);
  },
};

export interface SnapshotHeaderRecord {
  readonly messageVersion: number;
  readonly lastContainedLogTimestamp: number;
}

export interface SnapshotHeaderRecordInput {
  readonly messageVersion?: number | undefined;
  readonly lastContainedLogTimestamp: number;
}

function writeSnapshotHeaderRecord(w: Writer, v: SnapshotHeaderRecordInput, _version: number): void {
  w.int16((v.messageVersion ?? 0));
  w.int64(v.lastContainedLogTimestamp);
  w.unsignedVarint(0);
}

function readSnapshotHeaderRecord(r: Reader, _version: number): SnapshotHeaderRecord {
  const messageVersion = r.int16();
  const lastContainedLogTimestamp = r.int64();
  r.skipTaggedFields();
  return { messageVersion, lastContainedLogTimestamp };
}

export const snapshotHeaderRecordMessage: Message<SnapshotHeaderRecord, SnapshotHeaderRecordInput> = {
  name: 'SnapshotHeaderRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: SnapshotHeaderRecordInput, version: number): void {
    checkVersion('SnapshotHeaderRecord', version, 0, 0);
    writeSnapshotHeaderRecord(w, value, version);
  },
  decode(r: Reader, version: number): SnapshotHeaderRecord {
    checkVersion('SnapshotHeaderRecord', version, 0, 0);
    return readSnapshotHeaderRecord(r, version);
  },
};

export interface SnapshotFooterRecord {
  readonly messageVersion: number;
}

export interface SnapshotFooterRecordInput {
  readonly messageVersion?: number | undefined;
}

function writeSnapshotFooterRecord(w: Writer, v: SnapshotFooterRecordInput, _version: number): void {
  w.int16((v.messageVersion ?? 0));
  w.unsignedVarint(0);
}

function readSnapshotFooterRecord(r: Reader, _version: number): SnapshotFooterRecord {
  const messageVersion = r.int16();
  r.skipTaggedFields();
  return { messageVersion };
}

export const snapshotFooterRecordMessage: Message<SnapshotFooterRecord, SnapshotFooterRecordInput> = {
  name: 'SnapshotFooterRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: SnapshotFooterRecordInput, version: number): void {
    checkVersion('SnapshotFooterRecord', version, 0, 0);
    writeSnapshotFooterRecord(w, value, version);
  },
  decode(r: Reader, version: number): SnapshotFooterRecord {
    checkVersion('SnapshotFooterRecord', version, 0, 0);
    return readSnapshotFooterRecord(r, version);
  },
};

export interface KRaftVersionRecord {
  readonly messageVersion: number;
  readonly kRaftVersion: number;
}

export interface KRaftVersionRecordInput {
  readonly messageVersion?: number | undefined;
  readonly kRaftVersion: number;
}

function writeKRaftVersionRecord(w: Writer, v: KRaftVersionRecordInput, _version: number): void {
  w.int16((v.messageVersion ?? 0));
  w.int16(v.kRaftVersion);
  w.unsignedVarint(0);
}

function readKRaftVersionRecord(r: Reader, _version: number): KRaftVersionRecord {
  const messageVersion = r.int16();
  const kRaftVersion = r.int16();
  r.skipTaggedFields();
  return { messageVersion, kRaftVersion };
}

export const kRaftVersionRecordMessage: Message<KRaftVersionRecord, KRaftVersionRecordInput> = {
  name: 'KRaftVersionRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: KRaftVersionRecordInput, version: number): void {
    checkVersion('KRaftVersionRecord', version, 0, 0);
    writeKRaftVersionRecord(w, value, version);
  },
  decode(r: Reader, version: number): KRaftVersionRecord {
    checkVersion('KRaftVersionRecord', version, 0, 0);
    return readKRaftVersionRecord(r, version);
  },
};

export interface VotersRecord {
  readonly messageVersion: number;
  readonly voters: readonly VotersRecordVoter[];
}

export interface VotersRecordInput {
  readonly messageVersion?: number | undefined;
  readonly voters: readonly VotersRecordVoterInput[];
}

export interface VotersRecordVoter {
  readonly voterId: number;
  readonly voterDirectoryId: string;
  readonly endpoints: readonly VotersRecordEndpoint[];
  readonly kRaftVersionFeature: VotersRecordKRaftVersionFeature;
}

export interface VotersRecordVoterInput {
  readonly voterId: number;
  readonly voterDirectoryId: string;
  readonly endpoints: readonly VotersRecordEndpointInput[];
  readonly kRaftVersionFeature: VotersRecordKRaftVersionFeatureInput;
}

export interface VotersRecordEndpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface VotersRecordEndpointInput {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface VotersRecordKRaftVersionFeature {
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface VotersRecordKRaftVersionFeatureInput {
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

function writeVotersRecord(w: Writer, v: VotersRecordInput, version: number): void {
  w.int16((v.messageVersion ?? 0));
  {
    const votersItems = v.voters;
    w.arrayLength(votersItems.length, true);
    for (const item of votersItems) writeVotersRecordVoter(w, item, version);
  }
  w.unsignedVarint(0);
}

function readVotersRecord(r: Reader, version: number): VotersRecord {
  const messageVersion = r.int16();
  let voters: VotersRecordVoter[] = [];
  for (let left = r.arrayLength(true, 27); left > 0; left -= 1) voters.push(readVotersRecordVoter(r, version));
  r.skipTaggedFields();
  return { messageVersion, voters };
}

function writeVotersRecordVoter(w: Writer, v: VotersRecordVoterInput, version: number): void {
  w.int32(v.voterId);
  w.uuid(v.voterDirectoryId);
  {
    const endpointsItems = v.endpoints;
    w.arrayLength(endpointsItems.length, true);
    for (const item of endpointsItems) writeVotersRecordEndpoint(w, item, version);
  }
  writeVotersRecordKRaftVersionFeature(w, v.kRaftVersionFeature, version);
  w.unsignedVarint(0);
}

function readVotersRecordVoter(r: Reader, version: number): VotersRecordVoter {
  const voterId = r.int32();
  const voterDirectoryId = r.uuid();
  let endpoints: VotersRecordEndpoint[] = [];
  for (let left = r.arrayLength(true, 5); left > 0; left -= 1) endpoints.push(readVotersRecordEndpoint(r, version));
  const kRaftVersionFeature = readVotersRecordKRaftVersionFeature(r, version);
  r.skipTaggedFields();
  return { voterId, voterDirectoryId, endpoints, kRaftVersionFeature };
}

function writeVotersRecordEndpoint(w: Writer, v: VotersRecordEndpointInput, _version: number): void {
  w.string(v.name, true);
  w.string(v.host, true);
  w.uint16(v.port);
  w.unsignedVarint(0);
}

function readVotersRecordEndpoint(r: Reader, _version: number): VotersRecordEndpoint {
  const name = r.string(true);
  const host = r.string(true);
  const port = r.uint16();
  r.skipTaggedFields();
  return { name, host, port };
}

function writeVotersRecordKRaftVersionFeature(w: Writer, v: VotersRecordKRaftVersionFeatureInput, _version: number): void {
  w.int16(v.minSupportedVersion);
  w.int16(v.maxSupportedVersion);
  w.unsignedVarint(0);
}

function readVotersRecordKRaftVersionFeature(r: Reader, _version: number): VotersRecordKRaftVersionFeature {
  const minSupportedVersion = r.int16();
  const maxSupportedVersion = r.int16();
  r.skipTaggedFields();
  return { minSupportedVersion, maxSupportedVersion };
}

export const votersRecordMessage: Message<VotersRecord, VotersRecordInput> = {
  name: 'VotersRecord',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  readsNewerAsLatest: false,
  encode(w: Writer, value: VotersRecordInput, version: number): void {
    checkVersion('VotersRecord', version, 0, 0);
    writeVotersRecord(w, value, version);
  },
  decode(r: Reader, version: number): VotersRecord {
    checkVersion('VotersRecord', version, 0, 0);
    return readVotersRecord(r, version);
  },
};
