import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jsonConverter } from '@millrace/converters';
import {
  Decimal,
  valuesEqual,
  type Schema,
  type SourceRecord,
  type StructSchema,
} from '@millrace/record';
import { after, Runner, TestDatabase, text, value } from './harness.ts';
import { MODES } from './mode-cases.ts';
import { CASES, SETUP } from './type-cases.ts';
import { modeTable, typeTable } from './type-table.ts';

const converter = jsonConverter.create({ 'schemas.enable': 'false' }, 'value');

/** The JSON bytes are those that the converter would write from the value. */
function expectSameJson(record: SourceRecord): void {
  const { json } = record;
  expect(text(json?.value)).toBe(
    text(converter.fromConnect(record.topic, record.valueSchema, record.value)),
  );
  if (record.keySchema === null) expect(json?.key).toBeNull();
  else
    expect(text(json?.key)).toBe(
      text(converter.fromConnect(record.topic, record.keySchema, record.key)),
    );
}

function rowSchema(record: SourceRecord | undefined): StructSchema {
  const envelope = record?.valueSchema;
  const row =
    envelope?.type === 'struct'
      ? envelope.fields.find((field) => field.name === 'after')?.schema
      : undefined;
  if (row?.type !== 'struct') throw new Error('no row schema');
  return row;
}

function schemaName(schema: Schema | undefined): string | undefined {
  return schema?.name ?? schema?.type;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.start();
  await database.sql(SETUP);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe('every everyday type', () => {
  let snapshot: SourceRecord | undefined;
  let streamed: SourceRecord | undefined;
  let empty: SourceRecord | undefined;
  let incremental: SourceRecord | undefined;

  beforeAll(async () => {
    const columns = CASES.map(([type], index) => `c${index} ${type}`);
    const values = CASES.map(([type, sql]) => `(${sql})::${type}`);
    await database.sql(`CREATE TABLE everyday (id int PRIMARY KEY, ${columns.join(', ')})`);
    await database.sql(`INSERT INTO everyday SELECT 1, ${values.join(', ')}`);
    await database.sql(
      'CREATE TABLE signal (id varchar(42) PRIMARY KEY, type varchar(32), data text)',
    );
    await using runner = await new Runner(
      database.config({
        'table.include.list': 'public.everyday',
        'signal.data.collection': 'public.signal',
      }),
    ).start();
    await runner.untilCount(1);
    await database.sql(`INSERT INTO everyday SELECT 2, ${values.join(', ')}`);
    await database.sql('INSERT INTO everyday (id) VALUES (3)');
    [snapshot, streamed, empty] = await runner.untilCount(3);
    await database.sql(
      `INSERT INTO signal VALUES ('1', 'execute-snapshot', '{"data-collections": ["public.everyday"]}')`,
    );
    const read = (record: SourceRecord): boolean =>
      (value(record)['source'] as Record<string, unknown>)['snapshot'] === 'incremental';
    await runner.until((records) => records.some(read));
    incremental = runner.store.records.find(read);
  });

  test.each(CASES.map((item, index) => [`${item[0]} ${item[1]}`, index, item] as const))(
    '%s is equal from snapshot, stream and incremental snapshot',
    (_, index, [, , expected, schema]) => {
      const name = `c${index}`;
      expect({ [name]: after(snapshot)[name] }).toEqual({ [name]: expected });
      expect(valuesEqual(after(streamed)[name], after(snapshot)[name])).toBe(true);
      expect(valuesEqual(after(incremental)[name], after(snapshot)[name])).toBe(true);
      expect(after(empty)[name]).toBeNull();
      if (schema !== undefined)
        expect(
          schemaName(rowSchema(streamed).fields.find((field) => field.name === name)?.schema),
        ).toBe(schema);
    },
  );

  test('snapshot and stream share one schema', () => {
    expect(incremental?.valueSchema).toBe(snapshot?.valueSchema);
    expect(streamed?.valueSchema).toBe(snapshot?.valueSchema);
    expect(streamed?.keySchema).toBe(snapshot?.keySchema);
  });

  test('the ready-made JSON is what the converter writes', () => {
    for (const record of [snapshot, streamed, incremental, empty])
      if (record !== undefined) expectSameJson(record);
  });

  test('schemas carry the parameters of their types', () => {
    const schemas = new Map(rowSchema(snapshot).fields.map((field) => [field.name, field.schema]));
    const of = (type: string): Schema | undefined =>
      schemas.get(`c${CASES.findIndex((item) => item[0] === type)}`);
    expect(of('numeric(12,2)')?.parameters).toEqual({
      scale: '2',
      'connect.decimal.precision': '12',
    });
    expect(of('big_amount')?.parameters).toEqual({ scale: '2', 'connect.decimal.precision': '8' });
    expect(of('mood')?.parameters).toEqual({ allowed: 'sad,so, so,happy' });
    expect(of('bit(3)')?.parameters).toEqual({ length: '3' });
  });
});

/** Cases of the same settings share a connector. */
function byConfig(): Map<string, (typeof MODES)[number][]> {
  const groups = new Map<string, (typeof MODES)[number][]>();
  for (const item of MODES) {
    const shown = JSON.stringify(item[0]);
    groups.set(shown, [...(groups.get(shown) ?? []), item]);
  }
  return groups;
}

describe.each([...byConfig()].map(([shown, cases], index) => [shown, index, cases] as const))(
  '%s',
  (_, group, cases) => {
    let records: readonly SourceRecord[] = [];

    beforeAll(async () => {
      const table = `modes_${group}`;
      const columns = cases.map(([, type], index) => `v${index} ${type}`);
      const values = cases.map(([, type, sql]) => `(${sql})::${type}`).join(', ');
      await database.sql(`CREATE TABLE ${table} (id int PRIMARY KEY, ${columns.join(', ')})`);
      await database.sql(`INSERT INTO ${table} SELECT 1, ${values}`);
      await using runner = await new Runner(
        database.config({
          ...cases[0]?.[0],
          'table.include.list': `public.${table}`,
          'slot.name': 'modes',
          'slot.drop.on.stop': 'true',
          'topic.prefix': `m${group}`,
        }),
      ).start();
      await runner.untilCount(1);
      await database.sql(`INSERT INTO ${table} SELECT 2, ${values}`);
      records = await runner.untilCount(2);
    });

    test.each(
      cases.map(
        ([, type, sql, expected, schema], index) => [type, sql, index, expected, schema] as const,
      ),
    )('carries %s %s as it says', (_type, _sql, index, expected, schema) => {
      expect(records.length).toBe(2);
      for (const record of records) {
        expect(after(record)[`v${index}`]).toEqual(expected);
        expect(schemaName(rowSchema(record).fields[index + 1]?.schema)).toBe(schema);
      }
    });

    test('and writes the same as JSON', () => {
      for (const record of records) expectSameJson(record);
    });
  },
);

test('schemas tell masks, and the types of the source when asked for', async () => {
  await database.sql(
    'CREATE TABLE told (id int PRIMARY KEY, secret text, cut text, n numeric(8,2), at timestamp(3), v varchar(9), l timestamp[]); INSERT INTO told VALUES (1)',
  );
  await using runner = await new Runner(
    database.config({
      'table.include.list': 'public.told',
      'slot.name': 'told',
      'slot.drop.on.stop': 'true',
      'column.mask.with.5.chars': 'public.told.secret',
      'column.truncate.to.2.chars': 'public.told.cut',
      'column.propagate.source.type': 'public.told.(id|n|at|l)',
      'datatype.propagate.source.type': '.*\\.varchar',
    }),
  ).start();
  const [record] = await runner.untilCount(1);
  const told = (type: string, length: string, scale: string, name: string): object => ({
    '__debezium.source.column.type': type,
    '__debezium.source.column.length': length,
    '__debezium.source.column.scale': scale,
    '__debezium.source.column.name': name,
  });
  const { keySchema } = record ?? {};
  expect(keySchema?.type === 'struct' && keySchema.fields[0]?.schema.parameters).toBeUndefined();
  expect(rowSchema(record).fields.map((field) => field.schema.parameters)).toEqual([
    told('INT4', '10', '0', 'id'),
    { masked: 'true' },
    { truncateLength: '2' },
    { scale: '2', 'connect.decimal.precision': '8', ...told('NUMERIC', '8', '2', 'n') },
    told('TIMESTAMP', '26', '3', 'at'),
    told('VARCHAR', '9', '0', 'v'),
    told('_TIMESTAMP', '29', '6', 'l'),
  ]);
});

test('a mask hides a value in the row and not in the key', async () => {
  await database.sql(
    "CREATE TABLE keyed (code text PRIMARY KEY, v int); INSERT INTO keyed VALUES ('plain', 1)",
  );
  await using runner = await new Runner(
    database.config({
      'table.include.list': 'public.keyed',
      'slot.name': 'keyed',
      'slot.drop.on.stop': 'true',
      'column.mask.with.5.chars': 'public.keyed.code',
    }),
  ).start();
  await runner.untilCount(1);
  await database.sql('UPDATE keyed SET v = 2; DELETE FROM keyed');
  const records = await runner.untilCount(3);
  for (const record of records) expect(record.key).toEqual({ code: 'plain' });
  expect(records[0]?.value).toMatchObject({ after: { code: '*****', v: 1 } });
  expect(records[1]?.value).toMatchObject({ after: { code: '*****', v: 2 } });
});

test('a value that its schema can not hold fails its record, and is null when the settings say so', async () => {
  await database.sql(
    "CREATE TABLE odd (id int PRIMARY KEY, v numeric(10,2), m int[]); INSERT INTO odd VALUES (1, 'NaN', '{{1,2},{3,4}}')",
  );
  const config = database.config({
    'table.include.list': 'public.odd',
    'slot.name': 'odd',
    'slot.drop.on.stop': 'true',
  });
  await using strict = await new Runner(config).start();
  const [record] = await strict.untilCount(1);
  expect(() => record?.value).toThrow(
    expect.objectContaining({ code: 'postgres.value_not_representable' }),
  );
  expect(() => record?.json).toThrow(
    expect.objectContaining({ code: 'postgres.value_not_representable' }),
  );
  await strict.stop();
  await using lenient = await new Runner({
    ...config,
    'event.converting.failure.handling.mode': 'warn',
  }).start();
  const [other] = await lenient.untilCount(1);
  expect(after(other)).toEqual({ id: 1, v: null, m: null });
  if (other !== undefined) expectSameJson(other);
});

test('columns of unknown types are left out, and the log says so', async () => {
  await database.sql(
    "CREATE TABLE unknowns (id int PRIMARY KEY, q tsquery, m money[], t text, i int2vector); INSERT INTO unknowns VALUES (1, 'a', '{1}', 'x', '1 2')",
  );
  await using runner = await new Runner(
    database.config({
      'table.include.list': 'public.unknowns',
      'slot.name': 'unknowns',
      'slot.drop.on.stop': 'true',
    }),
  ).start();
  const [record] = await runner.untilCount(1);
  expect(after(record)).toEqual({ id: 1, t: 'x' });
  expect(runner.log.join()).toContain('"columns":["q","m","i"]');
});

test('literal defaults are in the schema, functions give zero values', async () => {
  await database.sql(`CREATE TABLE defaults (id serial PRIMARY KEY, n int DEFAULT 5, t text NOT NULL DEFAULT 'it''s',
    d numeric(6,2) DEFAULT 1.5, b boolean NOT NULL DEFAULT true, at timestamp NOT NULL DEFAULT now(), opt timestamp DEFAULT now(),
    tz timestamptz NOT NULL DEFAULT now(),
    dom required_int, e mood NOT NULL DEFAULT 'so, so', day date DEFAULT CURRENT_DATE, u uuid NOT NULL DEFAULT gen_random_uuid(), j jsonb NOT NULL DEFAULT jsonb_build_object(), h bytea DEFAULT '\\x00', g int GENERATED ALWAYS AS IDENTITY, c int GENERATED ALWAYS AS (1 + 1) STORED)`);
  await database.sql('INSERT INTO defaults (n, opt, dom) VALUES (NULL, NULL, 3)');
  await using runner = await new Runner(
    database.config({
      'table.include.list': 'public.defaults',
      'slot.name': 'defaults',
      'slot.drop.on.stop': 'true',
    }),
  ).start();
  await runner.untilCount(1);
  await database.sql('INSERT INTO defaults (n, opt, dom) VALUES (NULL, NULL, 3)');
  const records = await runner.untilCount(2);
  const fields = Object.fromEntries(
    rowSchema(records[1]).fields.map((field) => [field.name, field.schema.default]),
  );
  expect(fields).toEqual({
    id: 0,
    n: 5,
    t: "it's",
    d: Decimal.parse('1.50'),
    b: true,
    at: 0,
    opt: 0,
    tz: '1970-01-01T00:00:00.000000Z',
    dom: undefined,
    e: 'so, so',
    day: 0,
    u: '00000000-0000-0000-0000-000000000000',
    j: '{}',
    h: undefined,
    g: undefined,
  });
  expect(rowSchema(records[1]).fields.find((field) => field.name === 'dom')?.schema.optional).toBe(
    false,
  );
  for (const record of records) expectSameJson(record);
  // Null is written as the default by Connect's converter.
  expect(text(records[1]?.json?.value)).toContain('"n":5');
  expect(after(records[1])['n']).toBeNull();
  expect(records[1]?.valueSchema).toBe(records[0]?.valueSchema);
});

test('the tables in TYPES.md are those of these cases', () => {
  const document = readFileSync(new URL('../TYPES.md', import.meta.url), 'utf8');
  expect(document).toContain(typeTable());
  expect(document).toContain(modeTable());
});
