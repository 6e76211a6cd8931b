import { expect, test } from '@jest/globals';
import type { ComponentConfig } from '@millrace/connector-api';
import {
  schemas,
  type ConnectRecord,
  type Header,
  type Schema,
  type Struct,
} from '@millrace/record';
import { shippedTransforms } from '../src/shipped-transforms.ts';

// The expected values are those of Debezium 3.6's own transforms.

const rowSchema = schemas.struct(
  {
    id: schemas.int32(),
    name: schemas.string({ optional: true }),
    qty: schemas.int64({ optional: true, default: 7 }),
    price: schemas.float64(),
  },
  { name: 's.t.Value', optional: true },
);
const sourceSchema = schemas.struct({ table: schemas.string(), lsn: schemas.int64() });
const envelopeSchema = schemas.struct(
  {
    before: rowSchema,
    after: rowSchema,
    source: sourceSchema,
    op: schemas.string(),
  },
  { name: 's.t.Envelope', version: 2 },
);
const keySchema = schemas.struct(
  { id: schemas.int32(), name: schemas.string({ optional: true }) },
  { name: 's.t.Key' },
);
const row = (more: Struct = {}): Struct => ({ id: 1, name: 'a', qty: 3, price: 1.5, ...more });

interface Images {
  readonly before?: Struct | null;
  readonly after?: Struct | null;
}

function event(op: string, images: Images, headers: readonly Header[] = []): ConnectRecord {
  return {
    topic: 't',
    partition: 3,
    keySchema,
    key: { id: 1, name: 'k' },
    valueSchema: envelopeSchema,
    value: { before: null, after: null, ...images, source: { table: 't', lsn: 99 }, op },
    timestampMs: 5,
    headers,
  };
}

const created = event('c', { after: row() });
const updated = event('u', { before: row(), after: row({ name: 'z', qty: null }) });
const deleted = event('d', { before: row() });

function apply(
  javaClass: string,
  config: ComponentConfig,
  record: ConnectRecord,
): ConnectRecord | null {
  const plugin = shippedTransforms.find(({ javaClasses }) =>
    javaClasses.some((each) => each.endsWith(`.${javaClass}`)),
  );
  if (plugin === undefined) throw new Error(`no ${javaClass}`);
  return plugin.create(config).apply(record);
}

const fieldNames = (schema: Schema | null | undefined): readonly string[] | undefined =>
  schema?.type === 'struct' ? schema.fields.map(({ name }) => name) : undefined;

test('a row that was taken out of its envelope is never optional; only delete-to-tombstone leaves no schema', () => {
  const unwrap = (record: ConnectRecord, mode = 'tombstone'): ConnectRecord | null =>
    apply('ExtractNewRecordState', { 'delete.tombstone.handling.mode': mode }, record);
  expect(unwrap(created)?.valueSchema).toMatchObject({ name: 's.t.Value', optional: false });
  expect(unwrap(deleted)).toMatchObject({ value: null, valueSchema: { optional: true } });
  expect(unwrap(deleted, 'delete-to-tombstone')).toMatchObject({ value: null, valueSchema: null });
});

test.each([
  ['optional fields alone', {}, ['id', 'qty', 'price', '__op'], ['id', 'name']],
  [
    'any field',
    { 'drop.fields.keep.schema.compatible': 'false' },
    ['id', 'qty', '__op'],
    ['id', 'name'],
  ],
  ['of the key too', { 'drop.fields.from.key': 'true' }, ['id', 'qty', 'price', '__op'], ['id']],
])('fields that a header names are dropped: %s', (_what, config, ofValue, ofKey) => {
  const schema = schemas.array(schemas.string({ optional: true }));
  const headers = [{ key: 'drop', schema, value: ['name', 'price', 'unknown'] }];
  const out = apply(
    'ExtractNewRecordState',
    { 'drop.fields.header.name': 'drop', 'add.fields': 'op', ...config },
    { ...created, headers },
  );
  expect(fieldNames(out?.valueSchema)).toEqual(ofValue);
  expect(Object.keys(out?.value ?? {})).toEqual(ofValue);
  expect(fieldNames(out?.keySchema)).toEqual(ofKey);
  expect(out?.headers).toEqual(headers);
});

test('an update says in headers what it has changed; other events say nothing', () => {
  const config = { 'header.changed.name': 'Changed', 'header.unchanged.name': 'Unchanged' };
  const listsOf = (record: ConnectRecord): unknown =>
    apply('ExtractChangedRecordState', config, record)?.headers.map(({ value }) => value);
  expect(listsOf(updated)).toEqual([
    ['name', 'qty'],
    ['id', 'price'],
  ]);
  expect(listsOf(created)).toEqual([[], []]);
  const [header] = apply('ExtractChangedRecordState', config, updated)?.headers ?? [];
  expect(header).toMatchObject({ key: 'Changed', schema: { name: 'Changed', optional: true } });
});

test('headers become fields: of the value, of a struct in it, of a new one', () => {
  const headers = [
    { key: 'h1', schema: schemas.string(), value: 'x' },
    { key: 'h2', schema: schemas.int32({ optional: true }), value: 5 },
    { key: 'h3', schema: schemas.string(), value: 'stays' },
  ];
  const move = (fields: string): ConnectRecord | null =>
    apply(
      'HeaderToValue',
      { headers: 'h1,h2', fields, operation: 'move' },
      { ...created, headers },
    );
  const flat = move('f1,f2');
  expect(flat?.value).toMatchObject({ op: 'c', f1: 'x', f2: 5 });
  expect(fieldNames(flat?.valueSchema)).toEqual(['before', 'after', 'source', 'op', 'f1', 'f2']);
  expect(flat?.headers.map(({ key }) => key)).toEqual(['h3']);
  expect(move('source.f1,f2')?.value).toMatchObject({
    source: { table: 't', lsn: 99, f1: 'x' },
    f2: 5,
  });
  expect(move('more.f1,more.f2')?.value).toMatchObject({ more: { f1: 'x', f2: 5 } });
  expect(() => move('op.f1,f2')).toThrow("Field 'op' is a primitive type, not a struct.");
  expect(() => move('f1')).toThrow('must have the same number of elements');
});

test.each([
  ['', 0, 410],
  ['a', 97, 156],
  ['é', 233, 76],
  ['abcdefghi', 133, 511],
  ['0123456789abcdefX', 808, 569],
  ['😀😀😀😀x', 156, 272],
  ['ÿ'.repeat(31), 527, 855],
  [0, 0, 889],
  [-1, 0, 889],
  [2_147_483_648, 0, 492],
  [-9_007_199_254_740_991, 497, 279],
])('the partition of %p is the one that Debezium chooses', (value, java, murmur) => {
  const field = typeof value === 'string' ? 'name' : 'qty';
  const record = event('c', { after: row({ [field]: value }) });
  const partition = (hash: string): number | null | undefined =>
    apply(
      'partitions.PartitionRouting',
      {
        'partition.payload.fields': `change.${field}`,
        'partition.topic.num': '1000',
        'partition.hash.function': hash,
      },
      record,
    )?.partition;
  expect([partition('java'), partition('murmur')]).toEqual([java, murmur]);
});

test('a field that is not there decides on no partition', () => {
  const config = { 'partition.payload.fields': 'change.none,other', 'partition.topic.num': '7' };
  expect(apply('partitions.PartitionRouting', config, created)).toBe(created);
});

test('rows of a snapshot look like inserts', () => {
  const read = event('r', { after: row() });
  expect(apply('ReadToInsertEvent', {}, read)?.value).toMatchObject({ op: 'c' });
  expect(apply('ReadToInsertEvent', {}, updated)).toBe(updated);
});

test('how the columns were declared goes into the event, where the source says it', () => {
  expect(() => apply('ExtractSchemaToNewRecord', {}, created)).toThrow(
    'column.propagate.source.type',
  );
  const column = {
    ...schemas.string(),
    parameters: {
      '__debezium.source.column.name': 'Id',
      '__debezium.source.column.type': 'VARCHAR',
      '__debezium.source.column.length': '20',
    },
  };
  const image = schemas.struct({ id: column }, { optional: true });
  const valueSchema = schemas.struct(
    { before: image, after: image, source: sourceSchema, op: schemas.string() },
    { name: 's.t.Envelope' },
  );
  const out = apply('ExtractSchemaToNewRecord', {}, { ...created, valueSchema });
  expect(out?.value).toMatchObject({
    op: 'c',
    sourceSchema: {
      id: 't',
      table: {
        columns: [{ name: 'Id', typeName: 'VARCHAR', length: 20, scale: null, comment: null }],
      },
    },
  });
});

test.each([
  ['DROP', [{ type: 'CREATE' }], false],
  ['CREATE, ALTER', [{ type: 'ALTER' }], true],
  ['DATABASE', [], true],
  ['DROP', null, true],
])('schema changes of kind %s are left out', (excluded, tableChanges, isOut) => {
  const change: ConnectRecord = {
    ...created,
    valueSchema: schemas.struct({}, { name: 'io.debezium.connector.mysql.SchemaChangeValue' }),
    value: { tableChanges },
  };
  const config = { 'schema.change.event.exclude.list': excluded };
  expect(apply('SchemaChangeEventFilter', config, change)).toBe(isOut ? null : change);
  expect(apply('SchemaChangeEventFilter', config, created)).toBe(created);
});

test('a kind of schema change that does not exist is refused at once', () => {
  const config = { 'schema.change.event.exclude.list': 'DROPPED' };
  expect(() => apply('SchemaChangeEventFilter', config, created)).toThrow('"DROPPED"');
});
