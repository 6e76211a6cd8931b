import * as zlib from 'node:zlib';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compressSync as snappyBlock } from 'snappy';

import { codecById, CODECS } from '../src/codec.ts';
import { compress, compressSync, decompress, decompressSync } from '../src/compression.ts';

const text = Buffer.from(
  Array.from({ length: 4_000 }, (_, index) => `{"id":${index},"name":"row ${index % 7}"}`).join(
    '\n',
  ),
);

test.each(CODECS)('%s gives back what it was given, of any size', async (codec) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
      expect(Buffer.compare(await decompress(codec, await compress(codec, bytes)), bytes)).toBe(0);
    }),
    { numRuns: 30 },
  );
  expect(Buffer.compare(await decompress(codec, await compress(codec, text)), text)).toBe(0);
});

test('zstd has levels where Node.js has them, and one elsewhere', async () => {
  const fast = await compress('zstd', text, { level: 1 });
  const small = await compress('zstd', text, { level: 19 });
  const hasLevels = 'zstdCompress' in zlib;
  expect(small.byteLength < fast.byteLength).toBe(hasLevels);
  for (const packed of [fast, small])
    expect(Buffer.compare(await decompress('zstd', packed), text)).toBe(0);
});

test('a level changes the size and not the content', async () => {
  const fast = await compress('gzip', text, { level: 1 });
  const small = await compress('gzip', text, { level: 9 });
  expect(small.byteLength).toBeLessThan(fast.byteLength);
  expect(Buffer.compare(await decompress('gzip', small), text)).toBe(0);
});

test('snappy is written in the stream format of Java clients, 32 KiB a block', () => {
  const stream = Buffer.from(compressSync('snappy', text));
  expect(stream.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001');
  const firstLength = stream.readInt32BE(16);
  const first = stream.subarray(20, 20 + firstLength);
  expect(first.subarray(0, 3).toString('hex')).toBe('808002'); // 32768 as a varint
});

test('snappy is read bare, in a stream, and in concatenated streams', () => {
  const stream = compressSync('snappy', text);
  expect(Buffer.compare(decompressSync('snappy', snappyBlock(text)), text)).toBe(0);
  expect(Buffer.compare(decompressSync('snappy', stream), text)).toBe(0);
  expect(
    Buffer.compare(
      decompressSync('snappy', Buffer.concat([stream, stream])),
      Buffer.concat([text, text]),
    ),
  ).toBe(0);
});

test('lz4 is written as one frame of independent blocks, version 1, which Java insists on', () => {
  const frame = Buffer.from(compressSync('lz4', text));
  expect(frame.readUInt32LE(0)).toBe(0x184d2204);
  expect((frame[4] ?? 0) >>> 6).toBe(1);
  expect((frame[4] ?? 0) & 0x20).toBe(0x20);
  expect(frame.readUInt32LE(frame.byteLength - 4)).toBe(0);
});

test('gzip of several members is read whole', () => {
  expect(
    decompressSync('gzip', Buffer.concat([zlib.gzipSync('one '), zlib.gzipSync('two')])).toString(),
  ).toBe('one two');
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  '%s: a small batch that would grow above the limit is refused (INV-6)',
  async (codec) => {
    const bomb = await compress(codec, new Uint8Array(8 * 1024 * 1024));
    expect(bomb.byteLength).toBeLessThan(512 * 1024);
    const limited = { decompressedBytesMax: 8 * 1024 * 1024 - 1 };
    await expect(decompress(codec, bomb, limited)).rejects.toMatchObject({
      code: 'protocol.decompressed_too_large',
    });
    expect(
      (await decompress(codec, bomb, { decompressedBytesMax: 8 * 1024 * 1024 })).byteLength,
    ).toBe(8 * 1024 * 1024);
  },
);

test('a zstd frame may not claim a size that it does not hold to get past the limit', async () => {
  // 100,000 zeros by the command-line tool, which states the size in bytes 5 to 8.
  const honest = Buffer.from('28b52ffda4a086010055000010000001009b8639c002db234ef3', 'hex');
  expect((await decompress('zstd', honest)).byteLength).toBe(100_000);
  const liar = Buffer.from(honest);
  liar.writeUInt32LE(10, 5);
  await expect(decompress('zstd', liar)).rejects.toMatchObject({
    code: 'protocol.corrupt_compression',
  });
  liar.writeUInt32LE(0xffff_ffff, 5);
  await expect(decompress('zstd', liar)).rejects.toMatchObject({
    code: 'protocol.decompressed_too_large',
  });
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  '%s cut at any byte, or damaged, is an error or other bytes, never a crash',
  async (codec) => {
    const whole = Uint8Array.from(
      await compress(codec, Buffer.from('hello hello hello hello hello hello 12345')),
    );
    const codes = new Set<unknown>();
    const attempt = async (bytes: Uint8Array): Promise<void> => {
      await decompress(codec, bytes, { decompressedBytesMax: 10_000 }).then(
        () => codes.add('read'),
        (error: unknown) =>
          codes.add(error instanceof Error && 'code' in error ? error.code : error),
      );
    };
    for (let length = 1; length < whole.byteLength; length += 1)
      await attempt(whole.subarray(0, length));
    for (let at = 0; at < whole.byteLength; at += 1) {
      for (const damage of [1, 0x80, 0xff]) {
        const damaged = Uint8Array.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ damage;
        await attempt(damaged);
      }
    }
    for (const code of codes) {
      expect([
        'read',
        'protocol.corrupt_compression',
        'protocol.malformed_message',
        'protocol.decompressed_too_large',
      ]).toContain(code);
    }
  },
);

test('codecs are known by number', () => {
  expect([0, 1, 2, 3, 4].map(codecById)).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd']);
  expect(() => codecById(5)).toThrow(expect.objectContaining({ code: 'protocol.unknown_codec' }));
});

test('a bound above the longest buffer is no error', async () => {
  const packed = await compress('gzip', Buffer.from('x'.repeat(1000)));
  const options = { decompressedBytesMax: 64 * 200_000_000 };
  expect(await decompress('gzip', packed, options)).toHaveLength(1000);
  expect(decompressSync('gzip', packed, options)).toHaveLength(1000);
});
