import { walkBatches, findBatchReaching } from './batch-walk.ts';

/** A slice that is a smaller part of its backing buffer than this would pin much more than its bytes. */
const SHARE_MIN = 0.25;
const EMPTY = new Uint8Array(0);
const CHUNK_BYTES_MAX = 256 * 1024;
/** So many writes after the last read near the end are still kept. */
const WRITES_KEPT = 256;

interface Chunk {
  readonly cache: TailCache;
  readonly baseOffset: number;
  readonly nextOffset: number;
  /** Empty once it is dropped: the budget's own list must not keep the memory. */
  bytes: Uint8Array;
  isDropped: boolean;
}

/** The memory of all tail caches together (INV-6); the oldest chunk of any log goes first. */
export class TailCacheBudget {
  readonly bytesMax: number;
  #bytes = 0;
  /** In the order of their arrival; those before `#head` are gone. */
  #chunks: (Chunk | undefined)[] = [];
  #head = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.bytes.buffer.byteLength;
    while (this.#bytes > this.bytesMax && this.#head < this.#chunks.length) this.#dropOldest();
    if (this.#head > 1024 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }

  drop(chunk: Chunk): void {
    if (chunk.isDropped) return;
    chunk.isDropped = true;
    this.#bytes -= chunk.bytes.buffer.byteLength;
    chunk.bytes = EMPTY;
  }

  #dropOldest(): void {
    const oldest = this.#chunks[this.#head];
    this.#chunks[this.#head] = undefined;
    this.#head += 1;
    if (oldest === undefined || oldest.isDropped) return;
    oldest.cache.dropThrough(oldest.nextOffset);
  }
}

/**
 * The newest batches of one log as they were written, so that tailing readers touch no file. While nobody reads near
 * the end nothing is kept: the copies of batches would only be work for the collector, half of what a produce costs.
 */
export class TailCache {
  readonly #budget: TailCacheBudget;
  #writesKept = 0;
  /** Those before `#head` are dropped; the array is cut now and then. */
  #chunks: (Chunk | undefined)[] = [];
  #head = 0;

  constructor(budget: TailCacheBudget) {
    this.#budget = budget;
  }

  /** The first offset that is in the cache; `Infinity` when it is empty. */
  get baseOffset(): number {
    return this.#chunks[this.#head]?.baseOffset ?? Infinity;
  }

  /** Somebody reads near the end of the log, or waits there. */
  noteReader(): void {
    this.#writesKept = WRITES_KEPT;
  }

  /** Adds what one write appended. Small slices of large buffers are copied together. */
  add(baseOffset: number, slices: readonly TailSlice[]): void {
    if (this.#writesKept === 0) {
      if (this.#head < this.#chunks.length) this.clear();
      return;
    }
    this.#writesKept -= 1;
    let pending: TailSlice[] = [];
    let pendingBytes = 0;
    let from = baseOffset;
    for (const slice of slices) {
      const isOwnBuffer = slice.bytes.byteLength >= slice.bytes.buffer.byteLength * SHARE_MIN;
      if (isOwnBuffer && slice.bytes.byteLength >= 4096) {
        from = this.#addCopies(from, pending, pendingBytes);
        this.#push(from, slice.nextOffset, slice.bytes);
        from = slice.nextOffset;
        pending = [];
        pendingBytes = 0;
        continue;
      }
      pending.push(slice);
      pendingBytes += slice.bytes.byteLength;
      if (pendingBytes >= CHUNK_BYTES_MAX) {
        from = this.#addCopies(from, pending, pendingBytes);
        pending = [];
        pendingBytes = 0;
      }
    }
    this.#addCopies(from, pending, pendingBytes);
  }

  /** Undefined when `fromOffset` is not in the cache. */
  read(
    fromOffset: number,
    bytesMax: number,
    limit: number,
    minOne: boolean,
  ): { readonly bytes: Uint8Array; readonly nextOffset: number } | undefined {
    let index = this.#find(fromOffset);
    if (index < 0) return undefined;
    const parts: Uint8Array[] = [];
    let left = bytesMax;
    let nextOffset = fromOffset;
    for (; index < this.#chunks.length; index += 1) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) break;
      const start = parts.length === 0 ? findBatchReaching(chunk.bytes, 0, fromOffset) : 0;
      if (start < 0) return undefined;
      const isWhole = chunk.bytes.byteLength - start <= left && chunk.nextOffset <= limit;
      const walk = isWhole
        ? { end: chunk.bytes.byteLength, nextOffset: chunk.nextOffset }
        : walkBatches(chunk.bytes, start, left, limit, minOne && parts.length === 0, nextOffset);
      if (walk.end > start) parts.push(chunk.bytes.subarray(start, walk.end));
      nextOffset = walk.nextOffset;
      left -= walk.end - start;
      if (walk.end < chunk.bytes.byteLength || left <= 0) break;
    }
    const [only] = parts;
    const bytes = only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
    return { bytes, nextOffset };
  }

  /** Drops chunks that end at or before `offset`. */
  dropThrough(offset: number): void {
    for (; this.#head < this.#chunks.length; this.#head += 1) {
      const chunk = this.#chunks[this.#head];
      if (chunk === undefined || chunk.nextOffset > offset) break;
      this.#budget.drop(chunk);
      this.#chunks[this.#head] = undefined;
    }
    if (this.#head > 256 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }

  clear(): void {
    for (const chunk of this.#chunks) if (chunk !== undefined) this.#budget.drop(chunk);
    this.#chunks = [];
    this.#head = 0;
  }

  #addCopies(baseOffset: number, slices: readonly TailSlice[], bytes: number): number {
    const last = slices.at(-1);
    if (last === undefined) return baseOffset;
    const copy = new Uint8Array(bytes);
    let at = 0;
    for (const slice of slices) {
      copy.set(slice.bytes, at);
      at += slice.bytes.byteLength;
    }
    this.#push(baseOffset, last.nextOffset, copy);
    return last.nextOffset;
  }

  #push(baseOffset: number, nextOffset: number, bytes: Uint8Array): void {
    if (bytes.buffer.byteLength > this.#budget.bytesMax) {
      this.clear();
      return;
    }
    const chunk: Chunk = { cache: this, baseOffset, nextOffset, bytes, isDropped: false };
    this.#chunks.push(chunk);
    this.#budget.add(chunk);
  }

  #find(offset: number): number {
    let low = this.#head;
    let high = this.#chunks.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.baseOffset ?? 0) <= offset) low = middle + 1;
      else high = middle - 1;
    }
    const chunk = high < this.#head ? undefined : this.#chunks[high];
    return chunk !== undefined && offset < chunk.nextOffset ? high : -1;
  }
}

export interface TailSlice {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
}
