import { BATCH_LENGTH_OVERHEAD, BATCH_OVERHEAD } from '@millrace/kafka-protocol';

/*
 * The few header fields that a scan steps by, read without making a header object: a read of 1 MB
 * may pass thousands of batches. Positions are checked by the caller: 61 bytes follow `at`.
 */

const TWO_32 = 0x1_0000_0000;

function int32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

export function baseOffsetAt(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at) * TWO_32 + (int32At(bytes, at + 4) >>> 0);
}

/** Bytes of the whole batch; less than 61 when damaged. */
export function batchBytesAt(bytes: Uint8Array, at: number): number {
  return BATCH_LENGTH_OVERHEAD + int32At(bytes, at + 8);
}

export function lastOffsetAt(bytes: Uint8Array, at: number): number {
  return baseOffsetAt(bytes, at) + int32At(bytes, at + 23);
}

export function magicAt(bytes: Uint8Array, at: number): number {
  return bytes[at + 16] ?? 0;
}

/** Start of the first whole batch that reaches `offset`; -1 when none from `at` on does or they make no sense. */
export function findBatchReaching(bytes: Uint8Array, at: number, offset: number): number {
  for (let position = at; position + BATCH_OVERHEAD <= bytes.byteLength;) {
    if (lastOffsetAt(bytes, position) >= offset) return position;
    const size = batchBytesAt(bytes, position);
    if (size < BATCH_OVERHEAD) return -1;
    position += size;
  }
  return -1;
}

/**
 * Start of the first batch that reaches `offset`, or where the first header begins that is not
 * whole in `bytes` (perhaps behind its end); -1 when what is there is no batch.
 */
export function skipBatchesBelow(bytes: Uint8Array, offset: number): number {
  let position = 0;
  while (position + BATCH_OVERHEAD <= bytes.byteLength) {
    const size = batchBytesAt(bytes, position);
    if (size < BATCH_OVERHEAD || magicAt(bytes, position) !== 2) return -1;
    if (lastOffsetAt(bytes, position) >= offset) break;
    position += size;
  }
  return position;
}

export interface Walk {
  /** End of the last whole batch that was taken. */
  readonly end: number;
  /** The offset after it; the given start when nothing was taken. */
  readonly nextOffset: number;
}

/**
 * The whole batches from `start` that fit in `bytesMax` and end below offset `limit`; with
 * `minOne` the first is taken even when it is larger, if it is there whole.
 */
export function walkBatches(
  bytes: Uint8Array,
  start: number,
  bytesMax: number,
  limit: number,
  minOne: boolean,
  fromOffset: number,
): Walk {
  let end = start;
  let nextOffset = fromOffset;
  while (end + BATCH_OVERHEAD <= bytes.byteLength) {
    const size = batchBytesAt(bytes, end);
    const next = lastOffsetAt(bytes, end) + 1;
    if (size < BATCH_OVERHEAD || end + size > bytes.byteLength || next > limit) break;
    if (end + size - start > bytesMax && !(minOne && end === start)) break;
    end += size;
    nextOffset = next;
  }
  return { end, nextOffset };
}
