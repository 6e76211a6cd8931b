/** Smaller pieces cost the collector little. */
const CAPACITY_MIN = 16 * 1024;
const CLASSES = 8;
const CAPACITY_MAX = CAPACITY_MIN << (CLASSES - 1);

export interface RecycledMemoryOptions {
  /** INV-6: what waits unused is never more than this. */
  readonly freeBytesMax: number;
  /** Sees all that is given back, before it can be taken again. Tests spoil it, to show that nobody reads it. */
  readonly onGiven?: (memory: Uint8Array) => void;
}

/**
 * Memory outside of the heap that is used again, in powers of two from 16 KB to 2 MB. V8 starts a full collection for
 * every few dozen megabytes of it that are allocated, whatever the heap holds: where bytes pass through at hundreds
 * of megabytes a second, fresh buffers made the collector the largest cost of all.
 *
 * Whoever takes a piece owns it until it gives it back; giving it back says that nobody reads it any more. A piece that
 * is never given back is no leak: it goes to the collector like any other buffer. So where ownership is in doubt,
 * as after an error, nothing is given back.
 */
export class RecycledMemory {
  readonly #freeBytesMax: number;
  readonly #onGiven: ((memory: Uint8Array) => void) | undefined;
  /** By class: the n-th holds pieces of `CAPACITY_MIN << n` bytes. */
  readonly #free: readonly Uint8Array[][] = Array.from({ length: CLASSES }, () => []);
  #freeBytes = 0;

  constructor({ freeBytesMax, onGiven }: RecycledMemoryOptions) {
    this.#freeBytesMax = freeBytesMax;
    this.#onGiven = onGiven;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** A piece of at least so many bytes, whatever they are. One beyond the largest class is made for this once. */
  take(bytes: number): Uint8Array {
    if (bytes > CAPACITY_MAX) return Buffer.allocUnsafeSlow(bytes);
    const index = classOf(bytes);
    const free = this.#free[index]?.pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(CAPACITY_MIN << index);
    this.#freeBytes -= free.byteLength;
    return free;
  }

  /** The whole of what `take` gave, once, when nobody reads or writes it any more. */
  give(memory: Uint8Array): void {
    this.#onGiven?.(memory);
    const { byteLength } = memory;
    if (byteLength > CAPACITY_MAX || byteLength > this.#freeBytesMax) return;
    const index = classOf(byteLength);
    if (byteLength !== CAPACITY_MIN << index || memory.buffer.byteLength !== byteLength) return;
    this.#free[index]?.push(memory);
    this.#freeBytes += byteLength;
    if (this.#freeBytes > this.#freeBytesMax) this.#dropOther(index);
  }

  /** Sizes that were wanted before make room for those that are wanted now. */
  #dropOther(kept: number): void {
    for (let step = 1; step <= CLASSES; step += 1) {
      const index = (kept + step) % CLASSES; // its own comes last
      const free = this.#free[index] ?? [];
      while (this.#freeBytes > this.#freeBytesMax && free.length > 0) {
        free.pop();
        this.#freeBytes -= CAPACITY_MIN << index;
      }
    }
  }
}

function classOf(bytes: number): number {
  return bytes <= CAPACITY_MIN ? 0 : 32 - Math.clz32(Math.ceil(bytes / CAPACITY_MIN) - 1);
}
