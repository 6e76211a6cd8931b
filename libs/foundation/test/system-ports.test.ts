import { expect, test } from '@jest/globals';
import { systemClock } from '../src/system-ports.ts';

test('a sleep never ends before its time, by the clock that it is measured with', async () => {
  const earlyMs: number[] = [];
  const sleepOnce = async (durationMs: number): Promise<void> => {
    const dueMs = systemClock.monotonicMs() + durationMs;
    await systemClock.sleep(durationMs);
    const leftMs = dueMs - systemClock.monotonicMs();
    if (leftMs > 0) earlyMs.push(leftMs);
  };
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 40 }, (_, index) => sleepOnce(5 + index / 7)));
  expect(earlyMs).toEqual([]);
});

test('an aborted sleep rejects with the reason, before it and while it lasts', async () => {
  const reason = new Error('no longer wanted');
  const during = new AbortController();
  const sleeping = systemClock.sleep(60_000, during.signal);
  during.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(systemClock.sleep(1, AbortSignal.abort(reason))).rejects.toBe(reason);
});
