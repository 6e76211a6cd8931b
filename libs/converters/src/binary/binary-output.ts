import { badValue } from '../errors.ts';

/** Records are laid one after another into buffers of this size, handed out in parts that are never written again. */
const CHUNK_BYTES = 256 * 1024;
const HIGH = 0x1_0000_0000;
const HALF_PAIR = /\p{Surrogate}/u;

/** Writes the binary forms of Avro and Protobuf. One record at a time: `begin`, the writes, `end`. */
export class BinaryOutput {
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  #at = 0;
  /** Values within values, checked by who writes records: cyclic values end in an error. */
  depth = 0;

  begin(): void {
    this.#start = this.#at;
    this.depth = 0;
  }

  end(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#at);
  }

  /** After a failure: what was written of the record is written over. */
  abandon(): void {
    this.#at = this.#start;
  }

  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at++] = value;
  }

  raw(bytes: Uint8Array): void {
    if (this.#at + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A whole number of 32 bits, zigzag. */
  int(value: number): void {
    if (this.#at + 5 > this.#bytes.length) this.#grow(5);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    const bytes = this.#bytes;
    let at = this.#at;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  /** A whole number of 64 bits; as number a safe one. */
  long(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value === (value | 0)) {
        this.int(value);
        return;
      }
      if (value >= -(2 ** 51) && value < 2 ** 51) {
        this.#zigzag(value < 0 ? -value * 2 - 1 : value * 2);
        return;
      }
    }
    this.#big(BigInt(value));
  }

  #zigzag(zigzag: number): void {
    if (this.#at + 10 > this.#bytes.length) this.#grow(10);
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = zigzag;
    while (rest >= HIGH) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    rest >>>= 0;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  #big(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  /** Protobuf's varint of an unsigned number of up to 53 bits. */
  varint(value: number): void {
    if (this.#at + 10 > this.#bytes.length) this.#grow(10);
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value;
    while (rest >= HIGH) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    rest >>>= 0;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  /** A signed number of 64 bits as Protobuf's int64 writes it: ten bytes when it is negative. */
  varint64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  fixed32(value: number): void {
    if (this.#at + 4 > this.#bytes.length) this.#grow(4);
    this.#view.setInt32(this.#at, value, true);
    this.#at += 4;
  }

  fixed64(value: bigint): void {
    if (this.#at + 8 > this.#bytes.length) this.#grow(8);
    this.#view.setBigInt64(this.#at, value, true);
    this.#at += 8;
  }

  /** Begins a part whose length, as varint, stands before it; `close` writes it. */
  open(): number {
    this.byte(0);
    return this.#at - this.#start;
  }

  close(from: number): void {
    const length = this.#at - this.#start - from;
    let extra = 0;
    for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 128)) extra++;
    if (this.#at + extra > this.#bytes.length) this.#grow(extra);
    const begin = this.#start + from;
    if (extra > 0) this.#bytes.copyWithin(begin + extra, begin, this.#at);
    const end = this.#at + extra;
    this.#at = begin - 1;
    this.varint(length);
    this.#at = end;
  }

  float(value: number): void {
    if (this.#at + 4 > this.#bytes.length) this.#grow(4);
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  double(value: number): void {
    if (this.#at + 8 > this.#bytes.length) this.#grow(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  bytes(value: Uint8Array): void {
    this.long(value.length);
    this.raw(value);
  }

  text(value: string): void {
    const { length } = value;
    if (length < 64 && this.#shortAscii(value, length)) return;
    const size = Buffer.byteLength(value);
    if (size !== length && HALF_PAIR.test(value))
      throw badValue('a string has half of a surrogate pair');
    this.long(size);
    if (this.#at + size > this.#bytes.length) this.#grow(size);
    this.#bytes.write(value, this.#at, size, 'utf8');
    this.#at += size;
  }

  /** Without a length before it. */
  textOnly(value: string): void {
    const size = Buffer.byteLength(value);
    if (size !== value.length && HALF_PAIR.test(value))
      throw badValue('a string has half of a surrogate pair');
    if (this.#at + size > this.#bytes.length) this.#grow(size);
    this.#bytes.write(value, this.#at, size, 'utf8');
    this.#at += size;
  }

  /** Most names and codes: one byte a character, and a length of one byte. */
  #shortAscii(value: string, length: number): boolean {
    if (this.#at + 64 > this.#bytes.length) this.#grow(64);
    const bytes = this.#bytes;
    const at = this.#at;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[at + 1 + index] = code;
    }
    bytes[at] = length << 1;
    this.#at = at + 1 + length;
    return true;
  }

  /** A new buffer; the part of the record that is written moves along. */
  #grow(needed: number): void {
    const written = this.#at - this.#start;
    const size = Math.max(CHUNK_BYTES, (written + needed) * 2);
    const next = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(next, 0, this.#start, this.#at);
    this.#bytes = next;
    this.#view = new DataView(next.buffer, next.byteOffset, next.byteLength);
    this.#start = 0;
    this.#at = written;
  }
}
