import type { ComponentConfig, SourceTask } from '@millrace/connector-api';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import { jdbcSource } from '../../src/index.ts';

const DEADLINE_MS = 60_000;

/** A task of the source, driven as the runtime drives it, whose offsets are kept over restarts. */
export class SourceDriver implements AsyncDisposable {
  readonly offsets: Map<string, SourceOffset>;
  readonly #config: ComponentConfig;
  readonly #abort = new AbortController();
  #task: SourceTask = jdbcSource.createTask();

  private constructor(config: ComponentConfig, offsets: Map<string, SourceOffset>) {
    this.#config = config;
    this.offsets = offsets;
  }

  static async start(
    config: ComponentConfig,
    offsets = new Map<string, SourceOffset>(),
  ): Promise<SourceDriver> {
    const driver = new SourceDriver(config, offsets);
    await driver.#start();
    return driver;
  }

  /** Stops and starts behind the records that were taken. */
  async restart(): Promise<void> {
    await this.#task.stop();
    this.#task = jdbcSource.createTask();
    await this.#start();
  }

  metrics(): Readonly<Record<string, number>> {
    return this.#task.metrics?.() ?? {};
  }

  /** One `poll`, and its offsets are durable. */
  async poll(): Promise<readonly SourceRecord[]> {
    const records = await this.#task.poll(this.#abort.signal);
    for (const { sourcePartition, sourceOffset } of records)
      this.offsets.set(keyOf(sourcePartition), sourceOffset);
    return records;
  }

  /** Polls until there are so many. */
  async take(count: number): Promise<readonly SourceRecord[]> {
    const records: SourceRecord[] = [];
    const untilMs = systemClock.monotonicMs() + DEADLINE_MS;
    while (records.length < count) {
      if (systemClock.monotonicMs() > untilMs)
        throw new Error(`${records.length} of ${count} records came`);
      records.push(...(await this.poll()));
    }
    return records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new Error('the test is over'));
    await this.#task.stop();
  }

  async #start(): Promise<void> {
    await this.#task.start(
      {
        connector: 'jdbc-test',
        task: 0,
        config: this.#config,
        offsets: { find: (partition) => this.offsets.get(keyOf(partition)) },
        log: silentLogger,
        clock: systemClock,
        random: systemRandom,
      },
      this.#abort.signal,
    );
  }
}

export const keyOf = (partition: SourcePartition): string =>
  JSON.stringify(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A field of each value. */
export function field(records: readonly SourceRecord[], name: string): readonly unknown[] {
  return records.map(({ value }) =>
    typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined,
  );
}
