import type { Check, ForeignKey, Index, IndexColumn, TableName } from '../model/catalog.ts';
import { text, type Row, type Session } from '../server/session-api.ts';

export interface MysqlKeys {
  readonly primaryKey: readonly string[];
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
  /** MariaDB's JSON: `json_valid(column)` is a check of theirs. */
  readonly jsonColumns: ReadonlySet<string>;
}

const JSON_CHECK = /^\(?json_valid\(`((?:[^`]|``)+)`\)\)?$/i;

/** Keys of any table of these schemas. */
export async function readMysqlKeys(
  session: Session,
  schemas: string,
  isMariadb: boolean,
): Promise<(table: TableName) => MysqlKeys> {
  const statistics = await session.query(
    `SELECT * FROM information_schema.statistics WHERE table_schema IN (${schemas}) ORDER BY table_schema, table_name, index_name, seq_in_index`,
  );
  const references = await session.query(
    `SELECT k.table_schema, k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, k.referenced_table_name,
       k.referenced_column_name, r.update_rule, r.delete_rule
     FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
       ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
     WHERE k.table_schema IN (${schemas}) AND k.referenced_table_name IS NOT NULL
     ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`,
  );
  const checks = await session.query(
    isMariadb
      ? `SELECT constraint_schema AS table_schema, table_name, constraint_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema IN (${schemas})`
      : `SELECT t.table_schema, t.table_name, c.constraint_name, c.check_clause FROM information_schema.check_constraints c
         JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
         WHERE t.table_schema IN (${schemas}) AND t.constraint_type = 'CHECK' AND t.enforced = 'YES'`,
  );
  return (table) => {
    const isOwn = (row: Row): boolean =>
      row['table_schema'] === table.schema && row['table_name'] === table.name;
    return keysOf(statistics.filter(isOwn), references.filter(isOwn), checks.filter(isOwn));
  };
}

function keysOf(
  statistics: readonly Row[],
  references: readonly Row[],
  checks: readonly Row[],
): MysqlKeys {
  const byName = groups(statistics, 'index_name');
  const primary = byName.get('PRIMARY') ?? [];
  const jsonColumns = new Set(
    checks.flatMap(
      (row) => JSON_CHECK.exec(text(row, 'check_clause'))?.[1]?.replaceAll('``', '`') ?? [],
    ),
  );
  return {
    primaryKey: primary.map((row) => text(row, 'column_name')),
    indexes: [...byName]
      .filter(([name]) => name !== 'PRIMARY')
      .map(([name, rows]) => indexOf(name, rows)),
    foreignKeys: [...groups(references, 'constraint_name')].map(([name, rows]) =>
      foreignKeyOf(name, rows),
    ),
    checks: checks
      .filter((row) => !JSON_CHECK.test(text(row, 'check_clause')))
      .map((row) => ({
        name: text(row, 'constraint_name'),
        native: text(row, 'check_clause').replaceAll(String.raw`\'`, "'"),
      })),
    jsonColumns,
  };
}

function groups(rows: readonly Row[], column: string): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const name = text(row, column);
    const group = found.get(name);
    if (group === undefined) found.set(name, [row]);
    else group.push(row);
  }
  return found;
}

function indexOf(name: string, rows: readonly Row[]): Index {
  const [first] = rows;
  const hasExpression = rows.some((row) => row['column_name'] == null);
  return {
    name,
    isUnique: text(first, 'non_unique') === '0',
    columns: hasExpression ? undefined : rows.map(indexColumn),
    isPartial: false,
    nullsAreEqual: false,
    method: text(first, 'index_type').toLowerCase(),
    // An expression stands in brackets of its own.
    native: rows
      .map((row) =>
        row['column_name'] == null
          ? `(${text(row, 'expression').replaceAll(String.raw`\'`, "'")})`
          : '',
      )
      .join(','),
    isConstraint: false,
  };
}

function indexColumn(row: Row): IndexColumn {
  const prefix = row['sub_part'];
  return {
    name: text(row, 'column_name'),
    isDescending: text(row, 'collation') === 'D',
    ...(prefix == null ? {} : { prefix: Number(prefix) }),
  };
}

function foreignKeyOf(name: string, rows: readonly Row[]): ForeignKey {
  const [first] = rows;
  return {
    name,
    columns: rows.map((row) => text(row, 'column_name')),
    target: {
      schema: text(first, 'referenced_table_schema'),
      name: text(first, 'referenced_table_name'),
    },
    targetColumns: rows.map((row) => text(row, 'referenced_column_name')),
    onDelete: text(first, 'delete_rule'),
    onUpdate: text(first, 'update_rule'),
    native: '',
  };
}
