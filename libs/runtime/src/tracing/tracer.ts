import type { MeterStage } from '../metrics/task-meter.ts';

/** What is told of one stage of one batch: nothing of the records themselves. */
export interface StageSpan {
  readonly stage: MeterStage;
  readonly tookMs: number;
  /** Of the batch, where the stage begins one. */
  readonly recordCount?: number;
  readonly isFailed?: boolean;
}

/** Told once a stage and batch, after it; must not wait and must not throw. */
export type TaskTracer = (span: StageSpan) => void;

/** Where spans of tasks go. Absent: nothing is measured for them. */
export interface Tracer {
  task(of: {
    readonly connector: string;
    readonly task: number;
    readonly kind: 'source' | 'sink';
  }): TaskTracer;
}
