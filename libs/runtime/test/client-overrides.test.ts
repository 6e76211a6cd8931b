import { expect, test } from '@jest/globals';
import {
  consumerOptions,
  overrideProblems,
  producerOptions,
  unusedOverrides,
  unusedWorkerKeys,
  workerKeyProblems,
} from '../src/config/client-overrides.ts';
import { resolveWorkerSettings } from '../src/config/worker-fields.ts';
import { BrokerBed } from './broker-bed.ts';
import { collectorConfig, create, numbersConfig, until } from './harness.ts';

const worker = (raw: Readonly<Record<string, string>> = {}) => resolveWorkerSettings(raw, false);

test("Kafka's keys become our client's options; the connector's win over the worker's", () => {
  const settings = worker({
    'consumer.max.poll.records': '100',
    'consumer.client.rack': 'a',
    'producer.linger.ms': '7',
    'producer.compression.type': 'gzip',
  });
  expect(
    consumerOptions(settings, {
      'consumer.override.client.rack': 'b',
      'consumer.override.group.protocol': 'CONSUMER',
      'consumer.override.group.remote.assignor': 'range',
      'consumer.override.auto.offset.reset': 'by_duration:PT1H',
      'consumer.override.isolation.level': 'read_committed',
      'consumer.override.partition.assignment.strategy':
        'org.apache.kafka.clients.consumer.CooperativeStickyAssignor,org.apache.kafka.clients.consumer.StickyAssignor',
    }),
  ).toEqual({
    maxPollRecords: 100,
    fetchMaxWaitMs: 2_000,
    rackId: 'b',
    groupProtocol: 'consumer',
    remoteAssignor: 'range',
    autoOffsetReset: 'by_duration:PT1H',
    isolationLevel: 'read_committed',
    assignors: ['cooperative-sticky', 'sticky'],
  });
  const producer = producerOptions(settings, {
    'producer.override.compression.gzip.level': '3',
    'producer.override.compression.zstd.level': '19',
    'producer.override.transaction.timeout.ms': '900000',
  });
  expect(producer).toMatchObject({
    lingerMs: 7,
    compression: 'gzip',
    compressionLevel: 3,
    transactionTimeoutMs: 900_000,
    acks: 'all',
    enableIdempotence: true,
  });
  expect(producerOptions(settings, { 'producer.override.acks': '1' })).toMatchObject({
    acks: 1,
    enableIdempotence: false,
  });
});

test('what our clients lack is named, with the nearest that they have; saying the connection again is no fault', () => {
  const own = { 'security.protocol': 'SASL_SSL' };
  expect(
    unusedOverrides(
      {
        'producer.override.linger.sm': '5',
        'producer.override.interceptor.classes': 'x.Y',
        'producer.override.security.protocol': 'SASL_SSL',
        'consumer.override.sasl.mechanism': 'PLAIN',
        'admin.override.retries': '5',
      },
      own,
    ),
  ).toEqual([
    { key: 'producer.override.linger.sm', nearest: 'producer.override.linger.ms' },
    { key: 'producer.override.interceptor.classes', nearest: undefined },
    { key: 'admin.override.retries', nearest: undefined },
  ]);
  expect(unusedWorkerKeys({ ...own, 'producer.security.protocol': 'SASL_SSL' })).toEqual([]);
  expect(unusedWorkerKeys({ 'consumer.fetch.min.byte': '1' })).toEqual([
    { key: 'consumer.fetch.min.byte', nearest: 'consumer.fetch.min.bytes' },
  ]);
});

test('values that can not be read are refused under the key that holds them', () => {
  const problems = overrideProblems(
    {
      'producer.override.acks': '2',
      'producer.override.linger.ms': 'soon',
      'consumer.override.auto.offset.reset': 'by_duration:1h',
      'consumer.override.partition.assignment.strategy': 'org.example.MyAssignor',
    },
    worker(),
  );
  expect(problems.map(({ key }) => key)).toEqual([
    'producer.override.acks',
    'producer.override.linger.ms',
    'consumer.override.auto.offset.reset',
    'consumer.override.partition.assignment.strategy',
  ]);
  expect(workerKeyProblems({ 'producer.acks': 'some' })).toEqual([
    {
      key: 'producer.acks',
      message: 'Invalid value some for configuration producer.acks: must be one of: all, -1, 0, 1',
    },
  ]);
});

test.each([
  ['All', []],
  ['None', ['producer.override.linger.ms', 'producer.override.sasl.mechanism']],
  ['Principal', ['producer.override.linger.ms']],
  [
    'org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy',
    ['producer.override.linger.ms'],
  ],
  ['Allowlist', ['producer.override.sasl.mechanism']],
])('the policy %s decides what connectors may set', (policy, refused) => {
  const problems = overrideProblems(
    { 'producer.override.linger.ms': '5', 'producer.override.sasl.mechanism': 'PLAIN' },
    worker({
      'connector.client.config.override.policy': policy,
      'connector.client.config.override.allowlist': 'linger.ms',
    }),
  );
  expect(problems.map(({ key }) => key)).toEqual(refused);
  if (policy === 'None')
    expect(problems[0]?.message).toBe(
      "The 'None' policy does not allow 'linger.ms' to be overridden in the connector configuration.",
    );
});

test('a policy that does not exist keeps the worker from starting', () => {
  expect(() => worker({ 'connector.client.config.override.policy': 'Some' })).toThrow(
    'must be one of: All, None, Principal, Allowlist',
  );
});

test('a sink in the consumer protocol reads what a source writes, on a real broker', async () => {
  await using bed = await BrokerBed.open('in-process');
  const open = await bed.openWorker();
  bed.numbers.available = 50;
  await create(open, 'n', numbersConfig);
  await create(open, 'c', {
    ...collectorConfig,
    'consumer.override.group.protocol': 'consumer',
    'consumer.override.client.rack': 'a',
  });
  await until('arrived', () => bed.collector.records.length === 50, 60_000);
  const [group] = await bed.client.operations.describeConsumerGroups(['connect-c']);
  expect(group?.members).toHaveLength(1);
});
