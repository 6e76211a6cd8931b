import { describe, expect, test } from '@jest/globals';
import type { ComponentConfig } from '@millrace/connector-api';
import { schemas, type Schema, type SourceRecord } from '@millrace/record';
import { shippedTransforms } from '../src/shipped-transforms.ts';

// Compared with Debezium 3.6's classes by random records; the expected values are theirs unless it says otherwise.

function recordOf(schema: Schema | null, value: unknown): SourceRecord {
  return {
    topic: 't',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: schema,
    value,
    timestampMs: null,
    headers: [],
    sourcePartition: {},
    sourceOffset: {},
  };
}

function apply(name: string, config: ComponentConfig, record: SourceRecord): SourceRecord {
  const javaClass = `io.debezium.transforms.${name}`;
  const plugin = shippedTransforms.find(({ javaClasses }) => javaClasses.includes(javaClass));
  if (plugin === undefined) throw new Error(`no ${javaClass}`);
  const made = plugin.create(config).apply(record);
  if (made === null) throw new Error('the record was dropped');
  return made;
}

const geometry = schemas.struct(
  { wkb: schemas.bytes(), srid: schemas.int32({ optional: true }) },
  { name: 'io.debezium.data.geometry.Geometry', version: 2, optional: true },
);
const event = schemas.struct({
  after: schemas.struct({ place: geometry, places: schemas.array(geometry) }, { optional: true }),
});
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const at = (hex: string, srid: number | null, places: readonly unknown[] = []): SourceRecord =>
  recordOf(event, { after: { place: { wkb: bytes(hex), srid }, places } });
const placeOf = ({ value }: SourceRecord): string =>
  (value as { after: { place: { wkb: Buffer } } }).after.place.wkb.toString('hex');

const X = '0000000000000840';
const Y = '0000000000001040';
const POINT = `0101000000${X}${Y}`;
const EXTENDED_POINT = `0101000020e6100000${X}${Y}`;

describe('SwapGeometryCoordinates', () => {
  test.each([
    ['a point', POINT, `0101000000${Y}${X}`],
    ['a point with its SRID', EXTENDED_POINT, `0101000020e6100000${Y}${X}`],
    ['a point with height', `0101000080${X}${Y}${X}`, `0101000080${Y}${X}${X}`],
    ['a line', `010200000002000000${X}${Y}${Y}${Y}`, `010200000002000000${Y}${X}${Y}${Y}`],
    ['a polygon', `01030000000100000001000000${X}${Y}`, `01030000000100000001000000${Y}${X}`],
    [
      // Debezium writes the inner one in the outer byte order, and leaves its mark as it was: unreadable.
      'points of another byte order than what holds them',
      `000000000400000001${POINT}`,
      `0000000004000000010101000000${Y}${X}`,
    ],
  ])('of %s', (_what, wkb, swapped) => {
    expect(placeOf(apply('SwapGeometryCoordinates', {}, at(wkb, 4326)))).toBe(swapped);
  });

  test('only of the SRIDs that are named, in lists too, and never in the record given', () => {
    const other = at(POINT, 25_832);
    expect(apply('SwapGeometryCoordinates', {}, other).value).toBe(other.value);
    expect(apply('SwapGeometryCoordinates', {}, at(POINT, null)).value).toEqual(
      at(POINT, null).value,
    );
    const listed = at(POINT, 1, [{ wkb: bytes(POINT), srid: 7 }]);
    const made = apply('SwapGeometryCoordinates', { srids: '7' }, listed);
    expect(made.value).toEqual(at(POINT, 1, [{ wkb: bytes(`0101000000${Y}${X}`), srid: 7 }]).value);
    expect(listed.value).toEqual(at(POINT, 1, [{ wkb: bytes(POINT), srid: 7 }]).value);
  });

  test('curves, and bytes that end too early, fail the record', () => {
    const swap = (wkb: string): unknown => apply('SwapGeometryCoordinates', {}, at(wkb, 4326));
    expect(() => swap('010800000000000000')).toThrow('Unsupported geometry type: 8');
    for (let length = 0; length < POINT.length; length += 2)
      expect(() => swap(POINT.slice(0, length))).toThrow('end too early');
    expect(() => swap('0102000000ffffffff')).toThrow('end too early');
  });
});

test.each([
  ['ewkb', POINT, 4326, EXTENDED_POINT],
  ['ewkb', EXTENDED_POINT, 4326, EXTENDED_POINT],
  ['ewkb', POINT, null, POINT],
  ['wkb', EXTENDED_POINT, 4326, POINT],
  // Debezium turns each form into the other one, whatever is wanted.
  ['wkb', POINT, 4326, POINT],
  ['ewkb', '0101', 4326, '0101'],
])('GeometryFormatTransformer to %s makes of %s with SRID %p %s', (format, wkb, srid, made) => {
  expect(placeOf(apply('GeometryFormatTransformer', { format }, at(wkb, srid)))).toBe(made);
});

test('VectorToJsonConverter writes vectors as JSON, sparse ones by index', () => {
  const named = (name: string): { name: string; version: number; optional: boolean } => ({
    name: `io.debezium.data.${name}`,
    version: 1,
    optional: true,
  });
  const schema = schemas.struct({
    after: schemas.struct({
      d: schemas.array(schemas.float64(), named('DoubleVector')),
      f: schemas.array(schemas.float32(), named('FloatVector')),
      s: schemas.struct(
        {
          dimensions: schemas.int16(),
          vector: schemas.map(schemas.int16(), schemas.float64()),
        },
        named('SparseDoubleVector'),
      ),
      none: schemas.array(schemas.float64(), named('DoubleVector')),
    }),
  });
  const sparse = {
    dimensions: 10,
    vector: new Map([
      [7, 1],
      [2, 1e-7],
    ]),
  };
  const after = { d: [1, 1e-7], f: [Math.fround(0.1)], s: sparse, none: null };
  const made = apply('VectorToJsonConverter', {}, recordOf(schema, { after }));
  expect(made.value).toEqual({
    after: {
      d: '{ "values": [1.0, 1.0E-7] }',
      f: '{ "values": [0.1] }',
      s: '{ "dimensions": 10, "vector": { "2": 1.0E-7, "7": 1.0 } }',
      none: null,
    },
  });
  const json = schemas.string({ name: 'io.debezium.data.Json', version: 1, optional: true });
  expect(made.valueSchema).toEqual(
    schemas.struct({ after: schemas.struct({ d: json, f: json, s: json, none: json }) }),
  );
});

describe('EnforceRecordSize', () => {
  const row = schemas.struct(
    { id: schemas.int32(), a: schemas.string(), b: schemas.bytes(), c: schemas.string() },
    { optional: true },
  );
  const schema = schemas.struct({ before: row, after: row, op: schemas.string() });
  const after = { id: 1, a: 'x'.repeat(300), b: Buffer.alloc(100, 1), c: 'short' };
  const record = recordOf(schema, { before: null, after, op: 'u' });
  const cutAt = (maxBytes: number): unknown =>
    apply('EnforceRecordSize', { 'max.bytes': String(maxBytes), 'min.field.size': '10' }, record)
      .value;

  test('long columns lose their ends in proportion, short ones stay', () => {
    // 799 bytes by Debezium's reckoning.
    expect(cutAt(799)).toBe(record.value);
    expect(cutAt(699)).toEqual({
      before: null,
      after: { id: 1, a: 'x'.repeat(225), b: Buffer.alloc(75, 1), c: 'short' },
      op: 'u',
    });
    expect(cutAt(1)).toMatchObject({ after: { a: '', b: Buffer.alloc(0), c: 'short' } });
  });

  test('no character is cut into halves', () => {
    const faces = recordOf(schema, {
      before: null,
      after: { ...after, a: '😀'.repeat(150) },
      op: '',
    });
    const config = { 'max.bytes': '1000', 'min.field.size': '200' };
    const { value } = apply('EnforceRecordSize', config, faces);
    expect((value as { after: { a: string } }).after.a).toMatch(/^(?:😀)+$/u);
  });

  test('records of sinks stay whole', () => {
    const { topic, partition, keySchema, key, valueSchema, value, timestampMs, headers } = record;
    const rest = { topic, partition, keySchema, key, valueSchema, value, timestampMs, headers };
    const plugin = shippedTransforms.find(({ name }) => name === 'enforce-record-size');
    expect(plugin?.create({ 'max.bytes': '1', 'min.field.size': '0' }).apply(rest)).toBe(rest);
  });

  test.each([
    [{}, 'max.bytes'],
    [{ 'max.bytes': '0' }, 'at least 1'],
    [{ 'max.bytes': '1', 'compression.ratio': '0' }, 'positive number'],
  ])('%j is refused', (config, message) => {
    expect(() => apply('EnforceRecordSize', config, record)).toThrow(message);
  });
});
