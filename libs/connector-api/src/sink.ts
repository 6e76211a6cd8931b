import type { Clock, Logger, MillraceError, Random } from '@millrace/foundation';
import type { LogRecord, SinkRecord } from '@millrace/record';
import type { JsonReading } from './converter.ts';
import type { ComponentConfig, ConfigValidation, Plugin } from './plugin.ts';

export interface SinkConnector extends Plugin, ConfigValidation {
  readonly kind: 'sink';
  taskConfigs(config: ComponentConfig, tasksMax: number): Promise<readonly ComponentConfig[]>;
  createTask(): SinkTask;
  /**
   * Offsets of its group are about to be set by a person, or forgotten (null), while the connector is stopped (KIP-875).
   * Resolves with whether that is all there is to do, as for a source. Absent: unknown, as false.
   * @throws what is wrong with the offsets: then nothing is committed
   */
  alterOffsets?(
    config: ComponentConfig,
    offsets: readonly AlteredSinkOffset[],
    signal: AbortSignal,
  ): Promise<boolean>;
  onDelete?(config: ComponentConfig, signal: AbortSignal): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The next offset to read of a partition: everything below has been consumed. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** Null: the partition is forgotten. */
export interface AlteredSinkOffset extends TopicPartition {
  readonly offset: number | null;
}

export interface SinkTaskContext {
  readonly connector: string;
  readonly task: number;
  readonly config: ComponentConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Rewinds: the next records of the partition come from this offset. */
  seek(position: TopicPartitionOffset): void;
  /** Asks for a commit of offsets soon. */
  requestCommit(): void;
  /** The partitions that the task has now. */
  assignment(): readonly TopicPartition[];
  /**
   * No records of these partitions until they are resumed or revoked; `put` goes on for the others.
   * @throws MillraceError for partitions that are not assigned
   */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /**
   * A record that turned out to be bad after `put` had taken it, before `flush` returns: it goes by the error strategy
   * (KIP-610). Resolves when it is taken care of; no offset is committed before. With `errors.tolerance=none` the task
   * fails.
   */
  report(record: SinkRecord, error: MillraceError): Promise<void>;
}

/** A record that can't be delivered, whatever one does; all others of the batch were delivered. */
export interface RecordFailure {
  /** Index in the batch given to `put`. */
  readonly index: number;
  readonly error: MillraceError;
}

/**
 * A batch as the log holds it, for tasks that read bytes faster than objects. All of its keys and values are JSON, no
 * transform is to see them, and nothing of them was converted.
 */
export interface SinkRun {
  /** In order within each partition. Lent until `putRun` has ended. */
  readonly records: readonly LogRecord[];
  readonly keys: JsonReading;
  readonly values: JsonReading;
  /** One of them as `put` would get it. @throws what its converter says of it */
  record(index: number): SinkRecord;
}

/**
 * Writes to a system. The runtime calls `start`, `open` with the partitions assigned, then `put` (never two at once)
 * and `flush`, `close` with the partitions revoked, and at last `stop`, exactly once, also after an error.
 */
export interface SinkTask {
  start(context: SinkTaskContext, signal: AbortSignal): Promise<void>;
  open?(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<void>;
  /**
   * Takes a batch, in order within each partition. Resolves when it is taken over (delivered, or buffered until
   * `flush`), with the records that are bad in themselves: those go by the error strategy (INV-2).
   * @throws MillraceError `retriable`: the same batch is put again after a back-off, so nothing of it may be taken as
   * delivered twice by an idempotent target; otherwise the task fails
   */
  put(records: readonly SinkRecord[], signal: AbortSignal): Promise<readonly RecordFailure[]>;
  /**
   * The same for records that nobody has converted. True: all of them are taken over, as by a `put` without a failure.
   * False: it did not take them, whatever the reason, and gets them again by `put`, where what is wrong is told; so is
   * an error. A task that returns false often is asked less and less often.
   */
  putRun?(run: SinkRun, signal: AbortSignal): Promise<boolean>;
  /**
   * Everything that was put is now durable in the target, or the offsets returned say up to where. Offsets are
   * committed only after this. Absent: `put` delivers by itself.
   * @throws MillraceError the offsets are not committed; the runtime rewinds to the last committed ones
   */
  flush?(
    consumed: readonly TopicPartitionOffset[],
    signal: AbortSignal,
  ): Promise<readonly TopicPartitionOffset[] | undefined>;
  close?(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<void>;
  metrics?(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}
