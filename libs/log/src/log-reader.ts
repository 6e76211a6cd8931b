import { MillraceError } from '@millrace/foundation';
import { damagedFile, isDiskFailure, logClosed, partitionOffline } from './errors.ts';
import type { LogState } from './log-state.ts';
import type { ReadOptions, ReadResult } from './log-types.ts';
import { allocateOwn, readBatches, readOn, type BatchesRead, type Wanted } from './read-batches.ts';
import {
  findFirstSince,
  findNewest,
  type TimeSearch,
  type TimestampedOffset,
} from './record-times.ts';
import type { Segment } from './segment.ts';

const EMPTY = new Uint8Array(0);
/** INV-6: one for each of so many readers of a log at a time. */
const ENDS_MAX = 8;

/** Where a read has ended, and the next of the same reader begins. */
interface ReadEnd {
  readonly segment: Segment;
  readonly truncations: number;
  readonly offset: number;
  readonly position: number;
}

/** Reads of one log: from the tail cache or the files, beside everything that changes the log. */
export class LogReader {
  readonly #state: LogState;
  /** Who reads on need not search: behind a sparse index that costs a batch that is read in vain. */
  #ends: readonly ReadEnd[] = [];

  constructor(state: LogState) {
    this.#state = state;
  }

  async read(
    fromOffset: number,
    bytesMax: number,
    options: ReadOptions,
  ): Promise<ReadResult | 'offset-out-of-range'> {
    const state = this.#state;
    if (state.isTruncating || state.isOffline || state.isClosed) await state.readable();
    if (fromOffset < state.logStartOffset || fromOffset > state.logEndOffset) {
      return 'offset-out-of-range';
    }
    const minOne = options.minOneMessage === true;
    const allocate = options.allocate ?? allocateOwn;
    const limit = state.limitOf(options.upTo);
    // Taken before the data: what they promise is in it or after it.
    const { watermark, lastStableOffset, logStartOffset, logEndOffset } = state;
    const answer = (bytes: Uint8Array, nextOffset: number): ReadResult => ({
      bytes,
      nextOffset,
      highWatermark: watermark.offset,
      lastStableOffset,
      logStartOffset,
      logEndOffset,
    });
    if (fromOffset >= limit) state.tail.noteReader();
    if (fromOffset >= limit || (bytesMax <= 0 && !minOne)) return answer(EMPTY, fromOffset);
    if (fromOffset >= state.tail.baseOffset) {
      state.tail.noteReader();
      const cached = state.tail.read(fromOffset, bytesMax, limit, minOne, allocate);
      if (cached !== undefined) return answer(cached.bytes, cached.nextOffset);
    }
    const highWatermark = watermark.offset;
    try {
      const wanted = { bytesMax, limit, minOne, allocate };
      const found = await this.#readFiles(fromOffset, wanted);
      if (found !== 'offset-out-of-range' && found.nextOffset >= limit) state.tail.noteReader();
      return found === 'offset-out-of-range'
        ? found
        : { ...answer(found.bytes, found.nextOffset), highWatermark };
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Files that went with a closed log are no sick disk. */
  #explain(error: unknown): MillraceError {
    const state = this.#state;
    if (state.isClosed) return logClosed(state.folder);
    if (error instanceof MillraceError) return error;
    if (isDiskFailure(error)) state.goOffline(error);
    return partitionOffline(state.folder, error);
  }

  async #readFiles(
    fromOffset: number,
    wanted: Omit<Wanted, 'offset'>,
  ): Promise<BatchesRead | 'offset-out-of-range'> {
    const state = this.#state;
    for (let offset = fromOffset; ;) {
      const { truncations } = state;
      const segment = state.segments.at(offset);
      let found: BatchesRead | undefined;
      let failure: unknown;
      try {
        found = await this.#readSegment(segment, { ...wanted, offset });
      } catch (error) {
        // Its file may have gone with a truncation or a move, or it was compacted away meanwhile.
        if (truncations === state.truncations && state.segments.all.includes(segment)) throw error;
        failure = error;
      }
      if (truncations !== state.truncations || failure !== undefined) {
        await state.readable();
        // The batches seen may be gone; what is there now is read.
        if (fromOffset > state.logEndOffset || fromOffset < state.logStartOffset)
          return 'offset-out-of-range';
        if (fromOffset >= state.limitOf(wanted.limit)) {
          return { bytes: EMPTY, nextOffset: fromOffset };
        }
        offset = fromOffset;
        continue;
      }
      if (found !== undefined) return found;
      // Compaction left nothing from here to the end of this segment: the next one has it.
      const next = state.segments.after(segment);
      if (next === undefined || next.baseOffset >= wanted.limit) {
        return { bytes: EMPTY, nextOffset: fromOffset };
      }
      offset = next.baseOffset;
    }
  }

  /** Undefined when the segment has no batch from `offset` on. */
  async #readSegment(segment: Segment, wanted: Wanted): Promise<BatchesRead | undefined> {
    const { ports, config, log, truncations } = this.#state;
    const end = segment.bytes;
    const before = this.#ends.find(
      (each) =>
        each.offset === wanted.offset &&
        each.segment === segment &&
        each.truncations === truncations,
    );
    if (before !== undefined) {
      const found = await ports.files.use(segment.file, (handle) =>
        readOn({ handle, end }, before.position, wanted),
      );
      if (found !== undefined) return this.#remembered(found, segment, truncations);
    }
    for (let isRebuilt = false; ; isRebuilt = true) {
      const { offsets } = await segment.indexes();
      const entry = offsets.entryFor(wanted.offset);
      const found = await ports.files.use(segment.file, (handle) =>
        readBatches({ handle, end }, entry, wanted),
      );
      if (found !== 'damaged') return this.#remembered(found, segment, truncations);
      if (isRebuilt) throw damagedFile(segment.file.path, 'its batches are not right');
      log.warn({ file: segment.file.path }, 'an index led astray and is built again');
      await segment.rebuildIndexes(config['index.interval.bytes']);
    }
  }

  #remembered(
    found: BatchesRead | undefined,
    segment: Segment,
    truncations: number,
  ): BatchesRead | undefined {
    if (found?.nextPosition === undefined) return found;
    const { nextOffset: offset, nextPosition: position } = found;
    const others = this.#ends.filter((each) => each.offset !== offset).slice(0, ENDS_MAX - 1);
    this.#ends = [{ segment, truncations, offset, position }, ...others];
    return found;
  }

  async firstSince(
    timestampMs: number,
    upTo: ReadOptions['upTo'],
  ): Promise<TimestampedOffset | undefined> {
    await this.#state.readable();
    return findFirstSince(timestampMs, this.#timeSearch(upTo));
  }

  async newest(upTo: ReadOptions['upTo']): Promise<TimestampedOffset | undefined> {
    await this.#state.readable();
    return findNewest(this.#timeSearch(upTo));
  }

  #timeSearch(upTo: ReadOptions['upTo']): TimeSearch {
    const { segments, ports, logStartOffset } = this.#state;
    return {
      segments: segments.all,
      files: ports.files,
      limit: this.#state.limitOf(upTo),
      logStartOffset,
    };
  }
}
