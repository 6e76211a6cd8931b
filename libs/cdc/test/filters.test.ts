import { expect, test } from '@jest/globals';
import { columnMaskRules } from '../src/column-mask.ts';
import { includeExclude, matchesAny, parseKeyColumns } from '../src/name-filter.ts';
import { snapshotMarker } from '../src/snapshot-marker.ts';

test('an expression matches the whole name, whatever its case', () => {
  const filter = matchesAny(['public\\.a|public\\.b', ' other\\..* ']);
  expect(['PUBLIC.A', 'public.b', 'other.x', 'public.ab', 'my.public.a'].map(filter)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('an include list alone decides; without one all but the excluded pass', () => {
  expect(includeExclude(['a'], null)('b')).toBe(false);
  expect(includeExclude(null, ['a'])('b')).toBe(true);
  expect(includeExclude([], ['a'])('a')).toBe(false);
  expect(includeExclude(null, null)('a')).toBe(true);
});

test('key columns are read by table, and what can not be read is refused', () => {
  const rules = parseKeyColumns('public\\.a:x,y; .*\\.b:z');
  expect(rules?.map((rule) => rule.columns)).toEqual([['x', 'y'], ['z']]);
  expect(rules?.[1]?.matchesTable('any.b')).toBe(true);
  for (const bad of ['a', 'a:', ':x', '(:x']) expect(parseKeyColumns(bad)).toBeUndefined();
});

test('columns are hidden, cut or hashed by rules, and rules that are not known are named', () => {
  const { rules, problems } = columnMaskRules({
    'column.mask.with.3.chars': 's.t.a',
    'column.truncate.to.2.chars': 's.t.b',
    'column.mask.hash.v2.SHA-256.with.salt.pepper': 's.t.c',
    'column.mask.hash.SHA-256.with.salt.abc': 's.t.d',
    'column.mask.hash.v2.NONE.with.salt.x': 's.t.d',
    'column.mask.with.many.chars': 's.t.e',
  });
  expect(rules.map((rule) => rule.mask('secret').slice(0, 8))).toEqual([
    '***',
    'se',
    '744a9101',
    expect.any(String),
  ]);
  expect(rules.map((rule) => rule.maskOfNull)).toEqual(['***', null, null, null]);
  // The first version hashes the text as Java serialises it: this is what Debezium made of it.
  expect(rules[3]?.mask('a')).toBe(
    '6a93eb078ad14ab8b393b4c9d62d2953af5febf175f1f9edc3d33ba5b8c95af2',
  );
  expect(problems.map((problem) => problem.key)).toEqual([
    'column.mask.hash.v2.NONE.with.salt.x',
    'column.mask.with.many.chars',
  ]);
});

test('a row that is several things at once has the marker of the highest rank', () => {
  const place = { isFirst: true, isFirstInTable: true, isLastInTable: true, isLast: true };
  expect(snapshotMarker(place)).toBe('last');
  expect(snapshotMarker({ ...place, isLast: false })).toBe('first');
  expect(snapshotMarker({ ...place, isLast: false, isFirst: false })).toBe(
    'last_in_data_collection',
  );
});
