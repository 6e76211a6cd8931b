import { MillraceError, type Retry } from '@millrace/foundation';

/**
 * Who is to blame for a refusal by the target:
 * - `record`: one row is bad; the others of its batch are not
 * - `stale`: what we remember of the target's tables is no longer true
 * - `batch`: nothing can be written as things are
 */
export type FaultScope = 'record' | 'stale' | 'batch';

export interface TargetErrorOptions {
  readonly code: string;
  readonly retry: Retry;
  readonly scope: FaultScope;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A refusal by the target database, classified by SQLSTATE or errno at the edge. */
export class TargetError extends MillraceError {
  override readonly name = 'TargetError';
  readonly scope: FaultScope;

  constructor({ hint, scope, ...options }: TargetErrorOptions) {
    super(hint === undefined ? options : { ...options, hint });
    this.scope = scope;
  }
}

/** A record that can't be written whatever one does; never a reason to stop the others. */
function badRecord(
  code: string,
  message: string,
  hint: string,
  context: Readonly<Record<string, unknown>> = {},
): TargetError {
  return new TargetError({ code, retry: 'fatal', scope: 'record', message, hint, context });
}

/** A value has no exact counterpart in its column (INV-8), or several that differ. */
export const valueNotRepresentable = (reason: string, hint: string): TargetError =>
  badRecord('jdbc.value_not_representable', reason, hint);

/** The same, once the column is known. */
export const columnValueRefused = (column: string, error: TargetError): TargetError =>
  badRecord(error.code, `column "${column}": ${error.message}`, error.hint ?? '', { column });

/** The record has no key, or not the fields that `pk.fields` names. */
export const keyMissing = (reason: string, hint: string): TargetError =>
  badRecord('jdbc.key_missing', reason, hint);

/** The value is neither a row, nor a Debezium change event, nor a delete that is allowed. */
export const recordNotARow = (reason: string, hint: string): TargetError =>
  badRecord('jdbc.record_not_a_row', reason, hint);

/** The target table does not exist and may not be created. */
export const tableMissing = (table: string, hint: string): TargetError =>
  badRecord('jdbc.table_missing', `table ${table} does not exist in the target`, hint, { table });

/** A field has no column and columns may not be added. */
export const columnsMissing = (
  table: string,
  columns: readonly string[],
  hint: string,
): TargetError =>
  badRecord(
    'jdbc.column_missing',
    `table ${table} has no column for ${columns.map((column) => `"${column}"`).join(', ')}`,
    hint,
    { table, columns },
  );

/** Upsert needs a unique key over exactly the key columns. */
export const uniqueKeyMissing = (table: string, hint: string, reason: string): TargetError =>
  badRecord('jdbc.unique_key_missing', `table ${table}: ${reason}`, hint, { table });

/** The table name that the format yields can't be used. */
export const tableNameInvalid = (reason: string, hint: string): TargetError =>
  badRecord('jdbc.table_name_invalid', reason, hint);

/**
 * An update that leaves columns out (unchanged TOAST values) found no row to update; inserting it would invent nulls.
 */
export const partialRowWithoutTarget = (table: string, columns: readonly string[]): TargetError =>
  badRecord(
    'jdbc.partial_row_without_target',
    `an update of table ${table} leaves out unchanged columns ${columns.join(', ')}, and the target has no such row`,
    'copy the row first (snapshot), or let the source send whole rows: ALTER TABLE … REPLICA IDENTITY FULL',
    { table, columns },
  );

/** An earlier record of the same key failed, and this one holds only a part of the row. */
export const earlierRecordFailed = (table: string): TargetError =>
  badRecord(
    'jdbc.earlier_record_failed',
    `an earlier record of the same key of table ${table} failed, and this one holds only the changed columns`,
    'mend the earlier record first and replay both in order',
    { table },
  );

/** One row alone is larger than a statement may be. */
export const rowTooLarge = (table: string, bytes: number, bytesMax: number): TargetError =>
  badRecord(
    'jdbc.row_too_large',
    `a row of table ${table} takes ${bytes} bytes as a statement, and the server takes ${bytesMax}`,
    `SET GLOBAL max_allowed_packet = ${2 ** Math.ceil(Math.log2(bytes))}`,
    { table, bytes, bytesMax },
  );

/** The server took a value with a change, which it only noted (INV-8). */
export const valueChanged = (doing: string, note: string): TargetError =>
  badRecord(
    'jdbc.value_refused',
    `${doing}: the server would store another value: ${note}`,
    'mend the value by a transform, or change the type of the column',
  );

/** The server would put another value in the place of a null (INV-8). */
export const nullRefused = (column: string): TargetError =>
  badRecord(
    'jdbc.constraint_violated',
    `column "${column}" is NOT NULL, and the server would make the time of now of a null`,
    'ALTER TABLE … MODIFY the column to be nullable',
    { column },
  );

/** Another task changes the same table at the same time; looking again tells what is left to do. */
export const definitionRaced = (table: string): TargetError =>
  new TargetError({
    code: 'jdbc.definition_raced',
    retry: 'retriable',
    scope: 'stale',
    message: `columns of table ${table} were being added by someone else`,
    hint: 'the sink looks again by itself',
    context: { table },
  });

/**
 * Another task has taken the partition over, and writes it now. With exactly-once delivery this one must not; it goes on
 * with what is still its own once its group tells it.
 */
export const fenced = (topic: string, partition: number): TargetError =>
  new TargetError({
    code: 'jdbc.fenced',
    retry: 'retriable',
    scope: 'batch',
    message: `partition ${partition} of topic "${topic}" has been taken over by another task`,
    hint: 'nothing to do after a rebalance; if it lasts, another connector of the same name writes to this target: rename one, or give it a millrace.exactly.once.table of its own',
    context: { topic, partition },
  });

/** Rows of such a table can't be taken back when the transaction fails. */
export const tableNotTransactional = (table: string, engine: string): TargetError =>
  badRecord(
    'jdbc.table_not_transactional',
    `table ${table} has the engine ${engine}, which knows no transactions, as exactly-once delivery needs`,
    `ALTER TABLE ${table} ENGINE = InnoDB`,
    { table, engine },
  );

/** `connection.url` can't be understood. */
export const urlInvalid = (reason: string): MillraceError =>
  new MillraceError({
    code: 'jdbc.url_invalid',
    retry: 'fatal',
    message: `connection.url ${reason}`,
    hint: 'use jdbc:postgresql://host:5432/database?user=…&sslmode=require',
  });
