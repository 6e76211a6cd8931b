import { addOffsetsToTxnHandler } from './handlers/add-offsets-to-txn.ts';
import { addPartitionsToTxnHandler } from './handlers/add-partitions-to-txn.ts';
import { alterConfigsHandler } from './handlers/alter-configs.ts';
import { alterPartitionReassignmentsHandler } from './handlers/alter-partition-reassignments.ts';
import { alterClientQuotasHandler } from './handlers/alter-client-quotas.ts';
import { describeClientQuotasHandler } from './handlers/describe-client-quotas.ts';
import { alterReplicaLogDirsHandler } from './handlers/alter-replica-log-dirs.ts';
import { alterUserScramCredentialsHandler } from './handlers/alter-user-scram-credentials.ts';
import { createAclsHandler } from './handlers/create-acls.ts';
import { deleteAclsHandler } from './handlers/delete-acls.ts';
import { describeAclsHandler } from './handlers/describe-acls.ts';
import { apiVersionsHandler } from './handlers/api-versions.ts';
import { consumerGroupDescribeHandler } from './handlers/consumer-group-describe.ts';
import { consumerGroupHeartbeatHandler } from './handlers/consumer-group-heartbeat.ts';
import { createPartitionsHandler } from './handlers/create-partitions.ts';
import { createTopicsHandler } from './handlers/create-topics.ts';
import { deleteGroupsHandler } from './handlers/delete-groups.ts';
import { deleteRecordsHandler } from './handlers/delete-records.ts';
import { deleteTopicsHandler } from './handlers/delete-topics.ts';
import { describeClusterHandler } from './handlers/describe-cluster.ts';
import { describeConfigsHandler } from './handlers/describe-configs.ts';
import { describeGroupsHandler } from './handlers/describe-groups.ts';
import { describeQuorumHandler } from './handlers/describe-quorum.ts';
import { describeTopicPartitionsHandler } from './handlers/describe-topic-partitions.ts';
import { describeProducersHandler } from './handlers/describe-producers.ts';
import { describeTransactionsHandler } from './handlers/describe-transactions.ts';
import { describeLogDirsHandler } from './handlers/describe-log-dirs.ts';
import { describeUserScramCredentialsHandler } from './handlers/describe-user-scram-credentials.ts';
import { electLeadersHandler } from './handlers/elect-leaders.ts';
import { endTxnHandler } from './handlers/end-txn.ts';
import { fetchHandler } from './handlers/fetch.ts';
import { findCoordinatorHandler } from './handlers/find-coordinator.ts';
import { heartbeatHandler } from './handlers/heartbeat.ts';
import { incrementalAlterConfigsHandler } from './handlers/incremental-alter-configs.ts';
import { initProducerIdHandler } from './handlers/init-producer-id.ts';
import { joinGroupHandler } from './handlers/join-group.ts';
import { leaveGroupHandler } from './handlers/leave-group.ts';
import { listConfigResourcesHandler } from './handlers/list-config-resources.ts';
import { listGroupsHandler } from './handlers/list-groups.ts';
import { listOffsetsHandler } from './handlers/list-offsets.ts';
import { listPartitionReassignmentsHandler } from './handlers/list-partition-reassignments.ts';
import { listTransactionsHandler } from './handlers/list-transactions.ts';
import { metadataHandler } from './handlers/metadata.ts';
import { offsetCommitHandler } from './handlers/offset-commit.ts';
import { offsetDeleteHandler } from './handlers/offset-delete.ts';
import { offsetFetchHandler } from './handlers/offset-fetch.ts';
import { offsetForLeaderEpochHandler } from './handlers/offset-for-leader-epoch.ts';
import { produceHandler } from './handlers/produce.ts';
import { saslAuthenticateHandler } from './handlers/sasl-authenticate.ts';
import { saslHandshakeHandler } from './handlers/sasl-handshake.ts';
import { shareGroupHeartbeatHandler } from './handlers/share-group-heartbeat.ts';
import { syncGroupHandler } from './handlers/sync-group.ts';
import { txnOffsetCommitHandler } from './handlers/txn-offset-commit.ts';
import { updateFeaturesHandler } from './handlers/update-features.ts';
import { writeTxnMarkersHandler } from './handlers/write-txn-markers.ts';
import type { ServedApi } from './served-api.ts';

/** Every api that is served, by key: what ApiVersions says. */
export function servedApis(): readonly ServedApi[] {
  const served: ServedApi[] = [
    addOffsetsToTxnHandler,
    addPartitionsToTxnHandler,
    alterConfigsHandler,
    alterPartitionReassignmentsHandler,
    alterClientQuotasHandler,
    alterReplicaLogDirsHandler,
    alterUserScramCredentialsHandler,
    describeClientQuotasHandler,
    createAclsHandler,
    deleteAclsHandler,
    describeAclsHandler,
    apiVersionsHandler(() => served),
    consumerGroupDescribeHandler,
    consumerGroupHeartbeatHandler,
    shareGroupHeartbeatHandler,
    createPartitionsHandler,
    createTopicsHandler,
    deleteGroupsHandler,
    deleteRecordsHandler,
    deleteTopicsHandler,
    describeClusterHandler,
    describeConfigsHandler,
    describeGroupsHandler,
    describeQuorumHandler,
    describeTopicPartitionsHandler,
    describeProducersHandler,
    describeTransactionsHandler,
    describeLogDirsHandler,
    describeUserScramCredentialsHandler,
    electLeadersHandler,
    endTxnHandler,
    fetchHandler,
    findCoordinatorHandler,
    heartbeatHandler,
    incrementalAlterConfigsHandler,
    initProducerIdHandler,
    joinGroupHandler,
    leaveGroupHandler,
    listConfigResourcesHandler,
    listGroupsHandler,
    listOffsetsHandler,
    listPartitionReassignmentsHandler,
    listTransactionsHandler,
    metadataHandler,
    offsetCommitHandler,
    offsetDeleteHandler,
    offsetFetchHandler,
    offsetForLeaderEpochHandler,
    produceHandler,
    saslAuthenticateHandler,
    saslHandshakeHandler,
    syncGroupHandler,
    txnOffsetCommitHandler,
    updateFeaturesHandler,
    writeTxnMarkersHandler,
  ];
  return served.sort((a, b) => a.key - b.key);
}
