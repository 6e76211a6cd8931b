import { configProblemOf, tooManyTables } from '@millrace/cdc';
import { wholeRegex, type ConfigProblem } from '@millrace/config';
import { MillraceError } from '@millrace/foundation';
import { quoteTable, readTables, type Table } from './catalog.ts';
import { Session } from './connection.ts';
import {
  encodingNotUtf8,
  replicationPrivilege,
  selectPrivilege,
  slotDatabase,
  slotInUse,
  slotPhysical,
  slotPlugin,
  slotsExhausted,
  tablesIdentityNothing,
  tablesWithoutIdentity,
  usagePrivilege,
  walLevel,
} from './errors.ts';
import { planPublication, publishedTables, type PublicationPlan } from './publication.ts';
import type { Settings } from './settings.ts';
import { findSlot, type Slot } from './slot.ts';

export interface CheckResult {
  readonly tables: readonly Table[];
  readonly slot: Slot | undefined;
  readonly publication: PublicationPlan;
  readonly serverVersion: number;
  readonly problems: readonly MillraceError[];
  /** What works, but may hurt somebody later. */
  readonly warnings: readonly MillraceError[];
}

/** Whether the server is as it has to be. Changes nothing; all problems at once. */
export async function checkServer(session: Session, settings: Settings): Promise<CheckResult> {
  const [server] = await session.query(
    `SELECT current_setting('wal_level') AS wal_level, current_setting('server_encoding') AS encoding,
       current_setting('server_version_num') AS version,
       current_setting('max_replication_slots') AS slots_max,
       (SELECT count(*) FROM pg_catalog.pg_replication_slots) AS slots,
       current_setting('max_wal_senders') AS senders_max,
       (SELECT count(*) FROM pg_catalog.pg_stat_replication) AS senders`,
  );
  const tables = await readTables(session, settings.capturesTable);
  const slot = await findSlot(session, settings.config['slot.name']);
  const publication = await planPublication(session, settings, tables);
  const identity = await identityProblems(session, publication, tables, settings);
  const guardrail = tooManyTables('postgres', tables.length, settings.config);
  const problems: MillraceError[] = [...guardrail.problems];
  if (server?.['wal_level'] !== 'logical') problems.push(walLevel(server?.['wal_level'] ?? ''));
  if (server?.['encoding'] !== 'UTF8') problems.push(encodingNotUtf8(server?.['encoding'] ?? ''));
  problems.push(
    ...(await privilegeProblems(session, settings, tables)),
    ...publication.problems,
    ...slotProblems(slot, settings),
    ...identity.problems,
  );
  const slotCount = Number(server?.['slots']);
  const slotsMax = Number(server?.['slots_max']);
  if (slot === undefined && slotCount >= slotsMax && settings.snapshot.streams)
    problems.push(slotsExhausted('max_replication_slots', slotCount, slotsMax));
  const senderCount = Number(server?.['senders']);
  const sendersMax = Number(server?.['senders_max']);
  if (slot?.activePid === undefined && senderCount >= sendersMax)
    problems.push(slotsExhausted('max_wal_senders', senderCount, sendersMax));
  return {
    tables,
    slot,
    publication,
    serverVersion: Number(server?.['version']),
    problems,
    warnings: [...identity.warnings, ...guardrail.warnings],
  };
}

async function privilegeProblems(
  session: Session,
  settings: Settings,
  tables: readonly Table[],
): Promise<readonly MillraceError[]> {
  const user = settings.config['database.user'];
  const problems: MillraceError[] = [];
  // Amazon's servers give the privilege by membership.
  const [role] = await session.query(
    `SELECT bool_or(r.rolsuper OR r.rolreplication) AS may_replicate,
       (SELECT bool_or(pg_catalog.pg_has_role(g.oid, 'USAGE')) FROM pg_catalog.pg_roles g
         WHERE g.rolname IN ('rds_replication', 'rds_superuser', 'cloudsqlsuperuser')) AS by_group
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
  );
  if (role?.['may_replicate'] !== 't' && role?.['by_group'] !== 't')
    problems.push(replicationPrivilege(user));
  if (settings.snapshot.reads === 'never' || tables.length === 0) return problems;
  const rows = await session.query(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, pg_catalog.quote_ident(n.nspname) AS schema,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS may_use,
       pg_catalog.has_table_privilege(c.oid, 'SELECT')
         OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AS may_select
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = ANY($1::oid[]) ORDER BY 1`,
    [`{${tables.map((table) => table.oid).join(',')}}`],
  );
  const closed = rows.filter((row) => row['may_use'] !== 't').map((row) => row['schema'] ?? '');
  if (closed.length > 0) problems.push(usagePrivilege(user, [...new Set(closed)]));
  const unreadable = rows
    .filter((row) => row['may_select'] !== 't')
    .map((row) => row['name'] ?? '');
  if (unreadable.length > 0) problems.push(selectPrivilege(user, unreadable));
  return problems;
}

function slotProblems(slot: Slot | undefined, settings: Settings): readonly MillraceError[] {
  if (slot === undefined || !settings.snapshot.streams) return [];
  if (slot.type !== 'logical') return [slotPhysical(slot.name)];
  const problems: MillraceError[] = [];
  if (slot.plugin !== 'pgoutput') problems.push(slotPlugin(slot.name, slot.plugin));
  if (slot.database !== settings.config['database.dbname'])
    problems.push(slotDatabase(slot.name, slot.database));
  // A connector that is reconfigured still runs: its own reader is no problem.
  const own = applicationName(settings);
  if (slot.activePid !== undefined && slot.activeApplication !== own)
    problems.push(slotInUse(slot.name, slot.activePid));
  return problems;
}

/** How our connections are called in pg_stat_activity. */
export function applicationName(settings: Settings): string {
  return `millrace ${settings.config['topic.prefix']}`.slice(0, 63);
}

interface IdentityFindings {
  readonly problems: readonly MillraceError[];
  readonly warnings: readonly MillraceError[];
}

/**
 * Once a table without an identity is published, the server refuses its updates and deletes. That stops an application
 * only if it makes any: then we don't publish the table. One that was only ever inserted into, or that somebody has
 * published already, is captured with a warning.
 */
async function identityProblems(
  session: Session,
  publication: PublicationPlan,
  tables: readonly Table[],
  settings: Settings,
): Promise<IdentityFindings> {
  const publishesChanges =
    settings.publish.includes('update') || settings.publish.includes('delete');
  if (!publishesChanges) return { problems: [], warnings: [] };
  const autoset = identityRules(settings);
  const relevant = publishedTables(tables, settings).filter(
    (table) => !autoset.some((rule) => rule.matches(`${table.schema}.${table.name}`)),
  );
  const without = relevant.filter(
    (table) =>
      table.replicaIdentity === 'n' ||
      (table.replicaIdentity === 'd' && table.primaryKey.length === 0),
  );
  if (without.length === 0) return { problems: [], warnings: [] };
  const changed =
    publication.sql === undefined ? new Set<number>() : await changedTables(session, without);
  return {
    problems: identityErrors(without.filter((table) => changed.has(table.oid))),
    warnings: identityErrors(without.filter((table) => !changed.has(table.oid))),
  };
}

function identityErrors(tables: readonly Table[]): readonly MillraceError[] {
  const keyless = tables.filter((table) => table.replicaIdentity === 'd');
  const nothing = tables.filter((table) => table.replicaIdentity === 'n');
  return [
    ...(keyless.length === 0 ? [] : [tablesWithoutIdentity(keyless.map(quoteTable))]),
    ...(nothing.length === 0 ? [] : [tablesIdentityNothing(nothing.map(quoteTable))]),
  ];
}

/** Of these tables, those whose rows were ever updated or deleted, by the server's statistics. */
async function changedTables(
  session: Session,
  tables: readonly Table[],
): Promise<ReadonlySet<number>> {
  const rows = await session.query(
    `SELECT s.relid AS oid FROM pg_catalog.pg_stat_all_tables s
     WHERE s.relid = ANY($1::oid[]) AND s.n_tup_upd + s.n_tup_del > 0`,
    [`{${tables.map((table) => table.oid).join(',')}}`],
  );
  return new Set(rows.map((row) => Number(row['oid'])));
}

export interface IdentityRule {
  readonly matches: (table: string) => boolean;
  /** `FULL`, `DEFAULT`, `NOTHING` or `INDEX name` */
  readonly identity: string;
}

/** `replica.identity.autoset.values` */
export function identityRules(settings: Settings): readonly IdentityRule[] {
  const text = settings.config['replica.identity.autoset.values'] ?? '';
  return text
    .split(',')
    .filter((part) => part.includes(':'))
    .map((part) => {
      const colon = part.lastIndexOf(':');
      const expression = wholeRegex(part.slice(0, colon).trim(), 'i');
      return { matches: (table) => expression.test(table), identity: part.slice(colon + 1).trim() };
    });
}

/** The connection test of `validate`: each problem at the key that is nearest to it. */
export async function connectionProblems(
  settings: Settings,
  signal: AbortSignal,
): Promise<readonly ConfigProblem[]> {
  try {
    await using session = await Session.open(settings, 'query', signal);
    const { problems } = await checkServer(session, settings);
    return problems.map(problemOf);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MillraceError)) throw error;
    return [problemOf(error)];
  }
}

const KEYS: Readonly<Record<string, string>> = {
  'postgres.unreachable': 'database.hostname',
  'postgres.authentication_failed': 'database.password',
  'postgres.tls': 'database.sslmode',
  'postgres.database_missing': 'database.dbname',
  'postgres.encoding': 'database.dbname',
  'postgres.privilege_publication': 'publication.autocreate.mode',
  'postgres.publication_missing': 'publication.name',
  'postgres.publication_for_all_tables': 'publication.autocreate.mode',
  'postgres.slot_in_use': 'slot.name',
  'postgres.slot_plugin': 'slot.name',
  'postgres.slot_database': 'slot.name',
  'postgres.slot_physical': 'slot.name',
  'postgres.slots_exhausted': 'slot.name',
  'postgres.table_without_key': 'table.include.list',
  'postgres.replica_identity_nothing': 'table.include.list',
  'postgres.privilege_select': 'database.user',
  'postgres.no_tables': 'table.include.list',
  'postgres.too_many_tables': 'table.include.list',
};

function problemOf(error: MillraceError): ConfigProblem {
  return configProblemOf(error, KEYS[error.code] ?? 'database.user');
}
