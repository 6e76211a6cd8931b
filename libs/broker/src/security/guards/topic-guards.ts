import {
  apis,
  ErrorCode,
  ZERO_UUID,
  type MetadataRequest,
  type MetadataRequestTopic,
  type MetadataResponseInput,
  type MetadataResponseTopicInput,
} from '@millrace/kafka-protocol';
import type { Call } from '../../core.ts';
import { isInternalTopic } from '../../topic-names.ts';
import { AclOperation, AclResource, CLUSTER_NAME } from '../acl.ts';
import { authorizedOperations } from '../rights.ts';
import {
  allowsCluster,
  allowsTopic,
  guard,
  split,
  TOPIC_REFUSED,
  type Guard,
  type Next,
} from './guard.ts';

const { CREATE, DESCRIBE, DELETE, ALTER, DESCRIBE_CONFIGS } = AclOperation;
const TOPIC_IDS_SINCE = 6;

const metadataGuard = guard(
  apis.metadata,
  async (request, call, next) => {
    const answer = await shownMetadata(request, call, next);
    if (answer === undefined) return undefined;
    const { rights } = call;
    const topics = request.includeTopicAuthorizedOperations
      ? answer.topics.map((topic) =>
          topic.name === null || topic.errorCode === TOPIC_REFUSED.errorCode
            ? topic
            : {
                ...topic,
                topicAuthorizedOperations: authorizedOperations(
                  rights,
                  AclResource.TOPIC,
                  topic.name,
                ),
              },
        )
      : answer.topics;
    if (!request.includeClusterAuthorizedOperations) return { ...answer, topics };
    const clusterAuthorizedOperations = allowsCluster(call, DESCRIBE)
      ? authorizedOperations(rights, AclResource.CLUSTER, CLUSTER_NAME)
      : 0;
    return { ...answer, topics, clusterAuthorizedOperations };
  },
  { isAlways: true },
);

async function shownMetadata(
  request: MetadataRequest,
  call: Call,
  next: Next<MetadataRequest, MetadataResponseInput>,
): Promise<MetadataResponseInput | undefined> {
  if (call.rights.isAll) return next(request);
  const isAll = request.topics === null || (call.version === 0 && request.topics.length === 0);
  if (isAll) {
    const answer = await next(request);
    if (answer === undefined) return undefined;
    const topics = answer.topics.filter(({ name }) => allowsTopic(call, DESCRIBE, name ?? ''));
    return { ...answer, topics };
  }
  const [allowed, denied] = split(request.topics, (topic) => maySee(topic, request, call));
  const refused = denied.map(hiddenTopic);
  // In version 0 none would mean all.
  const isEmpty = allowed.length === 0 && call.version === 0;
  const answer = await next({ ...request, topics: isEmpty ? NO_TOPIC : allowed });
  if (answer === undefined) return undefined;
  return { ...answer, topics: isEmpty ? refused : [...answer.topics, ...refused] };
}

const NO_TOPIC: readonly MetadataRequestTopic[] = [{ name: '', topicId: ZERO_UUID }];

function maySee(
  { name, topicId }: MetadataRequestTopic,
  request: MetadataRequest,
  call: Call,
): boolean {
  const { topics, settings } = call.core;
  const asked = name ?? topics.findById(topicId)?.name;
  // That an id is unknown is no secret.
  if (asked === undefined) return true;
  if (!allowsTopic(call, DESCRIBE, asked)) return false;
  const isCreation =
    name !== null &&
    request.allowAutoTopicCreation &&
    settings.values['auto.create.topics.enable'] &&
    topics.find(name) === undefined;
  return !isCreation || allowsCluster(call, CREATE) || allowsTopic(call, CREATE, name);
}

function hiddenTopic({ name, topicId }: MetadataRequestTopic): MetadataResponseTopicInput {
  return {
    errorCode: TOPIC_REFUSED.errorCode,
    name,
    topicId: name === null ? topicId : ZERO_UUID,
    isInternal: name !== null && isInternalTopic(name),
    partitions: [],
  };
}

const describeTopicPartitionsGuard = guard(
  apis.describeTopicPartitions,
  async (request, call, next) => {
    const { rights } = call;
    const [allowed, denied] = split(request.topics, ({ name }) =>
      allowsTopic(call, DESCRIBE, name),
    );
    const isAll = request.topics.length === 0;
    // None means all; so when none of those that were asked for may be seen, nobody is asked.
    const answer =
      isAll || allowed.length > 0 ? await next({ ...request, topics: allowed }) : undefined;
    const shown = (answer?.topics ?? [])
      .filter(({ name }) => allowsTopic(call, DESCRIBE, name ?? ''))
      .map((topic) => ({
        ...topic,
        topicAuthorizedOperations: authorizedOperations(
          rights,
          AclResource.TOPIC,
          topic.name ?? '',
        ),
      }));
    const refused = denied.map(({ name }) => ({
      errorCode: TOPIC_REFUSED.errorCode,
      name,
      topicId: ZERO_UUID,
      partitions: [],
    }));
    return { ...answer, topics: [...shown, ...refused] };
  },
  { isAlways: true },
);

const createTopicsGuard = guard(apis.createTopics, async (request, call, next) => {
  const mayAll = allowsCluster(call, CREATE);
  const [allowed, denied] = split(
    request.topics,
    ({ name }) => mayAll || allowsTopic(call, CREATE, name),
  );
  const answer = await next({ ...request, topics: allowed });
  const shown = (answer?.topics ?? []).map((topic) =>
    topic.errorCode === ErrorCode.NONE && !allowsTopic(call, DESCRIBE_CONFIGS, topic.name)
      ? {
          ...topic,
          topicConfigErrorCode: TOPIC_REFUSED.errorCode,
          numPartitions: -1,
          replicationFactor: -1,
          configs: [],
        }
      : topic,
  );
  const refused = denied.map(({ name }) => ({
    name,
    topicId: ZERO_UUID,
    errorCode: TOPIC_REFUSED.errorCode,
    errorMessage: 'Authorization failed.',
    configs: [],
  }));
  return { ...answer, topics: [...shown, ...refused] };
});

const deleteTopicsGuard = guard(apis.deleteTopics, async (request, call, next) => {
  if (allowsCluster(call, DELETE)) return next(request);
  const { topics } = call.core;
  const nameOf = (topic: { readonly name: string | null; readonly topicId: string }) =>
    topic.name ?? topics.findById(topic.topicId)?.name;
  // Whoever may see it is told first whether it is there.
  const may = (name: string | undefined): boolean =>
    name === undefined ||
    (allowsTopic(call, DESCRIBE, name) &&
      (topics.find(name) === undefined || allowsTopic(call, DELETE, name)));
  const isNew = call.version >= TOPIC_IDS_SINCE;
  const asked = isNew
    ? request.topics
    : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
  const [allowed, denied] = split(asked, (topic) => may(nameOf(topic)));
  const answer = await next(
    isNew
      ? { ...request, topics: allowed }
      : { ...request, topicNames: allowed.map(({ name }) => name ?? '') },
  );
  const refused = denied.map((topic) => {
    const name = nameOf(topic);
    // An id does not give away the name to who may not know it.
    const isKnown =
      topic.name !== null || (name !== undefined && allowsTopic(call, DESCRIBE, name));
    return { name: isKnown ? (name ?? null) : null, topicId: topic.topicId, ...TOPIC_REFUSED };
  });
  return { ...answer, responses: [...(answer?.responses ?? []), ...refused] };
});

const createPartitionsGuard = guard(apis.createPartitions, async (request, call, next) => {
  const [allowed, denied] = split(request.topics, ({ name }) => allowsTopic(call, ALTER, name));
  const answer = await next({ ...request, topics: allowed });
  const refused = denied.map(({ name }) => ({ name, ...TOPIC_REFUSED }));
  return { ...answer, results: [...(answer?.results ?? []), ...refused] };
});

export const topicGuards: readonly Guard[] = [
  metadataGuard,
  describeTopicPartitionsGuard,
  createTopicsGuard,
  deleteTopicsGuard,
  createPartitionsGuard,
];
