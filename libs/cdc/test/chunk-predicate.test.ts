import { expect, test } from '@jest/globals';
import { chunkOrder, chunkPredicate, type ChunkColumn, type KeyValues } from '../src/index.ts';

const column = (sql: string, isNullable = false): ChunkColumn => ({
  sql,
  isNullable,
  literal: (value) => value.text,
});
const key = (...values: (number | null)[]): KeyValues =>
  values.map((value) => (value === null ? null : { type: 'int', text: String(value) }));

test('a key without NULLs is compared as a row where an index serves that, else by ORs within a range', () => {
  const columns = [column('a'), column('b')];
  const bounds = { after: key(1, 2), upTo: key(5, 6) };
  expect(chunkPredicate(columns, bounds, { nulls: 'last', comparesRows: true })).toBe(
    '((a, b) > (1, 2)) AND ((a, b) <= (5, 6))',
  );
  expect(chunkPredicate(columns, bounds, { nulls: 'first', comparesRows: false })).toBe(
    '(a >= 1 AND ((a > 1) OR (a = 1 AND b > 2))) AND (a <= 5 AND ((a < 5) OR (a = 5 AND b < 6) OR (a = 5 AND b = 6)))',
  );
  expect(chunkOrder(columns, 'descending')).toBe('a DESC, b DESC');
  expect(
    chunkPredicate(columns, { after: null, upTo: null }, { nulls: 'last', comparesRows: true }),
  ).toBeNull();
});

/** SQL of the predicates, evaluated with SQL's third truth value. */
function holds(predicate: string, row: readonly (number | null)[]): boolean {
  const script = predicate
    .replaceAll(' IS NOT NULL', ' !== null')
    .replaceAll(' IS NULL', ' === null')
    .replace(/([ab]) (>|<|>=|<=|=) (\d+)/g, 'cmp($1, "$2", $3)')
    .replaceAll(' AND ', ' && ')
    .replaceAll(' OR ', ' || ')
    .replaceAll('1 = 0', 'false');
  const compare = (left: number | null, operator: string, right: number): boolean =>
    left !== null &&
    (operator === '>'
      ? left > right
      : operator === '<'
        ? left < right
        : operator === '>='
          ? left >= right
          : operator === '<='
            ? left <= right
            : left === right);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a text that this test made
  const evaluate = new Function('a', 'b', 'cmp', `return ${script}`) as (
    ...values: unknown[]
  ) => boolean;
  return evaluate(row[0], row[1], compare);
}

test.each(['first', 'last'] as const)(
  'chunks of keys with NULLs, which stand %s, hold each row once and in order',
  (nulls) => {
    const values = nulls === 'first' ? [null, 1, 2, 3] : [1, 2, 3, null];
    const rows = values.flatMap((a) => values.map((b) => [a, b]));
    const columns = [column('a', true), column('b', true)];
    const style = { nulls, comparesRows: true };
    rows.forEach((after, from) => {
      rows.forEach((upTo, to) => {
        const predicate = chunkPredicate(
          columns,
          { after: key(...after), upTo: key(...upTo) },
          style,
        );
        const found = rows.filter((row) => holds(predicate ?? 'true', row));
        expect(found).toEqual(rows.slice(from + 1, to + 1));
      });
    });
  },
);
