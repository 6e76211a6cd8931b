import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jsonConverter } from '@millrace/converters';
import {
  Decimal,
  valuesEqual,
  type Schema,
  type SourceRecord,
  type StructSchema,
} from '@millrace/record';
import { after, Runner, TestDatabase, text } from './harness.ts';

/** One column: its type, the SQL of a value, and what the value and its schema are expected to be. */
type Case = readonly [type: string, sql: string, expected: unknown, schema?: string];

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const decimal = (value: string): Decimal => Decimal.parse(value);

const CASES: readonly Case[] = [
  ['boolean', 'true', true, 'boolean'],
  ['boolean', 'false', false, 'boolean'],
  ['smallint', '-32768', -32768, 'int16'],
  ['integer', '2147483647', 2147483647, 'int32'],
  ['bigint', '9007199254740991', 9007199254740991, 'int64'],
  ['bigint', '-9223372036854775808', -9223372036854775808n, 'int64'],
  ['oid', '3000000000', 3000000000, 'int64'],
  ['real', '1.1', 1.1, 'float32'],
  ['real', '3', 3, 'float32'],
  ['real', "'NaN'", NaN, 'float32'],
  ['double precision', '0.1', 0.1, 'float64'],
  ['double precision', '1e300', 1e300, 'float64'],
  ['double precision', "'Infinity'", Infinity, 'float64'],
  ['double precision', "'-Infinity'", -Infinity, 'float64'],
  ['numeric(12,2)', '2.50', decimal('2.50'), 'org.apache.kafka.connect.data.Decimal'],
  ['numeric(12,2)', '-0.01', decimal('-0.01')],
  ['numeric(12,2)', '0', decimal('0.00')],
  [
    'numeric(38,10)',
    '-1234567890123456789012345678.0123456789',
    decimal('-1234567890123456789012345678.0123456789'),
  ],
  ['numeric(5,0)', '128', decimal('128')],
  ['numeric(5,-2)', '12345', new Decimal(123n, -2)],
  [
    'numeric',
    '3.14159',
    { scale: 5, value: bytes(4, 203, 47) },
    'io.debezium.data.VariableScaleDecimal',
  ],
  ['numeric', '1200', { scale: 0, value: bytes(4, 176) }],
  ['numeric', '1.5000', { scale: 1, value: bytes(15) }],
  ['money', '99.95', decimal('99.95'), 'org.apache.kafka.connect.data.Decimal'],
  ['money', '-1234567.89', decimal('-1234567.89')],
  ['char(5)', "'ab'", 'ab   ', 'string'],
  ['varchar(20)', '\'žluť "q" \\\'', 'žluť "q" \\', 'string'],
  [
    'text',
    "E'tab\\there\\nand\\rthere \\\\N \\x01 \u2028 😀'",
    'tab\there\nand\rthere \\N \x01 \u2028 😀',
    'string',
  ],
  ['text', "''", '', 'string'],
  ['text', "'\\N'", '\\N', 'string'],
  ['citext', "'MiXed'", 'MiXed', 'string'],
  ['name', "'a_name'", 'a_name', 'string'],
  ['bytea', "'\\x0a0b00ff'", bytes(10, 11, 0, 255), 'bytes'],
  ['bytea', "''", Buffer.alloc(0), 'bytes'],
  ['json', `'{"k":  1, "ü": "\\n"}'`, '{"k":  1, "ü": "\\n"}', 'io.debezium.data.Json'],
  ['jsonb', `'{"k":1}'`, '{"k": 1}', 'io.debezium.data.Json'],
  ['xml', "'<a>1</a>'", '<a>1</a>', 'io.debezium.data.Xml'],
  [
    'uuid',
    "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    'io.debezium.data.Uuid',
  ],
  [
    'hstore',
    `'"a"=>"1", "b c"=>NULL, "q\\"x"=>"back\\\\slash"'`,
    '{"a":"1","b c":null,"q\\"x":"back\\\\slash"}',
    'io.debezium.data.Json',
  ],
  ['mood', "'so, so'", 'so, so', 'io.debezium.data.Enum'],
  ['inet', "'10.0.0.1/8'", '10.0.0.1/8', 'string'],
  ['cidr', "'10.0.0.0/8'", '10.0.0.0/8', 'string'],
  ['macaddr', "'08:00:2b:01:02:03'", '08:00:2b:01:02:03', 'string'],
  ['macaddr8', "'08:00:2b:01:02:03:04:05'", '08:00:2b:01:02:03:04:05', 'string'],
  ['int4range', "'[1,5]'", '[1,6)', 'string'],
  ['numrange', "'(1.5,)'", '(1.5,)', 'string'],
  ['tsrange', "'[2024-01-01,)'", '["2024-01-01 00:00:00",)', 'string'],
  [
    'tstzrange',
    "'[2024-01-01 00:00:00+02,infinity)'",
    '["2023-12-31 22:00:00+00",infinity)',
    'string',
  ],
  ['daterange', "'[2024-01-01,2024-02-01)'", '[2024-01-01,2024-02-01)', 'string'],
  ['tsvector', "'a fat cat'", "'a' 'cat' 'fat'", 'io.debezium.data.Tsvector'],
  ['ltree', "'Top.Science'", 'Top.Science', 'io.debezium.data.Ltree'],
  ['date', "'2024-10-04'", 20000, 'io.debezium.time.Date'],
  ['date', "'1969-12-31'", -1],
  ['date', "'0044-03-15 BC'", -735160],
  ['date', "'infinity'", 2147483647],
  ['time', "'24:00:00'", 86400000000, 'io.debezium.time.MicroTime'],
  ['time(3)', "'10:00:00.123'", 36000123, 'io.debezium.time.Time'],
  ['time(6)', "'10:00:00.123456'", 36000123456, 'io.debezium.time.MicroTime'],
  ['timetz', "'08:00:00+02'", '06:00:00Z', 'io.debezium.time.ZonedTime'],
  ['timetz', "'23:30:00.5-05:30'", '05:00:00.5Z'],
  ['timetz', "'24:00:00+00'", '00:00:00Z'],
  [
    'timestamp',
    "'2024-05-01 10:00:00.123456'",
    1714557600123456,
    'io.debezium.time.MicroTimestamp',
  ],
  ['timestamp', "'1969-12-31 23:59:59.999999'", -1],
  ['timestamp', "'9999-12-31 23:59:59.999999'", 253402300799999999n],
  ['timestamp', "'infinity'", 9223372036825200000n],
  ['timestamp', "'-infinity'", -9223372036832400000n],
  ['timestamp(3)', "'2024-05-01 10:00:00.123'", 1714557600123, 'io.debezium.time.Timestamp'],
  ['timestamp(0)', "'2024-05-01 10:00:00'", 1714557600000],
  ['timestamp(0)', "'294276-12-31 23:59:59'", 9224318015999000n],
  ['timestamp(3)', "'infinity'", 9223372036825200n],
  [
    'timestamptz',
    "'2024-05-01 12:00:00+02'",
    '2024-05-01T10:00:00.000000Z',
    'io.debezium.time.ZonedTimestamp',
  ],
  ['timestamptz', "'2024-05-01 10:00:00.5Z'", '2024-05-01T10:00:00.500000Z'],
  ['timestamptz(0)', "'2024-05-01 10:00:00Z'", '2024-05-01T10:00:00Z'],
  ['timestamptz(3)', "'2024-05-01 10:00:00.25Z'", '2024-05-01T10:00:00.250Z'],
  ['timestamptz', "'infinity'", 'infinity'],
  ['timestamptz', "'-infinity'", '-infinity'],
  ['timestamptz', "'10001-01-01 00:00:00Z'", '+10001-01-01T00:00:00.000000Z'],
  ['timestamptz', "'0002-01-01 00:00:00Z BC'", '-0001-01-01T00:00:00.000000Z'],
  ['interval', "'1 month'", 2629800000000, 'io.debezium.time.MicroDuration'],
  ['interval', "'1 year 2 mons -3 days -04:05:06.7'", 36543293300000],
  ['bit(1)', "B'1'", true, 'boolean'],
  ['bit(3)', "B'110'", bytes(6), 'io.debezium.data.Bits'],
  ['bit varying(33)', "B'101000000001'", bytes(1, 10), 'io.debezium.data.Bits'],
  [
    'point',
    "'(1.5,-2)'",
    {
      x: 1.5,
      y: -2,
      wkb: Buffer.from('0101000000000000000000f83f00000000000000c0', 'hex'),
      srid: null,
    },
    'io.debezium.data.geometry.Point',
  ],
  ['integer[]', "'{1,NULL,3}'", [1, null, 3], 'array'],
  [
    'text[]',
    `ARRAY['a', 'b,"c"', '', 'NULL', NULL, '{}', 'ü\\n']`,
    ['a', 'b,"c"', '', 'NULL', null, '{}', 'ü\\n'],
    'array',
  ],
  ['text[]', "'{}'", [], 'array'],
  ['bigint[]', "'{9223372036854775807}'", [9223372036854775807n], 'array'],
  ['numeric(10,2)[]', "'{1.5,2}'", [decimal('1.50'), decimal('2.00')], 'array'],
  ['timestamptz[]', "'{2024-05-01 12:00:00+02}'", ['2024-05-01T10:00:00.000000Z'], 'array'],
  ['date[]', "'{2024-10-04}'", [20000], 'array'],
  ['boolean[]', "'{t,f}'", [true, false], 'array'],
  [
    'uuid[]',
    "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'",
    ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    'array',
  ],
  ['mood[]', "'{happy}'", ['happy'], 'array'],
  ['double precision[]', "'{1,2.5,NaN}'", [1, 2.5, NaN], 'array'],
  ['bytea[]', `'{"\\\\x0a0b"}'`, [bytes(10, 11)], 'array'],
  ['jsonb[]', `ARRAY['{"a": 1}'::jsonb]`, ['{"a": 1}'], 'array'],
  ['amount', '12.50', decimal('12.50'), 'org.apache.kafka.connect.data.Decimal'],
  ['big_amount', '12.50', decimal('12.50'), 'org.apache.kafka.connect.data.Decimal'],
];

const SETUP = `
  CREATE EXTENSION IF NOT EXISTS hstore; CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS ltree;
  CREATE TYPE mood AS ENUM ('sad', 'so, so', 'happy');
  CREATE DOMAIN amount AS numeric(8,2); CREATE DOMAIN required_int AS int NOT NULL; CREATE DOMAIN big_amount AS amount CHECK (VALUE > 10);
`;

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

  beforeAll(async () => {
    const columns = CASES.map(([type], index) => `c${index} ${type}`);
    const values = CASES.map(([type, sql]) => `(${sql})::${type}`);
    await database.sql(`CREATE TABLE everyday (id int PRIMARY KEY, ${columns.join(', ')})`);
    await database.sql(`INSERT INTO everyday SELECT 1, ${values.join(', ')}`);
    await using runner = await new Runner(
      database.config({ 'table.include.list': 'public.everyday' }),
    ).start();
    await runner.untilCount(1);
    await database.sql(`INSERT INTO everyday SELECT 2, ${values.join(', ')}`);
    await database.sql('INSERT INTO everyday (id) VALUES (3)');
    [snapshot, streamed, empty] = await runner.untilCount(3);
  });

  test.each(CASES.map((item, index) => [`${item[0]} ${item[1]}`, index, item] as const))(
    '%s is equal from snapshot and stream',
    (_, index, [, , expected, schema]) => {
      const name = `c${index}`;
      expect({ [name]: after(snapshot)[name] }).toEqual({ [name]: expected });
      expect(valuesEqual(after(streamed)[name], after(snapshot)[name])).toBe(true);
      expect(after(empty)[name]).toBeNull();
      if (schema !== undefined)
        expect(
          schemaName(rowSchema(streamed).fields.find((field) => field.name === name)?.schema),
        ).toBe(schema);
    },
  );

  test('snapshot and stream share one schema', () => {
    expect(streamed?.valueSchema).toBe(snapshot?.valueSchema);
    expect(streamed?.keySchema).toBe(snapshot?.keySchema);
  });

  test('the ready-made JSON is what the converter writes', () => {
    for (const record of [snapshot, streamed, empty])
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

const MODES: readonly (readonly [
  config: Record<string, string>,
  type: string,
  sql: string,
  expected: unknown,
  schema: string,
])[] = [
  [{ 'decimal.handling.mode': 'string' }, 'numeric(12,2)', '2.50', '2.50', 'string'],
  [{ 'decimal.handling.mode': 'string' }, 'numeric', "'NaN'", 'NAN', 'string'],
  [{ 'decimal.handling.mode': 'string' }, 'numeric', "'-Infinity'", 'NEGATIVE_INFINITY', 'string'],
  [{ 'decimal.handling.mode': 'double' }, 'numeric(12,2)', '2.50', 2.5, 'float64'],
  [{ 'decimal.handling.mode': 'string' }, 'money', '99.9', '99.90', 'string'],
  [
    { 'time.precision.mode': 'adaptive_time_microseconds' },
    'time(0)',
    "'10:00'",
    36000000000,
    'io.debezium.time.MicroTime',
  ],
  [
    { 'time.precision.mode': 'connect' },
    'date',
    "'2024-10-04'",
    new Date('2024-10-04T00:00:00Z'),
    'org.apache.kafka.connect.data.Date',
  ],
  [
    { 'time.precision.mode': 'connect' },
    'time',
    "'10:00:00.123456'",
    new Date(36000123),
    'org.apache.kafka.connect.data.Time',
  ],
  [
    { 'time.precision.mode': 'connect' },
    'timestamp',
    "'2024-05-01 10:00:00.123456'",
    new Date('2024-05-01T10:00:00.123Z'),
    'org.apache.kafka.connect.data.Timestamp',
  ],
  [
    { 'time.precision.mode': 'isostring' },
    'date',
    "'2024-05-01'",
    '2024-05-01Z',
    'io.debezium.time.IsoDate',
  ],
  [
    { 'time.precision.mode': 'isostring' },
    'time',
    "'10:00:00.5'",
    '10:00:00.5Z',
    'io.debezium.time.IsoTime',
  ],
  [
    { 'time.precision.mode': 'isostring' },
    'timestamp',
    "'2024-05-01 10:00:00.5'",
    '2024-05-01T10:00:00.5Z',
    'io.debezium.time.IsoTimestamp',
  ],
  [
    { 'time.precision.mode': 'microseconds' },
    'timestamp(0)',
    "'2024-05-01 10:00:00'",
    1714557600000000,
    'io.debezium.time.MicroTimestamp',
  ],
  [
    { 'time.precision.mode': 'nanoseconds' },
    'timestamp',
    "'2024-05-01 10:00:00.000001'",
    1714557600000001000n,
    'io.debezium.time.NanoTimestamp',
  ],
  [
    { 'time.precision.mode': 'nanoseconds' },
    'time',
    "'00:00:01'",
    1000000000,
    'io.debezium.time.NanoTime',
  ],
  [{ 'binary.handling.mode': 'hex' }, 'bytea', "'\\x0a0b'", '0a0b', 'string'],
  [{ 'binary.handling.mode': 'base64' }, 'bytea', "'\\xfbff'", '+/8=', 'string'],
  [{ 'binary.handling.mode': 'base64-url-safe' }, 'bytea', "'\\xfbff'", '-_8=', 'string'],
  [
    { 'hstore.handling.mode': 'map' },
    'hstore',
    `'"a"=>"1","b"=>NULL'`,
    new Map([
      ['a', '1'],
      ['b', null],
    ]),
    'map',
  ],
  [
    { 'interval.handling.mode': 'string' },
    'interval',
    "'1 year 2 mons 3 days 04:05:06.78'",
    'P1Y2M3DT4H5M6.78S',
    'io.debezium.time.Interval',
  ],
  [
    { 'interval.handling.mode': 'string' },
    'interval',
    "'-00:00:00.5'",
    'P0Y0M0DT0H0M-0.5S',
    'io.debezium.time.Interval',
  ],
  [
    { 'include.unknown.datatypes': 'true' },
    'tsquery',
    "'fat & rat'",
    Buffer.from("'fat' & 'rat'"),
    'bytes',
  ],
  [
    { 'include.unknown.datatypes': 'true', 'binary.handling.mode': 'hex' },
    'tsquery',
    "'fat & rat'",
    Buffer.from("'fat' & 'rat'").toString('hex'),
    'string',
  ],
  [
    { 'time.precision.mode': 'isostring' },
    'time',
    "'24:00'",
    '00:00:00Z',
    'io.debezium.time.IsoTime',
  ],
  [{ 'column.mask.with.5.chars': 'public.modes_.*.v' }, 'text', 'NULL', '*****', 'string'],
  [
    { 'column.mask.hash.v2.SHA-256.with.salt.abc': 'public.modes_.*.v' },
    'varchar(6)',
    "'secret'",
    createHash('sha256').update('abcsecret').digest('hex').slice(0, 6),
    'string',
  ],
  [{ 'column.mask.with.5.chars': 'public.modes_.*.v' }, 'text', "'secret'", '*****', 'string'],
  [{ 'column.truncate.to.3.chars': 'public.modes_.*.v' }, 'text', "'secret'", 'sec', 'string'],
];

test.each(MODES.map((item, index) => [JSON.stringify(item[0]), item[1], index, item] as const))(
  '%s carries %s as it says',
  async (_, __, index, [config, type, sql, expected, schema]) => {
    await database.sql(`CREATE TABLE modes_${index} (id int PRIMARY KEY, v ${type})`);
    await database.sql(`INSERT INTO modes_${index} SELECT 1, (${sql})::${type}`);
    await using runner = await new Runner(
      database.config({
        ...config,
        'table.include.list': `public.modes_${index}`,
        'slot.name': 'modes',
        'slot.drop.on.stop': 'true',
        'topic.prefix': `m${index}`,
      }),
    ).start();
    await runner.untilCount(1);
    await database.sql(`INSERT INTO modes_${index} SELECT 2, (${sql})::${type}`);
    const records = await runner.untilCount(2);
    for (const record of records) {
      expect(after(record)['v']).toEqual(expected);
      expect(schemaName(rowSchema(record).fields[1]?.schema)).toBe(schema);
      expectSameJson(record);
    }
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

test('a value that its schema can not hold fails its record, and is null when the settings say so', async () => {
  await database.sql(
    "CREATE TABLE odd (id int PRIMARY KEY, v numeric(10,2)); INSERT INTO odd VALUES (1, 'NaN')",
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
  expect(after(other)['v']).toBeNull();
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
    d: decimal('1.50'),
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
