import type { AbortedTransaction } from './aborted-transactions.ts';
import type { AppendOptions, AppendResult, FlushPolicy } from './append-types.ts';
import { Appender } from './appender.ts';
import { checkAppend, type AppendOrigin, type CheckedAppend } from './check-append.ts';
import { compactLog, type CompactionRun } from './compact-log.ts';
import { findDirty, type DirtyState } from './compaction.ts';
import { Durability } from './durability.ts';
import type { LogConfig } from './log-config.ts';
import { LogReader } from './log-reader.ts';
import { LogState } from './log-state.ts';
import type {
  EpochEnd,
  OpenedState,
  PartitionLogOptions,
  ReadOptions,
  ReadResult,
} from './log-types.ts';
import { summarize, type LogSummary } from './log-summary.ts';
import { adoptFolder } from './move-log.ts';
import { needsUnpacking, prepareAppend } from './prepare-append.ts';
import type { ProducerState } from './producer-states.ts';
import type { TimestampedOffset } from './record-times.ts';
import { RollAndRetention } from './roll-and-retention.ts';
import { Truncation } from './truncation.ts';

/**
 * One partition on disk: what others see of it. The work is done by its parts, which share a `LogState`: `Appender`
 * (queue, groups, acknowledgements), `Durability` (flushes, recovery point), `LogReader`, `RollAndRetention`,
 * `Truncation`, and compaction.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string | undefined;
  readonly #state: LogState;
  readonly #flushPolicy: FlushPolicy;
  readonly #durability: Durability;
  readonly #appender: Appender;
  readonly #reader: LogReader;
  readonly #segments: RollAndRetention;
  readonly #truncation: Truncation;
  /** Appends whose records are being unpacked; those behind them wait, so that their order stays. */
  #preparing: Promise<unknown> | undefined;

  constructor(options: PartitionLogOptions, opened: OpenedState) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.topicId = options.topicId;
    this.#flushPolicy = options.flushPolicy;
    const state = new LogState(options, opened);
    this.#state = state;
    this.#durability = new Durability(state, opened.recoveryPoint);
    this.#reader = new LogReader(state);
    this.#segments = new RollAndRetention(state, this.#durability, options.producerExpirationMs);
    this.#truncation = new Truncation(state, this.#durability);
    this.#appender = new Appender({
      state,
      durability: this.#durability,
      queueBytesMax: options.appendQueueBytesMax,
      roll: (baseOffset) => this.#segments.roll(baseOffset),
    });
  }

  get name(): string {
    return `${this.topic}-${this.partition}`;
  }

  get folder(): string {
    return this.#state.folder;
  }

  get config(): LogConfig {
    return this.#state.config;
  }

  /** The first offset that can be read. */
  get logStartOffset(): number {
    return this.#state.logStartOffset;
  }

  /** The offset that the next record gets. */
  get logEndOffset(): number {
    return this.#state.logEndOffset;
  }

  /** Consumers see what is below it. */
  get highWatermark(): number {
    return this.#state.watermark.offset;
  }

  /** Readers of committed records see what is below it. */
  get lastStableOffset(): number {
    return this.#state.lastStableOffset;
  }

  /** All below it survives a loss of power. */
  get recoveryPoint(): number {
    return this.#durability.recoveryPoint;
  }

  /** The newest leader epoch in the log; -1 when there is none. */
  get latestEpoch(): number {
    return this.#state.epochs.latest?.epoch ?? -1;
  }

  get bytes(): number {
    return this.#state.segments.bytes;
  }

  get segmentCount(): number {
    return this.#state.segments.all.length;
  }

  /** Bytes of appends that wait for the disk. A server reads less from its sockets while it is high. */
  get queuedBytes(): number {
    return this.#appender.queuedBytes;
  }

  get isOffline(): boolean {
    return this.#state.isOffline;
  }

  /** New settings hold from the next append, roll, retention and compaction on. */
  configure(config: LogConfig): void {
    this.#state.config = config;
  }

  // ---------------------------------------------------------------- append

  /**
   * Appends one or several record batches. Base offset and leader epoch are patched in place, and
   * `batches` belongs to the log until it answers. Refusals that a
   * client caused or can retry are values; nothing is thrown for them.
   */
  append(batches: Uint8Array, options: AppendOptions): Promise<AppendResult> {
    const flush = options.flush ?? this.#flushPolicy;
    if (flush === 'interval') this.#durability.isFlushWanted = true;
    const origin = options.origin ?? 'client';
    return this.#enqueue(
      batches,
      origin,
      options.leaderEpoch,
      flush === 'every-append',
      options.isCrcTrusted,
      options.beginsAtZero,
    );
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
    isCrcTrusted = false,
    beginsAtZero = false,
  ): Promise<AppendResult> {
    const state = this.#state;
    const refusal = state.findRefusal();
    if (refusal !== undefined) return Promise.resolve(refusal);
    const nowMs = state.ports.clock.nowMs();
    const checked = checkAppend(bytes, origin, state.config, nowMs, isCrcTrusted);
    if (checked.kind === 'refused') return Promise.resolve(checked);
    if (this.#preparing !== undefined || needsUnpacking(checked, origin, state.config)) {
      return this.#prepareAndEnqueue(bytes, checked, origin, leaderEpoch, isDurable, beginsAtZero);
    }
    const { batches, maxTimestampMs } = checked;
    return this.#appender.add({
      bytes,
      batches,
      maxTimestampMs,
      leaderEpoch,
      isDurable,
      origin,
      beginsAtZero,
    });
  }

  /** In the order of the calls: what comes behind a batch that is unpacked waits for it. */
  #prepareAndEnqueue(
    bytes: Uint8Array,
    checked: CheckedAppend,
    origin: AppendOrigin,
    leaderEpoch: number,
    isDurable: boolean,
    beginsAtZero: boolean,
  ): Promise<AppendResult> {
    const { config, ports } = this.#state;
    const before = this.#preparing;
    const prepared = prepareAppend(bytes, checked, origin, config, ports);
    // Added in the same turn as the one before it: a promise of a promise would let others overtake.
    const added = Promise.all([prepared, before]).then(([found]) => {
      if (this.#preparing === added) this.#preparing = undefined;
      if (found.kind === 'refused') return { answer: Promise.resolve<AppendResult>(found) };
      const { batches, maxTimestampMs } = found.checked;
      const request = {
        bytes: found.bytes,
        batches,
        maxTimestampMs,
        leaderEpoch,
        isDurable,
        origin,
        beginsAtZero,
      };
      const refusal = this.#state.findRefusal();
      const answer = refusal === undefined ? this.#appender.add(request) : Promise.resolve(refusal);
      return { answer };
    });
    this.#preparing = added;
    return added.then(({ answer }) => answer);
  }

  // ---------------------------------------------------------------- durability

  /** A write-back failed outside of a flush: what was written since the last one may be gone. */
  failDisk(cause: unknown): void {
    this.#state.goOffline(cause);
  }

  /** The names of the files of a new log survive a loss of power once this answers. */
  syncNames(): Promise<void> {
    return this.#state.segments.syncNames();
  }

  /** Makes all that is written now durable. Throws `log.partition_offline`. */
  flush(): Promise<void> {
    return this.#durability.flush();
  }

  /** Flushes when the policy 'interval' or `flush.ms` asks for it. */
  flushIfDue(nowMs: number): Promise<void> {
    return this.#durability.flushIfDue(nowMs);
  }

  /**
   * Saves what is kept beside the batches: index entries, leader epochs. Answers the offset from
   * which a recovery must begin now; undefined when it could not be moved.
   */
  checkpoint(): Promise<number | undefined> {
    return this.#durability.checkpoint();
  }

  // ---------------------------------------------------------------- high watermark

  /**
   * For a log with followers: from here on only `setHighWatermark` moves it. Else it follows the
   * acknowledged appends.
   */
  manageHighWatermark(isManaged: boolean): void {
    this.#state.isHighWatermarkManaged = isManaged;
    if (!isManaged) this.#state.watermark.advance(this.logEndOffset);
  }

  /** Never goes back, and never beyond the log end. */
  setHighWatermark(offset: number): void {
    this.#state.watermark.advance(Math.min(offset, this.logEndOffset));
  }

  /**
   * `listener` is called once each time the high watermark moves, and when the log is closed.
   * Answers how to stop that.
   */
  onHighWatermark(listener: (log: PartitionLog) => void): () => void {
    return this.#state.watermark.listen(() => listener(this));
  }

  /** Resolves once the record at `offset` can be read, or the log is closed. Rejects with `signal.reason`. */
  waitForHighWatermark(offset: number, signal?: AbortSignal): Promise<void> {
    return this.#state.watermark.waitBeyond(offset, signal);
  }

  // ---------------------------------------------------------------- read

  /**
   * Whole batches from the one that holds `fromOffset` on, out of one segment or the tail cache.
   * Empty when there is nothing below the limit. Throws `log.partition_offline`.
   */
  read(
    fromOffset: number,
    bytesMax: number,
    options: ReadOptions = {},
  ): Promise<ReadResult | 'offset-out-of-range'> {
    return this.#reader.read(fromOffset, bytesMax, options);
  }

  /** The first record at or after `timestampMs`; undefined when all below the limit are older. */
  offsetForTimestamp(
    timestampMs: number,
    upTo: ReadOptions['upTo'] = 'high-watermark',
  ): Promise<TimestampedOffset | undefined> {
    return this.#reader.firstSince(timestampMs, upTo);
  }

  /** The record with the largest time stamp, the first of them if several; undefined when the log is empty. */
  maxTimestampOffset(
    upTo: ReadOptions['upTo'] = 'high-watermark',
  ): Promise<TimestampedOffset | undefined> {
    return this.#reader.newest(upTo);
  }

  /** Where the largest epoch at or below `epoch` ended; undefined when it is newer than all here. */
  endOffsetForEpoch(epoch: number): EpochEnd | undefined {
    return this.#state.epochs.endOffsetFor(epoch, this.logEndOffset);
  }

  /** The leader epoch of the record at `offset`; -1 when unknown. */
  epochAt(offset: number): number {
    return this.#state.epochs.epochAt(offset);
  }

  /** What a reader of committed records must leave out between the two offsets. */
  abortedTransactions(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    return this.#state.segments.abortedBetween(fromOffset, toOffset);
  }

  /** What is known of idempotent and transactional producers, for DescribeProducers. */
  producerStates(): IterableIterator<ProducerState> {
    return this.#state.producers.values();
  }

  // ---------------------------------------------------------------- segments

  /**
   * Moves the log start to `offset` and lets segments go that are wholly below it. Answers the new
   * log start, or a refusal when `offset` is above the high watermark.
   */
  deleteRecordsBefore(offset: number): Promise<number | 'offset-out-of-range'> {
    return this.#state.exclusive.run(() => this.#segments.deleteBefore(offset));
  }

  /** One round of retention. Answers how many segments it let go. */
  enforceRetention(): Promise<number> {
    return this.#state.exclusive.run(() => this.#segments.enforce());
  }

  /** Unlinks files whose delay is over. */
  deleteFilesDue(nowMs: number): Promise<void> {
    return this.#state.segments.deleteFilesDue(nowMs);
  }

  /** Starts a new segment, if the active one holds anything. */
  roll(): Promise<void> {
    const state = this.#state;
    return state.exclusive.run(async () => {
      if (state.active.bytes > 0 && !state.isClosed && !state.isOffline) {
        await this.#segments.roll(state.logEndOffset);
      }
    });
  }

  /** For a copy of a log that ends with a gap: the next record gets `baseOffset`. */
  rollAt(baseOffset: number): Promise<void> {
    return this.#state.exclusive.run(() => this.#segments.roll(baseOffset));
  }

  /**
   * Drops all records at and after `offset`, with the whole batch that holds it. For followers that
   * diverged from their leader: what was acknowledged by a quorum is never above the offset given. Called by
   * `LogManager.truncateTo`, which first takes the recovery point back.
   */
  truncateTo(offset: number): Promise<void> {
    return this.#inQuiet(() => this.#truncation.to(offset));
  }

  /** Drops everything; the next record gets `offset`. For a follower whose leader begins later. */
  truncateFullyAndStartAt(offset: number): Promise<void> {
    return this.#inQuiet(() => this.#truncation.fullyAndStartAt(offset));
  }

  /** In the log's turn, with no flush that appends wait for. */
  #inQuiet<T>(work: () => Promise<T>): Promise<T> {
    return this.#state.exclusive.run(async () => {
      await this.#appender.settled();
      return work();
    });
  }

  // ---------------------------------------------------------------- compaction

  /** What a compaction that has come to `cleanedUpTo` would find. */
  compactionState(cleanedUpTo: number): Promise<DirtyState> {
    return findDirty(this.#state.segments.closed, cleanedUpTo, {
      config: this.config,
      limit: this.lastStableOffset,
      nowMs: this.#state.ports.clock.nowMs(),
    });
  }

  /**
   * Keeps the last record of each key in the closed segments; offsets stay as they are. Runs beside
   * appends and reads; only the exchange of files waits for its turn. Answers up to which offset
   * the log is clean now.
   */
  compact(cleanedUpTo: number, run: CompactionRun): Promise<number> {
    return compactLog(this.#state, cleanedUpTo, run);
  }

  // ---------------------------------------------------------------- move

  /**
   * The log goes on in the folder of `copy`, which has nearly all of its batches: copies the rest, renames the copy's
   * folder to `to` and this log's own to `aside`. Appends wait meanwhile; reads go on.
   */
  moveTo(copy: PartitionLog, to: string, aside: string): Promise<void> {
    return this.#inQuiet(() =>
      adoptFolder(
        { state: this.#state, durability: this.#durability, copy, to, aside },
        copy.#state,
      ),
    );
  }

  // ---------------------------------------------------------------- end

  /**
   * Waits for what is being written, refuses the rest, and leaves the folder as a clean stop does.
   * Answers whether it could; if not, the next start must recover this log.
   */
  async close(): Promise<boolean> {
    const state = this.#state;
    if (state.isClosed) return true;
    state.isClosed = true;
    const isClean = await state.exclusive.run(async () => {
      this.#appender.refuseQueued();
      await this.#appender.settled();
      if (state.isOffline) return false;
      try {
        await this.#durability.saveAll();
        await state.segments.deleteFilesDue(Infinity);
        return true;
      } catch (error) {
        state.goOffline(error);
        return false;
      }
    });
    await this.#release();
    return isClean;
  }

  /** For a log that is being deleted or set aside: nothing of it is saved. Its folder has the new name. */
  abandon(renameFolder: () => Promise<string>): Promise<void> {
    this.#state.isClosed = true;
    return this.#state.exclusive.run(async () => {
      this.#appender.refuseQueued();
      await this.#appender.settled();
      await this.#release();
      this.#state.folder = await renameFolder();
    });
  }

  /** What the next start needs to know to open this log without looking into its files. After a clean `close`. */
  summary(): LogSummary {
    return summarize(this.#state);
  }

  async #release(): Promise<void> {
    this.#state.tail.clear();
    this.#state.watermark.release();
    await this.#state.segments.release();
  }
}
