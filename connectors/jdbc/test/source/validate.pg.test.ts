import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jdbcSource } from '../../src/index.ts';
import { openPostgres, type TestDatabase } from './databases.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openPostgres();
  await using app = await database.writer();
  await app.sql('create table orders (id serial primary key, changed timestamptz, total numeric)');
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const problems = async (more: Readonly<Record<string, string>>) => {
  const config = { ...database.config, 'topic.prefix': 'db-', mode: 'incrementing', ...more };
  return (await jdbcSource.validate?.(config, AbortSignal.timeout(20_000))) ?? [];
};

test('what is right has no problems', async () => {
  expect(await problems({})).toEqual([]);
});

test.each([
  [
    'a column that is not there',
    { 'incrementing.column.name': 'number' },
    /has no column "number"; it has "id"/,
  ],
  [
    'a column that may be null',
    { mode: 'timestamp', 'timestamp.column.name': 'changed' },
    /may all be null/,
  ],
  [
    'a column of the wrong type',
    { mode: 'timestamp', 'timestamp.column.name': 'total' },
    /is no timestamp/,
  ],
  ['no timestamp column', { mode: 'timestamp' }, /needs timestamp.column.name/],
  [
    'lists that exclude each other',
    { 'table.whitelist': 'a', 'table.blacklist': 'b' },
    /exclude each other/,
  ],
  [
    'a query and tables',
    { query: 'select 1 as id', 'table.whitelist': 'a', 'incrementing.column.name': 'id' },
    /instead of tables/,
  ],
  [
    'a query that is refused',
    { query: 'select nothing', 'incrementing.column.name': 'id' },
    /"nothing" does not exist/,
  ],
  ['a wrong password', { 'connection.password': 'wrong-secret' }, /password authentication failed/],
])('%s is named', async (_what, more, message) => {
  const found = await problems(more);
  expect(found.map((problem) => problem.message).join('\n')).toMatch(message);
  expect(JSON.stringify(found)).not.toContain('wrong-secret');
});

test('both rules across fields are told at once', async () => {
  expect(await problems({ mode: 'timestamp', 'table.exclude.list': 'a' })).toHaveLength(2);
});
