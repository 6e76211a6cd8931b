import { describe, expect, test } from '@jest/globals';
import { MillraceError } from '@millrace/foundation';
import { Decimal, logical, schemas, valuesEqual, type Schema } from '@millrace/record';
import fc from 'fast-check';
import { protobufConverterWith } from '../src/protobuf-converter.ts';
import { samples } from './arbitrary-values.ts';
import { failure, RegistryBed, TOPIC, write } from './registry-bed.ts';

const bed = (): RegistryBed => new RegistryBed(protobufConverterWith);
const WRAPPED = { 'wrapper.for.nullables': 'true' };

/** What Protobuf can say: structs of anything but lists in lists, maps in lists, and lists in maps. */
function canHold(schema: Schema, isInside = false): boolean {
  switch (schema.type) {
    case 'array':
      return !isInside && !schema.items.optional && canHold(schema.items, true);
    case 'map':
      return !isInside && !schema.values.optional && canHold(schema.values, true);
    case 'struct':
      return schema.fields.every((field) => canHold(field.schema));
    default:
      return true;
  }
}

/** A list or map that is null has no other form than an empty one. */
function withoutNullLists(schema: Schema, value: unknown): unknown {
  if (schema.type === 'array')
    return Array.isArray(value) ? value.map((each) => withoutNullLists(schema.items, each)) : [];
  if (schema.type === 'map')
    return value instanceof Map
      ? new Map([...value].map(([key, each]) => [key, withoutNullLists(schema.values, each)]))
      : new Map();
  if (schema.type !== 'struct' || typeof value !== 'object' || value === null) return value;
  const members = new Map<string, unknown>(Object.entries(value));
  return Object.fromEntries(
    schema.fields.map(({ name, schema: own }) => [name, withoutNullLists(own, members.get(name))]),
  );
}

test.each([WRAPPED, { 'optional.for.nullables': 'true' }])(
  'values of every type come back as they were, with %j',
  async (config) => {
    const fitting = samples.filter(({ schema, value }) => value !== null && canHold(schema));
    await fc.assert(
      fc.asyncProperty(fitting, async ({ schema, value }) => {
        const root = schemas.struct({ it: schema }, { name: 'x.Root' });
        const back = await bed().thereAndBack(root, { it: value }, config);
        const expected = withoutNullLists(root, { it: value });
        if (!valuesEqual(back.value, expected)) expect(back.value).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  },
);

test('the .proto file has the message, its tags, and what Protobuf has no word for', async () => {
  const own = bed();
  const order = schemas.struct(
    {
      id: schemas.int32(),
      small: schemas.int8({ optional: true }),
      amount: logical.decimal(2),
      tags: schemas.array(schemas.string()),
      place: schemas.struct({ city: schemas.string() }, { name: 'x.Place' }),
      counts: schemas.map(schemas.string(), schemas.int64(), { name: 'Counts' }),
    },
    { name: 'x.Order' },
  );
  const value = {
    id: 1,
    small: null,
    amount: new Decimal(150n, 2),
    tags: ['a'],
    place: { city: 'b' },
    counts: new Map([['k', 5]]),
  };
  const bytes = await own.write(order, value);
  expect(own.registry.schemas[0]?.schema).toBe(`syntax = "proto3";
package x;

import "confluent/meta.proto";
import "confluent/type/decimal.proto";

message Order {
  int32 id = 1;
  int32 small = 2 [(confluent.field_meta) = { params: [{ key: "connect.type", value: "int8" }] }];
  .confluent.type.Decimal amount = 3 [(confluent.field_meta) = { params: [{ key: "scale", value: "2" }] }];
  repeated string tags = 4;
  Place place = 5;
  repeated CountsEntry counts = 6;

  message Place {
    string city = 1;
  }

  message CountsEntry {
    string key = 1;
    int64 value = 2;
  }
}
`);
  expect(bytes.toString('hex')).toBe(
    '0000000001' +
      '00' +
      '0801' +
      '1a080a0200961003' +
      '1802' +
      '220161' +
      '2a030a0162' +
      '32050a016b1005',
  );
  expect((await own.read(bytes)).value).toEqual({ ...value, small: 0 });
});

test('primitives are written in wrappers, with the place of the wrapper in its file', async () => {
  const own = bed();
  const bytes = await own.write(schemas.string(), 'ab');
  expect(bytes.toString('hex')).toBe('0000000001' + '020e' + '0a026162');
  expect((await own.read(bytes)).value).toBe('ab');
});

describe('a file of others', () => {
  const text = `syntax = "proto3"; package a.b;
    import "google/protobuf/wrappers.proto";
    // The first message is not the one that is written.
    message Other { int32 x = 1; }
    message Event {
      enum Color { RED = 0; BLUE = 5; }
      message Inner { sint32 s = 1; fixed64 f = 2; uint32 u = 3; }
      Color color = 1;
      oneof choice { string text = 2; Inner inner = 3; }
      optional int32 maybe = 4;
      map<string, Inner> by_name = 5;
      repeated int32 numbers = 6;
      google.protobuf.StringValue note = 7;
      Event parent = 8;
    }`;
  const open = (): RegistryBed => {
    const own = bed();
    own.registry.add('orders-value', text, 'PROTOBUF');
    return own;
  };
  /** Message 1 (two indexes in zigzag), color BLUE, inner {s: -1, u: 2^32-1}, numbers [1, 300] packed, parent {}. */
  const event = Buffer.from(
    '0000000001' + '0202' + '0805' + '1a08' + '0801' + '18ffffffff0f' + '3203' + '01ac02' + '4200',
    'hex',
  );

  test('is read by the message indexes, with enums, oneofs and maps', async () => {
    const { schema, value } = await open().read(event);
    expect(schema).toMatchObject({ type: 'struct', name: 'Event', version: 1 });
    expect(value).toEqual({
      choice_0: { inner: { s: -1, f: 0, u: 4294967295 } },
      color: 'BLUE',
      maybe: null,
      by_name: new Map(),
      numbers: [1, 300],
      note: null,
      parent: {
        choice_0: null,
        color: 'RED',
        maybe: null,
        by_name: new Map(),
        numbers: [],
        note: null,
        parent: null,
      },
    });
  });

  test('what was read can be written again, oneofs and tags included', async () => {
    const own = open();
    const config = { 'optional.for.nullables': 'true' };
    const { schema, value } = await own.read(event, config);
    const again = await own.read(await own.write(schema, value, config), config);
    expect(again.value).toEqual(value);
  });

  test.each([
    ['0000000001', 'end too early'],
    ['00000000010208', 'no message with the indexes [4]'],
    ['0000000001' + '0202' + '1a7f', 'end too early'],
    ['0000000001' + '0202' + '1aff', 'end too early'],
    ['0000000001' + '0202' + '0f', 'wire type 7'],
    ['00000000017f', '-64 message indexes'],
  ])('bad data are a record error: %s', async (hex, reason) => {
    const error = await failure(open().read(Buffer.from(hex, 'hex')));
    expect(error).toMatchObject({ code: 'converter.bad_bytes', retry: 'fatal' });
    expect(error.message).toContain(reason);
  });

  test('damaged data never do more than fail', async () => {
    const own = open();
    const converter = own.open();
    await converter.prepareToConnect?.(TOPIC, event);
    for (let at = 5; at < event.length; at++)
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = Buffer.from(event);
        damaged[at] = byte;
        for (const bytes of [damaged, damaged.subarray(0, at)])
          try {
            converter.toConnect(TOPIC, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(MillraceError);
          }
      }
  });
});

test('imports are fetched with their own imports', async () => {
  const own = bed();
  const { registry } = own;
  registry.add('c', 'syntax="proto3"; package c; message C { int32 n = 1; }', 'PROTOBUF');
  const toC = [{ name: 'c.proto', subject: 'c', version: 1 }];
  registry.add(
    'b',
    'syntax="proto3"; package b; import "c.proto"; message B { c.C c = 1; }',
    'PROTOBUF',
    toC,
  );
  const toB = [{ name: 'b.proto', subject: 'b', version: 1 }];
  registry.add(
    'orders-value',
    'syntax="proto3"; import "b.proto"; message A { b.B b = 1; }',
    'PROTOBUF',
    toB,
  );
  const bytes = Buffer.from('0000000003' + '00' + '0a040a020807', 'hex');
  expect((await own.read(bytes)).value).toEqual({ b: { c: { n: 7 } } });
});

test('what Protobuf has no form for is refused with the reason', async () => {
  const refusal = async (schema: Schema | null, value: unknown): Promise<string> =>
    (await failure(write(bed().open(), schema, value))).message;
  const nested = schemas.struct({ l: schemas.array(schemas.array(schemas.int32())) });
  expect(await refusal(nested, { l: [] })).toContain('Array cannot be nested');
  expect(await refusal(schemas.array(schemas.int32()), [])).toContain(
    'Unsupported root schema of type ARRAY',
  );
  expect(await refusal(null, { a: 1 })).toContain('without a schema');
  expect(await refusal(schemas.struct({ 'a-b': schemas.int32() }), { 'a-b': 1 })).toContain(
    '"a-b" is no Protobuf name',
  );
  const list = schemas.struct({ l: schemas.array(schemas.int32({ optional: true })) });
  expect(await refusal(list, { l: [null] })).toContain('can not hold null');
});
