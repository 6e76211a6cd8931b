import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { systemClock } from '@millrace/foundation';
import { BuiltCli, type Ended } from '../built-cli.ts';

const TRIES = 900;

/** One migration by the built command, as a user calls it, in a folder of its own. */
export class MigrationContext implements AsyncDisposable {
  readonly #urls: readonly [string, string];
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-migrate-'));
  readonly #cli = new BuiltCli({});
  #running: ChildProcessWithoutNullStreams | undefined;
  #output = '';

  constructor(source: string, target: string) {
    this.#urls = [source, target];
  }

  /** `migrate …`, to its end. */
  run(...words: readonly string[]): Promise<Ended> {
    const isVerb = words[0] === 'verify' || words[0] === 'cutover';
    const [verb, options] = isVerb ? [[words[0] ?? ''], words.slice(1)] : [[], words];
    return this.#cli.run('migrate', ...verb, ...this.#urls, '--data-dir', this.#data, ...options);
  }

  /** The same, of which the caller knows what it prints with `--json`. */
  async json<T>(...words: readonly string[]): Promise<T> {
    const { out, error } = await this.run(...words, '--json');
    if (out === '') throw new Error(`${error}\nthe migration said: ${this.#output}`);
    return JSON.parse(out) as T;
  }

  /** Carries the migration until `kill` or `stop`. */
  start(...options: readonly string[]): void {
    const child = this.#cli.spawn(['migrate', ...this.#urls, '--data-dir', this.#data, ...options]);
    this.#output = '';
    const note = (chunk: Buffer): void => void (this.#output += chunk.toString());
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    this.#running = child;
  }

  get output(): string {
    return this.#output;
  }

  async until(seen: RegExp): Promise<void> {
    await until(
      () => {
        if (this.#running?.exitCode != null && !seen.test(this.#output))
          throw new Error(`ended before it said ${String(seen)}: ${this.#output}`);
        return seen.test(this.#output);
      },
      () => `it did not say ${String(seen)}: ${this.#output}`,
    );
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Returns the exit code. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#running;
    this.#running = undefined;
    if (child === undefined) return null;
    if (child.exitCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.kill(signal);
    return ended;
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Waits for a fact that another process brings about. */
export async function until(
  look: () => Promise<boolean> | boolean,
  why: () => string,
): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (await look()) return;
    await systemClock.sleep(100);
  }
  throw new Error(why());
}

/** What `verify --json` prints. */
export interface Verified {
  readonly equal: boolean;
  readonly tables: readonly {
    readonly table: string;
    readonly equal: boolean;
    readonly rows: number;
    readonly differences: readonly {
      readonly key: Readonly<Record<string, string>>;
      readonly kind: string;
      readonly columns: readonly string[];
    }[];
    readonly not_compared: readonly string[];
  }[];
}
