import { expect, test } from '@jest/globals';
import { MillraceError, must } from '@millrace/foundation';
import type { SinkRecord } from '@millrace/record';
import { BrokerBed } from './broker-bed.ts';
import {
  collectorConfig,
  create,
  plainJson,
  range,
  taskState,
  TestBed,
  traceOfTask,
  until,
} from './harness.ts';

const GROUP = 'connect-c';
const dead = { 'errors.tolerance': 'all', 'errors.deadletterqueue.topic.name': 'dead' };
const bad = new MillraceError({ code: 'sink.bad', retry: 'fatal', message: 'bad after all' });
const first = { topic: 'numbers', partition: 0 };

test('a partition that the task paused returns nothing until it is resumed; the others go on', async () => {
  await using bed = new TestBed();
  await bed.log.createTopic('numbers', 2);
  bed.collector.hooks.open = () => {
    bed.collector.context?.pause([first]);
    return Promise.resolve();
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(3), 0);
  await bed.log.appendText('numbers', range(3, 10), 1);
  await create(worker, 'c', collectorConfig);
  await until('the other partition', () => bed.collector.records.length === 3);
  expect(bed.collector.values).toEqual(range(3, 10));
  const context = must(bed.collector.context, 'a started task');
  expect(context.assignment()).toHaveLength(2);
  expect(() => context.pause([{ topic: 'numbers', partition: 7 }])).toThrow(
    'SinkTasks may not pause partitions that are not currently assigned to them: numbers-7',
  );
  // A pause by a person ends; the task's own does not.
  await worker.pauseConnector('c');
  await until('paused', () => taskState(worker, 'c') === 'PAUSED');
  await worker.resumeConnector('c');
  await until('running', () => taskState(worker, 'c') === 'RUNNING');
  await bed.log.appendText('numbers', ['13'], 1);
  await until('the other partition again', () => bed.collector.records.length === 4);
  expect(bed.collector.values).toEqual(range(4, 10));
  context.resume([first]);
  await until('resumed', () => bed.collector.records.length === 7);
});

test('a record that is reported late goes to the dead letters before any offset is committed', async () => {
  await using bed = new TestBed();
  bed.log.faults.holdAcks = ({ topic }) => topic === 'dead';
  let reported: Promise<void> | undefined;
  bed.collector.hooks.put = (records: readonly SinkRecord[]) => {
    const record = records.find(({ value }) => value === '1');
    if (record !== undefined) reported = bed.collector.context?.report(record, bad);
    return Promise.resolve([]);
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(3));
  await create(worker, 'c', { ...collectorConfig, ...dead });
  await until('flushed', () => bed.collector.flushes.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await bed.log.committed(GROUP, 'numbers')).toBeUndefined();
  bed.log.faults.holdAcks = undefined;
  bed.log.releaseAcks();
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 3);
  await reported;
  expect(await bed.log.values('dead')).toEqual(['1']);
});

test('a record that is reported fails the task when nothing is tolerated', async () => {
  await using bed = new TestBed();
  bed.collector.hooks.put = (records: readonly SinkRecord[]) => {
    for (const record of records) void bed.collector.context?.report(record, bad).catch(() => 0);
    return Promise.resolve([]);
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', ['1']);
  await create(worker, 'c', collectorConfig);
  await until('failed', () => taskState(worker, 'c') === 'FAILED');
  expect(traceOfTask(worker, 'c')).toContain('Tolerance exceeded in error handler: TASK_PUT');
  expect(await bed.log.committed(GROUP, 'numbers')).toBeUndefined();
});

test('what flush says is durable bounds what is committed, and a commit can be asked for', async () => {
  await using bed = new TestBed();
  let durable = 1;
  bed.collector.hooks.flush = (consumed) =>
    Promise.resolve(consumed.map((each) => ({ ...each, offset: durable })));
  const worker = await bed.open({ 'offset.flush.interval.ms': '60000' });
  await bed.log.appendText('numbers', range(3));
  await create(worker, 'c', collectorConfig);
  await until('put', () => bed.collector.records.length === 3);
  bed.collector.context?.requestCommit();
  await until('committed in part', async () => (await bed.log.committed(GROUP, 'numbers')) === 1);
  durable = 99; // beyond what was consumed: ignored
  bed.collector.context?.requestCommit();
  await bed.log.appendText('numbers', ['3']);
  await until('put', () => bed.collector.records.length === 4);
  expect(await bed.log.committed(GROUP, 'numbers')).toBe(1);
  durable = 4;
  bed.collector.context?.requestCommit();
  await until('committed', async () => (await bed.log.committed(GROUP, 'numbers')) === 4);
});

test('a tombstone reaches the sink as a null', async () => {
  await using bed = new TestBed();
  const worker = await bed.open();
  await bed.log.appendText('numbers', ['1', null, '2']);
  await create(worker, 'c', collectorConfig);
  await until('put', () => bed.collector.records.length === 3);
  expect(bed.collector.values).toEqual(['1', null, '2']);
});

test('a topic that is made later and matches the pattern is read too', async () => {
  await using bed = await BrokerBed.open('in-process', { metadataMaxAgeMs: 200 });
  const worker = await bed.openWorker();
  await using producer = bed.client.producer({});
  const send = async (topic: string, value: string): Promise<void> => {
    const record = { topic, partition: null, key: null, timestampMs: null, headers: [] };
    const { delivered } = await producer.send([{ ...record, value: Buffer.from(value) }]);
    expect((await delivered).failures).toEqual([]);
  };
  await send('shop.a', '1');
  await create(worker, 'c', {
    'connector.class': 'collector',
    'topics.regex': 'shop\\..*',
    ...plainJson,
  });
  await until('the first', () => bed.collector.values.includes('1'));
  await send('shop.b', '2');
  await until('the second', () => bed.collector.values.includes('2'), 60_000);
});

test('an aborted transaction is not seen by a sink that reads what is committed', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  await using producer = bed.client.transactionalProducer({ transactionalId: 't' });
  await producer.initTransactions();
  for (const [value, isKept] of [
    ['aborted', false],
    ['kept', true],
  ] as const) {
    producer.beginTransaction();
    const record = { topic: 'numbers', partition: null, key: null, timestampMs: null, headers: [] };
    await producer.send([{ ...record, value: Buffer.from(value) }]);
    await producer.flush();
    await (isKept ? producer.commitTransaction() : producer.abortTransaction());
  }
  await create(worker, 'c', {
    ...collectorConfig,
    'consumer.override.isolation.level': 'read_committed',
  });
  await until('put', () => bed.collector.records.length > 0);
  expect(bed.collector.values).toEqual(['kept']);
});

test('a task that seeks when it opens is given nothing of before', async () => {
  await using bed = new TestBed();
  bed.collector.hooks.open = () => {
    bed.collector.context?.seek({ ...first, offset: 2 });
    return Promise.resolve();
  };
  const worker = await bed.open();
  await bed.log.appendText('numbers', range(5));
  await create(worker, 'c', collectorConfig);
  await until('delivered', () => bed.collector.records.length >= 3);
  expect(bed.collector.values).toEqual(range(5).slice(2));
});
