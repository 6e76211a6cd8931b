import type { Clock } from '@millrace/foundation';

/** A write into the page cache takes some 10 µs. One that took so long has waited for something. */
const SLOW_MS = 2;
/** For so long after a write that waited the pool writes. */
const REST_MS = 5_000;

export interface BriefWritesOptions {
  /** Longer writes are the pool's; all with 0. */
  readonly bytesMax: number;
  readonly clock: Clock;
  /** How often threads of this process have waited for anything, as the kernel counts it. */
  readonly countWaits: () => number;
  /** Calls back when a new turn of the loop begins. */
  readonly onNextTurn: (callback: () => void) => void;
}

/**
 * Which writes are done on the event loop. A thread of the pool costs two switches of context and a handful of system
 * calls a write, several times what the kernel takes to copy a few dozen kilobytes into its page cache: with writes
 * that small it was a quarter of the broker's processor time, and part of it on the loop itself. Larger ones belong to
 * the pool, which takes them off the loop.
 *
 * A write can wait: for the journal or for pages that are on their way to the disk. That is so when a sync runs, by
 * which a sick disk shows itself first, and after a write that has waited; both make the pool write. A write that was
 * slow because the processor was another's did not wait, as the kernel's count tells: on a busy machine that is so
 * many times a second, and the pool would make it busier.
 */
export class BriefWrites {
  readonly #options: BriefWritesOptions;
  #syncs = 0;
  #restUntilMs = -Infinity;
  /** The count of waits when this turn of the loop wrote first; the loop itself waits between its turns only. */
  #waits: number | undefined;

  constructor(options: BriefWritesOptions) {
    this.#options = options;
  }

  allows(bytes: number): boolean {
    const { bytesMax, clock } = this.#options;
    return bytes <= bytesMax && this.#syncs === 0 && clock.monotonicMs() >= this.#restUntilMs;
  }

  run(write: () => number): number {
    const { clock, countWaits } = this.#options;
    const waits = this.#waitsOfTurn();
    const startMs = clock.monotonicMs();
    try {
      return write();
    } finally {
      const endMs = clock.monotonicMs();
      if (endMs - startMs > SLOW_MS && countWaits() !== waits) this.#restUntilMs = endMs + REST_MS;
    }
  }

  #waitsOfTurn(): number {
    if (this.#waits !== undefined) return this.#waits;
    this.#options.onNextTurn(() => {
      this.#waits = undefined;
    });
    return (this.#waits = this.#options.countWaits());
  }

  /** While it is not done, no write is on the loop. */
  async beside(sync: Promise<void>): Promise<void> {
    this.#syncs += 1;
    try {
      await sync;
    } finally {
      this.#syncs -= 1;
    }
  }
}
