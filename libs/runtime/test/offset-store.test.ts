import { expect, test } from '@jest/globals';
import { silentLogger, systemClock } from '@millrace/foundation';
import { MemoryLog } from '@millrace/testkit';
import { CompactedTopic } from '../src/stores/compacted-topic.ts';
import { OffsetStore } from '../src/stores/offset-store.ts';
import { text } from './harness.ts';

const { signal } = new AbortController();

async function open(log: MemoryLog): Promise<OffsetStore> {
  const client = log.connect();
  const store = new OffsetStore(
    new CompactedTopic(client, client.producer(), 'connect-offsets'),
    silentLogger,
  );
  await store.load(signal);
  return store;
}

test('tasks of one connector that store at the same time do not overwrite each other', async () => {
  const store = await open(new MemoryLog(systemClock));
  await Promise.all([
    store.write('c', [{ partition: { p: 1 }, offset: { n: 1 } }]),
    store.write('c', [{ partition: { p: 2 }, offset: { n: 2 } }]),
  ]);
  expect(store.list('c')).toHaveLength(2);
});

test('offsets keep big integers, and members in alphabetical order', async () => {
  const log = new MemoryLog(systemClock);
  const store = await open(log);
  await store.write('c', [{ partition: { b: 1, a: 'x' }, offset: { lsn: 2n ** 60n, last: null } }]);
  const [record] = log.records('connect-offsets');
  expect(text(record?.key)).toBe('["c",{"a":"x","b":1}]');
  expect(text(record?.value)).toBe('{"lsn":1152921504606846976,"last":null}');
  const again = await open(log);
  expect(again.reader('c').find({ a: 'x', b: 1 })).toEqual({ lsn: 2n ** 60n, last: null });
});

test('of two spellings of a partition the younger counts, and a write leaves only one', async () => {
  const log = new MemoryLog(systemClock);
  const put = (key: string, value: string, timestampMs: number): void => {
    log.append({
      topic: 'connect-offsets',
      partition: 0,
      key: Buffer.from(key),
      value: Buffer.from(value),
      timestampMs,
      headers: [],
    });
  };
  put('["c",{"b":1,"a":2}]', '{"n":5}', 20);
  put('["c",{"a":2,"b":1}]', '{"n":4}', 10);
  put('not json', '{}', 30);
  const store = await open(log);
  expect(store.list('c')).toEqual([{ partition: { a: 2, b: 1 }, offset: { n: 5 } }]);
  await store.write('c', [{ partition: { a: 2, b: 1 }, offset: { n: 6 } }]);
  expect(text(log.records('connect-offsets').at(-1)?.key)).toBe('["c",{"b":1,"a":2}]');
});
