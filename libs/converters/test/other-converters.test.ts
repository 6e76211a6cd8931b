import { expect, test } from '@jest/globals';
import { Decimal, logical, schemas } from '@millrace/record';
import { byteArrayConverter } from '../src/byte-array-converter.ts';
import { numberConverters } from '../src/number-converters.ts';
import { simpleHeaderConverter } from '../src/simple-header-converter.ts';
import { stringConverter } from '../src/string-converter.ts';

const headers = simpleHeaderConverter.create({}, 'header');
const strings = stringConverter.create({}, 'value');

test.each([
  ['', schemas.string(), ''],
  ['true', schemas.boolean(), true],
  ['42', schemas.int8(), 42],
  ['300', schemas.int16(), 300],
  ['70000', schemas.int32(), 70000],
  ['9007199254740993', schemas.int64(), 9007199254740993n],
  ['9223372036854775808', logical.decimal(0), new Decimal(9223372036854775808n, 0)],
  ['1e2', schemas.int8(), 100],
  ['1e20', schemas.float32(), Math.fround(1e20)],
  ['2.5', schemas.float32(), 2.5],
  ['1e300', schemas.float64(), 1e300],
  ['12:30', schemas.string(), '12:30'],
  ['+x', schemas.string(), '+x'],
  ['2024-10-04', logical.date(), new Date('2024-10-04T00:00:00Z')],
  ['2024-10-04T01:02:03.004Z', logical.timestamp(), new Date('2024-10-04T01:02:03.004Z')],
  ['[1,2,300]', schemas.array(schemas.int16()), [1, 2, 300]],
  ['["a","b"]', schemas.array(schemas.string()), ['a', 'b']],
  ['{"k":1}', schemas.map(schemas.string(), schemas.int8()), new Map([['k', 1]])],
  ['[1,2', schemas.string(), '[1,2'],
  // Words without quotes are no items, so such texts stay what they are.
  ['[abc]', schemas.string(), '[abc]'],
  ['{id}', schemas.string(), '{id}'],
  ['{a:1}', schemas.string(), '{a:1}'],
  ['[1,NaN]', schemas.string(), '[1,NaN]'],
  ['{null:1}', schemas.string(), '{null:1}'],
  ['[true,false]', schemas.array(schemas.boolean()), [true, false]],
  ['["2024-10-04"]', schemas.array(logical.date()), [new Date('2024-10-04T00:00:00Z')]],
  ['1e999999999', schemas.string(), '1e999999999'],
])('the header text %s is read as its type', (text, schema, value) => {
  expect(headers.toConnect('t', Buffer.from(text))).toEqual({ schema, value });
});

test('a header that comes again is read the same, whatever became of the bytes of the first', () => {
  const bytes = Buffer.from('one');
  const read = (): unknown => headers.toConnect('t', bytes).value;
  expect([read(), read()]).toEqual(['one', 'one']);
  bytes.write('o1e');
  expect(read()).toBe('o1e');
  bytes.write('one');
  expect(read()).toBe('one');
});

test('header values are written as text', () => {
  const written = (value: unknown): string =>
    Buffer.from(headers.fromConnect('t', null, value) ?? []).toString();
  expect(written('plain "text"')).toBe('plain "text"');
  expect(written(['a"b', 1])).toBe('["a\\"b",1]');
  expect(written(new Map([['k', true]]))).toBe('{"k":true}');
  expect(written(Uint8Array.of(1, 2))).toBe('AQI=');
  expect(written(new Date('2024-10-04T00:00:00Z'))).toBe('2024-10-04');
  expect(headers.fromConnect('t', null, null)).toBeNull();
});

test('a struct as a string looks as in Java', () => {
  const schema = schemas.struct({ a: schemas.int32(), b: schemas.string({ optional: true }) });
  expect(Buffer.from(strings.fromConnect('t', schema, { a: 1, b: 'x' }) ?? []).toString()).toBe(
    'Struct{a=1,b=x}',
  );
  expect(() => strings.fromConnect('t', null, [Uint8Array.of(1)])).toThrow('no text form');
  expect(() => strings.toConnect('t', Uint8Array.of(0xff))).toThrow('not UTF-8');
  expect(Buffer.from(strings.fromConnect('t', null, new Decimal(250n, 2)) ?? []).toString()).toBe(
    '2.50',
  );
});

test('bytes pass unchanged and anything else is refused', () => {
  const bytes = byteArrayConverter.create({}, 'value');
  const value = Uint8Array.of(1, 2, 3);
  expect(bytes.fromConnect('t', null, value)).toBe(value);
  expect(() => bytes.fromConnect('t', null, 'text')).toThrow('not compatible');
  expect(() => bytes.fromConnect('t', schemas.string(), 'x')).toThrow('Invalid schema type');
});

test.each([
  ['boolean', true],
  ['short', -32768],
  ['integer', 2147483647],
  ['long', -(2n ** 63n)],
  ['float', 2.5],
  ['double', Math.PI],
])('the %s converter reads what it writes, and refuses other lengths', (name, value) => {
  const plugin = numberConverters.find((each) => each.name === name);
  const converter = plugin?.create({}, 'value');
  const bytes = converter?.fromConnect('t', null, value) ?? null;
  expect(converter?.toConnect('t', bytes).value).toBe(value);
  expect(() => converter?.toConnect('t', new Uint8Array(3))).toThrow('expects');
  expect(() => converter?.fromConnect('t', null, 'x')).toThrow('not compatible');
});

test('null has no type for the number converters; the Boolean converter looks at the schema first', () => {
  const text = schemas.string({ optional: true });
  const written = numberConverters.map((plugin) => {
    try {
      return plugin.create({}, 'value').fromConnect('t', text, null);
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  });
  expect(written).toEqual([
    'Invalid schema type for BooleanConverter: STRING',
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('a string converter refuses what its encoding has not, instead of changing it', () => {
  const ascii = stringConverter.create({ 'converter.encoding': 'US-ASCII' }, 'value');
  const latin = stringConverter.create({ 'converter.encoding': 'ISO-8859-1' }, 'value');
  expect(() => ascii.toConnect('t', Buffer.from([0x41, 0xc4]))).toThrow('not US-ASCII');
  expect(() => ascii.fromConnect('t', null, 'Ä')).toThrow('in US-ASCII');
  expect(() => latin.fromConnect('t', null, '€')).toThrow('in ISO-8859-1');
  expect(latin.toConnect('t', latin.fromConnect('t', null, 'Ä')).value).toBe('Ä');
});
