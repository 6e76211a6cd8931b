import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import type { DiskLock } from './disk.ts';
import { errnoOf } from './errno.ts';

/** Locks of this process: its own id in a lock file otherwise means a former life of the same pid. */
const heldHere = new Set<string>();

/**
 * A lock file with the holder's process id and start time. A lock whose process is gone, or whose
 * id now belongs to another process, is taken over. Does not see through containers that share a
 * folder but not their process table.
 */
export async function lockFile(path: string): Promise<DiskLock> {
  const key = resolvePath(path);
  if (heldHere.has(key)) return { kind: 'held', pid: process.pid };
  heldHere.add(key);
  try {
    const lock = await takeLock(key);
    if (lock.kind === 'held') heldHere.delete(key);
    return lock;
  } catch (error) {
    heldHere.delete(key);
    throw error;
  }
}

async function takeLock(path: string): Promise<DiskLock> {
  if (await tryCreate(path)) return locked(path);
  const found = await readFile(path, 'utf8').catch(() => '');
  if (isAlive(found)) return { kind: 'held', pid: pidOf(found) };
  // Rename is atomic: of two that find the same stale lock, one moves it. Who moved a fresh one puts it back.
  const aside = `${path}.stale.${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => found);
  if (moved !== found) {
    await rename(aside, path).catch(() => undefined);
    return { kind: 'held', pid: pidOf(moved) };
  }
  await rm(aside, { force: true });
  if (await tryCreate(path)) return locked(path);
  return { kind: 'held', pid: pidOf(await readFile(path, 'utf8').catch(() => '')) };
}

function locked(path: string): DiskLock {
  return {
    kind: 'locked',
    release: async () => {
      await rm(path, { force: true });
      heldHere.delete(path);
    },
  };
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx');
    await handle.writeFile(`${process.pid} ${startTimeOf(process.pid)}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function pidOf(content: string): number {
  const pid = Number(content.split(' ')[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : 0;
}

function isAlive(content: string): boolean {
  const pid = pidOf(content);
  if (pid === 0 || pid === process.pid) return false; // Kafka's own lock file is empty
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
  const startTime = content.trim().split(' ')[1] ?? '';
  const startTimeNow = startTimeOf(pid);
  return startTime === '' || startTimeNow === '' || startTime === startTimeNow;
}

/** Field 22 of Linux' `/proc/<pid>/stat`; empty elsewhere. Tells a reused id from the same process. */
function startTimeOf(pid: number): string {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return ''; // no /proc here
  }
}
