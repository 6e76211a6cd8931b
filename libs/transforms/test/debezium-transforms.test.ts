import { expect, test } from '@jest/globals';
import type { ComponentConfig } from '@millrace/connector-api';
import { schemas, type ConnectRecord, type Schema, type Struct } from '@millrace/record';
import { shippedTransforms } from '../src/shipped-transforms.ts';

// The expected values are those of Debezium 3.6's own transforms.

const optionalText = schemas.string({ optional: true });

function outboxRow(more: Readonly<Record<string, Schema>> = {}): Schema {
  return schemas.struct(
    {
      id: schemas.string(),
      aggregatetype: schemas.string(),
      aggregateid: schemas.string(),
      type: optionalText,
      payload: optionalText,
      ...more,
    },
    { optional: true, name: 's.outbox.Value' },
  );
}

const event = { id: 'e1', aggregatetype: 'Order', aggregateid: '77', type: 'Created' };
const keySchema = schemas.struct({ id: schemas.string() }, { name: 's.outbox.Key' });

function change(op: string, after: Struct | null, row: Schema = outboxRow()): ConnectRecord {
  const valueSchema = schemas.struct(
    { before: row, after: row, op: schemas.string(), ts_ms: schemas.int64() },
    { name: 's.outbox.Envelope', version: 1 },
  );
  return {
    topic: 's.outbox',
    partition: 3,
    keySchema,
    key: { id: 'k1' },
    valueSchema,
    value: { before: null, after, op, ts_ms: 1_718_452_800_123 },
    timestampMs: 5,
    headers: [],
  };
}

function apply(
  simpleName: string,
  config: ComponentConfig,
  record: ConnectRecord,
): ConnectRecord | null {
  const javaClass = `io.debezium.transforms.${simpleName}`;
  const plugin = shippedTransforms.find(({ javaClasses }) => javaClasses.includes(javaClass));
  if (plugin === undefined) throw new Error(`no ${javaClass}`);
  return plugin.create(config).apply(record);
}

const route = (config: ComponentConfig, after: Struct, row?: Schema): ConnectRecord | null =>
  apply('outbox.EventRouter', config, change('c', after, row));

test('an inserted outbox row becomes a message of its own', () => {
  expect(route({}, { ...event, payload: '{"a":1}' })).toMatchObject({
    topic: 'outbox.event.Order',
    partition: null,
    keySchema: schemas.string(),
    key: '77',
    valueSchema: optionalText,
    value: '{"a":1}',
    timestampMs: 1_718_452_800_123,
    headers: [{ key: 'id', schema: schemas.string(), value: 'e1' }],
  });
});

test('deletes and tombstones are dropped, updates by the strategy, other records pass', () => {
  const row = { ...event, payload: 'p' };
  const router = (config: ComponentConfig, record: ConnectRecord): ConnectRecord | null =>
    apply('outbox.EventRouter', config, record);
  expect(router({}, change('d', null))).toBeNull();
  expect(router({}, { ...change('c', row), value: null })).toBeNull();
  expect(router({}, change('u', row))).toBeNull();
  expect(() => router({ 'table.op.invalid.behavior': 'fatal' }, change('u', row))).toThrow(
    'Unexpected update message received',
  );
  const plain = { ...change('c', row), valueSchema: null };
  expect(router({}, plain)).toBe(plain);
});

test('the topic comes from a column and an expression', () => {
  const row = { ...event, payload: 'p' };
  const config = {
    'route.topic.regex': '(?<routedByValue>Or)(.*)',
    'route.topic.replacement': 't.${routedByValue}.$2',
  };
  expect(route(config, row)?.topic).toBe('t.Or.der');
  expect(route({ 'route.topic.regex': 'no match' }, row)?.topic).toBe('Order');
  expect(route({ 'route.by.field': 'type' }, row)?.topic).toBe('outbox.event.Created');
  expect(() => route({ 'route.by.field': 'none' }, row)).toThrow('none is not a valid field name');
});

test('more columns go into headers, the envelope or the partition', () => {
  const row = outboxRow({ tenant: optionalText, part: schemas.int32({ optional: true }) });
  const after = { ...event, payload: 'p', tenant: 'acme', part: 2 };
  const placed = route(
    { 'table.fields.additional.placement': 'tenant:header:t,tenant:envelope,part:partition' },
    after,
    row,
  );
  expect(placed).toMatchObject({
    partition: 2,
    value: { payload: 'p', tenant: 'acme' },
    valueSchema: {
      name: 's.outbox.Order.Value',
      fields: [{ name: 'payload' }, { name: 'tenant' }],
    },
    headers: [{ key: 'id' }, { key: 't', value: 'acme' }],
  });
  const missing = { 'table.fields.additional.placement': 'none:header' };
  expect(() => route(missing, after, row)).toThrow('none is not a valid field name');
  const ignored = { ...missing, 'table.field.additional.missing': 'ignore' };
  expect(route(ignored, after, row)?.headers).toHaveLength(1);
  expect(() => route({ 'table.fields.additional.placement': 'tenant:where' }, after, row)).toThrow(
    '"tenant:where" is not column:header|envelope|partition[:alias]',
  );
});

test.each([
  ['io.debezium.time.Timestamp', 1_700_000_000_000],
  ['io.debezium.time.MicroTimestamp', 1_700_000_000_000_123],
  ['io.debezium.time.NanoTimestamp', 1_700_000_000_000_123_456n],
])('a timestamp column of %s is understood', (name, value) => {
  const row = outboxRow({ ts: schemas.int64({ optional: true, name }) });
  const config = { 'table.field.event.timestamp': 'ts' };
  expect(route(config, { ...event, payload: 'p', ts: value }, row)?.timestampMs).toBe(
    1_700_000_000_000,
  );
  expect(route(config, { ...event, payload: 'p', ts: null }, row)?.timestampMs).toBe(
    1_718_452_800_123,
  );
});

test('an event without payload may become a tombstone', () => {
  const config = { 'route.tombstone.on.empty.payload': 'true' };
  for (const payload of [null, '', '  '])
    expect(route(config, { ...event, payload })).toMatchObject({ value: null, valueSchema: null });
  expect(route({}, { ...event, payload: null })).toMatchObject({ valueSchema: optionalText });
});

const shapeOf = (schema: Schema | null | undefined): unknown => {
  if (schema === null || schema === undefined) return null;
  if (schema.type === 'struct')
    return Object.fromEntries(schema.fields.map((field) => [field.name, shapeOf(field.schema)]));
  return schema.type === 'array' ? [shapeOf(schema.items)] : schema.type;
};

test.each([
  [
    '{"a":1,"b":[1,2],"c":{"d":null,"e":1.5},"f":[]}',
    { a: 'int32', b: ['int32'], c: { e: 'float64' } },
  ],
  ['{"a":9007199254740993,"c":3000000000,"d":1.0}', { a: 'int64', c: 'int64', d: 'float64' }],
  ['{"a":[{"b":1},{"c":"x"}]}', { a: [{ b: 'int32', c: 'string' }] }],
  ['{"a":[[1],[2,3]],"s":"1.0"}', { a: [['int32']], s: 'string' }],
])('a JSON payload is expanded: %s', (payload, shape) => {
  const config = { 'table.expand.json.payload': 'true' };
  expect(shapeOf(route(config, { ...event, payload })?.valueSchema)).toEqual(shape);
});

test('what is no JSON object stays a text; nulls may have fields', () => {
  const config = { 'table.expand.json.payload': 'true' };
  for (const payload of ['not json', '{', '"x"', '5', '{"a":[1,"x"]}'])
    expect(route(config, { ...event, payload })).toMatchObject({
      value: payload,
      valueSchema: optionalText,
    });
  const withNulls = { ...config, 'table.json.payload.null.behavior': 'optional_bytes' };
  const expanded = route(withNulls, { ...event, payload: '{"a":null,"b":1.0}' });
  expect(expanded?.value).toEqual({ a: null, b: 1 });
  expect(shapeOf(expanded?.valueSchema)).toEqual({ a: 'bytes', b: 'float64' });
});

test('ByLogicalTableRouter joins the topics of shards and keeps their keys apart', () => {
  const config = { 'topic.regex': '(.*)orders_(\\d+)', 'topic.replacement': '$1orders-all' };
  const record = { ...change('c', { ...event, payload: 'p' }), topic: 'srv.orders_1' };
  const routed = apply('ByLogicalTableRouter', config, record);
  expect(routed).toMatchObject({
    topic: 'srv.orders-all',
    partition: 3,
    key: { id: 'k1', __dbz__physicalTableIdentifier: 'srv.orders_1' },
    keySchema: { name: 'srv.orders-all.Key' },
    value: record.value,
    valueSchema: {
      name: 'srv.orders-all.Envelope',
      version: 1,
      fields: [
        { name: 'before', schema: { name: 'srv.orders-all.Value' } },
        { name: 'after', schema: { name: 'srv.orders-all.Value' } },
        { name: 'op' },
        { name: 'ts_ms' },
      ],
    },
  });
  const shortKey = { 'key.field.regex': '.*_(\\d+)', 'key.field.replacement': '$1' };
  expect(apply('ByLogicalTableRouter', { ...config, ...shortKey }, record)?.key).toEqual({
    id: 'k1',
    __dbz__physicalTableIdentifier: '1',
  });
  const unique = { ...config, 'key.enforce.uniqueness': 'false' };
  expect(apply('ByLogicalTableRouter', unique, record)?.key).toEqual({ id: 'k1' });
  const avro = { ...config, 'schema.name.adjustment.mode': 'avro' };
  expect(apply('ByLogicalTableRouter', avro, record)?.keySchema?.name).toBe('srv.orders_all.Key');
  const tombstone = { ...record, value: null, valueSchema: null };
  expect(apply('ByLogicalTableRouter', config, tombstone)).toMatchObject({
    topic: 'srv.orders-all',
    value: null,
  });
  const other = { ...record, topic: 'srv.customers' };
  expect(apply('ByLogicalTableRouter', config, other)).toBe(other);
});
