import { isAborted } from '@millrace/foundation';

type Result<T> = { readonly value: T } | { readonly error: unknown };

/** Work that goes on between two calls of `poll`; the one that comes after its end takes its result. */
export class Background<T> {
  readonly #signal: AbortSignal;
  readonly #onEnd: () => void;
  #isRunning = false;
  #result: Result<T> | undefined;

  /** Of what ends after `signal` is aborted nobody is told. */
  constructor(signal: AbortSignal, onEnd: () => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
  }

  get isIdle(): boolean {
    return !this.#isRunning && this.#result === undefined;
  }

  get isDone(): boolean {
    return this.#result !== undefined;
  }

  start(work: Promise<T>): void {
    this.#isRunning = true;
    const end = (result: Result<T>): void => {
      this.#isRunning = false;
      if (isAborted(this.#signal)) return;
      this.#result = result;
      this.#onEnd();
    };
    work.then(
      (value) => end({ value }),
      (error: unknown) => end({ error }),
    );
  }

  /** Once it is done; throws what the work threw. */
  take(): T {
    const result = this.#result;
    this.#result = undefined;
    if (result === undefined) throw new Error('nothing has ended');
    if ('error' in result) throw result.error;
    return result.value;
  }
}
