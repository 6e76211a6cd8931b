import type { RecycledMemory } from '@millrace/foundation';

/** Requests up to this size lie together in one block. */
const SHARED_BYTES_MAX = 8 * 1024;
const SHARED_BLOCK_BYTES = 64 * 1024;
/** As above for requests whose bytes nobody gives back: they keep their block as long as any of them is read. */
const KEPT_BLOCK_BYTES = 8 * 1024;

/** Memory that one request has alone, or several small ones share. */
export interface RequestBlock {
  readonly bytes: Uint8Array;
  /** Requests in it that are not released. */
  users: number;
}

/** Room for one request. */
export interface RequestPlace {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Undefined for memory that belongs to whoever reads it. */
  readonly block: RequestBlock | undefined;
}

/**
 * Where the bytes of requests lie from the socket to their answer. Of some requests it is known that nobody reads their
 * bytes once they are answered: records of a produce request are in the file by then, and what the log keeps of them
 * are copies. Their memory is used again. All others, of which a handler may keep a part (the metadata of a group's
 * member), get memory that goes to the collector.
 */
export class RequestMemory {
  readonly #memory: RecycledMemory;
  #shared: RequestBlock | undefined;
  #sharedUsed = 0;
  #kept: Uint8Array = new Uint8Array(0);
  #keptUsed = 0;

  constructor(memory: RecycledMemory) {
    this.#memory = memory;
  }

  /** For a request whose bytes are released when it is answered. */
  takeReleased(size: number): RequestPlace {
    if (size > SHARED_BYTES_MAX) {
      const block = { bytes: this.#memory.take(size), users: 1 };
      return { bytes: block.bytes, start: 0, block };
    }
    let block = this.#shared;
    if (block === undefined || this.#sharedUsed + size > SHARED_BLOCK_BYTES) {
      // The one before goes back with the last of its requests.
      block = { bytes: this.#memory.take(SHARED_BLOCK_BYTES), users: 0 };
      this.#shared = block;
      this.#sharedUsed = 0;
    }
    const start = this.#sharedUsed;
    this.#sharedUsed += size;
    block.users += 1;
    return { bytes: block.bytes, start, block };
  }

  /** For a request whose bytes may be read for as long as anybody likes. */
  takeKept(size: number): RequestPlace {
    // Its own memory, never a slice of Buffer's shared pool.
    if (size > KEPT_BLOCK_BYTES / 8)
      return { bytes: Buffer.allocUnsafeSlow(size), start: 0, block: undefined };
    if (this.#keptUsed + size > this.#kept.byteLength) {
      this.#kept = Buffer.allocUnsafeSlow(KEPT_BLOCK_BYTES);
      this.#keptUsed = 0;
    }
    const start = this.#keptUsed;
    this.#keptUsed += size;
    return { bytes: this.#kept, start, block: undefined };
  }

  /** Nobody reads this request any more. Once for each; never, where that is not sure. */
  release(block: RequestBlock | undefined): void {
    if (block === undefined) return;
    block.users -= 1;
    if (block.users > 0) return;
    if (block === this.#shared) this.#sharedUsed = 0;
    else this.#memory.give(block.bytes);
  }
}
