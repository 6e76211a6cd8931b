import { expect, test } from '@jest/globals';
import { buildControlBatch, patchBaseOffset, RecordBatchBuilder } from '@millrace/kafka-protocol';
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
