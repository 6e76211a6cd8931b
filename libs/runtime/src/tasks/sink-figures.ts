import type { Clock } from '@millrace/foundation';
import type { ConsumedRecord, Consumer } from '@millrace/kafka-client';
import { windowSettings } from '../config/worker-fields.ts';
import { TaskMeter, type StageLag } from '../metrics/task-meter.ts';
import { contextsOf } from '../tracing/record-headers.ts';
import type { SinkPositions } from './sink-positions.ts';
import type { TaskEnvironment, TaskFigures } from './task-runner.ts';

/** Of a batch, to know about how large its records are. */
const SIZED_RECORDS = 16;

/** What a sink task tells of its work: where records are, how many, and how long each stage took. */
export class SinkFigures {
  readonly meter: TaskMeter;
  readonly #clock: Clock;
  readonly #positions: SinkPositions;
  readonly #isTraced: boolean;
  #consumer: Consumer | undefined;
  /** Records of the batch that is being converted. */
  #converting = 0;
  #active = 0;
  #putSinceMs = 0;
  /** Of the last record that was read. */
  #newestMs: number | undefined;
  /** Of key and value, on the average of some records of the last batch. */
  #recordBytes = 0;

  constructor(environment: TaskEnvironment, positions: SinkPositions) {
    const { clock, connector, task, worker } = environment;
    this.#clock = clock;
    this.#positions = positions;
    const tracer = environment.tracer?.task({ connector, task, kind: 'sink' });
    this.#isTraced = tracer !== undefined;
    this.meter = new TaskMeter(clock, 'sink', windowSettings(worker), tracer);
  }

  use(consumer: Consumer): void {
    this.#consumer = consumer;
  }

  /** Records were handed over for delivery. */
  read(records: readonly ConsumedRecord[], tookMs: number): void {
    const more = this.#isTraced ? { carried: contextsOf(records) } : undefined;
    this.meter.spent('read', tookMs, records.length, more);
    const last = records[records.length - 1];
    if (last === undefined) return;
    this.meter.took(records.length);
    this.#newestMs = last.timestampMs < 0 ? undefined : last.timestampMs;
    this.#recordBytes = averageBytes(records);
  }

  converting(count: number): void {
    this.#converting = count;
  }

  /** Records with the task. */
  active(count: number): void {
    if (count === this.#active) return;
    this.#active = count;
    this.#putSinceMs = this.#clock.monotonicMs();
    this.meter.active(count);
  }

  put(tookMs: number, sentCount: number): void {
    this.meter.called(tookMs);
    this.meter.spent('deliver', tookMs);
    this.meter.gave(sentCount);
  }

  samples(waitingCount: number): TaskFigures['samples'] {
    return [
      ...this.meter.samples(this.#lags(waitingCount)),
      { name: 'kafka_connect_sink_task_partition_count', value: this.#positions.count },
    ];
  }

  /** What the log held for us when it answered last, and was not taken yet. */
  unread(): number {
    const consumer = this.#consumer;
    if (consumer === undefined) return 0;
    return consumer
      .assignment()
      .reduce((total, partition) => total + (consumer.lag(partition) ?? 0), 0);
  }

  #lags(waitingCount: number): readonly StageLag[] {
    const records = this.unread() + waitingCount;
    const newestMs = records === 0 ? undefined : this.#newestMs;
    const uncommitted = this.#positions.uncommittedCount;
    return [
      {
        stage: 'read',
        records,
        bytes: Math.round(records * this.#recordBytes),
        ms: newestMs === undefined ? 0 : Math.max(0, this.#clock.nowMs() - newestMs),
      },
      { stage: 'transform', records: this.#converting },
      {
        stage: 'deliver',
        records: this.#active,
        bytes: Math.round(this.#active * this.#recordBytes),
        ms: this.#active === 0 ? 0 : this.#clock.monotonicMs() - this.#putSinceMs,
      },
      {
        stage: 'commit',
        records: uncommitted,
        ms: uncommitted === 0 ? 0 : this.meter.uncommitted().ms,
      },
    ];
  }
}

/** Looks at a few only: it is told for each batch. */
function averageBytes(records: readonly ConsumedRecord[]): number {
  const step = Math.max(1, Math.floor(records.length / SIZED_RECORDS));
  let bytes = 0;
  let count = 0;
  for (let index = 0; index < records.length; index += step) {
    const record = records[index];
    bytes += (record?.key?.byteLength ?? 0) + (record?.value?.byteLength ?? 0);
    count++;
  }
  return bytes / Math.max(count, 1);
}
