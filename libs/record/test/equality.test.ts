import { expect, test } from '@jest/globals';
import { Decimal } from '../src/decimal.ts';
import { schemasEqual, valuesEqual } from '../src/equality.ts';
import { schemas } from '../src/schema.ts';

test.each<[unknown, unknown]>([
  [5, 5n],
  [NaN, NaN],
  [Buffer.from('a'), new Uint8Array([97])],
  [new Map([['a', [1, { b: null }]]]), new Map([['a', [1n, { b: null }]]])],
  [Decimal.parse('1.50'), new Decimal(150n, 2)],
  [new Date(5), new Date(5)],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
])('%p equals %p', (left, right) => expect(valuesEqual(left, right)).toBe(true));

test.each<[unknown, unknown]>([
  [5, 5.5],
  [5n, '5'],
  [0, -0],
  [null, undefined],
  [{ a: 1 }, { a: 1, b: undefined }],
  [
    [1, 2],
    [2, 1],
  ],
  [Decimal.parse('1.5'), Decimal.parse('1.50')],
  [new Map([['a', 1]]), new Map([['b', 1]])],
  [Buffer.from('a'), 'a'],
])('%p differs from %p', (left, right) => expect(valuesEqual(left, right)).toBe(false));

test('schemas compare by all their attributes', () => {
  const schema = schemas.struct({ id: schemas.int32() }, { name: 'row' });
  expect(schemasEqual(schema, schemas.struct({ id: schemas.int32() }, { name: 'row' }))).toBe(true);
  expect(
    schemasEqual(
      schema,
      schemas.struct({ id: schemas.int32({ optional: true }) }, { name: 'row' }),
    ),
  ).toBe(false);
  expect(schemasEqual(schema, null)).toBe(false);
});
