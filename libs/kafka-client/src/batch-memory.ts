import type { BufferMemory } from './buffer-memory.ts';

/** What an idle producer keeps. */
const IDLE_BYTES_MAX = 1024 * 1024;
/** Between two reads of a source nothing is to be sent for a moment, which is no idleness. */
const IDLE_AFTER_MS = 2_000;

/**
 * Memory of batches that were acknowledged, for the next ones: allocating it anew for each makes the
 * garbage collector run all the time. INV-6: what is in use and what is kept are at most `buffer.memory` and a batch.
 */
export class BatchMemory {
  readonly #batchBytes: number;
  readonly #memory: BufferMemory;
  readonly #kept: Uint8Array[] = [];
  /** Nothing was taken since. */
  #idleFromMs: number | undefined;

  constructor(batchBytes: number, memory: BufferMemory) {
    this.#batchBytes = batchBytes;
    this.#memory = memory;
  }

  /** To write a batch into that is expected to become so large; or its size, to allocate it. */
  take(bytesHint: number): Uint8Array | number {
    this.#idleFromMs = undefined;
    if (bytesHint < this.#batchBytes / 2) return bytesHint;
    return this.#kept.pop() ?? this.#batchBytes;
  }

  /** Nobody reads these bytes any more. */
  give(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (buffer.byteLength !== this.#batchBytes) return;
    const keptBytes = this.#kept.length * this.#batchBytes;
    if (this.#memory.usedBytes + keptBytes > this.#memory.bytesMax) return;
    this.#kept.push(Buffer.from(buffer));
  }

  /** Nothing is to be sent; when to ask again, in `monotonicMs`. */
  rest(nowMs: number): number {
    const count = Math.ceil(IDLE_BYTES_MAX / this.#batchBytes);
    if (this.#kept.length <= count) return Infinity;
    this.#idleFromMs ??= nowMs;
    const dueMs = this.#idleFromMs + IDLE_AFTER_MS;
    if (nowMs < dueMs) return dueMs;
    this.#kept.length = count;
    return Infinity;
  }
}
