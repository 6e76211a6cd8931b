import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SinkTask } from '@millrace/connector-api';
import { schemas, type Schema, type SinkRecord } from '@millrace/record';
import { startMariadb, startMysql, type MysqlServer } from '@millrace/test-servers';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { debeziumJdbcSink } from '../../src/index.ts';
import { Dice, LOOSE_COLUMNS, RANDOM_COLUMNS, type RandomColumn } from './mysql-random.ts';
import { MYSQL_TYPES, type MysqlTypeCase } from './mysql-types.ts';
import { changeEvent, sinkContext, sinkRecord } from './sink-context.ts';
import { JsonLog, type LogDraft } from './two-lanes.ts';

const T = 'io.debezium.time.';
const never = new AbortController().signal;
const optionalText = schemas.string({ optional: true });
const int64 = (name: string): Schema => schemas.int64({ name: `${T}${name}`, optional: true });

const SOURCE = schemas.struct({
  connector: schemas.string(),
  name: schemas.string(),
  schema: schemas.string(),
  table: schemas.string(),
});

interface Field {
  readonly schema: Schema;
  readonly value: unknown;
}

/** What a column would round, cut, fill up or guess. */
const REFUSED: readonly (readonly [type: string, schema: Schema, value: unknown])[] = [
  ['decimal(10,2)', optionalText, '1.005'],
  ['decimal(10,2)', optionalText, 'NAN'],
  ['double', schemas.float64(), Number.NaN],
  ['float', schemas.float64(), 1.123456789],
  ['datetime(3)', int64('MicroTimestamp'), 1_714_557_600_123_456],
  ['datetime(6)', int64('MicroTimestamp'), 9_223_372_036_825_200_000n],
  ['datetime(6)', int64('MicroTimestamp'), 253_402_300_800_000_000n],
  ['datetime(6)', int64('MicroTimestamp'), -62_200_000_000_000_000n],
  ['timestamp(6) null', optionalText, '2250-01-01T00:00:00.000000Z'],
  ['timestamp(6) null', optionalText, 'infinity'],
  ['datetime', optionalText, '2024-05-01T10:00:00+02:00'],
  ['date', schemas.int32({ name: `${T}Date` }), 2_147_483_647],
  ['date', optionalText, '0000-00-00'],
  ['time(6)', int64('MicroTime'), 3_020_400_000_000],
  ['text', optionalText, 'half \ud800 pair'],
  ['varchar(3)', optionalText, 'abcd'],
  ['varchar(3)', optionalText, 'abc  '],
  ['char(5)', optionalText, 'ab '],
  ['tinytext', optionalText, `${'x'.repeat(255)} `],
  ['varchar(5) character set latin1', optionalText, '€uro Ж'],
  ['varbinary(2)', schemas.bytes(), Buffer.from([1, 2, 3])],
  ['binary(4)', schemas.bytes(), Buffer.from([1, 2, 3])],
  ['bit(3)', optionalText, '10101'],
  ['smallint', schemas.int32(), 40_000],
  ['int unsigned', schemas.int32(), -1],
  ['int', schemas.float64(), 1.5],
  ['int', optionalText, '1.5'],
  ['int', optionalText, '1); DROP TABLE refused; -- '],
  ['year', schemas.int32(), 70],
  ["enum('a','b')", optionalText, '2'],
  ["enum('a','b')", optionalText, 'A'],
  ["set('a','b')", optionalText, 'a,c'],
  ['point', schemas.struct({ wkb: schemas.bytes() }), { wkb: Buffer.from('0101000000', 'hex') }],
  ['int', schemas.struct({ a: schemas.int32() }), { a: 1 }],
  ['blob', optionalText, "\\x00' OR 1 = 1 -- "],
];

describe.each([
  ['MySQL', 'mysql', startMysql],
  ['MariaDB', 'mariadb', startMariadb],
] as const)('%s', (_, flavour, start) => {
  const cases = MYSQL_TYPES.filter(({ only }) => only === undefined || only === flavour);
  let server: MysqlServer;
  let db: Connection;
  let typed: ReadonlyMap<number, string>;
  let loose: ReadonlyMap<number, string>;
  let refusedTyped: ReadonlyMap<number, string>;
  let refusedLoose: ReadonlyMap<number, string>;

  /** Delivers one row for each field, or one of all; returns why rows were refused, by their number. */
  function deliver(
    table: string,
    fields: readonly Field[],
    hasSchemas: boolean,
    isOneRow = false,
  ): Promise<ReadonlyMap<number, string>> {
    const named = fields.map((field, index) => [`c${index}`, field] as const);
    const records = isOneRow
      ? [recordOf(table, 0, named, hasSchemas)]
      : named.map((field, index) => recordOf(table, index, [field], hasSchemas));
    return put([records], { 'schema.evolution': isOneRow ? 'basic' : 'none' });
  }

  /** Returns why records were refused, by their number over all batches. */
  async function put(
    batches: readonly (readonly SinkRecord[])[],
    config: Readonly<Record<string, string>> = {},
    properties = '',
  ): Promise<ReadonlyMap<number, string>> {
    const refused = new Map<number, string>();
    await withTask(config, properties, async (task) => {
      let base = 0;
      for (const records of batches) {
        for (const { index, error } of await task.put(records, never))
          refused.set(base + index, `${error.code} ${error.message}`);
        base += records.length;
      }
    });
    return refused;
  }

  async function withTask(
    config: Readonly<Record<string, string>>,
    properties: string,
    use: (task: SinkTask) => Promise<void>,
  ): Promise<void> {
    const task = debeziumJdbcSink.createTask();
    try {
      await task.start(
        sinkContext({
          'connection.url': `jdbc:${flavour}://${server.host}:${server.port}/${server.database}${properties}`,
          'connection.username': server.user,
          'connection.password': server.password,
          'insert.mode': 'upsert',
          'primary.key.mode': 'record_key',
          'collection.name.format': '${source.table}',
          ...config,
        }),
        never,
      );
      await use(task);
    } finally {
      await task.stop();
    }
  }

  async function loadsSoFar(): Promise<number> {
    const [rows] = await db.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Com_load'");
    return Number(rows[0]?.['Value']);
  }

  function recordOf(
    table: string,
    id: number,
    fields: readonly (readonly [string, Field])[],
    hasSchemas: boolean,
  ): SinkRecord {
    const after = schemas.struct(
      {
        id: schemas.int32(),
        ...Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
      },
      { optional: true },
    );
    const envelope = schemas.struct(
      { after, op: schemas.string() },
      { name: 'shop.public.items.Envelope' },
    );
    const row = Object.fromEntries(fields.map(([name, { value }]) => [name, value]));
    return sinkRecord({
      keySchema: hasSchemas ? schemas.struct({ id: schemas.int32() }) : null,
      key: { id },
      valueSchema: hasSchemas ? envelope : null,
      value: changeEvent('c', { id, ...row }, table),
    });
  }

  const looseOf = (each: MysqlTypeCase): Field => ({
    schema: each.schema,
    value: 'loose' in each ? each.loose : each.value,
  });

  beforeAll(async () => {
    server = await start();
    db = await server.connect();
    await db.query("SET sql_mode = 'STRICT_ALL_TABLES'");
    const columns = cases.map(({ type }, index) => `c${index} ${nullable(type)}`).join(', ');
    const bad = REFUSED.map(([type], index) => `c${index} ${nullable(type)}`).join(', ');
    for (const table of ['typed', 'loose', 'oracle'])
      await db.query(`CREATE TABLE ${table} (id int PRIMARY KEY, ${columns})`);
    await db.query(`CREATE TABLE refused (id int PRIMARY KEY, ${bad})`);
    const values = cases.map(({ sql }) => sql).join(', ');
    await db.query(`INSERT INTO oracle VALUES (0, ${values})`);
    typed = await deliver('typed', cases, true);
    loose = await deliver('loose', cases.map(looseOf), false);
    expect([...(await deliver('created', cases, true, true))]).toEqual([]);
    const refused = REFUSED.map(([, schema, value]) => ({ schema, value }));
    refusedTyped = await deliver('refused', refused, true);
    refusedLoose = await deliver('refused', refused, false);
  });
  afterAll(async () => {
    await db.end();
    await server.stop();
  });

  /** New rows in hundreds come by LOAD DATA, unless the URL says no. */
  const BY_STATEMENTS = '?allowLoadLocalInfile=false';

  /** The same records to `stated` by statements, to `loaded` by LOAD DATA, and to `ran` as a run of the log. */
  async function deliverThreeWays(
    columns: readonly string[],
    drafts: readonly LogDraft[],
    hasSchemas: boolean,
    { isTaken = true, config = {} } = {},
  ): Promise<void> {
    const copies = ['stated', 'loaded', 'ran'];
    const list = columns.map((type, index) => `c${index} ${nullable(type)}`).join(', ');
    for (const table of copies)
      await db.query(
        `DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (id int PRIMARY KEY, ${list}) CHARACTER SET utf8mb4`,
      );
    const log = new JsonLog(hasSchemas);
    const run = log.run(drafts.map((draft) => log.record(draft)));
    const records = drafts.map((_, index) => run.record(index));
    const to = (table: string): Record<string, string> => ({
      ...config,
      'collection.name.format': table,
    });
    const before = await loadsSoFar();
    expect([...(await put([records], to('stated'), BY_STATEMENTS))]).toEqual([]);
    expect(await loadsSoFar()).toBe(before);
    expect([...(await put([records], to('loaded')))]).toEqual([]);
    expect(await loadsSoFar()).toBe(before + 1);
    await withTask(to('ran'), '', async (task) => {
      expect(await task.putRun?.(run, never)).toBe(isTaken);
      if (!isTaken) expect(await task.put(records, never)).toEqual([]);
      expect(await loadsSoFar()).toBe(before + 2);
      // Keys that are there: the lines of the file become statements.
      expect(await task.putRun?.(run, never)).toBe(isTaken);
    });
    const differing: string[] = [];
    for (const [index, type] of columns.entries()) {
      const [found] = await db.query<RowDataPacket[]>(
        `SELECT COUNT(*) AS count FROM stated a JOIN loaded b USING (id) JOIN ran c USING (id)
          WHERE HEX(a.c${index}) <=> HEX(b.c${index}) AND HEX(a.c${index}) <=> HEX(c.c${index})`,
      );
      if (Number(found[0]?.['count']) !== drafts.length) differing.push(type);
    }
    expect(differing).toEqual([]);
    // HEX rounds numbers.
    const [sums] = await db.query<RowDataPacket[]>(`CHECKSUM TABLE ${copies.join(', ')}`);
    expect(new Set(sums.map((row) => row['Checksum'] as unknown)).size).toBe(1);
  }

  /** Maps, and structs with a null inside, are for the converter. */
  const isForRuns = ({ schema, value }: MysqlTypeCase): boolean =>
    schema.type !== 'map' &&
    (schema.type !== 'struct' || !Object.values(value as object).includes(null));

  test.each([
    [1, false],
    [2, true],
  ])(
    'random rows by statements, by LOAD DATA and in runs make equal tables (seed %i)',
    async (seed, isTaken) => {
      const fixed = isTaken ? cases.filter(isForRuns) : cases;
      const columns: readonly RandomColumn[] = [
        ...RANDOM_COLUMNS,
        ...fixed.map(({ type, schema, value }) => ({ type, schema, value: () => value })),
      ];
      const dice = new Dice(seed);
      const row = schemas.struct(
        {
          id: schemas.int32(),
          ...Object.fromEntries(columns.map(({ schema }, index) => [`c${index}`, schema])),
        },
        { optional: true },
      );
      const valueSchema = schemas.struct(
        { before: row, after: row, source: SOURCE, op: schemas.string() },
        { name: 'shop.public.items.Envelope' },
      );
      const drafts = Array.from({ length: 300 }, (__, id): LogDraft => {
        const after = Object.fromEntries(
          columns.map(({ value }, index) => [
            `c${index}`,
            // What the first rows look like is learnt.
            id > 3 && dice.below(8) === 0 ? null : value(dice),
          ]),
        );
        const keySchema = schemas.struct({ id: schemas.int32() });
        return { keySchema, key: { id }, valueSchema, value: changeEvent('c', { id, ...after }) };
      });
      await deliverThreeWays(
        columns.map(({ type }) => type),
        drafts,
        true,
        { isTaken },
      );
    },
    60_000,
  );

  test('random rows of JSON without schemas, too', async () => {
    const dice = new Dice(3);
    const drafts = Array.from({ length: 300 }, (__, id): LogDraft => {
      const values = LOOSE_COLUMNS.map(({ value }) =>
        id > 3 && dice.below(8) === 0 ? null : value(dice),
      );
      const after = Object.fromEntries(values.map((value, index) => [`c${index}`, value]));
      return { key: { id }, value: changeEvent('c', { id, ...after }) };
    });
    await deliverThreeWays(
      LOOSE_COLUMNS.map(({ type }) => type),
      drafts,
      false,
      { config: { 'millrace.source.decimal.handling.mode': 'precise' } },
    );
  });

  test('what the server would change or leave out in LOAD DATA is refused as in a statement, alone', async () => {
    await db.query(`CREATE TABLE strict (id int PRIMARY KEY, must int NOT NULL, at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
      less int UNIQUE CHECK (less < 100), document json, place geometry, made int AS (less + 1) STORED, sure int NOT NULL DEFAULT 7)`);
    await db.query('INSERT INTO strict (id, must, less) VALUES (1000, 1, 1)');
    const row = (id: number, fields: Readonly<Record<string, unknown>>): SinkRecord =>
      sinkRecord({
        key: { id },
        value: changeEvent('c', { id, must: 1, at: '2024-05-01T10:00:00Z', ...fields }, 'strict'),
      });
    const bad: readonly Readonly<Record<string, unknown>>[] = [
      { must: null },
      { must: 2_147_483_648 },
      { at: null },
      { at: '2250-01-01T00:00:00Z' },
      { less: 100 },
      { less: 1 },
      { document: '{"a"' },
      { place: { wkb: Buffer.from('0101000000', 'hex').toString('base64') } },
    ];
    const shaped = { less: null, document: null, place: null };
    const batches = bad.map((fields, batch) =>
      Array.from({ length: 100 }, (__, index) =>
        row(batch * 100 + index, index === 37 ? { ...shaped, ...fields } : shaped),
      ),
    );
    const before = await loadsSoFar();
    const loaded = await put(batches);
    expect(await loadsSoFar()).toBeGreaterThan(before);
    const sum =
      'SELECT COUNT(*) AS count, SUM(must) + 0 AS must, MIN(at) AS at, SUM(sure) + 0 AS sure FROM strict';
    const [first] = await db.query<RowDataPacket[]>(sum);
    expect(Number(first[0]?.['count'])).toBe(bad.length * 99 + 1);
    await db.query('DELETE FROM strict WHERE id < 1000');
    expect([...loaded]).toEqual([...(await put(batches, {}, BY_STATEMENTS))]);
    expect([...loaded.keys()]).toEqual(bad.map((__, batch) => batch * 100 + 37));
    expect((await db.query(sum))[0]).toEqual(first);
  });

  /** Whether the bytes equal those of the value written by hand. */
  async function isSame(table: string, index: number, id = index): Promise<boolean> {
    const column = `c${index}`;
    // HEX alone rounds numbers; some types are no text.
    const asText = /^(point|geometry|vector|blob|binary|bit)/.test(cases[index]?.type ?? '')
      ? ''
      : `AND CAST(a.${column} AS CHAR) = CAST(b.${column} AS CHAR)`;
    const [rows] = await db.query<RowDataPacket[]>(
      `SELECT HEX(a.${column}) = HEX(b.${column}) ${asText} AS same FROM ${table} a, oracle b WHERE a.id = ${id}`,
    );
    return Number(rows[0]?.['same']) === 1;
  }

  describe.each(
    cases.map((each, index) => [`${each.sent} → ${each.type}, ${each.sql}`, each, index] as const),
  )('%s', (__, each, index) => {
    test('with its schema is the same value', async () => {
      expect(typed.get(index)).toBeUndefined();
      expect(await isSame('typed', index)).toBe(true);
    });

    test('makes a column of its natural type', async () => {
      const [rows] = await db.query<RowDataPacket[]>(
        `SELECT COLUMN_TYPE AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'created' AND COLUMN_NAME = 'c${index}'`,
      );
      const created = flavour === 'mariadb' ? (each.createdMariadb ?? each.created) : each.created;
      const shown = (text: string): string => text.replace(/^(\w*int|year)\((?!1\))\d+\)/, '$1');
      expect(shown(String(rows[0]?.['type']))).toBe(shown(created));
    });

    test('as JSON without schemas is the same or refused, never another value', async () => {
      if (each.isRefusedLoose === true) {
        expect(loose.get(index)).toContain('jdbc.value_not_representable');
        return;
      }
      expect(loose.get(index)).toBeUndefined();
      expect(await isSame('loose', index)).toBe(true);
    });
  });

  test.each(REFUSED.map(([type, , value], index) => [type, value, index] as const))(
    '%s would round, cut, fill up or guess %p, which is refused',
    async (__, ___, index) => {
      expect(refusedTyped.get(index)).toMatch(/^jdbc\.value_/);
      expect(refusedLoose.get(index)).toMatch(/^jdbc\.value_/);
      const [rows] = await db.query<RowDataPacket[]>(`SELECT * FROM refused WHERE id = ${index}`);
      expect(rows).toEqual([]);
    },
  );
});

function nullable(type: string): string {
  return `${type} NULL`.replace(/null NULL$/, 'NULL');
}
