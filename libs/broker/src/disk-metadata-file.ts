import { dirname } from 'node:path';
import type { Disk } from '@millrace/log';
import type { MetadataFile } from './metadata/file-metadata-log.ts';

/** One small file on a disk, replaced atomically. */
export class DiskMetadataFile implements MetadataFile {
  readonly path: string;
  readonly #disk: Disk;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.path = path;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#disk.readWhole(this.path);
  }

  /** INV-4: temp, fsync, rename, fsync of the folder. */
  async replace(content: string): Promise<void> {
    const temporary = `${this.path}.tmp`;
    const file = await this.#disk.open(temporary, 'create');
    try {
      await file.truncate(0);
      await file.write(0, [Buffer.from(content)]);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#disk.rename(temporary, this.path);
    await this.#disk.syncFolder(dirname(this.path));
  }
}
