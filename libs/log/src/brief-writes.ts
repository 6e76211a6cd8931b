import type { Clock } from '@millrace/foundation';
import type { ThreadWaits } from './thread-waits.ts';

/** A write into the page cache takes some 10 µs. One that took so long has waited for something. */
const SLOW_MS = 2;
/** For so long after one that has waited the pool writes. */
const REST_MS = 5_000;

/**
 * Which writes are done on the event loop. A thread of the pool costs two switches of context and a handful of system
 * calls a write, several times what the kernel takes to copy a few dozen kilobytes into its page cache: with writes
 * that small it was a quarter of the broker's processor time, and part of it on the loop itself. Larger ones belong to
 * the pool, which takes them off the loop.
 *
 * A write can wait: for the journal or for pages that are on their way to the disk. That is so when a sync runs, by
 * which a sick disk shows itself first, and after a write that has waited; both make the pool write. A write that was
 * slow because the processor was another's has not waited (`ThreadWaits`): the pool would make a busy machine busier.
 */
export class BriefWrites {
  readonly #bytesMax: number;
  readonly #clock: Clock;
  readonly #waits: ThreadWaits;
  #syncs = 0;
  #restUntilMs = -Infinity;

  constructor(bytesMax: number, clock: Clock, waits: ThreadWaits) {
    this.#bytesMax = bytesMax;
    this.#clock = clock;
    this.#waits = waits;
  }

  allows(bytes: number): boolean {
    return (
      bytes <= this.#bytesMax && this.#syncs === 0 && this.#clock.monotonicMs() >= this.#restUntilMs
    );
  }

  run(write: () => number): number {
    this.#waits.watch();
    const startMs = this.#clock.monotonicMs();
    try {
      return write();
    } finally {
      const endMs = this.#clock.monotonicMs();
      if (endMs - startMs > SLOW_MS && this.#waits.waitedMs() > SLOW_MS)
        this.#restUntilMs = endMs + REST_MS;
    }
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
