import { expect, test } from '@jest/globals';
import { RecycledMemory } from '../src/recycled-memory.ts';

const KB = 1024;

test('a piece is at least as large as asked for, and is taken again once it is given back', () => {
  const memory = new RecycledMemory({ freeBytesMax: 1 << 22 });
  for (const bytes of [0, 1, 16 * KB, 16 * KB + 1, 100_000, 1 << 20, (1 << 20) + 1, 1 << 21]) {
    const piece = memory.take(bytes);
    expect(piece.byteLength).toBeGreaterThanOrEqual(bytes);
    expect(memory.take(bytes).buffer).not.toBe(piece.buffer);
    memory.give(piece);
    expect(memory.take(bytes)).toBe(piece);
  }
  expect(memory.freeBytes).toBe(0);
});

test('what is too large, or only a part of a piece, is not kept', () => {
  const memory = new RecycledMemory({ freeBytesMax: 1 << 22 });
  memory.give(memory.take((1 << 21) + 1));
  memory.give(memory.take(64 * KB).subarray(0, 32 * KB));
  memory.give(new Uint8Array(17 * KB));
  expect(memory.freeBytes).toBe(0);
});

test('what waits unused is bounded, and sizes of the past make room for those of now', () => {
  const memory = new RecycledMemory({ freeBytesMax: 256 * KB });
  const small = Array.from({ length: 30 }, () => memory.take(16 * KB));
  const large = Array.from({ length: 3 }, () => memory.take(128 * KB));
  for (const piece of small) memory.give(piece);
  expect(memory.freeBytes).toBe(256 * KB);
  for (const piece of large) memory.give(piece);
  expect(memory.freeBytes).toBe(256 * KB);
  const again = [memory.take(128 * KB), memory.take(128 * KB)];
  expect(again.every((piece) => large.includes(piece))).toBe(true);
  expect(memory.freeBytes).toBe(0);
});

test('whoever looks after the memory sees all that is given back', () => {
  const memory = new RecycledMemory({ freeBytesMax: 1 << 20, onGiven: (piece) => piece.fill(7) });
  const piece = memory.take(20 * KB);
  memory.give(piece);
  expect(memory.take(20 * KB)).toBe(piece);
  expect(piece.every((byte) => byte === 7)).toBe(true);
});
