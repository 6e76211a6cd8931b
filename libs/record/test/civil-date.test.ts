import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dateOf, daysOf } from '../src/civil-date.ts';

test.each([
  [1970, 1, 1, 0],
  [1969, 12, 31, -1],
  [2000, 2, 29, 11_016],
  [1, 1, 1, -719_162],
  [0, 12, 31, -719_163],
  [-4712, 1, 1, -2_440_550],
  [294_276, 12, 31, 106_762_939],
])('%i-%i-%i is day %i', (year, month, day, days) => {
  expect(daysOf(year, month, day)).toBe(days);
  expect(dateOf(days)).toEqual({ year, month, day });
});

test('any day that a Date can hold is the day that the Date says', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const expected = {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      };
      expect(dateOf(days)).toEqual(expected);
      expect(daysOf(expected.year, expected.month, expected.day)).toBe(days);
    }),
  );
});
