import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { TransactionalProducer, TransactionalProducerOptions } from '../src/producer-api.ts';
import type { KafkaClient } from '../src/client.ts';
import { FakeCluster, type Fault } from './fake-cluster.ts';
import { openClient, record } from './open-client.ts';

const error = (errorCode: number): Fault => ({ kind: 'error', errorCode });
const GROUP = { groupId: 'g', generationId: 3, memberId: 'm', groupInstanceId: null };

function produce(
  client: KafkaClient,
  options: Partial<TransactionalProducerOptions> = {},
): TransactionalProducer {
  return client.transactionalProducer({ transactionalId: 'x', lingerMs: 0, ...options });
}

/** What the cluster was asked for transactions, in order. */
function steps(cluster: FakeCluster): string[] {
  const silent = new Set(['Metadata', 'ApiVersions', 'FindCoordinator']);
  return cluster.requests.filter(({ api }) => !silent.has(api)).map(({ api }) => api);
}

describe.each([
  {
    transactionVersion: 1,
    whole: [
      'InitProducerId',
      'AddPartitionsToTxn',
      'Produce',
      'AddOffsetsToTxn',
      'TxnOffsetCommit',
      'EndTxn',
    ],
    bump: ['EndTxn', 'InitProducerId'],
  },
  {
    transactionVersion: 2,
    whole: ['InitProducerId', 'Produce', 'TxnOffsetCommit', 'EndTxn'],
    bump: ['EndTxn'],
  },
])('with transaction.version $transactionVersion', ({ bump, transactionVersion, whole }) => {
  function openFake(): FakeCluster {
    const cluster = new FakeCluster();
    cluster.transactionVersion = transactionVersion;
    cluster.createTopic('t');
    return cluster;
  }

  test('records and offsets are committed together', async () => {
    const cluster = openFake();
    await using client = openClient(cluster);
    await using producer = produce(client);
    await producer.initTransactions();
    producer.beginTransaction();
    const { delivered } = await producer.send([record('t', 'a')]);
    await delivered;
    await producer.sendOffsetsToTransaction([{ topic: 's', partition: 0, offset: 5 }], GROUP);
    await producer.commitTransaction();
    expect(await delivered).toEqual({ failures: [] });
    expect(steps(cluster)).toEqual(whole);
    const commit = cluster.requests.find(({ api }) => api === 'TxnOffsetCommit');
    expect(commit?.request).toMatchObject({ generationId: 3, memberId: 'm' });
  });

  test('a transaction without records asks nobody', async () => {
    const cluster = openFake();
    await using client = openClient(cluster);
    await using producer = produce(client);
    await producer.initTransactions();
    producer.beginTransaction();
    await producer.commitTransaction();
    producer.beginTransaction();
    await producer.abortTransaction();
    expect(steps(cluster)).toEqual(['InitProducerId']);
  });

  test('a batch that failed keeps the transaction from being committed; after an abort all is well', async () => {
    const cluster = openFake();
    cluster.fail('Produce', error(ErrorCode.INVALID_RECORD));
    await using client = openClient(cluster);
    await using producer = produce(client);
    await producer.initTransactions();
    producer.beginTransaction();
    const { delivered } = await producer.send([record('t', 'a')]);
    await expect(producer.commitTransaction()).rejects.toMatchObject({
      code: 'client.transaction_must_abort',
      cause: { code: 'kafka.invalid_record' },
    });
    expect((await delivered).failures).toHaveLength(1);
    const later = await producer.send([record('t', 'b')]);
    expect((await later.delivered).failures).toMatchObject([
      { error: { code: 'client.transaction_must_abort' } },
    ]);
    await producer.abortTransaction();
    // The sequence of the failed batch may be missing, so the next ones begin anew.
    expect(steps(cluster).slice(-bump.length)).toEqual(bump);
    producer.beginTransaction();
    await producer.send([record('t', 'c')]);
    await producer.commitTransaction();
    expect(await cluster.values('t')).toEqual(['c']);
  });

  test('retriable errors and lost answers are nobody else’s business', async () => {
    const cluster = openFake();
    cluster.fail('InitProducerId', error(ErrorCode.CONCURRENT_TRANSACTIONS));
    cluster.fail('AddPartitionsToTxn', error(ErrorCode.CONCURRENT_TRANSACTIONS));
    cluster.fail('Produce', { kind: 'lost-answer' });
    cluster.fail('TxnOffsetCommit', error(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
    cluster.fail('EndTxn', error(ErrorCode.NOT_COORDINATOR), { kind: 'lost-answer' });
    await using client = openClient(cluster);
    await using producer = produce(client);
    await producer.initTransactions();
    producer.beginTransaction();
    await producer.send([record('t', 'a')]);
    await producer.sendOffsetsToTransaction([{ topic: 's', partition: 0, offset: 5 }], GROUP);
    await producer.commitTransaction();
    expect(await cluster.values('t')).toEqual(['a']);
  });

  test('a group that has moved on makes the transaction abort', async () => {
    const cluster = openFake();
    cluster.fail('TxnOffsetCommit', error(ErrorCode.ILLEGAL_GENERATION));
    await using client = openClient(cluster);
    await using producer = produce(client);
    await producer.initTransactions();
    producer.beginTransaction();
    await expect(
      producer.sendOffsetsToTransaction([{ topic: 's', partition: 0, offset: 5 }], GROUP),
    ).rejects.toMatchObject({ code: 'client.transaction_must_abort' });
    await producer.abortTransaction();
    expect(steps(cluster)).toContain('EndTxn');
  });

  test('who is fenced can only be closed', async () => {
    const cluster = openFake();
    cluster.fail('EndTxn', error(ErrorCode.INVALID_PRODUCER_EPOCH));
    await using client = openClient(cluster);
    await using producer = produce(client);
    await producer.initTransactions();
    producer.beginTransaction();
    await producer.send([record('t', 'a')]);
    const fenced = { code: 'client.producer_fenced', retry: 'fatal' };
    await expect(producer.commitTransaction()).rejects.toMatchObject(fenced);
    await expect(producer.abortTransaction()).rejects.toMatchObject(fenced);
    expect(() => producer.beginTransaction()).toThrow(expect.objectContaining(fenced));
  });

  test('closing aborts what is open', async () => {
    const cluster = openFake();
    await using client = openClient(cluster);
    const producer = produce(client);
    await producer.initTransactions();
    producer.beginTransaction();
    const { delivered } = await producer.send([record('t', 'a')]);
    await delivered;
    await producer.close();
    const end = cluster.requests.find(({ api }) => api === 'EndTxn');
    expect(end?.request).toMatchObject({ committed: false });
  });
});

test('what is buffered when the transaction is aborted is dropped', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = produce(client, { lingerMs: 60_000 });
  await producer.initTransactions();
  producer.beginTransaction();
  const { delivered } = await producer.send([record('t', 'a')]);
  await producer.abortTransaction();
  expect((await delivered).failures).toMatchObject([
    { error: { code: 'client.transaction_aborted' } },
  ]);
  expect(cluster.count('Produce')).toBe(0);
});

test('a commit without an answer stays pending, and calling again waits on', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail('EndTxn', { kind: 'silence' });
  await using client = openClient(cluster, { requestTimeoutMs: 100 });
  await using producer = produce(client, { maxBlockMs: 20 });
  await producer.initTransactions();
  producer.beginTransaction();
  await (
    await producer.send([record('t', 'a')])
  ).delivered;
  await expect(producer.commitTransaction()).rejects.toMatchObject({
    code: 'client.transaction_pending',
    retry: 'retriable',
  });
  for (;;) {
    const outcome = await producer.commitTransaction().catch((e: unknown) => e);
    if (outcome === undefined) break;
    expect(outcome).toMatchObject({ code: 'client.transaction_pending' });
  }
  producer.beginTransaction();
});

test('a record that is too large fails its transaction', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = produce(client, { maxRequestBytes: 1_000 });
  await producer.initTransactions();
  producer.beginTransaction();
  await producer.send([record('t', 'x'.repeat(2_000))]);
  await expect(producer.commitTransaction()).rejects.toMatchObject({
    code: 'client.transaction_must_abort',
    cause: { code: 'client.record_too_large' },
  });
});

test('steps out of order are refused', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = produce(client);
  const refused = { code: 'client.invalid_transaction_state' };
  expect(() => producer.beginTransaction()).toThrow(expect.objectContaining(refused));
  await producer.initTransactions();
  await expect(producer.initTransactions()).rejects.toMatchObject(refused);
  await expect(producer.send([record('t', 'a')])).rejects.toMatchObject(refused);
  await expect(producer.commitTransaction()).rejects.toMatchObject(refused);
  await expect(producer.abortTransaction()).rejects.toMatchObject(refused);
  expect(() => client.transactionalProducer({ transactionalId: 'x', acks: 1 })).toThrow('acks=all');
});
