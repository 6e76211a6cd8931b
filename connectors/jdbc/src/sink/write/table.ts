/** What a value of a column looks like, as far as conversion is concerned. */
export type ColumnKind =
  | 'boolean'
  | 'integer'
  | 'numeric'
  | 'float'
  | 'text'
  | 'bytes'
  | 'date'
  | 'time'
  | 'timetz'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'json'
  | 'bits'
  | 'point'
  | 'hstore'
  | 'array'
  | 'geometry'
  | 'vector'
  | 'enum'
  | 'set'
  | 'year'
  | 'other';

export interface ColumnType {
  readonly kind: ColumnKind;
  /** The type without its modifier, for casts: a cast to varchar(3) would cut silently, to varchar does not. */
  readonly castName: string;
  /** The type as declared, for people. */
  readonly name: string;
  /** Fraction digits kept: of a numeric the scale, of a time the precision; null when unlimited. */
  readonly scale: number | null;
  /** Bits of a bit(n), null for bit varying. */
  readonly bitLength: number | null;
  /** Characters of a text, bytes of a binary type; null where the server checks by itself. */
  readonly lengthMax?: number | null;
  /** Bytes of a floating point number; 8 unless told. */
  readonly floatBytes?: number;
  /** Whether a time is rather a duration: negative, or of days. */
  readonly isDuration?: boolean;
  readonly isUnsigned?: boolean;
  /** Shorter values are filled up: with blanks a text, with zero bytes a binary. */
  readonly isPadded?: boolean;
  /** Whether texts that differ may compare as equal, by case or accents. */
  readonly isLoose?: boolean;
  /** The values that an enumeration or a set may have. */
  readonly members?: ReadonlySet<string>;
  readonly element: ColumnType | null;
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
}

export interface Table {
  /** Tells this table from all others of the server. */
  readonly id: string;
  /** Null: found by the search path, or the one database. */
  readonly schema: string;
  readonly name: string;
  /** The quoted name, for statements and for people. */
  readonly sql: string;
  readonly columns: ReadonlyMap<string, Column>;
  /** Column sets of usable unique indexes; the primary key first. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** Any unique index beside these, over expressions or parts of rows or columns. */
  readonly hasOtherUnique: boolean;
  /** The storage engine, where the server has several and it is no view. */
  readonly engine?: string;
  /** An engine without transactions; null where rows can be taken back. */
  readonly unsafeEngine: string | null;
  /** Tables that foreign keys of this one refer to, by id. */
  readonly references: readonly string[];
}

export interface TableName {
  readonly schema: string | null;
  readonly name: string;
}

/** A column to be created. */
export interface ColumnDraft {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** SQL literal. */
  readonly default: string | null;
}
