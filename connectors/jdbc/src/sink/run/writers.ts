import { dateOf } from '@millrace/record';
import type { RowCursor, ValueWriter } from './row-cursor.ts';

/** Writers of values that look the same in every kind of database: no byte of theirs needs an escape. */

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Significant digits that a double keeps, so that its text is the one that was read. */
const DOUBLE_DIGITS = 15;
/** A smaller fraction is shown with an exponent. */
const LEADING_ZEROS_MAX = 6;

/** Whole numbers of at most so many digits, as they stand. */
export function integerWriter(digitsMax: number): ValueWriter {
  return (cursor) => {
    const end = endOfInteger(cursor, digitsMax);
    if (end < 0) return false;
    copyTo(cursor, end);
    return true;
  };
}

/** Whole numbers, and fractions as a double shows them, of at most `scale` digits behind the point; null: any. */
export function numberWriter(scale: number | null, digitsMax: number): ValueWriter {
  const fractionMax = scale ?? DOUBLE_DIGITS;
  return (cursor) => {
    const { json, at } = cursor;
    let end = endOfWhole(json, at);
    if (end < 0) return false;
    const from = json[at] === MINUS ? at + 1 : at;
    if (json[end] === POINT) {
      const point = end;
      const isBelowOne = point - from === 1 && json[from] === ZERO;
      end = endOfDigits(json, point + 1);
      const digits = end - point - 1;
      if (digits === 0 || digits > fractionMax || json[end - 1] === ZERO) return false;
      if (digits + point - from > DOUBLE_DIGITS) return false;
      if (isBelowOne && endOfZeros(json, point + 1) - point > LEADING_ZEROS_MAX) return false;
    } else if (end - from > digitsMax || isMinusZero(json, at)) return false;
    if (isExponent(json[end])) return false;
    copyTo(cursor, end);
    return true;
  };
}

/** `true` and `false`, as they stand. */
export const writeBoolean: ValueWriter = (cursor) => {
  const { json, at } = cursor;
  // The rest of a word that begins so is checked, too.
  const isTrue =
    json[at] === 0x74 && json[at + 1] === 0x72 && json[at + 2] === 0x75 && json[at + 3] === 0x65;
  const isFalse =
    json[at] === 0x66 &&
    json[at + 1] === 0x61 &&
    json[at + 2] === 0x6c &&
    json[at + 3] === 0x73 &&
    json[at + 4] === 0x65;
  if (!isTrue && !isFalse) return false;
  copyTo(cursor, at + (isTrue ? 4 : 5));
  return true;
};

/** Base64 of a decimal's unscaled bytes, up to six of them. */
export function decimalWriter(scale: number): ValueWriter | undefined {
  if (scale < 0 || scale > 30) return undefined;
  return (cursor) => {
    const { json, at } = cursor;
    if (json[at] !== QUOTE) return false;
    const characters = json[at + 5] === QUOTE ? 4 : 8;
    if (json[at + characters + 1] !== QUOTE) return false;
    let value = 0;
    let padding = 0;
    for (let index = 1; index <= characters; index++) {
      const byte = json[at + index] ?? 0;
      const six = SIX_BITS[byte] ?? -1;
      if (byte === 0x3d && index > characters - 2) padding++;
      else if (six < 0 || padding > 0) return false;
      value = value * 64 + (padding > 0 ? 0 : six);
    }
    const bytes = (characters / 4) * 3 - padding;
    value = Math.floor(value / 2 ** (8 * padding));
    const bound = 2 ** (8 * bytes);
    if (value >= bound / 2) value -= bound;
    writeScaled(cursor, value, scale);
    cursor.at = at + characters + 2;
    return true;
  };
}

/** `"2024-05-01T10:00:00.123456Z"`, what change events hold, as it stands. */
export const writeIsoInstant: ValueWriter = (cursor) => {
  const { json, at } = cursor;
  if (json[at] !== QUOTE) return false;
  let end = at + 1;
  for (; end <= at + 28; end++) {
    const byte = json[end];
    if (byte === QUOTE) break;
    // Digits, and the signs between them.
    const isDigit = byte !== undefined && byte >= ZERO && byte <= NINE;
    if (
      !isDigit &&
      byte !== MINUS &&
      byte !== 0x3a &&
      byte !== POINT &&
      byte !== 0x54 &&
      byte !== 0x5a
    )
      return false;
  }
  const length = end - at - 1;
  const isYearZero =
    json[at + 1] === ZERO &&
    json[at + 2] === ZERO &&
    json[at + 3] === ZERO &&
    json[at + 4] === ZERO;
  if (length > 27 || json[at + 5] !== MINUS || json[at + 11] !== 0x54 || isYearZero) return false;
  if (json[end - 1] !== 0x5a) return false;
  cursor.at = at + 1;
  copyTo(cursor, end);
  cursor.at = end + 1;
  return true;
};

/** Days since the epoch as `2024-05-01`. */
export const writeDay: ValueWriter = (cursor) => {
  const end = endOfInteger(cursor, 7);
  if (end < 0) return false;
  const days = integerAt(cursor.json, cursor.at, end);
  if (!isCommonDay(days)) return false;
  writeDate(cursor, days);
  cursor.at = end;
  return true;
};

/** Times since the epoch of so many microseconds each, as `2024-05-01 10:00:00.123456` and `suffix`. */
export function instantWriter(micros: number, suffix: string): ValueWriter {
  const ending = Buffer.from(suffix);
  return (cursor) => {
    const end = endOfInteger(cursor, 16);
    if (end < 0) return false;
    const value = integerAt(cursor.json, cursor.at, end) * micros;
    if (!Number.isSafeInteger(value)) return false;
    const seconds = Math.floor(value / 1_000_000);
    const days = Math.floor(seconds / 86_400);
    if (!isCommonDay(days)) return false;
    writeDate(cursor, days);
    cursor.out[cursor.to++] = 0x20;
    writeTime(cursor, seconds - days * 86_400, value - seconds * 1_000_000);
    for (let index = 0; index < ending.length; index++)
      cursor.out[cursor.to++] = ending[index] ?? 0;
    cursor.at = end;
    return true;
  };
}

function copyTo(cursor: RowCursor, end: number): void {
  const { json, out } = cursor;
  let { to } = cursor;
  for (let at = cursor.at; at < end; at++) out[to++] = json[at] ?? 0;
  cursor.to = to;
  cursor.at = end;
}

/** -1: no whole number, or one with a fraction or of more digits. */
function endOfInteger({ json, at }: RowCursor, digitsMax: number): number {
  const end = endOfWhole(json, at);
  if (end < 0 || json[end] === POINT || isExponent(json[end])) return -1;
  const digits = end - (json[at] === MINUS ? at + 1 : at);
  return digits > digitsMax || isMinusZero(json, at) ? -1 : end;
}

function endOfWhole(json: Uint8Array, at: number): number {
  const from = json[at] === MINUS ? at + 1 : at;
  const end = endOfDigits(json, from);
  if (end === from) return -1;
  return json[from] === ZERO && end - from > 1 ? -1 : end;
}

function endOfDigits(json: Uint8Array, at: number): number {
  let end = at;
  for (;;) {
    const byte = json[end];
    if (byte === undefined || byte < ZERO || byte > NINE) return end;
    end++;
  }
}

function endOfZeros(json: Uint8Array, at: number): number {
  let end = at;
  while (json[end] === ZERO) end++;
  return end;
}

function isMinusZero(json: Uint8Array, at: number): boolean {
  return json[at] === MINUS && json[at + 1] === ZERO;
}

function isExponent(byte: number | undefined): boolean {
  return byte === 0x65 || byte === 0x45;
}

function integerAt(json: Uint8Array, at: number, end: number): number {
  const isNegative = json[at] === MINUS;
  let value = 0;
  for (let place = isNegative ? at + 1 : at; place < end; place++)
    value = value * 10 + ((json[place] ?? 0) - ZERO);
  return isNegative ? -value : value;
}

const SIX_BITS = new Int8Array(256).fill(-1);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach(
  (byte, index) => {
    SIX_BITS[byte] = index;
  },
);

const digits = new Uint8Array(64);

/** Plain notation, as `Decimal.toString`. */
function writeScaled(cursor: RowCursor, value: number, scale: number): void {
  const { out } = cursor;
  let { to } = cursor;
  if (value < 0) out[to++] = MINUS;
  let rest = Math.abs(value);
  let count = 0;
  while (rest > 0 || count <= scale) {
    const next = Math.floor(rest / 10);
    digits[count++] = ZERO + (rest - next * 10);
    rest = next;
  }
  while (count > 0) {
    if (count === scale) out[to++] = POINT;
    out[to++] = digits[--count] ?? 0;
  }
  cursor.to = to;
}

/** Of the years 1 to 9999. */
function isCommonDay(days: number): boolean {
  return days >= -719_162 && days <= 2_932_896;
}

let rememberedDays = Number.NaN;
const rememberedDate = new Uint8Array(10);

/** Remembers the last: times in a row are mostly of one day. */
function writeDate(cursor: RowCursor, days: number): void {
  if (days !== rememberedDays) {
    const { year, month, day } = dateOf(days);
    twoDigits(rememberedDate, 0, Math.floor(year / 100));
    twoDigits(rememberedDate, 2, year % 100);
    rememberedDate[4] = MINUS;
    twoDigits(rememberedDate, 5, month);
    rememberedDate[7] = MINUS;
    twoDigits(rememberedDate, 8, day);
    rememberedDays = days;
  }
  for (let index = 0; index < 10; index++) cursor.out[cursor.to++] = rememberedDate[index] ?? 0;
}

/** `10:00:00.5` would be `10:00:00.500000`; without a fraction there is none. */
function writeTime(cursor: RowCursor, seconds: number, micros: number): void {
  const { out, to } = cursor;
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60);
  twoDigits(out, to, hours);
  out[to + 2] = 0x3a;
  twoDigits(out, to + 3, minutes - hours * 60);
  out[to + 5] = 0x3a;
  twoDigits(out, to + 6, seconds - minutes * 60);
  cursor.to = to + 8;
  if (micros === 0) return;
  out[to + 8] = POINT;
  const high = Math.floor(micros / 10_000);
  const middle = Math.floor(micros / 100);
  twoDigits(out, to + 9, high);
  twoDigits(out, to + 11, middle - high * 100);
  twoDigits(out, to + 13, micros - middle * 100);
  cursor.to = to + 15;
}

function twoDigits(out: Uint8Array, at: number, number: number): void {
  const tens = Math.floor(number / 10);
  out[at] = ZERO + tens;
  out[at + 1] = ZERO + number - tens * 10;
}
