import { taskFailed } from '../errors.ts';

/** Plugins in plain JavaScript answer nothing where the types want a list: then it is empty. */
export function listOrNone<T>(
  stage: string,
  answer: readonly T[] | null | undefined,
): readonly T[] {
  if (answer === null || answer === undefined) return [];
  const isArray: boolean = Array.isArray(answer);
  if (isArray) return answer;
  throw taskFailed(stage, new TypeError(`expected an array, not ${typeof answer}`));
}

/** A connector's code that must not throw here, and may: the error has the name of the hook. */
export function named<T>(stage: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw taskFailed(stage, error);
  }
}

/** Figures are read at any time, by who has nothing to do with the task's own faults. */
export function metricsOf(
  task: { metrics?(): Readonly<Record<string, number>> } | undefined,
): Readonly<Record<string, number>> {
  try {
    return task?.metrics?.() ?? {};
  } catch {
    return {}; // The task's figures are missing, which is what can be seen of it.
  }
}
