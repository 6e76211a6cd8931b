import { openBatch, readBatchHeader, RecordCursor } from '@millrace/kafka-protocol';
import type { OpenFiles } from './open-files.ts';
import { readPart } from './read-batches.ts';
import type { Segment } from './segment.ts';

export interface TimestampedOffset {
  readonly offset: number;
  readonly timestampMs: number;
  /** Of the batch; -1 when unknown. */
  readonly leaderEpoch: number;
}

export interface TimeSearch {
  readonly segments: readonly Segment[];
  readonly files: OpenFiles;
  /** Batches that reach it are not looked at. */
  readonly limit: number;
  readonly logStartOffset: number;
}

/** The first record at or after `timestampMs`. */
export async function findFirstSince(
  timestampMs: number,
  search: TimeSearch,
): Promise<TimestampedOffset | undefined> {
  for (const segment of search.segments) {
    if (segment.baseOffset >= search.limit) break;
    const { times } = await segment.indexes();
    if (segment.maxTimestampMs < timestampMs) continue;
    const before = times.entryBefore(timestampMs)?.offset ?? segment.baseOffset - 1;
    const batch = await findBatch(segment, before + 1, search, (maxMs) => maxMs >= timestampMs);
    if (batch === undefined) continue;
    const isWanted = (recordMs: number): boolean => recordMs >= timestampMs;
    const record = await findRecordAtTime(batch, isWanted, search.logStartOffset);
    if (record !== undefined) return record;
  }
  return undefined;
}

/** The first record with the largest time stamp. */
export async function findNewest(search: TimeSearch): Promise<TimestampedOffset | undefined> {
  let best: Segment | undefined;
  for (const segment of search.segments) {
    if (segment.bytes === 0 || segment.baseOffset >= search.limit) continue;
    await segment.indexes();
    if (best === undefined || segment.maxTimestampMs > best.maxTimestampMs) best = segment;
  }
  if (best === undefined) return undefined;
  const { maxTimestampMs } = best;
  const { times } = await best.indexes();
  const before = times.entryBefore(maxTimestampMs)?.offset ?? best.baseOffset - 1;
  const isNewest = (timestampMs: number): boolean => timestampMs === maxTimestampMs;
  const batch = await findBatch(best, before + 1, search, isNewest);
  return batch && findRecordAtTime(batch, isNewest, search.logStartOffset);
}

/** The first batch from `fromOffset` on whose largest time stamp is wanted. */
async function findBatch(
  segment: Segment,
  fromOffset: number,
  search: TimeSearch,
  isWanted: (maxTimestampMs: number) => boolean,
): Promise<Uint8Array | undefined> {
  const from = Math.max(fromOffset, search.logStartOffset);
  const start = await segment.locate(from);
  const { bytes: end } = segment;
  const found = { position: -1, size: 0 };
  await segment.scan(start, end, false, Infinity, (header, position, size) => {
    const lastOffset = header.baseOffset + header.lastOffsetDelta;
    if (lastOffset >= search.limit) return true;
    if (lastOffset < from || !isWanted(header.maxTimestamp)) return undefined;
    found.position = position;
    found.size = size;
    return true;
  });
  if (found.position < 0) return undefined;
  return search.files.use(segment.file, (handle) =>
    readPart({ handle, end }, found.position, found.size),
  );
}

/** The first record of a batch, at or behind `offsetMin`, whose time is wanted; decompresses the batch. */
async function findRecordAtTime(
  bytes: Uint8Array,
  isWanted: (timestampMs: number) => boolean,
  offsetMin: number,
): Promise<TimestampedOffset | undefined> {
  const leaderEpoch = readBatchHeader(bytes, 0).partitionLeaderEpoch;
  const cursor = new RecordCursor(await openBatch(bytes));
  while (cursor.next()) {
    const { offset, timestampMs } = cursor;
    if (offset >= offsetMin && isWanted(timestampMs)) return { offset, timestampMs, leaderEpoch };
  }
  return undefined;
}
