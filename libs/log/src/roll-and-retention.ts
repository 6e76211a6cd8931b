import { must } from '@millrace/foundation';
import { INDEXES_UNSAVED, type Durability } from './durability.ts';
import { isDeletedByRetention } from './log-config.ts';
import type { LogState } from './log-state.ts';
import { chooseExpired } from './retention.ts';
import type { Segment } from './segment.ts';

/** Begins new segments, and lets old ones go. Everything here is called in the log's turn. */
export class RollAndRetention {
  readonly #state: LogState;
  readonly #durability: Durability;
  readonly #producerExpirationMs: () => number;

  constructor(state: LogState, durability: Durability, producerExpirationMs: () => number) {
    this.#state = state;
    this.#durability = durability;
    this.#producerExpirationMs = producerExpirationMs;
  }

  /** Closes the active segment and begins one at `baseOffset`. */
  async roll(baseOffset: number): Promise<void> {
    const { segments, snapshots, producers, config, log } = this.#state;
    const closing = segments.active;
    if (!closing.isReady) await closing.makeReady();
    const jitterMs = Math.min(config['segment.jitter.ms'], config['segment.ms'] - 1);
    const segment = segments.newActiveSegment(baseOffset, jitterMs);
    await segment.create();
    await snapshots.save(baseOffset, producers);
    // Not a mere cache: without it aborted data would be read as committed after a crash.
    await closing.saveAborted(true);
    closing.finishIndexes();
    // A sync of them would wait for much of what was written of late, and all appends for the sync. INV-4: only where
    // no recovery reads this segment again must they be durable before there is a next one.
    const isReadAgain = this.#durability.recoveryPoint < closing.nextOffset;
    await closing.saveIndexes(!isReadAgain).catch((error: unknown) => {
      log.warn({ err: error }, INDEXES_UNSAVED);
    });
    segments.push(segment);
    if (isReadAgain) this.#durability.syncIndexesOf(closing);
    // Kafka flushes a segment when it is closed; nobody waits for it, and a failure shows in the log's state.
    if (config['flush.ms'] !== 0) void this.#durability.flush().catch(() => undefined);
  }

  /** Moves the log start to `offset` and lets segments go that are wholly below it. */
  async deleteBefore(offset: number): Promise<number | 'offset-out-of-range'> {
    const state = this.#state;
    if (offset > state.watermark.offset || offset < 0) return 'offset-out-of-range';
    if (offset > state.logStartOffset) {
      state.logStartOffset = offset;
      state.epochs.truncateBefore(offset);
      await this.#removeExpired(false);
    }
    return state.logStartOffset;
  }

  /** One round of retention. Answers how many segments it let go. */
  async enforce(): Promise<number> {
    const { isClosed, isOffline, producers, ports } = this.#state;
    if (isClosed || isOffline) return 0;
    producers.expire(ports.clock.nowMs() - this.#producerExpirationMs());
    return this.#state.isCompacting ? 0 : this.#removeExpired(true);
  }

  /** `isAged`: by age and size too, not only what is below the log start. */
  async #removeExpired(isAged: boolean): Promise<number> {
    const state = this.#state;
    const { config, segments } = state;
    const nowMs = state.ports.clock.nowMs();
    if (isAged && isDeletedByRetention(config) && config['retention.ms'] >= 0) {
      // The largest time stamp of a closed segment is in its time index.
      for (const segment of segments.all) {
        if (segment.maxTimestampMs < 0 && segment.bytes > 0) await segment.indexes();
        if (nowMs - segment.maxTimestampMs <= config['retention.ms']) break;
      }
    }
    const expired = chooseExpired(segments.all, {
      config,
      nowMs,
      isAged,
      logStartOffset: state.logStartOffset,
      highWatermark: state.watermark.offset,
    });
    if (expired === 0) return 0;
    // The active segment is never removed: when all of it has expired, an empty one takes its place.
    if (expired === segments.all.length) await this.roll(state.logEndOffset);
    const gone = segments.all.slice(0, expired);
    const kept = segments.all.slice(expired);
    segments.keep(kept);
    const start = must(kept[0], 'the active segment stays').baseOffset;
    state.logStartOffset = Math.max(state.logStartOffset, start);
    state.epochs.truncateBefore(state.logStartOffset);
    state.tail.dropThrough(state.logStartOffset);
    for (const segment of gone) await this.#remove(segment);
    await state.snapshots.removeWhere((offset) => offset < start);
    return expired;
  }

  #remove(segment: Segment): Promise<void> {
    const { segments, config } = this.#state;
    return segments.remove(segment, config['file.delete.delay.ms']);
  }
}
