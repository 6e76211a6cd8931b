import { BATCH_OVERHEAD } from '@millrace/kafka-protocol';
import { join } from 'node:path';
import type { AbortedTransaction } from './aborted-transactions.ts';
import { decodeAborted, encodeAborted } from './aborted-transactions.ts';
import { baseOffsetAt, lastOffsetAt, magicAt } from './batch-walk.ts';
import type { Disk } from './disk.ts';
import { errnoOf } from './errno.ts';
import { offsetFileName, writeFileDurably, writeFilePlainly } from './files.ts';
import { createEmptyFile, syncFile, writeEntries } from './index-file.ts';
import type { IndexMemory } from './index-memory.ts';
import { OFFSET_ENTRY_BYTES, OffsetIndex } from './offset-index.ts';
import { PooledFile, type OpenFiles } from './open-files.ts';
import { scanBatches, type ScanResult } from './scan-batches.ts';
import { TIME_ENTRY_BYTES, TimeIndex } from './time-index.ts';

export const SEGMENT_SUFFIXES = ['.log', '.index', '.timeindex', '.txnindex'] as const;
/** Kafka's default `index.interval.bytes`, for closed segments whose index is lost. */
const REBUILD_INTERVAL_BYTES = 4096;
const RELATIVE_OFFSET_MAX = 2_147_483_647;

export interface SegmentPorts {
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly indexes: IndexMemory;
  /** Belongs to a reader of closed segments, who leaves the files of the indexes alone. */
  readonly isReader?: boolean;
  /** A failed write-back makes the partition distrust all it holds. */
  readonly onSyncFailed: (error: unknown) => void;
}

export interface SegmentIndexes {
  readonly offsets: OffsetIndex;
  readonly times: TimeIndex;
}

/**
 * One `.log` file with its indexes. The owner serialises all that changes it; reads go on meanwhile.
 * Indexes of closed segments are loaded when they are needed and may be dropped again.
 */
export class Segment {
  readonly baseOffset: number;
  readonly file: PooledFile;
  #folder: string;
  readonly #ports: SegmentPorts;
  /** Length of what is right in the file; behind it may be rests of a failed write for a moment. */
  bytes = 0;
  /** The part of `bytes` that survives a loss of power. */
  syncedBytes = 0;
  nextOffset: number;
  /** When it was made, or opened, by our clock. */
  readonly createdMs: number;
  /** The owner appends to it: its indexes stay in memory. */
  isActive = false;
  /** A share of `segment.jitter.ms`: it is closed so much earlier. */
  rollJitterMs = 0;
  firstTimestampMs = -1;
  maxTimestampMs = -1;
  maxTimestampOffset = -1;
  aborted: AbortedTransaction[] = [];
  #indexes: SegmentIndexes | undefined;
  #loading: Promise<SegmentIndexes> | undefined;
  #savedOffsets = 0;
  #savedTimes = 0;
  #savedAborted = 0;
  #isIndexFileStale = false;
  /** Written to since their last sync. */
  readonly #unsyncedIndexes = new Set<string>();
  #bytesSinceEntry = 0;

  constructor(folder: string, baseOffset: number, createdMs: number, ports: SegmentPorts) {
    this.#folder = folder;
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.createdMs = createdMs;
    this.#ports = ports;
    this.file = new PooledFile(this.pathOf('.log'), ports.onSyncFailed);
  }

  pathOf(suffix: string): string {
    return join(this.#folder, offsetFileName(this.baseOffset, suffix));
  }

  /** Makes the (empty) files. */
  async create(): Promise<void> {
    let wasThere = false;
    for (const suffix of ['.log', '.index', '.timeindex']) {
      if (await createEmptyFile(this.#ports.disk, this.pathOf(suffix))) wasThere = true;
    }
    this.startIndexes();
    // New files hold what the indexes do: nothing. In old ones what was cut off may come back after a loss of power.
    this.#isIndexFileStale = wasThere;
  }

  /** Begins with empty indexes, to be filled by `noteBatch`. */
  startIndexes(): SegmentIndexes {
    const indexes = {
      offsets: new OffsetIndex(this.baseOffset),
      times: new TimeIndex(this.baseOffset),
    };
    this.#indexes = indexes;
    this.#savedOffsets = 0;
    this.#savedTimes = 0;
    this.#isIndexFileStale = true;
    this.#bytesSinceEntry = 0;
    return indexes;
  }

  /** Its indexes are in memory: batches can be noted. */
  get isReady(): boolean {
    return this.#indexes !== undefined;
  }

  /** For an active segment that was opened without a look into its files. */
  async makeReady(): Promise<void> {
    const { offsets } = await this.indexes();
    this.#bytesSinceEntry = this.bytes - (offsets.lastEntry()?.position ?? 0);
  }

  /** Indexes that were made elsewhere, from the bytes of their files, which are not there yet. */
  takeIndexes(offsetBytes: Uint8Array, timeBytes: Uint8Array): boolean {
    const offsets = OffsetIndex.decode(this.baseOffset, offsetBytes, Math.max(this.bytes, 1));
    const times = TimeIndex.decode(this.baseOffset, timeBytes);
    if (offsets === undefined || times === undefined) return false;
    this.startIndexes();
    this.#indexes = { offsets, times };
    return true;
  }

  /** The bytes of the index files. */
  encodeIndexes(): { readonly offsets: Uint8Array; readonly times: Uint8Array } {
    const { offsets, times } = this.#indexes ?? this.startIndexes();
    return { offsets: offsets.encode(), times: times.encode() };
  }

  /** Its folder has a new path; open files stay open. */
  moveTo(folder: string): void {
    this.#folder = folder;
    this.file.path = this.pathOf('.log');
  }

  noteAbortedSaved(): void {
    this.#savedAborted = this.aborted.length;
  }

  /** The memory that `releaseIndexes` would free. */
  get indexBytes(): number {
    const indexes = this.#indexes;
    return indexes === undefined ? 0 : indexes.offsets.memoryBytes + indexes.times.memoryBytes;
  }

  /** Takes note of a batch at the end of the file. Called once it is written (or found there). */
  noteBatch(
    lastOffset: number,
    maxTimestampMs: number,
    position: number,
    size: number,
    indexIntervalBytes: number,
  ): void {
    if (this.firstTimestampMs < 0) this.firstTimestampMs = maxTimestampMs;
    if (maxTimestampMs > this.maxTimestampMs) {
      this.maxTimestampMs = maxTimestampMs;
      this.maxTimestampOffset = lastOffset;
    }
    const indexes = this.#indexes ?? this.startIndexes();
    if (this.#bytesSinceEntry > indexIntervalBytes) {
      indexes.offsets.append(lastOffset, position);
      indexes.times.append(this.maxTimestampMs, this.maxTimestampOffset);
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += size;
    this.bytes = position + size;
    this.nextOffset = lastOffset + 1;
  }

  /** Whether the indexes have room for one more entry, and `offset` can be written relative to the base. */
  hasRoomFor(offset: number, indexBytesMax: number): boolean {
    const indexes = this.#indexes;
    if (offset - this.baseOffset > RELATIVE_OFFSET_MAX) return false;
    if (indexes === undefined) return true;
    return (
      (indexes.offsets.count + 1) * OFFSET_ENTRY_BYTES <=
        Math.max(indexBytesMax, OFFSET_ENTRY_BYTES) &&
      (indexes.times.count + 1) * TIME_ENTRY_BYTES <= Math.max(indexBytesMax, TIME_ENTRY_BYTES)
    );
  }

  /** No more batches come: the time index gets its last entry. */
  finishIndexes(): void {
    this.#indexes?.times.append(this.maxTimestampMs, this.maxTimestampOffset);
  }

  /**
   * Writes what is new in the indexes to their files. They are caches: a failure costs a rebuild, no data. Those of a
   * segment that no recovery will read again must be durable: retention goes by the last entry of its time index.
   */
  async saveIndexes(isDurable = false): Promise<void> {
    const indexes = this.#indexes;
    if (indexes !== undefined) {
      const { offsets, times } = indexes;
      const isStale = this.#isIndexFileStale;
      this.#isIndexFileStale = false;
      if (isStale || offsets.count > this.#savedOffsets) {
        const from = isStale ? 0 : this.#savedOffsets;
        this.#savedOffsets = offsets.count;
        const entries = { at: from * OFFSET_ENTRY_BYTES, bytes: offsets.encode(from) };
        await this.#saveEntries('.index', entries, isDurable);
      }
      if (isStale || times.count > this.#savedTimes) {
        const from = isStale ? 0 : this.#savedTimes;
        this.#savedTimes = times.count;
        const entries = { at: from * TIME_ENTRY_BYTES, bytes: times.encode(from) };
        await this.#saveEntries('.timeindex', entries, isDurable);
      }
    }
    if (isDurable) await this.syncIndexes();
    await this.saveAborted(isDurable);
  }

  /** Makes durable what was saved of the indexes. */
  async syncIndexes(): Promise<void> {
    for (const suffix of [...this.#unsyncedIndexes]) {
      await syncFile(this.#ports.disk, this.pathOf(suffix));
      this.#unsyncedIndexes.delete(suffix);
    }
  }

  /** That of a closed segment must be durable: it can't always be built again. Answers whether it was written. */
  async saveAborted(isDurable: boolean): Promise<boolean> {
    if (this.aborted.length === this.#savedAborted) return false;
    const count = this.aborted.length;
    const write = isDurable ? writeFileDurably : writeFilePlainly;
    await write(this.#ports.disk, this.pathOf('.txnindex'), encodeAborted(this.aborted));
    this.#savedAborted = isDurable ? count : -1;
    return true;
  }

  async #saveEntries(
    suffix: string,
    entries: { readonly at: number; readonly bytes: Uint8Array },
    isDurable: boolean,
  ): Promise<void> {
    this.#unsyncedIndexes.add(suffix);
    await writeEntries(this.#ports.disk, this.pathOf(suffix), entries, isDurable);
    if (isDurable) this.#unsyncedIndexes.delete(suffix);
  }

  /** The indexes, from memory, from their files, or built again when those can't be trusted. */
  indexes(): Promise<SegmentIndexes> | SegmentIndexes {
    if (this.#indexes !== undefined) {
      this.#ports.indexes.touch(this);
      return this.#indexes;
    }
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<SegmentIndexes> {
    const { disk } = this.#ports;
    const offsetBytes = await disk.readWhole(this.pathOf('.index'));
    const timeBytes = await disk.readWhole(this.pathOf('.timeindex'));
    const offsets =
      offsetBytes && OffsetIndex.decode(this.baseOffset, offsetBytes, Math.max(this.bytes, 1));
    const times = timeBytes && TimeIndex.decode(this.baseOffset, timeBytes);
    const isRight =
      offsets !== undefined &&
      times !== undefined &&
      (times.lastEntry()?.offset ?? -1) < this.nextOffset &&
      (offsets.lastEntry()?.offset ?? -1) < this.nextOffset &&
      (times.count > 0 || this.bytes === 0);
    if (isRight) {
      this.#adopt({ offsets, times });
    } else {
      await this.rebuildIndexes(REBUILD_INTERVAL_BYTES);
      // A cache: saved another time.
      if (this.#ports.isReader !== true) await this.saveIndexes().catch(() => undefined);
    }
    this.#ports.indexes.touch(this);
    return this.#indexes ?? this.startIndexes();
  }

  #adopt(indexes: SegmentIndexes): void {
    this.#indexes = indexes;
    this.#savedOffsets = indexes.offsets.count;
    this.#savedTimes = indexes.times.count;
    // A file that Kafka grew ahead with zeros is cut to its entries at the next save.
    this.#isIndexFileStale = false;
    const last = indexes.times.lastEntry();
    if (last !== undefined && last.timestampMs > this.maxTimestampMs) {
      this.maxTimestampMs = last.timestampMs;
      this.maxTimestampOffset = last.offset;
    }
  }

  /**
   * Where to start a scan for `offset`: a position whose batch is really there, for scans that
   * would stop at what is no batch. An index that leads astray is built again.
   */
  async locate(offset: number): Promise<number> {
    const { offsets } = await this.indexes();
    const entry = offsets.entryFor(offset);
    if (entry === undefined) return 0;
    const header = new Uint8Array(BATCH_OVERHEAD);
    const count = await this.#ports.files.use(this.file, (handle) =>
      handle.read(entry.position, header),
    );
    const isRight =
      count === BATCH_OVERHEAD &&
      magicAt(header, 0) === 2 &&
      lastOffsetAt(header, 0) <= entry.offset &&
      baseOffsetAt(header, 0) >= this.baseOffset;
    if (isRight) return entry.position;
    await this.rebuildIndexes(REBUILD_INTERVAL_BYTES);
    return 0;
  }

  /** Reads the whole file and builds the indexes from it. Readers go on meanwhile. */
  async rebuildIndexes(indexIntervalBytes: number): Promise<void> {
    const offsets = new OffsetIndex(this.baseOffset);
    const times = new TimeIndex(this.baseOffset);
    let bytesSinceEntry = 0;
    let maxTimestampMs = -1;
    let maxTimestampOffset = -1;
    await this.scan(0, this.bytes, false, Infinity, (header, position, size) => {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      if (header.maxTimestamp > maxTimestampMs) {
        maxTimestampMs = header.maxTimestamp;
        maxTimestampOffset = lastOffset;
      }
      if (bytesSinceEntry > indexIntervalBytes) {
        offsets.append(lastOffset, position);
        times.append(maxTimestampMs, maxTimestampOffset);
        bytesSinceEntry = 0;
      }
      bytesSinceEntry += size;
      return undefined;
    });
    times.append(maxTimestampMs, maxTimestampOffset);
    this.#indexes = { offsets, times };
    this.#bytesSinceEntry = bytesSinceEntry;
    this.#isIndexFileStale = true;
    this.maxTimestampMs = maxTimestampMs;
    this.maxTimestampOffset = maxTimestampOffset;
  }

  /**
   * Checks every batch up to `fileBytes` and builds the indexes anew; what follows the last right
   * batch is cut off. Answers what was wrong.
   */
  async recover(
    fileBytes: number,
    indexIntervalBytes: number,
    batchBytesMax: number,
  ): Promise<ScanResult> {
    this.#forgetBatches();
    const result = await this.scan(0, fileBytes, true, batchBytesMax, (header, position, size) => {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      this.noteBatch(lastOffset, header.maxTimestamp, position, size, indexIntervalBytes);
      return undefined;
    });
    await this.#ports.files.use(this.file, async (handle) => {
      if (result.validEnd < fileBytes) await handle.truncate(result.validEnd);
      // What was only in the page cache becomes durable before anyone is told of it (INV-5).
      await handle.sync();
    });
    this.syncedBytes = this.bytes;
    return result;
  }

  /**
   * Finds the end of an active segment after a clean stop from its indexes and the batches behind
   * their last entry. False when the file isn't what they say: then it must be recovered.
   */
  async openTail(fileBytes: number, indexIntervalBytes: number): Promise<boolean> {
    const { disk } = this.#ports;
    const offsetBytes = await disk.readWhole(this.pathOf('.index'));
    const timeBytes = await disk.readWhole(this.pathOf('.timeindex'));
    const offsets = offsetBytes && OffsetIndex.decode(this.baseOffset, offsetBytes, fileBytes);
    const times = timeBytes && TimeIndex.decode(this.baseOffset, timeBytes);
    if (offsets === undefined || times === undefined) return false;
    this.#adopt({ offsets, times });
    const isPadded =
      offsetBytes?.byteLength !== offsets.count * OFFSET_ENTRY_BYTES ||
      timeBytes?.byteLength !== times.count * TIME_ENTRY_BYTES;
    this.#isIndexFileStale = isPadded;
    if (times.count === 0 && offsets.count > 0) return false;
    const last = offsets.lastEntry();
    if (last !== undefined) {
      await this.scan(0, fileBytes, false, Infinity, (header, position) => {
        if (position > 0) return true;
        this.firstTimestampMs = header.maxTimestamp;
        return undefined;
      });
    }
    const tail = { isRight: true, batchCount: 0 };
    const from = last?.position ?? 0;
    const result = await this.scan(from, fileBytes, false, Infinity, (header, position, size) => {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      if (tail.batchCount === 0 && last !== undefined) {
        // The entry for this batch exists already.
        tail.isRight = lastOffset <= last.offset;
        this.#bytesSinceEntry = 0;
      }
      tail.batchCount += 1;
      this.noteBatch(lastOffset, header.maxTimestamp, position, size, indexIntervalBytes);
      return undefined;
    });
    this.syncedBytes = this.bytes;
    const lastTime = times.lastEntry();
    const isTimeRight = lastTime === undefined || lastTime.offset < this.nextOffset;
    return tail.isRight && isTimeRight && result.problem === undefined;
  }

  /** Visits batches of the file, for replay and repair. */
  scan(
    from: number,
    end: number,
    isChecked: boolean,
    batchBytesMax: number,
    visit: Parameters<typeof scanBatches>[2],
  ): Promise<ScanResult> {
    const offsetMin = this.baseOffset;
    const offsetMax = offsetMin + RELATIVE_OFFSET_MAX;
    const options = { from, end, isChecked, batchBytesMax, offsetMin, offsetMax };
    return this.#ports.files.use(this.file, (handle) => scanBatches(handle, options, visit));
  }

  async loadAborted(): Promise<void> {
    const bytes = await this.#ports.disk.readWhole(this.pathOf('.txnindex'));
    this.aborted = [...((bytes && decodeAborted(bytes)) ?? [])];
    this.#savedAborted = this.aborted.length;
  }

  /** Cuts the file before the batch at `position`; the caller has found it there. */
  async truncate(position: number, nextOffset: number, indexIntervalBytes: number): Promise<void> {
    await this.#ports.files.use(this.file, async (handle) => {
      await handle.truncate(position);
      await handle.sync();
    });
    this.aborted = this.aborted.filter((entry) => entry.lastOffset < nextOffset);
    this.bytes = position;
    this.syncedBytes = position;
    this.nextOffset = nextOffset;
    await this.rebuildIndexes(indexIntervalBytes);
  }

  /** Drops the batch that holds `offset` and all behind it. */
  async cutAt(offset: number, indexIntervalBytes: number): Promise<void> {
    const start = await this.locate(offset);
    let position = this.bytes;
    let { nextOffset } = this;
    await this.scan(start, this.bytes, false, Infinity, (header, at) => {
      if (header.baseOffset + header.lastOffsetDelta < offset) return undefined;
      position = at;
      nextOffset = Math.min(header.baseOffset, offset);
      return true;
    });
    await this.truncate(position, nextOffset, indexIntervalBytes);
  }

  /** A closed segment's indexes may leave memory once they are saved. */
  releaseIndexes(): void {
    const indexes = this.#indexes;
    if (indexes === undefined || this.isActive || this.#isIndexFileStale) return;
    if (indexes.offsets.count > this.#savedOffsets || indexes.times.count > this.#savedTimes)
      return;
    this.#indexes = undefined;
  }

  /** The files continue under their `.deleted` names; open readers finish. Answers the new paths. */
  async renameForDeletion(): Promise<readonly string[]> {
    this.#ports.indexes.forget(this);
    const paths: string[] = [];
    for (const suffix of SEGMENT_SUFFIXES) {
      const path = this.pathOf(suffix);
      const to = `${path}.deleted`;
      try {
        await this.#ports.disk.rename(path, to);
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
        continue;
      }
      if (suffix === '.log') this.file.path = to;
      paths.push(to);
    }
    return paths;
  }

  #forgetBatches(): void {
    this.bytes = 0;
    this.nextOffset = this.baseOffset;
    this.firstTimestampMs = -1;
    this.maxTimestampMs = -1;
    this.maxTimestampOffset = -1;
    this.startIndexes();
    // What was written of it before may be lost by the next crash.
    this.#savedAborted = this.aborted.length > 0 ? -1 : 0;
  }
}
