import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { crc32c } from '../src/crc32c.ts';
import {
  attributesOf,
  batchSize,
  codecOf,
  findBatchProblem,
  findProducedBatchProblem,
  hasDeleteHorizon,
  hasLogAppendTime,
  isControl,
  isTransactional,
  nextOffset,
  patchBaseOffset,
  patchLeaderEpoch,
  patchLogAppendTime,
  patchProducer,
  readBatchHeader,
  writeBatchHeader,
} from '../src/record-batch.ts';
import { buildControlBatch, RecordBatchBuilder } from '../src/record-writer.ts';
import { decodeRecords, openBatchSync, readControlMarker } from '../src/record-reader.ts';
import { plainCrc32c } from './plain-batch.ts';

const T = 1_700_000_000_000;

function sampleBatch(recordCount = 3): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (let index = 0; index < recordCount; index += 1)
    builder.append(null, Buffer.from(`value ${index}`), T + index);
  return Uint8Array.from(
    builder.buildSync({ baseOffset: 40, producerId: 9, producerEpoch: 2, baseSequence: 7 }),
  );
}

test('CRC-32C has its published check value, short and long', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array())).toBe(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => crc32c(bytes) === plainCrc32c(bytes)),
  );
});

test('a header is read as it was written', () => {
  const bytes = sampleBatch();
  expect(readBatchHeader(bytes, 0)).toEqual({
    baseOffset: 40,
    batchLength: bytes.byteLength - 12,
    partitionLeaderEpoch: -1,
    magic: 2,
    crc: plainCrc32c(bytes.subarray(21)),
    attributes: 0,
    lastOffsetDelta: 2,
    baseTimestamp: T,
    maxTimestamp: T + 2,
    producerId: 9,
    producerEpoch: 2,
    baseSequence: 7,
    recordCount: 3,
  });
  expect(nextOffset(readBatchHeader(bytes, 0))).toBe(43);
  expect(batchSize(bytes, 0)).toBe(bytes.byteLength);
});

test('a batch is found anywhere in a buffer', () => {
  const one = sampleBatch(1);
  const two = sampleBatch(2);
  const log = Buffer.concat([Buffer.alloc(5), one, two]);
  const at = 5 + batchSize(log, 5);
  expect(findBatchProblem(log, 5)).toBeUndefined();
  expect(findBatchProblem(log, at)).toBeUndefined();
  expect(readBatchHeader(log, at).recordCount).toBe(2);
});

test('offset and leader epoch are patched without touching the CRC', () => {
  const bytes = sampleBatch();
  const { crc } = readBatchHeader(bytes, 0);
  patchBaseOffset(bytes, 0, 2 ** 40 + 1);
  patchLeaderEpoch(bytes, 0, 5);
  expect(readBatchHeader(bytes, 0)).toMatchObject({
    baseOffset: 2 ** 40 + 1,
    partitionLeaderEpoch: 5,
    crc,
  });
  expect(findBatchProblem(bytes, 0)).toBeUndefined();
});

test('LogAppendTime gives every record the time of the append, and a right CRC', () => {
  const bytes = sampleBatch();
  patchLogAppendTime(bytes, 0, T + 999);
  expect(findBatchProblem(bytes, 0)).toBeUndefined();
  expect(hasLogAppendTime(readBatchHeader(bytes, 0).attributes)).toBe(true);
  expect(decodeRecords(bytes).map((record) => record.timestampMs)).toEqual([
    T + 999,
    T + 999,
    T + 999,
  ]);
});

test('a producer can be patched for a retry under a new epoch', () => {
  const bytes = sampleBatch();
  patchProducer(bytes, 0, 11, 3, 0);
  expect(readBatchHeader(bytes, 0)).toMatchObject({
    producerId: 11,
    producerEpoch: 3,
    baseSequence: 0,
  });
  expect(findBatchProblem(bytes, 0)).toBeUndefined();
});

test('a batch cut at any byte is truncated, and patching it is refused', () => {
  const bytes = sampleBatch();
  for (let length = 0; length < bytes.byteLength; length += 1) {
    const cut = bytes.slice(0, length);
    expect(findBatchProblem(cut, 0)).toBe('truncated');
    expect(findBatchProblem(bytes, 0, length)).toBe('truncated');
    expect(() => patchLogAppendTime(cut, 0, 0)).toThrow(
      expect.objectContaining({ code: 'protocol.malformed_message' }),
    );
  }
});

test('of a batch whose CRC is trusted all else is checked', () => {
  const bytes = sampleBatch();
  const size = bytes.byteLength;
  bytes[size - 1] = (bytes[size - 1] ?? 0) ^ 1;
  expect(findProducedBatchProblem(bytes, 0)).toBe('bad-crc');
  expect(findProducedBatchProblem(bytes, 0, size, true)).toBeUndefined();
  expect(findProducedBatchProblem(bytes, 0, size - 1, true)).toBe('truncated');
});

test('a flipped bit anywhere after the leader epoch is found', () => {
  const bytes = sampleBatch();
  for (let at = 16; at < bytes.byteLength; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      expect(findBatchProblem(damaged, 0)).toBe(at === 16 ? 'bad-magic' : 'bad-crc');
    }
  }
});

test.each([
  ['0', 0, 'bad-length'],
  ['-1', -1, 'bad-length'],
  ['one too small', 48, 'bad-length'],
  ['the minimum', -0x8000_0000, 'bad-length'],
  ['the maximum', 0x7fff_ffff, 'truncated'],
])('a batch length of %s is found, and never steps a scan backwards', (_, length, problem) => {
  const bytes = Buffer.from(sampleBatch());
  bytes.writeInt32BE(length, 8);
  expect(findBatchProblem(bytes, 0)).toBe(problem);
  if (problem === 'bad-length') {
    expect(() => batchSize(bytes, 0)).toThrow(
      expect.objectContaining({ code: 'protocol.malformed_message' }),
    );
  } else expect(batchSize(bytes, 0)).toBe(length + 12);
});

test.each([
  ['more records than offsets', 4, 2, 'bad-count', 'bad-count'],
  ['more records than bytes', 1_000_000, 999_999, 'bad-count', 'bad-count'],
  ['a negative count', -1, 2, 'bad-count', 'bad-count'],
  ['a negative last offset', 3, -1, 'bad-count', 'bad-count'],
  ['fewer records than offsets, which only compaction makes', 3, 9, undefined, 'bad-count'],
  ['as many as offsets', 3, 2, undefined, undefined],
])('%s', (_, recordCount, lastOffsetDelta, stored, produced) => {
  const bytes = sampleBatch();
  writeBatchHeader(bytes, 0, bytes.byteLength, {
    ...readBatchHeader(bytes, 0),
    recordCount,
    lastOffsetDelta,
  });
  expect(findBatchProblem(bytes, 0)).toBe(stored);
  expect(findProducedBatchProblem(bytes, 0)).toBe(produced);
});

test('attributes say codec, time, transaction and control', () => {
  expect(codecOf(0b100)).toBe(4);
  expect(
    attributesOf({ codec: 3, hasLogAppendTime: true, isTransactional: true, isControl: true }),
  ).toBe(0b111011);
  expect([hasLogAppendTime(8), isTransactional(16), isControl(32), hasDeleteHorizon(64)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([hasLogAppendTime(0), isTransactional(0), isControl(0), hasDeleteHorizon(0)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test.each(['commit', 'abort'] as const)('a %s marker is a control batch that says so', (type) => {
  const bytes = buildControlBatch({
    type,
    producerId: 5,
    producerEpoch: 1,
    coordinatorEpoch: 8,
    timestampMs: T,
    baseOffset: 3,
  });
  expect(findProducedBatchProblem(bytes, 0)).toBeUndefined();
  const batch = openBatchSync(bytes);
  expect(isControl(batch.header.attributes) && isTransactional(batch.header.attributes)).toBe(true);
  expect(readControlMarker(batch)).toEqual({ type, coordinatorEpoch: 8 });
  expect(readControlMarker(openBatchSync(sampleBatch()))).toBeUndefined();
});
