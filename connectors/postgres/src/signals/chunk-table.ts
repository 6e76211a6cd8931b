import {
  chunkOrder,
  chunkPredicate,
  type ChunkColumn,
  type IncrementalTable,
  type KeyValues,
} from '@millrace/cdc';
import { quoteName, quoteTable, type Table } from '../catalog.ts';
import { walkCopyRow, type RowFields } from '../decode/fields.ts';
import type { Settings } from '../settings.ts';
import type { TableShape } from '../table-shape.ts';
import { keyLiteral, keyValueOf } from './key-types.ts';

interface KeyColumn extends ChunkColumn {
  readonly typeOid: number;
  /** Where it stands in a row of the chunk. */
  readonly index: number;
}

/** A table as chunks are read of it: by which columns, and with which SQL. */
export interface ChunkTable {
  readonly table: Table;
  readonly shape: TableShape;
  readonly key: readonly KeyColumn[];
  /** Whether two rows may have the same key: chunks end behind all of them. */
  readonly hasTies: boolean;
  /** The columns by which the stream names a row, by their place in a row of the chunk. */
  readonly identity: readonly { readonly name: string; readonly index: number }[];
  /** What stands between SELECT and FROM. */
  readonly selection: string;
}

const STYLE = { nulls: 'last', comparesRows: true } as const;

/** Undefined: it has no key to go by, or the stream would not tell which of its rows changed. */
export function chunkTableOf(
  table: Table,
  shape: TableShape,
  request: IncrementalTable,
  settings: Settings,
): ChunkTable | undefined {
  const keyNames = keyNamesOf(table, request, settings);
  if (keyNames.length === 0) return undefined;
  const columns = [...table.columns];
  const names = columns.map((column) => column.name);
  const key: KeyColumn[] = [];
  for (const name of keyNames) {
    const index = names.indexOf(name);
    const column = columns[index];
    if (column === undefined) return undefined;
    key.push({
      sql: quoteName(name),
      isNullable: !column.isNotNull,
      literal: keyLiteral,
      typeOid: column.typeOid,
      index,
    });
  }
  const identityNames = identityNamesOf(table, keyNames);
  const identity = identityNames.map((name) => ({ name, index: names.indexOf(name) }));
  const isTold = identity.every(({ name }) => shape.columns.some((column) => column.name === name));
  if (!isTold) return undefined;
  const wanted = new Set([
    ...shape.columns.map((column) => column.name),
    ...keyNames,
    ...identityNames,
  ]);
  const isPrimary = keyNames === table.primaryKey;
  return {
    table,
    shape,
    key,
    hasTies: !isPrimary && !(isUnique(table, keyNames) && key.every((one) => !one.isNullable)),
    identity,
    selection: names.map((name) => (wanted.has(name) ? quoteName(name) : 'NULL')).join(', '),
  };
}

function keyNamesOf(
  table: Table,
  request: IncrementalTable,
  settings: Settings,
): readonly string[] {
  if (request.surrogateKey !== null) return [request.surrogateKey];
  if (table.primaryKey.length > 0) return table.primaryKey;
  if (table.uniqueKey.length > 0) return table.uniqueKey;
  const id = `${table.schema}.${table.name}`;
  return settings.keyColumns.find((rule) => rule.matchesTable(id))?.columns ?? [];
}

function isUnique(table: Table, names: readonly string[]): boolean {
  const covers = (unique: readonly string[]): boolean =>
    unique.length > 0 && unique.every((name) => names.includes(name));
  return covers(table.primaryKey) || covers(table.uniqueKey);
}

/** With an index as identity the old row has its columns alone; otherwise the key, or the whole row. */
function identityNamesOf(table: Table, keyNames: readonly string[]): readonly string[] {
  if (table.replicaIdentity === 'i' && table.identityKey.length > 0) return table.identityKey;
  return table.primaryKey.length > 0 ? table.primaryKey : keyNames;
}

export function maximumKeySql(chunked: ChunkTable, condition: string | null): string {
  const names = chunked.key.map((column) => column.sql).join(', ');
  return (
    `SELECT ${names} FROM ${sourceOf(chunked.table)}${where([condition])}` +
    ` ORDER BY ${chunkOrder(chunked.key, 'descending')} LIMIT 1`
  );
}

export function chunkSql(
  chunked: ChunkTable,
  bounds: { readonly after: KeyValues | null; readonly upTo: KeyValues },
  condition: string | null,
  rowsMax: number,
): string {
  const order = chunkOrder(chunked.key);
  const limit = chunked.hasTies ? `FETCH FIRST ${rowsMax} ROWS WITH TIES` : `LIMIT ${rowsMax}`;
  const predicate = chunkPredicate(chunked.key, bounds, STYLE);
  return (
    `COPY (SELECT ${chunked.selection} FROM ${sourceOf(chunked.table)}` +
    `${where([predicate, condition])} ORDER BY ${order} ${limit}) TO STDOUT`
  );
}

function sourceOf(table: Table): string {
  return table.isPartitioned ? quoteTable(table) : `ONLY ${quoteTable(table)}`;
}

function where(conditions: readonly (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null && condition.trim() !== '');
  return given.length === 0 ? '' : ` WHERE ${given.map((one) => `(${one})`).join(' AND ')}`;
}

const ROW: RowFields = { buffer: Buffer.alloc(0), at: new Int32Array(64), count: 0 };

/** Key and identity of a row of a chunk. */
export function readKeys(
  chunked: ChunkTable,
  buffer: Buffer,
  start: number,
  end: number,
): { readonly key: KeyValues; readonly identity: string } {
  walkCopyRow(buffer, start, end, ROW);
  return {
    key: chunked.key.map(({ index, typeOid }) => keyValueOf(textAt(ROW, index), typeOid)),
    identity: identityText(chunked.identity.map(({ index }) => textAt(ROW, index))),
  };
}

/** Null: the value is not there. */
export function textAt(row: RowFields, index: number): string | null {
  const start = index < row.count ? (row.at[index * 2] ?? -1) : -1;
  return start < 0 ? null : row.buffer.toString('utf8', start, row.at[index * 2 + 1]);
}

export function identityText(texts: readonly (string | null)[]): string {
  return JSON.stringify(texts);
}
