import { dirname } from 'node:path';
import type { Disk } from './disk.ts';

/** INV-4: the file has its old content or the whole new one, whenever the process or the machine stops. */
export async function writeFileAtomically(
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
  await disk.syncFolder(dirname(path));
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

/** The offset in a file name of 20 digits and `suffix`; undefined for other names. */
export function parseOffsetFileName(name: string, suffix: string): number | undefined {
  if (name.length !== 20 + suffix.length || !name.endsWith(suffix)) return undefined;
  const digits = name.slice(0, 20);
  return /^\d{20}$/.test(digits) ? Number(digits) : undefined;
}
