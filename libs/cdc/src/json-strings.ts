const SPACE = 0x20;
const ZERO = 0x30;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 0: as it is; 1: `\u00xx`; else the letter after the backslash. As JSON.stringify escapes. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(1, 0, SPACE);
for (const [byte, letter] of [
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
] as const)
  ESCAPES[byte] = letter;

const HEX = Buffer.from('0123456789abcdef');

/** Of the buffers that were read and written last: a view is dear, and they change seldom. */
let lastFrom: Buffer = Buffer.alloc(0);
let fromView = viewOf(lastFrom);
let lastTo: Buffer = lastFrom;
let toView = fromView;

function viewOf({ buffer, byteLength, byteOffset }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function lookAt(from: Buffer, to: Buffer): void {
  if (from !== lastFrom) {
    lastFrom = from;
    fromView = viewOf(from);
  }
  if (to !== lastTo) {
    lastTo = to;
    toView = viewOf(to);
  }
}

/**
 * Copies bytes up to the first that doesn't stand for itself in a JSON string, and returns how many these are. Room is
 * needed for all up to `end`. Four at a time: in what follows, a byte's top bit says that there is such a one, and that
 * of the first of them is right.
 */
export function copyClean(
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  lookAt(from, to);
  const reader = fromView;
  const writer = toView;
  const shift = position - start;
  let cursor = start;
  for (const wordsEnd = end - 4; cursor <= wordsEnd; cursor += 4) {
    const word = reader.getInt32(cursor, true);
    writer.setInt32(cursor + shift, word, true);
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    const found =
      (((word - 0x20202020) & ~word) |
        ((quotes - 0x01010101) & ~quotes) |
        ((backslashes - 0x01010101) & ~backslashes)) &
      0x80808080;
    if (found !== 0) return cursor - start + ((31 - Math.clz32(found & -found)) >> 3);
  }
  for (; cursor < end; cursor++) {
    const byte = from[cursor] ?? 0;
    if (ESCAPES[byte] !== 0) break;
    to[cursor + shift] = byte;
  }
  return cursor - start;
}

/** The same for text of which all but control characters stand for themselves. */
export function copyPlain(
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  lookAt(from, to);
  const reader = fromView;
  const writer = toView;
  const shift = position - start;
  let cursor = start;
  for (const wordsEnd = end - 4; cursor <= wordsEnd; cursor += 4) {
    const word = reader.getInt32(cursor, true);
    writer.setInt32(cursor + shift, word, true);
    const found = (word - 0x20202020) & ~word & 0x80808080;
    if (found !== 0) return cursor - start + ((31 - Math.clz32(found & -found)) >> 3);
  }
  for (; cursor < end; cursor++) {
    const byte = from[cursor] ?? 0;
    if (byte < SPACE) break;
    to[cursor + shift] = byte;
  }
  return cursor - start;
}

/** How many bytes there are up to the first control character. */
export function plainLength(from: Buffer, start: number, end: number): number {
  lookAt(from, lastTo);
  const reader = fromView;
  let cursor = start;
  for (const wordsEnd = end - 4; cursor <= wordsEnd; cursor += 4) {
    const word = reader.getInt32(cursor, true);
    const found = (word - 0x20202020) & ~word & 0x80808080;
    if (found !== 0) return cursor - start + ((31 - Math.clz32(found & -found)) >> 3);
  }
  while (cursor < end && (from[cursor] ?? 0) >= SPACE) cursor++;
  return cursor - start;
}

/** Copies so many bytes, not more than some dozens; up to three more are written over, and read. */
export function copyWords(
  from: Buffer,
  start: number,
  length: number,
  to: Buffer,
  position: number,
): number {
  lookAt(from, to);
  const reader = fromView;
  const writer = toView;
  for (let index = 0; index < length; index += 4)
    writer.setInt32(position + index, reader.getInt32(start + index, true), true);
  return position + length;
}

/** Bytes made beforehand, for `writeWords`. */
export function wordsOf(bytes: Buffer): Int32Array {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  bytes.copy(padded);
  return Int32Array.from({ length: padded.length / 4 }, (_, index) =>
    padded.readInt32LE(index * 4),
  );
}

/** The first `length` bytes of them; up to three more are written over. */
export function writeWords(
  words: Int32Array,
  length: number,
  to: Buffer,
  position: number,
): number {
  if (to !== lastTo) {
    lastTo = to;
    toView = viewOf(to);
  }
  const writer = toView;
  for (let index = 0; index < words.length; index++)
    writer.setInt32(position + index * 4, words[index] ?? 0, true);
  return position + length;
}

/** How many bytes `writeQuoted` will write. */
export function quotedBytes(from: Buffer, start: number, end: number): number {
  let count = end - start + 2;
  for (let index = start; index < end; index++) {
    const escape = ESCAPES[from[index] ?? 0] ?? 0;
    if (escape !== 0) count += escape === 1 ? 5 : 1;
  }
  return count;
}

/** A quoted JSON string of UTF-8 bytes; needs six times their count and two bytes. */
export function writeQuoted(
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  let cursor = start;
  let out = position;
  to[out++] = QUOTE;
  for (;;) {
    const clean = copyClean(from, cursor, end, to, out);
    cursor += clean;
    out += clean;
    if (cursor >= end) break;
    out = writeEscape(from[cursor++] ?? 0, to, out);
  }
  to[out++] = QUOTE;
  return out;
}

/** A byte that doesn't stand for itself in a JSON string; needs six. */
export function writeEscape(byte: number, to: Buffer, position: number): number {
  const escape = ESCAPES[byte] ?? 0;
  to[position] = BACKSLASH;
  if (escape !== 1) {
    to[position + 1] = escape;
    return position + 2;
  }
  to[position + 1] = 0x75; // u
  to[position + 2] = ZERO;
  to[position + 3] = ZERO;
  to[position + 4] = HEX[byte >> 4] ?? 0;
  to[position + 5] = HEX[byte & 15] ?? 0;
  return position + 6;
}
