/** INV-6: what the rows of a run may take; longer ones go one by one. */
export const RUN_BYTES_MAX = 64 * 1_024 * 1_024;
const FIRST_BYTES = 256 * 1_024;
/** What is kept for the next run. */
const KEPT_BYTES_MAX = 8 * 1_024 * 1_024;

/**
 * Moves on in two places at once: in a message of JSON, and in the memory where rows are laid in the form of the target.
 * One is used for all runs of a task, and so is its memory.
 */
export class RowCursor {
  json: Uint8Array = new Uint8Array(0);
  /** In `json`: the next byte to read. */
  at = 0;
  out: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** In `out`: where the next byte goes. */
  to = 0;
  /** In `out`: behind the key of the row that was written last. */
  keyEnd = 0;
  /** All bytes of text that were copied, or-ed: above 127 when they must be looked at as UTF-8. */
  seen = 0;

  #reservedTo = 0;

  begin(): void {
    if (this.out.byteLength > KEPT_BYTES_MAX) this.out = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.to = 0;
  }

  open(json: Uint8Array, at: number): void {
    this.json = json;
    this.at = at;
    this.seen = 0;
  }

  /** Room for so many bytes more; false when the run becomes too large. */
  reserve(bytes: number): boolean {
    const { out, to } = this;
    const needed = to + bytes;
    this.#reservedTo = needed;
    if (needed <= out.byteLength) return true;
    if (needed > RUN_BYTES_MAX) return false;
    const larger = Buffer.allocUnsafeSlow(
      Math.max(needed, Math.min(out.byteLength * 2, RUN_BYTES_MAX)),
    );
    larger.set(out.subarray(0, to));
    this.out = larger;
    return true;
  }

  /** The same, without taking from the room that is there. */
  reserveMore(bytes: number): boolean {
    return this.reserve(bytes + this.#reservedTo - this.to);
  }

  /** Lets go of memory that somebody may still be sending. */
  abandon(): void {
    this.out = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.json = new Uint8Array(0);
  }
}

/**
 * Writes the JSON value that begins at `at` in the form of its column, and moves both places behind it. There is room
 * for twice its bytes and `VALUE_BYTES_MORE`. False: this value is not one of those that it knows; then the places
 * don't matter, and the value goes the long way.
 */
export type ValueWriter = (cursor: RowCursor) => boolean;

/** What a writer may write beyond twice the bytes that it reads. */
export const VALUE_BYTES_MORE = 48;
