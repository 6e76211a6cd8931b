import { expect, test } from '@jest/globals';
import { recordsOfRun } from '../src/producer-run.ts';
import type { ProducerRun, WritableRun } from '../src/records.ts';
import { FakeCluster } from './fake-cluster.ts';
import { numbers, openClient } from './open-client.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

/** Values and, behind each, its key, between the same bytes for all. */
function runOf(values: readonly string[], hasKeys: boolean): ProducerRun {
  const parts: Buffer[] = [];
  const at: number[] = [];
  let position = 0;
  for (const value of values) {
    const key = bytes(`k${value}`);
    const end = position + value.length;
    at.push(end, end + key.length, position, end);
    parts.push(bytes(value), key);
    position = end + key.length;
  }
  return {
    topic: 't',
    timestampMs: 1_000,
    headers: [{ key: 'h', value: bytes('x') }],
    count: values.length,
    bytes: Buffer.concat(parts),
    at: Int32Array.from(at),
    hasKeys,
    keyStart: bytes('<'),
    keyEnd: bytes('>'),
    valueStart: bytes('{'),
    valueEnd: bytes(`, and what all values end with: ${'y'.repeat(80)}}`),
  };
}

test.each([
  ['with keys to several partitions', true, 3],
  ['with keys to one', true, 1],
  ['without keys', false, 1],
])('a run %s arrives as its records would one by one', async (_what, hasKeys, partitionCount) => {
  const written: string[][][] = [];
  const run = runOf([...numbers(0, 300), 'z'.repeat(200)], hasKeys);
  for (const isRun of [true, false]) {
    const cluster = new FakeCluster();
    cluster.createTopic('t', partitionCount);
    await using client = openClient(cluster);
    // Batches and memory that are much too small for it, so that it is written in parts.
    await using producer = client.producer({ lingerMs: 0, batchBytes: 2_000, bufferBytes: 8_000 });
    const { delivered } = isRun
      ? await producer.sendRun(run)
      : await producer.send(recordsOfRun(run));
    expect(await delivered).toEqual({ failures: [] });
    const partitions: string[][] = [];
    for (let partition = 0; partition < partitionCount; partition += 1)
      partitions.push(await cluster.values('t', partition));
    written.push(partitions);
  }
  expect(written[0]).toEqual(written[1]);
  expect(written[0]?.flat()).toHaveLength(301);
});

test('a record of a run that is too large fails by itself', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0, maxRequestBytes: 1_000 });
  const { delivered } = await producer.sendRun(runOf(['1', 'z'.repeat(2_000), '3'], true));
  const { failures } = await delivered;
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
    [1, 'client.record_too_large'],
  ]);
  expect(await cluster.values('t')).toHaveLength(2);
});

/** The same run as one that is written when it is sent; what `isOdd` has no short way. */
function writable(run: ProducerRun, isOdd: (index: number) => boolean = () => false): WritableRun {
  const { at, bytes: all, hasKeys, keyStart, keyEnd, valueStart, valueEnd } = run;
  const oddFrom = (from: number): number => {
    let index = from;
    while (index < run.count && !isOdd(index)) index += 1;
    return index;
  };
  return {
    topic: run.topic,
    timestampMs: run.timestampMs,
    headers: run.headers,
    count: run.count,
    frame: { hasKeys, keyStart, keyEnd, valueStart, valueEnd },
    write: (target, from) => {
      for (let index = from; index < oddFrom(from); index += 1) {
        const value = all.subarray(at[index * 4 + 2], at[index * 4 + 3]);
        const key = hasKeys ? all.subarray(at[index * 4], at[index * 4 + 1]) : bytes('');
        const end = target.position + value.length;
        if (end + key.length > target.end) return;
        target.bytes.set(value, target.position);
        target.bytes.set(key, end);
        target.add(end, end + key.length);
      }
    },
    packed: (from) =>
      oddFrom(from) === from
        ? null
        : { ...run, count: oddFrom(from) - from, at: at.subarray(from * 4) },
  };
}

test.each([
  ['to one partition', true, 1, {}],
  ['to one partition, without keys', false, 1, {}],
  ['to one partition, with memory for one batch', true, 1, { bufferBytes: 70_000 }],
  ['to several partitions', true, 3, {}],
  ['into batches that are too small for it', true, 1, { batchBytes: 2_000, bufferBytes: 8_000 }],
])('a run that is written in place %s arrives as it is', async (_what, hasKeys, count, options) => {
  const values = [...numbers(0, 300), 'z'.repeat(100_000), ...numbers(301, 600)];
  const written: string[][][] = [];
  for (const isInPlace of [true, false]) {
    const cluster = new FakeCluster();
    cluster.createTopic('t', count);
    await using client = openClient(cluster);
    const run = runOf(values, hasKeys);
    await using producer = client.producer({ lingerMs: 0, batchBytes: 65_536, ...options });
    const failures: number[] = [];
    for (let from = 0; from < run.count;) {
      const { delivered, end } = isInPlace
        ? await producer.writeRun(writable(run), from)
        : { ...(await producer.sendRun(run)), end: run.count };
      expect(end).toBe(run.count);
      failures.push(...(await delivered).failures.map(({ index }) => index));
      from = end;
    }
    expect(failures).toEqual([]);
    const partitions: string[][] = [];
    for (let partition = 0; partition < count; partition += 1)
      partitions.push(await cluster.values('t', partition));
    written.push(partitions);
  }
  expect(written[0]).toEqual(written[1]);
  expect(written[0]?.flat()).toHaveLength(600);
});

test('a run stops before a record that has to go by itself', async () => {
  const cluster = new FakeCluster();
  cluster.createTopic('t');
  await using client = openClient(cluster);
  await using producer = client.producer({ lingerMs: 0 });
  const run = writable(runOf(numbers(0, 10), true), (index) => index === 4);
  const ends: number[] = [];
  for (const from of [0, 4, 5]) {
    const { delivered, end } = await producer.writeRun(run, from);
    expect(await delivered).toEqual({ failures: [] });
    ends.push(end);
  }
  expect(ends).toEqual([4, 4, 10]);
  const values = await cluster.values('t');
  expect(values.map((value) => value.slice(0, 2))).toEqual(
    ['0', '1', '2', '3', '5', '6', '7', '8', '9'].map((each) => `{${each}`),
  );
});
