import {
  isRetriable,
  retry,
  type Clock,
  type Logger,
  MillraceError,
  type Random,
  type RetryPolicy,
} from '@millrace/foundation';
import { toleranceExceeded, toleranceRatioExceeded } from '../errors.ts';
import type { ErrorCounters } from './counters.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { ErrorOutcome } from './error-groups.ts';
import { coordinatesOf, type FailedOperation } from './failed-operation.ts';
import type { ToleranceWindow } from './tolerance-window.ts';

export interface ErrorSettings {
  readonly retryTimeoutMs: number;
  readonly retryDelayMaxMs: number;
  readonly isTolerant: boolean;
  readonly isLogged: boolean;
  readonly areCoordinatesLogged: boolean;
}

export interface RecordErrorsOptions {
  readonly settings: ErrorSettings;
  readonly counters: ErrorCounters;
  readonly deadLetters: DeadLetterQueue | undefined;
  /** Share of failures above which the task fails, other than record by record. */
  readonly tolerance: ToleranceWindow;
  /** Told of every failure, for the groups of `GET /api/connectors/{name}/errors`. */
  readonly onFailure: (failed: FailedOperation, outcome: ErrorOutcome) => void;
  readonly taskName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** As Connect: 300 ms, doubling. */
const RETRY_DELAY_MS = 300;
/** INV-6: letters that wait for their acknowledgement; then the next failure waits for the oldest ones. */
const UNWRITTEN_MAX = 1000;

/** The three strategies for a record that can't be processed: fail, ignore, dead-letter. */
export class RecordErrors {
  readonly #options: RecordErrorsOptions;
  #unwritten: Promise<void>[] = [];

  constructor(options: RecordErrorsOptions) {
    this.#options = options;
  }

  /** Whether a record that fails late is needed as it was sent; otherwise where it was is enough. */
  get keepsRecords(): boolean {
    return this.#options.deadLetters !== undefined;
  }

  /** So many records are about to be converted, or to be given to the task. */
  processed(count: number): void {
    this.#options.tolerance.processed(count);
  }

  get retryPolicy(): RetryPolicy {
    const { retryTimeoutMs, retryDelayMaxMs } = this.#options.settings;
    return {
      initialDelayMs: RETRY_DELAY_MS,
      delayMaxMs: retryDelayMaxMs,
      deadlineMs: retryTimeoutMs < 0 ? Infinity : retryTimeoutMs,
    };
  }

  /** After a first failure: tries again while the error is retriable and `errors.retry.timeout` lasts. */
  async retrying<T>(
    firstError: unknown,
    operation: () => T | Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { counters, clock, random, settings } = this.#options;
    if (!isRetriable(firstError) || settings.retryTimeoutMs === 0) throw firstError;
    let isFirst = true;
    const onRetry = (): void => {
      counters.retries++;
    };
    return retry(this.retryPolicy, { clock, random, signal, onRetry }, async () => {
      if (!isFirst) return operation();
      isFirst = false;
      throw firstError;
    });
  }

  /**
   * Decides about a failed record. Returns when it is ignored, or on its way to the dead letters (see `written`).
   * @throws MillraceError `runtime.tolerance_exceeded`, `runtime.tolerance_ratio_exceeded`
   */
  async handle(failed: FailedOperation, signal: AbortSignal): Promise<void> {
    const { counters, settings, clock, deadLetters, tolerance, onFailure } = this.#options;
    counters.recordFailures++;
    counters.lastErrorMs = clock.nowMs();
    this.#log(failed);
    const excess = settings.isTolerant ? tolerance.failed() : undefined;
    const isParked = deadLetters !== undefined;
    const isFatal = !settings.isTolerant || excess !== undefined;
    onFailure(failed, isFatal ? 'task-failed' : isParked ? 'dead-letter' : 'skipped');
    if (excess !== undefined) {
      counters.recordErrors++;
      const where = `${failed.stage} by ${failed.className} at ${coordinatesOf(failed.letter)}`;
      throw toleranceRatioExceeded(excess, tolerance.limits, where, failed.error);
    }
    if (!settings.isTolerant) {
      counters.recordErrors++;
      const hint = failed.error instanceof MillraceError ? failed.error.hint : undefined;
      throw toleranceExceeded(
        `${failed.stage} by ${failed.className} failed for the record at ${coordinatesOf(failed.letter)}`,
        hint,
        failed.error,
      );
    }
    if (deadLetters !== undefined) {
      if (this.#unwritten.length >= UNWRITTEN_MAX) await this.written();
      const { written } = await deadLetters.send(failed, signal);
      this.#unwritten.push(written);
    }
    counters.recordsSkipped++;
  }

  /**
   * Resolves when all letters sent so far are durable.
   * @throws MillraceError `runtime.dead_letter_failed`; from then on always, since one record is in nobody's hands
   */
  async written(): Promise<void> {
    const waiting = this.#unwritten;
    await Promise.all(waiting);
    this.#unwritten = this.#unwritten.filter((each) => !waiting.includes(each));
  }

  #log(failed: FailedOperation): void {
    const { settings, counters, log, taskName, deadLetters } = this.#options;
    if (!settings.isLogged && !(settings.isTolerant && deadLetters === undefined)) return;
    // INV-2: what is ignored is logged, but without errors.log.enable only now and then.
    if (!settings.isLogged && !isPowerOfTwo(counters.recordFailures)) return;
    counters.errorsLogged++;
    const where = settings.areCoordinatesLogged
      ? {
          topic: failed.letter.topic,
          partition: failed.letter.partition,
          offset: failed.letter.offset,
        }
      : {};
    const fields = {
      stage: failed.stage,
      class: failed.className,
      task: taskName,
      failures: counters.recordFailures,
      err: failed.error,
      ...where,
    };
    if (settings.isTolerant) log.warn(fields, 'a record failed and is skipped');
    else log.error(fields, 'a record failed');
  }
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
