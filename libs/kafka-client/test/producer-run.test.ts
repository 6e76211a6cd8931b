import { expect, test } from '@jest/globals';
import { recordsOfRun } from '../src/producer-run.ts';
import type { ProducerRun } from '../src/records.ts';
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
