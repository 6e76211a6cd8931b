import { MillraceError } from '@millrace/foundation';
import type { Settings } from './settings.ts';

const LOST: ReadonlySet<string> = new Set([
  'mysql.binlog_purged',
  'mysql.server_changed',
  'mysql.gtids_unknown',
  'mysql.gtid_mode',
  'mysql.binlog_unreadable',
]);

const LOST_HISTORY = 'mysql.history_missing';

export function isMendedBySnapshot(error: unknown, plan: Settings['snapshot']): boolean {
  if (!(error instanceof MillraceError)) return false;
  if (error.code === LOST_HISTORY) return plan.mendsLostHistory;
  return plan.mendsLostPosition && LOST.has(error.code);
}

/** All problems of the server in one error; one that may pass by itself is tried again. */
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

export function exhausted(failure: MillraceError): MillraceError {
  return new MillraceError({
    code: failure.code,
    retry: 'fatal',
    message: `${failure.message}, and all attempts are used up`,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    cause: failure.cause ?? failure,
  });
}
