import { assert } from './errors.ts';
import { deferred, type Deferred } from './deferred.ts';

interface Waiter {
  readonly wake: Deferred;
}

/**
 * A queue bounded in bytes (INV-6): `push` waits while it is full, `take` while it is empty.
 * One item larger than the bound is let in alone, so that it can pass at all.
 */
export class BoundedQueue<T> {
  readonly #bytesMax: number;
  readonly #items: { readonly item: T; readonly bytes: number }[] = [];
  readonly #producers: Waiter[] = [];
  readonly #consumers: Waiter[] = [];
  #bytes = 0;
  #closed = false;

  constructor(bytesMax: number) {
    assert(bytesMax > 0, 'a queue has room');
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Rejects with `signal.reason` when aborted while waiting. */
  async push(item: T, bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) {
      await this.#wait(this.#producers, signal);
    }
    assert(!this.#closed, 'nothing is pushed after close');
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    this.#consumers.shift()?.wake.resolve();
  }

  /** The oldest item; `undefined` once closed and drained. */
  async take(signal: AbortSignal): Promise<T | undefined> {
    signal.throwIfAborted();
    for (;;) {
      const taken = this.tryTake();
      if (taken !== undefined || this.#closed) return taken;
      await this.#wait(this.#consumers, signal);
    }
  }

  /** The oldest item, or `undefined` when there is none now. */
  tryTake(): T | undefined {
    const entry = this.#items.shift();
    if (entry === undefined) return undefined;
    this.#bytes -= entry.bytes;
    this.#producers.shift()?.wake.resolve();
    return entry.item;
  }

  /** No more pushes; takers drain what is left. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#consumers.splice(0)) waiter.wake.resolve();
  }

  async #wait(waiters: Waiter[], signal: AbortSignal): Promise<void> {
    const waiter: Waiter = { wake: deferred() };
    const onAbort = (): void => {
      const index = waiters.indexOf(waiter);
      if (index >= 0) waiters.splice(index, 1);
      waiter.wake.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    waiters.push(waiter);
    try {
      await waiter.wake.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    // A waiter woken and aborted at once passes its turn on, so that no wake-up is lost.
    if (signal.aborted) {
      waiters.shift()?.wake.resolve();
      signal.throwIfAborted();
    }
  }
}
