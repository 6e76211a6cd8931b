import type { ConfigProblem } from '@millrace/config';
import type {
  AlteredSinkOffset,
  RecordFailure,
  SinkRun,
  TopicPartition,
  TopicPartitionOffset,
} from '@millrace/connector-api';
import type { Clock, Logger } from '@millrace/foundation';
import type { Change } from '../change.ts';
import type { Settings } from '../settings.ts';

/** A change of a batch, with the place of its record in the batch. */
export interface IndexedChange {
  readonly index: number;
  readonly topic: string;
  readonly change: Exclude<Change, { kind: 'skip' }>;
}

export interface WriteResult {
  readonly failures: readonly RecordFailure[];
  readonly rows: number;
  readonly deletes: number;
  readonly unmatched: number;
  readonly isSplit: boolean;
}

export interface RunResult {
  readonly rows: number;
  readonly deletes: number;
  readonly skipped: number;
}

export interface DialectPorts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly applicationName: string;
  readonly connector: string;
}

/** A kind of database: the only place that knows its SQL, its types and its driver. */
export interface Dialect {
  open(ports: DialectPorts): DialectWriter;
  /** Whether the server can be reached and used; what is wrong otherwise. */
  check(ports: DialectPorts, signal: AbortSignal): Promise<readonly ConfigProblem[]>;
}

/** A batch whose offsets are stored with its rows. */
export interface ExactlyOnceBatch {
  /** Of each record of the batch, by its index. */
  readonly offsets: readonly TopicPartitionOffset[];
  /** Records that were bad before anything was asked of the target. */
  readonly failures: readonly RecordFailure[];
  /** Takes care of bad records for good; called before the commit that steps over them. */
  readonly report: (failures: readonly RecordFailure[]) => Promise<void>;
}

/** Owns the connection to one database and opens it again when it broke. */
export interface DialectWriter {
  connect(signal: AbortSignal): Promise<void>;
  /**
   * One transaction for all changes, committed when this resolves; rows that are bad in themselves are returned.
   * With `once` their offsets are committed with them; records that turn out to be there already are left out.
   * @throws TargetError `retriable` when nothing was committed, or when it is not known whether it was
   */
  write(
    changes: readonly IndexedChange[],
    signal: AbortSignal,
    once?: ExactlyOnceBatch,
  ): Promise<WriteResult>;
  /**
   * The same for records as the log holds them, with their offsets if `isOnce`. Undefined: nothing of it was written, or
   * it is written again without harm, and the records are to be written as changes.
   * @throws TargetError for the same reason
   */
  writeRun(run: SinkRun, isOnce: boolean, signal: AbortSignal): Promise<RunResult | undefined>;
  /** Takes partitions over from whoever had them; returns where those go on that have been written before. */
  claim(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly TopicPartitionOffset[]>;
  release(partitions: readonly TopicPartition[]): void;
  /** Sets stored offsets as a person wishes. */
  alter(offsets: readonly AlteredSinkOffset[], signal: AbortSignal): Promise<void>;
  /** Ends within a few seconds, whatever the server does. */
  close(): Promise<void>;
}
