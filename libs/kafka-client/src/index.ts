export { parseBootstrap } from './addresses.ts';
export type {
  Admin,
  AdminOutcome,
  BrokerNode,
  ClusterDescription,
  ConfigChange,
  ConfigEntry,
  ConfigResource,
  GroupDescription,
  GroupListing,
  GroupMember,
  NewTopic,
  OffsetAnswer,
  OffsetQuery,
  PartitionDescription,
  ResourceConfig,
  TopicDescription,
} from './admin-api.ts';
export { KafkaClient, type KafkaClientOptions } from './client.ts';
export type {
  AssignorName,
  CommittedOffset,
  Consumer,
  ConsumerOptions,
  FetchOptions,
  IsolationLevel,
  OffsetReset,
  OffsetToCommit,
  PartitionReader,
  PollOptions,
  ReaderOptions,
  RebalanceCallback,
} from './consumer-api.ts';
export type { CompressionName, Producer, ProducerOptions } from './producer-api.ts';
export type {
  ConsumedRecord,
  ProducerRecord,
  RecordHeader,
  SendFailure,
  SendResult,
  TimestampType,
  TopicPartition,
} from './records.ts';
export type {
  BrokerAddress,
  Connection,
  RequestOptions,
  Transport,
  VersionRange,
} from './transport.ts';
