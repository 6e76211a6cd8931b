import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import type { SinkConnector, SinkTask } from '@millrace/connector-api';
import type { SinkRecord } from '@millrace/record';
import { schemas } from '@millrace/record';
import pg from 'pg';
import { confluentJdbcSink, debeziumJdbcSink, UNAVAILABLE_HEADER } from '../../src/index.ts';
import { changeEvent, sinkContext, sinkRecord } from './sink-context.ts';

let server: PostgresServer;
let db: pg.Client;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startPostgres();
  db = new pg.Client({ connectionString: server.connectionString });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});
beforeEach(async () => {
  await db.query('DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public');
});

const url = (parameters = ''): string =>
  `jdbc:postgresql://${server.host}:${server.port}/${server.database}${parameters}`;

const debezium = (config: Record<string, string> = {}): Record<string, string> => ({
  'connection.url': url(),
  'connection.username': server.user,
  'connection.password': server.password,
  'insert.mode': 'upsert',
  'primary.key.mode': 'record_key',
  'delete.enabled': 'true',
  'collection.name.format': '${source.table}',
  'flush.retry.delay.ms': '50',
  ...config,
});

const confluent = (config: Record<string, string> = {}): Record<string, string> => ({
  'connection.url': url(),
  'connection.user': server.user,
  'connection.password': server.password,
  'table.name.format': 'items',
  ...config,
});

async function withTask<T>(
  connector: SinkConnector,
  config: Record<string, string>,
  use: (
    put: (records: readonly SinkRecord[]) => ReturnType<SinkTask['put']>,
    task: SinkTask,
  ) => Promise<T>,
): Promise<T> {
  const task = connector.createTask();
  try {
    await task.start(sinkContext(config), never);
    return await use((records) => task.put(records, never), task);
  } finally {
    await task.stop();
  }
}

const rows = async (sql: string): Promise<unknown[]> =>
  (await db.query<Record<string, unknown>>(sql)).rows;
const write = (op: string, row: Record<string, unknown>, table = 'items'): SinkRecord =>
  sinkRecord({ key: { id: row['id'] }, value: changeEvent(op, row, table) });
const erase = (id: number): SinkRecord[] => [
  sinkRecord({ key: { id }, value: changeEvent('d', { id }) }),
  sinkRecord({ key: { id }, value: null }),
];
const ITEMS =
  'CREATE TABLE items (id int PRIMARY KEY, name varchar(10) NOT NULL, price numeric(10,2), at timestamptz)';

describe('upsert of change events without schemas', () => {
  test.each([1, 7, 2_000])(
    'the last state of each key is what the table holds (%i keys a batch)',
    async (count) => {
      await db.query(ITEMS);
      await withTask(debeziumJdbcSink, debezium(), async (put) => {
        const batch: SinkRecord[] = [];
        for (let id = 1; id <= count; id++) {
          batch.push(write('c', { id, name: 'first', price: '1.00', at: null }));
          batch.push(
            write('u', { id, name: `n${id}`, price: '2.50', at: '2024-05-01T10:00:00.000000Z' }),
          );
        }
        batch.push(write('c', { id: 0, name: 'gone', price: null, at: null }), ...erase(0));
        expect(await put(batch)).toEqual([]);
        expect(
          await put([...erase(1), write('c', { id: 1, name: 'again', price: '0.10', at: null })]),
        ).toEqual([]);
      });
      expect(await rows('SELECT count(*)::int, min(id), max(id) FROM items')).toEqual([
        { count, min: 1, max: count },
      ]);
      expect(await rows('SELECT name, price, at FROM items WHERE id = 1')).toEqual([
        { name: 'again', price: '0.10', at: null },
      ]);
      if (count > 1)
        expect(
          await rows(
            `SELECT name, at AT TIME ZONE 'UTC' = '2024-05-01 10:00' AS same FROM items WHERE id = 2`,
          ),
        ).toEqual([{ name: 'n2', same: true }]);
    },
  );

  test('a batch put twice leaves the same table', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const batch = [
        write('r', { id: 1, name: 'a' }),
        write('u', { id: 1, name: 'b' }),
        ...erase(2),
      ];
      await put(batch);
      await put(batch);
    });
    expect(await rows('SELECT id, name FROM items')).toEqual([{ id: 1, name: 'b' }]);
  });

  test('large batches of new and of known rows, in any mixture, leave what came last of each key', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const expected = new Map<number, string>();
      // New, then partly known, known, and new again: with and without a wait for the next trial of the quick way.
      for (const [round, from] of [0, 200, 200, 900, 1_500, 1_500, 2_100, 2_700].entries()) {
        const ids = Array.from({ length: 600 }, (_, index) => from + index);
        for (const id of ids) expected.set(id, `r${round}`);
        const batch = ids.map((id) => write('c', { id, name: `r${round}` }));
        expect(await put(batch)).toEqual([]);
      }
      const found = await rows('SELECT id, name FROM items ORDER BY id');
      expect(found).toEqual(
        [...expected].sort(([a], [b]) => a - b).map(([id, name]) => ({ id, name })),
      );
    });
  });

  test('in a large batch of new rows, only the one that takes a unique value twice is refused', async () => {
    await db.query('CREATE TABLE items (id bigint PRIMARY KEY, name text UNIQUE)');
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const batch = Array.from({ length: 600 }, (_, id) =>
        write('c', { id, name: id === 400 ? 'n0' : `n${id}` }),
      );
      expect((await put(batch)).map(({ index }) => index)).toEqual([400]);
      expect(await rows('SELECT count(*)::int AS count FROM items')).toEqual([{ count: 599 }]);
    });
  });

  test('one bad row is reported alone and all others of its batch are delivered', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const batch = Array.from({ length: 1_000 }, (_, id) => write('c', { id, name: `n${id}` }));
      batch[137] = write('c', { id: 137, name: 'longer than ten characters' });
      batch[700] = write('c', { id: 700, name: null });
      const failures = await put(batch);
      expect(
        failures.map(({ index, error }) => [index, error.code, error.context['sqlState']]),
      ).toEqual([
        [137, 'jdbc.value_refused', '22001'],
        [700, 'jdbc.constraint_violated', '23502'],
      ]);
    });
    expect(await rows('SELECT count(*)::int FROM items')).toEqual([{ count: 998 }]);
  });

  test('a number for a timestamp is refused until the unit is told, and a date is not', async () => {
    await db.query(
      'CREATE TABLE items (id int PRIMARY KEY, day date, at timestamp, ms timestamp(3))',
    );
    const row = { id: 1, day: 20_000, at: 1_714_557_600_123_456, ms: 1_714_557_600_123 };
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const [failure] = await put([write('c', row), write('c', { id: 2, day: 0 })]);
      expect(failure?.index).toBe(0);
      expect(failure?.error.code).toBe('jdbc.value_not_representable');
      expect(failure?.error.hint).toContain('millrace.source.time.precision.mode');
    });
    await withTask(
      debeziumJdbcSink,
      debezium({ 'millrace.source.time.precision.mode': 'adaptive' }),
      async (put) => {
        expect(await put([write('c', row)])).toEqual([]);
      },
    );
    expect(await rows('SELECT id, day::text, at::text, ms::text FROM items ORDER BY id')).toEqual([
      { id: 1, day: '2024-10-04', at: '2024-05-01 10:00:00.123456', ms: '2024-05-01 10:00:00.123' },
      { id: 2, day: '1970-01-01', at: null, ms: null },
    ]);
  });

  test('unchanged TOAST columns keep their value, by header and by placeholder', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY, name text, big text NOT NULL)');
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      await put([
        write('c', { id: 1, name: 'a', big: 'B1' }),
        write('c', { id: 2, name: 'a', big: 'B2' }),
      ]);
      const header = { key: UNAVAILABLE_HEADER, schema: null, value: 'big' };
      const failures = await put([
        { ...write('u', { id: 1, name: 'b', big: null }), headers: [header] },
        write('u', { id: 2, name: 'b', big: '__debezium_unavailable_value' }),
        write('c', { id: 3, name: 'a', big: 'B3' }),
        write('u', { id: 3, name: 'b', big: '__debezium_unavailable_value' }),
        write('u', { id: 4, name: 'b', big: '__debezium_unavailable_value' }),
      ]);
      expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
        [4, 'jdbc.partial_row_without_target'],
      ]);
    });
    expect(await rows('SELECT * FROM items ORDER BY id')).toEqual([
      { id: 1, name: 'b', big: 'B1' },
      { id: 2, name: 'b', big: 'B2' },
      { id: 3, name: 'b', big: 'B3' },
    ]);
  });

  test('a unique value that moves between rows in one batch arrives', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY, name text UNIQUE)');
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      await put([write('c', { id: 1, name: 'a' }), write('c', { id: 2, name: 'b' })]);
      const failures = await put([
        write('u', { id: 1, name: 'tmp' }),
        write('u', { id: 2, name: 'a' }),
        write('u', { id: 1, name: 'b' }),
      ]);
      expect(failures).toEqual([]);
    });
    expect(await rows('SELECT id, name FROM items ORDER BY id')).toEqual([
      { id: 1, name: 'b' },
      { id: 2, name: 'a' },
    ]);
  });

  test('parents are written before their children whatever the order of the topics', async () => {
    await db.query(`CREATE TABLE orders (id int PRIMARY KEY);
      CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders)`);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      expect(
        await put([
          write('c', { id: 10, order_id: 1 }, 'lines'),
          write('c', { id: 1 }, 'orders'),
          write('c', { id: 11, order_id: 99 }, 'lines'),
        ]).then((failures) => failures.map(({ index }) => index)),
      ).toEqual([2]);
    });
    expect(await rows('SELECT id FROM lines')).toEqual([{ id: 10 }]);
  });

  test('a truncate empties the table between what came before and after', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium({ 'truncate.enabled': 'true' }), async (put) => {
      await put([
        write('c', { id: 1, name: 'a' }),
        sinkRecord({ value: changeEvent('t', null) }),
        write('c', { id: 2, name: 'b' }),
      ]);
    });
    expect(await rows('SELECT id FROM items')).toEqual([{ id: 2 }]);
  });
});

describe('tables that lack something', () => {
  test('missing table, column and key are refused with the SQL that mends it', async () => {
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const [missing] = await put([write('c', { id: 1, name: 'a' })]);
      expect(missing?.error).toMatchObject({ code: 'jdbc.table_missing' });
      expect(missing?.error.hint).toContain(
        'CREATE TABLE IF NOT EXISTS "items" ("id" bigint NOT NULL, "name" text, PRIMARY KEY ("id"))',
      );
      await db.query('CREATE TABLE items (id int)');
      const [column] = await put([write('c', { id: 1, name: 'a' })]);
      expect(column?.error).toMatchObject({ code: 'jdbc.column_missing' });
      expect(column?.error.hint).toContain('ALTER TABLE "public"."items" ADD COLUMN "name"');
      const [key] = await put([write('c', { id: 1 })]);
      expect(key?.error).toMatchObject({ code: 'jdbc.unique_key_missing' });
      expect(key?.error.hint).toContain('ALTER TABLE "public"."items" ADD PRIMARY KEY ("id")');
    });
  });

  test('a missing table does not keep the records of other tables back', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const failures = await put([
        write('c', { id: 1 }, 'absent'),
        write('c', { id: 1, name: 'a' }),
      ]);
      expect(failures.map(({ index }) => index)).toEqual([0]);
    });
    expect(await rows('SELECT id FROM items')).toEqual([{ id: 1 }]);
  });

  test('schema.evolution=basic creates tables and adds columns from JSON values', async () => {
    await withTask(debeziumJdbcSink, debezium({ 'schema.evolution': 'basic' }), async (put) => {
      await put([write('c', { id: 1, n: 1, f: 1.5, b: true, o: { a: [1] }, none: null })]);
      await put([write('u', { id: 1, n: 2, f: 2, b: false, o: null, none: null, extra: 'x' })]);
    });
    expect(await rows('SELECT * FROM items')).toEqual([
      { id: '1', n: '2', f: 2, b: false, o: null, extra: 'x' },
    ]);
  });

  test('auto.create and auto.evolve make natural types from schemas', async () => {
    const key = schemas.struct({ id: schemas.int32() });
    const first = schemas.struct({ id: schemas.int32(), name: schemas.string({ optional: true }) });
    const second = schemas.struct({
      id: schemas.int32(),
      name: schemas.string({ optional: true }),
      at: schemas.int64({ name: 'io.debezium.time.MicroTimestamp' }),
      never: schemas.int32({ optional: true }),
    });
    const config = confluent({
      'insert.mode': 'upsert',
      'pk.mode': 'record_key',
      'auto.create': 'true',
      'auto.evolve': 'true',
    });
    await withTask(confluentJdbcSink, config, async (put) => {
      expect(
        await put([
          sinkRecord({
            keySchema: key,
            key: { id: 1 },
            valueSchema: first,
            value: { id: 1, name: 'a' },
          }),
        ]),
      ).toEqual([]);
      expect(
        await put([
          sinkRecord({
            keySchema: key,
            key: { id: 1 },
            valueSchema: second,
            value: { id: 1, name: 'a', at: 1_714_557_600_123_456, never: null },
          }),
        ]),
      ).toEqual([]);
    });
    expect(
      await rows(
        `SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'items'::regclass AND attnum > 0`,
      ),
    ).toEqual([
      { attname: 'id', type: 'integer' },
      { attname: 'name', type: 'text' },
      { attname: 'at', type: 'timestamp(6) without time zone' },
      { attname: 'never', type: 'integer' },
    ]);
    expect(await rows('SELECT at::text FROM items')).toEqual([
      { at: '2024-05-01 10:00:00.123456' },
    ]);
  });

  test('a table altered while the task runs is noticed', async () => {
    await db.query(ITEMS);
    await withTask(debeziumJdbcSink, debezium(), async (put) => {
      const batch = (): SinkRecord[] =>
        Array.from({ length: 400 }, (_, id) => write('u', { id, name: 'a', extra: null }));
      expect(await put(batch())).toEqual([]);
      await db.query(
        'ALTER TABLE items ALTER COLUMN id TYPE bigint; ALTER TABLE items DROP COLUMN at; ALTER TABLE items RENAME COLUMN name TO label; ALTER TABLE items ADD COLUMN name text',
      );
      await db.query('ALTER TABLE items ALTER COLUMN label DROP NOT NULL');
      expect(await put(batch())).toEqual([]);
      await db.query('DROP TABLE items');
      expect((await put(batch())).map(({ error }) => error.code)).toContain('jdbc.table_missing');
    });
  });
});

describe('insert and update', () => {
  test.each([3, 900])('plain inserts of flat rows (%i)', async (count) => {
    await db.query(
      'CREATE TABLE items (id int GENERATED ALWAYS AS IDENTITY, name text, twice int GENERATED ALWAYS AS (id * 2) STORED)',
    );
    await withTask(confluentJdbcSink, confluent(), async (put) => {
      const batch = Array.from({ length: count }, (_, id) =>
        sinkRecord({ value: { id, name: 'tab\tnewline\n\\N', twice: 5 } }),
      );
      expect(await put(batch)).toEqual([]);
    });
    expect(
      await rows(
        `SELECT count(*)::int, count(*) FILTER (WHERE name = E'tab\\tnewline\\n\\\\N')::int AS same FROM items`,
      ),
    ).toEqual([{ count, same: count }]);
  });

  test('with coordinates as the key, what was inserted already is left alone', async () => {
    const config = confluent({ 'pk.mode': 'kafka', 'auto.create': 'true' });
    await withTask(confluentJdbcSink, config, async (put) => {
      const batch = Array.from({ length: 400 }, (_, offset) =>
        sinkRecord({ offset, value: { n: offset } }),
      );
      expect(await put(batch)).toEqual([]);
      expect(await put(batch)).toEqual([]);
      expect(await put(batch.slice(0, 3))).toEqual([]);
    });
    expect(await rows('SELECT count(*)::int, max(__connect_offset)::int FROM items')).toEqual([
      { count: 400, max: 399 },
    ]);
  });

  test('a row that exists is a failure of that record alone', async () => {
    await db.query('CREATE TABLE items (id int PRIMARY KEY); INSERT INTO items VALUES (1)');
    await withTask(
      confluentJdbcSink,
      confluent({ 'pk.mode': 'record_value', 'pk.fields': 'id' }),
      async (put) => {
        const failures = await put([0, 1, 2].map((id) => sinkRecord({ value: { id } })));
        expect(failures.map(({ index, error }) => [index, error.context['sqlState']])).toEqual([
          [1, '23505'],
        ]);
      },
    );
    expect(await rows('SELECT count(*)::int FROM items')).toEqual([{ count: 3 }]);
  });

  test('update changes only rows that are there', async () => {
    await db.query(
      `CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'a')`,
    );
    await withTask(
      confluentJdbcSink,
      confluent({ 'insert.mode': 'update', 'pk.mode': 'record_key', 'pk.fields': 'id' }),
      async (put, task) => {
        expect(
          await put([1, 2].map((id) => sinkRecord({ key: id, value: { name: 'b' } }))),
        ).toEqual([]);
        expect(task.metrics?.()['rows_unmatched']).toBe(1);
      },
    );
    expect(await rows('SELECT * FROM items')).toEqual([{ id: 1, name: 'b' }]);
  });

  test('a null value without delete.enabled is refused by the one flavour and left out by the other', async () => {
    await db.query(ITEMS);
    await withTask(confluentJdbcSink, confluent(), async (put) => {
      expect((await put([sinkRecord({ key: { id: 1 } })])).map(({ error }) => error.hint)).toEqual([
        expect.stringContaining('delete.enabled=true'),
      ]);
    });
    await withTask(debeziumJdbcSink, debezium({ 'delete.enabled': 'false' }), async (put, task) => {
      expect(await put(erase(1))).toEqual([]);
      expect(task.metrics?.()['records_skipped']).toBe(2);
    });
  });
});
