import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How much of a file's head tells it from another. */
export const FINGERPRINT_BYTES = 1024;
const CANDIDATES_MAX = 1000;

/** `<bytes>:<digest>` of the head; an empty text for an empty file. */
export async function fingerprintOf(
  handle: FileHandle,
  bytesMax = FINGERPRINT_BYTES,
): Promise<string> {
  const buffer = Buffer.alloc(bytesMax);
  const { bytesRead } = await handle.read(buffer, 0, bytesMax, 0);
  if (bytesRead === 0) return '';
  const digest = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
  return `${bytesRead}:${digest.slice(0, 32)}`;
}

/** Whether the head of the file is (still) what the fingerprint was taken of. */
export async function hasFingerprint(handle: FileHandle, fingerprint: string): Promise<boolean> {
  if (fingerprint === '') return true;
  const bytes = Number(fingerprint.slice(0, fingerprint.indexOf(':')));
  if (!(bytes > 0 && bytes <= FINGERPRINT_BYTES)) return false;
  return (await fingerprintOf(handle, bytes)) === fingerprint;
}

export interface FileSeen {
  readonly path: string;
  readonly stats: Stats;
}

/** Names that rotation gives: app.log.1, app.log-20240501, app.log.2024-05-01. Never compressed ones. */
function isRotatedName(name: string, base: string): boolean {
  return name.startsWith(base) && /^[.-][\d_:T-]+$/.test(name.slice(base.length));
}

async function neighbours(file: string): Promise<FileSeen[]> {
  const folder = dirname(file);
  const base = basename(file);
  const names = await readdir(folder).catch(() => []); // no folder, no neighbours
  const found: FileSeen[] = [];
  for (const name of names
    .filter((each) => each !== base && each.startsWith(base))
    .slice(0, CANDIDATES_MAX)) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => undefined); // gone since
    if (stats?.isFile() === true) found.push({ path, stats });
  }
  return found;
}

/** The file beside `file` that was read under its name before: by inode and head, or by head alone (copied). */
export async function findRotated(
  file: string,
  inode: number | undefined,
  fingerprint: string,
  position: number,
): Promise<FileSeen | undefined> {
  if (fingerprint === '') return undefined;
  const candidates = (await neighbours(file)).filter(({ stats }) => stats.size >= position);
  candidates.sort(
    (left, right) => Number(right.stats.ino === inode) - Number(left.stats.ino === inode),
  );
  for (const candidate of candidates) {
    const handle = await open(candidate.path).catch(() => undefined); // not ours to read
    if (handle === undefined) continue;
    try {
      if (await hasFingerprint(handle, fingerprint)) return candidate;
    } finally {
      await handle.close();
    }
  }
  return undefined;
}

/** Files rotated away after the one given, oldest first: they were the file's content in between. */
export async function rotatedAfter(file: string, previous: Stats): Promise<FileSeen[]> {
  const found = (await neighbours(file)).filter(
    ({ path, stats }) =>
      isRotatedName(basename(path), basename(file)) &&
      stats.ino !== previous.ino &&
      stats.mtimeMs > previous.mtimeMs,
  );
  return found.sort((left, right) => left.stats.mtimeMs - right.stats.mtimeMs);
}
