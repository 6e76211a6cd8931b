import { BATCH_OVERHEAD } from '@millrace/kafka-protocol';
import {
  baseOffsetAt,
  batchBytesAt,
  lastOffsetAt,
  skipBatchesBelow,
  walkBatches,
} from './batch-walk.ts';
import type { DiskFile } from './disk.ts';
import type { Allocate } from './log-types.ts';
import type { OffsetEntry } from './offset-index.ts';

/** A single file read: longer ones hold a thread of the pool, and others behind it. */
const READ_BYTES_MAX = 1024 * 1024;
/** What a read takes at least, to find the first batch behind a sparse index entry. */
const READ_BYTES_MIN = 16 * 1024;
/** Room for the batches between an index entry and the offset wanted. */
const INDEX_SLACK_BYTES = 8 * 1024;

export interface FilePart {
  readonly handle: DiskFile;
  /** Where the right bytes of the file end. */
  readonly end: number;
}

export interface Wanted {
  readonly offset: number;
  readonly bytesMax: number;
  /** Batches that reach this offset are not given. */
  readonly limit: number;
  /** The first batch is given even when it is larger than `bytesMax`. */
  readonly minOne: boolean;
  readonly allocate?: Allocate | undefined;
}

export interface BatchesRead {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
  /** Where in the file the batch of `nextOffset` begins. */
  readonly nextPosition?: number;
}

/**
 * Whole batches from `position` on, where a read before this one has ended. Undefined when the batch there does not begin
 * with the offset wanted: then it is searched.
 */
export async function readOn(
  part: FilePart,
  position: number,
  wanted: Wanted,
): Promise<BatchesRead | undefined> {
  const firstBytes = Math.max(wanted.bytesMax, READ_BYTES_MIN);
  const size = Math.min(READ_BYTES_MAX, firstBytes);
  const bytes = await readPart(part, position, size, wanted.allocate);
  const isRight =
    bytes.byteLength >= BATCH_OVERHEAD &&
    skipBatchesBelow(bytes, wanted.offset) === 0 &&
    baseOffsetAt(bytes, 0) === wanted.offset;
  return isRight ? readRest(part, position, bytes, wanted) : undefined;
}

/**
 * Whole batches from the first one that reaches `wanted.offset`, searched from an index entry (or
 * the file's begin) on. Undefined when there is none up to the end; 'damaged' when the entry does
 * not lead to a batch at or before its offset.
 */
export async function readBatches(
  part: FilePart,
  entry: OffsetEntry | undefined,
  wanted: Wanted,
): Promise<BatchesRead | undefined | 'damaged'> {
  const firstBytes = Math.max(wanted.bytesMax + INDEX_SLACK_BYTES, READ_BYTES_MIN);
  const size = Math.min(READ_BYTES_MAX, firstBytes);
  let from = entry?.position ?? 0;
  for (let isFirst = true; ; isFirst = false) {
    const bytes = await readPart(part, from, size, wanted.allocate);
    if (bytes.byteLength < BATCH_OVERHEAD) return undefined;
    if (isFirst && entry !== undefined && lastOffsetAt(bytes, 0) > entry.offset) return 'damaged';
    const at = skipBatchesBelow(bytes, wanted.offset);
    if (at < 0) return 'damaged';
    if (at + BATCH_OVERHEAD <= bytes.byteLength) {
      return readRest(part, from + at, bytes.subarray(at), wanted);
    }
    from += at;
  }
}

/** `start` is the file position of the first batch; `head` what has been read from there. */
async function readRest(
  part: FilePart,
  start: number,
  head: Uint8Array,
  wanted: Wanted,
): Promise<BatchesRead> {
  const { offset, bytesMax, limit, minOne } = wanted;
  const firstBytes = batchBytesAt(head, 0);
  // One read is enough when it brought a whole batch: who wants more asks again, and nothing is copied.
  const isEnough = head.byteLength >= firstBytes && head.byteLength >= bytesMax / 2;
  const wantedBytes = isEnough ? 0 : Math.max(bytesMax, minOne ? firstBytes : 0);
  const bytes = Math.min(wantedBytes, part.end - start);
  let whole = head;
  if (head.byteLength < bytes) {
    whole = (wanted.allocate ?? allocateOwn)(bytes);
    whole.set(head);
    for (let filled = head.byteLength; filled < bytes;) {
      const slice = whole.subarray(filled, Math.min(bytes, filled + READ_BYTES_MAX));
      const count = await part.handle.read(start + filled, slice);
      filled += count;
      if (count < slice.byteLength) {
        whole = whole.subarray(0, filled);
        break;
      }
    }
  }
  const walk = walkBatches(whole, 0, bytesMax, limit, minOne, offset);
  return {
    bytes: whole.subarray(0, walk.end),
    nextOffset: walk.nextOffset,
    nextPosition: start + walk.end,
  };
}

/** Up to `size` bytes from `position`, fewer at the end of the file. */
export async function readPart(
  part: FilePart,
  position: number,
  size: number,
  allocate?: Allocate,
): Promise<Uint8Array> {
  const wanted = Math.min(size, part.end - position);
  if (wanted <= 0) return new Uint8Array(0);
  const bytes = (allocate ?? allocateOwn)(wanted);
  const count = await part.handle.read(position, bytes);
  return bytes.subarray(0, count);
}

/** Memory that nobody else ever uses. */
export function allocateOwn(bytes: number): Uint8Array {
  return Buffer.allocUnsafeSlow(bytes);
}
