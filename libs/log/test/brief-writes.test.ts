import { expect, test } from '@jest/globals';
import { deferred, type Clock } from '@millrace/foundation';
import { BriefWrites } from '../src/brief-writes.ts';
import { runnableTime, ThreadWaits } from '../src/thread-waits.ts';

class HandClock implements Clock {
  ms = 0;
  ranMs: number | undefined = 3;
  readonly turns: (() => void)[] = [];

  briefWrites(bytesMax = 1000): BriefWrites {
    const waits = new ThreadWaits({
      clock: this,
      runnableMs: () => this.ranMs,
      onNextTurn: (callback) => this.turns.push(callback),
    });
    return new BriefWrites(bytesMax, this, waits);
  }

  nowMs(): number {
    return this.ms;
  }

  monotonicMs(): number {
    return this.ms;
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }
}

test('short writes are done in place, long ones and all with a bound of 0 are not', () => {
  const brief = new HandClock().briefWrites();
  expect([brief.allows(1000), brief.allows(1001)]).toEqual([true, false]);
  expect(new HandClock().briefWrites(0).allows(1)).toBe(false);
});

test('no write is done in place while a sync runs, whether it ends well or not', async () => {
  const brief = new HandClock().briefWrites();
  const [good, bad] = [deferred(), deferred()];
  const syncs = [brief.beside(good.promise), brief.beside(bad.promise)];
  expect(brief.allows(1)).toBe(false);
  good.resolve();
  await syncs[0];
  expect(brief.allows(1)).toBe(false);
  bad.reject(new Error('EIO'));
  await expect(syncs[1]).rejects.toThrow('EIO');
  expect(brief.allows(1)).toBe(true);
});

test('after a write that has waited the pool writes for a while, also when it failed', () => {
  const clock = new HandClock();
  const brief = clock.briefWrites();
  const slow = (): number => {
    clock.ms += 30;
    throw new Error('ENOSPC');
  };
  expect(() => brief.run(slow)).toThrow('ENOSPC');
  expect(brief.allows(1)).toBe(false);
  clock.ms += 4_999;
  expect(brief.allows(1)).toBe(false);
  clock.ms += 1;
  expect(brief.allows(1)).toBe(true);
  expect(brief.run(() => 7)).toBe(7);
  expect(brief.allows(1)).toBe(true);
});

test('a write that was slow, but has waited for nothing, changes nothing', () => {
  const clock = new HandClock();
  const brief = clock.briefWrites();
  const slow = (waitedMs: number): void => {
    brief.run(() => {
      clock.ms += 30;
      clock.ranMs = (clock.ranMs ?? 0) + 30 - waitedMs;
      return 1;
    });
  };
  slow(0);
  expect(brief.allows(1)).toBe(true);
  // Between its turns the loop waits for what there is to do.
  for (const begin of clock.turns.splice(0)) begin();
  clock.ms += 1_000;
  slow(1);
  expect(brief.allows(1)).toBe(true);
  slow(5);
  expect(brief.allows(1)).toBe(false);
});

test('where the kernel does not tell, a slow write has waited', () => {
  const clock = new HandClock();
  clock.ranMs = undefined;
  const brief = clock.briefWrites();
  brief.run(() => {
    clock.ms += 3;
    return 1;
  });
  expect(brief.allows(1)).toBe(false);
});

test('what the kernel counts for this thread grows as it runs, and not as it sleeps', () => {
  const runnableMs = runnableTime();
  const before = runnableMs();
  if (before === undefined) return; // another system
  const asleepMs = performance.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  const runnable = runnableMs() ?? NaN;
  // A busy machine makes both longer; the sleep is in one of them alone, but for a tick of the kernel's.
  expect(performance.now() - asleepMs - (runnable - before)).toBeGreaterThan(150);
  const startMs = performance.now();
  while ((runnableMs() ?? NaN) - runnable < 100) {
    if (performance.now() - startMs > 60_000) throw new Error('the count stands still');
  }
});
