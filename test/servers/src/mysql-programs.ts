import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';
import { canInstall, installPackages } from './debian.ts';
import { serverMissing } from './errors.ts';

/** How a MySQL or MariaDB server is started: the program, and what goes before all other arguments. */
export interface MysqlPrograms {
  readonly command: string;
  readonly args: readonly string[];
}

/** Debian has MySQL in unstable alone. */
const SUITE = 'sid';
const PACKAGES = 'mysql-server-core,libaio1t64';
const CACHE = join(tmpdir(), 'millrace-mysql');
const ROOT = join(CACHE, SUITE);
const LOCK = join(CACHE, 'lock');
const LOCK_STALE_MS = 600_000;

export async function findMariadbPrograms(): Promise<MysqlPrograms> {
  const named = process.env['MILLRACE_MARIADB_BIN'];
  const candidates = [
    ...(named === undefined ? [] : [join(named, 'mariadbd')]),
    '/usr/sbin/mariadbd',
    '/usr/local/sbin/mariadbd',
    '/usr/libexec/mariadbd',
  ];
  const find = (): string | undefined => candidates.find((path) => existsSync(path));
  if (find() === undefined && canInstall())
    await alone(() => {
      if (find() === undefined) installPackages('mariadb-server');
    });
  const found = find();
  if (found !== undefined) return { command: found, args: [] };
  throw serverMissing(
    'mariadbd',
    candidates,
    'install MariaDB 10.6 or newer (Debian: apt-get install mariadb-server), or name the folder of mariadbd in MILLRACE_MARIADB_BIN',
  );
}

/**
 * Finds MySQL: the folder named by MILLRACE_MYSQL_BIN, a `mysqld` of the system that is not MariaDB's, or, on Debian as
 * root, a folder of Debian unstable that is made once a machine (half a minute) beside the system, and whose programs
 * run by their own loader and libraries.
 */
export async function findMysqlPrograms(): Promise<MysqlPrograms> {
  const named = process.env['MILLRACE_MYSQL_BIN'];
  const candidates = [
    ...(named === undefined ? [] : [join(named, 'mysqld')]),
    '/usr/sbin/mysqld',
    '/usr/local/mysql/bin/mysqld',
  ];
  const found = candidates.find(isMysql);
  if (found !== undefined) return { command: found, args: [] };
  if (!existsSync(ROOT) && canInstall()) await alone(makeRoot);
  if (existsSync(ROOT)) return fromRoot(ROOT);
  throw serverMissing(
    'mysqld',
    [...candidates, ROOT],
    'install MySQL 8.0 or newer, or name the folder of mysqld in MILLRACE_MYSQL_BIN',
  );
}

function isMysql(path: string): boolean {
  if (!existsSync(path)) return false;
  const version = spawnSync(path, ['--no-defaults', '--version'], { stdio: 'pipe' });
  return version.status === 0 && !/mariadb/i.test(version.stdout.toString());
}

function fromRoot(root: string): MysqlPrograms {
  const libraries = join(
    root,
    'usr/lib',
    `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
  );
  const loader =
    process.arch === 'arm64'
      ? join(root, 'lib/ld-linux-aarch64.so.1')
      : join(root, 'lib64/ld-linux-x86-64.so.2');
  return {
    command: loader,
    args: [
      '--library-path',
      libraries,
      join(root, 'usr/sbin/mysqld'),
      '--no-defaults',
      `--basedir=${join(root, 'usr')}`,
      `--lc-messages-dir=${join(root, 'usr/share/mysql')}`,
      `--character-sets-dir=${join(root, 'usr/share/mysql/charsets')}`,
      `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`,
    ],
  };
}

function makeRoot(): void {
  if (existsSync(ROOT)) return;
  if (spawnSync('debootstrap', ['--version']).error !== undefined) installPackages('debootstrap');
  const building = mkdtempSync(join(CACHE, 'building-'));
  try {
    execFileSync('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, SUITE, building], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 540_000,
    });
    chmodSync(building, 0o755); // the server's user must get in
    renameSync(building, ROOT);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** Several test processes want the same at the same time: one makes it, the others wait. */
async function alone(make: () => void): Promise<void> {
  mkdirSync(CACHE, { recursive: true, mode: 0o755 });
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch {
      if (isStale(LOCK)) rmSync(LOCK, { recursive: true, force: true });
      await systemClock.sleep(200);
    }
  }
  try {
    make();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function isStale(path: string): boolean {
  try {
    return systemClock.nowMs() - statSync(path).mtimeMs > LOCK_STALE_MS;
  } catch {
    return false; // gone: the next attempt takes it
  }
}
