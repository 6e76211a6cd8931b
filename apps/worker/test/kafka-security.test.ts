import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import type { ConfigProblem } from '@millrace/config';
import { systemClock } from '@millrace/foundation';
import { javaKeyStores } from '@millrace/testkit';
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

test('Java’s stores are opened, whichever of the two forms they have', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stores-'));
  const { storePassword, keyPassword, trustPassword } = javaKeyStores;
  for (const [name, bytes] of Object.entries(javaKeyStores)) {
    if (bytes instanceof Buffer) await writeFile(join(folder, name), bytes);
  }
  const config = (key: string, trust: string): Record<string, string> => ({
    'security.protocol': 'SSL',
    'ssl.keystore.location': join(folder, key),
    'ssl.keystore.password': storePassword,
    ...(key === 'jks' ? { 'ssl.key.password': keyPassword } : {}),
    'ssl.truststore.location': join(folder, trust),
    'ssl.truststore.password': trustPassword,
  });
  for (const [key, trust] of [
    ['jks', 'pkcs12Trust'],
    ['pkcs12', 'jksTrust'],
  ] as const) {
    const problems: ConfigProblem[] = [];
    const { tls } = kafkaSecurity(config(key, trust), problems);
    expect(problems).toEqual([]);
    expect(tls?.key).toContain('PRIVATE KEY');
    expect(tls?.cert).toContain('CERTIFICATE');
    expect(tls?.ca).toBe(tls?.cert);
  }
  const problems: ConfigProblem[] = [];
  kafkaSecurity({ ...config('jks', 'jksTrust'), 'ssl.keystore.password': 'wrong' }, problems);
  expect(problems).toEqual([
    {
      key: 'ssl.keystore.location',
      message: expect.stringContaining('ssl.keystore.password is not its password'),
    },
  ]);
  expect(keysRefused(config('jks', 'jks'))).toEqual(['ssl.truststore.location']);
  await rm(folder, { recursive: true, force: true });
});

const OAUTH = {
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': 'OAUTHBEARER',
  'sasl.login.callback.handler.class':
    'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler',
};

/** Answers with a token that says who asked. */
async function tokenServer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const who = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString();
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ access_token: `${who}|${body}`, token_type: 'Bearer', expires_in: 60 }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${port}/token`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each([
  [
    'the login module',
    {
      'sasl.jaas.config':
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="me" clientSecret="s" scope="kafka" extension_logicalCluster="lc";',
    },
    { logicalCluster: 'lc' },
  ],
  [
    'keys of their own',
    {
      'sasl.oauthbearer.client.credentials.client.id': 'me',
      'sasl.oauthbearer.client.credentials.client.secret': 's',
      'sasl.oauthbearer.scope': 'kafka',
    },
    undefined,
  ],
])(
  'OAUTHBEARER asks for a token with the client credentials of %s',
  async (_, keys, extensions) => {
    await using server = await tokenServer();
    const config = { ...OAUTH, ...keys, 'sasl.oauthbearer.token.endpoint.url': server.url };
    const problems: ConfigProblem[] = [];
    const { sasl } = kafkaSecurity(config, problems);
    expect(problems).toEqual([]);
    const token = sasl?.mechanism === 'OAUTHBEARER' ? await sasl.token(systemClock) : undefined;
    expect(token?.value).toBe('me:s|grant_type=client_credentials&scope=kafka');
    expect(token?.extensions).toEqual(extensions);
  },
);

test('OAUTHBEARER may find its token in a file; without an endpoint or credentials it is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-token-'));
  await writeFile(join(folder, 'token'), 'abc\n');
  const { sasl } = kafkaSecurity(
    { ...OAUTH, 'sasl.oauthbearer.token.endpoint.url': pathToFileURL(join(folder, 'token')).href },
    [],
  );
  const token = sasl?.mechanism === 'OAUTHBEARER' ? await sasl.token(systemClock) : undefined;
  await rm(folder, { recursive: true });
  expect(token).toEqual({ value: 'abc' });
  expect(keysRefused(OAUTH)).toEqual(['sasl.oauthbearer.token.endpoint.url']);
  expect(
    keysRefused({ ...OAUTH, 'sasl.oauthbearer.token.endpoint.url': 'https://idp/token' }),
  ).toEqual(['sasl.jaas.config']);
});
