import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { must, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { openBroker, type Broker } from '@millrace/broker';
import { findBatchProblem, readBatchHeader } from '@millrace/kafka-protocol';
import { KafkaClient } from '../src/client.ts';
import type { Consumer } from '../src/consumer-api.ts';
import { TcpTransport } from '../src/tcp-transport.ts';
import { numbers, record } from './open-client.ts';

const ports = { clock: systemClock, random: systemRandom, log: silentLogger };

describe.each(['tcp', 'in-process'] as const)('against our broker, %s', (kind) => {
  let folder: string;
  let broker: Broker;
  let client: KafkaClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-client-'));
    broker = await openBroker({
      config: {
        'log.dirs': folder,
        listeners: 'PLAINTEXT://127.0.0.1:0',
        'group.initial.rebalance.delay.ms': '0',
        'offsets.topic.num.partitions': '2',
      },
    });
    const address = must(broker.addresses[0], 'the broker listens');
    client = new KafkaClient({
      bootstrap: [{ host: '127.0.0.1', port: address.port }],
      transport:
        kind === 'tcp'
          ? new TcpTransport({ clientId: 'test', ...ports })
          : broker.transport('test'),
      ...ports,
      retryBackoffMs: 10,
    });
  });

  afterAll(async () => {
    await client.close();
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  });

  function consume(
    topic: string,
    groupId: string,
    assignor: 'range' | 'cooperative-sticky',
  ): Consumer {
    return client.consumer({
      groupId,
      topics: [topic],
      autoOffsetReset: 'earliest',
      assignors: [assignor],
      heartbeatIntervalMs: 20,
      fetchMaxWaitMs: 20,
    });
  }

  test('what is wanted during a long poll does not wait for its end', async () => {
    await using producer = client.producer();
    const { delivered } = await producer.send([record('hurried', 'early')]);
    await delivered;
    await using reader = client.reader({ topic: 'hurried', from: 'latest' });
    expect(await reader.poll({ timeoutMs: 100 })).toEqual([]);
    reader.seek(0, 0);
    const startedMs = performance.now();
    expect(await reader.poll({ timeoutMs: 20_000 })).toHaveLength(1);
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'records produced with %s come back whole',
    async (compression) => {
      const topic = `codec-${compression}`;
      await client.admin.createTopics([{ name: topic, partitions: 1 }]);
      await using producer = client.producer({ compression });
      const sent = numbers(0, 500).map((value) => ({
        topic,
        partition: 0,
        key: Number(value) % 3 === 0 ? null : Buffer.from(`key ${value}`),
        value: Number(value) % 5 === 0 ? null : Buffer.from(`value ${value}`),
        timestampMs: 1_700_000_000_000 + Number(value),
        headers: [
          { key: 'é', value: Buffer.from(value) },
          { key: 'none', value: null },
        ],
      }));
      const { delivered } = await producer.send(sent);
      expect(await delivered).toEqual({ failures: [] });
      await using reader = client.reader({ topic });
      const read: unknown[] = [];
      await reader.readToEnd((records) => {
        for (const { headers, key, offset, timestampMs, timestampType, value } of records) {
          read.push({
            offset,
            timestampMs,
            timestampType,
            key: key === null ? null : Buffer.from(key).toString(),
            value: value === null ? null : Buffer.from(value).toString(),
            headers: headers.map((one) => [
              one.key,
              one.value && Buffer.from(one.value).toString(),
            ]),
          });
        }
      });
      expect(read).toEqual(
        sent.map(({ key, timestampMs, value }, index) => ({
          offset: index,
          timestampMs,
          timestampType: 'create',
          key: key && key.toString(),
          value: value && value.toString(),
          headers: [
            ['é', String(index)],
            ['none', null],
          ],
        })),
      );
    },
  );

  test('many producers and partitions: every record once, in the order of its partition', async () => {
    await client.admin.createTopics([{ name: 'many', partitions: 4 }]);
    const producers = Array.from({ length: 3 }, () =>
      client.producer({ lingerMs: 0, batchBytes: 500 }),
    );
    await Promise.all(
      producers.map(async (producer, index) => {
        for (let at = 0; at < 50; at += 1) {
          await producer.send(
            numbers(at * 20, at * 20 + 20).map((n) =>
              record('many', `${index} ${n}`, Number(n) % 4),
            ),
          );
        }
        await producer.close();
      }),
    );
    await using reader = client.reader({ topic: 'many' });
    const last = new Map<string, number>();
    let count = 0;
    await reader.readToEnd((records) => {
      for (const { partition, value } of records) {
        const [producer = '', n = ''] = Buffer.from(value ?? [])
          .toString()
          .split(' ');
        const key = `${producer} ${partition}`;
        expect(Number(n)).toBe((last.get(key) ?? partition - 4) + 4);
        last.set(key, Number(n));
        count += 1;
      }
    });
    expect(count).toBe(3_000);
  });

  test.each(['range', 'cooperative-sticky'] as const)(
    'two members (%s) share the partitions; when one leaves, the other goes on where it committed',
    async (assignor) => {
      const topic = `group-${assignor}`;
      await client.admin.createTopics([{ name: topic, partitions: 4 }]);
      await using producer = client.producer({ lingerMs: 0 });
      await producer.send(numbers(0, 400).map((n) => record(topic, n, Number(n) % 4)));
      await producer.flush();
      const seen: string[] = [];
      const a = consume(topic, `g-${assignor}`, assignor);
      const b = consume(topic, `g-${assignor}`, assignor);
      const step = async (consumer: Consumer): Promise<void> => {
        const records = await consumer.poll({ timeoutMs: 30 });
        const offsets = new Map(records.map((one) => [one.partition, one.offset + 1]));
        try {
          await consumer.commit(
            [...offsets].map(([partition, offset]) => ({ topic, partition, offset })),
          );
          seen.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
        } catch (error) {
          expect(error).toMatchObject({ code: 'client.rebalance_in_progress' });
          for (const { offset, partition } of [...records].reverse()) {
            if (consumer.assignment().some((one) => one.partition === partition)) {
              consumer.seek({ topic, partition }, offset);
            }
          }
        }
      };
      while (seen.length < 400) await step(a);
      while (a.assignment().length !== 2 || b.assignment().length !== 2) {
        await Promise.all([step(a), step(b)]);
      }
      await producer.send(numbers(400, 600).map((n) => record(topic, n, Number(n) % 4)));
      while (seen.length < 600) await Promise.all([step(a), step(b)]);
      await b.close();
      while (a.assignment().length < 4) await step(a);
      await producer.send(numbers(600, 700).map((n) => record(topic, n, Number(n) % 4)));
      while (seen.length < 700) await step(a);
      await a.close();
      expect([...seen].sort((x, y) => Number(x) - Number(y))).toEqual(numbers(0, 700));
      expect(await client.admin.listGroupOffsets(`g-${assignor}`)).toHaveLength(4);
    },
  );

  test('the admin creates, describes, alters, grows and deletes topics', async () => {
    const { admin } = client;
    expect(
      await admin.createTopics([
        { name: 'a', partitions: 2, configs: { 'cleanup.policy': 'compact' } },
        { name: 'bad name', partitions: 1 },
      ]),
    ).toMatchObject([{ name: 'a' }, { name: 'bad name', error: { code: expect.any(String) } }]);
    expect(await admin.createTopics([{ name: 'a', partitions: 2 }])).toMatchObject([
      { error: { code: 'kafka.topic_already_exists' } },
    ]);
    expect(await admin.describeTopics(['a', 'absent'])).toMatchObject([
      { name: 'a', partitions: [{ partition: 0, isr: [expect.any(Number)] }, { partition: 1 }] },
    ]);
    const configs = await admin.describeConfigs([{ type: 'topic', name: 'a' }]);
    expect(configs[0]?.entries).toContainEqual(
      expect.objectContaining({ name: 'cleanup.policy', value: 'compact', isDefault: false }),
    );
    expect(
      await admin.incrementalAlterConfigs([
        { resource: { type: 'topic', name: 'a' }, set: { 'retention.ms': '1000' } },
      ]),
    ).toEqual([{ name: 'a', error: undefined }]);
    expect(await admin.createPartitions([{ name: 'a', total: 3 }])).toEqual([
      { name: 'a', error: undefined },
    ]);
    expect((await admin.describeTopics(['a']))[0]?.partitions).toHaveLength(3);
    expect((await admin.listTopics()).map(({ name }) => name)).toContain('a');
    expect(await admin.deleteTopics(['a', 'absent'])).toMatchObject([
      { name: 'a', error: undefined },
      { name: 'absent', error: { code: 'kafka.unknown_topic_or_partition' } },
    ]);
    expect((await admin.listTopics()).map(({ name }) => name)).not.toContain('a');
    expect(await client.clusterId()).toBe(broker.clusterId);
  });

  test('offsets are found by name and time; those of groups can be altered and deleted', async () => {
    const { admin } = client;
    await admin.createTopics([{ name: 'offsets', partitions: 1 }]);
    await using producer = client.producer();
    const { delivered } = await producer.send(
      [1_000, 2_000, 3_000].map((timestampMs) => ({ ...record('offsets', 'x'), timestampMs })),
    );
    expect(await delivered).toEqual({ failures: [] });
    const at = (timestamp: number | 'earliest' | 'latest'): object => ({
      topic: 'offsets',
      partition: 0,
      timestamp,
    });
    const found = await admin.listOffsets(
      [at('earliest'), at('latest')].map((query) => query as never),
    );
    expect(found.map(({ offset }) => offset)).toEqual([0, 3]);
    await admin.alterGroupOffsets('altered', [{ topic: 'offsets', partition: 0, offset: 2 }]);
    expect(await admin.listGroupOffsets('altered')).toMatchObject([{ offset: 2 }]);
    expect(await admin.listGroups()).toContainEqual(
      expect.objectContaining({ groupId: 'altered' }),
    );
    expect(await admin.deleteGroups(['altered', 'absent'])).toMatchObject([
      { name: 'altered', error: undefined },
      { name: 'absent', error: { code: 'kafka.group_id_not_found' } },
    ]);
    expect(await admin.listGroupOffsets('altered')).toEqual([]);
  });

  test('raw batches are copied to another topic byte for byte', async () => {
    await client.admin.createTopics([
      { name: 'raw-from', partitions: 1 },
      { name: 'raw-to', partitions: 1 },
    ]);
    await using producer = client.producer({ compression: 'gzip' });
    const { delivered } = await producer.send(numbers(0, 10).map((n) => record('raw-from', n)));
    expect(await delivered).toEqual({ failures: [] });
    await using raw = client.raw();
    const fetch = { partition: 0, offset: 0 };
    const [fetched] = await raw.fetchRaw([{ topic: 'raw-from', ...fetch }]);
    const batch = must(fetched, 'one answer for one item').records;
    expect(findBatchProblem(batch, 0)).toBeUndefined();
    const [produced] = await raw.produceRaw([
      { topic: 'raw-to', partition: 0, batch: batch.slice() },
    ]);
    expect(produced).toMatchObject({ baseOffset: 0, error: undefined });
    const [copied] = await raw.fetchRaw([{ topic: 'raw-to', ...fetch }]);
    expect(copied).toMatchObject({ highWatermark: 10, error: undefined });
    const copy = must(copied, 'one answer for one item').records;
    expect(readBatchHeader(copy, 0)).toEqual(readBatchHeader(batch, 0));
    expect(Buffer.from(copy).equals(Buffer.from(batch))).toBe(true);
  });

  test('a producer goes on when a topic is deleted and made anew under its name', async () => {
    await using producer = client.producer({ lingerMs: 0 });
    for (const round of ['first', 'second', 'third']) {
      await client.admin.createTopics([{ name: 'renewed', partitions: 12 }]);
      const { delivered } = await producer.send([record('renewed', round, 3)]);
      expect(await delivered).toEqual({ failures: [] });
      const reader = client.reader({ topic: 'renewed' });
      const read: string[] = [];
      await reader.readToEnd((records) => {
        for (const { value } of records) read.push(Buffer.from(value ?? []).toString());
      });
      expect(read).toEqual([round]);
      // A reader that looks for its topic would have it made anew, with one partition.
      await reader.close();
      await client.admin.deleteTopics(['renewed']);
    }
  });
});
