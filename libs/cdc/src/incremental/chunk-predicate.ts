import type { KeyValue, KeyValues } from './java-values.ts';

/** A column of the key that chunks go by. */
export interface ChunkColumn {
  /** Quoted, as it stands in SQL. */
  readonly sql: string;
  readonly isNullable: boolean;
  /** A value of it as SQL, safe to stand in a statement. */
  readonly literal: (value: KeyValue) => string;
}

export interface PredicateStyle {
  /** Where ORDER BY puts NULLs, ascending: `last` in PostgreSQL, `first` in MySQL and MariaDB. */
  readonly nulls: 'first' | 'last';
  /** Whether an index serves `(a, b) > (1, 2)`: PostgreSQL. The others are given ORs, bounded by the first column. */
  readonly comparesRows: boolean;
}

/**
 * What follows WHERE for the rows of a chunk: behind `after` and up to `upTo` in the order of the key, NULLs included.
 * Null: no bound at all.
 */
export function chunkPredicate(
  columns: readonly ChunkColumn[],
  bounds: { readonly after: KeyValues | null; readonly upTo: KeyValues | null },
  style: PredicateStyle,
): string | null {
  const parts: string[] = [];
  if (bounds.after !== null) parts.push(beyond(columns, bounds.after, style, 'after'));
  if (bounds.upTo !== null) parts.push(beyond(columns, bounds.upTo, style, 'upTo'));
  return parts.length === 0 ? null : parts.map((part) => `(${part})`).join(' AND ');
}

/** What follows ORDER BY. */
export function chunkOrder(
  columns: readonly ChunkColumn[],
  direction: 'ascending' | 'descending' = 'ascending',
): string {
  return columns.map(({ sql }) => (direction === 'ascending' ? sql : `${sql} DESC`)).join(', ');
}

type Side = 'after' | 'upTo';

function beyond(
  columns: readonly ChunkColumn[],
  key: KeyValues,
  style: PredicateStyle,
  side: Side,
): string {
  const isPlain = columns.every(
    (column, index) => !column.isNullable && (key[index] ?? null) !== null,
  );
  if (isPlain && (style.comparesRows || columns.length === 1)) {
    const names = columns.map((column) => column.sql).join(', ');
    const values = columns.map((column, index) => literalOf(column, key[index] ?? null)).join(', ');
    const operator = side === 'after' ? '>' : '<=';
    return columns.length === 1
      ? `${names} ${operator} ${values}`
      : `(${names}) ${operator} (${values})`;
  }
  const [first] = columns;
  const alternatives = alternativesOf(columns, key, style, side);
  const either = alternatives.length === 0 ? '1 = 0' : alternatives.join(' OR ');
  const firstValue = key[0] ?? null;
  // What the alternatives say already, in a form that an index serves.
  return isPlain && first !== undefined && firstValue !== null
    ? `${first.sql} ${side === 'after' ? '>=' : '<='} ${first.literal(firstValue)} AND (${either})`
    : either;
}

function alternativesOf(
  columns: readonly ChunkColumn[],
  key: KeyValues,
  style: PredicateStyle,
  side: Side,
): readonly string[] {
  const alternatives: string[] = [];
  const equal: string[] = [];
  columns.forEach((column, index) => {
    const value = key[index] ?? null;
    const strict = side === 'after' ? greater(column, value, style) : less(column, value, style);
    if (strict !== null) alternatives.push(`(${[...equal, strict].join(' AND ')})`);
    equal.push(
      value === null ? `${column.sql} IS NULL` : `${column.sql} = ${column.literal(value)}`,
    );
  });
  if (side === 'upTo') alternatives.push(`(${equal.join(' AND ')})`);
  return alternatives;
}

/** Null: nothing is greater. */
function greater(
  column: ChunkColumn,
  value: KeyValue | null,
  style: PredicateStyle,
): string | null {
  const { sql } = column;
  if (value === null) return style.nulls === 'last' ? null : `${sql} IS NOT NULL`;
  const plain = `${sql} > ${column.literal(value)}`;
  return column.isNullable && style.nulls === 'last' ? `(${plain} OR ${sql} IS NULL)` : plain;
}

/** Null: nothing is less. */
function less(column: ChunkColumn, value: KeyValue | null, style: PredicateStyle): string | null {
  const { sql } = column;
  if (value === null) return style.nulls === 'last' ? `${sql} IS NOT NULL` : null;
  const plain = `${sql} < ${column.literal(value)}`;
  return column.isNullable && style.nulls === 'first' ? `(${plain} OR ${sql} IS NULL)` : plain;
}

function literalOf(column: ChunkColumn, value: KeyValue | null): string {
  return value === null ? 'NULL' : column.literal(value);
}
