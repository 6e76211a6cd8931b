import { expect, test } from '@jest/globals';
import {
  Admin as PlatformaticAdmin,
  Consumer as PlatformaticConsumer,
  Producer as PlatformaticProducer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { Kafka, logLevel, Partitioners, CompressionTypes, type Consumer } from 'kafkajs';
import { BrokerContext } from './broker-context.ts';

/** Clients, stopped before the broker that they talk to: declare it after the context. */
class Clients implements AsyncDisposable {
  readonly #stops: (() => unknown)[] = [];

  push(...stops: (() => unknown)[]): void {
    this.#stops.push(...stops);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}

function kafkaJs(context: BrokerContext): Kafka {
  return new Kafka({ brokers: [context.bootstrap], logLevel: logLevel.NOTHING, clientId: 'js' });
}

/** Resolves with everything read once `count` messages came. */
async function readAll(
  consumer: Consumer,
  topic: string,
  count: number,
): Promise<readonly { partition: number; value: string }[]> {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const read: { partition: number; value: string }[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: ({ partition, message }) => {
          read.push({ partition, value: message.value?.toString() ?? '' });
          if (read.length === count) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  return read;
}

test('KafkaJS creates, produces, consumes in a group, commits and administers', async () => {
  await using context = await BrokerContext.open();
  await using stops = new Clients();
  const kafka = kafkaJs(context);
  const admin = kafka.admin();
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
  });
  const consumer = kafka.consumer({ groupId: 'readers' });
  stops.push(
    () => consumer.disconnect(),
    () => producer.disconnect(),
    () => admin.disconnect(),
  );
  await admin.connect();
  await producer.connect();
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] });
  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    await producer.send({
      topic: 'orders',
      compression,
      messages: Array.from({ length: 50 }, (_, index) => ({
        key: `k${index}`,
        value: `v${index}`,
        headers: { h: 'x' },
      })),
    });
  }
  const read = await readAll(consumer, 'orders', 100);
  expect(new Set(read.map(({ value }) => value)).size).toBe(50);
  const groups = await admin.describeGroups(['readers']);
  expect(groups.groups[0]).toMatchObject({ state: 'Stable', protocolType: 'consumer' });
  await consumer.disconnect();
  const ends = await admin.fetchTopicOffsets('orders');
  const [committed] = await admin.fetchOffsets({ groupId: 'readers', topics: ['orders'] });
  expect(committed?.partitions.map(({ partition, offset }) => [partition, offset]).sort()).toEqual(
    ends.map(({ partition, offset }) => [partition, offset]).sort(),
  );
  expect((await admin.describeCluster()).controller).toBe(1);
  await admin.createPartitions({ topicPartitions: [{ topic: 'orders', count: 5 }] });
  const metadata = await admin.fetchTopicMetadata({ topics: ['orders'] });
  expect(metadata.topics[0]?.partitions).toHaveLength(5);
  await admin.deleteTopicRecords({ topic: 'orders', partitions: [{ partition: 0, offset: '-1' }] });
  await admin.deleteGroups(['readers']);
  await admin.deleteTopics({ topics: ['orders'] });
  expect(await admin.listTopics()).not.toContain('orders');
});

test('two KafkaJS consumers share the partitions, and the one that stays gets them all', async () => {
  await using context = await BrokerContext.open();
  await using stops = new Clients();
  const kafka = kafkaJs(context);
  const admin = kafka.admin();
  await admin.connect();
  stops.push(() => admin.disconnect());
  await admin.createTopics({ topics: [{ topic: 'shared', numPartitions: 4 }] });
  const shares = new Map<string, readonly number[]>();
  let onChange: () => void = () => undefined;
  const startConsumer = async (name: string): Promise<Consumer> => {
    const consumer = kafka.consumer({
      groupId: 'sharers',
      maxWaitTimeInMs: 100,
      heartbeatInterval: 100,
      sessionTimeout: 6000,
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      shares.set(name, payload.memberAssignment['shared'] ?? []);
      onChange();
    });
    await consumer.connect();
    await consumer.subscribe({ topic: 'shared' });
    await consumer.run({ eachMessage: () => Promise.resolve() });
    return consumer;
  };
  const settled = async (wanted: readonly number[]): Promise<void> => {
    for (;;) {
      const counts = [...shares.values()].map((share) => share.length).sort();
      if (JSON.stringify(counts) === JSON.stringify(wanted)) return;
      await new Promise<void>((resolve) => {
        onChange = resolve;
      });
    }
  };
  const first = await startConsumer('first');
  stops.push(() => first.disconnect());
  await settled([4]);
  const second = await startConsumer('second');
  await settled([2, 2]);
  shares.delete('second');
  await second.disconnect();
  await settled([4]);
});

test('@platformatic/kafka produces, consumes in a group and commits', async () => {
  await using context = await BrokerContext.open();
  await using stops = new Clients();
  const bootstrapBrokers = [context.bootstrap];
  const admin = new PlatformaticAdmin({ clientId: 'admin', bootstrapBrokers });
  const producer = new PlatformaticProducer({
    clientId: 'producer',
    bootstrapBrokers,
    serializers: stringSerializers,
    idempotent: true,
  });
  const consumer = new PlatformaticConsumer({
    clientId: 'consumer',
    groupId: 'platform',
    bootstrapBrokers,
    deserializers: stringDeserializers,
    heartbeatInterval: 500,
    sessionTimeout: 6000,
    rebalanceTimeout: 6000,
  });
  stops.push(
    () => admin.close(),
    () => producer.close(),
    () => consumer.close(true),
  );
  await admin.createTopics({ topics: ['events'], partitions: 2, replicas: 1 });
  await producer.send({
    messages: Array.from({ length: 20 }, (_, index) => ({
      topic: 'events',
      key: `k${index}`,
      value: `v${index}`,
    })),
  });
  const stream = await consumer.consume({
    topics: ['events'],
    mode: 'earliest',
    autocommit: false,
  });
  const values = new Set<string>();
  for await (const message of stream) {
    values.add(message.value);
    await message.commit();
    if (values.size === 20) break;
  }
  expect(values.size).toBe(20);
  const client = await context.client('in-process');
  const { apis } = await import('@millrace/kafka-protocol');
  const { groups } = await client.ask(apis.offsetFetch, { groups: [{ groupId: 'platform' }] });
  const offsets = groups[0]?.topics[0]?.partitions.map(({ committedOffset }) => committedOffset);
  expect(offsets?.reduce((sum, offset) => sum + offset, 0)).toBe(20);
  await admin.deleteTopics({ topics: ['events'] });
});
