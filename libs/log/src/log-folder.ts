import type { Logger, Random } from '@millrace/foundation';
import { describeError, MillraceError } from '@millrace/foundation';
import { join, resolve } from 'node:path';
import {
  readOffsetCheckpoint,
  writeOffsetCheckpoint,
  type OffsetCheckpoint,
} from './checkpoint-files.ts';
import { CLEAN_STOP_FILE, readCleanStop, writeCleanStop, type CleanStop } from './clean-stop.ts';
import type { Disk, DiskLock, DiskSpace } from './disk.ts';
import { folderLocked } from './errors.ts';
import type { LogSummary } from './log-summary.ts';
import { ensureMeta, META_FILE, type ExpectedMeta } from './meta-properties.ts';
import { SharedSync } from './shared-sync.ts';

const LOCK_FILE = '.lock';
const EMPTY: OffsetCheckpoint = new Map();

/** One of Kafka's `log.dirs`: locked, with its checkpoint files; offline once its disk has failed. */
export class LogFolder {
  readonly path: string;
  readonly #disk: Disk;
  readonly #log: Logger;
  readonly #names: SharedSync;
  #lock: Extract<DiskLock, { kind: 'locked' }> | undefined;
  /** Kafka's `directory.id`; empty when the folder could not be opened. */
  directoryId = '';
  clusterId: string | undefined;
  /** What the last process left when it stopped cleanly. */
  cleanStop: CleanStop | undefined;
  #failure: unknown = undefined;
  /** What the checkpoint files hold, so that an idle broker doesn't write them again and again. */
  readonly #written = new Map<string, string>();

  constructor(path: string, disk: Disk, log: Logger) {
    this.path = resolve(path);
    this.#disk = disk;
    this.#log = log;
    this.#names = new SharedSync(disk, this.path);
  }

  get isOffline(): boolean {
    return this.#failure !== undefined;
  }

  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Locks the folder and checks, or writes, its `meta.properties`. A disk that fails takes the folder offline; a folder
   * in use or of another cluster or node is the operator's mistake and throws.
   */
  async open(expected: ExpectedMeta, random: Random): Promise<void> {
    try {
      await this.#disk.makeFolder(this.path);
      const lock = await this.#disk.lock(join(this.path, LOCK_FILE));
      if (lock.kind === 'held') throw folderLocked(this.path, lock.pid);
      this.#lock = lock;
      const meta = await ensureMeta(this.#disk, this.path, expected, random);
      this.directoryId = meta.directoryId;
      this.clusterId = meta.clusterId;
      this.cleanStop = await readCleanStop(this.#disk, this.path);
      await this.#disk.list(this.path);
    } catch (error) {
      await this.release();
      if (error instanceof MillraceError && error.code !== 'log.damaged_file') throw error;
      this.fail(error);
    }
  }

  /** Takes the folder out of service. Answers whether it was in service. */
  fail(cause: unknown): boolean {
    if (this.isOffline) return false;
    this.#failure = cause ?? new Error('unknown');
    this.#log.error(
      { folder: this.path, err: cause },
      'a data folder failed; its partitions are offline until a restart, others go on',
    );
    return true;
  }

  /** Whether the folder is still what was opened: a volume that is gone leaves an empty mount point. */
  async isThere(): Promise<boolean> {
    try {
      return (await this.#disk.readWhole(join(this.path, META_FILE))) !== undefined;
    } catch {
      return false; // the disk says so itself
    }
  }

  /** Folders that were made or renamed in it are durable from here on. */
  syncNames(): Promise<void> {
    return this.#names.sync();
  }

  async space(): Promise<DiskSpace | undefined> {
    return this.isOffline ? undefined : this.#disk.space(this.path);
  }

  async readCheckpoint(file: string): Promise<OffsetCheckpoint> {
    return (await readOffsetCheckpoint(this.#disk, this.path, file)) ?? EMPTY;
  }

  async writeCheckpoint(file: string, offsets: OffsetCheckpoint): Promise<void> {
    const content = JSON.stringify([...offsets]);
    if (this.#written.get(file) === content) return;
    await writeOffsetCheckpoint(this.#disk, this.path, file, offsets);
    this.#written.set(file, content);
  }

  /** From here on a stop is unclean until `markClean`. */
  async unmarkClean(): Promise<void> {
    if (this.cleanStop === undefined) return;
    await this.#disk.remove(join(this.path, CLEAN_STOP_FILE));
    await this.#disk.syncFolder(this.path);
  }

  async markClean(logs: readonly LogSummary[], random: Random): Promise<boolean> {
    try {
      await writeCleanStop(this.#disk, this.path, logs, random);
      return true;
    } catch (error) {
      const fields = { folder: this.path, reason: describeError(error) };
      this.#log.warn(fields, 'no mark of a clean stop could be left; the next start recovers');
      return false;
    }
  }

  async release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    // The folder may be gone, with its lock.
    await lock?.release().catch(() => undefined);
  }
}
