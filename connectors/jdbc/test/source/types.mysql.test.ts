import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMysql, openPostgres, type TestDatabase, type Writer } from './databases.ts';
import { SourceDriver } from './source-driver.ts';
import type { TypeCase } from './type-cases.ts';
import { MYSQL_TYPES } from './types-mysql.ts';
import { POSTGRES_TYPES } from './types-postgres.ts';

describe('types of PostgreSQL', () => typeTests(openPostgres, POSTGRES_TYPES));
describe('types of MariaDB', () => typeTests(() => openMysql('mariadb'), MYSQL_TYPES));
describe('types of MySQL', () => typeTests(() => openMysql('mysql'), MYSQL_TYPES));

/** Each type as a field, and NULL in each of them. */
function typeTests(open: () => Promise<TestDatabase>, cases: readonly TypeCase[]): void {
  let database: TestDatabase;
  let app: Writer;
  let tables = 0;
  beforeAll(async () => {
    database = await open();
    app = await database.writer();
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const groups = new Map<string, TypeCase[]>();
  for (const each of cases) {
    const key = JSON.stringify(each.settings ?? {});
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  for (const [key, group] of groups)
    test(`${group.length} types${key === '{}' ? '' : ` with ${key}`}`, async () => {
      const name = `types_${++tables}`;
      const columns = group.map(({ type }, index) => `c${index} ${type} null`).join(', ');
      await app.sql(`create table ${name} (id int primary key, ${columns})`);
      await app.sql(
        `insert into ${name} values (1, ${group.map(({ literal }) => literal).join(', ')})`,
      );
      await app.sql(`insert into ${name} (id) values (2)`);
      await using source = await SourceDriver.start({
        ...database.config,
        mode: 'incrementing',
        'incrementing.column.name': 'id',
        'topic.prefix': 'db-',
        'table.whitelist': name,
        'poll.interval.ms': '20',
        ...group[0]?.settings,
      });
      const [record, nulls] = await source.take(2);
      const fields = record?.valueSchema?.type === 'struct' ? record.valueSchema.fields : [];
      const value = record?.value as Readonly<Record<string, unknown>>;
      const seen = group.map(({ type }, index) => ({
        type,
        schema: fields.find((field) => field.name === `c${index}`)?.schema,
        value: value[`c${index}`],
      }));
      expect(seen).toEqual(
        group.map(({ type, schema, value: expected }) => ({ type, schema, value: expected })),
      );
      const absent = Object.fromEntries(group.map((_each, index) => [`c${index}`, null]));
      expect(nulls?.value).toEqual({ id: 2, ...absent });
    });

  test('a value that its field can’t hold fails that record alone', async () => {
    const name = `types_${++tables}`;
    const [type, literal] =
      database.kind === 'postgresql'
        ? ['numeric', '1.5']
        : ['bigint unsigned', '18446744073709551615'];
    await app.sql(`create table ${name} (id int primary key, c ${type})`);
    await app.sql(`insert into ${name} values (1, ${literal}), (2, 2)`);
    await using source = await SourceDriver.start({
      ...database.config,
      mode: 'incrementing',
      'incrementing.column.name': 'id',
      'topic.prefix': 'db-',
      'table.whitelist': name,
      'poll.interval.ms': '20',
    });
    const [bad, good] = await source.take(2);
    expect(() => bad?.value).toThrow(/column "c" has/);
    expect(good?.value).toMatchObject({ id: 2 });
  });
}
