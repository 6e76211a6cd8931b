import { daysOf } from '@millrace/record';

/** Digits of a number as ASCII bytes, in loops without allocation. */

const ZERO = 0x30;

function twoDigits(buffer: Buffer, position: number): number {
  return ((buffer[position] ?? 0) - ZERO) * 10 + ((buffer[position + 1] ?? 0) - ZERO);
}

let lastDate = -1;
let lastDay = 0;

/**
 * `YYYY-MM-DD hh:mm:ss[.ffffff]` as microseconds since 1970; NaN for anything else (BC, more digits, infinity), which
 * then takes the long way. Rows of one batch mostly share the date, so the last one is remembered.
 */
export function parseTimestampMicros(buffer: Buffer, start: number, end: number): number {
  const length = end - start;
  if (
    length < 19 ||
    length > 26 ||
    length === 20 ||
    buffer[start + 4] !== 0x2d ||
    buffer[start + 10] !== 0x20
  )
    return NaN;
  if (length > 19 && buffer[start + 19] !== 0x2e) return NaN;
  const year = twoDigits(buffer, start) * 100 + twoDigits(buffer, start + 2);
  const month = twoDigits(buffer, start + 5);
  const day = twoDigits(buffer, start + 8);
  const date = (year * 100 + month) * 100 + day;
  if (date !== lastDate) {
    lastDate = date;
    lastDay = daysOf(year, month, day);
  }
  let micros = 0;
  for (let index = 20; index < 26; index++)
    micros = micros * 10 + (index < length ? (buffer[start + index] ?? 0) - ZERO : 0);
  const second =
    twoDigits(buffer, start + 11) * 3600 +
    twoDigits(buffer, start + 14) * 60 +
    twoDigits(buffer, start + 17);
  const result = (lastDay * 86_400 + second) * 1_000_000 + micros;
  return Number.isSafeInteger(result) ? result : NaN;
}
