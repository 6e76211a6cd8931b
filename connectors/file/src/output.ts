import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@millrace/foundation';
import { errnoOf, fileFault } from './errors.ts';

/** Where lines go to. */
export interface Output {
  /** Whole lines, or none of them. @throws MillraceError */
  append(lines: Buffer): Promise<void>;
  /** What was appended survives a power cut. @throws MillraceError */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const TAIL_BLOCK_BYTES = 64 * 1024;
const NEWLINE = 10;

/**
 * A file of whole lines. What a crash left of a line is cut off before anything is appended: its record was not
 * committed and comes again. So that nothing is ever destroyed, the piece is kept in `<file>.torn`.
 */
export class FileOutput implements Output {
  readonly #file: string;
  readonly #log: Logger;
  #handle: FileHandle | undefined;
  #inode = 0;
  /** The end of the last whole line. */
  #bytes = 0;
  #isDirty = false;

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  async append(lines: Buffer): Promise<void> {
    const handle = this.#handle ?? (await this.open());
    this.#isDirty = true;
    try {
      await writeFully(handle, lines);
      this.#bytes += lines.length;
    } catch (error) {
      // A full disk takes a part: the part goes, and the same records come again.
      await handle.truncate(this.#bytes).catch(() => this.close());
      throw fileFault('append to', this.#file, error);
    }
  }

  async sync(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    try {
      if (this.#isDirty) await handle.datasync();
      this.#isDirty = false;
      await this.#followRotation();
    } catch (error) {
      throw fileFault('sync', this.#file, error);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => undefined); // nothing is left to lose: sync has reported what was
  }

  /** Opens or creates the file and mends its end. @throws MillraceError */
  async open(): Promise<FileHandle> {
    try {
      const isNew = (await statOrAbsent(this.#file)) === undefined;
      const handle = await open(this.#file, 'a+');
      this.#handle = handle;
      const stats = await handle.stat();
      this.#inode = stats.ino;
      this.#bytes = stats.isFile() ? await this.#wholeBytes(handle, stats.size) : 0;
      if (isNew) await syncFolder(dirname(this.#file));
      return handle;
    } catch (error) {
      await this.close();
      throw fileFault('open', this.#file, error);
    }
  }

  /** Renamed or removed by a log rotation: the next lines go to a new file of the name. */
  async #followRotation(): Promise<void> {
    const named = await statOrAbsent(this.#file);
    if (named?.ino !== this.#inode) await this.close();
  }

  async #wholeBytes(handle: FileHandle, bytes: number): Promise<number> {
    const whole = await lastLineEnd(handle, bytes);
    if (whole === bytes) return bytes;
    const torn = Buffer.alloc(bytes - whole);
    await handle.read(torn, 0, torn.length, whole);
    const kept = await open(`${this.#file}.torn`, 'a');
    try {
      await writeFully(kept, Buffer.concat([torn, Buffer.from('\n')]));
      await kept.datasync();
    } finally {
      await kept.close();
    }
    await handle.truncate(whole);
    this.#log.warn(
      { file: this.#file, bytes: torn.length, keptIn: `${this.#file}.torn` },
      'the file ended within a line; the piece was cut off, as its record is delivered again',
    );
    return whole;
  }
}

export class StandardOutput implements Output {
  append(lines: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(lines, (error) => {
        if (error) reject(fileFault('write to', 'standard output', error));
        else resolve();
      });
    });
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The position behind the last line end, read backwards; 0 if there is none. */
async function lastLineEnd(handle: FileHandle, bytes: number): Promise<number> {
  const block = Buffer.alloc(TAIL_BLOCK_BYTES);
  for (let end = bytes; end > 0;) {
    const start = Math.max(0, end - TAIL_BLOCK_BYTES);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const at = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

async function writeFully(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}

async function statOrAbsent(path: string): Promise<{ readonly ino: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Without it, a new file may be gone after a power cut though its content was synced (INV-7). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
