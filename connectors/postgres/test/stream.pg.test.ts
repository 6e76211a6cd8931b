import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { jsonConverter } from '@millrace/converters';
import type { SourceRecord } from '@millrace/record';
import { after, Runner, TestDatabase, text, value } from './harness.ts';

let database: TestDatabase;
let number = 0;
let slot = '';
beforeAll(async () => {
  database = await TestDatabase.start();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(() => {
  slot = `slot_${++number}`;
});

function config(table: string, more: Record<string, string> = {}): Record<string, string> {
  return database.config({
    'table.include.list': `public\\.${table}`,
    'slot.name': slot,
    'slot.drop.on.stop': 'true',
    'snapshot.mode': 'no_data',
    ...more,
  });
}

/** Starts, and polls once so that the slot is there before the test writes. */
async function follow(table: string, more: Record<string, string> = {}): Promise<Runner> {
  const runner = await new Runner(config(table, more)).start();
  await runner.deliver(await runner.poll());
  return runner;
}

const operations = (records: readonly SourceRecord[]): unknown[] =>
  records.map((record) => (record.value === null ? 'tombstone' : value(record)['op']));

const headersOf = (record: SourceRecord | undefined): Record<string, unknown> =>
  Object.fromEntries((record?.headers ?? []).map((header) => [header.key, header.value]));

const converter = jsonConverter.create({ 'schemas.enable': 'false' }, 'value');
function expectSameJson(records: readonly SourceRecord[]): void {
  for (const record of records) {
    if (record.json === undefined) continue;
    expect(text(record.json.value)).toBe(
      text(converter.fromConnect('', record.valueSchema, record.value)),
    );
    expect(text(record.json.key)).toBe(
      text(converter.fromConnect('', record.keySchema, record.key)),
    );
  }
}

test('records have the names, versions and fields of Debezium', async () => {
  await database.sql('CREATE TABLE names (id int PRIMARY KEY, v text)');
  await using runner = await follow('names');
  await database.sql("INSERT INTO names VALUES (1, 'x')");
  const [record] = await runner.untilCount(1);
  expect(record?.topic).toBe('shop.public.names');
  expect(record?.keySchema).toMatchObject({
    type: 'struct',
    name: 'shop.public.names.Key',
    optional: false,
  });
  expect(record?.valueSchema).toMatchObject({ name: 'shop.public.names.Envelope', version: 2 });
  const envelope = record?.valueSchema?.type === 'struct' ? record.valueSchema.fields : [];
  expect(envelope.map((field) => field.name)).toEqual([
    'before',
    'after',
    'source',
    'transaction',
    'op',
    'ts_ms',
    'ts_us',
    'ts_ns',
  ]);
  expect(envelope[0]?.schema).toMatchObject({ name: 'shop.public.names.Value', optional: true });
  expect(envelope[3]?.schema).toMatchObject({ name: 'event.block', version: 1, optional: true });
  const source = envelope[2]?.schema;
  expect(source).toMatchObject({ name: 'io.debezium.connector.postgresql.Source', version: 1 });
  expect(source).toMatchObject({
    name: 'io.debezium.connector.postgresql.Source',
    optional: false,
  });
  expect(source?.type === 'struct' ? source.fields.map((field) => field.name) : []).toEqual([
    'version',
    'connector',
    'name',
    'ts_ms',
    'snapshot',
    'db',
    'sequence',
    'ts_us',
    'ts_ns',
    'schema',
    'table',
    'txId',
    'lsn',
    'xmin',
    'origin',
    'origin_lsn',
  ]);
  expect(record?.sourcePartition).toEqual({ server: 'shop' });
  expect(Object.keys(record?.sourceOffset ?? {}).sort()).toEqual([
    'lsn',
    'lsn_commit',
    'lsn_events_processed',
    'lsn_proc',
    'messageType',
    'millrace_server',
    'ts_usec',
    'txId',
  ]);
  expect(headersOf(record)).toEqual({
    '__debezium.context.connectorLogicalName': 'shop',
    '__debezium.context.taskId': '0',
    '__debezium.context.connectorName': 'postgresql',
    '__debezium.context.runId': expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab]/),
  });
});

test('a changed key is a delete, its tombstone and a create, with the keys in headers', async () => {
  await database.sql('CREATE TABLE keyed (id int PRIMARY KEY, v text)');
  await using runner = await follow('keyed');
  await database.sql("INSERT INTO keyed VALUES (1, 'x')");
  await database.sql('UPDATE keyed SET id = 2 WHERE id = 1');
  const records = await runner.untilCount(4);
  expect(operations(records)).toEqual(['c', 'd', 'tombstone', 'c']);
  expect(records.map((record) => record.key)).toEqual([{ id: 1 }, { id: 1 }, { id: 1 }, { id: 2 }]);
  // The key comes before the context, and the tombstone has it too.
  for (const record of records.slice(1, 3))
    expect(record.headers[0]).toMatchObject({ key: '__debezium.newkey', value: { id: 2 } });
  expect(records[3]?.headers[0]).toMatchObject({ key: '__debezium.oldkey', value: { id: 1 } });
  expect(value(records[1])['before']).toEqual({ id: 1, v: null });
  expect(after(records[3])).toEqual({ id: 2, v: 'x' });
  expectSameJson(records);
});

test('before follows the replica identity, and required columns that were not sent are zero', async () => {
  await database.sql('CREATE TABLE before_d (id int PRIMARY KEY, v text, n int NOT NULL)');
  await using runner = await follow('before_.');
  await database.sql("INSERT INTO before_d VALUES (1, 'x', 7)");
  await database.sql("UPDATE before_d SET v = 'y'");
  await database.sql('DELETE FROM before_d');
  await database.sql('ALTER TABLE before_d REPLICA IDENTITY FULL');
  await database.sql("INSERT INTO before_d VALUES (1, 'x', 7)");
  await database.sql("UPDATE before_d SET v = 'y'");
  await database.sql('DELETE FROM before_d');
  const records = await runner.untilCount(8);
  expect(operations(records)).toEqual(['c', 'u', 'd', 'tombstone', 'c', 'u', 'd', 'tombstone']);
  expect(value(records[1])['before']).toBeNull();
  expect(value(records[2])['before']).toEqual({ id: 1, v: null, n: 0 });
  expect(value(records[5])['before']).toEqual({ id: 1, v: 'x', n: 7 });
  expect(value(records[6])['before']).toEqual({ id: 1, v: 'y', n: 7 });
  expectSameJson(records);
});

test('without tombstones.on.delete there is none', async () => {
  await database.sql('CREATE TABLE quiet (id int PRIMARY KEY); INSERT INTO quiet VALUES (1), (2)');
  await using runner = await follow('quiet', { 'tombstones.on.delete': 'false' });
  await database.sql('DELETE FROM quiet');
  expect(operations(await runner.untilCount(2))).toEqual(['d', 'd']);
});

test('a TOAST value that was not touched is a placeholder named in a header, or comes from the full old row', async () => {
  await database.sql(
    'CREATE TABLE toast (id int PRIMARY KEY, big text, blob bytea, list text[], n int, ids uuid[], small smallint[])',
  );
  await database.sql(
    'ALTER TABLE toast ALTER big SET STORAGE EXTERNAL, ALTER blob SET STORAGE EXTERNAL, ALTER list SET STORAGE EXTERNAL, ALTER ids SET STORAGE EXTERNAL, ALTER small SET STORAGE EXTERNAL',
  );
  await using runner = await follow('toast');
  const big = 'x'.repeat(10_000);
  await database.sql(`INSERT INTO toast VALUES (1, '${big}', '${big}', ARRAY['${big}'], 1,
    array_fill(gen_random_uuid(), ARRAY[900]), array_fill(1::smallint, ARRAY[9000]))`);
  await database.sql('UPDATE toast SET n = 2');
  await database.sql('ALTER TABLE toast REPLICA IDENTITY FULL');
  await database.sql('UPDATE toast SET n = 3');
  const records = await runner.untilCount(3);
  const placeholder = '__debezium_unavailable_value';
  expect(after(records[1])).toEqual({
    id: 1,
    big: placeholder,
    blob: Buffer.from(placeholder),
    list: [placeholder],
    n: 2,
    ids: ['b68a35a7-17ad-35b3-af2a-ae46edb4545a'],
    small: null,
  });
  expect(headersOf(records[1])['__millrace.unavailable.columns']).toBe('big,blob,list,ids,small');
  expect(after(records[2])).toMatchObject({ big, list: [big], n: 3 });
  expect(headersOf(records[2])['__millrace.unavailable.columns']).toBeUndefined();
  expectSameJson(records);
});

test('truncate is skipped by default and a record without key when asked for', async () => {
  await database.sql('CREATE TABLE trunc (id int PRIMARY KEY)');
  await using runner = await follow('trunc');
  await using loud = await new Runner({
    ...config('trunc'),
    'slot.name': `${slot}_b`,
    'skipped.operations': 'none',
  }).start();
  await loud.poll();
  await database.sql('INSERT INTO trunc VALUES (1)');
  await database.sql('TRUNCATE trunc');
  await database.sql('INSERT INTO trunc VALUES (2)');
  expect(operations(await runner.untilCount(2))).toEqual(['c', 'c']);
  const records = await loud.untilCount(3);
  expect(operations(records)).toEqual(['c', 't', 'c']);
  expect(records[1]).toMatchObject({ key: null, keySchema: null });
  expect(value(records[1])).toMatchObject({ before: null, after: null });
});

test('a schema change is seen at the first row after it', async () => {
  await database.sql('CREATE TABLE evolving (id int PRIMARY KEY, v int)');
  await using runner = await follow('evolving');
  await database.sql('INSERT INTO evolving VALUES (1, 1)');
  await database.sql('ALTER TABLE evolving ADD note text DEFAULT $$n$$, ALTER v TYPE bigint');
  await database.sql('INSERT INTO evolving VALUES (2, 3000000000)');
  await database.sql('ALTER TABLE evolving DROP v, ADD "2" int');
  await database.sql('INSERT INTO evolving VALUES (3, $$m$$, 5)');
  const records = await runner.untilCount(3);
  expect(records.map(after)).toEqual([
    { id: 1, v: 1 },
    { id: 2, v: 3000000000, note: 'n' },
    { id: 3, note: 'm', '2': 5 },
  ]);
  expect(text(records[2]?.json?.value)).toContain('"after":{"id":3,"note":"m","2":5}');
  expectSameJson(records);
});

test('a changed primary key is the key of the rows after it', async () => {
  await database.sql('CREATE TABLE rekeyed (a int PRIMARY KEY, b int NOT NULL)');
  await using runner = await follow('rekeyed');
  await database.sql('INSERT INTO rekeyed VALUES (1, 10)');
  await database.sql('ALTER TABLE rekeyed DROP CONSTRAINT rekeyed_pkey, ADD PRIMARY KEY (b, a)');
  await database.sql('INSERT INTO rekeyed VALUES (2, 20)');
  const records = await runner.untilCount(2);
  expect(records.map((record) => record.key)).toEqual([{ a: 1 }, { b: 20, a: 2 }]);
  expect(text(records[1]?.json?.key)).toBe('{"b":20,"a":2}');
});

test('filters are whole-name expressions whatever the case; excluded columns and custom keys are obeyed', async () => {
  await database.sql(
    'CREATE TABLE "Filter_A" (id int PRIMARY KEY, secret text, code text NOT NULL); CREATE TABLE filter_ab (id int PRIMARY KEY)',
  );
  await using runner = await new Runner(
    config('filter_a', {
      'column.exclude.list': 'public\\.filter_a\\.secret',
      'message.key.columns': 'public.Filter_A:code',
      'snapshot.mode': 'initial',
    }),
  ).start();
  await database.sql(
    `INSERT INTO "Filter_A" VALUES (1, 's', 'c1'); INSERT INTO filter_ab VALUES (1)`,
  );
  await runner.untilCount(1);
  await database.sql(
    `INSERT INTO filter_ab VALUES (2); INSERT INTO "Filter_A" VALUES (2, 's', 'c2')`,
  );
  const records = await runner.untilCount(2);
  expect(records.map(after)).toEqual([
    { id: 1, code: 'c1' },
    { id: 2, code: 'c2' },
  ]);
  expect(records.map((record) => record.key)).toEqual([{ code: 'c1' }, { code: 'c2' }]);
  expect(records[0]?.topic).toBe('shop.public.Filter_A');
});

test('transaction metadata counts events and bounds transactions', async () => {
  await database.sql(
    'CREATE TABLE txa (id int PRIMARY KEY); CREATE TABLE txb (id int PRIMARY KEY)',
  );
  await using runner = await follow('tx.', { 'provide.transaction.metadata': 'true' });
  await database.sql(
    'BEGIN; INSERT INTO txa VALUES (1); INSERT INTO txb VALUES (1); INSERT INTO txa VALUES (2); COMMIT',
  );
  const records = await runner.untilCount(5);
  expect(records.map((record) => record.topic)).toEqual([
    'shop.transaction',
    'shop.public.txa',
    'shop.public.txb',
    'shop.public.txa',
    'shop.transaction',
  ]);
  expect(value(records[3])['transaction']).toMatchObject({
    total_order: 3,
    data_collection_order: 2,
  });
  expect(value(records[4])).toMatchObject({
    status: 'END',
    event_count: 3,
    data_collections: [
      { data_collection: 'public.txa', event_count: 2 },
      { data_collection: 'public.txb', event_count: 1 },
    ],
  });
  expectSameJson(records);
});

test('logical messages are records of their own topic', async () => {
  await database.sql('CREATE TABLE messages (id int PRIMARY KEY)');
  await using runner = await follow('messages', { 'message.prefix.include.list': 'a.*' });
  await database.sql(
    `SELECT pg_logical_emit_message(true, 'ab', 'hello'), pg_logical_emit_message(true, 'b', 'no')`,
  );
  await database.sql(`SELECT pg_logical_emit_message(false, 'ac', 'now')`);
  const records = await runner.untilCount(2);
  expect(records.map((record) => record.topic)).toEqual(['shop.message', 'shop.message']);
  expect(records.map((record) => record.key)).toEqual([{ prefix: 'ab' }, { prefix: 'ac' }]);
  expect(value(records[0])).toMatchObject({
    op: 'm',
    transaction: null,
    message: { prefix: 'ab', content: Buffer.from('hello') },
  });
  expect(records[0]?.headers).toEqual([]);
});

test('the sequence has no commit until one was seen; a message outside of transactions counts as one', async () => {
  await database.sql('CREATE TABLE seqs (id int PRIMARY KEY)');
  await using runner = await follow('seqs');
  await database.sql('INSERT INTO seqs VALUES (1)');
  await database.sql('INSERT INTO seqs VALUES (2)');
  await database.sql("SELECT pg_logical_emit_message(false, 'now', 'x')");
  await database.sql('INSERT INTO seqs VALUES (3)');
  const sources = (await runner.untilCount(4)).map(
    (record) => value(record)['source'] as { lsn: number; sequence: string },
  );
  const [first, second, message, third] = sources.map(
    ({ sequence }) => JSON.parse(sequence) as (string | null)[],
  );
  expect(first).toEqual([null, String(sources[0]?.lsn)]);
  expect(Number(second?.[0])).toBeGreaterThan(Number(first?.[1]));
  expect(message).toEqual([String(sources[2]?.lsn), String(sources[2]?.lsn)]);
  expect(third?.[0]).toBe(message?.[0]);
  expectSameJson(runner.store.records);
});

test('logical messages are counted in their transaction', async () => {
  await database.sql('CREATE TABLE counted (id int PRIMARY KEY)');
  await using runner = await follow('counted', { 'provide.transaction.metadata': 'true' });
  await database.sql(
    "BEGIN; INSERT INTO counted VALUES (1); SELECT pg_logical_emit_message(true, 'p', 'x'); COMMIT",
  );
  const records = await runner.untilCount(4);
  expect(value(records[2])['transaction']).toMatchObject({
    total_order: 2,
    data_collection_order: 1,
  });
  expect(value(records[3])['event_count']).toBe(2);
});

test('heartbeats carry the position while nothing is captured, and run their query', async () => {
  await database.sql('CREATE TABLE beats (at timestamptz)');
  await using runner = await follow('nothing_here', {
    'heartbeat.interval.ms': '1',
    'heartbeat.action.query': 'INSERT INTO beats VALUES (now())',
  });
  const records = await runner.untilCount(3);
  expect(records.at(-1)).toMatchObject({
    keySchema: { name: 'io.debezium.connector.common.ServerNameKey', version: 1 },
    valueSchema: { name: 'io.debezium.connector.common.Heartbeat', version: 1 },
    topic: '__debezium-heartbeat.shop',
    partition: 0,
    key: { serverName: 'shop' },
  });
  expect(
    (await database.sql('SELECT count(*)::int AS n FROM beats'))[0]?.['n'],
  ).toBeGreaterThanOrEqual(3);
});

test('unique indexes are keys for want of a primary one; a table with full identity may have none', async () => {
  await database.sql(`CREATE TABLE uniq (a int NOT NULL UNIQUE, b int); ALTER TABLE uniq REPLICA IDENTITY FULL;
    CREATE TABLE keyless (a int); ALTER TABLE keyless REPLICA IDENTITY FULL`);
  await using runner = await follow('(uniq|keyless)');
  await database.sql(
    'INSERT INTO uniq VALUES (1, 2); INSERT INTO keyless VALUES (3); DELETE FROM keyless',
  );
  const records = await runner.untilCount(4);
  expect(records.map((record) => record.key)).toEqual([{ a: 1 }, null, null, null]);
  expect(operations(records)).toEqual(['c', 'c', 'd', 'tombstone']);
  expectSameJson(records);
});

test('of several unique indexes the first by name is the key, nullable or not', async () => {
  await database.sql(`CREATE TABLE several (a int NOT NULL UNIQUE, b int); ALTER TABLE several REPLICA IDENTITY FULL;
    CREATE UNIQUE INDEX aa_partial ON several (a) WHERE a > 5; CREATE UNIQUE INDEX ab_text ON several ((b::text));
    CREATE UNIQUE INDEX ac_nullable ON several (b)`);
  await using runner = await follow('several');
  await database.sql('INSERT INTO several VALUES (1, 2), (2, NULL)');
  const records = await runner.untilCount(2);
  expect(records.map((record) => record.key)).toEqual([{ b: 2 }, { b: null }]);
  expectSameJson(records);
});

test('updates that change nothing are left out when asked for', async () => {
  await database.sql(
    'CREATE TABLE same (id int PRIMARY KEY, v int); ALTER TABLE same REPLICA IDENTITY FULL',
  );
  await using runner = await follow('same', { 'skip.messages.without.change': 'true' });
  await database.sql(
    'INSERT INTO same VALUES (1, 1); UPDATE same SET v = 1; UPDATE same SET v = 2',
  );
  expect(operations(await runner.untilCount(2))).toEqual(['c', 'u']);
});

test('partitions are topics of their own, or their root when published by it', async () => {
  await database.sql(`CREATE TABLE parts (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10); INSERT INTO parts VALUES (1)`);
  await using leaves = await new Runner(config('parts.*', { 'snapshot.mode': 'initial' })).start();
  await leaves.untilCount(1);
  await using root = await new Runner(
    config('parts.*', {
      'snapshot.mode': 'initial',
      'slot.name': `${slot}_root`,
      'publication.name': 'roots',
      'publish.via.partition.root': 'true',
      'topic.prefix': 'r',
    }),
  ).start();
  await root.untilCount(1);
  await database.sql('INSERT INTO parts VALUES (2)');
  expect((await leaves.untilCount(2)).map((record) => record.topic)).toEqual([
    'shop.public.parts_1',
    'shop.public.parts_1',
  ]);
  expect((await root.untilCount(2)).map((record) => record.topic)).toEqual([
    'r.public.parts',
    'r.public.parts',
  ]);
});

test('with transforms configured a record has values in place of ready-made JSON', async () => {
  await database.sql('CREATE TABLE spread (id int PRIMARY KEY); INSERT INTO spread VALUES (1)');
  await using runner = await new Runner(
    config('spread', { 'snapshot.mode': 'initial', transforms: 'x' }),
  ).start();
  const [record] = await runner.untilCount(1);
  expect(record?.json).toBeUndefined();
  expect(record?.key).toEqual({ id: 1 });
  expect(record?.value).toMatchObject({ after: { id: 1 }, op: 'r' });
  expect(record?.sourceOffset).toMatchObject({ snapshot: 'INITIAL', snapshot_completed: true });
});
