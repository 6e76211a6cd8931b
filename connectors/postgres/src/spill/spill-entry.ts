import { readUint32 } from '../decode/bytes.ts';

/**
 * A message of a transaction in progress, as it is kept: length of the message, xid of the (sub)transaction, LSN, and
 * the message as protocol version 1 has it, without the xid that version 2 puts behind its first byte.
 */
export const ENTRY_HEADER_BYTES = 16;
const XID_BYTES = 4;

/** Bytes of the entry for the message from `at` to `end`. */
export function entryBytes(at: number, end: number): number {
  return ENTRY_HEADER_BYTES + end - at - XID_BYTES;
}

/** Writes the entry; `lsnAt` is where the eight bytes of its LSN stand. */
export function writeEntry(
  into: Buffer,
  position: number,
  frame: Buffer,
  at: number,
  end: number,
  lsnAt: number,
): void {
  into.writeUInt32BE(end - at - XID_BYTES, position);
  frame.copy(into, position + 4, at + 1, at + 1 + XID_BYTES);
  frame.copy(into, position + 8, lsnAt, lsnAt + 8);
  into[position + ENTRY_HEADER_BYTES] = frame[at] ?? 0;
  frame.copy(into, position + ENTRY_HEADER_BYTES + 1, at + 1 + XID_BYTES, end);
}

/** End of the entry at `position`, when all of its bytes are there and below `end`; else −1. */
export function entryEnd(buffer: Buffer, position: number, end: number): number {
  if (position + ENTRY_HEADER_BYTES > end) return -1;
  const entryEndAt = position + ENTRY_HEADER_BYTES + readUint32(buffer, position);
  return entryEndAt > end ? -1 : entryEndAt;
}

export function entryXid(buffer: Buffer, position: number): number {
  return readUint32(buffer, position + 4);
}

/** Whether `xid` was given out before `other`; they wrap. */
export function isOlderXid(xid: number, other: number): boolean {
  return ((xid - other) | 0) < 0;
}
