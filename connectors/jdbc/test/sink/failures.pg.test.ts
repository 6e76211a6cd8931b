import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SinkTask } from '@millrace/connector-api';
import type { SinkRecord } from '@millrace/record';
import { startPostgres, TcpProxy, type PostgresServer } from '@millrace/test-servers';
import type pg from 'pg';
import { debeziumJdbcSink } from '../../src/index.ts';
import { changeEvent, sinkContext, sinkRecord } from './sink-context.ts';
import { targetPromises } from './target-changes.ts';

let server: PostgresServer;
let db: pg.Client;
let proxy: TcpProxy;
let task: SinkTask | undefined;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  proxy = await TcpProxy.start(server);
  db = await server.connect();
  await db.query(
    'DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public; CREATE TABLE items (id int PRIMARY KEY, name text)',
  );
});
afterEach(async () => {
  proxy.restore();
  await task?.stop();
  task = undefined;
  await proxy[Symbol.asyncDispose]();
  await db.end();
});

const config = (more: Record<string, string> = {}): Record<string, string> => ({
  'connection.url': `jdbc:postgresql://${proxy.host}:${proxy.port}/${server.database}?sslmode=disable`,
  'connection.username': server.user,
  'connection.password': server.password,
  'insert.mode': 'upsert',
  'primary.key.mode': 'record_key',
  'delete.enabled': 'true',
  'collection.name.format': '${source.table}',
  'flush.max.retries': '50',
  'flush.retry.delay.ms': '200',
  ...more,
});

async function start(more: Record<string, string> = {}): Promise<SinkTask> {
  const started = debeziumJdbcSink.createTask();
  task = started;
  await started.start(sinkContext(config(more)), never);
  return started;
}

const rows = (from: number, to: number, name = 'a'): SinkRecord[] =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    sinkRecord({ key: { id: from + index }, value: changeEvent('c', { id: from + index, name }) }),
  );
const count = async (where = 'true'): Promise<unknown> =>
  (await db.query<{ count: number }>(`SELECT count(*)::int FROM items WHERE ${where}`)).rows[0]
    ?.count;

/** Resolves when some backend of the sink does what the condition says. */
async function until(condition: string): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'millrace%' AND ${condition}`,
    );
    if (rowCount !== 0) return;
  }
}

const slowCommit = `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON items DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.id = 1) EXECUTE FUNCTION slow()`;

test('the answer to COMMIT is lost: the batch is written again and nothing is doubled', async () => {
  await db.query(slowCommit);
  const sink = await start();
  const put = sink.put(rows(1, 500), never);
  await until(`query = 'COMMIT' AND state = 'active'`);
  proxy.cut();
  await until(`query = 'COMMIT' AND state = 'active'`).catch(() => undefined);
  proxy.restore();
  expect(await put).toEqual([]);
  expect(await count()).toBe(500);
  expect(sink.metrics?.()['batches_retried']).toBeGreaterThan(0);
});

test('a backend killed in the middle of a batch leaves nothing half written', async () => {
  await db.query(slowCommit);
  const sink = await start();
  const put = sink.put(rows(1, 500), never);
  await until(`query = 'COMMIT' AND state = 'active'`);
  await db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'millrace%'`,
  );
  expect(await count()).toBe(0);
  expect(await put).toEqual([]);
  expect(await count()).toBe(500);
});

test('the server is restarted between and during batches', async () => {
  const sink = await start({ 'flush.max.retries': '100' });
  await sink.put(rows(1, 10), never);
  await db.end();
  await server.restart('crash');
  db = await server.connect();
  expect(await sink.put(rows(11, 400), never)).toEqual([]);
  const restart = server.restart('orderly');
  await db.end().catch(() => undefined);
  expect(await sink.put(rows(401, 800), never)).toEqual([]);
  await restart;
  db = await server.connect();
  expect(await count()).toBe(800);
});

test('the loser of a deadlock tries again', async () => {
  await db.query(
    `INSERT INTO items SELECT id, 'old' FROM generate_series(1, 2) id; SET deadlock_timeout = '10s'`,
  );
  const sink = await start();
  await db.query(`BEGIN; UPDATE items SET name = 'mine' WHERE id = 2`);
  const put = sink.put(rows(1, 2, 'new'), never);
  const rival = await server.connect();
  for (;;) {
    const { rowCount } = await rival.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'millrace%' AND wait_event_type = 'Lock'`,
    );
    if (rowCount !== 0) break;
  }
  await rival.end();
  await db.query(`UPDATE items SET name = 'mine' WHERE id = 1; COMMIT`);
  expect(await put).toEqual([]);
  expect(await count(`name = 'new'`)).toBe(2);
  expect(sink.metrics?.()['batches_retried']).toBe(1);
});

test('a statement without an answer is given up and tried again', async () => {
  await db.query('BEGIN; LOCK TABLE items');
  const sink = await start({ 'statement.timeout.ms': '100' });
  const put = sink.put(rows(1, 3), never);
  await until(`wait_event_type = 'Lock'`);
  await db.query('COMMIT');
  expect(await put).toEqual([]);
  expect(await count()).toBe(3);
});

test('stop ends soon though the network swallows everything, and an abort ends a put', async () => {
  const sink = await start();
  await sink.put(rows(1, 1), never);
  proxy.silence();
  const stopping = new AbortController();
  const put = sink.put(rows(2, 3), stopping.signal);
  stopping.abort(new Error('asked to stop'));
  await expect(put).rejects.toThrow('asked to stop');
  const startedMs = performance.now();
  await sink.stop();
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

test('stop alone ends a put that hangs', async () => {
  const sink = await start();
  proxy.silence();
  const put = sink.put(rows(1, 3), never);
  const outcome = expect(put).rejects.toThrow();
  await sink.stop();
  await outcome;
});

test.each([
  [{ 'connection.password': 'wrong' }, 'jdbc.login_refused', 'fatal'],
  [
    { 'connection.url': 'jdbc:postgresql://127.0.0.1:1/postgres' },
    'jdbc.server_unreachable',
    'retriable',
  ],
])('what keeps it from starting is named: %j', async (more, code, retry) => {
  await expect(start(more)).rejects.toMatchObject({ code, retry });
});

test('a database that is missing is named', async () => {
  const url = `jdbc:postgresql://${proxy.host}:${proxy.port}/nowhere`;
  await expect(start({ 'connection.url': url })).rejects.toMatchObject({
    code: 'jdbc.database_missing',
  });
});

test('a user without privileges is told what to grant', async () => {
  await db.query(
    `DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'; GRANT USAGE ON SCHEMA public TO guest`,
  );
  const sink = await start({ 'connection.username': 'guest', 'connection.password': 'guest' });
  await expect(sink.put(rows(1, 1), never)).rejects.toMatchObject({
    code: 'jdbc.privilege_missing',
    hint: expect.stringContaining('GRANT'),
  });
});

test('validate names all problems at once, across fields and of the server', async () => {
  const problems = await debeziumJdbcSink.validate?.(
    config({ 'primary.key.mode': 'none', 'connection.password': 'wrong' }),
    never,
  );
  expect(problems?.map(({ key }) => key)).toEqual([
    'delete.enabled',
    'primary.key.mode',
    'connection.url',
  ]);
  expect(await debeziumJdbcSink.validate?.(config(), never)).toEqual([]);
});

test('a target without room holds its batch back and says so, and gets it when there is room', async () => {
  await db.query(`CREATE TABLE room (is_full boolean); INSERT INTO room VALUES (true);
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT is_full FROM room) THEN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION no_room()`);
  const impatient = await start({ 'flush.max.retries': '2', 'flush.retry.delay.ms': '20' });
  await expect(impatient.put(rows(1, 400), never)).rejects.toMatchObject({
    code: 'jdbc.server_out_of_resources',
    retry: 'retriable',
  });
  await impatient.stop();
  const patient = await start({ 'flush.max.retries': '100000', 'flush.retry.delay.ms': '20' });
  const putting = patient.put(rows(1, 400), never);
  while (patient.metrics?.()['batches_retried'] === 0) await db.query('SELECT pg_sleep(0.05)');
  await db.query('UPDATE room SET is_full = false');
  expect(await putting).toEqual([]);
  expect(await count()).toBe(400);
});

describe('whatever becomes of the target', () => {
  const promises = targetPromises(() => ({
    url: () => config()['connection.url'] ?? '',
    user: server.user,
    password: server.password,
    query: async (sql) => (await db.query<Record<string, unknown>>(sql)).rows,
    halt: async () => {
      await db.end();
      await server.halt();
    },
    resume: async () => {
      await server.resume();
      db = await server.connect();
    },
    enumeration: {
      prepare: "CREATE TYPE mood AS ENUM ('sad')",
      columns: 'mood mood',
      widen:
        "ALTER TYPE mood ADD VALUE 'glad'; ALTER TABLE changing ALTER price TYPE decimal(10,3)",
    },
  }));
  for (const { name, run } of promises) test(name, run);
});
