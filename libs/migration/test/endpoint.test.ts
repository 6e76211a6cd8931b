import { expect, test } from '@jest/globals';
import { MillraceError } from '@millrace/foundation';
import { migrationId, parseEndpoint, shownEndpoint } from '../src/server/endpoint.ts';

test('a URL says server, user, password and database; ports have their usual values', () => {
  const endpoint = parseEndpoint(
    'source',
    'postgresql://ann:p%40ss@db.example/shop?sslmode=require',
  );
  expect(endpoint).toMatchObject({
    family: 'postgres',
    host: 'db.example',
    port: 5432,
    user: 'ann',
    password: 'p@ss',
    database: 'shop',
  });
  expect(endpoint.parameters.get('sslmode')).toBe('require');
  for (const scheme of ['mysql', 'mariadb'])
    expect(parseEndpoint('target', `${scheme}://a@h/d`)).toMatchObject({
      family: 'mysql',
      port: 3306,
      password: '',
    });
});

test('a password of the environment counts when the URL has none', () => {
  expect(parseEndpoint('source', 'mysql://a@h/d', 'hidden').password).toBe('hidden');
  expect(parseEndpoint('source', 'mysql://a:own@h/d', 'hidden').password).toBe('own');
});

test.each([
  'nonsense',
  'oracle://a:secret@h/d',
  'mysql://a:secret@h',
  'postgres://h/d',
  'postgres://a:secret%zz@h/d',
])('%s is refused without being repeated', (url) => {
  let thrown: unknown;
  try {
    parseEndpoint('source', url);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(MillraceError);
  expect(JSON.stringify([thrown, String(thrown)])).not.toContain('secret');
});

test('the same two databases are the same migration, whoever logs in; what is shown has no password', () => {
  const [one, other] = [
    parseEndpoint('source', 'postgres://a:x@h/d'),
    parseEndpoint('source', 'postgresql://b:y@h:5432/d'),
  ];
  const target = parseEndpoint('target', 'mysql://a:x@h/d');
  expect(migrationId(one, target)).toBe(migrationId(other, target));
  expect(migrationId(one, target)).not.toBe(migrationId(target, one));
  expect(shownEndpoint(one)).toBe('postgresql://h:5432/d');
});
