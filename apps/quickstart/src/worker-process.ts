import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deferred, MillraceError, systemClock } from '@millrace/foundation';
import { findFreePort } from '@millrace/test-servers';
import { createServer } from 'node:net';
import type { ConnectorFile } from './connectors.ts';

const CLI = fileURLToPath(import.meta.resolve('@millrace/cli'));
const STOP_TIMEOUT_MS = 15_000;

/** `millrace start` as its own process, as a user would run it. */
export class WorkerProcess {
  readonly rest: string;
  readonly log: string;
  readonly #child: ChildProcess;
  readonly #exited = deferred<number | null>();
  #errors = '';

  private constructor(child: ChildProcess, rest: string, log: string) {
    this.#child = child;
    this.rest = rest;
    this.log = log;
    child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#errors = (this.#errors + chunk.toString()).slice(-8_192)),
    );
    child.once('exit', (code) => this.#exited.resolve(code));
  }

  /** Resolves when the worker is ready; its connectors may still be starting. */
  static async start(folder: string, connectors: readonly ConnectorFile[]): Promise<WorkerProcess> {
    const rest = `127.0.0.1:${await portOr(8083)}`;
    const log = `127.0.0.1:${await portOr(9092)}`;
    const config = join(folder, 'worker.properties');
    writeFileSync(
      config,
      `listeners=http://${rest}\nbroker.listeners=PLAINTEXT://${log}\ndata.dir=${join(folder, 'data')}\noffset.flush.interval.ms=1000\n`,
    );
    const files = connectors.map((connector) => {
      const path = join(folder, `${connector.name}.json`);
      writeFileSync(path, JSON.stringify(connector, null, 2), { mode: 0o600 });
      return path;
    });
    const child = spawn(process.execPath, [CLI, 'start', '--config', config, ...files], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a Ctrl-C is ours to handle: the load stops first
    });
    const worker = new WorkerProcess(child, `http://${rest}`, log);
    process.once('exit', () => child.kill('SIGKILL'));
    await worker.#untilReady();
    return worker;
  }

  async getJson<T>(path: string): Promise<T> {
    const response = await fetch(this.rest + path, { signal: AbortSignal.timeout(5_000) });
    // The REST API is our own; its shapes are those of Kafka Connect.
    return (await response.json()) as T;
  }

  async metrics(): Promise<string> {
    const response = await fetch(`${this.rest}/metrics`, { signal: AbortSignal.timeout(5_000) });
    return response.text();
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timeout = new AbortController();
    const kill = systemClock.sleep(STOP_TIMEOUT_MS, timeout.signal).then(
      () => this.#child.kill('SIGKILL'),
      () => undefined, // ended in time
    );
    await this.#exited.promise;
    timeout.abort();
    await kill;
  }

  async #untilReady(): Promise<void> {
    const ready = deferred();
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) ready.resolve();
    });
    void this.#exited.promise.then((code) =>
      ready.reject(
        new MillraceError({
          code: 'quickstart.worker_failed',
          retry: 'fatal',
          message: `the worker ended with code ${String(code)} before it was ready: ${this.#errors.trim()}`,
        }),
      ),
    );
    await ready.promise;
  }
}

/** The usual port when nobody has it, else any free one. */
async function portOr(usual: number): Promise<number> {
  const probe = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(usual, '127.0.0.1', () => resolve(true));
  });
  if (!isFree) return findFreePort();
  await new Promise((resolve) => probe.close(resolve));
  return usual;
}
