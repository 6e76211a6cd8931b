import type { MillraceError } from '@millrace/foundation';
import type { CommittedOffset, IsolationLevel, OffsetToCommit } from './consumer-api.ts';
import type { TopicPartition } from './records.ts';

export interface NewTopic {
  readonly name: string;
  /** Absent or -1: the broker's default. */
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string | null>>;
}

/** One outcome for each thing asked for, in that order; `error` is `undefined` when it was done. */
export interface AdminOutcome {
  readonly name: string;
  /** Its code is Kafka's name, for example `kafka.topic_already_exists`. */
  readonly error: MillraceError | undefined;
}

export interface BrokerNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface PartitionDescription {
  readonly partition: number;
  /** -1 when there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicDescription {
  readonly name: string;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionDescription[];
}

export interface ConfigResource {
  readonly type: 'topic' | 'broker';
  /** Topic name or broker id. */
  readonly name: string;
}

export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  readonly isDefault: boolean;
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
}

export interface ResourceConfig {
  readonly resource: ConfigResource;
  readonly entries: readonly ConfigEntry[];
  readonly error: MillraceError | undefined;
}

export interface ConfigChange {
  readonly resource: ConfigResource;
  readonly set?: Readonly<Record<string, string>>;
  readonly unset?: readonly string[];
  /** Of list-valued settings. */
  readonly append?: Readonly<Record<string, string>>;
  readonly subtract?: Readonly<Record<string, string>>;
}

export interface OffsetQuery extends TopicPartition {
  /** Milliseconds: the first offset at or after it; or a name. */
  readonly timestamp: number | 'earliest' | 'latest' | 'max-timestamp';
}

export interface OffsetAnswer extends TopicPartition {
  /** -1 when no record is at or after the timestamp. */
  readonly offset: number;
  readonly timestampMs: number;
  readonly leaderEpoch: number;
}

export interface GroupListing {
  readonly groupId: string;
  readonly protocolType: string;
  /** '' when the broker is too old to say. */
  readonly state: string;
}

export interface GroupMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Of members of type `consumer`; empty for others. */
  readonly assignment: readonly TopicPartition[];
}

export interface GroupDescription {
  readonly groupId: string;
  readonly state: string;
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: readonly GroupMember[];
}

export interface ClusterDescription {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: readonly BrokerNode[];
}

/**
 * Retries what is retriable until `default.api.timeout.ms`. Batch calls report one outcome an item
 * where a part may fail; the others throw.
 */
export interface Admin {
  createTopics(
    topics: readonly NewTopic[],
    options?: { readonly validateOnly?: boolean },
  ): Promise<readonly AdminOutcome[]>;
  deleteTopics(names: readonly string[]): Promise<readonly AdminOutcome[]>;
  listTopics(): Promise<readonly { readonly name: string; readonly isInternal: boolean }[]>;
  /** Unknown topics are absent from the answer; nothing is auto-created. */
  describeTopics(names: readonly string[]): Promise<readonly TopicDescription[]>;
  createPartitions(
    topics: readonly { readonly name: string; readonly total: number }[],
  ): Promise<readonly AdminOutcome[]>;
  describeConfigs(resources: readonly ConfigResource[]): Promise<readonly ResourceConfig[]>;
  incrementalAlterConfigs(changes: readonly ConfigChange[]): Promise<readonly AdminOutcome[]>;
  listOffsets(
    queries: readonly OffsetQuery[],
    options?: { readonly isolationLevel?: IsolationLevel },
  ): Promise<readonly OffsetAnswer[]>;
  /** Removes what lies below the given offsets; -1 up to the high watermark. */
  deleteRecords(
    offsets: readonly (TopicPartition & { readonly beforeOffset: number })[],
  ): Promise<readonly (TopicPartition & { readonly lowWatermark: number })[]>;
  listGroups(): Promise<readonly GroupListing[]>;
  describeGroups(groupIds: readonly string[]): Promise<readonly GroupDescription[]>;
  /** All partitions of the group that have a committed offset. */
  listGroupOffsets(groupId: string): Promise<readonly CommittedOffset[]>;
  /** The group must have no live members. */
  alterGroupOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void>;
  deleteGroups(groupIds: readonly string[]): Promise<readonly AdminOutcome[]>;
  describeCluster(): Promise<ClusterDescription>;
}
