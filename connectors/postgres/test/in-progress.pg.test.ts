import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import type { Client } from 'pg';
import { Runner, Store, TestDatabase, text, value } from './harness.ts';

let database: TestDatabase;
let folder = '';
let number = 0;
let slot = '';
beforeAll(async () => {
  // So little memory that whatever is more than a few rows is streamed before it commits.
  database = await TestDatabase.start({ logical_decoding_work_mem: '64kB', max_wal_size: '4GB' });
  folder = await mkdtemp(join(tmpdir(), 'millrace-spill-test-'));
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  slot = `slot_${++number}`;
});

function config(table: string, more: Record<string, string> = {}): Record<string, string> {
  return database.config({
    'table.include.list': `public\\.${table}`,
    'slot.name': slot,
    'snapshot.mode': 'no_data',
    'millrace.transaction.spill.dir': folder,
    ...more,
  });
}

/** Everything of a record that does not depend on when it was read. */
function contentOf(record: SourceRecord): unknown {
  const json = (bytes: Uint8Array | null | undefined): string | null =>
    text(bytes)?.replaceAll(/"ts_(ms|us|ns)":\d+(?=[,}]*$|,"ts_)/g, '') ?? null;
  const place = value(record)['transaction'] as { total_order: number } | null | undefined;
  return {
    topic: record.topic,
    key: JSON.stringify(record.key),
    op: value(record)['op'],
    after: JSON.stringify(value(record)['after']),
    before: JSON.stringify(value(record)['before']),
    source: value(record)['source'],
    order: place?.total_order,
    json: json(record.json?.key),
    offset: record.sourceOffset,
  };
}

async function waitFor(fact: () => Promise<boolean> | boolean, runner: Runner): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await fact())) {
    if (performance.now() > deadline) throw new Error(`not reached: ${runner.log.join('\n')}`);
    await runner.deliver(await runner.poll());
  }
}

const figure = (runner: Runner, name: string): number => runner.task.metrics?.()[name] ?? -1;

/** Two transactions that overlap, with savepoints undone and released, new columns, and changes of other tables. */
async function overlap(table: string, left: Client, right: Client): Promise<void> {
  const rows = (from: number, to: number, note: string): string =>
    `INSERT INTO ${table} (id, v) SELECT g, '${note}' || repeat('x', 200) FROM generate_series(${from}, ${to}) g`;
  await left.query(`BEGIN; ${rows(1, 2000, 'left')}`);
  await right.query(`BEGIN; ${rows(10_001, 12_000, 'right')}`);
  await left.query(`SAVEPOINT one; ${rows(2001, 4000, 'undone')}; ROLLBACK TO one`);
  await left.query(`SAVEPOINT two; ${rows(4001, 4500, 'outer')}`);
  await left.query(`SAVEPOINT three; ${rows(4501, 5500, 'inner')}; RELEASE three`);
  await left.query(`${rows(5501, 5600, 'outer again')}; ROLLBACK TO two`);
  await left.query(`SAVEPOINT four; ${rows(6001, 8000, 'kept')}; RELEASE four`);
  await right.query(`UPDATE ${table} SET v = 'changed' WHERE id BETWEEN 10001 AND 10100`);
  await right.query(`INSERT INTO ignored SELECT g FROM generate_series(1, 5000) g`);
  await left.query(`UPDATE ${table} SET id = id + 100000 WHERE id BETWEEN 6001 AND 6010`);
  await left.query(`SELECT pg_logical_emit_message(true, 'note', 'in the middle')`);
  await right.query('COMMIT');
  await left.query(`DELETE FROM ${table} WHERE id BETWEEN 7001 AND 7010`);
  await left.query('COMMIT');
  await right.query(`BEGIN; ${rows(20_001, 23_000, 'aborted')}`);
  await left.query(rows(30_001, 30_002, 'small'));
  await right.query('ROLLBACK');
  await right.query(
    `BEGIN; ALTER TABLE ${table} ADD COLUMN w int DEFAULT 7; ${rows(40_001, 42_000, 'wide')}; COMMIT`,
  );
  await left.query(rows(50_001, 50_001, 'last'));
}

test('what is streamed before its commit gives the very records and offsets of what is sent after it', async () => {
  await database.sql(
    'CREATE TABLE same (id int PRIMARY KEY, v text); CREATE TABLE ignored (id int)',
  );
  const runners = await Promise.all(
    ['true', 'false'].map((streaming) =>
      new Runner(
        config('same', {
          'slot.name': `${slot}_${streaming}`,
          'millrace.transaction.streaming': streaming,
          'provide.transaction.metadata': 'true',
        }),
      ).start(),
    ),
  );
  const [left, right] = [await database.client(), await database.client()];
  for (const runner of runners) await runner.poll();
  // From its end on both slots stand at the same place.
  await database.sql(`INSERT INTO same VALUES (0, 'first')`);
  await overlap('same', left, right);
  await left.end();
  await right.end();
  const isDone = (records: readonly SourceRecord[]): boolean =>
    records.some((record) => JSON.stringify(record.key) === '{"id":50001}') &&
    value(records.at(-1))['status'] === 'END';
  const [one, two] = runners;
  const streamed: number[] = [];
  await one?.until((records) => {
    streamed.push(figure(one, 'transactions_in_progress'));
    return isDone(records);
  }, 40_000);
  await two?.until(isDone, 40_000);
  expect(Math.max(...streamed)).toBeGreaterThan(0);
  // The text of the id behind the colon is the first LSN that we saw of the transaction.
  const isBegin = (record: SourceRecord): boolean => value(record)['status'] === 'BEGIN';
  const contents = runners.map(({ store }) =>
    store.records
      .filter((record) => !isBegin(record))
      .map(contentOf)
      .slice(2),
  );
  expect(contents[0]?.length).toBeGreaterThan(8000);
  expect(contents[0]).toEqual(contents[1]);
  const ids = new Set(one?.store.records.map((record) => JSON.stringify(record.key)));
  for (const undone of [2001, 4001, 4501, 5501, 20_001])
    expect(ids).not.toContain(`{"id":${undone}}`);
  for (const runner of runners) await runner.stop();
}, 90_000);

test('killed at any moment and started again, nothing of a streamed transaction is lost or doubled', async () => {
  await database.sql('CREATE TABLE killed (id int PRIMARY KEY, v text)');
  const store = new Store();
  const options = config('killed', { 'max.batch.size': '700' });
  const first = await new Runner(options, store).start();
  await first.poll();
  await first.stop();
  const [left, right] = [await database.client(), await database.client()];
  const insert = (from: number, to: number): string =>
    `INSERT INTO killed SELECT g, repeat('x', 100) FROM generate_series(${from}, ${to}) g`;
  const isIn = (id: number): boolean =>
    store.records.some((record) => (record.key as { id: number }).id === id);
  await left.query(`BEGIN; ${insert(1, 3000)}`);
  await right.query(`BEGIN; ${insert(10_001, 12_000)}`);
  for (let start = 0; start < 40 && !isIn(12_000); start++) {
    const runner = await new Runner(options, store).start();
    if (start === 2) await left.query('COMMIT');
    if (start === 6) await right.query('COMMIT');
    // Some of it is read and kept, one batch delivered, the next one lost on its way.
    for (let turn = 0; turn < 4; turn++) await runner.deliver(await runner.poll());
    await runner.poll();
    await runner.stop();
  }
  await left.end();
  await right.end();
  const ids = store.records.map((record) => (record.key as { id: number }).id);
  expect(ids).toEqual([
    ...Array.from({ length: 3000 }, (_, index) => index + 1),
    ...Array.from({ length: 2000 }, (_, index) => index + 10_001),
  ]);
  expect(await readdir(folder)).toEqual([]);
}, 90_000);

test('files that a crash left are removed at the start, those of others are not', async () => {
  await database.sql('CREATE TABLE cleaned (id int PRIMARY KEY)');
  await writeFile(join(folder, `shop-${slot}-1-1.spill`), 'left');
  await writeFile(join(folder, 'other-slot-1-1.spill'), 'kept');
  await using runner = await new Runner(config('cleaned')).start();
  await runner.poll();
  expect(await readdir(folder)).toEqual(['other-slot-1-1.spill']);
  await rm(join(folder, 'other-slot-1-1.spill'));
});

test('a folder that can not be written fails the task and says so', async () => {
  await database.sql('CREATE TABLE unkept (id int PRIMARY KEY, v text)');
  const blocked = join(folder, 'blocked');
  await writeFile(blocked, 'a file where a folder should be');
  await using runner = await new Runner(
    config('unkept', { 'millrace.transaction.spill.dir': blocked }),
  ).start();
  await runner.poll();
  const client = await database.client();
  await client.query(
    `BEGIN; INSERT INTO unkept SELECT g, repeat('x', 500) FROM generate_series(1, 5000) g`,
  );
  await expect(waitFor(() => false, runner)).rejects.toMatchObject({
    code: 'postgres.spill_failed',
    retry: 'fatal',
    hint: expect.stringContaining('millrace.transaction.spill.dir'),
  });
  await client.query('ROLLBACK');
  await client.end();
  await rm(blocked);
});

test('beyond its bound the server keeps transactions in progress, and they still arrive', async () => {
  await database.sql('CREATE TABLE bounded (id int PRIMARY KEY, v text)');
  await using runner = await new Runner(
    config('bounded', { 'millrace.transaction.spill.bytes.max': '1048576' }),
  ).start();
  await runner.poll();
  await database.sql(
    `INSERT INTO bounded SELECT g, repeat('x', 500) FROM generate_series(1, 10000) g`,
  );
  await runner.untilCount(10_000, 40_000);
  expect(runner.log.join()).toContain('postgres.spill_full');
  expect(figure(runner, 'transactions_spilled_bytes')).toBe(0);
  expect(runner.store.records).toHaveLength(10_000);
});

test('a dropped transaction leaves nothing, on the disk or in the log', async () => {
  await database.sql('CREATE TABLE dropped (id int PRIMARY KEY, v text)');
  await using runner = await new Runner(config('dropped')).start();
  await runner.poll();
  const client = await database.client();
  await client.query(
    `BEGIN; INSERT INTO dropped SELECT g, repeat('x', 500) FROM generate_series(1, 20000) g`,
  );
  await waitFor(() => figure(runner, 'transactions_spilled_bytes') > 5_000_000, runner);
  await client.query('ROLLBACK');
  await database.sql(`INSERT INTO dropped VALUES (0, 'only')`);
  await runner.untilCount(1);
  expect(figure(runner, 'transactions_in_progress')).toBe(0);
  expect(figure(runner, 'transactions_spilled_bytes')).toBe(0);
  expect(runner.store.records.map((record) => record.key)).toEqual([{ id: 0 }]);
  await client.end();
});
