import type { Clock, Logger } from '@millrace/foundation';
import { repeat } from './background.ts';
import { ClockWatch } from './clock-watch.ts';
import type { DataFolders } from './data-folders.ts';
import type { Disk } from './disk.ts';
import { isDiskFailure } from './errors.ts';
import type { LogCheckpoints } from './log-checkpoints.ts';
import type { LogCleaner } from './log-cleaner.ts';
import type { CleanerSettings, LogManagerIntervals } from './manager-options.ts';
import type { PartitionLog } from './partition-log.ts';

export interface LogRoundsOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly logs: () => Iterable<PartitionLog>;
  readonly folders: DataFolders;
  readonly checkpoints: LogCheckpoints;
  readonly cleaner: LogCleaner;
  readonly intervals: LogManagerIntervals;
  /** As they are now. */
  readonly cleanerSettings: () => CleanerSettings;
}

/** The work in the background that goes over all logs again and again. */
export class LogRounds {
  readonly #options: LogRoundsOptions;
  readonly #clockWatch: ClockWatch;
  #deletedFolders: { readonly path: string; readonly dueMs: number }[] = [];

  constructor(options: LogRoundsOptions) {
    this.#options = options;
    this.#clockWatch = new ClockWatch(options.clock);
  }

  /** Until the signal. */
  start(): readonly Promise<void>[] {
    const { intervals, checkpoints, cleaner, cleanerSettings } = this.#options;
    const every = (
      intervalMs: number | (() => number),
      what: string,
      work: () => Promise<void>,
    ): Promise<void> => repeat(intervalMs, what, work, this.#options);
    const running = [
      every(intervals.flushMs, 'flush', () => this.flushDue()),
      every(intervals.retentionMs, 'retention', () => this.enforceRetention()),
      every(intervals.checkpointMs, 'checkpoint', () => this.checkpoint()),
      every(intervals.startCheckpointMs, 'log start', () => checkpoints.writeLogStarts()),
      every(intervals.highWatermarkMs, 'high watermark', () => checkpoints.writeHighWatermarks()),
      every(intervals.deleteMs, 'file deletion', () => this.deleteFilesDue()),
    ];
    if (cleanerSettings().isEnabled) {
      running.push(
        every(
          () => cleanerSettings().backoffMs,
          'compaction',
          () => cleaner.compact(),
        ),
      );
    }
    return running;
  }

  async flushDue(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    await this.#forEachLog((log) => log.flushIfDue(nowMs));
  }

  async enforceRetention(): Promise<void> {
    const { isTrusted, jumpMs } = this.#clockWatch.isTrusted();
    if (!isTrusted) {
      if (jumpMs > 0) {
        this.#options.log.warn(
          { jumpMs },
          'the clock has jumped forward; for an hour nothing is deleted by its age',
        );
      }
      return;
    }
    let removed = 0;
    await this.#forEachLog(async (log) => {
      removed += await log.enforceRetention();
    });
    if (removed > 0) await this.#options.checkpoints.writeLogStarts();
  }

  /** The folder of a deleted log goes with everything in it after the delay. */
  deleteFolderLater(path: string, delayMs: number): void {
    this.#deletedFolders.push({ path, dueMs: this.#options.clock.monotonicMs() + delayMs });
  }

  async deleteFilesDue(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    await this.#forEachLog((log) => log.deleteFilesDue(nowMs));
    const due = this.#deletedFolders.filter((folder) => folder.dueMs <= nowMs);
    this.#deletedFolders = this.#deletedFolders.filter((folder) => folder.dueMs > nowMs);
    for (const { path } of due) await this.#options.disk.removeFolder(path);
  }

  async checkpoint(): Promise<void> {
    const { checkpoints } = this.#options;
    await this.#forEachLog(async (log) => {
      const recoveryPoint = await log.checkpoint();
      if (recoveryPoint !== undefined) checkpoints.setRecoveryPoint(log.name, recoveryPoint);
    });
    await checkpoints.writeRecoveryPoints();
    await checkpoints.writeLogStarts();
  }

  /** One after the other: background work must not crowd the appends out of the thread pool. */
  async #forEachLog(work: (log: PartitionLog) => Promise<void>): Promise<void> {
    for (const log of [...this.#options.logs()]) {
      if (log.isOffline) continue;
      try {
        await work(log);
      } catch (error) {
        this.#noteFailure(log, error);
      }
    }
  }

  #noteFailure(log: PartitionLog, error: unknown): void {
    if (log.isOffline) return; // told of when it went
    const { folders, log: logger } = this.#options;
    const folder = folders.folderOf(log);
    if (folder !== undefined && isDiskFailure(error)) {
      folders.fail(folder, error);
      return;
    }
    const fields = { topic: log.topic, partition: log.partition, err: error };
    logger.warn(fields, 'background work on a log failed; it is tried again');
  }
}
