import {
  describeError,
  isAborted,
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import { join } from 'node:path';
import type { FlushPolicy } from './append-types.ts';
import { ByteBudget } from './byte-budget.ts';
import {
  CLEANER_FILE,
  HIGH_WATERMARK_FILE,
  LOG_START_FILE,
  parseProperties,
  readOffsetCheckpoint,
  RECOVERY_POINT_FILE,
  writeOffsetCheckpoint,
  type OffsetCheckpoint,
} from './checkpoint-files.ts';
import type { Disk, DiskLock } from './disk.ts';
import { folderLocked, folderOfAnother } from './errors.ts';
import { FileDisk } from './file-disk.ts';
import { writeFileAtomically } from './files.ts';
import { DEFAULT_LOG_CONFIG, isCompacted, type LogConfig } from './log-config.ts';
import { OpenFiles } from './open-files.ts';
import { openPartitionLog } from './open-log.ts';
import type { LogPorts } from './log-types.ts';
import type { PartitionLog } from './partition-log.ts';
import { IndexMemory } from './segment.ts';
import { TailCacheBudget } from './tail-cache.ts';

const CLEAN_STOP_FILE = '.kafka_cleanshutdown';
const META_FILE = 'meta.properties';
const LOCK_FILE = '.lock';
const MIB = 1024 * 1024;
/** Folders opened at the same time: enough to keep libuv's pool busy. */
const OPENED_AT_ONCE = 16;

export interface LogManagerOptions {
  /** Kafka's `log.dirs`; made when they don't exist. */
  readonly folders: readonly string[];
  /** Kafka's `node.id`. */
  readonly nodeId: number;
  /** Expected in `meta.properties`; without it the one found there, or a new one. */
  readonly clusterId?: string;
  /** Settings of a topic's logs when the manager opens them. They can be changed later. */
  readonly configFor?: (topic: string) => LogConfig;
  /** For appends that don't say; 'every-append' when absent. */
  readonly flushPolicy?: FlushPolicy;
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  readonly limits?: Partial<LogManagerLimits>;
  readonly intervals?: Partial<LogManagerIntervals>;
}

/** INV-6: each with its default. */
export interface LogManagerLimits {
  /** Descriptors kept open, 2,000. */
  readonly openFilesMax: number;
  /** Memory of all tail caches, 32 MB. */
  readonly tailCacheBytesMax: number;
  /** Memory of indexes of closed segments, 16 MB. */
  readonly indexBytesMax: number;
  /** Bytes that wait to be appended: to one log 32 MB, to all 128 MB. */
  readonly appendQueueBytesMax: number;
  readonly appendQueuesBytesMax: number;
  /** Producer ids remembered in one log, 100,000, and for how long after their last append, 24 h. */
  readonly producersMax: number;
  readonly producerExpirationMs: number;
  /** Keys that one compaction holds in memory, 24 bytes each: 1,000,000. */
  readonly compactionKeysMax: number;
}

/** Kafka's defaults, but for the flush. */
export interface LogManagerIntervals {
  /** Flush of logs with policy 'interval', 1 s. */
  readonly flushMs: number;
  /** `log.retention.check.interval.ms`, 5 min. */
  readonly retentionMs: number;
  /** Recovery points, log starts, index entries and epochs, 60 s. */
  readonly checkpointMs: number;
  /** `replica.high.watermark.checkpoint.interval.ms`, 5 s. */
  readonly highWatermarkMs: number;
  /** `log.cleaner.backoff.ms`, 15 s. */
  readonly cleanerMs: number;
  /** Looks for deleted files whose delay is over, 10 s. */
  readonly deleteMs: number;
}

const DEFAULT_LIMITS: LogManagerLimits = {
  openFilesMax: 2000,
  tailCacheBytesMax: 32 * MIB,
  indexBytesMax: 16 * MIB,
  appendQueueBytesMax: 32 * MIB,
  appendQueuesBytesMax: 128 * MIB,
  producersMax: 100_000,
  producerExpirationMs: 86_400_000,
  compactionKeysMax: 1_000_000,
};

const DEFAULT_INTERVALS: LogManagerIntervals = {
  flushMs: 1000,
  retentionMs: 300_000,
  checkpointMs: 60_000,
  highWatermarkMs: 5000,
  cleanerMs: 15_000,
  deleteMs: 10_000,
};

export interface CreateLogOptions {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's form: 22 characters of base64url. */
  readonly topicId: string;
  readonly config: LogConfig;
}

interface LogFolder {
  readonly path: string;
  readonly lock: Extract<DiskLock, { kind: 'locked' }>;
  readonly directoryId: string;
  readonly isClean: boolean;
}

/** All logs of a broker: its data folders, what is shared between the logs, and the work in the background. */
export class LogManager implements AsyncDisposable {
  readonly clusterId: string;
  readonly #options: LogManagerOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Logger;
  readonly #disk: Disk;
  readonly #folders: readonly LogFolder[];
  readonly #limits: LogManagerLimits;
  readonly #intervals: LogManagerIntervals;
  readonly #ports: LogPorts;
  readonly #logs = new Map<string, PartitionLog>();
  readonly #creating = new Map<string, Promise<PartitionLog>>();
  readonly #cleanedUpTo = new Map<string, number>();
  /** As checkpointed: it moves only when all that a recovery rests on is saved. */
  readonly #recoveryPoints = new Map<string, number>();
  readonly #stop = new AbortController();
  #background: Promise<void>[] = [];
  /** Checkpoint files may name logs that are no more. */
  #hasStaleCheckpoints = true;
  #forgetting: Promise<void> | undefined;
  #deletedFolders: { readonly path: string; readonly dueMs: number }[] = [];
  /** What the checkpoint files hold, so that an idle broker doesn't write them again and again. */
  readonly #written = new Map<string, string>();
  #closing: Promise<boolean> | undefined;

  /** Use `LogManager.open`. */
  private constructor(
    options: LogManagerOptions,
    folders: readonly LogFolder[],
    clusterId: string,
  ) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#log = options.log ?? silentLogger;
    this.#disk = options.disk ?? new FileDisk();
    this.#folders = folders;
    this.clusterId = clusterId;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#intervals = { ...DEFAULT_INTERVALS, ...options.intervals };
    this.#ports = {
      disk: this.#disk,
      clock: this.#clock,
      log: this.#log,
      files: new OpenFiles(this.#disk, this.#limits.openFilesMax),
      indexes: new IndexMemory(this.#limits.indexBytesMax),
      tailBudget: new TailCacheBudget(this.#limits.tailCacheBytesMax),
      appendBudget: new ByteBudget(this.#limits.appendQueuesBytesMax),
    };
  }

  /**
   * Locks the folders, checks that they are ours, opens and, after an unclean stop, recovers all
   * logs in them. Throws `log.folder_locked` and `log.folder_of_another`.
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const disk = options.disk ?? new FileDisk();
    const folders: LogFolder[] = [];
    try {
      let clusterId = options.clusterId;
      for (const path of options.folders) {
        const opened = await openFolder(disk, path, options, clusterId);
        folders.push(opened.folder);
        clusterId ??= opened.clusterId;
      }
      const manager = new LogManager({ ...options, disk }, folders, clusterId ?? '');
      await manager.#loadAll();
      manager.#startBackground();
      return manager;
    } catch (error) {
      for (const folder of folders) await folder.lock.release();
      throw error;
    }
  }

  /** Kafka's `directory.id` of the first folder. */
  get directoryId(): string {
    return this.#folders[0]?.directoryId ?? '';
  }

  /** Whether the last process stopped cleanly in all folders. A broker that did not must not lead by its old rank. */
  get wasCleanStop(): boolean {
    return this.#folders.every((folder) => folder.isClean);
  }

  /** Bytes that wait to be appended to any log; a server stops reading while it has no room. */
  get appendBudget(): ByteBudget {
    return this.#ports.appendBudget;
  }

  find(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(`${topic}-${partition}`);
  }

  logs(): IterableIterator<PartitionLog> {
    return this.#logs.values();
  }

  /** The log, made durably when there is none yet. */
  ensure(options: CreateLogOptions): Promise<PartitionLog> {
    const name = `${options.topic}-${options.partition}`;
    const existing = this.#logs.get(name);
    if (existing !== undefined) return Promise.resolve(existing);
    const creating = this.#creating.get(name) ?? this.#create(name, options);
    this.#creating.set(name, creating);
    return creating.finally(() => this.#creating.delete(name));
  }

  async #create(name: string, options: CreateLogOptions): Promise<PartitionLog> {
    const root = this.#folderForNew();
    const folder = join(root, name);
    await this.#forgetDeleted();
    await this.#disk.makeFolder(folder);
    const metadata = `version: 0\ntopic_id: ${options.topicId}\n`;
    await writeFileAtomically(this.#disk, join(folder, 'partition.metadata'), metadata);
    const log = await this.#openLog(folder, options.topic, options.partition, options.config, {
      isClean: true,
      recoveryPoint: 0,
      logStartOffset: 0,
    });
    // INV-4: the folder itself survives a loss of power before anything in it is acknowledged.
    await this.#disk.syncFolder(root);
    this.#logs.set(name, log);
    return log;
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

  /** The folder with the fewest logs. */
  #folderForNew(): string {
    let best = this.#folders[0]?.path ?? '';
    let bestCount = Infinity;
    for (const { path } of this.#folders) {
      let count = 0;
      for (const log of this.#logs.values()) if (log.folder.startsWith(join(path, '/'))) count += 1;
      if (count < bestCount) [best, bestCount] = [path, count];
    }
    return best;
  }

  /** Takes the log out of service at once; its files go after `file.delete.delay.ms`. */
  async delete(topic: string, partition: number): Promise<void> {
    const name = `${topic}-${partition}`;
    const log = this.#logs.get(name);
    if (log === undefined) return;
    this.#logs.delete(name);
    this.#cleanedUpTo.delete(name);
    this.#recoveryPoints.delete(name);
    this.#hasStaleCheckpoints = true;
    const root = join(log.folder, '..');
    const id = Buffer.from(this.#random.nextBytes(16)).toString('hex');
    // Kafka cuts the name so that the whole stays below 255 characters.
    const renamed = join(root, `${name.slice(0, 255 - 40)}.${id}-delete`);
    await log.abandon(async () => {
      await this.#disk.rename(log.folder, renamed);
      await this.#disk.syncFolder(root);
      return renamed;
    });
    const dueMs = this.#clock.nowMs() + log.config['file.delete.delay.ms'];
    this.#deletedFolders.push({ path: renamed, dueMs });
  }

  /** New settings for all logs of a topic. */
  configure(topic: string, config: LogConfig): void {
    for (const log of this.#logs.values()) if (log.topic === topic) log.configure(config);
  }

  // ---------------------------------------------------------------- background

  #startBackground(): void {
    const { flushMs, retentionMs, checkpointMs, highWatermarkMs, deleteMs, cleanerMs } =
      this.#intervals;
    this.#background = [
      this.#every(flushMs, 'flush', () => this.flushDue()),
      this.#every(retentionMs, 'retention', () => this.enforceRetention()),
      this.#every(checkpointMs, 'checkpoint', () => this.checkpoint()),
      this.#every(highWatermarkMs, 'high watermark checkpoint', () =>
        this.#checkpointHighWatermarks(),
      ),
      this.#every(cleanerMs, 'compaction', () => this.compact()),
      this.#every(deleteMs, 'file deletion', () => this.deleteFilesDue()),
    ];
  }

  async #every(intervalMs: number, what: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!isAborted(signal)) {
      try {
        await this.#clock.sleep(intervalMs, signal);
      } catch {
        return; // stopped
      }
      try {
        await work();
      } catch (error) {
        this.#log.warn(
          { what, err: error },
          'background work on the log failed; it is tried again',
        );
      }
    }
  }

  /** Flushes logs whose policy is 'interval' or whose `flush.ms` is over. */
  async flushDue(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    await this.#forEachLog((log) => log.flushIfDue(nowMs));
  }

  /** One round of retention over all logs. */
  async enforceRetention(): Promise<void> {
    let removed = 0;
    await this.#forEachLog(async (log) => {
      removed += await log.enforceRetention();
    });
    if (removed > 0) await this.#checkpointLogStarts();
  }

  /** Compacts logs, the dirtiest first, until none is dirty enough. */
  async compact(): Promise<void> {
    const failed = new Set<PartitionLog>();
    while (!isAborted(this.#stop.signal)) {
      const log = await this.#findDirtiest(failed);
      if (log === undefined) return;
      const before = this.#cleanedUpTo.get(log.name) ?? 0;
      try {
        const cleanedUpTo = await log.compact(before, this.#limits.compactionKeysMax);
        if (cleanedUpTo <= before) failed.add(log);
        this.#cleanedUpTo.set(log.name, cleanedUpTo);
        await this.#checkpointCleaned();
      } catch (error) {
        failed.add(log);
        const fields = { topic: log.topic, partition: log.partition, err: error };
        this.#log.warn(
          fields,
          'compaction failed, the log stays as large as it is; it is tried again',
        );
      }
    }
  }

  async #findDirtiest(except: ReadonlySet<PartitionLog>): Promise<PartitionLog | undefined> {
    let best: PartitionLog | undefined;
    let bestRatio = -1;
    for (const log of this.#logs.values()) {
      if (!isCompacted(log.config) || log.isOffline || except.has(log)) continue;
      // A truncation may have gone below what was clean.
      const cleanedUpTo = Math.min(this.#cleanedUpTo.get(log.name) ?? 0, log.logEndOffset);
      this.#cleanedUpTo.set(log.name, cleanedUpTo);
      const { dirtyRatio, dirtyBytes, isOverdue } = await log.compactionState(cleanedUpTo);
      const isDirty = dirtyBytes > 0 && dirtyRatio >= log.config['min.cleanable.dirty.ratio'];
      if ((isDirty || isOverdue) && dirtyRatio > bestRatio) [best, bestRatio] = [log, dirtyRatio];
    }
    return best;
  }

  /** Unlinks files and folders whose delay is over. */
  async deleteFilesDue(): Promise<void> {
    const nowMs = this.#clock.nowMs();
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
    await this.#writeCheckpoints(CLEANER_FILE, ({ name }) => this.#cleanedUpTo.get(name) ?? 0);
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
    for (const { path } of this.#folders) {
      const offsets = new Map<string, number>();
      for (const [name, log] of this.#logs) {
        if (log.folder === join(path, name)) offsets.set(name, offsetOf(log));
      }
      const content = JSON.stringify([...offsets]);
      if (this.#written.get(join(path, file)) === content) continue;
      await writeOffsetCheckpoint(this.#disk, path, file, offsets);
      this.#written.set(join(path, file), content);
    }
  }

  /** One after the other: background work must not crowd the appends out of the thread pool. */
  async #forEachLog(work: (log: PartitionLog) => Promise<void>): Promise<void> {
    for (const log of [...this.#logs.values()]) {
      try {
        await work(log);
      } catch (error) {
        const fields = { topic: log.topic, partition: log.partition, err: error };
        this.#log.warn(fields, 'background work on a log failed; it is tried again');
      }
    }
  }

  // ---------------------------------------------------------------- open and close

  async #loadAll(): Promise<void> {
    for (const folder of this.#folders) {
      const recoveryPoints = await this.#readCheckpoint(folder.path, RECOVERY_POINT_FILE);
      const logStarts = await this.#readCheckpoint(folder.path, LOG_START_FILE);
      for (const [name, offset] of await this.#readCheckpoint(folder.path, CLEANER_FILE)) {
        this.#cleanedUpTo.set(name, offset);
      }
      const names: string[] = [];
      for (const entry of await this.#disk.list(folder.path)) {
        if (entry.isFolder && entry.name.endsWith('-delete')) {
          await this.#disk.removeFolder(join(folder.path, entry.name));
        } else if (entry.isFolder && /^.+-\d+$/.test(entry.name)) {
          names.push(entry.name);
        }
      }
      await inParallel(names, OPENED_AT_ONCE, async (name) => {
        const dash = name.lastIndexOf('-');
        const topic = name.slice(0, dash);
        const config = this.#options.configFor?.(topic) ?? DEFAULT_LOG_CONFIG;
        const log = await this.#openLog(
          join(folder.path, name),
          topic,
          Number(name.slice(dash + 1)),
          config,
          {
            isClean: folder.isClean,
            recoveryPoint: recoveryPoints.get(name) ?? 0,
            logStartOffset: logStarts.get(name) ?? 0,
          },
        );
        this.#logs.set(name, log);
        this.#recoveryPoints.set(name, log.recoveryPoint);
      });
      // From here on a stop is unclean until `close` says otherwise.
      await this.#disk.remove(join(folder.path, CLEAN_STOP_FILE));
      await this.#disk.syncFolder(folder.path);
    }
  }

  #openLog(
    folder: string,
    topic: string,
    partition: number,
    config: LogConfig,
    state: { isClean: boolean; recoveryPoint: number; logStartOffset: number },
  ): Promise<PartitionLog> {
    return openPartitionLog({
      folder,
      topic,
      partition,
      config,
      flushPolicy: this.#options.flushPolicy ?? 'every-append',
      appendQueueBytesMax: this.#limits.appendQueueBytesMax,
      producersMax: this.#limits.producersMax,
      producerExpirationMs: this.#limits.producerExpirationMs,
      ports: this.#ports,
      ...state,
    });
  }

  async #readCheckpoint(folder: string, file: string): Promise<OffsetCheckpoint> {
    return (await readOffsetCheckpoint(this.#disk, folder, file)) ?? new Map<string, number>();
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
    await Promise.all(this.#background);
    let isClean = true;
    const unclean = new Set<string>();
    await inParallel([...this.#logs.values()], OPENED_AT_ONCE, async (log) => {
      if (await log.close()) return;
      isClean = false;
      unclean.add(join(log.folder, '..'));
    });
    for (const folder of this.#folders) {
      try {
        if (!unclean.has(join(folder.path))) await this.#markClean(folder.path);
      } catch (error) {
        isClean = false;
        const fields = { folder: folder.path, reason: describeError(error) };
        this.#log.warn(fields, 'no mark of a clean stop could be left; the next start recovers');
      }
      await folder.lock.release();
    }
    return isClean;
  }

  async #markClean(folder: string): Promise<void> {
    await this.#writeCheckpoints(RECOVERY_POINT_FILE, (log) => log.recoveryPoint);
    await this.#checkpointHighWatermarks();
    await this.#checkpointLogStarts();
    const content = '{"version":0,"brokerEpoch":-1}';
    await writeFileAtomically(this.#disk, join(folder, CLEAN_STOP_FILE), content);
  }
}

/** Locks the folder and checks, or writes, its `meta.properties`. */
async function openFolder(
  disk: Disk,
  path: string,
  options: LogManagerOptions,
  expectedClusterId: string | undefined,
): Promise<{ readonly folder: LogFolder; readonly clusterId: string }> {
  await disk.makeFolder(path);
  const lock = await disk.lock(join(path, LOCK_FILE));
  if (lock.kind === 'held') throw folderLocked(path, lock.pid);
  try {
    const random = options.random ?? systemRandom;
    const metaPath = join(path, META_FILE);
    const bytes = await disk.readWhole(metaPath);
    const found = parseProperties(bytes === undefined ? '' : Buffer.from(bytes).toString());
    const clusterId = found.get('cluster.id') ?? expectedClusterId ?? randomId(random);
    const directoryId = found.get('directory.id') ?? randomId(random);
    const nodeId = found.get('node.id') ?? found.get('broker.id') ?? String(options.nodeId);
    if (expectedClusterId !== undefined && clusterId !== expectedClusterId) {
      throw folderOfAnother(path, 'cluster.id', clusterId, expectedClusterId);
    }
    if (nodeId !== String(options.nodeId)) {
      throw folderOfAnother(path, 'node.id', nodeId, String(options.nodeId));
    }
    if (!found.has('directory.id') || !found.has('cluster.id')) {
      const lines = [
        `cluster.id=${clusterId}`,
        `directory.id=${directoryId}`,
        `node.id=${nodeId}`,
        'version=1',
      ];
      await writeFileAtomically(disk, metaPath, `${lines.join('\n')}\n`);
    }
    const isClean = (await disk.readWhole(join(path, CLEAN_STOP_FILE))) !== undefined;
    return { folder: { path: join(path), lock, directoryId, isClean }, clusterId };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Kafka's form of a UUID: 22 characters of base64url, never with a leading dash. */
function randomId(random: Random): string {
  for (;;) {
    const id = Buffer.from(random.nextBytes(16)).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items].reverse();
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  });
  await Promise.all(workers);
}
