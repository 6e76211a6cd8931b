import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';

export const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(import.meta.dirname, '../dist/millrace.cjs');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the built command in the folder of the project, as a user would; needs a build. */
export class BuiltCli {
  readonly #environment: Readonly<Record<string, string>>;

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  spawn(argv: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [MAIN, ...argv], {
      cwd: ROOT,
      env: { ...process.env, ...this.#environment },
    });
  }

  run(...argv: readonly string[]): Promise<Ended> {
    const child = this.spawn(argv);
    let out = '';
    let error = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
    return new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, out, error }));
    });
  }

  /** What a command that succeeds prints with `--json`, of the form that the caller knows. */
  async json<T>(...argv: readonly string[]): Promise<T> {
    const { code, out, error } = await this.run(...argv, '--json');
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${error}`);
    return JSON.parse(out) as T;
  }
}

/** Waits for a fact that another process brings about. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let attempt = 0; attempt < 1_200; attempt++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await systemClock.sleep(50);
  }
  throw new Error('it did not come about');
}
