import { systemClock } from '@millrace/foundation';
import { apis, RecordBatchBuilder, type Api } from '@millrace/kafka-protocol';
import type { Peer } from './peer.ts';

const SECRET = new Uint8Array(32);
const TURNS_MAX = 40;
const TURN_MS = 100;
/** Nobody's. */
const PRODUCER_ID = 999_999;
const [TOPICS, GROUPS] = [
  ['visible', 'hidden', 'absent'],
  ['g', 'hidden-g'],
];
const [TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP] = [2, 4, 8, 16, 32];
const NO_PRODUCER = { producerId: PRODUCER_ID, producerEpoch: 0 };
const ABSENT_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** One question to a broker; the answer is compared with that of the other one. */
export interface Question {
  readonly name: string;
  ask(peer: Peer, newest: ReadonlyMap<number, number>): Promise<unknown>;
}

/** In the version given, or the newest that both have. */
function question<Req, Res, ReqInput, ResInput>(
  name: string,
  api: Api<Req, Res, ReqInput, ResInput>,
  request: NoInfer<ReqInput> | ((peer: Peer) => NoInfer<ReqInput>),
  version?: number,
): Question {
  return {
    name: `${api.name}${name === '' ? '' : ` ${name}`}`,
    ask: (peer, newest) =>
      peer.ask(
        api,
        typeof request === 'function'
          ? (request as (peer: Peer) => ReqInput)(peer) // a request is never a function
          : request,
        version ?? newest.get(api.key) ?? 0,
      ),
  };
}

function batch(options: { readonly isTransactional?: boolean } = {}): Uint8Array {
  const builder = new RecordBatchBuilder();
  builder.append(null, Buffer.from('v'), 1);
  const { isTransactional = false } = options;
  return builder.buildSync(
    isTransactional
      ? { isTransactional, producerId: PRODUCER_ID, producerEpoch: 0, baseSequence: 0 }
      : {},
  );
}

const partition = { partitionIndex: 0 };
const each = <T>(names: readonly string[], map: (name: string) => T): T[] => names.map(map);
const configsOf = (configurationKeys: readonly string[]) =>
  [
    { resourceType: TOPIC, resourceName: 'visible' },
    { resourceType: TOPIC, resourceName: 'hidden' },
    { resourceType: TOPIC, resourceName: 'absent' },
    { resourceType: BROKER, resourceName: '1' },
    { resourceType: BROKER_LOGGER, resourceName: '1' },
    { resourceType: CLIENT_METRICS, resourceName: 'm' },
    { resourceType: GROUP, resourceName: 'g' },
    { resourceType: GROUP, resourceName: 'hidden-g' },
  ].map((resource) => ({ ...resource, configurationKeys }));
const setting = [{ name: 'retention.ms', value: '1000', configOperation: 0 }];
const altered = [
  { resourceType: TOPIC, resourceName: 'visible', configs: setting },
  { resourceType: TOPIC, resourceName: 'hidden', configs: setting },
  { resourceType: TOPIC, resourceName: 'absent', configs: setting },
  {
    ...{ resourceType: BROKER, resourceName: '1' },
    configs: [{ name: 'log.cleaner.threads', value: '1', configOperation: 0 }],
  },
  {
    ...{ resourceType: GROUP, resourceName: 'g' },
    configs: [{ name: 'consumer.session.timeout.ms', value: '45000', configOperation: 0 }],
  },
];
const fetched = (peer: Peer, isById: boolean) => ({
  ...{ maxWaitMs: 0, minBytes: 0 },
  topics: each(isById ? ['visible', 'hidden'] : TOPICS, (topic) => ({
    ...(isById ? { topicId: peer.topicId(topic) } : { topic }),
    partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
  })),
});

/** Subscribes by a pattern that matches both topics, and answers what it is given at last. */
const patternQuestion: Question = {
  name: 'ConsumerGroupHeartbeat by a pattern',
  async ask(peer) {
    const request = { groupId: 'g-of-pattern', memberId: 'by-pattern' };
    let answer = await peer.ask(
      apis.consumerGroupHeartbeat,
      {
        ...{ ...request, memberEpoch: 0, rebalanceTimeoutMs: 10_000, topicPartitions: [] },
        subscribedTopicRegex: 'visib.*|hidd.*',
      },
      1,
    );
    if (answer.errorCode !== 0) return answer;
    let given = answer.assignment;
    // Kafka matches in the background.
    for (let turn = 0; turn < TURNS_MAX && (given?.topicPartitions ?? []).length === 0; turn += 1) {
      await systemClock.sleep(TURN_MS);
      const { memberEpoch } = answer;
      answer = await peer.ask(apis.consumerGroupHeartbeat, { ...request, memberEpoch }, 1);
      given = answer.assignment ?? given;
    }
    await peer.ask(apis.consumerGroupHeartbeat, { ...request, memberEpoch: -1 }, 1);
    return given;
  },
};

/** Each API at least once; what changes something does so in the same way on both sides. */
export const QUESTIONS: readonly Question[] = [
  question(
    'by name',
    apis.produce,
    {
      acks: 1,
      topicData: each(TOPICS, (name) => ({
        name,
        partitionData: [{ index: 0, records: batch() }],
      })),
    },
    12,
  ),
  question(
    'by id',
    apis.produce,
    (peer) => ({
      acks: 1,
      topicData: each(['visible', 'hidden'], (name) => ({
        topicId: peer.topicId(name),
        partitionData: [{ index: 0, records: batch() }],
      })),
    }),
    13,
  ),
  ...['tx', 'other-tx'].map((transactionalId) =>
    question(
      `in ${transactionalId}`,
      apis.produce,
      {
        transactionalId,
        acks: -1,
        topicData: each(['visible', 'hidden'], (name) => ({
          name,
          partitionData: [{ index: 0, records: batch({ isTransactional: true }) }],
        })),
      },
      11,
    ),
  ),
  question('by name', apis.fetch, (peer) => fetched(peer, false), 12),
  question('by id', apis.fetch, (peer) => fetched(peer, true)),
  question('', apis.listOffsets, {
    topics: each(TOPICS, (name) => ({ name, partitions: [{ partitionIndex: 0, timestamp: -1 }] })),
  }),
  question('of some', apis.metadata, {
    topics: each(TOPICS, (name) => ({ name })),
    allowAutoTopicCreation: true,
    includeTopicAuthorizedOperations: true,
  }),
  question('by id', apis.metadata, (peer) => ({
    topics: [
      ...each(['visible', 'hidden'], (name) => ({ topicId: peer.topicId(name), name: null })),
      { topicId: ABSENT_ID, name: null },
    ],
    includeTopicAuthorizedOperations: true,
  })),
  question('of all', apis.metadata, { topics: null, includeTopicAuthorizedOperations: true }),
  question(
    'with the cluster',
    apis.metadata,
    { topics: [], includeClusterAuthorizedOperations: true },
    10,
  ),
  question('without operations', apis.metadata, {
    topics: each(TOPICS, (name) => ({ name })),
    allowAutoTopicCreation: false,
  }),
  ...each(GROUPS, (groupId) =>
    question(`to ${groupId}`, apis.offsetCommit, {
      groupId,
      topics: each(TOPICS, (name) => ({
        name,
        partitions: [{ partitionIndex: 0, committedOffset: 1 }],
      })),
    }),
  ),
  question('of groups', apis.offsetFetch, {
    groups: each(GROUPS, (groupId) => ({
      groupId,
      topics: each(TOPICS, (name) => ({ name, partitionIndexes: [0] })),
    })),
  }),
  question('of all', apis.offsetFetch, {
    groups: each(GROUPS, (groupId) => ({ groupId, topics: null })),
  }),
  ...each(GROUPS, (groupId) =>
    question(
      `${groupId} in version 7`,
      apis.offsetFetch,
      { groupId, topics: each(TOPICS, (name) => ({ name, partitionIndexes: [0] })) },
      7,
    ),
  ),
  question('of groups', apis.findCoordinator, { keyType: 0, coordinatorKeys: GROUPS }),
  question('of transactions', apis.findCoordinator, {
    keyType: 1,
    coordinatorKeys: ['tx', 'other-tx'],
  }),
  question('of one', apis.findCoordinator, { keyType: 0, key: 'hidden-g' }, 3),
  ...each(['j', 'hidden-g'], (groupId) =>
    question(groupId, apis.joinGroup, {
      groupId,
      // Refused, so that no group comes about.
      sessionTimeoutMs: 1,
      rebalanceTimeoutMs: 1000,
      protocolType: 'consumer',
      protocols: [],
    }),
  ),
  ...each(GROUPS, (groupId) =>
    question(groupId, apis.heartbeat, { groupId, generationId: 1, memberId: 'm' }),
  ),
  ...each(GROUPS, (groupId) =>
    question(groupId, apis.leaveGroup, { groupId, members: [{ memberId: 'm' }] }),
  ),
  ...each(GROUPS, (groupId) =>
    question(groupId, apis.syncGroup, {
      groupId,
      generationId: 1,
      memberId: 'm',
      protocolType: 'consumer',
      protocolName: 'range',
    }),
  ),
  ...[true, false].map((includeAuthorizedOperations) =>
    question(includeAuthorizedOperations ? 'with operations' : '', apis.describeGroups, {
      groups: [...GROUPS, 'absent-g'],
      includeAuthorizedOperations,
    }),
  ),
  ...[true, false].map((includeAuthorizedOperations) =>
    question(includeAuthorizedOperations ? 'with operations' : '', apis.consumerGroupDescribe, {
      groupIds: [...GROUPS, 'absent-g', 'c'],
      includeAuthorizedOperations,
    }),
  ),
  question('', apis.listGroups, {}),
  question('', apis.createTopics, {
    topics: each(['visible-new', 'other-new'], (name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
    })),
    validateOnly: true,
  }),
  question(
    'by name',
    apis.deleteTopics,
    { topicNames: ['absent', 'hidden-absent', 'visible-absent'] },
    5,
  ),
  question('by id', apis.deleteTopics, { topics: [{ topicId: ABSENT_ID, name: null }] }),
  question('', apis.deleteRecords, {
    topics: each(TOPICS, (name) => ({ name, partitions: [{ partitionIndex: 0, offset: 0 }] })),
  }),
  ...[null, 'tx', 'other-tx'].map((transactionalId) =>
    question(transactionalId ?? '', apis.initProducerId, {
      transactionalId,
      transactionTimeoutMs: 10_000,
    }),
  ),
  question('', apis.offsetForLeaderEpoch, {
    topics: each(TOPICS, (topic) => ({ topic, partitions: [{ partition: 0, leaderEpoch: 0 }] })),
  }),
  ...['tx', 'other-tx'].flatMap((transactionalId) => [
    question(
      transactionalId,
      apis.addPartitionsToTxn,
      {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: PRODUCER_ID,
        v3AndBelowProducerEpoch: 0,
        v3AndBelowTopics: each(TOPICS, (name) => ({ name, partitions: [0] })),
      },
      3,
    ),
    ...each(GROUPS, (groupId) =>
      question(`${transactionalId} ${groupId}`, apis.addOffsetsToTxn, {
        transactionalId,
        groupId,
        ...NO_PRODUCER,
      }),
    ),
    question(transactionalId, apis.endTxn, { transactionalId, ...NO_PRODUCER, committed: true }),
    ...each(GROUPS, (groupId) =>
      question(`${transactionalId} ${groupId}`, apis.txnOffsetCommit, {
        transactionalId,
        groupId,
        ...NO_PRODUCER,
        topics: each(TOPICS, (name) => ({
          name,
          partitions: [{ partitionIndex: 0, committedOffset: 1 }],
        })),
      }),
    ),
  ]),
  question('of brokers', apis.addPartitionsToTxn, {
    transactions: [
      {
        transactionalId: 'tx',
        ...NO_PRODUCER,
        verifyOnly: true,
        topics: [{ name: 'visible', partitions: [0] }],
      },
    ],
  }),
  question('', apis.writeTxnMarkers, {
    markers: [
      {
        ...NO_PRODUCER,
        transactionResult: false,
        coordinatorEpoch: 0,
        topics: [{ name: 'absent', partitionIndexes: [0] }],
      },
    ],
  }),
  question('', apis.describeAcls, {
    resourceTypeFilter: 1,
    patternTypeFilter: 1,
    operation: 1,
    permissionType: 1,
  }),
  question('', apis.createAcls, {
    creations: [
      {
        resourceType: TOPIC,
        resourceName: 'some',
        resourcePatternType: 3,
        principal: 'User:x',
        host: '*',
        operation: 3,
        permissionType: 3,
      },
    ],
  }),
  question('', apis.deleteAcls, {
    filters: [
      {
        resourceTypeFilter: TOPIC,
        resourceNameFilter: 'some',
        patternTypeFilter: 3,
        operation: 1,
        permissionType: 1,
      },
    ],
  }),
  question('', apis.describeConfigs, { resources: configsOf(['retention.ms']) }),
  question('', apis.alterConfigs, {
    resources: altered.filter(({ resourceType }) => resourceType === TOPIC),
    validateOnly: true,
  }),
  question('', apis.incrementalAlterConfigs, { resources: altered, validateOnly: true }),
  question('', apis.listConfigResources, {}),
  question('of client metrics', apis.listConfigResources, {}, 0),
  question('', apis.alterReplicaLogDirs, {
    dirs: [{ path: '/nowhere', topics: each(TOPICS, (name) => ({ name, partitions: [0] })) }],
  }),
  question('', apis.describeLogDirs, {
    topics: [
      { topic: 'visible', partitions: [0] },
      { topic: 'hidden', partitions: [0] },
    ],
  }),
  question('', apis.createPartitions, {
    topics: each(TOPICS, (name) => ({ name, count: 9 })),
    validateOnly: true,
  }),
  question('', apis.deleteGroups, { groupsNames: ['absent-g', 'hidden-absent'] }),
  question('of all', apis.electLeaders, { electionType: 0, topicPartitions: null }),
  question('', apis.electLeaders, {
    electionType: 0,
    topicPartitions: each(TOPICS, (topic) => ({ topic, partitions: [0] })),
  }),
  question('', apis.alterPartitionReassignments, {
    topics: each(TOPICS, (name) => ({ name, partitions: [{ ...partition, replicas: null }] })),
  }),
  question('', apis.listPartitionReassignments, { topics: null }),
  ...each(GROUPS, (groupId) =>
    question(groupId, apis.offsetDelete, {
      groupId,
      topics: each(TOPICS, (name) => ({ name, partitions: [{ partitionIndex: 3 }] })),
    }),
  ),
  question('', apis.describeClientQuotas, { components: [], strict: false }),
  question('', apis.alterClientQuotas, {
    entries: [
      {
        entity: [{ entityType: 'user', entityName: 'u' }],
        ops: [{ key: 'producer_byte_rate', value: 1000 }],
      },
    ],
    validateOnly: true,
  }),
  question('', apis.describeUserScramCredentials, { users: [{ name: 'admin' }] }),
  question('', apis.alterUserScramCredentials, {
    deletions: [{ name: 'u', mechanism: 1 }],
    upsertions: [
      { name: 'v', mechanism: 9, iterations: 4096, salt: SECRET, saltedPassword: SECRET },
    ],
  }),
  question('', apis.describeQuorum, {
    topics: [{ topicName: '__cluster_metadata', partitions: [partition] }],
  }),
  question('', apis.updateFeatures, {
    featureUpdates: [{ feature: 'absent', maxVersionLevel: 1, upgradeType: 1 }],
    validateOnly: true,
  }),
  question('', apis.describeCluster, { includeClusterAuthorizedOperations: true }),
  question('with fenced brokers', apis.describeCluster, { includeFencedBrokers: true }),
  question('', apis.describeProducers, {
    topics: each(TOPICS, (name) => ({ name, partitionIndexes: [0] })),
  }),
  question('', apis.describeTransactions, { transactionalIds: ['tx', 'other-tx', 'absent-tx'] }),
  question('', apis.listTransactions, {}),
  question('', apis.describeTopicPartitions, { topics: each(TOPICS, (name) => ({ name })) }),
  question('of all', apis.describeTopicPartitions, { topics: [] }),
  ...each(['visible', 'hidden', 'absent'], (topic) =>
    question(`to ${topic}`, apis.consumerGroupHeartbeat, {
      groupId: 'g-of-names',
      memberId: `names-${topic}`,
      memberEpoch: 0,
      rebalanceTimeoutMs: 10_000,
      subscribedTopicNames: [topic],
      topicPartitions: [],
    }),
  ),
  question('to hidden-g', apis.consumerGroupHeartbeat, {
    groupId: 'hidden-g',
    memberId: 'm',
    memberEpoch: 0,
    rebalanceTimeoutMs: 10_000,
    subscribedTopicNames: ['visible'],
    topicPartitions: [],
  }),
  question('leaves', apis.consumerGroupHeartbeat, {
    groupId: 'g-of-names',
    memberId: 'names-visible',
    memberEpoch: -1,
  }),
  patternQuestion,
];
