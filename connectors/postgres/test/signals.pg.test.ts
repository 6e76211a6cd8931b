import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readKeyValues } from '@millrace/cdc';
import type { TopicAccess } from '@millrace/connector-api';
import type { SourceRecord } from '@millrace/record';
import { after, Runner, Store, TestDatabase, text, value } from './harness.ts';

let database: TestDatabase;
let number = 0;
let slot = '';
beforeAll(async () => {
  database = await TestDatabase.start();
  await database.sql(
    'CREATE TABLE signals (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))',
  );
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
    'snapshot.mode': 'no_data',
    'signal.data.collection': 'public.signals',
    'signal.poll.interval.ms': '20',
    'incremental.snapshot.chunk.size': '10',
    ...more,
  });
}

let signalNumber = 0;
async function send(type: string, data: object | null = null): Promise<string> {
  const id = `signal-${++signalNumber}`;
  await database.sql('INSERT INTO signals VALUES ($1, $2, $3)', [
    id,
    type,
    data === null ? null : JSON.stringify(data),
  ]);
  return id;
}

const snapshotOf = (...tables: string[]): object => ({ 'data-collections': tables });
const source = (record: SourceRecord | undefined): Record<string, unknown> =>
  value(record)['source'] as Record<string, unknown>;
const isRead = (record: SourceRecord): boolean =>
  record.value !== null && value(record)['op'] === 'r';
const readsOf = (records: readonly SourceRecord[], table: string): SourceRecord[] =>
  records.filter((record) => isRead(record) && record.topic === `shop.public.${table}`);
const metric = (runner: Runner, name: string): number => runner.task.metrics?.()[name] ?? -1;

/** Replays records into a table, as a sink would. */
function replay(records: readonly SourceRecord[], table: string): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const record of records) {
    if (record.topic !== `shop.public.${table}`) continue;
    const key = JSON.stringify(record.key);
    if (record.value === null || value(record)['op'] === 'd') rows.delete(key);
    else rows.set(key, after(record));
  }
  return rows;
}

const byKey = (rows: Map<string, unknown>): unknown[] =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

async function rowsOf(table: string): Promise<Map<string, unknown>> {
  const rows = await database.sql(`SELECT * FROM ${table}`);
  return new Map(rows.map((row) => [JSON.stringify({ id: row['id'] }), row]));
}

test('a signal in the table starts an incremental snapshot, in chunks, with marks, and conditions are heeded', async () => {
  await database.sql(
    `CREATE TABLE inc_a (a int, b text, v int, PRIMARY KEY (a, b));
     INSERT INTO inc_a SELECT g / 4, 'k''\\' || g, 0 FROM generate_series(1, 25) g;
     CREATE TABLE inc_b (id bigint PRIMARY KEY, v text); INSERT INTO inc_b SELECT g, 'x' FROM generate_series(1, 12) g;
     CREATE TABLE inc_empty (id int PRIMARY KEY)`,
  );
  await using runner = await new Runner(config('inc_.*')).start();
  await runner.poll();
  await database.sql('TRUNCATE signals');
  const id = await send('execute-snapshot', {
    ...snapshotOf('public.inc_.*'),
    type: 'incremental',
    'additional-conditions': [{ 'data-collection': 'public.inc_b', filter: 'id > 3 AND id < 6' }],
  });
  await runner.until((records) => records.filter(isRead).length >= 27);
  await runner.until(() => metric(runner, 'incremental_snapshot_running') === 0);
  const rows = readsOf(runner.store.records, 'inc_a');
  expect(rows.map((record) => record.key)).toEqual(
    await database.sql('SELECT a, b FROM inc_a ORDER BY a, b'),
  );
  expect(readsOf(runner.store.records, 'inc_b').map((record) => record.key)).toEqual([
    { id: 4 },
    { id: 5 },
  ]);
  expect(source(rows[0])).toMatchObject({ snapshot: 'incremental', txId: null, lsn: null });
  const json = JSON.parse(text(rows[0]?.json?.value) ?? '') as { source: object };
  expect(json.source).toMatchObject({
    snapshot: 'incremental',
    txId: null,
    lsn: null,
    table: 'inc_a',
  });
  // The offset of each row says how far the snapshot is once it is delivered, in Debezium's form.
  const offset = rows[4]?.sourceOffset ?? {};
  expect(readKeyValues(String(offset['incremental_snapshot_primary_key']))).toEqual([
    { type: 'int', text: String((rows[4]?.key as { a: number }).a) },
    { type: 'string', text: (rows[4]?.key as { b: string }).b },
  ]);
  expect(offset['incremental_snapshot_correlation_id']).toBe(id);
  expect(JSON.parse(String(offset['incremental_snapshot_collections']))).toHaveLength(3);
  const marks = await database.sql(
    `SELECT type, count(*)::int AS n FROM signals WHERE type LIKE 'snapshot-%' GROUP BY 1 ORDER BY 1`,
  );
  expect(marks).toEqual([
    { type: 'snapshot-window-close', n: 4 },
    { type: 'snapshot-window-open', n: 4 },
  ]);
});

test('insert_delete leaves no mark behind', async () => {
  await database.sql(
    'CREATE TABLE del_a (id int PRIMARY KEY); INSERT INTO del_a SELECT generate_series(1, 25)',
  );
  await using runner = await new Runner(
    config('del_a', { 'incremental.snapshot.watermarking.strategy': 'insert_delete' }),
  ).start();
  await runner.poll();
  await database.sql('TRUNCATE signals');
  await send('execute-snapshot', snapshotOf('public.del_a'));
  await runner.until((records) => readsOf(records, 'del_a').length >= 25);
  expect(await database.sql('SELECT type FROM signals')).toEqual([{ type: 'execute-snapshot' }]);
});

test.each([
  ['with marks', {}],
  ['read-only', { 'read.only': 'true', 'publication.name': 'ready' }],
  ['without a signal table', { 'signal.data.collection': '', 'publication.name': 'ready' }],
] as const)(
  'while several writers change the table its replay equals the table in the end: %s',
  async (name, more) => {
    const table = `busy_${name.replaceAll(/\W/g, '_')}`;
    await database.sql(
      `CREATE TABLE ${table} (id int PRIMARY KEY, v int); INSERT INTO ${table} SELECT g, 0 FROM generate_series(1, 800) g`,
    );
    if ('publication.name' in more)
      await database.sql(
        `DROP PUBLICATION IF EXISTS ready; CREATE PUBLICATION ready FOR ALL TABLES`,
      );
    const folder = await mkdtemp(join(tmpdir(), 'signals-'));
    const file = join(folder, 'signals.txt');
    const options = config(table, {
      ...more,
      'signal.enabled.channels': 'source,file',
      'signal.file': file,
      'incremental.snapshot.chunk.size': '37',
    });
    await using runner = await new Runner(options).start();
    await runner.poll();
    const stop = { now: false };
    const writers = await Promise.all([1, 2, 3].map(() => database.client()));
    const writing = writers.map(async (client, index) => {
      for (let turn = 0; !stop.now; turn++) {
        const id = ((turn * 7 + index * 131) % 800) + 1;
        await client.query('BEGIN');
        await client.query(`UPDATE ${table} SET v = v + 1 WHERE id = $1`, [id]);
        if (turn % 5 === 0) await client.query(`DELETE FROM ${table} WHERE id = $1`, [id + 3]);
        if (turn % 5 === 2)
          await client.query(`INSERT INTO ${table} VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
            id + 3,
            turn,
          ]);
        if (turn % 11 === 0)
          await client.query(`UPDATE ${table} SET id = $1 WHERE id = $2`, [
            100_000 * (index + 1) + turn,
            id + 5,
          ]);
        await client.query(turn % 9 === 0 ? 'ROLLBACK' : 'COMMIT');
      }
      await client.end();
    });
    await appendFile(
      file,
      `${JSON.stringify({ id: 'f', type: 'execute-snapshot', data: snapshotOf(`public.${table}`) })}\n`,
    );
    await runner.until(() => metric(runner, 'incremental_snapshot_tables_done') === 1, 40_000);
    stop.now = true;
    await Promise.all(writing);
    await database.sql(`INSERT INTO ${table} VALUES (-1, 0)`);
    await runner.until(
      (records) => records.some((record) => JSON.stringify(record.key) === '{"id":-1}'),
      20_000,
    );
    expect(byKey(replay(runner.store.records, table))).toEqual(byKey(await rowsOf(table)));
    expect(await readFile(file, 'utf8')).toBe('');
    // Each row was read at most once, since no key is read again.
    const keys = readsOf(runner.store.records, table).map((record) => JSON.stringify(record.key));
    expect(new Set(keys).size).toBe(keys.length);
    await rm(folder, { recursive: true });
  },
  90_000,
);

test('killed in the middle of it, an incremental snapshot goes on behind the last row that was delivered', async () => {
  await database.sql(
    'CREATE TABLE cut_a (id int PRIMARY KEY); INSERT INTO cut_a SELECT generate_series(1, 95); CREATE TABLE cut_b (id int PRIMARY KEY); INSERT INTO cut_b SELECT generate_series(1, 15)',
  );
  const store = new Store();
  const first = await new Runner(config('cut_.'), store).start();
  await first.poll();
  await send('execute-snapshot', snapshotOf('public.cut_a', 'public.cut_b'));
  for (let start = 0; start < 12; start++) {
    const before = readsOf(store.records, 'cut_a').length;
    const runner = start === 0 ? first : await new Runner(config('cut_.'), store).start();
    // One batch is delivered, the next one lost.
    await runner.until(
      (records) =>
        readsOf(records, 'cut_a').length > before || readsOf(records, 'cut_b').length >= 15,
    );
    await runner.poll();
    await runner.stop();
    if (readsOf(store.records, 'cut_b').length >= 15) break;
  }
  await using last = await new Runner(config('cut_.'), store).start();
  await last.until((records) => readsOf(records, 'cut_b').length >= 15);
  const ids = readsOf(store.records, 'cut_a').map((record) => (record.key as { id: number }).id);
  expect(ids).toEqual(Array.from({ length: 95 }, (_, index) => index + 1));
});

test('pause, resume and stop', async () => {
  await database.sql(
    'CREATE TABLE pause_a (id int PRIMARY KEY); INSERT INTO pause_a SELECT generate_series(1, 2000); CREATE TABLE pause_b (id int PRIMARY KEY); INSERT INTO pause_b SELECT generate_series(1, 2000)',
  );
  const store = new Store();
  const options = config('pause_.', { 'heartbeat.interval.ms': '10' });
  const first = await new Runner(options, store).start();
  await first.poll();
  await send('execute-snapshot', snapshotOf('public.pause_.'));
  await first.until((records) => readsOf(records, 'pause_a').length >= 20);
  await send('pause-snapshot', { type: 'incremental' });
  await first.until(() => metric(first, 'incremental_snapshot_paused') === 1);
  // The chunk that waited may still come.
  for (let turn = 0; turn < 5; turn++) await first.deliver(await first.poll());
  const paused = readsOf(store.records, 'pause_a').length;
  expect(paused).toBeLessThan(2000);
  for (let turn = 0; turn < 10; turn++) await first.deliver(await first.poll());
  expect(readsOf(store.records, 'pause_a')).toHaveLength(paused);
  // It stays paused over a restart.
  await first.stop();
  await using second = await new Runner(options, store).start();
  for (let turn = 0; turn < 5; turn++) await second.deliver(await second.poll());
  expect(readsOf(store.records, 'pause_a')).toHaveLength(paused);
  expect(metric(second, 'incremental_snapshot_paused')).toBe(1);
  await send('resume-snapshot', { type: 'incremental' });
  await second.until((records) => readsOf(records, 'pause_a').length > paused + 100);
  // One table is stopped, the other goes on; then all.
  await send('stop-snapshot', { type: 'incremental', 'data-collections': ['public.pause_a'] });
  await second.until((records) => readsOf(records, 'pause_b').length >= 20);
  expect(readsOf(store.records, 'pause_a').length).toBeLessThan(2000);
  await send('stop-snapshot');
  await second.until(() => metric(second, 'incremental_snapshot_running') === 0);
  expect(readsOf(store.records, 'pause_b').length).toBeLessThan(2000);
  await database.sql('INSERT INTO pause_a VALUES (-1)');
  await second.until((records) =>
    records.some((record) => JSON.stringify(record.key) === '{"id":-1}'),
  );
  expect(store.offset).not.toHaveProperty('incremental_snapshot_collections');
}, 40_000);

test('a signal that was obeyed is not forgotten by a crash before any record says so', async () => {
  await database.sql(
    'CREATE TABLE held (id int PRIMARY KEY); INSERT INTO held SELECT generate_series(1, 30)',
  );
  const store = new Store();
  const options = config('held', { 'status.update.interval.ms': '10' });
  const first = await new Runner(options, store).start();
  await first.poll();
  await database.sql('INSERT INTO held VALUES (31)');
  await first.untilCount(1);
  await send('execute-snapshot', snapshotOf('public.held'));
  // The record of the signal itself is delivered, nothing of what it asks for.
  while (!store.records.some((record) => record.topic === 'shop.public.signals')) {
    await first.deliver(await first.poll());
  }
  for (let turn = 0; turn < 3; turn++) await first.poll();
  await first.stop();
  await using second = await new Runner(options, store).start();
  await second.until((records) => readsOf(records, 'held').length >= 31);
});

test('signals of the log topic are read once, in order, and only those that are meant for this connector', async () => {
  await database.sql(
    'CREATE TABLE topic_a (id int PRIMARY KEY); INSERT INTO topic_a SELECT generate_series(1, 15)',
  );
  const records: { key: Buffer; value: Buffer }[] = [];
  const opened: string[] = [];
  const topics: TopicAccess = {
    open: (topic) => {
      opened.push(topic);
      return {
        read: (from) =>
          Promise.resolve({
            records: records
              .slice(from)
              .map((record, index) => ({ ...record, offset: from + index })),
            nextOffset: Math.max(from, records.length),
          }),
        end: () => Promise.resolve(records.length),
        append: () => Promise.resolve(),
        ensure: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
  const put = (key: string, type: string, data: object): void => {
    records.push({
      key: Buffer.from(key),
      value: Buffer.from(JSON.stringify({ id: `k${records.length}`, type, data })),
    });
  };
  const options = config('topic_a', { 'signal.enabled.channels': 'source,kafka' });
  const store = new Store();
  const first = await new Runner(options, store, topics).start();
  await first.poll();
  put('other', 'log', { message: 'for somebody else' });
  put('shop', 'log', { message: 'at {}' });
  put('shop', 'execute-snapshot', snapshotOf('public.topic_a'));
  await first.until((all) => readsOf(all, 'topic_a').length >= 15);
  await database.sql('INSERT INTO topic_a VALUES (16)');
  await first.until(() => JSON.stringify(store.records.at(-1)?.key) === '{"id":16}');
  await first.stop();
  expect(opened).toEqual(['shop-signal']);
  expect(first.log.filter((line) => line.startsWith('a signal to log'))).toEqual([
    expect.stringContaining('at {\\"lsn_proc\\":'),
  ]);
  expect(store.offset).toMatchObject({ incremental_snapshot_signal_offset: 2 });
  await using second = await new Runner(options, store, topics).start();
  put('shop', 'log', { message: 'again' });
  await second.until(() => second.log.some((line) => line.includes('"text":"again"')));
  await database.sql('INSERT INTO topic_a VALUES (17)');
  await second.until(() => JSON.stringify(store.records.at(-1)?.key) === '{"id":17}');
  expect(readsOf(store.records, 'topic_a')).toHaveLength(15);
});

test('what can not be read does not stop the others, and is told', async () => {
  await database.sql(
    `CREATE TABLE odd_a (id int PRIMARY KEY); INSERT INTO odd_a VALUES (1);
     CREATE TABLE odd_keyless (n int, w int UNIQUE NULLS NOT DISTINCT); INSERT INTO odd_keyless VALUES (1, 1);
     ALTER TABLE odd_keyless DROP CONSTRAINT odd_keyless_w_key; ALTER TABLE odd_keyless REPLICA IDENTITY FULL;
     CREATE TABLE odd_z (id int PRIMARY KEY); INSERT INTO odd_z VALUES (1)`,
  );
  await using runner = await new Runner(
    config('odd_.*', {
      'notification.enabled.channels': 'sink,log,jmx',
      'notification.sink.topic.name': 'notes',
    }),
  ).start();
  await runner.poll();
  await send('no-such-type');
  await send('execute-snapshot', { 'data-collections': [] });
  const id = await send('execute-snapshot', {
    ...snapshotOf('public.odd_.*', 'public.absent'),
    'additional-conditions': [{ 'data-collection': 'public.odd_a', filter: 'no_such_column = 1' }],
  });
  const notes = (): Record<string, unknown>[] =>
    runner.store.records
      .filter((record) => record.topic === 'notes')
      .map((record) => value(record));
  await runner.until(() => notes().some((note) => note['type'] === 'COMPLETED'));
  expect(readsOf(runner.store.records, 'odd_z')).toHaveLength(1);
  const scans = notes().filter((note) => note['type'] === 'TABLE_SCAN_COMPLETED');
  expect(
    scans.map((note) => (note['additional_data'] as Map<string, string>).get('status')),
  ).toEqual(['SQL_EXCEPTION', 'NO_PRIMARY_KEY', 'SUCCEEDED']);
  expect(notes().find((note) => note['type'] === 'STARTED')).toMatchObject({
    id,
    aggregate_type: 'Incremental Snapshot',
  });
  expect(runner.log.join('\n')).toContain('no_such_column');
  expect(runner.log.filter((line) => line.startsWith('a signal can not be obeyed'))).toHaveLength(
    2,
  );
  // With a surrogate key it can be read, rows that share one included.
  await database.sql('INSERT INTO odd_keyless SELECT g, g / 15 FROM generate_series(1, 40) g');
  await send('execute-snapshot', { ...snapshotOf('public.odd_keyless'), 'surrogate-key': 'w' });
  await runner.until((records) => readsOf(records, 'odd_keyless').length >= 41);
  expect(readsOf(runner.store.records, 'odd_keyless')).toHaveLength(41);
});

test('a blocking snapshot reads whole tables between two changes of the stream', async () => {
  await database.sql(
    `CREATE TABLE block_a (id int PRIMARY KEY, v int); INSERT INTO block_a SELECT g, 0 FROM generate_series(1, 50) g;
     CREATE TABLE block_b (id int PRIMARY KEY); INSERT INTO block_b SELECT generate_series(1, 10)`,
  );
  await using runner = await new Runner(
    config('block_.', {
      'notification.enabled.channels': 'sink',
      'notification.sink.topic.name': 'notes',
    }),
  ).start();
  await runner.poll();
  await database.sql('UPDATE block_a SET v = 1 WHERE id = 1');
  await send('execute-snapshot', {
    ...snapshotOf('public.block_.'),
    type: 'blocking',
    'additional-conditions': [
      { 'data-collection': 'public.block_b', filter: 'SELECT * FROM block_b WHERE id > 8' },
    ],
  });
  await database.sql('UPDATE block_a SET v = 2 WHERE id = 1');
  await runner.until((records) => records.filter(isRead).length >= 52);
  await database.sql('UPDATE block_a SET v = 3 WHERE id = 1');
  await runner.until((records) =>
    records.some((record) => (value(record)['after'] as { v?: number } | null)?.v === 3),
  );
  const ofOne = runner.store.records.filter(
    (record) => record.topic === 'shop.public.block_a' && JSON.stringify(record.key) === '{"id":1}',
  );
  // Nothing goes back in time.
  const values = ofOne.map((record) => Number(after(record)['v']));
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(values.at(-1)).toBe(3);
  expect(readsOf(runner.store.records, 'block_b').map((record) => record.key)).toEqual([
    { id: 9 },
    { id: 10 },
  ]);
  const reads = runner.store.records.filter(isRead);
  expect(source(reads[0])['snapshot']).toBe('first');
  expect(source(reads.at(-1))['snapshot']).toBe('last');
  expect(reads[0]?.sourceOffset).toMatchObject({ snapshot: 'BLOCKING', snapshot_completed: false });
  expect(runner.store.offset).not.toHaveProperty('millrace_snapshot');
  expect(
    runner.store.records
      .filter((record) => record.topic === 'notes')
      .map((record) => value(record)['type']),
  ).toEqual([
    'STARTED',
    'IN_PROGRESS',
    'TABLE_SCAN_COMPLETED',
    'IN_PROGRESS',
    'TABLE_SCAN_COMPLETED',
    'COMPLETED',
  ]);
});
