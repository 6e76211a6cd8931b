import { malformedMessage } from './errors.ts';
import { readInt16, readInt32, readInt64 } from './integers.ts';
import { UUID_BYTES } from './uuid.ts';

/**
 * A position in received bytes. Everything read is checked against the end first, so hostile input
 * throws `protocol.malformed_message` and never makes us allocate more than it is long (INV-6).
 * `flexible` chooses between the compact and the classic form of a length.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  /** The same memory; decodes text without making a view for each string. */
  readonly #text: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.byteLength) {
    if (start < 0 || start > end || end > bytes.byteLength) {
      throw malformedMessage(`bytes ${start} to ${end} of a message of ${bytes.byteLength} bytes`);
    }
    this.#bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  int8(): number {
    return ((this.#bytes[this.#take(1)] ?? 0) << 24) >> 24;
  }

  bool(): boolean {
    return this.#bytes[this.#take(1)] !== 0;
  }

  int16(): number {
    return readInt16(this.#bytes, this.#take(2));
  }

  uint16(): number {
    return readInt16(this.#bytes, this.#take(2)) & 0xffff;
  }

  float64(): number {
    return this.#text.readDoubleBE(this.#take(8));
  }

  int32(): number {
    return readInt32(this.#bytes, this.#take(4));
  }

  /** Exact to 2^53. */
  int64(): number {
    return readInt64(this.#bytes, this.#take(8));
  }

  /** At most 32 bits. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)] ?? 0;
      value += shift === 28 ? (byte & 0x0f) * 0x1000_0000 : (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformedMessage('a varint has no end within 5 bytes');
  }

  uuid(): string {
    const at = this.#take(UUID_BYTES);
    return this.#text.toString('base64url', at, at + UUID_BYTES);
  }

  string(flexible: boolean): string {
    return this.nullableString(flexible) ?? this.#refuseNull('a string');
  }

  nullableString(flexible: boolean): string | null {
    const length = flexible ? this.unsignedVarint() - 1 : this.int16();
    if (length === -1) return null;
    const at = this.#take(length);
    return length === 0 ? '' : this.#text.toString('utf8', at, at + length);
  }

  /** A view of the same memory. */
  bytes(flexible: boolean): Uint8Array {
    return this.nullableBytes(flexible) ?? this.#refuseNull('a byte field');
  }

  nullableBytes(flexible: boolean): Uint8Array | null {
    const length = flexible ? this.unsignedVarint() - 1 : this.int32();
    if (length === -1) return null;
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** How many elements follow, each of `elementBytesMin` bytes or more. */
  arrayLength(flexible: boolean, elementBytesMin: number): number {
    const length = this.nullableArrayLength(flexible, elementBytesMin);
    return length === -1 ? this.#refuseNull('an array') : length;
  }

  /** As `arrayLength`; -1 is null. */
  nullableArrayLength(flexible: boolean, elementBytesMin: number): number {
    const length = flexible ? this.unsignedVarint() - 1 : this.int32();
    if (length < -1 || length * elementBytesMin > this.remaining) {
      throw malformedMessage(`an array of ${length} elements in ${this.remaining} bytes`);
    }
    return length;
  }

  /** Reads the size of a tagged field and returns the position after it. */
  taggedFieldEnd(): number {
    const size = this.unsignedVarint();
    if (size > this.remaining)
      throw malformedMessage(`a tagged field of ${size} bytes in ${this.remaining} bytes`);
    return this.#at + size;
  }

  skipTo(position: number): void {
    this.#take(position - this.#at);
  }

  /** The tagged field just read must have been as long as it said. */
  expectAt(position: number): void {
    if (this.#at !== position)
      throw malformedMessage('a tagged field is not as long as its size says');
  }

  skipTaggedFields(): void {
    for (let count = this.unsignedVarint(); count > 0; count -= 1) {
      this.unsignedVarint();
      this.skipTo(this.taggedFieldEnd());
    }
  }

  #take(count: number): number {
    const at = this.#at;
    if (count < 0 || count > this.#end - at) {
      throw malformedMessage(
        `a message ends early: ${this.#end - at} bytes left, expected ${count}`,
      );
    }
    this.#at = at + count;
    return at;
  }

  #refuseNull(what: string): never {
    throw malformedMessage(`${what} is null where it may not be`);
  }
}
