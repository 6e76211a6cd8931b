import { expect, test } from '@jest/globals';
import type { SourceOffset, SourcePartition } from '@millrace/record';
import { checkOffsets } from '../src/offset-check.ts';

const check = (partition: SourcePartition, offset: SourceOffset | null, file = '/in'): void =>
  checkOffsets({ file }, [{ partition, offset }]);

test('offsets that a person sets are a position in a named file, or null', () => {
  const named = { filename: '/in' };
  check(named, { position: 0 });
  check(named, { position: 5n });
  check({ other: 1 }, null);
  expect(() => check({ name: 'x' }, { position: 1 })).toThrow("should contain the key 'filename'");
  expect(() => check(named, { pos: 1 })).toThrow("null or contain the key 'position'");
  expect(() => check(named, { position: '1' })).toThrow('expected to be a Long value');
  expect(() => check(named, { position: 1.5 })).toThrow('expected to be a Long value');
  expect(() => check(named, { position: -1 })).toThrow('should be a non-negative value');
  expect(() => check(named, { position: 1 }, '')).toThrow('stdin is used for input');
});
