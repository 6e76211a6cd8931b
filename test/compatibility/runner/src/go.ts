import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { goOutcomes, outcome } from './outcomes.ts';
import { hasProgram } from './program.ts';
import { Unavailable, type Outcome } from './suite.ts';

/** The newest Go that a suite here asks for; older ones would fetch a toolchain, which no registry has. */
const MINOR_MIN = 26;

/**
 * A writable copy of a Go module, so that its own tests can be built in it.
 * @throws Unavailable without Go of that age, or when the module can't be had
 */
export async function fetchGoModule(lab: Lab, module: string, version: string): Promise<string> {
  if (!hasProgram('go')) throw new Unavailable('go is not installed');
  const said = (await lab.run('go', ['version'])).stdout;
  const minor = Number(/go1\.(\d+)/.exec(said)?.[1] ?? 0);
  if (minor < MINOR_MIN)
    throw new Unavailable(`go 1.${MINOR_MIN} is needed, here is: ${said.trim()}`);
  const folder = join(lab.cache, `go-${module.replaceAll('/', '_')}-${version}`);
  if (existsSync(join(folder, 'go.mod'))) return folder;
  const { stdout } = await lab.prepare(`${module} of the Go proxy`, 'go', [
    'mod',
    'download',
    '-json',
    `${module}@${version}`,
  ]);
  // go's own report of one download.
  const { Dir: source } = JSON.parse(stdout) as { Dir: string };
  const script =
    'rm -rf "$2.new" && cp -R "$1" "$2.new" && chmod -R u+w "$2.new" && mv "$2.new" "$2"';
  await lab.prepare('cp', 'sh', ['-c', script, 'sh', source, folder]);
  return folder;
}

export interface GoTestOptions {
  /** Folder of the module. */
  readonly module: string;
  readonly package: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly timeoutMs: number;
}

/** `go test` of one package, test by test. */
export async function goTest(lab: Lab, options: GoTestOptions): Promise<readonly Outcome[]> {
  const { module, args = [], timeoutMs } = options;
  const binary = join(module, 'suite.test');
  const cwd = join(module, options.package);
  await lab.prepare('go test -c', 'go', ['test', '-c', '-o', binary, '.'], {
    cwd,
    env: { GOFLAGS: '-mod=mod' },
  });
  const seconds = Math.floor(timeoutMs / 1000);
  const result = await lab.run(
    'go',
    ['tool', 'test2json', binary, '-test.v=test2json', `-test.timeout=${seconds}s`, ...args],
    { cwd, env: options.env, timeoutMs: timeoutMs + 30_000 },
  );
  const outcomes = goOutcomes(result.stdout);
  return outcomes.length > 0 ? outcomes : [outcome('go test', 'failed', result.tail)];
}
