import * as fs from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { systemClock, type Clock } from '@millrace/foundation';
import { BriefReads, PIECE_BYTES, type FileReads } from './brief-reads.ts';
import { BriefWrites } from './brief-writes.ts';
import type { Disk, DiskEntry, DiskFile, DiskLock, DiskSpace } from './disk.ts';
import { errnoOf } from './errno.ts';
import { lockFile } from './folder-lock.ts';
import { runnableTime, ThreadWaits } from './thread-waits.ts';

/** Slices that one `writev` takes (IOV_MAX on Linux). */
const SLICES_MAX = 1024;

export interface FileDiskOptions {
  /** Writes up to this size may be done on the event loop; 64 KB when absent, none with 0. */
  readonly writeInPlaceBytesMax?: number;
  /** What the event loop may read from the page cache in one of its turns; 4 MB when absent, nothing with 0. */
  readonly readInPlaceBytesMax?: number;
  readonly clock?: Clock;
}

/**
 * The real file system. All calls run in libuv's pool but short writes, as `BriefWrites` allows, and reads from the
 * page cache, as `BriefReads` does.
 */
export class FileDisk implements Disk {
  readonly #brief: BriefWrites;
  readonly #reads: BriefReads;

  constructor({
    writeInPlaceBytesMax = 64 * 1024,
    readInPlaceBytesMax = 4 * 1024 * 1024,
    clock = systemClock,
  }: FileDiskOptions = {}) {
    const onNextTurn = (callback: () => void): void => void setImmediate(callback);
    const waits = new ThreadWaits({ clock, runnableMs: runnableTime(), onNextTurn });
    this.#brief = new BriefWrites(writeInPlaceBytesMax, clock, waits);
    this.#reads = new BriefReads({
      turnBytesMax: readInPlaceBytesMax,
      clock,
      waits,
      countDiskReads: () => process.resourceUsage().fsRead,
      onNextTurn,
    });
  }

  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile> {
    const flags = fs.constants.O_RDWR | (mode === 'create' ? fs.constants.O_CREAT : 0);
    return new Promise((resolve, reject) => {
      fs.open(path, flags, 0o644, (error, fd) => {
        if (error === null) resolve(new OpenFile(fd, this.#brief, this.#reads.ofFile()));
        else reject(error);
      });
    });
  }

  readWhole(path: string): Promise<Uint8Array | undefined> {
    // The form with a callback costs half as much, and a start reads thousands of small files.
    return new Promise((resolve, reject) => {
      fs.readFile(path, (error, bytes) => {
        if (error === null) resolve(bytes);
        else if (isMissing(error)) resolve(undefined);
        else reject(error);
      });
    });
  }

  async list(folder: string): Promise<readonly DiskEntry[]> {
    let entries: fs.Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  }

  async sizeOf(path: string): Promise<number | undefined> {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async space(folder: string): Promise<DiskSpace> {
    const { bsize, blocks, bavail } = await statfs(folder);
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  remove(path: string): Promise<void> {
    return rm(path, { force: true });
  }

  async makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true });
  }

  removeFolder(path: string): Promise<void> {
    return rm(path, { force: true, recursive: true });
  }

  async syncFolder(path: string): Promise<void> {
    const fd = await new Promise<number>((resolve, reject) => {
      fs.open(path, fs.constants.O_RDONLY, (error, opened) => {
        if (error === null) resolve(opened);
        else reject(error);
      });
    });
    try {
      await settle((done) => fs.fsync(fd, done));
    } finally {
      await settle((done) => fs.close(fd, done));
    }
  }

  lock(path: string): Promise<DiskLock> {
    return lockFile(path);
  }
}

/** Callbacks on a bare descriptor: a `FileHandle` costs twice as much a call. */
class OpenFile implements DiskFile {
  readonly #fd: number;
  readonly #brief: BriefWrites;
  readonly #reads: FileReads;

  constructor(fd: number, brief: BriefWrites, reads: FileReads) {
    this.#fd = fd;
    this.#brief = brief;
    this.#reads = reads;
  }

  async write(position: number, slices: readonly Uint8Array[]): Promise<void> {
    if (slices.length > SLICES_MAX) {
      let at = position;
      for (let from = 0; from < slices.length; from += SLICES_MAX) {
        const part = slices.slice(from, from + SLICES_MAX);
        await this.write(at, part);
        at += countBytes(part);
      }
      return;
    }
    let rest = slices;
    let at = position;
    for (let left = countBytes(slices); left > 0;) {
      const written = this.#brief.allows(left)
        ? this.#brief.run(() => fs.writevSync(this.#fd, rest, at))
        : await writeSome(this.#fd, rest, at);
      // A disk that takes nothing and says nothing would make this an endless loop.
      if (written === 0) throw Object.assign(new Error('the disk took no bytes'), { code: 'EIO' });
      left -= written;
      at += written;
      if (left > 0) rest = dropBytes(rest, written);
    }
  }

  async read(position: number, into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.byteLength) {
      const count = await this.#readPart(position + filled, into, filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  #readPart(position: number, into: Uint8Array, at: number): number | Promise<number> {
    const bytes = Math.min(PIECE_BYTES, into.byteLength - at);
    return this.#reads.allows(bytes)
      ? this.#reads.run(bytes, () => fs.readSync(this.#fd, into, at, bytes, position))
      : this.#reads.beside(() => readSome(this.#fd, into, at, position));
  }

  sync(): Promise<void> {
    return this.#brief.beside(settle((done) => fs.fdatasync(this.#fd, done)));
  }

  truncate(bytes: number): Promise<void> {
    return settle((done) => fs.ftruncate(this.#fd, bytes, done));
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#fd, (error, stats) => {
        if (error === null) resolve(stats.size);
        else reject(error);
      });
    });
  }

  close(): Promise<void> {
    return settle((done) => fs.close(this.#fd, done));
  }
}

function writeSome(fd: number, slices: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, written: number): void => {
      if (error === null) resolve(written);
      else reject(error);
    };
    const [only] = slices;
    if (only !== undefined && slices.length === 1) {
      fs.write(fd, only, 0, only.byteLength, position, done);
    } else {
      fs.writev(fd, slices, position, done);
    }
  });
}

function readSome(fd: number, into: Uint8Array, at: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, into, at, into.byteLength - at, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function settle(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

function countBytes(slices: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const slice of slices) bytes += slice.byteLength;
  return bytes;
}

function dropBytes(slices: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  for (const [index, slice] of slices.entries()) {
    if (left < slice.byteLength) return [slice.subarray(left), ...slices.slice(index + 1)];
    left -= slice.byteLength;
  }
  return [];
}

function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}
