import { throwProblems } from '@millrace/cdc';
import { quoteTable } from './catalog.ts';
import { identityRules, type CheckResult } from './check.ts';
import type { Session } from './connection.ts';
import { makePublication } from './publication.ts';
import type { TaskState } from './task-state.ts';

/** Makes what is missing on the server. Resolves with its `wal_sender_timeout` in milliseconds; 0 is none. */
export async function prepareServer(
  session: Session,
  { settings, context }: TaskState,
  { tables, publication }: CheckResult,
): Promise<number> {
  const rules = identityRules(settings);
  for (const table of tables) {
    const rule = rules.find((candidate) => candidate.matches(`${table.schema}.${table.name}`));
    if (rule !== undefined && !settings.config['read.only'])
      await session.query(
        `ALTER TABLE ${quoteTable(table)} REPLICA IDENTITY ${identitySql(rule.identity)}`,
      );
  }
  const sql = await makePublication(session, settings, tables, publication);
  if (sql !== undefined) context.log.info({ sql }, 'publication made');
  const [timeout] = await session.query(
    "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'",
  );
  return Number(timeout?.['setting'] ?? 60_000);
}

/** @throws one error for all problems that do not pass by themselves */
export function throwLasting({ problems }: CheckResult): void {
  // A slot in use is waited for when the stream opens.
  throwProblems(problems.filter((problem) => problem.code !== 'postgres.slot_in_use'));
}

function identitySql(identity: string): string {
  const index = /^INDEX\s+(\S+)$/i.exec(identity)?.[1];
  return index === undefined
    ? identity.toUpperCase()
    : `USING INDEX "${index.replaceAll('"', '""')}"`;
}
