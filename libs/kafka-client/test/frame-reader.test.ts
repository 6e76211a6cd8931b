import { expect, test } from '@jest/globals';
import { FrameReader } from '../src/frame-reader.ts';

function stream(...frames: readonly string[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(frame.length);
      return [size, Buffer.from(frame)];
    }),
  );
}

test('frames are found however the stream is cut', () => {
  const bytes = stream('hello', '', 'a', 'a longer frame');
  for (let cut = 1; cut <= bytes.byteLength; cut += 1) {
    const frames: string[] = [];
    const reader = new FrameReader(100, (frame) => frames.push(Buffer.from(frame).toString()));
    for (let at = 0; at < bytes.byteLength; at += cut) {
      expect(reader.push(bytes.subarray(at, at + cut))).toBeUndefined();
    }
    expect(frames).toEqual(['hello', '', 'a', 'a longer frame']);
  }
});

test.each([101, 0x7fffffff, -1])('a frame of %d bytes is refused at its size', (size) => {
  const reader = new FrameReader(100, () => undefined);
  const head = Buffer.alloc(4);
  head.writeInt32BE(size);
  expect(reader.push(head)).toEqual({ announcedBytes: size });
});
