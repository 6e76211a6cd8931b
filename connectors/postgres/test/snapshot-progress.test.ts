import { expect, test } from '@jest/globals';
import { rangesLeft } from '../src/snapshot/snapshot-plan.ts';
import { merged, SnapshotProgress } from '../src/snapshot/snapshot-progress.ts';

test('ranges that touch are one, also with one that has no end', () => {
  expect(
    merged([
      [8, 12],
      [0, 4],
      [4, 8],
      [20, null],
      [18, 20],
    ]),
  ).toEqual([
    [0, 12],
    [18, null],
  ]);
});

test('what is left of a file is cut into chunks, and its end is open', () => {
  const source = { blockCount: 20, chunkBlocks: 8 };
  expect([...rangesLeft(source, [])]).toEqual([
    [0, 8],
    [8, 16],
    [16, null],
  ]);
  expect([
    ...rangesLeft(source, [
      [0, 3],
      [10, 12],
    ]),
  ]).toEqual([
    [3, 10],
    [12, null],
  ]);
  expect([...rangesLeft(source, [[0, null]])]).toEqual([]);
  expect([...rangesLeft({ blockCount: 0, chunkBlocks: 8 }, [])]).toEqual([[0, null]]);
});

test('the progress survives its text; blocks of another file do not count', () => {
  const progress = new SnapshotProgress('INITIAL', null);
  progress.tableDone('public.a', ['public.a']);
  progress.blocksDone('public.b', 7, [8, 16]);
  progress.blocksDone('public.b', 7, [0, 8]);
  const again = SnapshotProgress.parse(progress.text);
  expect(again?.isTableDone('public.a')).toBe(true);
  expect(again?.doneBlocks('public.b', 7)).toEqual([[0, 16]]);
  expect(again?.doneBlocks('public.b', 8)).toEqual([]);
  expect(again?.kind).toBe('INITIAL');
});

test.each([
  '',
  '{}',
  '[]',
  '{"v":2,"done":[],"part":{}}',
  '{"v":1,"done":[1],"part":{}}',
  '{"v":1,"done":[],"part":{"a":{"file":1,"blocks":[[1]]}}}',
])('a text that is not ours is as none: %s', (text) => {
  expect(SnapshotProgress.parse(text)).toBeUndefined();
});
