import { shownTable, type Catalog } from '../model/catalog.ts';
import { quoteName, quoteTable } from '../postgres/quote.ts';
import { count, text, type Session } from '../server/session-api.ts';
import type { Family } from '../server/endpoint.ts';
import { problem, warning, type Finding } from './finding.ts';

export interface SourceNeeds {
  readonly side: Finding['side'];
  /** Slot and publication of this migration. */
  readonly name: string;
  /** They are expected to be there already. */
  readonly isResumed: boolean;
  /** Where the changes go. */
  readonly other: Family;
}

/** Whether changes of these tables can be followed; each lack with the SQL that mends it. */
export async function checkPostgresSource(
  session: Session,
  catalog: Catalog,
  needs: SourceNeeds,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  findings.push(...(await serverFindings(session, needs)));
  findings.push(...(await roleFindings(session, catalog, needs)));
  if (needs.other === 'mysql') findings.push(...lossyFindings(catalog, needs));
  for (const table of catalog.tables)
    if (table.obstacle !== null)
      findings.push(
        problem(
          needs.side,
          'migration.table_without_key',
          `${table.obstacle.message}; or leave it out: --exclude-tables ${shownTable(table)}`,
          ...table.obstacle.sql,
        ),
      );
  return findings;
}

/** What the change events can't say. */
function lossyFindings({ tables }: Catalog, { side }: SourceNeeds): readonly Finding[] {
  const varying = tables.flatMap((table) =>
    table.columns
      .filter(({ type }) => type.kind === 'bits' && type.isVarying)
      .map(({ name }) => `${shownTable(table)}.${name}`),
  );
  if (varying.length === 0) return [];
  return [
    warning(
      side,
      'migration.type_lossy',
      `zeros at the beginning of bit varying values are lost on the way: ${varying.join(', ')}; "verify" names the rows that have such`,
    ),
  ];
}

async function serverFindings(
  session: Session,
  { side, name, isResumed }: SourceNeeds,
): Promise<readonly Finding[]> {
  const [server] = await session.query(
    `SELECT current_setting('wal_level') AS wal_level, current_setting('server_encoding') AS encoding,
       current_setting('max_replication_slots') AS slots_max, (SELECT count(*) FROM pg_replication_slots) AS slots,
       current_setting('max_wal_senders') AS senders_max, (SELECT count(*) FROM pg_stat_replication) AS senders,
       (SELECT setting FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS keep_size,
       pg_is_in_recovery() AS is_standby, current_setting('server_version_num') AS version`,
  );
  const [slot] = await session.query(
    'SELECT database, active, wal_status FROM pg_replication_slots WHERE slot_name = $1',
    [name],
  );
  const findings: Finding[] = [];
  if (text(server, 'wal_level') !== 'logical')
    findings.push(
      problem(
        side,
        'migration.wal_level',
        `wal_level is "${text(server, 'wal_level')}"; changes can be followed with "logical" alone, which needs a restart of the server`,
        'ALTER SYSTEM SET wal_level = logical;',
      ),
    );
  if (text(server, 'encoding') !== 'UTF8')
    findings.push(
      problem(
        side,
        'migration.encoding',
        `the database is encoded in ${text(server, 'encoding')}; UTF8 is expected`,
      ),
    );
  if (slot === undefined && count(server, 'slots') >= count(server, 'slots_max'))
    findings.push(
      problem(
        side,
        'migration.slots_exhausted',
        `all ${text(server, 'slots_max')} replication slots are in use; more need a restart`,
        `ALTER SYSTEM SET max_replication_slots = ${count(server, 'slots_max') + 5};`,
      ),
    );
  if (!isResumed && count(server, 'senders') + 1 >= count(server, 'senders_max'))
    findings.push(
      problem(
        side,
        'migration.senders_exhausted',
        `${text(server, 'senders')} of ${text(server, 'senders_max')} WAL senders are in use, and two are needed; more need a restart`,
        `ALTER SYSTEM SET max_wal_senders = ${count(server, 'senders_max') + 5};`,
      ),
    );
  if (slot !== undefined && !isResumed)
    findings.push(
      problem(
        side,
        'migration.slot_exists',
        `a replication slot "${name}" is left from an earlier migration whose data folder is not here; give that folder by --data-dir, or drop the slot`,
        `SELECT pg_drop_replication_slot('${name}');`,
      ),
    );
  if (slot === undefined && isResumed)
    findings.push(
      warning(
        side,
        'migration.slot_missing',
        `the replication slot "${name}" is not there yet, or was dropped`,
      ),
    );
  if (text(slot, 'wal_status') === 'lost')
    findings.push(
      problem(
        side,
        'migration.slot_lost',
        `the replication slot "${name}" lost its WAL (max_slot_wal_keep_size): the migration can't go on and has to begin anew, with another --data-dir`,
        `SELECT pg_drop_replication_slot('${name}');`,
      ),
    );
  if (Number(text(server, 'keep_size')) >= 0)
    findings.push(
      warning(
        side,
        'migration.wal_bounded',
        `max_slot_wal_keep_size is ${text(server, 'keep_size')} MB: if the migration falls further behind, it has to begin anew`,
      ),
    );
  return findings;
}

async function roleFindings(
  session: Session,
  { tables }: Catalog,
  { side, name }: SourceNeeds,
): Promise<readonly Finding[]> {
  const [role] = await session.query(
    `SELECT quote_ident(current_user) AS name, rolsuper AS is_super,
       rolsuper OR rolreplication OR EXISTS (SELECT FROM pg_roles g WHERE g.rolname IN ('rds_replication', 'rds_superuser', 'cloudsqlsuperuser')
         AND pg_has_role(g.oid, 'USAGE')) AS may_replicate,
       has_database_privilege(current_database(), 'CREATE') AS may_create, quote_ident(current_database()) AS database
     FROM pg_roles WHERE rolname = current_user`,
  );
  const user = text(role, 'name');
  const findings: Finding[] = [];
  if (text(role, 'may_replicate') !== 't')
    findings.push(
      problem(
        side,
        'migration.privilege_replication',
        `${user} may not replicate, which following changes needs`,
        `ALTER ROLE ${user} REPLICATION;`,
      ),
    );
  const rows = await session.query(
    `SELECT n.nspname AS schema, c.relname AS name, has_schema_privilege(n.oid, 'USAGE') AS may_use,
       has_table_privilege(c.oid, 'SELECT') AS may_select, pg_has_role(c.relowner, 'USAGE') AS is_owner
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE (n.nspname, c.relname) IN (SELECT t ->> 0, t ->> 1 FROM jsonb_array_elements($1::jsonb) t)`,
    [JSON.stringify(tables.map((table) => [table.schema, table.name]))],
  );
  const tableOf = (row: (typeof rows)[number]): string =>
    quoteTable({ schema: text(row, 'schema'), name: text(row, 'name') });
  const closed = [
    ...new Set(rows.filter((row) => row['may_use'] !== 't').map((row) => text(row, 'schema'))),
  ];
  if (closed.length > 0)
    findings.push(
      problem(
        side,
        'migration.privilege_usage',
        `${user} may not use the ${closed.length === 1 ? 'schema' : 'schemas'} ${closed.join(', ')}`,
        `GRANT USAGE ON SCHEMA ${closed.map(quoteName).join(', ')} TO ${user};`,
      ),
    );
  const unreadable = rows.filter((row) => row['may_select'] !== 't').map(tableOf);
  if (unreadable.length > 0)
    findings.push(
      problem(
        side,
        'migration.privilege_select',
        `${user} may not read ${unreadable.length} of the tables`,
        `GRANT SELECT ON ${unreadable.join(', ')} TO ${user};`,
      ),
    );
  findings.push(
    ...(await publicationFindings(
      session,
      rows.map((row) => [tableOf(row), row['is_owner'] === 't']),
      {
        side,
        name,
        user,
        role: {
          isSuper: text(role, 'is_super') === 't',
          mayCreate: text(role, 'may_create') === 't',
          database: text(role, 'database'),
        },
      },
    )),
  );
  return findings;
}

interface Publisher {
  readonly side: Finding['side'];
  readonly name: string;
  readonly user: string;
  readonly role: {
    readonly isSuper: boolean;
    readonly mayCreate: boolean;
    readonly database: string;
  };
}

/** Whoever owns the tables may publish them; somebody else's publication of the same name serves as well. */
async function publicationFindings(
  session: Session,
  tables: readonly (readonly [string, boolean])[],
  { side, name, user, role }: Publisher,
): Promise<readonly Finding[]> {
  const [publication] = await session.query(
    'SELECT pubname FROM pg_publication WHERE pubname = $1',
    [name],
  );
  if (publication !== undefined || role.isSuper) return [];
  const foreign = tables.filter(([, isOwner]) => !isOwner).map(([table]) => table);
  if (foreign.length === 0 && role.mayCreate) return [];
  const why =
    foreign.length > 0
      ? `${user} does not own ${foreign.length} of the tables`
      : `${user} may not create anything in the database`;
  return [
    problem(
      side,
      'migration.privilege_publication',
      `${why}, so that it can't publish their changes; let somebody who may make the publication`,
      `CREATE PUBLICATION ${quoteName(name)} FOR TABLE ${tables.map(([table]) => table).join(', ')} WITH (publish_via_partition_root = true);`,
    ),
  ];
}
