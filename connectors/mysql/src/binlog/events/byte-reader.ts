/** Goes through bytes of the protocol; for what comes once an event, not once a value. @throws RangeError at their end */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  #take(count: number): number {
    const at = this.#at;
    if (!(count >= 0 && at + count <= this.#end))
      throw new RangeError(`${count} bytes are expected, and ${this.#end - at} are left`);
    this.#at = at + count;
    return at;
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A view. */
  bytes(count: number): Buffer {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  text(count: number): string {
    const at = this.#take(count);
    return this.#bytes.toString('utf8', at, at + count);
  }

  /** Up to a zero byte, or to the end. */
  zeroEndedText(): string {
    const zero = this.#bytes.indexOf(0, this.#at);
    const end = zero < 0 || zero > this.#end ? this.#end : zero;
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = Math.min(end + 1, this.#end);
    return text;
  }

  rest(): Buffer {
    return this.bytes(this.left);
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  /** Little-endian, of up to six bytes. */
  uint(count: number): number {
    return this.#bytes.readUIntLE(this.#take(count), count);
  }

  /** @throws RangeError also when it is no safe integer */
  uint64(): number {
    const value = this.#bytes.readBigUInt64LE(this.#take(8));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is too large`);
    return Number(value);
  }

  bigint(): bigint {
    return this.#bytes.readBigInt64LE(this.#take(8));
  }

  unsignedBigint(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  /** A length-encoded integer. */
  packed(): number {
    const first = this.uint8();
    if (first < 251) return first;
    if (first === 252) return this.uint(2);
    if (first === 253) return this.uint(3);
    if (first === 254) return this.uint64();
    throw new RangeError(`${first} begins no length`);
  }
}
