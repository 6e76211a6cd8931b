import { inflateRawSync, inflateSync } from 'node:zlib';
import { ByteReader } from './byte-reader.ts';

/** No event is larger: the limit of max_allowed_packet. */
export const UNPACKED_BYTES_MAX = 2 ** 30 + 2 ** 16;

/**
 * `log_bin_compress`: a byte that tells the algorithm (0, zlib) and how many bytes of length follow, the length from the
 * highest byte, then the data. @throws RangeError when it is something else
 */
export function inflateEvent(bytes: Buffer, start: number, end: number): Buffer {
  const reader = new ByteReader(bytes, start, end);
  const head = reader.uint8();
  if ((head & 0x80) === 0 || (head & 0x70) !== 0)
    throw new RangeError(`compression ${head} is unknown`);
  const length = bigEndian(reader.bytes(head & 0x07));
  return unpacked(reader.rest(), length, false);
}

/**
 * A column with attribute COMPRESSED: 0 before what is not; else the method (8, deflate), whether zlib's header is left
 * out, and how many bytes of length follow, the lowest first.
 */
export function inflateColumn(bytes: Buffer, start: number, end: number): Buffer {
  const reader = new ByteReader(bytes, start, end);
  if (reader.left === 0) return reader.rest();
  const head = reader.uint8();
  if (head === 0) return reader.rest();
  if (head >> 4 !== 8) throw new RangeError(`compression ${head} is unknown`);
  const length = bigEndian(reader.bytes(head & 0x07));
  return unpacked(reader.rest(), length, (head & 0x08) !== 0);
}

function bigEndian(bytes: Buffer): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

function unpacked(packed: Buffer, length: number, isRaw: boolean): Buffer {
  if (length > UNPACKED_BYTES_MAX) throw new RangeError(`${length} bytes are too many`);
  if (length === 0) return Buffer.alloc(0);
  let data: Buffer;
  try {
    data = (isRaw ? inflateRawSync : inflateSync)(packed, { maxOutputLength: length });
  } catch (error) {
    throw new RangeError('compressed data is damaged', { cause: error });
  }
  if (data.length !== length)
    throw new RangeError(`${length} bytes are expected, and ${data.length} are there`);
  return data;
}
