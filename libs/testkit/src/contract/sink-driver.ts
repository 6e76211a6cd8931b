import type { RecordFailure, SinkTask, TopicPartitionOffset } from '@millrace/connector-api';
import {
  isRetriable,
  MillraceError,
  silentLogger,
  systemClock,
  systemRandom,
} from '@millrace/foundation';
import type { SinkRecord } from '@millrace/record';
import { ContractViolation, expectThat, isList, within } from './contract-case.ts';
import { sinkRecord } from './samples.ts';
import { LIMIT_MS } from './source-driver.ts';
import type { SinkSubject, SinkWorld } from './sink-subject.ts';

export const TOPIC = 'contract';
const RETRIES_MAX = 50;

/** Runs one task as the runtime does: records of a partition in order, retriable errors put again, flush, commit. */
export class SinkDriver {
  readonly task: SinkTask;
  readonly limitMs: number;
  readonly #subject: SinkSubject;
  readonly #world: SinkWorld;
  readonly #stop = new AbortController();
  #end = 0;
  /** Asked for by the task. */
  #seeks: TopicPartitionOffset[] = [];

  constructor(subject: SinkSubject, world: SinkWorld) {
    this.#subject = subject;
    this.#world = world;
    this.limitMs = subject.limitMs ?? LIMIT_MS;
    this.task = subject.connector.createTask();
  }

  static async start(subject: SinkSubject, world: SinkWorld): Promise<SinkDriver> {
    const driver = new SinkDriver(subject, world);
    await within(driver.limitMs, 'start', () => driver.startTask(driver.#stop.signal));
    await driver.openPartitions();
    return driver;
  }

  async startTask(signal: AbortSignal, more = {}): Promise<void> {
    const { connector, clock = systemClock } = this.#subject;
    const [config = {}] = await connector.taskConfigs(
      { topics: TOPIC, ...this.#world.config, ...more },
      1,
    );
    await this.task.start(
      {
        connector: 'contract',
        task: 0,
        config,
        log: silentLogger,
        clock,
        random: systemRandom,
        seek: (position) => void this.#seeks.push(position),
        requestCommit: () => undefined,
        assignment: () => [],
        pause: () => undefined,
        resume: () => undefined,
        report: () => Promise.resolve(),
      },
      signal,
    );
  }

  async openPartitions(partitions: readonly number[] = [0]): Promise<void> {
    const own = partitions.map((partition) => ({ topic: TOPIC, partition }));
    await within(this.limitMs, 'open', async () => this.task.open?.(own, this.#stop.signal));
  }

  async closePartitions(partitions: readonly number[] = [0]): Promise<void> {
    const own = partitions.map((partition) => ({ topic: TOPIC, partition }));
    await within(this.limitMs, 'close', async () => this.task.close?.(own, this.#stop.signal));
  }

  /** Records of these numbers; their offsets are the numbers less one. */
  batch(...numbers: readonly number[]): readonly SinkRecord[] {
    return numbers.map((number) =>
      sinkRecord({ topic: TOPIC, offset: number - 1, ...this.#world.record(number) }),
    );
  }

  /** One attempt. */
  async put(
    records: readonly SinkRecord[],
    signal: AbortSignal = this.#stop.signal,
  ): Promise<readonly RecordFailure[]> {
    const failures = await within(this.limitMs, 'put', () => this.task.put(records, signal));
    expectThat(isList(failures), 'put resolved with something that is no list of failures');
    const indices = failures.map(({ index }) => index);
    expectThat(
      indices.every((index) => Number.isInteger(index) && index >= 0 && index < records.length),
      `put names the failures ${indices.join(', ')} in a batch of ${records.length}`,
    );
    expectThat(new Set(indices).size === indices.length, 'put names a failure twice');
    for (const { error } of failures)
      expectThat(
        error instanceof MillraceError,
        `a failure is no MillraceError, but ${String(error)}`,
      );
    for (const { offset } of records) this.#end = Math.max(this.#end, offset + 1);
    return failures;
  }

  /** As often as it takes, as the runtime does. */
  async deliver(records: readonly SinkRecord[]): Promise<readonly RecordFailure[]> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.put(records);
      } catch (error) {
        if (!isRetriable(error) || attempt > RETRIES_MAX) throw error;
      }
  }

  /** Resolves with the offset up to which may be committed. */
  async flush(): Promise<number> {
    const consumed = [{ topic: TOPIC, partition: 0, offset: this.#end }];
    const safe = await within(this.limitMs, 'flush', async () =>
      this.task.flush?.(consumed, this.#stop.signal),
    );
    const offset =
      safe === undefined ? this.#end : (safe.find(({ partition }) => partition === 0)?.offset ?? 0);
    expectThat(
      offset <= this.#end,
      `flush says that ${offset} may be committed, where ${this.#end} was put`,
    );
    if (this.#seeks.length > 0) throw new ContractViolation('the task rewinds for no reason');
    return offset;
  }

  abort(): void {
    this.#stop.abort(new Error('the task was asked to stop'));
  }

  async stop(): Promise<void> {
    this.abort();
    await within(this.limitMs, 'stop', () => this.task.stop());
  }
}
