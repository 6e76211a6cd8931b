import { describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext, TRANSPORTS } from './broker-context.ts';

const METADATA = '__cluster_metadata';

describe.each(TRANSPORTS)('administration over %s', (kind) => {
  test('partitions are described in pages, by the names of their topics', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('b', 3);
    await client.createTopic('a', 1);
    const first = await client.ask(apis.describeTopicPartitions, {
      topics: [],
      responsePartitionLimit: 2,
    });
    expect(first.topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(first.topics[0]?.partitions[0]).toMatchObject({
      ...{ errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 0, replicaNodes: [1] },
      ...{ isrNodes: [1], eligibleLeaderReplicas: [], lastKnownElr: [], offlineReplicas: [] },
    });
    expect(first.nextCursor).toEqual({ topicName: 'b', partitionIndex: 1 });
    const rest = await client.ask(apis.describeTopicPartitions, {
      topics: [{ name: 'nope' }, { name: 'b' }, { name: 'a' }],
      cursor: first.nextCursor,
    });
    expect(rest.topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['b', 0],
      ['nope', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ]);
    expect(rest.topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([1, 2]);
    expect(rest.nextCursor).toBeNull();
  });

  test('the quorum is this node, and its log grows with each change', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const ask = async (): Promise<{ leaderEpoch: number; highWatermark: number }> => {
      const { topics, nodes } = await client.ask(apis.describeQuorum, {
        topics: [{ topicName: METADATA, partitions: [{ partitionIndex: 0 }] }],
      });
      expect(nodes[0]).toMatchObject({ nodeId: 1, listeners: [{ name: 'CONTROLLER' }] });
      const partition = topics[0]?.partitions[0];
      expect(partition).toMatchObject({ errorCode: 0, leaderId: 1, observers: [] });
      expect(partition?.currentVoters).toHaveLength(1);
      return { leaderEpoch: -1, highWatermark: -1, ...partition };
    };
    const before = await ask();
    await client.createTopic('t');
    const after = await ask();
    expect(after.leaderEpoch).toBe(before.leaderEpoch);
    expect(after.highWatermark).toBe(before.highWatermark + 2);
    const other = await client.ask(apis.describeQuorum, {
      topics: [{ topicName: 't', partitions: [{ partitionIndex: 0 }] }],
    });
    expect(other.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test('features are told with their levels, which only change as their rules allow', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const features = async (version: number): Promise<[string, number][]> => {
      const { finalizedFeatures, finalizedFeaturesEpoch } = await client.ask(
        apis.apiVersions,
        { clientSoftwareName: 'x', clientSoftwareVersion: '1' },
        version,
      );
      expect(finalizedFeaturesEpoch).toBeGreaterThan(0);
      return finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]);
    };
    expect(await features(4)).toContainEqual(['metadata.version', 27]);
    const elr = 'eligible.leader.replicas.version';
    const update = (
      feature: string,
      maxVersionLevel: number,
      upgradeType = 1,
      validateOnly = false,
    ): Promise<{ errorCode: number; errorMessage: string | null }> =>
      client.ask(apis.updateFeatures, {
        featureUpdates: [{ feature, maxVersionLevel, upgradeType }],
        validateOnly,
      });
    for (const refused of [
      await update('nope', 1),
      await update('metadata.version', 28),
      await update(elr, 0),
      await update(elr, -1),
      await update('kraft.version', 0, 3),
    ])
      expect(refused.errorCode).toBe(ErrorCode.INVALID_UPDATE_VERSION);
    expect((await update(elr, 0, 2, true)).errorCode).toBe(0);
    expect(await features(4)).toContainEqual([elr, 1]);
    expect((await update(elr, 0, 2)).errorCode).toBe(0);
    expect(await features(4)).not.toContainEqual([elr, 1]);
    expect((await update(elr, 1)).errorCode).toBe(0);
  });

  test('there is nothing to elect, and nowhere to move a replica', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('t', 2);
    const elected = await client.ask(apis.electLeaders, {
      topicPartitions: [{ topic: 't', partitions: [0, 7] }],
    });
    expect(
      elected.replicaElectionResults[0]?.partitionResult.map(({ errorCode }) => errorCode),
    ).toEqual([ErrorCode.ELECTION_NOT_NEEDED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]);
    const all = await client.ask(apis.electLeaders, { topicPartitions: null });
    expect(all.replicaElectionResults).toEqual([{ topic: 't', partitionResult: [] }]);
    const { responses } = await client.ask(apis.alterPartitionReassignments, {
      topics: [
        {
          name: 't',
          partitions: [
            { partitionIndex: 0, replicas: [1] },
            { partitionIndex: 1, replicas: [2] },
            { partitionIndex: 1, replicas: null },
          ],
        },
      ],
    });
    expect(responses[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.NONE,
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
    ]);
    expect((await client.ask(apis.listPartitionReassignments, {})).topics).toEqual([]);
  });

  test('resources with settings are listed by their types', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('t');
    const { configResources } = await client.ask(apis.listConfigResources, {});
    expect(configResources).toEqual([
      { resourceName: '1', resourceType: 8 },
      { resourceName: '1', resourceType: 4 },
      { resourceName: 't', resourceType: 2 },
    ]);
    const unknown = await client.ask(apis.listConfigResources, { resourceTypes: [99] });
    expect(unknown.errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
  });

  test('the log of the quorum is no topic that clients can make or delete', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    const { topics } = await client.ask(apis.createTopics, { topics: [{ name: METADATA }] });
    expect(topics[0]?.errorCode).toBe(ErrorCode.INVALID_REQUEST);
    await client.ask(apis.metadata, { topics: [{ name: METADATA }] });
    await client.ask(apis.deleteTopics, { topics: [{ name: METADATA }] });
    await client.createTopic('t');
    await context.restart();
    const again = await context.client(kind);
    expect((await again.ask(apis.metadata, { topics: null })).topics).toHaveLength(1);
  });
});

test('a stop that was not clean raises the leader epoch of each partition, a clean one does not', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  await client.createTopic('t', 2);
  await client.produce('t', batchOf(['a']));
  await context.restart();
  const epochs = async (of: BrokerContext): Promise<number[]> => {
    const { topics } = await (await of.client('tcp')).ask(apis.metadata, { topics: null });
    return topics.flatMap(({ partitions }) => partitions.map(({ leaderEpoch }) => leaderEpoch));
  };
  expect(await epochs(context)).toEqual([0, 0]);
  const killed = await context.openAfterKill();
  expect(await epochs(killed)).toEqual([1, 1]);
  expect((await (await killed.client('tcp')).fetch('t', 0)).highWatermark).toBe(1);
});

test('the topics of a release without a metadata log are taken over once, with their records', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-legacy-'));
  try {
    const topicId = 'abcdefghijklmnopqrstug';
    const path = join(folder, 'cluster-metadata.json');
    const records = [
      { kind: 'leader-epoch-bumped', leaderEpoch: 3 },
      { kind: 'producer-ids-reserved', nextProducerId: 5000 },
      { kind: 'broker-configured', configs: { 'log.retention.ms': '60000' } },
      {
        kind: 'topic-created',
        name: 'old',
        topicId,
        partitionCount: 2,
        configs: { 'retention.ms': '77' },
      },
    ];
    const document = { format: 'millrace-cluster-metadata', version: 1, records };
    await writeFile(path, JSON.stringify(document));
    await using context = await BrokerContext.open({ folder });
    const client = await context.client('tcp');
    const { topics } = await client.ask(apis.metadata, { topics: null });
    expect(topics[0]).toMatchObject({ name: 'old', topicId });
    // There is no mark of a clean stop.
    expect(topics[0]?.partitions.map(({ leaderEpoch }) => leaderEpoch)).toEqual([4, 4]);
    expect((await client.ask(apis.initProducerId, { transactionalId: null })).producerId).toBe(
      5000,
    );
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.migrated`)).toBe(true);
    await context.restart();
    const again = await context.client('tcp');
    expect((await again.ask(apis.metadata, { topics: null })).topics).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
