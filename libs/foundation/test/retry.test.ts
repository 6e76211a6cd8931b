import { expect, test } from '@jest/globals';
import { MillraceError } from '../src/errors.ts';
import type { Clock, Random } from '../src/ports.ts';
import { retry, type RetryPorts } from '../src/retry.ts';

const random: Random = { nextInt: (max) => max - 1, nextBytes: (count) => new Uint8Array(count) };
const busy = new MillraceError({ code: 'test.busy', retry: 'retriable', message: 'busy' });
const broken = new MillraceError({ code: 'test.broken', retry: 'fatal', message: 'broken' });

function steppedClock(slept: number[]): Clock {
  let now = 0;
  return {
    nowMs: () => now,
    monotonicMs: () => now,
    sleep: (durationMs, signal) => {
      signal?.throwIfAborted();
      slept.push(durationMs);
      now += durationMs;
      return Promise.resolve();
    },
  };
}

function ports(slept: number[], signal = new AbortController().signal): RetryPorts {
  return { clock: steppedClock(slept), random, signal };
}

const policy = { initialDelayMs: 100, delayMaxMs: 1_000, deadlineMs: 10_000 };

test('a retriable error is tried again with growing, capped delays', async () => {
  const slept: number[] = [];
  const result = await retry(policy, ports(slept), (attempt) =>
    attempt < 7 ? Promise.reject(busy) : Promise.resolve(attempt),
  );
  expect(result).toBe(7);
  expect(slept).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

test('a fatal error is thrown at once', async () => {
  const slept: number[] = [];
  await expect(retry(policy, ports(slept), () => Promise.reject(broken))).rejects.toBe(broken);
  expect(slept).toEqual([]);
});

test('the last error is thrown when the deadline would pass during the next wait', async () => {
  const slept: number[] = [];
  await expect(
    retry({ ...policy, deadlineMs: 750 }, ports(slept), () => Promise.reject(busy)),
  ).rejects.toBe(busy);
  expect(slept).toEqual([100, 200, 400]);
});

test('an abort ends it with the reason of the abort', async () => {
  const abort = new AbortController();
  const attempts = retry(policy, ports([], abort.signal), () => {
    abort.abort(new Error('stopped'));
    return Promise.reject(busy);
  });
  await expect(attempts).rejects.toThrow('stopped');
});
