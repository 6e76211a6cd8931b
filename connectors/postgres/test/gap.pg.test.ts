import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SourceOffset } from '@millrace/record';
import { Runner, Store, TestDatabase, value } from './harness.ts';

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
  return database.config({ 'table.include.list': `public\\.${table}`, 'slot.name': slot, ...more });
}

/** Row 1 is read and stored, row 2 lies in the gap, row 3 behind it. */
async function withGap(table: string, gap: () => Promise<void>): Promise<Store> {
  await database.sql(`CREATE TABLE ${table} (id int PRIMARY KEY)`);
  const store = new Store();
  const runner = await new Runner(config(table, { 'snapshot.mode': 'no_data' }), store).start();
  await runner.poll();
  await database.sql(`INSERT INTO ${table} VALUES (1)`);
  await runner.untilCount(1);
  await runner.stop();
  await gap();
  return store;
}

async function recreateSlot(table: string): Promise<void> {
  await database.sql('SELECT pg_drop_replication_slot($1)', [slot]);
  await database.sql(`INSERT INTO ${table} VALUES (2)`);
  await database.sql(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
  await database.sql(`INSERT INTO ${table} VALUES (3)`);
}

const keys = (store: Store): unknown[] =>
  store.records.map((record) => (record.key as { id: number }).id);

test('a slot that was made anew stops the connector, and the hint mends it', async () => {
  const store = await withGap('anew', () => recreateSlot('anew'));
  await using blind = await new Runner(
    config('anew', { 'snapshot.mode': 'no_data' }),
    store,
  ).start();
  await expect(blind.poll()).rejects.toMatchObject({
    code: 'postgres.slot_ahead',
    retry: 'fatal',
    message: expect.stringContaining('recreated'),
    hint: expect.stringMatching(
      /snapshot\.mode=when_needed.*offset\.mismatch\.strategy=trust_slot/,
    ),
  });
  await using mended = await new Runner(
    config('anew', { 'snapshot.mode': 'when_needed' }),
    store,
  ).start();
  // The snapshot has all of them; row 3 comes again by the stream, where the new slot begins.
  await mended.untilCount(5);
  expect(keys(store)).toEqual([1, 1, 2, 3, 3]);
});

test.each([
  ['trust_slot', [1, 3]],
  ['trust_greater_lsn', [1, 3]],
  ['no_validation', [1, 3]],
])('offset.mismatch.strategy=%s goes on where the slot stands', async (strategy, expected) => {
  const table = `accepted_${strategy}`;
  const store = await withGap(table, () => recreateSlot(table));
  await using runner = await new Runner(
    config(table, { 'snapshot.mode': 'no_data', 'offset.mismatch.strategy': strategy }),
    store,
  ).start();
  await runner.untilCount(2);
  expect(keys(store)).toEqual(expected);
});

test('a change after a time of nothing is no gap, though the slot had moved on meanwhile', async () => {
  await database.sql('CREATE TABLE quiet (id int PRIMARY KEY); CREATE TABLE noise (id int)');
  const options = config('quiet', {
    'snapshot.mode': 'no_data',
    'publication.name': 'quiet',
    'publication.autocreate.mode': 'filtered',
  });
  const store = new Store();
  const runner = await new Runner(options, store).start();
  await runner.poll();
  await database.sql('INSERT INTO quiet VALUES (1)');
  await runner.untilCount(1);
  await database.sql('INSERT INTO noise SELECT generate_series(1, 100)');
  const [row] = await database.sql(`SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::text AS lsn`);
  for (let slotLsn = 0; slotLsn < Number(row?.['lsn']);) {
    await runner.deliver(await runner.poll());
    slotLsn = Number(await database.slotLsn(slot));
  }
  // The offset of the change is stored; that of its commit is not any more.
  await database.sql('INSERT INTO quiet VALUES (2)');
  await runner.untilCount(2);
  await runner.stop();
  await using again = await new Runner(options, store).start();
  await database.sql('INSERT INTO quiet VALUES (3)');
  await again.untilCount(3);
  expect(keys(store)).toEqual([1, 2, 3]);
});

test('trust_offset refuses a slot beyond the offset; trust_slot reads again what an older slot still holds', async () => {
  await database.sql('CREATE TABLE older (id int PRIMARY KEY)');
  const options = config('older', { 'snapshot.mode': 'no_data' });
  const store = new Store();
  const runner = await new Runner({ ...options, 'lsn.flush.mode': 'manual' }, store).start();
  await runner.poll();
  await database.sql('INSERT INTO older VALUES (1)');
  await runner.untilCount(1);
  await database.sql('INSERT INTO older VALUES (2)');
  await runner.untilCount(2);
  await runner.stop();
  const again = new Store();
  again.offset = store.offset;
  const trusting = await new Runner(
    { ...options, 'lsn.flush.mode': 'manual', 'offset.mismatch.strategy': 'trust_slot' },
    again,
  ).start();
  await trusting.untilCount(2);
  await trusting.stop();
  expect(keys(again)).toEqual([1, 2]);
  await database.sql(`SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())`, [slot]);
  await using strict = await new Runner(
    { ...options, 'offset.mismatch.strategy': 'trust_offset' },
    store,
  ).start();
  await expect(strict.poll()).rejects.toMatchObject({ code: 'postgres.slot_ahead' });
});

test('an offset of another cluster, or of a timeline that the server left before it, is refused', async () => {
  const store = await withGap('moved', () => Promise.resolve());
  const own = String(store.offset?.['millrace_server']);
  expect(own).toMatch(/^\d+\/1$/);
  const start = async (
    offset: SourceOffset,
    more: Record<string, string> = {},
  ): Promise<Runner> => {
    const other = new Store();
    other.offset = offset;
    return new Runner(config('moved', { 'snapshot.mode': 'no_data', ...more }), other).start();
  };
  const elsewhere = { ...store.offset, millrace_server: '7000000000000000001/1' };
  await using refused = await start(elsewhere);
  await expect(refused.poll()).rejects.toMatchObject({
    code: 'postgres.system_changed',
    retry: 'fatal',
    hint: expect.stringContaining('trust_slot'),
  });
  // An offset of Debezium does not say where it was read.
  const theirs = Object.fromEntries(
    Object.entries(store.offset ?? {}).filter(([key]) => key !== 'millrace_server'),
  );
  const isTwo = ({ key }: { readonly key: unknown }): boolean => JSON.stringify(key) === '{"id":2}';
  const taken = await start(theirs);
  await database.sql('INSERT INTO moved VALUES (2)');
  await taken.until((records) => records.some(isTwo));
  await taken.stop();
  await using accepted = await start(elsewhere, { 'offset.mismatch.strategy': 'trust_slot' });
  await accepted.until((records) => records.some(isTwo));
});

test('a fail-over behind all that was read is no gap; one before it is', async () => {
  await using moving = await TestDatabase.start();
  await moving.sql('CREATE TABLE over (id int PRIMARY KEY)');
  const options = moving.config({ 'snapshot.mode': 'no_data' });
  const store = new Store();
  const runner = await new Runner(options, store).start();
  await runner.poll();
  await moving.sql('INSERT INTO over VALUES (1)');
  await runner.untilCount(1);
  await runner.stop();
  // At the end of its recovery a server begins a timeline of its own, as a standby does that is promoted.
  await moving.server.halt();
  writeFileSync(join(moving.server.folder, 'data', 'recovery.signal'), '', { mode: 0o666 });
  await moving.server.restart('orderly', { restore_command: 'false' });
  await moving.reconnect();
  await moving.sql('INSERT INTO over VALUES (2)');
  const promoted = await new Runner(options, store).start();
  await promoted.untilCount(2);
  await promoted.stop();
  expect(promoted.log.join()).toContain('failed over');
  expect(store.offset?.['millrace_server']).toMatch(/\/2$/);
  const [systemId = ''] = String(store.offset?.['millrace_server']).split('/');
  const ahead = new Store();
  ahead.offset = { ...store.offset, millrace_server: `${systemId}/1` };
  await using refused = await new Runner(options, ahead).start();
  await expect(refused.poll()).rejects.toMatchObject({
    code: 'postgres.timeline_diverged',
    retry: 'fatal',
    hint: expect.stringContaining('synchronized_standby_slots'),
  });
}, 60_000);

test('an invalidated slot is told with its reason and what mends it', async () => {
  await using small = await TestDatabase.start({
    max_slot_wal_keep_size: '1MB',
    max_wal_size: '32MB',
    min_wal_size: '32MB',
  });
  await small.sql('CREATE TABLE lost (id int PRIMARY KEY, v text)');
  const options = small.config({ 'snapshot.mode': 'no_data', 'slot.name': slot });
  const store = new Store();
  const runner = await new Runner(options, store).start();
  await runner.poll();
  await small.sql(`INSERT INTO lost VALUES (1, 'x')`);
  await runner.untilCount(1);
  await runner.stop();
  for (let turn = 0; turn < 6; turn++) {
    await small.sql(
      `INSERT INTO lost SELECT ${turn} * 100000 + g, repeat('x', 1000) FROM generate_series(10, 17000) g`,
    );
    await small.sql('SELECT pg_switch_wal()');
    await small.sql('CHECKPOINT');
  }
  await using second = await new Runner(options, store).start();
  await expect(second.poll()).rejects.toMatchObject({
    code: 'postgres.slot_lost',
    retry: 'fatal',
    hint: expect.stringMatching(/pg_drop_replication_slot.*max_slot_wal_keep_size/),
  });
  await using third = await new Runner(
    { ...options, 'snapshot.mode': 'when_needed' },
    store,
  ).start();
  await third.until((records) => records.length > 1);
  expect(value(store.records[1])['op']).toBe('r');
}, 60_000);
