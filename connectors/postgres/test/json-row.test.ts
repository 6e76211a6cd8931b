import { expect, test } from '@jest/globals';
import { TopicNaming } from '@millrace/cdc';
import { jsonConverter } from '@millrace/converters';
import fc from 'fast-check';
import { JsonSink } from '@millrace/cdc';
import {
  RowRecord,
  type BatchContext,
  type TaskRecords,
  type TransactionContext,
} from '../src/row-record.ts';
import { settingsFrom } from '../src/settings.ts';
import { shapeOf } from '../src/table-shape.ts';
import type { PostgresType } from '../src/types/type-catalog.ts';

/** The fast path (wire to JSON bytes) against the slow one (values, then the converter). */

const settings = settingsFrom({
  'database.hostname': 'h',
  'database.user': 'u',
  'database.dbname': 'd',
  'topic.prefix': 'p',
});

const base = { kind: 'b', elementOid: 0, baseOid: 0, baseModifier: -1, delimiter: ',', labels: [] };
const TYPES: readonly PostgresType[] = [
  'int4',
  'int8',
  'text',
  'numeric',
  'timestamptz',
  'timestamp',
  'bool',
  'uuid',
  'jsonb',
  'float8',
  'bytea',
  'date',
  'float4',
].map((name, index) => ({ ...base, oid: index + 1, name }));

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const dateText = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});
const fraction = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 1, max: 999_999 }).map((micros) => `.${pad(micros, 6)}`.replace(/0+$/, '')),
);
const stamp = fc
  .tuple(dateText, fraction)
  .map(([date, micros]) => `${date.toISOString().slice(0, 19).replace('T', ' ')}${micros}`);
const digits = (max: number): fc.Arbitrary<string> => fc.integer({ min: 0, max }).map(String);

/** Texts as the server prints values of each type. */
const TEXTS: Readonly<Record<string, readonly [modifier: number, text: fc.Arbitrary<string>]>> = {
  int4: [-1, fc.integer().map(String)],
  int8: [-1, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  text: [-1, fc.string({ unit: 'binary' })],
  numeric: [
    ((20 << 16) | 3) + 4,
    fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.bigInt({ min: 0n, max: 10n ** 17n - 1n }),
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: 1, max: 17 }),
      )
      .map(([sign, whole, rest, size]) => `${sign}${whole % 10n ** BigInt(size)}.${pad(rest, 3)}`),
  ],
  timestamptz: [
    -1,
    fc.oneof(
      stamp.map((text) => `${text}+00`),
      fc.constantFrom(
        'infinity',
        '-infinity',
        '12024-01-01 00:00:00+00',
        '0044-03-15 12:00:00+00 BC',
      ),
    ),
  ],
  timestamp: [
    -1,
    fc.oneof(stamp, fc.constantFrom('infinity', '-infinity', '0044-03-15 12:00:00 BC')),
  ],
  bool: [-1, fc.constantFrom('t', 'f')],
  uuid: [-1, fc.uuid()],
  jsonb: [-1, fc.json()],
  float8: [
    -1,
    fc.oneof(
      fc.double().map(String),
      fc.constantFrom('NaN', 'Infinity', '-Infinity', '1e+20', '0.1', '-0'),
    ),
  ],
  bytea: [-1, fc.uint8Array().map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)],
  date: [-1, dateText.map((date) => date.toISOString().slice(0, 10))],
  float4: [-1, fc.oneof(digits(100_000), fc.constantFrom('1.1', 'NaN', '3.4028235e+38', '1e-45'))],
};

function tuple(values: readonly (string | null)[]): Buffer {
  const parts: Buffer[] = [Buffer.from([values.length >> 8, values.length & 255])];
  for (const value of values) {
    if (value === null) parts.push(Buffer.from('n'));
    else {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(4);
      length.writeInt32BE(bytes.length);
      parts.push(Buffer.from('t'), length, bytes);
    }
  }
  return Buffer.concat(parts);
}

const task: TaskRecords = {
  sourcePartition: { server: 'p' },
  headers: [],
  version: '0',
  name: 'p"q',
  database: 'd\\b',
  sink: new JsonSink(),
};
const converter = jsonConverter.create({ 'schemas.enable': 'false' }, 'value');

test('the ready-made JSON is byte for byte what the converter writes of the value', () => {
  const column = fc.constantFrom(...TYPES).chain((type) => {
    const [modifier, text] = TEXTS[type.name] ?? [-1, fc.constant('')];
    return fc.record({
      type: fc.constant(type),
      modifier: fc.constant(modifier),
      isOptional: fc.boolean(),
      old: fc.option(text),
      now: fc.option(text),
    });
  });
  const scenario = fc.record({
    columns: fc.array(column, { minLength: 1, maxLength: 12 }),
    names: fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), {
      minLength: 12,
      maxLength: 12,
    }),
    operation: fc.constantFrom('c' as const, 'u' as const, 'd' as const, 'r' as const),
    lsn: fc.integer({ min: 1, max: 2 ** 50 }),
    commitLsn: fc.option(fc.integer({ min: 1, max: 2 ** 50 })),
    txId: fc.option(fc.integer({ min: 1, max: 2 ** 32 - 1 })),
    place: fc.option(fc.record({ id: fc.string(), totalOrder: fc.nat(), tableOrder: fc.nat() })),
    origin: fc.option(fc.string()),
  });
  fc.assert(
    fc.property(scenario, ({ columns, names, operation, lsn, commitLsn, txId, place, origin }) => {
      const shape = shapeOf(
        {
          schema: 'public',
          table: 't',
          key: [names[0] ?? ''],
          replicaIdentity: 'f',
          columns: columns.map((item, index) => ({
            name: names[index] ?? '',
            typeOid: item.type.oid,
            typeModifier: item.modifier,
            isOptional: item.isOptional,
            defaultExpression: item.type.name === 'int4' && item.isOptional ? '5' : null,
            isIdentity: true,
          })),
        },
        {
          settings,
          topics: new TopicNaming({ prefix: 'p' }),
          types: { find: (oid) => TYPES[oid - 1] },
        },
      );
      const oldRow = tuple(columns.map((item) => item.old));
      const buffer = Buffer.concat([oldRow, tuple(columns.map((item) => item.now))]);
      const transaction: TransactionContext = {
        task,
        txId,
        commitMicros: 1_714_557_600_123_456,
        lastCommitLsn: commitLsn,
        sequenceLsn: commitLsn,
        origin,
        originLsn: null,
        snapshot: 'false',
        sources: new Map(),
      };
      const batch: BatchContext = { nowMs: 1_714_557_600_200, tails: new Map(), extras: null };
      const record = new RowRecord(
        shape,
        operation,
        {
          buffer,
          end: buffer.length,
          oldAt: operation === 'u' || operation === 'd' ? 0 : -1,
          newAt: operation === 'd' ? -1 : oldRow.length,
          fillAt: -1,
          isCopy: false,
          lsn,
          countAtLsn: 1,
          messageType: 'X',
          isLastOfSnapshot: false,
        },
        transaction,
        batch,
        place,
        [],
      );
      const write = (schema: typeof record.keySchema, value: unknown): string | undefined =>
        Buffer.from(converter.fromConnect('t', schema, value) ?? []).toString();
      expect(Buffer.from(record.json.value ?? []).toString()).toBe(
        write(record.valueSchema, record.value),
      );
      expect(Buffer.from(record.json.key ?? []).toString()).toBe(
        write(record.keySchema, record.key),
      );
    }),
    { numRuns: 1000 },
  );
});
