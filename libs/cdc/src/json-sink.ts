const CHUNK_BYTES = 1 << 20;
/** Chunks that are used again; what a batch needs beyond them is the collector's. */
const KEPT_CHUNKS_MAX = 8;
/** Of as many records as one read has by default. */
const PLACES = 2048 * 4;
const KEPT_PLACES_MAX = 16;
/** A larger document is one wide value: it is given what that needs, and a little for what stands around it. */
const DOUBLED_BYTES_MAX = 64 << 20;
const ZERO = 0x30;
const QUOTE = 0x22;

const BASE64 = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/**
 * Where JSON is assembled: documents one after another in large buffers, each handed out as a view that is good until
 * `recycle`. Callers reserve room before they write; writers don't check.
 */
export class JsonSink {
  bytes: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  position = 0;
  #start = 0;
  /** Fresh memory for each batch made the collector the largest cost of a snapshot. */
  readonly #kept: Buffer[] = [this.bytes];
  #keptIndex = 0;
  readonly #places: Int32Array[] = [];
  #placesUsed = 0;

  /** All documents so far are done with, and places: their memory is written again. */
  recycle(): void {
    this.#placesUsed = 0;
    this.bytes = this.#kept[0] ?? this.bytes;
    this.#keptIndex = 0;
    this.position = 0;
    this.#start = 0;
  }

  /** Memory for the places of documents, as good as the documents are. */
  takePlaces(): Int32Array {
    const known = this.#places[this.#placesUsed++];
    if (known !== undefined) return known;
    const fresh = new Int32Array(PLACES);
    if (this.#places.length < KEPT_PLACES_MAX) this.#places.push(fresh);
    return fresh;
  }

  begin(): void {
    this.#start = this.position;
  }

  /** Where the document begins in `bytes`. */
  get start(): number {
    return this.#start;
  }

  /** The document since `begin`; not written again before `recycle`. */
  finish(): Buffer {
    return this.bytes.subarray(this.#start, this.position);
  }

  /** Drops what was written since `begin`. */
  discard(): void {
    this.position = this.#start;
  }

  reserve(count: number): void {
    if (this.position + count <= this.bytes.length) return;
    const used = this.position - this.#start;
    const next = this.#nextChunk(used + count);
    this.bytes.copy(next, 0, this.#start, this.position);
    this.bytes = next;
    this.#start = 0;
    this.position = used;
  }

  #nextChunk(needed: number): Buffer {
    if (needed > CHUNK_BYTES)
      return Buffer.allocUnsafeSlow(needed > DOUBLED_BYTES_MAX ? needed + CHUNK_BYTES : needed * 2);
    const known = this.#kept[this.#keptIndex + 1];
    if (known !== undefined) {
      this.#keptIndex++;
      return known;
    }
    const fresh = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    if (this.#kept.length < KEPT_CHUNKS_MAX) {
      this.#kept.push(fresh);
      this.#keptIndex = this.#kept.length - 1;
    }
    return fresh;
  }

  /** Bytes made beforehand. */
  writeBytes(source: Buffer): void {
    const { length } = source;
    this.reserve(length);
    if (length > BY_HAND_MAX) {
      this.bytes.set(source, this.position);
      this.position += length;
    } else this.position = copyBytes(source, 0, length, this.bytes, this.position);
  }

  writeText(text: string): void {
    this.reserve(text.length * 3);
    this.position += this.bytes.write(text, this.position, 'utf8');
  }

  writeInteger(value: number): void {
    this.reserve(20);
    this.position = writeInteger(value, this.bytes, this.position);
  }
}

/** Up to this length a loop is faster than a native copy. */
const BY_HAND_MAX = 48;

/** Copies and returns the position after the copy. */
export function copyBytes(
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  const length = end - start;
  if (length > BY_HAND_MAX) {
    from.copy(to, position, start, end);
    return position + length;
  }
  for (let index = start; index < end; index++) to[position++] = from[index] ?? 0;
  return position;
}

const HUNDRED_MILLION = 100_000_000;

/** Digits of a safe integer; needs 20 bytes. */
export function writeInteger(value: number, to: Buffer, position: number): number {
  let cursor = position;
  let rest = value;
  if (rest < 0) {
    to[cursor++] = 0x2d; // -
    rest = -rest;
  }
  if (rest < HUNDRED_MILLION) return writeSmall(rest, countDigits(rest), to, cursor);
  const high = Math.floor(rest / HUNDRED_MILLION);
  const low = rest - high * HUNDRED_MILLION;
  cursor =
    high < HUNDRED_MILLION
      ? writeSmall(high, countDigits(high), to, cursor)
      : writeInteger(high, to, cursor);
  return writeSmall(low, 8, to, cursor);
}

function countDigits(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

function writeSmall(value: number, digits: number, to: Buffer, position: number): number {
  let rest = value | 0;
  for (let index = position + digits - 1; index >= position; index--) {
    const tenth = (rest / 10) | 0;
    to[index] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return position + digits;
}

/** `**` is a call into the mathematics library, a tenth of what a row takes. */
const POWERS_OF_256 = [1, 2 ** 8, 2 ** 16, 2 ** 24, 2 ** 32, 2 ** 40];

/** The quoted base64 of a number's two's complement, as Connect writes a Decimal; below 2^47, needs 12 bytes. */
export function writeUnscaled(value: number, to: Buffer, position: number): number {
  let byteCount = 1;
  let half = 128;
  while (value >= half || value < -half) {
    byteCount++;
    half *= 256;
  }
  // Left-aligned in 48 bits, as two halves of 24 that fit in integer operations.
  const complement = (value < 0 ? value + half * 2 : value) * (POWERS_OF_256[6 - byteCount] ?? 1);
  const high = Math.floor(complement / 16_777_216);
  const low = complement - high * 16_777_216;
  let cursor = position;
  to[cursor++] = QUOTE;
  cursor = writeBase64(high, Math.min(byteCount, 3), to, cursor);
  if (byteCount > 3) cursor = writeBase64(low, byteCount - 3, to, cursor);
  to[cursor++] = QUOTE;
  return cursor;
}

/** The first `count` (1 to 3) bytes of 24 bits. */
function writeBase64(bits: number, count: number, to: Buffer, position: number): number {
  to[position] = BASE64[(bits >> 18) & 63] ?? 0;
  to[position + 1] = BASE64[(bits >> 12) & 63] ?? 0;
  to[position + 2] = count > 1 ? (BASE64[(bits >> 6) & 63] ?? 0) : 0x3d;
  to[position + 3] = count > 2 ? (BASE64[bits & 63] ?? 0) : 0x3d;
  return position + 4;
}

/** The quoted base64 of bytes; needs a third more than their count, and four. */
export function writeBase64Bytes(
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  let cursor = position;
  to[cursor++] = QUOTE;
  for (let index = start; index < end; index += 3) {
    const count = Math.min(end - index, 3);
    const bits =
      ((from[index] ?? 0) << 16) |
      (count > 1 ? (from[index + 1] ?? 0) << 8 : 0) |
      (count > 2 ? (from[index + 2] ?? 0) : 0);
    cursor = writeBase64(bits, count, to, cursor);
  }
  to[cursor++] = QUOTE;
  return cursor;
}
