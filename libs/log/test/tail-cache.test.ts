import { expect, test } from '@jest/globals';
import { RecycledMemory } from '@millrace/foundation';
import { TailCache, TailCacheBudget } from '../src/tail-cache.ts';
import { batch } from './support.ts';

const allocate = (bytes: number): Uint8Array => new Uint8Array(bytes);

test('the tail is kept while somebody reads near the end, and not for nobody', () => {
  const budget = new TailCacheBudget(1 << 20, new RecycledMemory({ freeBytesMax: 1 << 20 }));
  const cache = new TailCache(budget);
  let nextOffset = 0;
  const write = (): void => {
    const bytes = batch({ values: ['v'], baseOffset: nextOffset });
    cache.add(nextOffset, [{ bytes, nextOffset: nextOffset + 1 }]);
    nextOffset += 1;
  };
  write();
  expect([cache.baseOffset, budget.bytes]).toEqual([Infinity, 0]);
  cache.noteReader();
  write();
  expect(cache.baseOffset).toBe(1);
  expect(cache.read(1, 10_000, Infinity, false, allocate)?.nextOffset).toBe(2);
  // The reader is gone: after a while its memory is too.
  for (let count = 0; count < 300; count += 1) write();
  expect([cache.baseOffset, budget.bytes]).toEqual([Infinity, 0]);
});

test.each([16, 32, 64])(
  'bytes that were read stay as they are when their block is used again, in a cache of %i KB',
  (kilobytes) => {
    const memory = new RecycledMemory({ freeBytesMax: 1 << 20, onGiven: (piece) => piece.fill(9) });
    const budget = new TailCacheBudget(kilobytes * 1024, memory);
    const caches = [new TailCache(budget), new TailCache(budget)];
    const nextOffsets = [0, 0];
    const kept: { readonly bytes: Uint8Array; readonly expected: Uint8Array }[] = [];
    let hits = 0;
    for (let round = 0; round < 400; round += 1) {
      const which = (round * 7) % 2;
      const cache = caches[which];
      const offset = nextOffsets[which] ?? 0;
      if (cache === undefined) continue;
      cache.noteReader();
      const values = ['x'.repeat((round * 613) % 9_000)];
      const bytes = batch({ values, baseOffset: offset });
      const expected = Buffer.from(bytes);
      cache.add(offset, [{ bytes, nextOffset: offset + 1 }]);
      bytes.fill(7);
      nextOffsets[which] = offset + 1;
      const read = cache.read(offset, 1_000_000, Infinity, false, allocate);
      if (read !== undefined) kept.push({ bytes: read.bytes, expected });
      const older = cache.read(offset - 3, 1_000_000, Infinity, false, allocate);
      if (older !== undefined) hits += 1;
      expect(budget.bytes).toBeLessThanOrEqual(kilobytes * 1024);
      if (round % 90 === 89) cache.clear();
    }
    for (const { bytes, expected } of kept) expect(Buffer.compare(expected, bytes)).toBe(0);
    expect([kept.length, hits > 0]).toEqual([400, kilobytes > 16]);
  },
);
