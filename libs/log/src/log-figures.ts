/** Durations of one kind: what Kafka's timers show. */
export interface TimerFigures {
  readonly count: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

/** Counts over all logs since the start, for metrics. */
export class LogFigures {
  #flushCount = 0;
  #flushTotalMs = 0;
  #flushMaxMs = 0;

  noteFlush(durationMs: number): void {
    this.#flushCount += 1;
    this.#flushTotalMs += durationMs;
    this.#flushMaxMs = Math.max(this.#flushMaxMs, durationMs);
  }

  /** Kafka's `LogFlushRateAndTimeMs`. */
  get flushes(): TimerFigures {
    return { count: this.#flushCount, totalMs: this.#flushTotalMs, maxMs: this.#flushMaxMs };
  }
}
