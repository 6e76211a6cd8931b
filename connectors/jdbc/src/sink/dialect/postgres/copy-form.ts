import type { RowCursor } from '../../run/row-cursor.ts';
import type { RowForm } from '../../run/row-form.ts';
import { copyWriterFor } from './copy-writers.ts';

const NEEDS_ESCAPE = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
/** Of UTF-8 for a character of a string. */
const CHARACTER_BYTES_MAX = 3;

/** Rows in the text format of COPY. */
export const copyForm: RowForm = {
  rowStart: new Uint8Array(0),
  separator: Buffer.from('\t'),
  rowEnd: Buffer.from('\n'),
  nullValue: Buffer.from('\\N'),
  writerFor: copyWriterFor,
  writeText,
};

export function copyText(value: string): string {
  return NEEDS_ESCAPE.test(value)
    ? value.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? character)
    : value;
}

function writeText(cursor: RowCursor, value: string): boolean {
  const text = copyText(value);
  // Room for the rest of the row is there already, behind what this value may take.
  if (!cursor.reserveMore(text.length * CHARACTER_BYTES_MAX)) return false;
  cursor.to += cursor.out.write(text, cursor.to);
  return true;
}
