import { expect, test } from '@jest/globals';
import { buildControlBatch } from '@millrace/kafka-protocol';
import { LogContext } from './log-context.ts';
import { batch, recordsOf } from './support.ts';

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
