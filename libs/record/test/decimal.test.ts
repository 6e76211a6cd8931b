import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '../src/decimal.ts';

test.each([
  ['0', '00'],
  ['2.50', 'fa'.padStart(4, '0')],
  ['-1', 'ff'],
  ['127', '7f'],
  ['128', '0080'],
  ['-128', '80'],
  ['-129', 'ff7f'],
])('%s has the bytes of Java BigInteger', (text, hex) => {
  expect(Decimal.parse(text).toBytes().toString('hex')).toBe(hex);
});

test('keeps the scale as written', () => {
  expect(Decimal.parse('2.50').scale).toBe(2);
  expect(Decimal.parse('2.50').toString()).toBe('2.50');
  expect(Decimal.parse('-0.001').toString()).toBe('-0.001');
  expect(Decimal.parse('1e3').toString()).toBe('1000');
  expect(Decimal.parse('.5').toString()).toBe('0.5');
});

test.each(['', '.', 'abc', '1.2.3', '--1', 'NaN'])('refuses "%s"', (text) => {
  expect(() => Decimal.parse(text)).toThrow('is not a decimal number');
});

test('any number survives its bytes and its text', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
      fc.integer({ min: 0, max: 60 }),
      (unscaled, scale) => {
        const decimal = new Decimal(unscaled, scale);
        expect(Decimal.fromBytes(decimal.toBytes(), scale).unscaled).toBe(unscaled);
        expect(Decimal.parse(decimal.toString())).toEqual(decimal);
      },
    ),
  );
});

test('a scale is changed only when no digit is lost', () => {
  expect(Decimal.parse('2.5').withScale(3)?.toString()).toBe('2.500');
  expect(Decimal.parse('2.500').withScale(1)?.toString()).toBe('2.5');
  expect(Decimal.parse('2.55').withScale(1)).toBeUndefined();
});
