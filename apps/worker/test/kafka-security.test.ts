import { expect, test } from '@jest/globals';
import type { ConfigProblem } from '@millrace/config';
import { kafkaSecurity } from '../src/kafka-security.ts';

function keysRefused(config: Record<string, string>): readonly string[] {
  const problems: ConfigProblem[] = [];
  kafkaSecurity(config, problems);
  return problems.map(({ key }) => key);
}

test('plain text without security.protocol', () => {
  expect(kafkaSecurity({}, [])).toEqual({});
  expect(kafkaSecurity({ 'sasl.mechanism': 'PLAIN', 'ssl.truststore.location': '/x' }, [])).toEqual(
    {},
  );
});

test('user and password are taken from the login module, quotes and all', () => {
  const config = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required username="me" password="a\\"b;c=d";',
  };
  expect(kafkaSecurity(config, [])).toEqual({
    tls: {},
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'a"b;c=d' },
  });
});

test('certificates may stand in the configuration, and the host check may be switched off', () => {
  const { tls } = kafkaSecurity(
    {
      'security.protocol': 'SSL',
      'ssl.truststore.certificates': '-----BEGIN\\nX',
      'ssl.endpoint.identification.algorithm': '',
    },
    [],
  );
  expect(tls?.ca).toBe('-----BEGIN\nX');
  expect(tls?.checkServerIdentity?.('any', {} as never)).toBeUndefined();
});

test('what does not work is named by its key', () => {
  expect(keysRefused({ 'security.protocol': 'TLS' })).toEqual(['security.protocol']);
  expect(keysRefused({ 'security.protocol': 'SASL_PLAINTEXT' })).toEqual(['sasl.mechanism']);
  expect(keysRefused({ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN' })).toEqual(
    ['sasl.jaas.config'],
  );
  const ssl = { 'security.protocol': 'SSL', 'ssl.truststore.location': '/nowhere' };
  expect(keysRefused(ssl)).toEqual(['ssl.truststore.location']);
  expect(keysRefused({ ...ssl, 'ssl.truststore.type': 'PEM' })).toEqual([
    'ssl.truststore.location',
  ]);
});
