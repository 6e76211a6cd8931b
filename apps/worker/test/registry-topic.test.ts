import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openBroker } from '@millrace/broker';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient } from '@millrace/kafka-client';
import { SchemaRegistry, SchemaRegistryError, subjectNotFound } from '@millrace/schema-registry';
import { SchemaTopic } from '../src/registry/schema-topic.ts';

const TOPIC = '_schemas';

let folder: string;
let broker: Awaited<ReturnType<typeof openBroker>>;
let client: KafkaClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-registry-'));
  broker = await openBroker({
    config: { 'log.dirs': folder, listeners: 'PLAINTEXT://127.0.0.1:0' },
    log: silentLogger,
  });
  client = new KafkaClient({
    bootstrap: broker.addresses,
    transport: broker.transport('test'),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  });
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

function topicOf(timeoutMs = 60_000): SchemaTopic {
  return new SchemaTopic({
    client,
    topic: TOPIC,
    replicationFactor: 3,
    timeoutMs,
    clock: systemClock,
    log: silentLogger,
  });
}

async function openRegistry(topic: SchemaTopic): Promise<SchemaRegistry> {
  await topic.ensure();
  const registry = new SchemaRegistry({
    store: topic,
    clock: systemClock,
    compatibilityLevel: 'NONE',
    validateFields: false,
    validateNewSchemas: true,
    isModeMutable: true,
    schemaBytesMax: 1_000_000,
  });
  await registry.open();
  return registry;
}

const schemaOf = (name: string) => ({ schema: `{"type":"record","name":"${name}","fields":[]}` });
const plain = { normalize: false };

async function write(key: string, value: string | null): Promise<void> {
  const producer = client.producer({ lingerMs: 0 });
  const bytes = (text: string | null): Uint8Array | null =>
    text === null ? null : Buffer.from(text);
  const record = {
    ...{ topic: TOPIC, partition: 0, timestampMs: null, headers: [] },
    ...{ key: bytes(key), value: bytes(value) },
  };
  const { delivered } = await producer.send([record]);
  expect((await delivered).failures).toEqual([]);
  await producer.close();
}

test('two registries over one topic take turns, and see what the other one wrote', async () => {
  await using one = topicOf();
  await using other = topicOf();
  const registries = [await openRegistry(one), await openRegistry(other)];
  const outcomes = [];
  for (let index = 0; index < 8; index++)
    outcomes.push(
      await registries[index % 2]?.register(`s${index}`, schemaOf(`R${index % 4}`), plain),
    );
  expect(outcomes.map((outcome) => outcome?.id)).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  // What is not found is looked for at the end of the log, however old the last look is.
  for (const registry of registries) {
    const found = await registry.read((queries) => {
      const last = queries.exactVersion('s7', 1, false);
      if (last === undefined) throw subjectNotFound('s7');
      return [last.id, queries.subjects('', 'without').length];
    });
    expect(found).toEqual([4, 8]);
  }
});

test('records of a registry of Confluent, and some of nobody, are read as they are', async () => {
  await using topic = topicOf();
  await topic.ensure();
  await write('{"keytype":"NOOP","magic":0}', null);
  await write('no JSON', 'at all');
  await write('{"keytype":"ASSOC","magic":0}', '{"of":"a newer one"}');
  await write(
    '{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}',
    '{"subject":"a","version":1,"id":41,"schemaType":"AVRO","schema":"\\"string\\"","deleted":false}',
  );
  await write(
    '{"keytype":"SCHEMA","subject":"b","version":1,"magic":0}',
    '{"subject":"b","version":1,"id":7,"schema":"\\"int\\"","deleted":false}',
  );
  await write('{"keytype":"CONFIG","subject":null,"magic":0}', '{"compatibilityLevel":"FULL"}');
  await write('{"keytype":"CONFIG","magic":0}', '{"compatibilityLevel":"FORWARD","other":1}');
  await write('{"keytype":"MODE","subject":"b","magic":0}', '{"subject":"b","mode":"READONLY"}');
  await write(
    '{"keytype":"DELETE_SUBJECT","subject":"b","magic":0}',
    '{"subject":"b","version":1}',
  );
  const registry = await openRegistry(topic);
  expect(registry.unknownRecordCount).toBe(2);
  const seen = await registry.read((queries) => ({
    subjects: queries.subjects('', 'without'),
    deleted: queries.subjects('', 'only'),
    schema: queries.byId(41, '')?.schema,
    level: queries.config(null)?.compatibilityLevel,
    mode: queries.modeInScope('b'),
  }));
  expect(seen).toEqual({
    ...{ subjects: ['a'], deleted: ['b'], schema: '"string"' },
    ...{ level: 'FORWARD', mode: 'READONLY' },
  });
  expect((await registry.register('c', { schema: '"long"' }, plain)).id).toBe(42);
});

test('a topic that forgets, or of several partitions, is refused', async () => {
  const wanted = { name: TOPIC, partitions: 2, replicationFactor: 1 };
  await client.admin.createTopics([{ ...wanted, configs: { 'cleanup.policy': 'compact' } }]);
  await expect(topicOf().ensure()).rejects.toMatchObject({
    code: 'worker.unsuitable_schema_topic',
    message: 'the topic of schemas "_schemas" has 2 partitions, expected 1',
  });
});

test('while the log does not answer, writes fail in time, and what is known is still answered', async () => {
  await using topic = topicOf(2_000);
  const registry = await openRegistry(topic);
  await registry.register('a', schemaOf('A'), plain);
  await broker.close();
  const failure = await registry
    .register('b', schemaOf('B'), plain)
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SchemaRegistryError);
  expect([50001, 50002]).toContain((failure as SchemaRegistryError).errorCode);
  expect(await registry.read((queries) => queries.byId(1, '')?.subject)).toBe('a');
  expect((await registry.register('a', schemaOf('A'), plain)).id).toBe(1);
});
