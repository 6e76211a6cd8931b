import { RecycledMemory } from '@millrace/foundation';
import type { FetchLoan, LendsMemory } from './transport.ts';

/** INV-6: what a consumer that reads keeps unused. A batch is given back in one go, while the next waits. */
const FREE_BYTES_MAX = 16 * 1_024 * 1_024;
/** Smaller ones cost the collector little, and rounding them up would cost memory where they are kept. */
const LENT_BYTES_MIN = 16 * 1_024;

/**
 * Memory that a broker in this process reads records into, used again once who polled them says that nobody reads them
 * any more (`Consumer.recycle`). What is never given back goes to the collector like any other buffer.
 */
export class FetchMemory implements LendsMemory {
  readonly #onGiven: ((memory: Uint8Array) => void) | undefined;
  #memory: RecycledMemory;
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** `onGiven` sees what is given back, before it can be taken again: tests spoil it. */
  constructor(onGiven?: (memory: Uint8Array) => void) {
    this.#onGiven = onGiven;
    this.#memory = this.#newMemory();
  }

  borrow(): FetchLoan {
    let taken: Uint8Array[] = [];
    return {
      allocate: (bytes) => {
        if (bytes < LENT_BYTES_MIN) return Buffer.allocUnsafeSlow(bytes);
        const piece = this.#memory.take(bytes);
        this.#lent.add(piece.buffer);
        taken.push(piece);
        return piece.subarray(0, bytes);
      },
      giveBack: () => {
        for (const piece of taken.splice(0)) this.#memory.give(piece);
      },
      keep: () => {
        taken = [];
      },
    };
  }

  /** Nothing is read for a while: what waits unused goes to the collector. */
  rest(): void {
    if (this.#memory.freeBytes > 0) this.#memory = this.#newMemory();
  }

  #newMemory(): RecycledMemory {
    const onGiven = this.#onGiven;
    return new RecycledMemory({
      freeBytesMax: FREE_BYTES_MAX,
      ...(onGiven === undefined ? {} : { onGiven }),
    });
  }

  /** Whether these bytes lie in a piece that was lent, and that nothing else lies in. */
  isLent(bytes: Uint8Array): boolean {
    return this.#lent.has(bytes.buffer);
  }

  /** The whole piece that these bytes lie in. */
  give(bytes: Uint8Array): void {
    this.#memory.give(Buffer.from(bytes.buffer));
  }
}
