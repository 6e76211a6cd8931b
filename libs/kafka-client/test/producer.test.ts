import { expect, test } from '@jest/globals';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { Producer } from '../src/producer-api.ts';
import type { SendResult } from '../src/records.ts';
import { FakeCluster, type Fault } from './fake-cluster.ts';
import { numbers, openClient, record } from './open-client.ts';

/** Each number in a batch of its own, so that several are in flight. */
async function sendOneByOne(
  producer: Producer,
  values: readonly string[],
): Promise<Promise<SendResult>[]> {
  const results: Promise<SendResult>[] = [];
  for (const value of values) {
    results.push((await producer.send([record('t', value)])).delivered);
  }
  return results;
}

const SILENCE: Fault = { kind: 'silence' };

const error = (errorCode: number): Fault => ({ kind: 'error', errorCode });

test('records arrive in order, and the call learns that all were acknowledged', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0 });
  const { delivered } = await producer.send(numbers(0, 1_000).map((value) => record('t', value)));
  expect(await delivered).toEqual({ failures: [] });
  expect(await cluster.values('t')).toEqual(numbers(0, 1_000));
});

test.each<[string, readonly (Fault | undefined)[]]>([
  ['the second of five requests is refused', [undefined, error(ErrorCode.NOT_LEADER_OR_FOLLOWER)]],
  ['the first is lost before it is written', [{ kind: 'lost-request' }]],
  ['the first is written, but the answer is lost', [{ kind: 'lost-answer' }]],
  ['the third is written, but the answer is lost', [undefined, undefined, { kind: 'lost-answer' }]],
  [
    'failures follow each other',
    [
      error(ErrorCode.NOT_ENOUGH_REPLICAS),
      { kind: 'lost-answer' },
      undefined,
      { kind: 'lost-request' },
      error(ErrorCode.REQUEST_TIMED_OUT),
    ],
  ],
])('nothing is lost, doubled or reordered when %s', async (_what, faults) => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail('Produce', ...faults);
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, batchBytes: 80 });
  const results = await sendOneByOne(producer, numbers(0, 20));
  for (const result of results) expect(await result).toEqual({ failures: [] });
  expect(await cluster.values('t')).toEqual(numbers(0, 20));
});

test('a producer that the broker has forgotten goes on with a new epoch', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, batchBytes: 80 });
  await Promise.all(await sendOneByOne(producer, numbers(0, 3)));
  cluster.forgetProducers('t');
  const results = await sendOneByOne(producer, numbers(3, 9));
  for (const result of results) expect(await result).toEqual({ failures: [] });
  expect(await cluster.values('t')).toEqual(numbers(0, 9));
});

test('a batch that fails for good fails its own records only; those behind it arrive', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail('Produce', undefined, error(ErrorCode.INVALID_RECORD));
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, batchBytes: 80 });
  const results = await Promise.all(await sendOneByOne(producer, numbers(0, 6)));
  const failed = results.flatMap(({ failures }) => failures.map((one) => one.error.code));
  expect(failed).toEqual(['kafka.invalid_record']);
  const written = await cluster.values('t');
  expect(written).toHaveLength(5);
  expect(written).toEqual([...written].sort());
});

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'a batch (%s) that is too large is split until it fits, and only a record too large fails',
  async (compression) => {
    const cluster = new FakeCluster();
    cluster.createTopic('t');
    cluster.batchBytesMax = 400;
    await using client = openClient(cluster);
    await using producer = client.producer({ lingerMs: 5, compression });
    const values = numbers(0, 200).map((n) => `record ${n}`);
    const { delivered } = await producer.send([
      ...values.map((value) => record('t', value)),
      { ...record('t', ''), value: incompressible(2_000) },
    ]);
    const { failures } = await delivered;
    expect(failures.map(({ error: { code }, index }) => [index, code])).toEqual([
      [200, 'client.record_too_large'],
    ]);
    expect(await cluster.values('t')).toEqual(values);
  },
);

function incompressible(length: number): Uint8Array {
  let state = 12_345;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

test('a record above max.request.size fails alone, without a request', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, maxRequestBytes: 1_000 });
  const { delivered } = await producer.send([
    record('t', 'a'),
    record('t', 'x'.repeat(1_000)),
    record('t', 'b'),
  ]);
  const { failures } = await delivered;
  expect(failures).toMatchObject([{ index: 1, error: { code: 'client.record_too_large' } }]);
  expect(await cluster.values('t')).toEqual(['a', 'b']);
});

test('a full buffer makes send wait, and an abort frees it', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail('Produce', { kind: 'silence' });
  await using client = openClient(cluster);
  const producer = client.producer({ lingerMs: 0, bufferBytes: 1_000, requestTimeoutMs: 200 });
  const { delivered } = await producer.send([record('t', 'x'.repeat(900))]);
  const abort = new AbortController();
  const waiting = producer.send([record('t', 'y'.repeat(900))], abort.signal);
  abort.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  const next = producer.send([record('t', 'z'.repeat(900))]);
  expect(await delivered).toEqual({ failures: [] }); // after its request timed out
  expect(await (await next).delivered).toEqual({ failures: [] });
  expect((await cluster.values('t')).map((value) => value.slice(0, 1))).toEqual(['x', 'z']);
  await producer.close();
});

test('what is not acknowledged within delivery.timeout.ms fails and says why', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail(
    'Produce',
    ...Array.from({ length: 500 }, () => error(ErrorCode.NOT_ENOUGH_REPLICAS)),
  );
  await using client = openClient(cluster);
  await using producer = client.producer({
    lingerMs: 0,
    deliveryTimeoutMs: 100,
    retryBackoffMs: 5,
  });
  const { delivered } = await producer.send([record('t', 'a')]);
  expect(await delivered).toMatchObject({
    failures: [{ index: 0, error: { code: 'client.delivery_timed_out', retry: 'retriable' } }],
  });
});

test('records fail within delivery.timeout.ms, one after another, while nobody grants a producer id', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail('InitProducerId', SILENCE);
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, deliveryTimeoutMs: 20 });
  for (const value of numbers(0, 20)) {
    const { delivered } = await producer.send([record('t', value)]);
    expect(await delivered).toMatchObject({
      failures: [{ index: 0, error: { code: 'client.delivery_timed_out' } }],
    });
  }
});

test('a producer that was never granted an id closes within delivery.timeout.ms', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail('InitProducerId', ...Array.from({ length: 10 }, () => SILENCE));
  await using client = openClient(cluster);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const producer = client.producer({ lingerMs: 0, deliveryTimeoutMs: 20 });
    const { delivered } = await producer.send([record('t', 'a')]);
    await producer.close();
    expect((await delivered).failures).toHaveLength(1);
  }
});

test('records of an unknown topic fail after max.block.ms, those of others are sent', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, maxBlockMs: 60 });
  const { delivered } = await producer.send([
    record('t', 'a'),
    record('absent', 'b'),
    record('t', 'c'),
    record('absent', 'd'),
    record('t', 'e', 5),
  ]);
  const { failures } = await delivered;
  expect(failures.map(({ error: { code }, index }) => [index, code])).toEqual([
    [1, 'client.topic_not_known'],
    [3, 'client.topic_not_known'],
    [4, 'client.partition_not_known'],
  ]);
  expect(await cluster.values('t')).toEqual(['a', 'c']);
});

test('close sends what lingers', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  const producer = client.producer({ lingerMs: 60_000 });
  const { delivered } = await producer.send([record('t', 'a')]);
  await producer.close();
  expect(await delivered).toEqual({ failures: [] });
  await expect(producer.send([record('t', 'b')])).rejects.toMatchObject({ code: 'client.closed' });
});

test('acks=0 sends without an answer and without a producer id', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, acks: 0 });
  const { delivered } = await producer.send([record('t', 'a')]);
  expect(await delivered).toEqual({ failures: [] });
  expect(cluster.count('InitProducerId')).toBe(0);
  expect(await cluster.values('t')).toEqual(['a']);
});

test('an idempotent producer with more than five requests in flight is refused', () => {
  const client = openClient(new FakeCluster());
  expect(() => client.producer({ enableIdempotence: true, maxInFlight: 6 })).toThrow(
    expect.objectContaining({ code: 'client.invalid_options' }),
  );
});

test('closing the client closes what was left open, and fails what can not be sent', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  const client = openClient(cluster);
  const producer = client.producer({ lingerMs: 60_000 });
  const { delivered } = await producer.send([record('t', 'a')]);
  await client.close();
  expect(await delivered).toEqual({ failures: [] });
  expect(await cluster.values('t')).toEqual(['a']);
  await expect(producer.send([record('t', 'b')])).rejects.toMatchObject({ code: 'client.closed' });
});

test('a close with a time-out fails what is not acknowledged by then', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  cluster.fail('Produce', { kind: 'silence' });
  await using client = openClient(cluster);
  const producer = client.producer({ lingerMs: 0 });
  const { delivered } = await producer.send([record('t', 'a')]);
  await producer.close({ timeoutMs: 20 });
  expect(await delivered).toMatchObject({ failures: [{ error: { code: 'client.closed' } }] });
});

test('a batch of unknown fate that is given up makes nothing behind it be written twice', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  // Both are written, and the connection ends before the answers; the retry of the first is refused.
  cluster.fail(
    'Produce',
    { kind: 'lost-answer' },
    { kind: 'lost-answer' },
    error(ErrorCode.INVALID_RECORD),
  );
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, batchBytes: 80 });
  const results = await Promise.all(await sendOneByOne(producer, ['a', 'b']));
  expect(results.map(({ failures }) => failures.length)).toEqual([1, 0]);
  expect(await cluster.values('t')).toEqual(['a', 'b']);
});
