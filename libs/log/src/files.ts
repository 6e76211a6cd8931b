import type { Random } from '@millrace/foundation';
import { dirname } from 'node:path';
import type { Disk } from './disk.ts';

/** INV-4: the file has its old content or the whole new one, whenever the process or the machine stops. */
export async function writeFileAtomically(
  disk: Disk,
  path: string,
  content: Uint8Array | string,
): Promise<void> {
  await writeFileUnsynced(disk, path, content);
  await disk.syncFolder(dirname(path));
}

/** As `writeFileAtomically`, but the new name is durable only after the folder's next sync. */
export async function writeFileUnsynced(
  disk: Disk,
  path: string,
  content: Uint8Array | string,
): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const temporary = `${path}.tmp`;
  const file = await disk.open(temporary, 'create');
  try {
    await file.truncate(0);
    await file.write(0, [bytes]);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
}

/** A new file whose content is on the disk when this answers; its name is after the folder's next sync. */
export async function writeFileDurably(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.open(path, 'create');
  try {
    await file.truncate(bytes.byteLength);
    if (bytes.byteLength > 0) await file.write(0, [bytes]);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file that may be lost or torn in a crash, since it can be built again. */
export async function writeFilePlainly(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.open(path, 'create');
  try {
    await file.truncate(bytes.byteLength);
    if (bytes.byteLength > 0) await file.write(0, [bytes]);
  } finally {
    await file.close();
  }
}

/** Kafka's file names: the base offset in 20 digits. */
export function offsetFileName(offset: number, suffix: string): string {
  return String(offset).padStart(20, '0') + suffix;
}

/** Kafka's name for the folder of a partition that is being deleted, moved or is nobody's; below 255 characters. */
export function asideName(
  name: string,
  why: 'delete' | 'stray' | 'future',
  random: Random,
): string {
  const id = Buffer.from(random.nextBytes(16)).toString('hex');
  return `${name.slice(0, 255 - id.length - why.length - 2)}.${id}-${why}`;
}

/** The offset in a file name of 20 digits and `suffix`; undefined for other names. */
export function parseOffsetFileName(name: string, suffix: string): number | undefined {
  if (name.length !== 20 + suffix.length || !name.endsWith(suffix)) return undefined;
  const digits = name.slice(0, 20);
  return /^\d{20}$/.test(digits) ? Number(digits) : undefined;
}
