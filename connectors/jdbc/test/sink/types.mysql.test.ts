import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { schemas, type Schema } from '@millrace/record';
import { startMariadb, startMysql, type MysqlServer } from '@millrace/test-servers';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { debeziumJdbcSink } from '../../src/index.ts';
import { MYSQL_TYPES } from './mysql-types.ts';
import { changeEvent, sinkContext, sinkRecord } from './sink-context.ts';

const T = 'io.debezium.time.';
const D = 'io.debezium.data.';
const ROWS = 3;
const never = new AbortController().signal;
interface Field {
  readonly schema: Schema;
  readonly value: unknown;
}

describe.each([
  ['MySQL', 'mysql', startMysql],
  ['MariaDB', 'mariadb', startMariadb],
] as const)('%s', (_, flavour, start) => {
  let server: MysqlServer;
  let db: Connection;
  beforeAll(async () => {
    server = await start();
    db = await server.connect();
    await db.query("SET sql_mode = 'STRICT_ALL_TABLES'");
  });
  afterAll(async () => {
    await db.end();
    await server.stop();
  });
  beforeEach(async () => {
    await db.query('DROP TABLE IF EXISTS items');
  });

  /** Delivers rows with the field, and returns what was refused. */
  async function deliver(
    { schema, value }: Field,
    hasSchemas: boolean,
    config: Record<string, string> = {},
  ): Promise<readonly string[]> {
    const task = debeziumJdbcSink.createTask();
    try {
      await task.start(
        sinkContext({
          'connection.url': `jdbc:${flavour}://${server.host}:${server.port}/${server.database}`,
          'connection.username': server.user,
          'connection.password': server.password,
          'insert.mode': 'upsert',
          'primary.key.mode': 'record_key',
          'collection.name.format': '${source.table}',
          ...config,
        }),
        never,
      );
      const after = schemas.struct({ id: schemas.int32(), v: schema }, { optional: true });
      const envelope = schemas.struct(
        { after, op: schemas.string() },
        { name: 'shop.public.items.Envelope' },
      );
      const records = Array.from({ length: ROWS }, (__, id) =>
        sinkRecord({
          keySchema: hasSchemas ? schemas.struct({ id: schemas.int32() }) : null,
          key: { id },
          valueSchema: hasSchemas ? envelope : null,
          value: changeEvent('c', { id, v: value }),
        }),
      );
      const failures = await task.put(records, never);
      expect([0, ROWS]).toContain(failures.length);
      return [...new Set(failures.map(({ error }) => `${error.code} ${error.message}`))];
    } finally {
      await task.stop();
    }
  }

  /** Rows whose bytes equal those of the value written by hand. */
  async function same(type: string, sql: string): Promise<unknown> {
    await db.query(`DROP TABLE IF EXISTS oracle`);
    await db.query(`CREATE TABLE oracle (v ${type})`);
    await db.query(`INSERT INTO oracle VALUES (${sql})`);
    // HEX alone rounds numbers; geometries and vectors are no text.
    const asText = /^(point|geometry|vector|blob|binary|bit)/.test(type)
      ? ''
      : 'AND CAST(items.v AS CHAR) = CAST(oracle.v AS CHAR)';
    const [rows] = await db.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS count, SUM(HEX(items.v) = HEX(oracle.v) ${asText}) AS same FROM items, oracle`,
    );
    return { count: Number(rows[0]?.['count']), same: Number(rows[0]?.['same']) };
  }

  const cases = MYSQL_TYPES.filter(({ only }) => only === undefined || only === flavour);
  describe.each(cases.map((each) => [`${each.sent} → ${each.type}, ${each.sql}`, each] as const))(
    '%s',
    (__, each) => {
      test('with its schema is the same value', async () => {
        await db.query(`CREATE TABLE items (id int PRIMARY KEY, v ${each.type})`);
        expect(await deliver(each, true)).toEqual([]);
        expect(await same(each.type, each.sql)).toEqual({ count: ROWS, same: ROWS });
      });

      test('makes a column of its natural type, which holds it', async () => {
        expect(await deliver(each, true, { 'schema.evolution': 'basic' })).toEqual([]);
        const [rows] = await db.query<RowDataPacket[]>(
          `SELECT COLUMN_TYPE AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'items' AND COLUMN_NAME = 'v'`,
        );
        const created =
          flavour === 'mariadb' ? (each.createdMariadb ?? each.created) : each.created;
        const shown = (text: string): string => text.replace(/^(\w*int|year)\((?!1\))\d+\)/, '$1');
        expect(shown(String(rows[0]?.['type']))).toBe(shown(created));
      });

      test('as JSON without schemas is the same or refused, never another value', async () => {
        await db.query(`CREATE TABLE items (id int PRIMARY KEY, v ${each.type})`);
        const value = 'loose' in each ? each.loose : each.value;
        const failures = await deliver({ schema: each.schema, value }, false);
        if (each.isRefusedLoose === true) {
          expect(failures).toEqual([expect.stringContaining('jdbc.value_not_representable')]);
          return;
        }
        expect(failures).toEqual([]);
        expect(await same(each.type, each.sql)).toEqual({ count: ROWS, same: ROWS });
      });
    },
  );

  const int64 = (name: string): Schema => schemas.int64({ name: `${T}${name}`, optional: true });
  const text = schemas.string({ optional: true });
  test.each<readonly [string, Schema, unknown]>([
    ['decimal(10,2)', text, '1.005'],
    ['decimal(10,2)', text, 'NAN'],
    ['double', schemas.float64(), Number.NaN],
    ['float', schemas.float64(), 1.123456789],
    ['datetime(3)', int64('MicroTimestamp'), 1_714_557_600_123_456],
    ['datetime(6)', int64('MicroTimestamp'), 9_223_372_036_825_200_000n],
    ['datetime(6)', int64('MicroTimestamp'), 253_402_300_800_000_000n],
    ['datetime(6)', int64('MicroTimestamp'), -62_200_000_000_000_000n],
    ['timestamp(6)', text, '2050-01-01T00:00:00.000000Z'],
    ['timestamp(6)', text, 'infinity'],
    ['datetime', text, '2024-05-01T10:00:00+02:00'],
    ['date', schemas.int32({ name: `${T}Date` }), 2_147_483_647],
    ['date', text, '0000-00-00'],
    ['time(6)', int64('MicroTime'), 3_020_400_000_000],
    ['text', text, 'half \ud800 pair'],
    ['varchar(3)', text, 'abcd'],
    ['varchar(3)', text, 'abc  '],
    ['char(5)', text, 'ab '],
    ['tinytext', text, `${'x'.repeat(255)} `],
    ['varchar(5) character set latin1', text, '€uro Ж'],
    ['varbinary(2)', schemas.bytes(), Buffer.from([1, 2, 3])],
    ['binary(4)', schemas.bytes(), Buffer.from([1, 2, 3])],
    ['bit(3)', text, '10101'],
    ['smallint', schemas.int32(), 40_000],
    ['int unsigned', schemas.int32(), -1],
    ['int', schemas.float64(), 1.5],
    ['int', text, '1.5'],
    ['year', schemas.int32(), 70],
    ["enum('a','b')", text, '2'],
    ["enum('a','b')", text, 'A'],
    ["set('a','b')", text, 'a,c'],
    ['point', schemas.struct({ wkb: schemas.bytes() }), { wkb: Buffer.from('0101000000', 'hex') }],
    ['int', schemas.struct({ a: schemas.int32() }), { a: 1 }],
    ['blob', text, '0a0b'],
    ['datetime(6)', schemas.struct({}, { name: `${D}Json` }), {}],
  ])('what %s would round, cut, fill up or guess is refused (%#)', async (type, schema, value) => {
    await db.query(`CREATE TABLE items (id int PRIMARY KEY, v ${type})`);
    expect(await deliver({ schema, value }, true)).toHaveLength(1);
    expect(await deliver({ schema, value }, false)).toHaveLength(1);
    const [rows] = await db.query<RowDataPacket[]>('SELECT * FROM items');
    expect(rows).toEqual([]);
  });
});
