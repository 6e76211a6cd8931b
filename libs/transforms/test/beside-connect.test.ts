import { expect, test } from '@jest/globals';
import type { ComponentConfig } from '@millrace/connector-api';
import { schemas, type ConnectRecord, type Schema } from '@millrace/record';
import { shippedTransforms } from '../src/shipped-transforms.ts';

// Found by random records given to Kafka Connect 4.1's transforms and to ours; the expected values are Connect's.

function recordOf(value: unknown, valueSchema: Schema | null, topic = 'ab-12'): ConnectRecord {
  return {
    topic,
    partition: 0,
    keySchema: null,
    key: null,
    valueSchema,
    value,
    timestampMs: 0,
    headers: [],
  };
}

function apply(
  name: string,
  config: ComponentConfig,
  record: ConnectRecord = recordOf(null, null),
): ConnectRecord | null {
  const javaClass = `org.apache.kafka.connect.transforms.${name}`;
  const plugin = shippedTransforms.find(({ javaClasses }) => javaClasses.includes(javaClass));
  if (plugin === undefined) throw new Error(`no ${javaClass}`);
  return plugin.create(config).apply(record);
}

test.each([
  ['(\\w+)-(\\d)(\\d)', '$3$2', '21'],
  ['(\\w+)-(\\d+)', '$12x', 'ab2x'],
  ['(?<name>\\w+)-(?<n>\\d+)', '${n}_${name}', '12_ab'],
  ['(ab)-(x)?\\d+', '$1$2', 'ab'],
  ['.+', '\\$1\\\\', '$1\\'],
  ['.*', '$0', 'ab-12'],
  // Java replaces the first place where the pattern is found, not the whole.
  ['(.*?)', 'x', 'xab-12'],
  ['ab|ab-12', 'x', 'x-12'],
  ['b', '$1', 'ab-12'],
])('RegexRouter replaces %s with %s as Java does', (regex, replacement, topic) => {
  expect(apply('RegexRouter', { regex, replacement })?.topic).toBe(topic);
});

test.each([
  ['.*', '$1', 'No group 1'],
  ['.*', '${x}', 'No group with name {x}'],
  ['.*', '${1}', 'starts with digit'],
  ['.*', '${x', "missing trailing '}'"],
  ['.*', '$x', 'Illegal group reference'],
  ['.*', 'a$', 'group index is missing'],
  ['.*', 'a\\', 'character to be escaped is missing'],
])(
  'RegexRouter with %s and %s fails the record: no topic of that name',
  (regex, replacement, message) => {
    expect(() => apply('RegexRouter', { regex, replacement })).toThrow(message);
    expect(apply('RegexRouter', { regex: 'other', replacement })?.topic).toBe('ab-12');
  },
);

test.each([
  ['ReplaceField$Value', { renames: 'a:b' }],
  ['InsertField$Value', { 'topic.field': 't' }],
  ['HeaderFrom$Value', { fields: 'a', headers: 'h', operation: 'move' }],
  ['Flatten$Value', {}],
])('%s leaves a struct that is not optional and has no default', (name, config) => {
  const schema = schemas.struct(
    { a: schemas.int32() },
    { optional: true, default: { a: 1 }, name: 'row', version: 2 },
  );
  const made = apply(name, config, recordOf({ a: 2 }, schema))?.valueSchema;
  expect(made).toMatchObject({ name: 'row', version: 2, optional: false });
  expect(made?.default).toBeUndefined();
});

test('Cast of the whole value keeps a name that is not of a logical type of Connect', () => {
  const schema = schemas.int64({ name: 'io.debezium.time.Timestamp', version: 1 });
  expect(apply('Cast$Value', { spec: 'string' }, recordOf(1, schema))?.valueSchema).toEqual({
    ...schemas.string(),
    name: 'io.debezium.time.Timestamp',
    version: 1,
  });
});

test.each([
  ['float32', 0.1, 0.1],
  ['string', -1e300, '-1.0E300'],
])('Cast to %s of %p without a schema is %p', (spec, from, to) => {
  expect(apply('Cast$Value', { spec }, recordOf(from, null))?.value).toBe(to);
});

test.each([
  ['1e3', 1000],
  ['1.5', 1],
])('MaskField puts %s into an integer as %p', (replacement, masked) => {
  const schema = schemas.struct({ a: schemas.int32() });
  const config = { fields: 'a', replacement };
  expect(apply('MaskField$Value', config, recordOf({ a: 5 }, schema))?.value).toEqual({
    a: masked,
  });
});

test('a replacement of absurd size fails the record', () => {
  const config = { fields: 'a', replacement: '1e999999' };
  expect(() => apply('MaskField$Value', config, recordOf({ a: 5 }, null))).toThrow('to a number');
});

test('a time beyond what a date can hold fails the record', () => {
  const config = { field: 'a', 'target.type': 'string', format: 'yyyy' };
  const far = recordOf({ a: 9_007_199_254_740_991 }, null);
  expect(() => apply('TimestampConverter$Value', config, far)).toThrow('too far from 1970');
});

test('a struct with a field called "constructor" is named in messages like any other', () => {
  const config = { fields: 'a', replacement: '0' };
  const record = recordOf({ a: { constructor: null } }, null);
  expect(() => apply('MaskField$Value', config, record)).toThrow('of type Object with custom');
});

test('fields of one name, without a name, and empty lists are refused in Connect’s words', () => {
  const record = recordOf({ a: 1 }, schemas.struct({ a: schemas.int32() }));
  expect(() => apply('ValueToKey', { fields: 'a,a' }, record)).toThrow(
    'Cannot create field because of field name duplication a',
  );
  expect(() => apply('HoistField$Value', { field: '' }, record)).toThrow(
    'fieldName cannot be null',
  );
  expect(() => apply('DropHeaders', { headers: '' }, record)).toThrow('Empty list');
});
