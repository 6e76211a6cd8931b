/** Bounds of the buckets, each half as wide again as the one before: 0.02 ms to 5 min. */
const FIRST_MS = 0.02;
const GROWTH = 1.5;
const BUCKETS = 42;
const LOG_GROWTH = Math.log(GROWTH);

export interface RequestTimeFigures {
  readonly count: number;
  readonly sumMs: number;
  readonly maxMs: number;
  /** The time that this share of the requests took at most; within a bucket's width. */
  quantileMs(share: number): number;
}

/** How long requests of one kind took since the start. A number a bucket, nothing per request. */
export class RequestTimes implements RequestTimeFigures {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  record(durationMs: number): void {
    this.#count += 1;
    this.#sumMs += durationMs;
    if (durationMs > this.#maxMs) this.#maxMs = durationMs;
    const bucket =
      durationMs <= FIRST_MS ? 0 : Math.ceil(Math.log(durationMs / FIRST_MS) / LOG_GROWTH);
    const index = Math.min(bucket, BUCKETS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  quantileMs(share: number): number {
    let left = share * this.#count;
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return Math.min(FIRST_MS * GROWTH ** index, this.#maxMs);
    }
    return this.#maxMs;
  }
}
