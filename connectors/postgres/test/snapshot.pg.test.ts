import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { settingsFrom } from '../src/settings.ts';
import { after, Runner, Store, TestDatabase, value } from './harness.ts';

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
    'snapshot.fetch.size': '500',
    'max.batch.size': '300',
    ...more,
  });
}

const topic = (table: string): string => `shop.public.${table}`;
const isRead = (record: SourceRecord): boolean =>
  record.value !== null && value(record)['op'] === 'r';
const readsOf = (records: readonly SourceRecord[], table: string): SourceRecord[] =>
  records.filter((record) => isRead(record) && record.topic === topic(table));
const marker = (record: SourceRecord): unknown =>
  (value(record)['source'] as Record<string, unknown> | undefined)?.['snapshot'];

function replay(records: readonly SourceRecord[], table: string): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const record of records) {
    if (record.topic !== topic(table)) continue;
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

/** One batch delivered, the next one lost with the process. */
async function runAndDie(options: Record<string, string>, store: Store): Promise<Runner> {
  const runner = await new Runner(options, store).start();
  const before = store.records.length;
  await runner.until((records) => records.length > before);
  await runner.poll();
  await runner.stop();
  return runner;
}

async function untilSentinel(runner: Runner, table: string): Promise<void> {
  await database.sql(`INSERT INTO ${table} VALUES (-1, 0, '')`);
  await runner.until(
    (records) =>
      records.some(
        (record) => record.topic === topic(table) && JSON.stringify(record.key) === '{"id":-1}',
      ),
    60_000,
  );
}

test.each(['1', '3'])(
  'killed again and again while rows change, a snapshot goes on with the chunks that are left; nothing goes back in time (%s connections)',
  async (threads) => {
    const name = `again${threads}`;
    for (const table of [`${name}_a`, `${name}_b`, `${name}_c`])
      await database.sql(
        `CREATE TABLE ${table} (id int PRIMARY KEY, v int, t text);
         INSERT INTO ${table} SELECT g, 0, repeat('x', 400) FROM generate_series(1, 1500) g; ANALYZE ${table}`,
      );
    const options = config(`${name}_.`, {
      'snapshot.max.threads': threads,
      'snapshot.fetch.size': '100',
      'max.batch.size': '100',
    });
    const store = new Store();
    let starts = 0;
    const isComplete = (): boolean =>
      store.records.slice(-300).some((record) => marker(record) === 'last');
    for (; starts < 12 && !isComplete(); starts++) {
      await runAndDie(options, store);
      await database.sql(
        `UPDATE ${name}_a SET v = v + 1 WHERE id % 50 = ${starts};
         UPDATE ${name}_c SET v = v + 1 WHERE id % 50 = ${starts};
         DELETE FROM ${name}_b WHERE id % 97 = ${starts};
         INSERT INTO ${name}_c VALUES (${10_000 + starts}, 1, 'new')`,
      );
    }
    expect(store.offset).toMatchObject(
      isComplete() ? {} : { snapshot: 'INITIAL', snapshot_completed: false },
    );
    await using last = await new Runner(options, store).start();
    await last.until(isComplete, 30_000);
    for (const table of [`${name}_a`, `${name}_b`, `${name}_c`]) {
      await untilSentinel(last, table);
      expect(byKey(replay(store.records, table))).toEqual(byKey(await rowsOf(table)));
    }
    // What was whole was not read again: a chunk at most for each connection and start.
    const reads = store.records.filter(isRead).length;
    expect(starts).toBeGreaterThan(5);
    expect(reads).toBeLessThan(4500 + starts * 350 * Number(threads));
    const seen = new Map<string, number>();
    for (const record of store.records) {
      if (record.value === null || value(record)['after'] === null) continue;
      const key = `${record.topic} ${JSON.stringify(record.key)}`;
      const v = Number(after(record)['v']);
      expect(v).toBeGreaterThanOrEqual(seen.get(key) ?? 0);
      seen.set(key, v);
    }
    expect(store.offset).not.toHaveProperty('millrace_snapshot');
  },
  90_000,
);

test('a broken connection does not begin the snapshot again', async () => {
  await database.sql(
    `CREATE TABLE snapped (id int PRIMARY KEY, v int, t text);
     INSERT INTO snapped SELECT g, 0, repeat('x', 100) FROM generate_series(1, 6000) g; ANALYZE snapped`,
  );
  await using runner = await new Runner(config('snapped')).start();
  await runner.until((records) => records.length > 2500);
  await database.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND application_name LIKE 'millrace%'`,
  );
  await runner.until((records) => records.slice(-600).some((record) => marker(record) === 'last'));
  await untilSentinel(runner, 'snapped');
  const reads = readsOf(runner.store.records, 'snapped');
  expect(new Set(reads.map((record) => JSON.stringify(record.key))).size).toBeGreaterThanOrEqual(
    6000,
  );
  expect(reads.length).toBeLessThan(6000 + 2500);
  expect(byKey(replay(runner.store.records, 'snapped'))).toEqual(byKey(await rowsOf('snapped')));
});

test('a table that was rewritten meanwhile begins again, since its rows stand elsewhere', async () => {
  await database.sql(
    `CREATE TABLE rewritten (id int PRIMARY KEY, v int, t text);
     INSERT INTO rewritten SELECT g, 0, repeat('x', 100) FROM generate_series(1, 5000) g; ANALYZE rewritten`,
  );
  const store = new Store();
  const options = config('rewritten');
  while (store.records.length < 3000) await runAndDie(options, store);
  await database.sql(
    `UPDATE rewritten SET v = 1 WHERE id > 4500; DELETE FROM rewritten WHERE id < 100`,
  );
  await database.sql('VACUUM FULL rewritten');
  await using last = await new Runner(options, store).start();
  await last.until((records) => records.slice(-600).some((record) => marker(record) === 'last'));
  await untilSentinel(last, 'rewritten');
  expect(byKey(replay(store.records, 'rewritten'))).toEqual(byKey(await rowsOf('rewritten')));
});

test('a table without a key is read by its blocks, each row once, over several connections', async () => {
  await database.sql(
    `CREATE TABLE keyless (n int, t text); ALTER TABLE keyless REPLICA IDENTITY FULL;
     INSERT INTO keyless SELECT g / 2, repeat('x', 100) FROM generate_series(1, 6000) g; ANALYZE keyless;
     CREATE TABLE keyless_small (n int); ALTER TABLE keyless_small REPLICA IDENTITY FULL; INSERT INTO keyless_small VALUES (1)`,
  );
  await using runner = await new Runner(
    config('keyless.*', { 'snapshot.max.threads': '4' }),
  ).start();
  const records = await runner.untilCount(6001);
  await runner.poll();
  expect(records).toHaveLength(6001);
  const counts = new Map<number, number>();
  for (const record of readsOf(records, 'keyless')) {
    const n = Number(after(record)['n']);
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  expect([counts.size, counts.get(0), counts.get(1), counts.get(3000)]).toEqual([3001, 1, 2, 1]);
  const markers = records.map(marker).filter((one) => one !== 'true');
  expect(markers).toEqual(['first', 'last_in_data_collection', 'last']);
  expect(runner.task.metrics?.()).toMatchObject({
    snapshot_tables_done: 2,
    snapshot_rows_total: 6001,
  });
});

test('a partitioned table that is published by its root is read leaf by leaf', async () => {
  await database.sql(
    `CREATE TABLE rooted (id int, v int, t text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
     CREATE TABLE rooted_1 PARTITION OF rooted FOR VALUES FROM (MINVALUE) TO (2000);
     CREATE TABLE rooted_2 (t text, v int, id int NOT NULL); ALTER TABLE rooted ATTACH PARTITION rooted_2 FOR VALUES FROM (2000) TO (MAXVALUE);
     INSERT INTO rooted SELECT g, 0, repeat('x', 100) FROM generate_series(1, 4000) g; ANALYZE rooted`,
  );
  const store = new Store();
  const options = config('rooted', {
    'publish.via.partition.root': 'true',
    'publication.name': 'rooted',
    'publication.autocreate.mode': 'filtered',
  });
  while (store.records.length < 2500) await runAndDie(options, store);
  await database.sql('UPDATE rooted SET v = 1 WHERE id % 7 = 0');
  await using last = await new Runner(options, store).start();
  await last.until((records) => records.slice(-600).some((record) => marker(record) === 'last'));
  await untilSentinel(last, 'rooted');
  expect(byKey(replay(store.records, 'rooted'))).toEqual(byKey(await rowsOf('rooted')));
});

test('a blocking snapshot that is killed goes on with what it was asked for', async () => {
  await database.sql(
    `CREATE TABLE asked_a (id int PRIMARY KEY, v int, t text); CREATE TABLE asked_b (id int PRIMARY KEY, v int, t text);
     INSERT INTO asked_a SELECT g, 0, repeat('x', 100) FROM generate_series(1, 4000) g; ANALYZE asked_a;
     INSERT INTO asked_b VALUES (1, 0, ''), (2, 0, '');
     CREATE TABLE asking (id varchar(42) PRIMARY KEY, type varchar(32), data varchar(2048))`,
  );
  const store = new Store();
  const options = config('asked_.', {
    'snapshot.mode': 'no_data',
    'signal.data.collection': 'public.asking',
  });
  const first = await new Runner(options, store).start();
  await first.poll();
  await database.sql(
    `INSERT INTO asking VALUES ('1', 'execute-snapshot', '{"type":"blocking","data-collections":["public.asked_.*"],"additional-conditions":[{"data-collection":"public.asked_b","filter":"SELECT * FROM asked_b WHERE id = 2"}]}')`,
  );
  await first.until((records) => readsOf(records, 'asked_a').length > 1500);
  await first.poll();
  await first.stop();
  expect(store.offset).toMatchObject({ snapshot: 'BLOCKING', snapshot_completed: false });
  await database.sql('UPDATE asked_a SET v = 1 WHERE id % 3 = 0');
  await using second = await new Runner(options, store).start();
  await second.until((records) => readsOf(records, 'asked_b').length > 0);
  await untilSentinel(second, 'asked_a');
  expect(byKey(replay(store.records, 'asked_a'))).toEqual(byKey(await rowsOf('asked_a')));
  expect(readsOf(store.records, 'asked_b').map((record) => record.key)).toEqual([{ id: 2 }]);
  expect(readsOf(store.records, 'asked_a').length).toBeLessThan(4000 + 2500);
});

test('snapshot.mode=configuration_based does what its keys say', async () => {
  await database.sql('CREATE TABLE based (id int PRIMARY KEY); INSERT INTO based VALUES (1)');
  const based = (keys: Record<string, string>): Record<string, string> =>
    config('based', {
      'snapshot.mode': 'configuration_based',
      ...Object.fromEntries(
        Object.entries(keys).map(([key, on]) => [`snapshot.mode.configuration.based.${key}`, on]),
      ),
    });
  await using nothing = await new Runner(based({})).start();
  expect(await nothing.poll()).toEqual([]);
  expect(await database.slotLsn(slot)).toBeNull();
  const store = new Store();
  for (const expected of [1, 2]) {
    const both = based({ 'snapshot.data': 'true', 'start.stream': 'true' });
    await using runner = await new Runner(both, store).start();
    await runner.until((records) => records.filter(isRead).length >= expected);
  }
  await database.sql('INSERT INTO based VALUES (2)');
  await using streams = await new Runner(based({ 'start.stream': 'true' }), store).start();
  await streams.until((records) => JSON.stringify(records.at(-1)?.key) === '{"id":2}');
  expect(store.records.filter(isRead)).toHaveLength(2);
});

test('custom modes are refused with the reason', () => {
  for (const key of ['snapshot.mode', 'snapshot.locking.mode', 'snapshot.query.mode'])
    expect(() => settingsFrom(config('x', { [key]: 'custom' }))).toThrow(/Java class/);
});

test.each(['serializable', 'repeatable_read', 'read_committed', 'read_uncommitted'])(
  'snapshot.isolation.mode=%s, with a slot and without',
  async (mode) => {
    await database.sql(
      'CREATE TABLE IF NOT EXISTS isolated (id int PRIMARY KEY); INSERT INTO isolated VALUES (1) ON CONFLICT DO NOTHING',
    );
    const options = config('isolated', {
      'snapshot.isolation.mode': mode,
      'snapshot.locking.mode': 'shared',
    });
    await using runner = await new Runner(options).start();
    await runner.untilCount(1);
    await using once = await new Runner({ ...options, 'snapshot.mode': 'initial_only' }).start();
    await once.untilCount(1);
  },
);
