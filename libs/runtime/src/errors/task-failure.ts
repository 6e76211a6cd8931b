import { MillraceError } from '@millrace/foundation';
import type { ErrorSighting } from './error-groups.ts';
import type { Stage } from './failed-operation.ts';

const STAGES: readonly Stage[] = [
  'TASK_POLL',
  'TASK_PUT',
  'TRANSFORMATION',
  'KEY_CONVERTER',
  'VALUE_CONVERTER',
  'HEADER_CONVERTER',
  'KAFKA_PRODUCE',
  'KAFKA_CONSUME',
];
/** Failures that are those of a record, which has been counted where it failed. */
const OF_A_RECORD: ReadonlySet<string> = new Set([
  'runtime.tolerance_exceeded',
  'runtime.tolerance_ratio_exceeded',
]);

export function isCountedAsRecord(error: unknown): boolean {
  return error instanceof MillraceError && OF_A_RECORD.has(error.code);
}

/** A task, or without one its connector, failed other than over a record. */
export function taskFailureSighting(error: unknown, task: number | undefined): ErrorSighting {
  const named = error instanceof MillraceError ? error.context['stage'] : undefined;
  return {
    stage: STAGES.find((stage) => stage === named),
    className: '',
    error,
    task,
    where: undefined,
    outcome: 'task-failed',
  };
}
