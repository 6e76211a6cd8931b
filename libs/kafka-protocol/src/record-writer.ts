import { assert } from '@millrace/foundation';

import { codecId, type Codec } from './codec.ts';
import { compress, compressSync } from './compression.ts';
import { writeInt16, writeInt32 } from './integers.ts';
import { attributesOf, BATCH_OVERHEAD, writeBatchHeader } from './record-batch.ts';
import type { RecordHeader } from './record-reader.ts';
import { RecordTarget, type RecordFrame } from './record-target.ts';
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

const FIRST_BYTES = 1_024;
/** Up to here a loop is faster than the call of `set`. */
const LOOP_BYTES_MAX = 24;
/** Up to here a loop is faster than a view for `set`. */
const VIEW_BYTES_MIN = 64;
/** Their count, as a varint. */
const NO_HEADERS = new Uint8Array([0]);

export interface BuildOptions {
  readonly codec?: Codec;
  readonly compressionLevel?: number;
  /** Without an id the batch is not idempotent. */
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly baseOffset?: number;
  readonly partitionLeaderEpoch?: number;
  readonly isTransactional?: boolean;
}

/**
 * Records whose keys and values lie one after another in one buffer, each between constant bytes that are the same for
 * all of them. Made and read without an object a record.
 */
export interface PackedRecords extends RecordFrame {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Four positions a record: where its key starts and ends, and its value. */
  readonly at: Int32Array;
}

/** Records that are written where they are to be. */
export interface InPlaceRecords {
  readonly frame: RecordFrame;
  readonly timestampMs: number;
  readonly headers: readonly RecordHeader[];
  /** Writes those that there is room for. */
  readonly write: (target: RecordTarget) => void;
}

/**
 * Collects records into one growing buffer, laid out as on the wire. One builder makes one batch:
 * `build` hands its memory over. Offsets are 0, 1, 2 …; the first record's time is the base.
 */
export class RecordBatchBuilder {
  #bytes: Uint8Array;
  #at = BATCH_OVERHEAD;
  #recordCount = 0;
  #baseTimestamp = -1;
  #maxTimestamp = -1;
  #isBuilt = false;
  #lastHeaders: readonly RecordHeader[] | undefined;
  #lastEncoded: Uint8Array = NO_HEADERS;

  /** The expected size of the batch, where a good guess saves copies; or memory to write it into. */
  constructor(bytesHint: number | Uint8Array = FIRST_BYTES) {
    this.#bytes =
      typeof bytesHint === 'number'
        ? Buffer.allocUnsafeSlow(Math.max(bytesHint, BATCH_OVERHEAD))
        : bytesHint;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  /** Bytes of the batch so far, before compression. */
  get byteLength(): number {
    return this.#at;
  }

  /** -1 while empty. */
  get maxTimestampMs(): number {
    return this.#maxTimestamp;
  }

  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestampMs: number,
    headers?: readonly RecordHeader[],
  ): void {
    assert(!this.#isBuilt, 'a batch is built once');
    if (this.#recordCount === 0) this.#baseTimestamp = timestampMs;
    const timestampDelta = timestampMs - this.#baseTimestamp;
    const offsetDelta = this.#recordCount;
    const encodedHeaders =
      headers === undefined || headers.length === 0 ? NO_HEADERS : this.#encoded(headers);
    const length =
      1 +
      varlongSize(timestampDelta) +
      varintSize(offsetDelta) +
      fieldSize(key) +
      fieldSize(value) +
      encodedHeaders.byteLength;
    const start = this.#at;
    const bytes = this.#reserve(varintSize(length) + length);
    let at = writeVarint(bytes, start, length);
    bytes[at] = 0;
    at = writeVarlong(bytes, at + 1, timestampDelta);
    at = writeVarint(bytes, at, offsetDelta);
    at = writeField(bytes, at, key);
    at = writeField(bytes, at, value);
    copyBytes(bytes, at, encodedHeaders);
    this.#recordCount += 1;
    if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs;
  }

  /** `append` of one of many records that lie together. */
  appendPacked(
    packed: PackedRecords,
    index: number,
    timestampMs: number,
    headers: readonly RecordHeader[],
  ): void {
    assert(!this.#isBuilt, 'a batch is built once');
    if (this.#recordCount === 0) this.#baseTimestamp = timestampMs;
    const timestampDelta = timestampMs - this.#baseTimestamp;
    const offsetDelta = this.#recordCount;
    const encodedHeaders = headers.length === 0 ? NO_HEADERS : this.#encoded(headers);
    const {
      at: positions,
      bytes: source,
      hasKeys,
      keyStart,
      keyEnd,
      valueStart,
      valueEnd,
    } = packed;
    const keyFrom = positions[index * 4] ?? 0;
    const keyTo = positions[index * 4 + 1] ?? 0;
    const valueFrom = positions[index * 4 + 2] ?? 0;
    const valueTo = positions[index * 4 + 3] ?? 0;
    const keyLength = hasKeys ? keyStart.byteLength + (keyTo - keyFrom) + keyEnd.byteLength : -1;
    const valueLength = valueStart.byteLength + (valueTo - valueFrom) + valueEnd.byteLength;
    const length =
      1 +
      varlongSize(timestampDelta) +
      varintSize(offsetDelta) +
      varintSize(keyLength) +
      (hasKeys ? keyLength : 0) +
      varintSize(valueLength) +
      valueLength +
      encodedHeaders.byteLength;
    const start = this.#at;
    const bytes = this.#reserve(varintSize(length) + length);
    let at = writeVarint(bytes, start, length);
    bytes[at] = 0;
    at = writeVarlong(bytes, at + 1, timestampDelta);
    at = writeVarint(bytes, at, offsetDelta);
    at = writeVarint(bytes, at, keyLength);
    if (hasKeys) {
      at = copyWhole(bytes, at, keyStart);
      at = copyRange(bytes, at, source, keyFrom, keyTo);
      at = copyWhole(bytes, at, keyEnd);
    }
    at = writeVarint(bytes, at, valueLength);
    at = copyWhole(bytes, at, valueStart);
    at = copyRange(bytes, at, source, valueFrom, valueTo);
    at = copyWhole(bytes, at, valueEnd);
    copyBytes(bytes, at, encodedHeaders);
    this.#recordCount += 1;
    if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs;
  }

  /** Records for which there is room until the batch is so large; returns how many. */
  writeInPlace({ frame, headers, timestampMs, write }: InPlaceRecords, bytesMax: number): number {
    assert(!this.#isBuilt, 'a batch is built once');
    if (this.#recordCount === 0) this.#baseTimestamp = timestampMs;
    const target = new RecordTarget(
      {
        bytes: this.#upTo(bytesMax),
        at: this.#at,
        limit: bytesMax,
        timestampDelta: timestampMs - this.#baseTimestamp,
        offsetDelta: this.#recordCount,
        headers: headers.length === 0 ? NO_HEADERS : this.#encoded(headers),
      },
      frame,
    );
    write(target);
    const { at, count } = target;
    assert(at <= bytesMax || count === 0, 'records are written where there is room');
    if (count === 0) return 0;
    this.#at = at;
    this.#recordCount += count;
    if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs;
    return count;
  }

  /** The memory of the batch, at least so large. */
  #upTo(bytesMax: number): Buffer {
    if (this.#bytes.byteLength < bytesMax) {
      const larger = Buffer.allocUnsafeSlow(bytesMax);
      larger.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = larger;
    }
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  /** What becomes of its memory when it takes no records: it is given back. */
  release(): Uint8Array {
    assert(this.#recordCount === 0, 'a batch without records');
    this.#isBuilt = true;
    return this.#bytes;
  }

  /** Many records of a batch share one array of headers, which is then encoded once. */
  #encoded(headers: readonly RecordHeader[]): Uint8Array {
    if (headers !== this.#lastHeaders) {
      const encoded = Buffer.allocUnsafe(headersSize(headers));
      writeHeaders(encoded, 0, headers);
      this.#lastHeaders = headers;
      this.#lastEncoded = encoded;
    }
    return this.#lastEncoded;
  }

  /** How many bytes `append` of such a record would add at most. */
  static recordBytesMax(
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: readonly RecordHeader[],
  ): number {
    return (
      5 +
      1 +
      10 +
      5 +
      fieldSize(key) +
      fieldSize(value) +
      (headers === undefined ? 1 : headersSize(headers))
    );
  }

  async build(options: BuildOptions = {}): Promise<Uint8Array> {
    const codec = options.codec ?? 'none';
    const records = this.#takeRecords();
    if (codec === 'none') return this.#seal(this.#at, options);
    const level = options.compressionLevel;
    return this.#sealCompressed(
      await compress(codec, records, level === undefined ? {} : { level }),
      options,
    );
  }

  /** As `build`, on this thread; not for zstd. */
  buildSync(options: BuildOptions = {}): Uint8Array {
    const codec = options.codec ?? 'none';
    const records = this.#takeRecords();
    if (codec === 'none') return this.#seal(this.#at, options);
    const level = options.compressionLevel;
    return this.#sealCompressed(
      compressSync(codec, records, level === undefined ? {} : { level }),
      options,
    );
  }

  #takeRecords(): Uint8Array {
    assert(!this.#isBuilt, 'a batch is built once');
    assert(this.#recordCount > 0, 'a batch has records');
    this.#isBuilt = true;
    return this.#bytes.subarray(BATCH_OVERHEAD, this.#at);
  }

  #sealCompressed(compressed: Uint8Array, options: BuildOptions): Uint8Array {
    const end = BATCH_OVERHEAD + compressed.byteLength;
    // Incompressible records may have grown.
    if (end > this.#bytes.byteLength) this.#bytes = Buffer.allocUnsafeSlow(end);
    this.#bytes.set(compressed, BATCH_OVERHEAD);
    return this.#seal(end, options);
  }

  #seal(end: number, options: BuildOptions): Uint8Array {
    writeBatchHeader(this.#bytes, 0, end, {
      baseOffset: options.baseOffset ?? 0,
      partitionLeaderEpoch: options.partitionLeaderEpoch ?? -1,
      attributes: attributesOf({
        codec: codecId(options.codec ?? 'none'),
        isTransactional: options.isTransactional ?? false,
      }),
      lastOffsetDelta: this.#recordCount - 1,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
      producerId: options.producerId ?? -1,
      producerEpoch: options.producerEpoch ?? -1,
      baseSequence: options.baseSequence ?? -1,
      recordCount: this.#recordCount,
    });
    return this.#bytes.subarray(0, end);
  }

  #reserve(count: number): Uint8Array {
    const next = this.#at + count;
    if (next > this.#bytes.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(next, this.#bytes.byteLength * 2));
      larger.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = larger;
    }
    this.#at = next;
    return this.#bytes;
  }
}

export interface ControlBatchOptions {
  readonly type: 'abort' | 'commit';
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
  readonly baseOffset?: number;
  readonly partitionLeaderEpoch?: number;
}

/** The batch that ends a transaction on a partition. */
export function buildControlBatch(options: ControlBatchOptions): Uint8Array {
  const key = new Uint8Array(4);
  writeInt16(key, 2, options.type === 'abort' ? 0 : 1);
  const value = new Uint8Array(6);
  writeInt32(value, 2, options.coordinatorEpoch);
  const builder = new RecordBatchBuilder();
  builder.append(key, value, options.timestampMs);
  const bytes = builder.buildSync();
  writeBatchHeader(bytes, 0, bytes.byteLength, {
    baseOffset: options.baseOffset ?? 0,
    partitionLeaderEpoch: options.partitionLeaderEpoch ?? -1,
    attributes: attributesOf({ isTransactional: true, isControl: true }),
    lastOffsetDelta: 0,
    baseTimestamp: options.timestampMs,
    maxTimestamp: options.timestampMs,
    producerId: options.producerId,
    producerEpoch: options.producerEpoch,
    baseSequence: -1,
    recordCount: 1,
  });
  return bytes;
}

function fieldSize(field: Uint8Array | null): number {
  if (field === null) return 1;
  const length = field.byteLength;
  return varintSize(length) + length;
}

function writeField(bytes: Uint8Array, start: number, field: Uint8Array | null): number {
  if (field === null) {
    bytes[start] = 1;
    return start + 1;
  }
  const length = field.byteLength;
  const at = writeVarint(bytes, start, length);
  copyBytes(bytes, at, field);
  return at + length;
}

function copyBytes(to: Uint8Array, at: number, from: Uint8Array): void {
  const length = from.byteLength;
  if (length > LOOP_BYTES_MAX) to.set(from, at);
  else for (let index = 0; index < length; index += 1) to[at + index] = from[index] ?? 0;
}

function copyWhole(to: Uint8Array, at: number, from: Uint8Array): number {
  copyBytes(to, at, from);
  return at + from.byteLength;
}

function copyRange(
  to: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start;
  if (length <= VIEW_BYTES_MIN)
    for (let index = 0; index < length; index += 1) to[at + index] = from[start + index] ?? 0;
  else to.set(new Uint8Array(from.buffer, from.byteOffset + start, length), at);
  return at + length;
}

function headersSize(headers: readonly RecordHeader[]): number {
  let size = varintSize(headers.length);
  for (const header of headers) {
    const keyLength = Buffer.byteLength(header.key);
    size += varintSize(keyLength) + keyLength + fieldSize(header.value);
  }
  return size;
}

function writeHeaders(bytes: Uint8Array, start: number, headers: readonly RecordHeader[]): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = writeVarint(bytes, start, headers.length);
  for (const header of headers) {
    const keyLength = Buffer.byteLength(header.key);
    at = writeVarint(bytes, at, keyLength);
    at += text.write(header.key, at, keyLength, 'utf8');
    at = writeField(bytes, at, header.value);
  }
}
