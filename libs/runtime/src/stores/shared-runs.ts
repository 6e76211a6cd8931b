import { deferred, isAborted, type Deferred } from '@millrace/foundation';

interface Run {
  readonly outcome: Promise<void>;
  readonly giveUp: AbortController;
  waiting: number;
}

/**
 * Work that many ask for at the same time and that brings all of them the same: who asks while it is being done waits
 * for the next time, which everybody who comes until it begins shares. Each may give up alone; when all have, it is
 * aborted.
 */
export class SharedRuns {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();
  /** Not begun yet. */
  #next: Run | undefined;

  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when the work was done once from its beginning. */
  async run(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const run = (this.#next ??= this.#schedule());
    const left: Deferred<never> = deferred<never>();
    const onAbort = (): void => left.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    run.waiting++;
    try {
      await Promise.race([run.outcome, left.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      run.waiting--;
      if (run.waiting === 0 && isAborted(signal)) {
        run.giveUp.abort(signal.reason);
        if (this.#next === run) this.#next = undefined;
      }
    }
  }

  #schedule(): Run {
    const giveUp = new AbortController();
    const outcome = this.#last.then(() => {
      if (this.#next === run) this.#next = undefined;
      giveUp.signal.throwIfAborted();
      return this.#work(giveUp.signal);
    });
    const run: Run = { outcome, giveUp, waiting: 0 };
    this.#last = outcome.catch(() => undefined); // told to who waits for it
    return run;
  }
}
