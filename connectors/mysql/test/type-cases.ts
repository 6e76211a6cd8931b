import { columnConverter } from '../src/types/column-converters.ts';
import { Decimal } from '@millrace/record';
import type { ValueSettings } from '../src/types/value-settings.ts';
import type { Flavour } from './binlog-lab.ts';

/** One column: its type, the SQL of a value, and what value and schema are expected to be. */
export interface TypeCase {
  readonly type: string;
  readonly sql: string;
  readonly value: unknown;
  /** Name of the schema, or its type. */
  readonly schema: string;
  /** Only one of the servers has the type. */
  readonly only?: Flavour;
  /** The value on MariaDB, where it is another. */
  readonly mariadb?: unknown;
  readonly isRequired?: boolean;
}

type Options = Pick<TypeCase, 'only' | 'mariadb' | 'isRequired'>;

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const decimal = (text: string): Decimal => Decimal.parse(text);

function of(
  type: string,
  schema: string,
  ...values: readonly (readonly [sql: string, value: unknown, options?: Options])[]
): readonly TypeCase[] {
  return values.map(([sql, value, options]) => ({ type, schema, sql, value, ...options }));
}

const D = 'io.debezium.data.';
const T = 'io.debezium.time.';
const DECIMAL = 'org.apache.kafka.connect.data.Decimal';
const POINT_1_2 = '0101000000000000000000f03f0000000000000040';
const POINT_2_1 = '01010000000000000000000040000000000000f03f';

const JSON_TEXT = `{"b": [1, -2, 3.5, 1e100, 1.0, 0.000001, 18446744073709551615, true, false, null, "ü\\\\"\\\\n\\\\u0001😀"], "a": {}, "long key": [], "": "", "9": -9223372036854775808}`;

export const TYPES: readonly TypeCase[] = [
  ...of('tinyint', 'int16', ['-128', -128], ['127', 127]),
  ...of('tinyint(1)', 'int16', ['1', 1], ['-1', -1]),
  ...of('tinyint unsigned', 'int16', ['255', 255]),
  ...of('tinyint(3) unsigned zerofill', 'int16', ['7', 7]),
  ...of('smallint', 'int16', ['-32768', -32768]),
  ...of('smallint unsigned', 'int32', ['65535', 65535]),
  ...of('mediumint', 'int32', ['-8388608', -8388608], ['8388607', 8388607]),
  ...of('mediumint unsigned', 'int32', ['16777215', 16777215]),
  ...of('int', 'int32', ['-2147483648', -2147483648], ['0', 0]),
  ...of('int unsigned', 'int64', ['4294967295', 4294967295]),
  ...of('int(10) unsigned zerofill', 'int64', ['42', 42], ['0', 0]),
  ...of(
    'bigint',
    'int64',
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740993', -9007199254740993n],
  ),
  ...of(
    'bigint unsigned',
    'int64',
    ['18446744073709551615', -1],
    ['9223372036854775807', 9223372036854775807n],
    ['12', 12],
    ['140737488355328', 140737488355328],
  ),
  ...of(
    'float',
    'float32',
    ['1.1', Math.fround(1.1)],
    ['16777217', 16777216],
    ['-3.4e38', Math.fround(-3.4e38)],
  ),
  ...of('float unsigned', 'float32', ['0.1', Math.fround(0.1)]),
  ...of('float(7,4)', 'float64', ['1.1', Math.fround(1.1)]),
  ...of('float(53)', 'float64', ['0.1', 0.1]),
  ...of(
    'double',
    'float64',
    ['0.1', 0.1],
    ['-1.7976931348623157e308', -1.7976931348623157e308],
    ['5e-324', 5e-324],
    ['3', 3],
  ),
  ...of('double(10,2)', 'float64', ['1.10', 1.1]),
  ...of(
    'decimal(12,2)',
    DECIMAL,
    ['2.50', decimal('2.50')],
    ['-0.01', decimal('-0.01')],
    ['0', decimal('0.00')],
  ),
  ...of('decimal(5,0)', DECIMAL, ['-128', decimal('-128')]),
  ...of('decimal', DECIMAL, ['9999999999', decimal('9999999999')]),
  ...of('decimal(14,14)', DECIMAL, ['-0.00000000000001', decimal('-0.00000000000001')]),
  ...of('decimal(15,3)', DECIMAL, ['123456789012.345', decimal('123456789012.345')]),
  ...of('decimal(65,30)', DECIMAL, [
    '-12345678901234567890123456789012345.123456789012345678901234567890',
    decimal('-12345678901234567890123456789012345.123456789012345678901234567890'),
  ]),
  ...of('decimal(10,2) unsigned zerofill', DECIMAL, ['1.5', decimal('1.50')]),
  ...of('bit(1)', 'boolean', ["b'1'", true], ["b'0'", false]),
  ...of('bit(10)', `${D}Bits`, ["b'1000000001'", bytes(1, 2)], ["b'1'", bytes(1, 0)]),
  ...of('bit(64)', `${D}Bits`, [
    "b'1000000000000000000000000000000000000000000000000000000000000010'",
    bytes(2, 0, 0, 0, 0, 0, 0, 128),
  ]),
  ...of(
    'year',
    `${T}Year`,
    ['2024', 2024],
    ["'0000'", 0],
    ['1901', 1901],
    ['2155', 2155],
    ["'69'", 2069],
  ),
  ...of('char(5)', 'string', ["'ab'", 'ab'], ["''", '']),
  ...of('char(200) character set utf8mb4', 'string', ["'Žluť 😀'", 'Žluť 😀']),
  ...of('varchar(20)', 'string', [`'q" \\\\ \\n\\t'`, 'q" \\ \n\t']),
  ...of('varchar(300)', 'string', ["'wide'", 'wide']),
  ...of('varchar(20) character set latin1', 'string', ["'ä€é'", 'ä€é']),
  ...of('varchar(20) character set cp1251', 'string', ["'Жук'", 'Жук']),
  ...of('varchar(20) character set koi8r', 'string', ["'Жук'", 'Жук']),
  ...of('varchar(20) character set greek', 'string', ["'αβγ'", 'αβγ']),
  ...of('varchar(20) character set hebrew', 'string', ["'שלום'", 'שלום']),
  ...of('varchar(20) character set gbk', 'string', ["'中文a'", '中文a']),
  ...of('varchar(20) character set big5', 'string', ["'中文a'", '中文a'], ["'Ж文'", 'Ж文']),
  ...of('varchar(20) character set sjis', 'string', ["'日本ｱ'", '日本ｱ'], ["'a〜ｱ−‖b'", 'a〜ｱ−‖b']),
  ...of('varchar(20) character set cp932', 'string', ["'日本①～'", '日本①～']),
  ...of('varchar(20) character set ujis', 'string', ["'日本ｱ'", '日本ｱ'], ["'a〜ｱ−‖b'", 'a〜ｱ−‖b']),
  ...of('varchar(20) character set eucjpms', 'string', ["'日本①～'", '日本①～']),
  ...of('varchar(20) character set euckr', 'string', ["'한국'", '한국']),
  ...of('varchar(20) character set gb18030', 'string', ["'中文😀'", '中文😀', { only: 'mysql' }]),
  ...of('varchar(20) character set ucs2', 'string', ["'Žß'", 'Žß']),
  ...of('varchar(20) character set utf16', 'string', ["'Ž😀'", 'Ž😀']),
  ...of('varchar(20) character set utf16le', 'string', ["'Ž😀'", 'Ž😀']),
  ...of('varchar(20) character set utf32', 'string', ["'Ž😀'", 'Ž😀']),
  ...of('varchar(20) character set swe7', 'string', ["'åäö'", 'åäö']),
  ...of('varchar(20) character set ascii', 'string', ["'ascii'", 'ascii']),
  ...of('tinytext', 'string', ["'t'", 't']),
  ...of('text', 'string', ["'Grüße'", 'Grüße']),
  ...of('mediumtext character set latin2', 'string', ["'čšž'", 'čšž']),
  ...of('longtext', 'string', ["repeat('ab', 3)", 'ababab']),
  ...of(
    'binary(4)',
    'bytes',
    ["x'01'", bytes(1, 0, 0, 0)],
    ["x'00000000'", bytes(0, 0, 0, 0)],
    ["x'01020304'", bytes(1, 2, 3, 4)],
  ),
  ...of('varbinary(10)', 'bytes', ["x'00ff00'", bytes(0, 255, 0)], ["''", Buffer.alloc(0)]),
  ...of('tinyblob', 'bytes', ["x'0a0b'", bytes(10, 11)]),
  ...of('blob', 'bytes', ["x'0a0b'", bytes(10, 11)]),
  ...of('mediumblob', 'bytes', ["x'0a'", bytes(10)]),
  ...of('longblob', 'bytes', ["x'0a0b0c'", bytes(10, 11, 12)]),
  ...of(
    "enum('a','b,c','d''e','')",
    `${D}Enum`,
    ["'b,c'", 'b,c'],
    ["'d''e'", "d'e"],
    ["'nonsense'", ''],
    ["''", ''],
  ),
  ...of("enum('žluť','ж') character set utf8mb4", `${D}Enum`, ["'ж'", 'ж']),
  ...of("set('x','y z','w')", `${D}EnumSet`, ["'w,x'", 'x,w'], ["''", '']),
  ...of(
    `set(${Array.from({ length: 64 }, (_, index) => `'s${index}'`).join(',')})`,
    `${D}EnumSet`,
    ["'s0,s40,s63'", 's0,s40,s63'],
  ),
  ...of(
    'json',
    `${D}Json`,
    [
      `'${JSON_TEXT}'`,
      '{"": "", "9": -9223372036854775808, "a": {}, "b": [1, -2, 3.5, 1e100, 1.0, 0.000001, 18446744073709551615, true, false, null, "ü\\"\\n\\u0001😀"], "long key": []}',
      { only: 'mysql' },
    ],
    [`'"text"'`, '"text"', { only: 'mysql' }],
    [`'null'`, 'null', { only: 'mysql' }],
    [`'12'`, '12', { only: 'mysql' }],
    [
      `JSON_OBJECT('d', CAST('2024-05-01' AS DATE), 't', CAST('-12:30:00.5' AS TIME(3)), 'dt', CAST('2024-05-01 10:00:00.25' AS DATETIME(6)), 'n', CAST(-1234567890123.4567 AS DECIMAL(30,4)), 'x', x'00ff')`,
      '{"d": "2024-05-01", "n": -1234567890123.4567, "t": "-12:30:00.500000", "x": "base64:type15:AP8=", "dt": "2024-05-01 10:00:00.250000"}',
      { only: 'mysql' },
    ],
    [
      `JSON_ARRAY(x'${'ab'.repeat(80)}', b'101', TIMESTAMP'2024-05-01 10:00:00')`,
      `["base64:type15:${'q6ur'.repeat(19)}\\n${'q6ur'.repeat(7)}q6s=", "base64:type15:BQ==", "2024-05-01 10:00:00.000000"]`,
      { only: 'mysql' },
    ],
  ),
  ...of('json', 'string', ['\'{"k":  [1, 2.0]}\'', '{"k":  [1, 2.0]}', { only: 'mariadb' }]),
  ...of(
    'date',
    `${T}Date`,
    ["'2024-10-04'", 20000],
    ["'1969-12-31'", -1],
    ["'9999-12-31'", 2932896],
    ["'1000-01-01'", -354285],
    ["'0000-00-00'", null],
    ["'2024-00-00'", null],
    ["'0018-01-02'", 17533],
  ),
  ...of(
    'time',
    `${T}MicroTime`,
    ["'10:00:01'", 36001000000],
    ["'-838:59:59'", -3020399000000],
    ["'838:59:59'", 3020399000000],
    ["'-00:00:01'", -1000000],
    ["'0'", 0],
  ),
  ...of('time(1)', `${T}MicroTime`, ["'-10:00:00.5'", -36000500000]),
  ...of('time(3)', `${T}MicroTime`, ["'10:00:00.123'", 36000123000], ["'-00:00:00.001'", -1000]),
  ...of(
    'time(6)',
    `${T}MicroTime`,
    ["'-01:00:00.000001'", -3600000001],
    ["'23:59:59.999999'", 86399999999],
  ),
  ...of(
    'datetime',
    `${T}Timestamp`,
    ["'2024-05-01 10:00:00'", 1714557600000],
    ["'0000-00-00 00:00:00'", null],
    ["'9999-12-31 23:59:59'", 253402300799000],
  ),
  ...of('datetime(1)', `${T}Timestamp`, ["'2024-05-01 10:00:00.5'", 1714557600500]),
  ...of('datetime(3)', `${T}Timestamp`, ["'1969-12-31 23:59:59.999'", -1]),
  ...of(
    'datetime(6)',
    `${T}MicroTimestamp`,
    ["'2024-05-01 10:00:00.123456'", 1714557600123456],
    ["'9999-12-31 23:59:59.999999'", 253402300799999999n],
    ["'1000-01-01 00:00:00.000001'", -30610223999999999n],
    ["'2024-00-01 00:00:00'", null],
  ),
  ...of(
    'timestamp',
    `${T}ZonedTimestamp`,
    ["'2024-05-01 10:00:00'", '2024-05-01T10:00:00Z'],
    ["'1970-01-01 00:00:01'", '1970-01-01T00:00:01Z'],
    ["'0000-00-00 00:00:00'", null],
    ["'2038-01-19 03:14:07'", '2038-01-19T03:14:07Z'],
  ),
  ...of('timestamp(3)', `${T}ZonedTimestamp`, [
    "'2024-05-01 10:00:00.1'",
    '2024-05-01T10:00:00.100Z',
  ]),
  ...of('timestamp(6)', `${T}ZonedTimestamp`, [
    "'2024-05-01 10:00:00.000001'",
    '2024-05-01T10:00:00.000001Z',
  ]),
  ...of('point', `${D}geometry.Point`, [
    "ST_GeomFromText('POINT(1 2)')",
    { x: 1, y: 2, wkb: hex(POINT_1_2), srid: null },
  ]),
  ...of('point', `${D}geometry.Point`, [
    "ST_GeomFromText('POINT(1 2)', 4326)",
    { x: 2, y: 1, wkb: hex(POINT_2_1), srid: 4326 },
    { mariadb: { x: 1, y: 2, wkb: hex(POINT_1_2), srid: 4326 } },
  ]),
  ...of('geometry', `${D}geometry.Geometry`, [
    "ST_GeomFromText('POINT(1 2)', 3857)",
    { wkb: hex(POINT_1_2), srid: 3857 },
  ]),
  ...of('linestring', `${D}geometry.Geometry`, [
    "ST_GeomFromText('LINESTRING(1 2, 1 2)')",
    { wkb: hex(`010200000002000000${POINT_1_2.slice(10)}${POINT_1_2.slice(10)}`), srid: null },
  ]),
  ...of('geometrycollection', `${D}geometry.Geometry`, [
    "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')",
    { wkb: hex(`010700000001000000${POINT_1_2}`), srid: null },
  ]),
  ...of('vector(3)', `${D}FloatVector`, [
    "string_to_vector('[1, 2.5, -3]')",
    [1, 2.5, -3],
    { only: 'mysql' },
  ]),
  ...of(
    'uuid',
    `${D}Uuid`,
    [
      "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      { only: 'mariadb' },
    ],
    [
      "'00000000-0000-0000-0000-000000000000'",
      '00000000-0000-0000-0000-000000000000',
      { only: 'mariadb' },
    ],
    [
      "'01908d3c-1234-7abc-8def-001122334400'",
      '01908d3c-1234-7abc-8def-001122334400',
      { only: 'mariadb' },
    ],
    [
      "'2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d'",
      '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
      { only: 'mariadb' },
    ],
    [
      "'00112233-4455-6677-1899-aabbccddee00'",
      '00112233-4455-6677-1899-aabbccddee00',
      { only: 'mariadb' },
    ],
  ),
  ...of(
    'inet6',
    'string',
    ["'2001:db8::ff00:42:8300'", '2001:db8::ff00:42:8300', { only: 'mariadb' }],
    ["'::'", '::', { only: 'mariadb' }],
    ["'::ffff:10.1.2.3'", '::ffff:10.1.2.3', { only: 'mariadb' }],
    ["'::1'", '::1', { only: 'mariadb' }],
    ["'fe80::1:0:0:1'", 'fe80::1:0:0:1', { only: 'mariadb' }],
  ),
  ...of('inet4', 'string', ["'10.1.2.0'", '10.1.2.0', { only: 'mariadb' }]),
  ...of(
    'varchar(200) compressed',
    'string',
    ["repeat('compress me ', 15)", 'compress me '.repeat(15), { only: 'mariadb' }],
    ["'x'", 'x', { only: 'mariadb' }],
  ),
  ...of('text compressed', 'string', [
    "repeat('compress me ', 30)",
    'compress me '.repeat(30),
    { only: 'mariadb' },
  ]),
  ...of('blob compressed', 'bytes', [
    "repeat('a', 400)",
    Buffer.alloc(400, 'a'),
    { only: 'mariadb' },
  ]),
];

/** A case of `TYPES` under other settings; an error: what can't be represented, and is null with `warn`. */
export interface ModeCase {
  readonly name: string;
  readonly type: string;
  readonly sql: string;
  readonly settings: Partial<ValueSettings>;
  readonly value: unknown;
  readonly schema: string;
}

function mode(
  name: string,
  settings: Partial<ValueSettings>,
  ...cases: readonly (readonly [type: string, sql: string, value: unknown, schema: string])[]
): readonly ModeCase[] {
  return cases.map(([type, sql, value, schema]) => ({ name, settings, type, sql, value, schema }));
}

const C = 'org.apache.kafka.connect.data.';

export const MODES: readonly ModeCase[] = [
  ...mode(
    'decimal.handling.mode=string',
    { decimalMode: 'string' },
    ['decimal(12,2)', '2.50', '2.50', 'string'],
    ['decimal(10,2) unsigned zerofill', '1.5', '1.50', 'string'],
    ['decimal(14,14)', '-0.00000000000001', '-0.00000000000001', 'string'],
  ),
  ...mode('decimal.handling.mode=double', { decimalMode: 'double' }, [
    'decimal(12,2)',
    '-0.01',
    -0.01,
    'float64',
  ]),
  ...mode(
    'bigint.unsigned.handling.mode=precise',
    { unsignedBigintMode: 'precise' },
    ['bigint unsigned', '18446744073709551615', decimal('18446744073709551615'), DECIMAL],
    ['bigint unsigned', '12', decimal('12'), DECIMAL],
    ['bigint unsigned', '140737488355328', decimal('140737488355328'), DECIMAL],
  ),
  ...mode(
    'time.precision.mode=adaptive',
    { timeMode: 'adaptive' },
    ['time', "'10:00:01'", 36001000, `${T}Time`],
    ['time(3)', "'-00:00:00.001'", -1, `${T}Time`],
    ['time(6)', "'-01:00:00.000001'", -3600000001, `${T}MicroTime`],
  ),
  ...mode(
    'time.precision.mode=connect',
    { timeMode: 'connect' },
    ['date', "'2024-10-04'", new Date('2024-10-04'), `${C}Date`],
    ['time(3)', "'10:00:00.123'", new Date(36000123), `${C}Time`],
    ['time', "'-00:00:01'", new Error("can't be represented"), `${C}Time`],
    ['time', "'838:59:59'", new Error("can't be represented"), `${C}Time`],
    ['datetime(6)', "'2024-05-01 10:00:00.123456'", new Date(1714557600123), `${C}Timestamp`],
  ),
  ...mode(
    'time.precision.mode=isostring',
    { timeMode: 'isostring' },
    ['date', "'2024-10-04'", '2024-10-04Z', `${T}IsoDate`],
    ['time(3)', "'10:00:00.123'", '10:00:00.123Z', `${T}IsoTime`],
    ['time', "'-00:00:01'", new Error("can't be represented"), `${T}IsoTime`],
    [
      'datetime(6)',
      "'2024-05-01 10:00:00.123456'",
      '2024-05-01T10:00:00.123456Z',
      `${T}IsoTimestamp`,
    ],
    ['datetime', "'2024-05-01 10:00:00'", '2024-05-01T10:00:00Z', `${T}IsoTimestamp`],
  ),
  ...mode(
    'time.precision.mode=microseconds',
    { timeMode: 'microseconds' },
    ['datetime', "'2024-05-01 10:00:00'", 1714557600000000, `${T}MicroTimestamp`],
    ['time', "'-00:00:01'", -1000000, `${T}MicroTime`],
  ),
  ...mode(
    'time.precision.mode=nanoseconds',
    { timeMode: 'nanoseconds' },
    ['datetime(6)', "'2024-05-01 10:00:00.123456'", 1714557600123456000n, `${T}NanoTimestamp`],
    ['datetime', "'9999-12-31 23:59:59'", new Error("can't be represented"), `${T}NanoTimestamp`],
    ['time', "'10:00:01'", 36001000000000, `${T}NanoTime`],
  ),
  ...mode(
    'binary.handling.mode=base64',
    { binaryMode: 'base64' },
    ['varbinary(10)', "x'00ff00'", 'AP8A', 'string'],
    ['binary(4)', "x'01'", 'AQAAAA==', 'string'],
  ),
  ...mode(
    'binary.handling.mode=base64-url-safe',
    { binaryMode: 'base64-url-safe' },
    ['binary(4)', "x'01'", 'AQAAAA==', 'string'],
    ['varbinary(10)', "x'00ff00'", 'AP8A', 'string'],
  ),
  ...mode('binary.handling.mode=hex', { binaryMode: 'hex' }, ['blob', "x'0a0b'", '0a0b', 'string']),
  ...mode(
    'TinyIntOneToBooleanConverter',
    {
      converter: columnConverter({
        converters: 'b',
        'b.type': 'io.debezium.connector.mysql.converters.TinyIntOneToBooleanConverter',
      }),
    },
    ['tinyint(1)', '1', true, 'boolean'],
    ['tinyint(1)', '-1', true, 'boolean'],
    ['tinyint', '127', 127, 'int16'],
  ),
  ...mode(
    'JdbcSinkDataTypesConverter',
    {
      converter: (id, column, codec) =>
        columnConverter({
          converters: 'j',
          'j.type': 'io.debezium.connector.binlog.converters.JdbcSinkDataTypesConverter',
          [`j.selector.${/char/.test(column.type) ? 'string' : column.type === 'float' ? 'real' : 'boolean'}`]:
            '.*',
        })(id, column, codec),
    },
    ['tinyint(1)', '7', 1, 'int16'],
    ['tinyint(1)', '-1', 0, 'int16'],
    ['bit(1)', "b'1'", 1, 'int16'],
    ['float unsigned', '0.1', Math.fround(0.1), 'float64'],
    ['varchar(300)', "'wide'", 'wide', 'string'],
  ),
  ...mode('enable.time.adjuster=false', { adjustsYears: false }, [
    'date',
    "'0018-01-02'",
    -712952,
    `${T}Date`,
  ]),
];
