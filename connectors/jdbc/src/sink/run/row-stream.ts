import { MillraceError } from '@millrace/foundation';
import type { RunEncoder } from './run-encoder.ts';
import type { RunRows } from './run-rows.ts';

/** Taken without a break, so that the server and the rest of the process are not kept waiting. */
export const SLICE_RECORDS = 512;

/** Rows of a run, slice by slice: one is made while the server takes the one before. */
export class RowStream {
  readonly #encoder: RunEncoder;
  readonly #rows: RunRows;
  #isOver = false;

  constructor(encoder: RunEncoder, rows: RunRows) {
    this.#encoder = encoder;
    this.#rows = rows;
  }

  /** Ends early where the run does not go on as it began. Nothing is asked of the server meanwhile. */
  async *chunks(): AsyncGenerator<Buffer> {
    const encoder = this.#encoder;
    let sent = 0;
    while (encoder.onlyRows === this.#rows) {
      const { out, to } = encoder.memory;
      yield out.subarray(sent, to);
      sent = to;
      if (encoder.isAtEnd) return;
      await nextTurn();
      if (this.#isOver || !(await this.#take())) return;
    }
  }

  /** Nobody reads on. */
  end(): void {
    this.#isOver = true;
  }

  get isWhole(): boolean {
    return this.#encoder.isAtEnd && this.#encoder.onlyRows === this.#rows;
  }

  async #take(): Promise<boolean> {
    try {
      return await this.#encoder.take(SLICE_RECORDS, 'known');
    } catch (error) {
      // It is met again when the run is taken without streaming.
      if (error instanceof MillraceError) return false;
      throw error;
    }
  }
}

/** Lets the event loop look at sockets. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
