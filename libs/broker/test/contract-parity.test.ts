import { expect, test } from '@jest/globals';
import { apis, type Api } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext, TRANSPORTS, type RawClient } from './broker-context.ts';

test('both transports serve the same apis in the same versions', async () => {
  await using context = await BrokerContext.open();
  const [tcp, inProcess] = await Promise.all(TRANSPORTS.map((kind) => context.client(kind)));
  const versionsOf = (client: RawClient | undefined): unknown[] =>
    [...(client?.connection.versions ?? [])].map(([key, { max }]) => [key, max]);
  expect(versionsOf(inProcess).length).toBeGreaterThanOrEqual(25);
  expect(versionsOf(tcp)).toEqual(versionsOf(inProcess));
});

test('the same question gets the same answer over both transports', async () => {
  await using context = await BrokerContext.open();
  const clients = await Promise.all(TRANSPORTS.map((kind) => context.client(kind)));
  const [setUp] = clients;
  await setUp?.createTopic('t', 2);
  await setUp?.produce('t', batchOf(['a', 'b']));
  await setUp?.ask(apis.offsetCommit, {
    groupId: 'g',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }],
  });
  const partitions = [{ partitionIndex: 0 }];
  const ask = async <Req, Res, ReqInput, ResInput>(
    api: Api<Req, Res, ReqInput, ResInput>,
    request: NoInfer<ReqInput>,
  ): Promise<void> => {
    const answers = await Promise.all(clients.map((client) => client.ask(api, request)));
    expect(answers).toHaveLength(2);
    const [overTcp, inProcess] = answers.map((answer) => ({
      api: api.name,
      answer: plain(answer),
    }));
    expect(inProcess).toEqual(overTcp);
  };
  await ask(apis.apiVersions, { clientSoftwareName: 'x', clientSoftwareVersion: '1' });
  await ask(apis.apiVersions, { clientSoftwareName: '?', clientSoftwareVersion: '' });
  await ask(apis.metadata, { topics: null });
  await ask(apis.metadata, { topics: [{ name: 'nope' }], allowAutoTopicCreation: false });
  await ask(apis.describeCluster, {});
  await ask(apis.describeCluster, { endpointType: 2 });
  await ask(apis.findCoordinator, { coordinatorKeys: ['g', 'h'] });
  await ask(apis.listOffsets, {
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  });
  await ask(apis.offsetForLeaderEpoch, {
    topics: [{ topic: 't', partitions: [{ partition: 0, leaderEpoch: 0 }] }],
  });
  await ask(apis.offsetFetch, { groups: [{ groupId: 'g' }, { groupId: 'none' }] });
  await ask(apis.describeGroups, { groups: ['g', 'none'] });
  await ask(apis.listGroups, {});
  await ask(apis.deleteGroups, { groupsNames: ['none'] });
  await ask(apis.heartbeat, { groupId: 'g', generationId: 1, memberId: 'm' });
  await ask(apis.syncGroup, { groupId: 'g', generationId: 1, memberId: 'm' });
  await ask(apis.leaveGroup, { groupId: 'g', members: [{ memberId: 'm' }] });
  await ask(apis.describeConfigs, {
    resources: [
      { resourceType: 2, resourceName: 't' },
      { resourceType: 4, resourceName: '1' },
      { resourceType: 2, resourceName: 'nope' },
    ],
    includeSynonyms: true,
    includeDocumentation: true,
  });
  await ask(apis.createTopics, { topics: [{ name: 't' }, { name: '!' }] });
  await ask(apis.createPartitions, { topics: [{ name: 't', count: 1 }] });
  await ask(apis.deleteTopics, { topics: [{ name: 'nope' }] });
  await ask(apis.deleteRecords, {
    topics: [{ name: 't', partitions: [{ ...partitions[0], partitionIndex: 7, offset: 0 }] }],
  });
  await ask(apis.initProducerId, { transactionalId: '' });
  await ask(apis.produce, {
    acks: -1,
    topicData: [{ name: 'nope', partitionData: [{ index: 0, records: batchOf(['v']) }] }],
  });
  const topicId = (await setUp?.ask(apis.metadata, { topics: [{ name: 't' }] }))?.topics[0]
    ?.topicId;
  await ask(apis.fetch, {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [
      {
        topicId: topicId ?? '',
        topic: 't',
        partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
      },
    ],
  });
});

/** Bytes as text, whichever class holds them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
