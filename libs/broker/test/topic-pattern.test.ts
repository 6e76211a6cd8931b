import { expect, test } from '@jest/globals';
import {
  compilePattern,
  findPatternProblem,
} from '../src/groups/consumer/regex/compile-pattern.ts';

const matches = (regex: string, name: string): boolean => compilePattern(regex).matches(name);

test('a pattern means the whole name', () => {
  expect(matches('orders', 'orders')).toBe(true);
  expect(matches('orders', 'orders-2')).toBe(false);
  expect(matches('orders.*', 'orders-2')).toBe(true);
  expect(matches('', '')).toBe(true);
  expect(matches('', 'a')).toBe(false);
  expect(matches('^a$|^b$', 'b')).toBe(true);
  expect(matches('a^b', 'ab')).toBe(false);
  expect(matches('(a|ab)(c|bcd)', 'abcd')).toBe(true);
});

test.each([
  ['[a-c]x[^0-9]', 'bx-', 'bx1'],
  ['\\d{2,3}-\\w+', '123-a_1', '1-a'],
  ['a{2}', 'aa', 'aaa'],
  ['a{2,}', 'aaaa', 'a'],
  ['(?i)ORDERS\\.eu', 'orders.EU', 'orders-EU'],
  ['(?i:A)b', 'ab', 'aB'],
  ['a(?i)b|c', 'aB', 'AB'],
  ['(?P<name>x)+?y', 'xxy', 'y'],
  ['(?<name>x)', 'x', 'xx'],
  ['[[:alpha:]_]+', 'a_b', 'a1'],
  ['[[:^digit:]]', 'x', '5'],
  ['[\\d.-]+', '1.2-3', 'a'],
  ['[]a]+', ']a', 'b'],
  ['[a-]+', 'a-', 'b'],
  ['\\Qa.b\\E+', 'a.bb', 'axb'],
  ['\\p{Greek}\\pL', 'λx', 'xλ'],
  ['\\PN+', 'abc', 'a1'],
  ['\\x41\\x{42}\\103', 'ABC', 'abc'],
  ['\\bfoo\\b.*', 'foo-bar', 'foobar'],
  ['\\Aa\\z', 'a', 'ab'],
  ['x{,2}', 'x{,2}', 'xx'],
  ['a.c', 'a😀c', 'ac'],
])('%s takes %s and not %s', (regex, right, wrong) => {
  expect(matches(regex, right)).toBe(true);
  expect(matches(regex, wrong)).toBe(false);
});

test.each([
  ['a(b', 'missing closing )'],
  ['a)', 'unexpected )'],
  ['[a', 'missing closing ]'],
  ['[z-a]', 'invalid character class range'],
  ['\\p{Nope}', 'invalid character class range'],
  ['a**', 'invalid nested repetition operator'],
  ['*a', 'missing argument to repetition operator'],
  ['a{1001}', 'invalid repeat count'],
  ['a{3,2}', 'invalid repeat count'],
  ['(?=a)', 'invalid or unsupported Perl syntax'],
  ['(?!a)', 'invalid or unsupported Perl syntax'],
  ['(?<=a)', 'invalid or unsupported Perl syntax'],
  ['(a)\\1', 'invalid escape sequence'],
  ['\\y', 'invalid escape sequence'],
  ['a\\', 'trailing backslash at end of expression'],
  ['((a{1000}){1000}){1000}', 'expression too large'],
  ['((){1000}){1000}', 'expression too large'],
])('%s is refused: %s', (regex, problem) => {
  expect(findPatternProblem(regex)).toBe(problem);
});

test('groups nest no deeper than the stack allows', () => {
  expect(findPatternProblem('('.repeat(100_000))).toBe('expression nests too deeply');
});

test('patterns that make backtracking matchers explode take no time', () => {
  const name = 'a'.repeat(249);
  const names = Array.from({ length: 2000 }, (_, index) => `${name.slice(5)}${index}`);
  for (const regex of ['(a*)*b', '(a|aa)+b', '(a?){300}a{200}', '(.*)(.*)(.*)(.*)(.*)x']) {
    const pattern = compilePattern(regex);
    expect(names.filter((each) => pattern.matches(each))).toEqual([]);
  }
});

/** Where both can, they must agree: the language's own engine, anchored. */
test('random patterns match what the engine of the language matches', () => {
  let state = 7;
  const random = (max: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % max;
  };
  const atoms = ['a', 'b', '.', '[ab]', '[^a]', '\\d', '1', '-'];
  const node = (depth: number): string => {
    switch (depth === 0 ? 0 : random(5)) {
      case 0:
        return atoms[random(atoms.length)] ?? 'a';
      case 1:
        return `(${node(depth - 1)}|${node(depth - 1)})`;
      case 2:
        return `(?:${node(depth - 1)})${['*', '+', '?', '{2}', '{1,2}', '*?'][random(6)] ?? ''}`;
      default:
        return node(depth - 1) + node(depth - 1);
    }
  };
  for (let count = 0; count < 500; count += 1) {
    const regex = node(3);
    const ours = compilePattern(regex);
    const theirs = new RegExp(`^(?:${regex})$`);
    for (let tries = 0; tries < 20; tries += 1) {
      const name = Array.from({ length: random(6) }, () => 'ab1-'[random(4)] ?? '').join('');
      if (ours.matches(name) !== theirs.test(name))
        throw new Error(`${regex} and "${name}": the engine says ${String(theirs.test(name))}`);
    }
  }
});
