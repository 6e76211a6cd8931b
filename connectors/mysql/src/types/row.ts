import type { Schema } from '@millrace/record';
import type { ValueReader } from './codec.ts';

/** The places of a row's values; used again for each row. */
export interface RowFields {
  buffer: Buffer;
  /** How many columns the row has on the wire. */
  count: number;
  /** For each column of the table its start and end, at twice its index; start is `NULL_VALUE` or `ABSENT` without one. */
  at: Int32Array;
}

export const NULL_VALUE = -1;
/** Not in the row's image (`binlog_row_image` MINIMAL or NOBLOB). */
export const ABSENT = -2;

/** What the rendering of a row needs of each column. */
export interface RowColumn {
  /** Its name in the schema. */
  readonly field: string;
  /** Where it stands among the values of the wire. */
  readonly wireIndex: number;
  readonly schema: Schema;
  readonly reader: ValueReader;
  /** `{"name":` or `,"name":` */
  readonly prefix: Buffer;
  /** The same for `writeWords`. */
  readonly prefixWords: Int32Array;
  readonly nullValue: unknown;
  readonly nullJson: Buffer;
  readonly absentValue: unknown;
  readonly absentJson: Buffer;
}

export function emptyFields(): RowFields {
  return { buffer: Buffer.alloc(0), count: 0, at: new Int32Array(0) };
}
