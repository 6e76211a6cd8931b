import type { Clock } from '@millrace/foundation';

/** One for all: making an AbortError each time is dear. */
const CLEARED = new Error('the alarm was cleared');
/** Node's timers overflow above this. */
const SLEEP_MS_MAX = 2_147_483_647;

/** One timer that rings at the earliest of the times asked for since it last rang. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #dueMs = Infinity;
  #sleeping: AbortController | undefined;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** In `monotonicMs`; `Infinity` is never. */
  set(atMs: number): void {
    if (atMs >= this.#dueMs) return;
    this.clear();
    this.#dueMs = atMs;
    const sleeping = new AbortController();
    this.#sleeping = sleeping;
    const waitMs = Math.min(Math.max(0, atMs - this.#clock.monotonicMs()), SLEEP_MS_MAX);
    this.#clock.sleep(waitMs, sleeping.signal).then(
      () => {
        if (this.#sleeping !== sleeping) return;
        this.#sleeping = undefined;
        this.#dueMs = Infinity;
        this.#onDue();
      },
      () => undefined, // only `clear` aborts
    );
  }

  clear(): void {
    this.#sleeping?.abort(CLEARED);
    this.#sleeping = undefined;
    this.#dueMs = Infinity;
  }
}
