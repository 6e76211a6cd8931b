import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { servedApis } from '../src/handlers.ts';
import {
  AclOperation as Op,
  AclPattern,
  AclPermission,
  AclResource as On,
} from '../src/security/acl.ts';
import { findGuard } from '../src/security/guards.ts';
import { batchOf, BrokerContext, type RawClient } from './broker-context.ts';
import { login, secureClient } from './security-fixtures.ts';

const USERS = ['admin', 'alice', 'bob'];
const CONFIG = {
  listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
  'sasl.enabled.mechanisms': 'PLAIN',
  'plain.sasl.jaas.config': `PlainLoginModule required ${USERS.map((name) => `user_${name}="${name}"`).join(' ')};`,
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:admin;User:CN=somebody,O=else',
};
const CLUSTER = 'kafka-cluster';
const NOBODY_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

let context: BrokerContext;
let admin: RawClient;
let alice: RawClient;
let bob: RawClient;
beforeAll(async () => {
  context = await BrokerContext.open({ config: CONFIG });
  const as = (name: string): Promise<RawClient> =>
    secureClient(context, { sasl: login('PLAIN', name, name) });
  [admin, alice, bob] = await Promise.all([as('admin'), as('alice'), as('bob')]);
});
afterAll(async () => {
  for (const client of [admin, alice, bob]) await client.connection.close();
  await context[Symbol.asyncDispose]();
});

interface Entry {
  readonly who?: string;
  readonly op: number;
  readonly type: number;
  readonly name: string;
  readonly pattern?: number;
  readonly permission?: number;
  readonly host?: string;
}

function creation({ who = 'alice', op, type, name, ...more }: Entry) {
  return {
    resourceType: type,
    resourceName: name,
    resourcePatternType: more.pattern ?? AclPattern.LITERAL,
    principal: `User:${who}`,
    host: more.host ?? '*',
    operation: op,
    permissionType: more.permission ?? AclPermission.ALLOW,
  };
}

/** Entries that are there while the test runs, and only then. */
async function withAcls(entries: readonly Entry[], run: () => Promise<void>): Promise<void> {
  const creations = entries.map(creation);
  const { results } = await admin.ask(apis.createAcls, { creations });
  expect(results.map(({ errorCode }) => errorCode)).toEqual(entries.map(() => ErrorCode.NONE));
  try {
    await run();
  } finally {
    await admin.ask(apis.deleteAcls, {
      filters: [{ resourceTypeFilter: 1, patternTypeFilter: 1, operation: 1, permissionType: 1 }],
    });
  }
}

const produceCode = async (client: RawClient, topic: string): Promise<number> =>
  (await client.produce(topic, batchOf(['v']))).errorCode;
const fetchCode = async (client: RawClient, topic: string): Promise<number> =>
  (await client.fetch(topic, 0)).errorCode;

test('every api that is served says who may ask it', () => {
  const open = servedApis().filter(({ key }) => findGuard(key) === undefined);
  expect(open.map(({ name }) => name)).toEqual([]);
});

test('without ACLs nobody but super users may do anything', async () => {
  await admin.createTopic('locked');
  expect(await produceCode(admin, 'locked')).toBe(ErrorCode.NONE);
  expect(await produceCode(alice, 'locked')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  expect(await fetchCode(alice, 'locked')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  const metadata = await alice.ask(apis.metadata, {
    topics: [{ name: 'locked' }, { name: 'new' }],
  });
  expect(
    metadata.topics.map(({ errorCode, name, partitions }) => [errorCode, name, partitions]),
  ).toEqual([
    [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'locked', []],
    [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'new', []],
  ]);
  expect((await alice.ask(apis.metadata, { topics: null })).topics).toEqual([]);
  const created = await alice.ask(apis.createTopics, { topics: [{ name: 'mine' }] });
  expect(created.topics).toMatchObject([{ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }]);
  const deleted = await alice.ask(apis.deleteTopics, { topics: [{ name: 'locked' }] });
  expect(deleted.responses).toMatchObject([{ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }]);
  const described = await alice.ask(apis.describeAcls, {
    resourceTypeFilter: 1,
    patternTypeFilter: 1,
    operation: 1,
    permissionType: 1,
  });
  expect(described.errorCode).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
  const producer = await alice.ask(apis.initProducerId, { transactionalId: null });
  expect(producer.errorCode).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
  const group = await alice.ask(apis.joinGroup, {
    groupId: 'g',
    sessionTimeoutMs: 6000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [],
  });
  expect(group.errorCode).toBe(ErrorCode.GROUP_AUTHORIZATION_FAILED);
  const found = await alice.ask(apis.findCoordinator, { coordinatorKeys: ['g'] });
  expect(found.coordinators).toMatchObject([{ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }]);
  const configs = await alice.ask(apis.describeConfigs, {
    resources: [
      { resourceType: 2, resourceName: 'locked', configurationKeys: null },
      { resourceType: 4, resourceName: '1', configurationKeys: null },
    ],
  });
  expect(configs.results.map(({ errorCode }) => errorCode)).toEqual([
    ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ]);
  // In process nobody asks.
  expect(await produceCode(await context.client('in-process'), 'locked')).toBe(ErrorCode.NONE);
});

test('reading and writing are two rights, and either lets the topic be seen', async () => {
  await admin.createTopic('rights');
  await withAcls([{ op: Op.WRITE, type: On.TOPIC, name: 'rights' }], async () => {
    expect(await produceCode(alice, 'rights')).toBe(ErrorCode.NONE);
    expect(await fetchCode(alice, 'rights')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    expect(await produceCode(bob, 'rights')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    const { topics } = await alice.ask(apis.metadata, { topics: null });
    expect(topics.map(({ name }) => name)).toEqual(['rights']);
    const producer = await alice.ask(apis.initProducerId, { transactionalId: null });
    expect(producer.errorCode).toBe(ErrorCode.NONE);
  });
  await withAcls([{ op: Op.READ, type: On.TOPIC, name: 'rights' }], async () => {
    expect(await produceCode(alice, 'rights')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    expect(await fetchCode(alice, 'rights')).toBe(ErrorCode.NONE);
  });
  expect(await fetchCode(alice, 'rights')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
});

test('what one request asks of several topics is answered for each by its own right', async () => {
  const ids = { open: await admin.createTopic('open'), shut: await admin.createTopic('shut') };
  await withAcls([{ op: Op.ALL, type: On.TOPIC, name: 'open' }], async () => {
    const records = batchOf(['v']);
    const partitionData = [{ index: 0, records }];
    const produced = await alice.ask(
      apis.produce,
      { acks: -1, topicData: ['shut', 'open'].map((name) => ({ name, partitionData })) },
      12,
    );
    const codes = produced.responses.map(({ name, partitionResponses }) => [
      name,
      partitionResponses[0]?.errorCode,
    ]);
    expect(Object.fromEntries(codes)).toEqual({
      open: ErrorCode.NONE,
      shut: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    });
    // By id, too; an id that no topic has is no secret.
    const byId = await alice.ask(apis.produce, {
      acks: -1,
      topicData: [ids.shut, ids.open, NOBODY_ID].map((topicId) => ({ topicId, partitionData })),
    });
    expect(
      Object.fromEntries(
        byId.responses.map(({ topicId, partitionResponses }) => [
          topicId,
          partitionResponses[0]?.errorCode,
        ]),
      ),
    ).toEqual({
      [ids.open]: ErrorCode.NONE,
      [ids.shut]: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      [NOBODY_ID]: ErrorCode.UNKNOWN_TOPIC_ID,
    });
    const offsets = await alice.ask(apis.listOffsets, {
      replicaId: -1,
      topics: ['shut', 'open'].map((name) => ({
        name,
        partitions: [{ partitionIndex: 0, timestamp: -1 }],
      })),
    });
    expect(
      Object.fromEntries(
        offsets.topics.map(({ name, partitions }) => [name, partitions[0]?.errorCode]),
      ),
    ).toEqual({ open: ErrorCode.NONE, shut: ErrorCode.TOPIC_AUTHORIZATION_FAILED });
  });
});

test('prefixes and wildcards cover many names, and one denial beats them all', async () => {
  for (const name of ['app-a', 'app-b', 'other']) await admin.createTopic(name);
  const prefix = { op: Op.READ, type: On.TOPIC, name: 'app-', pattern: AclPattern.PREFIXED };
  await withAcls([prefix], async () => {
    expect(await fetchCode(alice, 'app-a')).toBe(ErrorCode.NONE);
    expect(await fetchCode(alice, 'other')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  });
  const everything = { op: Op.READ, type: On.TOPIC, name: '*', who: '*' };
  const denial = { op: Op.READ, type: On.TOPIC, name: 'app-b', permission: AclPermission.DENY };
  await withAcls([everything, denial], async () => {
    expect(await fetchCode(alice, 'other')).toBe(ErrorCode.NONE);
    expect(await fetchCode(alice, 'app-b')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    expect(await fetchCode(bob, 'app-b')).toBe(ErrorCode.NONE);
  });
  await withAcls([{ ...everything, host: '10.1.2.3' }], async () => {
    expect(await fetchCode(alice, 'other')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  });
  await withAcls([{ ...everything, host: '127.0.0.1' }], async () => {
    expect(await fetchCode(alice, 'other')).toBe(ErrorCode.NONE);
  });
});

test('groups are joined by READ, seen by DESCRIBE and deleted by DELETE', async () => {
  await admin.createTopic('grouped');
  const commit = (client: RawClient, groupId: string) =>
    client.ask(apis.offsetCommit, {
      groupId,
      topics: [{ name: 'grouped', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }],
    });
  const codeOf = async (client: RawClient, groupId: string): Promise<number | undefined> =>
    (await commit(client, groupId)).topics[0]?.partitions[0]?.errorCode;
  expect(await codeOf(alice, 'readers')).toBe(ErrorCode.GROUP_AUTHORIZATION_FAILED);
  await withAcls([{ op: Op.READ, type: On.GROUP, name: 'readers' }], async () => {
    expect(await codeOf(alice, 'readers')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  });
  const both = [
    { op: Op.READ, type: On.GROUP, name: 'readers' },
    { op: Op.READ, type: On.TOPIC, name: 'grouped' },
  ];
  await withAcls(both, async () => {
    expect(await codeOf(alice, 'readers')).toBe(ErrorCode.NONE);
    expect(await codeOf(admin, 'hidden')).toBe(ErrorCode.NONE);
    const { groups } = await alice.ask(apis.listGroups, {});
    expect(groups.map(({ groupId }) => groupId)).toEqual(['readers']);
    const described = await alice.ask(apis.describeGroups, {
      groups: ['readers', 'hidden'],
      includeAuthorizedOperations: true,
    });
    expect(
      described.groups.map(({ groupId, errorCode, authorizedOperations }) => [
        groupId,
        errorCode,
        authorizedOperations,
      ]),
    ).toEqual([
      ['readers', ErrorCode.NONE, (1 << Op.READ) | (1 << Op.DESCRIBE)],
      ['hidden', ErrorCode.GROUP_AUTHORIZATION_FAILED, -2_147_483_648],
    ]);
    const fetched = await alice.ask(apis.offsetFetch, {
      groups: [
        { groupId: 'readers', topics: null },
        { groupId: 'hidden', topics: null },
      ],
    });
    expect(fetched.groups.map(({ groupId, errorCode }) => [groupId, errorCode])).toEqual([
      ['readers', ErrorCode.NONE],
      ['hidden', ErrorCode.GROUP_AUTHORIZATION_FAILED],
    ]);
    const deleted = await alice.ask(apis.deleteGroups, { groupsNames: ['readers'] });
    expect(deleted.results).toMatchObject([{ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }]);
  });
});

test('topics are created by CREATE on the cluster or on their name, also by asking for them', async () => {
  const byName = { op: Op.CREATE, type: On.TOPIC, name: 'made-', pattern: AclPattern.PREFIXED };
  const seen = { op: Op.DESCRIBE, type: On.TOPIC, name: '*' };
  await withAcls([byName, seen], async () => {
    const { topics } = await alice.ask(apis.createTopics, {
      topics: [{ name: 'made-a' }, { name: 'other-a' }],
    });
    expect(topics.map(({ name, errorCode, configs }) => [name, errorCode, configs])).toEqual([
      // Without DESCRIBE_CONFIGS nothing is said about how it was made.
      ['made-a', ErrorCode.NONE, []],
      ['other-a', ErrorCode.TOPIC_AUTHORIZATION_FAILED, []],
    ]);
    const asked = await alice.ask(apis.metadata, {
      topics: [{ name: 'made-b' }, { name: 'other-b' }],
      includeTopicAuthorizedOperations: true,
    });
    expect(
      asked.topics.map(({ name, errorCode, topicAuthorizedOperations }) => [
        name,
        errorCode,
        topicAuthorizedOperations,
      ]),
    ).toEqual([
      ['made-b', ErrorCode.NONE, (1 << Op.CREATE) | (1 << Op.DESCRIBE)],
      ['other-b', ErrorCode.TOPIC_AUTHORIZATION_FAILED, -2_147_483_648],
    ]);
  });
  await withAcls([{ op: Op.CREATE, type: On.CLUSTER, name: CLUSTER }], async () => {
    const { topics } = await alice.ask(apis.createTopics, { topics: [{ name: 'other-c' }] });
    expect(topics).toMatchObject([{ errorCode: ErrorCode.NONE }]);
  });
});

test('a fetch session is checked at every fetch: who loses a right reads nothing more', async () => {
  await admin.createTopic('lost');
  await admin.produce('lost', batchOf(['secret']));
  const fetch = (sessionId: number, sessionEpoch: number) =>
    alice.ask(
      apis.fetch,
      {
        maxWaitMs: 0,
        minBytes: 1,
        sessionId,
        sessionEpoch,
        topics:
          sessionId === 0
            ? [
                {
                  topic: 'lost',
                  topicId: '',
                  partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
                },
              ]
            : [],
      },
      12,
    );
  let sessionId = 0;
  await withAcls([{ op: Op.READ, type: On.TOPIC, name: 'lost' }], async () => {
    const first = await fetch(0, 0);
    expect(first.responses[0]?.partitions[0]?.records?.byteLength).toBeGreaterThan(0);
    sessionId = first.sessionId;
  });
  if (sessionId === 0) return; // this broker keeps no sessions
  const second = await fetch(sessionId, 1);
  expect(second.responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
});

test('ACLs are created, listed and deleted, survive a restart, and wrong ones are refused', async () => {
  await using own = await BrokerContext.open({ config: { ...CONFIG, 'acls.max': '3' } });
  const client = await own.client('in-process');
  const entries: readonly Entry[] = [
    { op: Op.READ, type: On.TOPIC, name: 'a' },
    { op: Op.READ, type: On.TOPIC, name: 'a-', pattern: AclPattern.PREFIXED, who: 'bob' },
    { op: Op.ALTER, type: On.CLUSTER, name: CLUSTER },
  ];
  const make = async (wanted: readonly Entry[]): Promise<readonly number[]> =>
    (await client.ask(apis.createAcls, { creations: wanted.map(creation) })).results.map(
      ({ errorCode }) => errorCode,
    );
  expect(await make(entries)).toEqual([0, 0, 0]);
  expect(await make(entries)).toEqual([0, 0, 0]);
  const invalid = ErrorCode.INVALID_REQUEST;
  expect(
    await make([
      { op: Op.READ, type: On.CLUSTER, name: 'x' },
      { op: Op.READ, type: On.TOPIC, name: '' },
      { op: Op.ANY, type: On.TOPIC, name: 'x' },
      { op: Op.READ, type: On.ANY, name: 'x' },
      { op: Op.READ, type: On.TOPIC, name: 'x', pattern: AclPattern.MATCH },
      { op: Op.READ, type: On.TOPIC, name: 'x', permission: AclPermission.ANY },
    ]),
  ).toEqual(Array(6).fill(invalid));
  expect(await make([{ op: Op.READ, type: On.TOPIC, name: 'x' }])).toEqual([
    ErrorCode.POLICY_VIOLATION,
  ]);
  await own.restart();
  const after = await own.client('in-process');
  const any = { resourceTypeFilter: 1, patternTypeFilter: 1, operation: 1, permissionType: 1 };
  const list = async (filter: object): Promise<readonly string[]> =>
    (await after.ask(apis.describeAcls, { ...any, ...filter })).resources.map(
      ({ resourceName, acls }) =>
        `${resourceName}:${acls.map(({ principal }) => principal).join()}`,
    );
  expect(await list({})).toEqual(['a:User:alice', 'a-:User:bob', `${CLUSTER}:User:alice`]);
  expect(
    await list({
      resourceTypeFilter: On.TOPIC,
      resourceNameFilter: 'a-1',
      patternTypeFilter: AclPattern.MATCH,
    }),
  ).toEqual(['a-:User:bob']);
  expect(await list({ resourceNameFilter: 'a', patternTypeFilter: AclPattern.LITERAL })).toEqual([
    'a:User:alice',
  ]);
  expect(await list({ principalFilter: 'User:bob' })).toEqual(['a-:User:bob']);
  expect(await list({ operation: Op.ALTER })).toEqual([`${CLUSTER}:User:alice`]);
  const deleted = await after.ask(apis.deleteAcls, {
    filters: [{ ...any, principalFilter: 'User:alice' }],
  });
  expect(deleted.filterResults[0]?.matchingAcls).toHaveLength(2);
  expect(await list({})).toEqual(['a-:User:bob']);
});

test('allow.everyone.if.no.acl.found opens what no ACL is about', async () => {
  await using own = await BrokerContext.open({
    config: { ...CONFIG, 'allow.everyone.if.no.acl.found': 'true' },
  });
  const superuser = await own.client('in-process');
  await superuser.createTopic('free');
  await superuser.createTopic('taken');
  await superuser.ask(apis.createAcls, {
    creations: [creation({ who: 'bob', op: Op.READ, type: On.TOPIC, name: 'taken' })],
  });
  const client = await secureClient(own, { sasl: login('PLAIN', 'alice', 'alice') });
  expect(await fetchCode(client, 'free')).toBe(ErrorCode.NONE);
  expect(await fetchCode(client, 'taken')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  await client.connection.close();
});

test('without an authoriser ACLs can not be kept, and all operations are shown as allowed', async () => {
  await using own = await BrokerContext.open();
  const client = await own.client('tcp');
  const { results } = await client.ask(apis.createAcls, {
    creations: [creation({ op: Op.READ, type: On.TOPIC, name: 'x' })],
  });
  expect(results).toMatchObject([{ errorCode: ErrorCode.SECURITY_DISABLED }]);
  const cluster = await client.ask(apis.describeCluster, {
    includeClusterAuthorizedOperations: true,
  });
  expect(cluster.clusterAuthorizedOperations & (1 << Op.ALTER)).not.toBe(0);
});

test('a member of a consumer group is refused topics that it may not see, and its pattern does not match them', async () => {
  await admin.createTopic('seen');
  await admin.createTopic('seen-not');
  const entries = [
    { op: Op.DESCRIBE, type: On.TOPIC, name: 'seen' },
    { op: Op.READ, type: On.GROUP, name: 'watchers' },
  ];
  await withAcls(entries, async () => {
    const join = {
      ...{ groupId: 'watchers', memberId: 'alice-1', memberEpoch: 0 },
      ...{ rebalanceTimeoutMs: 10_000, topicPartitions: [] },
    };
    const beat = (subscription: {
      subscribedTopicNames?: string[];
      subscribedTopicRegex?: string;
    }) => alice.ask(apis.consumerGroupHeartbeat, { ...join, ...subscription });
    for (const name of ['seen-not', 'not-there']) {
      const refused = await beat({ subscribedTopicNames: ['seen', name] });
      expect(refused.errorCode).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    }
    expect((await beat({ subscribedTopicNames: ['seen'] })).errorCode).toBe(ErrorCode.NONE);
    const matched = await beat({ subscribedTopicNames: [], subscribedTopicRegex: 'seen.*' });
    const { topics } = await admin.ask(apis.metadata, { topics: [{ name: 'seen' }] });
    expect(matched.assignment?.topicPartitions).toEqual([
      { topicId: topics[0]?.topicId, partitions: [0] },
    ]);
  });
});
