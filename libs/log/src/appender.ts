import { AppendQueue, type AppendRequest } from './append-queue.ts';
import { refused, type AppendResult } from './append-types.ts';
import type { Durability } from './durability.ts';
import { appendQueueFull, diskFull, isShortage, logClosed, partitionOffline } from './errors.ts';
import type { LogState } from './log-state.ts';
import { mustRoll, stageGroup, type Group, type QueuedAppend } from './stage-group.ts';
import { noteGroup, writeGroup } from './write-group.ts';

export interface AppenderOptions {
  readonly state: LogState;
  readonly durability: Durability;
  readonly queueBytesMax: number;
  /** Closes the active segment and begins the next one. */
  readonly roll: (baseOffset: number) => Promise<void>;
}

/**
 * The one writer of a log. Appends join a queue; one group of them at a time is staged (sequence numbers checked,
 * offsets given), written by one `writev` and noted in indexes, producer states and epochs. Groups with appends that
 * asked for it are made durable by an `fdatasync` that runs beside the writes of the next groups; all groups written
 * before it begins share it. A group that can't be written leaves no trace.
 */
export class Appender {
  readonly #state: LogState;
  readonly #durability: Durability;
  readonly #roll: (baseOffset: number) => Promise<void>;
  readonly #queue: AppendQueue;
  #isDraining = false;
  /** Groups that wait for their flush, oldest first; the first ones may be in the flush that runs. */
  #unflushed: Group[] = [];
  #flushing: Promise<void> | undefined;
  /** Said once, not for each append that is refused. */
  #isShortOfRoom = false;

  constructor(options: AppenderOptions) {
    this.#state = options.state;
    this.#durability = options.durability;
    this.#roll = options.roll;
    this.#queue = new AppendQueue(options.queueBytesMax, options.state.ports.appendBudget);
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  add(request: AppendRequest): Promise<AppendResult> {
    const done = this.#queue.add(request);
    if (typeof done === 'number') {
      return Promise.resolve(refused('queue-full', appendQueueFull(this.#state.folder, done)));
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

  /** Answers all that waits with why the log takes nothing. */
  refuseQueued(): void {
    const refusal = this.#state.findRefusal() ?? refused('closed', logClosed(this.#state.folder));
    this.#queue.refuse(this.#queue.take(Infinity), refusal);
  }

  /** Resolves when no group waits for its flush. Nothing may be written meanwhile. */
  async settled(): Promise<void> {
    await this.#flushing;
  }

  /** Group after group until the queue is empty. */
  async #drain(): Promise<void> {
    while (this.#queue.waiting.length > 0) {
      try {
        await this.#state.exclusive.run(() => this.#writeGroup());
      } catch (error) {
        // Our bug or a disk that fails in an unknown way: nothing in memory can be trusted.
        this.#state.goOffline(error);
        this.refuseQueued();
      }
    }
    this.#isDraining = false;
  }

  async #writeGroup(): Promise<void> {
    const state = this.#state;
    if (state.findRefusal() !== undefined) {
      this.refuseQueued();
      return;
    }
    const first = this.#queue.waiting[0];
    if (first === undefined) return;
    if (!state.active.isReady) await state.active.makeReady();
    const nowMs = state.ports.clock.nowMs();
    if (mustRoll(state.active, state.config, first, 0, state.logEndOffset, nowMs)) {
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
    const isFlushDue = this.#durability.isFlushDue;
    if (isFlushDue || group.hasDurable) {
      if (this.#durability.recoveryPoint < state.logEndOffset) {
        this.#unflushed.push(group);
        if (!isFlushDue) this.#acknowledgeWritten(group);
        this.#flushing ??= this.#flushGroups();
        return;
      }
      this.#acknowledge(group);
    } else {
      this.#acknowledgeWritten(group);
    }
    this.#advanceHighWatermark();
  }

  #nextBaseOffset(append: QueuedAppend): number {
    const { logEndOffset } = this.#state;
    const given = append.batches[0]?.header.baseOffset ?? 0;
    return append.origin === 'follower' ? Math.max(given, logEndOffset) : logEndOffset;
  }

  /** Takes from the queue what fits in one write, and answers what is refused. */
  #stageGroup(): Group {
    const state = this.#state;
    const { group, taken, refusals } = stageGroup(this.#queue.waiting, {
      segment: state.active,
      producers: state.producers,
      config: state.config,
      baseOffset: state.logEndOffset,
      logStartOffset: state.logStartOffset,
      nowMs: state.ports.clock.nowMs(),
    });
    this.#queue.take(taken);
    for (const [append, refusal] of refusals) this.#queue.settle(append, refusal);
    return group;
  }

  /** False when the group was refused; then nothing of it is in the file. */
  async #write(group: Group): Promise<boolean> {
    const { active, ports, segments, log } = this.#state;
    try {
      await writeGroup(ports.files, active, group);
    } catch (error) {
      this.#failGroup(group.appends, error);
      return false;
    }
    segments.noteWritten(active);
    if (this.#isShortOfRoom) {
      this.#isShortOfRoom = false;
      log.info({}, 'there is room for appends again');
    }
    return true;
  }

  #failGroup(appends: readonly QueuedAppend[], error: unknown): void {
    const { folder, log } = this.#state;
    if (isShortage(error)) {
      if (!this.#isShortOfRoom) {
        this.#isShortOfRoom = true;
        log.warn({ err: error }, 'no room for appends; they are refused until there is');
      }
      this.#queue.refuse(appends, refused('disk-full', diskFull(folder, error)));
      return;
    }
    this.#state.goOffline(error);
    this.#queue.refuse(appends, refused('offline', partitionOffline(folder, error)));
  }

  #note(group: Group): void {
    const { active, epochs, producers, config, tail } = this.#state;
    noteGroup(group, {
      segment: active,
      epochs,
      producers,
      indexIntervalBytes: config['index.interval.bytes'],
    });
    if (group.bytes === 0) return;
    tail.add(group.baseOffset, group.tail);
    this.#durability.noteWritten(group.recordCount, group.nowMs);
  }

  /** One flush after the other until no group waits. What is written while one runs shares the next. */
  async #flushGroups(): Promise<void> {
    // The groups of this turn of the loop are all written before the first flush begins.
    while (this.#unflushed.length > 0) {
      const groups = [...this.#unflushed];
      try {
        await this.#durability.sync();
      } catch (error) {
        // A second fsync would report success over lost pages: the partition stops here instead.
        const { folder } = this.#state;
        this.#state.goOffline(error);
        const refusal = refused('offline', partitionOffline(folder, error));
        for (const group of this.#unflushed.splice(0)) this.#queue.refuse(group.appends, refusal);
        break;
      }
      for (const group of groups) this.#acknowledge(group);
      this.#unflushed.splice(0, groups.length);
      this.#advanceHighWatermark();
    }
    this.#flushing = undefined;
  }

  /** Answers the appends of a group that asked for no more than to be written. */
  #acknowledgeWritten(group: Group): void {
    for (const append of group.appends) {
      if (append.result !== undefined && !append.isDurable) {
        this.#queue.settle(append, append.result);
      }
    }
    this.#advanceHighWatermark();
  }

  #acknowledge(group: Group): void {
    for (const append of group.appends) {
      if (append.result !== undefined) this.#queue.settle(append, append.result);
    }
  }

  /** The high watermark never passes an append that still waits for its flush (INV-5). */
  #advanceHighWatermark(): void {
    if (this.#state.isHighWatermarkManaged) return;
    const [oldest] = this.#unflushed;
    let visible = this.#state.logEndOffset;
    if (oldest !== undefined) {
      visible = Math.min(visible, oldest.nextOffset);
      for (const { isDurable, isSettled, result } of oldest.appends) {
        if (result === undefined || isSettled || !isDurable) continue;
        visible = Math.min(visible, result.baseOffset);
      }
      // A flush that is due for its own sake: none of the group has an answer yet.
      if (!oldest.hasDurable) visible = Math.min(visible, oldest.baseOffset);
    }
    this.#state.watermark.advance(visible);
  }
}
