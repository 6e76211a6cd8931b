import {
  textHeader,
  tombstone,
  type Operation,
  type RowBatch,
  type TransactionCounter,
  type TransactionPlace,
} from '@millrace/cdc';
import { must } from '@millrace/foundation';
import type { Header, SourceOffset, SourceRecord } from '@millrace/record';
import type { RowsEvent } from './binlog/events/event.ts';
import { readRow, RowCursor } from './binlog/events/row-cursor.ts';
import { BinlogRow, RowRecord, type EventSource, type TaskRecords } from './row-record.ts';
import type { Settings } from './settings.ts';
import type { RowForm } from './table-shape.ts';
import type { RowOutput, RunOrigin, RunRow } from './row-output.ts';
import { decodeRow } from './types/render-row.ts';
import { ABSENT, emptyFields, type RowColumn, type RowFields } from './types/row.ts';

export interface RowChangesOptions {
  readonly settings: Settings;
  readonly task: TaskRecords;
  readonly event: RowsEvent;
  readonly form: RowForm;
  readonly source: EventSource;
  /** So many rows were delivered before. */
  readonly skipRows: number;
  /** Present with `provide.transaction.metadata`. */
  readonly counter: TransactionCounter | null;
  readonly transactionId: string;
  /** The offset once so many rows of the event are done. */
  readonly offsetAfter: (rowCount: number) => SourceOffset;
}

/** The rows of one event, made into records as they are asked for. */
export class RowChanges implements RunOrigin {
  readonly #options: RowChangesOptions;
  readonly #cursor: RowCursor;
  readonly #isSkipped: boolean;
  readonly #takesRuns: boolean;
  /** Used again for each row of a run. */
  #runRow: RunRow | null = null;
  #runBatch: RowBatch | null = null;
  /** Rows that are done. */
  rowsDone: number;

  constructor(options: RowChangesOptions) {
    this.#options = options;
    this.#cursor = new RowCursor(options.event);
    this.#isSkipped = options.settings.skipped.has(OPERATIONS[options.event.operation]);
    this.#takesRuns = options.task.takesRuns && options.counter === null;
    this.rowsDone = options.skipRows;
  }

  get form(): RowForm {
    return this.#options.form;
  }

  /** The record of a row that is in a run. */
  record(row: number): SourceRecord {
    const { event } = this.#options;
    const cursor = new RowCursor(event);
    while (cursor.index < row && cursor.next());
    return this.#record(
      OPERATIONS[event.operation],
      cursor.beforeAt,
      cursor.afterAt,
      row,
      must(this.#runBatch, 'a row of a run was rendered'),
    );
  }

  /** Adds the records of one more row; false when there is none. */
  next(into: RowOutput, batch: RowBatch): boolean {
    if (this.#takesRuns) return this.#nextOfRun(into, batch);
    const { skipRows } = this.#options;
    const cursor = this.#cursor;
    for (;;) {
      if (!cursor.next()) return false;
      if (cursor.index >= skipRows) break;
      // What was delivered before is counted again: the orders go on where they were.
      this.#countSkipped();
    }
    this.#addRecords(into, batch);
    return true;
  }

  #addRecords(into: RowOutput, batch: RowBatch): void {
    const { afterAt, beforeAt, index } = this.#cursor;
    switch (this.#options.event.operation) {
      case 'insert':
        if (!this.#isSkipped) into.push(this.#record('c', -1, afterAt, index, batch));
        break;
      case 'delete':
        if (!this.#isSkipped) this.#delete(into, beforeAt, index, batch);
        break;
      case 'update':
        this.#update(into, beforeAt, afterAt, index, batch);
        break;
    }
    this.rowsDone = index + 1;
  }

  /** As `next`, where the runtime takes runs. */
  #nextOfRun(into: RowOutput, batch: RowBatch): boolean {
    const cursor = this.#cursor;
    do {
      if (!cursor.nextFields(OLD, NEW)) return false;
    } while (cursor.index < this.#options.skipRows);
    if (this.#isForRun() && this.#addToRun(into, batch)) this.rowsDone = cursor.index + 1;
    else this.#addRecords(into, batch);
    return true;
  }

  /** Whether the row in OLD and NEW makes one record, with the headers of all. */
  #isForRun(): boolean {
    const { event, form, settings } = this.#options;
    if (this.#isSkipped) return false;
    if (event.operation === 'insert') return true;
    if (event.operation === 'delete') return !settings.config['tombstones.on.delete'];
    if (settings.config['skip.messages.without.change'] && sameValues(form.columns, OLD, NEW))
      return false;
    return sameValues(form.keyColumns, OLD, NEW) && isWhole(form.columns, NEW);
  }

  #addToRun(into: RowOutput, batch: RowBatch): boolean {
    const { event, source } = this.#options;
    const { index, rowBytes } = this.#cursor;
    if (this.#runRow === null || this.#runBatch !== batch) {
      const { operation } = event;
      this.#runBatch = batch;
      this.#runRow = {
        source,
        row: index,
        place: index,
        oldRow: operation === 'insert' ? null : OLD,
        newRow: operation === 'delete' ? null : NEW,
        rowBytes,
        closing: source.closing(batch, OPERATIONS[operation]),
      };
    }
    this.#runRow.row = index;
    this.#runRow.place = index;
    this.#runRow.rowBytes = rowBytes;
    return into.addRow(this, this.#runRow);
  }

  #countSkipped(): void {
    if (this.#options.counter !== null && !this.#isSkipped) this.#place();
  }

  #place(): TransactionPlace | null {
    const { counter, form, transactionId } = this.#options;
    if (counter === null) return null;
    return {
      id: transactionId,
      ...counter.count(`${form.shape.database}.${form.shape.table}`),
    };
  }

  #record(
    operation: Operation,
    beforeAt: number,
    afterAt: number,
    index: number,
    batch: RowBatch,
    headers: readonly Header[] = this.#options.task.headers,
    rowsDone = index + 1,
  ): RowRecord {
    const { event, form, offsetAfter, source } = this.#options;
    return new RowRecord({
      form,
      operation,
      rows: new BinlogRow(event, beforeAt, afterAt),
      source,
      row: index,
      batch,
      place: this.#place(),
      headers,
      offset: () => offsetAfter(rowsDone),
    });
  }

  #delete(into: RowOutput, beforeAt: number, index: number, batch: RowBatch): void {
    const { offsetAfter, settings, task } = this.#options;
    if (!settings.config['tombstones.on.delete']) {
      into.push(this.#record('d', beforeAt, -1, index, batch));
      return;
    }
    // Until the tombstone is delivered the change is not: a crash in between brings both again.
    const deletion = this.#record('d', beforeAt, -1, index, batch, task.headers, index);
    into.push(deletion, tombstone(deletion, offsetAfter(index + 1), task.headers));
  }

  #update(
    into: RowOutput,
    beforeAt: number,
    afterAt: number,
    index: number,
    batch: RowBatch,
  ): void {
    const { event, form, settings, task } = this.#options;
    readRow(event, beforeAt, false, OLD);
    readRow(event, afterAt, true, NEW);
    if (settings.config['skip.messages.without.change'] && sameValues(form.columns, OLD, NEW))
      return;
    const { keySchema } = form.shape;
    if (keySchema === null || sameValues(form.keyColumns, OLD, NEW)) {
      if (this.#isSkipped) return;
      const headers = withUnavailable(task.headers, unavailableColumns(form.columns, NEW));
      into.push(this.#record('u', beforeAt, afterAt, index, batch, headers));
      return;
    }
    if (this.#isSkipped) return;
    this.#changeKey(into, keySchema, beforeAt, afterAt, index, batch);
  }

  /** A changed key is a delete with the old one, its tombstone, and a create with the new one. */
  #changeKey(
    into: RowOutput,
    keySchema: NonNullable<RowForm['shape']['keySchema']>,
    beforeAt: number,
    afterAt: number,
    index: number,
    batch: RowBatch,
  ): void {
    const { form, settings, task } = this.#options;
    const oldKey = decodeRow(form.keyColumns, OLD);
    const newKey = decodeRow(form.keyColumns, NEW);
    const unavailable = unavailableColumns(form.columns, NEW);
    const deletionHeaders = [
      { key: '__debezium.newkey', schema: keySchema, value: newKey },
      ...task.headers,
    ];
    const deletion = this.#record('d', beforeAt, -1, index, batch, deletionHeaders, index);
    into.push(deletion);
    if (settings.config['tombstones.on.delete'])
      into.push(tombstone(deletion, deletion.sourceOffset, deletionHeaders));
    const headers = [
      { key: '__debezium.oldkey', schema: keySchema, value: oldKey },
      ...withUnavailable(task.headers, unavailable),
    ];
    into.push(this.#record('c', -1, afterAt, index, batch, headers));
  }
}

const OPERATIONS = { insert: 'c', update: 'u', delete: 'd' } as const;

/** Found again for each update. */
const OLD = emptyFields();
const NEW = emptyFields();

/** Columns whose values the server did not send, by name. */
function unavailableColumns(columns: readonly RowColumn[], row: RowFields): readonly string[] {
  const names: string[] = [];
  for (const column of columns)
    if (row.at[column.wireIndex * 2] === ABSENT) names.push(column.field);
  return names;
}

/** Whether the server sent all these values. */
function isWhole(columns: readonly RowColumn[], { at }: RowFields): boolean {
  for (const { wireIndex } of columns) if (at[wireIndex * 2] === ABSENT) return false;
  return true;
}

const UNAVAILABLE = '__millrace.unavailable.columns';

function withUnavailable(headers: readonly Header[], names: readonly string[]): readonly Header[] {
  return names.length === 0 ? headers : [...headers, textHeader(UNAVAILABLE, names.join(','))];
}

/** Whether two rows have the same bytes in these columns; a value that was not sent is the same. */
function sameValues(columns: readonly RowColumn[], left: RowFields, right: RowFields): boolean {
  for (const { wireIndex } of columns) {
    const leftStart = left.at[wireIndex * 2] ?? ABSENT;
    const rightStart = right.at[wireIndex * 2] ?? ABSENT;
    if (leftStart === ABSENT || rightStart === ABSENT) continue;
    if (leftStart < 0 || rightStart < 0) {
      if (leftStart !== rightStart) return false;
      continue;
    }
    const isSame =
      left.buffer.compare(
        right.buffer,
        rightStart,
        right.at[wireIndex * 2 + 1],
        leftStart,
        left.at[wireIndex * 2 + 1],
      ) === 0;
    if (!isSame) return false;
  }
  return true;
}
