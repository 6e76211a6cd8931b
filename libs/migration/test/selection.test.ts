import { expect, test } from '@jest/globals';
import { selects, type Selection } from '../src/model/selection.ts';
import { parseEndpoint } from '../src/server/endpoint.ts';
import { schemaRenaming } from '../src/plan/schema-renaming.ts';

const everything: Selection = { tables: [], excluded: [], schemas: [] };

test('tables are chosen by name, by schema.name, and with a star for anything', () => {
  const orders = { schema: 'sales', name: 'orders' };
  const chosen = (change: Partial<Selection>): boolean =>
    selects({ ...everything, ...change }, orders);
  expect(chosen({})).toBe(true);
  expect(chosen({ tables: ['orders'] })).toBe(true);
  expect(chosen({ tables: ['sales.*'] })).toBe(true);
  expect(chosen({ tables: ['order'] })).toBe(false);
  expect(chosen({ tables: ['o.ders'] })).toBe(false);
  expect(chosen({ schemas: ['public'] })).toBe(false);
  expect(chosen({ tables: ['*'], excluded: ['sales.or*'] })).toBe(false);
});

test('a MySQL database becomes the schema public, and public the database of the URL, unless it is said otherwise', () => {
  const postgres = parseEndpoint('source', 'postgres://a@h/pg');
  const mysql = parseEndpoint('source', 'mysql://a@h/shop');
  expect(schemaRenaming(mysql, postgres, [])('shop')).toBe('public');
  expect(schemaRenaming(postgres, mysql, [])('public')).toBe('shop');
  expect(schemaRenaming(postgres, mysql, [])('sales')).toBe('sales');
  expect(schemaRenaming(postgres, postgres, [])('public')).toBe('public');
  expect(schemaRenaming(mysql, postgres, ['shop:store'])('shop')).toBe('store');
});
