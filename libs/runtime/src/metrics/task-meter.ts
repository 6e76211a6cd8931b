import type { Clock } from '@millrace/foundation';
import type { CarriedContexts } from '../tracing/record-headers.ts';
import type { TaskTracer, TransactionSpan } from '../tracing/tracer.ts';
import { SampleWindow, type WindowSettings } from './sample-window.ts';

/** A figure of a task; labels beside those of the task. */
export interface TaskSample {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Where a record may be: waiting in the source, being read, converted and transformed, delivered, or committed. */
export type MeterStage = 'source' | 'read' | 'transform' | 'deliver' | 'commit';

/** How much there is at a stage; what is not known is left out. */
export interface StageLag {
  readonly stage: MeterStage;
  readonly records?: number;
  readonly bytes?: number;
  readonly ms?: number;
}

const PREFIX = 'kafka_connect_connector_task_';

/**
 * The figures of one life of a task. Everything is told once a batch; nothing here is called for each record.
 */
export class TaskMeter {
  readonly #clock: Clock;
  readonly #tracer: TaskTracer | undefined;
  readonly #kind: 'source' | 'sink';
  readonly #batchSize: SampleWindow;
  readonly #waits: SampleWindow;
  readonly #in: SampleWindow;
  readonly #out: SampleWindow;
  readonly #active: SampleWindow;
  readonly #commitMs: SampleWindow;
  readonly #commitOk: SampleWindow;
  readonly #commitDone: SampleWindow;
  readonly #commitSkipped: SampleWindow;
  readonly #transactionSize: SampleWindow;
  readonly #stageMs = new Map<MeterStage, number>();
  readonly #stateMs = { RUNNING: 0, PAUSED: 0, other: 0 };
  #state: 'RUNNING' | 'PAUSED' | 'other' = 'other';
  #stateSinceMs: number;
  #inTotal = 0;
  #outTotal = 0;
  #activeNow = 0;
  #commits = 0;
  #commitFailures = 0;
  #skips = 0;
  #outAtCommit = 0;
  #committedMs: number;

  constructor(
    clock: Clock,
    kind: 'source' | 'sink',
    settings: WindowSettings,
    tracer?: TaskTracer,
  ) {
    this.#tracer = tracer;
    const window = (): SampleWindow => new SampleWindow(settings);
    this.#clock = clock;
    this.#kind = kind;
    this.#batchSize = window();
    this.#waits = window();
    this.#in = window();
    this.#out = window();
    this.#active = window();
    this.#commitMs = window();
    this.#commitOk = window();
    this.#commitDone = window();
    this.#commitSkipped = window();
    this.#transactionSize = window();
    this.#stateSinceMs = clock.monotonicMs();
    this.#committedMs = this.#stateSinceMs;
  }

  get outTotal(): number {
    return this.#outTotal;
  }

  enter(state: 'RUNNING' | 'PAUSED'): void {
    this.#settleState();
    this.#state = state;
  }

  /** A batch came: from `poll` of a source, or from the log. */
  took(recordCount: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#inTotal += recordCount;
    this.#in.record(recordCount, nowMs);
    this.#batchSize.record(recordCount, nowMs);
  }

  /** Records arrived: in the log, or in the sink's `put`. */
  gave(recordCount: number): void {
    this.#outTotal += recordCount;
    this.#out.record(recordCount, this.#clock.monotonicMs());
  }

  /** `poll` of a source or `put` of a sink returned. */
  called(tookMs: number): void {
    this.#waits.record(tookMs, this.#clock.monotonicMs());
  }

  /** A stage of the way was busy, or waited for, so long. */
  spent(
    stage: MeterStage,
    tookMs: number,
    recordCount?: number,
    more?: { readonly isFailed?: boolean; readonly carried?: CarriedContexts },
  ): void {
    this.#stageMs.set(stage, (this.#stageMs.get(stage) ?? 0) + tookMs);
    // A poll that brought nothing is no batch.
    if (this.#tracer === undefined || recordCount === 0) return;
    this.#tracer({ stage, tookMs, ...(recordCount === undefined ? {} : { recordCount }), ...more });
  }

  /** Records that are on their way now. */
  active(recordCount: number): void {
    this.#activeNow = recordCount;
    this.#active.record(recordCount, this.#clock.monotonicMs());
  }

  committed(tookMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#commits++;
    this.#commitMs.record(tookMs, nowMs);
    this.#commitOk.record(1, nowMs);
    this.#commitDone.record(1, nowMs);
    this.#outAtCommit = this.#outTotal;
    this.#committedMs = nowMs;
    this.spent('commit', tookMs);
  }

  commitFailed(tookMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#commitFailures++;
    this.#commitMs.record(tookMs, nowMs);
    this.#commitOk.record(0, nowMs);
    this.#stageMs.set('commit', (this.#stageMs.get('commit') ?? 0) + tookMs);
    this.#tracer?.({ stage: 'commit', tookMs, isFailed: true });
  }

  commitSkipped(): void {
    this.#skips++;
    this.#commitSkipped.record(1, this.#clock.monotonicMs());
  }

  /** A batch, or a part of one, is sent in the open transaction. */
  joinTransaction(): void {
    this.#tracer?.joinTransaction?.();
  }

  transaction(span: TransactionSpan): void {
    if (span.outcome === 'committed')
      this.#transactionSize.record(span.recordCount, this.#clock.monotonicMs());
    this.#tracer?.transaction?.(span);
  }

  /** Since the last commit that succeeded. */
  uncommitted(): { readonly records: number; readonly ms: number } {
    const records = Math.max(0, this.#outTotal - this.#outAtCommit);
    return { records, ms: records === 0 ? 0 : this.#clock.monotonicMs() - this.#committedMs };
  }

  samples(lags: readonly StageLag[]): readonly TaskSample[] {
    const nowMs = this.#clock.monotonicMs();
    return [
      ...this.#common(nowMs),
      ...(this.#kind === 'source' ? this.#ofSource(nowMs) : this.#ofSink(nowMs)),
      ...[...this.#stageMs].map(([stage, value]) => ({
        name: 'millrace_task_stage_ms_total',
        labels: { stage },
        value,
      })),
      ...lags.flatMap(lagSamples),
    ];
  }

  #common(nowMs: number): readonly TaskSample[] {
    this.#settleState();
    const { RUNNING, PAUSED, other } = this.#stateMs;
    const allMs = Math.max(RUNNING + PAUSED + other, 1);
    const attempts = this.#commits + this.#commitFailures;
    const ok = this.#commitOk.ratio(nowMs);
    const hasAttempts = attempts > 0;
    return named(PREFIX, {
      running_ratio: RUNNING / allMs,
      pause_ratio: PAUSED / allMs,
      batch_size_max: this.#batchSize.max(nowMs),
      batch_size_avg: this.#batchSize.average(nowMs),
      offset_commit_max_time_ms: this.#commitMs.max(nowMs),
      offset_commit_avg_time_ms: this.#commitMs.average(nowMs),
      offset_commit_success_percentage: ok,
      offset_commit_failure_percentage: hasAttempts && ok < 1 ? 1 - ok : 0,
      offset_commit_total: attempts,
      offset_commit_failure_total: this.#commitFailures,
    });
  }

  #ofSource(nowMs: number): readonly TaskSample[] {
    return named('kafka_connect_source_task_', {
      source_record_poll_total: this.#inTotal,
      source_record_poll_rate: this.#in.rate(nowMs),
      source_record_write_total: this.#outTotal,
      source_record_write_rate: this.#out.rate(nowMs),
      poll_batch_max_time_ms: this.#waits.max(nowMs),
      poll_batch_avg_time_ms: this.#waits.average(nowMs),
      source_record_active_count: this.#activeNow,
      source_record_active_count_max: this.#active.max(nowMs),
      source_record_active_count_avg: this.#active.average(nowMs),
      transaction_size_min: this.#transactionSize.min(nowMs),
      transaction_size_max: this.#transactionSize.max(nowMs),
      transaction_size_avg: this.#transactionSize.average(nowMs),
    });
  }

  #ofSink(nowMs: number): readonly TaskSample[] {
    return named('kafka_connect_sink_task_', {
      sink_record_read_total: this.#inTotal,
      sink_record_read_rate: this.#in.rate(nowMs),
      sink_record_send_total: this.#outTotal,
      sink_record_send_rate: this.#out.rate(nowMs),
      put_batch_max_time_ms: this.#waits.max(nowMs),
      put_batch_avg_time_ms: this.#waits.average(nowMs),
      sink_record_active_count: this.#activeNow,
      sink_record_active_count_max: this.#active.max(nowMs),
      sink_record_active_count_avg: this.#active.average(nowMs),
      offset_commit_seq_no: this.#commits + this.#commitFailures,
      offset_commit_completion_total: this.#commits,
      offset_commit_completion_rate: this.#commitDone.rate(nowMs),
      offset_commit_skip_total: this.#skips,
      offset_commit_skip_rate: this.#commitSkipped.rate(nowMs),
    });
  }

  #settleState(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#stateMs[this.#state] += nowMs - this.#stateSinceMs;
    this.#stateSinceMs = nowMs;
  }
}

function named(prefix: string, values: Readonly<Record<string, number>>): readonly TaskSample[] {
  return Object.entries(values).map(([name, value]) => ({ name: `${prefix}${name}`, value }));
}

function lagSamples({ stage, records, bytes, ms }: StageLag): readonly TaskSample[] {
  const labels = { stage };
  const sample = (name: string, value: number | undefined): readonly TaskSample[] =>
    value === undefined ? [] : [{ name, labels, value }];
  return [
    ...sample('millrace_task_lag_records', records),
    ...sample('millrace_task_lag_bytes', bytes),
    ...sample('millrace_task_lag_ms', ms),
  ];
}
