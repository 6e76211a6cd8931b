/** What a fetch asks for at the most of one partition by default, with room for the batches before it. */
const BUFFER_BYTES = 1024 * 1024 + 64 * 1024;
/** Smaller ones cost the collector little. */
const LENT_BYTES_MIN = 64 * 1024;

/**
 * Memory for file reads that are on their way to a socket, used again and again. Fresh megabytes for each answer made
 * the collector the largest cost of serving fetches (a third of the time). INV-6: at most `freeMax` wait unused.
 */
export class ReadBuffers {
  readonly #freeMax: number;
  readonly #free: Uint8Array[] = [];

  constructor(freeMax: number) {
    this.#freeMax = freeMax;
  }

  /** One loan for one answer: everything taken is given back together. */
  borrow(): Loan {
    const taken: Uint8Array[] = [];
    return {
      allocate: (bytes) => {
        if (bytes < LENT_BYTES_MIN || bytes > BUFFER_BYTES) return Buffer.allocUnsafeSlow(bytes);
        const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
        taken.push(buffer);
        return buffer.subarray(0, bytes);
      },
      giveBack: () => {
        for (const buffer of taken.splice(0)) {
          if (this.#free.length < this.#freeMax) this.#free.push(buffer);
        }
      },
    };
  }
}

export interface Loan {
  allocate(bytes: number): Uint8Array;
  /** Only when nobody reads what was allocated any more. Nothing happens the second time. */
  giveBack(): void;
}
