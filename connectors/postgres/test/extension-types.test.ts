import { describe, expect, test } from '@jest/globals';
import type { ValueSettings } from '../src/settings.ts';
import type { ColumnCodec } from '../src/types/codec.ts';
import { codecOf } from '../src/types/codec-of.ts';
import type { PostgresType } from '../src/types/type-catalog.ts';

/** Types of extensions that are not on every server, by the texts that PostGIS 3.3 and pgvector 0.8 print. */
const SETTINGS: ValueSettings = {
  decimalMode: 'precise',
  timeMode: 'adaptive',
  binaryMode: 'bytes',
  hstoreMode: 'json',
  intervalMode: 'numeric',
  moneyFractionDigits: 2,
  includeUnknown: false,
  onUnrepresentable: 'fail',
  textTypes: new Set(),
  placeholderText: '?',
  placeholderBytes: Buffer.from('?'),
};

function codec(name: string, delimiter = ',', settings = SETTINGS): ColumnCodec {
  const base: PostgresType = {
    oid: 1,
    name: name.replace('[]', ''),
    kind: 'b',
    elementOid: 0,
    baseOid: 0,
    baseModifier: -1,
    delimiter,
    labels: [],
  };
  const types = new Map([
    [1, base],
    [2, { ...base, oid: 2, name: `_${base.name}`, elementOid: 1 }],
  ]);
  const found = codecOf(
    name.endsWith('[]') ? 2 : 1,
    -1,
    { find: (oid) => types.get(oid) },
    settings,
  );
  if (found === undefined) throw new Error(`no codec of ${name}`);
  return found;
}

const POINT_4326 = '0101000020E6100000000000000000F03F0000000000000040';
const POINT = '0101000000000000000000F03F0000000000000040';

describe('PostGIS', () => {
  test.each([
    ['geometry', POINT_4326, 4326],
    ['geometry', POINT, null],
    ['geography', POINT_4326, 4326],
    ['geometry', '0020000001000010E63FF00000000000004000000000000000', 4326],
  ])('%s keeps its EWKB and tells the SRID', (type, text, srid) => {
    expect(codec(type).decode(text)).toEqual({ wkb: Buffer.from(text, 'hex'), srid });
  });

  test('arrays are parted by colons', () => {
    expect(codec('geometry[]', ':').decode(`{${POINT}:NULL:${POINT_4326}}`)).toEqual([
      { wkb: Buffer.from(POINT, 'hex'), srid: null },
      null,
      { wkb: Buffer.from(POINT_4326, 'hex'), srid: 4326 },
    ]);
  });

  test('the schemas are those of Debezium', () => {
    expect(codec('geometry').schema).toMatchObject({
      name: 'io.debezium.data.geometry.Geometry',
      version: 1,
    });
    expect(codec('geography').schema).toMatchObject({
      name: 'io.debezium.data.geometry.Geography',
      version: 1,
    });
  });

  test('text that is no EWKB fails', () => {
    expect(() => codec('geometry').decode('01')).toThrow(
      expect.objectContaining({ code: 'postgres.value_not_representable' }),
    );
  });
});

describe('pgvector', () => {
  test.each([
    ['vector', '[1,2.5,-3e-05]', [1, 2.5, -3e-5], 'io.debezium.data.DoubleVector'],
    ['halfvec', '[1,2.5]', [1, 2.5], 'io.debezium.data.FloatVector'],
    [
      'sparsevec',
      '{1:1.5,3:-2}/5',
      {
        dimensions: 5,
        vector: new Map([
          [1, 1.5],
          [3, -2],
        ]),
      },
      'io.debezium.data.SparseDoubleVector',
    ],
    [
      'sparsevec',
      '{}/5',
      { dimensions: 5, vector: new Map() },
      'io.debezium.data.SparseDoubleVector',
    ],
  ])('%s %s', (type, text, expected, schema) => {
    expect(codec(type).decode(text)).toEqual(expected);
    expect(codec(type).schema.name).toBe(schema);
  });

  test('a sparse vector that int16 has no room for fails, or is null when the settings say so', () => {
    expect(() => codec('sparsevec').decode('{1:1}/40000')).toThrow(
      expect.objectContaining({ code: 'postgres.value_not_representable' }),
    );
    const lenient = codec('sparsevec', ',', { ...SETTINGS, onUnrepresentable: 'null' });
    expect(lenient.decode('{1:1}/40000')).toBeNull();
  });
});
