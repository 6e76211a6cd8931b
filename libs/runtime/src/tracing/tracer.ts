import type { MeterStage } from '../metrics/task-meter.ts';
import type { TraceContext, CarriedContexts } from './record-headers.ts';

/** What is told of one stage of one batch: nothing of the records themselves. */
export interface StageSpan {
  readonly stage: MeterStage;
  readonly tookMs: number;
  /** Of the batch, where the stage begins one. */
  readonly recordCount?: number;
  readonly isFailed?: boolean;
  /** What the records of a batch that was read came of. */
  readonly carried?: CarriedContexts;
}

/** A transaction of a source with exactly-once delivery (KIP-618), after its end. */
export interface TransactionSpan {
  readonly tookMs: number;
  readonly recordCount: number;
  /** `unknown`: it could not be ended; the coordinator or the task's next start aborts it. */
  readonly outcome: 'committed' | 'aborted' | 'unknown';
}

/** Told of one life of a task. Must not wait and must not throw. */
export interface TaskTracer {
  /** Once a stage and batch, after it. */
  (span: StageSpan): void;
  /**
   * The delivery of a batch begins; told as the stage `deliver` when it ended. Returns what its records are to carry;
   * undefined when they are left as they are.
   */
  sending?(): TraceContext | undefined;
  /** What is being sent goes into the open transaction. */
  joinTransaction?(): void;
  transaction?(span: TransactionSpan): void;
}

/** Where spans of tasks go. Absent: nothing is measured for them. */
export interface Tracer {
  task(of: {
    readonly connector: string;
    readonly task: number;
    readonly kind: 'source' | 'sink';
  }): TaskTracer;
}
