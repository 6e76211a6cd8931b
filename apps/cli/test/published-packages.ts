import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './built-cli.ts';

/** What an author installs, and what it needs. */
export const PUBLISHED = ['foundation', 'record', 'config', 'connector-api', 'testkit'];

/** Puts into `node_modules` of a folder what npm would: the packed packages, and nothing else of the workspace. */
export function installPublished(folder: string): void {
  const packed = join(folder, 'packed');
  mkdirSync(packed);
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  const sources = PUBLISHED.map((name) => join(ROOT, 'libs', name));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', packed, ...sources]);
  for (const name of PUBLISHED) {
    const target = join(folder, 'node_modules/@millrace', name);
    mkdirSync(target, { recursive: true });
    const archive = join(packed, `millrace-${name}-0.1.0.tgz`);
    execFileSync('tar', ['xzf', archive, '--strip-components=1', '-C', target]);
  }
  for (const name of ['properties-file', 'yaml', 'undici-types', '@types/node'])
    cpSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), {
      recursive: true,
    });
}
