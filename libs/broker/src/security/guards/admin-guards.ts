import { apis } from '@millrace/kafka-protocol';
import type { Call } from '../../core.ts';
import { AclOperation, AclResource, CLUSTER_NAME } from '../acl.ts';
import { authorizedOperations } from '../rights.ts';
import {
  allowsCluster,
  allowsGroup,
  allowsTopic,
  clusterGuard,
  CLUSTER_REFUSED,
  GROUP_REFUSED,
  guard,
  openTo,
  split,
  TOPIC_REFUSED,
  type Guard,
  type RefusedError,
} from './guard.ts';

const { DESCRIBE, ALTER, DESCRIBE_CONFIGS, ALTER_CONFIGS } = AclOperation;
const TOPIC_CONFIG = 2;
const GROUP_CONFIG = 32;

interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Settings of topics and groups are theirs; all others are the cluster's. */
function configRefusal(
  { resourceType, resourceName }: ConfigResource,
  call: Call,
  operation: number,
): RefusedError | undefined {
  if (resourceType === TOPIC_CONFIG)
    return allowsTopic(call, operation, resourceName) ? undefined : TOPIC_REFUSED;
  if (resourceType === GROUP_CONFIG)
    return allowsGroup(call, operation, resourceName) ? undefined : GROUP_REFUSED;
  return allowsCluster(call, operation) ? undefined : CLUSTER_REFUSED;
}

function refuseConfig(
  resource: ConfigResource,
  call: Call,
  operation: number,
): RefusedError & ConfigResource {
  const { resourceType, resourceName } = resource;
  const error = configRefusal(resource, call, operation) ?? CLUSTER_REFUSED;
  return { ...error, resourceType, resourceName };
}

const describeConfigsGuard = guard(apis.describeConfigs, async (request, call, next) => {
  const [allowed, denied] = split(
    request.resources,
    (resource) => configRefusal(resource, call, DESCRIBE_CONFIGS) === undefined,
  );
  const answer = await next({ ...request, resources: allowed });
  const refused = denied.map((resource) => ({
    ...refuseConfig(resource, call, DESCRIBE_CONFIGS),
    configs: [],
  }));
  return { ...answer, results: [...(answer?.results ?? []), ...refused] };
});

const alterConfigsGuard = guard(apis.alterConfigs, async (request, call, next) => {
  const [allowed, denied] = split(
    request.resources,
    (resource) => configRefusal(resource, call, ALTER_CONFIGS) === undefined,
  );
  const answer = await next({ ...request, resources: allowed });
  const refused = denied.map((resource) => refuseConfig(resource, call, ALTER_CONFIGS));
  return { ...answer, responses: [...(answer?.responses ?? []), ...refused] };
});

const incrementalAlterConfigsGuard = guard(
  apis.incrementalAlterConfigs,
  async (request, call, next) => {
    const [allowed, denied] = split(
      request.resources,
      (resource) => configRefusal(resource, call, ALTER_CONFIGS) === undefined,
    );
    const answer = await next({ ...request, resources: allowed });
    const refused = denied.map((resource) => refuseConfig(resource, call, ALTER_CONFIGS));
    return { ...answer, responses: [...(answer?.responses ?? []), ...refused] };
  },
);

const describeClusterGuard = guard(
  apis.describeCluster,
  async (request, call, next) => {
    const answer = await next(request);
    if (answer === undefined || !request.includeClusterAuthorizedOperations) return answer;
    const clusterAuthorizedOperations = allowsCluster(call, DESCRIBE)
      ? authorizedOperations(call.rights, AclResource.CLUSTER, CLUSTER_NAME)
      : 0;
    return { ...answer, clusterAuthorizedOperations };
  },
  { isAlways: true },
);

export const adminGuards: readonly Guard[] = [
  openTo(apis.apiVersions),
  openTo(apis.saslHandshake),
  openTo(apis.saslAuthenticate),
  describeConfigsGuard,
  alterConfigsGuard,
  incrementalAlterConfigsGuard,
  describeClusterGuard,
  clusterGuard(apis.describeAcls, DESCRIBE, (_request, error) => ({ ...error, resources: [] })),
  clusterGuard(apis.createAcls, ALTER, ({ creations }, error) => ({
    results: creations.map(() => error),
  })),
  clusterGuard(apis.deleteAcls, ALTER, ({ filters }, error) => ({
    filterResults: filters.map(() => ({ ...error, matchingAcls: [] })),
  })),
  clusterGuard(apis.describeClientQuotas, DESCRIBE_CONFIGS, (_request, error) => ({
    ...error,
    entries: null,
  })),
  clusterGuard(apis.alterClientQuotas, ALTER_CONFIGS, ({ entries }, error) => ({
    entries: entries.map(({ entity }) => ({ ...error, entity })),
  })),
  clusterGuard(apis.describeUserScramCredentials, DESCRIBE, (_request, error) => ({
    ...error,
    results: [{ user: '', ...error, credentialInfos: [] }],
  })),
  clusterGuard(apis.alterUserScramCredentials, ALTER, ({ deletions, upsertions }, error) => ({
    results: [...new Set([...deletions, ...upsertions].map(({ name }) => name))].map((user) => ({
      user,
      ...error,
    })),
  })),
  clusterGuard(apis.electLeaders, ALTER, ({ topicPartitions }, { errorCode, errorMessage }) => ({
    errorCode,
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  })),
  clusterGuard(apis.alterPartitionReassignments, ALTER, ({ topics }, error) => ({
    ...error,
    responses: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...error })),
    })),
  })),
  clusterGuard(apis.listPartitionReassignments, DESCRIBE, (_request, error) => ({
    ...error,
    topics: [],
  })),
  clusterGuard(apis.describeLogDirs, DESCRIBE, (_request, { errorCode }) => ({
    errorCode,
    results: [],
  })),
  clusterGuard(apis.alterReplicaLogDirs, ALTER, ({ dirs }, { errorCode }) => ({
    results: dirs
      .flatMap(({ topics }) => topics)
      .map(({ name, partitions }) => ({
        topicName: name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
  })),
  clusterGuard(apis.updateFeatures, ALTER, (_request, error) => ({ ...error, results: [] })),
  clusterGuard(apis.listConfigResources, DESCRIBE_CONFIGS, (_request, { errorCode }) => ({
    errorCode,
    configResources: [],
  })),
];
