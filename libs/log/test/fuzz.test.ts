import { expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { BATCH_OVERHEAD, CODECS, writeBatchHeader } from '@millrace/kafka-protocol';
import { decodeAborted, encodeAborted } from '../src/aborted-transactions.ts';
import { parseNumberLines, parseProperties } from '../src/checkpoint-files.ts';
import { LeaderEpochs } from '../src/leader-epochs.ts';
import { OffsetIndex } from '../src/offset-index.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../src/producer-snapshot.ts';
import { TimeIndex } from '../src/time-index.ts';
import { walkRecords } from '../src/walk-records.ts';
import { LogContext } from './log-context.ts';
import { batch, seededRandom } from './support.ts';

/** Truncations at each byte, flipped bits, and length-like fields of 0, -1 and the maximum at each position. */
function* damaged(bytes: Uint8Array, seed: number): Generator<Uint8Array> {
  for (let size = 0; size < bytes.byteLength; size += 1) yield bytes.slice(0, size);
  const random = seededRandom(seed);
  for (let at = 0; at < bytes.byteLength; at += 1) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.nextInt(8));
    yield flipped;
    if (at + 4 > bytes.byteLength) continue;
    for (const value of [0, -1, 0x7fffffff, -0x80000000]) {
      const changed = bytes.slice();
      new DataView(changed.buffer).setInt32(at, value);
      yield changed;
    }
  }
}

test('decoders of the files beside the batches answer or decline, whatever is in the file', () => {
  const offsets = new OffsetIndex(100);
  const times = new TimeIndex(100);
  for (let index = 1; index < 6; index += 1) {
    offsets.append(100 + index * 10, index * 500);
    times.append(1000 + index, 100 + index * 10);
  }
  const aborted = [{ producerId: 1, firstOffset: 2, lastOffset: 9, lastStableOffset: 2 }];
  const state = {
    producerId: 7,
    epoch: 1,
    coordinatorEpoch: 2,
    lastSeenMs: 3,
    transactionFirstOffset: -1,
    batches: [{ firstSequence: 0, lastSequence: 4, baseOffset: 0, lastOffset: 4, timestampMs: 5 }],
  };
  const decoders: readonly [Uint8Array, (bytes: Uint8Array) => unknown][] = [
    [offsets.encode(), (bytes) => OffsetIndex.decode(100, bytes, 10_000)],
    [times.encode(), (bytes) => TimeIndex.decode(100, bytes)],
    [encodeAborted(aborted), decodeAborted],
    [encodeProducerSnapshot([state, state]), (bytes) => decodeProducerSnapshot(bytes, 1)],
    [
      Buffer.from(
        LeaderEpochs.of([
          [1, 0],
          [3, 20],
        ]).encode(),
      ),
      (bytes) => LeaderEpochs.decode(Buffer.from(bytes).toString()),
    ],
    [
      Buffer.from('0\n2\nt 0 5\nt 1 6\n'),
      (bytes) => parseNumberLines(Buffer.from(bytes).toString(), 3),
    ],
    [
      Buffer.from('version=1\nnode.id=1\n'),
      (bytes) => parseProperties(Buffer.from(bytes).toString()),
    ],
  ];
  for (const [index, [bytes, decode]] of decoders.entries()) {
    expect([index, decode(bytes) !== undefined]).toEqual([index, true]);
    for (const changed of damaged(bytes, index)) decode(changed);
  }
  // A snapshot is right or declined: its CRC covers everything.
  const snapshot = encodeProducerSnapshot([state]);
  for (let at = 0; at < snapshot.byteLength; at += 1) {
    const flipped = snapshot.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 0x20;
    expect([at, decodeProducerSnapshot(flipped, 1)]).toEqual([at, undefined]);
  }
});

test('a walk over records never leaves its bounds and ends', () => {
  const whole = batch({ values: ['a', null, 'c'], keys: ['k', null, 'x'] });
  const records = whole.subarray(BATCH_OVERHEAD);
  expect(walkRecords(records, 0, records.byteLength, 3)).toMatchObject({
    problem: undefined,
    hasNullKey: true,
  });
  for (const changed of damaged(records.slice(), 3)) {
    for (const count of [0, 1, 3, 4, 0x7fffffff]) {
      walkRecords(changed, 0, changed.byteLength, count);
    }
  }
});

test('damaged batches are refused, and what is stored can always be read', async () => {
  for (const codec of CODECS.filter((name) => name !== 'zstd')) {
    await using context = await LogContext.open();
    const whole = batch({
      values: ['a', 'b', 'c'],
      keys: ['1', '2', '3'],
      codec,
      timestampMs: context.now,
    });
    let stored = 0;
    for (const changed of damaged(whole, 11)) {
      const result = await context.log.append(changed, { leaderEpoch: 0, flush: 'none' });
      if (result.kind === 'appended') stored += 3;
    }
    // Those whose change the CRC does not cover: base offset and leader epoch.
    expect([codec, stored > 0, context.log.logEndOffset]).toEqual([codec, true, stored]);
    expect(await context.values()).toHaveLength(stored);
  }
});

/** A batch with a right CRC around whatever records. */
function forged(
  records: Uint8Array,
  attributes: number,
  recordCount: number,
  now: number,
): Uint8Array {
  const bytes = new Uint8Array(BATCH_OVERHEAD + records.byteLength);
  bytes.set(records, BATCH_OVERHEAD);
  writeBatchHeader(bytes, 0, bytes.byteLength, {
    baseOffset: 0,
    partitionLeaderEpoch: 0,
    attributes,
    lastOffsetDelta: recordCount - 1,
    baseTimestamp: now,
    maxTimestamp: now,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    recordCount,
  });
  return bytes;
}

test('batches with a right CRC around wrong records are refused, plain or packed, bombs included', async () => {
  await using context = await LogContext.open();
  const good = batch({ values: ['a', 'b'], timestampMs: context.now }).slice(BATCH_OVERHEAD);
  const GZIP = 1;
  const forgeries: readonly [string, Uint8Array][] = [
    ['more records than there are', forged(good, 0, 3, context.now)],
    ['fewer records than there are', forged(good, 0, 1, context.now)],
    ['noise', forged(Buffer.alloc(50, 0xa5), 0, 2, context.now)],
    ['packed noise', forged(gzipSync(Buffer.alloc(50, 0xa5)), GZIP, 2, context.now)],
    ['packed, more than there are', forged(gzipSync(good), GZIP, 3, context.now)],
    ['not packed at all', forged(good, GZIP, 2, context.now)],
    ['a bomb', forged(gzipSync(Buffer.alloc(200_000_000)), GZIP, 2, context.now)],
    ['an unknown codec', forged(good, 7, 2, context.now)],
  ];
  const before = process.memoryUsage().rss;
  for (const [name, bytes] of forgeries) {
    const result = await context.log.append(bytes, { leaderEpoch: 0 });
    expect([name, result]).toMatchObject([name, { kind: 'refused', errorCode: 87 }]);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000);
  expect(await context.append(['fine'])).toBe(0);
});

test.each(['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed'] as const)(
  'with compression.type=%s batches of any codec are stored so, in order, with their offsets and sequences',
  async (type) => {
    await using context = await LogContext.open({ 'compression.type': type });
    const wanted = type === 'uncompressed' ? 0 : CODECS.indexOf(type);
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        context.log.append(
          batch({
            values: [`${index}a`, `${index}b`],
            codec: CODECS.filter((name) => name !== 'zstd')[index % 4] ?? 'none',
            producerId: 5,
            producerEpoch: 0,
            baseSequence: index * 2,
            timestampMs: context.now,
          }),
          { leaderEpoch: 3 },
        ),
      ),
    );
    expect(
      results.map((result) => (result.kind === 'appended' ? result.baseOffset : result)),
    ).toEqual(Array.from({ length: 24 }, (_, index) => index * 2));
    await context.crash(() => context.disk.kill());
    const read = await context.log.read(0, 1_000_000);
    if (typeof read === 'string') throw new Error(read);
    expect((read.bytes[22] ?? 0) & 7).toBe(wanted);
    expect(context.log.logEndOffset).toBe(48);
    expect([...context.log.producerStates()][0]?.batches.at(-1)).toMatchObject({
      lastSequence: 47,
    });
  },
);
