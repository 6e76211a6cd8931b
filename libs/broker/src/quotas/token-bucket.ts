import type { QuotaWindows } from './rate-sensor.ts';

/** KIP-599: what is not used is saved up to the length of all windows, so that a burst may be large and then costs time. */
export class TokenBucket {
  readonly #windows: QuotaWindows;
  #tokens = 0;
  #atMs: number | undefined;
  lastUsedMs = 0;

  constructor(windows: QuotaWindows) {
    this.#windows = windows;
  }

  take(count: number, ratePerSecond: number, nowMs: number): void {
    this.#refill(ratePerSecond, nowMs);
    this.#tokens = Math.min(this.#burst(ratePerSecond), this.#tokens - count);
  }

  /** Until there is something to take again; 0 while there is. */
  throttleMs(ratePerSecond: number, nowMs: number): number {
    this.#refill(ratePerSecond, nowMs);
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / ratePerSecond) * 1000);
  }

  #burst(ratePerSecond: number): number {
    return (ratePerSecond * this.#windows.count * this.#windows.sizeMs) / 1000;
  }

  #refill(ratePerSecond: number, nowMs: number): void {
    this.lastUsedMs = nowMs;
    const burst = this.#burst(ratePerSecond);
    const gained = this.#atMs === undefined ? burst : ((nowMs - this.#atMs) * ratePerSecond) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#atMs = nowMs;
  }
}
