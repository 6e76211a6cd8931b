import { expect, test } from '@jest/globals';
import { canonicalJson, canonicalNumber } from '../src/verify/finish.ts';

test.each([
  ['{"b":1,"a":[1,2]}', '{ "a": [1, 2], "b": 1 }'],
  ['{"n":2.50}', '{"n":25e-1}'],
  ['[1e2]', '[100.0]'],
  ['"\\u00fc"', '"ü"'],
  ['{"a":{"y":null,"x":true}}', '{"a":{"x":true,"y":null}}'],
  ['[0.0]', '[-0]'],
])('%s and %s are the same JSON', (one, other) => {
  expect(canonicalJson(one)).toBe(canonicalJson(other));
});

test.each([
  ['{"a":1}', '{"a":"1"}'],
  ['[12345678901234567890]', '[12345678901234567891]'],
  ['[1,2]', '[2,1]'],
  ['{"a":null}', '{}'],
  ['"a b"', '"ab"'],
])('%s and %s are not', (one, other) => {
  expect(canonicalJson(one)).not.toBe(canonicalJson(other));
});

test('what is no JSON ends all the same', () => {
  for (const broken of ['', '{', '[1', '{"a"', ']', '"', 'a,b', '{,}', '[}', '\\'])
    expect(typeof canonicalJson(broken)).toBe('string');
});

test('floating point numbers have one text', () => {
  expect(canonicalNumber('1e20')).toBe(canonicalNumber('100000000000000000000'));
  expect(canonicalNumber('-0')).toBe('0');
  expect(canonicalNumber('NaN')).toBe('NaN');
});
