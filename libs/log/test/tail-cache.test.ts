import { expect, test } from '@jest/globals';
import { TailCache, TailCacheBudget } from '../src/tail-cache.ts';
import { batch } from './support.ts';

test('the tail is kept while somebody reads near the end, and not for nobody', () => {
  const budget = new TailCacheBudget(1 << 20);
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
  expect(cache.read(1, 10_000, Infinity, false)?.nextOffset).toBe(2);
  // The reader is gone: after a while its memory is too.
  for (let count = 0; count < 300; count += 1) write();
  expect([cache.baseOffset, budget.bytes]).toEqual([Infinity, 0]);
});
