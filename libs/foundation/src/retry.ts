import { isRetriable } from './errors.ts';
import type { Clock, Random } from './ports.ts';

export interface RetryPolicy {
  readonly initialDelayMs: number;
  readonly delayMaxMs: number;
  /** Total time, from the first attempt, after which the last error is thrown. `Infinity`: for ever. */
  readonly deadlineMs: number;
  readonly attemptsMax?: number;
}

export interface RetryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Which errors are worth another attempt; by default those with `retry: 'retriable'`. */
  readonly isRetriable?: (error: unknown) => boolean;
  /** Told before each wait, so that a caller can log or count it. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}

/**
 * The one retry operator: exponential back-off with jitter (50-100 % of the delay), a deadline, and an abort.
 * Throws the last error when it is not retriable, when the attempts or the time are used up, or `signal.reason`.
 */
export async function retry<T>(
  policy: RetryPolicy,
  ports: RetryPorts,
  operation: (attempt: number) => Promise<T>,
): Promise<T> {
  const { clock, random, signal } = ports;
  const worthwhile = ports.isRetriable ?? isRetriable;
  const startedMs = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      signal.throwIfAborted();
      if (!worthwhile(error) || attempt >= (policy.attemptsMax ?? Infinity)) throw error;
      const cappedMs = Math.min(
        policy.delayMaxMs,
        policy.initialDelayMs * 2 ** Math.min(attempt - 1, 30),
      );
      const delayMs = cappedMs / 2 + random.nextInt(Math.floor(cappedMs / 2) + 1);
      if (clock.monotonicMs() - startedMs + delayMs > policy.deadlineMs) throw error;
      ports.onRetry?.(error, attempt, delayMs);
      await clock.sleep(delayMs, signal);
    }
  }
}
