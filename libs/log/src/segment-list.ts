import { must } from '@millrace/foundation';
import { encodeAborted, type AbortedTransaction } from './aborted-transactions.ts';
import { writeFileDurably } from './files.ts';
import type { LogPorts } from './log-types.ts';
import { Segment, type SegmentPorts } from './segment.ts';

/**
 * The segments of one partition, oldest first; the last one is active. Knows besides what of them is not durable yet,
 * and which files of removed segments wait for their deletion. Its log sees to it that only one piece of work at a
 * time changes the list; a list that was given out never changes.
 */
export class SegmentList {
  #folder: string;
  readonly #ports: LogPorts;
  readonly #segmentPorts: SegmentPorts;
  readonly #unsynced = new Set<Segment>();
  #segments: readonly Segment[];
  /** Counts files made or renamed; those up to `#folderSynced` have durable names (INV-4). */
  #folderChanges = 1;
  #folderSynced = 0;
  #pendingDeletes: { readonly path: string; readonly dueMs: number }[] = [];

  constructor(
    folder: string,
    segments: readonly Segment[],
    segmentPorts: SegmentPorts,
    ports: LogPorts,
  ) {
    this.#folder = folder;
    this.#ports = ports;
    this.#segmentPorts = segmentPorts;
    this.#segments = segments;
    this.active.isActive = true;
    for (const segment of segments) {
      if (segment.syncedBytes < segment.bytes) this.#unsynced.add(segment);
    }
  }

  /** The folder has a new path. */
  moveTo(folder: string): void {
    this.#folder = folder;
    for (const segment of this.#segments) segment.moveTo(folder);
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  /** All but the active one. */
  get closed(): readonly Segment[] {
    return this.#segments.slice(0, -1);
  }

  get active(): Segment {
    return must(this.#segments.at(-1), 'a log has an active segment');
  }

  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.bytes;
    return bytes;
  }

  /** The last segment that begins at or before `offset`. */
  at(offset: number): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.baseOffset ?? 0) <= offset) low = middle + 1;
      else high = middle - 1;
    }
    return must(this.#segments[Math.max(high, 0)], 'a log has segments');
  }

  /** The segment behind another; the first when that one is gone. */
  after(segment: Segment): Segment | undefined {
    return this.#segments[this.#segments.indexOf(segment) + 1];
  }

  /** A segment that is not in the list and has no file yet. */
  newSegment(baseOffset: number): Segment {
    return new Segment(this.#folder, baseOffset, this.#ports.clock.nowMs(), this.#segmentPorts);
  }

  /** As `newSegment`, closed up to `jitterMs` before its time. */
  newActiveSegment(baseOffset: number, jitterMs: number): Segment {
    const segment = this.newSegment(baseOffset);
    if (jitterMs >= 1) segment.rollJitterMs = this.#ports.random.nextInt(Math.floor(jitterMs));
    return segment;
  }

  /** What readers of committed records must leave out between the two offsets. */
  abortedBetween(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (const segment of this.#segments) {
      for (const entry of segment.aborted) {
        if (entry.lastOffset >= fromOffset && entry.firstOffset < toOffset) found.push(entry);
      }
    }
    return found;
  }

  /** `segment`, whose file was made just now, is the active one from here on. */
  push(segment: Segment): void {
    const closing = this.active;
    closing.isActive = false;
    this.#ports.indexes.touch(closing);
    segment.isActive = true;
    this.#segments = [...this.#segments, segment];
    this.#folderChanges += 1;
    this.#unsynced.add(segment);
  }

  /** `segment`, whose file was made just now, is the only one from here on. */
  startOver(segment: Segment): void {
    segment.isActive = true;
    this.#segments = [segment];
    this.#folderChanges += 1;
  }

  /** Only these are left; the last of them is active. */
  keep(segments: readonly Segment[]): void {
    this.#segments = segments;
    this.active.isActive = true;
  }

  /**
   * Puts a compacted segment, written under another name, in the place of those it was made from. Any crash leaves the
   * old ones or the new one; its folder is to be synced afterwards.
   */
  async exchange(group: readonly Segment[], target: Segment, delayMs: number): Promise<void> {
    const { disk, files } = this.#ports;
    // INV-4: from the durable rename to .swap on, a start finishes the exchange. The list of aborted transactions
    // goes with it: it can't be built again once their data is compacted away.
    const hasAborted = target.aborted.length > 0 || group.some(({ aborted }) => aborted.length > 0);
    const abortedSwap = target.pathOf('.txnindex.swap');
    if (hasAborted) await writeFileDurably(disk, abortedSwap, encodeAborted(target.aborted));
    const swap = target.pathOf('.log.swap');
    await disk.rename(target.file.path, swap);
    await disk.syncFolder(this.#folder);
    target.file.path = swap;
    for (const segment of group) await this.remove(segment, delayMs);
    if (hasAborted) {
      await disk.rename(abortedSwap, target.pathOf('.txnindex'));
      target.noteAbortedSaved();
    }
    await disk.rename(swap, target.pathOf('.log'));
    target.file.path = target.pathOf('.log');
    await files.close(target.file);
    const first = this.#segments.indexOf(must(group[0], 'a group has segments'));
    this.#segments = this.#segments.toSpliced(first, group.length, target);
  }

  /** The files of a segment get their names of deletion, and go when `delayMs` is over. */
  async remove(segment: Segment, delayMs: number): Promise<void> {
    this.#unsynced.delete(segment);
    const dueMs = this.#ports.clock.monotonicMs() + delayMs;
    for (const path of await segment.renameForDeletion()) {
      this.#pendingDeletes.push({ path, dueMs });
    }
    await this.#ports.files.close(segment.file);
  }

  /** Unlinks files whose delay is over; `nowMs` is monotonic, since a clock that jumps must not hold them for a day. */
  async deleteFilesDue(nowMs: number): Promise<void> {
    const due = this.#pendingDeletes.filter((pending) => pending.dueMs <= nowMs);
    if (due.length === 0) return;
    this.#pendingDeletes = this.#pendingDeletes.filter((pending) => pending.dueMs > nowMs);
    for (const { path } of due) await this.#ports.disk.remove(path);
  }

  /** A file beside the segments was made or renamed. */
  noteNamed(): void {
    this.#folderChanges += 1;
  }

  /** The names that are in the folder now survive a loss of power. */
  noteNamesDurable(): void {
    this.#folderSynced = this.#folderChanges;
  }

  noteWritten(segment: Segment): void {
    // A flush that ran beside the write may have taken the file for clean.
    segment.file.isDirty = true;
    this.#unsynced.add(segment);
  }

  get isSynced(): boolean {
    return this.#unsynced.size === 0;
  }

  /** Makes what is written now durable. False when `isStale` said so on the way: then nothing is known. */
  async sync(isStale: () => boolean): Promise<boolean> {
    const folderChanges = this.#folderChanges;
    for (const segment of [...this.#unsynced]) {
      const bytes = segment.bytes;
      await this.#ports.files.use(segment.file, (handle) => handle.sync());
      if (isStale()) return false;
      segment.syncedBytes = Math.max(segment.syncedBytes, bytes);
      if (segment.bytes > bytes) continue; // appended meanwhile
      segment.file.isDirty = false;
      this.#unsynced.delete(segment);
    }
    // INV-4: a new segment exists only once its folder says so durably.
    if (folderChanges > this.#folderSynced) await this.syncNames();
    return !isStale();
  }

  async syncNames(): Promise<void> {
    const folderChanges = this.#folderChanges;
    await this.#ports.disk.syncFolder(this.#folder);
    this.#folderSynced = Math.max(this.#folderSynced, folderChanges);
  }

  /** Closes the files and lets go of the memory. */
  async release(): Promise<void> {
    for (const segment of this.#segments) {
      this.#ports.indexes.forget(segment);
      await this.#ports.files.close(segment.file);
    }
  }
}
