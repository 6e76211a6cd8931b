import type { TableName } from '../model/catalog.ts';
import * as mysql from '../mysql/quote.ts';
import * as postgres from '../postgres/quote.ts';
import type { Family } from '../server/endpoint.ts';
import type { ColumnPair } from './schema-plan.ts';

/** How columns of a table that is there are changed. */
export interface AlterSql {
  readonly add: (table: TableName, definition: string) => string;
  readonly modify: (table: TableName, column: ColumnPair, definition: string) => string;
  readonly drop: (table: TableName, column: string) => string;
}

export function alterSql(family: Family): AlterSql {
  const { quoteName, quoteTable } = family === 'postgres' ? postgres : mysql;
  const alter = (table: TableName): string => `ALTER TABLE ${quoteTable(table)}`;
  return {
    add: (table, definition) => `${alter(table)} ADD COLUMN ${definition}`,
    drop: (table, column) => `${alter(table)} DROP COLUMN ${quoteName(column)}`,
    modify: (table, { column, targetType }, definition) =>
      family === 'postgres'
        ? `${alter(table)} ALTER COLUMN ${quoteName(column.name)} TYPE ${targetType} USING ${quoteName(column.name)}::${targetType}`
        : `${alter(table)} MODIFY COLUMN ${definition}`,
  };
}
