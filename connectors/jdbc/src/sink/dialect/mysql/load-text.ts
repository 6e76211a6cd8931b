import type { RowCursor } from '../../run/row-cursor.ts';
import type { RowForm } from '../../run/row-form.ts';
import type { RowTarget } from '../../write/session.ts';
import type { Column, ColumnType } from '../../write/table.ts';
import { loadWriterFor } from './load-writers.ts';
import { quoteName, quoteText } from './names.ts';

type Values = readonly (string | null)[];

/** Of UTF-8 for a character of a string. */
const CHARACTER_BYTES_MAX = 3;

/** Rows as LOAD DATA reads them: a line a row, texts of columns with tabs between them. */
export const loadForm: RowForm = {
  rowStart: new Uint8Array(0),
  separator: Buffer.from('\t'),
  rowEnd: Buffer.from('\n'),
  nullValue: Buffer.from('\\N'),
  writerFor: loadWriterFor,
  writeText,
};

function writeText(cursor: RowCursor, value: string): boolean {
  const text = DIVIDER.test(value) ? escaped(value) : value;
  // Room for the rest of the row is there already, behind what this value may take.
  if (!cursor.reserveMore(text.length * CHARACTER_BYTES_MAX)) return false;
  cursor.to += cursor.out.write(text, cursor.to);
  return true;
}

/** Larger ones are no faster, and the driver copies each. */
const CHUNK_CHARS = 32_768;
const CHUNK_BYTES = 65_536;

/** A line is built of parts that stand for themselves, and of those that may hold what divides them. */
const DIVIDER = /[\\\t\n\0]/;
const DIVIDERS = /[\\\t\n\0]/g;
const ESCAPED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\0': '\\0',
};

/** `file` is the name by which the server asks for the bytes. */
export function loadSql(set: RowTarget, file: string): string {
  const places: string[] = [];
  const assignments: string[] = [];
  set.columns.forEach((column, index) => {
    const expression = expressionFor(column.type, `@millrace_${index}`);
    places.push(expression === null ? quoteName(column.name) : `@millrace_${index}`);
    if (expression !== null) assignments.push(`${quoteName(column.name)} = ${expression}`);
  });
  const set_ = assignments.length === 0 ? '' : ` SET ${assignments.join(', ')}`;
  return `LOAD DATA LOCAL INFILE ${quoteText(file)} INTO TABLE ${set.table.sql} CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${places.join(', ')})${set_}`;
}

/** What the server makes of the text of a column; null: it takes the text itself. */
function expressionFor(type: ColumnType, variable: string): string | null {
  switch (type.kind) {
    case 'bits':
      return `CAST(CONV(${variable}, 2, 10) AS UNSIGNED)`;
    case 'bytes':
    case 'geometry':
      return `UNHEX(${variable})`;
    case 'vector':
      return `${type.castName}(${variable})`;
    default:
      return null;
  }
}

/** The lines of rows, as few buffers. */
export function loadChunks(rows: readonly Values[], columns: readonly Column[]): Buffer[] {
  const isPlain = columns.map(({ type }) => PLAIN.has(type.kind));
  const chunks: Buffer[] = [];
  let text = '';
  for (const values of rows) {
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? null;
      if (index > 0) text += '\t';
      if (value === null) text += '\\N';
      else text += isPlain[index] === true || !DIVIDER.test(value) ? value : escaped(value);
    }
    text += '\n';
    if (text.length >= CHUNK_CHARS) {
      chunks.push(Buffer.from(text));
      text = '';
    }
  }
  if (text !== '') chunks.push(Buffer.from(text));
  return chunks;
}

/** Kinds whose texts are of digits and signs. */
const PLAIN: ReadonlySet<ColumnType['kind']> = new Set([
  'integer',
  'numeric',
  'float',
  'bits',
  'bytes',
  'geometry',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'year',
]);

function escaped(value: string): string {
  return value.replace(DIVIDERS, (character) => ESCAPED[character] ?? character);
}

/** Lines that are made already, in pieces. */
export function* lineChunks(lines: Buffer): Generator<Buffer> {
  for (let at = 0; at < lines.byteLength; at += CHUNK_BYTES)
    yield lines.subarray(at, at + CHUNK_BYTES);
}

/** The texts that lines were made of. */
export function rowsOfLines(lines: Buffer): Values[] {
  const rows = lines.toString().split('\n');
  rows.pop(); // behind the last line
  return rows.map((row) => row.split('\t').map(unescaped));
}

const ESCAPE = /\\(.)/gs;
const UNESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', 0: '\0' };

function unescaped(value: string): string | null {
  if (value === '\\N') return null;
  return value.includes('\\')
    ? value.replace(ESCAPE, (_, letter: string) => UNESCAPED[letter] ?? letter)
    : value;
}
