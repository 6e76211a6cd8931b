import { expect, test } from '@jest/globals';
import { javaRegex, wholeRegex } from '../src/java-regex/java-regex.ts';
import { validRegex } from '../src/validators.ts';

test.each([
  ['(?i)shop\\..*', 'SHOP.orders', true],
  ['a\\-b', 'a-b', true],
  ['shop|store', 'stores', false],
  ['(?is)a.b', 'A\nB', true],
  ['a{2}', 'aa', true],
  ['[a-z&&[^b]]+', 'abc', false],
  ['[a-z&&[^b]]+', 'acd', true],
  ['\\Qa.b\\E+', 'a.bb', true],
  ['\\Qa.b\\E', 'axb', false],
  ['\\p{Alpha}+\\p{Digit}', 'ab1', true],
  ['\\p{Lower}', 'p', true],
  ['\\p{IsLatin}\\pL', 'äö', true],
  ['\\Aorders\\z', 'orders', true],
  ['(?x) or # who\nders', 'orders', true],
  ['or(?i)DERS', 'orders', true],
  ['(?i:or)DERS', 'ORders', false],
  ['(?i)ä', 'Ä', false],
  ['(?iu)ä', 'Ä', true],
  ['(?i)[a-f]_\\w', 'B_x', true],
  ['a\\h\\x{1F600}', 'a\u00a0😀', true],
  ['\\s', '\u00a0', false],
  ['.', '\u0085', false],
  ['[]a]+', ']a', true],
  ['(a)\\11', 'aa1', true],
  ['(?=a)*b', 'b', true],
])('%s on %j is %s', (pattern, text, matches) => {
  expect(wholeRegex(pattern).test(text)).toBe(matches);
  expect(validRegex(pattern)).toBeUndefined();
});

test('what Java refuses is refused', () => {
  expect(() => javaRegex('(')).toThrow(SyntaxError);
  expect(validRegex('a[')).toContain('Invalid regex');
  expect(validRegex('t.*(')).toBe('Invalid regex: Unclosed group near index 4');
  for (const pattern of ['*a', 'a{', ')', '[b-a]', '[a-\\d]', '\\j', '(?y)a', '\\p{Nothing}'])
    expect(validRegex(pattern)).toContain('Invalid regex');
});

test('what JavaScript has not is refused and not taken for something else', () => {
  for (const pattern of ['a*+', '(?>a)', '\\Ga', '\\X', '\\p{InGreek}'])
    expect(validRegex(pattern)).toContain('upported');
});
