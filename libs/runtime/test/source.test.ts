import { expect, test } from '@jest/globals';
import { MillraceError } from '@millrace/foundation';
import {
  collectorConfig,
  metric,
  never,
  numbersConfig,
  range,
  TestBed,
  create,
  taskState,
  text,
  traceOfTask,
  until,
} from './harness.ts';

const refused = (retry: 'retriable' | 'fatal'): MillraceError =>
  new MillraceError({
    code: 'client.refused',
    retry,
    message: 'the log says no',
    hint: 'ask nicely',
  });

test('records arrive in order, offsets are stored in the format of Connect, then the source is told', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  bed.numbers.available = 95;
  await create(worker, 'n', numbersConfig);
  await until('all committed', () => bed.numbers.committed.at(-1) === 95);
  expect(await bed.log.values('numbers')).toEqual(range(95));
  const last = (await bed.log.records('connect-offsets')).at(-1);
  expect(text(last?.key)).toBe('["n",{"source":"a"}]');
  expect(text(last?.value)).toBe('{"n":95}');
  expect(taskState(worker, 'n')).toBe('RUNNING');
  expect(worker.connectorTopics('n')).toEqual(['numbers']);
  expect(metric(worker, 'kafka_connect_source_task_source_record_write_total')).toBe(95);
  expect(metric(worker, 'millrace_source_lag_ms')).toBe(0);
});

test('what came before a record that fails the task is delivered and stored; a restart goes on at that record', async () => {
  await using bed = new TestBed();
  const worker = await bed.open({ 'task.shutdown.graceful.timeout.ms': '60000' });
  bed.numbers.available = 20;
  bed.numbers.hooks.value = (n) => (n === 13 ? 'poison' : n);
  const converter = 'org.apache.kafka.connect.converters.IntegerConverter';
  await create(worker, 'n', { ...numbersConfig, 'value.converter': converter });
  await until('failed', () => taskState(worker, 'n') === 'FAILED');
  expect((await bed.log.records('numbers')).length).toBe(13);
  expect(text((await bed.log.records('connect-offsets')).at(-1)?.value)).toBe('{"n":13}');
  bed.numbers.hooks.value = (n) => n;
  await worker.restartTask('n', 0);
  await until('all committed', () => bed.numbers.committed.at(-1) === 20);
  const values = (await bed.log.records('numbers')).map(({ value }) => value?.at(-1));
  expect(values).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test('topics that were forgotten are known again as soon as a running task uses them', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  bed.numbers.available = 10;
  await create(worker, 'n', numbersConfig);
  await create(worker, 'c', collectorConfig);
  await until('put', () => bed.collector.records.length === 10);
  const topics = (): readonly (readonly string[])[] =>
    ['n', 'c'].map((name) => worker.connectorTopics(name));
  await until('both are noted', () => topics().flat().length === 2);
  await worker.resetConnectorTopics('n');
  await worker.resetConnectorTopics('c');
  expect(topics()).toEqual([[], []]);
  bed.numbers.available = 20;
  await until('put again', () => bed.collector.records.length === 20);
  expect(topics()).toEqual([['numbers'], ['numbers']]);
});

test('an offset alone is stored and told, and nothing is written for it', async () => {
  await using bed = new TestBed();
  bed.numbers.hooks.isOffsetOnly = (next) => next >= 5;
  const worker = await bed.open();
  bed.numbers.available = 9;
  await create(worker, 'n', numbersConfig);
  await until('all committed', () => bed.numbers.committed.at(-1) === 9);
  expect(await bed.log.values('numbers')).toEqual(range(5));
  expect(text((await bed.log.records('connect-offsets')).at(-1)?.value)).toBe('{"n":9}');
});

test('nothing is committed while a record before it is not acknowledged', async () => {
  await using bed = new TestBed();
  bed.numbers.batchMax = 1;
  bed.log.faults.holdAcks = ({ topic, value }) => topic === 'numbers' && text(value) === '3';
  const worker = await bed.open();
  bed.numbers.available = 20;
  await create(worker, 'n', numbersConfig);
  await until('all sent', async () => (await bed.log.values('numbers')).length === 20);
  await until('the prefix is committed', () => bed.numbers.committed.at(-1) === 3);
  expect(Math.max(...bed.numbers.committed)).toBe(3);
  bed.log.faults.holdAcks = undefined;
  bed.log.releaseAcks();
  await until('the rest is committed', () => bed.numbers.committed.at(-1) === 20);
});

test.each([
  [
    'before the acknowledgement',
    (bed: TestBed) => {
      bed.log.faults.holdAcks = ({ topic }) => topic === 'numbers';
    },
  ],
  [
    'before the offset is stored',
    (bed: TestBed) => {
      bed.log.faults.holdAcks = ({ topic }) => topic === 'connect-offsets';
    },
  ],
  [
    'before the source is told',
    (bed: TestBed) => {
      bed.numbers.hooks.commit = never;
    },
  ],
])('a worker killed %s loses nothing', async (_when, arrange) => {
  await using bed = new TestBed();
  bed.numbers.batchMax = 1;
  const first = await bed.open();
  bed.numbers.available = 5;
  await create(first, 'n', numbersConfig);
  await until('first ones', async () => (await bed.log.values('numbers')).length === 5);
  arrange(bed);
  bed.numbers.available = 12;
  await until('more sent', async () => (await bed.log.values('numbers')).length === 12);
  await bed.kill();
  bed.log.faults.holdAcks = undefined;
  bed.log.releaseAcks();
  bed.numbers.hooks = {};
  const told = bed.numbers.committed.at(-1) ?? 0;
  const second = await bed.open();
  bed.numbers.available = 20;
  await until('the rest', () => bed.numbers.committed.at(-1) === 20);
  // Never beyond what was told, so nothing the source forgot is missing; repeats are allowed.
  expect(bed.numbers.starts.at(-1) ?? 0).toBeGreaterThanOrEqual(told);
  expect(new Set(await bed.log.values('numbers'))).toEqual(new Set(range(20)));
  expect(taskState(second, 'n')).toBe('RUNNING');
});

test('the source is told only after the offset record is in the log', async () => {
  await using bed = new TestBed();
  const seen: number[] = [];
  bed.numbers.hooks.commit = async (offsets) => {
    const stored = (await bed.log.records('connect-offsets')).at(-1);
    seen.push(Number(offsets[0]?.offset['n']));
    expect(text(stored?.value)).toBe(`{"n":${Number(offsets[0]?.offset['n'])}}`);
  };
  const worker = await bed.open();
  bed.numbers.available = 30;
  await create(worker, 'n', numbersConfig);
  await until('told', () => seen.at(-1) === 30);
});

test('a record that the log refuses fails the task, and nothing after it is committed', async () => {
  await using bed = new TestBed();
  bed.numbers.batchMax = 1;
  bed.log.faults.refuse = ({ topic, value }) =>
    topic === 'numbers' && text(value) === '4' ? refused('fatal') : undefined;
  const worker = await bed.open();
  bed.numbers.available = 10;
  await create(worker, 'n', numbersConfig);
  await until('failed', () => taskState(worker, 'n') === 'FAILED');
  await until('stopped', () => bed.numbers.stops === 1);
  const trace = traceOfTask(worker, 'n');
  expect(trace).toContain('Tolerance exceeded in error handler');
  expect(trace).toContain('KAFKA_PRODUCE');
  expect(trace).toContain('{"n":5}');
  expect(trace).toContain('client.refused: the log says no');
  expect(trace).toContain('hint: ask nicely');
  expect(bed.numbers.committed.every((n) => n <= 4)).toBe(true);
  expect(worker.connectorStatus('n').connector.state).toBe('RUNNING');
});

test('with tolerance the refused record is skipped and counted', async () => {
  await using bed = new TestBed();
  bed.log.faults.refuse = ({ topic, value }) =>
    topic === 'numbers' && text(value) === '4' ? refused('fatal') : undefined;
  const worker = await bed.open();
  bed.numbers.available = 10;
  await create(worker, 'n', { ...numbersConfig, 'errors.tolerance': 'all' });
  await until('done', () => bed.numbers.committed.at(-1) === 10);
  expect(await bed.log.values('numbers')).toEqual(range(10).filter((n) => n !== '4'));
  expect(metric(worker, 'kafka_connect_task_error_total_records_skipped')).toBe(1);
});

test('a record that cannot be converted goes to the dead letters of the source, with its coordinates', async () => {
  await using bed = new TestBed();
  bed.numbers.hooks.value = (n) => (n === 2 ? Symbol('bad') : String(n));
  const worker = await bed.open();
  bed.numbers.available = 5;
  await create(worker, 'n', {
    ...numbersConfig,
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dead',
    'errors.deadletterqueue.context.headers.enable': 'true',
  });
  await until('done', () => bed.numbers.committed.at(-1) === 5);
  expect(await bed.log.values('numbers')).toEqual(['0', '1', '3', '4']);
  const letter = (await bed.log.records('dead'))[0];
  const headers = Object.fromEntries(
    (letter?.headers ?? []).map(({ key, value }) => [key, text(value)]),
  );
  expect(headers['__connect.errors.stage']).toBe('VALUE_CONVERTER');
  expect(headers['__connect.errors.offset']).toBe('{"n":3}');
  expect(headers['__connect.errors.partition']).toBe('{"source":"a"}');
});

test('a poll that fails for a passing reason is repeated, and the task stays RUNNING', async () => {
  await using bed = new TestBed();
  let failures = 2;
  bed.numbers.hooks.poll = () => {
    if (failures-- > 0) throw refused('retriable');
    return Promise.resolve();
  };
  const worker = await bed.open();
  bed.numbers.available = 3;
  await create(worker, 'n', numbersConfig);
  await until('done', () => bed.numbers.committed.at(-1) === 3);
  expect(metric(worker, 'kafka_connect_task_error_total_retries')).toBe(2);
});

test('a task that fails for a passing reason restarts by itself and resumes', async () => {
  await using bed = new TestBed();
  let failures = 1;
  bed.numbers.hooks.start = () => {
    if (failures-- > 0) throw refused('retriable');
    return Promise.resolve();
  };
  const worker = await bed.open();
  bed.numbers.available = 3;
  await create(worker, 'n', numbersConfig);
  await until('failed', () => taskState(worker, 'n') === 'FAILED');
  expect(traceOfTask(worker, 'n')).toContain('restarts by itself');
  await until('done', () => bed.numbers.committed.at(-1) === 3);
  expect(taskState(worker, 'n')).toBe('RUNNING');
  expect(metric(worker, 'millrace_task_restarts_total')).toBe(1);
});

test('a task that throws fails alone, does not loop, and its secrets stay secret', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  bed.numbers.hooks.start = () => Promise.reject(new Error('wrong password hunter22 given'));
  await create(worker, 'bad', { ...numbersConfig, password: 'hunter22' });
  await until('failed', () => taskState(worker, 'bad') === 'FAILED');
  expect(traceOfTask(worker, 'bad')).toContain(
    'start of the task failed: wrong password [hidden] given',
  );
  expect(
    JSON.stringify(bed.logged.map(({ fields }) => Object.values(fields).map(String))),
  ).not.toContain('hunter22');
  expect(text((await bed.log.records('connect-status')).at(-1)?.value)).not.toContain('hunter22');
  bed.numbers.hooks = {};
  bed.numbers.available = 2;
  await create(worker, 'good', numbersConfig);
  await until('the other works', () => bed.numbers.committed.at(-1) === 2);
  expect(taskState(worker, 'bad')).toBe('FAILED');
  await worker.restartTask('bad', 0);
  await until('restarted by hand', () => taskState(worker, 'bad') === 'RUNNING');
});

test.each(['start', 'poll', 'commit'] as const)(
  'a %s that blocks for ever fails that task alone',
  async (hook) => {
    await using bed = new TestBed();
    bed.numbers.hooks[hook] = never;
    const worker = await bed.open({ 'task.call.timeout.ms': '50' });
    bed.numbers.available = 3;
    await create(worker, 'n', { ...numbersConfig, 'task.restart.attempts.max': '0' });
    await until('failed', () => taskState(worker, 'n') === 'FAILED');
    expect(traceOfTask(worker, 'n')).toContain('has not returned since');
    expect(bed.numbers.stops).toBe(1);
  },
);

test('a stop that blocks for ever is left behind, and the worker closes in time', async () => {
  const bed = new TestBed();
  bed.numbers.hooks.stop = never;
  const worker = await bed.open();
  await create(worker, 'n', numbersConfig);
  await until('running', () => taskState(worker, 'n') === 'RUNNING');
  const startedMs = performance.now();
  await bed[Symbol.asyncDispose]();
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

test('a poll that ignores the stop is left behind; what it returns later is not used', async () => {
  await using bed = new TestBed();
  let release: () => void = () => undefined;
  const worker = await bed.open();
  await create(worker, 'n', numbersConfig);
  await until('running', () => taskState(worker, 'n') === 'RUNNING');
  bed.numbers.hooks.poll = () => new Promise((resolve) => (release = resolve));
  await until(
    'polling',
    () => release.name !== 'release' && release.length >= 0 && bed.numbers.stops === 0,
  );
  await worker.stopConnector('n');
  await worker.settled('n');
  expect(worker.connectorStatus('n').connector.state).toBe('STOPPED');
  bed.numbers.available = 10;
  release();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await bed.log.values('numbers')).toEqual([]);
});

test('validate and taskConfigs that block for ever hold up neither the request for long nor other connectors', async () => {
  await using bed = new TestBed();
  const worker = await bed.open({ 'connector.call.timeout.ms': '50' });
  bed.numbers.hooks.validate = never;
  await expect(create(worker, 'n', numbersConfig)).rejects.toThrow(
    'validate of the connector has not returned',
  );
  bed.numbers.hooks.validate = () => Promise.resolve();
  bed.numbers.hooks.taskConfigs = (config) =>
    config['name'] === 'slow' ? never() : Promise.resolve();
  await create(worker, 'slow', numbersConfig);
  bed.numbers.available = 2;
  await create(worker, 'n', numbersConfig);
  await until('the other works', () => bed.numbers.committed.at(-1) === 2);
  await until('failed', () => worker.connectorStatus('slow').connector.state === 'FAILED');
  expect(worker.connectorStatus('slow').connector.trace).toContain(
    'taskConfigs of the connector has not returned',
  );
});

test('a source is not polled while too much is on its way', async () => {
  await using bed = new TestBed();
  bed.numbers.batchMax = 1;
  bed.log.faults.holdAcks = ({ topic }) => topic === 'numbers';
  const worker = await bed.open({ 'source.inflight.batches.max': '4' });
  bed.numbers.available = 100;
  await create(worker, 'n', numbersConfig);
  await until('four sent', async () => (await bed.log.values('numbers')).length === 4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await bed.log.values('numbers')).toHaveLength(4);
});

test('a log that is down is no reason to skip records, even with tolerance', async () => {
  await using bed = new TestBed();
  let isDown = true;
  bed.log.faults.refuse = ({ topic }) =>
    topic === 'numbers' && isDown ? refused('retriable') : undefined;
  const worker = await bed.open();
  bed.numbers.available = 3;
  await create(worker, 'n', {
    ...numbersConfig,
    'errors.tolerance': 'all',
    'task.restart.delay.max.ms': '50',
  });
  await until('failed', () => taskState(worker, 'n') === 'FAILED');
  isDown = false;
  await until('recovered', () => bed.numbers.committed.at(-1) === 3);
  expect(await bed.log.values('numbers')).toEqual(['0', '1', '2']);
});

test('a record without a topic is a failed record, and its letter says so', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  bed.numbers.hooks.value = String;
  const record = bed.numbers.record.bind(bed.numbers);
  // As code without types may do.
  bed.numbers.record = (n) => (n === 2 ? { ...record(n), topic: undefined as never } : record(n));
  bed.numbers.available = 4;
  await create(worker, 'n', {
    ...numbersConfig,
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dead',
    'errors.deadletterqueue.context.headers.enable': 'true',
  });
  await until('the others are committed', () => bed.numbers.committed.at(-1) === 4);
  expect(await bed.log.values('numbers')).toEqual(['0', '1', '3']);
  const letter = (await bed.log.records('dead'))[0];
  const headers = new Map(letter?.headers.map(({ key, value }) => [key, value]));
  expect(headers.get('__connect.errors.topic')).toBeNull();
  expect(text(headers.get('__connect.errors.stage'))).toBe('KAFKA_PRODUCE');
  expect(text(headers.get('__connect.errors.exception.message'))).toBe('the record names no topic');
  expect(text(letter?.value)).toBe('"2"');
});
