import { Decimal, logical, schemas, type Schema, type SinkRecord } from '@millrace/record';

export interface Sample {
  readonly name: string;
  readonly schema: Schema | null;
  readonly value: unknown;
}

const STRUCT = schemas.struct(
  {
    id: schemas.int64(),
    name: schemas.string({ optional: true }),
    inner: schemas.struct({ tags: schemas.array(schemas.string()) }, { optional: true }),
  },
  { name: 'sample.Struct' },
);

/** A value of each type of schema, each also as null of an optional one; and what has no schema. */
export const SAMPLES: readonly Sample[] = [
  ...ofSchema('int8', schemas.int8, -128),
  ...ofSchema('int16', schemas.int16, 32_767),
  ...ofSchema('int32', schemas.int32, -2_147_483_648),
  ...ofSchema('int64', schemas.int64, 9_007_199_254_740_993n),
  ...ofSchema('float32', schemas.float32, 1.5),
  ...ofSchema('float64', schemas.float64, 0.1),
  ...ofSchema('boolean', schemas.boolean, true),
  ...ofSchema('string', schemas.string, 'zwölf "12"\n€'),
  ...ofSchema('bytes', schemas.bytes, new Uint8Array([0, 1, 254, 255])),
  ...ofSchema('array', (options) => schemas.array(schemas.int32(), options), [1, 2, 3]),
  ...ofSchema(
    'map',
    (options) => schemas.map(schemas.string(), schemas.int32(), options),
    new Map([['a', 1]]),
  ),
  ...ofSchema('struct', (options) => ({ ...STRUCT, ...options }), {
    id: 1,
    name: null,
    inner: { tags: ['a', 'b'] },
  }),
  ...ofSchema('decimal', (options) => logical.decimal(2, options), new Decimal(-12_345n, 2)),
  ...ofSchema('date', logical.date, new Date(86_400_000)),
  ...ofSchema('time', logical.time, new Date(3_600_000)),
  ...ofSchema('timestamp', logical.timestamp, new Date(1_700_000_000_123)),
  { name: 'null without schema', schema: null, value: null },
  { name: 'text without schema', schema: null, value: 'text' },
  { name: 'number without schema', schema: null, value: 1.5 },
  { name: 'boolean without schema', schema: null, value: false },
  { name: 'large integer without schema', schema: null, value: 2n ** 60n },
  { name: 'document without schema', schema: null, value: { a: [1, { b: null }], c: 'x' } },
  { name: 'list without schema', schema: null, value: [1, 'two', null] },
  { name: 'bytes without schema', schema: null, value: new Uint8Array([1, 2]) },
];

function ofSchema(
  name: string,
  make: (options?: { optional: boolean }) => Schema,
  value: unknown,
): readonly Sample[] {
  return [
    { name, schema: make(), value },
    { name: `optional ${name}`, schema: make({ optional: true }), value },
    { name: `null of an optional ${name}`, schema: make({ optional: true }), value: null },
  ];
}

/** A record as a consumer reads it, of what is given. */
export function sinkRecord(given: Partial<SinkRecord>): SinkRecord {
  const { topic = 'topic', partition = 0, offset = 0 } = given;
  return {
    topic,
    partition,
    offset,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestampMs: 1_700_000_000_000,
    timestampType: 'create',
    headers: [],
    originalTopic: topic,
    originalPartition: partition,
    originalOffset: offset,
    raw: { key: null, value: null, headers: [] },
    ...given,
  };
}
