import type { Logger } from '@millrace/foundation';
import { refused, type AppendRefused } from './append-types.ts';
import { logClosed, partitionOffline } from './errors.ts';
import { Exclusive } from './exclusive.ts';
import { HighWatermark } from './high-watermark.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import type { LogPorts, OpenedState, PartitionLogOptions, ReadOptions } from './log-types.ts';
import { ProducerSnapshots } from './producer-snapshots.ts';
import type { ProducerStates } from './producer-states.ts';
import type { Segment } from './segment.ts';
import { SegmentList } from './segment-list.ts';
import { TailCache } from './tail-cache.ts';

/**
 * What the parts of one log share: its segments and offsets, what is known of producers and epochs, and whether it
 * can be used. Everything that changes segments runs one after the other in `exclusive`; reads go on beside it and
 * look at `truncations` to learn that what they saw is gone.
 *
 * Offsets: log start ≤ last stable ≤ high watermark ≤ log end; the log end is what is written.
 */
export class LogState {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string | undefined;
  readonly ports: LogPorts;
  readonly log: Logger;
  readonly exclusive = new Exclusive();
  readonly tail: TailCache;
  readonly producers: ProducerStates;
  readonly epochs: LeaderEpochs;
  readonly watermark: HighWatermark;
  segments: SegmentList;
  snapshots: ProducerSnapshots;
  folder: string;
  config: LogConfig;
  logStartOffset: number;
  isHighWatermarkManaged = false;
  /** Counts truncations and moves to another folder, so that work that ran beside one knows that it saw the past. */
  truncations = 0;
  /** Meanwhile the segments are in no state to be read. */
  isTruncating = false;
  isClosed = false;
  /** Meanwhile retention leaves the segments alone: a compaction would begin in vain, round after round. */
  isCompacting = false;
  #offlineCause: unknown = undefined;
  readonly #onOffline: ((cause: unknown) => void) | undefined;

  constructor(options: PartitionLogOptions, opened: OpenedState) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.topicId = options.topicId;
    this.ports = options.ports;
    this.log = options.ports.log.child({ topic: options.topic, partition: options.partition });
    this.folder = options.folder;
    this.config = options.config;
    this.tail = new TailCache(options.ports.tailBudget);
    this.producers = opened.producers;
    this.snapshots = new ProducerSnapshots(options.folder, options.ports.disk);
    if (opened.hasSnapshot) {
      this.snapshots.noteSaved(opened.segments.at(-1)?.nextOffset ?? 0, this.producers);
    }
    this.epochs = opened.epochs;
    const { segments, segmentPorts } = opened;
    this.segments = new SegmentList(options.folder, segments, segmentPorts, options.ports);
    if (opened.areNamesDurable) this.segments.noteNamesDurable();
    this.logStartOffset = opened.logStartOffset;
    this.watermark = new HighWatermark(this.logEndOffset);
    this.#onOffline = options.onOffline;
  }

  get active(): Segment {
    return this.segments.active;
  }

  get logEndOffset(): number {
    return this.segments.active.nextOffset;
  }

  get lastStableOffset(): number {
    const { offset } = this.watermark;
    // The beginning of an open transaction may have been deleted.
    const unstable = Math.max(this.logStartOffset, this.producers.firstUnstableOffset(offset));
    return Math.min(offset, unstable);
  }

  get isOffline(): boolean {
    return this.#offlineCause !== undefined;
  }

  get offlineCause(): unknown {
    return this.#offlineCause;
  }

  limitOf(upTo: ReadOptions['upTo']): number {
    switch (upTo) {
      case undefined:
      case 'high-watermark':
        return this.watermark.offset;
      case 'last-stable':
        return this.lastStableOffset;
      case 'log-end':
        return this.logEndOffset;
      default:
        return Math.min(upTo, this.logEndOffset);
    }
  }

  /** Why nothing can be appended now; undefined when it can. */
  findRefusal(): AppendRefused | undefined {
    if (this.isClosed) return refused('closed', logClosed(this.folder));
    if (this.isOffline) return refused('offline', partitionOffline(this.folder, this.offlineCause));
    return undefined;
  }

  /** Waits for a truncation that runs; throws when the log can't be read. */
  async readable(): Promise<void> {
    if (this.isTruncating) await this.exclusive.run(() => Promise.resolve());
    if (this.isOffline) throw partitionOffline(this.folder, this.offlineCause);
    if (this.isClosed) throw logClosed(this.folder);
  }

  /** Nothing in memory can be trusted from here on: the log takes and gives nothing until a restart. */
  goOffline(cause: unknown): void {
    if (this.isOffline) return;
    this.#offlineCause = cause ?? new Error('unknown');
    this.#onOffline?.(this.#offlineCause);
  }
}
