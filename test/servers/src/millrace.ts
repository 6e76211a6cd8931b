import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';
import { serverMissing } from './errors.ts';
import { findFreePort } from './free-port.ts';
import { askForReport, reportOptions } from './node-report.ts';
import { ServerProcess } from './server-process.ts';

const CLI = join(import.meta.dirname, '../../../apps/cli/dist/millrace.cjs');
const POLL_MS = 50;

export interface ConnectorFile {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
}

export interface MillraceOptions {
  /** Holds its configuration and, unless `settings` say otherwise, its data. Not removed. */
  readonly folder: string;
  /** Ports of REST and log; free ones by default. */
  readonly restPort?: number;
  readonly logPort?: number;
  /** Worker keys over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly connectors?: readonly ConnectorFile[];
  readonly env?: Readonly<Record<string, string>>;
  /** Killed when it is not ready by then; default 30,000. */
  readonly readyTimeoutMs?: number;
}

/** What `GET /connectors?expand=status` says of one connector. */
export interface ConnectorStatus {
  readonly connector: { readonly state: string; readonly trace?: string };
  readonly tasks: readonly {
    readonly id: number;
    readonly state: string;
    readonly trace?: string;
  }[];
}

/** `millrace start` as its own process, as a user would run it; needs a build. */
export class MillraceServer implements AsyncDisposable {
  readonly rest: string;
  /** `host:port` for Kafka clients. */
  readonly log: string;
  readonly #process: ServerProcess;
  readonly #folder: string;

  private constructor(process: ServerProcess, folder: string, restPort: number, logPort: number) {
    this.#process = process;
    this.#folder = folder;
    this.rest = `http://127.0.0.1:${restPort}`;
    this.log = `127.0.0.1:${logPort}`;
  }

  /** Resolves when the worker is ready; its connectors may still be starting. */
  static async start(options: MillraceOptions): Promise<MillraceServer> {
    if (!existsSync(CLI)) throw serverMissing('millrace', [CLI], 'run "npm run build" first');
    const restPort = options.restPort ?? (await findFreePort());
    const logPort = options.logPort ?? (await findFreePort());
    const settings = {
      listeners: `http://127.0.0.1:${restPort}`,
      'broker.listeners': `PLAINTEXT://127.0.0.1:${logPort}`,
      'data.dir': join(options.folder, 'data'),
      ...options.settings,
    };
    const process = await ServerProcess.start({
      name: 'millrace',
      command: globalThis.process.execPath,
      args: [
        ...reportOptions(options.folder),
        ...[CLI, 'start', '--config', writeJson(options.folder, 'worker', settings)],
        ...(options.connectors ?? []).map((connector) =>
          writeJson(options.folder, connector.name, connector),
        ),
      ],
      user: undefined,
      ...(options.env === undefined ? {} : { env: options.env }),
      ready: /millrace ready/,
      ...(options.readyTimeoutMs === undefined ? {} : { readyTimeoutMs: options.readyTimeoutMs }),
      stopSignal: 'SIGTERM',
    });
    return new MillraceServer(process, options.folder, restPort, logPort);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What it printed last. */
  get output(): string {
    return this.#process.output;
  }

  /** An answer of the REST API, whose shape the caller knows. */
  async getJson<T>(path: string): Promise<T> {
    const response = await fetch(this.rest + path, { signal: AbortSignal.timeout(10_000) });
    return (await response.json()) as T;
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(this.rest + path, {
      method,
      signal: AbortSignal.timeout(90_000),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  }

  /** Creates or replaces a connector; throws what the REST API has against it. */
  async putConnector(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const response = await this.send('PUT', `/connectors/${name}/config`, config);
    if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`);
  }

  async metrics(): Promise<readonly MetricLine[]> {
    const response = await fetch(`${this.rest}/metrics`, { signal: AbortSignal.timeout(10_000) });
    return parseMetrics(await response.text());
  }

  /** Waits until the connector and all its tasks run; throws the trace as soon as one has failed. */
  async untilRunning(connector: string, timeoutMs = 60_000): Promise<void> {
    const deadlineMs = systemClock.monotonicMs() + timeoutMs;
    for (;;) {
      const response = await this.send('GET', `/connectors/${connector}/status`);
      // The REST API is our own; 404 while the connector is being made.
      const status = response.ok ? ((await response.json()) as ConnectorStatus) : undefined;
      const parts = status === undefined ? [] : [status.connector, ...status.tasks];
      const failed = parts.find((part) => part.state === 'FAILED');
      if (failed !== undefined) throw new Error(`"${connector}" failed: ${failed.trace ?? ''}`);
      if (parts.length > 1 && parts.every((part) => part.state === 'RUNNING')) return;
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(`"${connector}" does not run: ${JSON.stringify(status)}`);
      await systemClock.sleep(POLL_MS);
    }
  }

  /** For who waits in vain: health, connectors, what the process is doing, and what it printed last. */
  async diagnose(): Promise<string> {
    const parts = {
      health: () => this.#getText('/health'),
      connectors: () => this.#getText('/connectors?expand=status'),
      process: () => askForReport(this.pid, this.#folder),
      output: () => Promise.resolve(this.output.slice(-4_000)),
    };
    const lines: string[] = [];
    for (const [part, ask] of Object.entries(parts))
      lines.push(`${part}: ${await ask().catch((error: unknown) => String(error))}`);
    return lines.join('\n');
  }

  async #getText(path: string): Promise<string> {
    const response = await fetch(this.rest + path, { signal: AbortSignal.timeout(5_000) });
    return response.text();
  }

  /** SIGTERM: drains, commits and ends. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export function startMillrace(options: MillraceOptions): Promise<MillraceServer> {
  return MillraceServer.start(options);
}

function writeJson(folder: string, name: string, document: unknown): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(document, null, 2), { mode: 0o600 });
  return path;
}

export interface MetricLine {
  readonly name: string;
  readonly connector: string | undefined;
  readonly value: number;
}

function parseMetrics(text: string): readonly MetricLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      name: /^[\w:]+/.exec(line)?.[0] ?? '',
      connector: /connector="([^"]*)"/.exec(line)?.[1],
      value: Number(line.slice(line.lastIndexOf(' ') + 1)),
    }));
}
