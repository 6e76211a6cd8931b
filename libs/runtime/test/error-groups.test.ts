import { expect, test } from '@jest/globals';
import { MillraceError, systemClock } from '@millrace/foundation';
import { ErrorGroups } from '../src/errors/error-groups.ts';
import { ToleranceWindow } from '../src/errors/tolerance-window.ts';
import {
  collectorConfig,
  create,
  numbersConfig,
  range,
  taskState,
  TestBed,
  traceOfTask,
  until,
} from './harness.ts';

const json = {
  ...collectorConfig,
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
};

test('failures of one kind are one group, with its count, its last record and what mends it', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.appendText('numbers', ['1', 'poison', '3', 'x"y', '{"a":', 'toxic']);
  await create(worker, 'c', { ...json, 'errors.tolerance': 'all' });
  await until('committed', async () => (await bed.log.committed('connect-c', 'numbers')) === 6);
  const { groups, forgotten } = worker.errors.errorsOf('c');
  expect(forgotten).toBe(0);
  expect(groups.map(({ count }) => count).reduce((total, each) => total + each, 0)).toBe(4);
  const [last] = groups;
  expect(last).toMatchObject({
    stage: 'VALUE_CONVERTER',
    class: 'org.apache.kafka.connect.json.JsonConverter',
    outcome: 'skipped',
    exception: {
      code: 'converter.not_json',
      class: 'org.apache.kafka.connect.errors.DataException',
    },
    remedy: 'the records are not JSON: configure the converter that they were written with',
    sample: { task: 0, topic: 'numbers', partition: 0, offset: 5 },
  });
  // `poison` and `toxic` differ in values only.
  expect(last?.count).toBeGreaterThanOrEqual(2);
  await worker.patchConnectorConfig('c', { url: 'changed' });
  await worker.settled('c');
  expect(worker.errors.errorsOf('c').groups).toHaveLength(groups.length);
  worker.errors.clearErrors('c');
  expect(worker.errors.errorsOf('c').groups).toEqual([]);
  expect(() => worker.errors.errorsOf('nobody')).toThrow('Connector nobody not found');
});

test("a source's failures show its own coordinates, and failures of tasks are groups too, without secrets", async () => {
  await using bed = new TestBed();
  bed.numbers.hooks.value = (n) => (n === 2 ? Symbol('bad') : String(n));
  const worker = await bed.open();
  bed.numbers.available = 5;
  await create(worker, 'n', { ...numbersConfig, 'errors.tolerance': 'all' });
  await until('done', () => bed.numbers.committed.at(-1) === 5);
  expect(worker.errors.errorsOf('n').groups[0]?.sample).toEqual({
    task: 0,
    topic: 'numbers',
    source_partition: { source: 'a' },
    source_offset: { n: 3 },
  });
  bed.numbers.hooks.start = () =>
    Promise.reject(
      new Error('cannot log in', { cause: new Error('bad password hunter22 for user 77') }),
    );
  await create(worker, 'bad', { ...numbersConfig, password: 'hunter22' });
  await until('failed', () => taskState(worker, 'bad') === 'FAILED');
  const [group] = worker.errors.errorsOf('bad').groups;
  expect(group).toMatchObject({ stage: 'TASK', outcome: 'task-failed', sample: { task: 0 } });
  expect(JSON.stringify(group)).not.toContain('hunter22');
  expect(group?.exception.causes.at(-1)?.message).toBe('bad password [hidden] for user 77');
});

test('kinds are bounded: the one seen longest ago is forgotten, and that is told', () => {
  const groups = new ErrorGroups(systemClock);
  groups.groupsMax = 2;
  for (const code of ['a.a', 'b.b', 'a.a', 'c.c'])
    groups.add(
      {
        stage: 'TASK_PUT',
        className: 'x',
        error: new MillraceError({ code, retry: 'fatal', message: `kind ${code}` }),
        task: 0,
        where: undefined,
        outcome: 'skipped',
      },
      (text) => text,
    );
  expect(groups.list().map(({ exception, count }) => [exception.code, count])).toEqual([
    ['c.c', 1],
    ['a.a', 2],
  ]);
  expect(groups.forgotten).toBe(1);
});

test('a share of failures above the limit fails the task rather than discard a stream', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  const values = range(1000).map((value, index) => (index % 4 === 0 && index >= 500 ? '{' : value));
  await bed.log.appendText('numbers', values);
  await create(worker, 'c', {
    ...json,
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dead',
    'errors.tolerance.max.ratio': '0.1',
  });
  await until('failed', () => taskState(worker, 'c') === 'FAILED');
  expect(traceOfTask(worker, 'c')).toContain(
    'more than errors.tolerance.max.ratio=0.1 allows; the last: VALUE_CONVERTER',
  );
  expect(worker.taskStatus('c', 0).restart).toMatchObject({
    attempt: 0,
    next_at: null,
    reason: 'a restart cannot mend this error',
  });
  // 101 of the first 1000 are too many: the hundred before are parked, that one is neither parked nor committed.
  expect(await bed.log.records('dead')).toHaveLength(100);
  expect((await bed.log.committed('connect-c', 'numbers')) ?? 0).toBeLessThanOrEqual(500);
  expect(worker.errors.errorsOf('c').groups[0]?.outcome).toBe('task-failed');
});

test('the share is measured over a sliding window, and not of a few records', () => {
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const window = new ToleranceWindow(clock, { ratioMax: 0.5, windowMs: 1000, recordsMin: 4 });
  window.processed(3);
  expect([window.failed(), window.failed(), window.failed()]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  window.processed(1);
  expect(window.failed()).toEqual({ failed: 4, processed: 4 });
  nowMs = 2000;
  window.processed(10);
  expect(window.failed()).toBeUndefined();
});

test('an automatic restart that waits is visible, and so is what it waits for', async () => {
  await using bed = new TestBed();
  let failures = 1;
  bed.numbers.hooks.start = () => {
    if (failures-- > 0) throw new Error('who knows');
    return Promise.resolve();
  };
  const worker = await bed.open();
  await create(worker, 'n', numbersConfig);
  await until('failed', () => taskState(worker, 'n') === 'FAILED');
  const { restart } = worker.taskStatus('n', 0);
  expect(restart).toMatchObject({ attempt: 1 });
  expect(restart?.cause).toContain('who knows');
  const inMs = Date.parse(restart?.next_at ?? '') - Date.now();
  expect(inMs).toBeLessThanOrEqual(1000);
  expect(inMs).toBeGreaterThan(0);
  await until('running', () => taskState(worker, 'n') === 'RUNNING');
  expect(worker.taskStatus('n', 0).restart).toMatchObject({ attempt: 1, next_at: null });
});

test('an error that does not say whether it may pass is not tried for ever; a permanent one not once', async () => {
  await using bed = new TestBed();
  let starts = 0;
  bed.numbers.hooks.start = () => {
    starts++;
    return Promise.reject(new Error('who knows'));
  };
  const worker = await bed.open();
  const fast = { 'task.restart.delay.max.ms': '1', 'task.restart.unknown.attempts.max': '3' };
  await create(worker, 'n', { ...numbersConfig, ...fast });
  await worker.settled('n');
  await until('given up', () => worker.taskStatus('n', 0).restart?.reason !== undefined);
  expect(starts).toBe(4);
  expect(worker.taskStatus('n', 0).restart?.reason).toBe(
    '3 automatic restarts in a row did not help',
  );
  bed.numbers.hooks.start = () => {
    starts++;
    throw new MillraceError({ code: 'x.bad', retry: 'fatal', message: 'no such table' });
  };
  await create(worker, 'bad', { ...numbersConfig, ...fast });
  await until('failed', () => taskState(worker, 'bad') === 'FAILED');
  await systemClock.sleep(30);
  expect(starts).toBe(5);
});

test.each(['stop', 'pause', 'delete', 'reconfigure'] as const)(
  'a %s is honoured while a failed task waits for its restart',
  async (change) => {
    await using bed = new TestBed();
    bed.numbers.hooks.start = () => {
      bed.numbers.hooks = {};
      throw new MillraceError({ code: 'x.busy', retry: 'retriable', message: 'busy' });
    };
    const worker = await bed.open();
    bed.numbers.available = 3;
    await create(worker, 'n', numbersConfig);
    await until('failed', () => taskState(worker, 'n') === 'FAILED');
    switch (change) {
      case 'stop':
        await worker.stopConnector('n');
        await worker.settled('n');
        expect(worker.connectorStatus('n')).toMatchObject({
          connector: { state: 'STOPPED' },
          tasks: [],
        });
        break;
      case 'pause':
        await worker.pauseConnector('n');
        await until('paused', () => taskState(worker, 'n') === 'PAUSED');
        break;
      case 'delete':
        await worker.deleteConnector('n');
        await worker.settled('n');
        expect(worker.connectors()).toEqual([]);
        break;
      case 'reconfigure':
        await worker.patchConnectorConfig('n', { 'batch.size': '11' });
        await until('done', () => bed.numbers.committed.at(-1) === 3, 400); // no back-off any more
        return;
    }
    await systemClock.sleep(1200); // longer than the restart waits
    expect(bed.numbers.committed).toEqual([]);
    expect(bed.numbers.starts).toHaveLength(1);
  },
);
