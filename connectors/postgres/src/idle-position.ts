import type { SourceRecord } from '@millrace/record';
import { offsetOnlyRecord } from './offset-only-record.ts';
import type { ChangeStream } from './stream/change-stream.ts';
import type { Started } from './task-start.ts';

/** How often the position alone is stored while nothing is captured. */
const INTERVAL_MS = 3000;
/** A server that shuts down waits until its walsenders were told that everything is durable. */
const PAUSE_MS = 100;

/**
 * While there is nothing to capture, the position alone is handed out now and then: once it is durable the server may
 * forget, so an idle database between busy neighbours keeps no WAL, without a heartbeat table. At once when a signal
 * was obeyed: that must not be forgotten.
 */
export class IdlePosition {
  #handedOutAtMs = 0;

  take({ state, desk }: Started, changes: ChangeStream): readonly SourceRecord[] {
    const { settings, context, partition, progress } = state;
    const nowMs = context.clock.monotonicMs();
    if (!progress.isBehindServer && !desk.isUntold) return [];
    const waitMs = desk.isUntold
      ? 0
      : changes.isAskedForPosition
        ? PAUSE_MS
        : Math.min(INTERVAL_MS, settings.config['status.update.interval.ms']);
    if (nowMs < this.#handedOutAtMs + waitMs) return [];
    this.#handedOutAtMs = nowMs;
    return [offsetOnlyRecord(partition, changes.offset)];
  }
}
