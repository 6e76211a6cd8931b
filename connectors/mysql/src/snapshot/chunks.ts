import { quoteName, quoteTable, quoteText, type CatalogColumn, type Table } from '../catalog.ts';
import { textForm, type RowForm, type TableShape } from '../table-shape.ts';
import { selectExpression } from '../types/snapshot-sql.ts';
import { emptyFields } from '../types/row.ts';
import { readTextRow } from '../types/text-row.ts';
import type { ReceivedRow } from './row-query.ts';

/** A table of the snapshot, and how it is read. */
export interface SnapshotTable {
  /** `database.table` */
  readonly id: string;
  readonly form: RowForm;
  /** The query of all rows, or of those behind a key. */
  readonly sql: (after: readonly string[] | null) => string;
  /** Whether the table is read in chunks, by its key. */
  readonly isChunked: boolean;
  readonly rowsPerChunk: number;
  /** The key of a row, as literals; null: it has none. */
  readonly keyOf: (row: ReceivedRow) => readonly string[];
}

/** Types whose values stand in a statement as they come out of one, and are ordered as they compare. */
const NUMBER_TYPES = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'year',
]);
const BINARY_TYPES = new Set(['binary', 'varbinary']);
const TEXT_TYPES = new Set(['char', 'varchar', 'date', 'datetime', 'timestamp', 'uuid']);

function isChunkable(column: CatalogColumn): boolean {
  return (
    NUMBER_TYPES.has(column.type) || BINARY_TYPES.has(column.type) || TEXT_TYPES.has(column.type)
  );
}

export interface ReadOptions {
  /** A statement of the user in place of ours; undefined: none. */
  readonly override: string | undefined;
  readonly rowsPerChunk: number;
}

export function snapshotTable(
  table: Table,
  shape: TableShape,
  options: ReadOptions,
): SnapshotTable {
  const captured = shape.columns.map((column) => column.index);
  const key = table.primaryKey.flatMap(
    (name) => table.columns.find((column) => column.name === name) ?? [],
  );
  const isChunked =
    options.override === undefined &&
    key.length > 0 &&
    key.length === table.primaryKey.length &&
    key.every(isChunkable);
  // A key that nobody captures is read all the same: it tells how far we are.
  const keyIndexes = isChunked ? key.map((column) => table.columns.indexOf(column)) : [];
  const selected = [...new Set([...captured, ...keyIndexes])];
  const expressions = selected.flatMap((index) => {
    const column = table.columns[index];
    return column === undefined ? [] : [selectExpression(column)];
  });
  const list = expressions.length === 0 ? '1' : expressions.join(', ');
  const keyPlaces = keyIndexes.map((index) => selected.indexOf(index));
  const source =
    options.override === undefined
      ? quoteTable(table)
      : `(${options.override.replace(/;\s*$/, '')}) AS rows_to_read`;
  return {
    id: `${table.database}.${table.name}`,
    form: textForm(shape, selected),
    isChunked,
    rowsPerChunk: options.rowsPerChunk,
    sql: (after) => {
      if (!isChunked) return `SELECT ${list} FROM ${source}`;
      const order = key.map((column) => quoteName(column.name)).join(', ');
      const where = after === null ? '' : ` WHERE ${behind(key, after)}`;
      return `SELECT ${list} FROM ${source}${where} ORDER BY ${order} LIMIT ${options.rowsPerChunk}`;
    },
    keyOf: (row) => {
      const fields = readTextRow(row.buffer, row.start, row.end, FIELDS);
      return key.map((column, index) => {
        const place = (keyPlaces[index] ?? 0) * 2;
        return literal(column, fields.buffer.subarray(fields.at[place], fields.at[place + 1]));
      });
    },
  };
}

const FIELDS = emptyFields();

function literal(column: CatalogColumn, bytes: Buffer): string {
  if (NUMBER_TYPES.has(column.type)) return bytes.toString();
  if (BINARY_TYPES.has(column.type)) return `x'${bytes.toString('hex')}'`;
  return quoteText(bytes.toString());
}

/** `a > 1 OR (a = 1 AND b > 2)`: the server finds ranges in this, which it does not in a comparison of rows. */
function behind(key: readonly CatalogColumn[], after: readonly string[]): string {
  const names = key.map((column) => quoteName(column.name));
  const alternatives = names.map((name, index) => {
    const equal = names
      .slice(0, index)
      .map((other, place) => `${other} = ${after[place] ?? 'NULL'}`);
    return [...equal, `${name} > ${after[index] ?? 'NULL'}`].join(' AND ');
  });
  return alternatives.map((each) => `(${each})`).join(' OR ');
}
