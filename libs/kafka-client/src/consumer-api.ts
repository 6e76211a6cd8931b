import type { ConsumedRecord, TopicPartition } from './records.ts';

/** `by_duration:PT1H` (KIP-1106): the first record that is at most so old. */
export type OffsetReset = 'earliest' | 'latest' | 'none' | `by_duration:${string}`;
export type IsolationLevel = 'read_uncommitted' | 'read_committed';
export type AssignorName = 'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky';

/** Shared by consumers and readers. */
export interface FetchOptions {
  readonly isolationLevel?: IsolationLevel;
  /** `max.poll.records`, default 500. */
  readonly maxPollRecords?: number;
  /** `fetch.min.bytes`, default 1. */
  readonly fetchMinBytes?: number;
  /** `fetch.max.wait.ms`, default 500. */
  readonly fetchMaxWaitMs?: number;
  /** `fetch.max.bytes`, default 50 MiB: of one answer. Fetching pauses while as much waits for `poll`. */
  readonly fetchMaxBytes?: number;
  /** `max.partition.fetch.bytes`, default 1 MiB. */
  readonly maxPartitionFetchBytes?: number;
  /** `request.timeout.ms`, default 30,000. */
  readonly requestTimeoutMs?: number;
  readonly retryBackoffMs?: number;
  /** What `recycle` is told is used again: for consumers that are done with most records at once. */
  readonly recyclesMemory?: boolean;
  /** `client.rack` (KIP-392, KIP-881). */
  readonly rackId?: string;
}

export type RebalanceCallback = (partitions: readonly TopicPartition[]) => void | Promise<void>;

export interface ConsumerOptions extends FetchOptions {
  readonly groupId: string;
  /** Exactly one of `topics`, `topicsPattern` and `topicsRegex`. */
  readonly topics?: readonly string[];
  /** Matched against whole topic names, as Java does; internal topics are left out. */
  readonly topicsPattern?: RegExp;
  /** Read by the coordinator, as RE2 against whole names; only in the consumer protocol (KIP-848). */
  readonly topicsRegex?: string;
  /** `group.protocol`, default classic. In `consumer` (KIP-848) the coordinator assigns. */
  readonly groupProtocol?: 'classic' | 'consumer';
  /** `group.remote.assignor`, `uniform` or `range`; only in the consumer protocol. */
  readonly remoteAssignor?: string;
  /** Default `latest`, as Kafka's. */
  readonly autoOffsetReset?: OffsetReset;
  /** `session.timeout.ms`, default 45,000; in the consumer protocol the broker's setting. */
  readonly sessionTimeoutMs?: number;
  /** `heartbeat.interval.ms`, default 3,000; in the consumer protocol the broker's setting. */
  readonly heartbeatIntervalMs?: number;
  /** `max.poll.interval.ms`, default 300,000: who doesn't poll for so long leaves the group. */
  readonly rebalanceTimeoutMs?: number;
  /** `group.instance.id`: a static member keeps its partitions over a restart. */
  readonly groupInstanceId?: string;
  /** Classic protocol, in order of preference; default range, then cooperative-sticky, as Kafka's. */
  readonly assignors?: readonly AssignorName[];
  /** Called inside `poll` and awaited. An error of theirs is thrown by `poll`. */
  readonly onAssigned?: RebalanceCallback;
  /** Still ours: offsets can be committed here. */
  readonly onRevoked?: RebalanceCallback;
  /** Ours no more: somebody else may own them already, commits would be refused. */
  readonly onLost?: RebalanceCallback;
}

export interface PollOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface OffsetToCommit extends TopicPartition {
  /** Of the next record to read. */
  readonly offset: number;
  readonly metadata?: string;
  /** Of the last record read (KIP-320), if known. */
  readonly leaderEpoch?: number;
}

/** Who reads, so that a transaction commits offsets only while these partitions are still its. */
export interface GroupMetadata {
  readonly groupId: string;
  /** In the classic protocol the generation, in the consumer protocol the member epoch; -1 none. */
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface CommittedOffset extends TopicPartition {
  readonly offset: number;
  readonly metadata: string;
  /** Of the last record before it, if who committed said so. */
  readonly leaderEpoch?: number;
}

/** A member of a consumer group. Not for concurrent `poll` calls. */
export interface Consumer extends AsyncDisposable {
  /** `[]` after the time-out. Rebalance callbacks run inside and are awaited. */
  poll(options: PollOptions): Promise<readonly ConsumedRecord[]>;
  /**
   * Records that follow those of the last `poll`: fetched already, or within the time-out. The group is not looked
   * after meanwhile, no callback runs, and it does not count as a poll: for reading on while the records of the last
   * poll are worked on. Who pauses or seeks a partition has to see what was read of it. Not beside another poll.
   */
  readAhead(options: PollOptions): Promise<readonly ConsumedRecord[]>;
  /** With `recyclesMemory`: nobody reads the bytes of these records any more, which were polled. Each at most once. */
  recycle(records: readonly ConsumedRecord[]): void;
  /**
   * Rejects with the retriable `client.rebalance_in_progress` while the group is being rebalanced
   * (poll, then commit again what is still assigned), and with the fatal `client.commit_rejected`
   * when this member is not in the group any more.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Only those that have a committed offset. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
  /** Of the next record that `poll` will return; `undefined` before the first `poll` knows it. */
  position(partition: TopicPartition): number | undefined;
  /**
   * How many offsets were left to read when the broker answered last: up to the high watermark, or the last stable
   * offset with `read_committed`. `undefined` before the first answer.
   */
  lag(partition: TopicPartition): number | undefined;
  /** With the epoch of the record before it, if known, so that a truncated log is noticed (KIP-320). */
  seek(partition: TopicPartition, offset: number, leaderEpoch?: number): void;
  /** Keeps what is fetched already, but doesn't return it until resumed. Ends with the assignment. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  paused(): readonly TopicPartition[];
  assignment(): readonly TopicPartition[];
  /** For `sendOffsetsToTransaction`: taken when the records were polled, or later. */
  groupMetadata(): GroupMetadata;
  /** The running `poll`, or the next one, returns at once. */
  wakeup(): void;
  /** Revokes (callbacks run), leaves the group unless static, lets go of the connections. */
  close(): Promise<void>;
}

export interface ReaderOptions extends FetchOptions {
  readonly topic: string;
  /** Default: all, those created later included. */
  readonly partitions?: readonly number[];
  /** `earliest` (default), `latest`, or partition to offset; partitions not named start at the earliest. */
  readonly from?: 'earliest' | 'latest' | ReadonlyMap<number, number>;
}

/** Reads without a group: for compacted internal topics and for tools. Not for concurrent calls. */
export interface PartitionReader extends AsyncDisposable {
  /**
   * From where the reader stands to the end offsets as of now. `onRecords` is called in offset
   * order of each partition, and awaited.
   */
  readToEnd(
    onRecords: (records: readonly ConsumedRecord[]) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
  poll(options: PollOptions): Promise<readonly ConsumedRecord[]>;
  position(partition: number): number | undefined;
  seek(partition: number, offset: number): void;
  wakeup(): void;
  close(): Promise<void>;
}
