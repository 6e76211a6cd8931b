/** Bytes of an entry in an `.index` file: relative offset i32, file position i32. */
export const OFFSET_ENTRY_BYTES = 8;

export interface OffsetEntry {
  /** The last offset of the batch at `position`, or, from Kafka's followers, of a batch behind it. */
  readonly offset: number;
  readonly position: number;
}

/**
 * The sparse index of one segment, in memory: last offset of a batch → where that batch starts.
 * A mere cache of the log file: what can't be trusted is thrown away and built again.
 */
export class OffsetIndex {
  readonly #baseOffset: number;
  /** Relative offset and position, alternating. */
  #entries = new Int32Array(32);
  #count = 0;

  constructor(baseOffset: number) {
    this.#baseOffset = baseOffset;
  }

  get count(): number {
    return this.#count;
  }

  get memoryBytes(): number {
    return this.#entries.byteLength;
  }

  append(offset: number, position: number): void {
    if (this.#count * 2 === this.#entries.length) {
      const grown = new Int32Array(this.#entries.length * 2);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries[this.#count * 2] = offset - this.#baseOffset;
    this.#entries[this.#count * 2 + 1] = position;
    this.#count += 1;
  }

  /** The last entry at or below `offset`, from which to scan; undefined means from the file's begin. */
  entryFor(offset: number): OffsetEntry | undefined {
    const found = this.#lastAtMost(offset - this.#baseOffset, 0);
    return found < 0 ? undefined : this.entry(found);
  }

  /** The last offset in the index; undefined when it is empty. */
  lastEntry(): OffsetEntry | undefined {
    return this.#count === 0 ? undefined : this.entry(this.#count - 1);
  }

  entry(index: number): OffsetEntry {
    return {
      offset: this.#baseOffset + (this.#entries[index * 2] ?? 0),
      position: this.#entries[index * 2 + 1] ?? 0,
    };
  }

  /** Drops the entries of batches that start at or after `position`. */
  truncate(position: number): void {
    this.#count = this.#lastAtMost(position - 1, 1) + 1;
  }

  /** The file bytes of the entries from `fromEntry` on. */
  encode(fromEntry = 0): Uint8Array {
    const bytes = new Uint8Array((this.#count - fromEntry) * OFFSET_ENTRY_BYTES);
    const view = new DataView(bytes.buffer);
    for (let word = fromEntry * 2, at = 0; word < this.#count * 2; word += 1, at += 4) {
      view.setInt32(at, this.#entries[word] ?? 0);
    }
    return bytes;
  }

  /** Index of the last entry whose field (0 offset, 1 position) is at most `target`; -1 when none is. */
  #lastAtMost(target: number, field: 0 | 1): number {
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle * 2 + field] ?? 0) <= target) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  /**
   * The index in `bytes`, or undefined when it can't be one. Kafka grows the file of an active
   * segment ahead with zeros, which an unclean stop leaves there: they end the index.
   */
  static decode(baseOffset: number, bytes: Uint8Array, logBytes: number): OffsetIndex | undefined {
    if (bytes.byteLength % OFFSET_ENTRY_BYTES !== 0) return undefined;
    const index = new OffsetIndex(baseOffset);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let lastOffset = -1;
    let lastPosition = -1;
    for (let at = 0; at < bytes.byteLength; at += OFFSET_ENTRY_BYTES) {
      const offset = view.getInt32(at);
      const position = view.getInt32(at + 4);
      if (offset === 0 && position === 0 && isZero(bytes, at)) return index;
      if (offset <= lastOffset || position <= lastPosition || position >= logBytes)
        return undefined;
      index.append(baseOffset + offset, position);
      lastOffset = offset;
      lastPosition = position;
    }
    return index;
  }
}

/** Whether nothing but zeros follows. */
export function isZero(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.byteLength; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
