import type { Row, Session } from './connection.ts';
import { mariadbDefault, type DefaultOfColumn } from './column-defaults.ts';
import type { Flavour } from './settings.ts';
import { parseColumnType, type ColumnDefinition } from './types/column.ts';

/** A column as the catalogue describes it: what its values need, and what the schema and DDL events tell beyond. */
export interface CatalogColumn extends ColumnDefinition, DefaultOfColumn {
  /** From 1. */
  readonly position: number;
  /** As the server prints the type: `decimal(10,2) unsigned`. */
  readonly typeText: string;
  readonly isAutoIncremented: boolean;
  /** ON UPDATE CURRENT_TIMESTAMP of MySQL; Debezium's parser passes over MariaDB's. */
  readonly hasMomentOnUpdate: boolean;
  readonly isGenerated: boolean;
  readonly comment: string | null;
}

export interface Table {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly CatalogColumn[];
  /** In the order of the key; empty without one. */
  readonly primaryKey: readonly string[];
  /** The first unique index, as they are defined, whose columns are all required: a key for want of a primary one. */
  readonly uniqueKey: readonly string[];
  readonly charset: string | null;
  readonly comment: string | null;
  readonly rowCountEstimate: number;
}

export type TableFilter = (database: string, table: string) => boolean;

/** Safe in SQL. */
export function quoteTable(table: { readonly database: string; readonly name: string }): string {
  return `${quoteName(table.database)}.${quoteName(table.name)}`;
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** In a session whose sql_mode lets backslashes escape. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

const TABLE_TYPES = "('BASE TABLE', 'SYSTEM VERSIONED')";

/** All tables that pass the filter, ordered by name. */
export async function readTables(
  session: Session,
  flavour: Flavour,
  filter: TableFilter,
): Promise<readonly Table[]> {
  const rows = await session.query(`${TABLES} ORDER BY t.TABLE_SCHEMA, t.TABLE_NAME`);
  const wanted = rows.filter((row) => filter(row['db'] ?? '', row['name'] ?? ''));
  return readDetails(session, flavour, wanted);
}

/** One table as it is now; undefined when it is gone. */
export async function readTable(
  session: Session,
  flavour: Flavour,
  database: string,
  name: string,
): Promise<Table | undefined> {
  const rows = await session.query(
    `${TABLES} AND t.TABLE_SCHEMA = ${quoteText(database)} AND t.TABLE_NAME = ${quoteText(name)}`,
  );
  return (await readDetails(session, flavour, rows))[0];
}

const TABLES = `SELECT t.TABLE_SCHEMA AS db, t.TABLE_NAME AS name, t.TABLE_ROWS AS row_count,
    t.TABLE_COMMENT AS comment, c.CHARACTER_SET_NAME AS charset
  FROM information_schema.TABLES t
    LEFT JOIN information_schema.COLLATION_CHARACTER_SET_APPLICABILITY c
      ON c.COLLATION_NAME = t.TABLE_COLLATION
  WHERE t.TABLE_TYPE IN ${TABLE_TYPES}`;

/** So many tables are described with one query, or one of a large catalogue would be too long. */
const TABLES_PER_QUERY = 200;

async function readDetails(
  session: Session,
  flavour: Flavour,
  tables: readonly Row[],
): Promise<readonly Table[]> {
  const described: Table[] = [];
  for (let start = 0; start < tables.length; start += TABLES_PER_QUERY) {
    const part = tables.slice(start, start + TABLES_PER_QUERY);
    const names = part
      .map((row) => `(${quoteText(row['db'] ?? '')}, ${quoteText(row['name'] ?? '')})`)
      .join(', ');
    const columns = groupBy(
      await session.query(
        `SELECT * FROM information_schema.COLUMNS WHERE (TABLE_SCHEMA, TABLE_NAME) IN (${names})
         ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
      ),
    );
    const indexes = groupBy(
      await session.query(
        `SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, COLUMN_NAME, NULLABLE
         FROM information_schema.STATISTICS
         WHERE NON_UNIQUE = 0 AND (TABLE_SCHEMA, TABLE_NAME) IN (${names})
         ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
      ),
    );
    for (const row of part) {
      const key = `${row['db'] ?? ''}\0${row['name'] ?? ''}`;
      const table = tableOf(row, flavour, columns.get(key) ?? []);
      described.push({ ...table, ...(await keysOf(table, indexes.get(key) ?? [], session)) });
    }
  }
  return described;
}

function groupBy(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row['TABLE_SCHEMA'] ?? ''}\0${row['TABLE_NAME'] ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** The first unique index counts in the order of the definition, which only SHOW INDEX tells. */
async function keysOf(
  table: { readonly database: string; readonly name: string },
  indexRows: readonly Row[],
  session: Session,
): Promise<Pick<Table, 'primaryKey' | 'uniqueKey'>> {
  const indexes = new Map<string, Row[]>();
  for (const part of indexRows) {
    const name = part['INDEX_NAME'] ?? '';
    const parts = indexes.get(name);
    if (parts === undefined) indexes.set(name, [part]);
    else parts.push(part);
  }
  const columnsOf = (name: string): readonly string[] =>
    (indexes.get(name) ?? []).map((part) => part['COLUMN_NAME'] ?? '');
  const primaryKey = columnsOf('PRIMARY');
  // A part of an index may be an expression, which has no name.
  const unique = [...indexes]
    .filter(
      ([name, parts]) =>
        name !== 'PRIMARY' &&
        parts.every((part) => part['COLUMN_NAME'] !== null && part['NULLABLE'] !== 'YES'),
    )
    .map(([name]) => name);
  const [first = ''] = unique;
  if (primaryKey.length > 0 || unique.length < 2)
    return { primaryKey, uniqueKey: columnsOf(first) };
  const ordered = await session.query(`SHOW INDEX FROM ${quoteTable(table)}`);
  const names = ordered.map((row) => row['Key_name'] ?? '');
  return { primaryKey, uniqueKey: columnsOf(names.find((name) => unique.includes(name)) ?? first) };
}

function tableOf(
  row: Row,
  flavour: Flavour,
  columns: readonly Row[],
): Omit<Table, 'primaryKey' | 'uniqueKey'> {
  return {
    database: row['db'] ?? '',
    name: row['name'] ?? '',
    columns: columns.map((column) => columnOf(column, flavour)),
    charset: row['charset'] ?? null,
    comment: row['comment'] === '' ? null : (row['comment'] ?? null),
    rowCountEstimate: Number(row['row_count'] ?? 0),
  };
}

function columnOf(row: Row, flavour: Flavour): CatalogColumn {
  const typeText = row['COLUMN_TYPE'] ?? '';
  const extra = (row['EXTRA'] ?? '').toLowerCase();
  const defaultText = row['COLUMN_DEFAULT'] ?? null;
  return {
    name: row['COLUMN_NAME'] ?? '',
    ...parseColumnType(typeText),
    charset: row['CHARACTER_SET_NAME'] ?? null,
    isOptional: row['IS_NULLABLE'] === 'YES',
    position: Number(row['ORDINAL_POSITION']),
    typeText,
    ...(flavour === 'mariadb'
      ? mariadbDefault(defaultText)
      : { defaultText, isDefaultExpression: extra.includes('default_generated') }),
    isAutoIncremented: extra.includes('auto_increment'),
    hasMomentOnUpdate: flavour === 'mysql' && extra.includes('on update'),
    isGenerated: /\b(?:virtual|stored|persistent) generated\b/.test(extra),
    comment: (row['COLUMN_COMMENT'] ?? '') === '' ? null : (row['COLUMN_COMMENT'] ?? null),
  };
}
