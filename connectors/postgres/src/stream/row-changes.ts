import { textHeader, tombstone, type Operation } from '@millrace/cdc';
import type { Header } from '@millrace/record';
import { emptyFields, walkTuple } from '../decode/fields.ts';
import { MESSAGE } from '../decode/pgoutput.ts';
import { decodeRow } from '../json-row.ts';
import {
  fillUnchanged,
  RowRecord,
  sameValues,
  unavailableColumns,
  type RowSource,
} from '../row-record.ts';
import type { Settings } from '../settings.ts';
import type { TableShape } from '../table-shape.ts';
import type { RecordOutput } from './record-output.ts';
import { OLD_KEY, OLD_ROW } from './watched-change.ts';

/** From the messages of inserts, updates and deletes to records. */
export class RowChanges {
  readonly #settings: Settings;
  readonly #output: RecordOutput;

  constructor(settings: Settings, output: RecordOutput) {
    this.#settings = settings;
    this.#output = output;
  }

  change(shape: TableShape, buffer: Buffer, at: number, end: number): void {
    const { skipped } = this.#settings;
    switch (buffer[at]) {
      case MESSAGE.insert:
        if (!skipped.has('c'))
          this.#emit(shape, 'c', this.#rowsOf(buffer, end, 'INSERT', -1, at + 6));
        return;
      case MESSAGE.delete:
        if (!skipped.has('d')) this.#delete(shape, this.#rowsOf(buffer, end, 'DELETE', at + 6, -1));
        return;
      default:
        if (!skipped.has('u')) this.#update(shape, buffer, at, end);
    }
  }

  #rowsOf(
    buffer: Buffer,
    end: number,
    messageType: string,
    oldAt: number,
    newAt: number,
  ): RowSource {
    return {
      buffer,
      end,
      oldAt,
      newAt,
      fillAt: -1,
      isCopy: false,
      lsn: this.#output.lsn,
      countAtLsn: this.#output.countAtLsn,
      messageType,
      isLastOfSnapshot: false,
    };
  }

  #record(
    shape: TableShape,
    operation: Operation,
    rows: RowSource,
    headers: readonly Header[],
  ): RowRecord {
    const { transaction, batch } = this.#output;
    const place = this.#output.placeOf(shape);
    return new RowRecord(shape, operation, rows, transaction, batch, place, headers);
  }

  #emit(
    shape: TableShape,
    operation: Operation,
    rows: RowSource,
    headers: readonly Header[] = this.#output.task.headers,
  ): void {
    this.#output.emit(this.#record(shape, operation, rows, headers));
  }

  #delete(shape: TableShape, rows: RowSource): void {
    const { headers } = this.#output.task;
    if (!this.#settings.config['tombstones.on.delete']) {
      this.#emit(shape, 'd', rows);
      return;
    }
    // Until the tombstone is delivered the change is not: a crash in between brings both again.
    const deletion = this.#record(
      shape,
      'd',
      { ...rows, countAtLsn: rows.countAtLsn - 1 },
      headers,
    );
    this.#output.emit(deletion);
    const { lsn, countAtLsn, messageType } = rows;
    const offset = this.#output.offsetAt(lsn, countAtLsn, messageType);
    this.#output.emit(tombstone(deletion, offset, headers));
  }

  #update(shape: TableShape, buffer: Buffer, at: number, end: number): void {
    const kind = buffer[at + 5];
    const hasOld = kind === OLD_KEY || kind === OLD_ROW;
    const oldAt = hasOld ? at + 6 : -1;
    const newAt = (hasOld ? walkTuple(buffer, oldAt, end, OLD) : at + 5) + 1;
    walkTuple(buffer, newAt, end, NEW);
    const fillAt = kind === OLD_ROW ? oldAt : -1;
    if (kind === OLD_ROW) fillUnchanged(NEW, OLD);
    if (
      kind === OLD_ROW &&
      this.#settings.config['skip.messages.without.change'] &&
      sameValues(shape.columns, OLD, NEW)
    )
      return;
    const headers = withUnavailable(this.#output.task.headers, unavailableColumns(shape, NEW));
    const rows: RowSource = { ...this.#rowsOf(buffer, end, 'UPDATE', oldAt, newAt), fillAt };
    const isKeyKnown = kind === OLD_ROW || (kind === OLD_KEY && shape.isKeyInIdentity);
    if (shape.keySchema === null || !isKeyKnown || sameValues(shape.keyColumns, OLD, NEW)) {
      this.#emit(shape, 'u', rows, headers);
      return;
    }
    this.#changeKey(shape, shape.keySchema, rows, headers);
  }

  /** A changed key is a delete with the old one, its tombstone, and a create with the new one. */
  #changeKey(
    shape: TableShape,
    keySchema: NonNullable<TableShape['keySchema']>,
    rows: RowSource,
    headers: readonly Header[],
  ): void {
    const oldKey = decodeRow(shape.keyColumns, OLD);
    const newKey = decodeRow(shape.keyColumns, NEW);
    const before = { ...rows, countAtLsn: rows.countAtLsn - 1 };
    const deletionHeaders = [
      { key: '__debezium.newkey', schema: keySchema, value: newKey },
      ...this.#output.task.headers,
    ];
    const deletion = this.#record(shape, 'd', { ...before, newAt: -1 }, deletionHeaders);
    this.#output.emit(deletion);
    if (this.#settings.config['tombstones.on.delete'])
      this.#output.emit(tombstone(deletion, deletion.sourceOffset, deletionHeaders));
    this.#emit(shape, 'c', { ...rows, oldAt: -1 }, [
      { key: '__debezium.oldkey', schema: keySchema, value: oldKey },
      ...headers,
    ]);
  }
}

const OLD = emptyFields();
const NEW = emptyFields();

/** Which columns hold the placeholder in place of a TOAST value: sinks should leave them as they are. */
const UNAVAILABLE_HEADER = '__millrace.unavailable.columns';

function withUnavailable(
  headers: readonly Header[],
  columns: readonly string[],
): readonly Header[] {
  return columns.length === 0
    ? headers
    : [...headers, textHeader(UNAVAILABLE_HEADER, columns.join(','))];
}
