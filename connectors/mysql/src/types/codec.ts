import type { Schema } from '@millrace/record';
import type { WireColumn } from '../binlog/events/table-map.ts';

/**
 * How the values of one column are carried: its schema, and its values from the two forms in which the server sends
 * them. Both give the same value.
 */
export interface ColumnCodec {
  /** Required; a column makes it optional and gives it a default. */
  readonly schema: Schema;
  /** Stands for null and for a zero date in a required column. */
  readonly zero: unknown;
  /** Stands for a value that the server did not send; undefined: the type has none. */
  readonly placeholder: unknown;
  /** The text protocol of a session that `SNAPSHOT_SESSION` prepared, with the column read by `selectExpression`. */
  readonly text: ValueReader;
  /** The binlog, in the form that a table map describes. @throws MillraceError when the form is not of this type */
  readonly onWire: (wire: WireColumn) => ValueReader;
}

/** From bytes to a value, or straight to JSON. */
export interface ValueReader {
  /**
   * null stands for a date that is none.
   * @throws MillraceError when the value can't be represented (INV-8)
   */
  readonly read: (bytes: Buffer, start: number, end: number) => unknown;
  /** A shorter way from bytes to JSON, where there is one. */
  readonly json: JsonShortcut;
  /** What `json` takes of these bytes; absent: six times as many. Asked for wide values alone. */
  readonly room?: (bytes: Buffer, start: number, end: number) => number;
}

/**
 * Writes JSON at `position` of `to` and returns the position behind it, or −1 to have `read` called. Room of
 * `6 × bytes + 64` is reserved, or, of a wide value, what the reader's `room` says.
 */
export type JsonWriter = (
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
) => number;

/** null: none; the value is made, then its JSON. */
export type JsonShortcut = JsonWriter | null;
