import { compressSync, uncompressSync } from 'snappy';

import { decompressedTooLarge, malformedMessage } from './errors.ts';
import { readInt32, writeInt32 } from './integers.ts';

/*
 * Java clients wrap snappy in the xerial stream format: a header of 16 bytes, then blocks of at most
 * 32 KiB, each after its length. librdkafka and others write one bare block. We read both, and write
 * the former, which every client reads.
 */

/** Magic "\x82SNAPPY\0", version 1, compatible with version 1. */
const HEADER = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1);
const MAGIC_BYTES = 8;
const BLOCK_BYTES = 32 * 1024;

export function snappyCompress(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [HEADER];
  for (let at = 0; at < bytes.byteLength; at += BLOCK_BYTES) {
    const block = compressSync(bytes.subarray(at, at + BLOCK_BYTES));
    const length = new Uint8Array(4);
    writeInt32(length, 0, block.byteLength);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

export function snappyDecompress(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const blocks = startsWithMagic(bytes, 0) ? xerialBlocks(bytes) : [bytes];
  let total = 0;
  for (const block of blocks) total += uncompressedLength(block);
  // INV-6: the lengths are what will be allocated, so they are judged first.
  if (total > bytesMax) throw decompressedTooLarge('snappy', bytesMax);
  const parts = blocks.map(uncompressBlock);
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

function xerialBlocks(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  let at = HEADER.byteLength;
  while (at < bytes.byteLength) {
    // Streams may be concatenated, each with its header.
    if (startsWithMagic(bytes, at)) {
      at += HEADER.byteLength;
      continue;
    }
    if (bytes.byteLength - at < 4) throw malformedMessage('a snappy stream ends within a length');
    const length = readInt32(bytes, at);
    at += 4;
    if (length < 0 || length > bytes.byteLength - at)
      throw malformedMessage(`a snappy block of ${length} bytes`);
    blocks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return blocks;
}

function startsWithMagic(bytes: Uint8Array, at: number): boolean {
  if (bytes.byteLength - at < HEADER.byteLength) return false;
  for (let index = 0; index < MAGIC_BYTES; index += 1) {
    if (bytes[at + index] !== HEADER[index]) return false;
  }
  return true;
}

/** A block begins with its uncompressed length as a varint. */
function uncompressedLength(block: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = block[index];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw malformedMessage('a snappy block does not begin with its length');
}

function uncompressBlock(block: Uint8Array): Uint8Array {
  const result = uncompressSync(block, { asBuffer: true });
  if (typeof result === 'string') throw malformedMessage('snappy returned text');
  return result;
}
