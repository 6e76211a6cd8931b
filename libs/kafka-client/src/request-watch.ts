import { deferred, type Clock, type Deferred } from '@millrace/foundation';
import { Alarm } from './alarm.ts';

interface Watched {
  readonly dueMs: number;
  readonly outcome: Deferred<never>;
  readonly error: () => Error;
  readonly afterwards: (() => void) | undefined;
}

/** Gives each of many promises a time-out with one timer in all. */
export class RequestWatch {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #watched = new Set<Watched>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock, () => this.#expire());
  }

  /** As `promise`, but rejects with `error()` after `timeoutMs`; `afterwards` then cleans up. */
  async guard<T>(
    promise: Promise<T>,
    timeoutMs: number,
    error: () => Error,
    afterwards?: () => void,
  ): Promise<T> {
    if (!Number.isFinite(timeoutMs)) return await promise;
    const watched: Watched = {
      dueMs: this.#clock.monotonicMs() + timeoutMs,
      outcome: deferred<never>(),
      error,
      afterwards,
    };
    this.#watched.add(watched);
    this.#alarm.set(watched.dueMs);
    try {
      return await Promise.race([promise, watched.outcome.promise]);
    } finally {
      this.#watched.delete(watched);
      if (this.#watched.size === 0) this.#alarm.clear();
    }
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    let nextMs = Infinity;
    for (const watched of this.#watched) {
      if (watched.dueMs <= nowMs) {
        watched.outcome.reject(watched.error());
        watched.afterwards?.();
      } else nextMs = Math.min(nextMs, watched.dueMs);
    }
    this.#alarm.set(nextMs);
  }
}
