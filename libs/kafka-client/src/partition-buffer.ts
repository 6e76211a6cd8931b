import { must } from '@millrace/foundation';
import {
  batchSize,
  codecById,
  codecOf,
  findBatchProblem,
  hasLogAppendTime,
  isControl,
  isTransactional,
  nextOffset,
  openBatch,
  openBatchSync,
  readBatchHeader,
  readControlMarker,
  RecordCursor,
  type BatchHeader,
} from '@millrace/kafka-protocol';
import { corruptBatch } from './errors.ts';
import type { FetchMemory } from './fetch-memory.ts';
import type { ConsumedRecord, TimestampType } from './records.ts';

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** The whole batches of one fetch answer. */
interface Chunk {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  /** Those of `aborted` that have begun and not ended at `at`. */
  readonly abortedNow: Set<number>;
  /** In the order of their first offsets; only for `read_committed`. */
  readonly aborted: AbortedTransaction[];
  /** In memory that is used again once nobody reads it. */
  readonly isLent: boolean;
  /** Records that lie in it, were given out, and are read by somebody. */
  readCount: number;
  isTaken: boolean;
}

interface OpenedBatch {
  /** In which its records lie; undefined when they were decompressed into memory of their own. */
  readonly chunk: Chunk | undefined;
  readonly header: BatchHeader;
  readonly cursor: RecordCursor;
  readonly timestampType: TimestampType;
  /** A record that was decoded and did not fit into the last `take`. */
  hasNext: boolean;
}

/**
 * What was fetched of a partition and not yet taken: batches as they came, decoded record by record
 * when asked for. Control batches and aborted transactions are passed over.
 */
export class PartitionBuffer {
  readonly #topic: string;
  readonly #partition: number;
  readonly #chunks: Chunk[] = [];
  readonly #memory: FetchMemory | undefined;
  /** Where records lie that were given out. What is not given back goes to the collector. */
  readonly #lent = new WeakMap<ArrayBufferLike, Chunk>();
  #opened: OpenedBatch | undefined;
  #byteLength = 0;

  constructor(topic: string, partition: number, memory?: FetchMemory) {
    this.#memory = memory;
    this.#topic = topic;
    this.#partition = partition;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /**
   * Keeps the whole batches of an answer. Returns the offset after them and the leader epoch of the
   * last, `undefined` when there is no whole batch. Throws `client.corrupt_batch`.
   */
  add(
    bytes: Uint8Array,
    aborted: readonly AbortedTransaction[],
  ): { readonly offset: number; readonly leaderEpoch: number } | undefined {
    let end = 0;
    let next: { readonly offset: number; readonly leaderEpoch: number } | undefined;
    while (end < bytes.byteLength) {
      const problem = findBatchProblem(bytes, end);
      if (problem === 'truncated') break; // cut by the broker; asked for again
      if (problem !== undefined) {
        if (end > 0) break; // what lies before it is still given out
        throw corruptBatch(this.#topic, this.#partition, readBaseOffset(bytes), problem);
      }
      const header = readBatchHeader(bytes, end);
      next = { offset: nextOffset(header), leaderEpoch: header.partitionLeaderEpoch };
      end += batchSize(bytes, end);
    }
    if (next === undefined) return undefined;
    this.#chunks.push({
      bytes,
      end,
      at: 0,
      abortedNow: new Set(),
      aborted: [...aborted].sort((a, b) => a.firstOffset - b.firstOffset),
      isLent: this.#memory?.isLent(bytes) === true,
      readCount: 0,
      isTaken: false,
    });
    this.#byteLength += end;
    return next;
  }

  /** Nobody reads this record any more, which was taken. */
  recycle({ key, value }: ConsumedRecord): void {
    const bytes = value ?? key;
    const chunk = bytes === null ? undefined : this.#lent.get(bytes.buffer);
    if (chunk === undefined) return;
    chunk.readCount--;
    this.#giveBack(chunk);
  }

  #giveBack(chunk: Chunk): void {
    if (!chunk.isLent || !chunk.isTaken || chunk.readCount > 0) return;
    this.#lent.delete(chunk.bytes.buffer);
    this.#memory?.give(chunk.bytes);
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#opened = undefined;
    this.#byteLength = 0;
  }

  /**
   * Adds records from `position` on to `out` until it holds `recordsMax` or nothing is left.
   * Returns the new position, also past what is not given out.
   */
  async take(out: ConsumedRecord[], recordsMax: number, position: number): Promise<number> {
    let at = position;
    for (;;) {
      const opened = (this.#opened ??= await this.#openNext((skippedTo) => {
        at = Math.max(at, skippedTo);
      }));
      if (opened === undefined) return at;
      if (this.#takeFrom(opened, out, recordsMax, at)) {
        at = Math.max(at, nextOffset(opened.header));
        this.#opened = undefined;
        this.#dropEmptyChunk();
        continue;
      }
      return Math.max(at, opened.cursor.offset);
    }
  }

  /** False when `out` is full and the cursor stands on the next record to give out. */
  #takeFrom(
    opened: OpenedBatch,
    out: ConsumedRecord[],
    recordsMax: number,
    position: number,
  ): boolean {
    const { chunk, cursor, timestampType } = opened;
    const leaderEpoch = opened.header.partitionLeaderEpoch;
    for (;;) {
      if (!opened.hasNext) {
        if (!cursor.next()) return true;
        if (cursor.offset < position) continue; // the batch begins before where we stand
        opened.hasNext = true;
      }
      if (out.length >= recordsMax) return false;
      opened.hasNext = false;
      if (chunk !== undefined) chunk.readCount++;
      out.push({
        topic: this.#topic,
        partition: this.#partition,
        offset: cursor.offset,
        timestampMs: cursor.timestampMs,
        timestampType,
        key: cursor.key(),
        value: cursor.value(),
        headers: cursor.headers(),
        leaderEpoch,
      });
    }
  }

  async #openNext(onSkipped: (position: number) => void): Promise<OpenedBatch | undefined> {
    for (;;) {
      this.#dropEmptyChunk();
      const chunk = this.#chunks[0];
      if (chunk === undefined) return undefined;
      const { bytes, at } = chunk;
      const header = readBatchHeader(bytes, at);
      const size = batchSize(bytes, at);
      if (isSkipped(chunk, header)) {
        chunk.at += size;
        onSkipped(nextOffset(header));
        continue;
      }
      const codec = codecById(codecOf(header.attributes));
      const isAsync = codec === 'gzip' || codec === 'zstd';
      const batch = isAsync ? await openBatch(bytes, at) : openBatchSync(bytes, at);
      if (this.#chunks[0] !== chunk) continue; // cleared meanwhile
      chunk.at += size;
      const isPlain = codec === 'none' && chunk.isLent;
      if (isPlain) this.#lent.set(bytes.buffer, chunk);
      return {
        header,
        chunk: isPlain ? chunk : undefined,
        cursor: new RecordCursor(batch),
        timestampType: timestampTypeOf(header),
        hasNext: false,
      };
    }
  }

  #dropEmptyChunk(): void {
    const chunk = this.#chunks[0];
    if (chunk === undefined || chunk.at < chunk.end || this.#opened !== undefined) return;
    this.#chunks.shift();
    this.#byteLength -= chunk.end;
    chunk.isTaken = true;
    this.#giveBack(chunk);
  }
}

/** Markers are never given out; with `read_committed` neither are records of aborted transactions. */
function isSkipped(chunk: Chunk, header: BatchHeader): boolean {
  while (chunk.aborted.length > 0) {
    const first = must(chunk.aborted[0], 'not empty');
    if (first.firstOffset > nextOffset(header) - 1) break;
    chunk.abortedNow.add(first.producerId);
    chunk.aborted.shift();
  }
  if (isControl(header.attributes)) {
    if (chunk.abortedNow.has(header.producerId)) {
      const marker = readControlMarker(openBatchSync(chunk.bytes, chunk.at));
      if (marker?.type === 'abort') chunk.abortedNow.delete(header.producerId);
    }
    return true;
  }
  return isTransactional(header.attributes) && chunk.abortedNow.has(header.producerId);
}

function timestampTypeOf(header: BatchHeader): TimestampType {
  if (hasLogAppendTime(header.attributes)) return 'log-append';
  return header.maxTimestamp < 0 ? 'none' : 'create';
}

function readBaseOffset(bytes: Uint8Array): number {
  return bytes.byteLength < 61 ? -1 : readBatchHeader(bytes, 0).baseOffset;
}
