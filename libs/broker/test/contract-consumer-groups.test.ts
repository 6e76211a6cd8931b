import { describe, expect, test } from '@jest/globals';
import {
  apis,
  encodeVersioned,
  ErrorCode,
  messages,
  type ConsumerGroupHeartbeatRequestInput,
  type ConsumerGroupHeartbeatResponse,
  type JoinGroupRequestInput,
  type JoinGroupResponse,
} from '@millrace/kafka-protocol';
import { BrokerContext, TRANSPORTS, type RawClient } from './broker-context.ts';

const CONFIG = {
  'group.consumer.min.session.timeout.ms': '100',
  'group.consumer.min.heartbeat.interval.ms': '10',
  'group.consumer.heartbeat.interval.ms': '50',
};
const GROUP_RESOURCE = 32;

type Heartbeat = Partial<ConsumerGroupHeartbeatRequestInput>;

function beat(
  client: RawClient,
  memberId: string,
  memberEpoch: number,
  more: Heartbeat = {},
  version?: number,
): Promise<ConsumerGroupHeartbeatResponse> {
  const request = { groupId: 'g', memberId, memberEpoch, ...more };
  return client.ask(apis.consumerGroupHeartbeat, request, version);
}

function join(
  client: RawClient,
  memberId: string,
  more: Heartbeat = {},
): Promise<ConsumerGroupHeartbeatResponse> {
  return beat(client, memberId, 0, {
    rebalanceTimeoutMs: 5000,
    subscribedTopicNames: ['input'],
    topicPartitions: [],
    ...more,
  });
}

const sharesOf = ({ assignment }: ConsumerGroupHeartbeatResponse): readonly number[] | undefined =>
  assignment?.topicPartitions.flatMap(({ partitions }) => partitions);

async function describeGroup(client: RawClient) {
  const { groups } = await client.ask(apis.consumerGroupDescribe, { groupIds: ['g'] });
  const [group] = groups;
  if (group === undefined) throw new Error('a description without a group');
  return group;
}

async function commit(client: RawClient, memberId: string, epoch: number, version?: number) {
  const { topics } = await client.ask(
    apis.offsetCommit,
    {
      groupId: 'g',
      memberId,
      generationIdOrMemberEpoch: epoch,
      topics: [{ name: 'input', partitions: [{ partitionIndex: 0, committedOffset: 7 }] }],
    },
    version,
  );
  return topics[0]?.partitions[0]?.errorCode;
}

function classicJoin(
  client: RawClient,
  memberId: string,
  owned: readonly number[] = [],
  more: Partial<JoinGroupRequestInput> = {},
): Promise<JoinGroupResponse> {
  const metadata = encodeVersioned(messages.consumerProtocolSubscription, 1, {
    topics: ['input'],
    ownedPartitions: [{ topic: 'input', partitions: owned }],
  });
  return client.ask(apis.joinGroup, {
    groupId: 'g',
    memberId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata }],
    ...more,
  });
}

function classicSync(client: RawClient, { memberId, generationId }: JoinGroupResponse) {
  const assignment = encodeVersioned(messages.consumerProtocolAssignment, 1, {
    assignedPartitions: [{ topic: 'input', partitions: [0, 1, 2, 3] }],
  });
  return client.ask(apis.syncGroup, {
    groupId: 'g',
    generationId,
    memberId,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [{ memberId, assignment }],
  });
}

async function open(config: Readonly<Record<string, string>> = {}): Promise<BrokerContext> {
  const context = await BrokerContext.open({ config: { ...CONFIG, ...config } });
  await (await context.client('in-process')).createTopic('input', 4);
  return context;
}

describe.each(TRANSPORTS)('consumer groups over %s', (kind) => {
  test('members get their shares with their heartbeats, and are described', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const first = await join(client, 'm1');
    expect(first).toMatchObject({ errorCode: 0, memberEpoch: 1, heartbeatIntervalMs: 50 });
    expect(sharesOf(first)).toEqual([0, 1, 2, 3]);
    expect(await beat(client, 'm1', 1)).toMatchObject({ memberEpoch: 1, assignment: null });
    const second = await join(client, 'm2', { serverAssignor: 'range', rackId: 'r' });
    expect(second).toMatchObject({ memberEpoch: 2, assignment: { topicPartitions: [] } });
    expect(sharesOf(await beat(client, 'm1', 1))).toEqual([0, 1]);
    const [topic] = first.assignment?.topicPartitions ?? [];
    const kept = [{ topicId: topic?.topicId ?? '', partitions: [0, 1] }];
    expect(await beat(client, 'm1', 1, { topicPartitions: kept })).toMatchObject({
      memberEpoch: 2,
    });
    expect(sharesOf(await beat(client, 'm2', 2))).toEqual([2, 3]);
    expect(await describeGroup(client)).toMatchObject({
      groupState: 'Stable',
      groupEpoch: 2,
      assignmentEpoch: 2,
      assignorName: 'range',
      members: [
        { memberId: 'm1', memberEpoch: 2, memberType: 1, subscribedTopicNames: ['input'] },
        {
          memberId: 'm2',
          rackId: 'r',
          targetAssignment: { topicPartitions: [{ topicName: 'input', partitions: [2, 3] }] },
        },
      ],
    });
    const listed = await client.ask(apis.listGroups, { typesFilter: ['Consumer'] });
    expect(listed.groups).toEqual([
      { groupId: 'g', protocolType: 'consumer', groupState: 'Stable', groupType: 'consumer' },
    ]);
    expect((await client.ask(apis.listGroups, { typesFilter: ['classic'] })).groups).toEqual([]);
    const { groups } = await client.ask(apis.describeGroups, { groups: ['g'] });
    expect(groups[0]).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      groupState: 'Dead',
    });
    expect(await beat(client, 'm2', -1)).toMatchObject({ errorCode: 0, memberEpoch: -1 });
    expect(sharesOf(await beat(client, 'm1', 2))).toEqual([0, 1, 2, 3]);
  });

  test('only the present epoch commits and reads offsets', async () => {
    await using context = await open();
    const client = await context.client(kind);
    await join(client, 'm1');
    expect(await commit(client, 'm1', 1)).toBe(0);
    expect(await commit(client, 'm1', 0)).toBe(ErrorCode.STALE_MEMBER_EPOCH);
    expect(await commit(client, 'm1', 1, 8)).toBe(ErrorCode.UNSUPPORTED_VERSION);
    expect(await commit(client, 'mx', 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const read = async (memberId: string | null, memberEpoch: number): Promise<unknown> => {
      const topics = [{ name: 'input', partitionIndexes: [0] }];
      const { groups } = await client.ask(apis.offsetFetch, {
        groups: [{ groupId: 'g', memberId, memberEpoch, topics }],
      });
      const [group] = groups;
      return [group?.errorCode, group?.topics[0]?.partitions[0]?.committedOffset];
    };
    expect(await read('m1', 1)).toEqual([0, 7]);
    expect(await read(null, -1)).toEqual([0, 7]);
    expect(await read('m1', 0)).toEqual([ErrorCode.STALE_MEMBER_EPOCH, undefined]);
    expect(await read('mx', 1)).toEqual([ErrorCode.UNKNOWN_MEMBER_ID, undefined]);
    const remove = () =>
      client.ask(apis.offsetDelete, {
        groupId: 'g',
        topics: [{ name: 'input', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] }],
      });
    const codes = async (): Promise<unknown> =>
      (await remove()).topics[0]?.partitions.map(({ errorCode }) => errorCode);
    expect(await codes()).toEqual([
      ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    await beat(client, 'm1', -1);
    expect(await codes()).toEqual([0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]);
    expect(await read(null, -1)).toEqual([0, -1]);
    const none = await client.ask(apis.offsetDelete, { groupId: 'none', topics: [] });
    expect(none.errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
  });

  test('heartbeats that make no sense are refused in Kafka’s words', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const problem = async (more: Heartbeat): Promise<unknown> => {
      const { errorCode, errorMessage } = await join(client, 'm1', more);
      return [errorCode, errorMessage];
    };
    const { INVALID_REQUEST, UNSUPPORTED_ASSIGNOR, INVALID_REGULAR_EXPRESSION } = ErrorCode;
    expect(await problem({ groupId: '' })).toEqual([INVALID_REQUEST, "GroupId can't be empty."]);
    expect(await problem({ memberId: '' })).toEqual([INVALID_REQUEST, "MemberId can't be empty."]);
    expect(await problem({ topicPartitions: null })).toEqual([
      INVALID_REQUEST,
      'TopicPartitions must be empty when (re-)joining.',
    ]);
    expect(await problem({ subscribedTopicNames: null })).toEqual([
      INVALID_REQUEST,
      'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.',
    ]);
    expect(await problem({ serverAssignor: 'mine' })).toEqual([
      UNSUPPORTED_ASSIGNOR,
      'ServerAssignor mine is not supported. Supported assignors: uniform, range.',
    ]);
    expect(await problem({ subscribedTopicRegex: '(' })).toEqual([
      INVALID_REGULAR_EXPRESSION,
      'SubscribedTopicRegex `(` is not a valid regular expression: missing closing ).',
    ]);
    expect(await beat(client, 'm1', 3)).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Consumer group g not found.',
    });
    const named = await join(client, '', { memberId: '' }).catch(() => undefined);
    expect(named?.errorCode).toBe(INVALID_REQUEST);
    const given = await beat(
      client,
      '',
      0,
      { rebalanceTimeoutMs: 1, subscribedTopicNames: ['input'], topicPartitions: [] },
      0,
    );
    expect(given.memberId).toMatch(/^[\w-]{22}$/);
  });

  test('the group is there after a restart, and after a kill', async () => {
    await using context = await open();
    let client = await context.client(kind);
    await join(client, 'm1', { instanceId: 'i', subscribedTopicRegex: 'in.*' });
    await commit(client, 'm1', 1);
    const before = await describeGroup(client);
    const killed = await context.openAfterKill();
    expect(await describeGroup(await killed.client(kind))).toEqual(before);
    await context.restart();
    client = await context.client(kind);
    expect(await describeGroup(client)).toEqual(before);
    expect(await beat(client, 'm1', 1, { instanceId: 'i' })).toMatchObject({ errorCode: 0 });
    await beat(client, 'm1', -1, { instanceId: 'i' });
    const { results } = await client.ask(apis.deleteGroups, { groupsNames: ['g'] });
    expect(results[0]?.errorCode).toBe(0);
    await context.restart();
    client = await context.client(kind);
    expect((await client.ask(apis.listGroups, {})).groups).toEqual([]);
    expect((await describeGroup(client)).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
  });

  test('new partitions and topics come with the next heartbeat', async () => {
    await using context = await open();
    const client = await context.client(kind);
    await join(client, 'm1', { subscribedTopicNames: null, subscribedTopicRegex: 'in.*' });
    await client.ask(apis.createPartitions, {
      topics: [{ name: 'input', count: 5, assignments: null }],
      timeoutMs: 1000,
    });
    const grown = await beat(client, 'm1', 1);
    expect([grown.memberEpoch, sharesOf(grown)]).toEqual([2, [0, 1, 2, 3, 4]]);
    await client.createTopic('inbox', 1);
    const wider = await beat(client, 'm1', 2);
    expect(wider.assignment?.topicPartitions).toHaveLength(2);
  });

  test('a silent member is given up, after the time that its group was given', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const set = (value: string) =>
      client.ask(apis.incrementalAlterConfigs, {
        resources: [
          {
            resourceType: GROUP_RESOURCE,
            resourceName: 'g',
            configs: [{ name: 'consumer.session.timeout.ms', configOperation: 0, value }],
          },
        ],
      });
    expect((await set('5')).responses[0]?.errorCode).toBe(ErrorCode.INVALID_CONFIG);
    expect((await set('120')).responses[0]?.errorCode).toBe(0);
    await join(client, 'silent');
    // Over a socket, so that the loop turns and its timers run.
    const watcher = await context.client('tcp');
    await until(async () => (await describeGroup(watcher)).groupState === 'Empty');
    expect(await beat(client, 'silent', 1)).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    });
  });

  test('a classic group becomes a consumer group while it works, and classic again', async () => {
    await using context = await open();
    const client = await context.client(kind);
    const { memberId } = await classicJoin(client, '');
    const joined = await classicJoin(client, memberId);
    expect((await classicSync(client, joined)).errorCode).toBe(0);
    expect(await commit(client, memberId, joined.generationId, 8)).toBe(0);

    expect(await join(client, 'm1')).toMatchObject({ errorCode: 0, memberEpoch: 2 });
    const mixed = await describeGroup(client);
    expect(mixed.members.map(({ memberType }) => memberType).sort()).toEqual([0, 1]);
    const classicBeat = async (generationId: number): Promise<number> =>
      (await client.ask(apis.heartbeat, { groupId: 'g', generationId, memberId })).errorCode;
    expect(await classicBeat(1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    await classicJoin(client, memberId, [0, 1, 2, 3]);
    const again = await classicJoin(client, memberId, [0, 1]);
    expect(again).toMatchObject({ errorCode: 0, generationId: 2, leader: '', members: [] });
    expect((await classicSync(client, again)).errorCode).toBe(0);
    expect(sharesOf(await beat(client, 'm1', 2))).toEqual([2, 3]);
    expect(await classicBeat(2)).toBe(0);

    await context.restart();
    const later = await context.client(kind);
    // A member of this very process ended with it.
    if (kind === 'in-process') return;
    expect((await describeGroup(later)).members).toHaveLength(2);
    expect(await beat(later, 'm1', -1)).toMatchObject({ errorCode: 0 });
    const { groups } = await later.ask(apis.describeGroups, { groups: ['g'] });
    expect(groups[0]).toMatchObject({
      groupState: 'PreparingRebalance',
      protocolType: 'consumer',
      members: [{ memberId }],
    });
    expect(await classicJoin(later, memberId)).toMatchObject({ errorCode: 0, leader: memberId });
  });

  test('groups keep to one protocol when they may not change it', async () => {
    await using context = await open({ 'group.consumer.migration.policy': 'DISABLED' });
    const client = await context.client(kind);
    const { memberId } = await classicJoin(client, '');
    await classicJoin(client, memberId);
    expect(await join(client, 'm1')).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group g is not a consumer group.',
    });
    await client.ask(apis.leaveGroup, { groupId: 'g', members: [{ memberId }] });
    expect(await join(client, 'm1')).toMatchObject({ errorCode: 0, memberEpoch: 1 });
    await beat(client, 'm1', -1);
    const back = await classicJoin(client, '');
    expect(back.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
  });

  test('without the protocol there are no consumer groups', async () => {
    await using context = await open({ 'group.coordinator.rebalance.protocols': 'classic' });
    const client = await context.client(kind);
    expect((await join(client, 'm1')).errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
  });
});

test('a share consumer is told that there are no share groups', async () => {
  await using context = await open();
  const client = await context.client('tcp');
  const { errorCode } = await client.ask(apis.shareGroupHeartbeat, {
    groupId: 'shared',
    memberId: 'm1',
    memberEpoch: 0,
    subscribedTopicNames: ['topic'],
  });
  expect(errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
});

test('group.version is a feature of the cluster', async () => {
  await using context = await open();
  const client = await context.client('tcp');
  const { finalizedFeatures } = await client.ask(apis.apiVersions, {
    clientSoftwareName: 'test',
    clientSoftwareVersion: '1',
  });
  expect(finalizedFeatures).toContainEqual({
    name: 'group.version',
    minVersionLevel: 1,
    maxVersionLevel: 1,
  });
});

/** Each look is an answered request, so that time passes by itself. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 20_000; looks += 1) if (await condition()) return;
  throw new Error('it did not happen within 20000 looks');
}
