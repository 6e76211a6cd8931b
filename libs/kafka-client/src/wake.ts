import { deferred, type Deferred } from '@millrace/foundation';
import type { RequestWatch } from './request-watch.ts';

/** One for all: a stack for each time that nothing happens is dear. */
const NOTHING_RANG = new Error('nothing rang');

/** A doorbell: `wait` returns when it rings, or at once when it rang since the last wait. */
export class Wake {
  readonly #watch: RequestWatch;
  #hasRung = false;
  #waiter: Deferred<undefined> | undefined;

  constructor(watch: RequestWatch) {
    this.#watch = watch;
  }

  ring(): void {
    this.#hasRung = true;
    this.#waiter?.resolve(undefined);
  }

  /** Also returns after `timeoutMs`. Rejects with `signal.reason` when aborted. */
  async wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#hasRung) {
      this.#hasRung = false;
      return;
    }
    const waiter = deferred<undefined>();
    this.#waiter = waiter;
    const onAbort = (): void => waiter.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#watch.guard(waiter.promise, timeoutMs, () => NOTHING_RANG);
      this.#hasRung = false;
    } catch (error) {
      if (error !== NOTHING_RANG) throw error;
    } finally {
      this.#waiter = undefined;
      signal?.removeEventListener('abort', onAbort);
    }
  }
}
