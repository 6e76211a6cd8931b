import { deferred, isAborted, type Clock, type Deferred } from '@millrace/foundation';
import { isCallTimeout, taskFailed } from '../errors.ts';
import { callWithLimit } from './time-limit.ts';

export interface LifetimeOptions {
  readonly clock: Clock;
  readonly callLimitMs: number;
  readonly graceMs: number;
}

/** Why the signal of a task is aborted when nothing is wrong. */
class StopRequested extends Error {
  override readonly name = 'AbortError';
}

/**
 * When a task ends and why, and every call into it. Ends by request or by the first failure; then all that is left
 * (draining, the last commit, `stop`) shares one grace period.
 */
export class TaskLifetime {
  readonly #options: LifetimeOptions;
  readonly #end = new AbortController();
  #failure: Error | undefined;
  #graceEndsMs: number | undefined;
  #isPaused = false;
  #pauseChanged: Deferred = deferred();

  constructor(options: LifetimeOptions) {
    this.#options = options;
  }

  /** Aborted when the task shall end, for whatever reason. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  requestStop(): void {
    this.#endNow(new StopRequested('the task was asked to stop'));
  }

  /** The first failure counts; one that comes of the end itself does not. */
  fail(error: unknown): void {
    if (isAborted(this.#end.signal)) return;
    this.#failure = error instanceof Error ? error : taskFailed('the task', error);
    this.#endNow(this.#failure);
  }

  setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#pauseChanged.resolve();
    this.#pauseChanged = deferred();
  }

  /** Resolves when the task isn't paused; rejects when it ends. */
  async resumed(): Promise<void> {
    while (this.#isPaused) await this.#pauseChange();
  }

  async #pauseChange(): Promise<void> {
    const { signal } = this.#end;
    signal.throwIfAborted();
    const ended = deferred<never>();
    const onAbort = (): void => ended.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#pauseChanged.promise, ended.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      ended.promise.catch(() => undefined); // It may have lost the race.
    }
  }

  /** A call into the task while it lives. */
  async call<T>(stage: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#call(stage, this.#options.callLimitMs, this.#end.signal, call);
  }

  /** A call after the end: it may take what is left of the grace period, and a moment at least. */
  async callAtEnd<T>(stage: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limitMs = Math.max(this.graceLeftMs(), this.#options.graceMs / 5, 1);
    return this.#call(stage, limitMs, new AbortController().signal, call);
  }

  /** As `call`; a failure says at which stage it was. */
  async staged<T>(stage: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.call(stage, call);
    } catch (error) {
      throw isAborted(this.#end.signal) || isCallTimeout(error) ? error : taskFailed(stage, error);
    }
  }

  /** As `staged`, for what also happens while the task ends. */
  async stagedAnyTime<T>(stage: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return isAborted(this.#end.signal) ? this.callAtEnd(stage, call) : this.staged(stage, call);
  }

  graceLeftMs(): number {
    const { clock, graceMs } = this.#options;
    this.#graceEndsMs ??= clock.monotonicMs() + graceMs;
    return Math.max(0, this.#graceEndsMs - clock.monotonicMs());
  }

  async #call<T>(
    stage: string,
    limitMs: number,
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#options;
    return callWithLimit(
      { clock, stage, limitMs, signal, graceMs: () => this.graceLeftMs() },
      call,
    );
  }

  #endNow(reason: Error): void {
    if (isAborted(this.#end.signal)) return;
    this.graceLeftMs(); // Starts the grace period.
    this.#end.abort(reason);
  }
}
