/** A type of a column with two values of it, as SQL. */
export type ColumnCase = readonly [type: string, one: string, other: string];

const NUMBERS: readonly ColumnCase[] = [
  ['tinyint', '-128', '7'],
  ['tinyint(1)', '1', '5'],
  ['boolean', 'false', 'true'],
  ['tinyint unsigned', '255', '0'],
  ['tinyint(3) unsigned zerofill', '7', '0'],
  ['smallint', '-32768', '1'],
  ['smallint unsigned', '65535', '1'],
  ['mediumint', '-8388608', '1'],
  ['mediumint unsigned', '16777215', '1'],
  ['int', '-2147483648', '1'],
  ['integer unsigned', '4294967295', '1'],
  ['int(6) zerofill', '42', '1'],
  ['bigint', '-9223372036854775808', '9007199254740993'],
  ['bigint unsigned', '18446744073709551615', '9223372036854775808'],
  ['bigint(20) unsigned zerofill', '77', '0'],
  ['float', '1.5', '-0.25'],
  ['float unsigned', '0.5', '3'],
  ['float(7,4)', '1.1', '2.25'],
  ['float(10)', '1.25', '2'],
  ['float(30)', '0.1', '2'],
  ['double', '0.1', '-1e300'],
  ['double(10,2)', '1.10', '3'],
  ['double precision', '2.5', '1'],
  ['real', '7.25', '0'],
  ['double unsigned', '8', '0.5'],
  ['decimal(12,2)', '2.50', '-0.01'],
  ['decimal(5,0)', '-128', '0'],
  ['decimal', '9999999999', '1'],
  ['numeric(6,3)', '1.001', '-1'],
  ['decimal(38,30)', '-12345678.123456789012345678901234567890', '0'],
  ['decimal(10,2) unsigned zerofill', '1.5', '0'],
  ['decimal(65,0)', '99999999999999999999999999999999999999', '1'],
  ['fixed(8,1)', '1.1', '0'],
  ['bit', "b'1'", "b'0'"],
  ['bit(7)', "b'101'", "b'0'"],
  ['bit(10)', "b'1000000001'", "b'1'"],
  ['bit(64)', "b'1000000000000000000000000000000000000000000000000000000000000010'", "b'1'"],
  ['year', '2024', '1901'],
  ['year(4)', "'69'", '2155'],
];

const TEXTS: readonly ColumnCase[] = [
  ['char(5)', "'ab'", "''"],
  ['varchar(20)', `'q" \\\\ \\n'`, "'Ž😀'"],
  ['char(4) character set latin1', "'ä€'", "'x'"],
  ['varchar(20) character set cp1251', "'Жук'", "''"],
  ['varchar(20) character set ucs2', "'Žß'", "'a'"],
  ['varchar(20) character set utf16', "'Ž😀'", "'a'"],
  ['varchar(10) character set gbk', "'中文'", "'a'"],
  ['varchar(10) character set big5', "'中文'", "'a'"],
  ['varchar(10) character set sjis', "'日本ｱ'", "'a'"],
  ['varchar(10) character set euckr', "'한국'", "'a'"],
  ['varchar(10) character set ascii', "'abc'", "'a'"],
  ['varchar(10) character set hebrew', "'שלום'", "'a'"],
  ['varchar(10) collate utf8mb4_bin', "'B'", "'a'"],
  ['nchar(3)', "'nc'", "'a'"],
  ['nvarchar(9)', "'nv'", "'a'"],
  ['tinytext', "'t'", "''"],
  ['text', "'Grüße'", "'x'"],
  ['mediumtext character set latin2', "'čšž'", "'x'"],
  ['longtext', "repeat('ab', 3)", "'x'"],
  ['binary(4)', "x'01'", "x'01020304'"],
  ['binary', "x'07'", "x'00'"],
  ['varbinary(10)', "x'00ff00'", "''"],
  ['tinyblob', "x'0a0b'", "''"],
  ['blob', "x'0a0b'", "'t'"],
  ['mediumblob', "x'0a'", "'t'"],
  ['longblob', "x'0a0b0c'", "'t'"],
  ['char(4) character set binary', "x'0102'", "x'01'"],
  ['text character set binary', "x'ff00'", "x'01'"],
  ["enum('a','b,c','d''e','')", "'b,c'", `'d''e'`],
  ["enum('x','y') character set latin1", "'y'", "'x'"],
  ["set('x','y z','w')", "'w,x'", "''"],
];

const DATES: readonly ColumnCase[] = [
  ['date', "'2024-10-04'", "'1969-12-31'"],
  ['datetime', "'2024-05-01 10:00:00'", "'1970-01-01 00:00:00'"],
  ['datetime(1)', "'2024-05-01 10:00:00.5'", "'1969-12-31 23:59:59.9'"],
  ['datetime(3)', "'1969-12-31 23:59:59.999'", "'2024-05-01 10:00:00'"],
  ['datetime(6)', "'2024-05-01 10:00:00.123456'", "'2024-05-01 10:00:00'"],
  ['timestamp null', "'2024-05-01 10:00:00'", "'1970-01-01 00:00:01'"],
  ['timestamp(3) null', "'2024-05-01 10:00:00.123'", "'2024-05-01 10:00:00.456'"],
  ['timestamp(6) null', "'2024-05-01 10:00:00.000001'", "'2024-05-01 10:00:00.123456'"],
];

/** Of days that some modes can't tell. */
const WIDE_DATES: readonly ColumnCase[] = [
  ['date', "'9999-12-31'", "'1000-01-01'"],
  ['datetime(4)', "'9999-12-31 23:59:59.1234'", "'1000-01-01 00:00:00'"],
  ['timestamp(2) null', "'2024-05-01 10:00:00.1'", "'2024-05-01 10:00:00'"],
  ['time', "'10:00:01'", "'-838:59:59'"],
  ['time(1)', "'-10:00:00.5'", "'00:00:00'"],
  ['time(3)', "'10:00:00.123'", "'-00:00:00.001'"],
  ['time(6)', "'-01:00:00.000001'", "'23:59:59.999999'"],
];

const TIMES_OF_DAY: readonly ColumnCase[] = [
  ['time', "'10:00:01'", "'00:00:00'"],
  ['time(3)', "'10:00:00.123'", "'23:59:59.999'"],
  ['time(6)', "'10:00:00.123456'", "'00:00:00.5'"],
];

const SHAPES: readonly ColumnCase[] = [
  ['point', "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(-1.5 2)', 4326)"],
  ['geometry', "ST_GeomFromText('POINT(1 2)', 3857)", "ST_GeomFromText('LINESTRING(1 2, 3 4)')"],
  [
    'linestring',
    "ST_GeomFromText('LINESTRING(1 2, 3 4)')",
    "ST_GeomFromText('LINESTRING(1 2, 3 4)', 4326)",
  ],
  [
    'polygon',
    "ST_GeomFromText('POLYGON((0 0, 0 1, 1 1, 0 0))')",
    "ST_GeomFromText('POLYGON((0 0, 0 2, 2 2, 0 0))')",
  ],
  [
    'multipoint',
    "ST_GeomFromText('MULTIPOINT(0 0, 1 1)')",
    "ST_GeomFromText('MULTIPOINT(0 0, 2 1)')",
  ],
  [
    'geometrycollection',
    "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')",
    "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(2 2))')",
  ],
];

export type Flavour = 'mysql' | 'mariadb';

const OWN: Readonly<Record<Flavour, readonly ColumnCase[]>> = {
  mysql: [
    ['json', `'{"a": 1, "b": [1.5, true, null, "x"]}'`, "'[]'"],
    ['vector(3)', "string_to_vector('[1, 2.5, -3]')", "string_to_vector('[0, 0, 0]')"],
    ['varchar(10) character set gb18030', "'中文😀'", "'a'"],
  ],
  mariadb: [
    ['json', `'{"a": 1}'`, "'[]'"],
    ['uuid', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'"],
  ],
};

export function allColumns(flavour: Flavour): readonly ColumnCase[] {
  return [...NUMBERS, ...TEXTS, ...DATES, ...WIDE_DATES, ...SHAPES, ...OWN[flavour]];
}

/** Those of times that every mode can tell. */
export const CLOCK_COLUMNS: readonly ColumnCase[] = [...DATES, ...TIMES_OF_DAY];

/** A table with a column of each type, and its rows. */
export class ColumnTable {
  readonly create: string;
  readonly #name: string;
  readonly #columns: readonly ColumnCase[];

  constructor(name: string, columns: readonly ColumnCase[], isRequired = false) {
    this.#name = name;
    this.#columns = columns;
    const defined = columns.map(([type], index) => {
      const label = `c${index}_${type.replaceAll(/\W+/g, '_')}`;
      return isRequired ? `${label} ${type.replace(/ null$/, '')} not null` : `${label} ${type}`;
    });
    this.create = `create table ${name} (id int primary key, ${defined.join(', ')}) default charset utf8mb4`;
  }

  insert(id: number, which: 'one' | 'other' | 'null'): string {
    const values = this.#columns.map(([, one, other]) =>
      which === 'null' ? 'null' : which === 'one' ? one : other,
    );
    return `insert into ${this.#name} values (${[id, ...values].join(', ')})`;
  }
}
