import {
  shownTable,
  type Catalog,
  type Column,
  type LeftBehind,
  type Table,
} from '../model/catalog.ts';
import type {
  ColumnPair,
  SchemaOptions,
  SchemaPlan,
  Statement,
  TablePair,
} from '../schema/schema-plan.ts';
import { columnSql, counts } from './column-sql.ts';
import { carriedCollation } from './collation.ts';
import { foreignKeyStatements, indexStatements } from './index-sql.ts';
import { quoteName, quoteNames, quoteTable, quoteText } from './quote.ts';
import { mysqlTypeFor } from './translate-type.ts';

/** A MySQL or MariaDB target for whatever the source is. */
export function planMysqlSchema(catalog: Catalog, options: SchemaOptions): SchemaPlan {
  const notCarried: LeftBehind[] = [...catalog.leftBehind];
  const pairs = catalog.tables.map((table): TablePair => {
    const target = { schema: options.rename(table.schema), name: table.name };
    return { source: table, target, columns: pairColumns(table, catalog, options, notCarried) };
  });
  const databases = [...new Set(pairs.map(({ target }) => target.schema))];
  const used = new Set<string>();
  if (catalog.family === 'postgres') sequencesLeft(catalog, notCarried);
  return {
    pairs,
    first: [
      ...databases.map((schema) => ({
        about: `database ${schema}`,
        sql: `CREATE DATABASE IF NOT EXISTS ${quoteName(schema)} CHARACTER SET utf8mb4`,
        unless: { kind: 'schema' as const, table: { schema, name: '' }, name: schema },
      })),
      ...pairs.map((pair) => tableStatement(pair, catalog, options)),
    ],
    afterCopy: pairs.flatMap((pair) => indexStatements(pair, catalog.family, notCarried).plain),
    atEnd: [
      ...pairs.flatMap((pair) => indexStatements(pair, catalog.family, []).unique),
      ...pairs.flatMap((pair) => checkStatements(pair, catalog, notCarried)),
      ...pairs.flatMap((pair) => foreignKeyStatements(pair, pairs, used, notCarried)),
    ],
    notCarried,
    columnSql: (_pair, column) => columnSql(column, catalog, options),
  };
}

function pairColumns(
  table: Table,
  catalog: Catalog,
  { targetProduct }: SchemaOptions,
  notCarried: LeftBehind[],
): readonly ColumnPair[] {
  const isNative = catalog.family === 'mysql';
  return table.columns.flatMap((column): readonly ColumnPair[] => {
    const name = `${shownTable(table)}.${column.name}`;
    if (isNative)
      return [
        {
          column,
          targetType: nativeType(column, [catalog.product, targetProduct], name, notCarried),
        },
      ];
    if (column.generated !== null) {
      notCarried.push({
        kind: 'generated column',
        name: `${name}: ${column.generated.expression}`,
        why: 'its changes are not sent; add it to the target after the cut-over',
      });
      return [];
    }
    const { sql, note } = mysqlTypeFor(column.type, isInKey(table, column.name));
    if (note !== undefined)
      notCarried.push({ kind: 'type', name: `${name} ${column.nativeType}`, why: note });
    if (column.default?.kind === 'expression')
      notCarried.push({
        kind: 'default',
        name: `${name} ${column.nativeDefault ?? ''}`,
        why: 'the expression is not translated',
      });
    return [{ column, targetType: sql }];
  });
}

function isInKey(table: Table, column: string): boolean {
  return (
    table.rowKey.includes(column) ||
    table.foreignKeys.some((key) => key.columns.includes(column)) ||
    table.indexes.some(
      (index) => index.isUnique && index.columns?.some(({ name }) => name === column) === true,
    )
  );
}

/** MariaDB's JSON is a text with a check, and so it comes. */
const MARIADB_ONLY: Readonly<Record<string, string>> = {
  uuid: 'char(36)',
  inet4: 'varchar(15)',
  inet6: 'varchar(39)',
  json: 'longtext',
};

/** Types that only one of the two products has. */
function nativeType(
  column: Column,
  [source, target]: readonly [Catalog['product'], SchemaOptions['targetProduct']],
  name: string,
  notCarried: LeftBehind[],
): string {
  if (source !== 'mariadb' || target !== 'mysql') return column.nativeType;
  const other = MARIADB_ONLY[column.nativeType];
  if (other === undefined) return column.nativeType;
  notCarried.push({
    kind: 'type',
    name: `${name} ${column.nativeType}`,
    why: `it becomes ${other}`,
  });
  return other;
}

function sequencesLeft({ sequences }: Catalog, notCarried: LeftBehind[]): void {
  for (const sequence of sequences)
    if (sequence.owner === null)
      notCarried.push({
        kind: 'sequence',
        name: shownTable(sequence),
        why: 'MySQL counts in AUTO_INCREMENT columns alone',
      });
}

function tableStatement(pair: TablePair, catalog: Catalog, options: SchemaOptions): Statement {
  const { source, target, columns } = pair;
  const isNative = catalog.family === 'mysql';
  const lines = columns.map((each) => columnSql(each, catalog, options));
  const key = source.primaryKey.length > 0 ? source.primaryKey : source.rowKey;
  if (source.primaryKey.length > 0) lines.push(`PRIMARY KEY (${quoteNames(key)})`);
  else if (key.length > 0)
    lines.push(`UNIQUE KEY ${quoteName(keyName(source))} (${quoteNames(key)})`);
  const counted = columns.find(({ column }) => counts(column, isNative))?.column.name;
  // What counts must be the first of some key.
  if (counted !== undefined && key[0] !== counted) lines.push(`KEY (${quoteName(counted)})`);
  const comment = source.comment === null ? '' : ` COMMENT=${quoteText(source.comment)}`;
  return {
    about: `table ${shownTable(target)}`,
    sql: `CREATE TABLE IF NOT EXISTS ${quoteTable(target)} (\n  ${lines.join(',\n  ')}\n) ENGINE=InnoDB${collationOf(source, isNative, options)}${comment}`,
  };
}

function keyName(table: Table): string {
  return (
    table.indexes.find(
      (index) =>
        index.isUnique &&
        index.columns?.length === table.rowKey.length &&
        index.columns.every(({ name }) => table.rowKey.includes(name)),
    )?.name ?? `${table.name.slice(0, 60)}_key`
  );
}

/** PostgreSQL tells letter cases, accents and blanks at the end apart: so must keys of the target. */
function collationOf(table: Table, isNative: boolean, { targetProduct }: SchemaOptions): string {
  if (!isNative)
    return ` DEFAULT CHARACTER SET utf8mb4 COLLATE ${targetProduct === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'}`;
  const collation = table.collation ?? null;
  if (collation === null) return '';
  const carried = carriedCollation(collation, targetProduct);
  return ` DEFAULT CHARACTER SET ${carried.split('_')[0] ?? 'utf8mb4'} COLLATE ${carried}`;
}

function checkStatements(
  { source, target }: TablePair,
  { family }: Catalog,
  notCarried: LeftBehind[],
): readonly Statement[] {
  if (family === 'mysql')
    return source.checks.map((check) => ({
      about: `check ${check.name} on ${shownTable(target)}`,
      sql: `ALTER TABLE ${quoteTable(target)} ADD CONSTRAINT ${quoteName(check.name)} CHECK (${check.native})`,
      unless: { kind: 'constraint' as const, table: target, name: check.name },
    }));
  for (const check of source.checks)
    notCarried.push({
      kind: 'check constraint',
      name: `${check.name} on ${shownTable(source)}: ${check.native}`,
      why: 'expressions are not translated',
    });
  return [];
}
