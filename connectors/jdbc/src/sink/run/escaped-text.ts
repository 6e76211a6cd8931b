import type { RowCursor, ValueWriter } from './row-cursor.ts';
import { escapedAt, writeCodePoint } from './string-bytes.ts';

/** Values in files of lines and tabs, as COPY of PostgreSQL and LOAD DATA of MySQL both read them. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A JSON string: what JSON may not hold as it is are all signs that these files escape, but for backslashes. */
export function writeEscapedText(cursor: RowCursor): boolean {
  const { json, out } = cursor;
  let at = cursor.at + 1;
  let { to, seen } = cursor;
  if (json[cursor.at] !== QUOTE) return false;
  for (;;) {
    const byte = json[at];
    if (byte === undefined || byte < 0x20) return false;
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) {
      const { value, end } = escapedAt(json, at);
      if (value < 0) return false;
      to = writeEscaped(out, to, value);
      at = end;
      continue;
    }
    out[to++] = byte;
    seen |= byte;
    at++;
  }
  cursor.at = at + 1;
  cursor.to = to;
  cursor.seen = seen;
  return true;
}

function writeEscaped(out: Uint8Array, to: number, value: number): number {
  const letter = value === 10 ? 0x6e : value === 13 ? 0x72 : value === 9 ? 0x74 : value;
  if (value !== BACKSLASH && letter === value) return writeCodePoint(out, to, value);
  out[to] = BACKSLASH;
  out[to + 1] = letter;
  return to + 2;
}

const HEX_DIGITS = Buffer.from('0123456789abcdef');
const SIX_BITS = new Int8Array(256).fill(-1);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach(
  (byte, index) => {
    SIX_BITS[byte] = index;
  },
);

/** Base64 as hexadecimal digits behind `prefix`. */
export function hexWriter(prefix: string): ValueWriter {
  const start = Buffer.from(prefix);
  return (cursor) => {
    const { json, out } = cursor;
    let at = cursor.at + 1;
    let { to } = cursor;
    if (json[cursor.at] !== QUOTE) return false;
    for (let index = 0; index < start.length; index++) out[to++] = start[index] ?? 0;
    for (; json[at] !== QUOTE; at += 4) {
      const first = SIX_BITS[json[at] ?? 0] ?? -1;
      const second = SIX_BITS[json[at + 1] ?? 0] ?? -1;
      const third = SIX_BITS[json[at + 2] ?? 0] ?? -1;
      const fourth = SIX_BITS[json[at + 3] ?? 0] ?? -1;
      const isPadded = fourth < 0;
      // Padding only at the end, and nothing else that is none of the 64.
      if ((first | second) < 0) return false;
      if (isPadded && (json[at + 3] !== 0x3d || json[at + 4] !== QUOTE)) return false;
      if (third < 0 && (!isPadded || json[at + 2] !== 0x3d)) return false;
      to = writeHex(out, to, (first << 2) | (second >> 4));
      if (third >= 0) to = writeHex(out, to, ((second & 15) << 4) | (third >> 2));
      if (fourth >= 0) to = writeHex(out, to, ((third & 3) << 6) | fourth);
    }
    cursor.at = at + 1;
    cursor.to = to;
    return true;
  };
}

function writeHex(out: Uint8Array, to: number, byte: number): number {
  out[to] = HEX_DIGITS[byte >> 4] ?? 0;
  out[to + 1] = HEX_DIGITS[byte & 15] ?? 0;
  return to + 2;
}
