/** How Java prints numbers, where readers can tell the difference: `1.0` is a double, `1` an integer. */
export function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'; // JavaScript's own text drops the sign.
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

/** The shortest decimal that reads back as the same 32-bit float, so that 0.1 stays `0.1`. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'; // JavaScript's own text drops the sign.
  if (Math.fround(value) !== value) return doubleText(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return doubleText(short);
  }
  return doubleText(value);
}
