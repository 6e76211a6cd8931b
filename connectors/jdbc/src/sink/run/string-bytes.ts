import { codeUnit } from './json-bytes.ts';

const BACKSLASH = 0x5c;

/** Behind `\uXXXX`, and behind the two of a surrogate pair, by how far the reading moves on. */
export interface CodePoint {
  /** -1: no escape, or half a surrogate pair. */
  value: number;
  end: number;
}

const found: CodePoint = { value: -1, end: 0 };

/** The character of the escape whose backslash is at `at`; lent until the next call. */
export function escapedAt(json: Uint8Array, at: number): Readonly<CodePoint> {
  found.value = -1;
  found.end = at + 2;
  const sign = json[at + 1];
  switch (sign) {
    case 0x62:
      found.value = 8;
      return found;
    case 0x66:
      found.value = 12;
      return found;
    case 0x6e:
      found.value = 10;
      return found;
    case 0x72:
      found.value = 13;
      return found;
    case 0x74:
      found.value = 9;
      return found;
    case 0x75:
      return unicodeAt(json, at);
    case 0x22:
    case 0x2f:
    case BACKSLASH:
      found.value = sign;
      return found;
    default:
      return found;
  }
}

function unicodeAt(json: Uint8Array, at: number): Readonly<CodePoint> {
  const unit = codeUnit(json, at + 2);
  found.end = at + 6;
  if (unit < 0xd800 || unit > 0xdfff) {
    found.value = unit;
    return found;
  }
  if (unit > 0xdbff || json[at + 6] !== BACKSLASH || json[at + 7] !== 0x75) return found;
  const low = codeUnit(json, at + 8);
  found.end = at + 12;
  if (low >= 0xdc00 && low <= 0xdfff)
    found.value = 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00;
  return found;
}

/** UTF-8 of a character; returns the place behind it. */
export function writeCodePoint(out: Uint8Array, to: number, value: number): number {
  if (value < 0x80) {
    out[to] = value;
    return to + 1;
  }
  if (value < 0x800) {
    out[to] = 0xc0 | (value >> 6);
    out[to + 1] = 0x80 | (value & 0x3f);
    return to + 2;
  }
  if (value < 0x10000) {
    out[to] = 0xe0 | (value >> 12);
    out[to + 1] = 0x80 | ((value >> 6) & 0x3f);
    out[to + 2] = 0x80 | (value & 0x3f);
    return to + 3;
  }
  out[to] = 0xf0 | (value >> 18);
  out[to + 1] = 0x80 | ((value >> 12) & 0x3f);
  out[to + 2] = 0x80 | ((value >> 6) & 0x3f);
  out[to + 3] = 0x80 | (value & 0x3f);
  return to + 4;
}
