import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Consumer,
  FetchIsolationLevels,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { startMillrace, type MillraceServer } from '@millrace/test-servers';
import { Kafka, logLevel, type Producer as KafkaJsProducer } from 'kafkajs';

let folder = '';
let worker: MillraceServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-transactions-'));
  worker = await startMillrace({ folder });
}, 60_000);

afterAll(async () => {
  await worker.stop();
  rmSync(folder, { recursive: true, force: true });
});

const kafkaJs = (): Kafka =>
  new Kafka({ clientId: 'kafkajs', brokers: [worker.log], logLevel: logLevel.NOTHING });

/** What a kafkajs consumer of committed records sees, until the record that ends the test. */
async function readCommitted(topic: string, last: string): Promise<readonly string[]> {
  const consumer = kafkaJs().consumer({ groupId: `${topic}-readers` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: ({ message }) => {
          values.push(message.value?.toString() ?? '');
          if (values.at(-1) === last) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

describe('kafkajs', () => {
  const openProducer = async (transactionalId: string): Promise<KafkaJsProducer> => {
    const producer = kafkaJs().producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    return producer;
  };

  test('commits and aborts records and offsets together', async () => {
    const topic = 'kafkajs-transactions';
    const admin = kafkaJs().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }, { topic: `${topic}-in` }] });
    const producer = await openProducer('kafkajs');
    for (let number = 0; number < 6; number += 1) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: `${number}` }] });
      await transaction.sendOffsets({
        consumerGroupId: `${topic}-group`,
        topics: [{ topic: `${topic}-in`, partitions: [{ partition: 0, offset: `${number + 1}` }] }],
      });
      await (number % 2 === 0 ? transaction.commit() : transaction.abort());
    }
    const last = await producer.transaction();
    await last.send({ topic, messages: [{ value: 'end' }] });
    await last.commit();
    expect(await readCommitted(topic, 'end')).toEqual(['0', '2', '4', 'end']);
    const [offsets] = await admin.fetchOffsets({
      groupId: `${topic}-group`,
      topics: [`${topic}-in`],
    });
    expect(offsets?.partitions[0]?.offset).toBe('5');
    await admin.disconnect();
    await producer.disconnect();
  }, 60_000);

  test('a second producer of the same id fences the first', async () => {
    const topic = 'kafkajs-fencing';
    const first = await openProducer('kafkajs-fenced');
    const zombie = await first.transaction();
    await zombie.send({ topic, messages: [{ value: 'lost' }] });
    const second = await openProducer('kafkajs-fenced');
    const heir = await second.transaction();
    await heir.send({ topic, messages: [{ value: 'kept' }] });
    await heir.commit();
    await expect(zombie.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    expect(await readCommitted(topic, 'kept')).toEqual(['kept']);
    await first.disconnect();
    await second.disconnect();
  }, 60_000);
});

describe('@platformatic/kafka', () => {
  test('commits and aborts transactions, and reads only what was committed', async () => {
    const topic = 'platformatic-transactions';
    const options = { clientId: 'platformatic', bootstrapBrokers: [worker.log] };
    const producer = new Producer({
      ...options,
      serializers: stringSerializers,
      autocreateTopics: true,
      idempotent: true,
      transactionalId: 'platformatic',
    });
    // One abort: this client keeps one aborted range of a producer for each fetch.
    for (let number = 0; number < 3; number += 1) {
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: [{ topic, value: `${number}` }] });
      await (number === 1 ? transaction.abort() : transaction.commit());
    }
    await producer.close();
    const consumer = new Consumer({
      ...options,
      groupId: `${topic}-readers`,
      deserializers: stringDeserializers,
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    });
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.EARLIEST,
      autocommit: false,
    });
    const seen: string[] = [];
    for await (const message of stream) {
      seen.push(message.value);
      if (message.value === '2') break;
    }
    expect(seen).toEqual(['0', '2']);
    await new Promise<void>((resolve) => consumer.close(true, () => resolve()));
  }, 60_000);
});
