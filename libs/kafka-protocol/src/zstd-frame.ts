import { malformedMessage } from './errors.ts';

/*
 * The outline of zstd frames: how large the payload may become, since the decoder allocates without
 * asking (INV-6). A frame that states its size is taken by its word, as the decoder does; else each
 * block counts with the most that it can hold, which is exact but for the last block of each flush.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const BLOCK_BYTES_MAX = 128 * 1024;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];
const BLOCK_RAW = 0;
const BLOCK_RLE = 1;

/** The most bytes that the frames can become; throws when they are cut. */
export function zstdBytesMax(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = 0;
  for (let at = 0; at < bytes.byteLength;) {
    need(bytes, at, 8);
    const magic = view.getUint32(at, true);
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) {
      at += 8 + view.getUint32(at + 4, true);
      need(bytes, at, 0);
      continue;
    }
    if (magic !== MAGIC) throw malformedMessage('not a zstd frame');
    const descriptor = view.getUint8(at + 4);
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >>> 6;
    const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : (SIZE_BYTES[sizeFlag] ?? 0);
    let next = at + 5;
    let blockBytesMax = BLOCK_BYTES_MAX;
    if (!isSingleSegment) {
      need(bytes, next, 1);
      blockBytesMax = Math.min(BLOCK_BYTES_MAX, windowBytes(view.getUint8(next)));
      next += 1;
    }
    next += DICTIONARY_BYTES[descriptor & 3] ?? 0;
    need(bytes, next, sizeBytes);
    const stated = sizeBytes === 0 ? undefined : contentSize(view, next, sizeBytes);
    next += sizeBytes;
    let blocksTotal = 0;
    for (let isLast = false; !isLast;) {
      need(bytes, next, 3);
      const header = view.getUint16(next, true) | (view.getUint8(next + 2) << 16);
      next += 3;
      isLast = (header & 1) === 1;
      const type = (header >>> 1) & 3;
      const size = header >>> 3;
      blocksTotal += type === BLOCK_RAW || type === BLOCK_RLE ? size : blockBytesMax;
      next += type === BLOCK_RLE ? 1 : size;
      need(bytes, next, 0);
    }
    next += (descriptor & 4) === 0 ? 0 : 4;
    need(bytes, next, 0);
    total += stated ?? blocksTotal;
    at = next;
  }
  return total;
}

function contentSize(view: DataView, at: number, sizeBytes: number): number {
  if (sizeBytes === 1) return view.getUint8(at);
  if (sizeBytes === 2) return view.getUint16(at, true) + 256;
  if (sizeBytes === 4) return view.getUint32(at, true);
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

function need(bytes: Uint8Array, at: number, count: number): void {
  if (at + count > bytes.byteLength) throw malformedMessage('a zstd frame ends early');
}
