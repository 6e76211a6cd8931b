import { crc32c } from './crc32c.ts';
import { malformedMessage } from './errors.ts';
import { readInt16, readInt32, readInt64, writeInt16, writeInt32, writeInt64 } from './integers.ts';

/** Bytes of a record batch (format 2) before its records. */
export const BATCH_OVERHEAD = 61;
/** Bytes before `batchLength` starts to count: the base offset and the length itself. */
export const BATCH_LENGTH_OVERHEAD = 12;

const BATCH_LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
/** The first byte that the CRC covers; all before it may be patched for free. */
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;
const RECORD_COUNT_AT = 57;

/** Seven one-byte fields: the smallest thing that can be a record. */
const RECORD_BYTES_MIN = 7;
const MAGIC = 2;

const CODEC_MASK = 0x07;
const LOG_APPEND_TIME_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;
const DELETE_HORIZON_BIT = 0x40;

export interface BatchHeader {
  readonly baseOffset: number;
  /** Bytes after this field; the whole batch is 12 more. */
  readonly batchLength: number;
  readonly partitionLeaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 when the producer is not idempotent; then epoch and sequence are -1 too. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

export type BatchProblem = 'truncated' | 'bad-magic' | 'bad-length' | 'bad-crc' | 'bad-count';

/** Throws `protocol.malformed_message` when fewer than 61 bytes follow `at`. Checks nothing else. */
export function readBatchHeader(bytes: Uint8Array, at: number): BatchHeader {
  requireBytes(bytes, at, BATCH_OVERHEAD);
  return {
    baseOffset: readInt64(bytes, at),
    batchLength: readInt32(bytes, at + BATCH_LENGTH_AT),
    partitionLeaderEpoch: readInt32(bytes, at + LEADER_EPOCH_AT),
    magic: readMagic(bytes, at),
    crc: readInt32(bytes, at + CRC_AT) >>> 0,
    attributes: readInt16(bytes, at + ATTRIBUTES_AT),
    lastOffsetDelta: readInt32(bytes, at + LAST_OFFSET_DELTA_AT),
    baseTimestamp: readInt64(bytes, at + BASE_TIMESTAMP_AT),
    maxTimestamp: readInt64(bytes, at + MAX_TIMESTAMP_AT),
    producerId: readInt64(bytes, at + PRODUCER_ID_AT),
    producerEpoch: readInt16(bytes, at + PRODUCER_EPOCH_AT),
    baseSequence: readInt32(bytes, at + BASE_SEQUENCE_AT),
    recordCount: readInt32(bytes, at + RECORD_COUNT_AT),
  };
}

/**
 * Bytes of the whole batch, which a scan steps by: 12 + batchLength. May lie beyond the end of
 * `bytes`. A length that can't be a batch's is malformed, so that a scan always moves forward.
 */
export function batchSize(bytes: Uint8Array, at: number): number {
  requireBytes(bytes, at, BATCH_LENGTH_OVERHEAD);
  const size = BATCH_LENGTH_OVERHEAD + readInt32(bytes, at + BATCH_LENGTH_AT);
  if (size < BATCH_OVERHEAD) {
    throw malformedMessage(
      `a batch of ${size} bytes can't be, expected at least ${BATCH_OVERHEAD}`,
    );
  }
  return size;
}

/** The offset after the batch's last one. */
export function nextOffset(header: BatchHeader): number {
  return header.baseOffset + header.lastOffsetDelta + 1;
}

/** In place; the CRC does not cover it. */
export function patchBaseOffset(bytes: Uint8Array, at: number, baseOffset: number): void {
  requireBytes(bytes, at, BATCH_OVERHEAD);
  writeInt64(bytes, at, baseOffset);
}

/** In place; the CRC does not cover it. */
export function patchLeaderEpoch(bytes: Uint8Array, at: number, epoch: number): void {
  requireBytes(bytes, at, BATCH_OVERHEAD);
  writeInt32(bytes, at + LEADER_EPOCH_AT, epoch);
}

/** Turns the batch to LogAppendTime: every record then has `timestampMs`. Renews the CRC. */
export function patchLogAppendTime(bytes: Uint8Array, at: number, timestampMs: number): void {
  const end = mustEnd(bytes, at);
  writeInt16(bytes, at + ATTRIBUTES_AT, readInt16(bytes, at + ATTRIBUTES_AT) | LOG_APPEND_TIME_BIT);
  writeInt64(bytes, at + MAX_TIMESTAMP_AT, timestampMs);
  renewCrc(bytes, at, end);
}

/** Sets the producer's identity, as a client does when it retries under a new epoch. Renews the CRC. */
export function patchProducer(
  bytes: Uint8Array,
  at: number,
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
): void {
  const end = mustEnd(bytes, at);
  writeInt64(bytes, at + PRODUCER_ID_AT, producerId);
  writeInt16(bytes, at + PRODUCER_EPOCH_AT, producerEpoch);
  writeInt32(bytes, at + BASE_SEQUENCE_AT, baseSequence);
  renewCrc(bytes, at, end);
}

/**
 * What is wrong with the batch at `at` when nothing of it may lie at or after `end`; undefined when
 * it is whole and its CRC holds. Compacted batches (fewer records than offsets) are right.
 *
 * @param isCrcTrusted the batch was made in this process a moment ago, so that its CRC says nothing
 */
export function findBatchProblem(
  bytes: Uint8Array,
  at: number,
  end: number = bytes.byteLength,
  isCrcTrusted = false,
): BatchProblem | undefined {
  const limit = Math.min(end, bytes.byteLength);
  if (limit - at <= MAGIC_AT) return 'truncated';
  if (readMagic(bytes, at) !== MAGIC) return 'bad-magic';
  const size = BATCH_LENGTH_OVERHEAD + readInt32(bytes, at + BATCH_LENGTH_AT);
  if (size < BATCH_OVERHEAD) return 'bad-length';
  if (size > limit - at) return 'truncated';
  if (!isCrcTrusted && !hasRightCrc(bytes, at, size)) return 'bad-crc';
  const recordCount = readInt32(bytes, at + RECORD_COUNT_AT);
  const lastOffsetDelta = readInt32(bytes, at + LAST_OFFSET_DELTA_AT);
  if (recordCount < 0 || lastOffsetDelta < 0 || recordCount > lastOffsetDelta + 1)
    return 'bad-count';
  const isPlain = codecOf(readInt16(bytes, at + ATTRIBUTES_AT)) === 0;
  if (isPlain && recordCount * RECORD_BYTES_MIN > size - BATCH_OVERHEAD) return 'bad-count';
  return undefined;
}

/** As `findBatchProblem`, for a batch straight from a producer: at least one record, no gaps. */
export function findProducedBatchProblem(
  bytes: Uint8Array,
  at: number,
  end: number = bytes.byteLength,
  isCrcTrusted = false,
): BatchProblem | undefined {
  const problem = findBatchProblem(bytes, at, end, isCrcTrusted);
  if (problem !== undefined) return problem;
  const recordCount = readInt32(bytes, at + RECORD_COUNT_AT);
  const lastOffsetDelta = readInt32(bytes, at + LAST_OFFSET_DELTA_AT);
  return recordCount === lastOffsetDelta + 1 ? undefined : 'bad-count';
}

/** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 are unknown. */
export function codecOf(attributes: number): number {
  return attributes & CODEC_MASK;
}

export function isTransactional(attributes: number): boolean {
  return (attributes & TRANSACTIONAL_BIT) !== 0;
}

/** A control batch holds one transaction marker and is never given to users. */
export function isControl(attributes: number): boolean {
  return (attributes & CONTROL_BIT) !== 0;
}

export function hasLogAppendTime(attributes: number): boolean {
  return (attributes & LOG_APPEND_TIME_BIT) !== 0;
}

/** Set by compaction: the base timestamp then is the delete horizon. */
export function hasDeleteHorizon(attributes: number): boolean {
  return (attributes & DELETE_HORIZON_BIT) !== 0;
}

export interface AttributeFlags {
  readonly codec?: number;
  readonly hasLogAppendTime?: boolean;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
}

export function attributesOf(flags: AttributeFlags): number {
  return (
    ((flags.codec ?? 0) & CODEC_MASK) |
    (flags.hasLogAppendTime === true ? LOG_APPEND_TIME_BIT : 0) |
    (flags.isTransactional === true ? TRANSACTIONAL_BIT : 0) |
    (flags.isControl === true ? CONTROL_BIT : 0)
  );
}

/** Everything of a header that its writer decides; length, magic and CRC follow from the bytes. */
export type BatchHeaderFields = Omit<BatchHeader, 'batchLength' | 'magic' | 'crc'>;

/** Writes the 61 bytes before records that are already in place up to `end`, CRC last. */
export function writeBatchHeader(
  bytes: Uint8Array,
  at: number,
  end: number,
  header: BatchHeaderFields,
): void {
  requireBytes(bytes, at, BATCH_OVERHEAD);
  writeInt64(bytes, at, header.baseOffset);
  writeInt32(bytes, at + BATCH_LENGTH_AT, end - at - BATCH_LENGTH_OVERHEAD);
  writeInt32(bytes, at + LEADER_EPOCH_AT, header.partitionLeaderEpoch);
  bytes[at + MAGIC_AT] = MAGIC;
  writeInt16(bytes, at + ATTRIBUTES_AT, header.attributes);
  writeInt32(bytes, at + LAST_OFFSET_DELTA_AT, header.lastOffsetDelta);
  writeInt64(bytes, at + BASE_TIMESTAMP_AT, header.baseTimestamp);
  writeInt64(bytes, at + MAX_TIMESTAMP_AT, header.maxTimestamp);
  writeInt64(bytes, at + PRODUCER_ID_AT, header.producerId);
  writeInt16(bytes, at + PRODUCER_EPOCH_AT, header.producerEpoch);
  writeInt32(bytes, at + BASE_SEQUENCE_AT, header.baseSequence);
  writeInt32(bytes, at + RECORD_COUNT_AT, header.recordCount);
  renewCrc(bytes, at, end);
}

function readMagic(bytes: Uint8Array, at: number): number {
  return ((bytes[at + MAGIC_AT] ?? 0) << 24) >> 24;
}

function mustEnd(bytes: Uint8Array, at: number): number {
  const size = batchSize(bytes, at);
  requireBytes(bytes, at, size);
  return at + size;
}

function hasRightCrc(bytes: Uint8Array, at: number, size: number): boolean {
  const crc = readInt32(bytes, at + CRC_AT) >>> 0;
  return crc32c(bytes.subarray(at + ATTRIBUTES_AT, at + size)) === crc;
}

function renewCrc(bytes: Uint8Array, at: number, end: number): void {
  writeInt32(bytes, at + CRC_AT, crc32c(bytes.subarray(at + ATTRIBUTES_AT, end)));
}

function requireBytes(bytes: Uint8Array, at: number, count: number): void {
  if (at < 0 || at + count > bytes.byteLength) {
    throw malformedMessage(
      `a record batch ends early: ${bytes.byteLength - at} bytes left, expected ${count}`,
    );
  }
}
