import { expect, test } from '@jest/globals';
import { must, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import type { TransactionalProducer } from '@millrace/kafka-client';
import { ExactlyOnceDelivery } from '../src/tasks/exactly-once-delivery.ts';
import { TaskMeter } from '../src/metrics/task-meter.ts';
import type { ConvertedBatch, DeliveryPorts } from '../src/tasks/source-delivery.ts';
import { RequestedBoundaries } from '../src/tasks/transaction-boundary.ts';
import { Numbers } from './harness.ts';

function batchOf(n: number): ConvertedBatch {
  const record = new Numbers().record(n);
  const produced = {
    topic: 'numbers',
    partition: null,
    key: null,
    value: Buffer.from(String(n)),
    timestampMs: null,
    headers: [],
  };
  return {
    polled: [record],
    produced: [produced],
    sources: [record],
    bytes: 1,
    polledCount: 1,
    producedCount: 1,
  };
}

function portsOf(stored: number[]): DeliveryPorts {
  const signal = new AbortController().signal;
  return {
    environment: {
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      connector: 'n',
      offsets: { recordsOf: () => [], noteWritten: () => undefined },
    },
    lifetime: { signal, callAtEnd: (_stage: string, call: () => Promise<void>) => call() },
    meter: new TaskMeter(systemClock, 'source', { windowMs: 30_000, windowCount: 2 }),
    errors: { keepsRecords: false, written: () => Promise.resolve() },
    notify: (offsets: readonly { readonly offset: { readonly n: number } }[]) => {
      stored.push(...offsets.map(({ offset }) => offset.n));
      return Promise.resolve();
    },
  } as unknown as DeliveryPorts;
}

test.each([
  ['whole', 0, ['begin', 'send', 'send', 'commit']],
  ['torn', 2, ['begin', 'send', 'send', 'abort']],
] as const)(
  'a task that stops with a %s batch in its transaction leaves no half of it',
  async (_what, tornAt, expected) => {
    const calls: string[] = [];
    let sends = 0;
    // Only what the delivery calls; the last batch may be cut off while it waits for room.
    const producer = {
      beginTransaction: () => calls.push('begin'),
      send: () => {
        calls.push('send');
        sends++;
        if (sends === tornAt) return Promise.reject(new Error('the task ends'));
        return Promise.resolve({ delivered: Promise.resolve({ failures: [] }) });
      },
      commitTransaction: () => Promise.resolve(calls.push('commit')),
      abortTransaction: () => Promise.resolve(calls.push('abort')),
    } as unknown as TransactionalProducer;
    const stored: number[] = [];
    const ports = portsOf(stored);
    const options = { boundary: 'interval', intervalMs: 60_000, requested: undefined } as const;
    const delivery = new ExactlyOnceDelivery(ports, producer, options);
    await delivery.deliver(batchOf(0));
    if (tornAt > 0) await expect(delivery.deliver(batchOf(1))).rejects.toThrow('the task ends');
    await delivery.finish(false);
    expect(calls).toEqual(expected);
    expect(stored).toEqual(tornAt > 0 ? [] : [1]);
  },
);

test('a boundary behind a record that was split is behind all its parts', async () => {
  const calls: (string | number)[] = [];
  const producer = {
    beginTransaction: () => calls.push('begin'),
    send: (records: readonly unknown[]) => {
      if (records.length > 0) calls.push(records.length);
      return Promise.resolve({ delivered: Promise.resolve({ failures: [] }) });
    },
    commitTransaction: () => Promise.resolve(calls.push('commit')),
  } as unknown as TransactionalProducer;
  const requested = new RequestedBoundaries();
  const options = { boundary: 'connector', intervalMs: 0, requested } as const;
  const delivery = new ExactlyOnceDelivery(portsOf([]), producer, options);
  const [first, second] = [batchOf(0), batchOf(1)];
  const split = must(first.sources[0], 'one record');
  requested.commitTransaction(split);
  await delivery.deliver({
    polled: [...first.polled, ...second.polled],
    produced: [...first.produced, ...first.produced, ...first.produced, ...second.produced],
    sources: [split, split, split, ...second.sources],
    bytes: 4,
    polledCount: 2,
    producedCount: 4,
  });
  expect(calls).toEqual(['begin', 3, 'commit', 'begin', 1]);
});
