import type { Clock } from '@millrace/foundation';

export interface ToleranceLimits {
  /** Share of the records that may fail; 1 and more: all of them. */
  readonly ratioMax: number;
  readonly windowMs: number;
  /** With fewer records in the window nothing is judged. */
  readonly recordsMin: number;
}

interface Slot {
  readonly number: number;
  processed: number;
  failed: number;
}

const SLOTS = 10;

/** How many of the last records failed, over a window that slides by a tenth of its length. */
export class ToleranceWindow {
  readonly #clock: Clock;
  readonly #limits: ToleranceLimits;
  /** At most `SLOTS`, the oldest first. */
  #slots: Slot[] = [];

  constructor(clock: Clock, limits: ToleranceLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get limits(): ToleranceLimits {
    return this.#limits;
  }

  /** Records that a stage is about to be tried on; before any of them fails. */
  processed(count: number): void {
    if (this.#limits.ratioMax < 1) this.#slot().processed += count;
  }

  /** One more failed; what is too much of it, or undefined while it is tolerable. */
  failed(): { readonly failed: number; readonly processed: number } | undefined {
    const { ratioMax, recordsMin } = this.#limits;
    if (ratioMax >= 1) return undefined;
    this.#slot().failed++;
    const failed = this.#slots.reduce((total, slot) => total + slot.failed, 0);
    const processed = this.#slots.reduce((total, slot) => total + slot.processed, 0);
    // A record of an earlier window may fail late.
    const basis = Math.max(processed, failed);
    return basis >= recordsMin && failed / basis > ratioMax
      ? { failed, processed: basis }
      : undefined;
  }

  #slot(): Slot {
    const slotMs = Math.max(1, this.#limits.windowMs / SLOTS);
    const number = Math.floor(this.#clock.monotonicMs() / slotMs);
    const last = this.#slots.at(-1);
    if (last?.number === number) return last;
    const slot = { number, processed: 0, failed: 0 };
    this.#slots = [...this.#slots.filter((each) => each.number > number - SLOTS), slot];
    return slot;
  }
}
