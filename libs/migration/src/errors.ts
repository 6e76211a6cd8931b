import { MillraceError } from '@millrace/foundation';

/** SOURCE-URL or TARGET-URL can't be read. The text itself is not repeated: it may hold a password. */
export function urlInvalid(which: string, why: string): MillraceError {
  return new MillraceError({
    code: 'migration.url_invalid',
    retry: 'fatal',
    message: `the ${which} URL ${why}`,
    hint: 'write postgresql://user:password@host:port/database, or mysql:// or mariadb:// likewise; % itself is %25',
  });
}

/** A server is not reached, or refuses the login. */
export function unreachable(where: string, code: string | undefined, why: string): MillraceError {
  const isLogin = code === '28P01' || code === '28000' || code === 'ER_ACCESS_DENIED_ERROR';
  return new MillraceError({
    code: 'migration.server_unreachable',
    retry: isLogin ? 'fatal' : 'retriable',
    message: `${where} can't be reached: ${why}`,
    hint: isLogin
      ? 'check user and password in the URL; the password may also be in MILLRACE_SOURCE_PASSWORD or MILLRACE_TARGET_PASSWORD'
      : 'check host, port and database in the URL, and that the server accepts connections from here',
    context: { code },
  });
}

/** A statement was refused. */
export function queryFailed(
  where: string,
  code: string | undefined,
  why: string,
  sql: string,
): MillraceError {
  return new MillraceError({
    code: 'migration.statement_failed',
    retry: 'fatal',
    message: `${where} refuses a statement (${code ?? 'no code'}): ${why}`,
    hint: `the statement: ${sql.trim().slice(0, 500)}`,
    context: { code },
  });
}

/** The plan has problems that must be mended before anything is done. */
export function planRefused(count: number): MillraceError {
  return new MillraceError({
    code: 'migration.not_ready',
    retry: 'fatal',
    message: `${count} ${count === 1 ? 'problem keeps' : 'problems keep'} the migration from starting`,
    hint: 'each is named above with what mends it; then run the same command again',
  });
}

/** A connector of the migration has failed. */
export function connectorFailed(name: string, trace: string): MillraceError {
  return new MillraceError({
    code: 'migration.connector_failed',
    retry: 'fatal',
    message: `${name} failed: ${reasonOf(trace)}`,
    hint: 'mend what it says, then run the same command again: it goes on where it stopped',
  });
}

/** The first line says where, the last cause why. */
function reasonOf(trace: string): string {
  const lines = trace.split('\n');
  const cause = lines.filter((line) => line.startsWith('Caused by: ')).at(-1);
  const remedy = lines.find((line) => /^\s*(?:Hint|Remedy): /i.test(line));
  return [lines[0], cause, remedy]
    .flatMap((line) => (line === undefined ? [] : [line.trim()]))
    .join('; ');
}

/** The data folder belongs to another migration, or to this one in a state that does not allow the command. */
export function wrongState(message: string, hint: string): MillraceError {
  return new MillraceError({ code: 'migration.wrong_state', retry: 'fatal', message, hint });
}

/** Source and target differ, and not because of changes in flight. */
export function tablesDiffer(count: number): MillraceError {
  return new MillraceError({
    code: 'migration.tables_differ',
    retry: 'fatal',
    message: `${count} ${count === 1 ? 'table differs' : 'tables differ'} between source and target`,
    hint: 'the differing keys are named above; mend or remove those rows in the target, then run it again',
  });
}

/** Something that was waited for did not happen in time. */
export function timedOut(what: string, hint: string): MillraceError {
  return new MillraceError({
    code: 'migration.timed_out',
    retry: 'retriable',
    message: `${what} in time`,
    hint,
  });
}
