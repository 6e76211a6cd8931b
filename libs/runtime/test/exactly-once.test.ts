import { expect, test } from '@jest/globals';
import type { SourceConnector, SourceTaskContext } from '@millrace/connector-api';
import { systemClock } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import { BrokerBed, TRANSPORTS } from './broker-bed.ts';
import { create, numbersConfig, range, taskState, text, until } from './harness.ts';

const EXACTLY_ONCE = { 'exactly.once.source.support': 'enabled' };

const numbersIn = (records: readonly ConsumedRecord[]): readonly string[] =>
  records.map(({ value }) => text(value));

/** What readers of committed records see; markers may follow a commit a little later. */
async function expectCommitted(bed: BrokerBed, expected: readonly string[]): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + 10_000;
  let seen: readonly string[] = [];
  while (seen.length < expected.length && systemClock.monotonicMs() < deadlineMs) {
    seen = numbersIn(await bed.records('numbers', 'read_committed'));
    await systemClock.sleep(20);
  }
  expect(seen).toEqual(expected);
}

test.each(TRANSPORTS)(
  'records and offsets are committed together: who starts again goes on behind what readers see (%s)',
  async (kind) => {
    await using bed = await BrokerBed.open(kind);
    const first = await bed.openWorker(EXACTLY_ONCE);
    bed.numbers.available = 100;
    await create(first, 'n', numbersConfig);
    await until('told', () => bed.numbers.committed.at(-1) === 100, 60_000);
    await first[Symbol.asyncDispose]();
    await expectCommitted(bed, range(100));
    expect(text((await bed.records('connect-offsets', 'read_committed')).at(-1)?.value)).toBe(
      '{"n":100}',
    );
    const second = await bed.openWorker(EXACTLY_ONCE);
    bed.numbers.available = 130;
    await until('goes on', () => bed.numbers.committed.at(-1) === 130, 60_000);
    expect(taskState(second, 'n')).toBe('RUNNING');
    await expectCommitted(bed, range(130));
  },
);

test('a task that fails within a transaction leaves nothing of it to readers', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker(EXACTLY_ONCE);
  bed.numbers.hooks.poll = (_signal, next) =>
    next === 30 ? Promise.reject(new Error('no more')) : Promise.resolve();
  bed.numbers.available = 50;
  // One transaction for all: the failure comes before its end.
  await create(worker, 'n', {
    ...numbersConfig,
    'transaction.boundary': 'interval',
    'transaction.boundary.interval.ms': '60000',
    'task.restart.attempts.max': '0',
  });
  await until('failed', () => taskState(worker, 'n') === 'FAILED', 60_000);
  expect(await bed.records('numbers', 'read_committed')).toEqual([]);
  expect(bed.numbers.committed).toEqual([]);
  bed.numbers.hooks = {};
  await worker.restartTask('n', 0);
  await until('read', () => bed.numbers.starts.length === 2, 60_000);
  expect(bed.numbers.starts).toEqual([undefined, undefined]);
});

test('pausing and stopping end the open transaction; a long interval is no reason to wait', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker(EXACTLY_ONCE);
  bed.numbers.available = 25;
  await create(worker, 'n', {
    ...numbersConfig,
    'transaction.boundary': 'interval',
    'transaction.boundary.interval.ms': '60000',
  });
  await until(
    'sent',
    () => bed.numbers.starts.length === 1 && taskState(worker, 'n') === 'RUNNING',
    20_000,
  );
  while ((await bed.records('numbers')).length < 25) await systemClock.sleep(20);
  expect(await bed.records('numbers', 'read_committed')).toEqual([]);
  await worker.pauseConnector('n');
  await until('paused', () => taskState(worker, 'n') === 'PAUSED', 60_000);
  await expectCommitted(bed, range(25));
  expect(bed.numbers.committed).toEqual([25]);
});

test('a short interval commits what a quiet source has sent', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker(EXACTLY_ONCE);
  bed.numbers.available = 5;
  await create(worker, 'n', {
    ...numbersConfig,
    'transaction.boundary': 'interval',
    'transaction.boundary.interval.ms': '200',
  });
  await until('told', () => bed.numbers.committed.at(-1) === 5, 60_000);
  await expectCommitted(bed, range(5));
});

test('a connector may end its transactions itself, at records too', async () => {
  await using bed = await BrokerBed.open('in-process');
  const plugin = bed.numbers.plugin();
  const bounded: SourceConnector = {
    ...plugin,
    name: 'bounded',
    javaClasses: ['org.example.BoundedConnector'],
    canDefineTransactionBoundaries: () => true,
    exactlyOnceSupport: () => 'supported',
    createTask: () => {
      const task = plugin.createTask();
      let transaction: SourceTaskContext['transaction'];
      return {
        ...task,
        start: (context, signal) => {
          transaction = context.transaction;
          return task.start(context, signal);
        },
        poll: async (signal) => {
          const records = await task.poll(signal);
          for (const record of records) {
            const n = Number(record.value);
            if (n === 3 || n === 12) transaction?.commitTransaction(record);
            if (n === 7) transaction?.abortTransaction(record);
          }
          return records;
        },
      };
    },
  };
  const worker = await bed.openWorker(EXACTLY_ONCE, [bounded]);
  bed.numbers.available = 20;
  await create(worker, 'n', {
    'connector.class': 'bounded',
    'transaction.boundary': 'connector',
    'exactly.once.support': 'required',
  });
  await until('told', () => bed.numbers.committed.at(-1) === 13, 60_000);
  // 4 to 7 were thrown away by the connector; 13 to 19 wait for their end.
  await expectCommitted(bed, [...range(4), ...range(13).slice(8)]);
  expect(bed.numbers.committed).toEqual([4, 8, 13]);
});

test('the newer owner of a task fences the older one, which fails visibly', async () => {
  await using bed = await BrokerBed.open('tcp');
  const first = await bed.openWorker(EXACTLY_ONCE);
  bed.numbers.available = 10;
  await create(first, 'n', numbersConfig);
  await until('told', () => bed.numbers.committed.at(-1) === 10, 60_000);
  await using newer = bed.client.transactionalProducer({ transactionalId: 'connect-cluster-n-0' });
  await newer.initTransactions();
  bed.numbers.available = 20;
  await until('fenced', () => taskState(first, 'n') === 'FAILED', 60_000);
  await expectCommitted(bed, range(10));
});

test('exactly once that can not be had is refused', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  const config = { ...numbersConfig, 'exactly.once.support': 'required' };
  await expect(create(worker, 'n', config)).rejects.toThrow(
    'This worker does not have exactly-once source support enabled.',
  );
  const enabled = await bed.openWorker(EXACTLY_ONCE);
  await expect(create(enabled, 'n', config)).rejects.toThrow(
    'The connector does not implement the API required for preflight validation',
  );
});
