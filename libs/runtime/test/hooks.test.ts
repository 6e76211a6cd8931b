import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deferred, systemClock } from '@millrace/foundation';
import type {
  ConverterPlugin,
  PredicatePlugin,
  SinkConnector,
  SourceConnector,
  TransformPlugin,
} from '@millrace/connector-api';
import { Collector, create, Numbers, plainJson, taskState, TestBed, until } from './harness.ts';
import type { Worker } from '../src/worker.ts';

/**
 * Every hook of the connector API, and everything that may go wrong in one. The task (or the connector) fails alone and
 * says where, others go on, stop and delete end in time, and nothing is committed that was not delivered.
 */
const MODES = ['throws', 'blocks', 'rejects late', 'resolves late'] as const;
type Mode = (typeof MODES)[number];

const LIMITS = { 'task.call.timeout.ms': '60', 'connector.call.timeout.ms': '60' };
const QUIET = { 'task.restart.attempts.max': '0', ...plainJson };

class Sabotage {
  readonly mode: Mode;
  readonly #release = deferred();
  isOn = true;

  constructor(mode: Mode) {
    this.mode = mode;
  }

  /** What the hook does in place of its work. */
  readonly act = (): Promise<never> => {
    if (this.mode === 'throws') throw new Error('thrown by the hook');
    return this.#release.promise.then(() => {
      if (this.mode === 'rejects late') throw new Error('rejected by the hook');
      return undefined as never;
    });
  };

  /** The late ones settle; those that block never do. */
  release(): void {
    if (this.mode !== 'blocks') this.#release.resolve();
  }

  /** The object with one method that misbehaves. */
  on<T extends object>(target: T, hook: string): T {
    return new Proxy(target, {
      get: (inner, name) =>
        name === hook && this.isOn ? this.act : (Reflect.get(inner, name) as unknown),
    });
  }
}

async function failedWith(worker: Worker, what: string): Promise<void> {
  const text = (): string => {
    const { connector, tasks } = worker.connectorStatus('bad');
    return `${connector.trace ?? ''}${tasks[0]?.trace ?? ''}`;
  };
  await until(`a failure that names ${what}, not ${text()}`, () => text().includes(what));
}

/** Whatever the hook does, the connector can be stopped and deleted, within its time-outs. */
async function endsInTime(worker: Worker, limitMs = 20_000): Promise<void> {
  const startedMs = performance.now();
  await worker.stopConnector('bad');
  await worker.settled('bad');
  expect(worker.connectorStatus('bad').connector.state).toBe('STOPPED');
  await worker.deleteConnector('bad');
  await worker.settled('bad');
  expect(performance.now() - startedMs).toBeLessThan(limitMs);
}

async function othersGoOn(bed: TestBed, good: Collector, value: string): Promise<void> {
  await bed.log.appendText('good', [value]);
  await until('the other sink goes on', () => good.values.includes(value));
}

const SOURCE_HOOKS = [
  ['createTask', 'creation of the task'],
  ['start', 'start of the task'],
  ['poll', 'TASK_POLL'],
  ['commit', 'commit of the task'],
] as const;
const SINK_HOOKS = [
  ['createTask', 'creation of the task'],
  ['start', 'start of the task'],
  ['open', 'open of the task'],
  ['put', 'TASK_PUT'],
  ['flush', 'flush of the task'],
] as const;

function table(
  hooks: readonly (readonly [string, string])[],
): readonly (readonly [string, Mode, string])[] {
  return hooks.flatMap(([hook, stage]) =>
    // A task is made synchronously.
    MODES.filter((mode) => hook !== 'createTask' || mode === 'throws').map(
      (mode) => [hook, mode, stage] as const,
    ),
  );
}

function badSource(numbers: Numbers, hook: string, sabotage: Sabotage): SourceConnector {
  const plugin = { ...numbers.plugin(), name: 'bad', javaClasses: ['org.example.BadConnector'] };
  if (hook === 'createTask') return sabotage.on(plugin, hook);
  return { ...plugin, createTask: () => sabotage.on(plugin.createTask(), hook) };
}

function badSink(collector: Collector, hook: string, sabotage: Sabotage): SinkConnector {
  const plugin = { ...collector.plugin(), name: 'bad', javaClasses: ['org.example.BadSink'] };
  if (hook === 'createTask') return sabotage.on(plugin, hook);
  return { ...plugin, createTask: () => sabotage.on(plugin.createTask(), hook) };
}

test.each(table(SOURCE_HOOKS))('a source whose %s %s fails alone', async (hook, mode, stage) => {
  await using bed = new TestBed();
  const numbers = new Numbers();
  numbers.topic = 'bad';
  numbers.available = 3;
  const sabotage = new Sabotage(mode);
  const worker = await bed.open(LIMITS, [badSource(numbers, hook, sabotage)]);
  await create(worker, 'good', { ...QUIET, 'connector.class': 'collector', topics: 'good' });
  await create(worker, 'bad', { ...QUIET, 'connector.class': 'bad' });
  await failedWith(worker, stage);
  await othersGoOn(bed, bed.collector, 'one');
  sabotage.release();
  await systemClock.sleep(20);
  await othersGoOn(bed, bed.collector, 'two');
  expect(numbers.stops).toBe(hook === 'createTask' ? 0 : 1);
  const offsets = await worker.connectorOffsets('bad');
  // Its records are in the log before their offset is stored.
  expect(offsets.offsets.length === 0 || (await bed.log.values('bad')).length === 3).toBe(true);
  if (hook !== 'commit') expect(offsets.offsets).toEqual([]);
  await endsInTime(worker);
});

test.each(table(SINK_HOOKS))('a sink whose %s %s fails alone', async (hook, mode, stage) => {
  await using bed = new TestBed();
  const collector = new Collector();
  const sabotage = new Sabotage(mode);
  const worker = await bed.open(LIMITS, [badSink(collector, hook, sabotage)]);
  await bed.log.appendText('bad', ['a', 'b', 'c']);
  await create(worker, 'good', { ...QUIET, 'connector.class': 'collector', topics: 'good' });
  await create(worker, 'bad', { ...QUIET, 'connector.class': 'bad', topics: 'bad' });
  await failedWith(worker, stage);
  await othersGoOn(bed, bed.collector, 'one');
  sabotage.release();
  await systemClock.sleep(20);
  await othersGoOn(bed, bed.collector, 'two');
  expect(collector.stops).toBe(hook === 'createTask' ? 0 : 1);
  expect(await bed.log.committed('connect-bad', 'bad')).toBeUndefined();
  expect(await bed.log.memberCount('connect-bad')).toBe(0);
  await endsInTime(worker);
});

test.each(
  (['close', 'stop'] as const).flatMap((hook) => MODES.map((mode) => [hook, mode] as const)),
)('a sink whose %s %s is stopped and deleted in time, and its work is kept', async (hook, mode) => {
  await using bed = new TestBed();
  const collector = new Collector();
  const sabotage = new Sabotage(mode);
  const worker = await bed.open(LIMITS, [badSink(collector, hook, sabotage)]);
  await bed.log.appendText('bad', ['a', 'b']);
  await create(worker, 'bad', { ...QUIET, 'connector.class': 'bad', topics: 'bad' });
  await until('put', () => collector.records.length === 2);
  await endsInTime(worker);
  sabotage.release();
  expect(await bed.log.committed('connect-bad', 'bad')).toBe(2);
  expect(await bed.log.memberCount('connect-bad')).toBe(0);
});

test.each(MODES)('a source whose stop %s is stopped and deleted in time', async (mode) => {
  await using bed = new TestBed();
  const numbers = new Numbers();
  numbers.available = 3;
  const sabotage = new Sabotage(mode);
  const worker = await bed.open(LIMITS, [badSource(numbers, 'stop', sabotage)]);
  await create(worker, 'bad', { ...QUIET, 'connector.class': 'bad' });
  await until('committed', () => numbers.committed.at(-1) === 3);
  await endsInTime(worker);
  sabotage.release();
});

test.each(
  (['taskConfigs', 'onDelete'] as const).flatMap((hook) =>
    MODES.map((mode) => [hook, mode] as const),
  ),
)('a connector whose %s %s holds up nobody', async (hook, mode) => {
  await using bed = new TestBed();
  const sabotage = new Sabotage(mode);
  const plugin = {
    ...bed.numbers.plugin(),
    name: 'bad',
    javaClasses: ['org.example.BadConnector'],
    onDelete: (): Promise<void> => Promise.resolve(),
  };
  const worker = await bed.open(LIMITS, [sabotage.on(plugin, hook)]);
  await create(worker, 'good', { ...QUIET, 'connector.class': 'collector', topics: 'good' });
  await create(worker, 'bad', { ...QUIET, 'connector.class': 'bad' });
  if (hook === 'taskConfigs') await failedWith(worker, 'taskConfigs of the connector');
  else await until('running', () => taskState(worker, 'bad') === 'RUNNING');
  await othersGoOn(bed, bed.collector, 'one');
  await endsInTime(worker);
  sabotage.release();
  await systemClock.sleep(5);
});

test.each(MODES)('a validate that %s is an answer, not a hung request', async (mode) => {
  await using bed = new TestBed();
  const sabotage = new Sabotage(mode);
  const plugin = {
    ...bed.numbers.plugin(),
    name: 'bad',
    javaClasses: ['org.example.BadConnector'],
  };
  const worker = await bed.open(LIMITS, [sabotage.on(plugin, 'validate')]);
  await expect(create(worker, 'bad', { ...QUIET, 'connector.class': 'bad' })).rejects.toThrow();
  expect(worker.connectors()).toEqual([]);
  sabotage.release();
  await systemClock.sleep(5);
});

const throwing = (): never => {
  throw new Error('thrown by the hook');
};
const converter = (create: ConverterPlugin['create']): ConverterPlugin => ({
  kind: 'converter',
  name: 'odd',
  javaClasses: ['org.example.OddConverter'],
  version: '1',
  fields: {},
  create,
});
const transform = (create: TransformPlugin['create']): TransformPlugin => ({
  kind: 'transform',
  name: 'odd-transform',
  javaClasses: ['org.example.Odd'],
  version: '1',
  fields: {},
  create,
});
const predicate = (create: PredicatePlugin['create']): PredicatePlugin => ({
  kind: 'predicate',
  name: 'odd-predicate',
  javaClasses: ['org.example.OddPredicate'],
  version: '1',
  fields: {},
  create,
});
const odd = { transforms: 't', 'transforms.t.type': 'odd-transform' };
const byPredicate = {
  ...odd,
  'transforms.t.predicate': 'p',
  predicates: 'p',
  'predicates.p.type': 'odd-predicate',
};
const same = { apply: <R>(record: R): R => record };

test.each([
  [
    'toConnect',
    'VALUE_CONVERTER',
    { 'value.converter': 'odd' },
    [converter(() => ({ fromConnect: throwing, toConnect: throwing }))],
  ],
  [
    'prepareToConnect that rejects',
    'VALUE_CONVERTER',
    { 'value.converter': 'odd' },
    [
      converter(() => ({
        fromConnect: throwing,
        toConnect: throwing,
        prepareToConnect: () => Promise.reject(new Error('late')),
      })),
    ],
  ],
  [
    'prepareToConnect that blocks',
    'has not returned',
    { 'value.converter': 'odd' },
    [
      converter(() => ({
        fromConnect: throwing,
        toConnect: throwing,
        prepareToConnect: () => new Promise<void>(() => undefined),
      })),
    ],
  ],
  ['apply', 'TRANSFORMATION', odd, [transform(() => ({ apply: throwing }))]],
  [
    'test of a predicate',
    'TRANSFORMATION',
    byPredicate,
    [transform(() => same), predicate(() => ({ test: throwing }))],
  ],
] as const)(
  '%s that fails fails the task alone, at its stage',
  async (_hook, what, config, plugins) => {
    await using bed = new TestBed();
    const worker = await bed.open(LIMITS, plugins);
    await bed.log.appendText('numbers', ['a']);
    await create(worker, 'bad', {
      ...QUIET,
      'connector.class': 'collector',
      topics: 'numbers',
      ...config,
    });
    await failedWith(worker, what);
    expect(await bed.log.committed('connect-bad', 'numbers')).toBeUndefined();
    await until('stopped', () => bed.collector.stops === 1);
    await endsInTime(worker);
  },
);

test('metrics and closing of plugins that throw harm nobody', async () => {
  await using bed = new TestBed();
  const sabotage = new Sabotage('throws');
  const numbers = new Numbers();
  let isRunning = false; // A transform that can't even be tried out is refused.
  const worker = await bed.open(LIMITS, [
    badSource(numbers, 'metrics', sabotage),
    transform(() => ({ ...same, close: () => (isRunning ? throwing() : undefined) })),
  ]);
  numbers.available = 2;
  await create(worker, 'bad', { ...QUIET, 'connector.class': 'bad', ...odd });
  await until('committed', () => numbers.committed.at(-1) === 2);
  isRunning = true;
  expect(worker.metrics().length).toBeGreaterThan(0);
  await endsInTime(worker);
});

test('a poll of null and a put of nothing are what plain JavaScript does: nothing is there, all is well', async () => {
  await using bed = new TestBed();
  const plugin = bed.collector.plugin();
  const numbers = { ...bed.numbers.plugin(), name: 'nulls', javaClasses: ['org.example.Nulls'] };
  let polls = 0;
  const worker = await bed.open(LIMITS, [
    {
      ...plugin,
      name: 'plain',
      javaClasses: ['org.example.Plain'],
      createTask: () => {
        const task = plugin.createTask();
        return Object.assign(Object.create(task) as typeof task, {
          put: async (...given: Parameters<typeof task.put>) => {
            await task.put(...given);
          },
        });
      },
    },
    {
      ...numbers,
      createTask: () => {
        const task = numbers.createTask();
        return Object.assign(Object.create(task) as typeof task, {
          poll: (signal: AbortSignal) => (++polls < 3 ? Promise.resolve(null) : task.poll(signal)),
        });
      },
    },
  ]);
  bed.numbers.available = 2;
  await create(worker, 'n', { ...QUIET, 'connector.class': 'nulls' });
  await create(worker, 'bad', { ...QUIET, 'connector.class': 'plain', topics: 'numbers' });
  await until('put', () => bed.collector.records.length === 2);
  await until('committed', async () => (await bed.log.committed('connect-bad', 'numbers')) === 2);
  expect(taskState(worker, 'n')).toBe('RUNNING');
});

const rejections: unknown[] = [];
const note = (reason: unknown): void => {
  rejections.push(reason);
};
beforeAll(() => {
  process.on('unhandledRejection', note);
});
afterAll(async () => {
  await systemClock.sleep(20);
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});
