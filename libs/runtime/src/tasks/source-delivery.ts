import type { CommittedOffset } from '@millrace/connector-api';
import type { ProducerMetrics } from '@millrace/kafka-client';
import { isRetriable, must } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { deliveryFailed } from '../errors.ts';
import type { RecordErrors } from '../errors/record-errors.ts';
import type { TaskMeter } from '../metrics/task-meter.ts';
import { isRun, type DeliveryFailure, type Produced } from './runs.ts';
import { letterOfProduced, letterOfSource } from './source-letters.ts';
import type { TaskLifetime } from './task-lifetime.ts';
import type { TaskEnvironment } from './task-runner.ts';

/**
 * What one `poll` brought, converted: `produced[i]` came of `sources[i]`, several in a row of one that was split; what was
 * dropped or parked is in neither.
 */
export interface ConvertedBatch {
  readonly polled: readonly SourceRecord[];
  readonly produced: readonly Produced[];
  readonly sources: readonly SourceRecord[];
  readonly bytes: number;
  /** How many records were polled, and how many there are to send: with those of runs. */
  readonly polledCount: number;
  readonly producedCount: number;
}

/** How records reach the log, and how far the source may forget. */
export interface SourceDelivery {
  /** Before stored offsets are read: whoever delivered before must not any more (INV-9). */
  open(signal: AbortSignal): Promise<void>;
  /** What goes on beside the polls; rejects when the task must end. Settles soon after the end of the task. */
  run(): Promise<void>;
  /** Resolves when there is room for another batch (INV-6). */
  waitForRoom(signal: AbortSignal): Promise<void>;
  /** Whether what came before a record that failed may be delivered without it: not where a poll is a transaction. */
  readonly takesPartOfPoll: boolean;
  /** In the order of the polls; resolves when another batch may be polled. */
  deliver(batch: ConvertedBatch): Promise<void>;
  /** A poll brought nothing. */
  idle(): Promise<void>;
  /** Resolves when all that was delivered is acknowledged and its offsets are stored. */
  settle(signal: AbortSignal): Promise<void>;
  /** The last steps of a task, each within what is left of the grace period. */
  finish(isFailed: boolean): Promise<void>;
  /** The task was left behind: nothing that it does counts any more (INV-9). */
  fence(): void;
  close(): Promise<void>;
  /** What is on its way to the log; how long the last that arrived was, in milliseconds. */
  readonly waiting: { readonly records: number; readonly bytes: number; readonly ms: number };
  producerMetrics(): ProducerMetrics;
}

/** What every way of delivery needs of the task. */
export interface DeliveryPorts {
  readonly environment: TaskEnvironment;
  readonly lifetime: TaskLifetime;
  readonly errors: RecordErrors;
  readonly meter: TaskMeter;
  /** Tells the task what is stored; also while it ends. */
  readonly notify: (offsets: readonly CommittedOffset[]) => Promise<void>;
}

/** Who produces, in errors of the stage KAFKA_PRODUCE. */
export const PRODUCE_CLASS = 'org.apache.kafka.connect.runtime.WorkerSourceTask';

/** A log that is down is no fault of the record: only what the log refuses for ever goes by the strategy. */
export async function handleSendFailure(
  failure: DeliveryFailure,
  sources: readonly SourceRecord[],
  produced: readonly Produced[] | undefined,
  { errors, lifetime }: DeliveryPorts,
): Promise<void> {
  const source = must(sources[failure.index], 'a failure names a record that was sent');
  const kept = produced?.[failure.index];
  const record = kept === undefined || isRun(kept) ? undefined : kept;
  const topic = record?.topic ?? source.topic;
  const error = deliveryFailed(topic, failure.error);
  if (isRetriable(failure.error)) throw error;
  await errors.handle(
    {
      stage: 'KAFKA_PRODUCE',
      className: PRODUCE_CLASS,
      error,
      letter:
        record === undefined ? letterOfSource(source, topic) : letterOfProduced(source, record),
    },
    lifetime.signal,
  );
}

/** What a source lends until its next poll is copied for who keeps it longer. */
export function withOwnBytes(record: Produced): Produced {
  if (isRun(record)) return record; // only where it came from is asked of it
  const { key, value } = record;
  return {
    ...record,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  };
}
