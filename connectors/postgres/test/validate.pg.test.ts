import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConfigProblem } from '@millrace/config';
import { postgresSource } from '../src/connector.ts';
import { startPostgres } from '@millrace/test-servers';
import { Runner, TestDatabase } from './harness.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.start({ max_replication_slots: '4' });
  await database.sql(`CREATE TABLE fine (id int PRIMARY KEY); CREATE TABLE keyless (id int);
    CREATE TABLE nothing (id int PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
    INSERT INTO keyless VALUES (1); UPDATE keyless SET id = 2; INSERT INTO nothing VALUES (1); DELETE FROM nothing;
    SELECT pg_stat_force_next_flush(); CREATE TABLE log (at timestamp); INSERT INTO log VALUES (now());
    CREATE SCHEMA closed; CREATE TABLE closed.t (id int PRIMARY KEY);
    CREATE ROLE weak LOGIN PASSWORD 'weak'`);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function problems(more: Record<string, string>): Promise<readonly ConfigProblem[]> {
  const config = database.config({ 'table.include.list': 'public\\.fine', ...more });
  return (await postgresSource.validate?.(config, new AbortController().signal)) ?? [];
}

const messages = (found: readonly ConfigProblem[]): string =>
  found.map((problem) => problem.message).join('\n');

test('a good configuration has no problems, and validating changes nothing', async () => {
  expect(await problems({})).toEqual([]);
  expect(
    await database.sql('SELECT 1 FROM pg_publication UNION ALL SELECT 1 FROM pg_replication_slots'),
  ).toEqual([]);
});

test('an unreachable server, a wrong password and a missing database are named at their keys', async () => {
  expect(await problems({ 'database.port': '1' })).toEqual([
    { key: 'database.hostname', message: expect.stringContaining('[postgres.unreachable]') },
  ]);
  expect(await problems({ 'database.password': 'wrong' })).toEqual([
    {
      key: 'database.password',
      message: expect.stringContaining('[postgres.authentication_failed]'),
    },
  ]);
  expect(await problems({ 'database.dbname': 'nowhere' })).toEqual([
    { key: 'database.dbname', message: expect.stringContaining('[postgres.database_missing]') },
  ]);
});

test('all missing privileges are reported at once, each with the SQL that mends it', async () => {
  const found = messages(
    await problems({
      'database.user': 'weak',
      'database.password': 'weak',
      'table.include.list': 'public\\.fine,closed\\.t',
    }),
  );
  expect(found).toContain('ALTER ROLE "weak" REPLICATION');
  expect(found).toContain('GRANT SELECT ON public.fine TO "weak";');
  expect(found).toContain('GRANT USAGE ON SCHEMA closed TO "weak";');
  expect(found).toContain('[postgres.privilege_publication]');
  expect(found).toContain('CREATE PUBLICATION "dbz_publication" FOR ALL TABLES');
});

test('the SQL in the hints mends what they name', async () => {
  const config = {
    'database.user': 'weak',
    'database.password': 'weak',
    'publication.autocreate.mode': 'filtered',
    'table.include.list': 'public\\.fine',
  };
  expect(messages(await problems(config))).toContain('it lacks CREATE on the database');
  await database.sql(
    'ALTER ROLE weak REPLICATION; GRANT SELECT ON public.fine TO weak; CREATE PUBLICATION dbz_publication FOR TABLE fine',
  );
  expect(await problems({ ...config, 'publication.autocreate.mode': 'disabled' })).toEqual([]);
  await database.sql('DROP PUBLICATION dbz_publication; ALTER ROLE weak NOREPLICATION');
});

test('tables without a key or identity whose rows change are refused with the ALTER TABLE that mends them', async () => {
  const found = messages(await problems({ 'table.include.list': 'public\\..*' }));
  expect(found).toContain('[postgres.table_without_key]');
  expect(found).toContain('ALTER TABLE "public"."keyless" REPLICA IDENTITY FULL;');
  expect(found).toContain('[postgres.replica_identity_nothing]');
  expect(found).toContain('ALTER TABLE "public"."nothing" REPLICA IDENTITY DEFAULT;');
  // Nobody is hurt when rows are only ever inserted, when somebody has published the table already,
  expect(await problems({ 'table.include.list': 'public\\.log' })).toEqual([]);
  await database.sql('CREATE PUBLICATION theirs FOR TABLE keyless');
  expect(
    await problems({ 'table.include.list': 'public\\.keyless', 'publication.name': 'theirs' }),
  ).toEqual([]);
  await database.sql('DROP PUBLICATION theirs');
  // when only inserts are published, or when the identity is set at start.
  expect(
    await problems({ 'table.include.list': 'public\\.keyless', 'skipped.operations': 'u,d,t' }),
  ).toEqual([]);
  expect(
    await problems({
      'table.include.list': 'public\\.keyless',
      'replica.identity.autoset.values': 'public.keyless:FULL',
    }),
  ).toEqual([]);
});

test('a missing publication, and one that can not be narrowed', async () => {
  expect(messages(await problems({ 'publication.autocreate.mode': 'disabled' }))).toContain(
    '[postgres.publication_missing]',
  );
  await database.sql('CREATE PUBLICATION everything FOR ALL TABLES');
  expect(
    messages(
      await problems({
        'publication.autocreate.mode': 'filtered',
        'publication.name': 'everything',
      }),
    ),
  ).toContain('[postgres.publication_for_all_tables]');
  await database.sql('DROP PUBLICATION everything');
});

test('a slot of another plugin, database or kind, in use, or none left', async () => {
  await database.sql(`CREATE DATABASE other`);
  await database.sql(
    `SELECT pg_create_logical_replication_slot('decoding', 'test_decoding'), pg_create_physical_replication_slot('physical')`,
  );
  expect(messages(await problems({ 'slot.name': 'decoding' }))).toContain('[postgres.slot_plugin]');
  expect(messages(await problems({ 'slot.name': 'physical' }))).toContain(
    '[postgres.slot_physical]',
  );
  await using runner = await new Runner(
    database.config({
      'table.include.list': 'public\\.fine',
      'slot.name': 'busy',
      'topic.prefix': 'another',
      'snapshot.mode': 'no_data',
    }),
  ).start();
  await runner.poll();
  const busy = await problems({ 'slot.name': 'busy' });
  expect(busy).toEqual([
    { key: 'slot.name', message: expect.stringContaining('[postgres.slot_in_use]') },
  ]);
  expect(messages(busy)).toContain('pg_terminate_backend');
  // The connector itself may be reconfigured while it runs.
  expect(await problems({ 'slot.name': 'busy', 'topic.prefix': 'another' })).toEqual([]);
  expect(messages(await problems({ 'database.dbname': 'other', 'slot.name': 'busy' }))).toContain(
    '[postgres.slot_database]',
  );
  await database.sql(`SELECT pg_create_physical_replication_slot('last')`);
  expect(messages(await problems({ 'slot.name': 'fresh' }))).toContain(
    '[postgres.slots_exhausted]',
  );
  await runner.stop();
  await database.sql('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots');
});

test('wal_level is checked', async () => {
  await using server = await startPostgres({ settings: { wal_level: 'replica' } });
  const found = await problems({ 'database.port': String(server.port) });
  expect(messages(found)).toContain("ALTER SYSTEM SET wal_level = 'logical'");
});

test('rules across keys are checked without a connection', async () => {
  const found = await problems({
    'table.exclude.list': 'a',
    'database.port': '1',
    'skipped.operations': 'none,t',
    'database.sslcert': '/x',
    'column.mask.with.x.chars': 'a',
    'snapshot.select.statement.overrides': 'public.fine',
  });
  expect(found.map((problem) => problem.key).sort()).toEqual([
    'column.mask.with.x.chars',
    'database.sslkey',
    'skipped.operations',
    'snapshot.select.statement.overrides',
    'table.exclude.list',
  ]);
});

test('what a person must mend fails the start at once', async () => {
  await expect(
    new Runner(database.config({ 'database.password': 'wrong' })).start(),
  ).rejects.toMatchObject({
    code: 'postgres.authentication_failed',
    retry: 'fatal',
  });
  await expect(
    new Runner(
      database.config({
        'table.include.list': 'public\\.(keyless|nothing)',
        'publication.name': 'fresh',
      }),
    ).start(),
  ).rejects.toMatchObject({
    retry: 'fatal',
    hint: expect.stringContaining('REPLICA IDENTITY FULL'),
  });
  await expect(new Runner(database.config({ 'database.port': '1' })).start()).rejects.toMatchObject(
    {
      code: 'postgres.unreachable',
      retry: 'retriable',
    },
  );
});

test('deleting the connector drops the slot only when it may', async () => {
  const config = database.config({
    'table.include.list': 'public\\.fine',
    'slot.name': 'deleted',
    'snapshot.mode': 'no_data',
  });
  const runner = await new Runner(config).start();
  await runner.poll();
  await runner.stop();
  const { signal } = new AbortController();
  await postgresSource.onDelete?.(config, signal);
  expect(await database.slotLsn('deleted')).not.toBeNull();
  await postgresSource.onDelete?.({ ...config, 'millrace.slot.drop.on.delete': 'true' }, signal);
  expect(await database.slotLsn('deleted')).toBeNull();
});
