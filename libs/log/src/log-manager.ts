import {
  RecycledMemory,
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import { dirname, join } from 'node:path';
import { ByteBudget } from './byte-budget.ts';
import { describeFolder, type FolderDescription } from './describe-folders.ts';
import { DataFolders } from './data-folders.ts';
import type { Disk } from './disk.ts';
import { firstFolderOffline, folderOffline, isDiskFailure } from './errors.ts';
import { FileDisk } from './file-disk.ts';
import { asideName } from './files.ts';
import { IndexMemory } from './index-memory.ts';
import { closeLogs } from './close-logs.ts';
import { LogCleaner, type CleanerFigures } from './log-cleaner.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig } from './log-config.ts';
import { LogFactory } from './log-factory.ts';
import { LogFigures, type TimerFigures } from './log-figures.ts';
import { LogCheckpoints } from './log-checkpoints.ts';
import type { LogFolder } from './log-folder.ts';
import { LogMoves, type MoveAnswer } from './log-moves.ts';
import { LogRounds } from './log-rounds.ts';
import type { LogPorts } from './log-types.ts';
import {
  DEFAULT_CLEANER,
  DEFAULT_INTERVALS,
  DEFAULT_LIMITS,
  type CleanerSettings,
  type CreateLogOptions,
  type LogManagerLimits,
  type LogManagerOptions,
  type ManagerChanges,
} from './manager-options.ts';
import { loadFolder } from './open-folders.ts';
import { OpenFiles } from './open-files.ts';
import type { PartitionLog } from './partition-log.ts';
import { TailCacheBudget } from './tail-cache.ts';
import { Turns } from './turns.ts';

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

/** All logs of a broker: its data folders, what is shared between the logs, and the work in the background. */
export class LogManager implements AsyncDisposable {
  readonly #options: LogManagerOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Logger;
  readonly #disk: Disk;
  readonly #folders: DataFolders;
  readonly #checkpoints: LogCheckpoints;
  #limits: LogManagerLimits;
  #cleanerSettings: CleanerSettings;
  #moveBytesPerSecondMax: number;
  readonly #ports: LogPorts;
  readonly #factory: LogFactory;
  readonly #cleaner: LogCleaner;
  readonly #moves: LogMoves;
  readonly #rounds: LogRounds;
  readonly #logs = new Map<string, PartitionLog>();
  /** Logs whose files can't be used, and why. */
  readonly #broken = new Map<string, Error>();
  readonly #creating = new Map<string, Promise<PartitionLog>>();
  readonly #stop = new AbortController();
  #background: readonly Promise<void>[] = [];
  #closing: Promise<boolean> | undefined;

  /** Use `LogManager.open`. */
  private constructor(options: LogManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#log = options.log ?? silentLogger;
    this.#disk = options.disk ?? new FileDisk();
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    const ports = { disk: this.#disk, clock: this.#clock, random: this.#random, log: this.#log };
    this.#ports = {
      ...ports,
      figures: new LogFigures(),
      unpacking: new Turns(this.#limits.unpackingsMax),
      files: new OpenFiles(this.#disk, this.#limits.openFilesMax),
      indexes: new IndexMemory(this.#limits.indexBytesMax),
      tailBudget: new TailCacheBudget(
        this.#limits.tailCacheBytesMax,
        options.memory ?? new RecycledMemory({ freeBytesMax: this.#limits.tailCacheBytesMax }),
      ),
      appendBudget: new ByteBudget(this.#limits.appendQueuesBytesMax),
    };
    this.#factory = new LogFactory({
      ports: this.#ports,
      flushPolicy: options.flushPolicy ?? 'every-append',
      limits: () => this.#limits,
      configFor: (topic) => options.configFor?.(topic) ?? DEFAULT_LOG_CONFIG,
      onOffline: (name, cause) => {
        const log = this.#logs.get(name);
        if (log !== undefined) void this.#folders.noteOffline(log, cause);
      },
    });
    this.#folders = new DataFolders({
      ...ports,
      paths: options.folders,
      logs: () => this.#logs.values(),
      onLogLost: ({ name }) => this.#moves.cancel(name),
      onAllFailed: (error) => {
        if (this.#closing === undefined) options.onAllFoldersFailed?.(error);
      },
    });
    const { signal } = this.#stop;
    this.#cleanerSettings = this.#cleanerOf({ ...DEFAULT_CLEANER, ...options.cleaner });
    this.#moveBytesPerSecondMax = options.moveBytesPerSecondMax ?? Infinity;
    this.#cleaner = new LogCleaner({
      ...ports,
      signal,
      settings: () => this.#cleanerSettings,
      logs: () => this.#logs.values(),
      checkpoint: () => this.#checkpoints.writeCleaned(),
    });
    this.#checkpoints = new LogCheckpoints(this.#folders, this.#logs, (name) =>
      this.#cleaner.cleanedUpTo(name),
    );
    this.#rounds = new LogRounds({
      ...ports,
      signal,
      cleanerSettings: () => this.#cleanerSettings,
      intervals: { ...DEFAULT_INTERVALS, ...options.intervals },
      logs: () => this.#logs.values(),
      folders: this.#folders,
      checkpoints: this.#checkpoints,
      cleaner: this.#cleaner,
    });
    this.#moves = new LogMoves({
      ...ports,
      signal,
      bytesPerSecondMax: () => this.#moveBytesPerSecondMax,
      openCopy: (path, of, fromOffset, onOffline) =>
        this.#factory.openCopy(path, of, fromOffset, onOffline),
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
      const { nodeId, clusterId } = options;
      await manager.#folders.open({ nodeId, clusterId });
      await manager.#runBeforeLoad();
      await manager.#loadAll();
      manager.#background = manager.#rounds.start();
      return manager;
    } catch (error) {
      manager.#stop.abort(new Error('the log manager could not be opened'));
      for (const folder of manager.#folders.all) await folder.release();
      throw error;
    }
  }

  get clusterId(): string {
    return this.#folders.clusterId;
  }

  /** Kafka's `directory.id` of the first folder that works. */
  get directoryId(): string {
    return this.#folders.online[0]?.directoryId ?? '';
  }

  /** Kafka's `directory.id` of all folders that work. */
  get directoryIds(): readonly string[] {
    return this.#folders.online.map(({ directoryId }) => directoryId);
  }

  /** Whether the last process stopped cleanly in all folders. A broker that did not must not lead by its old rank. */
  get wasCleanStop(): boolean {
    return this.#folders.all.every((folder) => folder.cleanStop !== undefined);
  }

  /** Bytes that wait to be appended to any log; a server stops reading while it has no room. */
  get appendBudget(): ByteBudget {
    return this.#ports.appendBudget;
  }

  get figures(): LogManagerFigures {
    return {
      flushes: this.#ports.figures.flushes,
      cleaner: this.#cleaner.figures,
      offlineFolderCount: this.#folders.all.length - this.#folders.online.length,
      openFileCount: this.#ports.files.openCount,
    };
  }

  find(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(`${topic}-${partition}`);
  }

  /** Whether the log can't be had since its folder or its files can't be used. */
  isOffline(topic: string, partition: number, topicId: string): boolean {
    const name = `${topic}-${partition}`;
    const log = this.#logs.get(name);
    if (log !== undefined) return log.isOffline;
    return this.#broken.has(name) || this.#folders.isElsewhere(name, topicId);
  }

  logs(): IterableIterator<PartitionLog> {
    return this.#logs.values();
  }

  /** Each data folder with its logs and its room, for DescribeLogDirs. */
  describeFolders(): Promise<readonly FolderDescription[]> {
    return Promise.all(
      this.#folders.all.map((folder) => describeFolder(folder, this.#logs.values(), this.#moves)),
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
    if (this.#folders.isElsewhere(name, options.topicId)) throw folderOffline(name);
    await this.#checkpoints.forgetDeleted();
    for (;;) {
      const folder = this.#folders.chooseFor(name);
      if (folder === undefined) throw folderOffline(name);
      const release = this.#folders.reserve(folder);
      try {
        return await this.#createIn(folder, name, options);
      } catch (error) {
        // The next folder may do; a full disk has no better neighbour by this rule, and the caller tries again.
        if (!isDiskFailure(error)) throw error;
        this.#folders.fail(folder, error);
      } finally {
        release();
      }
    }
  }

  async #createIn(
    folder: LogFolder,
    name: string,
    options: CreateLogOptions,
  ): Promise<PartitionLog> {
    const log = await this.#factory.create(join(folder.path, name), options);
    // INV-4: the folder and the names in it survive a loss of power before anything in it is acknowledged.
    await log.syncNames();
    await folder.syncNames();
    await this.#folders.place(name, options.topicId, folder);
    this.#logs.set(name, log);
    return log;
  }

  /** Takes the log out of service at once; its files go after `file.delete.delay.ms`. */
  async delete(topic: string, partition: number): Promise<void> {
    const log = this.#logs.get(`${topic}-${partition}`);
    if (log === undefined) return;
    const path = await this.#takeOut(log, 'delete');
    this.#rounds.deleteFolderLater(path, log.config['file.delete.delay.ms']);
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
    this.#checkpoints.forget(log.name);
    await log.abandon(async () => {
      // In the log's turn: a move may have ended just before it.
      const target = join(dirname(log.folder), asideName(log.name, why, this.#random));
      const folder = this.#folders.folderOf(log);
      if (folder?.isOffline === true) return log.folder;
      await this.#disk.rename(log.folder, target);
      await (folder?.syncNames() ?? this.#disk.syncFolder(dirname(target)));
      return target;
    });
    return log.folder;
  }

  /** Settings that may change while logs are open; of the cleaner from its next round on, but for `isEnabled`. */
  reconfigure(changes: ManagerChanges): void {
    const { producerExpirationMs, recoveriesPerFolder } = changes;
    this.#cleanerSettings = this.#cleanerOf(changes.cleaner);
    this.#limits = { ...this.#limits, producerExpirationMs, recoveriesPerFolder };
    this.#moveBytesPerSecondMax = changes.moveBytesPerSecondMax;
  }

  /** Threads have the real disk only. */
  #cleanerOf(settings: CleanerSettings): CleanerSettings {
    return this.#disk instanceof FileDisk ? settings : { ...settings, threads: 0 };
  }

  /** New settings for all logs of a topic. */
  configure(topic: string, config: LogConfig): void {
    for (const log of this.#logs.values()) if (log.topic === topic) log.configure(config);
  }

  // ---------------------------------------------------------------- folders

  hasFolder(path: string): boolean {
    return this.#folders.find(path) !== undefined;
  }

  /** Moves a log to another data folder, in the background. A log that is not made yet will be made there. */
  moveLog(topic: string, partition: number, path: string): MoveAnswer {
    const name = `${topic}-${partition}`;
    const folder = this.#folders.find(path);
    if (folder === undefined) return 'unknown-folder';
    const log = this.#logs.get(name);
    if (folder.isOffline || log?.isOffline === true) return 'offline';
    if (log === undefined) {
      this.#folders.wish(name, folder);
      return 'kept-for-later';
    }
    this.#moves.start(log, folder);
    return dirname(log.folder) === folder.path ? 'there-already' : 'moving';
  }

  /** Resolves when no log is on its way to another folder. */
  movesSettled(): Promise<void> {
    return this.#moves.settled();
  }

  async #noteMoved(log: PartitionLog, folder: LogFolder): Promise<void> {
    await this.#folders.place(log.name, log.topicId ?? '', folder);
    this.#checkpoints.setRecoveryPoint(log.name, log.recoveryPoint);
    await this.#checkpoints.writeAll();
  }

  // ---------------------------------------------------------------- background

  /** Flushes logs whose policy is 'interval' or whose `flush.ms` is over. */
  flushDue(): Promise<void> {
    return this.#rounds.flushDue();
  }

  /** One round of retention over all logs. None while the clock has just jumped forward. */
  enforceRetention(): Promise<void> {
    return this.#rounds.enforceRetention();
  }

  /** Compacts logs, the dirtiest first, until none is dirty enough. */
  compact(): Promise<void> {
    return this.#cleaner.compact();
  }

  /** Unlinks files and folders whose delay is over. */
  deleteFilesDue(): Promise<void> {
    return this.#rounds.deleteFilesDue();
  }

  /** Saves recovery points and log starts, and what they rest on. */
  checkpoint(): Promise<void> {
    return this.#rounds.checkpoint();
  }

  /** `deleteRecordsBefore` of the log, durable when it answers. */
  async deleteRecordsBefore(
    log: PartitionLog,
    offset: number,
  ): Promise<number | 'offset-out-of-range'> {
    const start = await log.deleteRecordsBefore(offset);
    if (start !== 'offset-out-of-range') await this.#checkpoints.writeLogStarts();
    return start;
  }

  /**
   * `truncateTo` of the log, safe against a crash: the recovery point goes back first, so that what is
   * appended afterwards is not taken for checked.
   */
  async truncateTo(log: PartitionLog, offset: number): Promise<void> {
    if (offset < this.#checkpoints.recoveryPointOf(log.name)) {
      this.#checkpoints.setRecoveryPoint(log.name, offset);
      await this.#checkpoints.writeRecoveryPoints();
    }
    await log.truncateTo(offset);
  }

  // ---------------------------------------------------------------- open and close

  /** What others keep in the first folder must not begin anew in the second when the first one fails. */
  async #runBeforeLoad(): Promise<void> {
    const { beforeLoad } = this.#options;
    if (beforeLoad === undefined) return;
    const [first] = this.#folders.all;
    if (first?.isOffline !== false) throw firstFolderOffline(first?.path ?? '', first?.failure);
    const changes = await beforeLoad(this.#folders.online, this.clusterId);
    if (changes !== undefined) this.reconfigure(changes);
  }

  async #loadAll(): Promise<void> {
    const loaded = await Promise.all(
      this.#folders.online.map(async (folder) => ({ folder, ...(await this.#load(folder)) })),
    );
    const moves: [string, LogFolder][] = [];
    for (const { folder, logs, broken, moves: unfinished } of loaded) {
      for (const log of logs) await this.#adopt(log);
      for (const [name, error] of broken) this.#broken.set(name, error);
      for (const name of unfinished) moves.push([name, folder]);
    }
    this.#folders.mustWork();
    await this.#folders.placeAll();
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
      open: (found) => this.#factory.openFound(found),
      onCleaned: (name, offset) => this.#cleaner.setCleanedUpTo(name, offset),
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
    this.#checkpoints.setRecoveryPoint(kept.name, kept.recoveryPoint);
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
    return closeLogs({
      logs: [...this.#logs.values()],
      folders: this.#folders.all,
      checkpoints: this.#checkpoints,
      random: this.#random,
      log: this.#log,
    });
  }
}
