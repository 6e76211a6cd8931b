import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal, logical, schemas, type Schema } from '@millrace/record';
import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import type pg from 'pg';
import { debeziumJdbcSink } from '../../src/index.ts';
import { changeEvent, sinkContext, sinkRecord } from './sink-context.ts';

const T = 'io.debezium.time.';
const D = 'io.debezium.data.';
const named = (type: 'int32' | 'int64' | 'string', name: string): Schema =>
  schemas[type]({ name, optional: true });
const optional = { optional: true } as const;

interface TypeCase {
  readonly type: string;
  /** SQL of the value. */
  readonly sql: string;
  readonly schema: Schema;
  readonly value: unknown;
  /** The type of the column when the sink creates the table. */
  readonly created: string;
  /** The value as JSON without schemas; absent: the same. `refused`: only a schema can tell. */
  readonly loose?: unknown;
  readonly isRefused?: boolean;
}

/** As the change source sends them: Debezium's semantic types. */
const CASES: readonly TypeCase[] = [
  {
    type: 'boolean',
    sql: 'true',
    schema: schemas.boolean(optional),
    value: true,
    created: 'boolean',
  },
  {
    type: 'bit(1)',
    sql: "B'1'",
    schema: schemas.boolean(optional),
    value: true,
    created: 'boolean',
  },
  {
    type: 'bit(9)',
    sql: "B'000000110'",
    schema: schemas.bytes({ name: `${D}Bits`, parameters: { length: '9' }, optional: true }),
    value: Buffer.from([6]),
    loose: 'Bg==',
    created: 'bit(9)',
  },
  { type: 'smallint', sql: '-5', schema: schemas.int16(optional), value: -5, created: 'smallint' },
  { type: 'integer', sql: '42', schema: schemas.int32(optional), value: 42, created: 'integer' },
  {
    type: 'bigint',
    sql: '9223372036854775807',
    schema: schemas.int64(optional),
    value: 9223372036854775807n,
    created: 'bigint',
  },
  { type: 'real', sql: "'0.1'", schema: schemas.float32(optional), value: 0.1, created: 'real' },
  {
    type: 'double precision',
    sql: "'NaN'",
    schema: schemas.float64(optional),
    value: NaN,
    created: 'double precision',
  },
  {
    type: 'double precision',
    sql: "'-Infinity'",
    schema: schemas.float64(optional),
    value: -Infinity,
    created: 'double precision',
  },
  {
    type: 'numeric(10,2)',
    sql: '2.50',
    schema: schemas.bytes({
      ...logical.decimal(2, optional),
      parameters: { scale: '2', 'connect.decimal.precision': '10' },
    }),
    value: new Decimal(250n, 2),
    loose: 'APo=',
    isRefused: true,
    created: 'numeric(10,2)',
  },
  {
    type: 'numeric',
    sql: '3.14159',
    schema: schemas.struct(
      { scale: schemas.int32(), value: schemas.bytes() },
      { name: `${D}VariableScaleDecimal`, optional: true },
    ),
    value: { scale: 5, value: Buffer.from('BMsv', 'base64') },
    loose: { scale: 5, value: 'BMsv' },
    created: 'numeric',
  },
  {
    type: 'numeric',
    sql: "'NaN'",
    schema: schemas.string(optional),
    value: 'NAN',
    created: 'text',
  },
  {
    type: 'numeric',
    sql: "'2.500'",
    schema: schemas.string(optional),
    value: '2.500',
    created: 'text',
  },
  {
    type: 'money',
    sql: "'99.95'",
    schema: logical.decimal(2, optional),
    value: new Decimal(9995n, 2),
    loose: '99.95',
    created: 'numeric',
  },
  {
    type: 'char(5)',
    sql: "'ab'",
    schema: schemas.string(optional),
    value: 'ab   ',
    created: 'text',
  },
  {
    type: 'text',
    sql: 'E\'tab\\t\\\\ "quote" ünï €\\n\\\\N\'',
    schema: schemas.string(optional),
    value: 'tab\t\\ "quote" ünï €\n\\N',
    created: 'text',
  },
  {
    type: 'bytea',
    sql: "'\\x0a0bff'",
    schema: schemas.bytes(optional),
    value: Buffer.from([10, 11, 255]),
    loose: 'Cgv/',
    created: 'bytea',
  },
  {
    type: 'jsonb',
    sql: `'{"k": [1, null]}'`,
    schema: named('string', `${D}Json`),
    value: '{"k": [1, null]}',
    created: 'jsonb',
  },
  {
    type: 'uuid',
    sql: "'c0ffee00-0000-4000-8000-000000000001'",
    schema: named('string', `${D}Uuid`),
    value: 'c0ffee00-0000-4000-8000-000000000001',
    created: 'uuid',
  },
  {
    type: 'inet',
    sql: "'10.0.0.1/8'",
    schema: schemas.string(optional),
    value: '10.0.0.1/8',
    created: 'text',
  },
  {
    type: 'int4range',
    sql: "'[1,5)'",
    schema: schemas.string(optional),
    value: '[1,5)',
    created: 'text',
  },
  {
    type: 'mood',
    sql: "'glad'",
    schema: schemas.string({
      name: `${D}Enum`,
      parameters: { allowed: 'sad,glad' },
      optional: true,
    }),
    value: 'glad',
    created: 'text',
  },
  {
    type: 'shortcode',
    sql: "'abc'",
    schema: schemas.string(optional),
    value: 'abc',
    created: 'text',
  },
  {
    type: 'date',
    sql: "'2024-10-04'",
    schema: named('int32', `${T}Date`),
    value: 20_000,
    created: 'date',
  },
  {
    type: 'date',
    sql: "'0044-03-15 BC'",
    schema: named('int32', `${T}Date`),
    value: -735_160,
    isRefused: true,
    created: 'date',
  },
  {
    type: 'date',
    sql: "'infinity'",
    schema: named('int32', `${T}Date`),
    value: 2_147_483_647,
    isRefused: true,
    created: 'date',
  },
  {
    type: 'date',
    sql: "'2024-05-01'",
    schema: logical.date(optional),
    value: new Date('2024-05-01T00:00:00Z'),
    loose: 19_844,
    created: 'date',
  },
  {
    type: 'time(3)',
    sql: "'10:00:00.5'",
    schema: named('int32', `${T}Time`),
    value: 36_000_500,
    isRefused: true,
    created: 'time(3) without time zone',
  },
  {
    type: 'time',
    sql: "'24:00:00'",
    schema: named('int64', `${T}MicroTime`),
    value: 86_400_000_000,
    isRefused: true,
    created: 'time(6) without time zone',
  },
  {
    type: 'timetz',
    sql: "'06:00:00+00'",
    schema: named('string', `${T}ZonedTime`),
    value: '06:00:00Z',
    created: 'time(6) with time zone',
  },
  {
    type: 'timestamp(3)',
    sql: "'2024-05-01 10:00:00.123'",
    schema: named('int64', `${T}Timestamp`),
    value: 1_714_557_600_123,
    isRefused: true,
    created: 'timestamp(3) without time zone',
  },
  {
    type: 'timestamp',
    sql: "'2024-05-01 10:00:00.123456'",
    schema: named('int64', `${T}MicroTimestamp`),
    value: 1_714_557_600_123_456,
    isRefused: true,
    created: 'timestamp(6) without time zone',
  },
  {
    type: 'timestamp',
    sql: "'1960-02-29 23:59:59.999999'",
    schema: named('int64', `${T}MicroTimestamp`),
    value: Date.parse('1960-02-29T23:59:59Z') * 1000 + 999_999,
    isRefused: true,
    created: 'timestamp(6) without time zone',
  },
  {
    type: 'timestamp',
    sql: "'infinity'",
    schema: named('int64', `${T}MicroTimestamp`),
    value: 9_223_372_036_825_200_000n,
    isRefused: true,
    created: 'timestamp(6) without time zone',
  },
  {
    type: 'timestamp',
    sql: "'12024-01-01 00:00:00.000001'",
    schema: named('int64', `${T}MicroTimestamp`),
    value: BigInt(Date.parse('+012024-01-01T00:00:00Z')) * 1000n + 1n,
    isRefused: true,
    created: 'timestamp(6) without time zone',
  },
  {
    type: 'timestamp',
    sql: "'2024-05-01 10:00:00.5'",
    schema: named('string', `${T}IsoTimestamp`),
    value: '2024-05-01T10:00:00.5Z',
    created: 'timestamp(6) without time zone',
  },
  {
    type: 'timestamp',
    sql: "'2024-05-01 10:00:00.123456'",
    schema: named('int64', `${T}NanoTimestamp`),
    value: 1_714_557_600_123_456_000n,
    isRefused: true,
    created: 'timestamp(6) without time zone',
  },
  {
    type: 'timestamptz',
    sql: "'2024-05-01 10:00:00+00'",
    schema: named('string', `${T}ZonedTimestamp`),
    value: '2024-05-01T10:00:00.000000Z',
    created: 'timestamp(6) with time zone',
  },
  {
    type: 'timestamptz',
    sql: "'0044-03-15 10:00:00+00 BC'",
    schema: named('string', `${T}ZonedTimestamp`),
    value: '-0043-03-15T10:00:00.000000Z',
    created: 'timestamp(6) with time zone',
  },
  {
    type: 'timestamptz',
    sql: "'12024-05-01 10:00:00+00'",
    schema: named('string', `${T}ZonedTimestamp`),
    value: '+12024-05-01T10:00:00.000000Z',
    created: 'timestamp(6) with time zone',
  },
  {
    type: 'timestamptz',
    sql: "'-infinity'",
    schema: named('string', `${T}ZonedTimestamp`),
    value: '-infinity',
    created: 'timestamp(6) with time zone',
  },
  {
    type: 'interval',
    sql: "'1 year 2 mons 3 days 04:05:06.5'",
    schema: named('string', `${T}Interval`),
    value: 'P1Y2M3DT4H5M6.5S',
    created: 'interval',
  },
  {
    type: 'interval',
    sql: "'-30 hours -0.000001 seconds'",
    schema: named('int64', `${T}MicroDuration`),
    value: -108_000_000_001,
    isRefused: true,
    created: 'interval',
  },
  {
    type: 'point',
    sql: "'(1.5,-2)'",
    schema: schemas.struct(
      {
        x: schemas.float64(),
        y: schemas.float64(),
        wkb: schemas.bytes(optional),
        srid: schemas.int32(optional),
      },
      { name: `${D}geometry.Point`, optional: true },
    ),
    value: { x: 1.5, y: -2, wkb: null, srid: null },
    created: 'point',
  },
  {
    type: 'integer[]',
    sql: "'{1,NULL,3}'",
    schema: schemas.array(schemas.int32(optional), optional),
    value: [1, null, 3],
    created: 'integer[]',
  },
  {
    type: 'text[]',
    sql: `'{"a \\"b\\" \\\\\\\\",NULL,"{,}",""}'`,
    schema: schemas.array(schemas.string(optional), optional),
    value: ['a "b" \\\\', null, '{,}', ''],
    created: 'text[]',
  },
  {
    type: 'timestamptz[]',
    sql: "'{2024-05-01 10:00:00+00}'",
    schema: schemas.array(named('string', `${T}ZonedTimestamp`), optional),
    value: ['2024-05-01T10:00:00.000000Z'],
    created: 'timestamp(6) with time zone[]',
  },
  {
    type: 'numeric(10,2)[]',
    sql: "'{2.50}'",
    schema: schemas.array(logical.decimal(2, optional), optional),
    value: [new Decimal(250n, 2)],
    loose: ['2.50'],
    created: 'numeric[]',
  },
  {
    type: 'hstore',
    sql: `'"a \\"b"=>"1", "c"=>NULL'`,
    schema: named('string', `${D}Json`),
    value: '{"a \\"b":"1","c":null}',
    created: 'jsonb',
  },
];

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

describe.each(CASES.map((each) => [`${each.type} ${each.sql}`, each] as const))('%s', (_, each) => {
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
