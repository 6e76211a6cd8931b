import { expect, test } from '@jest/globals';
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
