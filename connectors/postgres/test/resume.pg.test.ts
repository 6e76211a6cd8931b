import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { SourceRecord } from '@millrace/record';
import { after, Runner, Store, TestDatabase, value } from './harness.ts';

let database: TestDatabase;
let number = 0;
let slot = '';
beforeAll(async () => {
  database = await TestDatabase.start({ wal_sender_timeout: '2s' });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(() => {
  slot = `slot_${++number}`;
});

function config(table: string, more: Record<string, string> = {}): Record<string, string> {
  return database.config({ 'table.include.list': `public\\.${table}`, 'slot.name': slot, ...more });
}

/** Replays records into a table, as a sink would. */
function replay(records: readonly SourceRecord[]): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const record of records) {
    const key = JSON.stringify(record.key);
    if (record.value === null || value(record)['op'] === 'd') rows.delete(key);
    else rows.set(key, after(record));
  }
  return rows;
}

async function tableRows(table: string): Promise<Map<string, unknown>> {
  const rows = await database.sql(`SELECT * FROM ${table} ORDER BY id`);
  return new Map(rows.map((row) => [JSON.stringify({ id: row['id'] }), row]));
}

const byKey = (rows: Map<string, unknown>): unknown[] =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

test('snapshot and stream join without gap or overlap while writes go on', async () => {
  await database.sql(
    'CREATE TABLE joined (id int PRIMARY KEY, v int); INSERT INTO joined SELECT g, 0 FROM generate_series(1, 2000) g',
  );
  const writers = await Promise.all([1, 2, 3].map(() => database.client()));
  const stop = { now: false };
  const writing = writers.map(async (client, index) => {
    for (let turn = 0; !stop.now; turn++) {
      await client.query('INSERT INTO joined VALUES ($1, $2)', [10_000 * (index + 1) + turn, turn]);
      await client.query('UPDATE joined SET v = v + 1 WHERE id = $1', [(turn % 2000) + 1]);
      if (turn % 3 === 0)
        await client.query('DELETE FROM joined WHERE id = $1', [10_000 * (index + 1) + turn]);
    }
    await client.end();
  });
  await using runner = await new Runner(config('joined', { 'max.batch.size': '100' })).start();
  await runner.until(
    (records) => records.filter((record) => value(record)['op'] === 'c').length > 200,
  );
  stop.now = true;
  await Promise.all(writing);
  await database.sql('INSERT INTO joined VALUES (999999, 0)');
  await runner.until(
    (records) =>
      records.at(-1)?.key !== null && JSON.stringify(records.at(-1)?.key) === '{"id":999999}',
    20_000,
  );
  expect(byKey(replay(runner.store.records))).toEqual(byKey(await tableRows('joined')));
  // Exactly: no row is both in the snapshot and created by the stream.
  const read = new Set(
    runner.store.records
      .filter((record) => value(record)['op'] === 'r')
      .map((record) => JSON.stringify(record.key)),
  );
  const created = runner.store.records
    .filter((record) => value(record)['op'] === 'c')
    .map((record) => JSON.stringify(record.key));
  expect(created.filter((key) => read.has(key))).toEqual([]);
  expect(new Set(created).size).toBe(created.length);
});

test('snapshot rows carry their markers and the offset says when it is complete', async () => {
  await database.sql(`CREATE TABLE mark_a (id int PRIMARY KEY); CREATE TABLE mark_b (id int PRIMARY KEY); CREATE TABLE mark_c (id int PRIMARY KEY);
    CREATE TABLE mark_d (id int PRIMARY KEY); INSERT INTO mark_a VALUES (1), (2), (3); INSERT INTO mark_b VALUES (1); INSERT INTO mark_c VALUES (1), (2)`);
  await using runner = await new Runner(config('mark_.')).start();
  const records = await runner.untilCount(6);
  expect(
    records.map((record) => (value(record)['source'] as Record<string, unknown>)['snapshot']),
  ).toEqual([
    'first',
    'true',
    'last_in_data_collection',
    'last_in_data_collection',
    'first_in_data_collection',
    'last',
  ]);
  expect(records.map((record) => record.sourceOffset['snapshot_completed'])).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
  expect(runner.task.metrics?.()).toMatchObject({
    snapshot_tables_done: 4,
    snapshot_rows_total: 6,
  });
});

test('a crash after the snapshot, before its offset is stored, forgets no delete of the time between', async () => {
  await database.sql(
    'CREATE TABLE forgotten (id int PRIMARY KEY); INSERT INTO forgotten SELECT g FROM generate_series(1, 50) g',
  );
  const store = new Store();
  const first = await new Runner(config('forgotten'), store).start();
  await first.untilCount(50);
  await database.sql('INSERT INTO forgotten VALUES (51)');
  await first.untilCount(51);
  await first.stop();
  store.offset = undefined;
  await database.sql('DELETE FROM forgotten WHERE id IN (7, 51)');
  // The offset of the second snapshot is stored: the stream must still begin where the slot stands.
  const second = await new Runner(config('forgotten'), store).start();
  await second.untilCount(51 + 48);
  await second.stop();
  await using third = await new Runner(config('forgotten'), store).start();
  const records = await third.untilCount(51 + 48 + 1 + 4);
  expect(byKey(replay(records))).toEqual(byKey(await tableRows('forgotten')));
});

test('a crash within the snapshot takes it again, and misses nothing of the time between', async () => {
  await database.sql(
    'CREATE TABLE broken (id int PRIMARY KEY); INSERT INTO broken SELECT g FROM generate_series(1, 500) g',
  );
  const store = new Store();
  const first = await new Runner(config('broken', { 'max.batch.size': '100' }), store).start();
  await first.deliver(await first.poll());
  expect(store.offset).toMatchObject({ snapshot: 'INITIAL', snapshot_completed: false });
  await first.stop();
  await database.sql('DELETE FROM broken WHERE id <= 100; INSERT INTO broken VALUES (1000)');
  await using second = await new Runner(config('broken'), store).start();
  // 100 rows of the first attempt, 401 of the second, and from the stream 100 deletes with tombstones and an insert.
  await second.untilCount(702);
  await database.sql('INSERT INTO broken VALUES (1001)');
  const records = await second.untilCount(703);
  expect(
    records.filter((record) => record.value !== null && value(record)['op'] === 'r'),
  ).toHaveLength(501);
  // What the first attempt delivered and was deleted since is known to be gone.
  expect(byKey(replay(records))).toEqual(byKey(await tableRows('broken')));
  expect(
    await database.sql(
      `SELECT count(*)::int AS n FROM pg_replication_slots WHERE slot_name LIKE '${slot}%'`,
    ),
  ).toEqual([{ n: 1 }]);
});

test('killed after any batch and started from the stored offset, nothing is lost and nothing comes twice', async () => {
  await database.sql('CREATE TABLE killed (id int PRIMARY KEY, v int)');
  const store = new Store();
  const options = config('killed', { 'snapshot.mode': 'no_data', 'max.batch.size': '7' });
  const before = await new Runner(options, store).start();
  await before.poll(); // makes the slot
  await before.stop();
  // Small transactions, one of many rows at the same LSN (COPY), interleaved ones, and changed keys.
  const [left, right] = await Promise.all([database.client(), database.client()]);
  await left.query('BEGIN; INSERT INTO killed SELECT g, 1 FROM generate_series(1, 20) g');
  await right.query('BEGIN; INSERT INTO killed SELECT g, 2 FROM generate_series(101, 120) g');
  await left.query('INSERT INTO killed SELECT g, 1 FROM generate_series(21, 40) g');
  await right.query('COMMIT');
  await database.sql('INSERT INTO killed SELECT g, 3 FROM generate_series(201, 215) g');
  await left.query('COMMIT');
  await database.sql('UPDATE killed SET id = id + 1000 WHERE id BETWEEN 1 AND 10');
  await database.sql('DELETE FROM killed WHERE id > 210 AND id < 1000');
  await left.end();
  await right.end();
  const expected = 40 + 20 + 15 + 30 + 10;
  let starts = 0;
  while (store.records.length < expected && starts++ < 100) {
    const runner = await new Runner(options, store).start();
    // One batch is delivered, the next one lost on its way.
    for (let batch: readonly SourceRecord[] = []; batch.length === 0;) {
      batch = await runner.poll();
      await runner.deliver(batch);
    }
    await runner.poll();
    await runner.stop();
  }
  expect(byKey(replay(store.records))).toEqual(byKey(await tableRows('killed')));
  // A batch may end within a change that gives three records: those come again as a whole.
  expect(store.records.length).toBeLessThan(expected + 30);
  const inserts = store.records.filter(
    (record) =>
      value(record)['op'] === 'c' &&
      !record.headers.some((header) => header.key === '__debezium.oldkey'),
  );
  expect(inserts).toHaveLength(75);
});

test('rows of one COPY share an LSN and are still counted one by one', async () => {
  await database.sql('CREATE TABLE copied (id int PRIMARY KEY, v text)');
  const store = new Store();
  const options = config('copied', { 'snapshot.mode': 'no_data', 'max.batch.size': '10' });
  const first = await new Runner(options, store).start();
  await first.poll();
  await first.stop();
  // A server-side program writes the rows that COPY reads.
  await database.sql(`COPY copied FROM PROGRAM 'seq 1 35 | sed "s/$/\\tx/"'`);
  for (let start = 0; store.records.length < 35 && start < 10; start++) {
    await using runner = await new Runner(options, store).start();
    await runner.until(() => store.records.length > start * 10 || store.records.length >= 35);
  }
  expect(store.records.map((record) => (record.key as { id: number }).id)).toEqual(
    Array.from({ length: 35 }, (_, index) => index + 1),
  );
  const lsns = new Set(store.records.map((record) => record.sourceOffset['lsn']));
  expect(lsns.size).toBeLessThan(35);
});

test('orders within a transaction go on after a restart in the middle of it', async () => {
  await database.sql('CREATE TABLE ordered (id int PRIMARY KEY)');
  const store = new Store();
  const options = config('ordered', {
    'snapshot.mode': 'no_data',
    'provide.transaction.metadata': 'true',
    'max.batch.size': '3',
  });
  const first = await new Runner(options, store).start();
  await first.poll();
  await first.stop();
  await database.sql(
    'INSERT INTO ordered SELECT generate_series(1, 5); UPDATE ordered SET id = 6 WHERE id = 5',
  );
  for (let starts = 0; starts < 10 && value(store.records.at(-1))['status'] !== 'END'; starts++) {
    await using runner = await new Runner(options, store).start();
    await runner.untilCount(store.records.length + 1);
  }
  const orders = store.records.flatMap((record) => value(record)['transaction'] ?? []);
  expect(orders.map((place) => (place as { total_order: number }).total_order)).toEqual([
    1, 2, 3, 4, 5, 6, 7,
  ]);
  expect(value(store.records.at(-1))['event_count']).toBe(7);
});

test('an offset of Debezium is taken over at its event', async () => {
  await database.sql('CREATE TABLE taken (id int PRIMARY KEY)');
  const store = new Store();
  const options = config('taken', { 'snapshot.mode': 'no_data' });
  const first = await new Runner({ ...options, 'lsn.flush.mode': 'manual' }, store).start();
  await first.poll();
  await database.sql('INSERT INTO taken SELECT generate_series(1, 5)');
  await first.until((records) => records.length >= 5);
  const theirs = Object.fromEntries(
    Object.entries(first.store.records[2]?.sourceOffset ?? {}).filter(
      ([key]) => key !== 'lsn_events_processed',
    ),
  );
  await first.stop();
  await database.sql('INSERT INTO taken SELECT generate_series(6, 10)');
  const again = new Store();
  again.offset = theirs;
  await using second = await new Runner(options, again).start();
  await second.until((records) =>
    records.some((record) => JSON.stringify(record.key) === '{"id":10}'),
  );
  expect(again.records.map((record) => (record.key as { id: number }).id)).toEqual([
    4, 5, 6, 7, 8, 9, 10,
  ]);
});

test('the slot moves only after commit, and follows the server while nothing is in flight', async () => {
  await database.sql('CREATE TABLE acked (id int PRIMARY KEY); CREATE TABLE elsewhere (id int)');
  await using runner = await new Runner(
    config('acked', { 'snapshot.mode': 'no_data', 'status.update.interval.ms': '20' }),
  ).start();
  await runner.poll();
  await database.sql('INSERT INTO acked VALUES (1)');
  let pending: readonly SourceRecord[] = [];
  while (pending.length === 0) pending = await runner.poll();
  const before = await database.slotLsn(slot);
  await database.sql('INSERT INTO elsewhere SELECT generate_series(1, 1000)');
  for (let turn = 0; turn < 10; turn++) await runner.poll();
  expect(await database.slotLsn(slot)).toBe(before);
  await runner.deliver(pending);
  const target = Number(
    (await database.sql(`SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::text AS lsn`))[0]?.['lsn'],
  );
  const deadline = performance.now() + 10_000;
  while (Number(await database.slotLsn(slot)) < target && performance.now() < deadline)
    await runner.deliver(await runner.poll());
  expect(Number(await database.slotLsn(slot))).toBeGreaterThanOrEqual(target);
});

test.each([
  ['lsn.flush.mode', 'manual'],
  ['flush.lsn.source', 'false'],
])('with %s=%s the slot is left alone', async (key, mode) => {
  await database.sql('CREATE TABLE IF NOT EXISTS manual (id int); TRUNCATE manual');
  await using runner = await new Runner(
    config('manual', { 'snapshot.mode': 'no_data', [key]: mode }),
  ).start();
  await runner.poll();
  const before = await database.slotLsn(slot);
  await database.sql('INSERT INTO manual VALUES (1)');
  await runner.untilCount(1);
  for (let turn = 0; turn < 5; turn++) await runner.poll();
  expect(await database.slotLsn(slot)).toBe(before);
});

test('a terminated walsender is replaced, and the stream goes on where it was', async () => {
  await database.sql('CREATE TABLE cut (id int PRIMARY KEY)');
  await using runner = await new Runner(config('cut', { 'snapshot.mode': 'no_data' })).start();
  await runner.poll();
  for (let turn = 1; turn <= 3; turn++) {
    await database.sql('INSERT INTO cut VALUES ($1)', [turn]);
    await runner.untilCount(turn);
    await database.sql(
      'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1',
      [slot],
    );
  }
  await database.sql('INSERT INTO cut VALUES (4)');
  expect((await runner.untilCount(4)).map((record) => record.key)).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
    { id: 4 },
  ]);
});

test('the server restarts, in order or by a crash, and the stream goes on', async () => {
  await database.sql('CREATE TABLE restarted (id int PRIMARY KEY)');
  await using runner = await new Runner(
    config('restarted', { 'snapshot.mode': 'no_data' }),
  ).start();
  await runner.poll();
  await database.sql('INSERT INTO restarted VALUES (1)');
  await runner.untilCount(1);
  for (const how of ['orderly', 'crash'] as const) {
    // An orderly stop waits for the walsender, which waits for us.
    const restarting = database.server.restart(how);
    const restart = { isDone: false };
    void restarting.finally(() => {
      restart.isDone = true;
    });
    while (!restart.isDone) await runner.deliver(await runner.poll());
    await restarting;
    await database.reconnect();
    await database.sql('INSERT INTO restarted SELECT max(id) + 1 FROM restarted');
    await runner.untilCount(how === 'orderly' ? 2 : 3);
  }
  expect(runner.store.records.map((record) => record.key)).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
  ]);
}, 60_000);

test('nobody polls for longer than wal_sender_timeout, and the connection lives', async () => {
  await database.sql('CREATE TABLE patient (id int PRIMARY KEY, v text)');
  await using runner = await new Runner(
    config('patient', { 'snapshot.mode': 'no_data', 'max.queue.size.in.bytes': '100000' }),
  ).start();
  await runner.poll();
  await database.sql(
    `INSERT INTO patient SELECT g, repeat('x', 1000) FROM generate_series(1, 20000) g`,
  );
  const client: Client = await database.client();
  await client.query('SELECT pg_sleep(5)');
  await client.end();
  await runner.untilCount(20_000, 20_000);
  expect(runner.log.join()).not.toContain('lost');
  expect(runner.store.records).toHaveLength(20_000);
}, 40_000);

test('a slot that is gone or was lost is reported, and when_needed takes a new snapshot', async () => {
  await database.sql('CREATE TABLE gone (id int PRIMARY KEY); INSERT INTO gone VALUES (1)');
  const store = new Store();
  const first = await new Runner(config('gone'), store).start();
  await first.untilCount(1);
  await database.sql('INSERT INTO gone VALUES (2)');
  await first.untilCount(2);
  await first.stop();
  await database.sql('SELECT pg_drop_replication_slot($1)', [slot]);
  await using second = await new Runner(config('gone'), store).start();
  await expect(second.poll()).rejects.toMatchObject({
    code: 'postgres.slot_missing',
    retry: 'fatal',
  });
  await using third = await new Runner(
    config('gone', { 'snapshot.mode': 'when_needed' }),
    store,
  ).start();
  await third.untilCount(4);
  expect(store.records.slice(2).map((record) => value(record)['op'])).toEqual(['r', 'r']);
});

test('snapshot modes: always repeats, initial does not, initial_only ends without a slot', async () => {
  await database.sql('CREATE TABLE modes (id int PRIMARY KEY); INSERT INTO modes VALUES (1)');
  const store = new Store();
  for (const [mode, expected] of [
    ['initial', ['r']],
    ['initial', ['r', 'c']],
    ['always', ['r', 'c', 'r', 'r']],
  ] as const) {
    await using runner = await new Runner(
      config('modes', { 'snapshot.mode': mode }),
      store,
    ).start();
    if (expected.length === 2) {
      await database.sql('INSERT INTO modes VALUES (2)');
    }
    await runner.untilCount(expected.length);
    expect(store.records.map((record) => value(record)['op'])).toEqual(expected);
  }
  const once = await new Runner(
    config('modes', { 'snapshot.mode': 'initial_only', 'slot.name': `${slot}_none` }),
  ).start();
  await once.untilCount(2);
  await database.sql('INSERT INTO modes VALUES (3)');
  expect(await once.poll()).toEqual([]);
  await once.stop();
  expect(await database.slotLsn(`${slot}_none`)).toBeNull();
});

test('a stopped task frees the slot at once, and drops it when told to', async () => {
  await database.sql('CREATE TABLE freed (id int PRIMARY KEY)');
  const active = async (): Promise<unknown> =>
    (
      await database.sql('SELECT active FROM pg_replication_slots WHERE slot_name = $1', [slot])
    )[0]?.['active'];
  const runner = await new Runner(config('freed', { 'snapshot.mode': 'no_data' })).start();
  await runner.poll();
  expect(await active()).toBe(true);
  await runner.stop();
  expect(await active()).toBe(false);
  const dropping = await new Runner(
    config('freed', { 'snapshot.mode': 'no_data', 'slot.drop.on.stop': 'true' }),
  ).start();
  await dropping.poll();
  await dropping.stop();
  expect(await active()).toBeUndefined();
});

test('a slot in use is waited for', async () => {
  await database.sql('CREATE TABLE shared (id int PRIMARY KEY)');
  const first = await new Runner(config('shared', { 'snapshot.mode': 'no_data' })).start();
  await first.poll();
  await using second = await new Runner(config('shared', { 'snapshot.mode': 'no_data' })).start();
  expect(await second.poll()).toEqual([]);
  expect(second.log.join()).toContain('postgres.slot_in_use');
  await first.stop();
  await database.sql('INSERT INTO shared VALUES (1)');
  await second.untilCount(1);
});
