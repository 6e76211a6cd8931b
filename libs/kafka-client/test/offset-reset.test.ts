import { expect, test } from '@jest/globals';
import { checkReset, resetTimestamp } from '../src/offset-reset.ts';

const NOW_MS = 10_000_000_000;

test.each([
  ['by_duration:PT1H', 3_600_000],
  ['by_duration:P1DT2M', 86_400_000 + 120_000],
  ['by_duration:PT0.5S', 500],
  ['by_duration:pt10s', 10_000],
] as const)('%s is that long before now', (reset, beforeMs) => {
  expect(resetTimestamp(reset, NOW_MS)).toBe(NOW_MS - beforeMs);
});

test('the names are those of ListOffsets', () => {
  expect(resetTimestamp('latest', NOW_MS)).toBe(-1);
  expect(resetTimestamp('earliest', NOW_MS)).toBe(-2);
});

test.each([
  'by_duration:',
  'by_duration:P',
  'by_duration:PT',
  'by_duration:1h',
  'by_duration:-PT1H',
] as const)('"%s" is refused', (reset) => {
  expect(() => checkReset(reset)).toThrow(
    expect.objectContaining({ code: 'client.invalid_options' }),
  );
});
