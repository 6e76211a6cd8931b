import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { apis, ErrorCode, type DescribeConfigsResponseConfig } from '@millrace/kafka-protocol';
import { deferred } from '@millrace/foundation';
import { FileDisk } from '@millrace/log';
import { BrokerContext, type RawClient } from './broker-context.ts';

const BROKER = 4;
const SET = 0;
const DELETE = 1;

async function alter(
  client: RawClient,
  resourceName: string,
  name: string,
  value: string | null,
): Promise<readonly [errorCode: number | undefined, message: string]> {
  const configs = [{ name, configOperation: value === null ? DELETE : SET, value }];
  const { responses } = await client.ask(apis.incrementalAlterConfigs, {
    resources: [{ resourceType: BROKER, resourceName, configs }],
  });
  return [responses[0]?.errorCode, responses[0]?.errorMessage ?? ''];
}

async function describeBroker(
  client: RawClient,
  resourceName = '1',
): Promise<ReadonlyMap<string, DescribeConfigsResponseConfig>> {
  const { results } = await client.ask(apis.describeConfigs, {
    resources: [{ resourceType: BROKER, resourceName, configurationKeys: null }],
    includeSynonyms: true,
    includeDocumentation: true,
  });
  return new Map((results[0]?.configs ?? []).map((config) => [config.name, config]));
}

test('what a running broker takes, for itself and for all, and what it refuses: Kafka 4.1’s answers', async () => {
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  const taken: readonly (readonly [resource: string, key: string, value: string])[] = [
    ['1', 'log.cleaner.threads', '2'],
    ['', 'log.cleaner.threads', '2'],
    ['1', 'num.io.threads', '16'],
    ['1', 'num.io.threads', '8'],
    ['', 'max.connections', '100'],
    ['1', 'listener.name.plaintext.max.connections', '100'],
    ['', 'max.connections.per.ip.overrides', '10.0.0.1:100'],
    ['', 'log.retention.ms', '-1'],
    ['1', 'unclean.leader.election.enable', 'true'],
    ['1', 'sasl.kerberos.min.time.before.relogin', '58000'],
    ['1', 'ssl.client.auth', 'required'],
    ['', 'producer.id.expiration.ms', '1000'],
    ['', 'transaction.partition.verification.enable', 'false'],
    ['', 'remote.log.reader.threads', '20'],
    ['1', 'leader.replication.throttled.rate', '1000'],
    ['1', 'replica.alter.log.dirs.io.max.bytes.per.second', '1000'],
    ['', 'nobody.knows.it', 'v'],
  ];
  for (const [resource, key, value] of taken) {
    expect([resource, key, await alter(client, resource, key, value)]).toEqual([
      resource,
      key,
      [ErrorCode.NONE, ''],
    ]);
  }
  const refused: readonly (readonly [string, string, string, string])[] = [
    ['1', 'log.cleaner.threads', 'abc', 'Not a number of type INT'],
    ['1', 'num.io.threads', '17', 'should not be greater than double the current value 8'],
    ['1', 'num.io.threads', '3', 'should be at least half the current value 8'],
    ['', 'max.connections.per.ip.overrides', 'nonsense', 'host:count'],
    ['', 'log.retention.ms', '0', 'greater than or equal to 1'],
    ['', 'log.retention.hours', '1', 'dynamically: Set(log.retention.hours)'],
    ['', 'log.cleanup.policy', 'nope', 'String must be one of: compact, delete'],
    ['', 'compression.gzip.level', '0', 'between 1 and 9 or equal to -1'],
    ['1', 'ssl.keystore.location', '/x', 'only per-listener using the listener prefix'],
    ['', 'listener.name.plaintext.ssl.keystore.location', '/x', 'broker id must be specified'],
    ['', 'sasl.kerberos.min.time.before.relogin', '1', 'broker id must be specified'],
    ['1', 'principal.builder.class', 'com.Nope', 'Class com.Nope could not be found.'],
    ['1', 'metric.reporters', 'com.Nope', 'com.Nope'],
    ['1', 'broker.id', '5', 'dynamically: Set(broker.id)'],
    ['', 'queued.max.requests', '5', 'dynamically: Set(queued.max.requests)'],
    ['', 'log.cleaner.dedupe.buffer.size', '1048577', 'at least 1MB per cleaner thread'],
    ['1', 'leader.replication.throttled.rate', 'x', 'Not a number of type LONG'],
  ];
  for (const [resource, key, value, words] of refused) {
    expect([resource, key, await alter(client, resource, key, value)]).toEqual([
      resource,
      key,
      [ErrorCode.INVALID_REQUEST, expect.stringContaining(words)],
    ]);
  }
  expect(await alter(client, '1', 'min.insync.replicas', '1')).toEqual([
    ErrorCode.INVALID_CONFIG,
    'Broker-level min.insync.replicas cannot be altered while ELR is enabled.',
  ]);
});

test('settings are shown with where they come from, whether they may change, and no secrets; also after a restart', async () => {
  await using context = await BrokerContext.open({
    config: { 'num.network.threads': '5', 'socket.send.buffer.bytes': '1' },
  });
  const client = await context.client('tcp');
  await alter(client, '', 'log.cleaner.threads', '2');
  await alter(client, '1', 'log.cleaner.threads', '1');
  await alter(client, '1', 'listener.name.plaintext.max.connections', '77');
  await alter(client, '1', 'listener.name.plaintext.ssl.keystore.password', 'secret');
  await alter(client, '1', 'nobody.knows.it', 'perhaps secret');
  await context.restart();
  const again = await context.client('tcp');
  const shown = await describeBroker(again);
  const brief = (key: string): unknown[] => {
    const { value, configSource, readOnly, isSensitive, synonyms } = shown.get(key) ?? {};
    const chain = synonyms?.map((one) => `${one.value} ${one.source}`);
    return [value, configSource, readOnly, isSensitive, chain];
  };
  expect(brief('log.cleaner.threads')).toEqual(['1', 2, false, false, ['1 2', '2 3', '1 5']]);
  expect(brief('num.network.threads')).toEqual(['5', 4, false, false, ['5 4', '3 5']]);
  expect(brief('socket.send.buffer.bytes')).toEqual(['1', 4, true, false, ['1 4', '102400 5']]);
  const listener = 'listener.name.plaintext.';
  expect(brief(`${listener}max.connections`)).toEqual(['77', 2, false, false, ['77 2']]);
  expect(brief(`${listener}ssl.keystore.password`)).toEqual([null, 2, false, true, []]);
  expect(brief('nobody.knows.it')).toEqual([null, 2, false, true, []]);
  expect(brief('node.id').slice(0, 3)).toEqual(['1', 4, true]);
  expect(brief('advertised.listeners').slice(0, 3)).toEqual([
    `PLAINTEXT://${context.bootstrap}`,
    4,
    true,
  ]);
  expect([...shown.values()].filter(({ documentation }) => (documentation ?? '') === '')).toEqual(
    [...shown.values()].filter(({ name }) => name === 'nobody.knows.it'),
  );
  const ofAll = await describeBroker(again, '');
  expect([...ofAll.values()].map(({ name, value }) => [name, value])).toEqual([
    ['log.cleaner.threads', '2'],
  ]);
});

test('the bounds of connections change at once, and go back when the setting is taken away', async () => {
  expect.hasAssertions();
  await using context = await BrokerContext.open();
  const client = await context.client('tcp');
  // Each waits for a fact: that the one beyond the bound is closed, or that one of no bound is answered.
  const expectClosed = async (): Promise<void> => {
    const socket = await context.socket();
    socket.resume();
    await once(socket, 'close');
  };
  const expectServed = async (): Promise<void> => {
    const other = await context.client('tcp');
    await other.ask(apis.metadata, { topics: [] });
    await other.connection.close();
  };
  const bounds: readonly (readonly [string, string, string])[] = [
    ['', 'max.connections', '1'],
    ['1', 'max.connections.per.ip', '1'],
    ['', 'max.connections.per.ip.overrides', '127.0.0.1:1'],
    ['1', 'listener.name.plaintext.max.connections', '1'],
  ];
  for (const [resource, key, value] of bounds) {
    await alter(client, resource, key, value);
    await expectClosed();
    await alter(client, resource, key, null);
    await expectServed();
    expect((await describeBroker(client)).get(key)?.value).not.toBe(value);
  }
});

/** Holds the recoveries of logs back until so many are under way at the same time. */
class HoldingDisk extends FileDisk {
  readonly #together = deferred();
  #wanted = Infinity;
  #count = 0;

  hold(wanted: number): Promise<void> {
    this.#wanted = wanted;
    return this.#together.promise;
  }

  override async syncFolder(path: string): Promise<void> {
    // What a recovery does first in the folder of a log.
    if (this.#wanted < Infinity && /[/]many-\d+$/.test(path)) {
      this.#count += 1;
      if (this.#count >= this.#wanted) this.#together.resolve();
      await this.#together.promise;
    }
    await super.syncFolder(path);
  }
}

test('num.recovery.threads.per.data.dir, set while a broker runs, holds when the next one starts', async () => {
  const disk = new HoldingDisk();
  await using context = await BrokerContext.open({ disk });
  const client = await context.client('tcp');
  await client.ask(apis.createTopics, {
    topics: [
      { name: 'many', numPartitions: 20, replicationFactor: 1, assignments: [], configs: [] },
    ],
    timeoutMs: 10_000,
  });
  expect(await alter(client, '1', 'num.recovery.threads.per.data.dir', '4')).toEqual([0, '']);
  // By the default of two threads there would be eight, and the start would never end.
  const together = disk.hold(16);
  const killed = await context.openAfterKill();
  await together;
  expect(
    (await describeBroker(await killed.client('tcp'))).get('num.recovery.threads.per.data.dir')
      ?.value,
  ).toBe('4');
});
