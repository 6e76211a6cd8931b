import type { CommittedOffset, SourceTask } from '@millrace/connector-api';
import { isRetriable, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  parseJson,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
} from '@millrace/record';
import { expectThat, isList, nextTurn, within } from './contract-case.ts';
import type { SourceSubject, SourceWorld } from './source-subject.ts';

export const LIMIT_MS = 30_000;

/** Offsets as Connect stores them: through JSON, by the content of the partition. */
export class StoredOffsets {
  readonly #offsets = new Map<string, string>();

  store(records: readonly SourceRecord[]): void {
    for (const { sourcePartition, sourceOffset } of records)
      this.#offsets.set(canonical(sourcePartition), offsetText(sourceOffset));
  }

  find(partition: SourcePartition): SourceOffset | undefined {
    const text = this.#offsets.get(canonical(partition));
    // What was stored as JSON is an object of plain values.
    return text === undefined ? undefined : (parseJson(text, false) as SourceOffset);
  }
}

export function committedOf(records: readonly SourceRecord[]): readonly CommittedOffset[] {
  const last = new Map(records.map((record) => [canonical(record.sourcePartition), record]));
  return [...last.values()].map(({ sourcePartition: partition, sourceOffset: offset }) => ({
    partition,
    offset,
  }));
}

/** Runs one task as the runtime does, one call at a time, each of them bounded. */
export class SourceDriver {
  readonly task: SourceTask;
  readonly #subject: SourceSubject;
  readonly #world: SourceWorld;
  readonly #stop = new AbortController();
  readonly limitMs: number;

  private constructor(subject: SourceSubject, world: SourceWorld) {
    this.#subject = subject;
    this.#world = world;
    this.limitMs = subject.limitMs ?? LIMIT_MS;
    this.task = subject.connector.createTask();
  }

  static async start(
    subject: SourceSubject,
    world: SourceWorld,
    offsets = new StoredOffsets(),
  ): Promise<SourceDriver> {
    const driver = new SourceDriver(subject, world);
    await within(driver.limitMs, 'start', () => driver.startTask(offsets, driver.#stop.signal));
    return driver;
  }

  /** Not started yet. */
  static create(subject: SourceSubject, world: SourceWorld): SourceDriver {
    return new SourceDriver(subject, world);
  }

  async startTask(offsets: StoredOffsets, signal: AbortSignal, more = {}): Promise<void> {
    const { connector, clock = systemClock } = this.#subject;
    const [config = {}] = await connector.taskConfigs({ ...this.#world.config, ...more }, 1);
    await this.task.start(
      {
        connector: 'contract',
        task: 0,
        config,
        offsets: { find: (partition) => offsets.find(partition) },
        log: silentLogger,
        clock,
        random: systemRandom,
      },
      signal,
    );
  }

  async poll(signal: AbortSignal = this.#stop.signal): Promise<readonly SourceRecord[]> {
    const records = await within(this.limitMs, 'poll', () => this.task.poll(signal));
    expectThat(isList(records), 'poll resolved with something that is no list');
    return records;
  }

  /** Polls until so many records of the world have come; retriable errors are polled through. */
  async read(count: number): Promise<readonly SourceRecord[]> {
    const records = await this.readInTime(count);
    const came = this.identities(records);
    expectThat(
      came.length >= count,
      `${count} records were expected, but only [${came.join(', ')}] came within ${this.limitMs} ms`,
    );
    return records;
  }

  /** The same, but with fewer when no more come. */
  async readInTime(count: number): Promise<readonly SourceRecord[]> {
    const records: SourceRecord[] = [];
    const deadlineMs = performance.now() + this.limitMs;
    while (this.identities(records).length < count && performance.now() <= deadlineMs) {
      try {
        records.push(...(await this.poll()));
      } catch (error) {
        if (!isRetriable(error)) throw error;
      }
      await nextTurn();
    }
    return records;
  }

  identities(records: readonly SourceRecord[]): readonly string[] {
    return records.flatMap((record) => this.#world.identify(record) ?? []);
  }

  async commit(records: readonly SourceRecord[]): Promise<void> {
    const { task, limitMs } = this;
    if (task.commit === undefined) return;
    await within(limitMs, 'commit', async () =>
      task.commit?.(committedOf(records), this.#stop.signal),
    );
  }

  abort(): void {
    this.#stop.abort(new Error('the task was asked to stop'));
  }

  async stop(): Promise<void> {
    this.abort();
    await within(this.limitMs, 'stop', () => this.task.stop());
  }
}

function canonical(partition: SourcePartition): string {
  return offsetText(
    Object.fromEntries(
      Object.entries(partition).sort(([left], [right]) => (left < right ? -1 : 1)),
    ),
  );
}

/** @throws ContractViolation for what Connect's offset topic can't hold */
export function offsetText(offset: SourceOffset): string {
  const parts = Object.entries(offset).map(([key, value]: [string, unknown]) => {
    if (typeof value === 'bigint') return `${JSON.stringify(key)}:${value}`;
    const isPlain =
      value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
    expectThat(
      isPlain,
      `"${key}" of a source partition or offset is a ${typeof value}, which can't be stored`,
    );
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  });
  return `{${parts.join(',')}}`;
}
