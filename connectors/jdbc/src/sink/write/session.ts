import type { Schema } from '@millrace/record';
import type { MillraceError } from '@millrace/foundation';
import type { Settings, SourceHints } from '../settings.ts';
import type { DialectPorts } from '../dialect/dialect.ts';
import type { EncodedRows } from '../run/run-rows.ts';
import type { RowForm } from '../run/row-form.ts';
import type { StoredOffsets } from './offsets.ts';
import type { Column, ColumnDraft, ColumnType, Table, TableName } from './table.ts';

/** A value, never null, to the form in which its column takes it. @throws TargetError of scope `record` */
export type Encoder = (value: unknown) => string;

/** What rows of one table with one set of columns are written to, the key columns first. */
export interface RowTarget {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly keyCount: number;
}

export interface RowSet extends RowTarget {
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What becomes of a row whose key is there already. */
export type ConflictRule = 'fail' | 'ignore' | 'update';

/** Types for columns to be created; what the server at hand knows. */
export interface TypeNames {
  forSchema(schema: Schema, isKey: boolean, keyCount: number): string;
  /** Of schemaless values; undefined while all are null. */
  forValues(values: readonly unknown[], isKey: boolean, keyCount: number): string | undefined;
  /** What follows the columns of a new table. */
  readonly tableOptions: string;
}

/**
 * One connection to the target and what it is asked to do. Broken once means broken for ever: the owner opens another.
 * Every call throws TargetError, or `signal.reason`.
 */
export interface Session {
  readonly isUsable: boolean;
  begin(signal: AbortSignal): Promise<void>;
  commit(signal: AbortSignal): Promise<void>;
  rollback(signal: AbortSignal): Promise<void>;
  /** Constraints are checked at each statement from here on, and there is a savepoint to return to. */
  beginParts(signal: AbortSignal): Promise<void>;
  /** What was done since the savepoint is kept; the savepoint moves on. */
  keepPart(signal: AbortSignal): Promise<void>;
  undoPart(signal: AbortSignal): Promise<void>;

  /** What a write of this set needs outside of its transaction. */
  prepare(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void>;
  insert(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void>;
  /** As `prepare` and `insert`, for rows in the form that `Database.rowForm` tells. */
  prepareRows?(rows: RowTarget, rule: ConflictRule, signal: AbortSignal): Promise<void>;
  /**
   * Inserts rows while they are made, where that is worth a try. False: they can't all be new, or it was not tried, and
   * nothing was written; then they are not read to their end.
   */
  streamRows?(
    target: RowTarget,
    rule: ConflictRule,
    rows: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<boolean>;
  insertRows?(rows: EncodedRows, rule: ConflictRule, signal: AbortSignal): Promise<void>;
  /** Returns the indexes of the rows that have no counterpart in the table. */
  update(set: RowSet, signal: AbortSignal): Promise<readonly number[]>;
  delete(set: RowSet, signal: AbortSignal): Promise<void>;
  truncate(table: Table, signal: AbortSignal): Promise<void>;

  /** The table as it is now, or undefined. */
  readTable(name: TableName, signal: AbortSignal): Promise<Table | undefined>;
  readTypes(signal: AbortSignal): Promise<TypeNames>;
  /** Runs a definition, outside of a transaction. */
  define(sql: string, signal: AbortSignal): Promise<void>;

  /** The table of offsets, for exactly-once. */
  readonly offsets: StoredOffsets;

  /** Ends at once, without a farewell. */
  destroy(reason: unknown): void;
  /** Says farewell, and waits a second at the most. */
  close(): Promise<void>;
}

/** What is known of a kind of database without asking a server. */
export interface Database {
  open(ports: DialectPorts, signal: AbortSignal): Promise<Session>;
  encoderFor(
    schema: Schema | null,
    type: ColumnType,
    hints: SourceHints,
    isEnvelope: boolean,
  ): Encoder;
  /** How many rows are written as bytes; absent: they are written one by one. */
  readonly rowForm?: RowForm;
  quoteName(name: string): string;
  /** The name as the server keeps it when it is written as the settings say. */
  fold(name: string, settings: Settings): string;
  findColumn(table: Table, field: string, settings: Settings): Column | undefined;
  /** @throws TargetError `jdbc.table_name_invalid` */
  tableName(text: string, settings: Settings): TableName;
  createTableSql(
    table: string,
    columns: readonly ColumnDraft[],
    keys: readonly string[],
    options: string,
  ): string;
  addColumnsSql(table: string, columns: readonly ColumnDraft[]): string;
  /** The SQL literal of a default, null where it would be a guess. */
  defaultLiteral(schema: Schema, type: string): string | null;
  /** Another task has done the same just now. */
  isDefinitionRace(error: MillraceError): boolean;
  /** The row that a foreign key refers to is not there. */
  isParentMissing(error: MillraceError): boolean;
}
