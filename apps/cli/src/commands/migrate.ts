import { isAborted, systemClock, systemRandom } from '@millrace/foundation';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Call, Command } from './command.ts';

const COMMON = ['data-dir', 'json'] as const;

const PORTS = { clock: systemClock, random: systemRandom };

/** A stop is no error of its own; of what should have come to an end it says that it did not. */
async function untilStopped(
  { io }: Call,
  stopped: ExitCode,
  run: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await run();
  } catch (error) {
    if (!isAborted(io.stop)) throw error;
    io.error('millrace: stopped; run the same command to go on');
    return stopped;
  }
}

async function migrate(call: Call): Promise<ExitCode> {
  const { runMigrate } = await import('../migrate/run-migrate.ts');
  return untilStopped(call, EXIT.done, () => runMigrate(call, PORTS));
}

async function verify(call: Call): Promise<ExitCode> {
  const { runVerify } = await import('../migrate/run-verify.ts');
  return untilStopped(call, EXIT.failed, () => runVerify(call, PORTS));
}

async function cutover(call: Call): Promise<ExitCode> {
  const { runCutover } = await import('../migrate/run-cutover.ts');
  return untilStopped(call, EXIT.failed, () => runCutover(call, PORTS));
}

export const migrateCommands: readonly Command[] = [
  {
    name: 'migrate',
    operands: 'SOURCE-URL TARGET-URL',
    least: 2,
    most: 2,
    summary: 'moves a database: tables, rows, and every change until the cut-over',
    details: `URLs are postgresql://user:password@host:port/database, and mysql:// or mariadb:// likewise; passwords may be in
MILLRACE_SOURCE_PASSWORD and MILLRACE_TARGET_PASSWORD instead. First both servers are checked and the plan is shown, with
the SQL for whatever is missing; --dry-run ends there. Then the tables are made, their rows copied, and changes followed
until Ctrl-C. Stopped or killed, it goes on when the same command is run again. While it runs, "migrate verify" and
"migrate cutover" are called with the same URLs in another terminal.`,
    options: ['tables', 'exclude-tables', 'schema', 'dry-run', 'sql', 'once', 'reverse', ...COMMON],
    run: migrate,
  },
  {
    name: 'migrate verify',
    operands: 'SOURCE-URL TARGET-URL',
    least: 2,
    most: 2,
    summary: 'compares source and target by digests while both are live',
    details: `Rows are compared in chunks by digests that the servers make; only where digests differ are rows read. A key that
differs is looked at again after everything up to that moment has been let through, so that what is merely in flight
settles. Exit codes: 0 equal, 1 they differ or something failed, 2 bad usage.`,
    options: ['timeout', ...COMMON],
    run: verify,
  },
  {
    name: 'migrate cutover',
    operands: 'SOURCE-URL TARGET-URL',
    least: 2,
    most: 2,
    summary: 'ends a migration: zero lag, equality, keys, sequences; then it is safe to switch',
    details: `Stop what writes to the old database first; the command waits until nothing comes any more, compares every table,
makes unique indexes, checks and foreign keys, advances sequences, and says when it is safe to switch. With --reverse the
old database is then kept in step with the new one, for the way back; called once more, it switches back. Tables that were
made after the migration began are not carried: it ends with their names, unless --exclude-tables names them.`,
    options: ['timeout', 'reverse', 'exclude-tables', ...COMMON],
    run: cutover,
  },
];
