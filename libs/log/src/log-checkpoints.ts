import { join } from 'node:path';
import {
  CLEANER_FILE,
  HIGH_WATERMARK_FILE,
  LOG_START_FILE,
  RECOVERY_POINT_FILE,
} from './checkpoint-files.ts';
import type { DataFolders } from './data-folders.ts';
import type { PartitionLog } from './partition-log.ts';

/** The checkpoint files of all folders: what a start has to know of logs beside their own files. */
export class LogCheckpoints {
  readonly #folders: DataFolders;
  readonly #logs: ReadonlyMap<string, PartitionLog>;
  readonly #cleanedUpTo: (name: string) => number;
  /** As checkpointed: it moves only when all that a recovery rests on is saved. */
  readonly #recoveryPoints = new Map<string, number>();
  /** The files may name logs that are no more. */
  #isStale = true;
  #writing: Promise<void> | undefined;

  constructor(
    folders: DataFolders,
    logs: ReadonlyMap<string, PartitionLog>,
    cleanedUpTo: (name: string) => number,
  ) {
    this.#folders = folders;
    this.#logs = logs;
    this.#cleanedUpTo = cleanedUpTo;
  }

  recoveryPointOf(name: string): number {
    return this.#recoveryPoints.get(name) ?? 0;
  }

  setRecoveryPoint(name: string, offset: number): void {
    this.#recoveryPoints.set(name, offset);
  }

  /** The log is deleted or set aside, or has moved. */
  forget(name: string): void {
    this.#recoveryPoints.delete(name);
    this.#isStale = true;
  }

  /**
   * What the files say of a deleted log must be gone before its name is used again: its log start
   * would hide the records of the new one.
   */
  async forgetDeleted(): Promise<void> {
    if (!this.#isStale && this.#writing === undefined) return;
    this.#writing ??= this.writeAll().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  async writeAll(): Promise<void> {
    this.#isStale = false;
    try {
      await this.writeRecoveryPoints();
      await this.writeHighWatermarks();
      await this.writeLogStarts();
      await this.writeCleaned();
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }

  writeRecoveryPoints(): Promise<void> {
    return this.#write(RECOVERY_POINT_FILE, ({ name }) => this.recoveryPointOf(name));
  }

  /** Durable log starts, for an answer to DeleteRecords. */
  writeLogStarts(): Promise<void> {
    return this.#write(LOG_START_FILE, (log) => log.logStartOffset);
  }

  writeHighWatermarks(): Promise<void> {
    return this.#write(HIGH_WATERMARK_FILE, (log) => log.highWatermark);
  }

  writeCleaned(): Promise<void> {
    return this.#write(CLEANER_FILE, ({ name }) => this.#cleanedUpTo(name));
  }

  /** After a clean stop all that is written needs no recovery. */
  async writeClosed(): Promise<void> {
    await this.#write(RECOVERY_POINT_FILE, (log) => log.recoveryPoint);
    await this.writeHighWatermarks();
    await this.writeLogStarts();
  }

  async #write(file: string, offsetOf: (log: PartitionLog) => number): Promise<void> {
    for (const folder of this.#folders.online) {
      const offsets = new Map<string, number>();
      for (const [name, log] of this.#logs) {
        if (log.folder === join(folder.path, name)) offsets.set(name, offsetOf(log));
      }
      await this.#folders.guard(folder, () => folder.writeCheckpoint(file, offsets));
    }
  }
}
