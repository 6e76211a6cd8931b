import type { RecycledMemory } from '@millrace/foundation';
import { walkBatches, findBatchReaching } from './batch-walk.ts';
import type { Allocate } from './log-types.ts';

/** A log's first block, and what blocks grow to while they fill: many quiet logs take little. */
const BLOCK_BYTES_MIN = 16 * 1024;
const BLOCK_BYTES_MAX = 256 * 1024;
/** So many writes after the last read near the end are still kept. */
const WRITES_KEPT = 256;

/** Batches one after the other in a piece of recycled memory, which nobody but the cache ever reads. */
interface Block {
  readonly cache: TailCache;
  readonly baseOffset: number;
  nextOffset: number;
  readonly memory: Uint8Array;
  usedBytes: number;
  isDropped: boolean;
}

/** The memory of all tail caches together (INV-6); the oldest block of any log goes first. */
export class TailCacheBudget {
  readonly bytesMax: number;
  #bytes = 0;
  /** In the order of their arrival; those before `#head` are gone. */
  #blocks: (Block | undefined)[] = [];
  #head = 0;
  readonly #memory: RecycledMemory;

  constructor(bytesMax: number, memory: RecycledMemory) {
    this.bytesMax = bytesMax;
    this.#memory = memory;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What blocks may grow to: a few fit, so that one never drives out itself. */
  get blockBytesMax(): number {
    return Math.min(BLOCK_BYTES_MAX, Math.max(BLOCK_BYTES_MIN, this.bytesMax / 4));
  }

  /** Undefined when not even an empty cache has room for it. */
  take(bytes: number): Uint8Array | undefined {
    if (bytes > this.bytesMax) return undefined;
    const memory = this.#memory.take(bytes);
    if (memory.byteLength <= this.bytesMax) return memory;
    this.#memory.give(memory);
    return undefined;
  }

  add(block: Block): void {
    this.#blocks.push(block);
    this.#bytes += block.memory.byteLength;
    while (this.#bytes > this.bytesMax && this.#head < this.#blocks.length) this.#dropOldest();
    if (this.#head > 1024 && this.#head * 2 > this.#blocks.length) {
      this.#blocks = this.#blocks.slice(this.#head);
      this.#head = 0;
    }
  }

  drop(block: Block): void {
    if (block.isDropped) return;
    block.isDropped = true;
    this.#bytes -= block.memory.byteLength;
    this.#memory.give(block.memory);
  }

  #dropOldest(): void {
    const oldest = this.#blocks[this.#head];
    this.#blocks[this.#head] = undefined;
    this.#head += 1;
    if (oldest === undefined || oldest.isDropped) return;
    oldest.cache.dropThrough(oldest.nextOffset);
  }
}

/**
 * The newest batches of one log as they were written, so that tailing readers touch no file. What is added is copied
 * into the cache's own memory and what is read is copied out of it, so that nobody else's bytes depend on when a block
 * is dropped and its memory used again. While nobody reads near the end nothing is kept.
 */
export class TailCache {
  readonly #budget: TailCacheBudget;
  #writesKept = 0;
  #nextBlockBytes = BLOCK_BYTES_MIN;
  /** Those before `#head` are dropped; the array is cut now and then. */
  #blocks: (Block | undefined)[] = [];
  #head = 0;

  constructor(budget: TailCacheBudget) {
    this.#budget = budget;
  }

  /** The first offset that is in the cache; `Infinity` when it is empty. */
  get baseOffset(): number {
    return this.#blocks[this.#head]?.baseOffset ?? Infinity;
  }

  /** Somebody reads near the end of the log, or waits there. */
  noteReader(): void {
    this.#writesKept = WRITES_KEPT;
  }

  /** Adds copies of what one write appended. */
  add(baseOffset: number, slices: readonly TailSlice[]): void {
    if (this.#writesKept === 0) {
      if (this.#head < this.#blocks.length) this.clear();
      return;
    }
    this.#writesKept -= 1;
    let from = baseOffset;
    for (const { bytes, nextOffset } of slices) {
      const last = this.#blocks.at(-1);
      if (last !== undefined && last.usedBytes + bytes.byteLength <= last.memory.byteLength) {
        fill(last, bytes, nextOffset);
      } else {
        const block = this.#openBlock(from, bytes.byteLength);
        if (block === undefined) {
          this.clear();
        } else {
          // Filled before the budget sees it: that drops by offsets, and an empty block ends where the one before does.
          fill(block, bytes, nextOffset);
          this.#blocks.push(block);
          this.#budget.add(block);
        }
      }
      from = nextOffset;
    }
  }

  /** Undefined for what is larger than the whole cache. */
  #openBlock(baseOffset: number, bytes: number): Block | undefined {
    const memory = this.#budget.take(Math.max(bytes, this.#nextBlockBytes));
    if (memory === undefined) return undefined;
    this.#nextBlockBytes = Math.min(this.#nextBlockBytes * 2, this.#budget.blockBytesMax);
    const nextOffset = baseOffset;
    return { cache: this, baseOffset, nextOffset, memory, usedBytes: 0, isDropped: false };
  }

  /** Undefined when `fromOffset` is not in the cache. The bytes are a copy, in memory from `allocate`. */
  read(
    fromOffset: number,
    bytesMax: number,
    limit: number,
    minOne: boolean,
    allocate: Allocate,
  ): { readonly bytes: Uint8Array; readonly nextOffset: number } | undefined {
    let index = this.#find(fromOffset);
    if (index < 0) return undefined;
    const parts: Uint8Array[] = [];
    let size = 0;
    let nextOffset = fromOffset;
    for (; index < this.#blocks.length; index += 1) {
      const block = this.#blocks[index];
      if (block === undefined) break;
      const left = bytesMax - size;
      const bytes = block.memory.subarray(0, block.usedBytes);
      const start = parts.length === 0 ? findBatchReaching(bytes, 0, fromOffset) : 0;
      if (start < 0) return undefined;
      const isWhole = bytes.byteLength - start <= left && block.nextOffset <= limit;
      const walk = isWhole
        ? { end: bytes.byteLength, nextOffset: block.nextOffset }
        : walkBatches(bytes, start, left, limit, minOne && parts.length === 0, nextOffset);
      if (walk.end > start) parts.push(bytes.subarray(start, walk.end));
      nextOffset = walk.nextOffset;
      size += walk.end - start;
      if (walk.end < bytes.byteLength || size >= bytesMax) break;
    }
    const copy = allocate(size);
    let at = 0;
    for (const part of parts) {
      copy.set(part, at);
      at += part.byteLength;
    }
    return { bytes: copy, nextOffset };
  }

  /** Drops blocks that end at or before `offset`. */
  dropThrough(offset: number): void {
    for (; this.#head < this.#blocks.length; this.#head += 1) {
      const block = this.#blocks[this.#head];
      if (block === undefined || block.nextOffset > offset) break;
      this.#budget.drop(block);
      this.#blocks[this.#head] = undefined;
    }
    if (this.#head > 256 && this.#head * 2 > this.#blocks.length) {
      this.#blocks = this.#blocks.slice(this.#head);
      this.#head = 0;
    }
  }

  clear(): void {
    for (const block of this.#blocks) if (block !== undefined) this.#budget.drop(block);
    this.#blocks = [];
    this.#head = 0;
    this.#nextBlockBytes = BLOCK_BYTES_MIN;
  }

  #find(offset: number): number {
    let low = this.#head;
    let high = this.#blocks.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.baseOffset ?? 0) <= offset) low = middle + 1;
      else high = middle - 1;
    }
    const block = high < this.#head ? undefined : this.#blocks[high];
    return block !== undefined && offset < block.nextOffset ? high : -1;
  }
}

function fill(block: Block, bytes: Uint8Array, nextOffset: number): void {
  block.memory.set(bytes, block.usedBytes);
  block.usedBytes += bytes.byteLength;
  block.nextOffset = nextOffset;
}

export interface TailSlice {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
}
