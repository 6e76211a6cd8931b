import { unrepresentable } from './errors.ts';

/*
 * Big-endian integers at a position the caller has checked. int64 are numbers, exact to 2^53, read
 * as two halves since bigint costs ten times as much. Shifts instead of a DataView: a view per
 * message would cost more than the handful of fields read through it.
 */

const TWO_32 = 0x1_0000_0000;
const TWO_63 = 0x8000_0000_0000_0000;

export function readInt16(bytes: Uint8Array, at: number): number {
  return ((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) << 16) >> 16;
}

export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** Beyond 2^53 the nearest number. */
export function readInt64(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) * TWO_32 + (readInt32(bytes, at + 4) >>> 0);
}

export function writeInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** 2^63 is what Java's Long.MAX_VALUE reads as, and is written as that again. */
export function writeInt64(bytes: Uint8Array, at: number, value: number): void {
  if (value >= TWO_63) {
    if (value > TWO_63) throw notAnInt64(value);
    writeInt32(bytes, at, 0x7fff_ffff);
    writeInt32(bytes, at + 4, -1);
    return;
  }
  if (!Number.isInteger(value) || value < -TWO_63) throw notAnInt64(value);
  const high = Math.floor(value / TWO_32);
  writeInt32(bytes, at, high);
  writeInt32(bytes, at + 4, value - high * TWO_32);
}

function notAnInt64(value: number): Error {
  return unrepresentable(`${value} is no 64-bit integer`);
}
