const EMPTY = Buffer.alloc(0);
const HEADER_BYTES = 5;
/** A longer frame is put together where it will stand: its chunks are not kept beside it. */
const LARGE_BYTES = 1 << 20;

/**
 * Cuts the server's messages (type byte, length, body) out of what a socket read. After `next` has returned true
 * the body stands in `buffer` from `start` to `end`, until the next call; the bytes are never written again, so
 * records may go on referring to them. Bytes are copied only for a message that lies in several reads.
 */
export class FrameReader {
  buffer: Buffer = EMPTY;
  /** Type byte of the frame. */
  type = 0;
  start = 0;
  end = 0;
  #position = 0;
  /** What was read behind `buffer`. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** A large frame whose first `#largeBytes` bytes are there. */
  #large: Buffer | null = null;
  #largeBytes = 0;

  /** Bytes that were pushed and not yet returned as frames. */
  get bytes(): number {
    return this.buffer.length - this.#position + this.#pendingBytes + this.#largeBytes;
  }

  /** The memory of the first byte that was not returned yet; null: there is none. */
  get oldest(): ArrayBufferLike | null {
    return this.#position < this.buffer.length
      ? this.buffer.buffer
      : (this.#pending[0]?.buffer ?? null);
  }

  /** Reads that lie one behind the other in memory become one. */
  push(read: Buffer): void {
    const chunk = this.#large === null ? read : this.#fill(this.#large, read);
    if (chunk.length === 0) return;
    const last = this.#pending.at(-1) ?? this.buffer;
    if (last.buffer !== chunk.buffer || last.byteOffset + last.length !== chunk.byteOffset) {
      this.#pending.push(chunk);
      this.#pendingBytes += chunk.length;
      return;
    }
    const longer = Buffer.from(chunk.buffer, last.byteOffset, last.length + chunk.length);
    if (this.#pending.length === 0) this.buffer = longer;
    else {
      this.#pending[this.#pending.length - 1] = longer;
      this.#pendingBytes += chunk.length;
    }
  }

  /**
   * Moves to the next frame; false while it is not complete.
   * @throws RangeError when the length is impossible: these are no frames
   */
  next(): boolean {
    const buffer = this.buffer;
    const position = this.#position;
    const available = buffer.length - position;
    if (available >= HEADER_BYTES) {
      const length = lengthAt(buffer, position);
      if (available > length) {
        this.type = buffer[position] ?? 0;
        this.start = position + HEADER_BYTES;
        this.end = position + 1 + length;
        this.#position = this.end;
        return true;
      }
    }
    return this.#nextInPieces(available);
  }

  #nextInPieces(available: number): boolean {
    if (this.#large !== null) {
      if (this.#largeBytes < this.#large.length) return false;
      this.#return(this.#large);
      this.#large = null;
      this.#largeBytes = 0;
      return true;
    }
    if (available === 0) {
      const first = this.#pending.shift();
      if (first === undefined) return false;
      this.#take(first);
      return this.next();
    }
    if (available + this.#pendingBytes < HEADER_BYTES) return false;
    const length = lengthAt(
      available < HEADER_BYTES ? this.#gather(HEADER_BYTES) : this.buffer,
      available < HEADER_BYTES ? 0 : this.#position,
    );
    const frameBytes = length + 1;
    if (available + this.#pendingBytes < frameBytes) {
      if (frameBytes > LARGE_BYTES) this.#beginLarge(frameBytes);
      return false;
    }
    const frame = this.#gather(frameBytes);
    let left = frameBytes - available;
    // What is behind the frame stays for the next one.
    for (let first = this.#pending[0]; first !== undefined && left > 0; first = this.#pending[0]) {
      this.#pendingBytes -= Math.min(left, first.length);
      if (first.length > left) this.#pending[0] = first.subarray(left);
      else this.#pending.shift();
      left -= Math.min(left, first.length);
    }
    this.#return(frame);
    return true;
  }

  #return(frame: Buffer): void {
    this.buffer = frame;
    this.type = frame[0] ?? 0;
    this.start = HEADER_BYTES;
    this.end = frame.length;
    this.#position = frame.length;
  }

  #beginLarge(frameBytes: number): void {
    const parts = [this.buffer.subarray(this.#position), ...this.#pending];
    const large = Buffer.allocUnsafeSlow(frameBytes);
    this.buffer = EMPTY;
    this.#position = 0;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#large = large;
    for (const part of parts) this.#fill(large, part);
  }

  /** Returns what belongs to the frames behind it. */
  #fill(large: Buffer, chunk: Buffer): Buffer {
    const copied = chunk.copy(large, this.#largeBytes);
    this.#largeBytes += copied;
    return chunk.subarray(copied);
  }

  #take(chunk: Buffer): void {
    this.buffer = chunk;
    this.#position = 0;
    this.#pendingBytes -= chunk.length;
  }

  /** A copy of the next so many bytes, which are there. */
  #gather(count: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(count);
    let filled = this.buffer.copy(bytes, 0, this.#position);
    for (const chunk of this.#pending) {
      if (filled === count) break;
      filled += chunk.copy(bytes, filled);
    }
    return bytes;
  }
}

function lengthAt(buffer: Buffer, position: number): number {
  const length =
    ((buffer[position + 1] ?? 0) << 24) |
    ((buffer[position + 2] ?? 0) << 16) |
    ((buffer[position + 3] ?? 0) << 8) |
    (buffer[position + 4] ?? 0);
  if (length < 4) throw new RangeError(`a frame of ${length} bytes`);
  return length;
}
