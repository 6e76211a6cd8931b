import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import type { SecurityImage } from '../src/metadata/security-image.ts';
import {
  applySecurity,
  EMPTY_SECURITY,
  recordsOfSecurity,
} from '../src/metadata/security-image.ts';
import { ConnectionLimits } from '../src/network/connection-limits.ts';
import { ClientQuotas } from '../src/quotas/client-quotas.ts';
import { QuotaTable } from '../src/quotas/quota-table.ts';
import { RateSensor } from '../src/quotas/rate-sensor.ts';
import { TokenBucket } from '../src/quotas/token-bucket.ts';
import { batchOf, BrokerContext, type RawClient } from './broker-context.ts';
import { login, PLAIN_USERS, secureClient } from './security-fixtures.ts';

const WINDOWS = { count: 11, sizeMs: 1000 };
type Entity = Readonly<Record<string, string | null>>;

function entityOf(entity: Entity): { entityType: string; entityName: string | null }[] {
  return Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));
}

function imageOf(quotas: readonly (readonly [Entity, string, number])[]): SecurityImage {
  return applySecurity(
    EMPTY_SECURITY,
    quotas.map(([entity, key, value]) => ({
      kind: 'client-quota',
      entity: entityOf(entity),
      key,
      value,
      remove: false,
    })),
  );
}

async function setQuota(
  client: RawClient,
  entity: Entity,
  quotas: Readonly<Record<string, number | null>>,
): Promise<number> {
  const ops = Object.entries(quotas).map(([key, value]) => ({
    key,
    value: value ?? 0,
    remove: value === null,
  }));
  const { entries } = await client.ask(apis.alterClientQuotas, {
    entries: [{ entity: entityOf(entity), ops }],
  });
  return entries[0]?.errorCode ?? -1;
}

test('a rate is measured over all windows but one at the least, and the wait brings it down to the bound', () => {
  const sensor = new RateSensor(WINDOWS);
  sensor.record(10_000, 0);
  expect(sensor.rate(0)).toBe(1000);
  expect(sensor.throttleMs(1000, 0)).toBe(0);
  sensor.record(10_000, 100);
  // 20,000 in 10 s is twice the bound: it takes 10 s more to be on it.
  const waitMs = sensor.throttleMs(1000, 100);
  expect(waitMs).toBeGreaterThan(9_800);
  expect(waitMs).toBeLessThan(10_100);
  expect(sensor.throttleMs(1000, 12_000)).toBe(0);
  expect(sensor.rate(60_000)).toBe(0);
});

test('a bucket lets a burst pass and asks for the time that it took too much', () => {
  const bucket = new TokenBucket(WINDOWS);
  expect(bucket.throttleMs(2, 0)).toBe(0);
  bucket.take(22, 2, 0);
  expect(bucket.throttleMs(2, 0)).toBe(0);
  bucket.take(10, 2, 0);
  expect(bucket.throttleMs(2, 0)).toBe(5000);
  expect(bucket.throttleMs(2, 4000)).toBe(1000);
  bucket.take(-10, 2, 4000);
  expect(bucket.throttleMs(2, 4000)).toBe(0);
});

test('the most particular quota decides, in Kafka’s order, and each key for itself', () => {
  const key = 'producer_byte_rate';
  const levels: readonly Entity[] = [
    { user: 'u', 'client-id': 'c' },
    { user: 'u', 'client-id': null },
    { user: 'u' },
    { user: null, 'client-id': 'c' },
    { user: null, 'client-id': null },
    { user: null },
    { 'client-id': 'c' },
    { 'client-id': null },
  ];
  for (let first = 0; first < levels.length; first += 1) {
    const present = levels.map((entity, index) => [entity, key, index + 1] as const).slice(first);
    const image = imageOf([
      ...present,
      [{ user: 'u', 'client-id': 'c' }, 'request_percentage', 99],
    ]);
    const table = new QuotaTable(() => image);
    expect(table.find(key, 'u', 'c')?.bound).toBe(first + 1);
    expect(table.find('consumer_byte_rate', 'u', 'c')).toBeUndefined();
  }
  const shared = new QuotaTable(() => imageOf([[{ user: 'u' }, key, 1]]));
  expect(shared.find(key, 'u', 'a')?.sensor).toBe(shared.find(key, 'u', 'b')?.sensor);
  const apart = new QuotaTable(() => imageOf([[{ user: null, 'client-id': null }, key, 1]]));
  expect(apart.find(key, 'u', 'a')?.sensor).not.toBe(apart.find(key, 'u', 'b')?.sensor);
  expect(apart.find(key, 'u', 'a')?.sensor).not.toBe(apart.find(key, 'v', 'a')?.sensor);
});

test('however many client ids come, the measurements are bounded', () => {
  const image = imageOf([[{ 'client-id': null }, 'producer_byte_rate', 1]]);
  const quotas = new ClientQuotas({
    image: () => image,
    windows: WINDOWS,
    controllerWindows: WINDOWS,
    nowMs: () => 1,
  });
  for (let index = 0; index < 12_000; index += 1)
    quotas.record('producer_byte_rate', { user: 'u', clientId: `c${index}` }, 1);
  expect(quotas.figures()[0]?.sensors).toBeLessThanOrEqual(10_000);
});

test('quotas survive the way into records and back', () => {
  const image = imageOf([
    [{ user: 'u', 'client-id': null }, 'producer_byte_rate', 1],
    [{ 'client-id': null, user: 'u' }, 'consumer_byte_rate', 2.5],
    [{ ip: '1.2.3.4' }, 'connection_creation_rate', 3],
  ]);
  expect(image.clientQuotas.size).toBe(2);
  expect(applySecurity(EMPTY_SECURITY, recordsOfSecurity(image))).toEqual(image);
});

test('a producer above its quota is told to wait, and its connection is not read for that long', async () => {
  await using context = await BrokerContext.open({ config: { 'quota.window.num': '2' } });
  const admin = await context.client('in-process');
  await admin.createTopic('slow');
  expect(await setQuota(admin, { 'client-id': 'test' }, { producer_byte_rate: 1000 })).toBe(0);
  const client = await context.client('tcp');
  const records = batchOf(['x'.repeat(1500)]);
  const produce = () =>
    client.ask(
      apis.produce,
      { acks: -1, topicData: [{ name: 'slow', partitionData: [{ index: 0, records }] }] },
      12,
    );
  const first = await produce();
  expect(first.responses[0]?.partitionResponses[0]?.errorCode).toBe(ErrorCode.NONE);
  expect(first.throttleTimeMs).toBeGreaterThan(300);
  const beganMs = performance.now();
  await client.ask(apis.apiVersions, { clientSoftwareName: 'a', clientSoftwareVersion: '1' });
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(first.throttleTimeMs - 50);
  // Others are not held up, and in process there are no quotas.
  const inside = await admin.ask(
    apis.produce,
    { acks: -1, topicData: [{ name: 'slow', partitionData: [{ index: 0, records }] }] },
    12,
  );
  expect(inside.throttleTimeMs).toBe(0);
  expect(await setQuota(admin, { 'client-id': 'test' }, { producer_byte_rate: null })).toBe(0);
  expect((await produce()).throttleTimeMs).toBe(0);
});

test('a consumer above its quota gets an empty answer with the time to wait, and loses nothing', async () => {
  await using context = await BrokerContext.open({ config: { 'quota.window.num': '2' } });
  const admin = await context.client('in-process');
  await admin.createTopic('read');
  for (let index = 0; index < 4; index += 1)
    await admin.produce('read', batchOf(['y'.repeat(1000)]));
  await setQuota(admin, { user: null }, { consumer_byte_rate: 1500 });
  const client = await context.client('tcp');
  const fetch = (offset: number) =>
    client.ask(
      apis.fetch,
      {
        maxWaitMs: 0,
        minBytes: 1,
        topics: [
          {
            topic: 'read',
            topicId: '',
            partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1 << 20 }],
          },
        ],
      },
      12,
    );
  // Trimmed to what the window can hold: one batch, not four.
  const first = await fetch(0);
  const firstBytes = first.responses[0]?.partitions[0]?.records?.byteLength ?? 0;
  expect(firstBytes).toBeGreaterThan(1000);
  expect(firstBytes).toBeLessThan(1500);
  const second = await fetch(1);
  expect(second.throttleTimeMs).toBeGreaterThan(0);
  expect(second.responses).toEqual([]);
  const third = await fetch(1);
  expect(third.responses[0]?.partitions[0]?.records?.byteLength).toBeGreaterThan(1000);
});

test('changes of topics beyond the quota are refused to new clients and slow old ones down', async () => {
  await using context = await BrokerContext.open({
    config: { 'controller.quota.window.num': '1' },
  });
  const admin = await context.client('in-process');
  await setQuota(admin, { 'client-id': null }, { controller_mutation_rate: 2 });
  const client = await context.client('tcp');
  const create = (name: string, version?: number) =>
    client.ask(apis.createTopics, { topics: [{ name, numPartitions: 3 }] }, version);
  const first = await create('a');
  expect([first.topics[0]?.errorCode, first.throttleTimeMs > 0]).toEqual([ErrorCode.NONE, true]);
  const other = await context.client('tcp');
  const refused = await other.ask(apis.createTopics, { topics: [{ name: 'b', numPartitions: 3 }] });
  expect(refused.topics).toMatchObject([
    { name: 'b', errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED },
  ]);
  expect(refused.throttleTimeMs).toBeGreaterThan(0);
  const third = await context.client('tcp');
  const partitions = await third.ask(apis.createPartitions, { topics: [{ name: 'a', count: 5 }] });
  expect(partitions.results).toMatchObject([{ errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED }]);
  const fourth = await context.client('tcp');
  const deleted = await fourth.ask(apis.deleteTopics, { topics: [{ name: 'a' }] });
  expect(deleted.responses).toMatchObject([
    { name: 'a', errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED },
  ]);
  const old = await context.client('tcp');
  const made = await old.ask(
    apis.createTopics,
    { topics: [{ name: 'c', numPartitions: 1, replicationFactor: 1 }] },
    4,
  );
  expect(made.topics[0]?.errorCode).toBe(ErrorCode.NONE);
  expect(made.throttleTimeMs).toBeGreaterThan(0);
});

test('a share of the time is a quota too', async () => {
  await using context = await BrokerContext.open();
  const admin = await context.client('in-process');
  await setQuota(admin, { 'client-id': 'test' }, { request_percentage: 0.0001 });
  const client = await context.client('tcp');
  await client.ask(apis.metadata, { topics: null });
  const { throttleTimeMs } = await client.ask(apis.metadata, { topics: null });
  expect(throttleTimeMs).toBeGreaterThan(0);
  expect(throttleTimeMs).toBeLessThanOrEqual(1000);
});

test('the user of a quota is who authenticated', async () => {
  await using context = await BrokerContext.open({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'PLAIN',
      'plain.sasl.jaas.config': PLAIN_USERS,
    },
  });
  const admin = await context.client('in-process');
  await admin.createTopic('users');
  await setQuota(admin, { user: 'alice' }, { producer_byte_rate: 1 });
  const throttleOf = async (name: string, password: string): Promise<number> => {
    const client = await secureClient(context, { sasl: login('PLAIN', name, password) });
    const partitionData = [{ index: 0, records: batchOf(['v']) }];
    const { throttleTimeMs } = await client.ask(
      apis.produce,
      { acks: -1, topicData: [{ name: 'users', partitionData }] },
      12,
    );
    await client.connection.close();
    return throttleTimeMs;
  };
  expect(await throttleOf('alice', 'alice-secret')).toBeGreaterThan(0);
  expect(await throttleOf('bob', 'bob;s "secret"')).toBe(0);
});

test('quotas are altered, described by exact, default and any match, and kept', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('in-process');
  expect(
    await setQuota(client, { user: 'a' }, { producer_byte_rate: 10, request_percentage: 1.5 }),
  ).toBe(0);
  expect(await setQuota(client, { user: null }, { consumer_byte_rate: 20 })).toBe(0);
  expect(
    await setQuota(client, { user: 'a', 'client-id': 'c' }, { controller_mutation_rate: 0.5 }),
  ).toBe(0);
  expect(await setQuota(client, { ip: null }, { connection_creation_rate: 30 })).toBe(0);
  const invalid = ErrorCode.INVALID_REQUEST;
  const bad: readonly (readonly [Entity, Readonly<Record<string, number>>])[] = [
    [{}, { producer_byte_rate: 1 }],
    [{ user: 'a' }, { producer_byte_rate: 0 }],
    [{ user: 'a' }, { producer_byte_rate: 1.5 }],
    [{ user: 'a' }, { connection_creation_rate: 1 }],
    [{ ip: '1.2.3.4' }, { producer_byte_rate: 1 }],
    [{ ip: '1.2.3.4', user: 'a' }, { connection_creation_rate: 1 }],
    [{ ip: 'no host!' }, { connection_creation_rate: 1 }],
    [{ group: 'a' }, { producer_byte_rate: 1 }],
    [{ user: 'a' }, { unknown: 1 }],
  ];
  for (const [entity, quotas] of bad) expect(await setQuota(client, entity, quotas)).toBe(invalid);
  const components = [{ entityType: 'group', matchType: 0, match: 'a' }];
  const unknown = { components, strict: false };
  expect((await client.ask(apis.describeClientQuotas, unknown)).errorCode).toBe(
    ErrorCode.UNSUPPORTED_VERSION,
  );
  await context.restart();
  const after = await context.client('tcp');
  const describe = async (components: object[], strict: boolean): Promise<unknown> => {
    const { entries } = await after.ask(apis.describeClientQuotas, {
      components: components as { entityType: string; matchType: number; match?: string | null }[],
      strict,
    });
    return (entries ?? [])
      .map(({ entity, values }) => [
        entity
          .map(({ entityType, entityName }) => `${entityType}=${entityName ?? 'default'}`)
          .sort()
          .join(),
        Object.fromEntries(values.map(({ key, value }) => [key, value])),
      ])
      .sort();
  };
  const ofUser = [{ entityType: 'user', matchType: 0, match: 'a' }];
  expect(await describe(ofUser, true)).toEqual([
    ['user=a', { producer_byte_rate: 10, request_percentage: 1.5 }],
  ]);
  expect(await describe(ofUser, false)).toHaveLength(2);
  expect(await describe([{ entityType: 'user', matchType: 1 }], true)).toEqual([
    ['user=default', { consumer_byte_rate: 20 }],
  ]);
  expect(await describe([{ entityType: 'user', matchType: 2 }], true)).toHaveLength(2);
  expect(await describe([], false)).toHaveLength(4);
  expect(await describe([{ entityType: 'ip', matchType: 1 }], true)).toEqual([
    ['ip=default', { connection_creation_rate: 30 }],
  ]);
});

test('connections are bounded in number, by address and by listener, and in how fast they come', () => {
  let nowMs = 0;
  const limits = new ConnectionLimits({
    bounds: () => ({
      connectionsMax: 5,
      perIpMax: 2,
      perIpOverrides: new Map([['10.0.0.9', 4]]),
      ratePerSecond: 1_000_000,
    }),
    windows: { count: 2, sizeMs: 1000 },
    ipRate: (ip) => (ip === '10.0.0.3' ? 1 : undefined),
    nowMs: () => nowMs,
  });
  const listener = { connectionsMax: 100, ratePerSecond: 1_000_000 };
  const admit = (ip: string, of = listener): string | (() => void) => {
    const admission = limits.admit(ip, 'L', of);
    return admission.kind === 'admitted' ? admission.leave : admission.reason;
  };
  const [first] = [admit('10.0.0.1'), admit('10.0.0.1')];
  expect(admit('10.0.0.1')).toBe('max.connections.per.ip');
  if (typeof first === 'function') first();
  expect(admit('10.0.0.1')).toBeInstanceOf(Function);
  expect(admit('10.0.0.3')).toBeInstanceOf(Function);
  expect(admit('10.0.0.3')).toBe('connection_creation_rate');
  nowMs = 5000;
  expect(admit('10.0.0.3', { ...listener, connectionsMax: 3 })).toBe('max.connections');
  expect(admit('10.0.0.3')).toBeInstanceOf(Function);
  expect(admit('10.0.0.9')).toBeInstanceOf(Function);
  expect(admit('10.0.0.9')).toBe('max.connections');
});

test('an address with too many connections is closed, and the broker counts it', async () => {
  await using context = await BrokerContext.open({ config: { 'max.connections.per.ip': '1' } });
  const client = await context.client('tcp');
  const second = await context.socket();
  second.resume();
  await once(second, 'close');
  expect((await client.ask(apis.metadata, { topics: [] })).brokers).toHaveLength(1);
  const refused = context.broker
    .metrics()
    .find(({ name }) => name.endsWith('connections_refused_total'));
  expect(refused?.samples[0]?.value).toBe(1);
});
