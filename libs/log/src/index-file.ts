import type { Disk } from './disk.ts';

/** Makes an empty file. Answers whether one with something in it was there: that may come back after a loss of power. */
export async function createEmptyFile(disk: Disk, path: string): Promise<boolean> {
  const file = await disk.open(path, 'create');
  try {
    if ((await file.size()) === 0) return false;
    await file.truncate(0);
    return true;
  } finally {
    await file.close();
  }
}

/** Entries of an index from byte `at` on, which end the file. */
export async function writeEntries(
  disk: Disk,
  path: string,
  entries: { readonly at: number; readonly bytes: Uint8Array },
  isDurable: boolean,
): Promise<void> {
  const { at, bytes } = entries;
  const file = await disk.open(path, 'create');
  try {
    if (bytes.byteLength > 0) await file.write(at, [bytes]);
    await file.truncate(at + bytes.byteLength);
    if (isDurable) await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes durable what was written to a file that is closed by now. */
export async function syncFile(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path, 'existing');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
