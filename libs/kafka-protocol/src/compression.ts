import { constants } from 'node:buffer';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

import { MillraceError } from '@millrace/foundation';
import { compress as zstdCompress, decompress as zstdDecompress } from '@mongodb-js/zstd';
import { compressFrameSync } from 'lz4-napi';

import type { Codec } from './codec.ts';
import { codecIsAsync, corruptCompression, decompressedTooLarge } from './errors.ts';
import { lz4Decompress } from './lz4-frame.ts';
import { snappyCompress, snappyDecompress } from './snappy-frame.ts';
import { zstdBytesMax } from './zstd-frame.ts';

const { gunzipSync, gzipSync } = zlib;
const gzipAsync = promisify(zlib.gzip);
const gunzipAsync = promisify(zlib.gunzip);

const zstdOfNode: unknown = Reflect.get(zlib, 'zstdCompress');
/** `ZSTD_c_compressionLevel`. */
const ZSTD_LEVEL = 100;

/** Kafka's default. */
const GZIP_LEVEL = 6;

/** INV-6: what one batch may grow to. The largest batch that Kafka accepts by default is 1 MiB. */
export const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;

export interface CompressOptions {
  /** gzip: 1 to 9, or -1. zstd: -131072 to 22, where Node.js has it (22.15 and later). The others have none. */
  readonly level?: number;
}

export interface DecompressOptions {
  /** INV-6: the limit on the result; above it `protocol.decompressed_too_large`. */
  readonly decompressedBytesMax?: number;
}

export async function compress(
  codec: Codec,
  bytes: Uint8Array,
  options: CompressOptions = {},
): Promise<Uint8Array> {
  if (codec === 'gzip') return gzipAsync(bytes, { level: options.level ?? GZIP_LEVEL });
  if (codec === 'zstd') return compressZstd(bytes, options.level);
  return compressSync(codec, bytes, options);
}

/** The binding has one level; Node.js has all of them since 22.15, which is looked for since 20 has not. */
async function compressZstd(bytes: Uint8Array, level: number | undefined): Promise<Uint8Array> {
  if (level === undefined || !isZstd(zstdOfNode)) return zstdCompress(asBuffer(bytes));
  return promisify(zstdOfNode)(bytes, { params: { [ZSTD_LEVEL]: level } });
}

type ZstdOfNode = (
  bytes: Uint8Array,
  options: { readonly params: Readonly<Record<number, number>> },
  done: (error: Error | null, packed: Buffer) => void,
) => void;

function isZstd(value: unknown): value is ZstdOfNode {
  return typeof value === 'function';
}

/** zstd has no synchronous form here and throws `protocol.codec_is_async`. */
export function compressSync(
  codec: Codec,
  bytes: Uint8Array,
  options: CompressOptions = {},
): Uint8Array {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes, { level: options.level ?? GZIP_LEVEL });
    case 'snappy':
      return snappyCompress(bytes);
    case 'lz4':
      return compressFrameSync(asBuffer(bytes));
    case 'zstd':
      throw codecIsAsync(codec);
  }
}

export async function decompress(
  codec: Codec,
  bytes: Uint8Array,
  options: DecompressOptions = {},
): Promise<Uint8Array> {
  if (codec !== 'gzip' && codec !== 'zstd') return decompressSync(codec, bytes, options);
  const bytesMax = options.decompressedBytesMax ?? DECOMPRESSED_BYTES_MAX;
  try {
    if (codec === 'gzip') return await gunzipAsync(bytes, zlibBound(bytesMax));
    if (zstdBytesMax(bytes) > bytesMax) throw decompressedTooLarge(codec, bytesMax);
    return await zstdDecompress(asBuffer(bytes));
  } catch (error) {
    throw classify(error, codec, bytesMax);
  }
}

/** zstd has no synchronous form here and throws `protocol.codec_is_async`. */
export function decompressSync(
  codec: Codec,
  bytes: Uint8Array,
  options: DecompressOptions = {},
): Uint8Array {
  const bytesMax = options.decompressedBytesMax ?? DECOMPRESSED_BYTES_MAX;
  try {
    switch (codec) {
      case 'none':
        return bytes;
      case 'gzip':
        return gunzipSync(bytes, zlibBound(bytesMax));
      case 'snappy':
        return snappyDecompress(bytes, bytesMax);
      case 'lz4':
        return lz4Decompress(bytes, bytesMax);
      case 'zstd':
        throw codecIsAsync(codec);
    }
  } catch (error) {
    throw classify(error, codec, bytesMax);
  }
}

function classify(error: unknown, codec: Codec, bytesMax: number): MillraceError {
  if (error instanceof MillraceError) return error;
  const isTooLarge =
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_BUFFER_TOO_LARGE';
  return isTooLarge ? decompressedTooLarge(codec, bytesMax) : corruptCompression(codec, error);
}

/** The native codecs take a Buffer; the memory is the same. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** zlib takes no bound above the longest buffer there is. */
function zlibBound(bytesMax: number): { maxOutputLength: number } {
  return { maxOutputLength: Math.min(bytesMax, constants.MAX_LENGTH) };
}
