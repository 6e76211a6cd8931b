import { expect, test } from '@jest/globals';
import { BoundedQueue } from '../src/bounded-queue.ts';

const never = new AbortController().signal;

test('a full queue makes its producer wait until there is room', async () => {
  const queue = new BoundedQueue<string>(10);
  await queue.push('a', 6, never);
  let pushed = false;
  const waiting = queue.push('b', 6, never).then(() => (pushed = true));
  await Promise.resolve();
  expect(pushed).toBe(false);
  expect(await queue.take(never)).toBe('a');
  await waiting;
  expect(queue.bytes).toBe(6);
});

test('an item larger than the queue passes alone', async () => {
  const queue = new BoundedQueue<string>(10);
  await queue.push('huge', 1_000, never);
  expect(await queue.take(never)).toBe('huge');
  expect(queue.bytes).toBe(0);
});

test('an abort frees a waiting producer and a waiting consumer', async () => {
  const abort = new AbortController();
  const queue = new BoundedQueue<string>(1);
  const consumer = queue.take(abort.signal);
  abort.abort(new Error('stopped'));
  await expect(consumer).rejects.toThrow('stopped');
  await queue.push('a', 1, never);
  const second = new AbortController();
  const producer = queue.push('b', 1, second.signal);
  second.abort(new Error('stopped too'));
  await expect(producer).rejects.toThrow('stopped too');
  expect(queue.length).toBe(1);
});

test('a closed queue is drained and then says so', async () => {
  const queue = new BoundedQueue<string>(10);
  await queue.push('last', 1, never);
  queue.close();
  expect(await queue.take(never)).toBe('last');
  expect(await queue.take(never)).toBeUndefined();
});

test('several waiting producers and consumers all get their turn, in order', async () => {
  const queue = new BoundedQueue<number>(1);
  const taken: (number | undefined)[] = [];
  const consume = async (): Promise<void> => {
    for (let count = 0; count < 50; count++) taken.push(await queue.take(never));
  };
  const consumers = [consume(), consume()];
  for (let item = 0; item < 100; item++) await queue.push(item, 1, never);
  await Promise.all(consumers);
  expect(taken).toEqual(Array.from({ length: 100 }, (_, index) => index));
});
