import { ConfigError } from '@millrace/config';
import { describeError, MillraceError } from '@millrace/foundation';
import type { CliIo } from './cli-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Codes of what the user wrote, as opposed to what happened. */
const USERS_OWN = new Set([
  'cli.bad_usage',
  'cli.unreadable_file',
  'cli.bad_request',
  'config.invalid',
  'config.unreadable_file',
  'client.malformed_bootstrap',
  'connect.bad_request',
  'cli.bad_connector_file',
  'cli.no_connector_files',
  'rest.bad_listener',
  'broker.invalid_listener',
  'broker.invalid_settings',
  'broker.unauthenticated_listener',
  'broker.unusable_tls',
  'migration.url_invalid',
]);

/** Writes every problem with what mends it, and returns the exit code that fits them all. */
export function reportProblems(problems: readonly unknown[], io: CliIo): ExitCode {
  for (const problem of problems) {
    for (const line of linesOf(problem)) io.error(`millrace: ${line}`);
    if (problem instanceof MillraceError && problem.hint !== undefined)
      io.error(`  hint: ${problem.hint}`);
  }
  return problems.every((problem) => isUsersOwn(problem)) ? EXIT.refused : EXIT.failed;
}

function linesOf(problem: unknown): readonly string[] {
  return problem instanceof ConfigError
    ? problem.problems.map(({ message }) => message)
    : [describeError(problem)];
}

/** A wrapper keeps the code of what it wraps, so the outermost one decides. */
function isUsersOwn(problem: unknown): boolean {
  return problem instanceof MillraceError && USERS_OWN.has(problem.code);
}
