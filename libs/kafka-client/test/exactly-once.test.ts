import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { must, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { openBroker, type Broker } from '@millrace/broker';
import { KafkaClient } from '../src/client.ts';
import type { Consumer, ConsumerOptions } from '../src/consumer-api.ts';
import type { ConsumedRecord } from '../src/records.ts';
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
        'transaction.state.log.num.partitions': '2',
        'group.consumer.min.heartbeat.interval.ms': '20',
        'group.consumer.heartbeat.interval.ms': '20',
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

  /** Once so many can be read: the markers of a transaction follow its end. */
  async function read(
    topic: string,
    isolationLevel: 'read_committed' | 'read_uncommitted',
    count: number,
  ): Promise<string[]> {
    await using reader = client.reader({ topic, isolationLevel, fetchMaxWaitMs: 20 });
    const values: string[] = [];
    const take = (records: readonly ConsumedRecord[]): void => {
      for (const { value } of records) values.push(Buffer.from(value ?? []).toString());
    };
    while (values.length < count) take(await reader.poll({ timeoutMs: 1_000 }));
    await reader.readToEnd(take);
    return values.sort();
  }

  test('what was committed is read, what was aborted is not, and offsets go with it', async () => {
    await client.admin.createTopics([{ name: 'tx', partitions: 2 }]);
    await using producer = client.transactionalProducer({ transactionalId: 'tx', lingerMs: 0 });
    await producer.initTransactions();
    for (const [round, end] of ['commit', 'abort', 'commit', 'abort', 'commit'].entries()) {
      producer.beginTransaction();
      for (const partition of [0, 1]) {
        await producer.send([record('tx', `${end} ${round}`, partition)]);
      }
      await producer.flush();
      await producer.sendOffsetsToTransaction([{ topic: 'tx', partition: 0, offset: round }], {
        groupId: 'tx-group',
        generationId: -1,
        memberId: '',
        groupInstanceId: null,
      });
      if (end === 'commit') await producer.commitTransaction();
      else await producer.abortTransaction();
    }
    expect(await read('tx', 'read_committed', 6)).toEqual(
      [0, 0, 2, 2, 4, 4].map((round) => `commit ${round}`),
    );
    expect(await read('tx', 'read_uncommitted', 10)).toHaveLength(10);
    expect(await client.admin.listGroupOffsets('tx-group')).toMatchObject([{ offset: 4 }]);
  });

  test('offsets that nobody takes do not keep the transaction from being aborted', async () => {
    await using producer = client.transactionalProducer({ transactionalId: 'no', maxBlockMs: 100 });
    await producer.initTransactions();
    producer.beginTransaction();
    await expect(
      producer.sendOffsetsToTransaction([{ topic: 'absent', partition: 0, offset: 1 }], {
        groupId: 'tx-group',
        generationId: -1,
        memberId: '',
        groupInstanceId: null,
      }),
    ).rejects.toMatchObject({ code: 'client.transaction_pending' });
    await producer.abortTransaction();
    producer.beginTransaction();
  });

  test('nothing of an open transaction is read, nor what lies behind it', async () => {
    await client.admin.createTopics([{ name: 'open', partitions: 1 }]);
    await using producer = client.transactionalProducer({ transactionalId: 'open' });
    await using other = client.producer();
    await producer.initTransactions();
    producer.beginTransaction();
    await producer.send([record('open', 'a')]);
    await producer.flush();
    await other.send([record('open', 'b')]);
    await other.flush();
    expect(await read('open', 'read_committed', 0)).toEqual([]);
    await producer.commitTransaction();
    expect(await read('open', 'read_committed', 2)).toEqual(['a', 'b']);
  });

  test('a newer producer of the same name fences the former', async () => {
    await client.admin.createTopics([{ name: 'fence', partitions: 1 }]);
    await using former = client.transactionalProducer({ transactionalId: 'fence' });
    await former.initTransactions();
    former.beginTransaction();
    await former.send([record('fence', 'former')]);
    await former.flush();
    await using newer = client.transactionalProducer({ transactionalId: 'fence' });
    await newer.initTransactions();
    await expect(former.commitTransaction()).rejects.toMatchObject({
      code: 'client.producer_fenced',
    });
    newer.beginTransaction();
    await newer.send([record('fence', 'newer')]);
    await newer.commitTransaction();
    expect(await read('fence', 'read_committed', 1)).toEqual(['newer']);
  });

  test('consumers of the consumer protocol share the partitions and take over from each other', async () => {
    await client.admin.createTopics([{ name: 'shared', partitions: 4 }]);
    await using producer = client.producer();
    await producer.send(numbers(0, 40).map((n) => record('shared', n, Number(n) % 4)));
    await producer.flush();
    const options: ConsumerOptions = {
      groupId: 'shared',
      groupProtocol: 'consumer',
      topics: ['shared'],
      autoOffsetReset: 'earliest',
      fetchMaxWaitMs: 20,
    };
    const seen: string[] = [];
    const step = async (consumer: Consumer): Promise<void> => {
      const records = await consumer.poll({ timeoutMs: 20 });
      for (const { offset, partition, topic, value } of records) {
        seen.push(Buffer.from(value ?? []).toString());
        await consumer.commit([{ topic, partition, offset: offset + 1 }]);
      }
    };
    const first = client.consumer(options);
    while (first.assignment().length < 4) await step(first);
    await using second = client.consumer(options);
    while (second.assignment().length < 2 || first.assignment().length !== 2) {
      await Promise.all([step(first), step(second)]);
    }
    expect((await client.operations.describeConsumerGroups(['shared']))[0]?.members).toHaveLength(
      2,
    );
    await first.close();
    while (second.assignment().length < 4 || seen.length < 40) await step(second);
    expect(new Set(seen).size).toBe(40);
    expect(seen).toHaveLength(40);
  });

  test.each(['none', 'earliest'] as const)(
    'a position whose epoch ended before it was truncated away (auto.offset.reset=%s)',
    async (autoOffsetReset) => {
      const topic = `cut-${autoOffsetReset}`;
      await client.admin.createTopics([{ name: topic, partitions: 1 }]);
      await using producer = client.producer();
      await producer.send(numbers(0, 3).map((n) => record(topic, n)));
      await producer.flush();
      const group = `${topic}-group`;
      await client.admin.alterGroupOffsets(group, [
        { topic, partition: 0, offset: 100, leaderEpoch: 0 },
      ]);
      await using consumer = client.consumer({
        groupId: group,
        topics: [topic],
        autoOffsetReset,
        fetchMaxWaitMs: 20,
      });
      const at = { topic, partition: 0 };
      const untilCut = async (): Promise<void> => {
        while (consumer.position(at) !== 3) await consumer.poll({ timeoutMs: 20 });
      };
      if (autoOffsetReset === 'none') {
        await expect(untilCut()).rejects.toMatchObject({
          code: 'client.log_truncated',
          context: { endOffset: 3, offset: 100 },
        });
      } else await untilCut();
    },
  );

  test('many partitions are fetched in a session', async () => {
    await client.admin.createTopics([{ name: 'many', partitions: 40 }]);
    await using producer = client.producer();
    await using reader = client.reader({ topic: 'many', fetchMaxWaitMs: 20 });
    const seen: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      await producer.send(numbers(0, 40).map((n) => record('many', `${round}-${n}`, Number(n))));
      await producer.flush();
      while (seen.length < (round + 1) * 40) {
        for (const { value } of await reader.poll({ timeoutMs: 1_000 })) {
          seen.push(Buffer.from(value ?? []).toString());
        }
      }
    }
    expect(new Set(seen).size).toBe(120);
  });
});
