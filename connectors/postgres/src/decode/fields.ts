import { readInt32, readUint16 } from './bytes.ts';
import { MalformedMessage } from './pgoutput.ts';

/**
 * Where the values of a row stand: for column `i` the bytes from `at[2 * i]` to `at[2 * i + 1]` of `buffer`.
 * Instead of a start there may be `NULL_VALUE` or `UNCHANGED`.
 */
export interface RowFields {
  buffer: Buffer;
  at: Int32Array;
  count: number;
}

export const NULL_VALUE = -1;
/** A TOAST value that the statement did not touch: the server does not send it. */
export const UNCHANGED = -2;

export function emptyFields(): RowFields {
  return { buffer: Buffer.alloc(0), at: new Int32Array(64), count: 0 };
}

const TUPLE_NULL = 0x6e;
const TUPLE_UNCHANGED = 0x75;
const TUPLE_TEXT = 0x74;

/** Finds the fields of a pgoutput tuple at `position`; returns the position after it. */
export function walkTuple(buffer: Buffer, position: number, end: number, into: RowFields): number {
  if (position + 2 > end) throw new MalformedMessage('a tuple ends too early');
  const count = readUint16(buffer, position);
  const at = room(into, count);
  into.buffer = buffer;
  into.count = count;
  let cursor = position + 2;
  for (let slot = 0; slot < count * 2; slot += 2) {
    const kind = buffer[cursor++];
    if (kind === TUPLE_TEXT) {
      const length = readInt32(buffer, cursor);
      cursor += 4;
      at[slot] = cursor;
      cursor += length;
      at[slot + 1] = cursor;
      if (length < 0 || cursor > end) throw new MalformedMessage('a value ends too early');
    } else if (kind === TUPLE_NULL) at[slot] = NULL_VALUE;
    else if (kind === TUPLE_UNCHANGED) at[slot] = UNCHANGED;
    else throw new MalformedMessage(`a value of unknown kind ${kind ?? -1}`);
  }
  if (cursor > end) throw new MalformedMessage('a tuple ends too early');
  return cursor;
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
/** `\\N` is null; a backslash in data is doubled, so it can't be anything else. */
const LETTER_N = 0x4e;
const ESCAPES: Readonly<Record<number, number>> = {
  0x62: 0x08,
  0x66: 0x0c,
  0x6e: 0x0a,
  0x72: 0x0d,
  0x74: 0x09,
  0x76: 0x0b,
};

/** Finds the fields of a row in COPY's text format; values with escapes are copied and unescaped. */
export function walkCopyRow(buffer: Buffer, start: number, end: number, into: RowFields): void {
  const stop = buffer[end - 1] === NEWLINE ? end - 1 : end;
  let slots = 0;
  let at = into.at;
  let fieldStart = start;
  let hasEscapes = false;
  let isNull = false;
  let capacity = at.length;
  for (let position = start; position <= stop; position++) {
    const byte = position === stop ? TAB : buffer[position];
    if (byte === BACKSLASH) {
      position++; // what is escaped is no separator
      if (buffer[position] === LETTER_N) isNull = true;
      else hasEscapes = true;
    } else if (byte === TAB) {
      if (slots + 2 > capacity) {
        at = room(into, slots + 2);
        capacity = at.length;
      }
      at[slots++] = isNull ? NULL_VALUE : fieldStart;
      at[slots++] = position;
      fieldStart = position + 1;
      isNull = false;
    }
  }
  into.buffer = buffer;
  into.count = slots / 2;
  if (hasEscapes) unescape(buffer, start, stop, into);
}

function unescape(buffer: Buffer, start: number, stop: number, into: RowFields): void {
  const plain = Buffer.allocUnsafe(stop - start);
  const at = into.at;
  let cursor = 0;
  for (let slot = 0; slot < into.count * 2; slot += 2) {
    const fieldStart = at[slot] ?? 0;
    const fieldEnd = at[slot + 1] ?? 0;
    if (fieldStart < 0) continue;
    at[slot] = cursor;
    for (let position = fieldStart; position < fieldEnd; position++) {
      let byte = buffer[position] ?? 0;
      if (byte === BACKSLASH) {
        const escaped = buffer[++position] ?? 0;
        byte = ESCAPES[escaped] ?? escaped;
      }
      plain[cursor++] = byte;
    }
    at[slot + 1] = cursor;
  }
  into.buffer = plain;
}

function room(fields: RowFields, count: number): Int32Array {
  if (fields.at.length < count * 2) {
    const larger = new Int32Array(count * 4);
    larger.set(fields.at);
    fields.at = larger;
  }
  return fields.at;
}
