export interface QuotaWindows {
  /** `quota.window.num`: windows that count, the current one among them. */
  readonly count: number;
  /** `quota.window.size.seconds` */
  readonly sizeMs: number;
}

/**
 * A rate over the last windows, as Kafka measures it: values fall into windows of a fixed length, and the time they are
 * divided by is never less than all windows but one, so that a short burst is no high rate.
 */
export class RateSensor {
  readonly #windows: QuotaWindows;
  readonly #samples: { startMs: number; value: number }[] = [];
  lastUsedMs = 0;

  constructor(windows: QuotaWindows) {
    this.#windows = windows;
  }

  record(value: number, nowMs: number): void {
    this.lastUsedMs = nowMs;
    this.#expire(nowMs);
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.startMs < this.#windows.sizeMs) last.value += value;
    else this.#samples.push({ startMs: nowMs, value });
  }

  /** How long to wait until the rate is down to `bound` a second; 0 when it is not above. */
  throttleMs(bound: number, nowMs: number): number {
    this.#expire(nowMs);
    const total = this.#samples.reduce((sum, { value }) => sum + value, 0);
    const windowMs = this.#measuredMs(nowMs);
    const rate = (total * 1000) / windowMs;
    return rate > bound ? Math.round(((rate - bound) / bound) * windowMs) : 0;
  }

  rate(nowMs: number): number {
    this.#expire(nowMs);
    const total = this.#samples.reduce((sum, { value }) => sum + value, 0);
    return (total * 1000) / this.#measuredMs(nowMs);
  }

  #measuredMs(nowMs: number): number {
    const { count, sizeMs } = this.#windows;
    const elapsedMs = nowMs - (this.#samples[0]?.startMs ?? nowMs);
    const missing = count - 1 - Math.floor(elapsedMs / sizeMs);
    return Math.max(1, elapsedMs + Math.max(0, missing) * sizeMs);
  }

  #expire(nowMs: number): void {
    const oldestMs = nowMs - this.#windows.count * this.#windows.sizeMs;
    while ((this.#samples[0]?.startMs ?? nowMs) < oldestMs) this.#samples.shift();
  }
}
