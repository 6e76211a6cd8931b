import type { ConsumedRecord } from '@millrace/kafka-client';
import { jsonText, type SinkRecord } from '@millrace/record';
import { conflict } from '../errors.ts';
import { decodeJson } from '../stores/json-codec.ts';
import { closePipeline, listOfOutcome, type Pipeline } from '../tasks/pipeline.ts';
import { SinkConversion } from '../tasks/sink-conversion.ts';
import type { ReplayedRecord } from '../tasks/sink-replays.ts';
import {
  againFailed,
  type LetterOutcome,
  type Preview,
  type ReplayTarget,
} from './replay-target.ts';
import type { StoredLetter } from './stored-letter.ts';

/** A running task of the sink, as far as a replay needs it. */
export interface ReplayingTask {
  owns(topic: string, partition: number): boolean;
  replay(
    records: readonly ConsumedRecord[],
    signal: AbortSignal,
  ): Promise<readonly ReplayedRecord[]>;
}

/**
 * The record as it was read when it failed; undefined when the letter does not say where it was, and the connector
 * reads more than one topic.
 */
export function originalOf(
  { record, headers, context }: StoredLetter,
  onlyTopic: string | undefined,
): ConsumedRecord | undefined {
  const topic = context.topic ?? onlyTopic;
  if (topic === undefined) return undefined;
  const partition = Number(context.partition ?? 0);
  const offset = Number(context.offset ?? record.offset);
  if (!Number.isSafeInteger(partition) || !Number.isSafeInteger(offset)) return undefined;
  return { ...record, topic, partition, offset, headers };
}

/**
 * Gives letters to the running tasks, which put them between two batches of their own: one writer, and an order that is
 * known. The task that owns the record's partition takes it, as it took its neighbours.
 */
export class SinkTarget implements ReplayTarget {
  readonly #tasks: () => readonly ReplayingTask[];
  readonly #original: (letter: StoredLetter) => ConsumedRecord;

  constructor(
    tasks: () => readonly ReplayingTask[],
    original: (letter: StoredLetter) => ConsumedRecord,
  ) {
    this.#tasks = tasks;
    this.#original = original;
  }

  async deliver(
    letters: readonly StoredLetter[],
    signal: AbortSignal,
  ): Promise<readonly LetterOutcome[]> {
    const outcomes: LetterOutcome[] = [];
    while (outcomes.length < letters.length) {
      const run = this.#nextRun(letters.slice(outcomes.length));
      const done = await run.task.replay(run.records, signal);
      for (const [index, outcome] of done.entries())
        outcomes.push(outcomeOf(outcome, letters[outcomes.length], index));
    }
    return outcomes;
  }

  close(): void {
    // The tasks are the connector's.
  }

  /** Neighbours of one task go together; the order of all is kept. */
  #nextRun(letters: readonly StoredLetter[]): {
    readonly task: ReplayingTask;
    readonly records: readonly ConsumedRecord[];
  } {
    const tasks = this.#tasks();
    const records: ConsumedRecord[] = [];
    let chosen: ReplayingTask | undefined;
    for (const letter of letters) {
      const record = this.#original(letter);
      const task = tasks.find((each) => each.owns(record.topic, record.partition)) ?? tasks[0];
      if (task === undefined)
        throw conflict('no task of the connector is running, so nothing can be replayed');
      if (chosen !== undefined && task !== chosen) break;
      chosen = task;
      records.push(record);
    }
    if (chosen === undefined) throw conflict('there is nothing to replay');
    return { task: chosen, records };
  }
}

function outcomeOf(
  outcome: ReplayedRecord,
  letter: StoredLetter | undefined,
  index: number,
): LetterOutcome {
  if (outcome.kind !== 'failed') return { kind: outcome.kind };
  if (letter === undefined) throw new RangeError(`no letter for outcome ${index}`);
  const { stage, className, error } = outcome;
  return { kind: 'failed', failed: { stage, className, error, letter: againFailed(letter) } };
}

/** For a dry run: converts and transforms, and gives the result to nobody. */
export class SinkPreview implements ReplayTarget {
  readonly #pipeline: Pipeline;
  readonly #conversion: SinkConversion;
  readonly #original: (letter: StoredLetter) => ConsumedRecord;

  constructor(pipeline: Pipeline, original: (letter: StoredLetter) => ConsumedRecord) {
    this.#pipeline = pipeline;
    this.#conversion = new SinkConversion(pipeline);
    this.#original = original;
  }

  async deliver(letters: readonly StoredLetter[]): Promise<readonly LetterOutcome[]> {
    const outcomes: LetterOutcome[] = [];
    for (const letter of letters) {
      try {
        const converted = await this.#conversion.convert(this.#original(letter));
        const records = listOfOutcome(converted);
        outcomes.push(
          records.length === 0
            ? { kind: 'dropped' }
            : { kind: 'delivered', previews: records.map(previewOf) },
        );
      } catch (error) {
        const { stage, className } = this.#conversion;
        const failed = { stage, className, error, letter: againFailed(letter) };
        outcomes.push({ kind: 'failed', failed });
      }
    }
    return outcomes;
  }

  close(): void {
    closePipeline(this.#pipeline);
  }
}

function previewOf({ topic, keySchema, key, valueSchema, value }: SinkRecord): Preview {
  return {
    topic,
    key: decodeJson(Buffer.from(jsonText(keySchema, key))),
    value: decodeJson(Buffer.from(jsonText(valueSchema, value))),
  };
}
