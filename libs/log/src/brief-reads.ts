import type { Clock } from '@millrace/foundation';
import type { ThreadWaits } from './thread-waits.ts';

/** A piece of a read: what the loop does before it looks at the clock again. */
export const PIECE_BYTES = 256 * 1024;
/** A piece from the page cache takes some 50 µs. */
const SLOW_MS = 0.5;
/** For so long after a piece that has waited the pool reads the file. */
const REST_MS = 1_000;

export interface BriefReadsOptions {
  /** INV-6: what the loop reads in one of its turns; none with 0. */
  readonly turnBytesMax: number;
  readonly clock: Clock;
  readonly waits: ThreadWaits;
  /** How often this process has waited for blocks of a disk, as the kernel counts it. */
  readonly countDiskReads: () => number;
  /** Calls back when a new turn of the loop begins. */
  readonly onNextTurn: (callback: () => void) => void;
}

/**
 * Which reads are done on the event loop. What lies in the page cache is copied in some 100 µs a megabyte; in a thread
 * of the pool that costs half as much again and more, since the bytes then lie in the cache of another core when the
 * loop writes them to a socket. What does not lie there belongs to the pool, which may wait for it.
 *
 * Nothing tells Node beforehand which is the case, but reads tell of the next ones: a file is read in place after a
 * read of the pool for which no disk was read, by the kernel's count for the process, and then piece by piece until a
 * piece has waited. So a file that was never read, or gone from the cache, costs the loop one piece a second at most.
 */
export class BriefReads {
  readonly #options: BriefReadsOptions;
  #turnBytes = 0;

  constructor(options: BriefReadsOptions) {
    this.#options = options;
  }

  /** Those of one open file. */
  ofFile(): FileReads {
    return new FileReads(this, this.#options.clock);
  }

  /** Whether the loop may read so much more before its next turn. */
  hasRoom(bytes: number): boolean {
    return this.#turnBytes + bytes <= this.#options.turnBytesMax;
  }

  count(bytes: number): void {
    if (this.#turnBytes === 0) {
      this.#options.onNextTurn(() => {
        this.#turnBytes = 0;
      });
    }
    this.#turnBytes += bytes;
  }

  /** The kernel's count, which only grows. */
  diskReads(): number {
    return this.#options.countDiskReads();
  }

  /** Before a piece is read in place. */
  watch(): void {
    this.#options.waits.watch();
  }

  hasWaited(): boolean {
    return this.#options.waits.waitedMs() > SLOW_MS;
  }
}

export class FileReads {
  readonly #reads: BriefReads;
  readonly #clock: Clock;
  #isQuick = false;
  #restUntilMs = -Infinity;

  constructor(reads: BriefReads, clock: Clock) {
    this.#reads = reads;
    this.#clock = clock;
  }

  /** Whether the next piece may be read in place. */
  allows(bytes: number): boolean {
    return this.#isQuick && this.#reads.hasRoom(bytes);
  }

  run(bytes: number, read: () => number): number {
    this.#reads.count(bytes);
    this.#reads.watch();
    const startMs = this.#clock.monotonicMs();
    try {
      return read();
    } finally {
      const endMs = this.#clock.monotonicMs();
      if (endMs - startMs > SLOW_MS && this.#reads.hasWaited()) {
        this.#isQuick = false;
        this.#restUntilMs = endMs + REST_MS;
      }
    }
  }

  /** A read of the pool. */
  async beside(start: () => Promise<number>): Promise<number> {
    const mayTell = !this.#isQuick && this.#clock.monotonicMs() >= this.#restUntilMs;
    if (!mayTell) return start();
    const before = this.#reads.diskReads();
    const bytes = await start();
    // Another file's read that has waited meanwhile counts as well: then a later read tells.
    if (this.#reads.diskReads() === before) this.#isQuick = true;
    return bytes;
  }
}
