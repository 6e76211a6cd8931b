import { expect, test } from '@jest/globals';
import type { SourceConnector, SourceTask } from '@millrace/connector-api';
import { deferred, systemClock, type Deferred } from '@millrace/foundation';
import { BrokerBed } from './broker-bed.ts';
import { create, taskState, text, until } from './harness.ts';

const EXACTLY_ONCE = { 'exactly.once.source.support': 'enabled' };

/** Each task sends one record, and another when it is let. */
function pairs(owner: string, taskCount: number, gate: Deferred): SourceConnector {
  const createTask = (): SourceTask => {
    let task = 0;
    let polls = 0;
    return {
      start: (context) => {
        task = context.task;
        return Promise.resolve();
      },
      poll: async (signal) => {
        polls++;
        if (polls === 2) await gate.promise;
        if (polls > 2) await systemClock.sleep(20, signal).catch(() => undefined);
        if (polls > 2) return [];
        return [
          {
            topic: 'pairs',
            partition: null,
            keySchema: null,
            key: null,
            valueSchema: null,
            value: `${owner}-${task}-${polls}`,
            timestampMs: null,
            headers: [],
            sourcePartition: { task: String(task) },
            sourceOffset: { by: owner, n: polls },
          },
        ];
      },
      stop: () => Promise.resolve(),
    };
  };
  return {
    kind: 'source',
    name: 'pairs',
    javaClasses: ['org.example.PairsConnector'],
    version: '1.0',
    fields: {},
    taskConfigs: (config) =>
      Promise.resolve(Array.from({ length: taskCount }, () => ({ ...config }))),
    createTask,
  };
}

async function committedOf(bed: BrokerBed, topic: string): Promise<readonly string[]> {
  return (await bed.records(topic, 'read_committed')).map(({ value }) => text(value));
}

async function fencingRecords(bed: BrokerBed): Promise<readonly string[]> {
  return (await bed.records('connect-configs'))
    .filter(({ key }) => text(key) === 'tasks-fencing-p')
    .map(({ value }) => text(value));
}

test('no task of a former generation can write records or offsets, also where nobody took its number', async () => {
  await using bed = await BrokerBed.open('tcp');
  const stall = deferred();
  const stalled = await bed.openWorker(EXACTLY_ONCE, [pairs('old', 3, stall)]);
  await create(stalled, 'p', {
    'connector.class': 'pairs',
    'tasks.max': '3',
    'task.restart.attempts.max': '0',
  });
  await until('all tasks have sent', () => stalled.metrics().length > 0);
  while ((await committedOf(bed, 'pairs')).length < 3) await systemClock.sleep(20);
  expect(await fencingRecords(bed)).toEqual(['{"task-count":3}']);

  // The worker is taken for dead; its successor makes one task of the three.
  const free = deferred();
  free.resolve();
  const successor = await bed.openWorker(EXACTLY_ONCE, [pairs('new', 1, free)]);
  while ((await committedOf(bed, 'pairs')).length < 5) await systemClock.sleep(20);
  expect(await fencingRecords(bed)).toEqual(['{"task-count":3}', '{"task-count":1}']);
  expect(taskState(successor, 'p')).toBe('RUNNING');

  // It was not dead. INV-9: nothing of what it does now counts.
  stall.resolve();
  for (const task of [0, 1, 2])
    await until(`task ${task} fails`, () => taskState(stalled, 'p', task) === 'FAILED', 60_000);
  const seen = await committedOf(bed, 'pairs');
  expect([...seen].sort()).toEqual(['new-0-1', 'new-0-2', 'old-0-1', 'old-1-1', 'old-2-1']);
  const offsets = await committedOf(bed, 'connect-offsets');
  expect(offsets.filter((offset) => offset.includes('"n":2'))).toEqual(['{"by":"new","n":2}']);
});

test('stopping and starting again shuts out the tasks of before, however many come', async () => {
  await using bed = await BrokerBed.open('in-process');
  const free = deferred();
  free.resolve();
  const worker = await bed.openWorker(EXACTLY_ONCE, [pairs('a', 2, free)]);
  await create(worker, 'p', { 'connector.class': 'pairs', 'tasks.max': '2' });
  while ((await committedOf(bed, 'pairs')).length < 4) await systemClock.sleep(20);
  await worker.stopConnector('p');
  await worker.settled('p');
  // Before a person's offsets are written, nobody else may write any.
  await worker.resetConnectorOffsets('p');
  expect(await fencingRecords(bed)).toEqual(['{"task-count":2}', '{"task-count":0}']);
  await worker.resumeConnector('p');
  while ((await committedOf(bed, 'pairs')).length < 8) await systemClock.sleep(20);
  expect((await fencingRecords(bed)).at(-1)).toBe('{"task-count":2}');
});

test('the worker that came later owns the configurations: the former one is refused, and says so', async () => {
  await using bed = await BrokerBed.open('tcp');
  const former = await bed.openWorker(EXACTLY_ONCE);
  const stopped = { config: { 'connector.class': 'numbers' }, initialState: 'STOPPED' } as const;
  await former.createConnector({ name: 'a', ...stopped });
  const later = await bed.openWorker(EXACTLY_ONCE);
  expect(later.connectors()).toEqual(['a']);
  const refused = former.createConnector({ name: 'b', ...stopped });
  const error: unknown = await refused.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'runtime.store_write_failed' });
  expect(error instanceof Error ? error.cause : undefined).toMatchObject({
    code: 'runtime.config_topic_taken',
  });
  expect(former.connectors()).toEqual(['a']);
  await later.createConnector({ name: 'c', ...stopped });
  expect((await bed.openWorker(EXACTLY_ONCE)).connectors()).toEqual(['a', 'c']);
});

test('many changes at once are all there: those that wait share a transaction', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker(EXACTLY_ONCE);
  const names = Array.from({ length: 40 }, (_, index) => `c${index + 10}`);
  await Promise.all(
    names.map((name) =>
      worker.createConnector({
        name,
        config: { 'connector.class': 'numbers' },
        initialState: 'STOPPED',
      }),
    ),
  );
  expect((await bed.openWorker(EXACTLY_ONCE)).connectors()).toEqual(names);
});
