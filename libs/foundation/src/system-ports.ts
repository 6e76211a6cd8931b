import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, Random } from './ports.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, durationMs);
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

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
