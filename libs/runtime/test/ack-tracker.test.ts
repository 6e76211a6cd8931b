import { expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import fc from 'fast-check';
import { AckTracker, type TrackedBatch } from '../src/tasks/ack-tracker.ts';

function record(partition: string, n: number): SourceRecord {
  return {
    topic: 't',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: n,
    timestampMs: null,
    headers: [],
    sourcePartition: { p: partition },
    sourceOffset: { n },
  };
}

test('a position counts only when everything before it in its partition is settled', () => {
  const tracker = new AckTracker();
  const first = tracker.track([record('a', 1), record('b', 1)]);
  const second = tracker.track([record('a', 2)]);
  const third = tracker.track([record('c', 1)]);
  tracker.settle(second);
  tracker.settle(third);
  expect(tracker.takeSettled()).toEqual([{ partition: { p: 'c' }, offset: { n: 1 } }]);
  tracker.settle(first);
  expect(tracker.takeSettled()).toEqual([
    { partition: { p: 'b' }, offset: { n: 1 } },
    { partition: { p: 'a' }, offset: { n: 2 } },
  ]);
  expect(tracker.takeSettled()).toEqual([]);
  expect(tracker.hasOutstanding).toBe(false);
});

test('positions that could not be stored come again, unless newer ones did', () => {
  const tracker = new AckTracker();
  tracker.settle(tracker.track([record('a', 1)]));
  const taken = tracker.takeSettled();
  tracker.giveBack(taken);
  expect(tracker.takeSettled()).toEqual(taken);
  tracker.settle(tracker.track([record('a', 2)]));
  tracker.giveBack(taken);
  expect(tracker.takeSettled()).toEqual([{ partition: { p: 'a' }, offset: { n: 2 } }]);
});

test('in any order of settling, what is taken is the longest settled prefix of each partition', () => {
  const batches = fc.array(
    fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(batches, fc.infiniteStream(fc.nat()), fc.boolean(), (plan, chances, givesBack) => {
      const tracker = new AckTracker();
      let n = 0;
      const tracked: { readonly batch: TrackedBatch; readonly records: readonly SourceRecord[] }[] =
        plan.map((partitions) => {
          const records = partitions.map((partition) => record(partition, n++));
          return { batch: tracker.track(records), records };
        });
      const reached = new Map<string, unknown>();
      const open = [...tracked];
      while (open.length > 0) {
        const chance = Number(chances.next().value);
        const [chosen] = open.splice(chance % open.length, 1);
        if (chosen !== undefined) tracker.settle(chosen.batch);
        const moved = tracker.takeSettled();
        if (givesBack && chance % 3 === 0) tracker.giveBack(moved);
        else
          for (const { partition, offset } of moved)
            reached.set(String(partition['p']), offset['n']);
        for (const name of ['a', 'b', 'c']) {
          const firstOpen = tracked.findIndex(
            ({ batch, records }) =>
              !batch.isSettled &&
              records.some(({ sourcePartition }) => sourcePartition['p'] === name),
          );
          const before = firstOpen < 0 ? tracked : tracked.slice(0, firstOpen);
          const expected = before
            .flatMap(({ records }) => records)
            .filter(({ sourcePartition }) => sourcePartition['p'] === name)
            .at(-1)?.sourceOffset['n'];
          if (!givesBack) expect(reached.get(name)).toBe(expected);
          else expect(Number(reached.get(name) ?? -1)).toBeLessThanOrEqual(Number(expected ?? -1));
        }
      }
    }),
  );
});
