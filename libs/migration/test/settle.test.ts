import { expect, test } from '@jest/globals';
import { settle } from '../src/verify/settle.ts';
import type { TableReader } from '../src/verify/table-reader.ts';

/** A table whose rows change as the test says. */
function table(rows: () => Readonly<Record<string, string>>): TableReader {
  const reader: Pick<TableReader, 'byKeys'> = {
    byKeys: (keys) =>
      Promise.resolve(
        new Map(keys.flatMap((key) => (key in rows() ? [[key, rows()[key] ?? ''] as const] : []))),
      ),
  };
  return reader as TableReader; // only byKeys is used
}

const { signal } = new AbortController();

test('what is in flight settles when it has arrived', async () => {
  const source = { a: 'new', b: 'x' };
  let target: Record<string, string> = { a: 'old' };
  const outcome = await settle(['a', 'b'], {
    source: table(() => source),
    target: table(() => target),
    passWatermark: () => {
      target = { ...source };
      return Promise.resolve();
    },
    signal,
  });
  expect(outcome).toEqual({ differences: [], unsettled: [] });
});

test('what does not arrive is named, with its kind', async () => {
  const outcome = await settle(['a', 'b', 'c', 'd'], {
    source: table(() => ({ a: '1', b: '1', d: '1' })),
    target: table(() => ({ a: '2', c: '1', d: '1' })),
    passWatermark: () => Promise.resolve(),
    signal,
  });
  expect(outcome.differences).toEqual([
    { key: 'a', kind: 'different' },
    { key: 'b', kind: 'missing in the target' },
    { key: 'c', kind: 'only in the target' },
  ]);
});

test('a row that never rests is neither equal nor different', async () => {
  let value = 0;
  const outcome = await settle(['hot'], {
    source: table(() => ({ hot: String(value++) })),
    target: table(() => ({ hot: 'late' })),
    passWatermark: () => Promise.resolve(),
    signal,
  });
  expect(outcome).toEqual({ differences: [], unsettled: ['hot'] });
});
