import { isAborted, isRetriable, type Clock, type Logger, type Random } from '@millrace/foundation';
import { traceOf } from '../errors/failed-operation.ts';
import type { Redact } from '../errors/redactor.ts';
import type { TaskState } from '../herder.ts';
import type { TaskFigures, TaskRunner } from './task-runner.ts';

export interface RestartPolicy {
  /** Infinity: for ever; 0: never. */
  readonly attemptsMax: number;
  readonly delayMaxMs: number;
}

export interface TaskSupervisorOptions {
  readonly makeRunner: (onState: (state: 'RUNNING' | 'PAUSED') => void) => TaskRunner;
  readonly restarts: RestartPolicy;
  readonly graceMs: number;
  readonly isPaused: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly redact: Redact;
  readonly onStatus: (state: TaskState, trace: string | undefined) => void;
}

const FIRST_DELAY_MS = 1000;
/** A task that ran so long before it failed starts counting anew. */
const SOUND_AFTER_MS = 60_000;

/**
 * Keeps one task alive: runs it, reports its states, and after a failure that may pass runs it again after a
 * growing delay (ARCHITECTURE D7). A failure that a restart can't mend waits for a person.
 */
export class TaskSupervisor {
  readonly #options: TaskSupervisorOptions;
  readonly #stop = new AbortController();
  #runner: TaskRunner | undefined;
  #isPaused: boolean;
  #life: Promise<void> | undefined;
  #state: TaskState = 'UNASSIGNED';
  #trace: string | undefined;
  /** Automatic restarts so far. */
  restarts = 0;

  constructor(options: TaskSupervisorOptions) {
    this.#options = options;
    this.#isPaused = options.isPaused;
  }

  get state(): TaskState {
    return this.#state;
  }

  get trace(): string | undefined {
    return this.#trace;
  }

  figures(): TaskFigures | undefined {
    return this.#runner?.figures();
  }

  start(): void {
    this.#life ??= this.#live();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#runner?.setPaused(isPaused);
  }

  /** Shown while a restart that was asked for is on its way. */
  showRestarting(): void {
    this.#report('RESTARTING', undefined);
  }

  /** Resolves when the task has ended, or was left behind after twice its grace period. */
  async stop(): Promise<void> {
    const { clock, graceMs, log } = this.#options;
    this.#stop.abort(new Error('the task was asked to stop'));
    this.#runner?.requestStop();
    const timer = new AbortController();
    const tooLate = clock.sleep(graceMs * 2 + 1000, timer.signal).then(
      () => {
        this.#runner?.abandon();
        log.warn(
          { graceMs },
          'the task did not stop and was left behind; nothing it does later is used',
        );
      },
      () => undefined, // Ended in time.
    );
    await Promise.race([this.#life, tooLate]);
    timer.abort();
    await tooLate;
  }

  async #live(): Promise<void> {
    const { clock, restarts, log } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 1; !isAborted(signal); attempt++) {
      const startedMs = clock.monotonicMs();
      const failure = await this.#runOnce();
      if (failure === undefined || isAborted(signal)) return;
      if (clock.monotonicMs() - startedMs >= SOUND_AFTER_MS) attempt = 1;
      const willRestart = isRetriable(failure) && attempt <= restarts.attemptsMax;
      const delayMs = this.#delayMs(attempt);
      const outlook = willRestart
        ? `restarts by itself in ${Math.ceil(delayMs / 1000)} s (attempt ${attempt})`
        : 'does not restart by itself: mend the cause, then restart the task';
      this.#report('FAILED', `${traceOf(failure)}\n[${outlook}]`);
      log.error({ err: failure, willRestart, attempt, delayMs }, 'the task failed');
      if (!willRestart) return;
      try {
        await clock.sleep(delayMs, signal);
      } catch {
        return; // Stopped while waiting.
      }
      this.restarts++;
      this.#report('RESTARTING', undefined);
    }
  }

  async #runOnce(): Promise<unknown> {
    try {
      const runner = this.#options.makeRunner((state) => {
        if (!this.#stop.signal.aborted) this.#report(state, undefined);
      });
      this.#runner = runner;
      runner.setPaused(this.#isPaused);
      await runner.run();
      return undefined;
    } catch (error) {
      return error ?? new Error('the task failed without an error');
    }
  }

  #delayMs(attempt: number): number {
    const { random, restarts } = this.#options;
    const cappedMs = Math.min(restarts.delayMaxMs, FIRST_DELAY_MS * 2 ** Math.min(attempt - 1, 20));
    return cappedMs / 2 + random.nextInt(Math.floor(cappedMs / 2) + 1);
  }

  #report(state: TaskState, trace: string | undefined): void {
    this.#state = state;
    this.#trace = trace === undefined ? undefined : this.#options.redact(trace);
    this.#options.onStatus(state, this.#trace);
  }
}
