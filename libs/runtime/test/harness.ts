import { must, silentLogger, systemClock, systemRandom, type Logger } from '@millrace/foundation';
import type {
  CommittedOffset,
  ComponentConfig,
  RecordFailure,
  SinkConnector,
  SinkRun,
  SinkTask,
  SinkTaskContext,
  SourceConnector,
  SourceTask,
  SourceTaskContext,
  TopicPartition,
  TopicPartitionOffset,
} from '@millrace/connector-api';
import { defineFields, type ResolvedPlaceholders } from '@millrace/config';
import type { SinkRecord, SourceRecord } from '@millrace/record';
import type { ConnectorConfig } from '../src/herder.ts';
import { openWorker } from '../src/open-worker.ts';
import type { AnyPlugin } from '../src/plugins/plugin-registry.ts';
import type { Worker } from '../src/worker.ts';
import { MemoryTestLog } from './logs/memory-test-log.ts';
import { CHOSEN_LOG } from './logs/served-log.ts';
import { ServedTestLog } from './logs/served-test-log.ts';
import type { CuttableClient, TestLog } from './logs/test-log.ts';

export const plainJson = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
};

/** A source of numbers, steered by the test. */
export class Numbers {
  readonly committed: number[] = [];
  readonly starts: (number | undefined)[] = [];
  /** Numbers below are there to be read. */
  available = 0;
  stops = 0;
  batchMax = 10;
  topic = 'numbers';
  partition: Readonly<Record<string, string>> = { source: 'a' };
  hooks: {
    start?: (signal: AbortSignal) => Promise<void>;
    poll?: (signal: AbortSignal, next: number) => Promise<void>;
    commit?: (offsets: readonly CommittedOffset[]) => Promise<void>;
    stop?: () => Promise<void>;
    taskConfigs?: (config: ComponentConfig) => Promise<void>;
    validate?: (signal: AbortSignal) => Promise<void>;
    value?: (next: number) => unknown;
    isOffsetOnly?: (next: number) => boolean;
  } = {};

  plugin(): SourceConnector {
    return {
      kind: 'source',
      name: 'numbers',
      javaClasses: ['org.example.NumbersConnector'],
      version: '1.0',
      fields: defineFields({
        password: { type: 'PASSWORD', default: null, doc: 'A secret.' },
        'batch.size': { type: 'INT', default: 10, doc: 'Size of batches.' },
      }),
      taskConfigs: async (config, tasksMax) => {
        await this.hooks.taskConfigs?.(config);
        return Array.from({ length: config['all.tasks'] === undefined ? 1 : tasksMax }, () => ({
          ...config,
        }));
      },
      validate: async (_config, signal) => {
        await this.hooks.validate?.(signal);
        return [];
      },
      createTask: () => this.#task(),
    };
  }

  #task(): SourceTask {
    let next = 0;
    return {
      start: async (context: SourceTaskContext, signal) => {
        const offset = context.offsets.find(this.partition)?.['n'];
        this.starts.push(offset === undefined ? undefined : Number(offset));
        next = Number(offset ?? 0);
        await this.hooks.start?.(signal);
      },
      poll: async (signal) => {
        await this.hooks.poll?.(signal, next);
        if (next >= this.available) await systemClock.sleep(5, signal);
        const records: SourceRecord[] = [];
        while (next < this.available && records.length < this.batchMax) {
          records.push(this.record(next));
          next++;
        }
        return records;
      },
      commit: async (offsets) => {
        await this.hooks.commit?.(offsets);
        for (const { offset } of offsets) this.committed.push(Number(offset['n']));
      },
      metrics: () => ({ source_lag_ms: this.available - next }),
      stop: async () => {
        this.stops++;
        await this.hooks.stop?.();
      },
    };
  }

  record(n: number): SourceRecord {
    return {
      topic: this.topic,
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: null,
      value: this.hooks.value === undefined ? String(n) : this.hooks.value(n),
      timestampMs: null,
      headers: [],
      sourcePartition: this.partition,
      sourceOffset: { n: n + 1 },
      ...(this.hooks.isOffsetOnly?.(n) === true ? { isOffsetOnly: true } : {}),
    };
  }
}

/** A sink that remembers. */
export class Collector {
  readonly records: SinkRecord[] = [];
  readonly flushes: (readonly TopicPartitionOffset[])[] = [];
  readonly opened: TopicPartition[] = [];
  readonly closed: TopicPartition[] = [];
  context: SinkTaskContext | undefined;
  stops = 0;
  hooks: {
    start?: () => Promise<void>;
    open?: () => Promise<void>;
    put?: (
      records: readonly SinkRecord[],
      signal: AbortSignal,
    ) => Promise<readonly RecordFailure[] | undefined>;
    /** Without it the task takes records alone. */
    putRun?: (run: SinkRun, signal: AbortSignal) => Promise<boolean>;
    flush?: (
      consumed: readonly TopicPartitionOffset[],
    ) => Promise<readonly TopicPartitionOffset[] | undefined>;
    close?: () => Promise<void>;
    stop?: () => Promise<void>;
  } = {};

  plugin(): SinkConnector {
    return {
      kind: 'sink',
      name: 'collector',
      javaClasses: ['org.example.CollectorSinkConnector'],
      version: '2.0',
      fields: defineFields({ url: { type: 'STRING', default: '', doc: 'Where to.' } }),
      taskConfigs: (config, tasksMax) =>
        Promise.resolve(Array.from({ length: tasksMax }, () => config)),
      createTask: () => this.#task(),
    };
  }

  get values(): readonly unknown[] {
    return this.records.map(({ value }) => value);
  }

  #task(): SinkTask {
    return {
      start: async (context) => {
        this.context = context;
        await this.hooks.start?.();
      },
      open: async (partitions) => {
        this.opened.push(...partitions);
        await this.hooks.open?.();
      },
      put: async (records, signal) => {
        const failures = (await this.hooks.put?.(records, signal)) ?? [];
        const failed = new Set(failures.map(({ index }) => index));
        this.records.push(...records.filter((_, index) => !failed.has(index)));
        return failures;
      },
      ...(this.hooks.putRun === undefined ? {} : { putRun: this.hooks.putRun }),
      flush: async (consumed) => {
        this.flushes.push(consumed);
        return this.hooks.flush?.(consumed);
      },
      close: async (partitions) => {
        this.closed.push(...partitions);
        await this.hooks.close?.();
      },
      stop: async () => {
        this.stops++;
        await this.hooks.stop?.();
      },
    };
  }
}

export interface Logged {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export class TestBed implements AsyncDisposable {
  readonly log: TestLog =
    CHOSEN_LOG === undefined ? new MemoryTestLog() : new ServedTestLog(CHOSEN_LOG);
  readonly numbers = new Numbers();
  readonly collector = new Collector();
  readonly logged: Logged[] = [];
  readonly #clients: CuttableClient[] = [];
  readonly #workers: Worker[] = [];

  async open(
    config: Readonly<Record<string, string>> = {},
    plugins: readonly AnyPlugin[] = [],
    resolvePlaceholders?: (config: ConnectorConfig) => Promise<ResolvedPlaceholders>,
  ): Promise<Worker> {
    const client = await this.log.connect();
    this.#clients.push(client);
    const worker = await openWorker({
      client,
      config: {
        'offset.flush.interval.ms': '20',
        'task.shutdown.graceful.timeout.ms': '300',
        ...plainJson,
        ...config,
      },
      plugins: [this.numbers.plugin(), this.collector.plugin(), ...plugins],
      workerId: '127.0.0.1:8083',
      isLogEmbedded: true,
      ...(resolvePlaceholders === undefined ? {} : { resolvePlaceholders }),
      clock: systemClock,
      random: systemRandom,
      log: this.#logger({}),
    });
    this.#workers.push(worker);
    return worker;
  }

  /** The process dies: what it does from now on reaches nobody. */
  async kill(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.cut()));
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => worker[Symbol.asyncDispose]()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.log.faults.holdAcks = undefined;
    this.log.releaseAcks();
    await this.stopWorkers();
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.log.close();
  }

  #logger(bound: Readonly<Record<string, unknown>>): Logger {
    const write =
      (level: string) =>
      (fields: Readonly<Record<string, unknown>>, message: string): void => {
        this.logged.push({ level, fields: { ...bound, ...fields }, message });
      };
    return {
      ...silentLogger,
      error: write('error'),
      warn: write('warn'),
      child: (fields) => this.#logger({ ...bound, ...fields }),
    };
  }
}

export const numbersConfig = { 'connector.class': 'numbers' };
export const collectorConfig = { 'connector.class': 'collector', topics: 'numbers' };

export async function create(
  worker: Worker,
  name: string,
  config: Readonly<Record<string, string>>,
  initialState: 'STARTED' | 'PAUSED' | 'STOPPED' = 'STARTED',
): Promise<void> {
  await worker.createConnector({ name, config, initialState });
}

/** A broker takes longer than memory. */
const PATIENCE = CHOSEN_LOG === undefined ? 1 : 4;

/** Waits until the condition holds; fails with what was wanted. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  while (!(await condition())) {
    if (systemClock.monotonicMs() - startedMs > limitMs * PATIENCE)
      throw new Error(`not reached: ${what}`);
    await systemClock.sleep(2);
  }
}

export function taskState(worker: Worker, name: string, task = 0): string | undefined {
  return worker.connectorStatus(name).tasks.find(({ id }) => id === task)?.state;
}

export function traceOfTask(worker: Worker, name: string, task = 0): string {
  return worker.connectorStatus(name).tasks.find(({ id }) => id === task)?.trace ?? '';
}

export function range(count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(from + index));
}

export const never = (): Promise<never> => new Promise(() => undefined);

export function text(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(must(bytes, 'bytes')).toString();
}

/** The figure of a task, or of the worker. */
export function metric(worker: Worker, name: string): number | undefined {
  return worker.metrics().find((family) => family.name === name)?.samples[0]?.value;
}
