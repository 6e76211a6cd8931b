import { describe, expect, test } from '@jest/globals';
import {
  Decimal,
  logical,
  schemas,
  schemasEqual,
  valuesEqual,
  type Schema,
} from '@millrace/record';
import fc from 'fast-check';
import { jsonSchemaConverterWith } from '../src/json-schema-converter.ts';
import { samples } from './arbitrary-values.ts';
import { failure, RegistryBed, write } from './registry-bed.ts';

const bed = (): RegistryBed => new RegistryBed(jsonSchemaConverterWith);

function reading(schema: string): RegistryBed {
  const own = bed();
  own.registry.add('orders-value', schema, 'JSON');
  return own;
}

const message = (json: string): Buffer =>
  Buffer.concat([Buffer.from('0000000001', 'hex'), Buffer.from(json)]);

test.each([{}, { 'decimal.format': 'NUMERIC', 'json.fail.invalid.schema': 'true' }])(
  'values of every type come back as they were, and so do their schemas, with %j',
  async (config) => {
    await fc.assert(
      fc.asyncProperty(samples, async ({ schema, value }) => {
        if ('json.fail.invalid.schema' in config && hasFloat(schema)) return;
        const back = await bed().thereAndBack(schema, value, config);
        if (!valuesEqual(back.value, value)) expect(back.value).toEqual(value);
        const expected = { ...schema, version: schema.version ?? 1 };
        if (!schemasEqual(back.schema, expected)) expect(back.schema).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  },
);

/** NaN and the infinities are text, which is no number to a validator. */
function hasFloat(schema: Schema): boolean {
  switch (schema.type) {
    case 'array':
      return hasFloat(schema.items);
    case 'map':
      return hasFloat(schema.keys) || hasFloat(schema.values);
    case 'struct':
      return schema.fields.some((field) => hasFloat(field.schema));
    default:
      return schema.type.startsWith('float');
  }
}

test('the schema says in connect properties what JSON Schema has no word for', async () => {
  const own = bed();
  const order = schemas.struct(
    {
      id: schemas.int32(),
      amount: logical.decimal(2, { optional: true }),
      counts: schemas.map(schemas.int32(), schemas.boolean()),
    },
    { name: 'x.Order', version: 3, doc: 'an order' },
  );
  const value = { id: 1, amount: new Decimal(500n, 2), counts: new Map([[7, true]]) };
  const bytes = await own.write(order, value);
  expect(bytes.subarray(5).toString()).toBe(
    '{"id":1,"amount":"AfQ=","counts":[{"key":7,"value":true}]}',
  );
  expect(JSON.parse(own.registry.schemas[0]?.schema ?? '')).toEqual({
    type: 'object',
    title: 'x.Order',
    description: 'an order',
    'connect.version': 3,
    properties: {
      id: { type: 'integer', 'connect.type': 'int32', 'connect.index': 0 },
      amount: {
        oneOf: [
          { type: 'null' },
          {
            type: 'string',
            title: 'org.apache.kafka.connect.data.Decimal',
            'connect.type': 'bytes',
            'connect.version': 1,
            'connect.parameters': { scale: '2' },
          },
        ],
        'connect.index': 1,
      },
      counts: {
        type: 'array',
        'connect.type': 'map',
        'connect.index': 2,
        items: {
          type: 'object',
          properties: {
            key: { type: 'integer', 'connect.type': 'int32', 'connect.index': 0 },
            value: { type: 'boolean', 'connect.index': 1 },
          },
        },
      },
    },
  });
});

test('null of an optional schema is the JSON null; of none at all, a tombstone', async () => {
  const own = bed();
  expect((await own.write(schemas.string({ optional: true }), null)).subarray(5).toString()).toBe(
    'null',
  );
  expect(await write(own.open(), null, null)).toBeNull();
  expect(await write(own.open(), schemas.string(), null)).toBeNull();
});

describe('schemas of others', () => {
  test('references, alternatives, enums and a type that holds itself', async () => {
    const own = reading(
      JSON.stringify({
        $schema: 'http://json-schema.org/draft-07/schema#',
        title: 'Node',
        type: 'object',
        properties: {
          color: { enum: ['red', 'blue'] },
          either: { oneOf: [{ type: 'string' }, { $ref: '#/definitions/Point' }] },
          maybe: { type: ['null', 'integer'] },
          next: { $ref: '#' },
        },
        definitions: { Point: { type: 'object', properties: { x: { type: 'number' } } } },
      }),
    );
    const { schema, value } = await own.read(
      message(
        '{"color":"blue","either":{"x":1.5},"maybe":null,"next":{"color":"red","either":"s"}}',
      ),
    );
    expect(schema).toMatchObject({ type: 'struct', name: 'Node', version: 1 });
    expect(value).toEqual({
      color: 'blue',
      either: { 'io.confluent.connect.json.OneOf.field.1': { x: 1.5 } },
      maybe: null,
      next: {
        color: 'red',
        either: { 'io.confluent.connect.json.OneOf.field.0': 's' },
        maybe: null,
        next: null,
      },
    });
  });

  test('references to other subjects', async () => {
    const own = bed();
    own.registry.add('points', '{"type":"object","properties":{"x":{"type":"integer"}}}', 'JSON');
    own.registry.add(
      'orders-value',
      '{"type":"object","properties":{"at":{"$ref":"point.json"}}}',
      'JSON',
      [{ name: 'point.json', subject: 'points', version: 1 }],
    );
    const bytes = Buffer.concat([Buffer.from('0000000002', 'hex'), Buffer.from('{"at":{"x":5}}')]);
    expect((await own.read(bytes, { 'json.fail.invalid.schema': 'true' })).value).toEqual({
      at: { x: 5 },
    });
  });
});

test('a value that its schema forbids is refused only when that is asked for', async () => {
  const own = reading(
    '{"type":"object","properties":{"age":{"type":"integer","minimum":0}},"required":["age"]}',
  );
  expect((await own.read(message('{"age":-5}'))).value).toEqual({ age: -5 });
  const error = await failure(
    own.read(message('{"age":-5}'), { 'json.fail.invalid.schema': 'true' }),
  );
  expect(error).toMatchObject({ code: 'converter.bad_value', retry: 'fatal' });
  expect(error.message).toContain('/age: must be >= 0');
});

test.each([
  ['{"type":"object"}', 'nonsense', 'serialization error'],
  ['{"type":"object"}', '[1]', 'Structs should be encoded as JSON objects'],
  ['{"type":"integer","connect.type":"int8"}', '300', 'not a valid INT8'],
  ['{"type":"string"}', 'null', 'Invalid null value'],
  ['{}', '1', 'without a type'],
  ['true', '1', 'is not an object'],
  ['{"type":"array"}', '[]', 'did not specify the items type'],
  ['{"$ref":"#/nowhere"}', '1', 'which it does not have'],
  ['{"$ref":"#"}', '1', 'refers to itself'],
])('schema %s with %s is a record error', async (schema, json, reason) => {
  const error = await failure(reading(schema).read(message(json)));
  expect(error.retry).toBe('fatal');
  expect(error.message).toContain(reason);
});
