import { deferred, MillraceError, type Deferred } from '@millrace/foundation';
import { bufferFull } from './errors.ts';
import type { RequestWatch } from './request-watch.ts';

/** Part of the memory that is in use when a waiting `send` goes on. */
const WAKE_BELOW = 7 / 8;

/** INV-6: `buffer.memory`. One waits for room at a time; others queue up behind it. */
export class BufferMemory {
  readonly bytesMax: number;
  readonly #watch: RequestWatch;
  readonly #maxBlockMs: number;
  usedBytes = 0;
  #waiting: { readonly neededBytes: number; readonly space: Deferred<undefined> } | undefined;
  #waitingCall: Promise<unknown> | undefined;

  constructor(bytesMax: number, maxBlockMs: number, watch: RequestWatch) {
    this.bytesMax = bytesMax;
    this.#maxBlockMs = maxBlockMs;
    this.#watch = watch;
  }

  /** Somebody waits, so that nothing should linger. */
  get isShort(): boolean {
    return this.#waiting !== undefined;
  }

  /** A record larger than the whole buffer passes alone. */
  hasRoom(bytes: number): boolean {
    return this.usedBytes + bytes <= this.bytesMax || this.usedBytes === 0;
  }

  /** Until nobody waits. */
  async turn(): Promise<void> {
    while (this.#waitingCall !== undefined) await this.#waitingCall;
  }

  /** Why there was no room in time; rejects only when aborted. `onWaiting` makes room, if it can. */
  async waitFor(
    neededBytes: number,
    signal: AbortSignal | undefined,
    onWaiting: () => void,
  ): Promise<MillraceError | undefined> {
    signal?.throwIfAborted();
    const space = deferred<undefined>();
    this.#waiting = { neededBytes, space };
    const onAbort = (): void => space.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const waiting = this.#watch.guard(space.promise, this.#maxBlockMs, () =>
      bufferFull(this.bytesMax, this.#maxBlockMs),
    );
    this.#waitingCall = waiting.catch(() => undefined);
    onWaiting();
    try {
      await waiting;
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MillraceError) return error;
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#waiting = undefined;
      this.#waitingCall = undefined;
    }
  }

  release(bytes: number): void {
    this.usedBytes -= bytes;
    const waiting = this.#waiting;
    if (waiting === undefined || !this.hasRoom(waiting.neededBytes)) return;
    // Not for each batch that has gone: who is woken should find some room.
    if (this.usedBytes <= this.bytesMax * WAKE_BELOW || this.usedBytes === 0) this.letGo();
  }

  /** Who waits looks again. */
  letGo(): void {
    this.#waiting?.space.resolve(undefined);
  }
}
