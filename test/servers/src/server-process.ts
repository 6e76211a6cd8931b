import { spawn, type ChildProcess } from 'node:child_process';
import { deferred, systemClock } from '@millrace/foundation';
import { serverFailed } from './errors.ts';

export interface ServerProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly user: UnixUser | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** The line of output that says: ready. */
  readonly ready: RegExp;
  readonly readyTimeoutMs?: number;
  /** Asks for an orderly end. */
  readonly stopSignal: NodeJS.Signals;
}

export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

const OUTPUT_CHARS_MAX = 64 * 1024;
const STOP_TIMEOUT_MS = 10_000;
const running = new Set<ChildProcess>();

// Whoever forgets to stop a server, or dies of an error, leaves none behind.
process.on('exit', () => {
  for (const child of running) killGroup(child);
});

/** One server as a child process, known by its pid. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #options: ServerProcessOptions;
  readonly #exited = deferred();
  #output = '';

  private constructor(options: ServerProcessOptions) {
    this.#options = options;
    this.#child = spawn(options.command, [...options.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...options.user,
      // A Ctrl-C in the terminal goes to whoever started us, who then stops the server in good order.
      detached: true,
    });
    running.add(this.#child);
    this.#child.once('exit', () => {
      running.delete(this.#child);
      this.#exited.resolve();
    });
  }

  /** Resolves when the server says that it is ready; rejects with what it said otherwise. */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    try {
      await server.#untilReady();
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What the server printed last. */
  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    this.#child.kill(this.#options.stopSignal);
    const timeout = new AbortController();
    await Promise.race([
      this.#exited.promise,
      systemClock.sleep(STOP_TIMEOUT_MS, timeout.signal).catch(() => undefined),
    ]);
    timeout.abort();
    await this.kill();
  }

  /** SIGKILL, and gone when this resolves. */
  async kill(): Promise<void> {
    if (running.has(this.#child)) killGroup(this.#child);
    await this.#exited.promise;
  }

  async #untilReady(): Promise<void> {
    const { name, ready, readyTimeoutMs = 30_000 } = this.#options;
    const isReady = deferred();
    const onData = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_CHARS_MAX);
      if (ready.test(this.#output)) isReady.resolve();
    };
    this.#child.stdout?.on('data', onData);
    this.#child.stderr?.on('data', onData);
    this.#child.once('error', (error) => {
      running.delete(this.#child);
      this.#exited.resolve();
      isReady.reject(serverFailed(name, error.message));
    });
    this.#child.once('exit', () => isReady.reject(serverFailed(name, this.#output)));
    const timeout = new AbortController();
    void systemClock
      .sleep(readyTimeoutMs, timeout.signal)
      .then(() =>
        isReady.reject(serverFailed(name, `not ready after ${readyTimeoutMs} ms\n${this.#output}`)),
      )
      .catch(() => undefined); // aborted: it was ready in time
    try {
      await isReady.promise;
    } finally {
      timeout.abort();
    }
  }
}

/** The server and the processes that it forked: some outlive their parent for a moment. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: the group is gone already.
  }
}
