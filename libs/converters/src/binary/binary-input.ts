import { isUtf8 } from 'node:buffer';
import { int64 } from '@millrace/record';
import { badBytes } from '../errors.ts';

const EMPTY = Buffer.from(new ArrayBuffer(0));

/** Reads the binary forms of Avro and Protobuf; every length is checked against what is there. */
export class BinaryInput {
  #bytes: Buffer = EMPTY;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  /** Records within records, checked by who reads them. */
  depth = 0;

  begin(bytes: Uint8Array, at: number): void {
    // Records of a batch are parts of one buffer: what looks at it is made once.
    if (bytes.buffer !== this.#bytes.buffer || this.#bytes.byteOffset !== 0) {
      this.#bytes = Buffer.from(bytes.buffer);
      this.#view = new DataView(bytes.buffer);
    }
    this.#at = bytes.byteOffset + at;
    this.#end = bytes.byteOffset + bytes.byteLength;
    this.depth = 0;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined || this.#at >= this.#end) throw truncated();
    this.#at++;
    return value;
  }

  /** @throws MillraceError `converter.bad_bytes` also for what has more than 32 bits */
  int(): number {
    const value = this.long();
    if (typeof value === 'number' && value === (value | 0)) return value;
    throw badBytes('an int has more than 32 bits');
  }

  long(): number | bigint {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    let result = 0;
    let factor = 1;
    for (let count = 0; count < 7; count++) {
      const byte = bytes[at++];
      if (byte === undefined || at > end) throw truncated();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.#at = at;
        return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
      }
      factor *= 128;
    }
    return this.#big();
  }

  #big(): number | bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (result >= 2n ** 64n) break;
        return int64((result >> 1n) ^ -(result & 1n));
      }
    }
    throw badBytes('a long has more than 64 bits');
  }

  /** Where the next byte is. */
  get at(): number {
    return this.#at;
  }

  /** Protobuf's varint, unsigned, of up to 53 bits; for lengths, tags and the like. */
  varint(): number {
    let result = 0;
    let factor = 1;
    for (let count = 0; count < 8; count++) {
      const byte = this.byte();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
      factor *= 128;
    }
    throw badBytes('a length or a tag has too many bytes');
  }

  /** Protobuf's varint of 64 bits, as it is. */
  varint64(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, result);
    }
    throw badBytes('a varint has more than 64 bits');
  }

  /** The lower 32 bits of a varint, signed: what an int32 is. */
  varint32(): number {
    let result = 0;
    for (let count = 0; count < 10; count++) {
      const byte = this.byte();
      if (count < 5) result |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return result;
    }
    throw badBytes('a varint has more than 64 bits');
  }

  fixed32(): number {
    if (this.left < 4) throw truncated();
    const value = this.#view.getInt32(this.#at, true);
    this.#at += 4;
    return value;
  }

  fixed64(): bigint {
    if (this.left < 8) throw truncated();
    const value = this.#view.getBigInt64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** Moves over what follows without a copy. */
  skip(length: number): void {
    if (length > this.left) throw truncated();
    this.#at += length;
  }

  /** Ends the data `length` bytes from here; what it returns is given to `leave` when they are read. */
  enter(length: number): number {
    if (length > this.left) throw truncated();
    const outer = this.#end;
    this.#end = this.#at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
  }

  /** Text of so many bytes. */
  textOf(length: number): string {
    if (length > this.left) throw truncated();
    const from = this.#at;
    this.#at += length;
    const text = this.#bytes.toString('utf8', from, this.#at);
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(from, this.#at)))
      throw badBytes('a string is not UTF-8');
    return text;
  }

  float(): number {
    if (this.left < 4) throw truncated();
    const value = this.#view.getFloat32(this.#at, true);
    this.#at += 4;
    return value;
  }

  double(): number {
    if (this.left < 8) throw truncated();
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** A length, or a count of items that take a byte each at least. */
  length(): number {
    const length = this.long();
    if (typeof length === 'bigint' || length < 0 || length > this.left) throw truncated();
    return length;
  }

  bytes(): Uint8Array {
    return this.raw(this.length());
  }

  raw(length: number): Uint8Array {
    if (length > this.left) throw truncated();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.textOf(this.length());
  }
}

function truncated(): Error {
  return badBytes('the data end too early, or were written with another schema');
}
