import { shownTable, type Catalog } from '../model/catalog.ts';
import { quoteName, quoteTable } from '../postgres/quote.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import { count, text, type Session } from '../server/session-api.ts';
import { problem, warning, type Finding } from './finding.ts';

/** Whether the target can take the tables. `isFresh`: nothing was made by this migration yet. */
export async function checkPostgresTarget(
  session: Session,
  pairs: readonly TablePair[],
  catalog: Catalog,
  isFresh: boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const [server] = await session.query(
    `SELECT current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS is_standby, quote_ident(current_user) AS name,
       quote_ident(current_database()) AS database, has_database_privilege(current_database(), 'CREATE') AS may_create,
       has_database_privilege(current_database(), 'TEMPORARY') AS may_stage`,
  );
  const user = text(server, 'name');
  const database = text(server, 'database');
  if (text(server, 'is_standby') === 't')
    findings.push(
      problem(
        'target',
        'migration.target_read_only',
        'the target is a standby; rows can be written to the primary alone',
      ),
    );
  if (text(server, 'encoding') !== 'UTF8')
    findings.push(
      problem(
        'target',
        'migration.encoding',
        `the database is encoded in ${text(server, 'encoding')}; UTF8 is expected`,
      ),
    );
  if (text(server, 'may_stage') !== 't')
    findings.push(
      problem(
        'target',
        'migration.privilege_temporary',
        `${user} may not make temporary tables, in which rows are staged`,
        `GRANT TEMPORARY ON DATABASE ${database} TO ${user};`,
      ),
    );
  findings.push(
    ...(await schemaFindings(
      session,
      pairs,
      user,
      text(server, 'may_create') === 't' ? undefined : database,
    )),
  );
  findings.push(...(await extensionFindings(session, catalog)));
  if (isFresh) for (const pair of pairs) findings.push(...(await tableFindings(session, pair)));
  return findings;
}

async function schemaFindings(
  session: Session,
  pairs: readonly TablePair[],
  user: string,
  closedDatabase: string | undefined,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const schema of new Set(pairs.map(({ target }) => target.schema))) {
    const [found] = await session.query(
      `SELECT has_schema_privilege(oid, 'CREATE') AS may_create FROM pg_namespace WHERE nspname = $1`,
      [schema],
    );
    if (found === undefined && closedDatabase !== undefined)
      findings.push(
        problem(
          'target',
          'migration.privilege_create',
          `${user} may not create the schema ${schema}`,
          `CREATE SCHEMA ${quoteName(schema)} AUTHORIZATION ${user};`,
        ),
      );
    if (found !== undefined && found['may_create'] !== 't')
      findings.push(
        problem(
          'target',
          'migration.privilege_create',
          `${user} may not create tables in the schema ${schema}`,
          `GRANT USAGE, CREATE ON SCHEMA ${quoteName(schema)} TO ${user};`,
        ),
      );
  }
  return findings;
}

async function extensionFindings(
  session: Session,
  { prerequisites }: Catalog,
): Promise<readonly Finding[]> {
  const wanted = prerequisites.filter(({ kind }) => kind === 'extension').map(({ name }) => name);
  if (wanted.length === 0) return [];
  const rows = await session.query(
    `SELECT name, installed_version FROM pg_available_extensions WHERE name IN (SELECT jsonb_array_elements_text($1::jsonb))`,
    [JSON.stringify(wanted)],
  );
  return wanted
    .filter((name) => !rows.some((row) => text(row, 'name') === name))
    .map((name) =>
      problem(
        'target',
        'migration.extension_missing',
        `the extension ${name}, whose types the tables use, is not installed on the target's machine; install its package, or leave those tables out`,
      ),
    );
}

async function tableFindings(
  session: Session,
  { source, target, columns }: TablePair,
): Promise<readonly Finding[]> {
  const rows = await session.query(
    `SELECT a.attname AS name, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS is_required
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped`,
    [target.schema, target.name],
  );
  if (rows.length === 0) return [];
  const name = shownTable(target);
  const there = new Set(rows.map((row) => text(row, 'name')));
  const missing = columns.filter(
    ({ column }) => column.generated === null && !there.has(column.name),
  );
  if (missing.length > 0)
    return [
      problem(
        'target',
        'migration.target_columns_missing',
        `${name} is there already, without the columns ${missing.map(({ column }) => column.name).join(', ')}`,
        ...missing.map(
          ({ column, targetType }) =>
            `ALTER TABLE ${quoteTable(target)} ADD COLUMN ${quoteName(column.name)} ${targetType};`,
        ),
      ),
    ];
  const [filled] = await session.query(
    `SELECT count(*) AS rows FROM (SELECT FROM ${quoteTable(target)} LIMIT 1) r`,
  );
  if (count(filled, 'rows') > 0)
    return [
      problem(
        'target',
        'migration.target_not_empty',
        `${name} is there already and has rows; a migration begins with empty tables`,
        `TRUNCATE ${quoteTable(target)};`,
      ),
    ];
  return [
    warning(
      'target',
      'migration.target_exists',
      `${name} is there already and empty; it is used as it is, for the rows of ${shownTable(source)}`,
    ),
  ];
}
