/** DECIMAL as the binlog holds it: groups of nine digits in four bytes, the first and last group shorter, the sign in the first bit. */

const DIGIT_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const;
/** So many digits fit in a double, and their two's complement in 48 bits. */
export const SMALL_DIGITS_MAX = 14;

/** Of up to 14 digits: the number without its point. */
export function smallUnscaled(
  bytes: Buffer,
  start: number,
  precision: number,
  scale: number,
): number {
  const isNegative = ((bytes[start] ?? 0) & 0x80) === 0;
  const mask = isNegative ? 0xff : 0;
  let at = start;
  let flip = mask ^ 0x80;
  let value = 0;
  const whole = precision - scale;
  for (let part = 0; part < 4; part++) {
    // first the whole digits beyond groups, then groups, then groups of the fraction, then what is left of it
    const digits = part === 0 ? whole % 9 : part === 3 ? scale % 9 : 9;
    const groups =
      part === 1 ? Math.floor(whole / 9) : part === 2 ? Math.floor(scale / 9) : digits > 0 ? 1 : 0;
    const size = DIGIT_BYTES[digits] ?? 0;
    for (let group = 0; group < groups; group++) {
      let number = 0;
      for (let index = 0; index < size; index++) {
        number = number * 256 + (((bytes[at++] ?? 0) ^ flip) & 0xff);
        flip = mask;
      }
      value = value * (POWERS[digits] ?? 1) + number;
    }
  }
  return isNegative ? -value : value;
}

/** Any: as text, with as many digits behind the point as `scale`. */
export function decimalText(
  bytes: Buffer,
  start: number,
  end: number,
  precision: number,
  scale: number,
): string {
  const isNegative = ((bytes[start] ?? 0) & 0x80) === 0;
  const mask = isNegative ? 0xff : 0;
  let at = start;
  let flip = mask ^ 0x80;
  const group = (digits: number): string => {
    let number = 0;
    for (let index = DIGIT_BYTES[digits] ?? 0; index > 0; index--) {
      if (at >= end) throw new RangeError('a decimal is not whole');
      number = number * 256 + (((bytes[at++] ?? 0) ^ flip) & 0xff);
      flip = mask;
    }
    return digits === 0 ? '' : String(number).padStart(digits, '0');
  };
  const whole = precision - scale;
  let text = group(whole % 9);
  for (let left = Math.floor(whole / 9); left > 0; left--) text += group(9);
  text = text.replace(/^0+(?=\d)/, '');
  if (text === '') text = '0';
  if (scale > 0) {
    text += '.';
    for (let left = Math.floor(scale / 9); left > 0; left--) text += group(9);
    text += group(scale % 9);
  }
  return isNegative ? `-${text}` : text;
}
