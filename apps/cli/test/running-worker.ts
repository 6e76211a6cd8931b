import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { until } from './built-cli.ts';

const MAIN = join(import.meta.dirname, '../dist/millrace.cjs');

/** `millrace start` on free ports, as its own process; needs a build. */
export class RunningWorker implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<number | null>;
  #out = '';
  #error = '';
  url = '';

  private constructor(
    folder: string,
    settings: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>>,
  ) {
    const all = {
      listeners: 'http://127.0.0.1:0',
      'broker.listeners': 'PLAINTEXT://127.0.0.1:0',
      ...settings,
    };
    const set = Object.entries(all).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    this.#child = spawn(process.execPath, [MAIN, 'start', ...set], {
      cwd: folder,
      env: { ...process.env, ...environment },
    });
    this.#child.stdout.on('data', (chunk: Buffer) => (this.#out += chunk.toString()));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#error += chunk.toString()));
    this.#closed = new Promise((resolve) => this.#child.on('close', resolve));
  }

  static async start(
    folder: string,
    settings: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RunningWorker> {
    const worker = new RunningWorker(folder, settings, environment);
    worker.url = await until(() => {
      if (worker.#child.exitCode !== null) throw new Error(`it ended: ${worker.#error}`);
      return /REST (http:\S+),/.exec(worker.#out)?.[1];
    });
    return worker;
  }

  /** Of its log. */
  get logAddress(): string {
    return /(?:log|Kafka) ([^\s,]+)/.exec(this.#out.slice(this.#out.indexOf('REST ')))?.[1] ?? '';
  }

  /** All that it has said so far. */
  get output(): string {
    return this.#out + this.#error;
  }

  /** Log lines. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.#error
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map(
        (line): Readonly<Record<string, unknown>> => JSON.parse(line) as Record<string, unknown>,
      );
  }

  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
