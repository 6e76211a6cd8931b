import { shownTable, type Catalog } from '../model/catalog.ts';
import { reversedPairs } from '../cutover/reversed-pairs.ts';
import { quoteTable } from '../postgres/quote.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import { text, type Session } from '../server/session-api.ts';
import { checkSource } from './check.ts';
import { problem, warning, type Finding } from './finding.ts';

export interface WayBack {
  readonly findings: readonly Finding[];
  /** Triggers and foreign keys of the old database can be kept from acting on what comes back. */
  readonly isQuiet: boolean;
}

/** Whether the target's changes can be followed, and written to the source. */
export async function checkWayBack(
  { source, target }: { readonly source: Session; readonly target: Session },
  pairs: readonly TablePair[],
  slot: string,
): Promise<WayBack> {
  const tables = reversedPairs(pairs).map((pair) => ({ ...pair.source, obstacle: null }));
  const catalog: Catalog = {
    family: target.endpoint.family,
    product: target.endpoint.family === 'postgres' ? 'postgres' : 'mysql',
    version: '',
    tables,
    prerequisites: [],
    sequences: [],
    leftBehind: [],
  };
  const following = await checkSource(target, catalog, {
    side: 'target',
    name: slot,
    isResumed: true,
    other: source.endpoint.family,
  });
  const findings = following.filter(({ code }) => code !== 'migration.slot_missing');
  if (source.endpoint.family !== 'postgres') return { findings, isQuiet: true };
  const own = await postgresWriteFindings(source, pairs);
  return { findings: [...findings, ...own.findings], isQuiet: own.isQuiet };
}

async function postgresWriteFindings(
  source: Session,
  pairs: readonly TablePair[],
): Promise<WayBack> {
  const findings: Finding[] = [];
  const [role] = await source.query(
    `SELECT quote_ident(current_user) AS name, rolsuper AS is_super, current_setting('server_version_num')::int AS version
     FROM pg_roles WHERE rolname = current_user`,
  );
  const user = text(role, 'name');
  const rows = await source.query(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE (n.nspname, c.relname) IN (SELECT t ->> 0, t ->> 1 FROM jsonb_array_elements($1::jsonb) t)
       AND NOT (has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))`,
    [JSON.stringify(pairs.map(({ source: table }) => [table.schema, table.name]))],
  );
  if (rows.length > 0) {
    const names = rows.map((row) =>
      quoteTable({ schema: text(row, 'schema'), name: text(row, 'name') }),
    );
    findings.push(
      problem(
        'source',
        'migration.privilege_write',
        `${user} may not write to ${rows.length} of the tables, which the way back needs`,
        `GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ${names.join(', ')} TO ${user};`,
      ),
    );
  }
  const isQuiet = text(role, 'is_super') === 't' || (await mayBeReplica(source, role));
  const bound = pairs.filter(({ source: table }) => table.foreignKeys.length > 0);
  if (!isQuiet && bound.length > 0)
    findings.push(
      warning(
        'source',
        'migration.triggers_act',
        `${user} may not set session_replication_role: triggers of the old database act on what comes back, and its foreign keys (${bound.map((pair) => shownTable(pair.source)).join(', ')}) may refuse rows that come before those they refer to`,
        `GRANT SET ON PARAMETER session_replication_role TO ${user};`,
      ),
    );
  return { findings, isQuiet };
}

async function mayBeReplica(source: Session, role: Parameters<typeof text>[0]): Promise<boolean> {
  if (Number(text(role, 'version')) < 150_000) return false;
  const [row] = await source.query(
    `SELECT has_parameter_privilege('session_replication_role', 'SET') AS may_set`,
  );
  return text(row, 'may_set') === 't';
}
