import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { RecycledMemory } from '@millrace/foundation';
import { batchSize, findBatchProblem, readBatchHeader } from '@millrace/kafka-protocol';
import { ReadBuffers } from '../src/network/read-buffers.ts';
import { batchOf, BrokerContext } from './broker-context.ts';

test('memory is used again once it is given back, and never while it is lent', () => {
  const buffers = new ReadBuffers(new RecycledMemory({ freeBytesMax: 1 << 22 }));
  const first = buffers.borrow();
  const lent = first.allocate(100_000);
  const second = buffers.borrow();
  expect(second.allocate(100_000).buffer).not.toBe(lent.buffer);
  first.giveBack();
  first.giveBack();
  const third = buffers.borrow();
  expect(third.allocate(90_000).buffer).toBe(lent.buffer);
  expect(third.allocate(90_000).buffer).not.toBe(lent.buffer);
});

test('small and huge reads are not lent', () => {
  const buffers = new ReadBuffers(new RecycledMemory({ freeBytesMax: 1 << 22 }));
  const loan = buffers.borrow();
  const small = loan.allocate(100);
  const huge = loan.allocate(50_000_000);
  loan.giveBack();
  expect([small.byteLength, huge.byteLength]).toEqual([100, 50_000_000]);
  expect(buffers.borrow().allocate(100_000).buffer).not.toBe(huge.buffer);
});

test('many readers of old records over TCP at once each get every batch undamaged', async () => {
  // No tail cache would serve 40 MB: the reads go to the file and through the lent memory.
  await using context = await BrokerContext.open();
  const writer = await context.client('tcp');
  await writer.createTopic('t');
  const count = 120;
  for (let index = 0; index < count; index++) {
    await writer.produce('t', batchOf([`${index}:${randomBytes(180_000).toString('base64')}`]));
  }
  const readAll = async (): Promise<number> => {
    const client = await context.client('tcp');
    let offset = 0;
    while (offset < count) {
      const { records } = await client.fetch('t', offset, { partitionMaxBytes: 1_000_000 });
      const bytes = records ?? new Uint8Array(0);
      for (let at = 0; at + 61 <= bytes.length; at += batchSize(bytes, at)) {
        if (at + batchSize(bytes, at) > bytes.length) break;
        expect(findBatchProblem(bytes, at, bytes.length)).toBeUndefined();
        expect(readBatchHeader(bytes, at).baseOffset).toBe(offset);
        offset++;
      }
    }
    return offset;
  };
  expect(await Promise.all(Array.from({ length: 6 }, readAll))).toEqual(Array(6).fill(count));
});
