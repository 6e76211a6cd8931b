import { MillraceError } from '@millrace/foundation';

/** The server's program is neither on this machine nor could it be installed. */
export function serverMissing(
  server: string,
  searched: readonly string[],
  remedy: string,
): MillraceError {
  return new MillraceError({
    code: 'servers.program_missing',
    retry: 'fatal',
    message: `"${server}" was not found; looked in ${searched.join(', ')}`,
    hint: remedy,
  });
}

/** The server was started but did not become ready; its own last words are in the message. */
export function serverFailed(server: string, output: string): MillraceError {
  return new MillraceError({
    code: 'servers.start_failed',
    retry: 'fatal',
    message: `"${server}" did not start: ${output.trim().split('\n').slice(-15).join('\n')}`,
  });
}
