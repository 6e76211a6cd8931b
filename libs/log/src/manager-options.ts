import type { Clock, Logger, MillraceError, Random, RecycledMemory } from '@millrace/foundation';
import type { FlushPolicy } from './append-types.ts';
import type { Disk } from './disk.ts';
import type { LogConfig } from './log-config.ts';

const MIB = 1024 * 1024;

export interface LogManagerOptions {
  /** Kafka's `log.dirs`; made when they don't exist. */
  readonly folders: readonly string[];
  /** Kafka's `node.id`. */
  readonly nodeId: number;
  /** Expected in `meta.properties`; without it the one found there, or a new one. */
  readonly clusterId?: string;
  /** Settings of a topic's logs when the manager opens them. They can be changed later. */
  readonly configFor?: (topic: string) => LogConfig;
  /**
   * Runs when the folders are locked and nothing in them is open yet, with those that work; the first one is
   * `folders[0]`, or there is `log.folder_offline` instead. The settings that it answers hold from the first log on.
   */
  readonly beforeLoad?: (
    folders: readonly LockedFolder[],
    clusterId: string,
  ) => Promise<ManagerChanges | undefined>;
  /** Folders of partitions that are somebody else's. */
  readonly foreignLogs?: ReadonlySet<string>;
  /** For appends that don't say; 'every-append' when absent. */
  readonly flushPolicy?: FlushPolicy;
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  /** For the tail caches; memory of its own when absent. */
  readonly memory?: RecycledMemory;
  readonly limits?: Partial<LogManagerLimits>;
  readonly intervals?: Partial<LogManagerIntervals>;
  readonly cleaner?: Partial<CleanerSettings>;
  /** Kafka's `replica.alter.log.dirs.io.max.bytes.per.second`; no limit when absent. */
  readonly moveBytesPerSecondMax?: number;
  /** Called once, when the last folder has failed: nothing can be served any more. */
  readonly onAllFoldersFailed?: (error: MillraceError) => void;
}

/** One of `log.dirs`, in use by this process. */
export interface LockedFolder {
  readonly path: string;
  /** Kafka's `directory.id`. */
  readonly directoryId: string;
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
  /** Kafka's `num.recovery.threads.per.data.dir`: logs of one folder recovered at the same time, 2. */
  readonly recoveriesPerFolder: number;
  /** Batches unpacked at the same time to be checked or packed anew, 4. */
  readonly unpackingsMax: number;
}

/** Kafka's defaults, but for the flush. */
export interface LogManagerIntervals {
  /** Flush of logs with policy 'interval', 1 s. */
  readonly flushMs: number;
  /** `log.retention.check.interval.ms`, 5 min. */
  readonly retentionMs: number;
  /** `log.flush.offset.checkpoint.interval.ms`: recovery points, index entries and epochs, 60 s. */
  readonly checkpointMs: number;
  /** `log.flush.start.offset.checkpoint.interval.ms`, 60 s. */
  readonly startCheckpointMs: number;
  /** `replica.high.watermark.checkpoint.interval.ms`, 5 s. */
  readonly highWatermarkMs: number;
  /** Looks for deleted files whose delay is over, 10 s. */
  readonly deleteMs: number;
}

/** Kafka's `log.cleaner.*`. */
export interface CleanerSettings {
  readonly isEnabled: boolean;
  /** Compactions at the same time; 0 runs one on the event loop, for tests with a simulated disk. */
  readonly threads: number;
  /** `log.cleaner.dedupe.buffer.size`: memory of the key maps of all threads, 24 bytes a key. */
  readonly dedupeBytesMax: number;
  /** `log.cleaner.io.buffer.load.factor`. */
  readonly loadFactor: number;
  /** `log.cleaner.io.buffer.size`: read at a time, of all threads. */
  readonly ioBufferBytes: number;
  /** `log.cleaner.io.max.bytes.per.second`, of all threads. */
  readonly bytesPerSecondMax: number;
  /** `log.cleaner.backoff.ms`. */
  readonly backoffMs: number;
}

export const DEFAULT_LIMITS: LogManagerLimits = {
  openFilesMax: 2000,
  tailCacheBytesMax: 32 * MIB,
  indexBytesMax: 16 * MIB,
  appendQueueBytesMax: 32 * MIB,
  appendQueuesBytesMax: 128 * MIB,
  producersMax: 100_000,
  producerExpirationMs: 86_400_000,
  recoveriesPerFolder: 2,
  unpackingsMax: 4,
};

export const DEFAULT_INTERVALS: LogManagerIntervals = {
  flushMs: 1000,
  retentionMs: 300_000,
  checkpointMs: 60_000,
  startCheckpointMs: 60_000,
  highWatermarkMs: 5000,
  deleteMs: 10_000,
};

export const DEFAULT_CLEANER: CleanerSettings = {
  isEnabled: true,
  threads: 1,
  dedupeBytesMax: 128 * MIB,
  loadFactor: 0.9,
  ioBufferBytes: 512 * 1024,
  bytesPerSecondMax: Infinity,
  backoffMs: 15_000,
};

/** What may change while logs are open. */
export interface ManagerChanges {
  readonly cleaner: CleanerSettings;
  readonly producerExpirationMs: number;
  /** For the logs that a start finds: a change after it has no effect. */
  readonly recoveriesPerFolder: number;
  readonly moveBytesPerSecondMax: number;
}

export interface CreateLogOptions {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's form: 22 characters of base64url. */
  readonly topicId: string;
  readonly config: LogConfig;
}
