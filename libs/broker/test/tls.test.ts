import { cp, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keyPairOf, KeyStoreReader } from '@millrace/kafka-client';
import { apis, encodeRequestFrame, ErrorCode } from '@millrace/kafka-protocol';
import { javaKeyStores } from '@millrace/testkit';
import { BrokerContext } from './broker-context.ts';
import { Certificates, login, PLAIN_USERS, secureClient } from './security-fixtures.ts';

let certificates: Certificates;
let ca: string;
let clientTls: { ca: string; cert: string; key: string };
beforeAll(async () => {
  certificates = await Certificates.make();
  ca = await certificates.read('ca.pem');
  const [cert, key] = [
    await certificates.read('client.pem'),
    await certificates.read('client.key'),
  ];
  clientTls = { ca, cert, key };
});
afterAll(async () => {
  await certificates[Symbol.asyncDispose]();
});

function tlsConfig(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    listeners: 'SSL://127.0.0.1:0',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.path('server.all.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.path('ca.pem'),
    'ssl.files.check.interval.ms': '20',
    ...more,
  };
}

async function canTalk(context: BrokerContext, tls: object): Promise<boolean> {
  const client = await secureClient(context, { tls }).catch(() => undefined);
  if (client === undefined) return false;
  const answer = await client.ask(apis.metadata, { topics: [] }).catch(() => undefined);
  await client.connection.close();
  return answer?.brokers.length === 1;
}

test('a TLS listener serves who trusts it, from PEM files, PEM texts on one line, and PKCS12', async () => {
  const oneLine = async (file: string): Promise<string> =>
    (await certificates.read(file)).replaceAll('\n', ' ');
  const inline = {
    'ssl.keystore.location': undefined,
    'ssl.keystore.key': await oneLine('server.key'),
    'ssl.keystore.certificate.chain': await oneLine('server.pem'),
  };
  const pkcs12 = {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': await certificates.pkcs12('server', 'store-password'),
    'ssl.keystore.password': 'store-password',
  };
  for (const more of [{}, inline, pkcs12]) {
    const config = Object.fromEntries(
      Object.entries({ ...tlsConfig(), ...more }).filter((entry) => entry[1] !== undefined),
    ) as Record<string, string>;
    await using context = await BrokerContext.open({ config });
    expect(await canTalk(context, { ca })).toBe(true);
    expect(await canTalk(context, {})).toBe(false);
  }
});

test('with client authentication required only certificates of the trust store get in', async () => {
  await using strangers = await Certificates.make();
  const strange = {
    ca,
    cert: await strangers.read('client.pem'),
    key: await strangers.read('client.key'),
  };
  for (const [mode, withoutOne] of [
    ['required', false],
    ['requested', true],
    ['none', true],
  ] as const) {
    await using context = await BrokerContext.open({
      config: tlsConfig({ 'ssl.client.auth': mode }),
    });
    expect([mode, await canTalk(context, clientTls)]).toEqual([mode, true]);
    expect([mode, await canTalk(context, { ca })]).toEqual([mode, withoutOne]);
    expect([mode, await canTalk(context, strange)]).toEqual([mode, mode === 'none']);
  }
});

test('the authority in a PKCS12 key store vouches for no clients', async () => {
  await using others = await Certificates.make();
  await using context = await BrokerContext.open({
    config: tlsConfig({
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': await certificates.pkcs12('server', 'pw'),
      'ssl.keystore.password': 'pw',
      'ssl.truststore.location': others.path('ca.pem'),
      'ssl.client.auth': 'required',
    }),
  });
  expect(await canTalk(context, clientTls)).toBe(false);
  const cert = await others.read('client.pem');
  const key = await others.read('client.key');
  expect(await canTalk(context, { ca, cert, key })).toBe(true);
});

test('versions and ciphers that are not enabled are refused', async () => {
  await using context = await BrokerContext.open({
    config: tlsConfig({
      'ssl.enabled.protocols': 'TLSv1.2',
      'ssl.cipher.suites': 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    }),
  });
  expect(await canTalk(context, { ca, minVersion: 'TLSv1.3' })).toBe(false);
  expect(
    await canTalk(context, { ca, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }),
  ).toBe(false);
  expect(await canTalk(context, { ca })).toBe(true);
});

test('new certificates are used without a restart, and broken ones are not', async () => {
  await using own = await Certificates.make();
  const before = await own.read('server.all.pem');
  await using context = await BrokerContext.open({
    config: tlsConfig({ 'ssl.keystore.location': own.path('server.all.pem') }),
  });
  const trusted = { ca: await own.read('ca.pem') };
  const serial = async (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: context.port, ...trusted }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const first = await serial();
  await writeFile(own.path('server.all.pem'), 'no certificate');
  await own.issue('other', '/CN=localhost', 'subjectAltName=IP:127.0.0.1');
  expect(await serial()).toBe(first);
  await writeFile(own.path('server.all.pem'), await own.read('other.all.pem'));
  let now = await serial();
  while (now === first) now = await serial();
  expect(now).not.toBe(first);
  expect(before).not.toBe('');
});

test('a plain client on a TLS listener is closed, and others go on', async () => {
  await using context = await BrokerContext.open({ config: tlsConfig() });
  const socket = await context.socket();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  socket.write(encodeRequestFrame(apis.apiVersions, 0, 1, 'raw', {}));
  await closed;
  expect(await canTalk(context, { ca })).toBe(true);
});

test('several listeners of different kinds tell each client the address of its own', async () => {
  await using context = await BrokerContext.open({
    config: {
      ...tlsConfig(),
      listeners: 'PLAINTEXT://127.0.0.1:0,OUTSIDE://127.0.0.1:0,SSL://127.0.0.1:0',
      'advertised.listeners': 'PLAINTEXT://127.0.0.1:0,OUTSIDE://localhost:7777',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,OUTSIDE:SASL_SSL,SSL:SSL',
      'listener.name.outside.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.outside.plain.sasl.jaas.config': PLAIN_USERS,
    },
  });
  const [plain, outside, ssl] = context.broker.addresses;
  const sasl = login('PLAIN', 'alice', 'alice-secret');
  const told = async (options: Parameters<typeof secureClient>[1]): Promise<unknown> => {
    const client = await secureClient(context, options);
    const { brokers } = await client.ask(apis.metadata, { topics: [] });
    await client.connection.close();
    return brokers.map(({ host, port }) => `${host}:${port}`);
  };
  expect(await told({ listener: 0 })).toEqual([`127.0.0.1:${plain?.port}`]);
  expect(await told({ listener: 1, tls: { ca }, sasl })).toEqual(['localhost:7777']);
  expect(outside?.port).not.toBe(7777);
  expect(await told({ listener: 2, tls: { ca } })).toEqual([`127.0.0.1:${ssl?.port}`]);
});

test.each([
  ['jks', 'jksTrust', javaKeyStores.keyPassword],
  ['pkcs12', 'pkcs12Trust', undefined],
  ['legacyPkcs12', 'jksTrust', undefined],
] as const)(
  'Java’s key store %s and trust store %s serve mutual TLS',
  async (key, trust, password) => {
    const { storePassword, trustPassword } = javaKeyStores;
    await using own = await Certificates.make();
    await writeFile(own.path('key.store'), javaKeyStores[key]);
    await writeFile(own.path('trust.store'), javaKeyStores[trust]);
    await using context = await BrokerContext.open({
      config: {
        listeners: 'SSL://127.0.0.1:0',
        'ssl.keystore.location': own.path('key.store'),
        'ssl.keystore.password': storePassword,
        'ssl.truststore.location': own.path('trust.store'),
        'ssl.truststore.password': trustPassword,
        'ssl.client.auth': 'required',
        ...(password === undefined ? {} : { 'ssl.key.password': password }),
      },
    });
    const store = new KeyStoreReader().read(
      javaKeyStores.pkcs12,
      { store: storePassword },
      { password: '', keyPassword: '' },
    );
    const pair = 'problem' in store ? undefined : keyPairOf(store);
    expect(await canTalk(context, { ca: pair?.cert, ...pair })).toBe(true);
    expect(await canTalk(context, { ca: pair?.cert })).toBe(false);
    expect(await canTalk(context, { ...clientTls, ca: pair?.cert })).toBe(false);
  },
);

test('a running broker takes another Java key store, and refuses one whose password is wrong', async () => {
  await using own = await Certificates.make();
  const [before, after] = [own.path('before.p12'), own.path('after.jks')];
  await writeFile(after, javaKeyStores.jks);
  await cp(await own.pkcs12('server', 'pw'), before);
  await using context = await BrokerContext.open({
    config: {
      listeners: 'SSL://127.0.0.1:0',
      'ssl.keystore.location': before,
      'ssl.keystore.password': 'pw',
    },
  });
  const admin = await context.client('in-process');
  const set = async (settings: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const configs = Object.entries(settings).map(([name, value]) => ({
      ...{ name: `listener.name.ssl.${name}`, configOperation: 0, value },
    }));
    const { responses } = await admin.ask(apis.incrementalAlterConfigs, {
      resources: [{ resourceType: 4, resourceName: '1', configs }],
    });
    return [responses[0]?.errorCode, responses[0]?.errorMessage];
  };
  const serverName = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: context.port, rejectUnauthorized: false };
      const socket = connect(options, () => {
        resolve(String(socket.getPeerCertificate().subject.O));
        socket.destroy();
      });
      socket.on('error', reject);
    });
  expect(await serverName()).toBe('undefined');
  expect(await set({ 'ssl.keystore.location': after })).toEqual([
    ErrorCode.INVALID_REQUEST,
    expect.stringContaining('ssl.keystore.password is not its password'),
  ]);
  expect(await serverName()).toBe('undefined');
  const { storePassword, keyPassword } = javaKeyStores;
  expect(
    await set({
      'ssl.keystore.location': after,
      'ssl.keystore.password': storePassword,
      'ssl.key.password': keyPassword,
    }),
  ).toEqual([ErrorCode.NONE, null]);
  expect(await serverName()).toBe('Throw away');
});

test('a TLS handshake that does not come is given up', async () => {
  await using context = await BrokerContext.open({
    config: tlsConfig({ 'connection.authentication.timeout.ms': '100' }),
  });
  const socket = await context.socket();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  await closed;
});

test.each([
  [{ 'ssl.keystore.location': '/nowhere.pem' }, /there is no file "\/nowhere.pem"/],
  [{ 'ssl.keystore.type': 'PKCS12' }, /TLS of listener "SSL"/],
  [{ 'ssl.enabled.protocols': 'SSLv3' }, /ssl.enabled.protocols/],
  [{ 'ssl.cipher.suites': 'TLS_NOTHING' }, /cipher suite "TLS_NOTHING"/],
  [{ 'ssl.principal.mapping.rules': 'RULE:(/x/' }, /ssl.principal.mapping.rules/],
])('settings of TLS that can not be are refused: %o', async (more, message) => {
  const opening = BrokerContext.open({ config: tlsConfig(more) });
  await expect(opening).rejects.toThrow(message);
});

test('a running broker takes another certificate by IncrementalAlterConfigs, and refuses one that is none', async () => {
  await using own = await Certificates.make();
  await own.issue('second', '/CN=localhost', 'subjectAltName=IP:127.0.0.1');
  await using context = await BrokerContext.open({
    config: tlsConfig({
      'ssl.keystore.location': own.path('server.all.pem'),
      'ssl.files.check.interval.ms': '60000',
    }),
  });
  const admin = await context.client('in-process');
  const set = async (name: string, value: string): Promise<number | undefined> => {
    const { responses } = await admin.ask(apis.incrementalAlterConfigs, {
      resources: [
        {
          resourceType: 4,
          resourceName: String(context.broker.nodeId),
          configs: [{ name, configOperation: 0, value }],
        },
      ],
    });
    return responses[0]?.errorCode;
  };
  const trusted = { ca: await own.read('ca.pem') };
  const serial = async (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: context.port, ...trusted }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const first = await serial();
  const key = 'listener.name.ssl.ssl.keystore.location';
  expect(await set(key, '/nowhere.pem')).toBe(ErrorCode.INVALID_REQUEST);
  expect(await serial()).toBe(first);
  expect(await set(key, own.path('second.all.pem'))).toBe(ErrorCode.NONE);
  const second = await serial();
  expect(second).not.toBe(first);
  await context.restart();
  expect(await serial()).toBe(second);
});
