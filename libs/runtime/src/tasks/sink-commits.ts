import type { SinkTask, TopicPartition, TopicPartitionOffset } from '@millrace/connector-api';
import { isAborted, isRetriable, MillraceError } from '@millrace/foundation';
import type { Consumer } from '@millrace/kafka-client';
import { conflict, isCallTimeout } from '../errors.ts';
import type { RecordErrors } from '../errors/record-errors.ts';
import type { SinkFigures } from './sink-figures.ts';
import type { SinkHold } from './sink-hold.ts';
import type { SinkIntake } from './sink-intake.ts';
import type { SinkPositions } from './sink-positions.ts';
import type { SinkReports } from './sink-reports.ts';
import type { TaskLifetime } from './task-lifetime.ts';
import type { TaskEnvironment } from './task-runner.ts';

const IDLE_COMMIT_MS = 500;
/** When a task said that it is durable up to some offset only. */
const FLUSH_AGAIN_MS = 250;

export interface SinkCommitsOptions {
  readonly environment: TaskEnvironment;
  readonly lifetime: TaskLifetime;
  readonly positions: SinkPositions;
  readonly hold: SinkHold;
  readonly figures: SinkFigures;
  readonly reports: SinkReports;
  readonly errors: RecordErrors;
  readonly intake: SinkIntake;
  readonly consumer: Consumer;
  readonly task: () => SinkTask;
  /** False once the task failed: then nothing may be flushed or committed. */
  readonly isSound: () => boolean;
  readonly distrust: () => void;
}

/** Flushes the task and commits what it says is durable. */
export class SinkCommits {
  readonly #options: SinkCommitsOptions;
  #isRequested = false;
  #committedMs: number;

  constructor(options: SinkCommitsOptions) {
    this.#options = options;
    this.#committedMs = options.environment.clock.monotonicMs();
  }

  request(): void {
    this.#isRequested = true;
  }

  async commitIfDue(isIdle: boolean): Promise<void> {
    const { clock, worker } = this.#options.environment;
    const elapsedMs = clock.monotonicMs() - this.#committedMs;
    const intervalMs = worker.fields['offset.flush.interval.ms'];
    const isDue = elapsedMs >= (isIdle ? Math.min(IDLE_COMMIT_MS, intervalMs) : intervalMs);
    if (!isDue && !this.#isRequested) return;
    await this.commit();
  }

  /** Flushes the task, waits for the dead letters, and commits what is safe. */
  async commit(): Promise<void> {
    const { environment, figures, isSound, positions } = this.#options;
    const { clock, log } = environment;
    this.#isRequested = false;
    this.#committedMs = clock.monotonicMs();
    const moved = positions.moved();
    if (moved.length === 0 || !isSound()) {
      figures.meter.commitSkipped();
      return;
    }
    const startedMs = this.#committedMs;
    try {
      await this.#commitMoved(moved);
    } catch (error) {
      // Not in the group any more, or it is being rebalanced: the next poll tells which partitions are still ours.
      if (!isRetriable(error) && codeOf(error) !== 'client.commit_rejected') throw error;
      figures.meter.commitFailed(clock.monotonicMs() - startedMs);
      log.debug({ err: error }, 'offsets were not committed; tried again later');
    }
  }

  /** The last commit of partitions that go. */
  async commitRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    if (!this.#options.isSound()) return;
    try {
      const moved = this.#options.positions.moved(partitions);
      if (moved.length > 0) await this.#commitMoved(moved);
    } catch (error) {
      // Uncommitted means that the next owner delivers again; the rebalance itself must go on.
      this.#options.environment.log.warn(
        { err: error },
        'offsets of revoked partitions were not committed',
      );
    }
  }

  /** A task may say that it is durable up to some offsets only: then it is asked again. */
  async flushWholly(): Promise<void> {
    const { environment, hold, lifetime, positions } = this.#options;
    const { clock, worker } = environment;
    const untilMs = clock.monotonicMs() + worker.fields['task.call.timeout.ms'];
    for (;;) {
      const consumed = positions.current();
      const flushed = await this.#flush(consumed);
      const isWhole = consumed.every(({ topic, partition, offset }) =>
        flushed.some(
          (each) => each.topic === topic && each.partition === partition && each.offset >= offset,
        ),
      );
      if (isWhole) break;
      if (clock.monotonicMs() >= untilMs)
        throw conflict('the task does not say that what it was given is durable');
      await hold.holdFor(FLUSH_AGAIN_MS, lifetime.signal);
    }
    if (hold.isHolding && !lifetime.isPaused) hold.release();
  }

  async #commitMoved(moved: readonly TopicPartitionOffset[]): Promise<void> {
    const { consumer, distrust, environment, errors, figures, lifetime, positions, reports } =
      this.#options;
    const { clock } = environment;
    const startedMs = clock.monotonicMs();
    const flushed = await this.#flush(moved);
    await reports.settled();
    // INV-2: the offset of a parked record is committed only after its letter is durable.
    await errors.written().catch((error: unknown) => {
      distrust();
      lifetime.fail(error);
      throw error;
    });
    const { failure } = lifetime;
    if (failure !== undefined) {
      distrust(); // It failed beside the loop: by a late report, for one.
      throw failure;
    }
    const safe = positions.safe(flushed);
    if (safe.length === 0) return;
    await consumer.commit(safe);
    positions.markCommitted(safe);
    figures.meter.committed(clock.monotonicMs() - startedMs);
  }

  /** What the task says is durable; nothing after a failed flush, and then the partitions are rewound. */
  async #flush(moved: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    const { distrust, environment, figures, intake, lifetime, positions } = this.#options;
    const task = this.#options.task();
    const startedMs = environment.clock.monotonicMs();
    if (task.flush === undefined) return moved;
    try {
      const call = async (
        signal: AbortSignal,
      ): Promise<readonly TopicPartitionOffset[] | undefined> => task.flush?.(moved, signal);
      const answer = await lifetime.stagedAnyTime('flush of the task', call);
      return answer ?? moved;
    } catch (error) {
      if (!isRetriable(error) || isCallTimeout(error) || isAborted(lifetime.signal)) {
        distrust();
        lifetime.fail(error);
        throw error;
      }
      figures.meter.commitFailed(environment.clock.monotonicMs() - startedMs);
      for (const position of positions.rewind()) intake.seek(position);
      environment.log.warn(
        { err: error },
        'the task could not flush; it goes on from the last committed offsets',
      );
      return [];
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof MillraceError ? error.code : undefined;
}
