import type { Clock } from '@millrace/foundation';

/** Keeps work at or below a rate, on average since it began. Counts its bytes in any case. */
export class Throttle {
  readonly #clock: Clock;
  readonly #bytesPerSecondMax: number;
  readonly #startMs: number;
  bytes = 0;

  constructor(clock: Clock, bytesPerSecondMax: number) {
    this.#clock = clock;
    this.#bytesPerSecondMax = bytesPerSecondMax;
    this.#startMs = clock.monotonicMs();
  }

  async take(bytes: number): Promise<void> {
    this.bytes += bytes;
    if (this.#bytesPerSecondMax === Infinity) return;
    const dueMs = this.#startMs + (this.bytes / this.#bytesPerSecondMax) * 1000;
    const waitMs = dueMs - this.#clock.monotonicMs();
    if (waitMs >= 1) await this.#clock.sleep(waitMs);
  }
}
