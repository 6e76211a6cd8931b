import {
  BATCH_OVERHEAD,
  findBatchProblem,
  isControl,
  readBatchHeader,
  type BatchHeader,
} from '@millrace/kafka-protocol';
import { batchBytesAt, magicAt } from './batch-walk.ts';
import type { DiskFile } from './disk.ts';

/** Read at a time: bounds the memory of a scan and how long it holds the event loop. */
const CHUNK_BYTES = 1024 * 1024;

export interface ScanOptions {
  readonly from: number;
  /** File position where to stop. */
  readonly end: number;
  /** Also check lengths, CRC and counts of each batch, as after a crash. */
  readonly isChecked: boolean;
  /** A larger length field is damage. */
  readonly batchBytesMax: number;
  /** Batches below it are damage: offsets only grow. */
  readonly offsetMin: number;
  /** Batches that reach beyond it are damage: a segment's offsets are relative to its base. */
  readonly offsetMax: number;
}

/** `bytes` holds the whole batch at `at` for checked scans and control batches, else at least its header. */
export type VisitBatch = (
  header: BatchHeader,
  position: number,
  size: number,
  bytes: Uint8Array,
  at: number,
) => boolean | undefined;

export interface ScanResult {
  /** Where the first batch that is not right starts; `end` when all are. */
  readonly validEnd: number;
  readonly problem: string | undefined;
}

/** Visits the batches of a segment file in order; a visitor that answers true stops the scan before that batch. */
export async function scanBatches(
  file: DiskFile,
  options: ScanOptions,
  visit: VisitBatch,
): Promise<ScanResult> {
  const { end } = options;
  const window = new Window(file, end);
  let offsetMin = options.offsetMin;
  let position = options.from;
  while (position < end) {
    const stop = (problem: string): ScanResult => ({ validEnd: position, problem });
    if (end - position < BATCH_OVERHEAD) return stop('truncated');
    if (!window.has(position, BATCH_OVERHEAD)) await window.load(position, BATCH_OVERHEAD);
    if (!window.has(position, BATCH_OVERHEAD)) return stop('truncated');
    let at = position - window.start;
    const size = batchBytesAt(window.bytes, at);
    if (magicAt(window.bytes, at) !== 2) return stop('bad-magic');
    if (size < BATCH_OVERHEAD || size > options.batchBytesMax) return stop('bad-length');
    if (size > end - position) return stop('truncated');
    const header = readBatchHeader(window.bytes, at);
    if (options.isChecked || isControl(header.attributes)) {
      if (!window.has(position, size)) await window.load(position, size);
      if (!window.has(position, size)) return stop('truncated');
      at = position - window.start;
    }
    if (options.isChecked) {
      const problem = findBatchProblem(window.bytes, at, at + size);
      if (problem !== undefined) return stop(problem);
    }
    const lastOffset = header.baseOffset + header.lastOffsetDelta;
    if (header.baseOffset < offsetMin || lastOffset > options.offsetMax) return stop('bad-offset');
    if (visit(header, position, size, window.bytes, at) === true) {
      return { validEnd: position, problem: undefined };
    }
    offsetMin = lastOffset + 1;
    position += size;
  }
  return { validEnd: position, problem: undefined };
}

class Window {
  readonly #file: DiskFile;
  readonly #end: number;
  bytes = new Uint8Array(0);
  /** File position of the first byte. */
  start = 0;
  #filled = 0;

  constructor(file: DiskFile, end: number) {
    this.#file = file;
    this.#end = end;
  }

  has(position: number, count: number): boolean {
    return position >= this.start && position + count <= this.start + this.#filled;
  }

  async load(position: number, count: number): Promise<void> {
    const wanted = Math.max(count, Math.min(CHUNK_BYTES, this.#end - position));
    if (this.bytes.byteLength < wanted) this.bytes = new Uint8Array(wanted);
    this.start = position;
    this.#filled = 0;
    this.#filled = await this.#file.read(position, this.bytes.subarray(0, wanted));
  }
}
