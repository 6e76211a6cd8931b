import { configProblemOf, tooManyTables } from '@millrace/cdc';
import type { ConfigProblem } from '@millrace/config';
import { MillraceError } from '@millrace/foundation';
import { quoteTable, readTables, type Table } from './catalog.ts';
import { Session } from './connection.ts';
import {
  binlogFormat,
  binlogOff,
  noTables,
  privilegesMissing,
  rowImage,
  rowMetadata,
  selectPrivilege,
  serverIdTaken,
  wrongServer,
} from './errors.ts';
import { readServerFacts, type ServerFacts } from './server.ts';
import type { Settings } from './settings.ts';

export interface CheckResult {
  readonly facts: ServerFacts;
  readonly tables: readonly Table[];
  readonly problems: readonly MillraceError[];
  /** What works, but may hurt somebody later. */
  readonly warnings: readonly MillraceError[];
}

/** Whether the server is as it has to be. Changes nothing; all problems at once. */
export async function checkServer(session: Session, settings: Settings): Promise<CheckResult> {
  const { config, flavour } = settings;
  const facts = await readServerFacts(session);
  const tables = await readTables(session, facts.flavour, settings.capturesTable);
  const problems: MillraceError[] = [];
  const warnings: MillraceError[] = [];
  if (facts.flavour !== flavour) problems.push(wrongClass(facts));
  if (settings.snapshot.streams) {
    if (!facts.hasBinlog) problems.push(binlogOff());
    if (facts.binlogFormat !== 'ROW') problems.push(binlogFormat(facts.binlogFormat));
    if (!ROW_IMAGES.has(facts.rowImage)) problems.push(rowImage(facts.rowImage));
    if (!facts.hasFullMetadata && config['schema.history.internal.kafka.topic'] === null)
      warnings.push(rowMetadata());
    if (config['database.server.id'] === facts.serverId)
      problems.push(serverIdTaken(facts.serverId, 'the server itself'));
  }
  problems.push(...(await privilegeProblems(session, settings, facts, tables)));
  const guardrail = tooManyTables('mysql', tables.length, config);
  problems.push(...guardrail.problems);
  warnings.push(...guardrail.warnings);
  if (tables.length === 0) warnings.push(noTables(filtersOf(settings)));
  return { facts, tables, problems, warnings };
}

/** NOBLOB leaves out what did not change: it comes as the placeholder. */
const ROW_IMAGES: ReadonlySet<string> = new Set(['FULL', 'NOBLOB', 'FULL_NODUP', '']);

function wrongClass(facts: ServerFacts): MillraceError {
  return facts.flavour === 'mariadb'
    ? wrongServer(facts.version, 'MySQL', 'io.debezium.connector.mariadb.MariaDbConnector')
    : wrongServer(facts.version, 'MariaDB', 'io.debezium.connector.mysql.MySqlConnector');
}

function filtersOf({ config }: Settings): string {
  const keys = [
    'database.include.list',
    'database.exclude.list',
    'table.include.list',
    'table.exclude.list',
  ] as const;
  const given = keys.flatMap((key) => {
    const value = config[key];
    return value === null ? [] : [`${key}=${value.join(',')}`];
  });
  return given.length === 0 ? 'none is set, so the server has none' : given.join('; ');
}

/** What each server calls the right to read the binlog and to ask where it ends. */
const REPLICATION = {
  mysql: [
    ['REPLICATION SLAVE', ['REPLICATION SLAVE']],
    ['REPLICATION CLIENT', ['REPLICATION CLIENT', 'SUPER']],
  ],
  mariadb: [
    ['REPLICATION SLAVE', ['REPLICATION SLAVE', 'REPLICATION REPLICA']],
    ['BINLOG MONITOR', ['BINLOG MONITOR', 'REPLICATION CLIENT', 'SUPER']],
  ],
} as const;

async function privilegeProblems(
  session: Session,
  settings: Settings,
  facts: ServerFacts,
  tables: readonly Table[],
): Promise<readonly MillraceError[]> {
  const problems: MillraceError[] = [];
  const [login] = await session.query('SELECT CURRENT_USER() AS user');
  const user = quoteUser(login?.['user'] ?? settings.config['database.user']);
  const grants = await readGrants(session);
  if (settings.snapshot.streams && grants !== null) {
    const missing = REPLICATION[facts.flavour]
      .filter(([, names]) => !names.some((name) => grants.has(name)))
      .map(([name]) => name);
    if (missing.length > 0) problems.push(privilegesMissing(user, missing));
  }
  if (!settings.snapshot.readsRows) return problems;
  const closed: string[] = [];
  for (const table of tables.slice(0, TABLES_TRIED_MAX))
    await session.query(`SELECT 1 FROM ${quoteTable(table)} LIMIT 0`).catch((error: unknown) => {
      if (error instanceof MillraceError && error.code === 'mysql.privilege_missing')
        closed.push(quoteTable(table));
    });
  if (closed.length > 0) problems.push(selectPrivilege(user, closed));
  return problems;
}

/** So many tables are tried; the rest shows in the snapshot. */
const TABLES_TRIED_MAX = 500;

function quoteUser(account: string): string {
  const at = account.lastIndexOf('@');
  return at < 0 ? `'${account}'` : `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
}

/** The privileges on everything; null: they could not be read. */
async function readGrants(session: Session): Promise<ReadonlySet<string> | null> {
  try {
    const rows = await session.query('SHOW GRANTS');
    const names = new Set<string>();
    for (const row of rows) {
      const text = Object.values(row)[0] ?? '';
      const found = /^GRANT (.*?) ON \*\.\* TO /.exec(text)?.[1];
      // A role has grants of its own, which this does not show.
      if (found === undefined && /^GRANT [`'"]/.test(text)) return null;
      for (const name of (found ?? '').split(',')) names.add(name.trim().toUpperCase());
    }
    return names.has('ALL PRIVILEGES') ? new Set(Object.values(REPLICATION).flat(3)) : names;
  } catch {
    return null; // what is not allowed shows when it is tried
  }
}

/** The connection test of `validate`: each problem at the key that is nearest to it. */
export async function connectionProblems(
  settings: Settings,
  signal: AbortSignal,
): Promise<readonly ConfigProblem[]> {
  try {
    await using session = await Session.open(settings, signal);
    const { problems } = await session.untilAborted(signal, () => checkServer(session, settings));
    return problems.map(problemOf);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MillraceError)) throw error;
    return [problemOf(error)];
  }
}

const KEYS: Readonly<Record<string, string>> = {
  'mysql.unreachable': 'database.hostname',
  'mysql.authentication_failed': 'database.password',
  'mysql.tls': 'database.ssl.mode',
  'mysql.server_id_taken': 'database.server.id',
  'mysql.privilege_missing': 'database.user',
  'mysql.privilege_select': 'database.user',
  'mysql.too_many_tables': 'table.include.list',
  'mysql.no_tables': 'table.include.list',
};

function problemOf(error: MillraceError): ConfigProblem {
  return configProblemOf(error, KEYS[error.code] ?? 'database.hostname');
}
