const EMPTY = Buffer.alloc(0);
const HEADER_BYTES = 5;

/**
 * Cuts the server's messages (type byte, length, body) out of chunks of a socket. After `next` has returned true
 * the body stands in `buffer` from `start` to `end`, until the next call; the bytes are never written again, so
 * records may go on referring to them.
 */
export class FrameReader {
  buffer: Buffer = EMPTY;
  /** Type byte of the frame. */
  type = 0;
  start = 0;
  end = 0;
  #position = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** Bytes that were pushed and not yet returned as frames. */
  get bytes(): number {
    return this.buffer.length - this.#position + this.#pendingBytes;
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
  }

  /**
   * Moves to the next frame; false while it is not complete.
   * @throws RangeError when the length is impossible: these are no frames
   */
  next(): boolean {
    const buffer = this.buffer;
    const position = this.#position;
    const available = buffer.length - position;
    if (available < HEADER_BYTES) {
      if (available + this.#pendingBytes < HEADER_BYTES) return false;
      this.#merge();
      return this.next();
    }
    const length =
      ((buffer[position + 1] ?? 0) << 24) |
      ((buffer[position + 2] ?? 0) << 16) |
      ((buffer[position + 3] ?? 0) << 8) |
      (buffer[position + 4] ?? 0);
    if (length < 4) throw new RangeError(`a frame of ${length} bytes`);
    if (available < length + 1) {
      if (available + this.#pendingBytes < length + 1) return false;
      this.#merge();
      return this.next();
    }
    this.type = buffer[position] ?? 0;
    this.start = position + HEADER_BYTES;
    this.end = position + 1 + length;
    this.#position = this.end;
    return true;
  }

  #merge(): void {
    const rest = this.buffer.subarray(this.#position);
    this.buffer =
      rest.length === 0 && this.#pending.length === 1
        ? (this.#pending[0] ?? EMPTY)
        : Buffer.concat([rest, ...this.#pending]);
    this.#position = 0;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
