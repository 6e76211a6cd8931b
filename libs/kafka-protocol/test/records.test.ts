import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { CODECS, codecId } from '../src/codec.ts';
import {
  attributesOf,
  findProducedBatchProblem,
  writeBatchHeader,
  readBatchHeader,
} from '../src/record-batch.ts';
import { decodeRecords, openBatch, openBatchSync, RecordCursor } from '../src/record-reader.ts';
import { RecordBatchBuilder } from '../src/record-writer.ts';
import { plainBatch, plainRecords, plainVarint, type PlainRecord } from './plain-batch.ts';

const T = 1_700_000_000_000;

const bytesOrNull = fc.option(fc.uint8Array({ maxLength: 200 }));
const record: fc.Arbitrary<PlainRecord> = fc.record(
  {
    timestampMs: fc.oneof(
      fc.integer({ min: T - 1000, max: T + 1000 }),
      fc.integer({ min: -1, max: 2 ** 51 }),
      fc.constantFrom(T - 2 ** 31 - 1, T - 2 ** 31, T + 2 ** 31 - 1, T + 2 ** 31, T + 2 ** 27),
    ),
    key: bytesOrNull,
    value: bytesOrNull,
    headers: fc.array(
      fc.record(
        {
          key: fc.string({ unit: 'binary', maxLength: 20 }),
          value: bytesOrNull,
        },
        { noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
  },
  { noNullPrototype: true },
);
const recordList = fc.array(record, { minLength: 1, maxLength: 40 });

const FIELDS = {
  baseOffset: 2 ** 33,
  partitionLeaderEpoch: 4,
  producerId: 77,
  producerEpoch: 3,
  baseSequence: 12,
};

function builderOf(records: readonly PlainRecord[]): RecordBatchBuilder {
  const builder = new RecordBatchBuilder();
  for (const { key, value, timestampMs, headers } of records)
    builder.append(key, value, timestampMs, headers);
  return builder;
}

test('the builder writes the same bytes as the obvious way', () => {
  fc.assert(
    fc.property(recordList, (records) => {
      const builder = builderOf(records);
      const sizeBefore = builder.byteLength;
      const bytes = builder.buildSync({ ...FIELDS, isTransactional: true });
      expect(sizeBefore).toBe(bytes.byteLength);
      expect(Buffer.compare(bytes, plainBatch(records, { ...FIELDS, attributes: 0x10 }))).toBe(0);
    }),
  );
});

test('a batch decodes to the records that went in', () => {
  fc.assert(
    fc.property(recordList, (records) => {
      const decoded = decodeRecords(plainBatch(records, { ...FIELDS, attributes: 0 }));
      expect(decoded).toEqual(records.map((each, index) => ({ ...each, offset: 2 ** 33 + index })));
    }),
  );
});

test.each(CODECS)('records compressed with %s come back', async (codec) => {
  await fc.assert(
    fc.asyncProperty(recordList, async (records) => {
      const bytes = await builderOf(records).build({ ...FIELDS, codec });
      expect(findProducedBatchProblem(bytes, 0)).toBeUndefined();
      const decoded = decodeRecords(await openBatch(bytes));
      expect(decoded).toEqual(records.map((each, index) => ({ ...each, offset: 2 ** 33 + index })));
      if (codec !== 'zstd') expect(decodeRecords(bytes)).toEqual(decoded);
      else
        expect(() => openBatchSync(bytes)).toThrow(
          expect.objectContaining({ code: 'protocol.codec_is_async' }),
        );
    }),
    { numRuns: 25 },
  );
});

test('null and empty stay apart in keys, values and header values', () => {
  const empty = new Uint8Array();
  const records: PlainRecord[] = [
    { timestampMs: T, key: null, value: null, headers: [{ key: '', value: null }] },
    { timestampMs: T, key: empty, value: empty, headers: [{ key: 'h', value: empty }] },
  ];
  expect(decodeRecords(builderOf(records).buildSync())).toMatchObject(records);
});

test('a record larger than the buffer, and one that compression makes larger, fit', async () => {
  const noise = Uint8Array.from(
    { length: 5_000 },
    (_, index) => (index * index * 31 + (index >>> 3)) & 0xff,
  );
  for (const codec of CODECS) {
    const builder = new RecordBatchBuilder(64);
    builder.append(noise, noise, T);
    expect(decodeRecords(await openBatch(await builder.build({ codec })))[0]?.value).toEqual(
      Buffer.from(noise),
    );
  }
});

test('recordBytesMax bounds what a record adds', () => {
  fc.assert(
    fc.property(recordList, (records) => {
      const builder = new RecordBatchBuilder();
      for (const { key, value, timestampMs, headers } of records) {
        const before = builder.byteLength;
        builder.append(key, value, timestampMs, headers);
        expect(builder.byteLength - before).toBeLessThanOrEqual(
          RecordBatchBuilder.recordBytesMax(key, value, headers),
        );
      }
    }),
  );
});

test('the cursor gives positions, and its records can be copied whole', () => {
  const records: PlainRecord[] = [
    { timestampMs: T, key: Buffer.from('k'), value: null, headers: [] },
    {
      timestampMs: T - 5,
      key: null,
      value: Buffer.from('value'),
      headers: [{ key: 'h', value: null }],
    },
  ];
  const batch = openBatchSync(plainBatch(records, { ...FIELDS, attributes: 0 }));
  const cursor = new RecordCursor(batch);
  expect(cursor.next()).toBe(true);
  expect([cursor.keyEnd - cursor.keyStart, cursor.valueEnd, cursor.headerCount]).toEqual([
    1, -1, 0,
  ]);
  const firstEnd = cursor.recordEnd;
  expect(cursor.next()).toBe(true);
  expect([cursor.keyEnd, cursor.valueEnd - cursor.valueStart, cursor.headerCount]).toEqual([
    -1, 5, 1,
  ]);
  expect([cursor.recordStart, cursor.recordEnd]).toEqual([firstEnd, batch.records.byteLength]);
  expect(cursor.next()).toBe(false);
  expect(cursor.next()).toBe(false);
});

test('records damaged in any bit, with a right CRC, decode or are malformed, and nothing worse', () => {
  const records: PlainRecord[] = [
    {
      timestampMs: T,
      key: Buffer.from('key'),
      value: Buffer.from('value'),
      headers: [{ key: 'h', value: Buffer.from('x') }],
    },
    { timestampMs: T + 2 ** 40, key: null, value: Buffer.from('other'), headers: [] },
  ];
  const body = plainRecords(records);
  const outcomes = new Set<unknown>();
  for (let at = 0; at < body.byteLength; at += 1) {
    for (const damage of [0x01, 0x40, 0x80, 0xff]) {
      const damaged = Uint8Array.from(body);
      damaged[at] = (damaged[at] ?? 0) ^ damage;
      try {
        const bytes = plainBatch(records, { ...FIELDS, attributes: 0 }, damaged);
        outcomes.add(decodeRecords(bytes).length === 2 ? 'decoded' : 'lost a record');
      } catch (error) {
        outcomes.add(error instanceof Error && 'code' in error ? error.code : error);
      }
    }
    const cut = plainBatch(records, { ...FIELDS, attributes: 0 }, body.subarray(0, at));
    expect(() => decodeRecords(cut)).toThrow(
      expect.objectContaining({ code: 'protocol.malformed_message' }),
    );
  }
  expect([...outcomes].sort()).toEqual(['decoded', 'protocol.malformed_message']);
});

test.each([
  ['-1 as a length', [...plainVarint(-1), 0, 0, 0, 0, 0, 0]],
  ['a length beyond the batch', plainVarint(2 ** 31 - 1)],
  ['a key length below -1', [14, 0, 0, 0, 3, 0, 0, 0]],
  ['a key length beyond the record', [14, 0, 0, 0, 20, 0, 0, 0]],
  ['a negative header count', [12, 0, 0, 0, 1, 1, 1]],
  ['a header count beyond the record', [12, 0, 0, 0, 1, 1, 120]],
  ['a header without a key', [14, 0, 0, 0, 1, 1, 2, 1]],
  ['a varint of six bytes', [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  [
    'an eleven-byte timestamp',
    [34, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, 1, 0],
  ],
  ['bytes after the last record', [12, 0, 0, 0, 1, 1, 0, 99]],
])('%s is malformed', (_, body) => {
  const one: PlainRecord = { timestampMs: T, key: null, value: null, headers: [] };
  const bytes = plainBatch([one], { ...FIELDS, attributes: 0 }, Uint8Array.from(body));
  expect(() => decodeRecords(bytes)).toThrow(
    expect.objectContaining({ code: 'protocol.malformed_message' }),
  );
});

test('a record count that the records do not bear out is malformed, however large', () => {
  const bytes = Uint8Array.from(
    builderOf([{ timestampMs: T, key: null, value: null, headers: [] }]).buildSync(),
  );
  for (const recordCount of [-1, 0, 2, 2 ** 31 - 1]) {
    writeBatchHeader(bytes, 0, bytes.byteLength, { ...readBatchHeader(bytes, 0), recordCount });
    expect(() => decodeRecords(bytes)).toThrow(
      expect.objectContaining({ code: 'protocol.malformed_message' }),
    );
  }
});

test('an unknown codec and an old format are refused by name', () => {
  const bytes = Uint8Array.from(
    builderOf([{ timestampMs: T, key: null, value: null, headers: [] }]).buildSync(),
  );
  writeBatchHeader(bytes, 0, bytes.byteLength, {
    ...readBatchHeader(bytes, 0),
    attributes: attributesOf({ codec: 6 }),
  });
  expect(() => decodeRecords(bytes)).toThrow(
    expect.objectContaining({ code: 'protocol.unknown_codec' }),
  );
  bytes[16] = 1;
  expect(() => decodeRecords(bytes)).toThrow(/a batch of format 1, expected 2/);
});

test('a builder makes one batch, and none without records', async () => {
  const builder = new RecordBatchBuilder();
  await expect(builder.build()).rejects.toThrow('a batch has records');
  builder.append(null, null, T);
  builder.buildSync();
  expect(() => builder.append(null, null, T)).toThrow('a batch is built once');
  expect(codecId('zstd')).toBe(4);
});
