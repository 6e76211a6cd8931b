import { unknownCodec } from './errors.ts';

/** Compression by its name in `compression.type`; the index is its number in a batch's attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

export type Codec = (typeof CODECS)[number];

export function codecId(codec: Codec): number {
  return CODECS.indexOf(codec);
}

export function codecById(id: number): Codec {
  const codec = CODECS[id];
  if (codec === undefined) throw unknownCodec(id);
  return codec;
}
