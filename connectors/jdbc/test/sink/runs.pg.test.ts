import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SinkRun } from '@millrace/connector-api';
import { Decimal, logical, schemas, type Schema } from '@millrace/record';
import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import type pg from 'pg';
import { debeziumJdbcSink, UNAVAILABLE_HEADER } from '../../src/index.ts';
import { POSTGRES_TYPES } from './postgres-types.ts';
import { JsonLog, TwoLanes, type Delivery, type LogDraft } from './two-lanes.ts';

/*
 * Runs of records are an optimisation that nobody may notice: whatever a batch holds, the table is the same afterwards,
 * row by row in the server's own text, and the same records are refused.
 */

let server: PostgresServer;
let db: pg.Client;

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
  await db.query(
    'DROP SCHEMA IF EXISTS slow, fast CASCADE; CREATE SCHEMA slow; CREATE SCHEMA fast',
  );
});

const config = (
  schema: string,
  more: Readonly<Record<string, string>>,
): Record<string, string> => ({
  'connection.url': `jdbc:postgresql://${server.host}:${server.port}/${server.database}`,
  'connection.username': server.user,
  'connection.password': server.password,
  'insert.mode': 'upsert',
  'primary.key.mode': 'record_key',
  'delete.enabled': 'true',
  'collection.name.format': `${schema}.\${source.table}`,
  'flush.retry.delay.ms': '20',
  ...more,
});

async function createBoth(columns: string, table = 'items'): Promise<void> {
  for (const schema of ['slow', 'fast'])
    await db.query(`CREATE TABLE ${schema}.${table} (${columns})`);
}

const open = (more: Readonly<Record<string, string>> = {}): Promise<TwoLanes> =>
  TwoLanes.open(debeziumJdbcSink, config('slow', more), config('fast', more));

/** Rows that one of the two tables has and the other has not. */
async function differences(table = 'items'): Promise<unknown[]> {
  const { rows } = await db.query<Record<string, unknown>>(
    `(SELECT 'slow' AS lane, t::text FROM slow.${table} t EXCEPT ALL SELECT 'slow', t::text FROM fast.${table} t)
     UNION ALL
     (SELECT 'fast', t::text FROM fast.${table} t EXCEPT ALL SELECT 'fast', t::text FROM slow.${table} t)`,
  );
  return rows;
}

/** A small generator of numbers, so that a failure can be had again by its seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

const KEY = schemas.struct({ id: schemas.int64() });
const SOURCE = schemas.struct({
  connector: schemas.string(),
  table: schemas.string(),
  lsn: schemas.int64({ optional: true }),
});
const envelopeOf = (row: Schema): Schema =>
  schemas.struct(
    {
      before: { ...row, optional: true },
      after: { ...row, optional: true },
      source: SOURCE,
      op: schemas.string(),
      ts_ms: schemas.int64({ optional: true }),
    },
    { name: 'shop.public.items.Envelope' },
  );

interface Row {
  readonly schema: Schema;
  readonly value: Readonly<Record<string, unknown>>;
}

const never = new AbortController().signal;
let lsn = 990;

/** A change event, and its bytes when it is to be looked at; `row` null: deleted. */
function event(
  op: string,
  id: number,
  row: Row | null,
  {
    hasSchemas = false,
    table = 'items',
    before = null as Row['value'] | null,
    schema = row?.schema,
  } = {},
): LogDraft {
  const value = {
    before,
    after: row?.value ?? null,
    source: { connector: 'postgresql', table, lsn: lsn++ },
    op,
    ts_ms: 1_760_000_000_000 + lsn,
  };
  return {
    topic: `shop.public.${table}`,
    key: { id },
    keySchema: hasSchemas ? KEY : null,
    value,
    valueSchema: hasSchemas && schema !== undefined ? envelopeOf(schema) : null,
  };
}

/** Texts of all lengths, with everything in them that JSON, COPY or UTF-8 treats in its own way. */
function randomText(random: (below: number) => number): string {
  const signs = [
    'a',
    'Z',
    ' ',
    '\\',
    '"',
    '\n',
    '\t',
    '\r',
    '\b',
    '\f',
    '/',
    '\u0001',
    '\u007f',
    'ü',
    '€',
    '🚀',
    "'",
    '{',
    '}',
    ',',
    'N',
    '\\N',
    '\\.',
    '\u2028',
  ];
  let text = '';
  for (let left = random(12); left > 0; left--) text += signs[random(signs.length)] ?? '';
  return text;
}

const SCALARS = schemas.struct({
  id: schemas.int64(),
  small: schemas.int16({ optional: true }),
  big: schemas.int64({ optional: true }),
  ratio: schemas.float64({ optional: true }),
  single: schemas.float32({ optional: true }),
  price: { ...logical.decimal(2), optional: true },
  free: { ...logical.decimal(3), optional: true },
  title: schemas.string({ optional: true }),
  shown: schemas.string({ optional: true }),
  ok: schemas.boolean({ optional: true }),
  raw: schemas.bytes({ optional: true }),
  day: schemas.int32({ name: 'io.debezium.time.Date', optional: true }),
  at: schemas.int64({ name: 'io.debezium.time.MicroTimestamp', optional: true }),
  seen: schemas.int64({ name: 'io.debezium.time.Timestamp', optional: true }),
  zoned: schemas.string({ name: 'io.debezium.time.ZonedTimestamp', optional: true }),
  doc: schemas.string({ name: 'io.debezium.data.Json', optional: true }),
  kept: schemas.string({ optional: true, default: 'by "default"' }),
});
const SCALAR_COLUMNS = `id bigint PRIMARY KEY, small smallint, big bigint, ratio float8, single float4, price numeric(12,2),
  free numeric, title text, shown varchar(60), ok boolean, raw bytea, day date, at timestamp, seen timestamptz(6), zoned timestamptz,
  doc json, kept text`;

function randomRow(id: number, random: (below: number) => number): Row {
  const sign = random(2) === 0 ? 1 : -1;
  const size = 10 ** random(16);
  const maybe = <T>(value: T): T | null => (random(6) === 0 ? null : value);
  const micros = sign * random(2 ** 31) * 1_000 * random(4_000) + random(1_000_000);
  return {
    schema: SCALARS,
    value: {
      id,
      small: maybe(sign * random(32_768)),
      big: maybe(random(4) === 0 ? 9_223_372_036_854_775_807n : sign * random(size)),
      ratio: maybe([sign * random(size), random(size) / 8, 1e300, 1e-7, 0.1, -0, 12.5][random(7)]),
      single: maybe(Math.fround(random(1_000) / 7)),
      price: maybe(new Decimal(BigInt(sign * random(Math.min(size, 1e9))), 2)),
      free: maybe(new Decimal(BigInt(sign) * 10n ** BigInt(random(25)) + BigInt(random(99)), 3)),
      title: maybe(randomText(random)),
      shown: maybe(randomText(random)),
      ok: maybe(random(2) === 0),
      raw: maybe(Buffer.from(randomText(random))),
      day: maybe(sign * random(40_000)),
      at: maybe(micros),
      seen: maybe(Math.floor(micros / 1_000)),
      zoned: maybe(new Date(Math.floor(micros / 1_000)).toISOString()),
      doc: maybe(JSON.stringify({ text: randomText(random), list: [1, null, { a: 1.5 }] })),
      kept: random(3) === 0 ? null : randomText(random),
    },
  };
}

/** The same row as JSON without schemas has it, where the target alone can tell what is meant. */
function loose({ schema, value }: Row): Row {
  const { at, price, free, ...rest } = value;
  const base64 = (decimal: unknown): string | null =>
    decimal instanceof Decimal ? decimal.toBytes().toString('base64') : null;
  return {
    schema,
    value: {
      ...rest,
      price: base64(price),
      free: base64(free),
      // What the number of an instant counts is told for columns without a zone alone.
      seen: null,
      at: typeof at === 'number' ? new Date(Math.floor(at / 1_000)).toISOString() : null,
    },
  };
}

const hints = { 'millrace.source.decimal.handling.mode': 'precise' };

describe.each([
  ['JSON with schemas', true],
  ['JSON without schemas', false],
])('%s', (_, hasSchemas) => {
  const log = new JsonLog(hasSchemas);
  const put = (lanes: TwoLanes, drafts: readonly LogDraft[]): Promise<Delivery> =>
    lanes.put(log.run(drafts.map((draft) => log.record(draft))));

  test.each([11, 12])(
    'random rows, updates, deletes and tombstones leave the same table (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      await createBoth(
        SCALAR_COLUMNS.replace('free numeric', hasSchemas ? 'free numeric' : 'free numeric(40,3)'),
      );
      await using lanes = await open(hints);
      const make = (id: number): Row =>
        hasSchemas ? randomRow(id, random) : loose(randomRow(id, random));
      for (let round = 0; round < 3; round++) {
        const drafts: LogDraft[] = [];
        for (let left = 400; left > 0; left--) {
          const id = random(round === 0 ? 100_000 : 500) - 50;
          const options = { hasSchemas, schema: SCALARS };
          const kind = random(20);
          if (kind === 0) drafts.push(event('d', id, null, { ...options, before: make(id).value }));
          else if (kind === 1)
            drafts.push({ ...event('d', id, null, options), value: null, valueSchema: null });
          else if (kind === 2)
            drafts.push(event('u', id, make(id), { ...options, before: make(id).value }));
          else drafts.push(event(kind < 10 ? 'c' : 'r', id, make(id), options));
        }
        const delivery = await put(lanes, drafts);
        expect(delivery).toEqual({ isTaken: true, slow: [], fast: [] });
        expect(await differences()).toEqual([]);
      }
    },
    60_000,
  );

  test('every type of the source comes out the same', async () => {
    const cases = POSTGRES_TYPES.filter((each) => hasSchemas || each.isRefused !== true);
    const columns = cases.map((each, index) => `v${index} ${each.type}`);
    await createBoth(`id bigint PRIMARY KEY, ${columns.join(', ')}`);
    const row = schemas.struct({
      id: schemas.int64(),
      ...Object.fromEntries(cases.map((each, index) => [`v${index}`, each.schema])),
    });
    const valueOf = (each: (typeof cases)[number]): unknown =>
      hasSchemas || each.loose === undefined ? each.value : each.loose;
    await using lanes = await open();
    const drafts = Array.from({ length: 300 }, (_, id) => {
      // Null in turn, but for the first rows.
      const values = cases.map((each, index) => [
        `v${index}`,
        id > 10 && (id + index) % 5 === 0 ? null : valueOf(each),
      ]);
      const value = { id, ...(Object.fromEntries(values) as Record<string, unknown>) };
      return event('r', id, { schema: row, value }, { hasSchemas });
    });
    expect(await put(lanes, drafts)).toMatchObject({ slow: [], fast: [] });
    expect(await differences()).toEqual([]);
  });

  const simple = schemas.struct({
    id: schemas.int64(),
    name: schemas.string({ optional: true }),
    n: schemas.int32({ optional: true }),
  });
  const item = (id: number, name: string | null, n: number | null = 1): Row => ({
    schema: simple,
    value: { id, name, n },
  });
  const items = (count: number, from = 0, table = 'items'): LogDraft[] =>
    Array.from({ length: count }, (_, place) =>
      event('c', from + place, item(from + place, `row ${place}`), { hasSchemas, table }),
    );
  const ITEMS = 'id bigint PRIMARY KEY, name varchar(20), n integer';

  const bytes = (draft: LogDraft): Uint8Array => log.record(draft).value ?? Buffer.alloc(0);

  /** The record with the last such part of its bytes replaced. */
  function respelt(draft: LogDraft, part: string, by: string | Buffer): LogDraft {
    const before = Buffer.from(bytes(draft));
    const at = before.lastIndexOf(part);
    const rest = before.subarray(at + part.length);
    return { ...draft, value: Buffer.concat([before.subarray(0, at), Buffer.from(by), rest]) };
  }

  const spoilt: readonly (readonly [string, (good: LogDraft) => LogDraft])[] = [
    ['a text that is too long', (good) => respelt(good, '?', 'x'.repeat(21))],
    ['a text with a zero', (good) => respelt(good, '?', 'a\\u0000b')],
    ['half a surrogate pair', (good) => respelt(good, '?', '\\ud800')],
    ['bytes that are no UTF-8', (good) => respelt(good, '?', Buffer.from([0xc3, 0x28]))],
    ['a number of another type', (good) => respelt(good, '"n":1', '"n":3000000000')],
    ['a fraction for a whole number', (good) => respelt(good, '"n":1', '"n":1.5')],
    ['a word for a number', (good) => respelt(good, '"n":1', '"n":"one"')],
    ['JSON that ends too early', (good) => respelt(good, '"op":"c"', '"op":"c')],
    ['a needless zero', (good) => respelt(good, '"n":1', '"n":01')],
    ['a line break in a text', (good) => respelt(good, '?', '\n')],
    ['something behind the event', (good) => ({ ...good, value: withMore(bytes(good)) })],
    ['no key', (good) => ({ ...good, key: null, keySchema: null })],
    ['a key that is null inside', (good) => ({ ...good, key: Buffer.from('{"id":null}') })],
    ['a key of a text', (good) => ({ ...good, key: Buffer.from('"5"') })],
    ['an event without a row', (good) => ({ ...good, value: Buffer.from(NO_ROW) })],
    ['an array', (good) => ({ ...good, value: Buffer.from('[1]') })],
    ['nothing at all', (good) => ({ ...good, value: Buffer.alloc(0) })],
  ];

  test('a batch is delivered but for its bad record, which is reported', async () => {
    await using lanes = await open();
    for (const [place, [name, spoil]] of spoilt.entries()) {
      const table = `bad${place}`;
      await createBoth(ITEMS, table);
      const rows = items(20, 0, table);
      expect((await put(lanes, items(20, 1_000, table))).isTaken).toBe(true);
      rows[5] = spoil(event('c', 5, item(5, '?'), { hasSchemas, table }));
      const { slow, fast } = await put(lanes, rows);
      expect([name, fast]).toEqual([name, slow]);
      expect((await put(lanes, items(20, 2_000, table))).isTaken).toBe(true);
      expect([name, await differences(table)]).toEqual([name, []]);
    }
  }, 60_000);

  test('numbers are what they are, however they are spelt', async () => {
    await createBoth('id bigint PRIMARY KEY, name text, n numeric');
    await using lanes = await open();
    const spellings = [
      '-0',
      '0',
      '0.5',
      '0.50',
      '1e3',
      '1E-7',
      '0.000001',
      '0.0000001',
      '100000000000000000000',
      '123456789012345.5',
      '1234567890.123456789',
      '-12.25',
    ];
    const drafts = spellings.map((spelling, id) => {
      const whole = event('c', id, item(id, 'name', hasSchemas ? id : 1), { hasSchemas });
      return hasSchemas ? whole : respelt(whole, '"n":1', `"n":${spelling}`);
    });
    expect(await put(lanes, [...items(300, 1_000), ...drafts])).toEqual({
      isTaken: true,
      slow: [],
      fast: [],
    });
    expect(await differences()).toEqual([]);
  });

  test('columns that the source could not tell keep their value', async () => {
    await createBoth(ITEMS);
    await using lanes = await open();
    await put(lanes, items(300));
    const told = event('u', 3, item(3, '__debezium_unavailable_value', 9), { hasSchemas });
    const named = {
      ...event('u', 4, item(4, null, 9), { hasSchemas }),
      headers: [{ key: UNAVAILABLE_HEADER, value: Buffer.from('name') }],
    };
    expect(await put(lanes, [...items(300, 300), told, named])).toMatchObject({
      slow: [],
      fast: [],
    });
    expect(await differences()).toEqual([]);
    const { rows } = await db.query(
      'SELECT name, n FROM fast.items WHERE id IN (3, 4) ORDER BY id',
    );
    expect(rows).toEqual([
      { name: 'row 3', n: 9 },
      { name: 'row 4', n: 9 },
    ]);
  });

  test('one topic of several tables, rows of several topics, and a column that comes and goes', async () => {
    await createBoth(ITEMS);
    await createBoth(ITEMS, 'parts1');
    await createBoth(ITEMS, 'parts2');
    await using lanes = await open({ 'schema.evolution': 'basic' });
    const routed = (id: number): LogDraft => ({
      ...event('c', id, item(id, `routed ${id}`), {
        hasSchemas,
        table: id % 2 === 0 ? 'parts1' : 'parts2',
      }),
      topic: 'all',
    });
    const wider = schemas.struct({
      ...fieldsOf(simple),
      extra: schemas.string({ optional: true }),
    });
    const wide = (id: number): LogDraft =>
      event(
        'u',
        id,
        { schema: wider, value: { id, name: 'wide', n: 2, extra: 'more' } },
        { hasSchemas },
      );
    const mixed = Array.from({ length: 300 }, (_, id) => [routed(id), ...items(1, id)]).flat();
    expect(await put(lanes, mixed)).toEqual({ isTaken: true, slow: [], fast: [] });
    for (const batch of [[...items(300), ...[1, 2, 3].map(wide)], [4, 5, 6].map(wide), items(300)])
      expect(await put(lanes, batch)).toMatchObject({ slow: [], fast: [] });
    for (const table of ['items', 'parts1', 'parts2']) expect(await differences(table)).toEqual([]);
  });

  test('rows from before a column was added and after it keep their order', async () => {
    await createBoth(ITEMS);
    await using lanes = await open({ 'schema.evolution': 'basic' });
    let last: Readonly<Record<string, Schema>> = fieldsOf(simple);
    const batches = ['x', 'y', 'z'].map((column, round) => {
      const narrow = last;
      last = { ...last, [column]: schemas.string({ optional: true }) };
      const of = (fields: Readonly<Record<string, Schema>>, op: string, id: number): LogDraft => {
        const schema = schemas.struct(fields);
        const added = Object.fromEntries(Object.keys(fields).map((name) => [name, null]));
        const value = { ...added, id, name: `${op} ${id}`, n: round };
        return event(op, id, op === 'd' ? null : { schema, value }, { hasSchemas, schema });
      };
      const ids = Array.from({ length: 20 }, (_, id) => id);
      return [
        ...ids.map((id) => of(narrow, 'c', id)),
        ...ids.slice(5, 15).map((id) => of(last, 'u', id)),
        ...ids.slice(0, 8).map((id) => of(last, 'd', id)),
      ];
    });
    for (const batch of [...batches, batches.flat()]) {
      await put(lanes, batch);
      expect(await differences()).toEqual([]);
    }
    expect((await db.query('SELECT id FROM fast.items WHERE id < 8')).rows).toEqual([]);
  });

  test('long runs, which are sent while they are made, may turn out to be others', async () => {
    await createBoth(ITEMS);
    await createBoth(ITEMS, 'parts');
    await using lanes = await open();
    const long = (from: number, at?: LogDraft): LogDraft[] => {
      const drafts = items(1_400, from);
      if (at !== undefined) drafts[1_300] = at;
      return drafts;
    };
    const taken = { isTaken: true, slow: [], fast: [] };
    expect(await put(lanes, long(0))).toEqual(taken);
    // A key that is there, twice the same key, a delete, another table, and other columns.
    const known = event('u', 7, item(7, 'known'), { hasSchemas });
    expect(await put(lanes, long(10_000, known))).toEqual(taken);
    const again = event('u', 30_001, item(30_001, 'again'), { hasSchemas });
    expect(await put(lanes, long(20_000))).toEqual(taken);
    expect(await put(lanes, long(30_000, again))).toEqual(taken);
    expect(await put(lanes, long(40_000))).toEqual(taken);
    expect(await put(lanes, long(50_000))).toEqual(taken);
    const gone = event('d', 8, null, { hasSchemas, schema: simple });
    expect(await put(lanes, long(60_000, gone))).toEqual(taken);
    await using others = await open();
    const part = event('c', 1, item(1, 'part'), { hasSchemas, table: 'parts' });
    expect(await put(others, long(70_000, part))).toEqual(taken);
    await using third = await open();
    const bad = event('c', 5, item(5, 'x'.repeat(21)), { hasSchemas });
    const { isTaken, slow, fast } = await put(third, long(80_000, bad));
    expect({ isTaken, fast }).toEqual({ isTaken: false, fast: slow });
    expect(await differences()).toEqual([]);
    expect(await differences('parts')).toEqual([]);
  }, 60_000);

  test('exactly once: offsets go with the rows of a run, and who was overtaken writes nothing', async () => {
    await createBoth(ITEMS);
    const once = {
      'insert.mode': 'insert',
      'delete.enabled': 'false',
      'millrace.exactly.once': 'true',
    };
    await using lanes = await open(once);
    await using others = await open(once);
    const mine = new JsonLog(hasSchemas);
    const runOf = (from: number): SinkRun =>
      mine.run(items(300, from).map((draft) => mine.record(draft)));
    const partition = { topic: 'shop.public.items', partition: 0 };
    const stored = async (): Promise<unknown> =>
      (
        await db.query('SELECT next_offset::int FROM millrace_sink_offsets WHERE connector = $1', [
          'fast',
        ])
      ).rows;
    await lanes.fast.open?.([partition], never);
    expect(await lanes.fast.putRun?.(runOf(0), never)).toBe(true);
    expect(await stored()).toEqual([{ next_offset: 300 }]);
    await others.fast.open?.([partition], never);
    const late = runOf(300);
    expect(await lanes.fast.putRun?.(late, never)).toBe(false);
    const records = late.records.map((_, index) => late.record(index));
    await expect(lanes.fast.put(records, never)).rejects.toMatchObject({ code: 'jdbc.fenced' });
    expect(await others.fast.putRun?.(late, never)).toBe(true);
    expect(await stored()).toEqual([{ next_offset: 600 }]);
    const { rows } = await db.query('SELECT count(*)::int FROM fast.items');
    expect(rows).toEqual([{ count: 600 }]);
    await db.query('DROP TABLE millrace_sink_offsets');
  });

  test('flat rows, keys out of the value, and plain inserts', async () => {
    await createBoth(ITEMS);
    const flat = (count: number, from = 0): LogDraft[] =>
      Array.from({ length: count }, (_, place) => ({
        topic: 'items',
        value: { id: from + place, name: `flat ${place}`, n: null },
        valueSchema: hasSchemas ? simple : null,
      }));
    const more = {
      'primary.key.mode': 'record_value',
      'primary.key.fields': 'id',
      'delete.enabled': 'false',
    };
    const names = (schema: string): Record<string, string> => ({
      ...more,
      'collection.name.format': `${schema}.\${topic}`,
    });
    const lanesOf = (mode: string): Promise<TwoLanes> =>
      TwoLanes.open(
        debeziumJdbcSink,
        config('slow', { ...names('slow'), 'insert.mode': mode }),
        config('fast', { ...names('fast'), 'insert.mode': mode }),
      );
    await using upserts = await lanesOf('upsert');
    expect(await put(upserts, [...flat(300), ...flat(20, 290)])).toEqual({
      isTaken: true,
      slow: [],
      fast: [],
    });
    await using inserts = await lanesOf('insert');
    expect(await put(inserts, flat(300, 1_000))).toEqual({ isTaken: true, slow: [], fast: [] });
    // Keys that are there already are refused one by one.
    const { isTaken, slow, fast } = await put(inserts, flat(10, 1_295));
    expect({ isTaken, slow: slow.length }).toEqual({ isTaken: false, slow: 5 });
    expect(fast).toEqual(slow);
    expect(await differences()).toEqual([]);
  });
});

const NO_ROW = '{"op":"c","source":{},"after":null}';

function withMore(value: Uint8Array): Buffer {
  return Buffer.concat([value, Buffer.from(' x')]);
}

function fieldsOf(schema: Schema): Readonly<Record<string, Schema>> {
  return schema.type === 'struct'
    ? Object.fromEntries(schema.fields.map((field) => [field.name, field.schema]))
    : {};
}
