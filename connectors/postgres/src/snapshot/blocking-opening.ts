import { exportSnapshot } from '../handover.ts';
import type { Started } from '../task-start.ts';
import { openInStream } from './open-snapshot.ts';
import type { SnapshotProgress } from './snapshot-progress.ts';
import type { TableSnapshot } from './table-snapshot.ts';

export interface BlockingOpeningOptions {
  readonly started: Started;
  readonly done: SnapshotProgress;
  /** Where the stream stands; undefined: nowhere. */
  readonly streamLsn: () => number | undefined;
  readonly stop: AbortSignal;
}

/**
 * A snapshot in the middle of the stream, while it is being opened: transactions that run are waited for, in the
 * background.
 */
export class BlockingOpening {
  readonly done: SnapshotProgress;
  readonly #options: BlockingOpeningOptions;
  readonly #stop = new AbortController();
  readonly #opened: Promise<void>;
  #snapshot: TableSnapshot | undefined;

  constructor(options: BlockingOpeningOptions) {
    this.done = options.done;
    this.#options = options;
    this.#opened = this.#open(AbortSignal.any([this.#stop.signal, options.stop]));
    this.#opened.catch(() => undefined); // told to the poll that waits for it
  }

  /** The snapshot, if it is open within the time. @throws what went wrong */
  async wait(waitMs: number, signal: AbortSignal): Promise<TableSnapshot | undefined> {
    const timer = new AbortController();
    const patience = this.#options.started.state.context.clock
      .sleep(waitMs, AbortSignal.any([signal, timer.signal]))
      .catch(() => undefined); // opened in time, or stopped
    try {
      await Promise.race([this.#opened, patience]);
    } finally {
      timer.abort();
    }
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    return snapshot;
  }

  /** Gives up. Resolves with what was opened in the last moment and has to be closed. */
  async cancel(): Promise<TableSnapshot | undefined> {
    this.#stop.abort(new Error('the connection is closed'));
    await this.#opened.catch(() => undefined); // the reason is ours
    return this.#snapshot;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { started, done, streamLsn } = this.#options;
    const { settings, context } = started.state;
    const { exporter, created } = await exportSnapshot(settings, signal);
    try {
      const from = streamLsn() ?? created.consistentLsn;
      this.#snapshot = await openInStream(started, created, done, from, signal);
    } finally {
      await exporter.close(context.clock);
    }
  }
}
