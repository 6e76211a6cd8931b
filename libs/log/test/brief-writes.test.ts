import { expect, test } from '@jest/globals';
import { deferred, type Clock } from '@millrace/foundation';
import { BriefWrites } from '../src/brief-writes.ts';

class HandClock implements Clock {
  ms = 0;
  waits = 3;
  readonly turns: (() => void)[] = [];

  briefWrites(bytesMax = 1000): BriefWrites {
    return new BriefWrites({
      bytesMax,
      clock: this,
      countWaits: () => this.waits,
      onNextTurn: (callback) => this.turns.push(callback),
    });
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
    clock.waits += 1;
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
  const slow = (waits: number): void => {
    brief.run(() => {
      clock.ms += 30;
      clock.waits += waits;
      return 1;
    });
  };
  slow(0);
  // Between its turns the loop waits for what there is to do.
  for (const begin of clock.turns.splice(0)) begin();
  clock.waits += 1;
  slow(0);
  expect(brief.allows(1)).toBe(true);
  slow(1);
  expect(brief.allows(1)).toBe(false);
});
