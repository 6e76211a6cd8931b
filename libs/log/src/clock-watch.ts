import type { Clock } from '@millrace/foundation';

/** A step of the wall clock that is no drift. */
const JUMP_MS = 10 * 60_000;
/** How long a clock that has jumped forward is not believed. */
const DOUBT_MS = 60 * 60_000;

/**
 * Notices when the wall clock jumps forward against the monotonic one: what seems to have expired at once may come
 * back to life when the clock is set right, so that for an hour nothing is deleted by its age.
 */
export class ClockWatch {
  readonly #clock: Clock;
  #differenceMs: number;
  #doubtUntilMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#differenceMs = clock.nowMs() - clock.monotonicMs();
  }

  /** Whether the wall clock can be believed. To be asked now and then. */
  isTrusted(): { readonly isTrusted: boolean; readonly jumpMs: number } {
    const monotonicMs = this.#clock.monotonicMs();
    const differenceMs = this.#clock.nowMs() - monotonicMs;
    const jumpMs = differenceMs - this.#differenceMs;
    this.#differenceMs = differenceMs;
    if (jumpMs > JUMP_MS) this.#doubtUntilMs = monotonicMs + DOUBT_MS;
    // Set back to about where it was: it is right again.
    else if (jumpMs < -JUMP_MS) this.#doubtUntilMs = -Infinity;
    return { isTrusted: monotonicMs >= this.#doubtUntilMs, jumpMs };
  }
}
