import type { Logger, MillraceError, Random } from '@millrace/foundation';
import { dirname, resolve } from 'node:path';
import type { Disk } from './disk.ts';
import { errnoOf } from './errno.ts';
import { allFoldersFailed, isDiskFailure } from './errors.ts';
import { LogFolder } from './log-folder.ts';
import type { ExpectedMeta } from './meta-properties.ts';
import type { PartitionLog } from './partition-log.ts';
import { Placements } from './placements.ts';

export interface DataFoldersOptions {
  readonly paths: readonly string[];
  readonly disk: Disk;
  readonly random: Random;
  readonly log: Logger;
  readonly logs: () => Iterable<PartitionLog>;
  /** The log can't be used any more: its folder has failed. */
  readonly onLogLost: (log: PartitionLog) => void;
  readonly onAllFailed: (error: MillraceError) => void;
}

/** All of `log.dirs`: which of them work, which log is in which, and what happens to the logs of one that fails. */
export class DataFolders {
  readonly all: readonly LogFolder[];
  readonly #options: DataFoldersOptions;
  readonly #placements: Placements;
  /** Where logs are to be made that were asked to be in a folder before they exist. */
  /** Logs on their way, by folder. */
  readonly #inMaking = new Map<string, number>();
  readonly #wishes = new Map<string, LogFolder>();
  #hasToldOfEnd = false;

  constructor(options: DataFoldersOptions) {
    this.#options = options;
    this.#placements = new Placements(options.disk);
    this.all = options.paths.map((path) => new LogFolder(path, options.disk, options.log));
  }

  get online(): readonly LogFolder[] {
    return this.all.filter((folder) => !folder.isOffline);
  }

  get clusterId(): string {
    return this.all.find(({ clusterId }) => clusterId !== undefined)?.clusterId ?? '';
  }

  /** Throws when none of them works. */
  async open(expected: ExpectedMeta): Promise<void> {
    let { clusterId } = expected;
    for (const folder of this.all) {
      await folder.open({ ...expected, clusterId }, this.#options.random);
      clusterId ??= folder.clusterId;
    }
    this.mustWork();
    if (this.all.length < 2) return;
    for (const folder of this.online) {
      await this.guard(folder, () => this.#placements.read(folder.path));
    }
  }

  mustWork(): void {
    if (this.online.length === 0) throw this.endError();
  }

  endError(): MillraceError {
    return allFoldersFailed(this.all.map(({ path, failure }) => ({ path, failure })));
  }

  find(path: string): LogFolder | undefined {
    return this.all.find((folder) => folder.path === resolve(path));
  }

  folderOf(log: PartitionLog): LogFolder | undefined {
    const path = dirname(log.folder);
    return this.all.find((folder) => folder.path === path);
  }

  // ---------------------------------------------------------------- failures

  fail(folder: LogFolder, cause: unknown): void {
    if (!folder.fail(cause)) return;
    for (const log of this.#options.logs()) {
      if (dirname(log.folder) !== folder.path) continue;
      this.#options.onLogLost(log);
      log.failDisk(cause);
    }
    if (this.online.length > 0 || this.#hasToldOfEnd) return;
    this.#hasToldOfEnd = true;
    this.#options.onAllFailed(this.endError());
  }

  /** A log can't be trusted any more: by itself, or with all others of its folder. */
  async noteOffline(log: PartitionLog, cause: unknown): Promise<void> {
    const folder = this.folderOf(log);
    if (folder === undefined || folder.isOffline) return;
    if (await this.#isFolders(folder, cause)) {
      this.fail(folder, cause);
      return;
    }
    this.#options.log.error(
      { topic: log.topic, partition: log.partition, err: cause },
      'the disk failed; this partition is offline until a restart',
    );
  }

  /** Work on the files of a folder; a disk that fails takes the folder offline instead of throwing. */
  async guard(folder: LogFolder, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(await this.#isFolders(folder, error))) throw error;
      this.fail(folder, error);
    }
  }

  /** Whether an error says that the folder is lost, and not only one file in it. */
  async #isFolders(folder: LogFolder, error: unknown): Promise<boolean> {
    return isDiskFailure(error) || (errnoOf(error) === 'ENOENT' && !(await folder.isThere()));
  }

  // ---------------------------------------------------------------- places

  /** The log is to be made in this folder, when it is made. */
  wish(name: string, folder: LogFolder): void {
    this.#wishes.set(name, folder);
  }

  /** The one that was asked for, or the one with the fewest logs; undefined when none works. */
  chooseFor(name: string): LogFolder | undefined {
    const wish = this.#wishes.get(name);
    if (wish !== undefined && !wish.isOffline) return wish;
    if (this.all.length === 1) return this.online[0];
    const counts = new Map(this.#inMaking);
    for (const log of this.#options.logs()) {
      const path = dirname(log.folder);
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
    let best: LogFolder | undefined;
    for (const folder of this.online) {
      const count = counts.get(folder.path) ?? 0;
      if (best === undefined || count < (counts.get(best.path) ?? 0)) best = folder;
    }
    return best;
  }

  /** Counts a log that is being made there, until the answer is called. */
  reserve({ path }: LogFolder): () => void {
    const count = (by: number): void => {
      this.#inMaking.set(path, (this.#inMaking.get(path) ?? 0) + by);
    };
    count(1);
    return () => count(-1);
  }

  /** Whether the log is known to be in a folder that could not be read at the start. */
  isElsewhere(name: string, topicId: string): boolean {
    const { online } = this;
    if (online.length === this.all.length) return false;
    const placement = this.#placements.find(name);
    return (
      placement?.topicId === topicId &&
      online.every(({ directoryId }) => directoryId !== placement.directoryId)
    );
  }

  /** Notes, durably and in each folder, where a log is. */
  async place(name: string, topicId: string, { directoryId }: LogFolder): Promise<void> {
    this.#wishes.delete(name);
    if (this.all.length < 2) return;
    const placement = { topicId, directoryId };
    this.#placements.set(name, placement);
    for (const folder of this.online) {
      await this.guard(folder, () => this.#placements.add(folder.path, name, placement));
    }
  }

  /** As found at the start. What is known of logs in folders that don't work stays. */
  async placeAll(): Promise<void> {
    if (this.all.length < 2) return;
    const found = new Set<string>();
    for (const log of this.#options.logs()) {
      const directoryId = this.folderOf(log)?.directoryId ?? '';
      this.#placements.set(log.name, { topicId: log.topicId ?? '', directoryId });
      found.add(log.name);
    }
    const hasOffline = this.online.length < this.all.length;
    for (const folder of this.online) {
      await this.guard(folder, () =>
        this.#placements.write(folder.path, (name) => hasOffline || found.has(name)),
      );
    }
  }
}
