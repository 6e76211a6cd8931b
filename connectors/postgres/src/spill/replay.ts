import { readInt64 } from '../decode/bytes.ts';
import { ENTRY_HEADER_BYTES, entryEnd } from './spill-entry.ts';
import type { SpilledTransaction } from './spilled-transaction.ts';

/** Reads a spilled transaction again, message by message; as with frames, the bytes are never written again. */
export class Replay {
  readonly #transaction: SpilledTransaction;
  #offset = 0;
  #position = 0;
  #entryEnd = 0;
  buffer: Buffer = Buffer.alloc(0);
  lsn = 0;
  /** The message stands from here to `end`. */
  start = 0;
  end = 0;

  constructor(transaction: SpilledTransaction) {
    this.#transaction = transaction;
  }

  /** Moves to the next message of what was read; false when more has to be read, or nothing is left. */
  next(): boolean {
    this.#position = this.#entryEnd;
    const end = entryEnd(this.buffer, this.#position, this.buffer.length);
    if (end < 0) return false;
    this.#entryEnd = end;
    this.lsn = readInt64(this.buffer, this.#position + 8);
    this.start = this.#position + ENTRY_HEADER_BYTES;
    this.end = end;
    return true;
  }

  /** False at the end. */
  async read(): Promise<boolean> {
    this.#offset += this.buffer.length;
    this.buffer = await this.#transaction.read(this.#offset);
    this.#entryEnd = 0;
    return this.buffer.length > 0;
  }

  close(): Promise<void> {
    return this.#transaction.close();
  }
}
