import { MillraceError, must, type Logger } from '@millrace/foundation';
import { join } from 'node:path';
import type { AbortedTransaction } from './aborted-transactions.ts';
import { AppendQueue } from './append-queue.ts';
import {
  refused,
  type AppendOptions,
  type AppendRefused,
  type AppendResult,
  type FlushPolicy,
} from './append-types.ts';
import { checkAppend, type AppendOrigin } from './check-append.ts';
import {
  abortedAmong,
  cleanRules,
  copyCleaned,
  findDirty,
  groupSegments,
  mapKeys,
  type DirtyState,
} from './compaction.ts';
import { appendQueueFull, damagedFile, diskFull } from './errors.ts';
import { isShortage, logClosed, partitionOffline } from './errors.ts';
import { Exclusive } from './exclusive.ts';
import { writeFileAtomically } from './files.ts';
import { HighWatermark } from './high-watermark.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import { isDeletedByRetention, type LogConfig } from './log-config.ts';
import type {
  EpochEnd,
  LogPorts,
  OpenedState,
  PartitionLogOptions,
  ReadOptions,
  ReadResult,
} from './log-types.ts';
import { ProducerSnapshots } from './producer-snapshots.ts';
import type { ProducerState, ProducerStates } from './producer-states.ts';
import { readBatches, type Wanted } from './read-batches.ts';
import {
  findFirstSince,
  findNewest,
  type TimeSearch,
  type TimestampedOffset,
} from './record-times.ts';
import { replayProducers } from './replay-producers.ts';
import { chooseExpired } from './retention.ts';
import type { Segment } from './segment.ts';
import { SegmentList } from './segment-list.ts';
import { mustRoll, stageGroup, type Group, type QueuedAppend } from './stage-group.ts';
import { TailCache } from './tail-cache.ts';
import { noteGroup, writeGroup } from './write-group.ts';

const EMPTY = new Uint8Array(0);

/**
 * One partition on disk.
 *
 * Appends join a queue; one group of them at a time is staged (sequence numbers checked, offsets
 * given), written by one `writev`, made durable by one `fdatasync` when any of them asked for it,
 * and only then noted in indexes, producer states and epochs. A group that can't be written leaves
 * no trace. Everything that changes segments (groups, roll, retention, truncation, the swap at the
 * end of a compaction) runs one after the other in `#exclusive`; reads go on beside it.
 *
 * Offsets: log start ≤ last stable ≤ high watermark ≤ log end; the log end is what is written.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string | undefined;
  readonly #ports: LogPorts;
  readonly #log: Logger;
  readonly #flushPolicy: FlushPolicy;
  readonly #queue: AppendQueue;
  readonly #producerExpirationMs: number;
  readonly #exclusive = new Exclusive();
  readonly #tail: TailCache;
  readonly #producers: ProducerStates;
  readonly #snapshots: ProducerSnapshots;
  readonly #epochs: LeaderEpochs;
  readonly #segments: SegmentList;
  readonly #watermark: HighWatermark;
  #folder: string;
  #config: LogConfig;
  #isDraining = false;
  /** Said once, not for each append that is refused. */
  #isShortOfRoom = false;
  #logStartOffset: number;
  #durableEndOffset: number;
  #unflushedRecords = 0;
  #unflushedSinceMs = 0;
  #isFlushWanted = false;
  #isHighWatermarkManaged = false;
  /** Counts truncations, so that work that ran beside one knows that it saw the past. */
  #truncations = 0;
  /** Meanwhile the segments are in no state to be read. */
  #isTruncating = false;
  #offlineCause: unknown = undefined;
  #isClosed = false;

  constructor(options: PartitionLogOptions, opened: OpenedState) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.topicId = options.topicId;
    this.#ports = options.ports;
    this.#log = options.ports.log.child({ topic: options.topic, partition: options.partition });
    this.#flushPolicy = options.flushPolicy;
    this.#queue = new AppendQueue(options.appendQueueBytesMax, options.ports.appendBudget);
    this.#producerExpirationMs = options.producerExpirationMs;
    this.#folder = options.folder;
    this.#config = options.config;
    this.#tail = new TailCache(options.ports.tailBudget);
    this.#producers = opened.producers;
    this.#snapshots = new ProducerSnapshots(options.folder, options.ports.disk);
    this.#epochs = opened.epochs;
    const { segments, segmentPorts } = opened;
    this.#segments = new SegmentList(options.folder, segments, segmentPorts, options.ports);
    this.#logStartOffset = opened.logStartOffset;
    this.#watermark = new HighWatermark(this.logEndOffset);
    this.#durableEndOffset = opened.recoveryPoint;
  }

  get name(): string {
    return `${this.topic}-${this.partition}`;
  }

  get folder(): string {
    return this.#folder;
  }

  get config(): LogConfig {
    return this.#config;
  }

  /** The first offset that can be read. */
  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** The offset that the next record gets. */
  get logEndOffset(): number {
    return this.#active.nextOffset;
  }

  /** Consumers see what is below it. */
  get highWatermark(): number {
    return this.#watermark.offset;
  }

  /** Readers of committed records see what is below it. */
  get lastStableOffset(): number {
    return Math.min(
      this.#watermark.offset,
      this.#producers.firstUnstableOffset(this.#watermark.offset),
    );
  }

  /** All below it survives a loss of power. */
  get recoveryPoint(): number {
    return Math.min(this.#durableEndOffset, this.logEndOffset);
  }

  /** The newest leader epoch in the log; -1 when there is none. */
  get latestEpoch(): number {
    return this.#epochs.latest?.epoch ?? -1;
  }

  get bytes(): number {
    return this.#segments.bytes;
  }

  get segmentCount(): number {
    return this.#segments.all.length;
  }

  /** Bytes of appends that wait for the disk. A server reads less from its sockets while it is high. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  get isOffline(): boolean {
    return this.#offlineCause !== undefined;
  }

  get #active(): Segment {
    return this.#segments.active;
  }

  /** New settings hold from the next append, roll, retention and compaction on. */
  configure(config: LogConfig): void {
    this.#config = config;
  }

  // ---------------------------------------------------------------- append

  /**
   * Appends one or several record batches. Base offset and leader epoch are patched in place, and
   * `batches` belongs to the log from here on (it may stay in the tail cache). Refusals that a
   * client caused or can retry are values; nothing is thrown for them.
   */
  append(batches: Uint8Array, options: AppendOptions): Promise<AppendResult> {
    const flush = options.flush ?? this.#flushPolicy;
    if (flush === 'interval') this.#isFlushWanted = true;
    const origin = options.origin ?? 'client';
    return this.#enqueue(batches, origin, options.leaderEpoch, flush === 'every-append');
  }

  /** Appends batches of the leader as they are: with its offsets and epochs. */
  appendAsFollower(batches: Uint8Array, flush: FlushPolicy = 'none'): Promise<AppendResult> {
    return this.#enqueue(batches, 'follower', -1, flush === 'every-append');
  }

  #enqueue(
    bytes: Uint8Array,
    origin: AppendOrigin,
    leaderEpoch: number,
    isDurable: boolean,
  ): Promise<AppendResult> {
    const refusal = this.#findRefusal();
    if (refusal !== undefined) return Promise.resolve(refusal);
    const checked = checkAppend(bytes, origin, this.#config, this.#ports.clock.nowMs());
    if (checked.kind === 'refused') return Promise.resolve(checked);
    const { batches, maxTimestampMs } = checked;
    const request = { bytes, batches, maxTimestampMs, leaderEpoch, isDurable, origin };
    const done = this.#queue.add(request);
    if (typeof done === 'number') {
      return Promise.resolve(refused('queue-full', appendQueueFull(this.#folder, done)));
    }
    if (!this.#isDraining) {
      this.#isDraining = true;
      // What arrives in the same turn of the loop joins the first group.
      queueMicrotask(() => {
        void this.#drain();
      });
    }
    return done;
  }

  #findRefusal(): AppendRefused | undefined {
    if (this.#isClosed) return refused('closed', logClosed(this.#folder));
    if (this.isOffline) {
      return refused('offline', partitionOffline(this.#folder, this.#offlineCause));
    }
    return undefined;
  }

  /** The only writer of the active segment: group after group until the queue is empty. */
  async #drain(): Promise<void> {
    while (this.#queue.waiting.length > 0) {
      try {
        await this.#exclusive.run(() => this.#writeGroup());
      } catch (error) {
        // Our bug or a disk that fails in an unknown way: nothing in memory can be trusted.
        this.#goOffline(error);
        this.#refuseQueued();
      }
    }
    this.#isDraining = false;
  }

  async #writeGroup(): Promise<void> {
    if (this.#findRefusal() !== undefined) {
      this.#refuseQueued();
      return;
    }
    const first = this.#queue.waiting[0];
    if (first === undefined) return;
    if (
      mustRoll(this.#active, this.#config, first, 0, this.logEndOffset, this.#ports.clock.nowMs())
    ) {
      try {
        await this.#roll(this.#nextBaseOffset(first));
      } catch (error) {
        this.#failGroup(this.#queue.take(1), error);
        return;
      }
    }
    const group = this.#stageGroup();
    if (group.appends.length === 0) return;
    if (group.bytes > 0 && !(await this.#write(group))) return;
    this.#note(group);
    const hasDurable = group.appends.some((append) => append.isDurable);
    const isFlushDue = this.#unflushedRecords >= this.#config['flush.messages'];
    if (!isFlushDue) this.#acknowledge(group, 'written');
    if (!hasDurable && !isFlushDue) return;
    if (this.recoveryPoint < this.logEndOffset) {
      try {
        await this.#sync();
      } catch (error) {
        // A second fsync would report success over lost pages: the partition stops here instead.
        this.#goOffline(error);
        this.#queue.refuse(
          group.appends,
          refused('offline', partitionOffline(this.#folder, error)),
        );
        return;
      }
    }
    this.#acknowledge(group, 'durable');
  }

  #nextBaseOffset(append: QueuedAppend): number {
    const given = append.batches[0]?.header.baseOffset ?? 0;
    return append.origin === 'follower' ? Math.max(given, this.logEndOffset) : this.logEndOffset;
  }

  /** Takes from the queue what fits in one write, and answers what is refused. */
  #stageGroup(): Group {
    const { group, taken, refusals } = stageGroup(this.#queue.waiting, {
      segment: this.#active,
      producers: this.#producers,
      config: this.#config,
      baseOffset: this.logEndOffset,
      logStartOffset: this.#logStartOffset,
      nowMs: this.#ports.clock.nowMs(),
    });
    this.#queue.take(taken);
    for (const [append, refusal] of refusals) this.#queue.settle(append, refusal);
    return group;
  }

  /** False when the group was refused; then nothing of it is in the file. */
  async #write(group: Group): Promise<boolean> {
    const segment = this.#active;
    try {
      await writeGroup(this.#ports.files, segment, group);
    } catch (error) {
      this.#failGroup(group.appends, error);
      return false;
    }
    this.#segments.noteWritten(segment);
    if (this.#isShortOfRoom) {
      this.#isShortOfRoom = false;
      this.#log.info({}, 'there is room for appends again');
    }
    return true;
  }

  #failGroup(appends: readonly QueuedAppend[], error: unknown): void {
    if (isShortage(error)) {
      if (!this.#isShortOfRoom) {
        this.#isShortOfRoom = true;
        this.#log.warn({ err: error }, 'no room for appends; they are refused until there is');
      }
      this.#queue.refuse(appends, refused('disk-full', diskFull(this.#folder, error)));
      return;
    }
    this.#goOffline(error);
    this.#queue.refuse(appends, refused('offline', partitionOffline(this.#folder, error)));
  }

  #note(group: Group): void {
    noteGroup(group, {
      segment: this.#active,
      epochs: this.#epochs,
      producers: this.#producers,
      indexIntervalBytes: this.#config['index.interval.bytes'],
    });
    if (group.bytes === 0) return;
    this.#tail.add(group.baseOffset, group.tail);
    if (this.#unflushedRecords === 0) this.#unflushedSinceMs = group.nowMs;
    this.#unflushedRecords += group.recordCount;
  }

  /**
   * Answers the appends of a group that asked for no more than it has reached. The high watermark never passes an
   * append that still waits for its flush (INV-5).
   */
  #acknowledge(group: Group, reached: 'written' | 'durable'): void {
    let visible = this.logEndOffset;
    for (const append of group.appends) {
      const { result } = append;
      if (result === undefined) continue;
      if (reached === 'written' && append.isDurable) visible = Math.min(visible, result.baseOffset);
      else this.#queue.settle(append, result);
    }
    if (!this.#isHighWatermarkManaged) this.#watermark.advance(visible);
  }

  #refuseQueued(): void {
    const refusal = this.#findRefusal() ?? refused('closed', logClosed(this.#folder));
    this.#queue.refuse(this.#queue.take(Infinity), refusal);
  }

  /** A write-back failed outside of a flush: what was written since the last one may be gone. */
  failDisk(cause: unknown): void {
    this.#goOffline(cause);
  }

  #goOffline(cause: unknown): void {
    if (this.isOffline) return;
    this.#offlineCause = cause ?? new Error('unknown');
    this.#log.error({ err: cause }, 'the disk failed; this partition is offline until a restart');
  }

  // ---------------------------------------------------------------- durability

  /** Makes all that is written now durable. Throws `log.partition_offline`. */
  async flush(): Promise<void> {
    if (this.isOffline) throw partitionOffline(this.#folder, this.#offlineCause);
    try {
      await this.#sync();
    } catch (error) {
      this.#goOffline(error);
      throw partitionOffline(this.#folder, error);
    }
  }

  /** Flushes when the policy 'interval' or `flush.ms` asks for it. */
  async flushIfDue(nowMs: number): Promise<void> {
    if (this.isOffline || this.#isClosed || this.#segments.isSynced) return;
    const isDue = nowMs - this.#unflushedSinceMs >= this.#config['flush.ms'];
    if (!this.#isFlushWanted && !isDue) return;
    this.#isFlushWanted = false;
    await this.flush();
  }

  async #sync(): Promise<void> {
    const end = this.logEndOffset;
    const records = this.#unflushedRecords;
    const truncations = this.#truncations;
    if (!(await this.#segments.sync(() => truncations !== this.#truncations))) return;
    this.#durableEndOffset = Math.max(this.#durableEndOffset, end);
    this.#unflushedRecords -= records;
    if (this.#unflushedRecords <= 0) this.#unflushedRecords = 0;
    else this.#unflushedSinceMs = this.#ports.clock.nowMs();
  }

  /**
   * Saves what is kept beside the batches: index entries, leader epochs. Answers the offset from
   * which a recovery must begin now; undefined when it could not be moved.
   */
  async checkpoint(): Promise<number | undefined> {
    if (this.isOffline || this.#isClosed) return undefined;
    const { recoveryPoint } = this;
    await this.#active.saveIndexes();
    await this.#saveEpochs();
    return recoveryPoint;
  }

  async #saveEpochs(): Promise<void> {
    if (!this.#epochs.isDirty) return;
    const path = join(this.#folder, 'leader-epoch-checkpoint');
    const text = this.#epochs.encode();
    await writeFileAtomically(this.#ports.disk, path, text);
    if (this.#epochs.encode() === text) this.#epochs.markSaved();
  }

  // ---------------------------------------------------------------- high watermark

  /**
   * For a log with followers: from here on only `setHighWatermark` moves it. Else it follows the
   * acknowledged appends.
   */
  manageHighWatermark(isManaged: boolean): void {
    this.#isHighWatermarkManaged = isManaged;
    if (!isManaged) this.#watermark.advance(this.logEndOffset);
  }

  /** Never goes back, and never beyond the log end. */
  setHighWatermark(offset: number): void {
    this.#watermark.advance(Math.min(offset, this.logEndOffset));
  }

  /**
   * `listener` is called once each time the high watermark moves, and when the log is closed.
   * Answers how to stop that.
   */
  onHighWatermark(listener: (log: PartitionLog) => void): () => void {
    return this.#watermark.listen(() => listener(this));
  }

  /** Resolves once the record at `offset` can be read, or the log is closed. Rejects with `signal.reason`. */
  waitForHighWatermark(offset: number, signal?: AbortSignal): Promise<void> {
    return this.#watermark.waitBeyond(offset, signal);
  }

  // ---------------------------------------------------------------- read

  /**
   * Whole batches from the one that holds `fromOffset` on, out of one segment or the tail cache.
   * Empty when there is nothing below the limit. Throws `log.partition_offline`.
   */
  async read(
    fromOffset: number,
    bytesMax: number,
    options: ReadOptions = {},
  ): Promise<ReadResult | 'offset-out-of-range'> {
    await this.#readable();
    if (fromOffset < this.#logStartOffset || fromOffset > this.logEndOffset) {
      return 'offset-out-of-range';
    }
    const minOne = options.minOneMessage === true;
    const limit = this.#limitOf(options.upTo);
    // Taken before the data: what they promise is in it or after it.
    const result = this.#describe();
    if (fromOffset >= limit || (bytesMax <= 0 && !minOne)) {
      return { ...result, bytes: EMPTY, nextOffset: fromOffset };
    }
    if (fromOffset >= this.#tail.baseOffset) {
      const cached = this.#tail.read(fromOffset, bytesMax, limit, minOne);
      if (cached !== undefined) {
        return { ...result, bytes: cached.bytes, nextOffset: cached.nextOffset };
      }
    }
    try {
      const wanted = { bytesMax, limit, minOne, allocate: options.allocate };
      const found = await this.#readFiles(fromOffset, wanted);
      return found === 'offset-out-of-range' ? found : { ...result, ...found };
    } catch (error) {
      throw this.#explainReadFailure(error);
    }
  }

  async #readable(): Promise<void> {
    if (this.#isTruncating) await this.#exclusive.run(() => Promise.resolve());
    if (this.isOffline) throw partitionOffline(this.#folder, this.#offlineCause);
    if (this.#isClosed) throw logClosed(this.#folder);
  }

  /** Files that went with a closed log are no sick disk. */
  #explainReadFailure(error: unknown): MillraceError {
    if (this.#isClosed) return logClosed(this.#folder);
    return error instanceof MillraceError ? error : partitionOffline(this.#folder, error);
  }

  #describe(): Omit<ReadResult, 'bytes' | 'nextOffset'> {
    return {
      highWatermark: this.#watermark.offset,
      lastStableOffset: this.lastStableOffset,
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.logEndOffset,
    };
  }

  #limitOf(upTo: ReadOptions['upTo']): number {
    switch (upTo) {
      case undefined:
      case 'high-watermark':
        return this.#watermark.offset;
      case 'last-stable':
        return this.lastStableOffset;
      case 'log-end':
        return this.logEndOffset;
      default:
        return Math.min(upTo, this.logEndOffset);
    }
  }

  async #readFiles(
    fromOffset: number,
    wanted: Omit<Wanted, 'offset'>,
  ): Promise<{ readonly bytes: Uint8Array; readonly nextOffset: number } | 'offset-out-of-range'> {
    for (let offset = fromOffset; ;) {
      const truncations = this.#truncations;
      const segment = this.#segments.at(offset);
      const found = await this.#readSegment(segment, { ...wanted, offset });
      if (truncations !== this.#truncations) {
        await this.#readable();
        // The batches seen may be gone; what is there now is read.
        if (fromOffset > this.logEndOffset) return 'offset-out-of-range';
        if (fromOffset >= this.#limitOf(wanted.limit))
          return { bytes: EMPTY, nextOffset: fromOffset };
        offset = fromOffset;
        continue;
      }
      if (found !== undefined) return found;
      // Compaction left nothing from here to the end of this segment: the next one has it.
      const next = this.#segments.after(segment);
      if (next === undefined || next.baseOffset >= wanted.limit) {
        return { bytes: EMPTY, nextOffset: fromOffset };
      }
      offset = next.baseOffset;
    }
  }

  /** Undefined when the segment has no batch from `offset` on. */
  async #readSegment(
    segment: Segment,
    wanted: Wanted,
  ): Promise<{ readonly bytes: Uint8Array; readonly nextOffset: number } | undefined> {
    const end = segment.bytes;
    for (let isRebuilt = false; ; isRebuilt = true) {
      const { offsets } = await segment.indexes();
      const entry = offsets.entryFor(wanted.offset);
      const found = await this.#ports.files.use(segment.file, (handle) =>
        readBatches({ handle, end }, entry, wanted),
      );
      if (found !== 'damaged') return found;
      if (isRebuilt) throw damagedFile(segment.file.path, 'its batches are not right');
      this.#log.warn({ file: segment.file.path }, 'an index led astray and is built again');
      await segment.rebuildIndexes(this.#config['index.interval.bytes']);
    }
  }

  // ---------------------------------------------------------------- offsets by time and epoch

  /** The first record at or after `timestampMs`; undefined when all below the limit are older. */
  async offsetForTimestamp(
    timestampMs: number,
    upTo: ReadOptions['upTo'] = 'high-watermark',
  ): Promise<TimestampedOffset | undefined> {
    await this.#readable();
    return findFirstSince(timestampMs, this.#timeSearch(upTo));
  }

  /** The record with the largest time stamp, the first of them if several; undefined when the log is empty. */
  async maxTimestampOffset(
    upTo: ReadOptions['upTo'] = 'high-watermark',
  ): Promise<TimestampedOffset | undefined> {
    await this.#readable();
    return findNewest(this.#timeSearch(upTo));
  }

  #timeSearch(upTo: ReadOptions['upTo']): TimeSearch {
    return {
      segments: this.#segments.all,
      files: this.#ports.files,
      limit: this.#limitOf(upTo),
      logStartOffset: this.#logStartOffset,
    };
  }

  /** Where the largest epoch at or below `epoch` ended; undefined when it is newer than all here. */
  endOffsetForEpoch(epoch: number): EpochEnd | undefined {
    return this.#epochs.endOffsetFor(epoch, this.logEndOffset);
  }

  /** The leader epoch of the record at `offset`; -1 when unknown. */
  epochAt(offset: number): number {
    return this.#epochs.epochAt(offset);
  }

  /** What a reader of committed records must leave out between the two offsets. */
  abortedTransactions(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (const segment of this.#segments.all) {
      for (const entry of segment.aborted) {
        if (entry.lastOffset >= fromOffset && entry.firstOffset < toOffset) found.push(entry);
      }
    }
    return found;
  }

  /** What is known of idempotent and transactional producers, for DescribeProducers. */
  producerStates(): IterableIterator<ProducerState> {
    return this.#producers.values();
  }

  // ---------------------------------------------------------------- segments

  async #roll(baseOffset: number): Promise<void> {
    const closing = this.#active;
    const segment = this.#segments.newSegment(baseOffset);
    await segment.create();
    await this.#snapshots.save(baseOffset, this.#producers);
    closing.finishIndexes();
    await closing.saveIndexes(true).catch((error: unknown) => {
      this.#log.warn(
        { err: error },
        'indexes could not be saved; they are built again when needed',
      );
    });
    this.#segments.push(segment);
    // Kafka flushes a segment when it is closed; nobody waits for it, and a failure shows in the log's state.
    if (this.#config['flush.ms'] !== 0) void this.flush().catch(() => undefined);
  }

  /**
   * Moves the log start to `offset` and lets segments go that are wholly below it. Answers the new
   * log start, or a refusal when `offset` is above the high watermark.
   */
  deleteRecordsBefore(offset: number): Promise<number | 'offset-out-of-range'> {
    return this.#exclusive.run(async () => {
      if (offset > this.#watermark.offset || offset < 0) return 'offset-out-of-range';
      if (offset > this.#logStartOffset) {
        this.#logStartOffset = offset;
        this.#epochs.truncateBefore(offset);
        await this.#removeExpired();
      }
      return this.#logStartOffset;
    });
  }

  /** One round of retention. Answers how many segments it let go. */
  enforceRetention(): Promise<number> {
    return this.#exclusive.run(async () => {
      if (this.#isClosed || this.isOffline) return 0;
      this.#producers.expire(this.#ports.clock.nowMs() - this.#producerExpirationMs);
      return this.#removeExpired();
    });
  }

  async #removeExpired(): Promise<number> {
    const nowMs = this.#ports.clock.nowMs();
    if (isDeletedByRetention(this.#config) && this.#config['retention.ms'] >= 0) {
      // The largest time stamp of a closed segment is in its time index.
      for (const segment of this.#segments.all) {
        if (segment.maxTimestampMs < 0 && segment.bytes > 0) await segment.indexes();
        if (nowMs - segment.maxTimestampMs <= this.#config['retention.ms']) break;
      }
    }
    const expired = chooseExpired(this.#segments.all, {
      config: this.#config,
      nowMs,
      logStartOffset: this.#logStartOffset,
      highWatermark: this.#watermark.offset,
    });
    if (expired === 0) return 0;
    // The active segment is never removed: when all of it has expired, an empty one takes its place.
    if (expired === this.#segments.all.length) await this.#roll(this.logEndOffset);
    const gone = this.#segments.all.slice(0, expired);
    const kept = this.#segments.all.slice(expired);
    this.#segments.keep(kept);
    const start = must(kept[0], 'the active segment stays').baseOffset;
    this.#logStartOffset = Math.max(this.#logStartOffset, start);
    this.#epochs.truncateBefore(this.#logStartOffset);
    this.#tail.dropThrough(this.#logStartOffset);
    for (const segment of gone) await this.#removeSegment(segment);
    await this.#snapshots.removeWhere((offset) => offset < start);
    return expired;
  }

  #removeSegment(segment: Segment): Promise<void> {
    return this.#segments.remove(segment, this.#config['file.delete.delay.ms']);
  }

  /** Unlinks files whose delay is over. */
  async deleteFilesDue(nowMs: number): Promise<void> {
    await this.#segments.deleteFilesDue(nowMs);
  }

  /** Starts a new segment, if the active one holds anything. */
  roll(): Promise<void> {
    return this.#exclusive.run(async () => {
      if (this.#active.bytes > 0 && !this.#isClosed && !this.isOffline) {
        await this.#roll(this.logEndOffset);
      }
    });
  }

  /**
   * Drops all records at and after `offset`, with the whole batch that holds it. For followers that
   * diverged from their leader: what was acknowledged by a quorum is never above the offset given. Called by
   * `LogManager.truncateTo`, which first takes the recovery point back.
   */
  truncateTo(offset: number): Promise<void> {
    return this.#truncating(async () => {
      if (offset >= this.logEndOffset) return;
      const gone = this.#segments.all.filter((segment) => segment.baseOffset >= offset);
      const kept = this.#segments.all.filter((segment) => segment.baseOffset < offset);
      const last = kept.at(-1);
      if (last === undefined || offset < this.#logStartOffset) {
        await this.#restartAt(offset);
        return;
      }
      for (const segment of gone.reverse()) await this.#removeSegment(segment);
      await last.cutAt(offset, this.#config['index.interval.bytes']);
      this.#segments.keep(kept);
      await this.#forgetFrom(this.logEndOffset);
    });
  }

  /** Drops everything; the next record gets `offset`. For a follower whose leader begins later. */
  truncateFullyAndStartAt(offset: number): Promise<void> {
    return this.#truncating(() => this.#restartAt(offset));
  }

  /** Reads that run meanwhile start again, new ones wait. A failure half way leaves nothing to be trusted. */
  #truncating(work: () => Promise<void>): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#truncations += 1;
      this.#isTruncating = true;
      this.#tail.clear();
      try {
        await work();
      } catch (error) {
        this.#goOffline(error);
        throw partitionOffline(this.#folder, error);
      } finally {
        this.#isTruncating = false;
      }
    });
  }

  async #restartAt(offset: number): Promise<void> {
    for (const segment of [...this.#segments.all].reverse()) await this.#removeSegment(segment);
    const segment = this.#segments.newSegment(offset);
    await segment.create();
    this.#segments.startOver(segment);
    this.#logStartOffset = offset;
    await this.#forgetFrom(offset);
  }

  /** After a truncation to `end`: offsets, epochs and producers forget what is gone. */
  async #forgetFrom(end: number): Promise<void> {
    this.#watermark.lowerTo(end);
    this.#durableEndOffset = Math.min(this.#durableEndOffset, end);
    this.#epochs.truncateFrom(end);
    await this.#saveEpochs();
    await this.#snapshots.removeWhere((offset) => offset > end);
    await replayProducers({
      disk: this.#ports.disk,
      folder: this.#folder,
      segments: this.#segments.all,
      producers: this.#producers,
      epochs: this.#epochs,
      snapshotOffsetMax: end,
      nowMs: this.#ports.clock.nowMs(),
    });
    await this.#snapshots.save(end, this.#producers);
  }

  // ---------------------------------------------------------------- compaction

  /** What a compaction that has come to `cleanedUpTo` would find. */
  compactionState(cleanedUpTo: number): Promise<DirtyState> {
    return findDirty(this.#segments.closed, cleanedUpTo, {
      config: this.#config,
      limit: this.lastStableOffset,
      nowMs: this.#ports.clock.nowMs(),
    });
  }

  /**
   * Keeps the last record of each key in the closed segments; offsets stay as they are. Runs beside
   * appends and reads; only the exchange of files waits for its turn. Answers up to which offset
   * the log is clean now.
   */
  async compact(cleanedUpTo: number, keysMax: number): Promise<number> {
    const { segments, dirty } = await this.compactionState(cleanedUpTo);
    const [firstDirty] = dirty;
    if (firstDirty === undefined) return cleanedUpTo;
    const truncations = this.#truncations;
    const isAborted = abortedAmong(this.abortedTransactions(0, this.lastStableOffset));
    const from = Math.max(cleanedUpTo, firstDirty.baseOffset);
    const map = await mapKeys(dirty, this.#ports.files, from, keysMax, isAborted);
    if (map.endOffset <= from) return cleanedUpTo; // not one batch fits in the map
    const rules = cleanRules(map.offsets, isAborted, {
      config: this.#config,
      producers: this.#producers,
      nowMs: this.#ports.clock.nowMs(),
    });
    const cleanable = segments.filter((segment) => segment.baseOffset < map.endOffset);
    for (const group of groupSegments(cleanable, this.#config['segment.bytes'])) {
      if (this.#isClosed || this.isOffline || truncations !== this.#truncations) return cleanedUpTo;
      const base = must(group[0], 'a group has segments').baseOffset;
      const target = this.#segments.newSegment(base);
      target.file.path = target.pathOf('.log.cleaned');
      await copyCleaned(group, {
        disk: this.#ports.disk,
        files: this.#ports.files,
        target,
        rules: rules.rules,
        indexIntervalBytes: this.#config['index.interval.bytes'],
        onKept: rules.onKept,
      });
      target.nextOffset = must(group.at(-1), 'a group has segments').nextOffset;
      const isSwapped = await this.#exclusive.run(() => this.#swap(group, target, truncations));
      if (!isSwapped) return cleanedUpTo;
    }
    return map.endOffset;
  }

  /** Puts a compacted segment in the place of those it was made from. Any crash leaves the old or the new. */
  async #swap(group: readonly Segment[], target: Segment, truncations: number): Promise<boolean> {
    const { disk } = this.#ports;
    const isStale = group.some((segment) => !this.#segments.all.includes(segment));
    if (isStale || this.#isClosed || this.isOffline || truncations !== this.#truncations) {
      await disk.remove(target.file.path);
      return false;
    }
    await this.#segments.exchange(group, target, this.#config['file.delete.delay.ms']);
    this.#tail.dropThrough(target.nextOffset);
    await disk.syncFolder(this.#folder);
    await target.saveIndexes(true);
    this.#ports.indexes.touch(target);
    const gone = new Set(group.slice(1).map((segment) => segment.baseOffset));
    await this.#snapshots.removeWhere((offset) => gone.has(offset));
    return true;
  }

  // ---------------------------------------------------------------- end

  /**
   * Waits for what is being written, refuses the rest, and leaves the folder as a clean stop does.
   * Answers whether it could; if not, the next start must recover this log.
   */
  async close(): Promise<boolean> {
    if (this.#isClosed) return true;
    this.#isClosed = true;
    const isClean = await this.#exclusive.run(async () => {
      this.#refuseQueued();
      if (this.isOffline) return false;
      try {
        await this.#sync();
        this.#active.finishIndexes();
        await this.#active.saveIndexes(true);
        await this.#saveEpochs();
        await this.#snapshots.save(this.logEndOffset, this.#producers);
        await this.#segments.deleteFilesDue(Infinity);
        return true;
      } catch (error) {
        this.#goOffline(error);
        return false;
      }
    });
    await this.#release();
    return isClean;
  }

  /** For a log that is being deleted: nothing of it is saved. Its folder has the new name. */
  abandon(renameFolder: () => Promise<string>): Promise<void> {
    this.#isClosed = true;
    return this.#exclusive.run(async () => {
      this.#refuseQueued();
      await this.#release();
      this.#folder = await renameFolder();
    });
  }

  async #release(): Promise<void> {
    this.#tail.clear();
    this.#watermark.release();
    await this.#segments.release();
  }
}
