import { expect, test } from '@jest/globals';
import type { ComponentConfig } from '@millrace/connector-api';
import { logical, schemas, type ConnectRecord, type SourceRecord } from '@millrace/record';
import { shippedPredicates, shippedTransforms } from '../src/shipped-transforms.ts';

const base: ConnectRecord = {
  topic: 'shop.orders',
  partition: 3,
  keySchema: null,
  key: null,
  valueSchema: null,
  value: { id: 1, name: 'a' },
  timestampMs: 1000,
  headers: [],
};

function apply<R extends ConnectRecord>(
  javaClass: string,
  config: ComponentConfig,
  record: R,
): R | null {
  const plugin = shippedTransforms.find(
    (each) => each.javaClasses[0]?.endsWith(javaClass) === true,
  );
  if (plugin === undefined) throw new Error(`no ${javaClass}`);
  return plugin.create(config).apply(record);
}

const row = schemas.struct(
  { id: schemas.int32(), name: schemas.string({ optional: true, default: 'x' }) },
  { name: 'Row' },
);
const typed: ConnectRecord = { ...base, valueSchema: row, value: { id: 1, name: null } };

test('RegexRouter changes topics that match as a whole, with Java replacements', () => {
  const config = { regex: '(\\w+)\\.(?<table>\\w+)', replacement: '${table}-$1-\\$' };
  expect(apply('RegexRouter', config, base)?.topic).toBe('orders-shop-$');
  expect(apply('RegexRouter', { regex: 'orders', replacement: 'x' }, base)).toBe(base);
});

test('ExtractField takes one field, with its schema and default', () => {
  expect(apply('ExtractField$Value', { field: 'id' }, base)?.value).toBe(1);
  expect(apply('ExtractField$Value', { field: 'none' }, base)?.value).toBeNull();
  const extracted = apply('ExtractField$Value', { field: 'name' }, typed);
  expect(extracted).toMatchObject({ value: 'x', valueSchema: { type: 'string' } });
  expect(
    apply('ExtractField$Value', { field: 'name', 'replace.null.with.default': 'false' }, typed)
      ?.value,
  ).toBeNull();
  expect(() => apply('ExtractField$Value', { field: 'none' }, typed)).toThrow(
    'Unknown field: none',
  );
  const nested = { ...base, value: { 'a.b': { c: 5 } } };
  expect(
    apply('ExtractField$Value', { field: '`a.b`.c', 'field.syntax.version': 'V2' }, nested)?.value,
  ).toBe(5);
});

test('ReplaceField excludes, includes and renames', () => {
  expect(apply('ReplaceField$Value', { exclude: 'name' }, base)?.value).toEqual({ id: 1 });
  const renamed = apply('ReplaceField$Value', { include: 'id', renames: 'id:key' }, typed);
  expect(renamed?.value).toEqual({ key: 1 });
  expect(renamed?.valueSchema).toMatchObject({ name: 'Row', fields: [{ name: 'key' }] });
  expect(() => apply('ReplaceField$Value', { renames: 'a' }, base)).toThrow(
    'Invalid rename mapping: a',
  );
});

test('InsertField adds where a record comes from', () => {
  const config = {
    'topic.field': 't!',
    'timestamp.field': 'ts',
    'static.field': 's',
    'static.value': 'v',
  };
  expect(apply('InsertField$Value', config, base)?.value).toEqual({
    id: 1,
    name: 'a',
    t: 'shop.orders',
    ts: 1000,
    s: 'v',
  });
  const inserted = apply('InsertField$Value', config, typed);
  expect(inserted?.value).toEqual({
    id: 1,
    name: 'x',
    t: 'shop.orders',
    ts: new Date(1000),
    s: 'v',
  });
  expect(inserted?.valueSchema).toMatchObject({
    fields: [
      {},
      {},
      { name: 't', schema: { optional: false } },
      { name: 'ts', schema: logical.timestamp({ optional: true }) },
      {},
    ],
  });
  expect(() => apply('InsertField$Value', {}, base)).toThrow('No field insertion configured');
  expect(() => apply('InsertField$Value', { 'offset.field': 'o' }, base)).toThrow(
    'Only SinkRecord supported',
  );
});

test('ValueToKey copies fields, and the ready-made JSON of the key goes', () => {
  const source: SourceRecord = {
    ...typed,
    sourcePartition: {},
    sourceOffset: {},
    json: { key: Buffer.from('1'), value: Buffer.from('2') },
  };
  const keyed = apply('ValueToKey', { fields: 'id' }, source);
  expect(keyed?.key).toEqual({ id: 1 });
  expect(keyed?.keySchema).toEqual(schemas.struct({ id: schemas.int32() }));
  expect(keyed?.json).toEqual({ value: Buffer.from('2') });
  expect(() => apply('ValueToKey', { fields: 'none' }, typed)).toThrow(
    'Field does not exist: none',
  );
  expect(() => apply('ValueToKey', { fields: 'id' }, { ...base, value: null })).toThrow(
    'found: null',
  );
});

test('schemas made from one schema are one object, so that converters compile once', () => {
  const plugin = shippedTransforms.find(
    (each) => each.javaClasses[0]?.endsWith('ReplaceField$Value') === true,
  );
  const transform = plugin?.create({ exclude: 'name' });
  expect(transform?.apply(typed)?.valueSchema).toBe(transform?.apply(typed)?.valueSchema);
});

test('Filter, HoistField and DropHeaders', () => {
  expect(apply('.Filter', {}, base)).toBeNull();
  expect(apply('HoistField$Value', { field: 'w' }, base)?.value).toEqual({
    w: { id: 1, name: 'a' },
  });
  const headers = [
    { key: 'a', schema: null, value: 1 },
    { key: 'b', schema: null, value: 2 },
  ];
  expect(
    apply('DropHeaders', { headers: 'a' }, { ...base, headers })?.headers.map(({ key }) => key),
  ).toEqual(['b']);
});

test('predicates look at topic, value and headers', () => {
  const check = (
    name: string,
    config: ComponentConfig,
    record: ConnectRecord,
  ): boolean | undefined =>
    shippedPredicates
      .find((each) => each.javaClasses[0]?.endsWith(name) === true)
      ?.create(config)
      .test(record);
  expect(check('TopicNameMatches', { pattern: 'shop\\..*' }, base)).toBe(true);
  expect(check('TopicNameMatches', { pattern: 'shop' }, base)).toBe(false);
  expect(check('RecordIsTombstone', {}, { ...base, value: null })).toBe(true);
  expect(
    check(
      'HasHeaderKey',
      { name: 'a' },
      { ...base, headers: [{ key: 'a', schema: null, value: 1 }] },
    ),
  ).toBe(true);
});

const envelope = schemas.struct(
  {
    before: { ...row, optional: true },
    after: { ...row, optional: true },
    source: schemas.struct({ lsn: schemas.int64(), table: schemas.string() }),
    op: schemas.string(),
    ts_ms: schemas.int64({ optional: true }),
  },
  { name: 'shop.orders.Envelope' },
);
const source = { lsn: 7, table: 'orders' };
const change = (op: string, before: unknown, after: unknown): ConnectRecord => ({
  ...base,
  key: { id: 1 },
  valueSchema: envelope,
  value: { before, after, source, op, ts_ms: 5 },
});
const unwrap = (config: ComponentConfig, record: ConnectRecord): ConnectRecord | null =>
  apply('ExtractNewRecordState', config, record);
const insert = change('c', null, { id: 1, name: 'n' });
const remove = change('d', { id: 1, name: 'n' }, null);
const tombstone = { ...base, valueSchema: null, value: null };
const mode = (name: string): ComponentConfig => ({ 'delete.tombstone.handling.mode': name });

test('ExtractNewRecordState gives the row after the change', () => {
  const unwrapped = unwrap({}, insert);
  expect(unwrapped?.value).toEqual({ id: 1, name: 'n' });
  expect(unwrapped?.valueSchema).toMatchObject({ name: 'Row' });
  expect(unwrap({}, base)).toBe(base);
  expect(unwrap({}, change('t', null, null))).toBeNull();
});

test.each([
  ['tombstone', null, 'gone'],
  ['delete-to-tombstone', null, 'gone'],
  ['drop', 'gone', 'gone'],
  ['rewrite', { id: 1, name: 'n', __deleted: 'true' }, 'gone'],
  ['rewrite-with-tombstone', { id: 1, name: 'n', __deleted: 'true' }, null],
])('deletes in mode %s', (name, deleted, following) => {
  const outcome = (record: ConnectRecord | null): unknown =>
    record === null ? 'gone' : record.value;
  expect(outcome(unwrap(mode(name), remove))).toEqual(deleted);
  expect(outcome(unwrap(mode(name), tombstone))).toEqual(following);
});

test('fields and headers of the envelope can be added, with prefix and new name', () => {
  const config = { 'add.fields': 'op,source.lsn,table:tbl,missing', 'add.headers': 'op,ts_ms' };
  const unwrapped = unwrap({ ...config, ...mode('rewrite') }, insert);
  expect(unwrapped?.value).toEqual({
    id: 1,
    name: 'n',
    __deleted: 'false',
    __op: 'c',
    __source_lsn: 7,
    __tbl: 'orders',
  });
  expect(unwrapped?.headers.map(({ key, value }) => [key, value])).toEqual([
    ['__op', 'c'],
    ['__ts_ms', 5],
  ]);
  expect(unwrap({ ...config }, remove)?.headers[0]).toMatchObject({ key: '__op', value: 'd' });
  expect(unwrap({ 'route.by.field': 'name' }, insert)?.topic).toBe('n');
});
