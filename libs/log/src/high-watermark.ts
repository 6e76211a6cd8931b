import { deferred, type Deferred } from '@millrace/foundation';

interface Waiter {
  readonly offset: number;
  readonly wake: Deferred;
}

/** The offset below which readers see, and those who wait for it: woken once per move, however many batches it was. */
export class HighWatermark {
  readonly #listeners = new Set<() => void>();
  readonly #waiters = new Set<Waiter>();
  #offset: number;
  #isReleased = false;

  constructor(offset: number) {
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Never goes back. */
  advance(offset: number): void {
    if (offset <= this.#offset) return;
    this.#offset = offset;
    for (const waiter of this.#waiters) {
      if (waiter.offset >= offset) continue;
      this.#waiters.delete(waiter);
      waiter.wake.resolve();
    }
    for (const listener of this.#listeners) listener();
  }

  /** After a truncation. */
  lowerTo(offset: number): void {
    this.#offset = Math.min(this.#offset, offset);
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves once it is beyond `offset`, or released. Rejects with `signal.reason`. */
  async waitBeyond(offset: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#offset > offset || this.#isReleased) return;
    const waiter: Waiter = { offset, wake: deferred() };
    const onAbort = (): void => {
      this.#waiters.delete(waiter);
      waiter.wake.reject(signal?.reason);
    };
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await waiter.wake.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The log is closed: everybody who waits looks again. */
  release(): void {
    this.#isReleased = true;
    for (const waiter of this.#waiters) waiter.wake.resolve();
    this.#waiters.clear();
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
