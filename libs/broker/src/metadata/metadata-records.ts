import type {
  AbortTransactionRecord,
  BeginTransactionRecord,
  BrokerRegistrationChangeRecord,
  ConfigRecord,
  EndTransactionRecord,
  FeatureLevelRecord,
  FenceBrokerRecord,
  NoOpRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  RemoveTopicRecord,
  TopicRecord,
  UnfenceBrokerRecord,
  UnregisterBrokerRecord,
} from '@millrace/kafka-protocol';
import type { SecurityRecord } from './security-image.ts';

/** The records of `__cluster_metadata`, as KRaft knows them, by our names for their kinds; see also `SecurityRecord`. */
export interface MetadataRecords {
  'register-broker': RegisterBrokerRecord;
  'unregister-broker': UnregisterBrokerRecord;
  topic: TopicRecord;
  partition: PartitionRecord;
  config: ConfigRecord;
  'partition-change': PartitionChangeRecord;
  'fence-broker': FenceBrokerRecord;
  'unfence-broker': UnfenceBrokerRecord;
  'remove-topic': RemoveTopicRecord;
  'feature-level': FeatureLevelRecord;
  'producer-ids': ProducerIdsRecord;
  'broker-registration-change': BrokerRegistrationChangeRecord;
  'no-op': NoOpRecord;
  'begin-transaction': BeginTransactionRecord;
  'end-transaction': EndTransactionRecord;
  'abort-transaction': AbortTransactionRecord;
  'register-controller': RegisterControllerRecord;
}

/** One durable decision about the cluster; the image is what follows from all of them in order. */
export type MetadataRecord =
  | SecurityRecord
  | {
      [Kind in keyof MetadataRecords]: { readonly kind: Kind } & MetadataRecords[Kind];
    }[keyof MetadataRecords];

export type MetadataKind = MetadataRecord['kind'];

/** Kafka's default for a field of `partition-change`: the leader stays who it is. */
export const NO_LEADER_CHANGE = -2;

/** Takes one setting of a topic, broker, group or client metrics subscription back, or sets it. */
export function configRecord(
  resourceType: number,
  resourceName: string,
  name: string,
  value: string | null,
): MetadataRecord {
  return { kind: 'config', resourceType, resourceName, name, value };
}

/** A change of a partition that leaves everything as it is but what is given. */
export function partitionChange(
  topicId: string,
  partitionId: number,
  changes: Partial<PartitionChangeRecord>,
): MetadataRecord {
  return {
    kind: 'partition-change',
    partitionId,
    topicId,
    isr: null,
    leader: NO_LEADER_CHANGE,
    replicas: null,
    removingReplicas: null,
    addingReplicas: null,
    leaderRecoveryState: -1,
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
    directories: null,
    ...changes,
  };
}
