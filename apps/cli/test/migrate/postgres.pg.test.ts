import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import type { Client } from 'pg';
import { MigrationContext, until, type Verified } from './migration-context.ts';
import { businessOf, SHOP } from './postgres-shop.ts';

const LONG_MS = 600_000;
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, LONG_MS);
afterAll(() => server.stop());

function url(database: string, login = `${server.user}:${server.password}`): string {
  return `postgresql://${login}@${server.host}:${server.port}/${database}`;
}

/** An application that writes until it is told to stop. Returns how many transactions it made. */
async function business(client: Client, signal: AbortSignal): Promise<number> {
  let n = 0;
  while (!signal.aborted) {
    n += 1;
    await client.query(businessOf(n));
    await systemClock.sleep(20);
  }
  return n;
}

async function one(client: Client, sql: string): Promise<unknown> {
  const { rows } = await client.query<Record<string, unknown>>(sql);
  return Object.values(rows[0] ?? {})[0];
}

test(
  'a database moves while it is written to, killed in between; differences are found; sequences go on; and it comes back',
  async () => {
    const source = await server.connect('shop');
    const target = await server.connect('shop_new');
    await source.query(SHOP);
    await using migration = new MigrationContext(url('shop'), url('shop_new'));

    const dry = await migration.run('--dry-run', '--sql');
    expect(dry.code).toBe(0);
    expect(dry.out).toContain('view public.seen');
    expect(dry.out).toContain('GENERATED ALWAYS AS (');
    expect(
      await one(target, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'sales'`),
    ).toBe(0);

    const quiet = new AbortController();
    const written = business(source, quiet.signal);
    migration.start();
    await migration.until(/making table sales.orders/);
    await migration.kill();
    migration.start();
    await migration.until(/^(copying|following)/m);
    await systemClock.sleep(1_500); // wherever it is by then
    await migration.kill();
    migration.start();
    await migration.until(/in step/);

    // Tables of the source are changed meanwhile: the target gets what only adds to it, the rest is asked for.
    await source.query(
      `CREATE TYPE size AS ENUM ('s', 'l'); ALTER TABLE customers ADD COLUMN rank int NOT NULL DEFAULT 7, ADD COLUMN extra jsonb, ADD COLUMN wide size;
        UPDATE customers SET rank = 8, extra = '{"a": 1.50}', wide = 'l' WHERE id < 50;
        CREATE TABLE parted_2026 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); INSERT INTO parted VALUES (1, '2026-05-05', 'new');
        CREATE SCHEMA aside; CREATE TABLE aside.later (id int PRIMARY KEY); ALTER TABLE by_index ALTER a TYPE bigint; INSERT INTO by_index VALUES (1099511627776, 'big')`,
    );
    await migration.until(/by_index\.a is bigint at the source now/);
    for (const step of ['column public.customers.rank', 'column public.customers.wide'])
      expect(migration.output).toContain(`making ${step}`);
    const [wanted] = /ALTER TABLE "public"\."by_index" .*;/.exec(migration.output) ?? [];
    await target.query(wanted ?? '');

    // Both are live: what is in flight settles.
    const live = await migration.json<Verified>('verify');
    expect(live.tables.filter(({ equal }) => !equal)).toEqual([]);

    // A row that somebody changed in the target, one that is missing, and one too many.
    await target.query(
      `UPDATE "Odd Name" SET "select" = 'planted'; DELETE FROM parted WHERE id = 7; INSERT INTO nothing VALUES (9);
        UPDATE exact SET word = 'd' WHERE word IS NULL`,
    );
    const { code, error } = await migration.run('verify');
    expect(code).toBe(1);
    expect(error).toContain('4 tables differ');
    const found = await migration.json<Verified>('verify');
    const differences = found.tables.flatMap((table) => table.differences);
    expect(differences).toEqual([
      { key: { 'Key Col': '1' }, kind: 'different', columns: ['select'] },
      { key: { k: 'a' }, kind: 'different', columns: ['word'] },
      { key: { id: '9' }, kind: 'only in the target', columns: [] },
      { key: { id: '7', at: '2024-06-08' }, kind: 'missing in the target', columns: [] },
    ]);
    await target.query(
      `UPDATE "Odd Name" SET "select" = 'a'; INSERT INTO parted VALUES (7, '2024-06-08', 'v'); DELETE FROM nothing;
        UPDATE exact SET word = NULL WHERE k = 'a'`,
    );

    // A table that is not carried would be missing; as long as somebody writes there is no cutover.
    const incomplete = await migration.run('cutover', '--timeout', '1');
    expect([incomplete.code, incomplete.error]).toEqual([
      1,
      expect.stringContaining('aside.later'),
    ]);
    const early = await migration.run(
      'cutover',
      '--timeout',
      '1',
      '--exclude-tables',
      'aside.later',
    );
    expect([early.code, early.out]).toEqual([1, expect.stringContaining('still written to')]);
    quiet.abort();
    expect(await written).toBeGreaterThan(10);
    const cut = await migration.run('cutover', '--reverse', '--exclude-tables', 'aside.later');
    expect(cut.error).toBe('');
    expect(cut.out).toContain('It is safe to switch');
    expect(cut.code).toBe(0);

    // Keys, checks, sequences and identities are there, and go on where the old ones stopped.
    for (const client of [source, target]) await client.query(`SET search_path = public`);
    const shape = `SELECT string_agg(conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid), E'\n' ORDER BY 1) FROM
      (SELECT * FROM pg_constraint WHERE connamespace::regnamespace::text IN ('public', 'sales') ORDER BY conrelid::regclass::text, conname) k`;
    expect(await one(target, shape)).toEqual(await one(source, shape));
    const indexes = `SELECT string_agg(indexdef, E'\n' ORDER BY indexdef) FROM pg_indexes WHERE schemaname IN ('public', 'sales')`;
    expect(await one(target, indexes)).toEqual(await one(source, indexes));
    expect(await one(target, `SELECT nextval('free_seq')::int`)).toBe(105);
    await expect(target.query(`INSERT INTO tree VALUES (50, 51)`)).rejects.toThrow('foreign key');
    const last = Number(await one(source, 'SELECT max(id) FROM customers'));
    const next = Number(
      await one(target, `INSERT INTO customers (email) VALUES ('after@x') RETURNING id`),
    );
    expect(next).toBeGreaterThan(last);

    // What is written to the new database goes back, once.
    for (let n = 100_000; n < 100_030; n++) await target.query(businessOf(n));
    await target.query(`INSERT INTO tree VALUES (10, 3), (11, 10)`);
    const back = await migration.json<Verified>('verify');
    expect(back.tables.filter(({ equal }) => !equal)).toEqual([]);
    expect(await one(source, `SELECT count(*)::int FROM customers WHERE email = 'after@x'`)).toBe(
      1,
    );
    const home = await migration.run('cutover');
    expect(home.out).toContain('It is safe to switch back');
    await migration.until(/nothing is carried any more/);
    expect(await one(source, 'SELECT count(*)::int FROM pg_replication_slots')).toBe(0);
    expect(migration.output + dry.out + cut.out).not.toContain(`:${server.password}@`);
    await source.end();
    await target.end();
  },
  LONG_MS,
);

test(
  'what is missing is said at once, with the SQL that mends it; mended, it runs',
  async () => {
    const admin = await server.connect('guarded');
    const target = await server.connect('guarded_new');
    await admin.query(
      `CREATE ROLE clerk LOGIN PASSWORD 'c1erk-s3cret'; CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (v text);
     INSERT INTO a VALUES (1); ALTER TABLE b REPLICA IDENTITY NOTHING`,
    );
    await target.query(`CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (5)`);
    await using migration = new MigrationContext(
      url('guarded', 'clerk:c1erk-s3cret'),
      url('guarded_new'),
    );
    const refused = await migration.run('--dry-run');
    expect(refused.code).toBe(1);
    for (const sql of [
      'ALTER ROLE clerk REPLICATION;',
      'GRANT SELECT ON "public"."a", "public"."b" TO clerk;',
      /CREATE PUBLICATION "millrace_\w+" FOR TABLE "public"."a", "public"."b"/,
      'ALTER TABLE "public"."b" REPLICA IDENTITY DEFAULT;',
      'TRUNCATE "public"."a";',
    ])
      expect(refused.out).toMatch(sql);
    expect(refused.out + refused.error).not.toContain('s3cret');

    await target.query('TRUNCATE a');
    const again = await migration.run('--dry-run', '--tables', 'a');
    const publication = /CREATE PUBLICATION .*;/.exec(again.out)?.[0] ?? '';
    await admin.query(`ALTER ROLE clerk REPLICATION; GRANT SELECT ON a TO clerk; ${publication}`);
    const done = await migration.run('--once', '--tables', 'a');
    expect(done.error).toBe('');
    expect(done.out).toContain('in step');
    expect(await one(target, 'SELECT count(*)::int FROM a')).toBe(1);
    await until(
      async () =>
        (await one(admin, 'SELECT count(*)::int FROM pg_replication_slots WHERE active')) === 0,
      () => 'the slot is still read',
    );
    await admin.end();
    await target.end();
  },
  LONG_MS,
);

test('bad usage is 2, and repeats no password', async () => {
  await using migration = new MigrationContext('oracle://a:s3cret@h/d', url('shop'));
  const { code, error } = await migration.run('--dry-run');
  expect([code, error]).toEqual([2, expect.stringContaining('"oracle:"')]);
  expect(error).not.toContain('s3cret');
});

test('a verify or cutover without a migration says how to begin one', async () => {
  await using migration = new MigrationContext(url('postgres'), url('template1'));
  for (const verb of ['verify', 'cutover']) {
    const { code, error } = await migration.run(verb);
    expect([code, error]).toEqual([1, expect.stringContaining('no migration')]);
  }
});
