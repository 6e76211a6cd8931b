import { expect, test } from '@jest/globals';
import type { ComponentConfig } from '@millrace/connector-api';
import { Decimal, logical, schemas, type ConnectRecord, type Schema } from '@millrace/record';
import { shippedTransforms } from '../src/shipped-transforms.ts';

// The expected values are those of Kafka Connect 4.1's own transforms.

function recordOf(value: unknown, valueSchema: Schema | null = null): ConnectRecord {
  return {
    topic: 'shop.orders',
    partition: 3,
    keySchema: null,
    key: null,
    valueSchema,
    value,
    timestampMs: 1_718_452_800_123,
    headers: [],
  };
}

function apply(
  simpleName: string,
  config: ComponentConfig,
  record: ConnectRecord,
): ConnectRecord | null {
  const javaClass = `org.apache.kafka.connect.transforms.${simpleName}`;
  const plugin = shippedTransforms.find(({ javaClasses }) => javaClasses.includes(javaClass));
  if (plugin === undefined) throw new Error(`no ${javaClass}`);
  return plugin.create(config).apply(record);
}

test.each([
  ['int8', 300, 44],
  ['int8', true, 1],
  ['int32', '77', 77],
  ['int32', '+8', 8],
  ['int64', '9223372036854775807', 9_223_372_036_854_775_807n],
  ['float64', ' 1e3 ', 1000],
  ['boolean', -3, true],
  ['boolean', 'TRUE', true],
  ['boolean', 'yes', false],
  ['string', 1.5, '1.5'],
  ['string', Buffer.from([1, 2]), 'AQI='],
])('Cast to %s makes %p %p', (spec, from, to) => {
  expect(apply('Cast$Value', { spec }, recordOf(from))?.value).toEqual(to);
});

test.each([
  [schemas.float64(), -2.75e10, 'int32', -2_147_483_648],
  [schemas.float64(), -2.75e10, 'int16', 0],
  [schemas.float64(), 1e20, 'int64', 9_223_372_036_854_775_807n],
  [schemas.float64(), -2.75e10, 'string', '-2.75E10'],
  [schemas.float32(), Math.fround(0.1), 'string', '0.1'],
  [logical.decimal(2), new Decimal(599n, 2), 'int32', 5],
  [logical.decimal(2), new Decimal(599n, 2), 'string', '5.99'],
  [logical.date(), new Date('2024-02-29'), 'int32', 19_782],
  [logical.date(), new Date('2024-02-29'), 'string', '2024-02-29'],
  [logical.timestamp(), new Date(1_718_452_800_123), 'int64', 1_718_452_800_123],
])('Cast knows the schema %#', (schema, from, spec, to) => {
  const cast = apply('Cast$Value', { spec }, recordOf(from, schema));
  expect(cast?.value).toEqual(to);
  expect(cast?.valueSchema).toEqual(expect.objectContaining({ type: spec, optional: false }));
  expect(cast?.valueSchema?.name).toBeUndefined();
});

test('Cast of fields keeps what is not named, casts defaults, and adds a missing field to a map as null', () => {
  const row = schemas.struct(
    { id: schemas.int32({ default: 7 }), s: schemas.string() },
    { name: 'R', optional: true },
  );
  const cast = apply(
    'Cast$Value',
    { spec: 'id:string,none:int8' },
    recordOf({ id: null, s: 'x' }, row),
  );
  expect(cast?.value).toEqual({ id: '7', s: 'x' });
  expect(cast?.valueSchema).toMatchObject({
    name: 'R',
    optional: true,
    fields: [{ name: 'id', schema: { type: 'string', default: '7' } }, { name: 's' }],
  });
  expect(apply('Cast$Value', { spec: 'a:int8,b:int8' }, recordOf({ a: '1' }))?.value).toEqual({
    a: 1,
    b: null,
  });
});

test('Cast refuses what it can not do', () => {
  const castOf = (spec: string, value: unknown) => (): unknown =>
    apply('Cast$Value', { spec }, recordOf(value));
  expect(castOf('int8', '300')).toThrow('Value (300) was out of range for requested data type');
  expect(castOf('int8', [1])).toThrow('Cast transformation does not support casting from ARRAY');
  expect(castOf('', 1)).toThrow('Must specify at least one field to cast.');
  expect(castOf('a:date', 1)).toThrow('Invalid type found in casting spec: date');
  expect(castOf('int8,int16', 1)).toThrow('may only specify a single cast');
  const tombstone = recordOf(null);
  expect(apply('Cast$Value', { spec: 'int8' }, tombstone)).toBe(tombstone);
});

test('Flatten joins names, and what is in something optional is optional', () => {
  const inner = schemas.struct({ deep: schemas.string() });
  const outer = schemas.struct({ x: schemas.int32({ default: 3 }), inner }, { optional: true });
  const schema = schemas.struct({ id: schemas.int32(), outer }, { name: 'N', optional: true });
  const flat = apply('Flatten$Value', { delimiter: '_' }, recordOf({ id: 1, outer: null }, schema));
  expect(flat?.value).toEqual({ id: 1, outer_x: null, outer_inner_deep: null });
  expect(flat?.valueSchema).toEqual({
    type: 'struct',
    name: 'N',
    optional: false,
    fields: [
      { name: 'id', schema: schemas.int32({ optional: true }) },
      { name: 'outer_x', schema: schemas.int32({ optional: true, default: 3 }) },
      { name: 'outer_inner_deep', schema: schemas.string({ optional: true }) },
    ],
  });
  const map = { a: { b: { c: 1, d: null }, e: {} }, f: [1, { g: 2 }] };
  expect(apply('Flatten$Value', {}, recordOf(map))?.value).toEqual({
    'a.b.c': 1,
    'a.b.d': null,
    f: [1, { g: 2 }],
  });
  const withMap = schemas.struct({ m: schemas.map(schemas.string(), schemas.int32()) });
  expect(() => apply('Flatten$Value', {}, recordOf({ m: new Map() }, withMap))).toThrow(
    'Flatten transformation does not support MAP for record with schemas (for field m).',
  );
});

test('HeaderFrom moves or copies fields into headers', () => {
  const schema = schemas.struct({ a: schemas.int32(), b: schemas.string() });
  const config = { fields: 'a', headers: 'h', operation: 'move' };
  const moved = apply('HeaderFrom$Value', config, recordOf({ a: 1, b: 'x' }, schema));
  expect(moved?.headers).toEqual([{ key: 'h', schema: schemas.int32(), value: 1 }]);
  expect(moved?.value).toEqual({ b: 'x' });
  expect(moved?.valueSchema).toMatchObject({ fields: [{ name: 'b' }] });
  const copied = apply('HeaderFrom$Value', { ...config, operation: 'copy' }, recordOf({ a: 1 }));
  expect(copied?.value).toEqual({ a: 1 });
  expect(copied?.headers).toEqual([{ key: 'h', schema: null, value: 1 }]);
  expect(() => apply('HeaderFrom$Value', { ...config, headers: 'h,i' }, recordOf({}))).toThrow(
    "'fields' config must have the same number of elements as 'headers' config.",
  );
});

test('InsertHeader infers the type of its literal', () => {
  const headersOf = (literal: string) =>
    apply('InsertHeader', { header: 'h', 'value.literal': literal }, recordOf(1))?.headers;
  expect(headersOf('42')).toEqual([{ key: 'h', schema: schemas.int8(), value: 42 }]);
  expect(headersOf('[1,300]')).toMatchObject([{ schema: { type: 'array' }, value: [1, 300] }]);
  expect(headersOf('abc')).toEqual([{ key: 'h', schema: schemas.string(), value: 'abc' }]);
});

test('MaskField blanks values by their type, or replaces numbers and texts', () => {
  const value = { n: 5, s: 'secret', b: true, l: [1], m: { a: 1 }, x: null };
  const fields = 'n,s,b,l,m,x,none';
  expect(apply('MaskField$Value', { fields }, recordOf(value))?.value).toEqual({
    n: 0,
    s: '',
    b: false,
    l: [],
    m: {},
    x: null,
    none: null,
  });
  const replaced = apply('MaskField$Value', { fields: 'n,s', replacement: '9' }, recordOf(value));
  expect(replaced?.value).toMatchObject({ n: 9, s: '9' });
  expect(() =>
    apply('MaskField$Value', { fields: 'b', replacement: '9' }, recordOf(value)),
  ).toThrow('Cannot mask value of type boolean with custom replacement.');
  expect(() =>
    apply('MaskField$Value', { fields: 'n', replacement: 'x' }, recordOf(value)),
  ).toThrow('Unable to convert x to a number');
  const decimals = schemas.struct({ d: logical.decimal(2) });
  const masked = apply(
    'MaskField$Value',
    { fields: 'd' },
    recordOf({ d: new Decimal(5n, 2) }, decimals),
  );
  expect(masked?.value).toEqual({ d: new Decimal(0n, 2) });
});

test('SetSchemaMetadata names the schema', () => {
  const schema = schemas.struct({ a: schemas.int32({ default: 4 }) });
  const config = { 'schema.name': 'n', 'schema.version': '9' };
  const named = apply('SetSchemaMetadata$Value', config, recordOf({ a: null }, schema));
  expect(named?.valueSchema).toMatchObject({ name: 'n', version: 9 });
  expect(named?.value).toEqual({ a: 4 });
  expect(() => apply('SetSchemaMetadata$Value', config, recordOf(1))).toThrow(
    'Schema required for [updating schema metadata]',
  );
  expect(() => apply('SetSchemaMetadata$Value', {}, recordOf(1))).toThrow(
    'Neither schema name nor version configured',
  );
});

const MOMENT = Date.UTC(2024, 1, 29, 15, 4, 5, 678);

test.each([
  ["yyyyMMdd'T'HHmmss", '20240229T150405'],
  ['EEE, dd MMM yyyy HH:mm:ss zzz', 'Thu, 29 Feb 2024 15:04:05 UTC'],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", '2024-02-29T15:04:05.678Z'],
  ['yy/M/d h:m a', '24/2/29 3:4 PM'],
  ['yyyy-DDD', '2024-060'],
  ["HH 'o''clock'", "15 o'clock"],
  ['MMMM d, yyyy G', 'February 29, 2024 AD'],
])('timestamps are written by the pattern %s', (format, text) => {
  const config = { 'target.type': 'string', format };
  const written = apply('TimestampConverter$Value', config, recordOf(MOMENT));
  expect(written?.value).toBe(text);
});

test.each([
  ['yyyy-MM-dd HH:mm:ss.SSS', '2024-02-29 15:04:05.678', MOMENT],
  ['yyyyMMddHHmmss', '20240229150405', MOMENT - 678],
  ['yyyy-MM-dd', '2024-02-30', Date.UTC(2024, 2, 1)],
  ["yyyy-MM-dd'T'HH:mm:ssXXX", '2024-02-29T15:04:05+02:00', MOMENT - 678 - 7_200_000],
  ['dd MMM yyyy hh:mm a', '29 Feb 2024 03:04 PM', MOMENT - 5_678],
  ['yyyy-MM-dd', '2024-02-29 and more', Date.UTC(2024, 1, 29)],
])('timestamps are read by the pattern %s', (format, text, timeMs) => {
  const config = { 'target.type': 'unix', format };
  expect(apply('TimestampConverter$Value', config, recordOf(text))?.value).toBe(timeMs);
});

test('TimestampConverter changes the form of a field, with its schema', () => {
  const schema = schemas.struct({ ts: schemas.int64({ optional: true }), id: schemas.int32() });
  const record = recordOf({ ts: 1_700_000_000, id: 1 }, schema);
  const config = { field: 'ts', 'target.type': 'Timestamp', 'unix.precision': 'seconds' };
  const converted = apply('TimestampConverter$Value', config, record);
  expect(converted?.value).toEqual({ ts: new Date(1_700_000_000_000), id: 1 });
  expect(converted?.valueSchema).toMatchObject({
    fields: [{ name: 'ts', schema: logical.timestamp({ optional: true }) }, { name: 'id' }],
  });
  const nanos = { field: 'ts', 'target.type': 'unix', 'unix.precision': 'nanoseconds' };
  expect(apply('TimestampConverter$Value', nanos, recordOf({ ts: new Date(1) }))?.value).toEqual({
    ts: 1_000_000,
  });
  const text = { 'target.type': 'unix', format: 'yyyy' };
  expect(() => apply('TimestampConverter$Value', text, recordOf('x'))).toThrow(
    'Could not parse timestamp: value (x) does not match pattern (yyyy)',
  );
  expect(() => apply('TimestampConverter$Value', { 'target.type': 'string' }, recordOf(1))).toThrow(
    'TimestampConverter requires format option to be specified when using string timestamps',
  );
  expect(() =>
    apply('TimestampConverter$Value', { 'target.type': 'string', format: 'bad p' }, recordOf(1)),
  ).toThrow("Illegal pattern character 'b'");
});

test('TimestampRouter puts the time into the topic', () => {
  expect(apply('TimestampRouter', {}, recordOf(1))?.topic).toBe('shop.orders-20240615');
  const config = { 'topic.format': '$1-${timestamp}', 'timestamp.format': 'yyyy' };
  expect(apply('TimestampRouter', config, recordOf(1))?.topic).toBe('$1-2024');
  expect(() => apply('TimestampRouter', {}, { ...recordOf(1), timestampMs: null })).toThrow(
    'Timestamp missing on record',
  );
});
