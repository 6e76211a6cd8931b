import { shownTable, type Catalog } from '../model/catalog.ts';
import { quoteTable } from '../mysql/quote.ts';
import { productOf } from '../server/product.ts';
import { text, type Session } from '../server/session-api.ts';
import { problem, warning, type Finding } from './finding.ts';
import { grantsOf, type Grants } from './mysql-grants.ts';
import type { SourceNeeds } from './postgres-source.ts';

/** Whether changes of these tables can be followed; each lack with the SQL that mends it. */
export async function checkMysqlSource(
  session: Session,
  catalog: Catalog,
  needs: SourceNeeds,
): Promise<readonly Finding[]> {
  const grants = await grantsOf(session);
  const isMariadb = (await productOf(session)).product === 'mariadb';
  return [
    ...(await serverFindings(session, needs)),
    ...privilegeFindings(grants, needs, isMariadb),
    ...(await readFindings(session, catalog, needs, grants)),
    ...(await cascadeFindings(session, catalog, needs)),
    ...catalog.tables.flatMap((table) =>
      table.obstacle === null
        ? []
        : [
            problem(
              needs.side,
              'migration.table_without_key',
              `${table.obstacle.message}; or leave it out: --exclude-tables ${shownTable(table)}`,
              ...table.obstacle.sql,
            ),
          ],
    ),
  ];
}

/**
 * InnoDB acts on foreign keys by itself, below the binary log, which then lacks the rows that it changed or deleted.
 * MySQL 9.6 and later do it above, unless they are told not to.
 */
async function cascadeFindings(
  session: Session,
  { tables }: Catalog,
  { side }: SourceNeeds,
): Promise<readonly Finding[]> {
  const acting = tables.flatMap((table) =>
    table.foreignKeys
      .filter(({ onDelete, onUpdate }) => [onDelete, onUpdate].some((rule) => ACTIONS.has(rule)))
      .map(({ name }) => `${name} on ${shownTable(table)}`),
  );
  if (acting.length === 0) return [];
  const [native] = await session.query(`SHOW GLOBAL VARIABLES LIKE 'innodb_native_foreign_keys'`);
  if (text(native, 'value').toUpperCase() === 'OFF') return [];
  return [
    warning(
      side,
      'migration.cascades_unlogged',
      `the binary log lacks what these foreign keys do by CASCADE or SET NULL: ${acting.join(', ')}; as long as the migration lasts let the application change such rows itself before their parent; "verify" names the rows that differ otherwise`,
    ),
  ];
}

const ACTIONS: ReadonlySet<string> = new Set(['CASCADE', 'SET NULL', 'SET DEFAULT']);

async function serverFindings(
  session: Session,
  { side }: SourceNeeds,
): Promise<readonly Finding[]> {
  const rows = await session.query(
    `SHOW GLOBAL VARIABLES WHERE variable_name IN ('log_bin', 'binlog_format', 'binlog_row_image', 'binlog_row_metadata', 'server_id')`,
  );
  const value = (name: string): string =>
    text(
      rows.find((row) => text(row, 'variable_name').toLowerCase() === name),
      'value',
    ).toUpperCase();
  const findings: Finding[] = [];
  if (value('log_bin') !== 'ON')
    findings.push(
      problem(
        side,
        'migration.binlog_off',
        'the server writes no binary log; set log_bin and server_id in its configuration and restart it',
      ),
    );
  if (value('binlog_format') !== 'ROW')
    findings.push(
      problem(
        side,
        'migration.binlog_format',
        `binlog_format is ${value('binlog_format')}; changes of rows are in ROW alone (sessions that are open keep theirs)`,
        'SET GLOBAL binlog_format = ROW;',
      ),
    );
  if (value('binlog_row_image') !== 'FULL')
    findings.push(
      problem(
        side,
        'migration.row_image',
        `binlog_row_image is ${value('binlog_row_image')}; whole rows are needed`,
        'SET GLOBAL binlog_row_image = FULL;',
      ),
    );
  if (value('binlog_row_metadata') !== 'FULL')
    findings.push(
      problem(
        side,
        'migration.row_metadata',
        `binlog_row_metadata is ${value('binlog_row_metadata')}; with FULL the binary log says itself what its columns are`,
        'SET GLOBAL binlog_row_metadata = FULL;',
      ),
    );
  if (value('server_id') === '0')
    findings.push(
      problem(
        side,
        'migration.server_id',
        'server_id is 0; set another one',
        'SET GLOBAL server_id = 1;',
      ),
    );
  return findings;
}

function privilegeFindings(
  { user, names }: Grants,
  { side }: SourceNeeds,
  isMariadb: boolean,
): readonly Finding[] {
  if (names.has('ALL PRIVILEGES') || names.has('SUPER')) return [];
  const needed = isMariadb
    ? [
        ['REPLICATION SLAVE', 'REPLICATION REPLICA'],
        ['BINLOG MONITOR', 'REPLICATION CLIENT'],
      ]
    : [['REPLICATION SLAVE'], ['REPLICATION CLIENT']];
  const missing = needed
    .filter((any) => !any.some((name) => names.has(name)))
    .map(([name]) => name);
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push(
      problem(
        side,
        'migration.privilege_replication',
        `${user} may not read the binary log`,
        `GRANT ${missing.join(', ')} ON *.* TO ${user};`,
      ),
    );
  if (!names.has('RELOAD') && !names.has('LOCK TABLES'))
    findings.push(
      warning(
        side,
        'migration.privilege_lock',
        `${user} has neither RELOAD nor LOCK TABLES: where the copy begins can't be pinned by a short lock`,
        `GRANT RELOAD ON *.* TO ${user};`,
      ),
    );
  return findings;
}

async function readFindings(
  session: Session,
  { tables }: Catalog,
  { side }: SourceNeeds,
  { user }: Grants,
): Promise<readonly Finding[]> {
  const closed: string[] = [];
  for (const table of tables)
    await session
      .query(`SELECT 1 FROM ${quoteTable(table)} LIMIT 0`)
      .catch(() => closed.push(quoteTable(table)));
  if (closed.length === 0) return [];
  return [
    problem(
      side,
      'migration.privilege_select',
      `${user} may not read ${closed.length} of the tables`,
      ...closed.map((table) => `GRANT SELECT ON ${table} TO ${user};`),
    ),
  ];
}
