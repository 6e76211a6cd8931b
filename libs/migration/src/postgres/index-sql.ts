import {
  sameTable,
  shownTable,
  type ForeignKey,
  type Index,
  type LeftBehind,
  type TableName,
} from '../model/catalog.ts';
import type { Statement, TablePair } from '../schema/schema-plan.ts';
import type { Family } from '../server/endpoint.ts';
import { quoteName, quoteNames, quoteTable } from './quote.ts';
import { cutName, type TargetNames } from './target-names.ts';

/** `CREATE INDEX name ON schema.table USING `; names are quoted where they hold anything odd. */
const NAME = String.raw`(?:"(?:[^"]|"")*"|[^\s"]+)`;
const INDEX_HEAD = new RegExp(
  `^(CREATE (?:UNIQUE )?INDEX) ${NAME} ON (?:ONLY )?${NAME}(?:\\.${NAME})? USING `,
);

export interface IndexStatements {
  readonly plain: readonly Statement[];
  readonly unique: readonly Statement[];
}

/**
 * Unique ones come last: changes are applied with one final state per key, in batches that are not the source's
 * transactions, so that a value which moved from one row to another may for a moment be in both.
 */
export function indexStatements(
  pair: TablePair,
  family: Family,
  names: TargetNames,
  notCarried: LeftBehind[],
): IndexStatements {
  const plain: Statement[] = [];
  const unique: Statement[] = [];
  for (const index of pair.source.indexes) {
    if (isRowKey(index, pair)) continue;
    const statement =
      family === 'postgres' ? nativeIndex(index, pair) : builtIndex(index, pair, names);
    if (statement === undefined)
      notCarried.push({
        kind: 'index',
        name: `${index.name} on ${shownTable(pair.source)}`,
        why: `PostgreSQL has no ${index.method} index of this kind`,
      });
    else (index.isUnique ? unique : plain).push(statement);
  }
  return { plain, unique };
}

/** It was made with the table, for want of a primary key. */
export function isRowKey(index: Index, { source }: TablePair): boolean {
  return (
    source.primaryKey.length === 0 &&
    index.isUnique &&
    !index.isPartial &&
    index.columns?.length === source.rowKey.length &&
    index.columns.every(({ name }) => source.rowKey.includes(name))
  );
}

function nativeIndex(index: Index, { target }: TablePair): Statement {
  const about = `index ${index.name} on ${shownTable(target)}`;
  if (index.isConstraint)
    return {
      about,
      sql: `ALTER TABLE ${quoteTable(target)} ADD CONSTRAINT ${quoteName(index.name)} ${index.native}`,
      unless: { kind: 'constraint', table: target, name: index.name },
    };
  // CREATE INDEX name ON schema.table USING …: the table may stand in another schema now.
  const moved = index.native.replace(
    INDEX_HEAD,
    (_head, create: string) =>
      `${create} IF NOT EXISTS ${quoteName(index.name)} ON ${quoteTable(target)} USING `,
  );
  return { about, sql: moved, isOptional: !index.isUnique };
}

function builtIndex(
  index: Index,
  { target }: TablePair,
  names: TargetNames,
): Statement | undefined {
  const isPlain = index.method === 'btree' || index.method === 'hash';
  if (!isPlain || index.columns === undefined) return undefined;
  const name = names.give(target.schema, `${target.name}_${index.name}`);
  const columns = index.columns.map(({ name: column, prefix, isDescending }) => {
    const key = prefix === undefined ? quoteName(column) : `left(${quoteName(column)}, ${prefix})`;
    return `${key}${isDescending ? ' DESC' : ''}`;
  });
  return {
    about: `index ${name} on ${shownTable(target)}`,
    sql: `CREATE ${index.isUnique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${quoteName(name)} ON ${quoteTable(target)} (${columns.join(', ')})`,
    isOptional: !index.isUnique,
  };
}

/** Check constraints where they mean the same, and foreign keys. */
export function constraintsAtEnd(
  pair: TablePair,
  pairs: readonly TablePair[],
  family: Family,
  notCarried: LeftBehind[],
): readonly Statement[] {
  const { source, target } = pair;
  const statements: Statement[] = [];
  for (const check of source.checks) {
    if (family !== 'postgres') {
      notCarried.push({
        kind: 'check constraint',
        name: `${check.name} on ${shownTable(source)}: ${check.native}`,
        why: 'expressions are not translated',
      });
      continue;
    }
    statements.push({
      about: `check ${check.name} on ${shownTable(target)}`,
      sql: `ALTER TABLE ${quoteTable(target)} ADD CONSTRAINT ${quoteName(check.name)} ${check.native}`,
      unless: { kind: 'constraint', table: target, name: check.name },
    });
  }
  for (const key of source.foreignKeys) {
    const other = pairs.find((each) => sameTable(each.source, key.target));
    if (other === undefined) {
      notCarried.push({
        kind: 'foreign key',
        name: `${key.name} on ${shownTable(source)}`,
        why: `${shownTable(key.target)} is not among the tables that are migrated`,
      });
      continue;
    }
    statements.push({
      about: `foreign key ${key.name} on ${shownTable(target)}`,
      sql: `ALTER TABLE ${quoteTable(target)} ADD CONSTRAINT ${quoteName(cutName(key.name))} ${foreignKeySql(key, other.target, family)}`,
      unless: { kind: 'constraint', table: target, name: cutName(key.name) },
    });
  }
  return statements;
}

function foreignKeySql(key: ForeignKey, target: TableName, family: Family): string {
  const rest =
    family === 'postgres'
      ? (/\bREFERENCES\b.*?\([^)]*\)(.*)$/s.exec(key.native)?.[1] ?? '')
      : ` ON UPDATE ${key.onUpdate} ON DELETE ${key.onDelete}`;
  return `FOREIGN KEY (${quoteNames(key.columns)}) REFERENCES ${quoteTable(target)} (${quoteNames(key.targetColumns)})${rest}`;
}
