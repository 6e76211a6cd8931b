import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { systemClock } from '@millrace/foundation';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Given on standard input, which is closed afterwards. */
  readonly input?: string;
  readonly timeoutMs: number;
  /** Everything that it prints is added to this file. */
  readonly logFile: string;
}

export interface ProgramResult {
  /** `undefined`: ended by a signal, ours after the time-out included. */
  readonly code: number | undefined;
  readonly isTimedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Last lines of both, for messages. */
  readonly tail: string;
}

const OUTPUT_CHARS_MAX = 64 * 1024 * 1024;
const TAIL_LINES = 15;
const running = new Set<number>();

process.on('exit', () => {
  for (const pid of running) killGroup(pid);
});

export function hasProgram(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command]).status === 0;
}

/** Runs a program to its end, or kills it and its children after `timeoutMs`. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const log = createWriteStream(options.logFile, { flags: 'a' });
  log.write(`\n$ ${command} ${args.join(' ')}\n`);
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const texts = { stdout: '', stderr: '', both: '' };
  const collect = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    const text = chunk.toString();
    texts[stream] = (texts[stream] + text).slice(-OUTPUT_CHARS_MAX);
    texts.both = (texts.both + text).slice(-OUTPUT_CHARS_MAX);
    log.write(chunk);
  };
  child.stdout.on('data', collect('stdout'));
  child.stderr.on('data', collect('stderr'));
  child.stdin.on('error', () => undefined); // a program that reads none of it
  child.stdin.end(options.input ?? '');

  let isTimedOut = false;
  const timeout = new AbortController();
  void systemClock
    .sleep(options.timeoutMs, timeout.signal)
    .then(() => {
      isTimedOut = true;
      if (pid !== undefined) killGroup(pid);
    })
    .catch(() => undefined); // aborted: it ended in time
  const code = await new Promise<number | undefined>((resolve) => {
    child.once('error', (error) => {
      texts.both += error.message;
      resolve(undefined);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? undefined));
  });
  timeout.abort();
  if (pid !== undefined) running.delete(pid);
  await new Promise((resolve) => log.end(resolve));
  const { stdout, stderr, both } = texts;
  const tail = both.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  return { code, isTimedOut, stdout, stderr, tail };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it and its children have ended.
  }
}
