import { isRetriable, type Clock, type Logger } from '@millrace/foundation';
import type { CommittedOffset } from '@millrace/connector-api';
import { isCallTimeout } from '../errors.ts';
import { partitionKey, type SourceOffsets } from '../stores/offset-store.ts';
import type { TaskMeter } from '../metrics/task-meter.ts';
import type { AckTracker } from './ack-tracker.ts';

export interface OffsetCommitterOptions {
  readonly tracker: AckTracker;
  readonly offsets: SourceOffsets;
  readonly connector: string;
  /** Tells the task. */
  readonly notify: (offsets: readonly CommittedOffset[]) => Promise<void>;
  readonly meter: TaskMeter;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Stores what is acknowledged, and only then tells the source (INV-1). One commit at a time. */
export class OffsetCommitter {
  readonly #options: OffsetCommitterOptions;
  /** Stored, but the source doesn't know yet: the last offset of each partition. */
  readonly #untold = new Map<string, CommittedOffset>();
  #last: Promise<void> = Promise.resolve();
  #isFenced = false;
  #hasFailed = false;
  #hasStored = false;

  constructor(options: OffsetCommitterOptions) {
    this.#options = options;
  }

  /** A position was stored. */
  get hasStored(): boolean {
    return this.#hasStored;
  }

  /** Something is left for the next commit: it failed, or the source was not told. */
  get isBehind(): boolean {
    return this.#hasFailed || this.#untold.size > 0;
  }

  /** Retriable failures are logged and left to the next commit; others are thrown. */
  async commit(): Promise<void> {
    const next = this.#last.then(() => this.#commitOnce());
    this.#last = next.catch(() => undefined); // Whoever asked for that commit has the error.
    return next;
  }

  /** INV-9: the task was left behind; it stores nothing any more. */
  fence(): void {
    this.#isFenced = true;
  }

  async #commitOnce(): Promise<void> {
    if (this.#isFenced) return;
    if (!(await this.#store())) return;
    await this.#tell();
  }

  async #store(): Promise<boolean> {
    const { tracker, offsets, connector, log, clock, meter } = this.#options;
    const moved = tracker.takeSettled();
    if (moved.length === 0) return true;
    const startedMs = clock.monotonicMs();
    try {
      // INV-1: our own position is durable before the source may forget.
      await offsets.write(connector, moved);
    } catch (error) {
      meter.commitFailed(clock.monotonicMs() - startedMs);
      tracker.giveBack(moved);
      this.#hasFailed = true;
      if (!isRetriable(error)) throw error;
      log.warn({ err: error }, 'offsets were not stored; tried again with the next flush');
      return false;
    }
    this.#hasFailed = false;
    this.#hasStored = true;
    meter.committed(clock.monotonicMs() - startedMs);
    for (const position of moved) this.#untold.set(partitionKey(position.partition), position);
    return true;
  }

  async #tell(): Promise<void> {
    const told = [...this.#untold.values()];
    if (told.length === 0) return;
    try {
      await this.#options.notify(told);
    } catch (error) {
      if (!isRetriable(error) || isCallTimeout(error)) throw error;
      this.#options.log.warn(
        { err: error },
        'the source was not told what is stored; tried again with the next flush, it keeps its history until then',
      );
      return;
    }
    this.#untold.clear();
  }
}
