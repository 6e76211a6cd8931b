import { expect, test } from '@jest/globals';
import { mysqlColumnType, mysqlDefault } from '../src/mysql/column-type.ts';
import { postgresColumnType, postgresDefault } from '../src/postgres/column-type.ts';

test.each([
  ["'x''y'::character varying", { kind: 'literal', value: "x'y" }],
  ['42', { kind: 'literal', value: '42' }],
  ["'-1'::integer", { kind: 'literal', value: '-1' }],
  ['true', { kind: 'literal', value: 'true' }],
  ['now()', { kind: 'now', precision: 6, onUpdate: false }],
  ['CURRENT_TIMESTAMP(3)', { kind: 'now', precision: 3, onUpdate: false }],
  ["nextval('s'::regclass)", { kind: 'sequence' }],
  ['gen_random_uuid()', { kind: 'expression' }],
])('the default %s of PostgreSQL is understood', (expression, meaning) => {
  expect(postgresDefault(expression)).toEqual(meaning);
});

test('defaults of MySQL and MariaDB come to the same, though their catalogues differ', () => {
  const both = (
    mysql: readonly [string | null, string],
    mariadb: string | null,
  ): readonly unknown[] => [
    mysqlDefault(mysql[0], mysql[1], { isMariadb: false, isBinary: false }),
    mysqlDefault(mariadb, '', { isMariadb: true, isBinary: false }),
  ];
  expect(both(["it's", ''], "'it''s'")).toEqual([
    { native: "'it''s'", meaning: { kind: 'literal', value: "it's" } },
    { native: "'it''s'", meaning: { kind: 'literal', value: "it's" } },
  ]);
  expect(both([null, ''], 'NULL')).toEqual([
    { native: null, meaning: null },
    { native: null, meaning: null },
  ]);
  expect(both(['uuid()', 'DEFAULT_GENERATED'], 'uuid()')).toEqual([
    { native: '(uuid())', meaning: { kind: 'expression' } },
    { native: '(uuid())', meaning: { kind: 'expression' } },
  ]);
});

test('numeric modifiers are unpacked, negative scales too', () => {
  const numeric = (modifier: number): unknown =>
    postgresColumnType({
      base: 'numeric',
      formatted: '',
      kind: 'b',
      modifier,
      labels: [],
      element: null,
    });
  expect(numeric(-1)).toEqual({ kind: 'decimal' });
  expect(numeric(((12 << 16) | 2) + 4)).toEqual({ kind: 'decimal', precision: 12, scale: 2 });
  expect(numeric(((5 << 16) | (-3 & 0x7ff)) + 4)).toEqual({
    kind: 'decimal',
    precision: 5,
    scale: -3,
  });
});

test('labels of an enum may hold commas and quotes', () => {
  const facts = { characters: 0, precision: 0, scale: 0, fraction: 0, isJson: false };
  expect(
    mysqlColumnType({ ...facts, dataType: 'enum', columnType: `enum('a,b','it''s')` }),
  ).toEqual({ kind: 'enum', labels: ['a,b', "it's"] });
});

test('the default of a binary column is hexadecimal digits, not their text', () => {
  expect(mysqlDefault('0x61620000', '', { isMariadb: false, isBinary: true }).native).toBe(
    '0x61620000',
  );
  expect(mysqlDefault('0x6162', '', { isMariadb: false, isBinary: false }).native).toBe("'0x6162'");
});
