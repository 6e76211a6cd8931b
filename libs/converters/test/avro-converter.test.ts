import { describe, expect, test } from '@jest/globals';
import type { ComponentConfig, Converter } from '@millrace/connector-api';
import { MillraceError, systemClock, systemRandom } from '@millrace/foundation';
import {
  Decimal,
  logical,
  schemas,
  schemasEqual,
  valuesEqual,
  type Schema,
  type SchemaAndValue,
} from '@millrace/record';
import fc from 'fast-check';
import { avroConverterWith } from '../src/avro-converter.ts';
import { samples } from './arbitrary-values.ts';
import { refused, TinyRegistry } from './tiny-registry.ts';

const TOPIC = 'orders';

function open(
  registry: TinyRegistry,
  config: ComponentConfig = {},
  role: 'key' | 'value' = 'value',
): Converter {
  const ports = { clock: systemClock, random: systemRandom, transport: registry };
  return avroConverterWith(ports).create(
    { 'schema.registry.url': 'http://registry:8081', 'retries.wait.ms': '1', ...config },
    role,
  );
}

async function write(
  converter: Converter,
  schema: Schema | null,
  value: unknown,
): Promise<Uint8Array | null> {
  await converter.prepareFromConnect?.(TOPIC, schema, value);
  return converter.fromConnect(TOPIC, schema, value);
}

async function read(converter: Converter, bytes: Uint8Array | null): Promise<SchemaAndValue> {
  await converter.prepareToConnect?.(TOPIC, bytes);
  return converter.toConnect(TOPIC, bytes);
}

async function thereAndBack(
  schema: Schema | null,
  value: unknown,
  config: ComponentConfig = {},
): Promise<SchemaAndValue> {
  const registry = new TinyRegistry();
  return read(open(registry, config), await write(open(registry, config), schema, value));
}

async function registeredText(
  schema: Schema,
  value: unknown,
  config: ComponentConfig = {},
): Promise<string> {
  const registry = new TinyRegistry();
  await write(open(registry, config), schema, value);
  return registry.schemas[0]?.schema ?? '';
}

async function failure(attempt: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MillraceError) return error;
  throw new Error(`expected a MillraceError, got ${String(error)}`);
}

test('values of every type come back as they were, and so do their schemas', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async ({ schema, value }) => {
      const back = await thereAndBack(schema, value);
      if (value === null) {
        expect(back).toEqual({ schema: null, value: null });
        return;
      }
      if (!valuesEqual(back.value, value)) expect(back.value).toEqual(value);
      const version = schema.optional ? schema.version : (schema.version ?? 1);
      const expected = version === undefined ? schema : { ...schema, version };
      if (!schemasEqual(back.schema, expected)) expect(back.schema).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('a message is a zero, the id of the schema in four bytes, and the Avro data', async () => {
  const registry = new TinyRegistry();
  const schema = schemas.struct(
    { id: schemas.int32(), name: schemas.string({ optional: true }) },
    { name: 'x.Order' },
  );
  const bytes = await write(open(registry), schema, { id: 3, name: 'ab' });
  expect(Buffer.from(bytes ?? []).toString('hex')).toBe('0000000001' + '06' + '02' + '046162');
  expect(registry.schemas).toMatchObject([{ subject: 'orders-value', version: 1 }]);
  expect(registry.schemas[0]?.schema).toBe(
    '{"type":"record","name":"Order","namespace":"x","fields":[{"name":"id","type":"int"},' +
      '{"name":"name","type":["null","string"],"default":null}],"connect.name":"x.Order"}',
  );
});

test('what Avro has no word for is kept in connect properties, in the order of Confluent', async () => {
  const schema = schemas.struct({
    amount: logical.decimal(2, { optional: true, default: new Decimal(150n, 2) }),
    small: schemas.int8({ default: 3, doc: 'a doc' }),
    day: logical.date(),
  });
  expect(await registeredText(schema, { amount: null, small: null, day: new Date(0) })).toBe(
    '{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[' +
      '{"name":"amount","type":[{"type":"bytes","scale":2,"precision":64,"connect.version":1,' +
      '"connect.parameters":{"scale":"2"},"connect.default":"\\u0000\u0096",' +
      '"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"},"null"],"default":"\\u0000\u0096"},' +
      '{"name":"small","type":{"type":"int","connect.doc":"a doc","connect.default":3,"connect.type":"int8"},"default":3},' +
      '{"name":"day","type":{"type":"int","connect.version":1,"connect.name":"org.apache.kafka.connect.data.Date","logicalType":"date"}}]}',
  );
});

test('a schema is registered once, however many of its records are written, and at the same time', async () => {
  const registry = new TinyRegistry();
  const converter = open(registry);
  const schema = schemas.struct({ id: schemas.int32() }, { name: 'x.A' });
  await Promise.all([
    converter.prepareFromConnect?.(TOPIC, schema, { id: 1 }),
    converter.prepareFromConnect?.(TOPIC, { ...schema }, { id: 2 }),
  ]);
  expect(converter.prepareFromConnect?.(TOPIC, schema, { id: 3 })).toBeUndefined();
  expect(registry.requests).toEqual(['POST /subjects/orders-value/versions']);
});

test('null is a tombstone and asks for nothing; null of a required schema is refused', async () => {
  const registry = new TinyRegistry();
  const converter = open(registry);
  expect(await write(converter, null, null)).toBeNull();
  expect(await write(converter, schemas.string({ optional: true }), null)).toBeNull();
  expect(registry.requests).toEqual([]);
  expect((await failure(write(converter, schemas.string(), null))).code).toBe(
    'converter.bad_value',
  );
});

describe('values without a schema', () => {
  test.each([
    [true],
    [5],
    [2n ** 60n],
    [1.5],
    ['text'],
    [[1, 'a', null, [false]]],
    [{ a: 1, b: { c: [2.5] } }],
  ])('%j is written as Anything and comes back', async (value) => {
    const back = await thereAndBack(null, value);
    expect(back.schema).toBeNull();
    expect(back.value).toEqual(value);
  });
});

test('subjects are named by the strategy', async () => {
  const schema = schemas.struct({ id: schemas.int32() }, { name: 'x.Order' });
  const subjectBy = async (strategy: string, role: 'key' | 'value'): Promise<unknown> => {
    const registry = new TinyRegistry();
    await write(
      open(
        registry,
        { [`${role}.subject.name.strategy`]: `io.confluent.kafka.serializers.subject.${strategy}` },
        role,
      ),
      schema,
      { id: 1 },
    );
    return registry.schemas[0]?.subject;
  };
  expect(await subjectBy('TopicNameStrategy', 'key')).toBe('orders-key');
  expect(await subjectBy('RecordNameStrategy', 'value')).toBe('x.Order');
  expect(await subjectBy('TopicRecordNameStrategy', 'value')).toBe('orders-x.Order');
});

test('with use.latest.version, fields find their places by name, and new ones get their defaults', async () => {
  const registry = new TinyRegistry();
  registry.add(
    'orders-value',
    '{"type":"record","name":"Order","fields":[{"name":"note","type":"string","default":"none"},' +
      '{"name":"id","type":"long"}]}',
  );
  const config = { 'auto.register.schemas': 'false', 'use.latest.version': 'true' };
  const bytes = await write(open(registry, config), schemas.struct({ id: schemas.int32() }), {
    id: 7,
  });
  expect((await read(open(registry), bytes)).value).toEqual({ note: 'none', id: 7 });
});

test('a latest version that can not hold the record refuses it', async () => {
  const registry = new TinyRegistry();
  registry.add(
    'orders-value',
    '{"type":"record","name":"O","fields":[{"name":"id","type":"string"}]}',
  );
  const config = { 'auto.register.schemas': 'false', 'use.latest.version': 'true' };
  const error = await failure(
    write(open(registry, config), schemas.struct({ id: schemas.int32() }), { id: 7 }),
  );
  expect(error).toMatchObject({ code: 'converter.bad_schema', retry: 'fatal' });
  expect(error.message).toContain('"id" has type INT32');
});

test('enums, unions, fixed and records that hold themselves are read and written back', async () => {
  const avro =
    '{"type":"record","name":"Node","namespace":"x","fields":[' +
    '{"name":"color","type":{"type":"enum","name":"Color","symbols":["RED","BLUE"]}},' +
    '{"name":"any","type":["null","string","int",{"type":"fixed","name":"F","size":2}]},' +
    '{"name":"next","type":["null","Node"],"default":null}]}';
  const registry = new TinyRegistry();
  registry.add('orders-value', avro);
  const config = { 'enhanced.avro.schema.support': 'true' };
  const bytes = Buffer.from('0000000001' + '02' + '06abcd' + '02' + '00' + '0200' + '00', 'hex');
  const first = await read(open(registry, config), bytes);
  expect(first.value).toEqual({
    color: 'BLUE',
    any: { 'x.F': Buffer.from('abcd', 'hex') },
    next: { color: 'RED', any: { string: '' }, next: null },
  });
  const again = await write(open(registry, config), first.schema, first.value);
  expect(Buffer.from(again ?? []).subarray(5)).toEqual(bytes.subarray(5));
});

describe('bad messages are record errors with a reason', () => {
  const registry = new TinyRegistry();
  registry.add(
    'orders-value',
    '{"type":"record","name":"O","fields":[{"name":"s","type":"string"}]}',
  );
  test.each([
    ['', 'Unknown magic byte!'],
    ['7b7d', 'Unknown magic byte!'],
    ['0000', 'only 2 bytes'],
    ['0000000001', 'end too early'],
    ['00000000010461', 'end too early'],
    ['00000000010261ff', '1 bytes are left'],
    ['000000000102ff', 'not UTF-8'],
    ['0000000063', 'Schema 99 not found'],
  ])('%s', async (hex, reason) => {
    const error = await failure(read(open(registry), Buffer.from(hex, 'hex')));
    expect(error.retry).toBe('fatal');
    expect(error.message).toContain(reason);
  });
});

test('damaged data never do more than fail', async () => {
  const schema = schemas.struct({
    a: schemas.array(schemas.map(schemas.string(), schemas.int64())),
    b: schemas.bytes({ optional: true }),
    c: schemas.float64(),
  });
  const registry = new TinyRegistry();
  const converter = open(registry);
  const value = { a: [new Map([['k', 5]])], b: Buffer.from('xyz'), c: 1.5 };
  const good = Buffer.from((await write(converter, schema, value)) ?? []);
  await read(converter, good);
  for (let at = 5; at < good.length; at++)
    for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
      const damaged = Buffer.from(good);
      damaged[at] = byte;
      for (const bytes of [damaged, damaged.subarray(0, at)])
        try {
          converter.toConnect(TOPIC, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MillraceError);
        }
    }
});

test('a value that holds itself is refused', async () => {
  const self: Record<string, unknown> = {};
  self['self'] = self;
  expect((await failure(write(open(new TinyRegistry()), null, self))).message).toContain(
    'nested deeper',
  );
});

test('a registry that is away is a retriable error, one that refuses is not', async () => {
  const registry = new TinyRegistry();
  const schema = schemas.struct({ id: schemas.int32() });
  registry.fault = () => {
    throw new Error('connect ECONNREFUSED');
  };
  const config = {
    'max.retries': '2',
    'basic.auth.user.info': 'me:geheim',
    'basic.auth.credentials.source': 'USER_INFO',
  };
  const away = await failure(write(open(registry, config), schema, { id: 1 }));
  expect(away).toMatchObject({ code: 'registry.unavailable', retry: 'retriable' });
  expect(registry.requests).toHaveLength(3);
  expect(JSON.stringify(away) + away.message).not.toContain('geheim');
  registry.fault = () => refused(409, 409, 'Schema being registered is incompatible');
  const incompatible = await failure(write(open(registry), schema, { id: 1 }));
  expect(incompatible).toMatchObject({ code: 'registry.refused', retry: 'fatal' });
  expect(incompatible.message).toContain('Schema being registered is incompatible');
});

test('the next url is asked when one does not answer, and stays the first from then on', async () => {
  const registry = new TinyRegistry();
  const hosts: string[] = [];
  registry.fault = ({ url }) => {
    hosts.push(url.host);
    return url.host === 'a' ? refused(503, 50003, 'leader unknown') : undefined;
  };
  const converter = open(registry, { 'schema.registry.url': 'http://a,http://b' });
  await write(converter, schemas.struct({ id: schemas.int32() }), { id: 1 });
  await write(converter, schemas.struct({ no: schemas.int32() }), { no: 1 });
  expect(hosts).toEqual(['a', 'b', 'b']);
});

test('a schema named by its guid, in the message or in a header, is found', async () => {
  const registry = new TinyRegistry();
  const guid = '89791762-2336-4186-9674-299b90a802e2';
  registry.fault = ({ url }) =>
    url.pathname === `/schemas/guids/${guid}`
      ? { status: 200, body: JSON.stringify({ schema: '"string"', schemaType: 'AVRO', guid }) }
      : undefined;
  const mark = Buffer.from(`01${guid.replaceAll('-', '')}`, 'hex');
  const data = Buffer.from('046162', 'hex');
  const converter = open(registry);
  expect((await read(converter, Buffer.concat([mark, data]))).value).toBe('ab');
  const headers = [{ key: '__value_schema_id', value: mark }];
  await converter.prepareToConnect?.(TOPIC, data, headers);
  expect(converter.toConnect(TOPIC, data, headers).value).toBe('ab');
});
