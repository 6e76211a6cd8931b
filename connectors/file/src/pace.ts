import type { Clock } from '@millrace/foundation';
import { watchFile } from './folder-watch.ts';

/** For so long after its last change a file is looked at by the interval alone: it is likely to change again. */
const QUIET_AFTER_MS = 5_000;
/** How often a quiet file is looked at whose folder is watched. */
const QUIET_LOOK_MS = 10_000;
/** Changes that the watch did not tell of, in a row, until it is not believed any more. */
const MISSES_MAX = 2;
/** One for all: nobody reads it. */
const RANG = new Error('the file has changed');

export interface PaceOptions {
  readonly file: string;
  readonly intervalMs: number;
  /** Not quiet before: something else is due then. */
  readonly quietAfterMs: number;
  readonly clock: Clock;
}

/**
 * When to look at a file again that had nothing more. A file that has been quiet for a while is looked at seldom, since
 * a watch of its folder tells of changes at once. Network mounts and links may change untold: a file that was found
 * changed twice without a word is looked at by the interval from then on.
 */
export class Pace {
  readonly #options: PaceOptions;
  #nextLookMs: number;
  #changedMs: number;
  #unwatch: (() => void) | undefined;
  #hasRung = false;
  #misses = 0;
  #isWatchable: boolean;
  #bell: AbortController | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#nextLookMs = this.#changedMs = options.clock.monotonicMs();
    this.#isWatchable = options.intervalMs < QUIET_LOOK_MS;
  }

  isDue(): boolean {
    return this.#hasRung || this.#options.clock.monotonicMs() >= this.#nextLookMs;
  }

  /** After each look: whether the file is not as it was at the one before, and whether there is nothing more in it. */
  async looked({ hasChanged, isAtEnd }: { hasChanged: boolean; isAtEnd: boolean }): Promise<void> {
    const { clock, intervalMs, quietAfterMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const wasWatched = this.#unwatch !== undefined;
    // What was told of may be heard a turn later than it is seen.
    if (hasChanged && wasWatched) await new Promise((resolve) => setImmediate(resolve));
    if (hasChanged || this.#hasRung) {
      if (this.#hasRung) this.#misses = 0;
      else if (wasWatched && ++this.#misses >= MISSES_MAX) this.#isWatchable = false;
      this.close();
      this.#changedMs = nowMs;
    }
    const isQuiet = nowMs - this.#changedMs >= Math.max(QUIET_AFTER_MS, quietAfterMs);
    // The first look after the watch began still comes soon: what happened just before it was not told.
    const isUnchangedSince = wasWatched && this.#unwatch !== undefined;
    this.#nextLookMs = nowMs + (isAtEnd ? (isUnchangedSince ? QUIET_LOOK_MS : intervalMs) : 0);
    if (isQuiet && this.#unwatch === undefined && this.#isWatchable) this.#watch();
  }

  /** Until the next look is due, or for so long. */
  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const waitMs = Math.min(limitMs, this.#nextLookMs - clock.monotonicMs());
    if (waitMs <= 0 || this.#hasRung) return;
    if (this.#unwatch === undefined) return clock.sleep(waitMs, signal);
    signal.throwIfAborted();
    const bell = new AbortController();
    this.#bell = bell;
    const onAbort = (): void => bell.abort(RANG);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await clock.sleep(waitMs, bell.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error !== RANG) throw error;
    } finally {
      this.#bell = undefined;
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#hasRung = false;
  }

  #watch(): void {
    this.#unwatch = watchFile(this.#options.file, {
      changed: () => {
        this.#hasRung = true;
        this.#bell?.abort(RANG);
      },
      lost: () => {
        this.#isWatchable = false;
        this.#unwatch = undefined;
        this.#nextLookMs = this.#options.clock.monotonicMs();
        this.#bell?.abort(RANG);
      },
    });
    if (this.#unwatch === undefined) this.#isWatchable = false;
  }
}
