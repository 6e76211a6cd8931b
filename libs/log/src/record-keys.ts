import { BATCH_OVERHEAD, codecOf, type BatchHeader } from '@millrace/kafka-protocol';

/**
 * Whether an uncompressed batch has a record without a key. Compressed batches pass: unpacking them
 * would cost the append path more than the rule is worth, and compaction drops such records.
 */
export function findRecordWithoutKey(
  bytes: Uint8Array,
  at: number,
  end: number,
  header: BatchHeader,
): boolean {
  if (codecOf(header.attributes) !== 0) return false;
  let position = at + BATCH_OVERHEAD;
  for (let index = 0; index < header.recordCount && position < end; index += 1) {
    const body = skipVarint(bytes, position);
    const length = zigzagAt(bytes, position);
    // attributes (1 byte), time stamp delta, offset delta, then the key's length: -1 is odd as zig-zag 1.
    const keyLength = skipVarint(bytes, skipVarint(bytes, body + 1));
    if (bytes[keyLength] === 1) return true;
    if (length < 0) return false;
    position = body + length;
  }
  return false;
}

function skipVarint(bytes: Uint8Array, at: number): number {
  let position = at;
  while (((bytes[position] ?? 0) & 0x80) !== 0) position += 1;
  return position + 1;
}

function zigzagAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  let shift = 0;
  for (let position = at; ; position += 1) {
    const byte = bytes[position] ?? 0;
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0 || shift > 28) break;
    shift += 7;
  }
  return (value >>> 1) ^ -(value & 1);
}
