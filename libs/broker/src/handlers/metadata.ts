import {
  apis,
  ErrorCode,
  ZERO_UUID,
  type MetadataRequest,
  type MetadataRequestTopic,
  type MetadataResponseInput,
  type MetadataResponseTopicInput,
} from '@millrace/kafka-protocol';
import {
  ALL_CLUSTER_OPERATIONS,
  ALL_TOPIC_OPERATIONS,
  NO_OPERATIONS,
} from '../authorized-operations.ts';
import { leaderOf, storageRefusal, type BrokerCore, type Call } from '../core.ts';
import type { TopicEntry } from '../metadata/metadata-image.ts';
import { serve, type ServedApi } from '../served-api.ts';
import {
  findTopicNameProblem,
  isInternalTopic,
  METADATA_TOPIC,
  OFFSETS_TOPIC,
} from '../topic-names.ts';

/** From this version on topics may be asked for by id. */
const TOPIC_IDS_SINCE = 12;

export const metadataHandler: ServedApi = serve(apis.metadata, metadata);

async function metadata(request: MetadataRequest, call: Call): Promise<MetadataResponseInput> {
  const { core, version } = call;
  const asked = version === 0 && request.topics?.length === 0 ? null : request.topics;
  const ids = new Set((asked ?? []).map(({ topicId }) => topicId));
  ids.delete(ZERO_UUID);
  const isByName = ids.size === 0;
  const names = new Set((asked ?? []).flatMap(({ name }) => (name === null ? [] : [name])));
  if (asked !== null && version < TOPIC_IDS_SINCE && (!isByName || hasNoName(asked)))
    return refused(asked);
  if (isByName) {
    // A topic that can't be made is answered as unknown: clients ask again.
    await createMissing(names, request, core).catch((error: unknown) =>
      storageRefusal(core, error),
    );
  }
  const topics =
    asked === null
      ? [...core.topics.image.topicsByName.values()].map((entry) => describeTopic(entry, core))
      : isByName
        ? [...names].map((name) => describeByName(name, core))
        : // One id, and all are asked for by id, as in Kafka.
          [...ids].map((topicId) => describeById(topicId, core));
  const { host, port } = core.addressFor(call.context);
  return {
    brokers: [{ nodeId: core.nodeId, host, port, rack: core.settings.values['broker.rack'] }],
    clusterId: core.clusterId,
    controllerId: core.nodeId,
    topics: request.includeTopicAuthorizedOperations
      ? topics.map((topic) =>
          // Nothing is said of an id that nobody knows.
          topic.name === null
            ? topic
            : { ...topic, topicAuthorizedOperations: ALL_TOPIC_OPERATIONS },
        )
      : topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? ALL_CLUSTER_OPERATIONS
      : NO_OPERATIONS,
  };
}

/** `auto.create.topics.enable`: unlike Kafka, which answers first and creates then, the topic is there at once. */
async function createMissing(
  names: ReadonlySet<string>,
  request: MetadataRequest,
  core: BrokerCore,
): Promise<void> {
  const { values } = core.settings;
  if (!request.allowAutoTopicCreation || !values['auto.create.topics.enable']) return;
  const missing = [...names].filter(
    (name) => core.topics.find(name) === undefined && findTopicNameProblem(name) === undefined,
  );
  if (missing.includes(OFFSETS_TOPIC)) await core.ensureOffsetsTopic();
  const ordinary = missing.filter((name) => !isInternalTopic(name) && name !== METADATA_TOPIC);
  if (ordinary.length === 0 || values['default.replication.factor'] > 1) return;
  await core.topics.create(
    ordinary.map((name) => ({ name, partitionCount: values['num.partitions'], configs: {} })),
  );
}

function hasNoName(asked: readonly MetadataRequestTopic[]): boolean {
  return asked.some(({ name }) => name === null);
}

/** Ids are in the request, but may not be asked by, in versions 10 and 11. */
function refused(asked: readonly MetadataRequestTopic[]): MetadataResponseInput {
  return {
    brokers: [],
    topics: asked.map(({ name, topicId }) => ({
      errorCode: ErrorCode.INVALID_REQUEST,
      name: name ?? '',
      topicId,
      partitions: [],
    })),
  };
}

function describeByName(name: string, core: BrokerCore): MetadataResponseTopicInput {
  const entry = core.topics.find(name);
  if (entry !== undefined) return describeTopic(entry, core);
  const errorCode =
    findTopicNameProblem(name) === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.INVALID_TOPIC_EXCEPTION;
  return { errorCode, name, topicId: ZERO_UUID, isInternal: isInternalTopic(name), partitions: [] };
}

function describeById(topicId: string, core: BrokerCore): MetadataResponseTopicInput {
  const entry = core.topics.findById(topicId);
  if (entry !== undefined) return describeTopic(entry, core);
  return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId, partitions: [] };
}

function describeTopic(entry: TopicEntry, core: BrokerCore): MetadataResponseTopicInput {
  return {
    errorCode: ErrorCode.NONE,
    name: entry.name,
    topicId: entry.topicId,
    isInternal: isInternalTopic(entry.name),
    partitions: entry.partitions.map((partition, index) => {
      const { leader, errorCode, offlineReplicas } = leaderOf(core, entry, index);
      return {
        errorCode,
        partitionIndex: index,
        leaderId: leader,
        leaderEpoch: partition.leaderEpoch,
        replicaNodes: partition.replicas,
        isrNodes: partition.isr,
        offlineReplicas,
      };
    }),
  };
}
