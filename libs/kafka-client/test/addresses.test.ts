import { expect, test } from '@jest/globals';
import { parseBootstrap } from '../src/addresses.ts';
import { formatAddress } from '../src/transport.ts';

test('bootstrap servers may be names, IPv4 and bracketed IPv6, with blanks around them', () => {
  expect(parseBootstrap('h1:9092, 10.0.0.1:1 ,[::1]:9093,')).toEqual([
    { host: 'h1', port: 9092 },
    { host: '10.0.0.1', port: 1 },
    { host: '::1', port: 9093 },
  ]);
  expect(formatAddress({ host: '::1', port: 9093 })).toBe('[::1]:9093');
});

test.each([
  '',
  ' , ',
  'h1',
  'h1:',
  ':9092',
  'h1:0',
  'h1:65536',
  '::1:9092',
  'PLAINTEXT://h1:9092',
  'a b:1',
])('bootstrap servers "%s" are refused with the key to mend', (servers) => {
  expect(() => parseBootstrap(servers)).toThrow(
    expect.objectContaining({ code: 'client.malformed_bootstrap' }),
  );
});

test('all malformed entries are named at once', () => {
  expect(() => parseBootstrap('x,h:1,y')).toThrow(/"x", "y"/u);
});
