/** The canonical int64: a number when it is a safe integer, else a bigint. */
export function int64(value: bigint | string): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}
