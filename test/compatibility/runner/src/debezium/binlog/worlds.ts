import type { World } from '../world.ts';
import { allColumns, CLOCK_COLUMNS, ColumnTable, type Flavour } from './columns.ts';
import { ddlWorld } from './ddl.ts';
import { defaultsWorld } from './defaults.ts';
import { scrub } from './scrub.ts';
import { shapesWorld } from './shapes.ts';
import { signalsWorld } from './signals.ts';

const SESSION = ["set sql_mode = ''", 'set names utf8mb4'];

export function worldsOf(flavour: Flavour): readonly World[] {
  return [
    typesWorld(flavour),
    clockWorld(),
    defaultsWorld(flavour),
    oddWorld(flavour),
    shapesWorld(flavour),
    ddlWorld(flavour),
    signalsWorld(),
  ];
}

/** Every type, nullable and required, in every mode but those of times. */
function typesWorld(flavour: Flavour): World {
  const [nullable, required] = [
    new ColumnTable('n', allColumns(flavour)),
    new ColumnTable('r', allColumns(flavour), true),
  ];
  return {
    name: 'types_db',
    setup: [
      ...SESSION,
      nullable.create,
      required.create,
      nullable.insert(1, 'one'),
      nullable.insert(2, 'other'),
      nullable.insert(3, 'null'),
      required.insert(1, 'one'),
    ],
    stages: [
      {
        sql: [
          nullable.insert(11, 'one'),
          nullable.insert(12, 'other'),
          nullable.insert(13, 'null'),
          required.insert(11, 'other'),
          'update n set id = id + 100 where id = 11',
          'delete from r where id = 1',
        ],
      },
    ],
    variants: [
      { name: 'types', tables: ['.*'], config: {}, allowance: { scrub } },
      {
        name: 'strings',
        tables: ['.*'],
        config: {
          'decimal.handling.mode': 'string',
          'bigint.unsigned.handling.mode': 'precise',
          'binary.handling.mode': 'hex',
          'time.precision.mode': 'microseconds',
          'include.schema.changes': 'false',
        },
        allowance: { scrub },
      },
      {
        name: 'doubles',
        tables: ['.*'],
        config: {
          'decimal.handling.mode': 'double',
          'binary.handling.mode': 'base64',
          'column.propagate.source.type': '.*',
          converters: 'b',
          'b.type': 'io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter',
          'include.schema.changes': 'false',
        },
        allowance: { scrub },
      },
      {
        name: 'names',
        tables: ['.*'],
        config: {
          'binary.handling.mode': 'base64-url-safe',
          'schema.name.adjustment.mode': 'avro',
          'field.name.adjustment.mode': 'avro_unicode',
          'datatype.propagate.source.type':
            '.+\\.(DECIMAL|INT UNSIGNED|VARCHAR|ENUM|BIGINT UNSIGNED ZEROFILL|TINYINT)',
          'include.schema.changes': 'false',
        },
        allowance: { scrub },
      },
    ],
  };
}

/** Times in the modes that can't tell all of them. */
function clockWorld(): World {
  const table = new ColumnTable('t', CLOCK_COLUMNS);
  const variant = (name: string, mode: string): World['variants'][number] => ({
    name,
    tables: ['.*'],
    config: { 'time.precision.mode': mode, 'include.schema.changes': 'false' },
    allowance: { scrub },
  });
  return {
    name: 'clock_db',
    setup: [...SESSION, table.create, table.insert(1, 'one'), table.insert(2, 'other')],
    stages: [{ sql: [table.insert(11, 'one'), table.insert(12, 'other')] }],
    variants: [
      variant('dates', 'connect'),
      variant('isostring', 'isostring'),
      variant('nanos', 'nanoseconds'),
    ],
  };
}

/** Zero dates, years of two digits, keys for want of a primary one, names that need care. */
function oddWorld(flavour: Flavour): World {
  const year = flavour === 'mysql' ? ', y year' : ''; // 0000 ends Debezium's snapshot of MariaDB
  const zeros = (id: number): string =>
    `(${id}, '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0'${flavour === 'mysql' ? ", '0000'" : ''})`;
  const columns = (required: string): string =>
    `id int primary key, d date ${required}, dt datetime ${required}, dt6 datetime(6) ${required}, ts timestamp ${required}, ts6 timestamp(6) ${required}, t time ${required}${year === '' ? '' : `${year} ${required}`}`;
  return {
    name: 'odd_db',
    setup: [
      ...SESSION,
      "set sql_mode = 'ALLOW_INVALID_DATES'",
      `create table z (${columns('null')})`,
      `create table zr (${columns('not null')})`,
      `insert into z values ${zeros(1)}`,
      `insert into zr values ${zeros(1)}`,
      'create table y (id int primary key, d date, dt datetime, dt6 datetime(6))',
      "insert into y values (1, '0018-02-03', '0070-01-02 03:04:05', '0069-01-02 03:04:05.5'), (2, '0099-12-31', '0100-01-01 00:00:00', '0101-01-01 00:00:00')",
      'create table u (a int not null, b int not null, c int not null, unique key zz (c, a), unique key aa (b))',
      'insert into u values (1, 2, 3)',
      'create table u2 (a int, b int not null, unique key (a), unique key (b))',
      'insert into u2 values (null, 1)',
      `create table \`we\`\`ird "n'ame\` (\`i d\` int primary key, \`c"ol\` int)`,
      `insert into \`we\`\`ird "n'ame\` values (1, 2)`,
      'create table cs (id int primary key, a varchar(5) character set latin1, b char(3)) default charset latin2',
      "insert into cs values (1, 'ä', 'č')",
    ],
    stages: [
      {
        sql: [
          `insert into z values ${zeros(2)}`,
          `insert into zr values ${zeros(2)}`,
          "insert into z (id, d, dt, dt6) values (3, '2024-00-00', '2024-00-01 01:00:00', '2024-01-00 01:00:00')",
          "insert into y values (11, '0018-02-03', '0070-01-02 03:04:05', '0069-01-02 03:04:05.5'), (12, '0099-12-31', '0100-01-01 00:00:00', '0101-01-01 00:00:00')",
          'insert into u values (2, 3, 4)',
          'update u set a = 5 where b = 3',
          'update u set b = 9 where c = 3',
          'insert into u2 values (1, 2)',
          `insert into \`we\`\`ird "n'ame\` values (2, 3)`,
          "insert into cs values (2, 'ö', 'ž')",
        ],
      },
    ],
    variants: [
      { name: 'odd', tables: ['.*'], config: {}, allowance: { scrub } },
      {
        name: 'years',
        tables: ['y'],
        config: { 'enable.time.adjuster': 'false', 'snapshot.mode': 'when_needed' },
        allowance: { scrub },
      },
    ],
  };
}
