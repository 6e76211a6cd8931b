import { describe, expect, test } from '@jest/globals';
import { apis, ErrorCode, type CreateTopicsRequestTopicInput } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext, TRANSPORTS } from './broker-context.ts';

const TOPIC = 2;
const BROKER = 4;

describe.each(TRANSPORTS)('topics over %s', (kind) => {
  test('asking for an unknown topic makes it, unless somebody said no', async () => {
    await using context = await BrokerContext.open({ config: { 'num.partitions': '3' } });
    const client = await context.client(kind);
    const made = await client.ask(apis.metadata, { topics: [{ name: 'new' }] });
    expect(made.topics[0]).toMatchObject({ errorCode: 0, name: 'new', isInternal: false });
    expect(made.topics[0]?.partitions).toHaveLength(3);
    expect(made.brokers).toMatchObject([{ nodeId: 1, host: '127.0.0.1', port: context.port }]);
    expect(made.controllerId).toBe(1);
    const refused = await client.ask(apis.metadata, {
      topics: [{ name: 'other' }, { name: 'bad name' }],
      allowAutoTopicCreation: false,
    });
    expect(refused.topics.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      ErrorCode.INVALID_TOPIC_EXCEPTION,
    ]);
    const all = await client.ask(apis.metadata, { topics: null });
    expect(all.topics.map(({ name }) => name)).toEqual(['new']);
    const byId = await client.ask(apis.metadata, {
      topics: [{ name: null, topicId: made.topics[0]?.topicId ?? '' }],
    });
    expect(byId.topics[0]).toMatchObject({ errorCode: 0, name: 'new' });
  });

  test('a broker that makes no topics by itself says that there is none', async () => {
    await using context = await BrokerContext.open({
      config: { 'auto.create.topics.enable': 'false' },
    });
    const client = await context.client(kind);
    const { topics } = await client.ask(apis.metadata, { topics: [{ name: 'new' }] });
    expect(topics[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test('a topic that can not be is refused with its reason, the others are made', async () => {
    await using context = await BrokerContext.open({ config: { 'partitions.max': '20' } });
    const client = await context.client(kind);
    const refusals: readonly [Partial<CreateTopicsRequestTopicInput> & { name: string }, number][] =
      [
        [{ name: 'fine' }, ErrorCode.NONE],
        [{ name: 'fine.too', replicationFactor: 1, numPartitions: 2 }, ErrorCode.NONE],
        [{ name: 'fine_too' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
        [{ name: '' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
        [{ name: 'a/b' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
        [{ name: 'x'.repeat(250) }, ErrorCode.INVALID_TOPIC_EXCEPTION],
        [{ name: 'none', numPartitions: 0 }, ErrorCode.INVALID_PARTITIONS],
        [{ name: 'three', replicationFactor: 3 }, ErrorCode.INVALID_REPLICATION_FACTOR],
        [{ name: 'zero', replicationFactor: 0 }, ErrorCode.INVALID_REPLICATION_FACTOR],
        [{ name: 'many', numPartitions: 100 }, ErrorCode.POLICY_VIOLATION],
        [
          { name: 'assigned', assignments: [{ partitionIndex: 0, brokerIds: [1] }] },
          ErrorCode.NONE,
        ],
        [
          { name: 'elsewhere', assignments: [{ partitionIndex: 0, brokerIds: [2] }] },
          ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        ],
        [
          { name: 'odd', configs: [{ name: 'retention.ms', value: 'x' }] },
          ErrorCode.INVALID_CONFIG,
        ],
      ];
    const { topics } = await client.ask(apis.createTopics, {
      topics: refusals.map(([topic]) => topic),
    });
    const answered = new Map(topics.map(({ name, errorCode }) => [name, errorCode]));
    for (const [{ name }, errorCode] of refusals)
      expect({ name, errorCode: answered.get(name) }).toEqual({ name, errorCode });
    const again = await client.ask(apis.createTopics, { topics: [{ name: 'fine' }] });
    expect(again.topics[0]?.errorCode).toBe(ErrorCode.TOPIC_ALREADY_EXISTS);
  });

  test('all settings that are wrong are named at once', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const configs = [
      { name: 'retention.ms', value: 'soon' },
      { name: 'cleanup.polcy', value: 'compact' },
      { name: 'segment.bytes', value: '1' },
    ];
    const { topics } = await client.ask(apis.createTopics, { topics: [{ name: 't', configs }] });
    const message = topics[0]?.errorMessage ?? '';
    for (const key of ['retention.ms', 'cleanup.polcy', 'segment.bytes'])
      expect(message).toContain(key);
    expect(message).toContain('did you mean cleanup.policy?');
  });

  test('a creation that is only to be checked makes nothing', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const { topics } = await client.ask(apis.createTopics, {
      topics: [{ name: 'maybe', numPartitions: 4 }],
      validateOnly: true,
    });
    expect(topics[0]).toMatchObject({ errorCode: 0, numPartitions: 4, replicationFactor: 1 });
    expect((await client.ask(apis.metadata, { topics: null })).topics).toEqual([]);
  });

  test('a topic is deleted by name and by id, with its offsets, and can be made again', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const topicId = await client.createTopic('one');
    await client.createTopic('two');
    await client.produce('one', batchOf(['a']));
    await client.ask(apis.offsetCommit, {
      groupId: 'g',
      topics: [{ name: 'one', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }],
    });
    const { responses } = await client.ask(apis.deleteTopics, {
      topics: [{ topicId }, { name: 'two' }, { name: 'three' }],
    });
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([
      0,
      0,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect((await client.fetch('one', 0)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    const { groups } = await client.ask(apis.offsetFetch, { groups: [{ groupId: 'g' }] });
    expect(groups[0]?.topics).toEqual([]);
    expect(await client.createTopic('one')).not.toBe(topicId);
    expect(await client.fetch('one', 0)).toMatchObject({ errorCode: 0, highWatermark: 0 });
  });

  test('a fetch that waits on a topic that is deleted is answered', async () => {
    await using context = await BrokerContext.open();
    const reader = await context.client(kind);
    const admin = await context.client(kind);
    await admin.createTopic('leaving');
    const waiting = reader.fetch('leaving', 0, { maxWaitMs: 20_000 });
    await admin.ask(apis.deleteTopics, { topics: [{ name: 'leaving' }] });
    expect((await waiting).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test('partitions are added, and never taken away', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('growing', 2);
    const grow = async (name: string, count: number): Promise<number | undefined> =>
      (await client.ask(apis.createPartitions, { topics: [{ name, count }] })).results[0]
        ?.errorCode;
    expect(await grow('growing', 4)).toBe(0);
    expect(await client.produce('growing', batchOf(['a']), { partition: 3 })).toMatchObject({
      errorCode: 0,
    });
    expect(await grow('growing', 4)).toBe(ErrorCode.INVALID_PARTITIONS);
    expect(await grow('growing', 1)).toBe(ErrorCode.INVALID_PARTITIONS);
    expect(await grow('unknown', 1)).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test('settings of a topic are shown with where they come from, changed and kept', async () => {
    await using context = await BrokerContext.open({ config: { 'log.retention.hours': '1' } });
    let client = await context.client(kind);
    await client.createTopic('set', 1, { 'cleanup.policy': 'compact' });
    const show = async (key: string): Promise<unknown> => {
      const { results } = await client.ask(apis.describeConfigs, {
        resources: [{ resourceType: TOPIC, resourceName: 'set', configurationKeys: [key] }],
        includeSynonyms: true,
      });
      const [config] = results[0]?.configs ?? [];
      return [config?.value, config?.configSource, config?.synonyms.map(({ source }) => source)];
    };
    const alter = async (
      configOperation: number,
      name: string,
      value: string | null,
    ): Promise<number | undefined> => {
      const configs = [{ name, configOperation, value }];
      const { responses } = await client.ask(apis.incrementalAlterConfigs, {
        resources: [{ resourceType: TOPIC, resourceName: 'set', configs }],
      });
      return responses[0]?.errorCode;
    };
    expect(await show('retention.ms')).toEqual(['3600000', 4, [4, 5]]);
    expect(await show('cleanup.policy')).toEqual(['compact', 1, [1, 5]]);
    expect(await alter(0, 'retention.ms', '5000')).toBe(0);
    expect(await show('retention.ms')).toEqual(['5000', 1, [1, 4, 5]]);
    expect(await alter(2, 'cleanup.policy', 'delete')).toBe(0);
    expect(await show('cleanup.policy')).toEqual(['compact,delete', 1, [1, 5]]);
    expect(await alter(3, 'cleanup.policy', 'compact')).toBe(0);
    expect(await alter(2, 'retention.ms', '1')).toBe(ErrorCode.INVALID_CONFIG);
    expect(await alter(0, 'no.such.key', '1')).toBe(ErrorCode.INVALID_CONFIG);
    expect(await alter(0, 'max.message.bytes', '100')).toBe(0);
    expect((await client.produce('set', batchOf(['x'.repeat(200)]))).errorCode).toBe(
      ErrorCode.MESSAGE_TOO_LARGE,
    );
    await context.restart();
    client = await context.client(kind);
    expect(await show('retention.ms')).toEqual(['5000', 1, [1, 4, 5]]);
    expect(await alter(1, 'retention.ms', null)).toBe(0);
    expect(await show('retention.ms')).toEqual(['3600000', 4, [4, 5]]);
    const replaced = await client.ask(apis.alterConfigs, {
      resources: [
        {
          resourceType: TOPIC,
          resourceName: 'set',
          configs: [{ name: 'segment.bytes', value: '1000000' }],
        },
      ],
    });
    expect(replaced.responses[0]?.errorCode).toBe(0);
    expect(await show('cleanup.policy')).toEqual(['delete', 5, [5]]);
    expect(await show('segment.bytes')).toEqual(['1000000', 1, [1, 5]]);
  });

  test('settings of the broker are shown; those that topics inherit can be changed', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('heir');
    const alter = async (name: string, value: string): Promise<number | undefined> => {
      const configs = [{ name, configOperation: 0, value }];
      const { responses } = await client.ask(apis.incrementalAlterConfigs, {
        resources: [{ resourceType: BROKER, resourceName: '1', configs }],
      });
      return responses[0]?.errorCode;
    };
    const show = async (type: number, name: string, key: string): Promise<unknown> => {
      const { results } = await client.ask(apis.describeConfigs, {
        resources: [{ resourceType: type, resourceName: name, configurationKeys: [key] }],
      });
      const [config] = results[0]?.configs ?? [];
      return [results[0]?.errorCode, config?.value, config?.configSource, config?.readOnly];
    };
    expect(await show(BROKER, '1', 'message.max.bytes')).toEqual([0, '1048588', 5, false]);
    expect(await show(BROKER, '1', 'node.id')).toEqual([0, '1', 4, true]);
    expect(await show(BROKER, '9', 'node.id')).toEqual([
      ErrorCode.INVALID_REQUEST,
      undefined,
      undefined,
      undefined,
    ]);
    expect(await alter('message.max.bytes', '100')).toBe(0);
    expect(await alter('node.id', '7')).toBe(ErrorCode.INVALID_REQUEST);
    expect(await show(TOPIC, 'heir', 'max.message.bytes')).toEqual([0, '100', 2, false]);
    expect((await client.produce('heir', batchOf(['x'.repeat(200)]))).errorCode).toBe(
      ErrorCode.MESSAGE_TOO_LARGE,
    );
  });

  test('the cluster is described', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const described = await client.ask(apis.describeCluster, {});
    expect(described).toMatchObject({
      errorCode: 0,
      clusterId: context.broker.clusterId,
      controllerId: 1,
      brokers: [{ brokerId: 1, host: '127.0.0.1', port: context.port }],
    });
    const before = context.broker.clusterId;
    await context.restart();
    expect(context.broker.clusterId).toBe(before);
  });
});
