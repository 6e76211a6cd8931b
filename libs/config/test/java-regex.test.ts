import { expect, test } from '@jest/globals';
import { javaRegex, wholeRegex } from '../src/java-regex.ts';
import { validRegex } from '../src/validators.ts';

test.each([
  ['(?i)shop\\..*', 'SHOP.orders', true],
  ['a\\-b', 'a-b', true],
  ['shop|store', 'stores', false],
  ['(?is)a.b', 'A\nB', true],
  ['a{2}', 'aa', true],
])('%s on %j is %s', (pattern, text, matches) => {
  expect(wholeRegex(pattern).test(text)).toBe(matches);
  expect(validRegex(pattern)).toBeUndefined();
});

test('what Java refuses is refused', () => {
  expect(() => javaRegex('(')).toThrow(SyntaxError);
  expect(validRegex('a[')).toContain('Invalid regex');
});
