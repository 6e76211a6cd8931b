import { expect, test } from '@jest/globals';
import { buildControlBatch } from '@millrace/kafka-protocol';
import { LogContext } from './log-context.ts';
import { batch, recordsOf } from './support.ts';

const FOLDER = '/data/t-0';

function file(offset: number, suffix: string): string {
  return `${FOLDER}/${String(offset).padStart(20, '0')}${suffix}`;
}

test('segments, indexes and metadata have the names and bytes of Kafka', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 200, 'index.interval.bytes': 0 });
  for (const value of ['a', 'b', 'c', 'd', 'e']) await context.append([value], 7);
  await context.manager.close();
  expect(context.disk.paths().map((path) => path.slice('/data/'.length))).toEqual([
    '.kafka_cleanshutdown',
    '.millrace_logs.json',
    'cleaner-offset-checkpoint',
    'log-start-offset-checkpoint',
    'meta.properties',
    'recovery-point-offset-checkpoint',
    'replication-offset-checkpoint',
    't-0/00000000000000000000.index',
    't-0/00000000000000000000.log',
    't-0/00000000000000000000.timeindex',
    't-0/00000000000000000002.index',
    't-0/00000000000000000002.log',
    't-0/00000000000000000002.snapshot',
    't-0/00000000000000000002.timeindex',
    't-0/00000000000000000004.index',
    't-0/00000000000000000004.log',
    't-0/00000000000000000004.snapshot',
    't-0/00000000000000000004.timeindex',
    't-0/leader-epoch-checkpoint',
    't-0/partition.metadata',
  ]);
  const text = (path: string): string => Buffer.from(context.disk.contentOf(path) ?? []).toString();
  expect(text('/data/t-0/partition.metadata')).toBe(
    'version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n',
  );
  expect(text('/data/t-0/leader-epoch-checkpoint')).toBe('0\n1\n7 0\n');
  expect(text('/data/recovery-point-offset-checkpoint')).toBe('0\n1\nt 0 5\n');
  expect(text('/data/meta.properties')).toMatch(
    /^cluster\.id=\S{22}\ndirectory\.id=\S{22}\nnode\.id=1\nversion=1\n$/,
  );
  // One entry: the second batch, last offset 1, begins after the first one.
  const size = (context.disk.contentOf(file(0, '.log'))?.byteLength ?? 0) / 2;
  expect([...(context.disk.contentOf(file(0, '.index')) ?? [])]).toEqual([
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    size,
  ]);
  const timeEntry = Buffer.alloc(12);
  timeEntry.writeBigInt64BE(BigInt(context.now));
  timeEntry.writeInt32BE(0, 8);
  expect([...(context.disk.contentOf(file(0, '.timeindex')) ?? [])]).toEqual([...timeEntry]);
});

test('a read gives whole batches within the limit, and the first one whole even when it is larger', async () => {
  await using context = await LogContext.open();
  await context.log.read(0, 1); // who waits at the end makes the tail be kept
  await context.append(['a', 'b', 'c']);
  await context.append(['d']);
  for (const source of ['tail cache', 'file']) {
    if (source === 'file') await context.restart();
    const { log } = context;
    const read = async (
      offset: number,
      bytesMax: number,
      minOneMessage: boolean,
    ): Promise<unknown> => {
      const result = await log.read(offset, bytesMax, { minOneMessage });
      return typeof result === 'string'
        ? result
        : [recordsOf(result.bytes).length, result.nextOffset];
    };
    expect(await read(0, 10_000, false)).toEqual([4, 4]);
    expect(await read(1, 10_000, false)).toEqual([4, 4]);
    expect(await read(3, 10_000, false)).toEqual([1, 4]);
    expect(await read(0, 90, false)).toEqual([3, 3]);
    expect(await read(0, 10, false)).toEqual([0, 0]);
    expect(await read(0, 10, true)).toEqual([3, 3]);
    expect(await read(0, 0, true)).toEqual([3, 3]);
    expect(await read(4, 100, true)).toEqual([0, 4]);
    expect(await read(5, 100, true)).toBe('offset-out-of-range');
    expect(await read(-1, 100, true)).toBe('offset-out-of-range');
  }
});

test('a read gives nothing at or above the offset it is limited to', async () => {
  await using context = await LogContext.open();
  for (const value of ['a', 'b', 'c']) await context.append([value]);
  expect(await context.values(0, { upTo: 2 })).toEqual(['a', 'b']);
  context.log.manageHighWatermark(true);
  await context.append(['d']);
  expect(context.log.highWatermark).toBe(3);
  expect(await context.values(0)).toEqual(['a', 'b', 'c']);
  expect(await context.values(0, { upTo: 'log-end' })).toEqual(['a', 'b', 'c', 'd']);
  const waiting = context.log.waitForHighWatermark(3);
  context.log.setHighWatermark(4);
  await waiting;
  context.log.setHighWatermark(2);
  expect(context.log.highWatermark).toBe(4);
});

test('a long poll is woken once per append completion, and freed by its abort', async () => {
  await using context = await LogContext.open();
  let wakes = 0;
  const stop = context.log.onHighWatermark(() => (wakes += 1));
  await Promise.all(['a', 'b', 'c'].map((value) => context.append([value])));
  expect(wakes).toBe(1);
  stop();
  const controller = new AbortController();
  const waiting = context.log.waitForHighWatermark(3, controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

/** Appends of one record each, from sequence 0 on. */
function singles(
  count: number,
): readonly (readonly [epoch: number, sequence: number, count: number])[] {
  return Array.from({ length: count }, (_, sequence) => [0, sequence, 1] as const);
}

const idempotence: readonly {
  name: string;
  before: readonly (readonly [epoch: number, sequence: number, count: number])[];
  epoch: number;
  sequence: number;
  count: number;
  expected: number | string;
}[] = [
  {
    name: 'any start of an unknown producer',
    before: [],
    epoch: 5,
    sequence: 42,
    count: 1,
    expected: 0,
  },
  { name: 'the next sequence', before: [[0, 0, 3]], epoch: 0, sequence: 3, count: 1, expected: 3 },
  {
    name: 'a repetition',
    before: [
      [0, 0, 3],
      [0, 3, 1],
    ],
    epoch: 0,
    sequence: 0,
    count: 3,
    expected: 0,
  },
  {
    name: 'a repetition of the fifth last',
    before: singles(5),
    epoch: 0,
    sequence: 0,
    count: 1,
    expected: 0,
  },
  {
    name: 'a repetition of the sixth last',
    before: singles(6),
    epoch: 0,
    sequence: 0,
    count: 1,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'a repetition of another length',
    before: [[0, 0, 3]],
    epoch: 0,
    sequence: 0,
    count: 2,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'a gap',
    before: [[0, 0, 3]],
    epoch: 0,
    sequence: 4,
    count: 1,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'an older epoch',
    before: [[3, 0, 1]],
    epoch: 2,
    sequence: 1,
    count: 1,
    expected: 'invalid-producer-epoch',
  },
  {
    name: 'a newer epoch from 0',
    before: [[3, 0, 1]],
    epoch: 4,
    sequence: 0,
    count: 1,
    expected: 1,
  },
  {
    name: 'a newer epoch not from 0',
    before: [[3, 0, 1]],
    epoch: 4,
    sequence: 1,
    count: 1,
    expected: 'out-of-order-sequence',
  },
  {
    name: 'the wrap to 0',
    before: [[0, 2_147_483_647, 1]],
    epoch: 0,
    sequence: 0,
    count: 1,
    expected: 1,
  },
  {
    name: 'the wrap inside a batch',
    before: [[0, 2_147_483_646, 4]],
    epoch: 0,
    sequence: 2,
    count: 1,
    expected: 4,
  },
  {
    name: 'the same batch again across the wrap',
    before: [[0, 2_147_483_646, 4]],
    epoch: 0,
    sequence: 2_147_483_646,
    count: 4,
    expected: 0,
  },
];

test.each(idempotence)(
  'an idempotent producer: $name',
  async ({ before, epoch, sequence, count, expected }) => {
    for (const mode of ['in one group', 'one by one', 'after a restart', 'after a kill']) {
      if (mode === 'after a restart' || mode === 'after a kill') {
        // Kafka's snapshot keeps only the last batch of each producer.
        const repeatsOlder = before.length > 1 && typeof expected === 'number' && expected === 0;
        if (repeatsOlder && mode === 'after a restart') continue;
      }
      await using context = await LogContext.open();
      const send = (from: number, size: number, producerEpoch: number): Promise<unknown> =>
        context.log
          .append(
            batch({
              values: Array.from({ length: size }, () => 'x'),
              timestampMs: context.now,
              producerId: 9,
              producerEpoch,
              baseSequence: from,
            }),
            { leaderEpoch: 0 },
          )
          .then((result) => (result.kind === 'appended' ? result.baseOffset : result.reason));
      const sent = before.map(([producerEpoch, from, size]) => send(from, size, producerEpoch));
      if (mode !== 'in one group') await Promise.all(sent);
      if (mode === 'after a restart') await context.restart();
      if (mode === 'after a kill') await context.crash(() => context.disk.kill());
      const end = context.log.logEndOffset;
      expect([mode, await send(sequence, count, epoch)]).toEqual([mode, expected]);
      const isAppended =
        typeof expected === 'number' &&
        expected >= before.reduce((sum, [, , size]) => sum + size, 0);
      if (mode !== 'in one group')
        expect(context.log.logEndOffset).toBe(end + (isAppended ? count : 0));
    }
  },
);

test('a producer idle for a day is forgotten', async () => {
  await using context = await LogContext.open({ 'retention.ms': -1 });
  const send = (baseSequence: number): Promise<number> =>
    context.append({ values: ['x'], producerId: 9, producerEpoch: 0, baseSequence });
  await send(0);
  await expect(send(5)).rejects.toMatchObject({ code: 'log.out_of_order_sequence' });
  context.clock.advance(86_400_001);
  await context.manager.enforceRetention();
  expect(await send(5)).toBe(1);
});

test.each([
  ['a byte changed', (bytes: Uint8Array) => bytes.fill(1, 70, 71), 'corrupt', 2],
  ['cut short', (bytes: Uint8Array) => bytes.subarray(0, -1), 'corrupt', 2],
  ['nothing', () => new Uint8Array(0), 'corrupt', 2],
  ['an old format', (bytes: Uint8Array) => bytes.fill(1, 16, 17), 'unsupported-format', 43],
])('%s is refused and leaves the log as it was', async (_, change, reason, errorCode) => {
  await using context = await LogContext.open();
  const bytes = batch({ values: ['hello'], timestampMs: context.now });
  const result = await context.log.append(change(bytes), { leaderEpoch: 0 });
  expect(result).toMatchObject({ kind: 'refused', reason, errorCode });
  expect(context.log.logEndOffset).toBe(0);
});

test('sizes, times and missing keys outside of the topic settings are refused', async () => {
  await using context = await LogContext.open({ 'max.message.bytes': 200, 'segment.bytes': 1000 });
  const send = async (spec: Parameters<typeof batch>[0], times = 1): Promise<unknown> => {
    const one = batch({ timestampMs: context.now, ...spec });
    const bytes = Buffer.concat(Array.from({ length: times }, () => one));
    const result = await context.log.append(bytes, { leaderEpoch: 0 });
    return result.kind === 'refused' ? [result.reason, result.errorCode] : result.lastOffset;
  };
  expect(await send({ values: ['x'.repeat(200)] })).toEqual(['too-large', 10]);
  expect(await send({ values: ['x'] }, 20)).toEqual(['batches-too-large', 18]);
  expect(await send({ values: ['x'], timestampMs: context.now + 3_600_001 })).toEqual([
    'invalid-timestamp',
    32,
  ]);
  expect(await send({ values: ['x'] }, 2)).toBe(1);
  context.configure({ 'cleanup.policy': 'compact' });
  expect(await send({ values: ['x'] })).toEqual(['invalid-record', 87]);
  expect(await send({ values: ['x', 'y'], keys: ['k', null] })).toEqual(['invalid-record', 87]);
  expect(await send({ values: ['x', 'y'], keys: ['k', ''] })).toBe(3);
});

test('more bytes waiting than allowed are refused, and a single large append passes', async () => {
  await using context = await LogContext.open({}, { limits: { appendQueueBytesMax: 200 } });
  const send = (size: number): Promise<string> =>
    context.log
      .append(batch({ values: ['x'.repeat(size)], timestampMs: context.now }), { leaderEpoch: 0 })
      .then((result) => (result.kind === 'refused' ? result.reason : 'appended'));
  expect(await Promise.all([send(1000), send(10)])).toEqual(['appended', 'queue-full']);
  expect(await Promise.all([send(10), send(10), send(50)])).toEqual([
    'appended',
    'appended',
    'queue-full',
  ]);
  expect(context.log.queuedBytes).toBe(0);
  expect(context.manager.appendBudget.taken).toBe(0);
});

test('with LogAppendTime each record has the time of its append', async () => {
  await using context = await LogContext.open({ 'message.timestamp.type': 'LogAppendTime' });
  const result = await context.log.append(batch({ values: ['a', 'b'], timestampMs: 5 }), {
    leaderEpoch: 0,
  });
  expect(result).toMatchObject({ logAppendTimeMs: context.now });
  expect(await context.log.offsetForTimestamp(context.now)).toMatchObject({
    offset: 0,
    timestampMs: context.now,
  });
  await context.crash(() => context.disk.kill()); // the CRC was made anew
  expect(await context.values()).toEqual(['a', 'b']);
});

test('offsets are found by time across segments, batches and records', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 400, 'index.interval.bytes': 0 });
  const start = context.now - 10_000;
  for (let index = 0; index < 20; index += 1) {
    const timestampsMs = [start + index * 20, start + index * 20 + 10];
    await context.append(
      { values: ['x', 'y'], timestampsMs, ...(index % 3 === 0 ? { codec: 'gzip' as const } : {}) },
      index,
    );
  }
  for (let life = 0; life < 2; life += 1) {
    for (let index = 0; index < 40; index += 1) {
      expect(await context.log.offsetForTimestamp(start + index * 10 - 5)).toEqual({
        offset: index,
        timestampMs: start + index * 10,
        leaderEpoch: index >> 1,
      });
    }
    expect(await context.log.offsetForTimestamp(start + 391)).toBeUndefined();
    expect(await context.log.offsetForTimestamp(start + 100, 5)).toBeUndefined();
    expect(await context.log.maxTimestampOffset()).toMatchObject({
      offset: 39,
      timestampMs: start + 390,
    });
    await context.restart();
  }
});

test.each(['removed', 'shortened', 'filled with noise', 'grown with zeros', 'wrong by one entry'])(
  'an index that is %s is built again',
  async (damage) => {
    for (const how of ['clean', 'unclean']) {
      await using context = await LogContext.open({
        'segment.bytes': 800,
        'index.interval.bytes': 100,
      });
      const expected: string[] = [];
      for (let index = 0; index < 30; index += 1) {
        expected.push(`v${index}`);
        await context.append([`v${index}`]);
      }
      const change = async (): Promise<void> => {
        const indexes = context.disk.paths().filter((path) => /\.(time)?index$/.test(path));
        for (const path of indexes) {
          const bytes = context.disk.contentOf(path) ?? new Uint8Array(0);
          const handle = await context.disk.open(path, 'existing');
          if (damage === 'removed') await context.disk.remove(path);
          if (damage === 'shortened') await handle.truncate(Math.max(0, bytes.byteLength - 3));
          if (damage === 'filled with noise') bytes.fill(0xa5);
          if (damage === 'grown with zeros') await handle.truncate(bytes.byteLength + 2400);
          if (damage === 'wrong by one entry' && bytes.byteLength > 8 && path.endsWith('.index')) {
            bytes[3] = 0; // claims that a later batch begins with the first offset
          }
        }
      };
      if (how === 'clean') {
        await context.manager.close();
        await change();
        await context.start();
      } else {
        context.disk.kill();
        await context.manager.close();
        await change();
        await context.start();
      }
      for (const offset of [0, 1, 2, 7, 8, 15, 29]) {
        expect(await context.values(offset)).toEqual(expected.slice(offset));
      }
      expect(await context.log.offsetForTimestamp(0)).toMatchObject({ offset: 0 });
      expect(await context.append(['more'])).toBe(30);
    }
  },
);

test('segments roll by size and by age', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150, 'segment.ms': 1000 });
  await context.append(['a']);
  context.clock.advance(1000);
  await context.append(['b']);
  expect(context.log.segmentCount).toBe(1);
  await context.append(['c']);
  expect(context.log.segmentCount).toBe(2);
  context.clock.advance(1001);
  await context.append(['d']);
  expect(context.log.segmentCount).toBe(3);
  expect(await context.values()).toEqual(['a', 'b', 'c', 'd']);
});

test('retention by time removes expired segments, the files after a delay, and rolls an expired active one', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150, 'retention.ms': 10_000 });
  for (const value of ['a', 'b', 'c']) await context.append([value]);
  context.clock.advance(6000);
  await context.append(['d']);
  context.clock.advance(5000);
  await context.manager.enforceRetention();
  expect(context.log.logStartOffset).toBe(2);
  expect(await context.values()).toEqual(['c', 'd']);
  expect(context.disk.paths()).toContain(file(0, '.log.deleted'));
  context.clock.advance(6000);
  await context.manager.enforceRetention();
  expect(context.log).toMatchObject({ logStartOffset: 4, logEndOffset: 4, segmentCount: 1 });
  expect(await context.log.read(0, 100)).toBe('offset-out-of-range');
  context.clock.advance(60_000);
  await context.manager.deleteFilesDue();
  expect(context.disk.paths().filter((path) => path.endsWith('.deleted'))).toEqual([]);
  await context.restart();
  expect(await context.append(['e'])).toBe(4);
});

test('retention by size keeps at least what is allowed, and never the active segment goes', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150, 'retention.bytes': 300 });
  for (const value of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await context.append([value]);
  await context.manager.enforceRetention();
  expect(await context.values()).toEqual(['c', 'd', 'e', 'f', 'g']);
  context.configure({ 'retention.bytes': 0 });
  await context.manager.enforceRetention();
  expect(await context.values()).toEqual(['g']);
});

test('records before an offset are deleted, durably', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150 });
  for (const value of ['a', 'b', 'c', 'd', 'e']) await context.append([value], 4);
  expect(await context.manager.deleteRecordsBefore(context.log, 6)).toBe('offset-out-of-range');
  expect(await context.manager.deleteRecordsBefore(context.log, 3)).toBe(3);
  expect(await context.values()).toEqual(['d', 'e']);
  expect(context.log.segmentCount).toBe(2);
  await context.crash(() => context.disk.crash());
  expect(context.log.logStartOffset).toBe(3);
  expect(await context.values()).toEqual(['d', 'e']);
});

test('truncation drops whole batches, epochs and what producers did', async () => {
  for (const offset of [0, 1, 2, 3, 4, 5, 6, 7]) {
    await using context = await LogContext.open({ 'segment.bytes': 300 });
    const send = (values: string[], baseSequence: number, epoch: number): Promise<number> =>
      context.append({ values, producerId: 1, producerEpoch: 0, baseSequence }, epoch);
    await send(['a', 'b'], 0, 1);
    await send(['c'], 2, 2);
    await send(['d', 'e', 'f'], 3, 2);
    await send(['g'], 6, 5);
    await context.log.truncateTo(offset);
    const starts = [0, 2, 3, 6, 7];
    const end = starts.findLast((start) => start <= offset) ?? 0;
    expect([offset, context.log.logEndOffset]).toEqual([offset, end]);
    for (let life = 0; life < 2; life += 1) {
      expect(await context.values()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, end));
      expect(context.log.latestEpoch).toBe(end === 0 ? -1 : end < 3 ? 1 : end < 7 ? 2 : 5);
      await context.restart();
    }
    expect(await send(['again'], end, 6)).toBe(end);
  }
});

test('the end of an epoch is where the next one began', async () => {
  await using context = await LogContext.open();
  for (const epoch of [2, 2, 4, 7]) await context.append(['x'], epoch);
  const ends = [1, 2, 3, 4, 6, 7, 8].map((epoch) => context.log.endOffsetForEpoch(epoch));
  expect(ends).toEqual([
    { epoch: 1, endOffset: 0 },
    { epoch: 2, endOffset: 2 },
    { epoch: 2, endOffset: 2 },
    { epoch: 4, endOffset: 3 },
    { epoch: 4, endOffset: 3 },
    { epoch: 7, endOffset: 4 },
    undefined,
  ]);
});

test('a follower takes batches with the offsets and epochs of its leader, gaps included', async () => {
  await using context = await LogContext.open();
  const given = (baseOffset: number, partitionLeaderEpoch: number): Uint8Array =>
    batch({ values: ['x', 'y'], baseOffset, partitionLeaderEpoch, timestampMs: 1 });
  const both = Buffer.concat([given(10, 1), given(15, 2)]);
  expect(await context.log.appendAsFollower(both)).toMatchObject({
    baseOffset: 10,
    lastOffset: 16,
  });
  expect(await context.log.appendAsFollower(given(16, 2))).toMatchObject({
    reason: 'unexpected-offset',
  });
  await context.restart();
  expect(context.log).toMatchObject({ logEndOffset: 17, latestEpoch: 2 });
  const read = await context.log.read(12, 1000);
  expect(
    typeof read === 'string' ? read : recordsOf(read.bytes).map((record) => record.offset),
  ).toEqual([15, 16]);
});

test('an open transaction holds the last stable offset, and an aborted one is listed', async () => {
  await using context = await LogContext.open();
  const send = (producerId: number, baseSequence: number): Promise<number> =>
    context.append({
      values: ['x'],
      producerId,
      producerEpoch: 0,
      baseSequence,
      isTransactional: true,
    });
  const mark = (producerId: number, type: 'abort' | 'commit'): Promise<unknown> =>
    context.log.append(
      buildControlBatch({
        type,
        producerId,
        producerEpoch: 0,
        coordinatorEpoch: 3,
        timestampMs: context.now,
      }),
      { leaderEpoch: 0, origin: 'coordinator' },
    );
  await context.append(['plain']);
  await send(1, 0);
  await send(2, 0);
  expect(context.log.lastStableOffset).toBe(1);
  expect(await context.values(0, { upTo: 'last-stable' })).toEqual(['plain']);
  await mark(1, 'abort');
  expect(context.log.lastStableOffset).toBe(2);
  const aborted = [{ producerId: 1, firstOffset: 1, lastOffset: 3, lastStableOffset: 2 }];
  for (const how of ['now', 'after a restart', 'after a kill']) {
    if (how === 'after a restart') await context.restart();
    if (how === 'after a kill') await context.crash(() => context.disk.kill());
    expect(context.log.lastStableOffset).toBe(2);
    expect(context.log.abortedTransactions(0, 10)).toEqual(aborted);
    expect(context.log.abortedTransactions(4, 10)).toEqual([]);
  }
  await mark(2, 'commit');
  expect(context.log.lastStableOffset).toBe(5);
  expect(
    await context.log.append(
      batch({
        values: ['x'],
        producerId: 1,
        producerEpoch: 0,
        baseSequence: 1,
        timestampMs: context.now,
      }),
      { leaderEpoch: 0 },
    ),
  ).toMatchObject({ kind: 'appended' });
});
