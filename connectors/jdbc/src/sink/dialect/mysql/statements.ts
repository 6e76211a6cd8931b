import type { ConflictRule, RowSet } from '../../write/session.ts';
import type { Column } from '../../write/table.ts';
import type { Literal } from './literal.ts';
import { quoteName } from './names.ts';

type Values = readonly (string | null)[];
type Literals = readonly Literal[];

const ROW_ALIAS = 'millrace_new';
/** More than one row where one is wanted: an error of its own number, raised only when it is evaluated. */
const REFUSAL = '(SELECT NULL UNION ALL SELECT NULL)';

export function insertHead(set: RowSet): string {
  const columns = set.columns.map((column) => quoteName(column.name)).join(', ');
  return `INSERT INTO ${set.table.sql} (${columns}) VALUES `;
}

export function rowSql(values: Values, literals: Literals): string {
  let text = '(';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ',';
    text += valueSql(values, literals, index);
  }
  return `${text})`;
}

function valueSql(values: Values, literals: Literals, index: number): string {
  const value = values[index] ?? null;
  return value === null ? 'NULL' : (literals[index]?.(value) ?? 'NULL');
}

/**
 * What follows the rows. `ON DUPLICATE KEY UPDATE` acts on a row found by *any* unique index, and on keys that only
 * compare as equal. Where that could be another row than the one that is meant, the row's key is compared exactly and
 * the statement is refused, so that no other row is overwritten (INV-8).
 */
export function insertTail(set: RowSet, rule: ConflictRule, hasRowAlias: boolean): string {
  if (rule === 'fail') return '';
  const fresh = (column: Column): string =>
    hasRowAlias ? `${ROW_ALIAS}.${quoteName(column.name)}` : `VALUES(${quoteName(column.name)})`;
  const keys = set.columns.slice(0, set.keyCount);
  const rest = rule === 'ignore' ? [] : set.columns.slice(set.keyCount);
  const assignments = rest.map((column) => `${quoteName(column.name)} = ${fresh(column)}`);
  const [key] = keys;
  if (key !== undefined && isGuarded(set)) {
    const own = (column: Column): string => `${set.table.sql}.${quoteName(column.name)}`;
    const match = keys.map((column) => sameSql(own(column), fresh(column), column)).join(' AND ');
    assignments.unshift(`${quoteName(key.name)} = IF(${match}, ${own(key)}, ${REFUSAL})`);
  } else if (key !== undefined && assignments.length === 0) {
    assignments.push(`${quoteName(key.name)} = ${set.table.sql}.${quoteName(key.name)}`);
  }
  return `${hasRowAlias ? ` AS ${ROW_ALIAS}` : ''} ON DUPLICATE KEY UPDATE ${assignments.join(', ')}`;
}

function isGuarded({ table, columns, keyCount }: RowSet): boolean {
  return (
    table.hasOtherUnique ||
    table.uniqueKeys.length > 1 ||
    columns.slice(0, keyCount).some(isLooseText)
  );
}

function isLooseText({ type }: Column): boolean {
  return type.kind === 'text' && type.isLoose === true;
}

const exact = (sql: string): string => `CONVERT(${sql} USING utf8mb4) COLLATE utf8mb4_bin`;

function sameSql(left: string, right: string, column: Column): string {
  return isLooseText(column) ? `${exact(left)} <=> ${exact(right)}` : `${left} <=> ${right}`;
}

/** One statement for each row: a constant for each key column, so that the index is used and types are as in inserts. */
export function updateSql(set: RowSet, values: Values, literals: Literals): string {
  const keys = set.columns.slice(0, set.keyCount);
  const rest = set.columns.slice(set.keyCount);
  const assignments =
    rest.length === 0
      ? keys.slice(0, 1).map((column) => `${quoteName(column.name)} = ${quoteName(column.name)}`)
      : rest.map(
          (column, index) =>
            `${quoteName(column.name)} = ${valueSql(values, literals, set.keyCount + index)}`,
        );
  return `UPDATE ${set.table.sql} SET ${assignments.join(', ')} WHERE ${keySql(keys, values, literals)}`;
}

export function deleteHead(set: RowSet): string {
  return `DELETE FROM ${set.table.sql} WHERE `;
}

/** `key IN (…)` where one key column compares exactly, else alternatives. */
export function deleteConditions(set: RowSet, rows: readonly Values[], literals: Literals): string {
  const [key] = set.columns;
  if (set.columns.length === 1 && key !== undefined && !needsOwnTerm(key))
    return `${quoteName(key.name)} IN (${rows.map((values) => valueSql(values, literals, 0)).join(',')})`;
  return rows.map((values) => `(${keySql(set.columns, values, literals)})`).join(' OR ');
}

function keySql(keys: readonly Column[], values: Values, literals: Literals): string {
  return keys
    .map((column, index) => {
      const name = quoteName(column.name);
      const value = valueSql(values, literals, index);
      // A number of 4 bytes is another one with 8.
      const found =
        column.type.kind === 'float' && column.type.floatBytes === 4
          ? `CAST(${value} AS FLOAT)`
          : value;
      return isLooseText(column)
        ? `${name} = ${found} AND ${exact(name)} = ${found}`
        : `${name} = ${found}`;
    })
    .join(' AND ');
}

function needsOwnTerm(column: Column): boolean {
  return isLooseText(column) || column.type.kind === 'float';
}
