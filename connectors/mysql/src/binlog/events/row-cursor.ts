import type { RowFields } from '../../types/row.ts';
import type { RowsEvent } from './event.ts';

/**
 * Goes through the rows of an event: `while (cursor.next()) …`. Only places are found; `readRow` finds the values
 * again from `(event, place)` at any later time, as the bytes are not written over.
 */
export class RowCursor {
  /** Place of the old row, of updates and deletes; else −1. */
  beforeAt = -1;
  /** Place of the new row, of inserts and updates; else −1. */
  afterAt = -1;
  /** From 0; −1 before the first. */
  index = -1;

  constructor(_event: RowsEvent) {
    throw new Error('not built yet');
  }

  /** @throws RangeError when the row is not whole */
  next(): boolean {
    throw new Error('not built yet');
  }
}

/** Finds the values of a row. `isAfter`: the new row of an update. */
export function readRow(
  _event: RowsEvent,
  _at: number,
  _isAfter: boolean,
  _into: RowFields,
): RowFields {
  throw new Error('not built yet');
}
