import { isOlderXid } from './spill-entry.ts';

const COUNT_MAX = 4096;
const BYTES_APART_MIN = 64 << 10;

/**
 * Some places of a spilled transaction and the xids there, so that the part of an aborted subtransaction is found
 * without reading everything. A bounded number: when there are too many, every other one goes (INV-6).
 */
export class OffsetMarks {
  #offsets: number[] = [];
  #xids: number[] = [];
  #bytesApart = BYTES_APART_MIN;

  add(offset: number, xid: number): void {
    const last = this.#offsets.at(-1);
    if (last !== undefined && offset - last < this.#bytesApart) return;
    this.#offsets.push(offset);
    this.#xids.push(xid);
    if (this.#offsets.length <= COUNT_MAX) return;
    this.#offsets = this.#offsets.filter((_, index) => index % 2 === 0);
    this.#xids = this.#xids.filter((_, index) => index % 2 === 0);
    this.#bytesApart *= 2;
  }

  /** The last place that is not within the part of `xid` or of what it began; 0 if none is known. */
  before(xid: number): number {
    for (let index = this.#offsets.length - 1; index >= 0; index--)
      if (isOlderXid(this.#xids[index] ?? 0, xid)) return this.#offsets[index] ?? 0;
    return 0;
  }

  /** Forgets what lies at or behind this offset. */
  cut(offset: number): void {
    let count = this.#offsets.length;
    while (count > 0 && (this.#offsets[count - 1] ?? 0) >= offset) count--;
    this.#offsets.length = count;
    this.#xids.length = count;
  }
}
