import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Clock } from '@millrace/foundation';
import { Pace } from '../src/pace.ts';

const { signal } = new AbortController();
const NOTHING = { hasChanged: false, isAtEnd: true };

/** Time passes when told to; who sleeps is woken by an abort alone. */
class ManualClock implements Clock {
  now = 0;
  nowMs = (): number => this.now;
  monotonicMs = (): number => this.now;
  sleep(_durationMs: number, woken?: AbortSignal): Promise<void> {
    return new Promise((_resolve, reject) => {
      woken?.addEventListener('abort', () => reject(woken.reason as Error), { once: true });
    });
  }
}

let folder: string;
let clock: ManualClock;
let pace: Pace;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-pace-'));
  clock = new ManualClock();
});
afterEach(() => {
  pace.close();
  rmSync(folder, { recursive: true });
});

function paceOf(file: string): Pace {
  pace = new Pace({ file, intervalMs: 250, quietAfterMs: 0, clock });
  return pace;
}

/** Looks and finds nothing until the file counts as quiet and is watched. */
async function fallAsleep(): Promise<void> {
  for (let looks = 0; looks < 22; looks++) {
    clock.now += 250;
    await pace.looked(NOTHING);
  }
}

function isDueAfter(durationMs: number): boolean {
  clock.now += durationMs;
  const isDue = pace.isDue();
  clock.now -= durationMs;
  return isDue;
}

test.each(['created', 'appended to', 'renamed'])(
  'a quiet file is looked at seldom, and at once when it is %s',
  async (how) => {
    const file = join(folder, 'app.log');
    if (how !== 'created') writeFileSync(file, 'line\n');
    paceOf(file);
    await fallAsleep();
    expect(isDueAfter(9_000)).toBe(false);
    expect(isDueAfter(10_000)).toBe(true);
    const woken = pace.wait(10_000, signal);
    if (how === 'created') writeFileSync(file, '');
    else if (how === 'renamed') renameSync(file, `${file}.1`);
    else appendFileSync(file, 'another\n');
    await woken;
    expect(pace.isDue()).toBe(true);
    // It is likely to go on.
    await pace.looked({ hasChanged: true, isAtEnd: true });
    expect(isDueAfter(250)).toBe(true);
  },
);

test('many files of a folder are told apart', async () => {
  paceOf(join(folder, 'quiet.log'));
  await fallAsleep();
  const other = new Pace({
    file: join(folder, 'busy.log'),
    intervalMs: 250,
    quietAfterMs: 0,
    clock,
  });
  try {
    for (clock.now = 0; clock.now < 6_000; clock.now += 250) await other.looked(NOTHING);
    const woken = other.wait(10_000, signal);
    writeFileSync(join(folder, 'busy.log'), 'line\n');
    await woken;
    clock.now = 6_000;
    expect(other.isDue()).toBe(true);
    expect(pace.isDue()).toBe(false);
  } finally {
    other.close();
  }
});

test('a file that changed twice without a word is looked at by the interval from then on', async () => {
  paceOf(join(folder, 'mounted.log'));
  for (let misses = 0; misses < 2; misses++) {
    await fallAsleep();
    expect(isDueAfter(9_000)).toBe(false);
    await pace.looked({ hasChanged: true, isAtEnd: true });
  }
  await fallAsleep();
  expect(isDueAfter(250)).toBe(true);
});

test('a file in a folder that is not there is looked at by the interval', async () => {
  paceOf(join(folder, 'absent', 'app.log'));
  await fallAsleep();
  expect(isDueAfter(250)).toBe(true);
});

test('waiting ends with its signal', async () => {
  paceOf(join(folder, 'app.log'));
  await fallAsleep();
  const stop = new AbortController();
  const waiting = pace.wait(10_000, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
