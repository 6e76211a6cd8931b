import { expect, test } from '@jest/globals';
import type { SinkRun, TransformPlugin } from '@millrace/connector-api';
import { MillraceError } from '@millrace/foundation';
import { collectorConfig, create, range, taskState, TestBed, text, until } from './harness.ts';

const JSON_CONVERTERS = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter.schemas.enable': 'false',
};

const passing: TransformPlugin = {
  kind: 'transform',
  name: 'passing',
  javaClasses: ['org.example.Passing'],
  version: '1.0',
  fields: {},
  create: () => ({ apply: (record) => record }),
};

/** A sink that is offered runs, over a log of numbers in JSON. */
class RunBed extends TestBed {
  /** What it was offered, as texts. */
  readonly offered: string[][] = [];
  answer: (run: SinkRun) => boolean = () => true;

  async start(
    values: readonly string[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Awaited<ReturnType<TestBed['open']>>> {
    this.collector.hooks.putRun = (run) => {
      this.offered.push(run.records.map(({ value }) => text(value)));
      return Promise.resolve(this.answer(run));
    };
    const worker = await this.open({}, [passing]);
    await this.log.appendText('numbers', values);
    await create(worker, 'c', { ...collectorConfig, ...JSON_CONVERTERS, ...settings });
    return worker;
  }

  async untilCommitted(offset: number): Promise<void> {
    await until(
      'committed',
      async () => (await this.log.committed('connect-c', 'numbers')) === offset,
    );
  }
}

test('a batch of JSON is taken as a run: no record is put, and its offsets are committed', async () => {
  await using bed = new RunBed();
  const seen: unknown[] = [];
  bed.answer = (run) => {
    seen.push(run.record(1).value, run.values, run.records[1]?.offset);
    return true;
  };
  await bed.start(range(300));
  await bed.untilCommitted(300);
  expect(bed.offered).toEqual([range(300)]);
  expect(seen).toEqual([1, { hasSchemas: false, replacesNullWithDefault: true }, 1]);
  expect(bed.collector.records).toEqual([]);
});

test.each<[string, () => boolean]>([
  ['is not taken', () => false],
  [
    'fails',
    () => {
      throw new MillraceError({ code: 'sink.away', retry: 'retriable', message: 'not now' });
    },
  ],
])(
  'a run that %s is put as records, in order, and the next one is not offered',
  async (_, answer) => {
    await using bed = new RunBed();
    bed.answer = answer;
    await bed.start(range(900), { 'consumer.override.max.poll.records': '300' });
    await bed.untilCommitted(900);
    expect(bed.offered).toEqual([range(300), range(300, 600)]);
    expect(bed.collector.values).toEqual(range(900).map(Number));
  },
);

test('what is wrong with a record of a run is told when it is put', async () => {
  await using bed = new RunBed();
  bed.answer = (run) => run.record(7).value !== null;
  await bed.start([...range(7), '{', ...range(300, 8)], { 'errors.tolerance': 'all' });
  await bed.untilCommitted(308);
  expect(bed.offered).toHaveLength(1);
  expect(bed.collector.values).toEqual([...range(7), ...range(300, 8)].map(Number));
});

test.each<[string, Readonly<Record<string, string>>, number]>([
  ['few records', {}, 255],
  [
    'records that a transform is to see',
    { transforms: 't', 'transforms.t.type': 'org.example.Passing' },
    300,
  ],
  [
    'another format',
    { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' },
    300,
  ],
])('%s are no run', async (_, settings, count) => {
  await using bed = new RunBed();
  await bed.start(range(count), settings);
  await bed.untilCommitted(count);
  expect(bed.offered).toEqual([]);
  expect(bed.collector.records).toHaveLength(count);
});

test('a task that never answers to a run fails, and nothing of it is put or committed', async () => {
  await using bed = new RunBed();
  bed.collector.hooks.putRun = () => new Promise<boolean>(() => undefined);
  const worker = await bed.open({ 'task.call.timeout.ms': '200' });
  await bed.log.appendText('numbers', range(300));
  await create(worker, 'c', { ...collectorConfig, ...JSON_CONVERTERS });
  await until('failed', () => taskState(worker, 'c') === 'FAILED');
  expect(bed.collector.records).toEqual([]);
  expect(await bed.log.committed('connect-c', 'numbers')).toBeUndefined();
});
