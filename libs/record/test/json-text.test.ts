import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '../src/decimal.ts';
import { jsonText } from '../src/json/json-text.ts';
import { doubleText, floatText } from '../src/json/number-text.ts';
import { logical } from '../src/logical.ts';
import { schemas } from '../src/schema.ts';

test('floats look as Java prints them, so that a reader without schema can tell 1.0 from 1', () => {
  expect(jsonText(schemas.float64(), 1)).toBe('1.0');
  expect(jsonText(schemas.float64(), 1e21)).toBe('1e+21');
  expect(jsonText(schemas.float32(), Math.fround(0.1))).toBe('0.1');
  expect(jsonText(schemas.float32(), Math.fround(16777216))).toBe('16777216.0');
  expect(jsonText(null, 1)).toBe('1');
});

test('the text of a float reads back as the same float, and is never longer than that of the double', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = floatText(value);
      expect(Math.fround(Number(text)) + 0).toBe(value + 0);
      expect(text.length).toBeLessThanOrEqual(doubleText(value).length);
    }),
  );
});

test('NaN and the infinities are quoted', () => {
  expect(jsonText(schemas.float64(), NaN)).toBe('"NaN"');
  expect(jsonText(schemas.float32(), -Infinity)).toBe('"-Infinity"');
  expect(jsonText(null, Infinity)).toBe('"Infinity"');
});

test('integers of 64 bits keep every digit, and a whole double beyond 2^53 stays a double', () => {
  expect(jsonText(schemas.int64(), 2n ** 63n - 1n)).toBe('9223372036854775807');
  expect(jsonText(null, 123456789012345680000)).toBe('123456789012345680000.0');
});

test('any text without half surrogate pairs is written as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(jsonText(null, text)).toBe(JSON.stringify(text));
    }),
  );
  expect(jsonText(null, '\ud800"')).toBe('"\\ud800\\""');
});

test('null is the default of its schema, where there is one', () => {
  expect(jsonText(schemas.int32({ optional: true, default: 5 }), null)).toBe('5');
  expect(jsonText(schemas.int32(), undefined)).toBe('null');
  expect(jsonText(null, null)).toBe('null');
});

test("a struct has its schema's fields in their order, missing ones as null, and nothing inherited", () => {
  const schema = schemas.struct({
    b: schemas.int32(),
    a: schemas.array(schemas.float64()),
    constructor: schemas.string({ optional: true }),
  });
  expect(jsonText(schema, { a: [1], b: 2, other: 3 })).toBe('{"b":2,"a":[1.0],"constructor":null}');
  expect(jsonText(schemas.struct({}), {})).toBe('{}');
});

test('a map with text keys is an object, any other an array of pairs', () => {
  const byNumber = schemas.map(schemas.int32(), schemas.float64());
  expect(jsonText(schemas.map(schemas.string(), schemas.int32()), new Map([['a', 1]]))).toBe(
    '{"a":1}',
  );
  expect(jsonText(byNumber, new Map([[1, 2]]))).toBe('[[1,2.0]]');
  expect(jsonText(null, new Map([[1, 'a']]))).toBe('[[1,"a"]]');
  expect(jsonText(null, new Map([['1', 'a']]))).toBe('{"1":"a"}');
});

test('decimals are base64 of the unscaled value and dates numbers, which needs a schema', () => {
  expect(jsonText(logical.decimal(2), new Decimal(500n, 2))).toBe('"AfQ="');
  expect(jsonText(schemas.bytes(), Buffer.from([1, 255]))).toBe('"Af8="');
  expect(jsonText(logical.date(), new Date('2024-10-04'))).toBe('20000');
  expect(jsonText(logical.time(), new Date(61_000))).toBe('61000');
  expect(jsonText(logical.timestamp(), new Date(-1))).toBe('-1');
  const refusal = expect.objectContaining({ code: 'record.no_json_form' });
  expect(() => jsonText(null, { at: new Date(0) })).toThrow(refusal);
  expect(() => jsonText(null, new Decimal(1n, 0))).toThrow(refusal);
  expect(() => jsonText(logical.date(), new Date(1))).toThrow(refusal);
  expect(() => jsonText(logical.time(), new Date(86_400_001))).toThrow(refusal);
  expect(() => jsonText(logical.timestamp(), new Date(NaN))).toThrow(refusal);
});

test('another style writes decimals as numbers and dates as ISO 8601, without a schema', () => {
  const value = { amount: new Decimal(250n, 2), at: new Date(0) };
  expect(jsonText(null, value, { decimals: 'number', dates: 'iso' })).toBe(
    '{"amount":2.50,"at":"1970-01-01T00:00:00.000Z"}',
  );
});
