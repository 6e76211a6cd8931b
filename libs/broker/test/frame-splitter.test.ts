import { expect, test } from '@jest/globals';
import { RecycledMemory } from '@millrace/foundation';
import { FrameSplitter } from '../src/network/frame-splitter.ts';
import { RequestMemory } from '../src/network/request-memory.ts';

function framed(body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function splitterOf(
  frameBytesMax: number,
  reserve: (bytes: number) => boolean,
  memory = new RequestMemory(new RecycledMemory({ freeBytesMax: 0 })),
): FrameSplitter {
  return new FrameSplitter({ frameBytesMax, reserve, memory, isReleased: (key) => key === 0 });
}

/** Everything that can be taken now. */
function takeAll(splitter: FrameSplitter): Buffer[] {
  const frames: Buffer[] = [];
  for (;;) {
    const next = splitter.peek();
    if (next.kind !== 'frame') return frames;
    splitter.take();
    const { bytes, start, end } = next.frame;
    frames.push(Buffer.from(bytes.subarray(start, end)));
  }
}

test('however a stream is cut, the same requests come out of it', () => {
  const bodies = Array.from({ length: 40 }, (_, index) =>
    Buffer.alloc(8 + ((index * 37) % 300), index),
  );
  const stream = Buffer.concat(bodies.map(framed));
  for (let seed = 1; seed <= 200; seed += 1) {
    let state = seed;
    let reserved = 0;
    const splitter = splitterOf(1000, (bytes) => {
      reserved += bytes;
      return true;
    });
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length;) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      const end = Math.min(stream.length, at + 1 + ((state >>> 8) % 400));
      splitter.push(stream.subarray(at, end));
      frames.push(...takeAll(splitter));
      at = end;
    }
    expect({ seed, frames }).toEqual({ seed, frames: bodies });
    expect(reserved).toBe(bodies.reduce((sum, body) => sum + body.length, 0));
    expect(splitter.reservedBytes).toBe(0);
  }
});

test('nothing is allocated for a request before there is room for it', () => {
  let hasRoom = false;
  const splitter = splitterOf(1_000_000, () => hasRoom);
  const body = Buffer.alloc(500_000, 7);
  const stream = framed(body);
  splitter.push(stream.subarray(0, 1000));
  expect(splitter.peek().kind).toBe('need-room');
  expect(splitter.reservedBytes).toBe(0);
  hasRoom = true;
  expect(splitter.peek().kind).toBe('need-bytes');
  expect(splitter.reservedBytes).toBe(500_000);
  splitter.push(stream.subarray(1000));
  expect(takeAll(splitter)).toEqual([body]);
});

test.each([-1, 0, 7, 1001, 0x7fff_ffff, -0x8000_0000])('a size of %i is refused', (size) => {
  const splitter = splitterOf(1000, () => true);
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(size);
  splitter.push(bytes);
  expect(splitter.peek()).toEqual({ kind: 'bad-size', size });
});
