import { describe, expect, test } from '@jest/globals';
import { deferred, silentLogger, systemClock, type Deferred } from '@millrace/foundation';
import { MemoryLog, MemoryLogClient } from '@millrace/testkit';
import { CompactedTopic } from '../src/stores/compacted-topic.ts';
import { plainWriter } from '../src/stores/table-writer.ts';
import { OffsetStore } from '../src/stores/offset-store.ts';
import { SharedRuns } from '../src/stores/shared-runs.ts';
import { StatusStore } from '../src/stores/status-store.ts';
import { text } from './harness.ts';

const { signal } = new AbortController();

async function open(log: MemoryLog): Promise<OffsetStore> {
  const client = new MemoryLogClient(log);
  const store = new OffsetStore(
    new CompactedTopic(client, plainWriter(client.producer()), 'connect-offsets'),
    systemClock,
    silentLogger,
  );
  await store.refresh(signal);
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

test('what another worker stored is seen after a refresh, also of partitions that were stored here', async () => {
  const log = new MemoryLog(systemClock);
  const [ours, theirs] = [await open(log), await open(log)];
  const partition = { p: 1 };
  await ours.write('c', [{ partition, offset: { n: 1 } }]);
  await theirs.write('c', [{ partition, offset: { n: 2 } }]);
  expect(ours.reader('c').find(partition)).toEqual({ n: 1 });
  await ours.refresh(signal);
  expect(ours.reader('c').find(partition)).toEqual({ n: 2 });
  await theirs.write('c', [{ partition, offset: null }]);
  await ours.refresh(signal);
  expect(ours.reader('c').find(partition)).toBeUndefined();
  await ours.write('c', [{ partition, offset: { n: 3 } }]);
  await ours.refresh(signal);
  expect(ours.reader('c').find(partition)).toEqual({ n: 3 });
});

test('of two spellings of a partition the younger counts, and a write leaves only one', async () => {
  const log = new MemoryLog(systemClock);
  log.createTopic('connect-offsets', 2);
  const put = (partition: number, key: string, value: string, timestampMs: number): void => {
    log.append({
      topic: 'connect-offsets',
      partition,
      key: Buffer.from(key),
      value: Buffer.from(value),
      timestampMs,
      headers: [],
    });
  };
  put(0, '["c",{"b":1,"a":2}]', '{"n":5}', 20);
  put(1, '["c",{"a":2,"b":1}]', '{"n":4}', 10);
  put(1, 'not json', '{}', 30);
  const store = await open(log);
  expect(store.list('c')).toEqual([{ partition: { a: 2, b: 1 }, offset: { n: 5 } }]);
  await store.write('c', [{ partition: { a: 2, b: 1 }, offset: { n: 6 } }]);
  expect(text(log.records('connect-offsets').at(-1)?.key)).toBe('["c",{"b":1,"a":2}]');
});

describe('readings that are shared', () => {
  const runs: { readonly signal: AbortSignal; readonly end: Deferred }[] = [];
  const shared = new SharedRuns((runSignal) => {
    const end = deferred();
    runSignal.addEventListener('abort', () => end.reject(runSignal.reason));
    runs.push({ signal: runSignal, end });
    return end.promise;
  });
  const begun = async (count: number): Promise<void> => {
    while (runs.length < count) await new Promise((resolve) => setImmediate(resolve));
  };

  test('who asks while one is under way waits for one that begins afterwards, with all who ask meanwhile', async () => {
    const first = shared.run(signal);
    await begun(1);
    const later = Promise.all([shared.run(signal), shared.run(signal)]);
    runs[0]?.end.resolve();
    await first;
    await begun(2);
    const isDone = await Promise.race([later.then(() => true), Promise.resolve(false)]);
    expect(isDone).toBe(false);
    runs[1]?.end.resolve();
    await later;
    expect(runs).toHaveLength(2);
  });

  test('one that gives up leaves the others their reading; without any it is aborted', async () => {
    runs.length = 0;
    const [one, other] = [new AbortController(), new AbortController()];
    const outcomes = Promise.allSettled([shared.run(one.signal), shared.run(other.signal)]);
    await begun(1);
    one.abort(new Error('one'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs[0]?.signal.aborted).toBe(false);
    other.abort(new Error('other'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(runs[0]?.signal.aborted).toBe(true);
    const next = shared.run(signal);
    await begun(2);
    runs[1]?.end.resolve();
    await next;
  });
});

test('states that come together are written together, the last one of each key', async () => {
  const log = new MemoryLog(systemClock);
  const client = new MemoryLogClient(log);
  const topic = new CompactedTopic(client, plainWriter(client.producer()), 'connect-status');
  const store = new StatusStore(topic, 'here:1', silentLogger);
  for (const state of ['UNASSIGNED', 'RESTARTING', 'RUNNING'] as const) {
    store.putConnector('a', { state, trace: null, version: null });
    store.putTask('a', 0, { state, trace: null, version: null });
  }
  await store.flush();
  store.deleteTask('a', 0);
  await store.flush();
  expect(
    log
      .records('connect-status')
      .map(({ key, value }) => [
        text(key),
        value === null ? null : /"state":"(\w+)"/.exec(text(value))?.[1],
      ]),
  ).toEqual([
    ['status-connector-a', 'RUNNING'],
    ['status-task-a-0', 'RUNNING'],
    ['status-task-a-0', null],
  ]);
});
