import { expect, test } from '@jest/globals';
import { buildControlBatch, CODECS } from '@millrace/kafka-protocol';
import { LogContext, errno } from './log-context.ts';
import { recordsOf, seededRandom } from './support.ts';

type Found = { offset: number; key: string | null; value: string | null };

async function recordsIn(context: LogContext): Promise<Found[]> {
  const found: Found[] = [];
  for (let offset = context.log.logStartOffset; ;) {
    const read = await context.log.read(offset, 200, { minOneMessage: true });
    if (typeof read === 'string') throw new Error(read);
    if (read.bytes.byteLength === 0) return found;
    found.push(...recordsOf(read.bytes));
    offset = read.nextOffset;
  }
}

function openCompacted(config: object = {}, options: object = {}): Promise<LogContext> {
  return LogContext.open(
    { 'cleanup.policy': 'compact', 'segment.bytes': 600, 'index.interval.bytes': 100, ...config },
    options,
  );
}

test('compaction keeps the last record of each key with its offset, for every codec and across restarts', async () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = seededRandom(seed);
    await using context = await openCompacted(
      {},
      { cleaner: { dedupeBytesMax: (seed % 3 === 0 ? 9 : 1200) * 24 } },
    );
    const all: Found[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (let index = 0; index < 25; index += 1) {
        const size = 1 + random.nextInt(4);
        const keys = Array.from({ length: size }, () => `k${random.nextInt(10)}`);
        const values = keys.map(() =>
          random.nextInt(8) === 0 ? null : `v${random.nextInt(1000)}`,
        );
        const codec = CODECS[random.nextInt(4)] ?? 'none'; // without zstd, which the test's decoder can't open
        const offset = await context.append({ keys, values, codec });
        keys.forEach((key, at) =>
          all.push({ offset: offset + at, key, value: values[at] ?? null }),
        );
      }
      const activeBytes = context.log.segmentCount;
      await context.manager.compact();
      if (round % 2 === 1) await context.restart();
      if (round === 2) await context.crash(() => context.disk.crash());
      const found = await recordsIn(context);
      // What is left is a part of what was written, in order, and has the last record of each key.
      const written = new Map(all.map((record) => [record.offset, record]));
      for (const record of found) expect(written.get(record.offset)).toEqual(record);
      expect(found.map((record) => record.offset)).toEqual(
        found.map((record) => record.offset).sort((left, right) => left - right),
      );
      const last = (records: Found[]): Map<string | null, Found> =>
        new Map(records.map((record) => [record.key, record]));
      expect([seed, last(found)]).toEqual([seed, last(all)]);
      expect(context.log.segmentCount).toBeLessThanOrEqual(activeBytes);
    }
    expect((await recordsIn(context)).length).toBeLessThan(all.length);
    expect(context.log.logEndOffset).toBe(all.length);
  }
});

test('a tombstone stays for delete.retention.ms after its first cleaning, then goes', async () => {
  await using context = await openCompacted({
    'segment.bytes': 200,
    'delete.retention.ms': 1000,
    'min.cleanable.dirty.ratio': 0,
  });
  await context.append({ keys: ['a'], values: ['1'] });
  await context.append({ keys: ['a', 'b'], values: [null, '2'] });
  await context.append({ keys: ['c'], values: ['3'] });
  await context.log.roll();
  const keys = async (): Promise<unknown> =>
    (await recordsIn(context)).map(({ key, value }) => `${key ?? ''}=${value ?? 'null'}`);
  await context.manager.compact();
  expect(await keys()).toEqual(['a=null', 'b=2', 'c=3']);
  // The records keep their own times although the batch's base is now the horizon.
  expect(await context.log.maxTimestampOffset()).toMatchObject({ timestampMs: context.now });
  context.clock.advance(1001);
  await context.append({ keys: ['d'], values: ['4'] });
  await context.log.roll();
  await context.manager.compact();
  await context.append({ keys: ['d'], values: ['5'] });
  await context.log.roll();
  await context.manager.compact();
  expect(await keys()).toEqual(['b=2', 'c=3', 'd=5']);
});

test('the active segment, what is younger than the lag and what is unstable are left alone', async () => {
  await using context = await openCompacted({ 'min.compaction.lag.ms': 1000 });
  await context.append({ keys: ['a'], values: ['1'] });
  await context.append({ keys: ['a'], values: ['2'] });
  await context.manager.compact();
  expect(await recordsIn(context)).toHaveLength(2);
  await context.log.roll();
  await context.manager.compact();
  expect(await recordsIn(context)).toHaveLength(2);
  context.clock.advance(1001);
  await context.manager.compact();
  expect(await recordsIn(context)).toHaveLength(1);
});

test('an aborted record never supersedes a committed one, and goes itself', async () => {
  await using context = await openCompacted({ 'segment.bytes': 10_000 });
  const mark = (type: 'abort' | 'commit'): Promise<unknown> =>
    context.log.append(
      buildControlBatch({
        type,
        producerId: 1,
        producerEpoch: 0,
        coordinatorEpoch: 0,
        timestampMs: context.now,
      }),
      { leaderEpoch: 0, origin: 'coordinator' },
    );
  const send = (value: string, baseSequence: number): Promise<number> =>
    context.append({
      keys: ['a'],
      values: [value],
      producerId: 1,
      producerEpoch: 0,
      baseSequence,
      isTransactional: true,
    });
  await send('committed', 0);
  await mark('commit');
  await send('aborted', 1);
  await mark('abort');
  await context.log.roll();
  await context.manager.compact();
  const values = (await recordsIn(context))
    .map((record) => record.value)
    .filter((value) => value?.endsWith('ed'));
  expect(values).toEqual(['committed']);
  // Its place stays as an empty batch, so that the producer's sequence goes on.
  expect(await send('next', 2)).toBe(4);
});

test('a crash at any operation of a compaction leaves the last value of each key', async () => {
  for (let stopAt = 0; ; stopAt += 1) {
    await using context = await openCompacted({ 'segment.bytes': 300 });
    const expected = new Map<string, string>();
    for (let index = 0; index < 12; index += 1) {
      const key = `k${index % 3}`;
      expected.set(key, `v${index}`);
      await context.append({ keys: [key], values: [`v${index}`] });
    }
    let operations = 0;
    const state = { hasCrashed: false };
    context.disk.fault = () => {
      operations += 1;
      if (operations <= stopAt || state.hasCrashed) return undefined;
      state.hasCrashed = true;
      context.disk.crash(stopAt % 2 === 0 ? undefined : seededRandom(stopAt));
      return errno('EIO');
    };
    await context.manager.compact();
    context.disk.fault = () => undefined;
    if (!state.hasCrashed) break;
    await context.crash(() => context.disk.kill());
    const found = new Map((await recordsIn(context)).map(({ key, value }) => [key, value]));
    expect([stopAt, found]).toEqual([stopAt, expected]);
    expect(context.log.logEndOffset).toBe(12);
    expect(context.disk.paths().filter((path) => /\.(cleaned|swap)$/.test(path))).toEqual([]);
  }
});
