import {
  batchSize,
  findBatchProblem,
  isControl,
  isTransactional,
  openBatch,
  readBatchHeader,
  RecordCursor,
  type BatchHeader,
} from '@millrace/kafka-protocol';
import type { AbortedTransaction } from './aborted-transactions.ts';
import { batchBytesAt } from './batch-walk.ts';
import { cleanBatch, type CleanRules } from './clean-batch.ts';
import type { Disk, DiskFile } from './disk.ts';
import { damagedFile } from './errors.ts';
import { KeyOffsets } from './key-offsets.ts';
import { NEVER, type LogConfig } from './log-config.ts';
import type { OpenFiles } from './open-files.ts';
import { readPart } from './read-batches.ts';
import type { Segment } from './segment.ts';
import type { Throttle } from './throttle.ts';

/** Written at a time. */
const CHUNK_BYTES = 256 * 1024;

/** A batch on its way through a compaction. */
interface StoredBatch {
  readonly header: BatchHeader;
  readonly bytes: Uint8Array;
}

/** How segments are read. */
export interface Reading {
  readonly files: OpenFiles;
  readonly throttle: Throttle;
  /** Read, and worked through, without a pause. */
  readonly bufferBytes: number;
}

/** The batches of a segment, each checked: damage must not be copied as if it were right. */
async function* batchesOf(
  segment: Segment,
  { files, throttle, bufferBytes }: Reading,
  fromOffset: number,
): AsyncGenerator<StoredBatch> {
  const end = segment.bytes;
  let position = await segment.locate(fromOffset);
  let wanted = bufferBytes;
  while (position < end) {
    const from = position;
    const size = wanted;
    const chunk = await files.use(segment.file, (handle) => readPart({ handle, end }, from, size));
    await throttle.take(chunk.byteLength);
    let at = 0;
    wanted = bufferBytes;
    while (at + 17 <= chunk.byteLength) {
      const problem = findBatchProblem(chunk, at);
      if (problem === 'truncated') break;
      if (problem !== undefined) throw damagedFile(segment.file.path, problem);
      const header = readBatchHeader(chunk, at);
      const batchEnd = at + batchSize(chunk, at);
      if (header.baseOffset + header.lastOffsetDelta >= fromOffset) {
        yield { header, bytes: chunk.subarray(at, batchEnd) };
      }
      at = batchEnd;
    }
    if (at === 0) {
      wanted = chunk.byteLength < 17 ? 0 : batchBytesAt(chunk, 0);
      if (wanted <= chunk.byteLength) throw damagedFile(segment.file.path, 'truncated');
    }
    position += at;
  }
}

export interface KeyMap {
  readonly offsets: KeyOffsets;
  /** All records below it are in the map. */
  readonly endOffset: number;
}

/** Pass 1: the last offset of each key between `fromOffset` and the end of the segments, as far as the map holds. */
export async function mapKeys(
  segments: readonly Segment[],
  reading: Reading,
  fromOffset: number,
  keysMax: number,
  isAborted: (header: BatchHeader) => boolean,
): Promise<KeyMap> {
  let recordCount = 0;
  for (const { baseOffset, nextOffset } of segments) recordCount += nextOffset - baseOffset;
  const offsets = new KeyOffsets(Math.min(keysMax, recordCount + 1));
  let endOffset = fromOffset;
  for (const segment of segments) {
    for await (const { header, bytes } of batchesOf(segment, reading, fromOffset)) {
      if (!isControl(header.attributes) && !isAborted(header)) {
        const batch = await openBatch(bytes);
        const cursor = new RecordCursor(batch);
        while (cursor.next()) {
          if (cursor.keyEnd < 0 || cursor.offset < fromOffset) continue;
          const key = batch.records.subarray(cursor.keyStart, cursor.keyEnd);
          if (!offsets.set(key, cursor.offset)) return { offsets, endOffset };
        }
      }
      endOffset = header.baseOffset + header.lastOffsetDelta + 1;
    }
    endOffset = Math.max(endOffset, segment.nextOffset);
  }
  return { offsets, endOffset };
}

export interface CopyOptions extends Reading {
  readonly disk: Disk;
  /** Empty, with its `.cleaned` file not made yet. */
  readonly target: Segment;
  readonly rules: CleanRules;
  readonly indexIntervalBytes: number;
  /** Told of each batch that stays, for the markers behind it. */
  readonly onKept: (header: BatchHeader) => void;
}

/** Pass 2: copies what stays of some neighbouring segments into one. */
export async function copyCleaned(group: readonly Segment[], options: CopyOptions): Promise<void> {
  const { disk, target, rules, throttle } = options;
  const file = await disk.open(target.file.path, 'create');
  const markers = new Set<number>();
  try {
    await file.truncate(0);
    const output = new Output(file);
    for (const segment of group) {
      for await (const { header, bytes } of batchesOf(segment, options, segment.baseOffset)) {
        const kept = await cleanBatch(bytes, header, rules);
        if (kept === undefined) continue;
        const keptHeader = readBatchHeader(kept, 0);
        const lastOffset = header.baseOffset + header.lastOffsetDelta;
        const { maxTimestamp } = keptHeader;
        target.noteBatch(
          lastOffset,
          maxTimestamp,
          target.bytes,
          kept.byteLength,
          options.indexIntervalBytes,
        );
        if (isControl(header.attributes)) markers.add(lastOffset);
        else if (isTransactional(header.attributes)) options.onKept(keptHeader);
        await output.write(kept);
        await throttle.take(kept.byteLength);
      }
    }
    await output.flush();
    await file.sync();
  } finally {
    await file.close();
  }
  target.finishIndexes();
  target.syncedBytes = target.bytes;
  const aborted: AbortedTransaction[] = [];
  for (const segment of group) {
    aborted.push(...segment.aborted.filter((entry) => markers.has(entry.lastOffset)));
  }
  target.aborted = aborted;
}

/** Collects small writes. */
class Output {
  readonly #file: DiskFile;
  #parts: Uint8Array[] = [];
  #pendingBytes = 0;
  #position = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#parts.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes >= CHUNK_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    await this.#file.write(this.#position, this.#parts);
    this.#position += this.#pendingBytes;
    this.#parts = [];
    this.#pendingBytes = 0;
  }
}

/** Neighbours that fit into one segment together, so that cleaned segments don't become ever smaller and more. */
export function groupSegments(
  segments: readonly Segment[],
  segmentBytes: number,
): readonly (readonly Segment[])[] {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of segments) {
    const group = groups.at(-1);
    const base = group?.[0]?.baseOffset ?? 0;
    const isNear = segment.nextOffset - base < 2_147_483_647;
    if (group !== undefined && isNear && bytes + segment.bytes <= segmentBytes) {
      group.push(segment);
      bytes += segment.bytes;
    } else {
      groups.push([segment]);
      bytes = segment.bytes;
    }
  }
  return groups;
}

export interface DirtyState {
  /** Segments that may be compacted, from the log start on. */
  readonly segments: readonly Segment[];
  /** Those of them that hold records not yet compacted. */
  readonly dirty: readonly Segment[];
  readonly dirtyRatio: number;
  readonly dirtyBytes: number;
  /** `max.compaction.lag.ms` is over for the oldest dirty record. */
  readonly isOverdue: boolean;
}

export interface DirtyLimits {
  readonly config: LogConfig;
  /** Nothing at or above it may be compacted: the last stable offset. */
  readonly limit: number;
  readonly nowMs: number;
}

/** What of the closed segments may be compacted, and how much of it is new since `cleanedUpTo`. */
export async function findDirty(
  closed: readonly Segment[],
  cleanedUpTo: number,
  { config, limit, nowMs }: DirtyLimits,
): Promise<DirtyState> {
  const lagMs = config['min.compaction.lag.ms'];
  const segments: Segment[] = [];
  const dirty: Segment[] = [];
  let bytes = 0;
  let dirtyBytes = 0;
  // Never the active segment, nothing unstable, nothing younger than the lag.
  for (const segment of closed) {
    if (segment.nextOffset > limit) break;
    if (lagMs > 0) {
      await segment.indexes();
      if (nowMs - segment.maxTimestampMs < lagMs) break;
    }
    segments.push(segment);
    bytes += segment.bytes;
    if (segment.nextOffset <= cleanedUpTo) continue;
    dirty.push(segment);
    dirtyBytes += segment.bytes;
  }
  let isOverdue = false;
  const [oldest] = dirty;
  if (oldest !== undefined && config['max.compaction.lag.ms'] < NEVER) {
    await oldest.indexes();
    isOverdue = nowMs - oldest.maxTimestampMs > config['max.compaction.lag.ms'];
  }
  const dirtyRatio = bytes === 0 ? 0 : dirtyBytes / bytes;
  return { segments, dirty, dirtyRatio, dirtyBytes, isOverdue };
}

/** Whether a batch belongs to one of these transactions. */
export function abortedAmong(
  entries: readonly AbortedTransaction[],
): (header: BatchHeader) => boolean {
  const byProducer = new Map<number, AbortedTransaction[]>();
  for (const entry of entries) {
    byProducer.set(entry.producerId, [...(byProducer.get(entry.producerId) ?? []), entry]);
  }
  return ({ producerId, baseOffset, attributes }) =>
    isTransactional(attributes) &&
    (byProducer.get(producerId) ?? []).some(
      (entry) => entry.firstOffset <= baseOffset && baseOffset <= entry.lastOffset,
    );
}

export interface RulesInput {
  readonly deleteRetentionMs: number;
  readonly lastOffsets: readonly (readonly [producerId: number, lastOffset: number])[];
  readonly nowMs: number;
}

/** The rules of one compaction; `onKept` tells them what the markers behind it need to know. */
export function cleanRules(
  offsets: KeyOffsets,
  isAborted: (header: BatchHeader) => boolean,
  input: RulesInput,
): { readonly rules: CleanRules; readonly onKept: (header: BatchHeader) => void } {
  /** Producers with data kept since their last marker. */
  const withData = new Set<number>();
  const lastOffsets = new Map(input.lastOffsets);
  const rules: CleanRules = {
    nowMs: input.nowMs,
    deleteRetentionMs: input.deleteRetentionMs,
    isSuperseded: (key, offset) => offsets.get(key) > offset,
    isAborted,
    isLastOfProducer: (header) =>
      lastOffsets.get(header.producerId) === header.baseOffset + header.lastOffsetDelta,
    hasDataFor: (header) => withData.delete(header.producerId),
  };
  return { rules, onKept: (header) => withData.add(header.producerId) };
}
