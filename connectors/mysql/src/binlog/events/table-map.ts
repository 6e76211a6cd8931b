/** The form of a column's values in the binlog. */
export interface WireColumn {
  /** Number of the type in the protocol; of CHAR, ENUM and SET the real one (254, 247, 248). */
  readonly type: number;
  /** Bytes of the longest value (CHAR, VARCHAR), of a value (ENUM, SET, BIT), of a length (BLOB, JSON, GEOMETRY), else 0. */
  readonly width: number;
  /** Digits of a DECIMAL, of a second's fraction, bits of a BIT beyond whole bytes, else 0. */
  readonly precision: number;
  /** Digits of a DECIMAL behind the point, else 0. */
  readonly scale: number;
  readonly isNullable: boolean;
  /** null: not told (before MySQL 8.0.1 and MariaDB 10.5). Numbers only. */
  readonly isUnsigned: boolean | null;
  /** Number of the collation; null: not told, or no text. */
  readonly collation: number | null;
}

/** What `binlog_row_metadata=FULL` tells over the form. */
export interface FullMetadata {
  readonly names: readonly string[];
  /** Of enum and set columns, else empty. */
  readonly labels: readonly (readonly string[])[];
  /** Indexes of the columns of the primary key, in its order; empty without one. */
  readonly primaryKey: readonly number[];
  /** Of geometry columns: 0 any, 1 point, 2 line string, 3 polygon, 4 to 6 many of them, 7 collection; else −1. */
  readonly geometryTypes: readonly number[];
  readonly isVisible: readonly boolean[];
}

/** A table as the binlog describes it before its rows. Immutable; the same object for equal descriptions. */
export interface TableMap {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly WireColumn[];
  /** null: the server's `binlog_row_metadata` is MINIMAL. */
  readonly full: FullMetadata | null;
}
