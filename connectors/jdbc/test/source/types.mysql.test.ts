import { describe } from '@jest/globals';
import { openMysql } from './databases.ts';
import { at, decimal, exact, optionals as t, typeTests, type TypeCase } from './types.ts';

const CASES: readonly TypeCase[] = [
  { type: 'boolean', literal: 'true', schema: t.int8, value: 1 },
  { type: 'tinyint unsigned', literal: '255', schema: t.int16, value: 255 },
  { type: 'smallint', literal: '-32768', schema: t.int16, value: -32768 },
  { type: 'smallint unsigned', literal: '65535', schema: t.int32, value: 65535 },
  { type: 'mediumint unsigned', literal: '16777215', schema: t.int64, value: 16777215 },
  { type: 'int', literal: '-2147483648', schema: t.int32, value: -2147483648 },
  { type: 'int unsigned', literal: '4294967295', schema: t.int64, value: 4294967295 },
  {
    type: 'bigint',
    literal: '-9223372036854775808',
    schema: t.int64,
    value: -9223372036854775808n,
  },
  {
    type: 'bigint unsigned',
    literal: '9223372036854775807',
    schema: t.int64,
    value: 9223372036854775807n,
  },
  { type: 'float', literal: '1.5', schema: t.float32, value: 1.5 },
  { type: 'double', literal: '-1e-300', schema: t.float64, value: -1e-300 },
  {
    type: 'decimal(10,2)',
    literal: '-12345678.90',
    schema: decimal(2, 10),
    value: exact('-12345678.90'),
  },
  {
    type: 'decimal(65,30)',
    literal: '1.000000000000000000000000000001',
    schema: decimal(30, 65),
    value: exact('1.000000000000000000000000000001'),
  },
  { type: 'decimal(5) unsigned', literal: '7', schema: decimal(0, 5), value: exact('7') },
  {
    type: 'varchar(20) character set latin1',
    literal: "'Grüße'",
    schema: t.string,
    value: 'Grüße',
  },
  {
    type: 'text character set utf8mb4',
    literal: "'Žluťoučký 🐎'",
    schema: t.string,
    value: 'Žluťoučký 🐎',
  },
  { type: "enum('a','b')", literal: "'b'", schema: t.string, value: 'b' },
  { type: "set('a','b')", literal: "'a,b'", schema: t.string, value: 'a,b' },
  { type: 'json', literal: `'{"a": [1, null]}'`, schema: t.string, value: '{"a": [1, null]}' },
  { type: 'varbinary(8)', literal: "x'00ff10'", schema: t.bytes, value: Buffer.from([0, 255, 16]) },
  { type: 'blob', literal: "x'00ff10'", schema: t.bytes, value: Buffer.from([0, 255, 16]) },
  { type: 'date', literal: "'2024-02-29'", schema: t.date, value: at('2024-02-29T00:00:00Z') },
  { type: 'year', literal: '2024', schema: t.date, value: at('2024-01-01T00:00:00Z') },
  { type: 'time(6)', literal: "'23:59:59.999999'", schema: t.time, value: new Date(86_399_999) },
  {
    type: 'datetime(6)',
    literal: "'2024-05-06 07:08:09.123456'",
    schema: t.timestamp,
    value: at('2024-05-06T07:08:09.123Z'),
  },
  {
    type: 'timestamp(6)',
    literal: "'2024-05-06 07:08:09.123456'",
    schema: t.timestamp,
    value: at('2024-05-06T07:08:09.123Z'),
  },
  { type: 'bit(1)', literal: "b'1'", schema: t.int8, value: 1 },
  { type: 'bit(12)', literal: "b'100000000001'", schema: t.bytes, value: Buffer.from([8, 1]) },
  {
    type: 'datetime',
    literal: "'2024-05-06 07:08:09'",
    schema: t.timestamp,
    value: at('2024-05-06T05:08:09Z'),
    settings: { 'db.timezone': 'Europe/Zurich' },
  },
  {
    type: 'timestamp',
    literal: "'2024-05-06 07:08:09'",
    schema: t.timestamp,
    value: at('2024-05-06T07:08:09Z'),
    settings: { 'db.timezone': 'Europe/Zurich' },
  },
];

describe('types of MariaDB', () => typeTests(() => openMysql('mariadb'), CASES));
describe('types of MySQL', () => typeTests(() => openMysql('mysql'), CASES));
