import { expect, test } from '@jest/globals';
import { MillraceError } from '@millrace/foundation';
import {
  collectorConfig,
  create,
  metric,
  never,
  plainJson,
  range,
  taskState,
  TestBed,
  text,
  traceOfTask,
  until,
} from './harness.ts';
import { CHOSEN_LOG } from './logs/served-log.ts';

const GROUP = 'connect-c';
const json = {
  ...collectorConfig,
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
};
const dead = {
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': 'dead',
  'errors.deadletterqueue.context.headers.enable': 'true',
};
const failure = (retry: 'retriable' | 'fatal', message = 'no'): MillraceError =>
  new MillraceError({ code: 'sink.refused', retry, message, hint: 'look at the target' });

test('records are put in order, flushed, and only then committed', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(1200));
  await create(worker, 'c', collectorConfig);
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 1200);
  expect(bed.collector.values).toEqual(range(1200));
  expect(bed.collector.flushes.at(-1)).toEqual([{ topic: 'numbers', partition: 0, offset: 1200 }]);
  expect(metric(worker, 'kafka_connect_sink_task_sink_record_send_total')).toBe(1200);
});

test('without a flush of the task nothing is committed', async () => {
  await using bed = new TestBed();
  bed.collector.hooks.flush = () => Promise.resolve([]);
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(10));
  await create(worker, 'c', collectorConfig);
  await until('flushed', () => bed.collector.flushes.length > 2);
  expect(await bed.log.committed(GROUP, 'numbers')).toBeUndefined();
});

test('what a killed worker had not committed is delivered again', async () => {
  await using bed = new TestBed();
  const first = await bed.open();
  await bed.log.appendText('numbers', range(10));
  await create(first, 'c', collectorConfig);
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 10);
  bed.collector.hooks.flush = never;
  await bed.log.appendText('numbers', range(10, 10));
  await until('put', () => bed.collector.records.length === 20);
  await bed.kill();
  bed.collector.hooks = {};
  await bed.open();
  await until('again', async () => (await bed.log.committed(GROUP, 'numbers')) === 20);
  expect(bed.collector.values.slice(20)).toEqual(range(10, 10));
});

test('a poison record fails the task by default, and says which one and why', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.appendText('numbers', ['1', '2', 'poison', '4']);
  await create(worker, 'c', json);
  await until('failed', () => taskState(worker, 'c') === 'FAILED');
  const trace = traceOfTask(worker, 'c');
  expect(trace).toContain(
    'VALUE_CONVERTER by org.apache.kafka.connect.json.JsonConverter failed for the record at topic "numbers", partition 0, offset 2',
  );
  expect(trace).toContain('does not restart by itself');
  expect((await bed.log.committed(GROUP, 'numbers')) ?? 0).toBeLessThanOrEqual(2);
});

test('a poison record is ignored when that is asked for, counted and logged', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.appendText('numbers', ['1', 'poison', '3']);
  await create(worker, 'c', { ...json, 'errors.tolerance': 'all' });
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 3);
  expect(bed.collector.values).toEqual([1, 3]);
  expect(metric(worker, 'kafka_connect_task_error_total_records_skipped')).toBe(1);
  expect(bed.logged.some(({ message }) => message === 'a record failed and is skipped')).toBe(true);
});

test('a dead letter is the original record with the ten headers of Connect', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.append({
    topic: 'numbers',
    partition: 0,
    key: Buffer.from('k'),
    value: Buffer.from('poison'),
    timestampMs: 1234,
    headers: [{ key: 'own', value: Buffer.from('h') }],
  });
  await create(worker, 'c', { ...json, ...dead });
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 1);
  const [letter] = await bed.log.records('dead');
  expect(text(letter?.key)).toBe('k');
  expect(text(letter?.value)).toBe('poison');
  expect(letter?.timestampMs).toBe(1234);
  const headers = (letter?.headers ?? []).map(({ key, value }) => [key, text(value)] as const);
  expect(headers.map(([key]) => key)).toEqual([
    'own',
    '__connect.errors.topic',
    '__connect.errors.partition',
    '__connect.errors.offset',
    '__connect.errors.connector.name',
    '__connect.errors.task.id',
    '__connect.errors.stage',
    '__connect.errors.class.name',
    '__connect.errors.exception.class.name',
    '__connect.errors.exception.message',
    '__connect.errors.exception.stacktrace',
  ]);
  expect(headers.slice(1, 9).map(([, value]) => value)).toEqual([
    'numbers',
    '0',
    '0',
    'c',
    '0',
    'VALUE_CONVERTER',
    'org.apache.kafka.connect.json.JsonConverter',
    'org.apache.kafka.connect.errors.DataException',
  ]);
});

test('a record that the target refuses goes to the dead letters; the others of its batch are delivered', async () => {
  await using bed = new TestBed();
  bed.collector.hooks.put = (records) =>
    Promise.resolve(
      records.flatMap(({ value }, index) =>
        value === '3' ? [{ index, error: failure('fatal') }] : [],
      ),
    );
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(6));
  await create(worker, 'c', { ...collectorConfig, ...dead });
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 6);
  expect(bed.collector.values).toEqual(['0', '1', '2', '4', '5']);
  expect(await bed.log.values('dead')).toEqual(['3']);
  const headers = (await bed.log.records('dead'))[0]?.headers ?? [];
  const stage = headers.find(({ key }) => key === '__connect.errors.stage');
  expect(text(stage?.value)).toBe('TASK_PUT');
});

test('an offset is not committed before its dead letter is durable', async () => {
  await using bed = new TestBed();
  bed.log.faults.holdAcks = ({ topic }) => topic === 'dead';
  const worker = await bed.open();
  await bed.log.appendText('numbers', ['poison']);
  await create(worker, 'c', { ...json, ...dead });
  await until('flushed', () => bed.collector.flushes.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await bed.log.committed(GROUP, 'numbers')).toBeUndefined();
  bed.log.faults.holdAcks = undefined;
  bed.log.releaseAcks();
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 1);
});

test('a dead letter that the log refuses fails the task, and the offset is not committed', async () => {
  await using bed = new TestBed();
  bed.log.faults.refuse = ({ topic }) =>
    topic === 'dead' ? failure('fatal', 'too large') : undefined;
  const worker = await bed.open();
  await bed.log.appendText('numbers', ['1', 'poison', '3']);
  await create(worker, 'c', { ...json, ...dead });
  await until('failed', () => taskState(worker, 'c') === 'FAILED');
  expect(traceOfTask(worker, 'c')).toContain('the dead letter topic "dead" did not take a record');
  expect((await bed.log.committed(GROUP, 'numbers')) ?? 0).toBeLessThanOrEqual(1);
  expect(metric(worker, 'kafka_connect_task_error_deadletterqueue_produce_failures')).toBe(1);
});

test('a batch that is refused for a passing reason is put again, and the consumer stays in its group', async () => {
  await using bed = new TestBed();
  let attempts = 0;
  bed.collector.hooks.put = () => {
    if (++attempts < 3) throw failure('retriable');
    return Promise.resolve([]);
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(5));
  await create(worker, 'c', { ...collectorConfig, 'errors.retry.delay.max.ms': '20' });
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 5);
  expect(bed.collector.values).toEqual(range(5));
  expect(await bed.log.memberCount(GROUP)).toBe(1);
  expect(taskState(worker, 'c')).toBe('RUNNING');
  expect(metric(worker, 'kafka_connect_task_error_total_retries')).toBe(2);
});

test('any other error of put fails the task, and its batch is not committed', async () => {
  await using bed = new TestBed();
  bed.collector.hooks.put = () => Promise.reject(failure('fatal', 'table missing'));
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(5));
  await create(worker, 'c', { ...collectorConfig, 'errors.tolerance': 'all' });
  await until('failed', () => taskState(worker, 'c') === 'FAILED');
  await until('stopped', () => bed.collector.stops === 1);
  expect(traceOfTask(worker, 'c')).toContain('TASK_PUT failed: table missing');
  expect(traceOfTask(worker, 'c')).toContain('hint: look at the target');
  expect(await bed.log.committed(GROUP, 'numbers')).toBeUndefined();
});

test('a failed flush rewinds to the last committed offsets', async () => {
  await using bed = new TestBed();
  let failures = 1;
  bed.collector.hooks.flush = () => {
    if (failures-- > 0) throw failure('retriable');
    return Promise.resolve(undefined);
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(3));
  await create(worker, 'c', collectorConfig);
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 3);
  expect(bed.collector.values).toEqual([...range(3), ...range(3)]);
});

test('a task may rewind by itself', async () => {
  await using bed = new TestBed();
  let isFirst = true;
  bed.collector.hooks.put = () => {
    if (isFirst) bed.collector.context?.seek({ topic: 'numbers', partition: 0, offset: 1 });
    isFirst = false;
    return Promise.resolve([]);
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(3));
  await create(worker, 'c', collectorConfig);
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 3);
  expect(bed.collector.values).toEqual(['0', '1', '2', '1', '2']);
});

test('partitions are committed and closed before they are revoked', async () => {
  await using bed = new TestBed();
  await bed.log.createTopic('numbers', 2);
  const worker = await bed.open({ 'offset.flush.interval.ms': '60000' });
  await bed.log.appendText('numbers', range(4), 1);
  await create(worker, 'c', collectorConfig);
  await until('put', () => bed.collector.records.length === 4);
  await worker.patchConnectorConfig('c', { 'tasks.max': '2' });
  await until('two members', async () => (await bed.log.memberCount(GROUP)) === 2);
  expect(await bed.log.committed(GROUP, 'numbers', 1)).toBe(4);
});

test('partitions that were lost during a put are not committed, and their records delivered again', async () => {
  await using bed = new TestBed();
  bed.collector.hooks.put = async () => {
    bed.collector.hooks.put = () => Promise.resolve([]);
    await bed.log.expireMembers(GROUP);
    return [];
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(2));
  await create(worker, 'c', collectorConfig);
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 2);
  expect(bed.collector.values).toEqual([...range(2), ...range(2)]);
  expect(taskState(worker, 'c')).toBe('RUNNING');
});

test('records of a partition that was lost while put was retried are neither put nor skipped', async () => {
  await using bed = new TestBed();
  let attempts = 0;
  bed.collector.hooks.put = async () => {
    attempts++;
    if (attempts === 1) {
      await bed.log.expireMembers(GROUP);
      throw failure('retriable');
    }
    return [];
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(3));
  await create(worker, 'c', { ...collectorConfig, 'errors.retry.delay.max.ms': '20' });
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 3);
  // A broker tells of it with the next heartbeat only: the retry may come before, and be told so at its commit.
  const deliveries = attempts === 2 ? [range(3)] : [range(3), range(3)];
  if (CHOSEN_LOG === undefined) expect(attempts).toBe(2);
  expect(bed.collector.values).toEqual(deliveries.flat());
});

test.each(['start', 'open', 'put', 'flush'] as const)(
  'a %s that blocks for ever fails that task alone',
  async (hook) => {
    await using bed = new TestBed();
    bed.collector.hooks[hook] = never;
    const worker = await bed.open({ 'task.call.timeout.ms': '50' });
    await bed.log.appendText('numbers', range(3));
    await create(worker, 'c', { ...collectorConfig, 'task.restart.attempts.max': '0' });
    await until('failed', () => taskState(worker, 'c') === 'FAILED');
    await until('stopped', () => bed.collector.stops === 1);
    expect(traceOfTask(worker, 'c')).toContain('has not returned since');
    expect(await bed.log.committed(GROUP, 'numbers')).toBeUndefined();
  },
);

test.each(['close', 'stop'] as const)(
  'a %s that blocks for ever does not keep the worker',
  async (hook) => {
    await using bed = new TestBed();
    bed.collector.hooks[hook] = never;
    const worker = await bed.open();
    await bed.log.appendText('numbers', range(3));
    await create(worker, 'c', collectorConfig);
    await until('put', () => bed.collector.records.length === 3);
    const startedMs = performance.now();
    await bed.stopWorkers();
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(await bed.log.memberCount(GROUP)).toBe(0);
  },
);

test('a slow sink holds one batch, however long the backlog is', async () => {
  await using bed = new TestBed();
  bed.collector.hooks.put = never;
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(5000));
  await create(worker, 'c', { ...collectorConfig, 'consumer.override.max.poll.records': '50' });
  await until(
    'held',
    () => metric(worker, 'kafka_connect_sink_task_sink_record_active_count') === 50,
  );
  expect(metric(worker, 'kafka_connect_sink_task_sink_record_read_total')).toBe(50);
});

test('a paused sink stays in its group and takes nothing; resumed it goes on', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(3));
  await create(worker, 'c', collectorConfig);
  await until('put', () => bed.collector.records.length === 3);
  await worker.pauseConnector('c');
  await until('paused', () => taskState(worker, 'c') === 'PAUSED');
  expect(await bed.log.committed(GROUP, 'numbers')).toBe(3);
  await bed.log.appendText('numbers', range(3, 3));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(bed.collector.records).toHaveLength(3);
  expect(await bed.log.memberCount(GROUP)).toBe(1);
  await worker.resumeConnector('c');
  await until('resumed', () => bed.collector.records.length === 6);
  expect(taskState(worker, 'c')).toBe('RUNNING');
});

test('topics may be chosen by a pattern', async () => {
  await using bed = new TestBed();
  await bed.log.appendText('shop.orders', ['o']);
  await bed.log.appendText('other', ['x']);
  const worker = await bed.open();
  await create(worker, 'c', {
    'connector.class': 'collector',
    'topics.regex': 'shop\\..*',
    ...plainJson,
  });
  await until('put', () => bed.collector.records.length === 1);
  expect(bed.collector.values).toEqual(['o']);
});
