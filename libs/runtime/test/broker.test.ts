import { expect, test } from '@jest/globals';
import { BrokerBed, TRANSPORTS } from './broker-bed.ts';
import {
  collectorConfig,
  create,
  numbersConfig,
  range,
  taskState,
  text,
  until,
} from './harness.ts';

test.each(TRANSPORTS)(
  'records flow from a source through the broker into a sink, and a second worker resumes both (%s)',
  async (kind) => {
    await using bed = await BrokerBed.open(kind);
    const first = await bed.openWorker();
    bed.numbers.available = 500;
    await create(first, 'n', numbersConfig);
    await create(first, 'c', collectorConfig);
    await until('arrived', () => bed.collector.records.length === 500, 60_000);
    await until('committed', () => bed.numbers.committed.at(-1) === 500, 10_000);
    expect(bed.collector.values).toEqual(range(500));
    expect(taskState(first, 'c')).toBe('RUNNING');
    await first[Symbol.asyncDispose]();
    expect(await bed.committed('connect-c')).toBe(500);
    expect(text((await bed.records('connect-offsets')).at(-1)?.value)).toBe('{"n":500}');

    const second = await bed.openWorker();
    expect(second.connectors()).toEqual(['c', 'n']);
    bed.numbers.available = 510;
    await until('goes on', () => bed.collector.records.length === 510, 60_000);
    expect(bed.numbers.starts).toEqual([undefined, 500]);
    expect(bed.collector.values).toEqual(range(510));
  },
);

test('dead letters, pause, stop and offsets work on a real broker', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  bed.numbers.hooks.value = (n) => (n === 3 ? 'poison' : String(n));
  bed.numbers.available = 6;
  await create(worker, 'n', numbersConfig);
  await create(worker, 'c', {
    ...collectorConfig,
    'value.converter': 'JsonConverter',
    'value.converter.schemas.enable': 'false',
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dead',
    'errors.deadletterqueue.context.headers.enable': 'true',
  });
  await until('arrived', () => bed.collector.records.length === 5, 60_000);
  await worker.pauseConnector('c');
  await until('paused', () => taskState(worker, 'c') === 'PAUSED', 10_000);
  expect(await bed.committed('connect-c')).toBe(6);
  const [letter] = await bed.records('dead');
  expect(text(letter?.value)).toBe('poison');
  expect(letter?.headers).toHaveLength(10);
  await worker.stopConnector('c');
  await worker.settled('c');
  const partition = { kafka_topic: 'numbers', kafka_partition: 0 };
  await worker.alterConnectorOffsets('c', {
    offsets: [{ partition, offset: { kafka_offset: 4 } }],
  });
  expect(await worker.connectorOffsets('c')).toEqual({
    offsets: [{ partition, offset: { kafka_offset: 4 } }],
  });
  await worker.resumeConnector('c');
  await until('repeated', () => bed.collector.records.length === 7, 60_000);
  expect(bed.collector.values.slice(5)).toEqual([4, 5]);
});

test('one task of a sink takes over the partitions of another without loss', async () => {
  await using bed = await BrokerBed.open('in-process');
  await bed.client.admin.createTopics([{ name: 'numbers', partitions: 4 }]);
  const worker = await bed.openWorker();
  bed.numbers.available = 200;
  await create(worker, 'n', numbersConfig);
  await create(worker, 'c', { ...collectorConfig, 'tasks.max': '2' });
  await until('arrived', () => new Set(bed.collector.values).size === 200, 60_000);
  await worker.patchConnectorConfig('c', { 'tasks.max': '1' });
  bed.numbers.available = 300;
  await until('all of the rest', () => new Set(bed.collector.values).size === 300, 60_000);
});

test('offsets of a sink that never ran are reset and altered, and those of unknown topics refused at once', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  await bed.client.admin.createTopics([{ name: 'numbers', partitions: 1 }]);
  await worker.createConnector({ name: 'c', config: collectorConfig, initialState: 'STOPPED' });
  expect((await worker.resetConnectorOffsets('c')).message).toContain(
    'offsets for this connector have been reset successfully',
  );
  const alter = (topic: string, partition: number): Promise<unknown> =>
    worker.alterConnectorOffsets('c', {
      offsets: [
        {
          partition: { kafka_topic: topic, kafka_partition: partition },
          offset: { kafka_offset: 1 },
        },
      ],
    });
  await expect(alter('nowhere', 0)).rejects.toMatchObject({ code: 'connect.bad_request' });
  await expect(alter('numbers', 5)).rejects.toThrow('topic "numbers" has no partition 5');
  await alter('numbers', 0);
  expect(await bed.committed('connect-c')).toBe(1);
});

test('two workers that start together agree on who made the internal topics', async () => {
  await using bed = await BrokerBed.open('in-process');
  const workers = await Promise.all([bed.openWorker(), bed.openWorker()]);
  expect(workers.map((worker) => worker.health().state)).toEqual(['healthy', 'healthy']);
});
