import type { Schema } from '@millrace/record';
import type { SourceHints } from '../settings.ts';
import type { Encoder } from '../write/session.ts';
import type { ColumnType } from '../write/table.ts';
import type { RowCursor, ValueWriter } from './row-cursor.ts';

/** How a kind of database wants many rows as bytes. */
export interface RowForm {
  readonly rowStart: Uint8Array;
  readonly separator: Uint8Array;
  readonly rowEnd: Uint8Array;
  readonly nullValue: Uint8Array;
  /**
   * The writer for a field and its column; undefined when all of its values go the long way. Whatever it writes must
   * be what `encode` makes of the value, in bytes.
   */
  writerFor(field: RunField): ValueWriter | undefined;
  /** Lays down what `Encoder` made; false when the run becomes too large. */
  writeText(cursor: RowCursor, text: string): boolean;
}

export interface RunField {
  readonly schema: Schema | null;
  readonly type: ColumnType;
  readonly hints: SourceHints;
  readonly isEnvelope: boolean;
  readonly encode: Encoder;
}
