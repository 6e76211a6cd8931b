import type {
  RegisterBrokerRecordEndPoint,
  RegisterBrokerRecordFeature,
} from '@millrace/kafka-protocol';
import { EMPTY_SECURITY, type SecurityImage } from './security-image.ts';

/** Texts as clients set them; a key that is absent has its default. */
export type ConfigOverrides = Readonly<Record<string, string>>;

/** A partition as the controller has decided it (KRaft's fields). */
export interface PartitionEntry {
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
  /** Replicas out of the ISR that still have all that was committed (KIP-966). */
  readonly eligibleLeaderReplicas: readonly number[];
  readonly lastKnownElr: readonly number[];
  /** -1 none. */
  readonly leader: number;
  readonly leaderRecoveryState: number;
  /** Grows with each election. */
  readonly leaderEpoch: number;
  /** Grows with each change: for compare-and-set. */
  readonly partitionEpoch: number;
  /** The log directory of each replica; zeros where it is not known yet. */
  readonly directories: readonly string[];
}

export interface TopicEntry {
  readonly name: string;
  readonly topicId: string;
  readonly partitionCount: number;
  readonly partitions: readonly PartitionEntry[];
  readonly configs: ConfigOverrides;
}

export interface BrokerEntry {
  readonly brokerId: number;
  readonly incarnationId: string;
  readonly brokerEpoch: number;
  readonly endPoints: readonly RegisterBrokerRecordEndPoint[];
  readonly features: readonly RegisterBrokerRecordFeature[];
  readonly rack: string | null;
  readonly isFenced: boolean;
  readonly isInControlledShutdown: boolean;
  readonly logDirs: readonly string[];
}

/** What the cluster is, derived from the metadata records alone. Replaced whole, never changed in place. */
export interface MetadataImage {
  readonly topicsByName: ReadonlyMap<string, TopicEntry>;
  readonly topicsById: ReadonlyMap<string, TopicEntry>;
  readonly partitionCount: number;
  /** Finalised levels; a feature that was taken away stays with 0. */
  readonly features: ReadonlyMap<string, number>;
  readonly brokers: ReadonlyMap<number, BrokerEntry>;
  /** Settings of brokers, groups and client metrics, by `configKey`. */
  readonly configs: ReadonlyMap<string, ConfigOverrides>;
  readonly nextProducerId: number;
  readonly security: SecurityImage;
}

export const EMPTY_IMAGE: MetadataImage = {
  topicsByName: new Map(),
  topicsById: new Map(),
  partitionCount: 0,
  features: new Map(),
  brokers: new Map(),
  configs: new Map(),
  nextProducerId: 0,
  security: EMPTY_SECURITY,
};

export const NO_CONFIGS: ConfigOverrides = {};

export function configKey(resourceType: number, resourceName: string): string {
  return `${resourceType}:${resourceName}`;
}

/** Type and name out of a `configKey`. */
export function configResourceOf(key: string): readonly [type: number, name: string] {
  const colon = key.indexOf(':');
  return [Number(key.slice(0, colon)), key.slice(colon + 1)];
}

/** The settings of a broker, group or client metrics subscription. */
export function configsOf(
  image: MetadataImage,
  resourceType: number,
  resourceName: string,
): ConfigOverrides {
  return image.configs.get(configKey(resourceType, resourceName)) ?? NO_CONFIGS;
}
