import { describe, expect, test } from '@jest/globals';
import {
  defineConverter,
  defineTransform,
  type Converter,
  type Transform,
} from '@millrace/connector-api';
import { shippedConverters } from '@millrace/converters';
import { notJson } from './planted-errors.ts';
import { schemas, type ConnectRecord } from '@millrace/record';
import { shippedTransforms } from '@millrace/transforms';
import { converterContract, SAMPLES, transformContract } from '../src/contract/contract.ts';
import { violationsOf } from './violations.ts';

const RECORD = {
  keySchema: schemas.struct({ id: schemas.int32() }),
  key: { id: 1 },
  valueSchema: schemas.struct({ id: schemas.int32(), name: schemas.string() }),
  value: { id: 1, name: 'a' },
  headers: [{ key: 'h', schema: schemas.string(), value: 'x' }],
};

/** Configurations of the shipped transforms that need one. */
const CONFIGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Cast: { spec: 'id:string' },
  DropHeaders: { headers: 'h' },
  ExtractField: { field: 'id' },
  HeaderFrom: { fields: 'id', headers: 'i', operation: 'move' },
  HoistField: { field: 'inner' },
  InsertField: { 'static.field': 's', 'static.value': 'v' },
  InsertHeader: { header: 'i', 'value.literal': '1' },
  MaskField: { fields: 'name' },
  RegexRouter: { regex: '(.*)', replacement: 'x-$1' },
  ReplaceField: { renames: 'name:title' },
  TimezoneConverter: { 'converted.timezone': 'UTC' },
  SetSchemaMetadata: { 'schema.name': 'n' },
  TimestampConverter: { 'target.type': 'string', format: 'yyyy', field: 'id' },
  ValueToKey: { fields: 'id' },
  EnforceRecordSize: { 'max.bytes': '100' },
  HeaderToValue: { headers: 'h', fields: 'from_header', operation: 'copy' },
  PartitionRouting: { 'partition.payload.fields': 'change.id', 'partition.topic.num': '3' },
  SchemaChangeEventFilter: { 'schema.change.event.exclude.list': 'DROP' },
  ByLogicalTableRouter: { 'topic.regex': '(.*)', 'topic.replacement': 'x-$1' },
  script: { script: '(record) => ({ ...record, topic: record.topic + "-x" })' },
};

function configOf(className: string): Readonly<Record<string, string>> {
  const simple = className.slice(className.lastIndexOf('.') + 1).replace(/\$.*/, '');
  return CONFIGS[simple] ?? {};
}

for (const plugin of shippedTransforms)
  describe(`the transform ${plugin.name} keeps the promises of a transform`, () => {
    const config = configOf(plugin.javaClasses[0] ?? plugin.name);
    for (const { name, run } of transformContract({ plugin, config, records: [RECORD] }))
      test(name, run);
  });

/** Types that the formats have no room for come back as others, as with Kafka Connect. */
const EXACT: Readonly<Record<string, readonly string[]>> = {
  string: ['string', 'text without schema', 'null without schema'],
  json: SAMPLES.map(({ name }) => name).filter((name) => name !== 'bytes without schema'),
  'simple-header': [],
};

/** Those that need a schema registry are tried with one where they live. */
const alone = shippedConverters.filter(({ fields }) => !('schema.registry.url' in fields));

for (const plugin of alone)
  describe(`the converter ${plugin.name} keeps the promises of a converter`, () => {
    const exact = EXACT[plugin.name];
    const subject = { plugin, config: {}, ...(exact === undefined ? {} : { exact }) };
    for (const { name, run } of converterContract(subject)) test(name, run);
  });

const transform = (apply: (record: ConnectRecord) => unknown, close?: () => void) =>
  transformContract({
    plugin: defineTransform({
      name: 'planted',
      fields: {},
      create: () => ({ apply, ...(close === undefined ? {} : { close }) }) as Transform,
    }),
    config: {},
  });
let count = 0;

test.each([
  [
    'breaks at null',
    (record: ConnectRecord) => ({ ...record, topic: String((record.value as object).constructor) }),
    /^values: .*TypeError/,
  ],
  [
    'changes what it is given',
    (record: ConnectRecord) => Object.assign(record, { topic: 'x' }),
    /^records: those|^values: /,
  ],
  [
    'depends on what came before',
    (record: ConnectRecord) => ({ ...record, topic: `t${++count}` }),
    /^purity: /,
  ],
  [
    'keeps the JSON of the old value',
    (record: ConnectRecord) => ({ ...record, value: 'new' }),
    /^records: where .*ready-made JSON/,
  ],
  [
    'loses where a record came from',
    ({ topic, value }: ConnectRecord) => ({ topic, value, headers: [] }),
    /^records: where .*lost or changed/,
  ],
])('the suite names a transform that %s', async (_what, apply, named) => {
  expect(await violationsOf(transform(apply))).toContainEqual(expect.stringMatching(named));
});

const converter = (own: Partial<Converter>) =>
  converterContract({
    plugin: defineConverter({
      name: 'planted',
      fields: {},
      create: () => ({
        fromConnect: (_topic, _schema, value) => {
          if (typeof value !== 'string') throw notJson();
          return Buffer.from(value);
        },
        toConnect: (_topic, bytes) => ({
          schema: null,
          value: bytes === null ? null : Buffer.from(bytes).toString(),
        }),
        ...own,
      }),
    }),
    config: {},
  });

test('the suite has nothing to say of a converter for text alone', async () => {
  expect(await violationsOf(converter({}))).toEqual([]);
});

test.each<readonly [string, Partial<Converter>, RegExp]>([
  [
    'changes values',
    {
      fromConnect: (_topic, _schema, value) =>
        Buffer.from(typeof value === 'number' ? value.toString() : ''),
    },
    /^values: of any .*another one/,
  ],
  [
    'breaks at null',
    {
      fromConnect: (_topic, _schema, value) =>
        Buffer.from((value as { toString(): string }).toString()),
    },
    /^values: the same .*no MillraceError/,
  ],
  [
    'breaks at garbage',
    {
      toConnect: (_topic, bytes) => ({
        schema: null,
        value: JSON.parse(Buffer.from(bytes ?? []).toString()) as unknown,
      }),
    },
    /^bytes: .*no MillraceError/,
  ],
  [
    'depends on what came before',
    { fromConnect: () => Buffer.from(`${++count}`) },
    /^values: the same/,
  ],
])('the suite names a converter that %s', async (_what, own, named) => {
  expect(await violationsOf(converter(own))).toContainEqual(expect.stringMatching(named));
});

test('samples have a value of each type of schema', () => {
  const types = SAMPLES.flatMap(({ schema }) => schema?.type ?? []);
  const all = [
    'int8',
    'int16',
    'int32',
    'int64',
    'float32',
    'float64',
    'boolean',
    'string',
    'bytes',
    'array',
    'map',
    'struct',
  ];
  expect(types).toEqual(expect.arrayContaining(all));
});
