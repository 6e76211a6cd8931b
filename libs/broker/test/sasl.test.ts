import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { apis, encodeRequestFrame, ErrorCode } from '@millrace/kafka-protocol';
import { BrokerContext } from './broker-context.ts';
import { Answers } from './raw-socket.ts';
import { login, PLAIN_USERS, secureClient } from './security-fixtures.ts';

const CONFIG = {
  listeners: 'CLIENTS://127.0.0.1:0',
  'listener.security.protocol.map': 'CLIENTS:SASL_PLAINTEXT',
  'listener.name.clients.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'listener.name.clients.plain.sasl.jaas.config': PLAIN_USERS,
  'sasl.scram.bootstrap.users':
    'SCRAM-SHA-256=[name=admin,password=ad,min];SCRAM-SHA-512=[name=admin,iterations=8192,password="x"]',
  'connection.failed.authentication.delay.ms': '1',
};
const PLAIN = 'PLAIN';

test('users of PLAIN and SCRAM get in with their own password and no other', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const good = [
    login(PLAIN, 'alice', 'alice-secret'),
    login(PLAIN, 'bob', 'bob;s "secret"'),
    login('SCRAM-SHA-256', 'admin', 'ad,min'),
    login('SCRAM-SHA-512', 'admin', 'x'),
  ];
  for (const sasl of good) {
    const client = await secureClient(context, { sasl });
    const { clusterId } = await client.ask(apis.metadata, { topics: [] });
    expect(clusterId).toBe(context.broker.clusterId);
    await client.connection.close();
  }
  const bad = [
    login(PLAIN, 'alice', 'alice-secret2'),
    login(PLAIN, 'nobody', 'x'),
    login(PLAIN, 'alice', ''),
    login('SCRAM-SHA-256', 'admin', 'admin'),
    login('SCRAM-SHA-256', 'nobody', 'ad,min'),
    login('SCRAM-SHA-512', 'admin', 'ad,min'),
  ];
  for (const sasl of bad) {
    await expect(secureClient(context, { sasl })).rejects.toMatchObject({
      code: 'client.authentication_failed',
    });
  }
});

test('a SCRAM user made by API gets in at once, and after his removal no more; the file has no password', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const admin = await context.client('in-process');
  const { pbkdf2Sync } = await import('node:crypto');
  const salt = Buffer.from('salt-of-carol');
  const upsertion = (iterations: number, mechanism = 1): object => ({
    name: 'carol',
    mechanism,
    iterations,
    salt,
    saltedPassword: pbkdf2Sync('carols password', salt, iterations, 32, 'sha256'),
  });
  const alter = async (change: object): Promise<unknown> => {
    const request = { deletions: [], upsertions: [], ...change };
    const { results } = await admin.ask(apis.alterUserScramCredentials, request);
    return results.map(({ user, errorCode }) => [user, errorCode]);
  };
  expect(await alter({ upsertions: [upsertion(4095)] })).toEqual([
    ['carol', ErrorCode.UNACCEPTABLE_CREDENTIAL],
  ]);
  expect(await alter({ upsertions: [upsertion(16_385)] })).toEqual([
    ['carol', ErrorCode.UNACCEPTABLE_CREDENTIAL],
  ]);
  expect(await alter({ upsertions: [upsertion(4096, 3)] })).toEqual([
    ['carol', ErrorCode.UNSUPPORTED_SASL_MECHANISM],
  ]);
  expect(await alter({ deletions: [{ name: 'carol', mechanism: 1 }] })).toEqual([
    ['carol', ErrorCode.RESOURCE_NOT_FOUND],
  ]);
  expect(await alter({ upsertions: [upsertion(4096), upsertion(4096)] })).toEqual([
    ['carol', ErrorCode.DUPLICATE_RESOURCE],
  ]);
  expect(await alter({ upsertions: [upsertion(16_384)] })).toEqual([['carol', ErrorCode.NONE]]);

  const sasl = login('SCRAM-SHA-256', 'carol', 'carols password');
  await (await secureClient(context, { sasl })).connection.close();
  await context.restart();
  await (await secureClient(context, { sasl })).connection.close();

  const after = await context.client('in-process');
  const { results } = await after.ask(apis.describeUserScramCredentials, { users: null });
  expect(
    [...results]
      .sort((one, other) => (one.user < other.user ? -1 : 1))
      .map(({ user, credentialInfos }) => [user, credentialInfos]),
  ).toEqual([
    [
      'admin',
      [
        { mechanism: 1, iterations: 4096 },
        { mechanism: 2, iterations: 8192 },
      ],
    ],
    ['carol', [{ mechanism: 1, iterations: 16_384 }]],
  ]);
  const unknown = await after.ask(apis.describeUserScramCredentials, {
    users: [{ name: 'x' }, { name: 'carol' }, { name: 'carol' }],
  });
  expect(unknown.results.map(({ errorCode }) => errorCode)).toEqual([
    ErrorCode.RESOURCE_NOT_FOUND,
    ErrorCode.DUPLICATE_RESOURCE,
  ]);
  const removed = await after.ask(apis.alterUserScramCredentials, {
    deletions: [{ name: 'carol', mechanism: 1 }],
    upsertions: [],
  });
  expect(removed.results).toMatchObject([{ errorCode: ErrorCode.NONE }]);
  await expect(secureClient(context, { sasl })).rejects.toMatchObject({
    code: 'client.authentication_failed',
  });
});

test('before authentication only ApiVersions and the handshake are answered', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const early = [
    encodeRequestFrame(apis.metadata, 4, 1, 'raw', { topics: [] }),
    encodeRequestFrame(apis.produce, 9, 1, 'raw', { acks: 0, topicData: [] }),
  ];
  for (const frame of early) {
    const socket = await context.socket();
    const closed = once(socket, 'close');
    socket.resume();
    socket.write(frame);
    await closed;
  }
  const socket = await context.socket();
  const answers = new Answers(socket);
  socket.write(encodeRequestFrame(apis.apiVersions, 0, 1, 'raw', {}));
  const versions = await answers.nextResponse(apis.apiVersions, 0);
  expect(versions.response.apiKeys.map(({ apiKey }) => apiKey)).toContain(apis.saslHandshake.key);
  socket.write(encodeRequestFrame(apis.saslHandshake, 1, 2, 'raw', { mechanism: 'GSSAPI' }));
  const refused = await answers.nextResponse(apis.saslHandshake, 1);
  expect(refused.response).toEqual({
    errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
    mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  });
  expect(await answers.next()).toBeUndefined();
});

test('a failed authentication is answered with its error, late, and the connection ends', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const socket = await context.socket();
  const answers = new Answers(socket);
  socket.write(encodeRequestFrame(apis.saslHandshake, 1, 1, 'raw', { mechanism: PLAIN }));
  await answers.nextResponse(apis.saslHandshake, 1);
  socket.write(
    encodeRequestFrame(apis.saslAuthenticate, 2, 2, 'raw', {
      authBytes: Buffer.from('\0alice\0wrong'),
    }),
  );
  const { response } = await answers.nextResponse(apis.saslAuthenticate, 2);
  expect(response).toMatchObject({
    errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
    errorMessage: 'Authentication failed: Invalid username or password',
  });
  expect(await answers.next()).toBeUndefined();
});

test('after a handshake of version 0 tokens come bare, as old clients send them', async () => {
  await using context = await BrokerContext.open({ config: CONFIG });
  const socket = await context.socket();
  const answers = new Answers(socket);
  socket.write(encodeRequestFrame(apis.saslHandshake, 0, 1, 'raw', { mechanism: PLAIN }));
  await answers.nextResponse(apis.saslHandshake, 0);
  const token = Buffer.from('\0alice\0alice-secret');
  const size = Buffer.alloc(4);
  size.writeInt32BE(token.length);
  socket.write(Buffer.concat([size, token]));
  expect((await answers.next())?.length).toBe(0);
  socket.write(encodeRequestFrame(apis.metadata, 4, 2, 'raw', { topics: [] }));
  expect((await answers.nextResponse(apis.metadata, 4)).correlationId).toBe(2);
});

test('a session that has ended takes nothing but its renewal, by the same user and mechanism', async () => {
  await using context = await BrokerContext.open({
    config: { ...CONFIG, 'listener.name.clients.plain.connections.max.reauth.ms': '1500' },
  });
  const authenticate = async (
    answers: Answers,
    write: (bytes: Uint8Array) => void,
    token: string,
    mechanism = PLAIN,
  ): Promise<{ errorCode: number; errorMessage: string | null; sessionLifetimeMs: number }> => {
    write(encodeRequestFrame(apis.saslHandshake, 1, 1, 'raw', { mechanism }));
    expect((await answers.nextResponse(apis.saslHandshake, 1)).response.errorCode).toBe(0);
    write(
      encodeRequestFrame(apis.saslAuthenticate, 1, 2, 'raw', { authBytes: Buffer.from(token) }),
    );
    return (await answers.nextResponse(apis.saslAuthenticate, 1)).response;
  };
  const open = async (): Promise<[Answers, (bytes: Uint8Array) => void]> => {
    const socket = await context.socket();
    return [new Answers(socket), (bytes) => void socket.write(bytes)];
  };
  const metadata = encodeRequestFrame(apis.metadata, 4, 9, 'raw', { topics: [] });
  const connections = await Promise.all([open(), open(), open(), open()]);
  for (const [answers, write] of connections) {
    const first = await authenticate(answers, write, '\0alice\0alice-secret');
    expect(first).toMatchObject({ errorCode: 0, sessionLifetimeMs: 1500 });
  }
  await systemClockSleep(1600);
  const [expired, renewed, changed, other] = connections;
  expired[1](metadata);
  expect(await expired[0].next()).toBeUndefined();

  expect(await authenticate(...renewed, '\0alice\0alice-secret')).toMatchObject({ errorCode: 0 });
  renewed[1](metadata);
  expect((await renewed[0].nextResponse(apis.metadata, 4)).correlationId).toBe(9);

  expect(await authenticate(...changed, '\0bob\0bob;s "secret"')).toMatchObject({
    errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
    errorMessage: 'Cannot change principals during re-authentication from User.alice: User.bob',
  });
  expect(await changed[0].next()).toBeUndefined();

  expect(await authenticate(...other, 'n,,n=admin,r=abc', 'SCRAM-SHA-256')).toMatchObject({
    errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
    errorMessage:
      "SASL mechanism 'SCRAM-SHA-256' requested by client is not supported for re-authentication of mechanism 'PLAIN'",
  });
});

test('a listener without SASL answers the handshake with ILLEGAL_SASL_STATE', async () => {
  await using context = await BrokerContext.open();
  for (const kind of ['tcp', 'in-process'] as const) {
    const client = await context.client(kind);
    const handshake = await client.ask(apis.saslHandshake, { mechanism: PLAIN });
    expect(handshake.errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE);
    const authenticate = await client.ask(apis.saslAuthenticate, { authBytes: Buffer.alloc(1) });
    expect(authenticate.errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE);
  }
});

test('who connects and does not authenticate in time is closed', async () => {
  await using context = await BrokerContext.open({
    config: { ...CONFIG, 'connection.authentication.timeout.ms': '2000' },
  });
  const silent = await context.socket();
  const half = await context.socket();
  half.write(Buffer.from([0, 0, 0]));
  await Promise.all([once(silent, 'close'), once(half, 'close')].map((closed) => closed));
  const good = await secureClient(context, { sasl: login(PLAIN, 'alice', 'alice-secret') });
  await systemClockSleep(2_200); // and nobody closes a connection that did authenticate
  expect((await good.ask(apis.metadata, { topics: [] })).brokers).toHaveLength(1);
  await good.connection.close();
});

test('settings of SASL that can not be are refused, and no message tells a password', async () => {
  const refused = async (config: Readonly<Record<string, string>>): Promise<string> => {
    const opening = BrokerContext.open({ config: { ...CONFIG, ...config } });
    return opening.then(
      async (context) => {
        await context[Symbol.asyncDispose]();
        return 'opened';
      },
      (error: unknown) => String(error),
    );
  };
  const jaas = 'listener.name.clients.plain.sasl.jaas.config';
  const messages = await Promise.all([
    refused({ [jaas]: 'PlainLoginModule required user_alice="hush"' }),
    refused({ [jaas]: 'PlainLoginModule required user_alice="hush' }),
    refused({ 'sasl.scram.bootstrap.users': 'SCRAM-SHA-1=[name=a,password=hush]' }),
    refused({
      'sasl.scram.bootstrap.users': 'SCRAM-SHA-256=[name=a,iterations=1,password=hush]',
    }),
    refused({ 'listener.name.clients.sasl.enabled.mechanisms': 'GSSAPI' }),
    refused({ 'listener.name.clients.sasl.enabled.mechanisms': '' }),
  ]);
  for (const message of messages) {
    expect(message).not.toBe('opened');
    expect(message).not.toContain('hush');
  }
});

function systemClockSleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test('before authentication no request may be large, and afterwards it may', async () => {
  await using context = await BrokerContext.open({
    config: { ...CONFIG, 'sasl.server.max.receive.size': '200' },
  });
  const stranger = await context.socket();
  const closed = once(stranger, 'close');
  stranger.resume();
  stranger.write(
    encodeRequestFrame(apis.saslHandshake, 1, 1, 'raw', { mechanism: 'x'.repeat(300) }),
  );
  await closed;
  const client = await secureClient(context, { sasl: login(PLAIN, 'alice', 'alice-secret') });
  const topics = Array.from({ length: 50 }, (_, index) => ({ name: `topic-${index}` }));
  const answer = await client.ask(apis.metadata, { topics, allowAutoTopicCreation: false });
  expect(answer.topics).toHaveLength(50);
  await client.connection.close();
});

test('neither the settings shown to clients nor the log repeat a password', async () => {
  const lines: string[] = [];
  const note = (fields: unknown, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: note, info: note, warn: note, error: note, child: () => log };
  await using context = await BrokerContext.open({ config: CONFIG, log });
  const client = await secureClient(context, { sasl: login(PLAIN, 'alice', 'alice-secret') });
  const { results } = await client.ask(apis.describeConfigs, {
    resources: [{ resourceType: 4, resourceName: '1', configurationKeys: null }],
    includeSynonyms: true,
  });
  expect(results[0]?.configs.length).toBeGreaterThan(50);
  await client.connection.close();
  await secureClient(context, { sasl: login(PLAIN, 'bob', 'alice-secret') }).catch(() => undefined);
  for (const text of [JSON.stringify(results), ...lines])
    for (const secret of ['alice-secret', 'ad,min']) expect(text).not.toContain(secret);
  expect(lines.join()).toContain('an authentication failed');
});
