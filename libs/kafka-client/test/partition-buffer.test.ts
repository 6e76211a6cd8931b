import { expect, test } from '@jest/globals';
import { buildControlBatch, patchBaseOffset, RecordBatchBuilder } from '@millrace/kafka-protocol';
import { FetchMemory } from '../src/fetch-memory.ts';
import { PartitionBuffer } from '../src/partition-buffer.ts';
import type { ConsumedRecord } from '../src/records.ts';

function batch(baseOffset: number, values: readonly string[], producerId = -1): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const value of values) builder.append(null, Buffer.from(value), 1);
  return builder.buildSync({
    baseOffset,
    ...(producerId === -1
      ? {}
      : { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
  });
}

function marker(baseOffset: number, producerId: number, type: 'abort' | 'commit'): Uint8Array {
  const bytes = buildControlBatch({
    type,
    producerId,
    producerEpoch: 0,
    coordinatorEpoch: 0,
    timestampMs: 1,
  });
  patchBaseOffset(bytes, 0, baseOffset);
  return bytes;
}

async function drain(
  buffer: PartitionBuffer,
  position: number,
  step = 100,
): Promise<{ values: string[]; position: number }> {
  const values: string[] = [];
  let at = position;
  while (!buffer.isEmpty) {
    const out: ConsumedRecord[] = [];
    at = await buffer.take(out, step, at);
    values.push(
      ...out.map(({ offset, value }) => `${offset}${Buffer.from(value ?? []).toString()}`),
    );
  }
  return { values, position: at };
}

const LOG = Buffer.concat([
  batch(0, ['a', 'b']),
  batch(2, ['c'], 7),
  batch(3, ['d'], 8),
  marker(4, 7, 'abort'),
  batch(5, ['e'], 7),
  marker(6, 8, 'commit'),
  marker(7, 7, 'commit'),
]);

test.each([1, 2, 100])(
  'records of aborted transactions and markers are passed over, %d at a time',
  async (step) => {
    const buffer = new PartitionBuffer('t', 0);
    expect(buffer.add(LOG, [{ producerId: 7, firstOffset: 2 }])?.offset).toBe(8);
    expect(await drain(buffer, 0, step)).toEqual({
      values: ['0a', '1b', '3d', '5e'],
      position: 8,
    });
    expect(buffer.byteLength).toBe(0);
  },
);

test('without the list of aborted transactions only markers are passed over', async () => {
  const buffer = new PartitionBuffer('t', 0);
  buffer.add(LOG, []);
  expect((await drain(buffer, 0)).values).toEqual(['0a', '1b', '2c', '3d', '5e']);
});

test('records before the position are passed over, and a last batch that is cut is left', async () => {
  const buffer = new PartitionBuffer('t', 0);
  const bytes = Buffer.concat([batch(0, ['a', 'b', 'c']), batch(3, ['d'])]);
  expect(buffer.add(bytes.subarray(0, bytes.byteLength - 1), [])?.offset).toBe(3);
  expect(await drain(buffer, 1)).toEqual({ values: ['1b', '2c'], position: 3 });
});

test('a damaged batch is reported, but what lies before it is given out first', async () => {
  const bytes = Buffer.concat([batch(0, ['a']), batch(1, ['b'])]);
  const last = bytes.byteLength - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  const buffer = new PartitionBuffer('t', 0);
  expect(buffer.add(bytes, [])?.offset).toBe(1);
  expect(await drain(buffer, 0)).toEqual({ values: ['0a'], position: 1 });
  const first = batch(0, ['a']).byteLength;
  expect(() => buffer.add(bytes.subarray(first), [])).toThrow(
    expect.objectContaining({ code: 'client.corrupt_batch' }),
  );
});

/** Large enough for memory that is used again. */
const WIDE = 'x'.repeat(20_000);

/** Batches as a broker in this process reads them; `given` counts what can be used again. */
function lent(...batches: readonly Uint8Array[]): {
  readonly buffer: PartitionBuffer;
  readonly given: Uint8Array[];
} {
  const given: Uint8Array[] = [];
  const memory = new FetchMemory((bytes) => given.push(bytes.fill(0)));
  const buffer = new PartitionBuffer('t', 0, memory);
  for (const each of batches) {
    const loan = memory.borrow();
    const bytes = loan.allocate(each.byteLength);
    bytes.set(each);
    loan.keep();
    buffer.add(bytes, []);
  }
  return { buffer, given };
}

test('memory is given back with the last record that lies in it, not before', async () => {
  const { buffer, given } = lent(batch(0, ['a', WIDE, 'c']), batch(3, ['d', WIDE]));
  const out: ConsumedRecord[] = [];
  const at = await buffer.take(out, 2, 0);
  for (const record of out) buffer.recycle(record);
  expect(given).toHaveLength(0); // its third record was not taken yet
  const rest: ConsumedRecord[] = [];
  await buffer.take(rest, 100, at);
  expect(rest.map(({ offset }) => offset)).toEqual([2, 3, 4]);
  const [third, fourth, fifth] = rest.map((record) => record);
  if (fourth !== undefined) buffer.recycle(fourth);
  expect(given).toHaveLength(0);
  if (third !== undefined) buffer.recycle(third);
  expect(given).toHaveLength(1);
  expect(Buffer.from(fifth?.value ?? []).toString()).toBe(WIDE);
  if (fifth !== undefined) buffer.recycle(fifth);
  expect(given).toHaveLength(2);
});

test('what is dropped by a seek, or was never lent, is not given back', async () => {
  const { buffer, given } = lent(batch(0, ['a', WIDE]));
  const out: ConsumedRecord[] = [];
  await buffer.take(out, 1, 0);
  buffer.clear();
  for (const record of out) buffer.recycle(record);
  buffer.add(batch(0, ['b', WIDE]), []);
  const others: ConsumedRecord[] = [];
  await buffer.take(others, 100, 0);
  for (const record of others) buffer.recycle(record);
  expect(given).toEqual([]);
  expect(Buffer.from(out[0]?.value ?? []).toString()).toBe('a');
});
