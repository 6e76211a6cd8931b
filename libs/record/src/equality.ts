import { Decimal } from './decimal.ts';
import type { Schema } from './schema.ts';

/** Deep equality of record values: 5 and 5n are equal, as are Maps and structs with equal entries. */
export function valuesEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left === 'bigint' || typeof right === 'bigint')
    return isInteger(left) && isInteger(right) && BigInt(left) === BigInt(right);
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object')
    return false;
  if (left instanceof Uint8Array)
    return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (left instanceof Date) return right instanceof Date && left.getTime() === right.getTime();
  if (left instanceof Decimal)
    return (
      right instanceof Decimal && left.scale === right.scale && left.unscaled === right.unscaled
    );
  if (Array.isArray(left))
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => valuesEqual(item, right[index]))
    );
  if (left instanceof Map)
    return (
      right instanceof Map &&
      left.size === right.size &&
      [...left].every(([key, value]) => right.has(key) && valuesEqual(value, right.get(key)))
    );
  const leftEntries = Object.entries(left);
  const rightEntries = new Map(Object.entries(right));
  return (
    leftEntries.length === rightEntries.size &&
    leftEntries.every(
      ([key, value]) => rightEntries.has(key) && valuesEqual(value, rightEntries.get(key)),
    )
  );
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** Equality of all attributes, as Connect compares schemas. */
export function schemasEqual(left: Schema | null, right: Schema | null): boolean {
  return left === right || (left !== null && right !== null && valuesEqual(left, right));
}
