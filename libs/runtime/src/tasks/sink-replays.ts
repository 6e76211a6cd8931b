import { deferred, isAborted, isRetriable, type Deferred } from '@millrace/foundation';
import type { RecordFailure } from '@millrace/connector-api';
import type { ConsumedRecord } from '@millrace/kafka-client';
import type { SinkRecord } from '@millrace/record';
import { conflict, isCallTimeout } from '../errors.ts';
import type { Stage } from '../errors/failed-operation.ts';

/** What became of a dead letter in the task. */
export type ReplayedRecord =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'dropped' }
  | {
      readonly kind: 'failed';
      readonly stage: Stage;
      readonly className: string;
      readonly error: unknown;
    };

interface Job {
  readonly records: readonly ConsumedRecord[];
  readonly done: Deferred<readonly ReplayedRecord[]>;
  isCancelled: boolean;
}

/** The task's own means; each is called between two of its batches. */
export interface SinkReplayPorts {
  /** @throws with `stage` and `className` of the conversion */
  readonly convert: (record: ConsumedRecord) => Promise<readonly SinkRecord[]>;
  readonly failedAt: () => { readonly stage: Stage; readonly className: string };
  /** As often as it takes while the target is away. @throws what `put` failed of for good */
  readonly put: (records: readonly SinkRecord[]) => Promise<readonly RecordFailure[]>;
  /** Resolves when all that was put is durable. */
  readonly flush: () => Promise<void>;
  readonly signal: AbortSignal;
}

const PUT_CLASS = 'org.apache.kafka.connect.sink.SinkTask';

/** Dead letters that wait until the task has time for them; one batch is there at a time. */
export class SinkReplays {
  #waiting: Job[] = [];

  /** Resolves when the task has delivered them; rejects when it ends, pauses or fails before. */
  async submit(
    records: readonly ConsumedRecord[],
    signal: AbortSignal,
  ): Promise<readonly ReplayedRecord[]> {
    signal.throwIfAborted();
    const job: Job = { records, done: deferred(), isCancelled: false };
    this.#waiting.push(job);
    const onAbort = (): void => {
      // What the task is at is finished by it, and counts.
      if (this.#waiting.includes(job)) job.done.reject(signal.reason);
      job.isCancelled = true;
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await job.done.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async run(ports: SinkReplayPorts): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      if (job.isCancelled) continue;
      try {
        job.done.resolve(await deliver(job.records, ports));
      } catch (error) {
        job.done.reject(error);
        if (isAborted(ports.signal)) throw error;
      }
    }
  }

  /** The task can't: it ends, or it is paused. */
  refuse(why: string): void {
    for (const job of this.#waiting.splice(0)) {
      job.done.promise.catch(() => undefined); // Whoever waits for it has the error.
      job.done.reject(conflict(why));
    }
  }
}

async function deliver(
  records: readonly ConsumedRecord[],
  ports: SinkReplayPorts,
): Promise<readonly ReplayedRecord[]> {
  const outcomes: ReplayedRecord[] = [];
  const batch: SinkRecord[] = [];
  const places: number[] = [];
  for (const [place, raw] of records.entries()) {
    try {
      const converted = await ports.convert(raw);
      outcomes.push({ kind: converted.length === 0 ? 'dropped' : 'delivered' });
      batch.push(...converted);
      places.push(...converted.map(() => place));
    } catch (error) {
      ports.signal.throwIfAborted();
      outcomes.push({ kind: 'failed', ...ports.failedAt(), error });
    }
  }
  if (batch.length === 0) return outcomes;
  for (const { index, error } of await putApart(batch, ports)) {
    const place = places[index];
    if (place === undefined)
      throw new RangeError(`put named a record ${index} that it was not given`);
    outcomes[place] = { kind: 'failed', stage: 'TASK_PUT', className: PUT_CLASS, error };
  }
  await ports.flush();
  return outcomes;
}

/** A task that throws for a whole batch does not say which record it was: one after another tells. */
async function putApart(
  batch: readonly SinkRecord[],
  ports: Pick<SinkReplayPorts, 'put' | 'signal'>,
): Promise<readonly { readonly index: number; readonly error: unknown }[]> {
  try {
    return await ports.put(batch);
  } catch (error) {
    if (isAborted(ports.signal) || isCallTimeout(error) || isRetriable(error)) throw error;
    if (batch.length === 1) return [{ index: 0, error }];
  }
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  for (const [index, record] of batch.entries())
    for (const { error } of await putApart([record], ports)) failures.push({ index, error });
  return failures;
}
