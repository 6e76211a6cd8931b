// Generated from schemas/ by generator/generate.mjs; change those and run it.
import { alterPartitionReassignmentsApi, describeQuorumApi, electLeadersApi, listConfigResourcesApi, listPartitionReassignmentsApi, updateFeaturesApi } from './admin.ts';
import { apiVersionsApi, describeClusterApi, metadataApi, saslAuthenticateApi, saslHandshakeApi } from './cluster.ts';
import { consumerGroupCurrentMemberAssignmentKeyMessage, consumerGroupCurrentMemberAssignmentValueMessage, consumerGroupDescribeApi, consumerGroupHeartbeatApi, consumerGroupMemberMetadataKeyMessage, consumerGroupMemberMetadataValueMessage, consumerGroupMetadataKeyMessage, consumerGroupMetadataValueMessage, consumerGroupPartitionMetadataKeyMessage, consumerGroupRegularExpressionKeyMessage, consumerGroupRegularExpressionValueMessage, consumerGroupTargetAssignmentMemberKeyMessage, consumerGroupTargetAssignmentMemberValueMessage, consumerGroupTargetAssignmentMetadataKeyMessage, consumerGroupTargetAssignmentMetadataValueMessage, consumerProtocolAssignmentMessage, consumerProtocolSubscriptionMessage, deleteGroupsApi, describeGroupsApi, findCoordinatorApi, groupMetadataKeyMessage, groupMetadataValueMessage, heartbeatApi, joinGroupApi, leaveGroupApi, listGroupsApi, offsetCommitApi, offsetCommitKeyMessage, offsetCommitValueMessage, offsetDeleteApi, offsetFetchApi, shareGroupHeartbeatApi, syncGroupApi } from './groups.ts';
import { abortTransactionRecordMessage, accessControlEntryRecordMessage, beginTransactionRecordMessage, brokerRegistrationChangeRecordMessage, clientQuotaRecordMessage, configRecordMessage, endTransactionRecordMessage, featureLevelRecordMessage, fenceBrokerRecordMessage, kRaftVersionRecordMessage, leaderChangeMessageMessage, noOpRecordMessage, partitionChangeRecordMessage, partitionRecordMessage, producerIdsRecordMessage, registerBrokerRecordMessage, registerControllerRecordMessage, removeAccessControlEntryRecordMessage, removeTopicRecordMessage, removeUserScramCredentialRecordMessage, snapshotFooterRecordMessage, snapshotHeaderRecordMessage, topicRecordMessage, unfenceBrokerRecordMessage, unregisterBrokerRecordMessage, userScramCredentialRecordMessage, votersRecordMessage } from './metadata.ts';
import { deleteRecordsApi, fetchApi, listOffsetsApi, offsetForLeaderEpochApi, produceApi } from './records.ts';
import { alterClientQuotasApi, alterUserScramCredentialsApi, createAclsApi, deleteAclsApi, describeAclsApi, describeClientQuotasApi, describeUserScramCredentialsApi } from './security.ts';
import { alterReplicaLogDirsApi, describeLogDirsApi } from './storage.ts';
import { alterConfigsApi, createPartitionsApi, createTopicsApi, deleteTopicsApi, describeConfigsApi, describeTopicPartitionsApi, incrementalAlterConfigsApi } from './topics.ts';
import { addOffsetsToTxnApi, addPartitionsToTxnApi, describeProducersApi, describeTransactionsApi, endTxnApi, initProducerIdApi, listTransactionsApi, transactionLogKeyMessage, transactionLogValueMessage, txnOffsetCommitApi, writeTxnMarkersApi } from './transactions.ts';

/** Every request that has a codec, by the order of their keys. */
export const apis = {
  produce: produceApi,
  fetch: fetchApi,
  listOffsets: listOffsetsApi,
  metadata: metadataApi,
  offsetCommit: offsetCommitApi,
  offsetFetch: offsetFetchApi,
  findCoordinator: findCoordinatorApi,
  joinGroup: joinGroupApi,
  heartbeat: heartbeatApi,
  leaveGroup: leaveGroupApi,
  syncGroup: syncGroupApi,
  describeGroups: describeGroupsApi,
  listGroups: listGroupsApi,
  saslHandshake: saslHandshakeApi,
  apiVersions: apiVersionsApi,
  createTopics: createTopicsApi,
  deleteTopics: deleteTopicsApi,
  deleteRecords: deleteRecordsApi,
  initProducerId: initProducerIdApi,
  offsetForLeaderEpoch: offsetForLeaderEpochApi,
  addPartitionsToTxn: addPartitionsToTxnApi,
  addOffsetsToTxn: addOffsetsToTxnApi,
  endTxn: endTxnApi,
  writeTxnMarkers: writeTxnMarkersApi,
  txnOffsetCommit: txnOffsetCommitApi,
  describeAcls: describeAclsApi,
  createAcls: createAclsApi,
  deleteAcls: deleteAclsApi,
  describeConfigs: describeConfigsApi,
  alterConfigs: alterConfigsApi,
  alterReplicaLogDirs: alterReplicaLogDirsApi,
  describeLogDirs: describeLogDirsApi,
  saslAuthenticate: saslAuthenticateApi,
  createPartitions: createPartitionsApi,
  deleteGroups: deleteGroupsApi,
  electLeaders: electLeadersApi,
  incrementalAlterConfigs: incrementalAlterConfigsApi,
  alterPartitionReassignments: alterPartitionReassignmentsApi,
  listPartitionReassignments: listPartitionReassignmentsApi,
  offsetDelete: offsetDeleteApi,
  describeClientQuotas: describeClientQuotasApi,
  alterClientQuotas: alterClientQuotasApi,
  describeUserScramCredentials: describeUserScramCredentialsApi,
  alterUserScramCredentials: alterUserScramCredentialsApi,
  describeQuorum: describeQuorumApi,
  updateFeatures: updateFeaturesApi,
  describeCluster: describeClusterApi,
  describeProducers: describeProducersApi,
  describeTransactions: describeTransactionsApi,
  listTransactions: listTransactionsApi,
  consumerGroupHeartbeat: consumerGroupHeartbeatApi,
  consumerGroupDescribe: consumerGroupDescribeApi,
  listConfigResources: listConfigResourcesApi,
  describeTopicPartitions: describeTopicPartitionsApi,
  shareGroupHeartbeat: shareGroupHeartbeatApi,
} as const;

/** Messages that stand alone. */
export const messages = {
  consumerProtocolSubscription: consumerProtocolSubscriptionMessage,
  consumerProtocolAssignment: consumerProtocolAssignmentMessage,
  offsetCommitKey: offsetCommitKeyMessage,
  offsetCommitValue: offsetCommitValueMessage,
  groupMetadataKey: groupMetadataKeyMessage,
  groupMetadataValue: groupMetadataValueMessage,
  consumerGroupMetadataKey: consumerGroupMetadataKeyMessage,
  consumerGroupMetadataValue: consumerGroupMetadataValueMessage,
  consumerGroupPartitionMetadataKey: consumerGroupPartitionMetadataKeyMessage,
  consumerGroupMemberMetadataKey: consumerGroupMemberMetadataKeyMessage,
  consumerGroupMemberMetadataValue: consumerGroupMemberMetadataValueMessage,
  consumerGroupTargetAssignmentMetadataKey: consumerGroupTargetAssignmentMetadataKeyMessage,
  consumerGroupTargetAssignmentMetadataValue: consumerGroupTargetAssignmentMetadataValueMessage,
  consumerGroupTargetAssignmentMemberKey: consumerGroupTargetAssignmentMemberKeyMessage,
  consumerGroupTargetAssignmentMemberValue: consumerGroupTargetAssignmentMemberValueMessage,
  consumerGroupCurrentMemberAssignmentKey: consumerGroupCurrentMemberAssignmentKeyMessage,
  consumerGroupCurrentMemberAssignmentValue: consumerGroupCurrentMemberAssignmentValueMessage,
  consumerGroupRegularExpressionKey: consumerGroupRegularExpressionKeyMessage,
  consumerGroupRegularExpressionValue: consumerGroupRegularExpressionValueMessage,
  registerBrokerRecord: registerBrokerRecordMessage,
  unregisterBrokerRecord: unregisterBrokerRecordMessage,
  topicRecord: topicRecordMessage,
  partitionRecord: partitionRecordMessage,
  configRecord: configRecordMessage,
  partitionChangeRecord: partitionChangeRecordMessage,
  fenceBrokerRecord: fenceBrokerRecordMessage,
  unfenceBrokerRecord: unfenceBrokerRecordMessage,
  removeTopicRecord: removeTopicRecordMessage,
  userScramCredentialRecord: userScramCredentialRecordMessage,
  removeUserScramCredentialRecord: removeUserScramCredentialRecordMessage,
  featureLevelRecord: featureLevelRecordMessage,
  clientQuotaRecord: clientQuotaRecordMessage,
  producerIdsRecord: producerIdsRecordMessage,
  brokerRegistrationChangeRecord: brokerRegistrationChangeRecordMessage,
  accessControlEntryRecord: accessControlEntryRecordMessage,
  removeAccessControlEntryRecord: removeAccessControlEntryRecordMessage,
  noOpRecord: noOpRecordMessage,
  beginTransactionRecord: beginTransactionRecordMessage,
  endTransactionRecord: endTransactionRecordMessage,
  abortTransactionRecord: abortTransactionRecordMessage,
  registerControllerRecord: registerControllerRecordMessage,
  leaderChangeMessage: leaderChangeMessageMessage,
  snapshotHeaderRecord: snapshotHeaderRecordMessage,
  snapshotFooterRecord: snapshotFooterRecordMessage,
  kRaftVersionRecord: kRaftVersionRecordMessage,
  votersRecord: votersRecordMessage,
  transactionLogKey: transactionLogKeyMessage,
  transactionLogValue: transactionLogValueMessage,
} as const;

export type * from './admin.ts';
export type * from './cluster.ts';
export type * from './groups.ts';
export type * from './metadata.ts';
export type * from './records.ts';
export type * from './security.ts';
export type * from './storage.ts';
export type * from './topics.ts';
export type * from './transactions.ts';
