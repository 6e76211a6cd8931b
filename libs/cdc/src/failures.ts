import type { ConfigProblem } from '@millrace/config';
import type { CommonConfig } from './configuration/common-settings.ts';
import { describeError, MillraceError } from '@millrace/foundation';

export interface FailureOptions {
  readonly hint?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export type FailureMaker = (
  what: string,
  message: string,
  options?: FailureOptions,
) => MillraceError;

/** Makers of the errors of one connector; codes are `<area>.<what>`. */
export function failuresOf(area: string): {
  readonly fatal: FailureMaker;
  readonly retriable: FailureMaker;
} {
  return {
    fatal: (what, message, options = {}) =>
      new MillraceError({ code: `${area}.${what}`, retry: 'fatal', message, ...options }),
    retriable: (what, message, options = {}) =>
      new MillraceError({ code: `${area}.${what}`, retry: 'retriable', message, ...options }),
  };
}

/** Codes of Node.js and its drivers for a network or a server that may come back. */
export const RETRIABLE_ERRNOS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** The code that an error of a driver carries; empty: none. */
export function driverCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string') return code;
  // An AggregateError of several addresses that all failed.
  const errors: unknown = Reflect.get(error, 'errors');
  return Array.isArray(errors) && errors.length > 0 ? driverCodeOf(errors[0]) : '';
}

/** All problems of a server in one error; one that may pass by itself is tried again. */
export function throwProblems(problems: readonly MillraceError[]): void {
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw first;
  throw new MillraceError({
    code: first.code,
    retry: 'fatal',
    message: problems.map((problem) => `${problem.message} [${problem.code}]`).join('; '),
    hint: problems.map((problem) => problem.hint ?? '').join(' | '),
    context: { codes: problems.map((problem) => problem.code) },
  });
}

/** The same failure, for good: it was tried as often as it may be. */
export function attemptsExhausted(failure: MillraceError): MillraceError {
  return new MillraceError({
    code: failure.code,
    retry: 'fatal',
    message: `${failure.message}, and all attempts are used up`,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    cause: failure.cause ?? failure,
  });
}

/** A failed connection test as a problem of the configuration, at the key that is nearest to it. */
export function configProblemOf(error: MillraceError, key: string): ConfigProblem {
  const hint = error.hint === undefined ? '' : `; to mend it: ${error.hint}`;
  return { key, message: `${describeError(error)} [${error.code}]${hint}` };
}

/** More tables than `guardrail.collections.max`: a problem or a warning, by `guardrail.collections.limit.action`. */
export function tooManyTables(
  area: string,
  count: number,
  config: CommonConfig,
): {
  readonly problems: readonly MillraceError[];
  readonly warnings: readonly MillraceError[];
} {
  const maximum = config['guardrail.collections.max'];
  if (maximum === 0 || count <= maximum) return { problems: [], warnings: [] };
  const found = [
    failuresOf(area).fatal(
      'too_many_tables',
      `${count} tables are captured, and guardrail.collections.max is ${maximum}`,
      { hint: 'narrow table.include.list, or raise guardrail.collections.max' },
    ),
  ];
  return config['guardrail.collections.limit.action'] === 'fail'
    ? { problems: found, warnings: [] }
    : { problems: [], warnings: found };
}
