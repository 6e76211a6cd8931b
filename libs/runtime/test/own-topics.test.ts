import { expect, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { OwnTopics } from '../src/tasks/own-topics.ts';
import { BrokerBed } from './broker-bed.ts';

const { signal } = new AbortController();
const bytes = (text: string): Buffer => Buffer.from(text);

test.each(['in-process', 'port'] as const)(
  'a connector reads and writes a topic of its own, %s',
  async (kind) => {
    await using bed = await BrokerBed.open(kind);
    const topics = new OwnTopics({
      client: bed.client,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
    });
    await using log = topics.open('own');
    // It is not there, and asking does not make it.
    expect(await log.read(0, 0, signal)).toEqual({ records: [], nextOffset: 0 });
    expect(await log.end(signal)).toBe(0);
    await log.ensure({ 'cleanup.policy': 'delete' }, signal);
    await log.ensure({ 'cleanup.policy': 'delete' }, signal);
    expect(await log.read(0, 0, signal)).toEqual({ records: [], nextOffset: 0 });
    await log.append(
      [
        { key: bytes('a'), value: bytes('1') },
        { key: null, value: null },
      ],
      signal,
    );
    const first = await log.read(0, 0, signal);
    expect(first.records.map(({ offset, value }) => [offset, value?.toString()])).toEqual([
      [0, '1'],
      [1, undefined],
    ]);
    expect(first.nextOffset).toBe(2);
    await log.append([{ key: null, value: bytes('3') }], signal);
    const second = await log.read(first.nextOffset, 0, signal);
    expect(second.records.map(({ value }) => value?.toString())).toEqual(['3']);
    expect((await log.read(1, 5000, signal)).records.map(({ offset }) => offset)).toEqual([1, 2]);
    expect(await log.end(signal)).toBe(3);
  },
);

test('a cluster of its own is reached by its address', async () => {
  await using bed = await BrokerBed.open('in-process');
  await using elsewhere = await BrokerBed.open('in-process');
  const topics = new OwnTopics({
    client: bed.client,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  });
  const { brokers, clusterId } = await elsewhere.client.admin.describeCluster();
  const bootstrapServers = brokers.map(({ host, port }) => `${host}:${port}`).join(',');
  await using log = topics.open('own', { bootstrapServers });
  await log.ensure({}, signal);
  await log.append([{ key: null, value: bytes('x') }], signal);
  expect(await elsewhere.client.admin.describeTopics(['own'])).toHaveLength(1);
  // On a log that is given to the tests both are the same cluster.
  const isOne = (await bed.client.admin.describeCluster()).clusterId === clusterId;
  expect(await bed.client.admin.describeTopics(['own'])).toHaveLength(isOne ? 1 : 0);
});
