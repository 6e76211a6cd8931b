import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile, readdir, truncate, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_LOG_CONFIG, LogManager, type PartitionLog } from '../src/index.ts';
import { LogContext, TOPIC_ID } from './log-context.ts';
import { batch, openTempFolder, recordsOf } from './support.ts';

const config = DEFAULT_LOG_CONFIG;

async function valuesOf(log: PartitionLog | undefined): Promise<unknown[]> {
  const read = await log?.read(0, 100_000);
  if (read === undefined || read === 'offset-out-of-range') throw new Error('not read');
  return recordsOf(read.bytes).map((record) => record.value);
}

test('what was appended is read, also after a restart', async () => {
  await using folder = await openTempFolder();
  const options = { folders: [folder.path], nodeId: 1 };
  const manager = await LogManager.open(options);
  const log = await manager.ensure({ topic: 'orders', partition: 0, topicId: TOPIC_ID, config });
  const first = await log.append(batch({ values: ['a', 'b'] }), { leaderEpoch: 3 });
  const second = await log.append(batch({ values: ['c'] }), { leaderEpoch: 3, flush: 'none' });
  expect(first).toMatchObject({ kind: 'appended', baseOffset: 0, lastOffset: 1 });
  expect(second).toMatchObject({ kind: 'appended', baseOffset: 2, lastOffset: 2 });
  expect(await valuesOf(log)).toEqual(['a', 'b', 'c']);
  expect(await manager.close()).toBe(true);

  await using again = await LogManager.open(options);
  expect(again.clusterId).toBe(manager.clusterId);
  expect(again.wasCleanStop).toBe(true);
  const reopened = again.find('orders', 0);
  expect(reopened).toMatchObject({
    logEndOffset: 3,
    highWatermark: 3,
    latestEpoch: 3,
    topicId: TOPIC_ID,
  });
  expect(await valuesOf(reopened)).toEqual(['a', 'b', 'c']);
});

test('a folder in use is refused and its holder named; the lock of a dead process is taken over', async () => {
  await using folder = await openTempFolder();
  const options = { folders: [folder.path], nodeId: 1 };
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  try {
    await once(other, 'spawn');
    await writeFile(join(folder.path, '.lock'), `${other.pid ?? 0} \n`);
    await expect(LogManager.open(options)).rejects.toMatchObject({
      code: 'log.folder_locked',
      context: { pid: other.pid },
    });
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }
  const manager = await LogManager.open(options);
  await expect(LogManager.open(options)).rejects.toMatchObject({ code: 'log.folder_locked' });
  await manager.close();
  expect(await readdir(folder.path)).not.toContain('.lock');
  // Kafka leaves an empty lock file, and an id may be reused by this very process in a container.
  for (const left of ['', `${process.pid} 1\n`]) {
    await writeFile(join(folder.path, '.lock'), left);
    await (await LogManager.open(options)).close();
  }
});

test('a folder of another cluster or broker is refused', async () => {
  await using folder = await openTempFolder();
  const options = { folders: [folder.path], nodeId: 1, clusterId: 'cluster-a' };
  await (await LogManager.open(options)).close();
  const refused = { code: 'log.folder_of_another' };
  await expect(LogManager.open({ ...options, nodeId: 2 })).rejects.toMatchObject(refused);
  await expect(LogManager.open({ ...options, clusterId: 'b' })).rejects.toMatchObject(refused);
  await (await LogManager.open(options)).close();
});

test('a deleted log refuses at once, its folder goes after the delay, and its name is free', async () => {
  await using context = await LogContext.open();
  await context.append(['a']);
  const { log } = context;
  const waiting = log.waitForHighWatermark(1);
  await context.manager.delete('t', 0);
  await waiting;
  expect(await log.append(batch({ values: ['b'] }), { leaderEpoch: 0 })).toMatchObject({
    kind: 'refused',
    reason: 'closed',
  });
  await expect(log.read(0, 100)).rejects.toMatchObject({ code: 'log.closed' });
  const left = (): string[] => context.disk.paths().filter((path) => path.includes('-delete/'));
  expect(left()).not.toEqual([]);
  await context.manager.ensure({ topic: 't', partition: 0, topicId: TOPIC_ID, config });
  expect(await context.append(['c'])).toBe(0);
  context.clock.advance(60_000);
  await context.manager.deleteFilesDue();
  expect(left()).toEqual([]);
});

test('a deletion that a crash interrupted is finished at the next start', async () => {
  await using context = await LogContext.open();
  await context.append(['a']);
  await context.manager.delete('t', 0);
  await context.crash(() => context.disk.crash());
  expect(context.disk.paths().filter((path) => path.includes('-delete'))).toEqual([]);
  expect(context.log.logEndOffset).toBe(0);
});

test('a folder as Kafka leaves it after a kill is opened: indexes grown ahead with zeros, no checkpoints', async () => {
  await using folder = await openTempFolder();
  const options = { folders: [folder.path], nodeId: 1 };
  const manager = await LogManager.open(options);
  const log = await manager.ensure({ topic: 't', partition: 0, topicId: TOPIC_ID, config });
  const values = Array.from({ length: 50 }, (_, index) => `${index} ${'x'.repeat(400)}`);
  for (const value of values) await log.append(batch({ values: [value] }), { leaderEpoch: 0 });
  await manager.close();
  const names = await readdir(folder.path);
  for (const name of names) {
    if (/checkpoint|cleanshutdown/.test(name)) await rm(join(folder.path, name));
  }
  const index = join(folder.path, 't-0', '00000000000000000000.index');
  const before = await readFile(index);
  expect(before.byteLength).toBeGreaterThan(0);
  await truncate(index, 10_485_760);
  await truncate(join(folder.path, 't-0', '00000000000000000000.timeindex'), 10_485_756);
  await rm(join(folder.path, 't-0', 'leader-epoch-checkpoint'));

  const again = await LogManager.open(options);
  expect(again.wasCleanStop).toBe(false);
  expect(await valuesOf(again.find('t', 0))).toEqual(values);
  expect(again.find('t', 0)?.latestEpoch).toBe(0);
  await again.close();
  expect(await readFile(index)).toEqual(before);
});

test('a checkpoint makes the next unclean start trust what is below it', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150 });
  for (const value of ['a', 'b', 'c', 'd', 'e']) await context.append([value]);
  await context.manager.checkpoint();
  const reads: string[] = [];
  await context.crash(() => {
    context.disk.kill();
    context.disk.fault = ({ kind, path }) => {
      if (kind === 'read' && path.endsWith('.log')) reads.push(path);
      return undefined;
    };
  });
  expect(new Set(reads)).toEqual(new Set(['/data/t-0/00000000000000000004.log']));
  expect(await context.values()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a read beside a truncation gives what is there afterwards', async () => {
  for (let turn = 0; turn < 24; turn += 1) {
    await using context = await LogContext.open({ 'segment.bytes': 300 });
    for (const value of ['a', 'b', 'c', 'd', 'e']) await context.append([value]);
    await context.restart(); // nothing in the tail cache
    const pause = async (turns: number): Promise<void> => {
      for (let index = 0; index < turns; index += 1)
        await new Promise((done) => setImmediate(done));
    };
    const isReadFirst = turn % 2 === 0;
    const early = isReadFirst ? context.log.read(2, 1000) : undefined;
    if (isReadFirst) await pause(turn / 2);
    const truncated = context.log.truncateTo(2).then(() => context.append(['new']));
    if (!isReadFirst) await pause(turn);
    const read = await (early ?? context.log.read(2, 1000));
    const seen = typeof read === 'string' ? read : recordsOf(read.bytes).map(({ value }) => value);
    await truncated;
    expect([['c', 'd'], ['new'], []]).toContainEqual(seen);
    expect(await context.values(2)).toEqual(['new']);
  }
});

test('few descriptors are enough for many logs', async () => {
  await using context = await LogContext.open({}, { limits: { openFilesMax: 4 } });
  const logs = await Promise.all(
    Array.from({ length: 40 }, (_, partition) =>
      context.manager.ensure({ topic: 'many', partition, topicId: TOPIC_ID, config }),
    ),
  );
  for (let round = 0; round < 2; round += 1) {
    for (const log of logs) {
      const bytes = batch({ values: ['x'], timestampMs: context.now });
      expect(await log.append(bytes, { leaderEpoch: 0 })).toMatchObject({ baseOffset: round });
    }
  }
});

test('a log made again under the name of a deleted one has nothing of it, also after a crash', async () => {
  await using context = await LogContext.open();
  for (let life = 0; life < 3; life += 1) {
    for (const value of ['a', 'b', 'c']) await context.append([value]);
    await context.manager.deleteRecordsBefore(context.log, 3);
    await context.manager.checkpoint();
    await context.manager.delete('t', 0);
    if (life === 1) await context.crash(() => context.disk.crash());
    await context.manager.ensure({ topic: 't', partition: 0, topicId: TOPIC_ID, config });
    await context.append(['x', 'y']);
    await context.crash(() => context.disk.crash());
    expect(context.log.logStartOffset).toBe(0);
    expect(await context.values()).toEqual(['x', 'y']);
    await context.log.truncateTo(0);
  }
});

test('the flush policy interval makes appends durable by the next round of the background flush', async () => {
  await using context = await LogContext.open();
  const bytes = (): Uint8Array => batch({ values: ['x'], timestampMs: context.now });
  await context.log.append(bytes(), { leaderEpoch: 0, flush: 'none' });
  await context.manager.flushDue();
  expect(context.log.recoveryPoint).toBe(0);
  await context.log.append(bytes(), { leaderEpoch: 0, flush: 'interval' });
  await context.manager.flushDue();
  expect(context.log.recoveryPoint).toBe(2);
  context.configure({ 'flush.messages': 2, 'flush.ms': 5000 });
  await context.log.append(bytes(), { leaderEpoch: 0, flush: 'none' });
  expect(context.log.recoveryPoint).toBe(2);
  await context.log.append(bytes(), { leaderEpoch: 0, flush: 'none' });
  expect(context.log.recoveryPoint).toBe(4);
  await context.log.append(bytes(), { leaderEpoch: 0, flush: 'none' });
  context.clock.advance(5000);
  await context.manager.flushDue();
  expect(context.log.recoveryPoint).toBe(5);
});
