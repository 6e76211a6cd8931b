import type { RecordFailure, SinkTask } from '@millrace/connector-api';
import { isAborted, isRetriable, must, retry } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import type { SinkRecord } from '@millrace/record';
import { isCallTimeout, taskFailed } from '../errors.ts';
import type { ErrorCounters } from '../errors/counters.ts';
import type { RecordErrors } from '../errors/record-errors.ts';
import { isList, type Outcome } from './pipeline.ts';
import { listOrNone } from './plugin-answers.ts';
import { letterOfConsumed, letterOfSink, type SinkConversion } from './sink-conversion.ts';
import type { SinkFigures } from './sink-figures.ts';
import type { SinkHold } from './sink-hold.ts';
import type { Intake, SinkIntake } from './sink-intake.ts';
import type { SinkRuns } from './sink-runs.ts';
import type { OwnedPartitions, SinkPositions } from './sink-positions.ts';
import type { TaskLifetime } from './task-lifetime.ts';
import type { TaskEnvironment } from './task-runner.ts';

export interface SinkDeliveryOptions {
  readonly environment: TaskEnvironment;
  readonly lifetime: TaskLifetime;
  readonly positions: SinkPositions;
  readonly hold: SinkHold;
  readonly figures: SinkFigures;
  readonly counters: ErrorCounters;
  readonly conversion: SinkConversion;
  readonly errors: RecordErrors;
  readonly intake: SinkIntake;
  readonly runs: SinkRuns;
  readonly task: () => SinkTask;
}

/** Takes batches through conversion and `put`, by the error strategy; what went through moves the positions. */
export class SinkDelivery {
  readonly #options: SinkDeliveryOptions;
  readonly #topics = new Set<string>();

  constructor(options: SinkDeliveryOptions) {
    this.#options = options;
  }

  async deliver(intake: Intake): Promise<void> {
    const { errors, figures, positions } = this.#options;
    const { consumed } = intake;
    this.#meet(consumed);
    errors.processed(consumed.length);
    const owned = positions.snapshot();
    if (!(await this.#putRun(intake))) {
      const batch = await this.#convert(intake);
      figures.active(batch.length);
      if (batch.length > 0) await this.#put(batch, owned);
    }
    figures.active(0);
    // Later records of a partition overwrite earlier ones; partitions lost meanwhile stay lost.
    for (const { topic, partition, offset } of lastOfRuns(consumed))
      if (positions.isStillOwned(topic, partition, owned))
        positions.advance(topic, partition, offset + 1);
  }

  /** False: the records go the way of all, where what is wrong with them, or with the target, is met again. */
  async #putRun({ consumed, outcomes }: Intake): Promise<boolean> {
    const { environment, figures, intake, lifetime, runs } = this.#options;
    const run = outcomes.length > 0 ? undefined : runs.offer(consumed);
    if (run === undefined) {
      runs.rested();
      return false;
    }
    const { clock } = environment;
    const task = this.#options.task();
    const startedMs = clock.monotonicMs();
    let isTaken = false;
    figures.active(consumed.length);
    try {
      const put = lifetime.call('TASK_PUT', async (inner) => task.putRun?.(run, inner));
      isTaken = (await intake.during(put)) === true;
    } catch (error) {
      if (isAborted(lifetime.signal) || isCallTimeout(error)) throw error;
    }
    runs.answered(isTaken);
    // Of records that were put one by one, tasks may keep the bytes.
    if (isTaken) intake.recycle(consumed);
    if (isTaken) figures.put(clock.monotonicMs() - startedMs, consumed.length);
    return isTaken;
  }

  /** While the batch is not taken, the consumer stays in its group with its partitions paused. */
  async putUntilTaken(
    records: readonly SinkRecord[],
    ofOurs: (all: readonly SinkRecord[]) => readonly SinkRecord[],
  ): Promise<{
    readonly batch: readonly SinkRecord[];
    readonly failures: readonly RecordFailure[];
  }> {
    const { counters, environment, errors, figures, hold, intake, lifetime } = this.#options;
    const { clock, random, log } = environment;
    const { signal } = lifetime;
    const task = this.#options.task();
    let batch = records;
    const failures = await retry(
      { ...errors.retryPolicy, deadlineMs: Infinity },
      {
        clock: {
          nowMs: () => clock.nowMs(),
          monotonicMs: () => clock.monotonicMs(),
          sleep: (durationMs) => hold.holdFor(durationMs, signal),
        },
        random,
        signal,
        isRetriable: (error) => isRetriable(error) && !isCallTimeout(error),
        onRetry: (error, attempt, delayMs) => {
          counters.retries++;
          if ((attempt & (attempt - 1)) === 0)
            log.warn({ err: error, attempt, delayMs }, 'records were not taken; put again');
        },
      },
      async () => {
        batch = ofOurs(batch);
        if (batch.length === 0) return [];
        const startedMs = clock.monotonicMs();
        const put = lifetime.call('TASK_PUT', (inner) => task.put(batch, inner));
        const outcome = listOrNone('TASK_PUT', await intake.during(put));
        figures.put(clock.monotonicMs() - startedMs, batch.length - outcome.length);
        return outcome;
      },
    ).finally(() => {
      if (hold.isHolding && !lifetime.isPaused && !isAborted(signal)) hold.release();
    });
    return { batch, failures };
  }

  forgetTopics(): void {
    this.#topics.clear();
  }

  #meet(consumed: readonly ConsumedRecord[]): void {
    let lastTopic = '';
    let lastPartition = -1;
    for (const { topic, partition, offset } of consumed) {
      if (topic === lastTopic && partition === lastPartition) continue;
      lastTopic = topic;
      lastPartition = partition;
      this.#options.positions.begin(topic, partition, offset);
      if (this.#topics.has(topic)) continue;
      this.#topics.add(topic);
      this.#options.environment.onTopic(topic);
    }
  }

  async #convert(intake: Intake): Promise<SinkRecord[]> {
    const { environment, figures } = this.#options;
    const startedMs = environment.clock.monotonicMs();
    figures.converting(intake.consumed.length);
    try {
      return await this.#convertAll(intake);
    } finally {
      figures.converting(0);
      figures.meter.spent('transform', environment.clock.monotonicMs() - startedMs);
    }
  }

  async #convertAll({ consumed, outcomes }: Intake): Promise<SinkRecord[]> {
    const { conversion } = this.#options;
    const batch: SinkRecord[] = [];
    for (const [index, raw] of consumed.entries()) {
      let outcome = outcomes[index];
      if (outcome === undefined)
        try {
          const converted = conversion.convert(raw);
          outcome = converted instanceof Promise ? await this.#waited(converted) : converted;
        } catch (error) {
          outcome = await this.#convertAgain(raw, error);
        }
      if (outcome === null) continue;
      if (isList(outcome)) batch.push(...outcome);
      else batch.push(outcome);
    }
    return batch;
  }

  /** A converter that waits for a registry waits no longer than the task may, and not after its end. */
  #waited(
    converted: Outcome<SinkRecord> | Promise<Outcome<SinkRecord>>,
  ): Promise<Outcome<SinkRecord>> {
    const { lifetime } = this.#options;
    return lifetime.call('preparation of a converter', () => Promise.resolve(converted));
  }

  async #convertAgain(raw: ConsumedRecord, firstError: unknown): Promise<Outcome<SinkRecord>> {
    const { conversion, errors, lifetime } = this.#options;
    const { signal } = lifetime;
    try {
      return await errors.retrying(firstError, () => this.#waited(conversion.convert(raw)), signal);
    } catch (error) {
      signal.throwIfAborted();
      const { stage, className } = conversion;
      const letter = letterOfConsumed(raw);
      await errors.handle({ stage, className, error, letter }, signal);
      return null;
    }
  }

  async #put(records: readonly SinkRecord[], owned: OwnedPartitions): Promise<void> {
    const { errors, lifetime, positions } = this.#options;
    const { signal } = lifetime;
    // Partitions that went to another worker meanwhile are its business now.
    const ofOurs = (all: readonly SinkRecord[]): readonly SinkRecord[] =>
      positions.areAllOwned(owned)
        ? all
        : all.filter(({ originalTopic, originalPartition }) =>
            positions.isStillOwned(originalTopic, originalPartition, owned),
          );
    const { batch, failures } = await this.putUntilTaken(records, ofOurs).catch(
      (error: unknown) => {
        throw isAborted(signal) || isCallTimeout(error) ? error : taskFailed('TASK_PUT', error);
      },
    );
    for (const { index, error } of failures) {
      const record = must(batch[index], 'a failure names a record of the batch');
      const letter = letterOfSink(record);
      const className = 'org.apache.kafka.connect.sink.SinkTask';
      await errors.handle({ stage: 'TASK_PUT', className, error, letter }, signal);
    }
  }
}

/** Of each stretch of records of one partition the last. */
function* lastOfRuns(records: readonly ConsumedRecord[]): Generator<ConsumedRecord> {
  for (const [index, record] of records.entries()) {
    const next = records[index + 1];
    if (next?.topic !== record.topic || next.partition !== record.partition) yield record;
  }
}
