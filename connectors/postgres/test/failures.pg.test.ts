import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { Client } from 'pg';
import { after, Runner, TestDatabase, text, value } from './harness.ts';

/** What happens to the source while it is captured. */
let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.start();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

function config(name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return database.config({
    'slot.name': name,
    'slot.drop.on.stop': 'true',
    'snapshot.mode': 'no_data',
    ...more,
  });
}

function typeOf(record: SourceRecord | undefined, column: string): string | undefined {
  const envelope = record?.valueSchema;
  const row = envelope?.type === 'struct' ? envelope.fields[1]?.schema : undefined;
  return row?.type === 'struct'
    ? row.fields.find((field) => field.name === column)?.schema.type
    : undefined;
}

test('a table that is dropped, renamed or changed in mid-stream stops nothing, and its rows are those of their time', async () => {
  await database.sql(
    'CREATE TABLE gone (id int PRIMARY KEY); CREATE TABLE former (id int PRIMARY KEY); CREATE TABLE typed (id int PRIMARY KEY, v int)',
  );
  const names = 'public\\.(gone|former|latter|typed)';
  const running = config('tables', {
    'table.include.list': names,
    'xmin.fetch.interval.ms': '100',
    'slot.drop.on.stop': 'false',
  });
  await using first = await new Runner(running).start();
  await first.poll();
  await database.sql('INSERT INTO gone VALUES (1)');
  await first.untilCount(1);
  await database.sql('INSERT INTO gone VALUES (2); DROP TABLE gone; INSERT INTO former VALUES (1)');
  await database.sql('ALTER TABLE former RENAME TO latter');
  await database.sql('INSERT INTO latter VALUES (2)');
  await database.sql('INSERT INTO typed VALUES (1, 5)');
  await database.sql('ALTER TABLE typed ALTER COLUMN v TYPE text');
  await database.sql("INSERT INTO typed VALUES (2, 'five')");
  const live = await first.untilCount(6);
  expect(live.map((record) => [record.topic, record.key])).toEqual([
    ['shop.public.gone', { id: 1 }],
    ['shop.public.gone', { id: 2 }],
    ['shop.public.former', { id: 1 }],
    ['shop.public.latter', { id: 2 }],
    ['shop.public.typed', { id: 1 }],
    ['shop.public.typed', { id: 2 }],
  ]);
  expect([after(live[4])['v'], after(live[5])['v']]).toEqual([5, 'five']);
  expect([typeOf(live[4], 'v'), typeOf(live[5], 'v')]).toEqual(['int32', 'string']);
  const source = value(live[5])['source'] as Record<string, unknown>;
  expect(source['xmin']).toBeGreaterThan(0);
  expect(text(live[5]?.json?.value)).toContain(`"xmin":${String(source['xmin'])},`);
  await first.stop();
  // All of it while nobody listens: rows are read with the catalogue of another time.
  await database.sql("INSERT INTO typed VALUES (3, '7')");
  await database.sql('ALTER TABLE typed ALTER COLUMN v TYPE bigint USING 8');
  await database.sql('INSERT INTO typed VALUES (4, 9)');
  await database.sql('DROP TABLE latter');
  await database.sql('INSERT INTO typed VALUES (5, 10)');
  await using second = await new Runner(
    { ...running, 'slot.drop.on.stop': 'true' },
    first.store,
  ).start();
  const late = (await second.untilCount(9)).slice(6);
  expect(late.map((record) => [record.key, after(record)['v'], typeOf(record, 'v')])).toEqual([
    [{ id: 3 }, '7', 'string'],
    [{ id: 4 }, 9, 'int64'],
    [{ id: 5 }, 10, 'int64'],
  ]);
});

test('a type and its column that are made in the very transaction that uses them are there with its rows', async () => {
  await database.sql('CREATE TABLE fresh (id int PRIMARY KEY); INSERT INTO fresh VALUES (1), (2)');
  await using runner = await new Runner(
    config('fresh', { 'table.include.list': 'public.fresh', 'poll.interval.ms': '10' }),
  ).start();
  await runner.poll();
  // Read at once: the stream may have the commit before others see it.
  for (let round = 1; round <= 5; round++) {
    const pending = runner.untilCount(round * 2);
    await database.sql(
      `CREATE TYPE fresh_${round} AS ENUM ('s', 'l'); ALTER TABLE fresh ADD COLUMN c${round} fresh_${round}; UPDATE fresh SET c${round} = 'l'`,
    );
    const rows = (await pending).slice(-2).map((record) => after(record)[`c${round}`]);
    expect(rows).toEqual(['l', 'l']);
  }
});

test('settings of the server for zones and forms of values change no value', async () => {
  const values = `1, '2024-05-01 12:00:00+02', '2024-05-01 10:00:00', '2024-05-01', '[2024-01-01 00:00:00+02,)',
    '\\x0a0b', '1 year 2 mons -3 days', 99.95, 0.1, '<a/>'`;
  await database.sql(
    'CREATE TABLE zones (id int PRIMARY KEY, tz timestamptz, ts timestamp, d date, r tstzrange, b bytea, i interval, m money, f float8, x xml)',
  );
  await database.sql(`INSERT INTO zones VALUES (${values})`);
  for (const setting of [
    "timezone = 'Asia/Kolkata'",
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'iso_8601'",
    "bytea_output = 'escape'",
    'extra_float_digits = -5',
    "xmlbinary = 'hex'",
    "lc_monetary = 'C'",
  ])
    await database.sql(`ALTER DATABASE postgres SET ${setting}`);
  try {
    await using runner = await new Runner(
      config('zones', { 'table.include.list': 'public.zones', 'snapshot.mode': 'initial' }),
    ).start();
    await runner.untilCount(1);
    await database.sql(`INSERT INTO zones VALUES (${values.replace('1,', '2,')})`);
    // In mid-stream: a session that reads has its zone already.
    await database.sql("ALTER SYSTEM SET timezone = 'America/New_York'");
    await database.sql('SELECT pg_reload_conf()');
    await database.sql(`INSERT INTO zones VALUES (${values.replace('1,', '3,')})`);
    const rows = (await runner.untilCount(3)).map((record) => ({ ...after(record), id: 0 }));
    expect(rows[0]).toMatchObject({
      tz: '2024-05-01T10:00:00.000000Z',
      ts: 1714557600000000,
      d: 19844,
      r: '["2023-12-31 22:00:00+00",)',
      b: Buffer.from([10, 11]),
      f: 0.1,
      x: '<a/>',
    });
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[2]).toEqual(rows[0]);
  } finally {
    await database.sql('ALTER DATABASE postgres RESET ALL');
    await database.sql('ALTER SYSTEM RESET timezone');
    await database.sql('SELECT pg_reload_conf()');
  }
});

test('an idle database lets go of what busy neighbours write', async () => {
  await database.sql('CREATE TABLE quiet (id int PRIMARY KEY)');
  await database.sql('CREATE DATABASE busy');
  const url = new URL(database.server.connectionString);
  url.pathname = '/busy';
  const busy = new Client({ connectionString: url.href });
  await busy.connect();
  try {
    await using runner = await new Runner(
      config('idle', { 'table.include.list': 'public.quiet', 'status.update.interval.ms': '100' }),
    ).start();
    await runner.deliver(await runner.poll());
    await busy.query('CREATE TABLE noise AS SELECT g FROM generate_series(1, 20000) g');
    const [row] = await database.sql("SELECT (pg_current_wal_lsn() - '0/0')::text AS lsn");
    const written = Number(row?.['lsn']);
    await busy.query('INSERT INTO noise SELECT g FROM generate_series(1, 20000) g');
    const deadline = performance.now() + 60_000;
    while (Number(await database.slotLsn('idle')) < written) {
      if (performance.now() > deadline) throw new Error('the slot does not follow');
      await runner.deliver(await runner.poll());
    }
    expect(runner.store.records).toEqual([]);
  } finally {
    await busy.end();
    await database.sql('DROP DATABASE busy');
  }
});

test('a password that is changed, or a privilege that is taken away, fails the task at its next connection', async () => {
  await database.sql("CREATE ROLE reader LOGIN REPLICATION PASSWORD 'old'");
  await database.sql('CREATE TABLE guarded (id int PRIMARY KEY)');
  await database.sql('GRANT SELECT ON guarded TO reader');
  await database.sql('CREATE PUBLICATION guarded FOR TABLE guarded');
  const own = config('guarded', {
    'database.user': 'reader',
    'database.password': 'old',
    'table.include.list': 'public.guarded',
    'publication.name': 'guarded',
    'publication.autocreate.mode': 'disabled',
    'slot.drop.on.stop': 'false',
  });
  const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'";
  const failure = async (runner: Runner): Promise<unknown> => {
    try {
      await runner.until(() => false);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const refusals = [
    ["ALTER ROLE reader PASSWORD 'new'", 'postgres.authentication_failed'],
    ["ALTER ROLE reader PASSWORD 'old' NOREPLICATION", 'postgres.privilege_missing'],
  ] as const;
  for (const [sql, code] of refusals) {
    await using runner = await new Runner(own).start();
    await runner.poll();
    await database.sql(sql);
    await database.sql(cut);
    expect(await failure(runner)).toMatchObject({ code, retry: 'fatal' });
    await runner.stop();
    await database.sql("ALTER ROLE reader PASSWORD 'old' REPLICATION");
  }
  await database.sql("SELECT pg_drop_replication_slot('guarded')");
});

test('a clock that jumps, forwards or back, neither ends the stream nor loses a row', async () => {
  await database.sql('CREATE TABLE timed (id int PRIMARY KEY)');
  await using runner = await new Runner(
    config('timed', { 'table.include.list': 'public.timed', 'heartbeat.interval.ms': '100' }),
  ).start();
  await runner.poll();
  const original = Date.now;
  try {
    const rows = (): SourceRecord[] =>
      runner.store.records.filter((record) => record.topic === 'shop.public.timed');
    for (const [id, hours] of [
      [1, 0],
      [2, 48],
      [3, -48],
    ] as const) {
      Date.now = () => original() + hours * 3_600_000;
      await database.sql('INSERT INTO timed VALUES ($1)', [id]);
      await runner.until(() => rows().length >= id);
    }
    expect(rows().map((record) => record.key)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  } finally {
    Date.now = original;
  }
});

test('tables are read in the order of their sizes, and too many are refused, when asked for', async () => {
  await database.sql(
    'CREATE TABLE size_small AS SELECT 1 AS id; CREATE TABLE size_large AS SELECT g AS id FROM generate_series(1, 500) g; ANALYZE size_small; ANALYZE size_large',
  );
  const sizes = (more: Record<string, string>): Runner =>
    new Runner(
      config('sizes', {
        'table.include.list': 'public.size_.*',
        'snapshot.mode': 'initial_only',
        'publication.name': 'sizes',
        ...more,
      }),
    );
  for (const [order, first] of [
    ['ascending', 'shop.public.size_small'],
    ['descending', 'shop.public.size_large'],
  ] as const) {
    await using runner = await sizes({ 'snapshot.tables.order.by.row.count': order }).start();
    const records = await runner.untilCount(501);
    expect(records[0]?.topic).toBe(first);
  }
  await expect(
    sizes({
      'guardrail.collections.max': '1',
      'guardrail.collections.limit.action': 'fail',
    }).start(),
  ).rejects.toMatchObject({ code: 'postgres.too_many_tables', retry: 'fatal' });
  await using warned = await sizes({ 'guardrail.collections.max': '1' }).start();
  expect(warned.log.join()).toContain('2 tables are captured');
});

test('values that the stream does not have, and nulls, are read again from their rows when a post-processor asks', async () => {
  await database.sql(
    'CREATE TABLE wide (a text, b int, v text, doc jsonb, bytes bytea, n int, other text, PRIMARY KEY (a, b))',
  );
  for (const column of ['v', 'doc', 'bytes'])
    await database.sql(`ALTER TABLE wide ALTER ${column} SET STORAGE EXTERNAL`);
  const type = 'io.debezium.processors.reselect.ReselectColumnsPostProcessor';
  const own = (name: string, more: Record<string, string>): Record<string, string> =>
    config(name, {
      'table.include.list': 'public.wide',
      'post.processors': 'again',
      'again.type': type,
      ...more,
    });
  await using runner = await new Runner(
    own('reselect', {
      'again.reselect.columns.exclude.list': 'public.wide:other',
      'again.reselect.null.values': 'false',
    }),
  ).start();
  await using nulls = await new Runner(
    own('reselect_nulls', {
      'again.reselect.columns.include.list': 'public.wide:(n|v)',
      'again.reselect.unavailable.values': 'false',
      'message.key.columns': 'public.wide:b',
      'again.reselect.use.event.key': 'true',
    }),
  ).start();
  await using strict = await new Runner(
    own('reselect_strict', { 'again.reselect.error.handling.mode': 'fail' }),
  ).start();
  for (const each of [runner, nulls, strict]) await each.poll();
  const header = '__millrace.unavailable.columns';
  const missing = (record: SourceRecord | undefined): unknown =>
    record?.headers.find(({ key }) => key === header)?.value;
  await database.sql(
    String.raw`INSERT INTO wide VALUES (E'it''s\\', 1, repeat('x', 9000), jsonb_build_object('a', repeat('y', 9000)), decode(repeat('00ff', 5000), 'hex'))`,
  );
  await database.sql('UPDATE wide SET n = 7');
  const [, changed] = await runner.untilCount(2);
  expect(after(changed)).toEqual({
    a: "it's\\",
    b: 1,
    v: 'x'.repeat(9000),
    doc: `{"a": "${'y'.repeat(9000)}"}`,
    bytes: Buffer.from('00ff'.repeat(5000), 'hex'),
    n: 7,
    other: null,
  });
  expect(missing(changed)).toBeUndefined();
  expect([changed?.key, changed?.sourceOffset['lsn']]).toEqual([
    { a: "it's\\", b: 1 },
    expect.any(Number),
  ]);
  // Nulls alone, and what the row has by now.
  const [created, updated] = await nulls.untilCount(2);
  expect([after(created)['n'], after(created)['other'], after(updated)['n']]).toEqual([7, null, 7]);
  expect(missing(updated)).toBe('v,doc,bytes');
  await strict.untilCount(2);
  await database.sql("UPDATE wide SET other = 'o'");
  await database.sql('DELETE FROM wide');
  const gone = (await runner.untilCount(3))[2];
  expect([after(gone)['v'], after(gone)['other'], missing(gone)]).toEqual([
    '__debezium_unavailable_value',
    'o',
    'v,doc,bytes',
  ]);
  await expect(strict.until(() => false)).rejects.toMatchObject({
    code: 'cdc.reselect_failed',
    retry: 'fatal',
    message: expect.stringContaining('the row is gone') as unknown,
  });
});
