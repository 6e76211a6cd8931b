import { expect, test } from '@jest/globals';
import { MillraceError, silentLogger, systemRandom, type Clock } from '@millrace/foundation';
import { newErrorCounters } from '../src/errors/counters.ts';
import { RecordErrors } from '../src/errors/record-errors.ts';
import { ToleranceWindow } from '../src/errors/tolerance-window.ts';

/** Time that passes only while somebody sleeps. */
function steppingClock(): { readonly clock: Clock; readonly slept: number[] } {
  const slept: number[] = [];
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: (durationMs) => {
      slept.push(durationMs);
      nowMs += durationMs;
      return Promise.resolve();
    },
  };
  return { clock, slept };
}

function operator(retryTimeoutMs: number): {
  readonly errors: RecordErrors;
  readonly slept: number[];
} {
  const { clock, slept } = steppingClock();
  const errors = new RecordErrors({
    settings: {
      retryTimeoutMs,
      retryDelayMaxMs: 1000,
      isTolerant: false,
      isLogged: false,
      areCoordinatesLogged: false,
    },
    counters: newErrorCounters(),
    deadLetters: undefined,
    tolerance: new ToleranceWindow(clock, { ratioMax: 1, windowMs: 1000, recordsMin: 1 }),
    onFailure: () => undefined,
    taskName: 'c-0',
    clock,
    random: systemRandom,
    log: silentLogger,
  });
  return { errors, slept };
}

const passing = new MillraceError({ code: 'x.busy', retry: 'retriable', message: 'busy' });
const { signal } = new AbortController();

test('a passing error is retried with growing delays until the deadline', async () => {
  const { errors, slept } = operator(5000);
  let calls = 0;
  const fail = (): never => {
    calls++;
    throw passing;
  };
  await expect(errors.retrying(passing, fail, signal)).rejects.toBe(passing);
  expect(calls).toBe(slept.length);
  expect(slept[0]).toBeGreaterThanOrEqual(150);
  expect(Math.max(...slept)).toBeLessThanOrEqual(1000);
  expect(slept.reduce((total, each) => total + each, 0)).toBeLessThanOrEqual(5000);
  expect(calls).toBeGreaterThanOrEqual(5);
});

test('a retry that works gives its result', async () => {
  const { errors } = operator(-1);
  let failures = 3;
  const operation = (): string => {
    if (failures-- > 0) throw passing;
    return 'done';
  };
  expect(await errors.retrying(passing, operation, signal)).toBe('done');
});

test('without a retry timeout, and for lasting errors, nothing is tried again', async () => {
  const lasting = new MillraceError({ code: 'x.bad', retry: 'fatal', message: 'bad' });
  const never = (): never => {
    throw new Error('called');
  };
  await expect(operator(0).errors.retrying(passing, never, signal)).rejects.toBe(passing);
  await expect(operator(5000).errors.retrying(lasting, never, signal)).rejects.toBe(lasting);
});
