import {
  deferred,
  MillraceError,
  must,
  type Clock,
  type Deferred,
  type Logger,
} from '@millrace/foundation';
import {
  isControl,
  isTransactional,
  openBatchSync,
  patchBaseOffset,
  patchLeaderEpoch,
  patchLogAppendTime,
  readControlMarker,
  type BatchHeader,
} from '@millrace/kafka-protocol';
import { join } from 'node:path';
import type { AbortedTransaction } from './aborted-transactions.ts';
import {
  refused,
  type Appended,
  type AppendOptions,
  type AppendRefused,
  type AppendResult,
  type FlushPolicy,
} from './append-types.ts';
import type { ByteBudget } from './byte-budget.ts';
import { checkAppend, type AppendOrigin, type CheckedBatch } from './check-append.ts';
import type { CleanRules } from './clean-batch.ts';
import { copyCleaned, groupSegments, mapKeys, type DirtyState } from './compaction.ts';
import type { Disk } from './disk.ts';
import {
  appendQueueFull,
  damagedFile,
  diskFull,
  invalidProducerEpoch,
  invalidTransactionState,
  isShortage,
  logClosed,
  outOfOrderSequence,
  partitionOffline,
  unexpectedOffset,
} from './errors.ts';
import { Exclusive } from './exclusive.ts';
import {
  offsetFileName,
  parseOffsetFileName,
  writeFileAtomically,
  writeFilePlainly,
} from './files.ts';
import type { KeyOffsets } from './key-offsets.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import { isDeletedByRetention, NEVER, type LogConfig } from './log-config.ts';
import type { OpenFiles } from './open-files.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import {
  checkSequence,
  StagedProducerStates,
  stateAfterBatch,
  type ProducerState,
  type ProducerStates,
} from './producer-states.ts';
import { readBatches, readPart } from './read-batches.ts';
import { findRecordAtTime, type TimestampedOffset } from './record-times.ts';
import { replayProducers } from './replay-producers.ts';
import { chooseExpired } from './retention.ts';
import { Segment, type IndexMemory, type SegmentPorts } from './segment.ts';
import { TailCache, type TailCacheBudget, type TailSlice } from './tail-cache.ts';

/** One `writev`: more slices or bytes gain nothing and hold the partition longer (spec/log.md §7). */
const GROUP_APPENDS_MAX = 1024;
const GROUP_BYTES_MAX = 4 * 1024 * 1024;
const EMPTY = new Uint8Array(0);

/** What all logs of a process share. */
export interface LogPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Logger;
  readonly files: OpenFiles;
  readonly indexes: IndexMemory;
  readonly tailBudget: TailCacheBudget;
  /** Bytes that wait to be appended to any log (INV-6). */
  readonly appendBudget: ByteBudget;
}

export interface PartitionLogOptions {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's form: 22 characters of base64url; undefined when the folder has no `partition.metadata`. */
  readonly topicId: string | undefined;
  readonly folder: string;
  readonly config: LogConfig;
  readonly flushPolicy: FlushPolicy;
  /** Bytes that may wait to be appended to this log (INV-6). */
  readonly appendQueueBytesMax: number;
  readonly producerExpirationMs: number;
  readonly ports: LogPorts;
}

/** What opening a folder has found. */
export interface OpenedState {
  readonly segments: Segment[];
  readonly producers: ProducerStates;
  readonly epochs: LeaderEpochs;
  readonly logStartOffset: number;
  /** Offset up to which all is durable. */
  readonly recoveryPoint: number;
  readonly segmentPorts: SegmentPorts;
}

export interface ReadOptions {
  /** Give the first batch whole even when it is larger than `bytesMax` (KIP-74). */
  readonly minOneMessage?: boolean;
  /** Nothing at or above it is given. Consumers: 'high-watermark' (the default) or 'last-stable'; followers: 'log-end'. */
  readonly upTo?: 'high-watermark' | 'last-stable' | 'log-end' | number;
}

export interface ReadResult {
  /**
   * Whole batches back to back; the first may begin before the offset asked for. Shared with other
   * readers: not to be changed.
   */
  readonly bytes: Uint8Array;
  /** The offset after the last batch in `bytes`; the offset asked for when there is none. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
}

export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

interface QueuedAppend {
  readonly bytes: Uint8Array;
  readonly batches: readonly CheckedBatch[];
  readonly maxTimestampMs: number;
  readonly leaderEpoch: number;
  readonly isDurable: boolean;
  readonly origin: AppendOrigin;
  readonly done: Deferred<AppendResult>;
  result: Appended | undefined;
}

interface Group {
  readonly appends: QueuedAppend[];
  readonly slices: Uint8Array[];
  readonly tail: TailSlice[];
  readonly baseOffset: number;
  nextOffset: number;
  bytes: number;
  recordCount: number;
  nowMs: number;
}

interface Waiter {
  readonly offset: number;
  readonly wake: Deferred;
}

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
  readonly #appendQueueBytesMax: number;
  readonly #producerExpirationMs: number;
  readonly #exclusive = new Exclusive();
  readonly #tail: TailCache;
  readonly #producers: ProducerStates;
  readonly #epochs: LeaderEpochs;
  readonly #segmentPorts: SegmentPorts;
  readonly #dirtySegments = new Set<Segment>();
  readonly #listeners = new Set<(log: PartitionLog) => void>();
  readonly #waiters = new Set<Waiter>();
  #folder: string;
  #config: LogConfig;
  #segments: Segment[];
  #queue: QueuedAppend[] = [];
  #queuedBytes = 0;
  #isDraining = false;
  #logStartOffset: number;
  #highWatermark: number;
  #durableEndOffset: number;
  #unflushedRecords = 0;
  #unflushedSinceMs = 0;
  #isFlushWanted = false;
  #isFolderDirty = true;
  #isHighWatermarkManaged = false;
  /** Counts truncations, so that work that ran beside one knows that it saw the past. */
  #truncations = 0;
  /** Meanwhile the segments are in no state to be read. */
  #isTruncating = false;
  #offlineCause: unknown = undefined;
  #isClosed = false;
  #pendingDeletes: { readonly path: string; readonly dueMs: number }[] = [];

  constructor(options: PartitionLogOptions, opened: OpenedState) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.topicId = options.topicId;
    this.#ports = options.ports;
    this.#log = options.ports.log.child({ topic: options.topic, partition: options.partition });
    this.#flushPolicy = options.flushPolicy;
    this.#appendQueueBytesMax = options.appendQueueBytesMax;
    this.#producerExpirationMs = options.producerExpirationMs;
    this.#folder = options.folder;
    this.#config = options.config;
    this.#tail = new TailCache(options.ports.tailBudget);
    this.#producers = opened.producers;
    this.#epochs = opened.epochs;
    this.#segmentPorts = opened.segmentPorts;
    this.#segments = opened.segments;
    this.#logStartOffset = opened.logStartOffset;
    this.#active.isActive = true;
    this.#highWatermark = this.logEndOffset;
    this.#durableEndOffset = opened.recoveryPoint;
    for (const segment of opened.segments) {
      if (segment.syncedBytes < segment.bytes) this.#dirtySegments.add(segment);
    }
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
    return this.#highWatermark;
  }

  /** Readers of committed records see what is below it. */
  get lastStableOffset(): number {
    return Math.min(this.#highWatermark, this.#producers.firstUnstableOffset(this.#highWatermark));
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
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.bytes;
    return bytes;
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  /** Bytes of appends that wait for the disk. A server reads less from its sockets while it is high. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get isOffline(): boolean {
    return this.#offlineCause !== undefined;
  }

  get #active(): Segment {
    return must(this.#segments.at(-1), 'a log has an active segment');
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
    const size = bytes.byteLength;
    // INV-6: an append larger than the bound passes when it is alone.
    const isFull = this.#queuedBytes > 0 && this.#queuedBytes + size > this.#appendQueueBytesMax;
    if (isFull || !this.#ports.appendBudget.tryTake(size)) {
      const bytesMax = isFull ? this.#appendQueueBytesMax : this.#ports.appendBudget.bytesMax;
      return Promise.resolve(refused('queue-full', appendQueueFull(this.#folder, bytesMax)));
    }
    this.#queuedBytes += size;
    const { batches, maxTimestampMs } = checked;
    const done = deferred<AppendResult>();
    const result = undefined;
    this.#queue.push({
      bytes,
      batches,
      maxTimestampMs,
      leaderEpoch,
      isDurable,
      origin,
      done,
      result,
    });
    if (!this.#isDraining) {
      this.#isDraining = true;
      // What arrives in the same turn of the loop joins the first group.
      queueMicrotask(() => {
        void this.#drain();
      });
    }
    return done.promise;
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
    while (this.#queue.length > 0) {
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
    const first = this.#queue[0];
    if (first === undefined) return;
    if (this.#mustRoll(first, 0, this.logEndOffset)) {
      try {
        await this.#roll(this.#nextBaseOffset(first));
      } catch (error) {
        this.#failGroup([this.#take(first)], error);
        return;
      }
    }
    const group = this.#stageGroup();
    if (group.appends.length === 0) return;
    if (group.bytes > 0 && !(await this.#write(group))) return;
    this.#commit(group);
    const hasDurable = group.appends.some((append) => append.isDurable);
    const isFlushDue = this.#unflushedRecords >= this.#config['flush.messages'];
    this.#acknowledge(group, false);
    if (!hasDurable && !isFlushDue) return;
    if (this.recoveryPoint < this.logEndOffset) {
      try {
        await this.#sync();
      } catch (error) {
        // A second fsync would report success over lost pages: the partition stops here instead.
        this.#goOffline(error);
        this.#settleRefused(
          group.appends,
          refused('offline', partitionOffline(this.#folder, error)),
        );
        return;
      }
    }
    this.#acknowledge(group, true);
  }

  #mustRoll(append: QueuedAppend, groupBytes: number, nextOffset: number): boolean {
    const segment = this.#active;
    const used = segment.bytes + groupBytes;
    if (used === 0) {
      const base = append.origin === 'follower' ? append.batches[0]?.header.baseOffset : undefined;
      return !segment.hasRoomFor(base ?? nextOffset, Infinity);
    }
    const config = this.#config;
    if (used + append.bytes.byteLength > config['segment.bytes']) return true;
    const startMs = segment.firstTimestampMs >= 0 ? segment.firstTimestampMs : segment.createdMs;
    const nowMs =
      segment.firstTimestampMs >= 0 && append.maxTimestampMs >= 0
        ? append.maxTimestampMs
        : this.#ports.clock.nowMs();
    if (nowMs - startMs > config['segment.ms']) return true;
    let lastOffset = nextOffset - 1;
    for (const { header } of append.batches) {
      if (append.origin === 'follower') lastOffset = header.baseOffset + header.lastOffsetDelta;
      else lastOffset += header.lastOffsetDelta + 1;
    }
    return !segment.hasRoomFor(lastOffset, config['segment.index.bytes']);
  }

  #nextBaseOffset(append: QueuedAppend): number {
    const given = append.batches[0]?.header.baseOffset ?? 0;
    return append.origin === 'follower' ? Math.max(given, this.logEndOffset) : this.logEndOffset;
  }

  /** Takes appends from the queue as long as they fit in one write to the active segment. */
  #stageGroup(): Group {
    const baseOffset = this.logEndOffset;
    const nowMs = this.#ports.clock.nowMs();
    const group: Group = {
      appends: [],
      slices: [],
      tail: [],
      baseOffset,
      nextOffset: baseOffset,
      bytes: 0,
      recordCount: 0,
      nowMs,
    };
    const staged = new StagedProducerStates(this.#producers);
    let taken = 0;
    for (const append of this.#queue) {
      if (taken > 0) {
        if (group.appends.length >= GROUP_APPENDS_MAX) break;
        if (group.bytes + append.bytes.byteLength > GROUP_BYTES_MAX) break;
        if (this.#mustRoll(append, group.bytes, group.nextOffset)) break;
      }
      taken += 1;
      const refusal = this.#stage(group, append, staged);
      if (refusal === undefined) group.appends.push(append);
      else this.#settle(append, refusal);
    }
    this.#queue = this.#queue.slice(taken);
    return group;
  }

  #stage(
    group: Group,
    append: QueuedAppend,
    staged: StagedProducerStates,
  ): AppendRefused | undefined {
    const baseOffset = group.nextOffset;
    if (append.origin === 'follower') {
      const given = append.batches[0]?.header.baseOffset ?? baseOffset;
      if (given < baseOffset) {
        return refused('unexpected-offset', unexpectedOffset(baseOffset, given));
      }
    } else {
      const outcome = this.#checkProducers(append, baseOffset, staged, group.nowMs);
      if (outcome?.kind === 'refused') return outcome;
      if (outcome !== undefined) {
        append.result = outcome;
        return undefined;
      }
    }
    const isLogAppendTime = this.#config['message.timestamp.type'] === 'LogAppendTime';
    let nextOffset = baseOffset;
    let firstOffset = -1;
    for (const { at, header } of append.batches) {
      if (append.origin === 'follower') nextOffset = header.baseOffset;
      else {
        patchBaseOffset(append.bytes, at, nextOffset);
        patchLeaderEpoch(append.bytes, at, append.leaderEpoch);
        if (isLogAppendTime) patchLogAppendTime(append.bytes, at, group.nowMs);
      }
      if (firstOffset < 0) firstOffset = nextOffset;
      nextOffset += header.lastOffsetDelta + 1;
      group.recordCount += header.recordCount;
    }
    append.result = {
      kind: 'appended',
      baseOffset: firstOffset,
      lastOffset: nextOffset - 1,
      logAppendTimeMs: isLogAppendTime && append.origin !== 'follower' ? group.nowMs : -1,
      logStartOffset: this.#logStartOffset,
      isDuplicate: false,
    };
    group.slices.push(append.bytes);
    group.tail.push({ bytes: append.bytes, nextOffset });
    group.bytes += append.bytes.byteLength;
    group.nextOffset = nextOffset;
    return undefined;
  }

  /** Undefined when the batches are to be appended; the first answer when they were appended before. */
  #checkProducers(
    append: QueuedAppend,
    baseOffset: number,
    staged: StagedProducerStates,
    nowMs: number,
  ): Appended | AppendRefused | undefined {
    let offset = baseOffset;
    const own = append.batches.length > 1 ? new StagedProducerStates(staged) : staged;
    for (const { header } of append.batches) {
      const { producerId } = header;
      if (producerId >= 0) {
        const state = own.get(producerId);
        if (isControl(header.attributes)) {
          if (state !== undefined && header.producerEpoch < state.epoch) {
            const error = invalidProducerEpoch(producerId, state.epoch, header.producerEpoch);
            return refused('invalid-producer-epoch', error);
          }
        } else {
          const check = checkSequence(state, header);
          switch (check.kind) {
            case 'append':
              own.set(stateAfterBatch(state, header, offset, nowMs));
              break;
            case 'duplicate':
              return {
                kind: 'appended',
                baseOffset: check.batch.baseOffset,
                lastOffset: check.batch.lastOffset,
                logAppendTimeMs:
                  this.#config['message.timestamp.type'] === 'LogAppendTime'
                    ? check.batch.timestampMs
                    : -1,
                logStartOffset: this.#logStartOffset,
                isDuplicate: true,
              };
            case 'out-of-order':
              return refused(
                'out-of-order-sequence',
                outOfOrderSequence(producerId, check.expected, header.baseSequence),
              );
            case 'fenced':
              return refused(
                'invalid-producer-epoch',
                invalidProducerEpoch(producerId, check.current, header.producerEpoch),
              );
            case 'transaction-open':
              return refused('invalid-transaction-state', invalidTransactionState(producerId));
          }
        }
      }
      offset += header.lastOffsetDelta + 1;
    }
    if (own !== staged) own.copyTo(staged);
    return undefined;
  }

  /** False when the group was refused; then nothing of it is in the file. */
  async #write(group: Group): Promise<boolean> {
    const segment = this.#active;
    const position = segment.bytes;
    try {
      await this.#ports.files.use(segment.file, async (handle) => {
        segment.file.isDirty = true;
        try {
          await handle.write(position, group.slices);
        } catch (error) {
          // Rests of the failed write must not come back to life at the next recovery.
          await handle.truncate(position);
          throw error;
        }
      });
    } catch (error) {
      this.#failGroup(group.appends, error);
      return false;
    }
    this.#dirtySegments.add(segment);
    return true;
  }

  #failGroup(appends: readonly QueuedAppend[], error: unknown): void {
    if (isShortage(error)) {
      this.#log.warn({ err: error }, 'no room for appends; they are refused until there is');
      this.#settleRefused(appends, refused('disk-full', diskFull(this.#folder, error)));
      return;
    }
    this.#goOffline(error);
    this.#settleRefused(appends, refused('offline', partitionOffline(this.#folder, error)));
  }

  /** The group is in the file: notes it in everything that is kept in memory. */
  #commit(group: Group): void {
    const segment = this.#active;
    const interval = this.#config['index.interval.bytes'];
    let position = segment.bytes;
    for (const append of group.appends) {
      const { result } = append;
      if (result === undefined || result.isDuplicate) continue;
      let offset = result.baseOffset;
      for (const { at, size, header } of append.batches) {
        if (append.origin === 'follower') offset = header.baseOffset;
        const lastOffset = offset + header.lastOffsetDelta;
        const timestampMs =
          result.logAppendTimeMs >= 0 ? result.logAppendTimeMs : header.maxTimestamp;
        segment.noteBatch(lastOffset, timestampMs, position, size, interval);
        const epoch =
          append.origin === 'follower' ? header.partitionLeaderEpoch : append.leaderEpoch;
        this.#epochs.assign(epoch, offset);
        if (header.producerId >= 0) {
          this.#noteProducer(append, at, header, offset, timestampMs, group.nowMs);
        }
        position += size;
        offset = lastOffset + 1;
      }
    }
    if (group.bytes === 0) return;
    this.#tail.add(group.baseOffset, group.tail);
    if (this.#unflushedRecords === 0) this.#unflushedSinceMs = group.nowMs;
    this.#unflushedRecords += group.recordCount;
  }

  #noteProducer(
    append: QueuedAppend,
    at: number,
    header: CheckedBatch['header'],
    offset: number,
    timestampMs: number,
    nowMs: number,
  ): void {
    const marker = isControl(header.attributes)
      ? readControlMarker(openBatchSync(append.bytes, at))
      : undefined;
    const stamped = { ...header, maxTimestamp: timestampMs };
    const ended = this.#producers.replay(stamped, offset, marker, nowMs);
    if (ended?.isAborted !== true) return;
    this.#active.aborted.push({
      producerId: ended.producerId,
      firstOffset: ended.firstOffset,
      lastOffset: ended.lastOffset,
      lastStableOffset: Math.min(this.#producers.firstOpenOffset(), ended.lastOffset + 1),
    });
  }

  /**
   * Answers the appends that need no flush, or those that do. The high watermark never passes an
   * append that still waits for its flush (INV-5).
   */
  #acknowledge(group: Group, areDurable: boolean): void {
    let visible = this.logEndOffset;
    for (const append of group.appends) {
      const { result } = append;
      if (result === undefined) continue;
      if (!areDurable && append.isDurable) {
        visible = Math.min(visible, result.baseOffset);
        continue;
      }
      if (append.isDurable === areDurable) this.#settle(append, result);
    }
    if (!this.#isHighWatermarkManaged) this.#advance(visible);
  }

  #take(append: QueuedAppend): QueuedAppend {
    this.#queue = this.#queue.slice(1);
    return append;
  }

  #settle(append: QueuedAppend, result: AppendResult): void {
    this.#queuedBytes -= append.bytes.byteLength;
    this.#ports.appendBudget.giveBack(append.bytes.byteLength);
    append.done.resolve(result);
  }

  #settleRefused(appends: readonly QueuedAppend[], refusal: AppendRefused): void {
    for (const append of appends) this.#settle(append, refusal);
  }

  #refuseQueued(): void {
    const queued = this.#queue;
    this.#queue = [];
    const refusal = this.#findRefusal() ?? refused('closed', logClosed(this.#folder));
    this.#settleRefused(queued, refusal);
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
    if (this.isOffline || this.#isClosed || this.#dirtySegments.size === 0) return;
    const isDue = nowMs - this.#unflushedSinceMs >= this.#config['flush.ms'];
    if (!this.#isFlushWanted && !isDue) return;
    this.#isFlushWanted = false;
    await this.flush();
  }

  async #sync(): Promise<void> {
    const end = this.logEndOffset;
    const records = this.#unflushedRecords;
    const truncations = this.#truncations;
    const isFolderDirty = this.#isFolderDirty;
    for (const segment of this.#dirtySegments) {
      const bytes = segment.bytes;
      await this.#ports.files.use(segment.file, (handle) => handle.sync());
      if (truncations !== this.#truncations) return;
      segment.syncedBytes = Math.max(segment.syncedBytes, bytes);
      if (segment.bytes > bytes) continue; // appended meanwhile
      segment.file.isDirty = false;
      this.#dirtySegments.delete(segment);
    }
    if (isFolderDirty) {
      // INV-4: a new segment exists only once its folder says so durably.
      await this.#ports.disk.syncFolder(this.#folder);
      this.#isFolderDirty = false;
    }
    if (truncations !== this.#truncations) return;
    this.#durableEndOffset = Math.max(this.#durableEndOffset, end);
    this.#unflushedRecords -= records;
    if (this.#unflushedRecords <= 0) this.#unflushedRecords = 0;
    else this.#unflushedSinceMs = this.#ports.clock.nowMs();
  }

  /** Saves what is cheap to lose: index entries, leader epochs. Called now and then, and before checkpoints. */
  async checkpoint(): Promise<void> {
    if (this.isOffline || this.#isClosed) return;
    await this.#active.saveIndexes();
    await this.#saveEpochs();
  }

  async #saveEpochs(): Promise<void> {
    if (!this.#epochs.isDirty) return;
    this.#epochs.markSaved();
    const path = join(this.#folder, 'leader-epoch-checkpoint');
    await writeFileAtomically(this.#ports.disk, path, this.#epochs.encode());
  }

  // ---------------------------------------------------------------- high watermark

  /**
   * For a log with followers: from here on only `setHighWatermark` moves it. Else it follows the
   * acknowledged appends.
   */
  manageHighWatermark(isManaged: boolean): void {
    this.#isHighWatermarkManaged = isManaged;
    if (!isManaged) this.#advance(this.logEndOffset);
  }

  /** Never goes back, and never beyond the log end. */
  setHighWatermark(offset: number): void {
    this.#advance(Math.min(offset, this.logEndOffset));
  }

  #advance(offset: number): void {
    if (offset <= this.#highWatermark) return;
    this.#highWatermark = offset;
    for (const waiter of this.#waiters) {
      if (waiter.offset >= offset) continue;
      this.#waiters.delete(waiter);
      waiter.wake.resolve();
    }
    for (const listener of this.#listeners) listener(this);
  }

  /** `listener` is called once each time the high watermark moves. Answers how to stop that. */
  onHighWatermark(listener: (log: PartitionLog) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves once the record at `offset` can be read, or the log is closed. Rejects with `signal.reason`. */
  async waitForHighWatermark(offset: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#highWatermark > offset || this.#isClosed) return;
    const waiter: Waiter = { offset, wake: deferred() };
    const onAbort = (): void => {
      this.#waiters.delete(waiter);
      waiter.wake.reject(signal?.reason);
    };
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await waiter.wake.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
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
      const found = await this.#readFiles(fromOffset, bytesMax, limit, minOne);
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
      highWatermark: this.#highWatermark,
      lastStableOffset: this.lastStableOffset,
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.logEndOffset,
    };
  }

  #limitOf(upTo: ReadOptions['upTo']): number {
    switch (upTo) {
      case undefined:
      case 'high-watermark':
        return this.#highWatermark;
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
    bytesMax: number,
    limit: number,
    minOne: boolean,
  ): Promise<{ readonly bytes: Uint8Array; readonly nextOffset: number } | 'offset-out-of-range'> {
    for (let offset = fromOffset; ;) {
      const truncations = this.#truncations;
      const segment = this.#segmentFor(offset);
      const found = await this.#readSegment(segment, offset, bytesMax, limit, minOne);
      if (truncations !== this.#truncations) {
        await this.#readable();
        // The batches seen may be gone; what is there now is read.
        if (fromOffset > this.logEndOffset) return 'offset-out-of-range';
        if (fromOffset >= this.#limitOf(limit)) return { bytes: EMPTY, nextOffset: fromOffset };
        offset = fromOffset;
        continue;
      }
      if (found !== undefined) return found;
      // Compaction left nothing from here to the end of this segment: the next one has it.
      const next = this.#segments[this.#segments.indexOf(segment) + 1];
      if (next === undefined || next.baseOffset >= limit) {
        return { bytes: EMPTY, nextOffset: fromOffset };
      }
      offset = next.baseOffset;
    }
  }

  /** The last segment that begins at or before `offset`. */
  #segmentFor(offset: number): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.baseOffset ?? 0) <= offset) low = middle + 1;
      else high = middle - 1;
    }
    return must(this.#segments[Math.max(high, 0)], 'a log has segments');
  }

  /** Undefined when the segment has no batch from `offset` on. */
  async #readSegment(
    segment: Segment,
    offset: number,
    bytesMax: number,
    limit: number,
    minOne: boolean,
  ): Promise<{ readonly bytes: Uint8Array; readonly nextOffset: number } | undefined> {
    const end = segment.bytes;
    for (let isRebuilt = false; ; isRebuilt = true) {
      const { offsets } = await segment.indexes();
      const entry = offsets.entryFor(offset);
      const found = await this.#ports.files.use(segment.file, (handle) =>
        readBatches({ handle, end }, entry, { offset, bytesMax, limit, minOne }),
      );
      if (found !== 'damaged') return found;
      if (isRebuilt) throw damagedFile(segment.file.path, 'its batches are not right');
      this.#log.warn({ file: segment.file.path }, 'an index led astray and is built again');
      await segment.rebuildIndexes(this.#config['index.interval.bytes']);
    }
  }

  // ---------------------------------------------------------------- offsets by time and epoch

  /**
   * The first record at or after `timestampMs`, as a batch that holds it and its position; the
   * broker's answer needs the record, so the batch is given whole. Undefined when all are older.
   */
  async offsetForTimestamp(
    timestampMs: number,
    upTo: ReadOptions['upTo'] = 'high-watermark',
  ): Promise<TimestampedOffset | undefined> {
    await this.#readable();
    const limit = this.#limitOf(upTo);
    for (const segment of [...this.#segments]) {
      if (segment.baseOffset >= limit) break;
      const { times } = await segment.indexes();
      if (segment.maxTimestampMs < timestampMs) continue;
      const from = Math.max(
        (times.entryBefore(timestampMs)?.offset ?? segment.baseOffset - 1) + 1,
        this.#logStartOffset,
      );
      const found = await this.#findByTime(segment, from, limit, (maxMs) => maxMs >= timestampMs);
      if (found !== undefined) {
        return findRecordAtTime(found, (recordMs) => recordMs >= timestampMs, this.#logStartOffset);
      }
    }
    return undefined;
  }

  /** The record with the largest time stamp, the first of them if several; undefined when the log is empty. */
  async maxTimestampOffset(
    upTo: ReadOptions['upTo'] = 'high-watermark',
  ): Promise<TimestampedOffset | undefined> {
    await this.#readable();
    const limit = this.#limitOf(upTo);
    let best: Segment | undefined;
    for (const segment of [...this.#segments]) {
      if (segment.bytes === 0 || segment.baseOffset >= limit) continue;
      await segment.indexes();
      if (best === undefined || segment.maxTimestampMs > best.maxTimestampMs) best = segment;
    }
    if (best === undefined) return undefined;
    const { maxTimestampMs } = best;
    const { times } = await best.indexes();
    const before = times.entryBefore(maxTimestampMs)?.offset ?? best.baseOffset - 1;
    const from = Math.max(before + 1, this.#logStartOffset);
    const found = await this.#findByTime(best, from, limit, (maxMs) => maxMs === maxTimestampMs);
    return (
      found &&
      findRecordAtTime(found, (recordMs) => recordMs === maxTimestampMs, this.#logStartOffset)
    );
  }

  async #findByTime(
    segment: Segment,
    fromOffset: number,
    limit: number,
    isWanted: (maxTimestampMs: number) => boolean,
  ): Promise<Uint8Array | undefined> {
    const start = await segment.locate(fromOffset);
    let found = -1;
    let size = 0;
    await segment.scan(start, segment.bytes, false, Infinity, (header, position, batchBytes) => {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      if (lastOffset >= limit) return true;
      if (lastOffset < fromOffset || !isWanted(header.maxTimestamp)) return undefined;
      found = position;
      size = batchBytes;
      return true;
    });
    if (found < 0) return undefined;
    return this.#ports.files.use(segment.file, (handle) =>
      readPart({ handle, end: segment.bytes }, found, size),
    );
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
    for (const segment of this.#segments) {
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
    const segment = new Segment(
      this.#folder,
      baseOffset,
      this.#ports.clock.nowMs(),
      this.#segmentPorts,
    );
    await segment.create();
    await this.#saveSnapshot(baseOffset);
    closing.finishIndexes();
    await closing.saveIndexes().catch((error: unknown) => {
      this.#log.warn(
        { err: error },
        'indexes could not be saved; they are built again when needed',
      );
    });
    closing.isActive = false;
    this.#ports.indexes.touch(closing);
    segment.isActive = true;
    this.#segments = [...this.#segments, segment];
    this.#isFolderDirty = true;
    this.#dirtySegments.add(segment);
    // Kafka flushes a segment when it is closed; nobody waits for it, and a failure shows in the log's state.
    if (this.#config['flush.ms'] !== 0) void this.flush().catch(() => undefined);
  }

  async #saveSnapshot(offset: number): Promise<void> {
    const bytes = encodeProducerSnapshot([...this.#producers.values()]);
    const path = join(this.#folder, offsetFileName(offset, '.snapshot'));
    await writeFilePlainly(this.#ports.disk, path, bytes);
  }

  /**
   * Moves the log start to `offset` and lets segments go that are wholly below it. Answers the new
   * log start, or a refusal when `offset` is above the high watermark.
   */
  deleteRecordsBefore(offset: number): Promise<number | 'offset-out-of-range'> {
    return this.#exclusive.run(async () => {
      if (offset > this.#highWatermark || offset < 0) return 'offset-out-of-range';
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
      for (const segment of this.#segments) {
        if (segment.maxTimestampMs < 0 && segment.bytes > 0) await segment.indexes();
        if (nowMs - segment.maxTimestampMs <= this.#config['retention.ms']) break;
      }
    }
    const expired = chooseExpired(this.#segments, {
      config: this.#config,
      nowMs,
      logStartOffset: this.#logStartOffset,
      highWatermark: this.#highWatermark,
    });
    if (expired === 0) return 0;
    // The active segment is never removed: when all of it has expired, an empty one takes its place.
    if (expired === this.#segments.length) await this.#roll(this.logEndOffset);
    const gone = this.#segments.slice(0, expired);
    this.#segments = this.#segments.slice(expired);
    const start = must(this.#segments[0], 'the active segment stays').baseOffset;
    this.#logStartOffset = Math.max(this.#logStartOffset, start);
    this.#epochs.truncateBefore(this.#logStartOffset);
    this.#tail.dropThrough(this.#logStartOffset);
    for (const segment of gone) await this.#removeSegment(segment);
    await this.#removeSnapshots((offset) => offset < start);
    return expired;
  }

  async #removeSegment(segment: Segment): Promise<void> {
    this.#dirtySegments.delete(segment);
    const dueMs = this.#ports.clock.nowMs() + this.#config['file.delete.delay.ms'];
    for (const path of await segment.renameForDeletion()) {
      this.#pendingDeletes.push({ path, dueMs });
    }
    await this.#ports.files.close(segment.file);
  }

  async #removeSnapshots(isGone: (offset: number) => boolean): Promise<void> {
    const { disk } = this.#ports;
    for (const { name } of await disk.list(this.#folder)) {
      const offset = parseOffsetFileName(name, '.snapshot');
      if (offset !== undefined && isGone(offset)) await disk.remove(join(this.#folder, name));
    }
  }

  /** Unlinks files whose delay is over. */
  async deleteFilesDue(nowMs: number): Promise<void> {
    const due = this.#pendingDeletes.filter((pending) => pending.dueMs <= nowMs);
    if (due.length === 0) return;
    this.#pendingDeletes = this.#pendingDeletes.filter((pending) => pending.dueMs > nowMs);
    for (const { path } of due) await this.#ports.disk.remove(path);
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
   * diverged from their leader: what was acknowledged by a quorum is never above the offset given.
   */
  truncateTo(offset: number): Promise<void> {
    return this.#truncating(async () => {
      if (offset >= this.logEndOffset) return;
      const gone = this.#segments.filter((segment) => segment.baseOffset >= offset);
      const kept = this.#segments.filter((segment) => segment.baseOffset < offset);
      const last = kept.at(-1);
      if (last === undefined || offset < this.#logStartOffset) {
        await this.#restartAt(offset);
        return;
      }
      for (const segment of gone.reverse()) await this.#removeSegment(segment);
      await this.#cutSegment(last, offset);
      last.isActive = true;
      this.#segments = kept;
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
    const gone = this.#segments;
    for (const segment of [...gone].reverse()) await this.#removeSegment(segment);
    const { clock } = this.#ports;
    const segment = new Segment(this.#folder, offset, clock.nowMs(), this.#segmentPorts);
    await segment.create();
    segment.isActive = true;
    this.#segments = [segment];
    this.#isFolderDirty = true;
    this.#logStartOffset = offset;
    await this.#forgetFrom(offset);
  }

  /** Cuts at the batch that holds `offset`. */
  async #cutSegment(segment: Segment, offset: number): Promise<void> {
    const start = await segment.locate(offset);
    let position = segment.bytes;
    let nextOffset = segment.nextOffset;
    await segment.scan(start, segment.bytes, false, Infinity, (header, at) => {
      if (header.baseOffset + header.lastOffsetDelta < offset) return undefined;
      position = at;
      nextOffset = Math.min(header.baseOffset, offset);
      return true;
    });
    await segment.truncate(position, nextOffset, this.#config['index.interval.bytes']);
  }

  /** After a truncation to `end`: offsets, epochs and producers forget what is gone. */
  async #forgetFrom(end: number): Promise<void> {
    this.#highWatermark = Math.min(this.#highWatermark, end);
    this.#durableEndOffset = Math.min(this.#durableEndOffset, end);
    this.#epochs.truncateFrom(end);
    await this.#saveEpochs();
    await this.#removeSnapshots((offset) => offset > end);
    await replayProducers({
      disk: this.#ports.disk,
      folder: this.#folder,
      segments: this.#segments,
      producers: this.#producers,
      epochs: this.#epochs,
      snapshotOffsetMax: end,
      nowMs: this.#ports.clock.nowMs(),
    });
    await this.#saveSnapshot(end);
  }

  // ---------------------------------------------------------------- compaction

  /** What a compaction that has come to `cleanedUpTo` would find. */
  async compactionState(cleanedUpTo: number): Promise<DirtyState> {
    const nowMs = this.#ports.clock.nowMs();
    const lagMs = this.#config['min.compaction.lag.ms'];
    const limit = this.lastStableOffset;
    const segments: Segment[] = [];
    const dirty: Segment[] = [];
    let bytes = 0;
    let dirtyBytes = 0;
    // Never the active segment, nothing unstable, nothing younger than the lag.
    for (const segment of this.#segments.slice(0, -1)) {
      if (segment.nextOffset > limit) break;
      if (lagMs > 0) {
        await segment.indexes();
        if (nowMs - segment.maxTimestampMs < lagMs) break;
      }
      segments.push(segment);
      bytes += segment.bytes;
      if (segment.nextOffset <= cleanedUpTo) continue;
      dirty.push(segment);
      dirtyBytes += segment.bytes;
    }
    let isOverdue = false;
    const [oldest] = dirty;
    if (oldest !== undefined && this.#config['max.compaction.lag.ms'] < NEVER) {
      await oldest.indexes();
      isOverdue = nowMs - oldest.maxTimestampMs > this.#config['max.compaction.lag.ms'];
    }
    const dirtyRatio = bytes === 0 ? 0 : dirtyBytes / bytes;
    return { segments, dirty, dirtyRatio, dirtyBytes, isOverdue };
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
    const isAborted = this.#abortedBelow(this.lastStableOffset);
    const from = Math.max(cleanedUpTo, firstDirty.baseOffset);
    const map = await mapKeys(dirty, this.#ports.files, from, keysMax, isAborted);
    if (map.endOffset <= from) return cleanedUpTo; // not one batch fits in the map
    const rules = this.#cleanRules(map.offsets, isAborted);
    const cleanable = segments.filter((segment) => segment.baseOffset < map.endOffset);
    for (const group of groupSegments(cleanable, this.#config['segment.bytes'])) {
      if (this.#isClosed || this.isOffline || truncations !== this.#truncations) return cleanedUpTo;
      const base = must(group[0], 'a group has segments').baseOffset;
      const target = new Segment(this.#folder, base, this.#ports.clock.nowMs(), this.#segmentPorts);
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

  #abortedBelow(limit: number): (header: BatchHeader) => boolean {
    const byProducer = new Map<number, AbortedTransaction[]>();
    for (const entry of this.abortedTransactions(0, limit)) {
      byProducer.set(entry.producerId, [...(byProducer.get(entry.producerId) ?? []), entry]);
    }
    return ({ producerId, baseOffset, attributes }) =>
      isTransactional(attributes) &&
      (byProducer.get(producerId) ?? []).some(
        (entry) => entry.firstOffset <= baseOffset && baseOffset <= entry.lastOffset,
      );
  }

  #cleanRules(
    offsets: KeyOffsets,
    isAborted: (header: BatchHeader) => boolean,
  ): { readonly rules: CleanRules; readonly onKept: (header: BatchHeader) => void } {
    /** Producers with data kept since their last marker. */
    const withData = new Set<number>();
    const rules: CleanRules = {
      nowMs: this.#ports.clock.nowMs(),
      deleteRetentionMs: this.#config['delete.retention.ms'],
      isSuperseded: (key, offset) => offsets.get(key) > offset,
      isAborted,
      isLastOfProducer: (header) =>
        this.#producers.get(header.producerId)?.batches.at(-1)?.lastOffset ===
        header.baseOffset + header.lastOffsetDelta,
      hasDataFor: (header) => withData.delete(header.producerId),
    };
    return { rules, onKept: (header) => withData.add(header.producerId) };
  }

  /** Puts a compacted segment in the place of those it was made from. Any crash leaves the old or the new. */
  async #swap(group: readonly Segment[], target: Segment, truncations: number): Promise<boolean> {
    const { disk, files } = this.#ports;
    const cleaned = target.file.path;
    const isStale = group.some((segment) => !this.#segments.includes(segment));
    if (isStale || this.#isClosed || this.isOffline || truncations !== this.#truncations) {
      await disk.remove(cleaned);
      return false;
    }
    // INV-4: from the durable rename to .swap on, a start finishes the exchange.
    const swap = target.pathOf('.log.swap');
    await disk.rename(cleaned, swap);
    await disk.syncFolder(this.#folder);
    target.file.path = swap;
    for (const segment of group) await this.#removeSegment(segment);
    await disk.rename(swap, target.pathOf('.log'));
    target.file.path = target.pathOf('.log');
    await files.close(target.file);
    const first = this.#segments.indexOf(must(group[0], 'a group has segments'));
    this.#segments = this.#segments.toSpliced(first, group.length, target);
    this.#tail.dropThrough(target.nextOffset);
    await disk.syncFolder(this.#folder);
    await target.saveIndexes();
    this.#ports.indexes.touch(target);
    const gone = new Set(group.slice(1).map((segment) => segment.baseOffset));
    await this.#removeSnapshots((offset) => gone.has(offset));
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
        await this.#active.saveIndexes();
        await this.#saveEpochs();
        await this.#saveSnapshot(this.logEndOffset);
        for (const { path } of this.#pendingDeletes) await this.#ports.disk.remove(path);
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
    for (const waiter of this.#waiters) waiter.wake.resolve();
    this.#waiters.clear();
    for (const listener of this.#listeners) listener(this);
    this.#listeners.clear();
    for (const segment of this.#segments) {
      this.#ports.indexes.forget(segment);
      await this.#ports.files.close(segment.file);
    }
  }
}
