import {
  describeError,
  isAborted,
  isRetriable,
  MillraceError,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import type { ReplayingTask } from '../dead-letters/sink-target.ts';
import { conflict, UNCLASSIFIED_CODES } from '../errors.ts';
import { traceOf } from '../errors/failed-operation.ts';
import type { Redact } from '../errors/redactor.ts';
import type { TaskState } from '../herder.ts';
import type { TaskFigures, TaskRunner } from './task-runner.ts';

export interface RestartPolicy {
  /** Infinity: for ever; 0: never. */
  readonly attemptsMax: number;
  /** Of failures that don't say whether they may pass. */
  readonly unknownAttemptsMax: number;
  readonly delayMaxMs: number;
}

/** Whether and when a failed task runs again; names as in the JSON of its status. */
export interface RestartOutlook {
  /** Of the automatic restart to come, or of the last one; 0 before the first. */
  readonly attempt: number;
  /** null: not by itself, or it is running again. */
  readonly next_at: string | null;
  /** What it failed of. */
  readonly cause: string;
  /** Why it does not restart by itself. */
  readonly reason?: string;
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
  readonly onFailure: (error: unknown) => void;
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
  #outlook: RestartOutlook | undefined;
  #runningSinceMs: number | undefined;
  /** Automatic restarts so far. */
  restarts = 0;
  /** How often it began, and did not come to run. */
  starts = 0;
  failedStarts = 0;

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

  /** Of the last failure; forgotten when the task has run soundly since. */
  get restart(): RestartOutlook | undefined {
    const isSound =
      this.#runningSinceMs !== undefined &&
      this.#options.clock.monotonicMs() - this.#runningSinceMs >= SOUND_AFTER_MS;
    return isSound ? undefined : this.#outlook;
  }

  figures(): TaskFigures | undefined {
    return this.#runner?.figures();
  }

  /** The running sink task, for a replay of dead letters. */
  get replaying(): ReplayingTask | undefined {
    const runner = this.#state === 'RUNNING' ? this.#runner : undefined;
    if (runner?.replay === undefined) return undefined;
    return {
      owns: (topic, partition) => runner.owns?.(topic, partition) ?? false,
      replay: (records, signal) =>
        runner.replay?.(records, signal) ?? Promise.reject(conflict('the task has ended')),
    };
  }

  start(): void {
    this.#life ??= this.#live();
  }

  forgetTopics(): void {
    this.#runner?.forgetTopics();
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
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 1; !isAborted(signal); attempt++) {
      const startedMs = clock.monotonicMs();
      const failure = await this.#runOnce();
      if (failure === undefined || isAborted(signal)) return;
      if (clock.monotonicMs() - startedMs >= SOUND_AFTER_MS) attempt = 1;
      const refusal = this.#refusal(failure, attempt);
      const willRestart = refusal === undefined;
      const delayMs = willRestart ? this.#delayMs(attempt) : 0;
      const outlook = willRestart
        ? `restarts by itself in ${Math.ceil(delayMs / 1000)} s (attempt ${attempt})`
        : `does not restart by itself (${refusal}): mend the cause, then restart the task`;
      this.#outlook = {
        attempt: willRestart ? attempt : attempt - 1,
        next_at: willRestart ? new Date(clock.nowMs() + delayMs).toISOString() : null,
        cause: this.#options.redact(describeError(failure)),
        ...(willRestart ? {} : { reason: refusal }),
      };
      this.#options.onFailure(failure);
      this.#report('FAILED', `${traceOf(failure)}\n[${outlook}]`);
      log.error({ err: failure, willRestart, attempt, delayMs }, 'the task failed');
      if (!willRestart) return;
      try {
        await clock.sleep(delayMs, signal);
      } catch {
        return; // Stopped while waiting.
      }
      this.restarts++;
      this.#outlook = { ...this.#outlook, next_at: null };
      this.#report('RESTARTING', undefined);
    }
  }

  async #runOnce(): Promise<unknown> {
    this.starts++;
    const life = { hasRun: false };
    try {
      const runner = this.#options.makeRunner((state) => {
        life.hasRun = true;
        if (!this.#stop.signal.aborted) this.#report(state, undefined);
      });
      this.#runner = runner;
      runner.setPaused(this.#isPaused);
      await runner.run();
      return undefined;
    } catch (error) {
      if (!life.hasRun) this.failedStarts++;
      return error ?? new Error('the task failed without an error');
    }
  }

  /** Why there is no further attempt. A permanent error would only fail again, and do harm each time. */
  #refusal(failure: unknown, attempt: number): string | undefined {
    const { attemptsMax, unknownAttemptsMax } = this.#options.restarts;
    if (attemptsMax === 0) return 'task.restart.attempts.max=0';
    const isUnknown = isUnclassified(failure);
    if (!isUnknown && !isRetriable(failure)) return 'a restart cannot mend this error';
    const limit = isUnknown ? Math.min(attemptsMax, unknownAttemptsMax) : attemptsMax;
    return attempt <= limit ? undefined : `${limit} automatic restarts in a row did not help`;
  }

  #delayMs(attempt: number): number {
    const { random, restarts } = this.#options;
    const cappedMs = Math.min(restarts.delayMaxMs, FIRST_DELAY_MS * 2 ** Math.min(attempt - 1, 20));
    return cappedMs / 2 + random.nextInt(Math.floor(cappedMs / 2) + 1);
  }

  #report(state: TaskState, trace: string | undefined): void {
    this.#runningSinceMs = state === 'RUNNING' ? this.#options.clock.monotonicMs() : undefined;
    this.#state = state;
    this.#trace = trace === undefined ? undefined : this.#options.redact(trace);
    this.#options.onStatus(state, this.#trace);
  }
}

/** Thrown by code that does not classify its errors: third-party connectors, mostly. */
function isUnclassified(failure: unknown): boolean {
  return !(failure instanceof MillraceError) || UNCLASSIFIED_CODES.has(failure.code);
}
