export type { AbortedTransaction } from './aborted-transactions.ts';
export type {
  Appended,
  AppendOptions,
  AppendRefused,
  AppendResult,
  FlushPolicy,
  RecordError,
  RefusalReason,
} from './append-types.ts';
export { ByteBudget } from './byte-budget.ts';
export type { FolderDescription, FolderLog } from './describe-folders.ts';
export type { Disk, DiskEntry, DiskFile, DiskLock, DiskSpace } from './disk.ts';
export { isDiskFailure } from './errors.ts';
export { FileDisk } from './file-disk.ts';
export { writeFileAtomically } from './files.ts';
export {
  DEFAULT_LOG_CONFIG,
  isCompacted,
  isDeletedByRetention,
  NEVER,
  resolveLogConfig,
  type CleanupPolicy,
  type CompressionType,
  type LogConfig,
} from './log-config.ts';
export type { CleanerFigures } from './log-cleaner.ts';
export type { TimerFigures } from './log-figures.ts';
export { LogManager, type LogManagerFigures } from './log-manager.ts';
export type { MoveAnswer } from './log-moves.ts';
export type {
  CleanerSettings,
  CreateLogOptions,
  LogManagerIntervals,
  LogManagerLimits,
  LogManagerOptions,
  ManagerChanges,
  LockedFolder,
} from './manager-options.ts';
export type { EpochEnd, ReadOptions, ReadResult } from './log-types.ts';
export type { PartitionLog } from './partition-log.ts';
export type { ProducedBatch, ProducerState } from './producer-states.ts';
export type { TimestampedOffset } from './record-times.ts';
export { openStandaloneLog, type StandaloneLogOptions } from './standalone-log.ts';
export { SimDisk, type SimOperation } from './sim-disk.ts';
