import type { SourceTask, TopicAccess } from '@millrace/connector-api';
import {
  silentLogger,
  systemClock,
  type Clock,
  systemRandom,
  type Logger,
} from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import {
  startMariadb,
  startMysql,
  type MysqlFlavour,
  type MysqlServer,
} from '@millrace/test-servers';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mariadbSource, mysqlSource } from '../src/connector.ts';

export const FLAVOURS: readonly MysqlFlavour[] = ['mariadb', 'mysql'];

let readers = 1000;

/** A server with one client for the statements of the test. */
export class TestDatabase implements AsyncDisposable {
  readonly server: MysqlServer;
  #client: Connection;

  private constructor(server: MysqlServer, client: Connection) {
    this.server = server;
    this.#client = client;
  }

  static async start(
    flavour: MysqlFlavour,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<TestDatabase> {
    const server = await (flavour === 'mysql' ? startMysql : startMariadb)({ settings });
    return new TestDatabase(server, await server.connect());
  }

  get flavour(): MysqlFlavour {
    return this.server.flavour;
  }

  async sql(statement: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const [rows] = await this.#client.query<RowDataPacket[]>(statement, values);
    return Array.isArray(rows) ? rows : [];
  }

  client(): Promise<Connection> {
    return this.server.connect();
  }

  async reconnect(): Promise<void> {
    this.#client.destroy();
    this.#client = await this.server.connect();
  }

  config(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      'database.hostname': this.server.host,
      'database.port': String(this.server.port),
      'database.user': this.server.user,
      'database.password': this.server.password,
      'database.server.id': String(++readers),
      'topic.prefix': 'shop',
      'poll.interval.ms': '50',
      'retriable.restart.connector.wait.ms': '500',
      'include.schema.changes': 'false',
      ...more,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    await this.server.stop();
  }
}

/** What the log and the offset store would hold: survives tasks. */
export class Store {
  readonly records: SourceRecord[] = [];
  offset: SourceOffset | undefined;
}

export interface RunnerOptions {
  readonly store?: Store;
  readonly topics?: TopicAccess;
  readonly takesRuns?: boolean;
  readonly clock?: Clock;
}

/** Runs a task as the runtime would: poll, keep, store the offset, commit. */
export class Runner {
  readonly store: Store;
  readonly task: SourceTask;
  readonly log: string[] = [];
  readonly #config: Readonly<Record<string, string>>;
  readonly #topics: TopicAccess | undefined;
  readonly #options: Pick<RunnerOptions, 'clock' | 'takesRuns'>;
  readonly #abort = new AbortController();

  constructor(
    flavour: MysqlFlavour,
    config: Readonly<Record<string, string>>,
    { store = new Store(), topics, ...options }: RunnerOptions = {},
  ) {
    this.#options = options;
    this.#config = config;
    this.#topics = topics;
    this.store = store;
    this.task = (flavour === 'mysql' ? mysqlSource : mariadbSource).createTask();
  }

  async start(): Promise<this> {
    const stored = this.store.offset;
    await this.task.start(
      {
        connector: 'shop',
        task: 0,
        config: this.#config,
        offsets: { find: () => stored },
        ...(this.#topics === undefined ? {} : { topics: this.#topics }),
        log: collectingLogger(this.log),
        takesRuns: this.#options.takesRuns ?? false,
        clock: this.#options.clock ?? systemClock,
        random: systemRandom,
      },
      this.#abort.signal,
    );
    return this;
  }

  poll(): Promise<readonly SourceRecord[]> {
    return this.task.poll(this.#abort.signal);
  }

  /** Makes the records durable, then tells the task. */
  async deliver(records: readonly SourceRecord[]): Promise<void> {
    this.store.records.push(...records);
    const last = records.at(-1);
    if (last === undefined) return;
    this.store.offset = JSON.parse(
      JSON.stringify(last.sourceOffset, (_, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      ),
    ) as SourceOffset;
    await this.task.commit?.(
      [{ partition: last.sourcePartition, offset: last.sourceOffset }],
      this.#abort.signal,
    );
  }

  /** Polls and delivers until the condition holds; fails after some seconds. */
  async until(
    isDone: (records: readonly SourceRecord[]) => boolean,
    timeoutMs = 60_000,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!isDone(this.store.records)) {
      if (performance.now() > deadline)
        throw new Error(
          `not reached with ${this.store.records.length} records: ${this.log.join('\n')}`,
        );
      await this.deliver(await this.poll());
    }
  }

  async untilCount(count: number, timeoutMs?: number): Promise<readonly SourceRecord[]> {
    await this.until((records) => records.length >= count, timeoutMs);
    return this.store.records;
  }

  async stop(): Promise<void> {
    await this.task.stop();
    this.#abort.abort(new Error('stopped'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function collectingLogger(lines: string[]): Logger {
  const add = (fields: object, message: string): void => {
    lines.push(
      `${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? `${value.message} ${String(value.cause)}` : value))}`,
    );
  };
  const logger: Logger = { ...silentLogger, warn: add, error: add, info: add, child: () => logger };
  return logger;
}

export function value(record: SourceRecord | undefined): Record<string, unknown> {
  return (record?.value ?? {}) as Record<string, unknown>;
}

export function after(record: SourceRecord | undefined): Record<string, unknown> {
  return value(record)['after'] as Record<string, unknown>;
}

export function source(record: SourceRecord | undefined): Record<string, unknown> {
  return value(record)['source'] as Record<string, unknown>;
}

export function text(bytes: Uint8Array | null | undefined): string | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString();
}

/** Replays records into a table, as a sink would. */
export function replay(records: readonly SourceRecord[]): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const record of records) {
    const key = JSON.stringify(record.key);
    if (record.value === null || value(record)['op'] === 'd') rows.delete(key);
    else rows.set(key, after(record));
  }
  return rows;
}
