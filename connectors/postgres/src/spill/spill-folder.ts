import { mkdir, open, readdir, rm, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { spillFailed } from '../errors.ts';

const SUFFIX = '.spill';

/**
 * Where files for transactions in progress are made. A file has no name any more once it is open, so that it goes with
 * the process, however that ends; a name is left only by a crash in the moment between, and removed by `clean`.
 */
export class SpillFolder {
  readonly path: string;
  readonly #prefix: string;
  #count = 0;

  /** @param owner whose files they are: nobody else's are removed */
  constructor(path: string, owner: string) {
    this.path = path;
    this.#prefix = `${owner.replaceAll(/[^A-Za-z0-9_-]/g, '_')}-`;
  }

  /** Removes what a crash left. */
  async clean(): Promise<void> {
    const names = await readdir(this.path).catch(() => []); // not made yet
    const left = names.filter((name) => name.startsWith(this.#prefix) && name.endsWith(SUFFIX));
    await Promise.all(left.map((name) => rm(join(this.path, name), { force: true })));
  }

  /** @throws MillraceError `postgres.spill_failed` */
  async open(): Promise<FileHandle> {
    const path = join(this.path, `${this.#prefix}${process.pid}-${++this.#count}${SUFFIX}`);
    try {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
      const file = await open(path, 'wx+', 0o600);
      await unlink(path).catch(() => undefined); // where an open file keeps its name, `clean` removes it
      return file;
    } catch (error) {
      throw spillFailed(this.path, error);
    }
  }
}
