import { Decimal } from '@millrace/record';

/** One column: its type, the SQL of a value, and what the value and its schema are expected to be. */
export type Case = readonly [type: string, sql: string, expected: unknown, schema?: string];

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const decimal = (value: string): Decimal => Decimal.parse(value);

type Coordinates = readonly [number, number];
const GEOMETRY = 'io.debezium.data.geometry.Geometry';

/** Well-known binary: the type of the shape, counts, coordinates. */
function wkb(type: number, counts: readonly number[], ...points: readonly Coordinates[]): Buffer {
  const head = Buffer.alloc(5 + counts.length * 4);
  head.writeUInt8(1, 0);
  [type, ...counts].forEach((count, index) => head.writeUInt32LE(count, 1 + index * 4));
  const numbers = points.flat();
  const body = Buffer.alloc(numbers.length * 8);
  numbers.forEach((number, index) => body.writeDoubleLE(number, index * 8));
  return Buffer.concat([head, body]);
}

const line = (...points: Coordinates[]): Buffer => wkb(2, [points.length], ...points);
const ring = (...points: Coordinates[]): Buffer => wkb(3, [1, points.length], ...points);

function shape(bytesOfShape: Buffer, extensions: Readonly<Record<string, string>>): unknown {
  return { wkb: bytesOfShape, srid: null, extensions: new Map(Object.entries(extensions)) };
}

export const CASES: readonly Case[] = [
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
  ['lseg', "'[(0,0),(1.5,-2)]'", shape(line([0, 0], [1.5, -2]), { type: 'lseg' }), GEOMETRY],
  [
    'box',
    "'(0,0),(2,1)'",
    shape(ring([2, 1], [2, 0], [0, 0], [0, 1], [2, 1]), { type: 'box' }),
    GEOMETRY,
  ],
  [
    'path',
    "'[(0,0),(1,1)]'",
    shape(line([0, 0], [1, 1]), { type: 'path', closed: 'false' }),
    GEOMETRY,
  ],
  ['path', "'((0,0),(1,1e-9))'", shape(line([0, 0], [1, 1e-9]), { type: 'path', closed: 'true' })],
  [
    'polygon',
    "'((0,0),(1,0),(0,1))'",
    shape(ring([0, 0], [1, 0], [0, 1], [0, 0]), { type: 'polygon' }),
    GEOMETRY,
  ],
  [
    'circle',
    "'<(1,2),3.5>'",
    {
      center: { x: 1, y: 2, wkb: wkb(1, [], [1, 2]), srid: null },
      radius: 3.5,
    },
    'io.debezium.data.geometry.Circle',
  ],
  ['line', "'{1,-1,0.5}'", { a: 1, b: -1, c: 0.5 }, 'io.debezium.data.geometry.Line'],
  [
    'box[]',
    "'{(0,0),(2,1);(1,1),(0,0)}'",
    [
      shape(ring([2, 1], [2, 0], [0, 0], [0, 1], [2, 1]), { type: 'box' }),
      shape(ring([1, 1], [1, 0], [0, 0], [0, 1], [1, 1]), { type: 'box' }),
    ],
    'array',
  ],
  ['smallint[]', "'{1,-2}'", [1, -2], 'array'],
  ['oid[]', "'{3000000000}'", [3000000000], 'array'],
  ['real[]', "'{1.5,-Infinity}'", [1.5, -Infinity], 'array'],
  ['numeric[]', "'{3.14}'", [{ scale: 2, value: bytes(1, 58) }], 'array'],
  ['varchar(5)[]', "'{ab,NULL}'", ['ab', null], 'array'],
  ['char(3)[]', "'{ab}'", ['ab '], 'array'],
  ['citext[]', "'{MiXed}'", ['MiXed'], 'array'],
  ['json[]', `ARRAY['{"a":1}'::json]`, ['{"a":1}'], 'array'],
  ['hstore[]', `ARRAY['a=>1'::hstore]`, ['{"a":"1"}'], 'array'],
  ['inet[]', "'{10.0.0.1/8}'", ['10.0.0.1/8'], 'array'],
  ['cidr[]', "'{10.0.0.0/8}'", ['10.0.0.0/8'], 'array'],
  ['macaddr[]', "'{08:00:2b:01:02:03}'", ['08:00:2b:01:02:03'], 'array'],
  ['macaddr8[]', "'{08:00:2b:01:02:03:04:05}'", ['08:00:2b:01:02:03:04:05'], 'array'],
  ['int4range[]', `'{"[1,5]",empty}'`, ['[1,6)', 'empty'], 'array'],
  ['numrange[]', `'{"(1.5,)"}'`, ['(1.5,)'], 'array'],
  [
    'tstzrange[]',
    `ARRAY['[2024-01-01 00:00:00+02,)'::tstzrange]`,
    ['["2023-12-31 22:00:00+00",)'],
    'array',
  ],
  ['time(3)[]', "'{10:00:00.123}'", [36000123], 'array'],
  ['time[]', "'{24:00:00}'", [86400000000], 'array'],
  ['timetz[]', "'{08:00:00+02}'", ['06:00:00Z'], 'array'],
  [
    'timestamp[]',
    `'{"2024-05-01 10:00:00.123456",infinity}'`,
    [1714557600123456, 9223372036825200000n],
    'array',
  ],
  ['timestamptz[]', `'{infinity}'`, ['infinity'], 'array'],
  ['ltree[]', "'{Top.Science}'", ['Top.Science'], 'array'],
  ['tsvector[]', `ARRAY['fat cat'::tsvector]`, ["'cat' 'fat'"], 'array'],
  ['integer[]', "'[2:3]={7,8}'", [7, 8], 'array'],
  ['mood[]', `'{"so, so",NULL}'`, ['so, so', null], 'array'],
  ['short_name', "'ab'", 'ab', 'string'],
  ['amount', '0', decimal('0.00')],
  ['happy_mood', "'happy'", 'happy', 'io.debezium.data.Enum'],
  ['int_list', "'{1,2}'", [1, 2], 'array'],
  ['"char"', "'x'", 'x', 'string'],
  ['isbn', "'978-0-393-04002-9'", '0-393-04002-X', 'string'],
  ['uuid', "'00000000-0000-0000-0000-000000000000'", '00000000-0000-0000-0000-000000000000'],
  ['date', "'-infinity'", -2147483648],
  ['date', "'5874897-12-31'", 2145042905],
  ['timestamptz(6)', "'1900-01-01 00:00:00+00:17:30'", '1899-12-31T23:42:30.000000Z'],
  ['interval', "'-1 year'", -31557600000000],
  ['interval(0)', "'1.6 seconds'", 2000000],
  ['numeric(4,6)', '0.001234', decimal('0.001234')],
  ['bit(9)', "B'100000001'", bytes(1, 1)],
  ['varbit', "B'1'", bytes(1), 'io.debezium.data.Bits'],
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

export const SETUP = `
  CREATE EXTENSION IF NOT EXISTS hstore; CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS ltree; CREATE EXTENSION IF NOT EXISTS isn;
  CREATE TYPE mood AS ENUM ('sad', 'so, so', 'happy');
  CREATE DOMAIN amount AS numeric(8,2); CREATE DOMAIN short_name AS varchar(5); CREATE DOMAIN happy_mood AS mood CHECK (VALUE > 'sad'); CREATE DOMAIN int_list AS int[];
  CREATE TYPE pair AS (a int, b text); CREATE DOMAIN pair_domain AS pair;
  CREATE DOMAIN required_int AS int NOT NULL; CREATE DOMAIN big_amount AS amount CHECK (VALUE > 10);
`;
