import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CleanupStack, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import {
  startMariadb,
  startMillrace,
  startPostgres,
  type ConnectorFile,
  type MillraceServer,
  type MysqlServer,
  type PostgresServer,
} from '@millrace/test-servers';
import type pg from 'pg';

/** What a bench opens, and closes at its end. */
export class Workspace implements AsyncDisposable {
  readonly #cleanUp = new CleanupStack();
  readonly #folders: string[] = [];

  /** A fresh folder, removed at the end. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
    this.#folders.push(folder);
    this.#cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  async millrace(
    settings: Readonly<Record<string, string>> = {},
    connectors: readonly ConnectorFile[] = [],
  ): Promise<MillraceServer> {
    return this.#cleanUp.use(await startMillrace({ folder: this.folder(), settings, connectors }));
  }

  client(bootstrap: string): KafkaClient {
    const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
    return this.#cleanUp.use(
      new KafkaClient({
        bootstrap: parseBootstrap(bootstrap),
        transport: new TcpTransport({ ...ports, clientId: 'bench' }),
        ...ports,
      }),
    );
  }

  /** PostgreSQL that writes like one in production: bigger buffers, no autovacuum in the middle of a run. */
  async postgres(): Promise<PostgresServer> {
    const settings = { shared_buffers: '512MB', max_wal_size: '8GB', autovacuum: 'off' };
    return this.#cleanUp.use(await startPostgres({ settings }));
  }

  /** MariaDB with its rows in memory. */
  async mariadb(): Promise<MysqlServer> {
    return this.#cleanUp.use(await startMariadb({ settings: { innodb_buffer_pool_size: '512M' } }));
  }

  async database(server: PostgresServer): Promise<pg.Client> {
    const client = await server.connect();
    this.#cleanUp.defer(() => client.end());
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUp[Symbol.asyncDispose]();
  }
}

/** Resident memory of a process in MB, from the kernel. */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}

/** What is not asked to be durable is left to the kernel, as Apache Kafka does; ours would begin an fsync each second. */
export const PAGE_CACHE: Readonly<Record<string, string>> = {
  'broker.log.flush.scheduler.interval.ms': '3600000',
  // What a run has written is gone before the next, so that the disk is not what is measured.
  'broker.log.segment.delete.delay.ms': '100',
};

/** The most that was resident since the process began, from the kernel. */
export function peakResidentMb(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}

/** Clock ticks of the kernel's accounting. */
const TICK_MS = 10;

/** Processor time of a process in user and system mode. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Seconds that `action` took. */
export async function seconds(action: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await action();
  return (performance.now() - startedMs) / 1_000;
}

/** Polls until the condition holds; for waiting on another process. */
export async function until(
  condition: () => Promise<boolean>,
  timeoutMs = 300_000,
  pollMs = 20,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs)
      throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await systemClock.sleep(pollMs);
  }
}
