/** Beyond so many digits before the point (with none behind it), or zeros behind it, the server writes an exponent. */
const PLAIN_DIGITS_MAX = 15;

/** A double as the server prints it within JSON: the fewest digits that read back the same, `1.0`, `1e20`, `1.5e-7`. */
export function mysqlDoubleText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  const point = exponent + 1; // digits before the point
  const isLong = point > PLAIN_DIGITS_MAX && digits.length <= point;
  if (isLong || point < -PLAIN_DIGITS_MAX + 1)
    return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponent}`;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return `${sign}${digits.padEnd(point, '0')}.0`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
