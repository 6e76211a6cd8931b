import type { TopicPartition, TopicPartitionOffset } from '@millrace/connector-api';
import { isAborted, retry, type Clock, type Logger, type Random } from '@millrace/foundation';
import type { ConsumedRecord, Consumer } from '@millrace/kafka-client';
import type { SinkRecord } from '@millrace/record';
import { taskFailed } from '../errors.ts';
import { nextTurn } from './next-turn.ts';
import type { Outcome } from './pipeline.ts';
import type { SinkConversion } from './sink-conversion.ts';
import type { SinkFigures } from './sink-figures.ts';
import type { SinkRuns } from './sink-runs.ts';

const POLL_MS = 500;
/** When nothing waits to be committed. */
const IDLE_POLL_MS = 20_000;
/** The log has more: a batch waits for it so long, as a large batch is cheaper than two. */
const GATHER_MS = 10;
/** INV-6: of keys and values that wait for their turn; what one answer of the log brings may go beyond it. */
const WAITING_BYTES_MAX = 4 * 1_024 * 1_024;
/** Converted ahead without a break, so that the batch that is being put is never kept waiting for long. */
const SLICE_RECORDS = 32;

export interface Intake {
  readonly consumed: readonly ConsumedRecord[];
  /** What the first of them were converted to already. */
  readonly outcomes: readonly Outcome<SinkRecord>[];
}

export interface SinkIntakeOptions {
  readonly consumer: Consumer;
  readonly conversion: SinkConversion;
  readonly figures: SinkFigures;
  readonly runs: SinkRuns;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Of the task's life. */
  readonly signal: AbortSignal;
  /** `max.poll.records`: of a batch, and of those that are read ahead. */
  readonly recordsMax: number;
}

/**
 * Records from the log in batches. While the task puts one, the next is read and converted; that moves no position,
 * runs no callback of the group and reports no error: a record that can't be converted waits for its turn as it is.
 * What was read ahead is forgotten with its partition, and given back when its partition is paused or sought.
 */
export class SinkIntake {
  readonly #options: SinkIntakeOptions;
  #waiting: ConsumedRecord[] = [];
  /** Of the first of those that wait. */
  #outcomes: Outcome<SinkRecord>[] = [];
  #waitingBytes = 0;
  /** The next one that waits could not be converted without more ado. */
  #isStuck = false;
  /** What reading ahead failed of: told when it is the next batch's turn. */
  #failure: { readonly error: unknown } | undefined;
  #pausedSince: TopicPartition[] = [];

  constructor(options: SinkIntakeOptions) {
    this.#options = options;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** The next batch; empty after a while, or when something wakes the consumer. */
  async next(hasUncommitted: boolean): Promise<Intake> {
    const { clock, figures, recordsMax } = this.#options;
    const startedMs = clock.monotonicMs();
    for (const partition of this.#pausedSince.splice(0)) this.#giveBack(partition);
    // What asks for something in between wakes the consumer. The group is looked after in any case.
    const idleMs = hasUncommitted ? POLL_MS : IDLE_POLL_MS;
    this.#add(await this.#poll(() => (this.#waiting.length > 0 ? 0 : idleMs)));
    if (this.#waiting.length > 0) await this.#gather();
    const consumed = this.#waiting.splice(0, recordsMax);
    const outcomes = this.#outcomes.splice(0, consumed.length);
    this.#isStuck = false;
    this.#waitingBytes = sumOfBytes(this.#waiting);
    figures.read(consumed, clock.monotonicMs() - startedMs);
    return { consumed, outcomes };
  }

  /** Reads and converts the next batch until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    const done = new AbortController();
    const end = (): void => done.abort(WORK_DONE);
    const ended = work.then(end, end);
    // What is done at once needs no company.
    await Promise.race([ended, nextTurn()]);
    if (!isAborted(done.signal) && this.#failure === undefined)
      await this.#readAhead(done.signal).catch((error: unknown) => {
        if (error !== WORK_DONE) this.#failure = { error };
      });
    return work;
  }

  /** Nobody reads the bytes of these records any more. */
  recycle(records: readonly ConsumedRecord[]): void {
    this.#options.consumer.recycle(records);
  }

  /** Goes on from there with a partition, whatever was read of it. */
  seek(position: TopicPartitionOffset): void {
    this.forget([position]);
    this.#options.consumer.seek(position, position.offset);
  }

  /** The task has paused them: what was read ahead of them is read again when they are resumed. */
  paused(partitions: readonly TopicPartition[]): void {
    this.#pausedSince.push(...partitions);
  }

  giveBackAll(): void {
    for (const partition of this.#options.consumer.assignment()) this.#giveBack(partition);
  }

  /** They are ours no more, or are read from elsewhere. */
  forget(partitions: readonly TopicPartition[]): void {
    if (this.#waiting.length === 0) return;
    const isKept = ({ topic, partition }: ConsumedRecord): boolean =>
      !partitions.some((each) => each.topic === topic && each.partition === partition);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(isKept);
    this.#outcomes = this.#outcomes.filter((_, index) => {
      const record = waiting[index];
      return record !== undefined && isKept(record);
    });
    this.#waitingBytes = sumOfBytes(this.#waiting);
  }

  #giveBack({ topic, partition }: TopicPartition): void {
    const first = this.#waiting.find(
      (record) => record.topic === topic && record.partition === partition,
    );
    if (first !== undefined) this.seek({ topic, partition, offset: first.offset });
  }

  /** With the group's callbacks, which may forget what waits. */
  async #poll(timeoutMs: () => number): Promise<readonly ConsumedRecord[]> {
    const { clock, consumer, log, random, signal } = this.#options;
    return retry(
      { initialDelayMs: 100, delayMaxMs: 5000, deadlineMs: Infinity },
      {
        clock,
        random,
        signal,
        onRetry: (error, attempt) => {
          if ((attempt & (attempt - 1)) === 0)
            log.warn({ err: error, attempt }, 'the log could not be read; polled again');
        },
      },
      () => {
        const failure = this.#failure;
        this.#failure = undefined;
        if (failure !== undefined) throw failure.error;
        return consumer.poll({ timeoutMs: timeoutMs(), signal });
      },
    ).catch((error: unknown) => {
      throw isAborted(signal) ? error : taskFailed('KAFKA_CONSUME', error);
    });
  }

  async #gather(): Promise<void> {
    const { signal } = this.#options;
    while (this.#hasRoom() && this.#hasMore() && !isAborted(signal)) {
      const more = await this.#fetched(GATHER_MS, signal);
      if (more.length === 0) return;
      this.#add(more);
    }
  }

  /** Whether the log held more when it answered last. */
  #hasMore(): boolean {
    const { consumer } = this.#options;
    const paused = consumer.paused();
    return consumer
      .assignment()
      .some(
        (partition) =>
          (consumer.lag(partition) ?? 0) > 0 &&
          !paused.some(
            (each) => each.topic === partition.topic && each.partition === partition.partition,
          ),
      );
  }

  async #readAhead(done: AbortSignal): Promise<void> {
    while (!isAborted(done)) {
      await this.#convertAhead(done);
      if (isAborted(done) || !this.#hasRoom()) return;
      this.#add(await this.#options.consumer.readAhead({ timeoutMs: POLL_MS, signal: done }));
    }
  }

  async #fetched(timeoutMs: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]> {
    try {
      return await this.#options.consumer.readAhead({ timeoutMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      this.#failure = { error };
      return [];
    }
  }

  async #convertAhead(done: AbortSignal): Promise<void> {
    if (this.#options.runs.isOffering) return;
    while (!this.#isStuck && this.#outcomes.length < this.#waiting.length && !isAborted(done)) {
      for (let left = SLICE_RECORDS; left > 0 && this.#convertNext(); left--);
      await nextTurn();
    }
  }

  /** False when there is none, or it can't be converted without more ado. */
  #convertNext(): boolean {
    const record = this.#waiting[this.#outcomes.length];
    if (record === undefined) return false;
    try {
      const outcome = this.#options.conversion.convert(record);
      if (!(outcome instanceof Promise)) {
        this.#outcomes.push(outcome);
        return true;
      }
      outcome.catch(() => undefined); // It is converted once more, and then reported.
    } catch {
      // Likewise.
    }
    this.#isStuck = true;
    return false;
  }

  #add(records: readonly ConsumedRecord[]): void {
    for (const record of records) this.#waiting.push(record);
    this.#waitingBytes += sumOfBytes(records);
  }

  #hasRoom(): boolean {
    return (
      this.#waiting.length < this.#options.recordsMax && this.#waitingBytes < WAITING_BYTES_MAX
    );
  }
}

/** One for all: nobody reads it. */
const WORK_DONE = new Error('the work is done');

function sumOfBytes(records: readonly ConsumedRecord[]): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  return bytes;
}
