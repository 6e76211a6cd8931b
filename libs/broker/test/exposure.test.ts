import { expect, test } from '@jest/globals';
import { resolveSettings } from '../src/settings.ts';
import { isLoopback } from '../src/network/loopback.ts';
import { PLAIN_USERS } from './security-fixtures.ts';

const OPEN = {
  'allow.unauthenticated.access': 'true',
};
const SASL = {
  'listener.security.protocol.map': 'A:SASL_SSL',
  'sasl.enabled.mechanisms': 'PLAIN',
  'plain.sasl.jaas.config': PLAIN_USERS,
};
const TOKENS = {
  'listener.security.protocol.map': 'A:SASL_SSL',
  'sasl.enabled.mechanisms': 'OAUTHBEARER',
};

function refusalOf(config: Readonly<Record<string, string>>): string | undefined {
  try {
    resolveSettings(config);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

test.each([
  ['PLAINTEXT://127.0.0.1:9092', {}, true],
  ['PLAINTEXT://localhost:9092', {}, true],
  ['PLAINTEXT://[::1]:9092', {}, true],
  ['PLAINTEXT://127.8.9.10:9092', {}, true],
  ['PLAINTEXT://:9092', {}, false],
  ['PLAINTEXT://0.0.0.0:9092', {}, false],
  ['PLAINTEXT://[::]:9092', {}, false],
  ['PLAINTEXT://192.168.1.1:9092', {}, false],
  ['PLAINTEXT://broker:9092', {}, false],
  ['PLAINTEXT://localhost.example.org:9092', {}, false],
  ['PLAINTEXT://127.0.0.1:1,SSL://0.0.0.0:2', {}, false],
  ['PLAINTEXT://127.0.0.1:9092', { 'advertised.listeners': 'PLAINTEXT://broker:9092' }, false],
  ['PLAINTEXT://0.0.0.0:9092', OPEN, true],
  ['PLAINTEXT://:9092', { 'listener.name.plaintext.allow.unauthenticated.access': 'true' }, true],
  ['PLAINTEXT://:9092', { 'listener.name.other.allow.unauthenticated.access': 'true' }, false],
  ['SSL://:9092', {}, false],
  ['SSL://:9092', { 'ssl.client.auth': 'requested' }, false],
  ['SSL://:9092', { 'ssl.client.auth': 'required' }, true],
  ['A://:9092', SASL, true],
  ['A://:9092', TOKENS, false],
  ['A://127.0.0.1:9092', TOKENS, true],
  ['A://:9092', { ...TOKENS, 'sasl.oauthbearer.jwks.endpoint.url': 'https://x/keys' }, true],
])('listeners=%s with %o may start: %s', (listeners, more, isAllowed) => {
  const expected = isAllowed ? undefined : 'broker.unauthenticated_listener';
  expect(refusalOf({ listeners, ...more })).toBe(expected);
});

test('loopback is an address, not a name that may lead anywhere', () => {
  for (const host of [
    '127.0.0.1',
    '127.255.0.3',
    '::1',
    '::ffff:127.0.0.1',
    'localhost',
    'a.localhost',
  ])
    expect([host, isLoopback(host)]).toEqual([host, true]);
  for (const host of [
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'example.org',
    'localhost.example.org',
    '::ffff:10.0.0.1',
  ])
    expect([host, isLoopback(host)]).toEqual([host, false]);
});

test.each([
  [
    {
      listeners: 'A://127.0.0.1:1,A://127.0.0.1:2',
      'listener.security.protocol.map': 'A:PLAINTEXT',
    },
    /A is there twice/,
  ],
  [{ listeners: 'A://127.0.0.1:1' }, /listener.security.protocol.map must say what A speaks/],
  [
    { listeners: 'PLAINTEXT://127.0.0.1:1', 'advertised.listeners': 'B://127.0.0.1:1' },
    /advertised.listeners names B/,
  ],
  [
    { listeners: 'PLAINTEXT://127.0.0.1:1', 'advertised.listeners': 'PLAINTEXT://0.0.0.0:1' },
    /can connect to/,
  ],
  [
    { listeners: 'PLAINTEXT://127.0.0.1:1', 'listener.security.protocol.map': 'PLAINTEXT:TELNET' },
    /PLAINTEXT:TELNET/,
  ],
  [
    { listeners: 'CONTROLLER://127.0.0.1:1', 'controller.listener.names': 'CONTROLLER' },
    /at least one address/,
  ],
])('listeners that can not be are refused: %o', (config, message) => {
  expect(() => resolveSettings(config as Record<string, string>)).toThrow(message);
});
