import {
  BATCH_OVERHEAD,
  codecById,
  codecOf,
  compress,
  hasDeleteHorizon,
  hasLogAppendTime,
  isControl,
  openBatch,
  RecordCursor,
  writeBatchHeader,
  type BatchHeader,
  type OpenBatch,
} from '@millrace/kafka-protocol';

const DELETE_HORIZON_BIT = 0x40;

export interface CleanRules {
  readonly nowMs: number;
  /** How long a tombstone stays after its first cleaning. */
  readonly deleteRetentionMs: number;
  /** Whether a later record has the same key. */
  isSuperseded(key: Uint8Array, offset: number): boolean;
  /** Aborted data goes at once. */
  isAborted(header: BatchHeader): boolean;
  /** The last batch of a producer stays as an empty one, for its sequence numbers. */
  isLastOfProducer(header: BatchHeader): boolean;
  /** Whether data of the transaction that this marker ends was kept. */
  hasDataFor(header: BatchHeader): boolean;
}

/** The batch as it stays after cleaning: the very bytes given when nothing changes, undefined when it goes. */
export async function cleanBatch(
  bytes: Uint8Array,
  header: BatchHeader,
  rules: CleanRules,
): Promise<Uint8Array | undefined> {
  if (isControl(header.attributes)) return cleanMarker(bytes, header, rules);
  if (rules.isAborted(header)) return emptied(bytes, header, rules);
  const batch = await openBatch(bytes);
  const horizonMs = hasDeleteHorizon(header.attributes) ? header.baseTimestamp : undefined;
  const kept: Kept[] = [];
  let hasTombstone = false;
  let maxTimestampMs = -1;
  const cursor = new RecordCursor(batch);
  while (cursor.next()) {
    const { keyStart, keyEnd, offset } = cursor;
    // A record without a key has no place in a compacted topic.
    if (keyEnd < 0) continue;
    if (rules.isSuperseded(batch.records.subarray(keyStart, keyEnd), offset)) continue;
    if (cursor.valueEnd < 0) {
      if (horizonMs !== undefined && rules.nowMs >= horizonMs) continue;
      hasTombstone = true;
    }
    kept.push({
      start: cursor.recordStart,
      end: cursor.recordEnd,
      timestampMs: cursor.timestampMs,
    });
    maxTimestampMs = Math.max(maxTimestampMs, cursor.timestampMs);
  }
  if (kept.length === 0) return emptied(bytes, header, rules);
  const needsHorizon = hasTombstone && horizonMs === undefined;
  if (kept.length === header.recordCount && !needsHorizon) return bytes;
  const base = needsHorizon ? rules.nowMs + rules.deleteRetentionMs : header.baseTimestamp;
  return rebuild(batch, kept, {
    ...header,
    attributes: header.attributes | (needsHorizon ? DELETE_HORIZON_BIT : 0),
    baseTimestamp: base,
    maxTimestamp: hasLogAppendTime(header.attributes) ? header.maxTimestamp : maxTimestampMs,
    recordCount: kept.length,
  });
}

interface Kept {
  readonly start: number;
  readonly end: number;
  readonly timestampMs: number;
}

function emptied(
  bytes: Uint8Array,
  header: BatchHeader,
  rules: CleanRules,
): Uint8Array | undefined {
  if (header.producerId < 0 || !rules.isLastOfProducer(header)) return undefined;
  if (header.recordCount === 0) return bytes;
  const empty = new Uint8Array(BATCH_OVERHEAD);
  writeBatchHeader(empty, 0, BATCH_OVERHEAD, { ...header, recordCount: 0 });
  return empty;
}

/** A marker stays as long as data of its transaction does, and then until its horizon. */
function cleanMarker(
  bytes: Uint8Array,
  header: BatchHeader,
  rules: CleanRules,
): Uint8Array | undefined {
  if (rules.hasDataFor(header)) return bytes;
  if (hasDeleteHorizon(header.attributes)) {
    return rules.nowMs >= header.baseTimestamp ? undefined : bytes;
  }
  const batch: OpenBatch = { header, records: bytes.subarray(BATCH_OVERHEAD) };
  const cursor = new RecordCursor(batch);
  const kept: Kept[] = [];
  while (cursor.next()) {
    kept.push({
      start: cursor.recordStart,
      end: cursor.recordEnd,
      timestampMs: cursor.timestampMs,
    });
  }
  const baseTimestamp = rules.nowMs + rules.deleteRetentionMs;
  const attributes = header.attributes | DELETE_HORIZON_BIT;
  return joined(batch.records, kept, { ...header, attributes, baseTimestamp });
}

async function rebuild(
  batch: OpenBatch,
  kept: readonly Kept[],
  header: BatchHeader,
): Promise<Uint8Array> {
  const plain = joined(batch.records, kept, header, batch.header.baseTimestamp);
  const codec = codecById(codecOf(header.attributes));
  if (codec === 'none') return plain;
  const packed = await compress(codec, plain.subarray(BATCH_OVERHEAD));
  const bytes = new Uint8Array(BATCH_OVERHEAD + packed.byteLength);
  bytes.set(packed, BATCH_OVERHEAD);
  writeBatchHeader(bytes, 0, bytes.byteLength, header);
  return bytes;
}

/** The kept records behind a header. Copied as they are, unless their base time has changed. */
function joined(
  records: Uint8Array,
  kept: readonly Kept[],
  header: BatchHeader,
  oldBaseTimestamp = NaN,
): Uint8Array {
  const isSameBase = header.baseTimestamp === oldBaseTimestamp;
  const parts = kept.map(({ start, end, timestampMs }) =>
    isSameBase
      ? records.subarray(start, end)
      : withTimestampDelta(records, start, end, timestampMs - header.baseTimestamp),
  );
  let size = BATCH_OVERHEAD;
  for (const part of parts) size += part.byteLength;
  const bytes = new Uint8Array(size);
  let at = BATCH_OVERHEAD;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  writeBatchHeader(bytes, 0, size, header);
  return bytes;
}

/** A record is: length, attributes (1 byte), time stamp delta, and what stays as it is. */
function withTimestampDelta(
  records: Uint8Array,
  start: number,
  end: number,
  deltaMs: number,
): Uint8Array {
  const body = skipVarint(records, start);
  const rest = records.subarray(skipVarint(records, body + 1), end);
  const delta = zigzag(deltaMs);
  const length = zigzag(1 + delta.length + rest.byteLength);
  const bytes = new Uint8Array(length.length + 1 + delta.length + rest.byteLength);
  bytes.set(length);
  bytes[length.length] = records[body] ?? 0;
  bytes.set(delta, length.length + 1);
  bytes.set(rest, length.length + 1 + delta.length);
  return bytes;
}

function skipVarint(bytes: Uint8Array, at: number): number {
  let position = at;
  while (((bytes[position] ?? 0) & 0x80) !== 0) position += 1;
  return position + 1;
}

/** Zig-zag varint of a safe integer. */
function zigzag(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
