import { copyWords, writeUnscaled } from '@millrace/cdc';

const ZERO = 0x30;
const QUOTE = 0x22;

/** Beyond this a decimal takes the long way: six bytes of two's complement. */
const UNSCALED_MAX = 2 ** 47;

/**
 * The text of a decimal as a quoted base64 of its unscaled value, as Connect writes a Decimal; −1 when the text is not
 * of this scale or too long, and nothing of use is written. Needs 12 bytes.
 */
export function writeDecimal(
  from: Buffer,
  start: number,
  end: number,
  scale: number,
  to: Buffer,
  position: number,
): number {
  const isNegative = from[start] === 0x2d;
  const first = isNegative ? start + 1 : start;
  if (end - first > 16 || end === first) return -1;
  const point = scale === 0 ? end : end - scale - 1;
  let unscaled = 0;
  for (let index = first; index < end; index++) {
    const byte = from[index] ?? 0;
    if (index === point) {
      if (byte !== 0x2e) return -1;
    } else {
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) return -1;
      unscaled = unscaled * 10 + digit;
    }
  }
  if (point < first || unscaled >= UNSCALED_MAX) return -1;
  return writeUnscaled(isNegative ? -unscaled : unscaled, to, position);
}

/**
 * `2024-05-01 10:00:00.5+00` as a quoted `2024-05-01T10:00:00.500000Z`; −1 for anything else (other zones, BC, more
 * digits in the year, infinity). Needs 32 bytes.
 */
export function writeZonedTimestamp(
  from: Buffer,
  start: number,
  end: number,
  fractionDigits: number,
  to: Buffer,
  position: number,
): number {
  const stop = end - 3; // +00
  const clockEnd = start + 19;
  const fraction = stop - clockEnd - 1;
  if (
    stop < clockEnd ||
    from[stop] !== 0x2b ||
    from[stop + 1] !== ZERO ||
    from[stop + 2] !== ZERO ||
    from[start + 4] !== 0x2d ||
    from[start + 10] !== 0x20 ||
    fraction > fractionDigits ||
    (stop > clockEnd && from[clockEnd] !== 0x2e)
  )
    return -1;
  to[position] = QUOTE;
  // The three bytes behind are those of the zone.
  let cursor = copyWords(from, start, stop - start, to, position + 1);
  to[position + 11] = 0x54; // T
  if (fractionDigits > 0) {
    if (stop === clockEnd) to[cursor++] = 0x2e;
    for (let missing = Math.max(fraction, 0); missing < fractionDigits; missing++)
      to[cursor++] = ZERO;
  }
  to[cursor++] = 0x5a; // Z
  to[cursor++] = QUOTE;
  return cursor;
}
