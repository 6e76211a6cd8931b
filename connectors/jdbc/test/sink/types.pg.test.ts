import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { schemas, type Schema } from '@millrace/record';
import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import type pg from 'pg';
import { debeziumJdbcSink } from '../../src/index.ts';
import { POSTGRES_TYPES } from './postgres-types.ts';
import { changeEvent, sinkContext, sinkRecord } from './sink-context.ts';

const T = 'io.debezium.time.';
const named = (type: 'int32' | 'int64' | 'string', name: string): Schema =>
  schemas[type]({ name, optional: true });
const optional = { optional: true } as const;

let server: PostgresServer;
let db: pg.Client;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startPostgres();
  db = await server.connect();
  await db.query(`SET TIME ZONE 'UTC'; CREATE EXTENSION hstore;
    CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN shortcode AS varchar(3)`);
});
afterAll(async () => {
  await db.end();
  await server.stop();
});
beforeEach(async () => {
  await db.query('DROP TABLE IF EXISTS items');
});

/** Fills the table from an existing or an absent target, and returns the codes of the failures. */
async function deliver(
  fields: ReadonlyMap<string, { schema: Schema; value: unknown }>,
  hasSchemas: boolean,
  config: Record<string, string> = {},
  count = 350, // enough for the staging table
): Promise<string[]> {
  const task = debeziumJdbcSink.createTask();
  try {
    await task.start(
      sinkContext({
        'connection.url': `jdbc:postgresql://${server.host}:${server.port}/${server.database}`,
        'connection.username': server.user,
        'connection.password': server.password,
        'insert.mode': 'upsert',
        'primary.key.mode': 'record_key',
        'collection.name.format': '${source.table}',
        ...config,
      }),
      never,
    );
    const row = Object.fromEntries([...fields].map(([name, { value }]) => [name, value]));
    const after = schemas.struct(
      Object.fromEntries([...fields].map(([name, { schema }]) => [name, schema])),
      optional,
    );
    const envelope = schemas.struct(
      { after, op: schemas.string() },
      { name: 'shop.public.items.Envelope' },
    );
    const records = Array.from({ length: count }, (_, id) =>
      sinkRecord({
        keySchema: hasSchemas ? schemas.struct({ id: schemas.int32() }) : null,
        key: { id },
        valueSchema: hasSchemas ? envelope : null,
        value: changeEvent('c', { ...row, id }),
      }),
    );
    const failures = [
      ...(await task.put(records.slice(1), never)),
      ...(await task.put(records.slice(0, 1), never)),
    ];
    expect([0, count]).toContain(failures.length);
    return [...new Set(failures.map(({ error }) => `${error.code} ${error.message}`))];
  } finally {
    await task.stop();
  }
}

const idField: [string, { schema: Schema; value: unknown }] = [
  'id',
  { schema: schemas.int32(), value: 0 },
];

describe.each(POSTGRES_TYPES.map((each) => [`${each.type} ${each.sql}`, each] as const))(
  '%s',
  (_, each) => {
    test('with its schema equals the source in a table of the same definition', async () => {
      await db.query(`CREATE TABLE items (id int PRIMARY KEY, v ${each.type})`);
      expect(await deliver(new Map([idField, ['v', each]]), true)).toEqual([]);
      const { rows } = await db.query(
        `SELECT count(*)::int, count(*) FILTER (WHERE v::text IS NOT DISTINCT FROM (${each.sql})::${each.type}::text)::int AS same FROM items`,
      );
      expect(rows).toEqual([{ count: 350, same: 350 }]);
    });

    test('makes a column of its natural type', async () => {
      expect(
        await deliver(new Map([idField, ['v', each]]), true, { 'schema.evolution': 'basic' }),
      ).toEqual([]);
      const { rows } = await db.query(
        `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'items'::regclass AND attname = 'v'`,
      );
      expect(rows).toEqual([
        {
          type: each.created.replace(
            /^timestamp\(6\) with time zone\[\]$/,
            'timestamp(6) with time zone[]',
          ),
        },
      ]);
    });

    test('as JSON without schemas is the same or refused, never another value', async () => {
      await db.query(`CREATE TABLE items (id int PRIMARY KEY, v ${each.type})`);
      const value = 'loose' in each ? each.loose : each.value;
      const failures = await deliver(
        new Map([idField, ['v', { schema: each.schema, value }]]),
        false,
      );
      if (each.isRefused === true) {
        expect(failures).toEqual([expect.stringContaining('jdbc.value_not_representable')]);
        return;
      }
      expect(failures).toEqual([]);
      const { rows } = await db.query(
        `SELECT count(*)::int, count(*) FILTER (WHERE v::text IS NOT DISTINCT FROM (${each.sql})::${each.type}::text)::int AS same FROM items`,
      );
      expect(rows).toEqual([{ count: 350, same: 350 }]);
    });
  },
);

test.each(['interval', 'text'])('a time of MySQL beyond the day fits into %s', async (type) => {
  await db.query(`CREATE TABLE items (id int PRIMARY KEY, long ${type}, negative ${type})`);
  const schema = named('int64', `${T}MicroTime`);
  const row = new Map([
    idField,
    ['long', { schema, value: 3_020_399_999_000 }],
    ['negative', { schema, value: -1_500_000 }],
  ]);
  expect(await deliver(row, true)).toEqual([]);
  const { rows } = await db.query('SELECT DISTINCT long::text, negative::text FROM items');
  const texts = rows.flatMap(Object.values).map((text) => String(text).replace(/0+$/, ''));
  expect(texts).toEqual(['838:59:59.999', '-00:00:01.5']);
});

test.each([
  ['numeric(10,2)', schemas.string(), '1.005'],
  ['timestamp(3)', named('int64', `${T}MicroTimestamp`), 1_714_557_600_123_456],
  ['timestamp', schemas.string(), '2024-05-01T10:00:00+02:00'],
  ['text', schemas.string(), 'half \ud800 pair'],
  ['varchar(3)', schemas.string(), 'abcd'],
  ['shortcode', schemas.string(), 'abcd'],
  ['bit(3)', schemas.string(), '10101'],
  ['smallint', schemas.int32(), 40_000],
  ['integer', schemas.float64(), 1.5],
  ['date', schemas.int64(), 1_714_557_600_000],
  ['bytea', schemas.string(), '0a0b'],
] as const)('what %s would round, cut or guess is refused', async (type, schema, value) => {
  await db.query(`CREATE TABLE items (id int PRIMARY KEY, v ${type})`);
  const fields = new Map([idField, ['v', { schema, value }] as const]);
  expect(await deliver(fields, true, {}, 5)).toHaveLength(1);
  expect(await deliver(fields, false, {}, 310)).toHaveLength(1);
});
