import { expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import { shippedPredicates, shippedTransforms } from '@millrace/transforms';
import { BrokerBed } from './broker-bed.ts';
import { CONNECT_MBEANS } from './connect-mbeans.ts';
import { collectorConfig, create, numbersConfig, until } from './harness.ts';
import { SampleWindow } from '../src/metrics/sample-window.ts';
import type { Worker } from '../src/worker.ts';

/** The rule that dashboards expect: no "connect-" in front, no "-metrics" behind, dashes as underscores. */
const nameOf = (type: string, attribute: string): string =>
  `kafka_connect_${type.replace(/^connect-/, '').replace(/-metrics$/, '')}_${attribute}`.replaceAll(
    '-',
    '_',
  );

/** A member of a group of workers has these; this worker is in none. */
const OF_A_GROUP = /^kafka_connect_coordinator_(?!assigned_)/;

const samples = (worker: Worker, name: string) =>
  worker.metrics().find((family) => family.name === name)?.samples ?? [];

const value = (worker: Worker, name: string, labels: Readonly<Record<string, string>>) =>
  samples(worker, name).find((sample) =>
    Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  )?.value;

async function pipeline(bed: BrokerBed): Promise<Worker> {
  const worker = await bed.openWorker({ 'exactly.once.source.support': 'enabled' }, [
    ...shippedTransforms,
    ...shippedPredicates,
  ]);
  bed.numbers.available = 100;
  await create(worker, 'in', {
    ...numbersConfig,
    transforms: 't',
    'transforms.t.type': 'org.apache.kafka.connect.transforms.InsertHeader',
    'transforms.t.header': 'a',
    'transforms.t.value.literal': 'b',
    'transforms.t.predicate': 'p',
    'transforms.t.negate': 'true',
    predicates: 'p',
    'predicates.p.type': 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
  });
  await create(worker, 'out', {
    ...collectorConfig,
    'consumer.override.isolation.level': 'read_committed',
  });
  await until('arrived', () => bed.collector.records.length === 100, 60_000);
  await until(
    'committed',
    () => value(worker, 'millrace_task_lag_records', { stage: 'commit', connector: 'out' }) === 0,
    10_000,
  );
  return worker;
}

test("every attribute of Connect's MBeans is there, under the name of the usual rules", async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await pipeline(bed);
  const names = new Set(worker.metrics().map(({ name }) => name));
  const missing = Object.entries(CONNECT_MBEANS).flatMap(([type, attributes]) =>
    attributes
      .map((attribute) => nameOf(type, attribute))
      .filter((name) => !names.has(name) && !OF_A_GROUP.test(name)),
  );
  expect(missing).toEqual([]);
});

test('figures of a source, its transactions and a sink say what happened', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await pipeline(bed);
  const source = (name: string) =>
    value(worker, `kafka_connect_source_task_${name}`, { connector: 'in', task: '0' });
  const sink = (name: string) =>
    value(worker, `kafka_connect_sink_task_${name}`, { connector: 'out', task: '0' });
  const task = (name: string, connector: string) =>
    value(worker, `kafka_connect_connector_task_${name}`, { connector, task: '0' });
  expect(source('source_record_poll_total')).toBe(100);
  expect(source('source_record_write_total')).toBe(100);
  expect(source('source_record_poll_rate')).toBeGreaterThan(0);
  expect(source('source_record_active_count')).toBe(0);
  expect(source('source_record_active_count_max')).toBe(10);
  expect(source('transaction_size_max')).toBe(10);
  expect(source('transaction_size_min')).toBe(10);
  expect(task('batch_size_max', 'in')).toBe(10);
  expect(task('offset_commit_success_percentage', 'in')).toBe(1);
  expect(task('offset_commit_failure_percentage', 'in')).toBe(0);
  expect(task('running_ratio', 'in')).toBeGreaterThan(0);
  expect(task('pause_ratio', 'in')).toBe(0);
  expect(sink('sink_record_read_total')).toBe(100);
  expect(sink('sink_record_send_total')).toBe(100);
  expect(sink('partition_count')).toBe(1);
  expect(sink('offset_commit_completion_total')).toBeGreaterThan(0);
  const transform = samples(worker, 'kafka_connect_connector_transform_transform_class')[0];
  expect(transform?.labels).toEqual({
    connector: 'in',
    task: '0',
    transform: 't',
    transform_class: 'org.apache.kafka.connect.transforms.InsertHeader',
  });
  expect(
    value(worker, 'kafka_producer_record_send_total', { clientId: 'connector-producer-in-0' }),
  ).toBeGreaterThanOrEqual(100);
  expect(value(worker, 'kafka_connect_worker_task_startup_success_total', {})).toBe(2);
  const stages = (connector: string) =>
    samples(worker, 'millrace_task_lag_records')
      .filter(({ labels }) => labels['connector'] === connector)
      .map(({ labels }) => labels['stage']);
  expect(stages('in')).toEqual(['transform', 'deliver', 'commit']);
  expect(stages('out')).toEqual(['read', 'transform', 'deliver', 'commit']);
});

test('what a stalled sink has not read, holds and has not committed is its lag, in records, bytes and time', async () => {
  await using bed = await BrokerBed.open('in-process');
  const worker = await bed.openWorker();
  let isStalled = true;
  bed.collector.hooks.put = async () => {
    while (isStalled) await systemClock.sleep(5);
    return [];
  };
  bed.numbers.available = 1500;
  bed.numbers.batchMax = 1500;
  await create(worker, 'n', numbersConfig);
  await until('written', () => bed.numbers.committed.at(-1) === 1500, 60_000);
  await create(worker, 'c', { ...collectorConfig, 'consumer.override.max.poll.records': '100' });
  const lag = (what: string, stage: string) =>
    value(worker, `millrace_task_lag_${what}`, { connector: 'c', stage });
  await until('stalled', () => lag('records', 'deliver') === 100, 60_000);
  expect(lag('records', 'read')).toBe(1400);
  expect(lag('bytes', 'read')).toBeGreaterThan(1400);
  expect(lag('ms', 'read')).toBeGreaterThan(0);
  await until('time passes', () => (lag('ms', 'deliver') ?? 0) > 20);
  isStalled = false;
  await until('done', () => lag('records', 'read') === 0 && lag('records', 'commit') === 0, 60_000);
  expect(lag('ms', 'read')).toBe(0);
});

test('a window forgets what is older, and a rate at the beginning is no flood', () => {
  const window = new SampleWindow({ windowMs: 1000, windowCount: 2 });
  expect(window.average(0)).toBeNaN();
  window.record(10, 0);
  expect(window.rate(10)).toBe(10);
  window.record(30, 1500);
  expect([window.average(1600), window.max(1600), window.min(1600)]).toEqual([20, 30, 10]);
  expect(window.rate(1600)).toBe(25);
  expect(window.max(2100)).toBe(30);
  expect(window.min(2100)).toBe(30);
  expect(window.average(9000)).toBeNaN();
  expect(window.rate(9000)).toBe(0);
});
