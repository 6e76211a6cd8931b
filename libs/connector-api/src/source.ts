import type { Clock, Logger, Random } from '@millrace/foundation';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import type { ComponentConfig, ConfigValidation, Plugin } from './plugin.ts';

export interface SourceConnector extends Plugin, ConfigValidation {
  readonly kind: 'source';
  /** At most `tasksMax` task configurations; the runtime starts one task with each. */
  taskConfigs(config: ComponentConfig, tasksMax: number): Promise<readonly ComponentConfig[]>;
  createTask(): SourceTask;
  /** Whether its tasks go on behind exactly the records of their offsets (KIP-618); unknown when it does not say. */
  exactlyOnceSupport?(config: ComponentConfig): 'supported' | 'unsupported';
  /** Whether its tasks can end transactions themselves: `transaction.boundary=connector`. */
  canDefineTransactionBoundaries?(config: ComponentConfig): boolean;
  /**
   * Offsets are about to be set by a person, or forgotten (null), while the connector is stopped (KIP-875). Resolves
   * with whether that is all there is to do: false when the connector keeps positions of its own outside that a
   * person must move too, true when there are none, or it moved them here. Absent: unknown, as false.
   * @throws what is wrong with the offsets: then nothing is stored
   */
  alterOffsets?(
    config: ComponentConfig,
    offsets: readonly AlteredSourceOffset[],
    signal: AbortSignal,
  ): Promise<boolean>;
  /** The connector was deleted: give up what it holds outside (only what the config allows to be dropped). */
  onDelete?(config: ComponentConfig, signal: AbortSignal): Promise<void>;
}

/** Null: the source partition is forgotten. */
export interface AlteredSourceOffset {
  readonly partition: SourcePartition;
  readonly offset: SourceOffset | null;
}

/** The stored offsets of the connector, as they were durable when the task started. */
export interface OffsetReader {
  find(partition: SourcePartition): SourceOffset | undefined;
}

/**
 * Ends transactions, with exactly-once delivery and `transaction.boundary=connector` (KIP-618). Called in `poll`; holds
 * for the batch that this `poll` returns, or from a record of it on. The offsets of aborted records are stored all the
 * same: what shall be read again is an error of `poll`.
 */
export interface TransactionContext {
  commitTransaction(after?: SourceRecord): void;
  abortTransaction(after?: SourceRecord): void;
}

/** A record of a topic that a connector keeps for itself. */
export interface TopicRecord {
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** Partition 0 of a topic that a connector keeps for itself: signals, the history of schemas. */
export interface TopicLog extends AsyncDisposable {
  /**
   * Records from this offset on, or from the first that is left; none without such a topic. With `waitMs` 0 all up to
   * the end as of now, though some 10,000 at a time; else what comes first, within that time. `nextOffset` is where
   * the next read begins.
   */
  read(
    fromOffset: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly TopicRecord[]; readonly nextOffset: number }>;
  /** The offset behind the last record; 0 without such a topic. */
  end(signal: AbortSignal): Promise<number>;
  /** Resolves when the records are durable (`acks=all`), in order. */
  append(
    records: readonly Pick<TopicRecord, 'key' | 'value'>[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Makes the topic, with one partition and these settings, if it isn't there. */
  ensure(settings: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
}

export interface TopicLogOptions {
  /** Null or absent: the worker's cluster. */
  readonly bootstrapServers?: string | null;
  /** Kafka's client settings for a cluster of its own, such as `security.protocol`. */
  readonly clientConfig?: Readonly<Record<string, string>>;
}

/** Gives connectors topics of their own, as connectors don't speak Kafka's protocol. Nothing is connected before it is used. */
export interface TopicAccess {
  open(topic: string, options?: TopicLogOptions): TopicLog;
}

export interface SourceTaskContext {
  readonly connector: string;
  readonly task: number;
  readonly config: ComponentConfig;
  readonly offsets: OffsetReader;
  /** Undefined unless the connector is to end transactions. */
  readonly transaction?: TransactionContext;
  /** Undefined where there is no log: in tests. */
  readonly topics?: TopicAccess;
  /**
   * What `poll` returns may have a `run`: nothing looks at the records one by one, since there are no transforms and the
   * converters take JSON forms.
   */
  readonly takesRuns?: boolean;
  /** A folder for what may be lost at any time, shared with others; may not exist yet. Absent: there is none. */
  readonly scratchDir?: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

export interface CommittedOffset {
  readonly partition: SourcePartition;
  readonly offset: SourceOffset;
}

/**
 * Reads from a system. The runtime calls `start`, then `poll` again and again (never two at once), `commit` in
 * between or at the same time, and at last `stop`, exactly once, also when `start` or `poll` threw.
 */
export interface SourceTask {
  /** Throws when it can't start; a retriable error makes the runtime try again with back-off. */
  start(context: SourceTaskContext, signal: AbortSignal): Promise<void>;
  /**
   * The next records, in order. Waits while there are none, for some seconds at the most, and may then return an
   * empty batch. Ends early, with an empty batch or `signal.reason`, when aborted. Keep a batch under a few MB: the
   * runtime polls again only while its own budget allows (back-pressure is not being polled).
   * @throws MillraceError `retriable`: polled again after a back-off; otherwise the task fails
   */
  poll(signal: AbortSignal): Promise<readonly SourceRecord[]>;
  /**
   * INV-1: the records up to these offsets are durable in the log, and the offsets themselves are stored. Only now
   * may the source system be told to forget them. One entry for each source partition that moved.
   */
  commit?(offsets: readonly CommittedOffset[], signal: AbortSignal): Promise<void>;
  /** Figures of its own by metric name, such as `source_lag_ms`; read at any time, must not block. */
  metrics?(): Readonly<Record<string, number>>;
  /** Releases everything. Idempotent; ends within a few seconds whatever the outside does. */
  stop(): Promise<void>;
}
