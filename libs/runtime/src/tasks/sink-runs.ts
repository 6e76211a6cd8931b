import type { JsonReading, SinkRun, SinkTask } from '@millrace/connector-api';
import type { ConsumedRecord } from '@millrace/kafka-client';
import { must } from '@millrace/foundation';
import type { Pipeline } from './pipeline.ts';
import type { SinkConversion } from './sink-conversion.ts';

/** Fewer are put as records: they are not worth what a run takes to begin. */
const RUN_RECORDS_MIN = 256;
/** Batches that are put as records after a run that was not taken, twice as many after each, up to this. */
const REST_MAX = 64;

/**
 * Which batches a task is offered as runs: those that no transform has to see, and whose keys and values are JSON. What
 * a task does not take goes the way of all records, and the next ones are converted ahead for a while.
 */
export class SinkRuns {
  readonly #conversion: SinkConversion;
  readonly #readings: { readonly keys: JsonReading; readonly values: JsonReading } | undefined;
  #task: SinkTask | undefined;
  /** Batches for which none is offered. */
  #rest = 0;
  /** What `rest` will be after the next that is not taken. */
  #nextRest = 1;

  constructor(pipeline: Pipeline, conversion: SinkConversion) {
    const keys = pipeline.key.converter.jsonReading;
    const values = pipeline.value.converter.jsonReading;
    this.#conversion = conversion;
    this.#readings =
      keys === undefined || values === undefined || pipeline.steps.length > 0
        ? undefined
        : { keys, values };
  }

  use(task: SinkTask): void {
    this.#task = task;
  }

  /** Whether the next large batch is offered; then nothing need be converted ahead. */
  get isOffering(): boolean {
    return this.#readings !== undefined && this.#task?.putRun !== undefined && this.#rest === 0;
  }

  offer(consumed: readonly ConsumedRecord[]): SinkRun | undefined {
    if (!this.isOffering || this.#readings === undefined) return undefined;
    if (consumed.length < RUN_RECORDS_MIN || !this.#hasGoodHeaders(consumed)) return undefined;
    return {
      records: consumed,
      ...this.#readings,
      record: (index) =>
        this.#conversion.convertAtOnce(must(consumed[index], 'a record of the run')),
    };
  }

  answered(isTaken: boolean): void {
    this.#rest = isTaken ? 0 : this.#nextRest;
    this.#nextRest = isTaken ? 1 : Math.min(this.#nextRest * 2, REST_MAX);
  }

  /** A batch is put as records. */
  rested(): void {
    if (this.#rest > 0) this.#rest--;
  }

  /** Records with others go one by one, where those that can't be converted are told apart. */
  #hasGoodHeaders(consumed: readonly ConsumedRecord[]): boolean {
    let last: ConsumedRecord | undefined;
    try {
      for (const record of consumed) {
        if (last?.headers === record.headers && last.topic === record.topic) continue;
        this.#conversion.checkHeaders(record);
        last = record;
      }
      return true;
    } catch {
      return false; // Reported when it is its turn.
    }
  }
}
