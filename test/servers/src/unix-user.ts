import { execFileSync } from 'node:child_process';
import type { UnixUser } from './server-process.ts';

/**
 * The unprivileged user under which a server runs when we are root, since database servers refuse root;
 * `undefined` when we are an ordinary user already.
 */
export function unprivilegedUser(...names: readonly string[]): UnixUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of [...names, 'nobody']) {
    const ids = findUser(name);
    if (ids !== undefined) return ids;
  }
  return undefined;
}

function findUser(name: string): UnixUser | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { stdio: 'pipe' }).toString());
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined; // `id` says that there is no such user
  }
}
