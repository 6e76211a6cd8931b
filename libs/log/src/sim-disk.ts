import type { Random } from '@millrace/foundation';
import { basename, dirname, join } from 'node:path';
import type { Disk, DiskEntry, DiskFile, DiskLock, DiskSpace } from './disk.ts';

export interface SimOperation {
  readonly kind:
    | 'open'
    | 'read'
    | 'stat'
    | 'write'
    | 'sync'
    | 'truncate'
    | 'rename'
    | 'remove'
    | 'syncFolder'
    | 'makeFolder';
  readonly path: string;
}

interface Inode {
  bytes: Uint8Array;
  size: number;
  /** What is on the platter. */
  durable: Uint8Array;
  path: string;
}

/**
 * A disk in memory for tests, as unkind as POSIX allows: what was not synced, names of files
 * included, is gone after `crash`, or, with a generator, partly gone.
 */
export class SimDisk implements Disk {
  /** Asked before each operation; an error that it answers is what the operation fails with. */
  fault: (operation: SimOperation) => Error | undefined = () => undefined;
  /** Bytes of all files; writes beyond it store what fits and fail with ENOSPC. */
  capacityBytes = Infinity;
  #files = new Map<string, Inode>();
  #durableFiles = new Map<string, Inode>();
  #folders = new Set<string>(['/']);
  #durableFolders = new Set<string>(['/']);
  /** Renames of folders that are not durable yet: what is in such a folder goes with it. */
  #folderRenames: { readonly from: string; readonly to: string }[] = [];
  readonly #locks = new Set<string>();
  #life = 0;

  get usedBytes(): number {
    let bytes = 0;
    for (const inode of this.#files.values()) bytes += inode.size;
    return bytes;
  }

  /** The disk as one process sees it: after `crash` or `kill` all that the process still tries fails. */
  forProcess(): Disk {
    const life = this.#life;
    return {
      open: (path, mode) => this.open(path, mode, life),
      readWhole: (path) => this.readWhole(path, life),
      list: (folder) => this.list(folder, life),
      sizeOf: (path) => this.sizeOf(path, life),
      space: (folder) => this.space(folder, life),
      rename: (from, to) => this.rename(from, to, life),
      remove: (path) => this.remove(path, life),
      makeFolder: (path) => this.makeFolder(path, life),
      removeFolder: (path) => this.removeFolder(path, life),
      syncFolder: (path) => this.syncFolder(path, life),
      lock: (path) => this.lock(path, life),
    };
  }

  /** The power goes: only what was synced is left. `random` decides what else has reached the disk by itself. */
  crash(random?: Random): void {
    this.#life += 1;
    this.#locks.clear();
    if (random !== undefined) this.#keepSome(random);
    this.#files = new Map(this.#durableFiles);
    this.#folders = new Set(this.#durableFolders);
    for (const [path] of this.#files) {
      if (!this.#folders.has(dirname(path))) this.#files.delete(path);
    }
    for (const inode of this.#files.values()) {
      inode.bytes = inode.durable.slice();
      inode.size = inode.durable.byteLength;
    }
    this.#durableFiles = new Map(this.#files);
    this.#folderRenames = [];
  }

  /** The process is killed, the machine stays: all that was written is still there. */
  kill(): void {
    this.#life += 1;
    this.#locks.clear();
  }

  /** The content of a file now, to look at or to damage. */
  contentOf(path: string): Uint8Array | undefined {
    const inode = this.#files.get(path);
    return inode?.bytes.subarray(0, inode.size);
  }

  paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  async open(path: string, mode: 'create' | 'existing', life = this.#life): Promise<DiskFile> {
    await this.#enter({ kind: 'open', path }, life);
    let inode = this.#files.get(path);
    if (inode === undefined) {
      if (mode === 'existing' || !this.#folders.has(dirname(path))) throw failure('ENOENT', path);
      inode = { bytes: new Uint8Array(0), size: 0, durable: new Uint8Array(0), path };
      this.#files.set(path, inode);
    }
    return new SimFile(this, inode, (operation) => this.#enter(operation, life));
  }

  async readWhole(path: string, life = this.#life): Promise<Uint8Array | undefined> {
    await this.#enter({ kind: 'read', path }, life);
    return this.contentOf(path)?.slice();
  }

  async list(folder: string, life = this.#life): Promise<readonly DiskEntry[]> {
    await this.#enter({ kind: 'read', path: folder }, life);
    const entries: DiskEntry[] = [];
    for (const path of this.#files.keys()) {
      if (dirname(path) !== folder) continue;
      entries.push({ name: basename(path), isFolder: false });
    }
    for (const path of this.#folders) {
      if (path === folder || dirname(path) !== folder) continue;
      entries.push({ name: basename(path), isFolder: true });
    }
    return entries;
  }

  async sizeOf(path: string, life = this.#life): Promise<number | undefined> {
    await this.#enter({ kind: 'stat', path }, life);
    return this.#files.get(path)?.size;
  }

  async space(folder: string, life = this.#life): Promise<DiskSpace> {
    await this.#enter({ kind: 'stat', path: folder }, life);
    const totalBytes = Math.min(this.capacityBytes, Number.MAX_SAFE_INTEGER);
    return { totalBytes, usableBytes: Math.max(0, totalBytes - this.usedBytes) };
  }

  async rename(from: string, to: string, life = this.#life): Promise<void> {
    await this.#enter({ kind: 'rename', path: from }, life);
    const inode = this.#files.get(from);
    if (inode !== undefined) {
      this.#files.delete(from);
      this.#files.set(to, inode);
      inode.path = to;
      return;
    }
    if (!this.#folders.has(from)) throw failure('ENOENT', from);
    this.#folderRenames.push({ from, to });
    for (const path of [...this.#folders]) {
      if (path !== from && !path.startsWith(join(from, '/'))) continue;
      this.#folders.delete(path);
      this.#folders.add(to + path.slice(from.length));
    }
    for (const [path, moved] of [...this.#files]) {
      if (!path.startsWith(join(from, '/'))) continue;
      this.#files.delete(path);
      moved.path = to + path.slice(from.length);
      this.#files.set(moved.path, moved);
    }
  }

  async remove(path: string, life = this.#life): Promise<void> {
    await this.#enter({ kind: 'remove', path }, life);
    this.#files.delete(path);
  }

  async makeFolder(path: string, life = this.#life): Promise<void> {
    await this.#enter({ kind: 'makeFolder', path }, life);
    for (let folder = path; !this.#folders.has(folder); folder = dirname(folder)) {
      this.#folders.add(folder);
    }
  }

  async removeFolder(path: string, life = this.#life): Promise<void> {
    await this.#enter({ kind: 'remove', path }, life);
    for (const folder of [...this.#folders]) {
      if (folder === path || folder.startsWith(join(path, '/'))) this.#folders.delete(folder);
    }
    for (const file of [...this.#files.keys()]) {
      if (file.startsWith(join(path, '/'))) this.#files.delete(file);
    }
  }

  async syncFolder(path: string, life = this.#life): Promise<void> {
    await this.#enter({ kind: 'syncFolder', path }, life);
    this.#durableFolders.add(path);
    this.#makeRenamesDurable(path);
    copyChildren(path, this.#files, this.#durableFiles);
    for (const folder of [...this.#durableFolders]) {
      if (folder !== path && dirname(folder) === path) this.#durableFolders.delete(folder);
    }
    for (const folder of this.#folders) {
      if (dirname(folder) === path) this.#durableFolders.add(folder);
    }
  }

  async lock(path: string, life = this.#life): Promise<DiskLock> {
    await this.#enter({ kind: 'open', path }, life);
    if (this.#locks.has(path)) return { kind: 'held', pid: 0 };
    this.#locks.add(path);
    return {
      kind: 'locked',
      release: () => {
        if (life === this.#life) this.#locks.delete(path);
        return Promise.resolve();
      },
    };
  }

  #makeRenamesDurable(parent: string): void {
    for (const { from, to } of this.#folderRenames) {
      if (dirname(from) !== parent && dirname(to) !== parent) continue;
      for (const [path, inode] of [...this.#durableFiles]) {
        if (!path.startsWith(join(from, '/'))) continue;
        this.#durableFiles.delete(path);
        this.#durableFiles.set(to + path.slice(from.length), inode);
      }
      for (const path of [...this.#durableFolders]) {
        if (path !== from && !path.startsWith(join(from, '/'))) continue;
        this.#durableFolders.delete(path);
        this.#durableFolders.add(to + path.slice(from.length));
      }
    }
    this.#folderRenames = this.#folderRenames.filter(
      ({ from, to }) => dirname(from) !== parent && dirname(to) !== parent,
    );
  }

  /** Every operation takes a turn of the loop, as on a real disk, so that others come between. */
  async #enter(operation: SimOperation, life: number): Promise<void> {
    const error = life === this.#life ? this.fault(operation) : undefined;
    await new Promise((resolve) => setImmediate(resolve));
    // What a killed process had under way when it died must not reach the disk of its next life.
    if (life !== this.#life) throw failure('EIO', operation.path);
    if (error !== undefined) throw error;
  }

  /** Some unsynced names and some beginnings of unsynced bytes have reached the disk anyway. */
  #keepSome(random: Random): void {
    for (const folder of this.#folders) {
      if (random.nextInt(2) === 0) this.#durableFolders.add(folder);
    }
    for (const [path, inode] of this.#files) {
      if (random.nextInt(2) === 0) this.#durableFiles.set(path, inode);
      const unsynced = inode.size - inode.durable.byteLength;
      if (unsynced <= 0 || random.nextInt(2) === 0) continue;
      const size = inode.durable.byteLength + random.nextInt(unsynced + 1);
      const kept = inode.bytes.slice(0, size);
      kept.set(inode.durable);
      // The length can reach the disk before the bytes: then there are zeros.
      if (random.nextInt(3) === 0)
        kept.fill(0, size - random.nextInt(size - inode.durable.byteLength + 1));
      inode.durable = kept;
    }
  }
}

class SimFile implements DiskFile {
  readonly #disk: SimDisk;
  readonly #inode: Inode;
  readonly #enter: (operation: SimOperation) => Promise<void>;
  #isOpen = true;

  constructor(disk: SimDisk, inode: Inode, enter: (operation: SimOperation) => Promise<void>) {
    this.#disk = disk;
    this.#inode = inode;
    this.#enter = enter;
  }

  async write(position: number, slices: readonly Uint8Array[]): Promise<void> {
    await this.#begin('write');
    let at = position;
    for (const slice of slices) {
      const room = this.#disk.capacityBytes - this.#disk.usedBytes + this.#inode.size - at;
      const part = slice.subarray(0, Math.max(0, Math.min(slice.byteLength, room)));
      this.#store(at, part);
      at += part.byteLength;
      if (part.byteLength < slice.byteLength) throw failure('ENOSPC', this.#inode.path);
    }
  }

  async read(position: number, into: Uint8Array): Promise<number> {
    await this.#begin('read');
    const count = Math.max(0, Math.min(into.byteLength, this.#inode.size - position));
    into.set(this.#inode.bytes.subarray(position, position + count));
    return count;
  }

  async sync(): Promise<void> {
    await this.#begin('sync');
    this.#inode.durable = this.#inode.bytes.slice(0, this.#inode.size);
  }

  async truncate(bytes: number): Promise<void> {
    await this.#begin('truncate');
    if (bytes > this.#inode.size)
      this.#store(this.#inode.size, new Uint8Array(bytes - this.#inode.size));
    this.#inode.bytes.fill(0, bytes);
    this.#inode.size = bytes;
  }

  async size(): Promise<number> {
    await this.#begin('read');
    return this.#inode.size;
  }

  close(): Promise<void> {
    this.#isOpen = false;
    return Promise.resolve();
  }

  #store(at: number, part: Uint8Array): void {
    const inode = this.#inode;
    const end = at + part.byteLength;
    if (end > inode.bytes.byteLength) {
      const grown = new Uint8Array(Math.max(end, inode.bytes.byteLength * 2));
      grown.set(inode.bytes);
      inode.bytes = grown;
    }
    inode.bytes.set(part, at);
    inode.size = Math.max(inode.size, end);
  }

  async #begin(kind: SimOperation['kind']): Promise<void> {
    if (!this.#isOpen) throw failure('EBADF', this.#inode.path);
    await this.#enter({ kind, path: this.#inode.path });
  }
}

function copyChildren(folder: string, from: Map<string, Inode>, to: Map<string, Inode>): void {
  for (const path of [...to.keys()]) if (dirname(path) === folder) to.delete(path);
  for (const [path, inode] of from) if (dirname(path) === folder) to.set(path, inode);
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, "${path}"`), { code });
}
