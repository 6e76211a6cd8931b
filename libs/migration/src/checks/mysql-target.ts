import { shownTable } from '../model/catalog.ts';
import { quoteName, quoteTable, quoteText } from '../mysql/quote.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import { text, type Session } from '../server/session-api.ts';
import { problem, warning, type Finding } from './finding.ts';
import { grantsOf } from './mysql-grants.ts';

const NEEDED = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
  'INDEX',
  'DROP',
  'REFERENCES',
];

/** Whether the target can take the tables. `isFresh`: nothing was made by this migration yet. */
export async function checkMysqlTarget(
  session: Session,
  pairs: readonly TablePair[],
  isFresh: boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const { user, names } = await grantsOf(session);
  const databases = [...new Set(pairs.map(({ target }) => target.schema))];
  const missing = names.has('ALL PRIVILEGES') ? [] : NEEDED.filter((name) => !names.has(name));
  if (missing.length > 0)
    findings.push(
      problem(
        'target',
        'migration.privilege_create',
        `${user} may not ${missing.join(', ')} in the target`,
        ...databases.map(
          (database) => `GRANT ${missing.join(', ')} ON ${quoteName(database)}.* TO ${user};`,
        ),
      ),
    );
  const [server] = await session.query(
    'SELECT @@global.read_only AS read_only, @@max_allowed_packet AS packet',
  );
  if (text(server, 'read_only') === '1')
    findings.push(
      problem(
        'target',
        'migration.target_read_only',
        'the target is read only',
        'SET GLOBAL read_only = OFF;',
      ),
    );
  if (isFresh) for (const pair of pairs) findings.push(...(await tableFindings(session, pair)));
  return findings;
}

async function tableFindings(
  session: Session,
  { source, target, columns }: TablePair,
): Promise<readonly Finding[]> {
  const rows = await session.query(
    `SELECT column_name FROM information_schema.columns WHERE table_schema = ${quoteText(target.schema)} AND table_name = ${quoteText(target.name)}`,
  );
  if (rows.length === 0) return [];
  const name = shownTable(target);
  const there = new Set(rows.map((row) => text(row, 'column_name').toLowerCase()));
  const missing = columns.filter(({ column }) => !there.has(column.name.toLowerCase()));
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
  const filled = await session.query(`SELECT 1 AS one FROM ${quoteTable(target)} LIMIT 1`);
  if (filled.length > 0)
    return [
      problem(
        'target',
        'migration.target_not_empty',
        `${name} is there already and has rows; a migration begins with empty tables`,
        `TRUNCATE TABLE ${quoteTable(target)};`,
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
