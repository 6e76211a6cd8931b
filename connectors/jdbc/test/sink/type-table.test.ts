import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { mysqlTypeTable, postgresTypeTable } from './type-table.ts';

test('the tables in TYPES.md are those of the cases that are tried on real servers', () => {
  const document = readFileSync(new URL('../../TYPES.md', import.meta.url), 'utf8');
  expect(document).toContain(postgresTypeTable());
  expect(document).toContain(mysqlTypeTable());
});
