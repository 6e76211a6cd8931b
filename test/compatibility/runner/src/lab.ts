import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMillrace, type MillraceServer } from '@millrace/test-servers';
import { runProgram, type ProgramOptions, type ProgramResult } from './program.ts';
import { Unavailable } from './suite.ts';

const DEFAULT_TIMEOUT_MS = 120_000;

export interface BrokerOptions {
  /** Broker keys, without `broker.` before them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A suite that knows only one port asks for it; otherwise a free one. */
  readonly port?: number;
}

export interface RunningBroker {
  /** `host:port` for clients. */
  readonly address: string;
  /** Where its partitions are. */
  readonly logFolder: string;
  readonly server: MillraceServer;
}

type RunOptions = Omit<ProgramOptions, 'logFile' | 'timeoutMs'> & { readonly timeoutMs?: number };

/** What a suite runs in: a log file, a folder that outlives the run, and brokers that do not. */
export class Lab implements AsyncDisposable {
  /** Where what was fetched stays until the next run; outside of the tree. */
  readonly cache: string;
  readonly logFile: string;
  readonly write: (line: string) => void;
  readonly #servers: MillraceServer[] = [];
  readonly #folders: string[] = [];

  constructor(options: { cache: string; logFile: string; write: (line: string) => void }) {
    this.cache = options.cache;
    this.logFile = options.logFile;
    this.write = options.write;
    mkdirSync(this.cache, { recursive: true });
  }

  /** The built `millrace start` with its log on a loopback port. */
  async startBroker(options: BrokerOptions = {}): Promise<RunningBroker> {
    const settings = Object.entries(options.settings ?? {});
    return this.startWorker(
      Object.fromEntries(settings.map(([key, value]) => [`broker.${key}`, value])),
      options.port,
    );
  }

  /** The same with any worker keys. */
  async startWorker(
    settings: Readonly<Record<string, string>>,
    port?: number,
  ): Promise<RunningBroker> {
    const folder = this.makeFolder();
    const server = await startMillrace({
      folder,
      settings,
      ...(port === undefined ? {} : { logPort: port }),
    });
    this.#servers.push(server);
    return { address: server.log, logFolder: join(folder, 'data/log'), server };
  }

  /** A folder that is removed after the suite. */
  makeFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-suite-'));
    this.#folders.push(folder);
    return folder;
  }

  /** A folder of the cache, made if need be. */
  cacheFolder(name: string): string {
    const folder = join(this.cache, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    return runProgram(command, args, {
      timeoutMs: DEFAULT_TIMEOUT_MS,
      ...options,
      logFile: this.logFile,
    });
  }

  /**
   * Runs a program that fetches or builds.
   * @throws Unavailable with what it said, when it fails
   */
  async prepare(
    what: string,
    command: string,
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<ProgramResult> {
    const result = await this.run(command, args, { timeoutMs: 600_000, ...options });
    if (result.code === 0) return result;
    const last = result.tail.split('\n').slice(-3).join(' | ');
    throw new Unavailable(`${what}: ${result.isTimedOut ? 'timed out' : last}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}
