import { malformedMessage } from './errors.ts';

/*
 * Zig-zag varints as records use them. A varlong is a number here, exact to 2^53; the common case of
 * 32 bits never leaves small integers.
 */

const TWO_28 = 0x1000_0000;

/** Bytes of a value as an unsigned varint of 32 bits; `value` is unsigned. */
export function unsignedVarintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < TWO_28 ? 4 : 5;
}

export function varintSize(value: number): number {
  return unsignedVarintSize(((value << 1) ^ (value >> 31)) >>> 0);
}

export function varlongSize(value: number): number {
  if ((value | 0) === value) return varintSize(value);
  let size = 0;
  for (let rest = zigZag64(value); size === 0 || rest > 0n; rest >>= 7n) size += 1;
  return size;
}

/** Returns the position after it. The caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let next = at;
  while (rest >= 0x80) {
    bytes[next] = rest | 0x80;
    next += 1;
    rest >>>= 7;
  }
  bytes[next] = rest;
  return next + 1;
}

/** Returns the position after it. The caller has made room. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if ((value | 0) === value) return writeVarint(bytes, at, value);
  let rest = zigZag64(value);
  let next = at;
  while (rest >= 0x80n) {
    bytes[next] = Number(rest & 0x7fn) | 0x80;
    next += 1;
    rest >>= 7n;
  }
  bytes[next] = Number(rest);
  return next + 1;
}

function zigZag64(value: number): bigint {
  const exact = BigInt(value);
  return BigInt.asUintN(64, (exact << 1n) ^ (exact >> 63n));
}

/** Reads what `bytes` holds from `at` on as 64 bits; for the rare value beyond 28 bits. */
export function readLongVarlong(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly value: number; readonly next: number } {
  let raw = 0n;
  for (let index = 0; index < 10; index += 1) {
    const byte = at + index < end ? bytes[at + index] : undefined;
    if (byte === undefined) throw malformedMessage('a record ends within a varint');
    raw |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      const unsigned = BigInt.asUintN(64, raw);
      return {
        value: Number(BigInt.asIntN(64, (unsigned >> 1n) ^ -(unsigned & 1n))),
        next: at + index + 1,
      };
    }
  }
  throw malformedMessage('a varint has no end within 10 bytes');
}
