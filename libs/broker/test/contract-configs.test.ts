import { describe, expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { BrokerContext, TRANSPORTS, type RawClient } from './broker-context.ts';

const TOPIC = 2;
const BROKER = 4;
const BROKER_LOGGER = 8;
const CLIENT_METRICS = 16;
const GROUP = 32;
const SET = 0;
const DELETE = 1;

/** Name, operation, value. */
type Operation = readonly [name: string, operation: number, value?: string | null];

async function alter(
  client: RawClient,
  resourceType: number,
  resourceName: string,
  operations: readonly Operation[],
): Promise<[number | undefined, string | null | undefined]> {
  const configs = operations.map(([name, configOperation, value = null]) => ({
    ...{ name, configOperation, value },
  }));
  const { responses } = await client.ask(apis.incrementalAlterConfigs, {
    resources: [{ resourceType, resourceName, configs }],
  });
  return [responses[0]?.errorCode, responses[0]?.errorMessage];
}

/** Value, source, and the whole chain with its sources. */
async function show(
  client: RawClient,
  resourceType: number,
  resourceName: string,
  key: string,
): Promise<unknown[]> {
  const { results } = await client.ask(apis.describeConfigs, {
    resources: [{ resourceType, resourceName, configurationKeys: [key] }],
    includeSynonyms: true,
  });
  const config = results[0]?.configs[0];
  const chain = config?.synonyms.map(({ name, value, source }) => `${name}=${value} ${source}`);
  return [config?.value, config?.configSource, chain];
}

describe.each(TRANSPORTS)('settings over %s', (kind) => {
  test('a broker’s own setting comes before that of all brokers, both before the file', async () => {
    await using context = await BrokerContext.open({ config: { 'log.retention.hours': '2' } });
    const client = await context.client(kind);
    await client.createTopic('t');
    const retention = (): Promise<unknown[]> => show(client, TOPIC, 't', 'retention.ms');
    expect(await retention()).toEqual([
      '7200000',
      4,
      ['log.retention.hours=2 4', 'log.retention.hours=168 5'],
    ]);
    await alter(client, BROKER, '', [['log.retention.ms', SET, '11000']]);
    await alter(client, BROKER, '1', [['log.retention.ms', SET, '12000']]);
    expect(await retention()).toEqual([
      '12000',
      2,
      [
        'log.retention.ms=12000 2',
        'log.retention.ms=11000 3',
        'log.retention.hours=2 4',
        'log.retention.hours=168 5',
      ],
    ]);
    await context.restart();
    const again = await context.client(kind);
    await alter(again, BROKER, '1', [['log.retention.ms', DELETE]]);
    expect((await show(again, TOPIC, 't', 'retention.ms')).slice(0, 2)).toEqual(['11000', 3]);
    await alter(again, TOPIC, 't', [['retention.ms', SET, '5']]);
    expect((await show(again, TOPIC, 't', 'retention.ms')).slice(0, 2)).toEqual(['5', 1]);
  });

  test('settings that nobody can use are refused in Kafka’s words', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await client.createTopic('t');
    const refusals: readonly (readonly [number, string, Operation, number, string])[] = [
      [TOPIC, '', ['a', SET, 'b'], ErrorCode.INVALID_REQUEST, 'Default topic resources'],
      [TOPIC, 'a/b', ['a', SET, 'b'], ErrorCode.INVALID_TOPIC_EXCEPTION, 'is invalid'],
      [TOPIC, 'no', ['a', SET, 'b'], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'does not exist'],
      [TOPIC, 't', ['remote.storage.enable', SET, 'true'], ErrorCode.INVALID_CONFIG, 'Tiered'],
      [TOPIC, 't', ['compression.gzip.level', SET, '12'], ErrorCode.INVALID_CONFIG, '1 and 9'],
      [TOPIC, 't', ['retention.ms', 2, '1'], ErrorCode.INVALID_CONFIG, "Can't APPEND"],
      [TOPIC, 't', ['retention.ms', SET, null], ErrorCode.INVALID_REQUEST, 'Null value'],
      [BROKER, '7', ['log.retention.ms', SET, '1'], ErrorCode.INVALID_REQUEST, 'expected 1'],
      [BROKER, 'x', ['log.retention.ms', SET, '1'], ErrorCode.INVALID_REQUEST, 'an integer'],
      [BROKER, '', ['num.partitions', SET, '3'], ErrorCode.INVALID_REQUEST, 'Set(num.partitions)'],
      [BROKER, '', ['log.retention.ms', SET, 'x'], ErrorCode.INVALID_REQUEST, 'type LONG'],
      [BROKER_LOGGER, '1', ['root', SET, 'DEBUG'], ErrorCode.INVALID_CONFIG, 'does not exist'],
      [GROUP, 'g', ['nope', SET, '1'], ErrorCode.INVALID_CONFIG, 'Unknown group config name: nope'],
      [GROUP, 'g', ['consumer.session.timeout.ms', SET, '1'], ErrorCode.INVALID_CONFIG, 'greater'],
      [GROUP, '', ['consumer.session.timeout.ms', SET, '1'], ErrorCode.INVALID_REQUEST, 'Default'],
      [CLIENT_METRICS, 's', ['interval.ms', SET, '1'], ErrorCode.INVALID_REQUEST, 'between 100'],
      [CLIENT_METRICS, 's', ['match', SET, 'foo=1'], ErrorCode.INVALID_CONFIG, 'foo=1'],
      [99, 'x', ['a', SET, 'b'], ErrorCode.INVALID_REQUEST, 'Unknown resource type 99'],
    ];
    for (const [type, name, operation, errorCode, words] of refusals) {
      const answer = await alter(client, type, name, [operation]);
      expect([operation, ...answer]).toEqual([
        operation,
        errorCode,
        expect.stringContaining(words),
      ]);
    }
    const { responses } = await client.ask(apis.incrementalAlterConfigs, {
      resources: [1, 2].map(() => ({ resourceType: TOPIC, resourceName: 't', configs: [] })),
    });
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
    ]);
  });

  test('groups and subscriptions to client metrics keep their settings', async () => {
    await using context = await BrokerContext.open();
    const client = await context.client(kind);
    await alter(client, GROUP, 'g', [['consumer.session.timeout.ms', SET, '50000']]);
    await alter(client, CLIENT_METRICS, 's', [
      ['interval.ms', SET, '60000'],
      ['match', SET, 'client_id=a.*'],
    ]);
    await context.restart();
    const again = await context.client(kind);
    expect(await show(again, GROUP, 'g', 'consumer.session.timeout.ms')).toEqual([
      '50000',
      8,
      ['consumer.session.timeout.ms=50000 8'],
    ]);
    expect(await show(again, CLIENT_METRICS, 's', 'interval.ms')).toEqual([
      '60000',
      7,
      ['interval.ms=60000 7'],
    ]);
    expect(await show(again, CLIENT_METRICS, 's', 'metrics')).toEqual(['', 5, []]);
    const { configResources } = await again.ask(apis.listConfigResources, {
      resourceTypes: [GROUP, CLIENT_METRICS],
    });
    expect(configResources.map(({ resourceName }) => resourceName).sort()).toEqual(['g', 's']);
    await alter(again, GROUP, 'g', [['consumer.session.timeout.ms', DELETE]]);
    expect((await show(again, GROUP, 'g', 'consumer.session.timeout.ms')).slice(0, 2)).toEqual([
      '45000',
      5,
    ]);
  });
});
