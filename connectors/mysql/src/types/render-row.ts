import type { JsonSink } from '@millrace/cdc';
import type { RowColumn, RowFields } from './row.ts';

/** A row as a JSON object, straight from the bytes that the server sent. */
export function renderRow(
  _sink: JsonSink,
  _columns: readonly RowColumn[],
  _fields: RowFields,
): void {
  throw new Error('not built yet');
}

/** The same row as a value. */
export function decodeRow(
  _columns: readonly RowColumn[],
  _fields: RowFields,
): Readonly<Record<string, unknown>> {
  throw new Error('not built yet');
}
