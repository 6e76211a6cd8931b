import { expect, test } from '@jest/globals';
import { apis } from '@millrace/kafka-protocol';
import { batchOf, BrokerContext } from './broker-context.ts';
import { RequestTimes } from '../src/request-times.ts';

test('what dashboards of Kafka ask for is told by its names', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  await client.createTopic('t', 3);
  await client.createTopic('strict', 1, { 'min.insync.replicas': '2' });
  await client.produce('t', batchOf(['a']));
  await client.fetch('t', 0);
  await client.fetch('t', 99);
  const values = new Map(
    context.broker
      .metrics()
      .flatMap(({ name, samples }) =>
        samples.map(({ labels, value }) => [`${name}${JSON.stringify(labels)}`, value] as const),
      ),
  );
  const expected: readonly (readonly [string, number])[] = [
    ['kafka_server_brokertopicmetrics_totalproducerequests_total{}', 1],
    ['kafka_server_brokertopicmetrics_totalfetchrequests_total{}', 2],
    ['kafka_server_brokertopicmetrics_failedfetchrequests_total{}', 1],
    ['kafka_server_replicamanager_partitioncount{}', 4],
    ['kafka_server_replicamanager_leadercount{}', 4],
    ['kafka_server_replicamanager_underreplicatedpartitions{}', 0],
    ['kafka_server_replicamanager_underminisrpartitioncount{}', 1],
    ['kafka_controller_kafkacontroller_activecontrollercount{}', 1],
    ['kafka_controller_kafkacontroller_activebrokercount{}', 1],
    ['kafka_controller_kafkacontroller_globaltopiccount{}', 2],
    ['kafka_controller_kafkacontroller_offlinepartitionscount{}', 0],
    ['kafka_network_requestmetrics_totaltimems_count{"request":"Produce"}', 1],
  ];
  for (const [name, value] of expected) expect([name, values.get(name)]).toEqual([name, value]);
  const p99 = values.get(
    'kafka_network_requestmetrics_totaltimems{"request":"Fetch","quantile":"0.99"}',
  );
  expect(p99).toBeGreaterThan(0);
  expect(values.get('kafka_server_brokertopicmetrics_bytesin_total{}')).toBeGreaterThan(60);
});

test('topics have figures of their own, as many as may, until they are deleted', async () => {
  await using context = await BrokerContext.open({ config: { 'metrics.topics.max': '2' } });
  const client = await context.client('tcp');
  const figures = (): ReadonlyMap<string, number> =>
    new Map(
      context.broker.metrics().flatMap(({ name, samples }) =>
        samples.map(({ labels, value }) => {
          const short = name.replace('kafka_server_brokertopicmetrics_', '');
          return [`${labels['topic'] ?? ''} ${short}`, value] as const;
        }),
      ),
    );
  for (const topic of ['one', 'two', 'three']) {
    await client.createTopic(topic, 1, { 'max.message.bytes': '1000' });
    await client.produce(topic, batchOf(['a', 'b']));
  }
  await client.produce('one', batchOf(['x'.repeat(2000)]));
  await client.produce('nowhere', batchOf(['a']));
  const { records } = await client.fetch('two', 0);
  await client.fetch('two', 99);
  const now = figures();
  const expected: readonly (readonly [string, number])[] = [
    ['one messagesin_total', 2],
    ['one totalproducerequests_total', 2],
    ['one failedproducerequests_total', 1],
    ['two bytesout_total', records?.byteLength ?? 0],
    ['two totalfetchrequests_total', 2],
    ['two failedfetchrequests_total', 1],
    [' messagesin_total', 6],
    [' totalproducerequests_total', 5],
    [' failedproducerequests_total', 2],
  ];
  for (const [name, value] of expected) expect([name, now.get(name)]).toEqual([name, value]);
  expect(now.get('one bytesrejected_total')).toBeGreaterThan(2000);
  expect(now.has('three messagesin_total')).toBe(false);
  await client.ask(apis.deleteTopics, { topics: [{ name: 'one' }] });
  expect(figures().has('one messagesin_total')).toBe(false);
  await client.produce('three', batchOf(['c']));
  expect(figures().get('three messagesin_total')).toBe(1);
});

test('quantiles of request times are right within a bucket', () => {
  const times = new RequestTimes();
  for (let ms = 1; ms <= 1000; ms += 1) times.record(ms);
  expect(times.count).toBe(1000);
  expect(times.sumMs).toBe(500_500);
  for (const share of [0.1, 0.5, 0.9, 0.99]) {
    expect(times.quantileMs(share)).toBeGreaterThanOrEqual(share * 1000);
    expect(times.quantileMs(share)).toBeLessThanOrEqual(share * 1500);
  }
  expect(times.quantileMs(1)).toBe(1000);
});
