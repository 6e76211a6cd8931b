import {
  sameTable,
  shownTable,
  type ForeignKey,
  type Index,
  type IndexColumn,
  type LeftBehind,
  type Table,
} from '../model/catalog.ts';
import type { Statement, TablePair } from '../schema/schema-plan.ts';
import type { Family } from '../server/endpoint.ts';
import { quoteName, quoteNames, quoteTable } from './quote.ts';

const NAME_CHARACTERS_MAX = 64;
/** Of a text without a length in an index that only makes reading faster. */
const PREFIX = 191;

export interface IndexStatements {
  readonly plain: readonly Statement[];
  readonly unique: readonly Statement[];
}

/** Unique ones come last: see the same of PostgreSQL. */
export function indexStatements(
  pair: TablePair,
  family: Family,
  notCarried: LeftBehind[],
): IndexStatements {
  const plain: Statement[] = [];
  const unique: Statement[] = [];
  for (const index of pair.source.indexes) {
    if (isRowKey(index, pair.source)) continue;
    const sql = family === 'mysql' ? nativeIndex(index, pair) : builtIndex(index, pair);
    if (sql === undefined) {
      notCarried.push({
        kind: 'index',
        name: `${index.name} on ${shownTable(pair.source)}: ${index.native}`,
        why: index.isPartial
          ? 'MySQL has no indexes of a part of the rows'
          : `MySQL has no ${index.method} index of this kind`,
      });
      continue;
    }
    const name = cut(index.name);
    (index.isUnique ? unique : plain).push({
      about: `index ${name} on ${shownTable(pair.target)}`,
      sql,
      unless: { kind: 'index', table: pair.target, name },
      isOptional: !index.isUnique,
    });
  }
  return { plain, unique };
}

function isRowKey(index: Index, table: Table): boolean {
  return (
    table.primaryKey.length === 0 &&
    index.isUnique &&
    index.columns?.length === table.rowKey.length &&
    index.columns.every(({ name }) => table.rowKey.includes(name))
  );
}

function nativeIndex(index: Index, { target }: TablePair): string {
  const kind =
    index.method === 'fulltext' || index.method === 'spatial'
      ? `${index.method.toUpperCase()} `
      : index.isUnique
        ? 'UNIQUE '
        : '';
  const columns = index.columns?.map(
    ({ name, prefix, isDescending }) =>
      `${quoteName(name)}${prefix === undefined ? '' : `(${prefix})`}${isDescending ? ' DESC' : ''}`,
  );
  return `CREATE ${kind}INDEX ${quoteName(cut(index.name))} ON ${quoteTable(target)} (${columns?.join(', ') ?? index.native})`;
}

function builtIndex(index: Index, pair: TablePair): string | undefined {
  const isPlain = (index.method === 'btree' || index.method === 'hash') && !index.isPartial;
  if (!isPlain || index.columns === undefined) return undefined;
  const columns = index.columns.map((column) => builtColumn(column, pair));
  if (columns.some((column) => column === undefined)) return undefined;
  return `CREATE ${index.isUnique ? 'UNIQUE ' : ''}INDEX ${quoteName(cut(index.name))} ON ${quoteTable(pair.target)} (${columns.join(', ')})`;
}

function builtColumn({ name, isDescending }: IndexColumn, pair: TablePair): string | undefined {
  const type = pair.columns.find(({ column }) => column.name === name)?.targetType;
  if (type === undefined || type === 'json' || type === 'point' || type === 'geometry')
    return undefined;
  const characters = Number(/^varchar\((\d+)\)/.exec(type)?.[1] ?? 0);
  const isLong = type.startsWith('long') || characters > 768;
  return `${quoteName(name)}${isLong ? `(${PREFIX})` : ''}${isDescending ? ' DESC' : ''}`;
}

/** `used`: names of foreign keys, which are the database's here, not the table's. */
export function foreignKeyStatements(
  { source, target }: TablePair,
  pairs: readonly TablePair[],
  used: Set<string>,
  notCarried: LeftBehind[],
): readonly Statement[] {
  return source.foreignKeys.flatMap((key) => {
    const other = pairs.find((each) => sameTable(each.source, key.target))?.target;
    if (other === undefined) {
      notCarried.push({
        kind: 'foreign key',
        name: `${key.name} on ${shownTable(source)}`,
        why: `${shownTable(key.target)} is not among the tables that are migrated`,
      });
      return [];
    }
    const wanted = cut(key.name);
    const name = used.has(`${target.schema}.${wanted}`)
      ? cut(`${target.name}_${key.name}`)
      : wanted;
    used.add(`${target.schema}.${name}`);
    return [
      {
        about: `foreign key ${name} on ${shownTable(target)}`,
        sql: `ALTER TABLE ${quoteTable(target)} ADD CONSTRAINT ${quoteName(name)} FOREIGN KEY (${quoteNames(key.columns)}) REFERENCES ${quoteTable(other)} (${quoteNames(key.targetColumns)})${actions(key)}`,
        unless: { kind: 'constraint' as const, table: target, name },
      },
    ];
  });
}

/** InnoDB knows no SET DEFAULT. */
function actions({ onDelete, onUpdate }: ForeignKey): string {
  const known = (action: string): string => (action === 'SET DEFAULT' ? 'NO ACTION' : action);
  return ` ON UPDATE ${known(onUpdate)} ON DELETE ${known(onDelete)}`;
}

function cut(name: string): string {
  return name.slice(0, NAME_CHARACTERS_MAX);
}
