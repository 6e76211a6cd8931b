import type { RowFields } from './row.ts';

/** Finds the values of a row of the text protocol: the payload of its packet. @throws RangeError when it is not whole */
export function readTextRow(
  _buffer: Buffer,
  _start: number,
  _end: number,
  _into: RowFields,
): RowFields {
  throw new Error('not built yet');
}
