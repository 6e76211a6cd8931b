import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  KafkaClient,
  parseBootstrap,
  TcpTransport,
  type Acl,
  type AclOperation,
  type AclResourceType,
} from '@millrace/kafka-client';
import { until } from './built-cli.ts';
import { RunningWorker } from './running-worker.ts';

/** A log with users and rights, a worker that is its administrator, and connectors that are somebody else. */
const folder = mkdtempSync(join(tmpdir(), 'millrace-overrides-'));
const USERS = { admin: 'admin-secret', writer: 'writer-secret', reader: 'reader-secret' };
const MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const jaas = (user: keyof typeof USERS): string =>
  `${MODULE} required username="${user}" password="${USERS[user]}";`;
const SECURITY = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN' };
const STRINGS = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
};

let broker: RunningWorker;
let worker: RunningWorker;
let admin: KafkaClient;

beforeAll(async () => {
  const users = Object.entries(USERS).map(([name, password]) => `user_${name}="${password}"`);
  broker = await RunningWorker.start(folder, {
    'data.dir': join(folder, 'log'),
    'broker.listeners': 'SASL_PLAINTEXT://127.0.0.1:0',
    'broker.sasl.enabled.mechanisms': 'PLAIN',
    'broker.plain.sasl.jaas.config': `${MODULE} required ${users.join(' ')};`,
    'broker.authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'broker.super.users': 'User:admin',
  });
  const address = broker.logAddress;
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const login = { mechanism: 'PLAIN', username: 'admin', password: USERS.admin } as const;
  admin = new KafkaClient({
    bootstrap: parseBootstrap(address),
    transport: new TcpTransport({ clientId: 'test', sasl: login, ...ports }),
    ...ports,
  });
  const allow = (
    user: string,
    operation: AclOperation,
    resourceType: AclResourceType,
    resourceName: string,
  ): Acl => ({
    principal: `User:${user}`,
    host: '*',
    operation,
    permission: 'allow',
    resourceType,
    resourceName,
    patternType: 'literal',
  });
  await admin.security.createAcls([
    allow('writer', 'write', 'topic', 'allowed'),
    allow('reader', 'read', 'topic', 'allowed'),
    allow('reader', 'read', 'group', 'connect-out'),
    allow('writer', 'read', 'group', 'connect-out'),
    allow('reader', 'read', 'group', 'connect-threaded'),
  ]);
  await admin.admin.createTopics(['allowed', 'forbidden'].map((name) => ({ name, partitions: 1 })));
  writeFileSync(join(folder, 'in.txt'), 'one\ntwo\n');
  worker = await RunningWorker.start(folder, {
    'bootstrap.servers': address,
    'group.id': 'overrides',
    ...SECURITY,
    'sasl.jaas.config': jaas('admin'),
    ...STRINGS,
  });
}, 120_000);

afterAll(async () => {
  await admin[Symbol.asyncDispose]();
  await worker[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Status {
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
}

const taskOf = (name: string, state: string) =>
  until(async () => {
    const { tasks } = (await worker.ask('GET', `/connectors/${name}/status`)) as Status;
    return tasks.find((task) => task.state === state);
  });

const source = (topic: string, overrides: Readonly<Record<string, string>>) => ({
  'connector.class': 'FileStreamSource',
  file: join(folder, 'in.txt'),
  topic,
  'producer.override.max.block.ms': '5000',
  ...overrides,
});

const sink = (
  name: string,
  user: keyof typeof USERS,
  own: Readonly<Record<string, string>> = {},
) => ({
  'connector.class': 'FileStreamSink',
  file: join(folder, `${name}.txt`),
  topics: 'allowed',
  'consumer.override.sasl.jaas.config': jaas(user),
  'task.restart.attempts.max': '0',
  ...own,
});

const hasArrived = (name: string) =>
  until(async () => {
    const text = await readFile(join(folder, `${name}.txt`), 'utf8').catch(() => '');
    return text.startsWith('one\ntwo\n') ? true : undefined;
  });

const writer = { 'producer.override.sasl.jaas.config': jaas('writer') };

test('each connector writes and reads as the user that its overrides name', async () => {
  await worker.ask('PUT', '/connectors/in/config', source('allowed', writer));
  const refused = source('forbidden', { ...writer, 'task.restart.attempts.max': '0' });
  await worker.ask('PUT', '/connectors/refused/config', refused);
  // The writer may write there, not read.
  await worker.ask('PUT', '/connectors/out/config', sink('out', 'writer'));
  expect((await taskOf('out', 'FAILED')).trace).toMatch(/authoriz/i);
  await worker.ask('PUT', '/connectors/out/config', sink('out', 'reader'));
  await hasArrived('out');
  expect((await taskOf('refused', 'FAILED')).trace).toMatch(/authoriz/i);
});

test('a task in a thread of its own does so too', async () => {
  await worker.ask('PUT', '/connectors/in/config', source('allowed', writer));
  const own = { 'tasks.isolation': 'thread' };
  await worker.ask('PUT', '/connectors/threaded/config', sink('threaded', 'reader', own));
  await hasArrived('threaded');
});

test('offsets of a sink are asked for as admin.override says', async () => {
  const config = {
    'connector.class': 'FileStreamSink',
    file: join(folder, 'nothing.txt'),
    topics: 'allowed',
    'admin.override.sasl.jaas.config': jaas('writer'),
  };
  await worker.ask('POST', '/connectors', { name: 'asked', config, initial_state: 'STOPPED' });
  await expect(worker.ask('GET', '/connectors/asked/offsets')).rejects.toThrow(/authoriz/i);
  await worker.ask('DELETE', '/connectors/asked');
});

test('what can not be connected is refused at once; passwords show nowhere', async () => {
  const bad = source('allowed', {
    'producer.override.sasl.mechanism': 'GUESSING',
    'producer.override.ssl.truststore.location': '/no/such/store',
  });
  await expect(worker.ask('PUT', '/connectors/bad/config', bad)).rejects.toThrow(
    'producer.override.sasl.mechanism',
  );
  expect(worker.output).not.toContain('writer-secret');
  expect(worker.output).not.toContain('reader-secret');
  expect(worker.output).not.toMatch(/no effect.*override/);
});
