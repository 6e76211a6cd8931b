import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_LOG_CONFIG, LogManager, type LogConfig, type PartitionLog } from '../src/index.ts';
import { batch, ManualClock, openTempFolder, recordsOf } from './support.ts';

const CONFIG: LogConfig = {
  ...DEFAULT_LOG_CONFIG,
  'segment.bytes': 700,
  'index.interval.bytes': 150,
  'retention.ms': 50_000,
  'file.delete.delay.ms': 0,
};

type Step =
  | { readonly kind: 'append'; readonly counts: readonly number[]; readonly isDurable: boolean }
  | { readonly kind: 'read'; readonly at: number; readonly bytesMax: number }
  | { readonly kind: 'restart' | 'retention' }
  | { readonly kind: 'truncate' | 'delete-before'; readonly at: number }
  | { readonly kind: 'wait'; readonly durationMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
      isDurable: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      at: fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      bytesMax: fc.integer({ min: 0, max: 1500 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'retention' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('truncate' as const, 'delete-before' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      durationMs: fc.integer({ min: 0, max: 30_000 }),
    }),
  },
);

interface Stored {
  readonly offset: number;
  readonly value: string;
  readonly batchBase: number;
  readonly timestampMs: number;
}

/** What the log must look like: a plain array. */
class Oracle {
  records: Stored[] = [];
  start = 0;
  end = 0;

  /** The record values that a read may begin with: those of the batch that holds `offset`, from its first on. */
  from(offset: number): Stored[] {
    const base = this.records.find((record) => record.offset >= offset)?.batchBase ?? Infinity;
    return this.records.filter((record) => record.batchBase >= base);
  }
}

async function checkRead(
  log: PartitionLog,
  oracle: Oracle,
  offset: number,
  bytesMax: number,
): Promise<void> {
  const read = await log.read(offset, bytesMax, { minOneMessage: true });
  if (offset < oracle.start || offset > oracle.end) {
    expect(read).toBe('offset-out-of-range');
    return;
  }
  if (read === 'offset-out-of-range')
    throw new Error(`${offset} of ${oracle.start}-${oracle.end}: ${read}`);
  // Batches are whole: the first may begin below a log start that fell inside it.
  const found = recordsOf(read.bytes)
    .filter(({ offset: at }) => at >= oracle.start)
    .map(({ offset: at, value }) => [at, value]);
  const expected = oracle
    .from(offset)
    .filter((record) => record.offset >= oracle.start)
    .map((record) => [record.offset, record.value]);
  expect(found).toEqual(expected.slice(0, found.length));
  if (offset < oracle.end) expect(found.length).toBeGreaterThan(0);
  expect(read.nextOffset).toBe(found.length === 0 ? offset : Number(found.at(-1)?.[0]) + 1);
  expect(read).toMatchObject({ logStartOffset: oracle.start, logEndOffset: oracle.end });
}

test('the log is a plain array under random appends, reads, restarts, truncation and retention', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      await using folder = await openTempFolder();
      const clock = new ManualClock();
      const options = {
        folders: [folder.path],
        nodeId: 1,
        clock,
        configFor: () => CONFIG,
        limits: { openFilesMax: 2 },
      };
      let manager = await LogManager.open(options);
      let log = await manager.ensure({
        topic: 't',
        partition: 0,
        topicId: 'A'.repeat(22),
        config: CONFIG,
      });
      const oracle = new Oracle();
      let made = 0;
      const offsetAt = (at: number): number =>
        Math.round(oracle.start + at * (oracle.end - oracle.start));
      try {
        for (const todo of steps) {
          switch (todo.kind) {
            case 'append': {
              const appends = todo.counts.map((count) => {
                const values = Array.from({ length: count }, () => `v${(made += 1)}`);
                const batchBase = oracle.end;
                for (const value of values) {
                  const timestampMs = clock.nowMs();
                  oracle.records.push({ offset: oracle.end, value, batchBase, timestampMs });
                  oracle.end += 1;
                }
                const flush = todo.isDurable ? ('every-append' as const) : ('none' as const);
                return log.append(batch({ values, timestampMs: clock.nowMs() }), {
                  leaderEpoch: 0,
                  flush,
                });
              });
              for (const result of await Promise.all(appends)) expect(result.kind).toBe('appended');
              break;
            }
            case 'read':
              await checkRead(log, oracle, offsetAt(todo.at), todo.bytesMax);
              break;
            case 'restart': {
              await manager.close();
              manager = await LogManager.open(options);
              const reopened = manager.find('t', 0);
              if (reopened === undefined) throw new Error('the log is gone');
              log = reopened;
              break;
            }
            case 'retention': {
              await manager.enforceRetention();
              // Segments go as a whole: what went is a prefix, all of it expired.
              const gone = oracle.records.filter((record) => record.offset < log.logStartOffset);
              const start = oracle.start;
              for (const record of gone) {
                const isExpired = clock.nowMs() - record.timestampMs > CONFIG['retention.ms'];
                expect(isExpired || record.offset < start).toBe(true);
              }
              oracle.start = Math.max(oracle.start, log.logStartOffset);
              oracle.records = oracle.records.filter(
                (record) => record.offset >= oracle.start || record.batchBase >= oracle.start,
              );
              break;
            }
            case 'delete-before':
              oracle.start = offsetAt(todo.at);
              expect(await manager.deleteRecordsBefore(log, oracle.start)).toBe(oracle.start);
              break;
            case 'truncate': {
              const offset = offsetAt(todo.at);
              await log.truncateTo(offset);
              const cut = oracle.records.find((record) => record.offset >= offset);
              const base =
                offset >= oracle.end ? oracle.end : Math.min(offset, cut?.batchBase ?? offset);
              oracle.end = Math.max(base, 0);
              oracle.records = oracle.records.filter((record) => record.offset < base);
              oracle.start = Math.min(oracle.start, log.logStartOffset);
              break;
            }
            case 'wait':
              clock.advance(todo.durationMs);
              break;
          }
          expect(log).toMatchObject({
            logEndOffset: oracle.end,
            highWatermark: oracle.end,
            logStartOffset: oracle.start,
          });
        }
        for (const at of [0, 0.3, 0.7, 1]) await checkRead(log, oracle, offsetAt(at), 400);
      } finally {
        await manager.close();
      }
    }),
    {
      numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 60),
      ...(process.env['FAST_CHECK_SEED'] === undefined
        ? {}
        : { seed: Number(process.env['FAST_CHECK_SEED']) }),
    },
  );
});
