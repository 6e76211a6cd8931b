import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { TcpTransport, type Connection, type SaslOptions } from '@millrace/kafka-client';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { BrokerContext, RawClient } from './broker-context.ts';

const BROKER = 4;
const FIRST = 'PLAINTEXT://127.0.0.1:0';
type Settings = Readonly<Record<string, string | null>>;

test('a listener is opened and closed while the broker runs, and is there after a restart', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  expect(
    await change(client, {
      listeners: `${FIRST},EXT://127.0.0.1:0`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,EXT:PLAINTEXT',
    }),
  ).toEqual([0, null]);
  const [first, second] = portsOf(context);
  expect([first, second]).toEqual([context.port, expect.any(Number)]);
  const guest = await clientAt(second);
  // Each client is told of the listener that it came by.
  expect(await toldPort(guest)).toBe(second);
  expect(await toldPort(client)).toBe(first);
  expect(await shown(client, 'listeners')).toEqual([`${FIRST},EXT://127.0.0.1:0`, false, 2]);

  await context.restart();
  const [, later] = portsOf(context);
  const again = await clientAt(later);
  expect(await toldPort(again)).toBe(later);
  const after = await context.client('tcp');
  expect(await change(after, { listeners: null })).toEqual([0, null]);
  expect(portsOf(context)).toHaveLength(1);
  await expect(clientAt(later)).rejects.toThrow();
  await expect(toldPort(again)).rejects.toThrow(); // it was let go
  expect(await toldPort(after)).toBe(context.port);
  await Promise.all([guest, again].map(({ connection }) => connection.close()));
});

test('listeners that can not be are refused, with nothing changed', async () => {
  await using context = await BrokerContext.open({
    config: {
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,EXT:PLAINTEXT,S:SASL_PLAINTEXT',
    },
  });
  const client = await context.client('tcp');
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const taken = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const bad: readonly (readonly [Settings, RegExp])[] = [
    [{ listeners: `${FIRST},EXT://127.0.0.1:${taken}` }, /can't listen/],
    [{ listeners: `${FIRST},NONE://127.0.0.1:0` }, /NONE/],
    [{ listeners: `${FIRST},EXT://0.0.0.0:0` }, /EXT/],
    [{ listeners: `${FIRST},S://127.0.0.1:0` }, /sasl/],
    [{ listeners: `${FIRST},PLAINTEXT://127.0.0.1:0` }, /different names/],
    [{ listeners: '' }, /at least one/],
    [{ listeners: 'no address' }, /NAME:/],
    [{ 'listener.security.protocol.map': 'PLAINTEXT:SSL' }, /protocol of listener PLAINTEXT/],
  ];
  for (const [settings, reason] of bad) {
    for (const validateOnly of [true, false]) {
      // Whether an address can be had is only seen by taking it.
      if (validateOnly && /can't listen|sasl/.test(reason.source)) continue;
      const answer = await change(client, settings, validateOnly);
      expect(answer).toEqual([ErrorCode.INVALID_REQUEST, expect.stringMatching(reason)]);
    }
    expect(portsOf(context)).toEqual([context.port]);
    expect(await shown(client, 'listeners')).toEqual([FIRST, false, 4]);
  }
  expect(await change(client, { listeners: `${FIRST},EXT://127.0.0.1:0` }, true)).toEqual([
    0,
    null,
  ]);
  expect(portsOf(context)).toHaveLength(1);
  other.close();
});

test('who comes by a listener that was opened while running has to show who he is', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  expect(
    await change(client, {
      listeners: `${FIRST},IN://127.0.0.1:0`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,IN:SASL_PLAINTEXT',
      'listener.name.in.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.in.plain.sasl.jaas.config':
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_ann="secret";',
    }),
  ).toEqual([0, null]);
  const [, port = 0] = portsOf(context);
  const sasl = (password: string): SaslOptions => ({
    mechanism: 'PLAIN',
    username: 'ann',
    password,
  });
  const ann = await clientAt(port, sasl('secret'));
  expect(await toldPort(ann)).toBe(port);
  await expect(clientAt(port, sasl('guess'))).rejects.toThrow();
  const nobody = await clientAt(port);
  await expect(toldPort(nobody)).rejects.toThrow();
  await Promise.all([ann, nobody].map(({ connection }) => connection.close()));
});

test('a listener moves to another port, and those that are closed leave nothing open', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('in-process');
  const ports = new Set<number>();
  for (let round = 0; round < 5; round += 1) {
    let free: number;
    let answer: readonly unknown[];
    do {
      free = await freePort(); // until another process takes it
      answer = await change(client, { listeners: `PLAINTEXT://127.0.0.1:${free}` });
    } while (/can't listen/.test(String(answer[1])));
    expect(answer).toEqual([0, null]);
    expect(portsOf(context)).toEqual([free]);
    ports.add(free);
    const reader = await clientAt(free);
    expect(await toldPort(reader)).toBe(free);
    await reader.connection.close();
  }
  const [last] = portsOf(context);
  for (const port of ports) if (port !== last) await expect(clientAt(port)).rejects.toThrow();
});

test('a broker starts with the listeners of its configuration when those that were set later can not be opened', async () => {
  await using context = await BrokerContext.open({
    config: { 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,EXT:PLAINTEXT' },
  });
  const client = await context.client('tcp');
  expect(await change(client, { listeners: `${FIRST},EXT://127.0.0.1:0` })).toEqual([0, null]);
  const [, port = 0] = portsOf(context);
  expect(await change(client, { listeners: `${FIRST},EXT://127.0.0.1:${port}` })).toEqual([
    0,
    null,
  ]);
  await using killed = await context.openAfterKill(); // while the first one has the port
  expect(portsOf(killed)).toHaveLength(1);
  expect(await toldPort(await killed.client('tcp'))).toBe(killed.port);
});

async function change(
  client: RawClient,
  settings: Settings,
  validateOnly = false,
): Promise<readonly unknown[]> {
  const configs = Object.entries(settings).map(([name, value]) => ({
    ...{ name, value, configOperation: value === null ? 1 : 0 },
  }));
  const resources = [{ resourceType: BROKER, resourceName: '1', configs }];
  const { responses } = await client.ask(apis.incrementalAlterConfigs, { resources, validateOnly });
  return [responses[0]?.errorCode, responses[0]?.errorMessage];
}

async function shown(client: RawClient, key: string): Promise<readonly unknown[]> {
  const resource = { resourceType: BROKER, resourceName: '1', configurationKeys: [key] };
  const { results } = await client.ask(apis.describeConfigs, { resources: [resource] });
  const [config] = results[0]?.configs ?? [];
  return [config?.value, config?.readOnly, config?.configSource];
}

function portsOf({ broker }: BrokerContext): readonly number[] {
  return broker.addresses.map(({ port }) => port);
}

async function clientAt(port = 0, sasl?: SaslOptions): Promise<RawClient> {
  const transport = new TcpTransport({
    ...{ clientId: 'test', clock: systemClock, random: systemRandom, log: silentLogger },
    ...(sasl === undefined ? {} : { sasl }),
  });
  const connection: Connection = await transport.connect(
    { host: '127.0.0.1', port },
    new AbortController().signal,
  );
  return new RawClient(connection);
}

async function toldPort(client: RawClient): Promise<number | undefined> {
  return (await client.ask(apis.metadata, { topics: [] })).brokers[0]?.port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
