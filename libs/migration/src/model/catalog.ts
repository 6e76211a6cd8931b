import type { Family } from '../server/endpoint.ts';
import type { ColumnType, Default } from './types.ts';

/** What a database holds, as far as a migration is concerned. Native SQL stands beside what it means. */
export interface Catalog {
  readonly family: Family;
  /** `mariadb` and `mysql` are of one family, and differ. */
  readonly product: 'postgres' | 'mysql' | 'mariadb';
  readonly version: string;
  readonly tables: readonly Table[];
  /** Schemas, types, domains and extensions that tables need, in the order of their creation. */
  readonly prerequisites: readonly Prerequisite[];
  readonly sequences: readonly Sequence[];
  /** What no connector and no translation carries over. */
  readonly leftBehind: readonly LeftBehind[];
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

export interface Table extends TableName {
  readonly columns: readonly Column[];
  /** Names of columns; empty without a primary key. */
  readonly primaryKey: readonly string[];
  readonly primaryKeyName: string | null;
  /** Which columns tell one row from another in the change events: the primary key, or a unique index for want of it. */
  readonly rowKey: readonly string[];
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
  readonly comment: string | null;
  /** The server's guess; undefined when it has none. */
  readonly rowEstimate: number | undefined;
  readonly partitioning: Partitioning | null;
  /** Why changes of rows can't be followed; the SQL that mends it. */
  readonly obstacle: Obstacle | null;
  /** Where the next value of its AUTO_INCREMENT column stands (MySQL). */
  readonly autoIncrement: string | null;
  /** Of its texts (MySQL). */
  readonly collation?: string | null;
}

export interface Obstacle {
  readonly message: string;
  readonly sql: readonly string[];
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** As the server writes it: `character varying(20)`, `int(10) unsigned`. */
  readonly nativeType: string;
  readonly isNullable: boolean;
  readonly default: Default | null;
  readonly nativeDefault: string | null;
  readonly identity: 'always' | 'by-default' | 'auto-increment' | null;
  readonly generated: { readonly expression: string; readonly isStored: boolean } | null;
  readonly comment: string | null;
  /** Only where it is not the default of the type or table. */
  readonly collation: string | null;
  /** Of text in MySQL. */
  readonly charset: string | null;
}

export interface Index {
  readonly name: string;
  readonly isUnique: boolean;
  /** Undefined: an expression is among them. */
  readonly columns: readonly IndexColumn[] | undefined;
  readonly isPartial: boolean;
  readonly nullsAreEqual: boolean;
  /** `btree`, `gin`, `fulltext` … */
  readonly method: string;
  /** The statement that makes it, or its clause in a CREATE TABLE. */
  readonly native: string;
  /** It is a constraint: `ADD CONSTRAINT … UNIQUE`. */
  readonly isConstraint: boolean;
}

export interface IndexColumn {
  readonly name: string;
  readonly isDescending: boolean;
  /** Only so many characters of it. */
  readonly prefix?: number;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: TableName;
  readonly targetColumns: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly native: string;
}

export interface Check {
  readonly name: string;
  readonly native: string;
}

export interface Partitioning {
  /** `RANGE (at)` */
  readonly native: string;
  readonly partitions: readonly {
    readonly table: TableName;
    readonly parent: TableName;
    readonly bound: string;
    /** `PARTITION BY …` of its own. */
    readonly native: string | null;
  }[];
}

export interface Prerequisite {
  readonly kind: 'schema' | 'extension' | 'type';
  readonly name: string;
  readonly sql: string;
}

export interface Sequence extends TableName {
  readonly options: string;
  readonly lastValue: string | null;
  readonly increment: string;
  readonly startValue: string;
  /** The column that it belongs to, and dies with. */
  readonly owner: { readonly table: TableName; readonly column: string } | null;
  /** It is the inside of an identity column. */
  readonly isIdentity: boolean;
}

export interface LeftBehind {
  /** `view`, `trigger`, `function` … */
  readonly kind: string;
  readonly name: string;
  readonly why: string;
}

export function sameTable(left: TableName, right: TableName): boolean {
  return left.schema === right.schema && left.name === right.name;
}

/** For people. */
export function shownTable({ schema, name }: TableName): string {
  return `${schema}.${name}`;
}
