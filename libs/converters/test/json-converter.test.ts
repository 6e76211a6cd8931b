import { expect, test } from '@jest/globals';
import { Decimal, logical, schemas, valuesEqual, type Schema } from '@millrace/record';
import type { ComponentConfig, Converter } from '@millrace/connector-api';
import fc from 'fast-check';
import { jsonConverter } from '../src/json-converter.ts';

const TOPIC = 'orders';
const make = (config: ComponentConfig = {}): Converter => jsonConverter.create(config, 'value');
const schemaless = make({ 'schemas.enable': 'false' });
const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString();
const write = (schema: Schema | null, value: unknown, config?: ComponentConfig): string | null =>
  text(make(config).fromConnect(TOPIC, schema, value));
const read = (json: string, config?: ComponentConfig): unknown =>
  make(config).toConnect(TOPIC, Buffer.from(json)).value;

const order = schemas.struct(
  { id: schemas.int32(), amt: logical.decimal(2, { optional: true }) },
  { name: 'x.Order' },
);

test('no bytes, or blanks alone, are null when there is no envelope', () => {
  const converter = jsonConverter.create(
    { 'schemas.enable': 'false', 'schemas.cache.size': '0' },
    'value',
  );
  for (const text of ['', ' \n'])
    expect(converter.toConnect('t', Buffer.from(text))).toEqual({ schema: null, value: null });
});

test('the envelope has the schema and the payload, with keys in the order that Connect writes', () => {
  expect(write(order, { id: 1, amt: new Decimal(500n, 2) })).toBe(
    '{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"},' +
      '{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,' +
      '"parameters":{"scale":"2"},"field":"amt"}],"optional":false,"name":"x.Order"},' +
      '"payload":{"id":1,"amt":"AfQ="}}',
  );
});

test('every attribute of a schema survives the way there and back', () => {
  const schema = schemas.struct(
    {
      tags: schemas.array(schemas.string({ doc: 'a "tag"' }), { optional: true }),
      counts: schemas.map(schemas.int32(), schemas.int64()),
      size: schemas.int16({ default: 7, parameters: { unit: 'cm' } }),
      ratio: schemas.float64({ name: 'x.Ratio', version: 3 }),
    },
    { name: 'x.Thing', version: 2, doc: 'thing' },
  );
  const value = { tags: null, counts: new Map([[1, 2n ** 60n]]), size: 1, ratio: 1 };
  const back = make().toConnect(TOPIC, make().fromConnect(TOPIC, schema, value));
  expect(valuesEqual(back.schema, schema)).toBe(true);
  expect(valuesEqual(back.value, value)).toBe(true);
});

test('null without schema is a tombstone, null with schema is an envelope, and `null` text with schemas off', () => {
  expect(write(null, null)).toBeNull();
  expect(write(schemas.string({ optional: true }), null)).toBe(
    '{"schema":{"type":"string","optional":true},"payload":null}',
  );
  expect(write(schemas.string({ optional: true }), null, { 'schemas.enable': 'false' })).toBe(
    'null',
  );
  expect(make().toConnect(TOPIC, null)).toEqual({ schema: null, value: null });
});

test('a null takes the default, unless that is switched off', () => {
  const schema = schemas.struct({ n: schemas.int32({ optional: true, default: 5 }) });
  const off = { 'schemas.enable': 'false' };
  expect(write(schema, { n: null }, off)).toBe('{"n":5}');
  expect(write(schema, {}, { ...off, 'replace.null.with.default': 'false' })).toBe('{"n":null}');
});

test('a null in a required field is refused in the words of Connect, with the path', () => {
  const schema = schemas.struct({ inner: schemas.struct({ n: schemas.int32() }) });
  expect(() => write(schema, { inner: {} })).toThrow(
    'Conversion error: null value for field that is required and has no default value (at "inner.n")',
  );
});

test('integers beyond 2^53 stay exact both ways, with and without schemas', () => {
  const schema = schemas.int64();
  for (const value of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) {
    expect(write(schema, value, { 'schemas.enable': 'false' })).toBe(value.toString());
    expect(read(`{"a":[${value}]}`, { 'schemas.enable': 'false' })).toEqual({ a: [value] });
    expect(read(`{"schema":{"type":"int64"},"payload":${value}}`)).toBe(value);
    expect(text(schemaless.fromConnect(TOPIC, null, { a: value }))).toBe(`{"a":${value}}`);
  }
  expect(read('9007199254740991', { 'schemas.enable': 'false' })).toBe(9007199254740991);
});

test('numeric decimals keep their digits in both directions', () => {
  const schema = logical.decimal(4);
  const value = new Decimal(12345678901234567890123n, 4);
  const config = { 'decimal.format': 'numeric' };
  const json = write(schema, value, config) ?? '';
  expect(json).toContain('"payload":1234567890123456789.0123}');
  expect(read(json, config)).toEqual(value);
  expect(read(json.replace('1234567890123456789.0123', '2.50'))).toEqual(new Decimal(25000n, 4));
});

test('a decimal of 16 digits is not rounded on its way through a double', () => {
  const config = { 'decimal.format': 'NUMERIC' };
  const schema = logical.decimal(7);
  const value = new Decimal(9007199254740993n, 7);
  expect(read(write(schema, value, config) ?? '', config)).toEqual(value);
});

test('floats look as Java prints them, so that a reader without schema can tell 1.0 from 1', () => {
  const off = { 'schemas.enable': 'false' };
  expect(write(schemas.float64(), 1, off)).toBe('1.0');
  expect(write(schemas.float32(), Math.fround(0.1), off)).toBe('0.1');
  expect(write(schemas.float64(), NaN, off)).toBe('"NaN"');
  expect(read('{"schema":{"type":"double"},"payload":"-Infinity"}')).toBe(-Infinity);
});

test.each([
  ['int32', '"abc"'],
  ['int32', '2147483648'],
  ['int8', '1.5'],
  ['string', '12'],
  ['boolean', '1'],
  ['int64', '9223372036854775808'],
  ['bytes', '"not base64!"'],
])('a %s is not made of %s silently', (type, payload) => {
  expect(() => read(`{"schema":{"type":"${type}"},"payload":${payload}}`)).toThrow();
});

test.each([
  ['{"id":1}', 'JsonConverter with schemas.enable requires "schema" and "payload" fields'],
  ['{"schema":null,"payload":1,"x":2}', 'may not contain additional fields'],
  ['{"schema":{},"payload":1}', "Schema must contain 'type' field"],
  ['{"schema":{"type":"money"},"payload":1}', 'Unknown schema type: money'],
  ['{"schema":{"type":"array"},"payload":[]}', 'Array schema did not specify the element type'],
  [
    '{"schema":{"type":"struct"},"payload":{}}',
    `Struct schema's "fields" argument is not an array.`,
  ],
  ['nope', 'Converting byte[] to Kafka Connect data failed due to serialization error: '],
  ['', 'Converting byte[] to Kafka Connect data failed due to serialization error: '],
])('%s is refused in the words of Connect', (json, message) => {
  expect(() => read(json)).toThrow(message);
});

test('bytes that are not UTF-8 are refused instead of replaced', () => {
  expect(() => schemaless.toConnect(TOPIC, Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8');
  expect(schemaless.toConnect(TOPIC, Buffer.from('"\ufffd"')).value).toBe('\ufffd');
});

test('the ready-made JSON form is used only when it is what the settings ask for', () => {
  const ready = Buffer.from('{"ready":true}');
  expect(schemaless.usesJsonForm).toBe(true);
  expect(schemaless.fromConnect(TOPIC, null, { other: 1 }, ready)).toBe(ready);
  const numeric = make({ 'schemas.enable': 'false', 'decimal.format': 'NUMERIC' });
  expect(numeric.usesJsonForm).toBe(false);
  expect(text(numeric.fromConnect(TOPIC, null, { other: 1 }, ready))).toBe('{"other":1}');
});

test('a ready-made JSON form is put into the envelope that its schema has', () => {
  const enveloped = make();
  const schema = schemas.struct({ id: schemas.int64() });
  const ready = schemaless.fromConnect(TOPIC, schema, { id: 7 });
  expect(enveloped.usesJsonForm).toBe(true);
  expect(text(enveloped.fromConnect(TOPIC, schema, null, ready))).toBe(
    text(enveloped.fromConnect(TOPIC, schema, { id: 7 })),
  );
  expect(text(enveloped.fromConnect(TOPIC, null, null, Buffer.from('1')))).toBe(
    '{"schema":null,"payload":1}',
  );
  expect(enveloped.fromConnect(TOPIC, null, null, null)).toBeNull();
});

test('a message that begins as the last one did is read the same, and a false friend is noticed', () => {
  const converter = make();
  const start = '{"schema":{"type":"int32","optional":false},"payload":';
  const readNext = (json: string): unknown => converter.toConnect(TOPIC, Buffer.from(json)).value;
  expect(readNext(`${start}1}`)).toBe(1);
  expect(readNext(`${start}2}`)).toBe(2);
  expect(() => readNext(`${start}3,"extra":4}`)).toThrow('may not contain additional fields');
});

test('leading zeros are accepted, and numbers that overflow a double refused', () => {
  expect(read('{"a":007}', { 'schemas.enable': 'false' })).toEqual({ a: 7 });
  expect(() => read('1e400', { 'schemas.enable': 'false' })).toThrow('too large');
});

test('a map with text keys is an object, any other an array of pairs', () => {
  const byText = schemas.map(schemas.string(), schemas.int32());
  const byNumber = schemas.map(schemas.int32(), schemas.string());
  const off = { 'schemas.enable': 'false' };
  expect(write(byText, new Map([['a', 1]]), off)).toBe('{"a":1}');
  expect(write(byNumber, new Map([[1, 'a']]), off)).toBe('[[1,"a"]]');
  expect(text(schemaless.fromConnect(TOPIC, null, new Map([[1, 'a']])))).toBe('[[1,"a"]]');
});

test('dates go as days, milliseconds of the day and epoch milliseconds', () => {
  const at = new Date('2024-10-04T00:00:00Z');
  const off = { 'schemas.enable': 'false' };
  expect(write(logical.date(), at, off)).toBe('20000');
  expect(write(logical.time(), new Date(61_000), off)).toBe('61000');
  expect(write(logical.timestamp(), at, off)).toBe(String(at.getTime()));
  expect(() => write(logical.date(), new Date(1), off)).toThrow('time fields');
});

const schemalessValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

test('a whole double beyond 2^53 is not mistaken for an integer', () => {
  const value = 123456789012345680000;
  const bytes = schemaless.fromConnect(TOPIC, null, value);
  expect(text(bytes)).toBe('123456789012345680000.0');
  expect(schemaless.toConnect(TOPIC, bytes).value).toBe(value);
});

test('any schemaless value reads back as it was written', () => {
  fc.assert(
    fc.property(schemalessValue, (value) => {
      const bytes = schemaless.fromConnect(TOPIC, null, value);
      expect(valuesEqual(schemaless.toConnect(TOPIC, bytes).value, value)).toBe(true);
    }),
  );
});

const typed: fc.Arbitrary<readonly [Schema, unknown]> = fc.oneof(
  fc.integer({ min: -128, max: 127 }).map((value) => [schemas.int8(), value] as const),
  fc.integer().map((value) => [schemas.int32(), value] as const),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => [schemas.int64(), value] as const),
  fc.float({ noNaN: true }).map((value) => [schemas.float32(), value] as const),
  fc.double().map((value) => [schemas.float64(), value] as const),
  fc.string({ unit: 'binary' }).map((value) => [schemas.string(), value] as const),
  fc.uint8Array().map((value) => [schemas.bytes(), value] as const),
  fc
    .tuple(fc.bigInt(), fc.integer({ min: 0, max: 20 }))
    .map(([unscaled, scale]) => [logical.decimal(scale), new Decimal(unscaled, scale)] as const),
);

test.each(['BASE64', 'NUMERIC'])(
  'any struct reads back as it was written, decimals as %s',
  (format) => {
    const converter = make({ 'decimal.format': format });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), typed, { maxKeys: 6 }), (members) => {
        const entries = Object.entries(members);
        const schema = schemas.struct(
          Object.fromEntries(entries.map(([name, [of]]) => [name, of])),
        );
        const value = Object.fromEntries(entries.map(([name, [, of]]) => [name, of]));
        const back = converter.toConnect(TOPIC, converter.fromConnect(TOPIC, schema, value));
        expect(valuesEqual(back.schema, schema)).toBe(true);
        expect(sameValue(back.value, value)).toBe(true);
      }),
    );
  },
);

/** As valuesEqual, but -0 is 0. */
function sameValue(left: unknown, right: unknown): boolean {
  const plain = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : Object.fromEntries(
          Object.entries(value).map(([key, item]) => [key, Object.is(item, -0) ? 0 : item]),
        );
  return valuesEqual(plain(left), plain(right));
}

test('truncated JSON is refused at every length', () => {
  const full = '{"a":[1,-2.5e3,"x\\u0041",true,null,12345678901234567890],"b":{}}';
  for (let length = 1; length < full.length; length++)
    expect(() => read(full.slice(0, length), { 'schemas.enable': 'false' })).toThrow();
});

test('fields named like members of every object are only themselves', () => {
  const names = ['constructor', 'valueOf', '__proto__'];
  const schema = schemas.struct(
    Object.fromEntries(names.map((name) => [name, schemas.string({ optional: true })])),
  );
  const off = { 'schemas.enable': 'false' };
  expect(write(schema, {}, off)).toBe('{"constructor":null,"valueOf":null,"__proto__":null}');
  const full = JSON.parse('{"constructor":"a","valueOf":"b","__proto__":"c"}') as unknown;
  const back = make().toConnect(TOPIC, make().fromConnect(TOPIC, schema, full));
  expect(Object.entries(back.value as object)).toEqual(Object.entries(full as object));
});
