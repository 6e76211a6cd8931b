export type { AbortedTransaction } from './aborted-transactions.ts';
export type {
  Appended,
  AppendOptions,
  AppendRefused,
  AppendResult,
  FlushPolicy,
  RefusalReason,
} from './append-types.ts';
export { ByteBudget } from './byte-budget.ts';
export type { Disk, DiskEntry, DiskFile, DiskLock } from './disk.ts';
export { FileDisk } from './file-disk.ts';
export {
  DEFAULT_LOG_CONFIG,
  isCompacted,
  isDeletedByRetention,
  NEVER,
  resolveLogConfig,
  type CleanupPolicy,
  type LogConfig,
} from './log-config.ts';
export {
  LogManager,
  type CreateLogOptions,
  type LogManagerIntervals,
  type LogManagerLimits,
  type LogManagerOptions,
} from './log-manager.ts';
export type { EpochEnd, ReadOptions, ReadResult } from './log-types.ts';
export type { PartitionLog } from './partition-log.ts';
export type { ProducedBatch, ProducerState } from './producer-states.ts';
export type { TimestampedOffset } from './record-times.ts';
export { SimDisk, type SimOperation } from './sim-disk.ts';
