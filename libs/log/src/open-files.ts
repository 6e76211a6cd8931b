import type { Disk, DiskFile } from './disk.ts';

/** A file that may or may not be open right now. */
export class PooledFile {
  path: string;
  /** Written since the last sync: its descriptor is not closed before a sync, whose error would be lost. */
  isDirty = false;
  handle: DiskFile | undefined;
  opening: Promise<DiskFile> | undefined;
  userCount = 0;
  isClosing = false;
  /** Told when a sync before closing failed: what was written to the file may be gone. */
  readonly onSyncFailed: (error: unknown) => void;

  constructor(path: string, onSyncFailed: (error: unknown) => void) {
    this.path = path;
    this.onSyncFailed = onSyncFailed;
  }
}

/** Opens files when they are used and closes those unused for longest, so that descriptors are bounded (INV-6). */
export class OpenFiles {
  readonly #disk: Disk;
  readonly #filesMax: number;
  /** In the order of last use. */
  readonly #open = new Set<PooledFile>();

  constructor(disk: Disk, filesMax: number) {
    this.#disk = disk;
    this.#filesMax = filesMax;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Runs `work` with the file open; it stays open meanwhile. */
  async use<T>(file: PooledFile, work: (handle: DiskFile) => Promise<T>): Promise<T> {
    file.userCount += 1;
    try {
      return await work(file.handle ?? (await this.#opened(file)));
    } finally {
      file.userCount -= 1;
      if (file.isClosing && file.userCount === 0) await this.#close(file);
      else if (file.handle !== undefined) this.#touch(file);
      if (this.#open.size > this.#filesMax) await this.#closeIdle();
    }
  }

  /** Closes the file, or lets its last user do so. It opens again when it is used again. */
  async close(file: PooledFile): Promise<void> {
    if (file.userCount > 0) file.isClosing = true;
    else await this.#close(file);
  }

  #opened(file: PooledFile): Promise<DiskFile> {
    file.opening ??= this.#disk.open(file.path, 'existing').then(
      (handle) => {
        file.handle = handle;
        file.opening = undefined;
        this.#open.add(file);
        return handle;
      },
      (error: unknown) => {
        file.opening = undefined;
        throw error;
      },
    );
    return file.opening;
  }

  #touch(file: PooledFile): void {
    this.#open.delete(file);
    this.#open.add(file);
  }

  async #close(file: PooledFile): Promise<void> {
    file.isClosing = false;
    const handle = file.handle;
    file.handle = undefined;
    this.#open.delete(file);
    await handle?.close();
  }

  /** Clean files first; dirty ones only when they alone are too many, since a sync is slow. */
  async #closeIdle(): Promise<void> {
    for (const file of this.#open) {
      if (this.#open.size <= this.#filesMax) return;
      if (file.userCount === 0 && !file.isDirty) await this.#close(file);
    }
    for (const file of this.#open) {
      if (this.#open.size <= this.#filesMax * 2) return;
      if (file.userCount === 0) await this.#syncAndClose(file);
    }
  }

  async #syncAndClose(file: PooledFile): Promise<void> {
    file.userCount += 1;
    try {
      await file.handle?.sync();
      file.isDirty = false;
    } catch (error) {
      file.onSyncFailed(error);
    } finally {
      file.userCount -= 1;
    }
    await this.#close(file);
  }
}
