import { expect, test } from '@jest/globals';
import { silentLogger } from '@millrace/foundation';
import { ensureTopic, type TopicMaker } from '../src/stores/topics.ts';
import { BrokerBed } from './broker-bed.ts';

test('a single broker holds what it can; of several one may be away, and the topic would lack it for ever', async () => {
  await using bed = await BrokerBed.open('in-process');
  const { admin } = bed.client;
  const cluster = await admin.describeCluster();
  const replicasAskedFor = async (
    brokerCount: number,
    wanted: { readonly replicationFactor: number; readonly mayLackReplicas?: boolean },
  ): Promise<number | undefined> => {
    let asked: number | undefined;
    const maker: TopicMaker['admin'] = {
      describeTopics: () => Promise.resolve([]),
      describeCluster: () =>
        Promise.resolve({
          ...cluster,
          brokers: Array.from({ length: brokerCount }, () => cluster.brokers).flat(),
        }),
      createTopics: ([topic]) => {
        asked = topic?.replicationFactor;
        return Promise.resolve([]);
      },
    };
    await ensureTopic({ admin: maker }, { name: 't', partitions: 1, ...wanted }, silentLogger);
    return asked;
  };
  expect(await replicasAskedFor(1, { replicationFactor: 3 })).toBe(1);
  expect(await replicasAskedFor(2, { replicationFactor: 3 })).toBe(3);
  expect(await replicasAskedFor(2, { replicationFactor: 3, mayLackReplicas: true })).toBe(2);
  expect(await replicasAskedFor(5, { replicationFactor: 3 })).toBe(3);
  expect(await replicasAskedFor(2, { replicationFactor: -1 })).toBe(-1);
});
