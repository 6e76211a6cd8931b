import { parseJson, type Schema } from '@millrace/record';
import { UNAVAILABLE_PLACEHOLDER } from '../change.ts';
import type { Encoder } from '../write/session.ts';
import { endOfValue, isAt, textOf } from './json-bytes.ts';
import { readNode } from './read-node.ts';
import type { RowCursor, ValueWriter } from './row-cursor.ts';
import type { RowForm } from './row-form.ts';

/** One member of a key or a row: how it begins, and what becomes of its value. */
export interface RowField {
  /** `{"name":` or `,"name":` */
  readonly start: Uint8Array;
  /** `skip` is not written, `null` may hold nothing but null. */
  readonly use: 'column' | 'skip' | 'null';
  readonly write: ValueWriter | undefined;
  readonly schema: Schema | null;
  readonly encode: Encoder;
  /** What null is written as; undefined when it is an error. */
  readonly nullAs: Uint8Array | undefined;
  /** The last column of the key. */
  readonly isEndOfKey: boolean;
}

const NULL = Buffer.from('null');
const CLOSE_OBJECT = 0x7d;
const LETTER_N = 0x6e;
const QUOTE = 0x22;
const UNDERSCORE = 0x5f;
const LETTER_X = 0x58;
const PLACEHOLDER_BASE64 = Buffer.from(UNAVAILABLE_PLACEHOLDER).toString('base64');
const PLACEHOLDERS: readonly Uint8Array[] = [UNAVAILABLE_PLACEHOLDER, PLACEHOLDER_BASE64].map(
  (text) => Buffer.from(`"${text}"`),
);

/** `other-fields`: another layout may fit. `long-way`: the record must be looked at as a whole. */
export type RowOutcome = 'written' | 'other-fields' | 'long-way';

/**
 * Reads the object that begins at the cursor, and writes its columns one after another, each behind a separator but the
 * first of a row.
 */
export function writeFields(
  fields: readonly RowField[],
  form: RowForm,
  cursor: RowCursor,
  isFirst: boolean,
): RowOutcome {
  const { json } = cursor;
  let isBehindSeparator = isFirst;
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index];
    if (field === undefined) break;
    if (!isAt(json, cursor.at, field.start)) return 'other-fields';
    cursor.at += field.start.length;
    if (field.use !== 'column') {
      if (!skip(field, cursor)) return 'long-way';
      continue;
    }
    if (isBehindSeparator) isBehindSeparator = false;
    else writeBytes(cursor, form.separator);
    if (!writeValue(field, form, cursor)) return 'long-way';
    if (field.isEndOfKey) cursor.keyEnd = cursor.to;
  }
  if (json[cursor.at] !== CLOSE_OBJECT) return 'other-fields';
  cursor.at++;
  return 'written';
}

function skip(field: RowField, cursor: RowCursor): boolean {
  const { json, at } = cursor;
  const end = endOfValue(json, at);
  if (end < 0 || (field.use === 'null' && !isNull(json, at))) return false;
  if (isPlaceholder(json, at)) return false;
  cursor.at = end;
  cursor.seen |= 0xff;
  return true;
}

function writeValue(field: RowField, form: RowForm, cursor: RowCursor): boolean {
  const { json, at, to } = cursor;
  if (json[at] === LETTER_N) {
    if (field.nullAs === undefined || !isNull(json, at)) return false;
    cursor.at += NULL.length;
    writeBytes(cursor, field.nullAs);
    return true;
  }
  if (isPlaceholder(json, at)) return false;
  if (field.write?.(cursor) === true) return true;
  cursor.at = at;
  cursor.to = to;
  return writeLongWay(field, form, cursor);
}

/** By way of the value itself, as records that go one by one. @throws MillraceError for what they would fail of */
function writeLongWay(field: RowField, form: RowForm, cursor: RowCursor): boolean {
  const { json, at } = cursor;
  const end = endOfValue(json, at);
  if (end < 0) return false;
  const text = textOf(json, at, end);
  if (text.includes(UNAVAILABLE_PLACEHOLDER) || text.includes(PLACEHOLDER_BASE64)) return false;
  const node = parseJson(text, false);
  const value = field.schema === null ? node : readNode(field.schema, node);
  if (value === undefined) return false;
  if (!form.writeText(cursor, field.encode(value))) return false;
  cursor.seen |= 0xff;
  cursor.at = end;
  return true;
}

function isNull(json: Uint8Array, at: number): boolean {
  return isAt(json, at, NULL);
}

/** In the place of a value that the source could not tell; arrays of it are found on the long way. */
function isPlaceholder(json: Uint8Array, at: number): boolean {
  if (json[at] !== QUOTE) return false;
  const first = json[at + 1];
  if (first !== UNDERSCORE && first !== LETTER_X) return false;
  return PLACEHOLDERS.some((placeholder) => isAt(json, at, placeholder));
}

export function writeBytes(cursor: RowCursor, bytes: Uint8Array): void {
  const { out } = cursor;
  let { to } = cursor;
  for (let index = 0; index < bytes.length; index++) out[to++] = bytes[index] ?? 0;
  cursor.to = to;
}
