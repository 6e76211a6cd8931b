import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { TcpProxy } from '@millrace/test-servers';
import { forecast, type SlotUsage } from '../src/guard/slot-usage.ts';
import { Runner, Store, TestDatabase } from './harness.ts';

let database: TestDatabase;
let number = 0;
let slot = '';
beforeAll(async () => {
  database = await TestDatabase.start({ wal_sender_timeout: '0', max_slot_wal_keep_size: '10GB' });
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
    'millrace.slot.check.interval.ms': '20',
    ...more,
  });
}

const usage = (atMs: number, retainedBytes: number, safeBytes: number | null): SlotUsage => ({
  atMs,
  retainedBytes,
  safeBytes,
  serverLsn: 0,
  walStatus: 'reserved',
});

test('the time left is to the nearer of the server’s limit and the budget, at the growth of now', () => {
  expect(forecast(usage(0, 0, 900), usage(10_000, 100, 800), 0)).toEqual({
    growthBytesPerSecond: 10,
    secondsLeft: 80,
  });
  expect(forecast(usage(0, 0, 900), usage(10_000, 100, 800), 500).secondsLeft).toBe(40);
  expect(forecast(usage(0, 0, null), usage(10_000, 100, null), 0).secondsLeft).toBeNull();
  expect(forecast(usage(0, 100, 10), usage(10_000, 100, 10), 0).secondsLeft).toBeNull();
  expect(forecast(usage(0, 0, null), usage(10_000, 900, null), 500).secondsLeft).toBe(0);
  expect(forecast(usage(5, 1, 2), usage(5, 1, 2), 3).secondsLeft).toBeNull();
});

/** A transaction that runs keeps the WAL since its beginning. */
async function hold(table: string): Promise<AsyncDisposable> {
  const client = await database.client();
  await client.query(`BEGIN; INSERT INTO ${table} VALUES (-1)`);
  return { [Symbol.asyncDispose]: () => client.end() };
}

async function write(): Promise<void> {
  await database.sql(
    `SELECT count(pg_logical_emit_message(false, 'fill', repeat('x', 10000))) FROM generate_series(1, 300)`,
  );
}

test('the WAL that is kept, its growth and the room left are metrics', async () => {
  await database.sql('CREATE TABLE seen (id int PRIMARY KEY)');
  await using runner = await new Runner(config('seen')).start();
  const figure = (name: string): number => runner.task.metrics?.()[name] ?? -1;
  await until(runner, () => figure('slot_wal_retained_bytes') >= 0);
  const holder = await hold('seen');
  try {
    await write();
    await until(runner, () => figure('slot_wal_retained_bytes') > 2_000_000);
    expect(figure('slot_wal_growth_bytes_per_second')).toBeGreaterThan(0);
    expect(figure('slot_wal_safe_bytes')).toBeGreaterThan(1_000_000_000);
    expect(figure('slot_seconds_left')).toBeGreaterThan(0);
  } finally {
    await holder[Symbol.asyncDispose]();
  }
});

async function until(runner: Runner, isDone: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error(`not reached: ${runner.log.join('\n')}`);
    await runner.deliver(await runner.poll());
  }
}

test.each(['warn', 'fail', 'drop-slot'])('beyond the budget: %s', async (action) => {
  const table = `budget_${action.replace('-', '_')}`;
  await database.sql(`CREATE TABLE ${table} (id int PRIMARY KEY)`);
  await using runner = await new Runner(
    config(table, {
      'millrace.slot.wal.bytes.max': '1000000',
      'millrace.slot.wal.action': action,
    }),
  ).start();
  await runner.poll();
  const holder = await hold(table);
  await write();
  try {
    const hasWarned = (): boolean =>
      action === 'warn' && runner.log.join().includes('postgres.slot_over_budget');
    await until(runner, hasWarned).catch((error: unknown) => {
      expect(action).not.toBe('warn');
      expect(error).toMatchObject({ code: 'postgres.slot_over_budget', retry: 'fatal' });
    });
  } finally {
    await holder[Symbol.asyncDispose]();
  }
  const deadline = performance.now() + 10_000;
  const isThere = async (): Promise<boolean> => (await database.slotLsn(slot)) !== null;
  while (action === 'drop-slot' && (await isThere()) && performance.now() < deadline);
  expect(await isThere()).toBe(action !== 'drop-slot');
});

test('a connection of ours that is gone without a word gives the slot up, one that lives does not', async () => {
  await database.sql('CREATE TABLE stale (id int PRIMARY KEY)');
  await using proxy = await TcpProxy.start(database.server);
  const store = new Store();
  const quick = { 'status.update.interval.ms': '200' };
  const former = await new Runner(
    config('stale', {
      ...quick,
      'database.hostname': proxy.host,
      'database.port': String(proxy.port),
    }),
    store,
  ).start();
  await former.poll();
  await database.sql('INSERT INTO stale VALUES (1)');
  await former.untilCount(1);
  await using waiting = await new Runner(config('stale', quick), store).start();
  for (let turn = 0; turn < 5; turn++) expect(await waiting.poll()).toEqual([]);
  expect(waiting.log.join()).not.toContain('still held the slot');
  proxy.silence();
  await database.sql('INSERT INTO stale VALUES (2)');
  await waiting.untilCount(2);
  expect(waiting.log.join()).toContain('still held the slot');
  proxy.cut();
  await former.stop();
}, 60_000);
