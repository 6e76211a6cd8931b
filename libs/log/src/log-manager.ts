import {
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import { dirname, join } from 'node:path';
import { inParallel, repeat } from './background.ts';
import { ByteBudget } from './byte-budget.ts';
import {
  CLEANER_FILE,
  HIGH_WATERMARK_FILE,
  LOG_START_FILE,
  RECOVERY_POINT_FILE,
} from './checkpoint-files.ts';
import { ClockWatch } from './clock-watch.ts';
import { describeFolder, type FolderDescription } from './describe-folders.ts';
import type { Disk } from './disk.ts';
import { errnoOf } from './errno.ts';
import { allFoldersFailed, folderOffline, isDiskFailure } from './errors.ts';
import { FileDisk } from './file-disk.ts';
import { asideName, writeFileAtomically } from './files.ts';
import { IndexMemory } from './index-memory.ts';
import { LogCleaner, type CleanerFigures } from './log-cleaner.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig } from './log-config.ts';
import { LogFigures, type TimerFigures } from './log-figures.ts';
import { LogFolder } from './log-folder.ts';
import { LogMoves } from './log-moves.ts';
import type { LogSummary } from './log-summary.ts';
import type { LogPorts } from './log-types.ts';
import {
  DEFAULT_CLEANER,
  DEFAULT_INTERVALS,
  DEFAULT_LIMITS,
  type CreateLogOptions,
  type LogManagerIntervals,
  type LogManagerLimits,
  type LogManagerOptions,
} from './manager-options.ts';
import { loadFolder, type FoundLog } from './open-folders.ts';
import { OpenFiles } from './open-files.ts';
import { openPartitionLog } from './open-log.ts';
import type { PartitionLog } from './partition-log.ts';
import { Placements } from './placements.ts';
import { TailCacheBudget } from './tail-cache.ts';
import { Turns } from './turns.ts';

/** Logs closed at the same time. */
const CLOSED_AT_ONCE = 16;
/** Logs recovered at once for each of `num.recovery.threads.per.data.dir`: reads of one overlap the CRCs of another. */
const RECOVERIES_PER_THREAD = 4;

/** Counts of all logs, for metrics under Kafka's names. */
export interface LogManagerFigures {
  readonly flushes: TimerFigures;
  readonly cleaner: CleanerFigures;
  /** Kafka's `OfflineLogDirectoryCount`. */
  readonly offlineFolderCount: number;
  readonly openFileCount: number;
}

/** What became of the wish to have a log in a certain folder. */
export type MoveAnswer = 'moving' | 'there-already' | 'kept-for-later' | 'unknown-folder' | 'offline';

/** All logs of a broker: its data folders, what is shared between the logs, and the work in the background. */
export class LogManager implements AsyncDisposable {
  readonly #options: LogManagerOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Logger;
  readonly #disk: Disk;
  readonly #folders: readonly LogFolder[];
  readonly #limits: LogManagerLimits;
  readonly #intervals: LogManagerIntervals;
  readonly #ports: LogPorts;
  readonly #clockWatch: ClockWatch;
  readonly #cleaner: LogCleaner;
  readonly #moves: LogMoves;
  readonly #placements: Placements;
  readonly #logs = new Map<string, PartitionLog>();
  /** Logs whose files can't be used, and why. */
  readonly #broken = new Map<string, Error>();
  readonly #creating = new Map<string, Promise<PartitionLog>>();
  /** Where logs are to be made that were asked to be in a folder before they exist. */
  readonly #wishes = new Map<string, LogFolder>();
  /** As checkpointed: it moves only when all that a recovery rests on is saved. */
  readonly #recoveryPoints = new Map<string, number>();
  readonly #stop = new AbortController();
  #background: Promise<void>[] = [];
  /** Checkpoint files may name logs that are no more. */
  #hasStaleCheckpoints = true;
  #forgetting: Promise<void> | undefined;
  #deletedFolders: { readonly path: string; readonly dueMs: number }[] = [];
  #hasToldOfEnd = false;
  #closing: Promise<boolean> | undefined;

  /** Use `LogManager.open`. */
  private constructor(options: LogManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#log = options.log ?? silentLogger;
    this.#disk = options.disk ?? new FileDisk();
    this.#folders = options.folders.map((path) => new LogFolder(path, this.#disk, this.#log));
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#intervals = { ...DEFAULT_INTERVALS, ...options.intervals };
    this.#clockWatch = new ClockWatch(this.#clock);
    this.#placements = new Placements(this.#disk);
    const ports = { disk: this.#disk, clock: this.#clock, random: this.#random, log: this.#log };
    this.#ports = {
      ...ports,
      figures: new LogFigures(),
      unpacking: new Turns(this.#limits.unpackingsMax),
      files: new OpenFiles(this.#disk, this.#limits.openFilesMax),
      indexes: new IndexMemory(this.#limits.indexBytesMax),
      tailBudget: new TailCacheBudget(this.#limits.tailCacheBytesMax),
      appendBudget: new ByteBudget(this.#limits.appendQueuesBytesMax),
    };
    const { signal } = this.#stop;
    // Threads have the real disk only.
    const threads = this.#disk instanceof FileDisk ? {} : { threads: 0 };
    this.#cleaner = new LogCleaner({
      ...ports,
      signal,
      settings: { ...DEFAULT_CLEANER, ...options.cleaner, ...threads },
      logs: () => this.#logs.values(),
      checkpoint: () => this.#checkpointCleaned(),
    });
    this.#moves = new LogMoves({
      ...ports,
      signal,
      bytesPerSecondMax: options.moveBytesPerSecondMax ?? Infinity,
      openCopy: (path, of, fromOffset, onOffline) => this.#openCopy(path, of, fromOffset, onOffline),
      onMoved: (log, folder) => this.#noteMoved(log, folder),
    });
  }

  /**
   * Locks the folders, checks that they are ours, opens and, after an unclean stop, recovers all logs in them. A
   * folder whose disk fails is left out. Throws `log.folder_locked`, `log.folder_of_another`, and
   * `log.all_folders_failed`.
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const manager = new LogManager(options);
    try {
      await manager.#openFolders();
      await manager.#runBeforeLoad();
      await manager.#loadAll();
      manager.#startBackground();
      return manager;
    } catch (error) {
      manager.#stop.abort(new Error('the log manager could not be opened'));
      for (const folder of manager.#folders) await folder.release();
      throw error;
    }
  }

  get clusterId(): string {
    return this.#folders.find(({ clusterId }) => clusterId !== undefined)?.clusterId ?? '';
  }

  /** Kafka's `directory.id` of the first folder that works. */
  get directoryId(): string {
    return this.#online[0]?.directoryId ?? '';
  }

  /** Whether the last process stopped cleanly in all folders. A broker that did not must not lead by its old rank. */
  get wasCleanStop(): boolean {
    return this.#folders.every((folder) => folder.cleanStop !== undefined);
  }

  /** Bytes that wait to be appended to any log; a server stops reading while it has no room. */
  get appendBudget(): ByteBudget {
    return this.#ports.appendBudget;
  }

  get figures(): LogManagerFigures {
    return {
      flushes: this.#ports.figures.flushes,
      cleaner: this.#cleaner.figures,
      offlineFolderCount: this.#folders.length - this.#online.length,
      openFileCount: this.#ports.files.openCount,
    };
  }

  get #online(): readonly LogFolder[] {
    return this.#folders.filter((folder) => !folder.isOffline);
  }

  find(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(`${topic}-${partition}`);
  }

  logs(): IterableIterator<PartitionLog> {
    return this.#logs.values();
  }

  /** Each data folder with its logs and its room, for DescribeLogDirs. */
  describeFolders(): Promise<readonly FolderDescription[]> {
    return Promise.all(
      this.#folders.map((folder) => describeFolder(folder, this.#logs.values(), this.#moves)),
    );
  }

  // ---------------------------------------------------------------- logs come and go

  /**
   * The log, made durably when there is none yet. Throws what the disk says, and `log.folder_offline` when the log is
   * in a folder that has failed.
   */
  ensure(options: CreateLogOptions): Promise<PartitionLog> {
    const name = `${options.topic}-${options.partition}`;
    const existing = this.#logs.get(name);
    if (existing !== undefined) return Promise.resolve(existing);
    const creating = this.#creating.get(name) ?? this.#create(name, options);
    this.#creating.set(name, creating);
    return creating.finally(() => this.#creating.delete(name));
  }

  async #create(name: string, options: CreateLogOptions): Promise<PartitionLog> {
    const broken = this.#broken.get(name);
    if (broken !== undefined) throw broken;
    if (this.#isElsewhere(name, options.topicId)) throw folderOffline(name);
    await this.#forgetDeleted();
    for (;;) {
      const folder = this.#folderForNew(name);
      if (folder === undefined) throw folderOffline(name);
      try {
        return await this.#createIn(folder, name, options);
      } catch (error) {
        // The next folder may do; a full disk has no better neighbour by this rule, and the caller tries again.
        if (!isDiskFailure(error)) throw error;
        this.#failFolder(folder, error);
      }
    }
  }

  async #createIn(
    folder: LogFolder,
    name: string,
    { topic, partition, topicId, config }: CreateLogOptions,
  ): Promise<PartitionLog> {
    const path = join(folder.path, name);
    await this.#disk.makeFolder(path);
    const metadata = `version: 0\ntopic_id: ${topicId}\n`;
    await writeFileAtomically(this.#disk, join(path, 'partition.metadata'), metadata);
    const log = await openPartitionLog({
      ...this.#logOptions(topic, partition, path, config),
      isClean: true,
      recoveryPoint: 0,
      logStartOffset: 0,
    });
    // INV-4: the folder itself survives a loss of power before anything in it is acknowledged.
    await this.#disk.syncFolder(folder.path);
    await this.#place(name, topicId, folder);
    this.#logs.set(name, log);
    this.#wishes.delete(name);
    return log;
  }

  /** Whether the log is known to be in a folder that could not be read at the start. */
  #isElsewhere(name: string, topicId: string): boolean {
    if (this.#online.length === this.#folders.length) return false;
    const placement = this.#placements.find(name);
    return (
      placement?.topicId === topicId &&
      this.#online.every(({ directoryId }) => directoryId !== placement.directoryId)
    );
  }

  async #place(name: string, topicId: string, { directoryId }: LogFolder): Promise<void> {
    if (this.#folders.length < 2) return;
    const placement = { topicId, directoryId };
    this.#placements.set(name, placement);
    for (const folder of this.#online) {
      await this.#onFolder(folder, () => this.#placements.add(folder.path, name, placement));
    }
  }

  /**
   * The checkpoints of a deleted log must be gone before its name is used again: its log start
   * would hide the records of the new one.
   */
  async #forgetDeleted(): Promise<void> {
    if (!this.#hasStaleCheckpoints && this.#forgetting === undefined) return;
    this.#forgetting ??= this.#writeAllCheckpoints().finally(() => {
      this.#forgetting = undefined;
    });
    await this.#forgetting;
  }

  async #writeAllCheckpoints(): Promise<void> {
    this.#hasStaleCheckpoints = false;
    try {
      await this.#checkpointRecoveryPoints();
      await this.#checkpointHighWatermarks();
      await this.#checkpointLogStarts();
      await this.#checkpointCleaned();
    } catch (error) {
      this.#hasStaleCheckpoints = true;
      throw error;
    }
  }

  /** The one that was asked for, or the one with the fewest logs. */
  #folderForNew(name: string): LogFolder | undefined {
    const wish = this.#wishes.get(name);
    if (wish !== undefined && !wish.isOffline) return wish;
    const counts = new Map<string, number>();
    for (const log of this.#logs.values()) {
      const path = dirname(log.folder);
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
    let best: LogFolder | undefined;
    for (const folder of this.#online) {
      const count = counts.get(folder.path) ?? 0;
      if (best === undefined || count < (counts.get(best.path) ?? 0)) best = folder;
    }
    return best;
  }

  /** Takes the log out of service at once; its files go after `file.delete.delay.ms`. */
  async delete(topic: string, partition: number): Promise<void> {
    const log = this.#logs.get(`${topic}-${partition}`);
    if (log === undefined) return;
    const path = await this.#takeOut(log, 'delete');
    const dueMs = this.#clock.monotonicMs() + log.config['file.delete.delay.ms'];
    this.#deletedFolders.push({ path, dueMs });
  }

  /** Takes a log out of service that belongs to no topic. Its files stay, in a folder with the ending `-stray`. */
  async setAside(topic: string, partition: number): Promise<string | undefined> {
    const log = this.#logs.get(`${topic}-${partition}`);
    return log === undefined ? undefined : this.#takeOut(log, 'stray');
  }

  async #takeOut(log: PartitionLog, why: 'delete' | 'stray'): Promise<string> {
    this.#logs.delete(log.name);
    this.#moves.cancel(log.name);
    this.#cleaner.forget(log);
    this.#recoveryPoints.delete(log.name);
    this.#hasStaleCheckpoints = true;
    await log.abandon(async () => {
      // In the log's turn: a move may have ended just before it.
      const target = join(dirname(log.folder), asideName(log.name, why, this.#random));
      if (this.#folderOf(log)?.isOffline === true) return log.folder;
      await this.#disk.rename(log.folder, target);
      await this.#disk.syncFolder(dirname(target));
      return target;
    });
    return log.folder;
  }

  /** New settings for all logs of a topic. */
  configure(topic: string, config: LogConfig): void {
    for (const log of this.#logs.values()) if (log.topic === topic) log.configure(config);
  }

  // ---------------------------------------------------------------- folders

  /** Moves a log to another data folder, in the background. A log that is not made yet will be made there. */
  moveLog(topic: string, partition: number, path: string): MoveAnswer {
    const name = `${topic}-${partition}`;
    const folder = this.#folders.find((one) => one.path === join(path));
    if (folder === undefined) return 'unknown-folder';
    const log = this.#logs.get(name);
    if (folder.isOffline || log?.isOffline === true) return 'offline';
    if (log === undefined) {
      this.#wishes.set(name, folder);
      return 'kept-for-later';
    }
    this.#moves.start(log, folder);
    return dirname(log.folder) === folder.path ? 'there-already' : 'moving';
  }

  /** Resolves when no log is on its way to another folder. */
  movesSettled(): Promise<void> {
    return this.#moves.settled();
  }

  async #openCopy(
    path: string,
    of: PartitionLog,
    fromOffset: number,
    onOffline: (cause: unknown) => void,
  ): Promise<PartitionLog> {
    await this.#disk.makeFolder(path);
    const metadata = `version: 0\ntopic_id: ${of.topicId ?? ''}\n`;
    const file = join(path, 'partition.metadata');
    if (of.topicId !== undefined) await writeFileAtomically(this.#disk, file, metadata);
    return openPartitionLog({
      ...this.#logOptions(of.topic, of.partition, path, of.config),
      onOffline,
      isClean: true,
      recoveryPoint: 0,
      logStartOffset: fromOffset,
    });
  }

  async #noteMoved(log: PartitionLog, folder: LogFolder): Promise<void> {
    await this.#place(log.name, log.topicId ?? '', folder);
    this.#recoveryPoints.set(log.name, log.recoveryPoint);
    this.#hasStaleCheckpoints = true;
    await this.#writeAllCheckpoints();
  }

  #folderOf(log: PartitionLog): LogFolder | undefined {
    const path = dirname(log.folder);
    return this.#folders.find((folder) => folder.path === path);
  }

  /** A log can't be trusted any more: by itself, or with all others of its folder. */
  async #noteOffline(log: PartitionLog, cause: unknown): Promise<void> {
    const folder = this.#folderOf(log);
    if (folder === undefined || folder.isOffline) return;
    if (isDiskFailure(cause)) return this.#failFolder(folder, cause);
    if (errnoOf(cause) === 'ENOENT' && !(await folder.isThere())) {
      return this.#failFolder(folder, cause);
    }
    this.#log.error(
      { topic: log.topic, partition: log.partition, err: cause },
      'the disk failed; this partition is offline until a restart',
    );
  }

  #failFolder(folder: LogFolder, cause: unknown): void {
    if (!folder.fail(cause)) return;
    for (const log of this.#logs.values()) {
      if (dirname(log.folder) !== folder.path) continue;
      this.#moves.cancel(log.name);
      log.failDisk(cause);
    }
    this.#tellOfEnd();
  }

  #tellOfEnd(): void {
    if (this.#hasToldOfEnd || this.#online.length > 0 || this.#closing !== undefined) return;
    this.#hasToldOfEnd = true;
    this.#options.onAllFoldersFailed?.(this.#endError());
  }

  #endError(): ReturnType<typeof allFoldersFailed> {
    return allFoldersFailed(this.#folders.map(({ path, failure }) => ({ path, failure })));
  }

  /** Work on the files of a folder; a disk that fails takes the folder offline instead of throwing. */
  async #onFolder(folder: LogFolder, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isGone = errnoOf(error) === 'ENOENT' && !(await folder.isThere());
      if (!isGone && !isDiskFailure(error)) throw error;
      this.#failFolder(folder, error);
    }
  }

  // ---------------------------------------------------------------- background

  #startBackground(): void {
    const { flushMs, retentionMs, checkpointMs, startCheckpointMs, highWatermarkMs, deleteMs } =
      this.#intervals;
    const cleaner = { ...DEFAULT_CLEANER, ...this.#options.cleaner };
    const ports = { clock: this.#clock, log: this.#log, signal: this.#stop.signal };
    this.#background = [
      repeat(flushMs, 'flush', () => this.flushDue(), ports),
      repeat(retentionMs, 'retention', () => this.enforceRetention(), ports),
      repeat(checkpointMs, 'checkpoint', () => this.checkpoint(), ports),
      repeat(startCheckpointMs, 'log start', () => this.#checkpointLogStarts(), ports),
      repeat(highWatermarkMs, 'high watermark', () => this.#checkpointHighWatermarks(), ports),
      repeat(deleteMs, 'file deletion', () => this.deleteFilesDue(), ports),
    ];
    if (cleaner.isEnabled) {
      this.#background.push(repeat(cleaner.backoffMs, 'compaction', () => this.compact(), ports));
    }
  }

  /** Flushes logs whose policy is 'interval' or whose `flush.ms` is over. */
  async flushDue(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    await this.#forEachLog((log) => log.flushIfDue(nowMs));
  }

  /** One round of retention over all logs. None while the clock has just jumped forward. */
  async enforceRetention(): Promise<void> {
    const { isTrusted, jumpMs } = this.#clockWatch.isTrusted();
    if (!isTrusted) {
      if (jumpMs > 0) {
        this.#log.warn(
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
    if (removed > 0) await this.#checkpointLogStarts();
  }

  /** Compacts logs, the dirtiest first, until none is dirty enough. */
  compact(): Promise<void> {
    return this.#cleaner.compact();
  }

  /** Unlinks files and folders whose delay is over. */
  async deleteFilesDue(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    await this.#forEachLog((log) => log.deleteFilesDue(nowMs));
    const due = this.#deletedFolders.filter((folder) => folder.dueMs <= nowMs);
    this.#deletedFolders = this.#deletedFolders.filter((folder) => folder.dueMs > nowMs);
    for (const { path } of due) await this.#disk.removeFolder(path);
  }

  /** Saves recovery points and log starts, and what they rest on. */
  async checkpoint(): Promise<void> {
    await this.#forEachLog(async (log) => {
      const recoveryPoint = await log.checkpoint();
      if (recoveryPoint !== undefined) this.#recoveryPoints.set(log.name, recoveryPoint);
    });
    await this.#checkpointRecoveryPoints();
    await this.#checkpointLogStarts();
  }

  /** Durable log starts, for an answer to DeleteRecords. */
  async #checkpointLogStarts(): Promise<void> {
    await this.#writeCheckpoints(LOG_START_FILE, (log) => log.logStartOffset);
  }

  async #checkpointRecoveryPoints(): Promise<void> {
    await this.#writeCheckpoints(RECOVERY_POINT_FILE, ({ name }) => {
      return this.#recoveryPoints.get(name) ?? 0;
    });
  }

  async #checkpointCleaned(): Promise<void> {
    await this.#writeCheckpoints(CLEANER_FILE, ({ name }) => this.#cleaner.cleanedUpTo(name));
  }

  async #checkpointHighWatermarks(): Promise<void> {
    await this.#writeCheckpoints(HIGH_WATERMARK_FILE, (log) => log.highWatermark);
  }

  /** `deleteRecordsBefore` of the log, durable when it answers. */
  async deleteRecordsBefore(
    log: PartitionLog,
    offset: number,
  ): Promise<number | 'offset-out-of-range'> {
    const start = await log.deleteRecordsBefore(offset);
    if (start !== 'offset-out-of-range') await this.#checkpointLogStarts();
    return start;
  }

  /**
   * `truncateTo` of the log, safe against a crash: the recovery point goes back first, so that what is
   * appended afterwards is not taken for checked.
   */
  async truncateTo(log: PartitionLog, offset: number): Promise<void> {
    const recoveryPoint = this.#recoveryPoints.get(log.name) ?? 0;
    if (offset < recoveryPoint) {
      this.#recoveryPoints.set(log.name, offset);
      await this.#checkpointRecoveryPoints();
    }
    await log.truncateTo(offset);
  }

  async #writeCheckpoints(file: string, offsetOf: (log: PartitionLog) => number): Promise<void> {
    for (const folder of this.#online) {
      const offsets = new Map<string, number>();
      for (const [name, log] of this.#logs) {
        if (log.folder === join(folder.path, name)) offsets.set(name, offsetOf(log));
      }
      await this.#onFolder(folder, () => folder.writeCheckpoint(file, offsets));
    }
  }

  /** One after the other: background work must not crowd the appends out of the thread pool. */
  async #forEachLog(work: (log: PartitionLog) => Promise<void>): Promise<void> {
    for (const log of [...this.#logs.values()]) {
      if (log.isOffline) continue;
      try {
        await work(log);
      } catch (error) {
        if (log.isOffline) continue; // told of when it went
        const folder = this.#folderOf(log);
        if (folder !== undefined && isDiskFailure(error)) {
          this.#failFolder(folder, error);
          continue;
        }
        const fields = { topic: log.topic, partition: log.partition, err: error };
        this.#log.warn(fields, 'background work on a log failed; it is tried again');
      }
    }
  }

  // ---------------------------------------------------------------- open and close

  async #openFolders(): Promise<void> {
    let { clusterId } = this.#options;
    const { nodeId } = this.#options;
    for (const folder of this.#folders) {
      await folder.open({ nodeId, clusterId }, this.#random);
      clusterId ??= folder.clusterId;
    }
    if (this.#online.length === 0) throw this.#endError();
  }

  /** What others keep in the first folder must not begin anew in the second when the first one fails. */
  async #runBeforeLoad(): Promise<void> {
    const { beforeLoad } = this.#options;
    if (beforeLoad === undefined) return;
    const [first] = this.#folders;
    if (first === undefined || first.isOffline) throw this.#endError();
    await beforeLoad(this.#online, this.clusterId);
  }

  async #loadAll(): Promise<void> {
    const isPlaced = this.#folders.length > 1;
    if (isPlaced) {
      for (const folder of this.#online) {
        await this.#onFolder(folder, () => this.#placements.read(folder.path));
      }
    }
    const loaded = await Promise.all(
      this.#online.map(async (folder) => ({ folder, ...(await this.#load(folder)) })),
    );
    const moves: [string, LogFolder][] = [];
    for (const { folder, logs, broken, moves: unfinished } of loaded) {
      for (const log of logs) await this.#adopt(log);
      for (const [name, error] of broken) this.#broken.set(name, error);
      for (const name of unfinished) moves.push([name, folder]);
    }
    if (this.#online.length === 0) throw this.#endError();
    if (isPlaced) await this.#rewritePlacements();
    for (const [name, folder] of moves) {
      const log = this.#logs.get(name);
      if (log !== undefined) this.#moves.start(log, folder);
    }
  }

  #load(folder: LogFolder): ReturnType<typeof loadFolder> {
    return loadFolder({
      folder,
      disk: this.#disk,
      log: this.#log,
      foreignLogs: this.#options.foreignLogs,
      recoveriesAtOnce: this.#limits.recoveriesPerFolder * RECOVERIES_PER_THREAD,
      open: (found) => this.#openFound(found),
      onCleaned: (name, offset) => this.#cleaner.setCleanedUpTo(name, offset),
    });
  }

  #openFound({ path, name, isClean, recoveryPoint, logStartOffset, summary }: FoundLog): Promise<PartitionLog> {
    const dash = name.lastIndexOf('-');
    const topic = name.slice(0, dash);
    const config = this.#options.configFor?.(topic) ?? DEFAULT_LOG_CONFIG;
    return openPartitionLog({
      ...this.#logOptions(topic, Number(name.slice(dash + 1)), path, config),
      isClean,
      recoveryPoint,
      logStartOffset,
      summary,
    });
  }

  /** A crash at the end of a move leaves the log in two folders: both have all of it, and the longer one is kept. */
  async #adopt(log: PartitionLog): Promise<void> {
    const other = this.#logs.get(log.name);
    const [kept, gone] =
      other !== undefined && other.logEndOffset >= log.logEndOffset ? [other, log] : [log, other];
    if (gone !== undefined) {
      this.#log.warn(
        { topic: log.topic, partition: log.partition, kept: kept.folder, aside: gone.folder },
        'a log was found in two data folders; the longer one is kept, the other set aside',
      );
      const aside = join(dirname(gone.folder), asideName(gone.name, 'stray', this.#random));
      await gone.abandon(async () => {
        await this.#disk.rename(gone.folder, aside);
        return aside;
      });
    }
    this.#logs.set(kept.name, kept);
    this.#recoveryPoints.set(kept.name, kept.recoveryPoint);
  }

  async #rewritePlacements(): Promise<void> {
    for (const log of this.#logs.values()) {
      const directoryId = this.#folderOf(log)?.directoryId ?? '';
      this.#placements.set(log.name, { topicId: log.topicId ?? '', directoryId });
    }
    const hasOffline = this.#online.length < this.#folders.length;
    for (const folder of this.#online) {
      await this.#onFolder(folder, () =>
        this.#placements.write(folder.path, (name) => hasOffline || this.#logs.has(name)),
      );
    }
  }

  #logOptions(topic: string, partition: number, folder: string, config: LogConfig) {
    return {
      folder,
      topic,
      partition,
      config,
      flushPolicy: this.#options.flushPolicy ?? ('every-append' as const),
      appendQueueBytesMax: this.#limits.appendQueueBytesMax,
      producersMax: this.#limits.producersMax,
      producerExpirationMs: this.#limits.producerExpirationMs,
      onOffline: (cause: unknown): void => {
        const log = this.#logs.get(`${topic}-${partition}`);
        if (log !== undefined) void this.#noteOffline(log, cause);
      },
      ports: this.#ports,
    };
  }

  /**
   * Stops the background work, closes all logs and leaves the mark of a clean stop where all of
   * them could be saved. Answers whether that was everywhere.
   */
  close(): Promise<boolean> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<boolean> {
    this.#stop.abort(new Error('the log manager is closing'));
    await this.#cleaner.end();
    await this.#moves.settled();
    await Promise.all(this.#background);
    const unclean = new Set<string>();
    const summaries = new Map<string, LogSummary[]>();
    await inParallel([...this.#logs.values()], CLOSED_AT_ONCE, async (log) => {
      const path = dirname(log.folder);
      if (await log.close()) {
        const known = summaries.get(path) ?? [];
        summaries.set(path, known);
        known.push(log.summary());
      } else {
        unclean.add(path);
      }
    });
    let isClean = unclean.size === 0;
    for (const folder of this.#folders) {
      const isMarkable = !folder.isOffline && !unclean.has(folder.path);
      isClean &&= isMarkable && (await this.#markClean(folder, summaries.get(folder.path) ?? []));
      await folder.release();
    }
    return isClean;
  }

  async #markClean(folder: LogFolder, summaries: readonly LogSummary[]): Promise<boolean> {
    try {
      await this.#writeCheckpoints(RECOVERY_POINT_FILE, (log) => log.recoveryPoint);
      await this.#checkpointHighWatermarks();
      await this.#checkpointLogStarts();
    } catch (error) {
      this.#log.warn(
        { folder: folder.path, err: error },
        'no mark of a clean stop could be left; the next start recovers',
      );
      return false;
    }
    return folder.markClean(summaries, this.#random);
  }
}
