import type { SourceTask, TopicAccess } from '@millrace/connector-api';
import { silentLogger, systemClock, systemRandom, type Logger } from '@millrace/foundation';
import { postgresSource } from '../src/connector.ts';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { startPostgres, type PostgresServer } from '@millrace/test-servers';
import { Client } from 'pg';

/** A server with one client for the statements of the test. */
export class TestDatabase implements AsyncDisposable {
  readonly server: PostgresServer;
  #client: Client;

  private constructor(server: PostgresServer, client: Client) {
    this.server = server;
    this.#client = client;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TestDatabase> {
    const server = await startPostgres({ settings });
    return new TestDatabase(server, await connect(server));
  }

  async sql(statement: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const result = await this.#client.query<Record<string, unknown>>(statement, values);
    return result.rows;
  }

  client(): Promise<Client> {
    return connect(this.server);
  }

  async reconnect(): Promise<void> {
    await this.#client.end().catch(() => undefined);
    this.#client = await connect(this.server);
  }

  async slotLsn(slot = 'debezium'): Promise<string | null> {
    const [row] = await this.sql(
      `SELECT (confirmed_flush_lsn - '0/0'::pg_lsn)::text AS lsn FROM pg_replication_slots WHERE slot_name = $1`,
      [slot],
    );
    return typeof row?.['lsn'] === 'string' ? row['lsn'] : null;
  }

  config(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      'database.hostname': this.server.host,
      'database.port': String(this.server.port),
      'database.user': this.server.user,
      'database.password': this.server.password,
      'database.dbname': this.server.database,
      'topic.prefix': 'shop',
      'plugin.name': 'pgoutput',
      'poll.interval.ms': '50',
      'retriable.restart.connector.wait.ms': '500',
      'slot.retry.delay.ms': '100',
      'slot.max.retries': '50',
      ...more,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end().catch(() => undefined);
    await this.server.stop();
  }
}

async function connect(server: PostgresServer): Promise<Client> {
  const client = new Client({ connectionString: server.connectionString });
  client.on('error', () => undefined); // the server is restarted by some tests
  await client.connect();
  return client;
}

/** What the log and the offset store would hold: survives tasks. */
export class Store {
  readonly records: SourceRecord[] = [];
  offset: SourceOffset | undefined;
}

/** Runs a task as the runtime would: poll, keep, store the offset, commit. */
export class Runner {
  readonly store: Store;
  readonly task: SourceTask;
  readonly log: string[] = [];
  readonly #config: Readonly<Record<string, string>>;
  readonly #abort = new AbortController();

  readonly #topics: TopicAccess | undefined;

  constructor(config: Readonly<Record<string, string>>, store = new Store(), topics?: TopicAccess) {
    this.#config = config;
    this.#topics = topics;
    this.store = store;
    this.task = postgresSource.createTask();
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
        clock: systemClock,
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
    this.store.records.push(...records.filter((record) => record.isOffsetOnly !== true));
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
      `${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.message : value))}`,
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

export function text(bytes: Uint8Array | null | undefined): string | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString();
}
