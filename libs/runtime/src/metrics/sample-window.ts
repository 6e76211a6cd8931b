/** `metrics.sample.window.ms` and `metrics.num.samples`. */
export interface WindowSettings {
  readonly windowMs: number;
  readonly windowCount: number;
}

interface Window {
  startMs: number;
  count: number;
  sum: number;
  max: number;
  min: number;
}

/**
 * What Kafka's metrics call a sampled stat: figures of the last few windows of time. Recording costs a few additions;
 * everything else happens when somebody asks.
 */
export class SampleWindow {
  readonly #settings: WindowSettings;
  readonly #windows: Window[] = [];
  #current: Window | undefined;

  constructor(settings: WindowSettings) {
    this.#settings = settings;
  }

  record(value: number, nowMs: number): void {
    const window = this.#windowAt(nowMs);
    window.count++;
    window.sum += value;
    if (value > window.max) window.max = value;
    if (value < window.min) window.min = value;
  }

  /** NaN when nothing was recorded, as Kafka says it. */
  average(nowMs: number): number {
    const live = this.#live(nowMs);
    return sumOf(live, ({ sum }) => sum) / sumOf(live, ({ count }) => count);
  }

  max(nowMs: number): number {
    const live = this.#live(nowMs);
    return live.length === 0 ? NaN : Math.max(...live.map(({ max }) => max));
  }

  min(nowMs: number): number {
    const live = this.#live(nowMs);
    return live.length === 0 ? NaN : Math.min(...live.map(({ min }) => min));
  }

  /** The average of ones and zeros; 0 when there were none. */
  ratio(nowMs: number): number {
    const average = this.average(nowMs);
    return Number.isNaN(average) ? 0 : average;
  }

  /** Per second, over all windows but the last one at least, so that a beginning does not look like a flood. */
  rate(nowMs: number): number {
    const { windowMs, windowCount } = this.#settings;
    const live = this.#live(nowMs);
    const oldestMs = live[0]?.startMs ?? nowMs;
    const spanMs = Math.max(nowMs - oldestMs, windowMs * Math.max(windowCount - 1, 1));
    return (sumOf(live, ({ sum }) => sum) * 1000) / spanMs;
  }

  #windowAt(nowMs: number): Window {
    const { windowMs, windowCount } = this.#settings;
    const current = this.#current;
    if (current !== undefined && nowMs - current.startMs < windowMs) return current;
    const window = { startMs: nowMs, count: 0, sum: 0, max: -Infinity, min: Infinity };
    this.#windows.push(window);
    if (this.#windows.length > windowCount) this.#windows.shift();
    this.#current = window;
    return window;
  }

  #live(nowMs: number): readonly Window[] {
    const { windowMs, windowCount } = this.#settings;
    return this.#windows.filter(({ startMs }) => nowMs - startMs < windowMs * windowCount);
  }
}

function sumOf(windows: readonly Window[], of: (window: Window) => number): number {
  return windows.reduce((total, window) => total + of(window), 0);
}
