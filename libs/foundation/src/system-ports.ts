import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, Random } from './ports.ts';

/** Node's timers overflow above this. */
const TIMER_MS_MAX = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const dueMs = performance.now() + durationMs;
      let timer = setTimeout(ring, wholeMs(durationMs));
      function ring(): void {
        // Node counts whole milliseconds from the beginning of one, so its timers ring early.
        const leftMs = dueMs - performance.now();
        if (leftMs > 0) {
          timer = setTimeout(ring, wholeMs(leftMs));
          return;
        }
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }
      function onAbort(): void {
        clearTimeout(timer);
        reject(asError(signal?.reason));
      }
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

export const systemRandom: Random = {
  nextInt: (exclusiveMax) => randomInt(exclusiveMax),
  nextBytes: (count) => randomBytes(count),
};

function wholeMs(durationMs: number): number {
  return Math.min(Math.ceil(durationMs), TIMER_MS_MAX);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
