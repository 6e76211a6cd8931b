import type { RecycledMemory } from '@millrace/foundation';

/** Smaller ones cost the collector little. */
const LENT_BYTES_MIN = 2 * 1024;

/**
 * Memory for records that are on their way to a socket, used again and again. Fresh megabytes for each answer made
 * the collector the largest cost of serving fetches (a third of the time).
 */
export class ReadBuffers {
  readonly #memory: RecycledMemory;

  constructor(memory: RecycledMemory) {
    this.#memory = memory;
  }

  /** One loan for one answer: everything taken is given back together. */
  borrow(): Loan {
    const taken: Uint8Array[] = [];
    return {
      allocate: (bytes) => {
        if (bytes < LENT_BYTES_MIN) return Buffer.allocUnsafeSlow(bytes);
        const buffer = this.#memory.take(bytes);
        taken.push(buffer);
        return buffer.subarray(0, bytes);
      },
      giveBack: () => {
        for (const buffer of taken.splice(0)) this.#memory.give(buffer);
      },
    };
  }
}

export interface Loan {
  allocate(bytes: number): Uint8Array;
  /** Only when nobody reads what was allocated any more. Nothing happens the second time. */
  giveBack(): void;
}
