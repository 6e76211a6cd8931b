import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_LOG_CONFIG, LogManager, type PartitionLog } from '../src/index.ts';
import { TOPIC_ID } from './log-context.ts';
import { batch, openTempFolder, recordsOf, seededRandom } from './support.ts';

const CONFIG = {
  ...DEFAULT_LOG_CONFIG,
  'cleanup.policy': 'compact' as const,
  'segment.bytes': 4000,
  'min.cleanable.dirty.ratio': 0.01,
};

async function lastValues(log: PartitionLog): Promise<Map<string | null, string | null>> {
  const last = new Map<string | null, string | null>();
  for (let offset = log.logStartOffset; ;) {
    const read = await log.read(offset, 1_000_000, { minOneMessage: true });
    if (typeof read === 'string') throw new Error(read);
    if (read.bytes.byteLength === 0) return last;
    for (const { key, value } of recordsOf(read.bytes)) last.set(key, value);
    offset = read.nextOffset;
  }
}

test('a thread compacts real files beside appends and reads, and leaves the same as this thread would', async () => {
  for (const threads of [2, 0]) {
    await using folder = await openTempFolder();
    await using manager = await LogManager.open({
      folders: [folder.path],
      nodeId: 1,
      configFor: () => CONFIG,
      // Compacted when the test says so, not in between.
      cleaner: { threads, backoffMs: 3_600_000 },
    });
    const random = seededRandom(7);
    const expected = new Map<string, Map<string, string>>();
    const logs: PartitionLog[] = [];
    for (let partition = 0; partition < 3; partition += 1) {
      logs.push(await manager.ensure({ topic: 't', partition, topicId: TOPIC_ID, config: CONFIG }));
      expected.set(`t-${partition}`, new Map());
    }
    let made = 0;
    const write = async (log: PartitionLog): Promise<void> => {
      const keys = Array.from({ length: 5 }, () => `k${random.nextInt(20)}`);
      const values = keys.map(() => `value ${(made += 1)}`);
      keys.forEach((key, index) => expected.get(log.name)?.set(key, values[index] ?? ''));
      const codec = made % 3 === 0 ? ('gzip' as const) : ('none' as const);
      const bytes = batch({ keys, values, codec });
      const result = await log.append(bytes, { leaderEpoch: 0, flush: 'none' });
      if (result.kind === 'refused') throw result.error;
    };
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 120; index += 1) for (const log of logs) await write(log);
      const before = logs.map((log) => log.bytes);
      const compacting = manager.compact();
      for (let index = 0; index < 20; index += 1) for (const log of logs) await write(log);
      await compacting;
      for (const [index, log] of logs.entries()) {
        expect(log.bytes).toBeLessThan(before[index] ?? 0);
        expect(await lastValues(log)).toEqual(expected.get(log.name));
      }
    }
    const { cleaner } = manager.figures;
    expect(cleaner).toMatchObject({ uncleanableCount: 0, deadThreadCount: 0 });
    expect(cleaner.runCount).toBeGreaterThanOrEqual(9);
    expect(cleaner.bytesWritten).toBeLessThan(cleaner.bytesRead);
    const files = await readdir(join(folder.path, 't-0'));
    expect(files.filter((file) => /\.(cleaned|swap)$/.test(file))).toEqual([]);
  }
});

test('a compaction is throttled to its bytes per second', async () => {
  await using folder = await openTempFolder();
  await using manager = await LogManager.open({
    folders: [folder.path],
    nodeId: 1,
    configFor: () => CONFIG,
    cleaner: { threads: 1, bytesPerSecondMax: 200_000 },
  });
  const log = await manager.ensure({ topic: 't', partition: 0, topicId: TOPIC_ID, config: CONFIG });
  const value = 'x'.repeat(3000);
  for (let index = 0; index < 20; index += 1) {
    await log.append(batch({ keys: ['k'], values: [value] }), { leaderEpoch: 0, flush: 'none' });
  }
  const startMs = performance.now();
  await manager.compact();
  // 57 KB of closed segments are read twice.
  expect(performance.now() - startMs).toBeGreaterThan(450);
  expect(manager.figures.cleaner.bytesRead).toBeGreaterThan(110_000);
});
