import { expect, test } from '@jest/globals';
import type { ComponentConfig, Transform } from '@millrace/connector-api';
import { schemas, type ConnectRecord, type SourceRecord } from '@millrace/record';
import { DraftTransform } from '../src/draft/draft-transform.ts';
import { RecordDraft } from '../src/draft/record-draft.ts';
import { shippedTransforms } from '../src/shipped-transforms.ts';

function make(simpleName: string, config: ComponentConfig): Transform {
  const plugin = shippedTransforms.find(({ javaClasses }) =>
    javaClasses.includes(`org.apache.kafka.connect.transforms.${simpleName}`),
  );
  if (plugin === undefined) throw new Error(`no ${simpleName}`);
  return plugin.create(config);
}

const inner = schemas.struct({ street: schemas.string({ optional: true, default: 'none' }) });
const row = schemas.struct(
  {
    id: schemas.int32(),
    name: schemas.string({ optional: true, default: 'x' }),
    constructor: schemas.string({ optional: true }),
    address: inner,
  },
  { name: 'Row', optional: true },
);
const record: SourceRecord = {
  topic: 'orders',
  partition: null,
  keySchema: null,
  key: null,
  valueSchema: row,
  value: { id: 300, name: null, address: { street: null } },
  timestampMs: 5,
  headers: [{ key: 'old', schema: null, value: 1 }],
  sourcePartition: {},
  sourceOffset: {},
  json: { key: null, value: new Uint8Array([1]) },
};

const CHAIN: readonly (readonly [string, ComponentConfig])[] = [
  ['RegexRouter', { regex: '(.*)', replacement: 'shop.$1' }],
  ['InsertField$Value', { 'topic.field': 'topic', 'partition.field': 'partition' }],
  ['Cast$Value', { spec: 'id:int8' }],
  ['ReplaceField$Value', { renames: 'topic:origin', exclude: 'partition' }],
  ['MaskField$Value', { fields: 'name' }],
  ['ValueToKey', { fields: 'id,address' }],
  ['Flatten$Key', { delimiter: '_' }],
  ['InsertField$Key', { 'static.field': 'kind', 'static.value': 'k' }],
  ['Flatten$Value', { delimiter: '_' }],
  ['HeaderFrom$Value', { fields: 'origin', headers: 'o', operation: 'move' }],
  ['SetSchemaMetadata$Value', { 'schema.name': 'Order', 'schema.version': '2' }],
  ['InsertHeader', { header: 'new', 'value.literal': 'true' }],
  ['DropHeaders', { headers: 'old' }],
  ['TimestampConverter$Value', { field: 'none', 'target.type': 'unix' }],
  ['HoistField$Value', { field: 'order' }],
];

const SCHEMALESS: ConnectRecord['value'] = { id: 300, name: null, address: { street: 'a' } };

test.each([
  ['a struct', record],
  ['a value without schema', { ...record, valueSchema: null, value: SCHEMALESS }],
])('a chain on one draft makes of %s what its transforms make one by one', (_what, given) => {
  const before = structuredClone(given);
  const chain = CHAIN.filter(
    ([name]) => given.valueSchema !== null || !name.startsWith('SetSchemaMetadata'),
  ).map(([name, config]) => make(name, config));
  let one: SourceRecord | null = given;
  const draft = new RecordDraft(given);
  for (const transform of chain) {
    one = one === null ? null : transform.apply(one);
    if (!(transform instanceof DraftTransform)) throw new Error('not a draft transform');
    expect(transform.change(draft)).toBe(true);
  }
  const chained = draft.toRecord();
  expect(chained).toEqual(one);
  expect(Object.keys(chained.value as object)).toEqual(['order']);
  // Neither was the record itself touched, nor anything in it.
  expect(given).toEqual(before);
});

test('what a transform hands out in between is not changed by those that follow', () => {
  const draft = new RecordDraft<ConnectRecord>({ ...record, valueSchema: null, value: { id: 1 } });
  const insert = (name: string): Transform =>
    make('InsertField$Value', { 'static.field': name, 'static.value': name });
  const change = (transform: Transform): void => {
    if (transform instanceof DraftTransform) transform.change(draft);
  };
  change(insert('a'));
  const between = draft.toRecord();
  change(make('HoistField$Key', { field: 'k' }));
  change(insert('b'));
  expect(between).toMatchObject({ key: null, value: { id: 1, a: 'a' } });
  expect(between.value).not.toHaveProperty('b');
  expect(draft.toRecord().value).toEqual({ id: 1, a: 'a', b: 'b' });
});

test('a draft that nothing changed is the record itself, and unchanged halves keep their JSON', () => {
  const draft = new RecordDraft(record);
  const router = make('RegexRouter', { regex: 'other', replacement: 'x' });
  if (router instanceof DraftTransform) router.change(draft);
  expect(draft.toRecord()).toBe(record);
  expect(router.apply(record)).toBe(record);
  const masked = make('MaskField$Value', { fields: 'name' }).apply(record);
  expect(masked?.json).toEqual({ key: null });
});

test('two fields of one name are refused, as by Kafka Connect', () => {
  const rename = make('ReplaceField$Value', { renames: 'id:name' });
  expect(() => rename.apply(record)).toThrow(
    'Cannot create field because of field name duplication name',
  );
});
