import { quoteName, quoteTable, type Table } from './catalog.ts';
import type { Session } from './connection.ts';
import {
  noTables,
  publicationForAllTables,
  publicationMissing,
  publicationPrivilege,
} from './errors.ts';
import { MillraceError } from '@millrace/foundation';
import type { Settings } from './settings.ts';

export interface PublicationPlan {
  /** What has to be run, if anything. */
  readonly sql: string | undefined;
  readonly problems: readonly MillraceError[];
}

/** What has to be done so that the publication holds what is captured; changes nothing itself. */
export async function planPublication(
  session: Session,
  settings: Settings,
  tables: readonly Table[],
): Promise<PublicationPlan> {
  const name = settings.config['publication.name'];
  const [publication] = await session.query(
    `SELECT p.oid, p.puballtables AS all_tables,
       pg_catalog.pg_has_role(p.pubowner, 'USAGE') AS is_owner
     FROM pg_catalog.pg_publication p WHERE p.pubname = $1`,
    [name],
  );
  const mode = settings.config['publication.autocreate.mode'];
  const published = publishedTables(tables, settings);
  if (publication === undefined) {
    const sql = creation(settings, published);
    if (mode === 'disabled' || settings.config['read.only'])
      return { sql: undefined, problems: [publicationMissing(name, sql)] };
    return { sql, problems: await creationProblems(session, settings, published, sql) };
  }
  if (mode !== 'filtered') return { sql: undefined, problems: [] };
  if (publication['all_tables'] === 't')
    return { sql: undefined, problems: [publicationForAllTables(name)] };
  const current = await session.query(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, r.prrelid AS oid
     FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE r.prpubid = $1`,
    [publication['oid']],
  );
  const currentOids = new Set(current.map((row) => Number(row['oid'])));
  const isSame =
    currentOids.size === published.length && published.every((table) => currentOids.has(table.oid));
  if (isSame || settings.config['read.only']) return { sql: undefined, problems: [] };
  if (published.length === 0) return { sql: undefined, problems: [noTables()] };
  const sql = `ALTER PUBLICATION ${quoteName(name)} SET TABLE ${list(published)}`;
  const problems =
    publication['is_owner'] === 't'
      ? await ownershipProblems(session, settings, published, sql)
      : [
          publicationPrivilege(
            settings.config['database.user'],
            sql,
            'it belongs to somebody else',
          ),
        ];
  return { sql, problems };
}

/** Does what was planned. @throws MillraceError */
export async function makePublication(
  session: Session,
  settings: Settings,
  tables: readonly Table[],
  { sql }: PublicationPlan,
): Promise<string | undefined> {
  if (sql === undefined) return undefined;
  try {
    await session.query(sql);
    return sql;
  } catch (error) {
    if (!isMadeMeanwhile(error)) throw error;
    // Another connector, or we a moment ago with an answer that was lost.
    const plan = await planPublication(session, settings, tables);
    const [problem] = plan.problems;
    if (problem !== undefined) throw problem;
    if (plan.sql !== undefined) await session.query(plan.sql);
    return plan.sql;
  }
}

/** duplicate_object; unique_violation when two made it in the same moment */
function isMadeMeanwhile(error: unknown): boolean {
  const cause = error instanceof MillraceError ? error.cause : undefined;
  const code: unknown =
    typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : '';
  return code === '42710' || code === '23505';
}

/** The captured tables as they stand in a publication: leaves, or roots if changes are published by the root. */
export function publishedTables(tables: readonly Table[], settings: Settings): readonly Table[] {
  const viaRoot = settings.config['publish.via.partition.root'];
  return tables.filter((table) => (viaRoot ? !table.isPartition : !table.isPartitioned));
}

function list(tables: readonly Table[]): string {
  return tables.map((table) => `ONLY ${quoteTable(table)}`).join(', ');
}

function creation(settings: Settings, tables: readonly Table[]): string {
  const name = quoteName(settings.config['publication.name']);
  const mode = settings.config['publication.autocreate.mode'];
  const options = [`publish = '${settings.publish}'`];
  if (settings.config['publish.via.partition.root'])
    options.push('publish_via_partition_root = true');
  const scope =
    mode === 'no_tables'
      ? ''
      : mode === 'filtered'
        ? ` FOR TABLE ${list(tables)}`
        : ' FOR ALL TABLES';
  return `CREATE PUBLICATION ${name}${scope} WITH (${options.join(', ')})`;
}

async function creationProblems(
  session: Session,
  settings: Settings,
  tables: readonly Table[],
  sql: string,
): Promise<readonly MillraceError[]> {
  const user = settings.config['database.user'];
  const [role] = await session.query(
    `SELECT r.rolsuper AS is_superuser,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
  );
  const mode = settings.config['publication.autocreate.mode'];
  if (mode === 'all_tables')
    return role?.['is_superuser'] === 't'
      ? []
      : [
          publicationPrivilege(
            user,
            `${sql}; or set publication.autocreate.mode=filtered`,
            'FOR ALL TABLES needs a superuser',
          ),
        ];
  if (mode === 'filtered' && tables.length === 0) return [noTables()];
  if (role?.['may_create'] !== 't')
    return [
      publicationPrivilege(
        user,
        `GRANT CREATE ON DATABASE ${quoteName(settings.config['database.dbname'])} TO ${quoteName(user)}; or ${sql}`,
        'it lacks CREATE on the database',
      ),
    ];
  return mode === 'filtered' ? ownershipProblems(session, settings, tables, sql) : [];
}

async function ownershipProblems(
  session: Session,
  settings: Settings,
  tables: readonly Table[],
  sql: string,
): Promise<readonly MillraceError[]> {
  const foreign = await session.query(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = ANY($1::oid[]) AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') ORDER BY 1`,
    [`{${tables.map((table) => table.oid).join(',')}}`],
  );
  if (foreign.length === 0) return [];
  const names = foreign.map((row) => row['name'] ?? '').join(', ');
  return [publicationPrivilege(settings.config['database.user'], sql, `it does not own ${names}`)];
}
