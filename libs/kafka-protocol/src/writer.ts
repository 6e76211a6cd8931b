import { assert } from '@millrace/foundation';

import { unrepresentable } from './errors.ts';
import { writeInt16, writeInt32, writeInt64 } from './integers.ts';
import { UUID_BYTES, ZERO_UUID } from './uuid.ts';

const FIRST_BYTES = 256;
/** Strings up to here are written by a loop over their characters, if they are ASCII. */
const SHORT_STRING = 48;
const INT16_MAX = 0x7fff;
const INT32_MAX = 0x7fff_ffff;

export interface WriterOptions {
  /** Expected size; a good guess saves copies. */
  readonly bytesHint?: number;
  /**
   * Byte fields from this size on are not copied: `chunks()` holds the caller's own memory, which
   * must stay unchanged until it is sent. Without it everything is copied.
   */
  readonly chunkBytesMin?: number;
}

/**
 * Growing bytes. A number that its field can't hold throws `protocol.unrepresentable` (INV-8).
 * With `chunkBytesMin` the result is a list: own bytes, a large payload, own bytes again …
 */
export class Writer {
  #bytes: Buffer;
  #at = 0;
  /** Where the part begins that is not in `#chunks` yet. */
  #partStart = 0;
  readonly #chunks: Uint8Array[] = [];
  #chunkedBytes = 0;
  readonly #chunkBytesMin: number;
  #openTags = 0;

  constructor(options: WriterOptions = {}) {
    this.#bytes = Buffer.allocUnsafe(Math.max(16, options.bytesHint ?? FIRST_BYTES));
    this.#chunkBytesMin = options.chunkBytesMin ?? Infinity;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#chunkedBytes + this.#at - this.#partStart;
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) throw outOfRange(value, 'int8');
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  bool(value: boolean): void {
    const at = this.#grow(1);
    this.#bytes[at] = value ? 1 : 0;
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) throw outOfRange(value, 'int16');
    const at = this.#grow(2);
    writeInt16(this.#bytes, at, value);
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw outOfRange(value, 'uint16');
    const at = this.#grow(2);
    writeInt16(this.#bytes, at, value);
  }

  float64(value: number): void {
    const at = this.#grow(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw outOfRange(value, 'int32');
    const at = this.#grow(4);
    writeInt32(this.#bytes, at, value);
  }

  int64(value: number): void {
    const at = this.#grow(8);
    writeInt64(this.#bytes, at, value);
  }

  unsignedVarint(value: number): void {
    if (value >>> 0 !== value) throw outOfRange(value, 'unsigned varint');
    let rest = value;
    while (rest >= 0x80) {
      const at = this.#grow(1);
      this.#bytes[at] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    const at = this.#grow(1);
    this.#bytes[at] = rest;
  }

  uuid(value: string): void {
    const at = this.#grow(UUID_BYTES);
    if (value === ZERO_UUID) {
      this.#bytes.fill(0, at, at + UUID_BYTES);
      return;
    }
    if (
      value.length !== ZERO_UUID.length ||
      this.#bytes.write(value, at, UUID_BYTES, 'base64url') !== UUID_BYTES
    ) {
      throw unrepresentable(`"${value}" is no uuid, expected 22 characters of base64 url`);
    }
  }

  string(value: string, flexible: boolean): void {
    const length = value.length;
    if (length <= SHORT_STRING && this.#asciiString(value, length, flexible)) return;
    const byteLength = Buffer.byteLength(value);
    this.#stringLength(byteLength, flexible);
    const at = this.#grow(byteLength);
    this.#bytes.write(value, at, byteLength, 'utf8');
  }

  nullableString(value: string | null, flexible: boolean): void {
    if (value !== null) this.string(value, flexible);
    else if (flexible) this.unsignedVarint(0);
    else this.int16(-1);
  }

  bytes(value: Uint8Array, flexible: boolean): void {
    const byteLength = value.byteLength;
    this.arrayLength(byteLength, flexible);
    this.raw(value);
  }

  nullableBytes(value: Uint8Array | null, flexible: boolean): void {
    if (value === null) this.nullArray(flexible);
    else this.bytes(value, flexible);
  }

  /** Bytes with nothing before them. */
  raw(value: Uint8Array): void {
    if (value.byteLength >= this.#chunkBytesMin && this.#openTags === 0) {
      this.#endPart();
      this.#chunks.push(value);
      this.#chunkedBytes += value.byteLength;
      return;
    }
    const at = this.#grow(value.byteLength);
    this.#bytes.set(value, at);
  }

  arrayLength(count: number, flexible: boolean): void {
    if (flexible) this.unsignedVarint(count + 1);
    else this.int32(count);
  }

  nullArray(flexible: boolean): void {
    if (flexible) this.unsignedVarint(0);
    else this.int32(-1);
  }

  /** Starts a tagged field; its size is filled in by `closeTaggedField` with what this returns. */
  openTaggedField(tag: number): number {
    this.unsignedVarint(tag);
    this.#openTags += 1;
    return this.#grow(1);
  }

  closeTaggedField(sizeAt: number): void {
    this.#openTags -= 1;
    const size = this.#at - sizeAt - 1;
    let sizeBytes = 1;
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) sizeBytes += 1;
    if (sizeBytes > 1) {
      this.#grow(sizeBytes - 1);
      this.#bytes.copyWithin(sizeAt + sizeBytes, sizeAt + 1, sizeAt + 1 + size);
    }
    const end = this.#at;
    this.#at = sizeAt;
    this.unsignedVarint(size);
    this.#at = end;
  }

  /** Everything as one piece; copies once if there are several chunks. The writer is done then. */
  finish(): Uint8Array {
    if (this.#chunks.length === 0) return this.#bytes.subarray(this.#partStart, this.#at);
    return Buffer.concat(this.chunks());
  }

  /** Everything in order, large payloads as they were given. The writer is done then. */
  chunks(): Uint8Array[] {
    this.#endPart();
    return this.#chunks;
  }

  /** Room for an int32 that `fillFrameSize` sets; must be the first thing written. */
  reserveFrameSize(): void {
    assert(this.length === 0, 'the frame size comes first');
    this.int32(0);
  }

  /** Sets the reserved size to all that follows it. Before `finish` or `chunks`. */
  fillFrameSize(): void {
    const size = this.length - 4;
    if (size > INT32_MAX) throw outOfRange(size, 'frame size');
    writeInt32(this.#chunks[0] ?? this.#bytes, 0, size);
  }

  #asciiString(value: string, length: number, flexible: boolean): boolean {
    for (let index = 0; index < length; index += 1) {
      if (value.charCodeAt(index) >= 0x80) return false;
    }
    this.#stringLength(length, flexible);
    const at = this.#grow(length);
    for (let index = 0; index < length; index += 1)
      this.#bytes[at + index] = value.charCodeAt(index);
    return true;
  }

  #stringLength(byteLength: number, flexible: boolean): void {
    // Java refuses longer strings in the compact form too.
    if (byteLength > INT16_MAX)
      throw unrepresentable(`a string of ${byteLength} bytes, expected at most ${INT16_MAX}`);
    if (flexible) this.unsignedVarint(byteLength + 1);
    else this.int16(byteLength);
  }

  #endPart(): void {
    if (this.#at > this.#partStart) {
      this.#chunks.push(this.#bytes.subarray(this.#partStart, this.#at));
      this.#chunkedBytes += this.#at - this.#partStart;
      this.#partStart = this.#at;
    }
  }

  /** Makes room, perhaps by moving to other memory: `#bytes` must be read after this call. */
  #grow(count: number): number {
    const at = this.#at;
    const next = at + count;
    if (next > this.#bytes.byteLength) {
      const larger = Buffer.allocUnsafe(Math.max(next, this.#bytes.byteLength * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    this.#at = next;
    return at;
  }
}

function outOfRange(value: number, type: string): Error {
  return unrepresentable(`${value} does not fit ${type}`);
}
