import { expect, test } from '@jest/globals';
import {
  attributesOf,
  BATCH_OVERHEAD,
  compressSync,
  readBatchHeader,
  RecordBatchBuilder,
  writeBatchHeader,
} from '@millrace/kafka-protocol';
import { LogContext } from './log-context.ts';
import { batch } from './support.ts';

const VALUE_LENGTH_AT = BATCH_OVERHEAD + 6; // behind length, attributes, time, offset, length of the key, key
const CODECS = { none: 0, gzip: 1 } as const;

test.each([
  ['a count of headers without headers', -1, 2],
  ['a negative count of headers', -1, 1],
  ['a value that ends behind its record', VALUE_LENGTH_AT, 40],
  ['a value that ends before its record', VALUE_LENGTH_AT, 2],
  ['a value of a negative length', VALUE_LENGTH_AT, 3],
])('%s is refused, in plain and in compressed records', async (_, at, byte) => {
  await using context = await LogContext.open();
  for (const codec of ['none', 'gzip'] as const) {
    const bytes = batch({ values: ['hello'], keys: ['k'], timestampMs: context.now }).slice();
    bytes.set([byte], at < 0 ? bytes.byteLength + at : at);
    const result = await context.log.append(packed(bytes, codec), { leaderEpoch: 0 });
    expect(result).toMatchObject({ kind: 'refused', reason: 'invalid-record', errorCode: 87 });
  }
  expect(context.log.logEndOffset).toBe(0);
});

test('records with and without headers, keys and values of every size are taken', async () => {
  await using context = await LogContext.open();
  const builder = new RecordBatchBuilder();
  const headers = [
    { key: 'h', value: Buffer.from('v') },
    { key: '', value: null },
  ];
  for (const size of [0, 1, 63, 64, 100, 8191, 8192, 70_000]) {
    for (const own of [[], headers])
      builder.append(Buffer.alloc(size, 'k'), Buffer.alloc(size, 'v'), context.now, own);
  }
  builder.append(null, null, context.now, headers);
  const result = await context.log.append(builder.buildSync(), { leaderEpoch: 0 });
  expect(result).toMatchObject({ kind: 'appended', lastOffset: 16 });
});

test('only a record without a time, which is -1, is never too old', async () => {
  await using context = await LogContext.open({ 'message.timestamp.before.max.ms': 1000 });
  const send = async (timesMs: readonly number[]): Promise<string> => {
    const builder = new RecordBatchBuilder();
    for (const timeMs of timesMs) builder.append(null, null, timeMs);
    return (await context.log.append(builder.buildSync(), { leaderEpoch: 0 })).kind;
  };
  expect(await send([context.now - 1000])).toBe('appended');
  expect(await send([-1])).toBe('appended');
  expect(await send([context.now - 1001])).toBe('refused');
  expect(await send([-2])).toBe('refused');
  expect(await send([-1, context.now - 1001])).toBe('refused');
});

/** The same records under this codec, with a right CRC. */
function packed(bytes: Uint8Array, codec: keyof typeof CODECS): Uint8Array {
  const records = compressSync(codec, bytes.subarray(BATCH_OVERHEAD));
  const whole = Buffer.concat([bytes.subarray(0, BATCH_OVERHEAD), records]);
  const attributes = attributesOf({ codec: CODECS[codec] });
  writeBatchHeader(whole, 0, whole.byteLength, { ...readBatchHeader(bytes, 0), attributes });
  return whole;
}
