import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { apis, encodeRequestFrame, ErrorCode } from '@millrace/kafka-protocol';
import { BrokerContext, type RawClient } from './broker-context.ts';
import { Answers } from './raw-socket.ts';
import { secureClient } from './security-fixtures.ts';

const CONFIG = {
  listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
  'sasl.enabled.mechanisms': 'OAUTHBEARER',
  'connection.failed.authentication.delay.ms': '1',
};
const URL_KEY = 'listener.name.sasl_plaintext.oauthbearer.sasl.oauthbearer.jwks.endpoint.url';

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (more: object = {}): object => ({
  sub: 'alice',
  iat: nowSeconds(),
  exp: nowSeconds() + 600,
  ...more,
});
const unsecured = (more: object = {}, header: object = { alg: 'none' }): string =>
  `${encode(header)}.${encode(claims(more))}.`;

function signed(
  key: KeyObject,
  header: { readonly alg: string; readonly kid?: string },
  more: object = {},
): string {
  const body = `${encode(header)}.${encode(claims(more))}`;
  const options = header.alg.startsWith('ES')
    ? { key, dsaEncoding: 'ieee-p1363' as const }
    : header.alg.startsWith('PS')
      ? { key, padding: 6 }
      : { key };
  const hash = header.alg === 'EdDSA' ? null : `sha${header.alg.slice(2)}`;
  return `${body}.${sign(hash, Buffer.from(body), options).toString('base64url')}`;
}

function connect(context: BrokerContext, token: string): Promise<RawClient> {
  return secureClient(context, {
    sasl: { mechanism: 'OAUTHBEARER', token: () => Promise.resolve({ value: token }) },
  });
}

async function isTaken(context: BrokerContext, token: string): Promise<boolean> {
  const client = await connect(context, token).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'client.authentication_failed' });
    return undefined;
  });
  if (client === undefined) return false;
  const { brokers } = await client.ask(apis.metadata, { topics: [] });
  await client.connection.close();
  return brokers.length === 1;
}

test('unsecured tokens are taken for what they say, as long as they are in time', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const cases: readonly (readonly [string, boolean])[] = [
    [unsecured(), true],
    [unsecured({ exp: nowSeconds() - 1 }), false],
    [unsecured({ exp: undefined }), false],
    [unsecured({ iat: nowSeconds() + 100 }), false],
    [unsecured({ sub: '' }), false],
    [unsecured({ sub: 5 }), false],
    [`${unsecured()}AAAA`, false],
    [unsecured({}, { alg: 'HS256' }), false],
    ['a.b', false],
    ['a.b.c', false],
  ];
  for (const [token, wanted] of cases)
    expect([token, await isTaken(context, token)]).toEqual([token, wanted]);
});

test('options of the unsecured validator are those of Kafka', async () => {
  await using context = await BrokerContext.open({
    config: {
      ...CONFIG,
      'oauthbearer.sasl.jaas.config':
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredValidatorPrincipalClaimName="name" unsecuredValidatorRequiredScope="log write" unsecuredValidatorAllowableClockSkewMs="60000";',
    },
  });
  expect(await isTaken(context, unsecured({ name: 'bob', scope: 'write log more' }))).toBe(true);
  expect(await isTaken(context, unsecured({ name: 'bob', scope: ['log', 'write'] }))).toBe(true);
  expect(await isTaken(context, unsecured({ name: 'bob', scope: 'log' }))).toBe(false);
  expect(await isTaken(context, unsecured({ scope: 'write log' }))).toBe(false);
  const late = { name: 'bob', scope: 'write log', iat: nowSeconds() - 100, exp: nowSeconds() - 30 };
  const early = { name: 'bob', scope: 'write log', iat: nowSeconds() + 30 };
  expect(await isTaken(context, unsecured(early))).toBe(true);
  // Within the skew it is still genuine; its session is over at once.
  await expect(connect(context, unsecured(late))).resolves.toBeDefined();
});

test('a refused token is answered as RFC 7628 wants, and ends with an authentication error', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const socket = await context.socket();
  const answers = new Answers(socket);
  socket.write(encodeRequestFrame(apis.saslHandshake, 1, 1, 'raw', { mechanism: 'OAUTHBEARER' }));
  await answers.nextResponse(apis.saslHandshake, 1);
  const say = async (message: string) => {
    const authBytes = Buffer.from(message);
    socket.write(encodeRequestFrame(apis.saslAuthenticate, 2, 2, 'raw', { authBytes }));
    return (await answers.nextResponse(apis.saslAuthenticate, 2)).response;
  };
  const refused = await say('n,,\x01auth=Bearer a.b.c\x01\x01');
  expect(refused.errorCode).toBe(ErrorCode.NONE);
  expect(Buffer.from(refused.authBytes).toString()).toBe('{"status":"invalid_token"}');
  const ended = await say('\x01');
  expect(ended).toMatchObject({
    errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
    errorMessage: '{"status":"invalid_token"}',
  });
  expect(await answers.next()).toBeUndefined();
});

test('signed tokens are checked by the keys of a file: algorithm, key, issuer, audience, time', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = join(context.folder, 'jwks.json');
  const jwk = (key: KeyObject, more: object): object => ({
    ...key.export({ format: 'jwk' }),
    ...more,
  });
  await writeFile(
    jwks,
    JSON.stringify({
      keys: [
        jwk(rsa.publicKey, { kid: 'rsa', use: 'sig' }),
        jwk(ec.publicKey, { kid: 'ec', alg: 'ES256' }),
        jwk(ed.publicKey, { kid: 'ed' }),
        jwk(stranger.publicKey, { kid: 'encryption', use: 'enc' }),
        { kty: 'unheard of' },
      ],
    }),
  );
  await using secured = await BrokerContext.open({
    config: {
      ...CONFIG,
      [URL_KEY]: `file://${jwks}`,
      'sasl.oauthbearer.expected.issuer': 'https://issuer',
      'sasl.oauthbearer.expected.audience': 'log,other',
      'sasl.oauthbearer.clock.skew.seconds': '5',
    },
  });
  const good = { iss: 'https://issuer', aud: ['x', 'log'] };
  const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['RS256', signed(rsa.privateKey, { alg: 'RS256', kid: 'rsa' }, good), true],
    ['PS512', signed(rsa.privateKey, { alg: 'PS512', kid: 'rsa' }, good), true],
    ['ES256', signed(ec.privateKey, { alg: 'ES256', kid: 'ec' }, good), true],
    ['EdDSA', signed(ed.privateKey, { alg: 'EdDSA', kid: 'ed' }, good), true],
    ['no key id', signed(rsa.privateKey, { alg: 'RS256' }, good), true],
    ['stranger', signed(stranger.privateKey, { alg: 'RS256', kid: 'rsa' }, good), false],
    [
      'not for signatures',
      signed(stranger.privateKey, { alg: 'RS256', kid: 'encryption' }, good),
      false,
    ],
    ['unknown key', signed(rsa.privateKey, { alg: 'RS256', kid: 'new' }, good), false],
    ['other curve', signed(ec.privateKey, { alg: 'ES384', kid: 'ec' }, good), false],
    ['issuer', signed(rsa.privateKey, { alg: 'RS256', kid: 'rsa' }, { ...good, iss: 'x' }), false],
    [
      'audience',
      signed(rsa.privateKey, { alg: 'RS256', kid: 'rsa' }, { ...good, aud: 'x' }),
      false,
    ],
    [
      'expired',
      signed(rsa.privateKey, { alg: 'RS256', kid: 'rsa' }, { ...good, exp: nowSeconds() - 6 }),
      false,
    ],
    [
      'not yet',
      signed(rsa.privateKey, { alg: 'RS256', kid: 'rsa' }, { ...good, nbf: nowSeconds() + 60 }),
      false,
    ],
    ['unsecured', unsecured(good), false],
    ['public key as a secret', hmacWith(String(pem), good), false],
  ];
  for (const [name, token, wanted] of cases)
    expect([name, await isTaken(secured, token)]).toEqual([name, wanted]);
});

test('keys come from a server, new ones when a token names them, and the session ends with the token', async () => {
  const [first, second] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  if (first === undefined || second === undefined) throw new Error('two keys');
  let served: object[] = [{ ...first.publicKey.export({ format: 'jwk' }), kid: 'first' }];
  let requestCount = 0;
  const server = createServer((_request, response) => {
    requestCount += 1;
    response.end(JSON.stringify({ keys: served }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    await using context = await BrokerContext.open({
      config: {
        ...CONFIG,
        [URL_KEY]: `http://127.0.0.1:${port}/keys`,
        'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': '1',
      },
    });
    expect(await isTaken(context, signed(first.privateKey, { alg: 'ES256', kid: 'first' }))).toBe(
      true,
    );
    expect(await isTaken(context, signed(first.privateKey, { alg: 'ES256', kid: 'first' }))).toBe(
      true,
    );
    expect(requestCount).toBe(1);
    served = [{ ...second.publicKey.export({ format: 'jwk' }), kid: 'second' }];
    expect(await isTaken(context, signed(second.privateKey, { alg: 'ES256', kid: 'second' }))).toBe(
      true,
    );
    expect(requestCount).toBe(2);
    const socket = await context.socket();
    const answers = new Answers(socket);
    socket.write(encodeRequestFrame(apis.saslHandshake, 1, 1, 'raw', { mechanism: 'OAUTHBEARER' }));
    await answers.nextResponse(apis.saslHandshake, 1);
    const token = signed(
      second.privateKey,
      { alg: 'ES256', kid: 'second' },
      { exp: nowSeconds() + 60 },
    );
    const authBytes = Buffer.from(`n,a=alice,\x01auth=Bearer ${token}\x01extra=x\x01\x01`);
    socket.write(encodeRequestFrame(apis.saslAuthenticate, 2, 2, 'raw', { authBytes }));
    const { response } = await answers.nextResponse(apis.saslAuthenticate, 2);
    expect(response.errorCode).toBe(ErrorCode.NONE);
    expect(response.sessionLifetimeMs).toBeGreaterThan(50_000);
    expect(response.sessionLifetimeMs).toBeLessThanOrEqual(60_000);
  } finally {
    server.close();
  }
});

/** What a broker would take that uses the public key as the secret of an HMAC. */
function hmacWith(secret: string, more: object): string {
  const body = `${encode({ alg: 'HS256', kid: 'rsa' })}.${encode(claims(more))}`;
  return `${body}.${Buffer.from(secret).toString('base64url')}`;
}
