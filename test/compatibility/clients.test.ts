import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { findTool, startMillrace, type MillraceServer } from '@millrace/test-servers';
import { Kafka, logLevel } from 'kafkajs';

const COUNT = 200;
let folder = '';
let worker: MillraceServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-clients-'));
  worker = await startMillrace({ folder });
}, 60_000);

afterAll(async () => {
  await worker.stop();
  rmSync(folder, { recursive: true, force: true });
});

const expected = Array.from({ length: COUNT }, (_, index) => `value-${index}`);

describe('kcat', () => {
  const kcat = (input: string, ...args: readonly string[]): string =>
    execFileSync(findTool('kcat', 'kcat'), ['-b', worker.log, ...args], {
      input,
      timeout: 30_000,
      stdio: ['pipe', 'pipe', 'pipe'],
    }).toString();

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'produces with %s compression and reads back',
    (codec) => {
      const topic = `kcat-${codec}`;
      kcat(expected.join('\n'), '-P', '-t', topic, '-z', codec);
      expect(kcat('', '-C', '-t', topic, '-e', '-q').trim().split('\n')).toEqual(expected);
    },
  );

  test('keeps keys, headers and lists topics', () => {
    kcat('k1:v1\n', '-P', '-t', 'kcat-keys', '-K', ':', '-H', 'trace=7');
    expect(kcat('', '-C', '-t', 'kcat-keys', '-e', '-q', '-f', '%k|%s|%h|%p|%o\n').trim()).toBe(
      'k1|v1|trace=7|0|0',
    );
    expect(kcat('', '-L')).toContain('topic "kcat-keys" with 1 partitions');
  });

  test('reads in a group and goes on where the group stopped', () => {
    kcat(expected.join('\n'), '-P', '-t', 'kcat-group');
    const group = [
      '-G',
      'kcat-readers',
      '-e',
      '-q',
      '-o',
      'beginning',
      '-X',
      'auto.offset.reset=earliest',
    ];
    expect(
      kcat('', ...group, 'kcat-group')
        .trim()
        .split('\n'),
    ).toEqual(expected);
    kcat('one more\n', '-P', '-t', 'kcat-group');
    expect(kcat('', '-G', 'kcat-readers', '-e', '-q', 'kcat-group').trim()).toBe('one more');
  });
});

test('KafkaJS creates a topic, produces, and shares a topic between two members of a group', async () => {
  const kafka = new Kafka({
    clientId: 'kafkajs',
    brokers: [worker.log],
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kafkajs', numPartitions: 4 }] });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  await producer.send({
    topic: 'kafkajs',
    acks: -1,
    messages: expected.map((value, index) => ({ key: `k${index}`, value })),
  });

  const seen: string[] = [];
  const members = [1, 2].map(() =>
    kafka.consumer({ groupId: 'kafkajs-readers', sessionTimeout: 10_000 }),
  );
  try {
    await new Promise<void>((resolve, reject) => {
      const start = async (member: (typeof members)[number]): Promise<void> => {
        await member.connect();
        await member.subscribe({ topic: 'kafkajs', fromBeginning: true });
        await member.run({
          eachMessage: async ({ message }) => {
            seen.push(message.value?.toString() ?? '');
            if (seen.length >= COUNT) resolve();
            return Promise.resolve();
          },
        });
      };
      Promise.all(members.map(start)).catch(reject);
    });
    expect([...new Set(seen)].sort()).toEqual([...expected].sort());
  } finally {
    await Promise.all(members.map((member) => member.disconnect()));
  }
  const offsets = await admin.fetchOffsets({ groupId: 'kafkajs-readers', topics: ['kafkajs'] });
  const total = offsets[0]?.partitions.reduce((sum, { offset }) => sum + Number(offset), 0);
  expect(total).toBe(COUNT);
  await producer.disconnect();
  await admin.disconnect();
}, 60_000);

test.each(['classic', 'consumer'] as const)(
  '@platformatic/kafka produces, and consumes in a %s group with committed offsets',
  async (groupProtocol) => {
    const topic = `platformatic-${groupProtocol}`;
    const options = { clientId: 'platformatic', bootstrapBrokers: [worker.log] };
    const producer = new Producer({
      ...options,
      serializers: stringSerializers,
      autocreateTopics: true,
    });
    await producer.send({
      messages: expected.map((value, index) => ({ topic, key: `k${index}`, value })),
    });
    await producer.close();
    const consumer = new Consumer({
      ...options,
      groupId: `${topic}-readers`,
      groupProtocol,
      deserializers: stringDeserializers,
    });
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.EARLIEST,
      autocommit: false,
    });
    const seen: string[] = [];
    for await (const message of stream) {
      seen.push(message.value);
      if (seen.length < COUNT) continue;
      await message.commit();
      break;
    }
    await new Promise((resolve) => {
      consumer.close(true, resolve);
    });
    expect(seen).toEqual(expected);
    const admin = new Admin(options);
    const groups = await admin.listGroups({ types: [groupProtocol] });
    expect(groups.has(`${topic}-readers`)).toBe(true);
    await admin.close();
  },
  60_000,
);
