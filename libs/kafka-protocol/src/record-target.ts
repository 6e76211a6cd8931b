import {
  unsignedVarintSize,
  varintSize,
  varlongSize,
  writeVarint,
  writeVarlong,
} from './varint.ts';

/** The bytes between which keys and values stand, the same for all of a call. */
export interface RecordFrame {
  /** False: the keys are null. */
  readonly hasKeys: boolean;
  readonly keyStart: Uint8Array;
  readonly keyEnd: Uint8Array;
  readonly valueStart: Uint8Array;
  readonly valueEnd: Uint8Array;
}

export interface TargetStart {
  readonly bytes: Buffer;
  /** Where the first record begins. */
  readonly at: number;
  /** Records end here at the latest. */
  readonly limit: number;
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  /** Their headers, encoded. */
  readonly headers: Uint8Array;
}

/** A record's length, attributes, time, offset and the lengths of its key and value, at most. */
const NUMBERS_BYTES_MAX = 31;
/** Until the first record is there. */
const FIRST_GAP = 16;
/** Up to here a loop is faster than a native call. */
const LOOP_BYTES_MAX = 64;

/**
 * Records that are written in place: the value first, its key behind it. How much stands before the value shows only
 * then, so it is guessed to be as much as before the last one; where that was wrong, the value is moved.
 */
export class RecordTarget {
  readonly bytes: Buffer;
  /** Where the value of the next record goes. */
  position: number;
  /** Up to here values and keys may be written. */
  readonly end: number;
  count = 0;
  /** Where the next record begins. */
  at: number;
  #offsetDelta: number;
  readonly #timestampDelta: number;
  readonly #timestampBytes: number;
  readonly #headers: Uint8Array;
  readonly #frame: RecordFrame;
  readonly #keyFrameBytes: number;
  readonly #valueFrameBytes: number;

  constructor(start: TargetStart, frame: RecordFrame) {
    const { keyStart, keyEnd, valueStart, valueEnd } = frame;
    this.bytes = start.bytes;
    this.at = start.at;
    this.#timestampDelta = start.timestampDelta;
    this.#timestampBytes = varlongSize(start.timestampDelta);
    this.#offsetDelta = start.offsetDelta;
    this.#headers = start.headers;
    this.#frame = frame;
    this.#keyFrameBytes = keyStart.length + keyEnd.length;
    this.#valueFrameBytes = valueStart.length + valueEnd.length;
    this.end =
      start.limit -
      NUMBERS_BYTES_MAX -
      this.#keyFrameBytes -
      this.#valueFrameBytes -
      start.headers.length;
    this.position = this.at + FIRST_GAP;
  }

  /** The value stands from `position` to `valueEnd`, its key from there to `keyEnd`. */
  add(valueEnd: number, keyEnd: number): void {
    const { bytes, at } = this;
    const { hasKeys, keyStart, keyEnd: behindKey, valueStart, valueEnd: behindValue } = this.#frame;
    const headers = this.#headers;
    const offsetDelta = this.#offsetDelta++;
    const valueBytes = valueEnd - this.position;
    const valueLength = this.#valueFrameBytes + valueBytes;
    const keyBytes = hasKeys ? this.#keyFrameBytes + keyEnd - valueEnd : 0;
    const keyLength = hasKeys ? keyBytes : -1;
    const before =
      1 +
      this.#timestampBytes +
      varintSize(offsetDelta) +
      varintSize(keyLength) +
      keyBytes +
      unsignedVarintSize(valueLength << 1);
    const length = before + valueLength + headers.length;
    const gap = unsignedVarintSize(length << 1) + before + valueStart.length;
    const valueAt = at + gap;
    const shift = valueAt - this.position;
    let keys = bytes;
    let keyAt = valueEnd + shift;
    if (shift !== 0) {
      if (keyEnd + shift > bytes.length) {
        // There is room for the value, but not for its key behind it.
        keys = Buffer.from(bytes.subarray(valueEnd, keyEnd));
        keyAt = 0;
      }
      bytes.copyWithin(valueAt, this.position, keyEnd);
    }
    let next = writeVarint(bytes, at, length);
    bytes[next] = 0;
    next = writeVarlong(bytes, next + 1, this.#timestampDelta);
    next = writeVarint(bytes, next, offsetDelta);
    next = writeVarint(bytes, next, keyLength);
    if (hasKeys) {
      next = put(bytes, next, keyStart);
      next = copy(keys, keyAt, keyEnd - valueEnd, bytes, next);
      next = put(bytes, next, behindKey);
    }
    next = writeVarint(bytes, next, valueLength);
    put(bytes, next, valueStart);
    next = put(bytes, valueAt + valueBytes, behindValue);
    next = put(bytes, next, headers);
    this.count += 1;
    this.at = next;
    this.position = next + gap;
  }
}

function put(to: Buffer, at: number, from: Uint8Array): number {
  const { length } = from;
  if (length > LOOP_BYTES_MAX) to.set(from, at);
  else for (let index = 0; index < length; index += 1) to[at + index] = from[index] ?? 0;
  return at + length;
}

function copy(from: Buffer, start: number, length: number, to: Buffer, at: number): number {
  if (length > LOOP_BYTES_MAX) from.copy(to, at, start, start + length);
  else for (let index = 0; index < length; index += 1) to[at + index] = from[start + index] ?? 0;
  return at + length;
}
