import { decompressFrameSync } from 'lz4-napi';

import { decompressedTooLarge, malformedMessage } from './errors.ts';

/*
 * The LZ4 frame format, as far as its outline: where a frame ends, since the decoder stops after the
 * first of several, and how large it may become, since the decoder allocates without asking (INV-6).
 */

const MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
/** A match copies at most 255 bytes for each byte of its length. */
const EXPANSION_MAX = 255;

interface Frame {
  readonly end: number;
  readonly bytesMax: number;
  readonly isSkippable: boolean;
}

export function lz4Decompress(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = 0; at < bytes.byteLength;) {
    const frame = outline(
      bytes,
      at,
      (blockStart, blockEnd) => blockSize(bytes, blockStart, blockEnd),
      bytesMax - total,
    );
    if (frame.bytesMax > bytesMax - total) throw decompressedTooLarge('lz4', bytesMax);
    if (!frame.isSkippable) {
      const part = decompressFrameSync(
        Buffer.from(bytes.buffer, bytes.byteOffset + at, frame.end - at),
      );
      total += part.byteLength;
      parts.push(part);
    }
    at = frame.end;
  }
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

/**
 * Walks the blocks of one frame. The cheap bound of a block is its frame's block size; only when
 * those add up to more than `allowedBytes` is every block measured exactly.
 */
function outline(
  bytes: Uint8Array,
  start: number,
  measure: (blockStart: number, blockEnd: number) => number,
  allowedBytes: number,
): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (at: number, count: number): void => {
    if (at + count > bytes.byteLength) throw malformedMessage('an lz4 frame ends early');
  };
  need(start, 4);
  const magic = view.getUint32(start, true);
  if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) {
    need(start, 8);
    const end = start + 8 + view.getUint32(start + 4, true);
    need(end, 0);
    return { end, bytesMax: 0, isSkippable: true };
  }
  if (magic !== MAGIC) throw malformedMessage('not an lz4 frame');
  need(start, 7);
  const flags = view.getUint8(start + 4);
  const blockBytesMax = 2 ** (8 + 2 * ((view.getUint8(start + 5) >>> 4) & 7));
  const hasBlockChecksum = (flags & 0x10) !== 0;
  let at = start + 6 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4) + 1;
  const firstBlockAt = at;
  let cheapBytes = 0;
  let exactBytes = 0;
  const walk = (isExact: boolean): void => {
    for (at = firstBlockAt; ;) {
      need(at, 4);
      const size = view.getUint32(at, true);
      at += 4;
      if (size === 0) return;
      const length = size & 0x7fff_ffff;
      need(at, length);
      if (isExact) exactBytes += size >= 0x8000_0000 ? length : measure(at, at + length);
      else
        cheapBytes +=
          size >= 0x8000_0000 ? length : Math.min(blockBytesMax, length * EXPANSION_MAX);
      at += length + (hasBlockChecksum ? 4 : 0);
    }
  };
  walk(false);
  let end = at;
  if (cheapBytes > allowedBytes) walk(true);
  if ((flags & 0x04) !== 0) end += 4;
  need(end, 0);
  return { end, bytesMax: cheapBytes > allowedBytes ? exactBytes : cheapBytes, isSkippable: false };
}

/** Adds up a block's sequences without copying anything. */
function blockSize(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  let at = start;
  while (at < end) {
    const token = bytes[at] ?? 0;
    at += 1;
    let literals = token >>> 4;
    if (literals === 15) {
      for (let more = 255; more === 255 && at < end; at += 1) {
        more = bytes[at] ?? 0;
        literals += more;
      }
    }
    at += literals + 2;
    total += literals;
    // The last sequence has literals only.
    if (at >= end) break;
    let match = (token & 15) + 4;
    if (match === 19) {
      for (let more = 255; more === 255 && at < end; at += 1) {
        more = bytes[at] ?? 0;
        match += more;
      }
    }
    total += match;
  }
  return total;
}
