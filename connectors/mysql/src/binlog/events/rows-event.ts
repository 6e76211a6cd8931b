import { ByteReader } from './byte-reader.ts';
import type { RowOperation } from './event.ts';
import { EVENT } from './event-types.ts';
import { inflateEvent } from './mariadb-compression.ts';

interface RowsForm {
  readonly operation: RowOperation;
  readonly isVersion2: boolean;
  readonly isCompressed: boolean;
}

function form(operation: RowOperation, isVersion2: boolean, isCompressed = false): RowsForm {
  return { operation, isVersion2, isCompressed };
}

export const ROWS_FORMS: ReadonlyMap<number, RowsForm> = new Map([
  [EVENT.writeRowsV1, form('insert', false)],
  [EVENT.updateRowsV1, form('update', false)],
  [EVENT.deleteRowsV1, form('delete', false)],
  [EVENT.writeRows, form('insert', true)],
  [EVENT.updateRows, form('update', true)],
  [EVENT.deleteRows, form('delete', true)],
  [EVENT.partialUpdateRows, form('update', true)],
  [EVENT.mariadbWriteRowsCompressedV1, form('insert', false, true)],
  [EVENT.mariadbUpdateRowsCompressedV1, form('update', false, true)],
  [EVENT.mariadbDeleteRowsCompressedV1, form('delete', false, true)],
  [EVENT.mariadbWriteRowsCompressed, form('insert', true, true)],
  [EVENT.mariadbUpdateRowsCompressed, form('update', true, true)],
  [EVENT.mariadbDeleteRowsCompressed, form('delete', true, true)],
]);

const STATEMENT_END = 1;
/** Stands for no table: the event only ends a statement. */
export const NO_TABLE = 0xff_ffff;

export interface RawRows {
  readonly operation: RowOperation;
  readonly tableId: number;
  readonly columnCount: number;
  readonly columns: Buffer;
  readonly columnsAfter: Buffer;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly isLastOfStatement: boolean;
}

/** @throws RangeError when it is not whole */
export function decodeRows(rowsForm: RowsForm, bytes: Buffer, start: number, end: number): RawRows {
  const reader = new ByteReader(bytes, start, end);
  const tableId = reader.uint(6);
  const flags = reader.uint(2);
  if (rowsForm.isVersion2) reader.skip(reader.uint(2) - 2);
  const columnCount = reader.packed();
  const bitmapBytes = (columnCount + 7) >> 3;
  const columns = reader.bytes(bitmapBytes);
  const columnsAfter = rowsForm.operation === 'update' ? reader.bytes(bitmapBytes) : columns;
  const { at } = reader;
  const { isCompressed, operation } = rowsForm;
  const buffer = isCompressed ? inflateEvent(bytes, at, end) : bytes;
  return {
    operation,
    tableId,
    columnCount,
    columns,
    columnsAfter,
    buffer,
    start: isCompressed ? 0 : at,
    end: isCompressed ? buffer.length : end,
    isLastOfStatement: (flags & STATEMENT_END) !== 0,
  };
}
