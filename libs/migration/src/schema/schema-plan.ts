import type { Column, LeftBehind, Table, TableName } from '../model/catalog.ts';

/** One change of the target. Running it again when it was done already does no harm, or `unless` tells that it was. */
export interface Statement {
  /** For people: `table public.orders`. */
  readonly about: string;
  readonly sql: string;
  /** It is done when this is there. */
  readonly unless?: ObjectAt;
  /** The migration goes on without it: an index that only makes reading faster. */
  readonly isOptional?: boolean;
}

export interface ObjectAt {
  readonly kind: 'index' | 'constraint' | 'table' | 'schema' | 'extension';
  readonly table: TableName;
  readonly name: string;
}

/** One table at both ends. */
export interface TablePair {
  readonly source: Table;
  readonly target: TableName;
  /** The columns that are carried, with the type that the target has for them. */
  readonly columns: readonly ColumnPair[];
}

export interface ColumnPair {
  readonly column: Column;
  readonly targetType: string;
}

/** What the target will look like, and when which part of it is made. */
export interface SchemaPlan {
  readonly pairs: readonly TablePair[];
  /** Before a row is copied. */
  readonly first: readonly Statement[];
  /** When the rows are there, while changes are followed. */
  readonly afterCopy: readonly Statement[];
  /** At the cut-over: what rows that arrive in any order would run into. */
  readonly atEnd: readonly Statement[];
  readonly notCarried: readonly LeftBehind[];
  /** A column of the target as CREATE TABLE and ADD COLUMN write it. */
  readonly columnSql: (pair: TablePair, column: ColumnPair) => string;
}

export interface SchemaOptions {
  readonly rename: (schema: string) => string;
  /** Where the target has `CREATE SEQUENCE`, or types of extensions. */
  readonly targetProduct: 'postgres' | 'mysql' | 'mariadb';
}
