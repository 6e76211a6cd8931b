import type { Variant, World } from '../world.ts';

/** Each type with values as SQL. */
const TYPES: readonly (readonly [string, readonly string[]])[] = [
  ['boolean', ['true', 'false']],
  ['smallint', ['-32768', '32767']],
  ['integer', ['-2147483648']],
  ['bigint', ['9223372036854775807', '-9223372036854775808', '9007199254740993']],
  ['oid', ['4294967295']],
  ['real', ['1.5', '0.1', "'NaN'", "'-Infinity'", '3.4028235e38', '1e-45', '16777216', '1e10']],
  ['double precision', ['1.5', "'NaN'", "'Infinity'", '1e308', '5e-324', '1e21', '1e-7', '-0.0']],
  ['numeric(12,2)', ['2.50', '-0.01', '9999999999.99', '0']],
  ['numeric(5,0)', ['12345']],
  ['numeric(38,10)', ['1']],
  [
    'numeric',
    ['3.14159', '100', '0.00', '1e30', '-1e-30', '12300.000', '12345678901234567890.1234567'],
  ],
  ['money', ["'99.95'", "'-1234567.89'"]],
  ['char(5)', ["'ab'"]],
  ['"char"', ["'q'"]],
  ['varchar(10)', [`'hé"\\'`]],
  ['varchar', ["''"]],
  ['text', [`E'line\\nü😀\\u0001\\u007f/\\\\'`, "'</script>'", "repeat('x', 3000)"]],
  ['citext', ["'CiT'"]],
  ['isbn', ["'978-0-393-04002-9'"]],
  ['bytea', ["'\\x0a0bff'", "''", "'\\xfbff'"]],
  ['json', [`'{"b": 1,  "a": [1,2]}'`, "'null'"]],
  ['jsonb', [`'{"b": 1,  "a": [1,2]}'`]],
  ['xml', ["'<a>1</a>'"]],
  ['uuid', ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]],
  ['hstore', [`'"a"=>"1","b"=>NULL,"1"=>"q\\"x"'`, "''"]],
  ['mood', ["'so, so'"]],
  ['ltree', ["'Top.Science'"]],
  ['inet', ["'10.1.2.3/8'", "'10.0.0.1'", "'::1'"]],
  ['cidr', ["'10.0.0.0/8'"]],
  ['macaddr', ["'08:00:2b:01:02:03'"]],
  ['macaddr8', ["'08:00:2b:01:02:03:04:05'"]],
  ['int4range', ["'[1,5)'", "'empty'"]],
  ['int8range', ["'(1,)'"]],
  ['numrange', ["'[1.5,2]'"]],
  ['tsrange', ["'[2024-01-01 00:00,infinity)'"]],
  ['tstzrange', ["'[2024-01-01 00:00+02,2024-02-01 00:00+02)'"]],
  ['daterange', ["'[2024-01-01,2024-02-01]'"]],
  ['tsvector', ["'a fat cat'"]],
  ['date', ["'2024-10-04'", "'1969-12-31'", "'1500-01-01'", "'9999-12-31'", "'20000-01-01'"]],
  ['time', ["'24:00:00'", "'10:00:00.123456'", "'00:00'"]],
  ['time(0)', ["'10:00:01'"]],
  ['time(3)', ["'10:00:00.123'"]],
  ['timetz', ["'08:00:00+02'", "'23:30:00.5-05:30'", "'24:00:00+00'", "'10:00:00.123456+00'"]],
  ['timetz(3)', ["'08:00:00.12+02'"]],
  [
    'timestamp',
    ["'2024-05-01 10:00:00.123456'", "'1969-12-31 23:59:59.999999'", "'2024-01-01 00:00:00'"],
  ],
  ['timestamp(0)', ["'2024-05-01 10:00:00'"]],
  ['timestamp(3)', ["'2024-05-01 10:00:00.123'", "'1969-12-31 23:59:59.999'"]],
  [
    'timestamptz',
    [
      "'2024-05-01 12:00:00+02'",
      "'2024-05-01 10:00:00.5Z'",
      "'infinity'",
      "'-infinity'",
      "'10001-01-01 00:00:00Z'",
      "'0002-01-01 00:00:00Z BC'",
      "'2024-05-01 10:00:00.123456Z'",
    ],
  ],
  ['timestamptz(0)', ["'2024-05-01 10:00:00Z'"]],
  ['timestamptz(3)', ["'2024-05-01 10:00:00.25Z'"]],
  [
    'interval',
    ["'1 month'", "'1 year 2 mons -3 days -04:05:06.7'", "'00:00:00.000001'", "'-1 day'"],
  ],
  ['bit(1)', ["B'1'"]],
  ['bit(3)', ["B'110'"]],
  ['bit(9)', ["B'000000001'"]],
  ['varbit(33)', ["B'101000000001'"]],
  ['varbit', ["B'1'", "B'0'"]],
  ['point', ["'(1.5,-2)'"]],
  ['amount', ['12.50']],
  ['big_amount', ['12.50']],
  ['dtext', ["'x'"]],
  ['dvc', ["'abc'"]],
  ['dts', ["'2024-01-01 00:00:00.5'"]],
];

const ARRAYS: readonly (readonly [string, readonly string[]])[] = [
  ['integer[]', ["'{1,NULL,3}'", "'{}'"]],
  ['smallint[]', ["'{1}'"]],
  ['bigint[]', ["'{9223372036854775807}'"]],
  ['text[]', [`ARRAY['a', 'b,"c"', '', 'NULL', NULL, '{}', 'ü\\n']`, "'{}'"]],
  ['varchar(5)[]', ["'{a}'"]],
  ['char(3)[]', ["'{a}'"]],
  ['numeric(10,2)[]', ["'{1.5,2}'"]],
  ['numeric[]', ["'{1.50,2}'"]],
  ['real[]', ["'{1.5,NaN}'"]],
  ['double precision[]', ["'{1,2.5,NaN}'"]],
  ['boolean[]', ["'{t,f,NULL}'"]],
  ['uuid[]', ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'"]],
  ['date[]', ["'{2024-10-04}'"]],
  ['timestamp[]', ["'{2024-05-01 10:00:00.123456}'"]],
  ['timestamptz[]', ["'{2024-05-01 12:00:00+02}'"]],
  ['time[]', ["'{10:00}'"]],
  ['timetz[]', ["'{10:00+01}'"]],
  ['bytea[]', [`'{"\\\\x0a0b"}'`]],
  ['json[]', [`ARRAY['{"a": 1}'::json]`]],
  ['jsonb[]', [`ARRAY['{"a": 1}'::jsonb]`]],
  ['mood[]', ["'{happy,sad}'", "'{}'"]],
  ['citext[]', ["'{Ab}'"]],
  ['ltree[]', ["'{a.b}'"]],
  ['inet[]', ["'{10.0.0.1}'"]],
  ['cidr[]', ["'{10.0.0.0/8}'"]],
  ['macaddr[]', ["'{08:00:2b:01:02:03}'"]],
  ['int4range[]', [`'{"[1,2)"}'`]],
  ['tsrange[]', [`'{"[2024-01-01,2024-01-02)"}'`]],
  ['tstzrange[]', [`'{"[2024-01-01,2024-01-02)"}'`]],
  ['daterange[]', [`'{"[2024-01-01,2024-01-02)"}'`]],
  ['numrange[]', [`'{"[1,2)"}'`]],
  ['int8range[]', [`'{"[1,2)"}'`]],
  ['oid[]', ["'{1}'"]],
  ['hstore[]', [`'{"a=>1"}'`]],
  ['bit(3)[]', ["'{110}'"]],
  ['bit(1)[]', ["'{1}'"]],
  ['money[]', ["'{1}'"]],
  ['interval[]', ["'{1 day}'"]],
  ['varbit(4)[]', ["'{110}'"]],
  ['xml[]', ["'{<a/>}'"]],
  ['point[]', [`'{"(1,2)"}'`]],
  ['macaddr8[]', ["'{08:00:2b:01:02:03:04:05}'"]],
  ['tsvector[]', ["'{a}'"]],
  ['amount[]', ["'{1.5}'"]],
  ['darr', ["'{1,2}'"]],
];

/** Types that Debezium 3.6 has no mapping for. */
const UNKNOWN: readonly (readonly [string, readonly string[]])[] = [
  ['tsquery', ["'a & b'"]],
  ['pair', ["'(1,x)'"]],
  ['int4multirange', ["'{[1,2)}'"]],
  ['pg_lsn', ["'0/16B3748'"]],
  ['xid', ["'5'"]],
  ['jsonpath', ["'$.a'"]],
  ['txid_snapshot', ["'10:20:10'"]],
  ['int2vector', ["'1 2'"]],
  ['tid', ["'(0,1)'"]],
  ['lquery', ["'a.*'"]],
];

/** Types that Debezium has since 3.7. */
const GEOMETRIC: readonly (readonly [string, readonly string[]])[] = [
  ['box', ["'(1.5,1.5),(0.5,0.5)'"]],
  ['lseg', ["'[(0,0),(1,1)]'"]],
  ['path', ["'[(0,0),(1,1)]'"]],
  ['polygon', ["'((0,0),(1,1),(2,0))'"]],
  ['circle', ["'<(0,0),1>'"]],
  ['line', ["'{1,2,3}'"]],
];

/** Values that not every mode can carry. */
const ODD: readonly (readonly [string, readonly string[]])[] = [
  ['numeric', ["'NaN'", "'Infinity'", "'-Infinity'"]],
  ['numeric(6,2)', ["'NaN'"]],
];

const ENDLESS: readonly (readonly [string, readonly string[]])[] = [
  [
    'timestamp',
    [
      "'infinity'",
      "'-infinity'",
      "'0044-03-15 10:00 BC'",
      "'20000-01-01 00:00'",
      "'1500-01-01 00:00'",
    ],
  ],
  ['timestamp(3)', ["'infinity'"]],
  ['date', ["'infinity'", "'0044-03-15 BC'"]],
  ['name', ["'nm'"]],
];

const TABLES = { ty: TYPES, ar: ARRAYS, un: UNKNOWN, od: ODD, en: ENDLESS, ge: GEOMETRIC } as const;

function create(table: keyof typeof TABLES): string {
  const columns = TABLES[table].map(([type], index) => `${columnOf(type, index)} ${type}`);
  return `create table ${table} (id int primary key, ${columns.join()})`;
}

/** `c3_numeric_12_2_`: says the type in what is printed of a difference. */
function columnOf(type: string, index: number): string {
  const letters = type.replaceAll('[]', '_array').replaceAll(/\W+/g, '_');
  return `c${index}_${letters}`;
}

/** As many rows as the type with the most values has. */
function insert(table: keyof typeof TABLES, firstId: number): readonly string[] {
  const types = TABLES[table];
  const rows = Math.max(...types.map(([, values]) => values.length));
  return Array.from({ length: rows }, (_, row) => {
    const values = types.map(([type, all]) => `(${all[row % all.length] ?? 'null'})::${type}`);
    return `insert into ${table} select ${firstId + row}, ${values.join()}`;
  });
}

const NAMES = ['ty', 'ar', 'un', 'od', 'en', 'ge'] as const;

/** Values of all modes, a few of each at once. */
const VARIANTS: readonly Variant[] = [
  { name: 'types', tables: ['ty', 'ar', 'un', 'en', 'ge'] },
  {
    name: 'types_connect',
    tables: ['ty', 'ar', 'od'],
    config: { 'time.precision.mode': 'connect', 'decimal.handling.mode': 'string' },
  },
  {
    name: 'types_microseconds',
    tables: ['ty', 'ar', 'od', 'un', 'ge'],
    config: {
      'time.precision.mode': 'microseconds',
      'decimal.handling.mode': 'double',
      'binary.handling.mode': 'hex',
      'include.unknown.datatypes': 'true',
    },
  },
  {
    name: 'types_isostring',
    tables: ['ty', 'ar', 'un', 'en'],
    config: {
      'time.precision.mode': 'isostring',
      'binary.handling.mode': 'base64',
      'include.unknown.datatypes': 'true',
      'hstore.handling.mode': 'map',
    },
  },
  {
    name: 'types_nanoseconds',
    tables: ['ty', 'ar', 'un'],
    config: {
      'time.precision.mode': 'nanoseconds',
      'binary.handling.mode': 'base64-url-safe',
      'interval.handling.mode': 'string',
      'money.fraction.digits': '3',
    },
  },
  {
    name: 'types_adaptive_microseconds',
    tables: ['ty', 'ar', 'un'],
    config: {
      'time.precision.mode': 'adaptive_time_microseconds',
      'include.unknown.datatypes': 'true',
    },
  },
];

export const TYPES_WORLD: World = {
  name: 'types_world',
  setup: [
    'create extension hstore schema public; create extension citext schema public',
    'create extension ltree schema public; create extension isn schema public',
    `create type public.mood as enum ('sad', 'so, so', 'happy')`,
    'create domain public.amount as numeric(8,2)',
    'create domain public.big_amount as public.amount check (value > 1)',
    'create domain public.dtext as text; create domain public.dvc as varchar(7)',
    'create domain public.dts as timestamp(3); create domain public.darr as int[]',
    'create type public.pair as (a int, b text)',
    ...NAMES.flatMap((table) => [
      create(table),
      ...insert(table, 100),
      `insert into ${table} (id) values (99)`,
    ]),
  ],
  stages: [
    {
      sql: NAMES.flatMap((table) => [
        ...insert(table, 200),
        `update ${table} set id = 300 where id = 200`,
        `delete from ${table} where id = 300`,
        `alter table ${table} replica identity full`,
        `update ${table} set id = 301 where id = 201`,
        `delete from ${table} where id = 301`,
        `delete from ${table} where id = 99`,
      ]),
    },
  ],
  variants: VARIANTS,
};
