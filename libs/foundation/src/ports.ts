/**
 * Time and chance as parameters (ARCHITECTURE D10): the same code runs against the system
 * and in a simulation replayed from a seed.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Milliseconds that never go backwards, with fractions. For measuring. */
  monotonicMs(): number;
  /**
   * Never ends before `durationMs` by `monotonicMs`: who wakes finds that it is time.
   * Rejects with `signal.reason` when aborted, and leaves no timer behind.
   */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in `[0, exclusiveMax)`; `exclusiveMax` is at most 2^32. */
  nextInt(exclusiveMax: number): number;
  nextBytes(count: number): Uint8Array;
}

/** `signal.aborted` is believed constant by the linter; it is not. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
