import { expect, test } from '@jest/globals';
import type { ComponentConfig } from '@millrace/connector-api';
import { schemas, type ConnectRecord, type Schema, type Struct } from '@millrace/record';
import { shippedTransforms } from '../src/shipped-transforms.ts';

// The expected values are those of Debezium 3.6's own transforms.

function apply(
  javaClass: string,
  config: ComponentConfig,
  record: ConnectRecord,
): ConnectRecord | null {
  const plugin = shippedTransforms.find(({ javaClasses }) => javaClasses.includes(javaClass));
  if (plugin === undefined) throw new Error(`no ${javaClass}`);
  return plugin.create(config).apply(record);
}

const TIMEZONE = 'io.debezium.transforms.TimezoneConverter';
const named = (name: string): Schema =>
  name.endsWith('.ZonedTimestamp') || name.endsWith('.ZonedTime')
    ? schemas.string({ optional: true, name })
    : schemas.int64({ optional: true, name });
const row = schemas.struct(
  {
    zoned: named('io.debezium.time.ZonedTimestamp'),
    ms: named('io.debezium.time.Timestamp'),
    us: named('io.debezium.time.MicroTimestamp'),
    ns: named('io.debezium.time.NanoTimestamp'),
    connect: named('org.apache.kafka.connect.data.Timestamp'),
    plain: schemas.int64({ optional: true }),
    time: named('io.debezium.time.MicroTime'),
  },
  { optional: true, name: 's.t.Value' },
);
const source = schemas.struct({ table: schemas.string(), ts_ms: schemas.int64() });
const envelope = schemas.struct(
  { before: row, after: row, source, op: schemas.string() },
  { name: 's.t.Envelope' },
);

function change(after: Struct): ConnectRecord {
  const ts = { table: 't', ts_ms: 1_704_067_199_999 };
  return {
    topic: 's.t',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: envelope,
    value: { before: null, after, source: ts, op: 'c' },
    timestampMs: null,
    headers: [],
  };
}

function afterIn(zone: string, after: Struct, more: ComponentConfig = {}): unknown {
  const { value } =
    apply(TIMEZONE, { 'converted.timezone': zone, ...more }, change(after)) ?? change({});
  return value;
}

test.each([
  ['America/New_York', '2024-03-10T01:30:00Z', '2024-03-09T20:30:00-05:00'],
  // By the clock of the text, not by the instant.
  ['America/New_York', '2024-03-10T09:30:00.5Z', '2024-03-10T05:30:00.5-04:00'],
  ['America/New_York', '2024-11-03T05:30:00.120Z', '2024-11-03T00:30:00.12-05:00'],
  ['Europe/Berlin', '2024-07-01T00:00:00.123456+02:00', '2024-07-01T00:00:00.123456+02:00'],
  ['Asia/Kolkata', '2024-01-01T00:00:00.000000Z', '2024-01-01T05:30:00+05:30'],
  ['+01:00:30', '1969-12-31T23:59:59Z', '1970-01-01T01:00:29+01:00:30'],
  ['Australia/Lord_Howe', '+12024-01-01T00:00:00Z', '+12024-01-01T11:00:00+11:00'],
  ['UTC', '0500-01-01T00:00:00Z', '0500-01-01T00:00:00Z'],
])('a zoned timestamp is shown in %s', (zone, zoned, expected) => {
  expect(afterIn(zone, { zoned })).toMatchObject({ after: { zoned: expected } });
});

test('timestamps without a zone are read as times of the zone, also where its clocks jump', () => {
  const at = (ms: number, zone = 'America/New_York'): unknown => {
    const value = afterIn(zone, { ms, us: ms * 1000 + 7, ns: BigInt(ms) * 1_000_000n + 9n });
    return typeof value === 'object' && value !== null && 'after' in value ? value.after : value;
  };
  expect(at(1_704_067_199_999)).toEqual({
    ms: 1_704_085_199_999,
    us: 1_704_085_199_999_007,
    ns: 1_704_085_199_999_000_009n,
  });
  // 02:30 never is on that day, 01:30 twice: both as before the change.
  expect(at(1_710_037_800_000)).toMatchObject({ ms: 1_710_055_800_000 });
  expect(at(1_730_597_400_000)).toMatchObject({ ms: 1_730_611_800_000 });
  expect(at(-1, '-03:30')).toMatchObject({ ms: 12_599_999 });
  expect(
    afterIn('Asia/Kolkata', { connect: new Date(0), plain: 5, time: 6, ms: null }),
  ).toMatchObject({ after: { connect: new Date(-19_800_000), plain: 5, time: 6, ms: null } });
});

test('lists choose tables, topics and fields; the source only where it is named', () => {
  const both = { ms: 0, us: 0 };
  const zone = (more: ComponentConfig): unknown => afterIn('+01:00', both, more);
  const moved = { ms: -3_600_000, us: -3_600_000_000 };
  const kept = change(both).value;
  expect(zone({ 'include.list': 'source:t' })).toMatchObject({ after: moved });
  expect(zone({ 'include.list': 'topic:s.t:ms' })).toMatchObject({ after: { ...moved, us: 0 } });
  expect(zone({ 'include.list': 't:after.us' })).toMatchObject({ after: { ...moved, ms: 0 } });
  expect(zone({ 'include.list': 'source:x' })).toEqual(kept);
  expect(zone({ 'include.list': 'source:x,t' })).toMatchObject({ after: moved });
  expect(zone({ 'exclude.list': 'source:t' })).toEqual(kept);
  expect(zone({ 'exclude.list': 'source:t:ms' })).toMatchObject({ after: { ms: 0, us: moved.us } });
  expect(zone({ 'include.list': 'source:t:source.ts_ms' })).toMatchObject({
    after: both,
    source: { ts_ms: 1_704_070_799_999 },
  });
});

test('other records are left alone, and what is no zone or no time is refused', () => {
  const tombstone = { ...change({}), valueSchema: null, value: null };
  expect(apply(TIMEZONE, { 'converted.timezone': 'UTC' }, tombstone)).toBe(tombstone);
  const make = (config: ComponentConfig) => () => apply(TIMEZONE, config, tombstone);
  expect(make({ 'converted.timezone': 'Nowhere/Land' })).toThrow('Invalid timezone format');
  expect(make({})).toThrow('converted.timezone');
  expect(make({ 'converted.timezone': 'UTC', 'include.list': 't' })).toThrow('include list format');
  expect(
    make({ 'converted.timezone': 'UTC', 'include.list': 't:a', 'exclude.list': 't:b' }),
  ).toThrow('Both include and exclude');
  expect(() => afterIn('UTC', { zoned: 'infinity' })).toThrow("Text 'infinity'");
});

const DECODE = 'io.debezium.connector.postgresql.transforms.DecodeLogicalDecodingMessageContent';
const messageSchema = schemas.struct(
  {
    op: schemas.string(),
    source: schemas.struct({ lsn: schemas.int64() }),
    message: schemas.struct({
      prefix: schemas.string({ optional: true }),
      content: schemas.bytes({ optional: true }),
    }),
  },
  { name: 'io.debezium.connector.postgresql.MessageValue' },
);

function message(json: string): ConnectRecord {
  const content = Buffer.from(json);
  return {
    ...change({}),
    keySchema: schemas.struct({ prefix: schemas.string() }),
    key: { prefix: 'p' },
    valueSchema: messageSchema,
    value: { op: 'm', source: { lsn: 4 }, message: { prefix: 'p', content } },
  };
}

test('JSON of a logical decoding message becomes an inserted row, which the outbox router takes', () => {
  const json =
    '{"id":"e1","aggregatetype":"Order","aggregateid":"7","payload":{"a":1,"n":null,"f":2.0}}';
  const decoded = apply(DECODE, {}, message(json));
  const payload = schemas.struct(
    { a: schemas.int32({ optional: true }), f: schemas.float64({ optional: true }) },
    { optional: true, name: 'payload' },
  );
  const text = schemas.string({ optional: true });
  expect(decoded).toMatchObject({
    keySchema: null,
    key: null,
    value: {
      op: 'c',
      source: { lsn: 4 },
      after: { id: 'e1', aggregatetype: 'Order', aggregateid: '7', payload: { a: 1, f: 2 } },
    },
    valueSchema: {
      name: 'io.debezium.connector.postgresql.MessageValue.Envelope',
      fields: [
        { name: 'op' },
        { name: 'source' },
        {
          name: 'after',
          schema: schemas.struct(
            { id: text, aggregatetype: text, aggregateid: text, payload },
            { optional: true },
          ),
        },
      ],
    },
  });
  const routed = apply('io.debezium.transforms.outbox.EventRouter', {}, decoded ?? message(''));
  expect(routed).toMatchObject({ topic: 'outbox.event.Order', key: '7', value: { a: 1, f: 2 } });
  const withNulls = apply(DECODE, { 'fields.null.include': 'true' }, message('{"n":null}'));
  expect(withNulls).toMatchObject({
    value: { after: { n: null } },
    valueSchema: {
      fields: [{}, {}, { schema: { fields: [{ name: 'n', schema: { type: 'bytes' } }] } }],
    },
  });
});

test('messages that hold no JSON object are refused, without showing them; other records are left alone', () => {
  for (const json of ['secret', '{"secret":', '["secret"]', ' {"secret":1}'])
    expect(() => apply(DECODE, {}, message(json))).toThrow(/^(?!.*secret)/);
  const other = change({});
  expect(apply(DECODE, {}, other)).toBe(other);
});
