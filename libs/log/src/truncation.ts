import type { Durability } from './durability.ts';
import { partitionOffline } from './errors.ts';
import type { LogState } from './log-state.ts';
import { replayProducers } from './replay-producers.ts';

/** Drops the end of a log, for followers that diverged from their leader. */
export class Truncation {
  readonly #state: LogState;
  readonly #durability: Durability;

  constructor(state: LogState, durability: Durability) {
    this.#state = state;
    this.#durability = durability;
  }

  to(offset: number): Promise<void> {
    return this.#truncating(async () => {
      const state = this.#state;
      const { segments, config } = state;
      if (offset >= state.logEndOffset) return;
      const gone = segments.all.filter((segment) => segment.baseOffset >= offset);
      const kept = segments.all.filter((segment) => segment.baseOffset < offset);
      const last = kept.at(-1);
      if (last === undefined || offset < state.logStartOffset) {
        await this.#restartAt(offset);
        return;
      }
      for (const segment of gone.reverse()) {
        await segments.remove(segment, config['file.delete.delay.ms']);
      }
      await last.cutAt(offset, config['index.interval.bytes']);
      segments.keep(kept);
      await this.#forgetFrom(state.logEndOffset);
    });
  }

  fullyAndStartAt(offset: number): Promise<void> {
    return this.#truncating(() => this.#restartAt(offset));
  }

  /** Reads that run meanwhile start again, new ones wait. A failure half way leaves nothing to be trusted. */
  async #truncating(work: () => Promise<void>): Promise<void> {
    const state = this.#state;
    state.truncations += 1;
    state.isTruncating = true;
    state.tail.clear();
    try {
      await work();
    } catch (error) {
      state.goOffline(error);
      throw partitionOffline(state.folder, error);
    } finally {
      state.isTruncating = false;
    }
  }

  async #restartAt(offset: number): Promise<void> {
    const { segments, config } = this.#state;
    for (const segment of [...segments.all].reverse()) {
      await segments.remove(segment, config['file.delete.delay.ms']);
    }
    const segment = segments.newSegment(offset);
    await segment.create();
    segments.startOver(segment);
    this.#state.logStartOffset = offset;
    await this.#forgetFrom(offset);
  }

  /** After a truncation to `end`: offsets, epochs and producers forget what is gone. */
  async #forgetFrom(end: number): Promise<void> {
    const { watermark, epochs, snapshots, ports, folder, segments, producers } = this.#state;
    watermark.lowerTo(end);
    this.#durability.lowerTo(end);
    epochs.truncateFrom(end);
    await this.#durability.saveEpochs();
    await snapshots.removeWhere((offset) => offset > end);
    await replayProducers({
      disk: ports.disk,
      folder,
      segments: segments.all,
      producers,
      epochs,
      snapshotOffsetMax: end,
      nowMs: ports.clock.nowMs(),
    });
    await snapshots.save(end, producers);
  }
}
