import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { hasProgram } from './program.ts';
import { Unavailable } from './suite.ts';

/**
 * A Python with these packages, in an environment of its own.
 * @throws Unavailable without Python, or when a package can't be had
 */
export async function ensurePython(lab: Lab, packages: readonly string[]): Promise<string> {
  if (!hasProgram('python3')) throw new Unavailable('python3 is not installed');
  const id = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const folder = join(lab.cache, `python-${id}`);
  const python = join(folder, 'bin/python');
  if (existsSync(join(folder, 'complete'))) return python;
  await lab.prepare('python -m venv', 'python3', ['-m', 'venv', '--clear', folder]);
  await lab.prepare('packages of PyPI', python, ['-m', 'pip', 'install', '-q', ...packages]);
  await lab.prepare('python', 'touch', [join(folder, 'complete')]);
  return python;
}

/** The folder of a package's published sources. */
export async function fetchPythonSource(lab: Lab, name: string, version: string): Promise<string> {
  if (!hasProgram('python3')) throw new Unavailable('python3 is not installed');
  const folder = lab.cacheFolder(`pypi-${name}-${version}`);
  const find = (): string | undefined =>
    readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isDirectory())?.name;
  if (find() === undefined) {
    await lab.prepare(`${name} of PyPI`, 'python3', [
      '-m',
      'pip',
      'download',
      '-q',
      '--no-deps',
      '--no-binary',
      ':all:',
      '-d',
      folder,
      `${name}==${version}`,
    ]);
    const archive = readdirSync(folder).find((file) => file.endsWith('.tar.gz'));
    if (archive === undefined) throw new Unavailable(`${name} ${version} has no sources on PyPI`);
    await lab.prepare(archive, 'tar', ['-xzf', archive], { cwd: folder });
  }
  const unpacked = find();
  if (unpacked === undefined) throw new Unavailable(`the sources of ${name} hold no folder`);
  return join(folder, unpacked);
}
