import { expect, test } from '@jest/globals';
import { TopicNaming } from '@millrace/cdc';
import { jsonConverter } from '@millrace/converters';
import { must } from '@millrace/foundation';
import type { RecordTarget } from '@millrace/record';
import fc from 'fast-check';
import { JsonSink } from '@millrace/cdc';
import {
  RowRecord,
  type BatchContext,
  type TaskRecords,
  type TransactionContext,
} from '../src/row-record.ts';
import { settingsFrom } from '../src/settings.ts';
import { RowPlaces, RowRun } from '../src/snapshot/row-run.ts';
import { shapeOf, type TableShape } from '../src/table-shape.ts';
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
  takesRuns: false,
};
const converter = jsonConverter.create({ 'schemas.enable': 'false' }, 'value');

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

type Column = typeof column extends fc.Arbitrary<infer C> ? C : never;

function shapeFor(columns: readonly Column[], names: readonly string[]): TableShape {
  return shapeOf(
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
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** As COPY writes it. */
function copyText(text: string | null): string {
  return text === null
    ? '\\N'
    : text.replaceAll(/[\\\b\f\n\r\t\v]/g, (each) => ESCAPES[each] ?? each);
}

/** Takes values and keys as texts. */
class Slots implements RecordTarget {
  readonly bytes = Buffer.alloc(1 << 20);
  position = 5;
  readonly end = this.bytes.length;
  readonly slots: (readonly [string, string])[] = [];

  add(valueEnd: number, keyEnd: number): void {
    const text = this.bytes.toString('utf8', this.position, keyEnd);
    const value = this.bytes.toString('utf8', this.position, valueEnd);
    this.slots.push([value, text.slice(value.length)]);
    this.position = keyEnd + 3;
  }
}

test('rows that are rendered many at a time have byte for byte the JSON that each has by itself', () => {
  const scenario = fc
    .record({
      columns: fc.array(column, { minLength: 1, maxLength: 8 }),
      rowCount: fc.integer({ min: 1, max: 5 }),
      names: fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), {
        minLength: 8,
        maxLength: 8,
      }),
      // A column that nobody captures keeps its place on the wire.
      missing: fc.option(fc.nat(7)),
      lsn: fc.integer({ min: 1, max: 2 ** 50 }),
    })
    .chain((given) =>
      fc.record({
        given: fc.constant(given),
        rows: fc.array(
          fc.tuple(
            ...given.columns.map(({ type }) => fc.option(TEXTS[type.name]?.[1] ?? fc.constant(''))),
          ),
          { minLength: given.rowCount, maxLength: given.rowCount },
        ),
      }),
    );
  let renderedCount = 0;
  let rowCount = 0;
  fc.assert(
    fc.property(scenario, ({ given: { columns, names, missing, lsn }, rows }) => {
      const whole = shapeFor(columns, names);
      const shape =
        missing === null || missing === 0 || missing >= columns.length
          ? whole
          : {
              ...whole,
              columns: whole.columns.filter((_, index) => index !== missing),
            };
      const transaction: TransactionContext = {
        task,
        txId: 7,
        commitMicros: 1_714_557_600_123_456,
        lastCommitLsn: null,
        sequenceLsn: null,
        origin: null,
        originLsn: null,
        xmin: null,
        snapshot: 'true',
        sources: new Map(),
      };
      const batch: BatchContext = { nowMs: 1_714_557_600_200, tails: new Map(), extras: null };
      const lines = rows.map((row) => Buffer.from(`${row.map(copyText).join('\t')}\n`));
      const buffer = Buffer.concat(lines);
      const context = { shape, transaction, batch, lsn, buffer };
      const run = must(RowRun.of(context, new RowPlaces()), 'a plan');
      let start = 0;
      for (const line of lines) {
        run.add(start, start + line.length);
        start += line.length;
      }
      task.sink.recycle();
      for (let from = 0; from < run.count;) {
        const { count, bytes, at, hasKeys, valueEnd } = run.render(from);
        const target = new Slots();
        expect(run.inPlace.write(target, from)).toBe(count);
        expect(target.slots).toEqual(
          Array.from({ length: count }, (_, index) => [
            Buffer.from(bytes.subarray(at[index * 4 + 2], at[index * 4 + 3])).toString(),
            Buffer.from(bytes.subarray(at[index * 4], at[index * 4 + 1])).toString(),
          ]),
        );
        expect(Buffer.compare(run.inPlace.valueEnd, valueEnd)).toBe(0);
        rowCount++;
        const text = (slot: number): string =>
          Buffer.from(bytes.subarray(at[slot], at[slot + 1])).toString();
        for (let index = 0; index < count; index++) {
          const { json } = run.record(from + index);
          const single = json;
          expect(hasKeys).toBe(true);
          expect(text(index * 4)).toBe(Buffer.from(single.key ?? []).toString());
          expect(text(index * 4 + 2) + Buffer.from(valueEnd).toString()).toBe(
            Buffer.from(single.value ?? []).toString(),
          );
        }
        renderedCount += count;
        // What goes by itself must be something that the fast way leaves alone for a reason.
        if (count === 0) expect(lines[from]?.includes(0x5c)).toBe(true);
        from += Math.max(count, 1);
      }
    }),
    { numRuns: 1000 },
  );
  expect(renderedCount).toBeGreaterThan(rowCount / 2);
});

test('the ready-made JSON is byte for byte what the converter writes of the value', () => {
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
      const shape = shapeFor(columns, names);
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
        xmin: null,
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
