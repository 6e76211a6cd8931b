import { systemClock } from '@millrace/foundation';

/** A small generator (mulberry32), so that the instants of a failed run can be repeated. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A step that hangs is named, instead of the whole test running out of time. */
export async function within<T>(step: string, work: Promise<T>, timeoutMs = 60_000): Promise<T> {
  const done = new AbortController();
  const late = systemClock.sleep(timeoutMs, done.signal).then(() => {
    throw new Error(`not within ${timeoutMs / 1_000} s: ${step}`);
  });
  late.catch(() => undefined); // aborted, or thrown by the race
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

/** Waits for what other processes bring about. */
export async function until(
  what: string,
  isTrue: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + timeoutMs;
  while (!(await isTrue())) {
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`);
    await systemClock.sleep(50);
  }
}
