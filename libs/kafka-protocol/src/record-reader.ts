import { codecById } from './codec.ts';
import { decompress, decompressSync, type DecompressOptions } from './compression.ts';
import { malformedMessage } from './errors.ts';
import {
  BATCH_OVERHEAD,
  batchSize,
  codecOf,
  hasLogAppendTime,
  isControl,
  readBatchHeader,
  type BatchHeader,
} from './record-batch.ts';
import { readInt16, readInt32 } from './integers.ts';
import { readLongVarlong } from './varint.ts';

/** A batch whose records lie plain in `records`. */
export interface OpenBatch {
  readonly header: BatchHeader;
  readonly records: Uint8Array;
}

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface DecodedRecord {
  readonly offset: number;
  readonly timestampMs: number;
  /** Views of the batch's memory; copy what must outlive it. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

const NO_HEADERS: readonly RecordHeader[] = [];

/** Reads a batch's header and decompresses its records. The CRC is checked by `findBatchProblem`, not here. */
export async function openBatch(
  bytes: Uint8Array,
  at = 0,
  options?: DecompressOptions,
): Promise<OpenBatch> {
  const { header, records } = splitBatch(bytes, at);
  const codec = codecById(codecOf(header.attributes));
  return {
    header,
    records: codec === 'none' ? records : await decompress(codec, records, options),
  };
}

/** As `openBatch`, on this thread: for plain, gzip, snappy and lz4 batches. */
export function openBatchSync(bytes: Uint8Array, at = 0, options?: DecompressOptions): OpenBatch {
  const { header, records } = splitBatch(bytes, at);
  const codec = codecById(codecOf(header.attributes));
  return { header, records: codec === 'none' ? records : decompressSync(codec, records, options) };
}

/** All records as objects. For batches that `openBatchSync` can open, their bytes will do. */
export function decodeRecords(batch: OpenBatch | Uint8Array): DecodedRecord[] {
  const cursor = new RecordCursor(batch instanceof Uint8Array ? openBatchSync(batch) : batch);
  const records: DecodedRecord[] = [];
  while (cursor.next()) records.push(cursor.record());
  return records;
}

/**
 * Steps through the records of a batch without making objects: `next()` moves on, the fields then
 * are positions in `bytes`, where an end of -1 means null. Throws `protocol.malformed_message` at a
 * record that does not fill its length exactly, and when the batch holds more or less than it says.
 */
export class RecordCursor {
  readonly bytes: Uint8Array;
  offset = -1;
  timestampMs = -1;
  keyStart = 0;
  /** -1 when the key is null. */
  keyEnd = -1;
  valueStart = 0;
  /** -1 when the value is null. */
  valueEnd = -1;
  headerCount = 0;
  headersStart = 0;
  /** The whole record with its length, as it may be copied into another batch of the same bases. */
  recordStart = 0;
  recordEnd = 0;

  readonly #baseOffset: number;
  readonly #baseTimestamp: number;
  /** Every record's time when the batch has LogAppendTime; NaN when each has its own. */
  readonly #appendTime: number;
  #left: number;
  #at = 0;
  /** The same memory as `bytes`. */
  #text: Buffer | undefined;
  #lastHeaders:
    | {
        readonly headers: readonly RecordHeader[];
        readonly count: number;
        readonly start: number;
        readonly end: number;
      }
    | undefined;

  constructor(batch: OpenBatch) {
    const { header, records } = batch;
    this.bytes = records;
    this.#baseOffset = header.baseOffset;
    this.#baseTimestamp = header.baseTimestamp;
    this.#appendTime = hasLogAppendTime(header.attributes) ? header.maxTimestamp : NaN;
    this.#left = header.recordCount;
    if (header.recordCount < 0) throw malformedMessage(`a batch of ${header.recordCount} records`);
  }

  next(): boolean {
    if (this.#left === 0) {
      if (this.#at !== this.bytes.byteLength)
        throw malformedMessage('a batch has bytes after its last record');
      return false;
    }
    this.#left -= 1;
    this.recordStart = this.#at;
    const length = this.#varint(this.bytes.byteLength);
    const end = this.#at + length;
    if (length < 0 || end > this.bytes.byteLength)
      throw malformedMessage(`a record of ${length} bytes in a batch`);
    // Attributes: unused so far.
    this.#at += 1;
    const timestampDelta = this.#varlong(end);
    this.timestampMs = Number.isNaN(this.#appendTime)
      ? this.#baseTimestamp + timestampDelta
      : this.#appendTime;
    this.offset = this.#baseOffset + this.#varint(end);
    const keyLength = this.#length(end);
    this.keyStart = this.#at;
    this.keyEnd = keyLength === -1 ? -1 : this.#advance(keyLength);
    const valueLength = this.#length(end);
    this.valueStart = this.#at;
    this.valueEnd = valueLength === -1 ? -1 : this.#advance(valueLength);
    const headerCount = this.#varint(end);
    if (headerCount < 0 || headerCount > end - this.#at)
      throw malformedMessage(`${headerCount} headers in a record`);
    this.headerCount = headerCount;
    this.headersStart = this.#at;
    for (let left = headerCount; left > 0; left -= 1) {
      const headerKeyLength = this.#length(end);
      if (headerKeyLength === -1) throw malformedMessage('a record header without a key');
      this.#advance(headerKeyLength);
      const headerValueLength = this.#length(end);
      if (headerValueLength !== -1) this.#advance(headerValueLength);
    }
    if (this.#at !== end) throw malformedMessage('a record is not as long as it says');
    this.recordEnd = end;
    return true;
  }

  key(): Uint8Array | null {
    return this.keyEnd === -1 ? null : this.bytes.subarray(this.keyStart, this.keyEnd);
  }

  value(): Uint8Array | null {
    return this.valueEnd === -1 ? null : this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  /** One list for records in a row whose headers are the same, byte for byte, as those of a source mostly are. */
  headers(): readonly RecordHeader[] {
    if (this.headerCount === 0) return NO_HEADERS;
    const { headerCount, headersStart, recordEnd } = this;
    const text = (this.#text ??= Buffer.from(
      this.bytes.buffer,
      this.bytes.byteOffset,
      this.bytes.byteLength,
    ));
    const last = this.#lastHeaders;
    if (
      last?.count === headerCount &&
      text.compare(text, last.start, last.end, headersStart, recordEnd) === 0
    )
      return last.headers;
    const headers = this.#readHeaders(text);
    this.#lastHeaders = { headers, count: headerCount, start: headersStart, end: recordEnd };
    return headers;
  }

  #readHeaders(text: Buffer): readonly RecordHeader[] {
    const headers: RecordHeader[] = [];
    const resumeAt = this.#at;
    this.#at = this.headersStart;
    for (let left = this.headerCount; left > 0; left -= 1) {
      const keyLength = this.#length(this.recordEnd);
      const keyStart = this.#at;
      const key = text.toString('utf8', keyStart, this.#advance(keyLength));
      const valueLength = this.#length(this.recordEnd);
      const valueStart = this.#at;
      const value =
        valueLength === -1 ? null : this.bytes.subarray(valueStart, this.#advance(valueLength));
      headers.push({ key, value });
    }
    this.#at = resumeAt;
    return headers;
  }

  record(): DecodedRecord {
    return {
      offset: this.offset,
      timestampMs: this.timestampMs,
      key: this.key(),
      value: this.value(),
      headers: this.headers(),
    };
  }

  /** A length of -1 is null; others must fit before `end`. */
  #length(end: number): number {
    const length = this.#varint(end);
    if (length < -1 || length > end - this.#at)
      throw malformedMessage(`a field of ${length} bytes in a record`);
    return length;
  }

  #advance(count: number): number {
    this.#at += count;
    return this.#at;
  }

  #varint(end: number): number {
    const bytes = this.bytes;
    let raw = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#at < end ? bytes[this.#at] : undefined;
      if (byte === undefined) throw malformedMessage('a record ends within a varint');
      this.#at += 1;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    throw malformedMessage('a varint has no end within 5 bytes');
  }

  #varlong(end: number): number {
    const bytes = this.bytes;
    const start = this.#at;
    let raw = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#at < end ? bytes[this.#at] : undefined;
      if (byte === undefined) throw malformedMessage('a record ends within a varint');
      this.#at += 1;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    const { value, next } = readLongVarlong(bytes, start, end);
    this.#at = next;
    return value;
  }
}

export interface ControlMarker {
  readonly type: 'abort' | 'commit';
  readonly coordinatorEpoch: number;
}

/** The transaction marker of a control batch; undefined for kinds that are not about transactions. */
export function readControlMarker(batch: OpenBatch): ControlMarker | undefined {
  if (!isControl(batch.header.attributes)) return undefined;
  const cursor = new RecordCursor(batch);
  if (!cursor.next()) return undefined;
  const key = cursor.key();
  const value = cursor.value();
  if (key === null || key.byteLength < 4)
    throw malformedMessage('a control record without its type');
  const type = readInt16(key, 2);
  if (type !== 0 && type !== 1) return undefined;
  return {
    type: type === 0 ? 'abort' : 'commit',
    coordinatorEpoch: value !== null && value.byteLength >= 6 ? readInt32(value, 2) : -1,
  };
}

function splitBatch(bytes: Uint8Array, at: number): OpenBatch {
  const header = readBatchHeader(bytes, at);
  const end = at + batchSize(bytes, at);
  if (header.magic !== 2) throw malformedMessage(`a batch of format ${header.magic}, expected 2`);
  if (end > bytes.byteLength)
    throw malformedMessage(
      `a batch ends early: ${bytes.byteLength - at} bytes left, expected ${end - at}`,
    );
  return { header, records: bytes.subarray(at + BATCH_OVERHEAD, end) };
}
