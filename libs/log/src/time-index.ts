import { isZero } from './offset-index.ts';

/** Bytes of an entry in a `.timeindex` file: largest time stamp so far i64, relative offset i32. */
export const TIME_ENTRY_BYTES = 12;

export interface TimeEntry {
  readonly timestampMs: number;
  /** Last offset of the batch with that time stamp. */
  readonly offset: number;
}

/** Largest time stamp up to an offset, strictly growing; a cache like the offset index. */
export class TimeIndex {
  readonly #baseOffset: number;
  readonly #entries: TimeEntry[] = [];

  constructor(baseOffset: number) {
    this.#baseOffset = baseOffset;
  }

  get count(): number {
    return this.#entries.length;
  }

  get memoryBytes(): number {
    return this.#entries.length * 32;
  }

  /** Ignored when the time stamp is not beyond the last one. */
  append(timestampMs: number, offset: number): void {
    const last = this.lastEntry();
    if (last !== undefined && (timestampMs <= last.timestampMs || offset <= last.offset)) return;
    if (timestampMs < 0) return;
    this.#entries.push({ timestampMs, offset });
  }

  lastEntry(): TimeEntry | undefined {
    return this.#entries.at(-1);
  }

  /** The last entry before `timestampMs`: all offsets up to it are older. */
  entryBefore(timestampMs: number): TimeEntry | undefined {
    let low = 0;
    let high = this.#entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.timestampMs ?? 0) < timestampMs) low = middle + 1;
      else high = middle - 1;
    }
    return this.#entries[high];
  }

  /** Drops entries at or beyond `offset`. */
  truncate(offset: number): void {
    while ((this.#entries.at(-1)?.offset ?? -1) >= offset) this.#entries.pop();
  }

  encode(fromEntry = 0): Uint8Array {
    const bytes = new Uint8Array((this.#entries.length - fromEntry) * TIME_ENTRY_BYTES);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const entry of this.#entries.slice(fromEntry)) {
      view.setBigInt64(at, BigInt(entry.timestampMs));
      view.setInt32(at + 8, entry.offset - this.#baseOffset);
      at += TIME_ENTRY_BYTES;
    }
    return bytes;
  }

  /** The index in `bytes`, or undefined when it can't be one. Zeros end it, as in `OffsetIndex`. */
  static decode(baseOffset: number, bytes: Uint8Array): TimeIndex | undefined {
    if (bytes.byteLength % TIME_ENTRY_BYTES !== 0) return undefined;
    const index = new TimeIndex(baseOffset);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let last: TimeEntry = { timestampMs: -1, offset: -1 };
    for (let at = 0; at < bytes.byteLength; at += TIME_ENTRY_BYTES) {
      const timestampMs = Number(view.getBigInt64(at));
      const offset = baseOffset + view.getInt32(at + 8);
      if (timestampMs === 0 && offset === baseOffset && isZero(bytes, at)) return index;
      if (timestampMs <= last.timestampMs || offset <= last.offset || offset < baseOffset) {
        return undefined;
      }
      last = { timestampMs, offset };
      index.#entries.push(last);
    }
    return index;
  }
}
