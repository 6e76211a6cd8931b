import type { Schema } from '@millrace/record';
import { byToken, directWriters, type TokenWriters } from '../../run/direct-forms.ts';
import { hexWriter, writeEscapedText } from '../../run/escaped-text.ts';
import type { RunField } from '../../run/row-form.ts';
import type { ValueWriter } from '../../run/row-cursor.ts';
import { instantWriter, integerWriter } from '../../run/writers.ts';

/**
 * The writers of values that need no more than a copy or a small conversion, as `encode.ts` and `column-text.ts` make
 * them; all others go the long way, through these.
 */
export function loadWriterFor(field: RunField): ValueWriter | undefined {
  const writers = directWriters(field, { text: writeEscapedText, bytes: writeHex });
  const { schema, type } = field;
  switch (type.kind) {
    case 'text':
      return byToken(
        type.isPadded === true ? { ...writers, text: writers.text && unpadded } : writers,
      );
    case 'bytes':
      return type.isPadded === true ? undefined : byToken(writers);
    case 'date':
    case 'other':
      return byToken(writers);
    case 'json':
      return writers.text === undefined ? undefined : exactJson;
    case 'numeric':
      return byToken({ ...writers, boolean: booleanOf(schema) });
    case 'float':
      return type.floatBytes === 4
        ? undefined
        : byToken({ number: writers.number, boolean: booleanOf(schema) });
    case 'integer':
      return byToken({ number: integer(field, writers), boolean: booleanOf(schema) });
    case 'timestamp':
    case 'timestamptz':
      return byToken(instants(field));
    default:
      return undefined;
  }
}

const writeHex = hexWriter('');

const BLANK = 0x20;

/** What ends with a blank is looked at the long way. */
const unpadded: ValueWriter = (cursor) =>
  writeEscapedText(cursor) && cursor.out[cursor.to - 1] !== BLANK;

const MINUS = 0x2d;
/** Any whole number of so many digits is one that a double holds. */
const SAFE_DIGITS = 15;

function integer({ schema, type }: RunField, { number }: TokenWriters): ValueWriter | undefined {
  if (schema === null) return integerWriter(SAFE_DIGITS);
  if (!schema.type.startsWith('int')) return undefined;
  // A source may send the upper half of them as negative numbers.
  const isWrapped = type.isUnsigned === true && schema.type === 'int64';
  if (number === undefined || !isWrapped) return number;
  return (cursor) => cursor.json[cursor.at] !== MINUS && number(cursor);
}

function booleanOf(schema: Schema | null): ValueWriter | undefined {
  const isBoolean = schema === null || (schema.type === 'boolean' && schema.name === undefined);
  return isBoolean ? writeBit : undefined;
}

const TRUE = 0x65757274; // 'true' and 'fals', as the bytes stand
const FALSE = 0x736c6166;

const writeBit: ValueWriter = (cursor) => {
  const { json, at, out } = cursor;
  const word =
    ((json[at] ?? 0) |
      ((json[at + 1] ?? 0) << 8) |
      ((json[at + 2] ?? 0) << 16) |
      ((json[at + 3] ?? 0) << 24)) >>>
    0;
  const isFalse = word === FALSE && json[at + 4] === 0x65;
  if (word !== TRUE && !isFalse) return false;
  out[cursor.to++] = isFalse ? 0x30 : 0x31;
  cursor.at = at + (isFalse ? 5 : 4);
  return true;
};

/** More digits in a row may be more than the server's JSON keeps; they are looked at the long way. */
const JSON_DIGITS = 15;

const exactJson: ValueWriter = (cursor) => {
  const from = cursor.to;
  if (!writeEscapedText(cursor)) return false;
  const { out, to } = cursor;
  let run = 0;
  for (let at = from; at < to; at++) {
    const byte = out[at] ?? 0;
    if (byte < 0x2e || byte > 0x39 || byte === 0x2f) run = 0;
    else if (++run > JSON_DIGITS) return false;
  }
  return true;
};

function instants({ schema, type }: RunField): TokenWriters {
  const text = writeUtc(Math.min(type.scale ?? 0, 6));
  if (schema === null) return { text };
  const isMicros = type.scale === 6;
  switch (schema.name) {
    case undefined:
    case 'io.debezium.time.ZonedTimestamp':
      return schema.type === 'string' ? { text } : {};
    case 'io.debezium.time.Timestamp':
      return isMicros && schema.type === 'int64' ? { number: instantWriter(1_000, '') } : {};
    case 'io.debezium.time.MicroTimestamp':
      return isMicros && schema.type === 'int64' ? { number: instantWriter(1, '') } : {};
    default:
      return {};
  }
}

const DIGIT = 0;
/** `"2024-05-01T10:00:00`; 0 is any digit. */
const SHAPE = Uint8Array.from('"0000-00-00T00:00:00', (sign) =>
  sign === '0' ? DIGIT : sign.charCodeAt(0),
);
const QUOTE = 0x22;
const POINT = 0x2e;
const ZERO = 0x30;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

/** `"2024-05-01T10:00:00.123456Z"` as `2024-05-01 10:00:00.123456`, with at most so many digits behind the point. */
function writeUtc(fractionMax: number): ValueWriter {
  return (cursor) => {
    const { json, at, out } = cursor;
    let { to } = cursor;
    if (json[at] !== QUOTE || isYearZero(json, at + 1)) return false;
    for (let index = 1; index < SHAPE.length; index++) {
      const byte = json[at + index] ?? 0;
      const wanted = SHAPE[index] ?? 0;
      if (wanted === DIGIT ? !isDigit(byte) : byte !== wanted) return false;
      out[to++] = byte === LETTER_T ? BLANK : byte;
    }
    let end = at + SHAPE.length;
    if (json[end] === POINT) {
      const point = end;
      do out[to++] = json[end++] ?? 0;
      while (isDigit(json[end] ?? 0) && end - point <= fractionMax);
      if (end - point < 2) return false;
    }
    if (json[end] !== LETTER_Z || json[end + 1] !== QUOTE) return false;
    cursor.at = end + 2;
    cursor.to = to;
    return true;
  };
}

function isYearZero(json: Uint8Array, at: number): boolean {
  return (
    json[at] === ZERO && json[at + 1] === ZERO && json[at + 2] === ZERO && json[at + 3] === ZERO
  );
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
