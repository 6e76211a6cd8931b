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
export type {
  ConsumerProtocolGroup,
  ConsumerProtocolMember,
  FeatureChange,
  FeatureDescription,
  LogDirDescription,
  OperationsAdmin,
  PartitionOutcome,
  ProducerDescription,
  QuorumDescription,
  QuorumReplica,
  Reassignment,
  TransactionDescription,
  TransactionListing,
} from './admin-operations-api.ts';
export type {
  Acl,
  AclFilter,
  AclOperation,
  AclPatternType,
  AclResourceType,
  QuotaChange,
  QuotaDescription,
  QuotaEntity,
  ScramChange,
  ScramMechanism,
  ScramUser,
  SecurityAdmin,
} from './admin-security-api.ts';
export { KafkaClient } from './client.ts';
export type {
  AssignorName,
  CommittedOffset,
  Consumer,
  ConsumerOptions,
  FetchOptions,
  GroupMetadata,
  IsolationLevel,
  OffsetReset,
  OffsetToCommit,
  PartitionReader,
  PollOptions,
  ReaderOptions,
  RebalanceCallback,
} from './consumer-api.ts';
export type {
  CompressionName,
  Producer,
  ProducerMetrics,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from './producer-api.ts';
export type { AbortedTransaction } from './partition-buffer.ts';
export type {
  RawFetchItem,
  RawFetchOptions,
  RawFetchResult,
  RawLog,
  RawProduceItem,
  RawProduceResult,
} from './raw-log.ts';
export type {
  ConsumedRecord,
  ProducerRecord,
  ProducerRun,
  WritableRun,
  RecordHeader,
  SendFailure,
  SendResult,
  TimestampType,
  TopicPartition,
} from './records.ts';
export { partitionForKey } from './partitioner.ts';
export { recordsOfRun, writePacked } from './producer-run.ts';
export {
  clientCredentials,
  type BearerToken,
  type ClientCredentialsOptions,
  type TokenProvider,
} from './oauth-token.ts';
export {
  keyPairOf,
  KeyStoreReader,
  type KeyPair,
  type KeyStore,
  type KeyStoreKeys,
  type KeyStorePasswords,
} from './key-store.ts';
export type { OAuthBearerOptions, PasswordOptions, SaslOptions } from './sasl.ts';
export type { KafkaClientOptions } from './settings.ts';
export { TcpTransport, type TcpTransportOptions } from './tcp-transport.ts';
export {
  formatAddress,
  type BrokerAddress,
  type Connection,
  type FetchLoan,
  type LendsMemory,
  type RequestOptions,
  type Transport,
  type VersionRange,
} from './transport.ts';
export { serveTransport } from './port/port-server.ts';
export { PortTransport } from './port/port-transport.ts';
