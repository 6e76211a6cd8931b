import { expect, test } from '@jest/globals';
import { parseJdbcUrl } from '../src/jdbc-url.ts';

test.each([
  ['jdbc:postgresql://db:5433/shop', [{ host: 'db', port: 5433 }], 'shop'],
  ['jdbc:postgresql://db/shop', [{ host: 'db', port: 5432 }], 'shop'],
  ['jdbc:postgresql:shop', [{ host: 'localhost', port: 5432 }], 'shop'],
  ['jdbc:postgresql://[::1]:5433/shop', [{ host: '::1', port: 5433 }], 'shop'],
  [
    'jdbc:postgresql://a,b:7/my%20shop',
    [
      { host: 'a', port: 5432 },
      { host: 'b', port: 7 },
    ],
    'my shop',
  ],
])('%s', (text, hosts, database) => {
  expect(parseJdbcUrl(text)).toMatchObject({ subprotocol: 'postgresql', hosts, database });
});

test('parameters are decoded', () => {
  const { properties } = parseJdbcUrl('jdbc:postgresql://db/shop?user=a%26b&password=p%3D%25&ssl');
  expect(Object.fromEntries(properties)).toEqual({ user: 'a&b', password: 'p=%', ssl: '' });
});

test.each([
  ['postgresql://db/shop', 'is not a JDBC URL'],
  ['jdbc:oracle:thin:@db', 'names the database "oracle"'],
  ['jdbc:postgresql://user:secret@db/shop', 'has credentials before the host'],
  ['jdbc:postgresql://db:99999/shop', 'has the port 99999'],
  ['jdbc:postgresql://db/shop?password=%zz', 'has a malformed % sequence in its password'],
])('%s is refused without showing a password', (text, message) => {
  expect(() => parseJdbcUrl(text)).toThrow(message);
  expect(() => parseJdbcUrl(text)).not.toThrow('secret');
});
