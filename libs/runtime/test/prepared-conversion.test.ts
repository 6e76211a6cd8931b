import { expect, test } from '@jest/globals';
import type { ConverterPlugin } from '@millrace/connector-api';
import { deferred, MillraceError, type Deferred } from '@millrace/foundation';
import {
  collectorConfig,
  create,
  metric,
  numbersConfig,
  range,
  taskState,
  TestBed,
  text,
  traceOfTask,
  until,
} from './harness.ts';

/** A converter that has to ask somebody about each new value, steered by the test. */
class Asking {
  /** What was asked for, in order. */
  readonly asked: string[] = [];
  readonly #known = new Set<string>();
  /** Settles each question; at once when it returns nothing. */
  answer: (value: string) => Promise<void> = () => Promise.resolve();

  readonly plugin: ConverterPlugin = {
    kind: 'converter',
    name: 'asking',
    javaClasses: ['org.example.AskingConverter'],
    version: '1.0',
    fields: {},
    create: () => ({
      prepareFromConnect: (_topic, _schema, value) => this.#prepare(String(value)),
      prepareToConnect: (_topic, bytes) => this.#prepare(text(bytes)),
      fromConnect: (_topic, _schema, value) => Buffer.from(this.#checked(String(value))),
      toConnect: (_topic, bytes) => ({ schema: null, value: this.#checked(text(bytes)) }),
    }),
  };

  #prepare(value: string): Promise<void> | undefined {
    if (this.#known.has(value)) return undefined;
    this.asked.push(value);
    return this.answer(value).then(() => {
      this.#known.add(value);
    });
  }

  #checked(value: string): string {
    if (!this.#known.has(value)) throw new Error(`${value} was converted before it was prepared`);
    return value;
  }
}

const away = new MillraceError({
  code: 'registry.unavailable',
  retry: 'retriable',
  message: 'the registry is away',
});
const refused = new MillraceError({
  code: 'registry.refused',
  retry: 'fatal',
  message: 'no such schema',
});
const ASKING = { 'value.converter': 'asking' };
const DEAD = { 'errors.tolerance': 'all', 'errors.deadletterqueue.topic.name': 'dead' };

test('a source waits until its converter is prepared, and the order is kept', async () => {
  await using bed = new TestBed();
  const asking = new Asking();
  const gate: Deferred = deferred();
  asking.answer = (value) => (value === '3' ? gate.promise : Promise.resolve());
  const worker = await bed.open({}, [asking.plugin]);
  bed.numbers.available = 8;
  await create(worker, 'n', { ...numbersConfig, ...ASKING });
  await until('asked', () => asking.asked.includes('3'));
  expect(await bed.log.values('numbers')).toEqual([]);
  gate.resolve();
  await until('all committed', () => bed.numbers.committed.at(-1) === 8);
  expect(await bed.log.values('numbers')).toEqual(range(8));
  expect(asking.asked).toEqual(range(8));
});

test('a registry that is away is asked again within errors.retry.timeout', async () => {
  await using bed = new TestBed();
  const asking = new Asking();
  let attempts = 0;
  asking.answer = () => (++attempts < 3 ? Promise.reject(away) : Promise.resolve());
  const worker = await bed.open({}, [asking.plugin]);
  const patient = { 'errors.retry.timeout': '60000', 'errors.retry.delay.max.ms': '10' };
  await bed.log.appendText('numbers', ['1']);
  await create(worker, 'c', { ...collectorConfig, ...ASKING, ...patient });
  await until('delivered', () => bed.collector.values.length === 1);
  expect(attempts).toBe(3);
  expect(metric(worker, 'kafka_connect_task_error_total_retries')).toBe(2);
});

test('a refused schema is an error of its record alone', async () => {
  await using bed = new TestBed();
  const asking = new Asking();
  asking.answer = (value) => (value === '2' ? Promise.reject(refused) : Promise.resolve());
  const worker = await bed.open({}, [asking.plugin]);
  await bed.log.appendText('numbers', ['1', '2', '3']);
  await create(worker, 'c', { ...collectorConfig, ...ASKING, ...DEAD });
  await until('delivered', () => bed.collector.values.length === 2);
  expect(bed.collector.values).toEqual(['1', '3']);
  await until('set aside', async () => (await bed.log.values('dead')).length === 1);
  expect(await bed.log.values('dead')).toEqual(['2']);
  expect(taskState(worker, 'c')).toBe('RUNNING');
});

test('without tolerance the task fails, and names the stage and the reason', async () => {
  await using bed = new TestBed();
  const asking = new Asking();
  asking.answer = () => Promise.reject(refused);
  const worker = await bed.open({}, [asking.plugin]);
  bed.numbers.available = 1;
  await create(worker, 'n', { ...numbersConfig, ...ASKING });
  await until('failed', () => taskState(worker, 'n') === 'FAILED');
  expect(traceOfTask(worker, 'n')).toMatch(/VALUE_CONVERTER by asking failed[^]*no such schema/);
});

test('a task whose converter never hears anything still stops', async () => {
  await using bed = new TestBed();
  const asking = new Asking();
  asking.answer = () => new Promise<void>(() => undefined);
  const worker = await bed.open({}, [asking.plugin]);
  bed.numbers.available = 1;
  await bed.log.appendText('numbers', ['1']);
  await create(worker, 'n', { ...numbersConfig, ...ASKING });
  await create(worker, 'c', { ...collectorConfig, ...ASKING });
  await until('both wait', () => asking.asked.length === 2);
  await worker[Symbol.asyncDispose]();
  expect(bed.numbers.stops).toBe(1);
  expect(bed.collector.stops).toBe(1);
});
