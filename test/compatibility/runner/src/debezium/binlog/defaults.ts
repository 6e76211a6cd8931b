import type { World } from '../world.ts';
import type { Flavour } from './columns.ts';
import { scrub } from './scrub.ts';

const DEFAULTS: readonly (readonly [type: string, value: string])[] = [
  ['tinyint', '5'],
  ['boolean', 'true'],
  ['smallint unsigned', '7'],
  ['int', '-5'],
  ['int unsigned', '4294967295'],
  ['int(5) zerofill', '42'],
  ['bigint', '9007199254740991'],
  ['float', '1.5'],
  ['double', '2.5'],
  ['decimal(10,3)', '1.5'],
  ['decimal(5)', '7'],
  ['bit(1)', "b'1'"],
  ['bit(10)', "b'101'"],
  ['year', '2020'],
  ['char(5)', "'ab'"],
  ['varchar(20)', "''"],
  ['varchar(20)', "'  pad '"],
  ['varchar(20)', "'null'"],
  ['varchar(10) character set latin1', "'ä'"],
  ['varbinary(5)', "'ab'"],
  ["enum('a','b')", "'b'"],
  ["set('a','b','c')", "'a,c'"],
  ['date', "'2020-01-02'"],
  ['date', "'0000-00-00'"],
  ['time', "'-10:00:00'"],
  ['time(6)', "'100:00:00.000001'"],
  ['datetime', "'2020-01-02 03:04:05'"],
  ['datetime(6)', "'2020-01-02 03:04:05.123456'"],
  ['datetime(3)', 'current_timestamp(3)'],
  ['datetime', 'now()'],
  ['datetime', 'current_timestamp on update current_timestamp'],
  ['datetime', "'1970-01-01 00:00:00'"],
  ['timestamp', 'current_timestamp'],
  ['timestamp', "'2020-01-02 03:04:05'"],
  ['int', '(1+1)'],
  ['varchar(40)', '(uuid())'],
];

/** A default of each kind, of nullable and of required columns; more by ALTER TABLE. */
export function defaultsWorld(flavour: Flavour): World {
  const create = (name: string, nullness: string): string => {
    const columns = DEFAULTS.map(
      ([type, value], index) => `c${index} ${type} ${nullness} default ${value}`,
    );
    return `create table ${name} (id int primary key auto_increment, ${columns.join(', ')})`;
  };
  return {
    name: 'defaults_db',
    setup: [
      "set sql_mode = ''",
      'set names utf8mb4',
      ...(flavour === 'mysql' ? ['set explicit_defaults_for_timestamp = 1'] : []),
      'set timestamp = 1700000000',
      create('n', 'null'),
      create('r', 'not null'),
      'insert into n (id) values (1)',
      'insert into r (id) values (1)',
    ],
    stages: [
      { sql: ['insert into n (id) values (2)', 'insert into r (id) values (2)'] },
      {
        sql: [
          "alter table r add column q1 timestamp(2) not null default current_timestamp(2), add column q2 varchar(5) not null default 'q', add column q3 enum('z','y') not null default 'y', add column q5 decimal(6,2) not null default 1.50, add column q6 bit(3) not null default b'11', add column q7 date not null default '2021-01-01'",
        ],
      },
      { sql: ['insert into r (id) values (3)'] },
    ],
    variants: [{ name: 'defaults', tables: ['.*'], config: {}, allowance: { scrub } }],
  };
}
