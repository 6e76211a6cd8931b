import { expect, test } from '@jest/globals';
import { ProgressMeter, type Reading } from '../src/follow/progress.ts';
import type { TablePair } from '../src/schema/schema-plan.ts';

const pair: TablePair = {
  source: {
    schema: 's',
    name: 't',
    columns: [],
    primaryKey: ['id'],
    primaryKeyName: null,
    rowKey: ['id'],
    indexes: [],
    foreignKeys: [],
    checks: [],
    comment: null,
    rowEstimate: 1_000,
    partitioning: null,
    obstacle: null,
    autoIncrement: null,
  },
  target: { schema: 's', name: 't' },
  columns: [],
};

function reading(seconds: number, end: number, committed: number, isRead: boolean): Reading {
  return {
    atMs: seconds * 1_000,
    ends: new Map([['topic', end]]),
    committed: new Map([['topic', committed]]),
    metrics: [],
    offset: isRead ? { lsn: 1 } : { lsn: 1, snapshot: 'INITIAL' },
  };
}

test('a copy has rate and time left; it is over when the target has what the snapshot held', () => {
  const meter = new ProgressMeter([pair], () => 'topic', 'source', false);
  expect(meter.add(reading(0, 0, 0, false)).tables[0]).toMatchObject({ secondsLeft: undefined });
  const half = meter.add(reading(5, 600, 500, false));
  expect(half).toMatchObject({ phase: 'copying', rowsPerSecond: 100, lagRecords: 100 });
  expect(half.tables[0]).toMatchObject({ rowsWritten: 500, secondsLeft: 5, isDone: false });
  expect(meter.add(reading(6, 1_100, 900, true)).phase).toBe('copying');
  // The guess was wrong: now it is known.
  expect(meter.add(reading(7, 1_300, 1_100, true))).toMatchObject({
    phase: 'following',
    lagRecords: 200,
    tables: [{ rowsExpected: 1_100, isDone: true }],
  });
});

test('the lag is as old as the oldest change that the target does not have, however long that takes', () => {
  const meter = new ProgressMeter([pair], () => 'topic', 'source', true);
  expect(meter.add(reading(0, 10, 10, true))).toMatchObject({ lagMs: 0 });
  for (let second = 1; second < 500; second++) meter.add(reading(second, 10 + second, 10, true));
  expect(meter.add(reading(500, 1_000, 10, true)).lagMs).toBe(499_000);
  expect(meter.add(reading(501, 1_000, 1_000, true))).toMatchObject({ lagMs: 0, lagRecords: 0 });
});

test('under steady writes it is in step when what was there a reading ago has arrived', () => {
  const meter = new ProgressMeter([pair], () => 'topic', 'source', true);
  meter.add(reading(0, 10, 5, true));
  expect(meter.add(reading(1, 20, 9, true)).isInStep).toBe(false);
  expect(meter.add(reading(2, 30, 20, true)).isInStep).toBe(true);
});
