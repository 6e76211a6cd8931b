import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonText } from '../src/json/json-text.ts';
import { NumberText } from '../src/json/exact-number.ts';
import { parseJson } from '../src/json/parse-json.ts';

const refusal = expect.objectContaining({ code: 'record.not_json' });

test('integers beyond 2^53 are exact wherever they stand, and those in strings are text', () => {
  const text = '{"a":[9007199254740993,-9007199254740993],"b":"9007199254740993","c":0}';
  expect(parseJson(text, false)).toEqual({
    a: [9007199254740993n, -9007199254740993n],
    b: '9007199254740993',
    c: 0,
  });
  expect(parseJson('9007199254740991', false)).toBe(9007199254740991);
});

test('fractions are doubles, unless they are asked for exactly', () => {
  const text = '{"long":0.12345678901234567890,"short":0.5,"whole":1234567890123456}';
  expect(parseJson(text, false)).toEqual({
    long: 0.12345678901234568,
    short: 0.5,
    whole: 1234567890123456,
  });
  expect(parseJson(text, true)).toEqual({
    long: new NumberText('0.12345678901234567890'),
    short: new NumberText('0.5'),
    whole: 1234567890123456,
  });
});

test('a number that overflows a double is refused instead of becoming infinite', () => {
  for (const text of ['1e400', '-1.5E+999', `${'9'.repeat(400)}.5`, '[1e0400]'])
    expect(() => parseJson(text, false)).toThrow(refusal);
  expect(parseJson('1e400', true)).toEqual(new NumberText('1e400'));
});

test('leading zeros are accepted, as Connect does', () => {
  expect(parseJson('{"a":007}', false)).toEqual({ a: 7 });
});

test('what is nested too deeply is refused before it hurts', () => {
  const text = `${'['.repeat(1001)}9007199254740993${']'.repeat(1001)}`;
  expect(() => parseJson(text, false)).toThrow('nested deeper than 1000 levels');
});

test('truncated JSON is refused at every length, with the place', () => {
  const full = '{"a":[1,-2.5e3,"x\\u0041",true,null,12345678901234567890],"b":{}}';
  for (let length = 0; length < full.length; length++)
    for (const exactDecimals of [true, false])
      expect(() => parseJson(full.slice(0, length), exactDecimals)).toThrow(refusal);
  expect(() => parseJson('[1,}', false)).toThrow('unexpected "}" at character 3 of the JSON text');
});

test('a member named __proto__ is a member', () => {
  const value = parseJson('{"__proto__":12345678901234567890}', false);
  expect(Object.entries(value as object)).toEqual([['__proto__', 12345678901234567890n]]);
});

test('reads what was written, and what the built-in parser reads', () => {
  const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const canonical = (value: bigint): unknown =>
    Number.isSafeInteger(Number(value)) ? Number(value) : value;
  fc.assert(
    fc.property(fc.dictionary(fc.string(), integer), (value) => {
      const expected = Object.entries(value).map(([key, item]) => [key, canonical(item)]);
      expect(Object.entries(parseJson(jsonText(null, value), false) as object)).toEqual(expected);
    }),
  );
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (text) => {
      fc.pre(!/[eE]|-0|\d{16}/.test(text));
      expect(parseJson(text, false)).toEqual(JSON.parse(text));
    }),
  );
});
