import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock, systemRandom, type Random } from '@millrace/foundation';
import { clientCredentials, type TokenProvider } from '../src/oauth-token.ts';
import { authenticate, type SaslOptions } from '../src/sasl.ts';

// The exchange of RFC 7677, section 3.
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const SERVER_FIRST = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';
const random: Random = { ...systemRandom, nextBytes: () => Buffer.from(NONCE, 'base64') };
const ports = { random, clock: systemClock };
const sasl = { mechanism: 'SCRAM-SHA-256', username: 'user', password: 'pencil' } as const;

async function run(answers: readonly string[]): Promise<string[]> {
  const sent: string[] = [];
  await authenticate(sasl, ports, (bytes) => {
    sent.push(Buffer.from(bytes).toString());
    return Promise.resolve(Buffer.from(answers[sent.length - 1] ?? ''));
  });
  return sent;
}

test('SCRAM-SHA-256 says what RFC 7677 says', async () => {
  expect(await run([SERVER_FIRST, SERVER_FINAL])).toEqual([
    `n,,n=user,r=${NONCE}`,
    `c=biws,r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  ]);
});

test.each([
  ['another nonce', [SERVER_FIRST.replace('rOpr', 'xOpr'), SERVER_FINAL]],
  ['too few iterations', [SERVER_FIRST.replace('i=4096', 'i=1'), SERVER_FINAL]],
  ['hours of iterations', [SERVER_FIRST.replace('i=4096', 'i=4096000000'), SERVER_FINAL]],
  ['a wrong proof of the server', [SERVER_FIRST, 'v=AAAA']],
  ['an error', [SERVER_FIRST, 'e=invalid-proof']],
  ['nothing', ['', '']],
])('SCRAM fails for good on %s', async (_what, answers) => {
  await expect(run(answers)).rejects.toMatchObject({
    code: 'client.authentication_failed',
    retry: 'fatal',
  });
});

function bearer(value: string, extensions?: Record<string, string>): SaslOptions {
  const token = { value, ...(extensions === undefined ? {} : { extensions }) };
  return { mechanism: 'OAUTHBEARER', token: () => Promise.resolve(token) };
}

test('OAUTHBEARER sends the token and its extensions as RFC 7628 says', async () => {
  const sent: string[] = [];
  await authenticate(bearer('abc', { traceId: '7' }), ports, (bytes) => {
    sent.push(Buffer.from(bytes).toString());
    return Promise.resolve(new Uint8Array());
  });
  expect(sent).toEqual(['n,,\x01traceId=7\x01auth=Bearer abc\x01\x01']);
});

test('a refused token is a fatal error with the words of the broker, after the farewell', async () => {
  const sent: string[] = [];
  const running = authenticate(bearer('abc'), ports, (bytes) => {
    sent.push(Buffer.from(bytes).toString());
    return Promise.resolve(Buffer.from('{"status":"invalid_token"}'));
  });
  await expect(running).rejects.toMatchObject({
    code: 'client.authentication_failed',
    message: expect.stringContaining('invalid_token'),
  });
  expect(sent[1]).toBe('\x01');
});

test.each([
  ['a token with a control character', 'a\x01b', undefined],
  ['an extension called auth', 'abc', { auth: 'x' }],
  ['an extension with a digit in its name', 'abc', { a1: 'x' }],
])('%s is not sent', async (_what, value, extensions) => {
  const exchange = (): Promise<Uint8Array> => Promise.reject(new Error('sent'));
  await expect(authenticate(bearer(value, extensions), ports, exchange)).rejects.toMatchObject({
    code: 'client.authentication_failed',
  });
});

describe('client credentials', () => {
  let server: Server;
  let endpoint: string;
  let answer: { status: number; body: string };
  let asked: { authorization: string | undefined; body: string }[];

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push({ authorization: request.headers.authorization, body });
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    endpoint = `http://127.0.0.1:${port}/token`;
  });

  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  const open = (): TokenProvider =>
    clientCredentials({
      tokenEndpoint: endpoint,
      clientId: 'me:1',
      clientSecret: 's',
      scope: 'kafka',
    });

  test('a token is asked for once and used for most of its life', async () => {
    answer = { status: 200, body: '{"access_token":"t1","expires_in":3600}' };
    const provide = open();
    const [a, b] = await Promise.all([provide(systemClock), provide(systemClock)]);
    expect([a, b, await provide(systemClock)]).toEqual(Array(3).fill({ value: 't1' }));
    expect(asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('me%3A1:s').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=kafka',
      },
    ]);
  });

  test.each([
    [401, '{"error":"invalid_client","error_description":"who?"}', 'fatal', 'invalid_client: who?'],
    [503, 'down', 'retriable', 'status 503'],
    [200, '[]', 'fatal', 'no access_token'],
  ])('an answer %d is an error that says why', async (status, body, retry, message) => {
    answer = { status, body };
    await expect(open()(systemClock)).rejects.toMatchObject({
      code: 'client.token_refused',
      retry,
      message: expect.stringContaining(message),
    });
  });

  test('an endpoint that nobody listens on is a retriable error', async () => {
    const provide = clientCredentials({
      tokenEndpoint: 'http://127.0.0.1:1/token',
      clientId: 'a',
      clientSecret: 'b',
    });
    await expect(provide(systemClock)).rejects.toMatchObject({ retry: 'retriable' });
  });
});
