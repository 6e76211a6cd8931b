import type { Plan } from '../write/plan.ts';
import type { RowTarget } from '../write/session.ts';

/** Rows of one table in the form of the target, one after another. Lent until they are written. */
export interface EncodedRows extends RowTarget {
  readonly count: number;
  readonly bytes: Buffer;
  /** Where each row ends in `bytes`; the first begins at 0. */
  readonly ends: Int32Array;
}

const FIRST_ROWS = 1_024;
const HASH_SEED = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/**
 * Where the rows of one table lie in the memory of a run, and which of them are the last of their key. Deleted rows have
 * a key alone. One is used again for each run.
 */
export class RunRows {
  readonly plan: Plan;
  count = 0;
  #starts = new Int32Array(FIRST_ROWS);
  #keyEnds = new Int32Array(FIRST_ROWS);
  /** Of a delete where its key ends. */
  #ends = new Int32Array(FIRST_ROWS);
  /** Index of the record in the run. */
  #records = new Int32Array(FIRST_ROWS);
  #isDelete = new Uint8Array(FIRST_ROWS);
  #deleteCount = 0;
  #packed: Buffer = Buffer.alloc(0);

  constructor(plan: Plan) {
    this.plan = plan;
  }

  get hasDeletes(): boolean {
    return this.#deleteCount > 0;
  }

  clear(): void {
    this.count = 0;
    this.#deleteCount = 0;
  }

  add(record: number, start: number, keyEnd: number, end: number, isDelete: boolean): void {
    const index = this.count++;
    if (index === this.#starts.length) this.#grow();
    this.#starts[index] = start;
    this.#keyEnds[index] = keyEnd;
    this.#ends[index] = end;
    this.#records[index] = record;
    this.#isDelete[index] = isDelete ? 1 : 0;
    if (isDelete) this.#deleteCount++;
  }

  /** All rows, in their order. */
  all(out: Buffer): EncodedRows {
    const order = new Int32Array(this.count);
    for (let index = 0; index < order.length; index++) order[index] = index;
    return this.#encoded(out, order);
  }

  /** Of each key the last row, unless it was deleted after, and the last delete, if any; in the order of keys. */
  lastOfKeys(out: Buffer): { readonly rows: EncodedRows; readonly deletedRecords: number[] } {
    const { count } = this;
    if (this.#deleteCount === 0 && this.#isAscending(out))
      return { rows: this.all(out), deletedRecords: [] };
    const { firsts, lasts, deletes } = this.#states(out);
    const states = firsts
      .map((_, state) => state)
      .sort((left, right) => this.#compare(out, firsts[left] ?? 0, firsts[right] ?? 0));
    const order = new Int32Array(count);
    let kept = 0;
    const deletedRecords: number[] = [];
    for (const state of states) {
      const deleted = deletes[state] ?? -1;
      const last = lasts[state] ?? -1;
      if (deleted >= 0) deletedRecords.push(this.#records[deleted] ?? 0);
      if (last >= 0) order[kept++] = last;
    }
    return { rows: this.#encoded(out, order.subarray(0, kept)), deletedRecords };
  }

  /** For each key, in the order of their first rows: its first row, its last that stands, its last delete; -1 none. */
  #states(out: Buffer): {
    readonly firsts: number[];
    readonly lasts: number[];
    readonly deletes: number[];
  } {
    const firsts: number[] = [];
    const lasts: number[] = [];
    const deletes: number[] = [];
    let size = 2_048;
    while (size < this.count * 2) size *= 2;
    const slots = new Int32Array(size);
    for (let index = 0; index < this.count; index++) {
      const start = this.#starts[index] ?? 0;
      const end = this.#keyEnds[index] ?? 0;
      let slot = hashOf(out, start, end) & (size - 1);
      for (; slots[slot] !== 0; slot = (slot + 1) & (size - 1))
        if (this.#compare(out, firsts[(slots[slot] ?? 0) - 1] ?? 0, index) === 0) break;
      let state = (slots[slot] ?? 0) - 1;
      if (state < 0) {
        state = firsts.push(index) - 1;
        slots[slot] = state + 1;
        deletes.push(-1);
        lasts.push(-1);
      }
      if (this.#isDelete[index] === 1) deletes[state] = index;
      lasts[state] = this.#isDelete[index] === 1 ? -1 : index;
    }
    return { firsts, lasts, deletes };
  }

  /** So that there is no key twice, and nothing to be sorted. */
  #isAscending(out: Buffer): boolean {
    for (let index = 1; index < this.count; index++)
      if (this.#compare(out, index - 1, index) >= 0) return false;
    return true;
  }

  /** Shorter first, then by their bytes: the order of numbers for whole numbers, and the same for every writer. */
  #compare(out: Buffer, left: number, right: number): number {
    let leftAt = this.#starts[left] ?? 0;
    let rightAt = this.#starts[right] ?? 0;
    const leftEnd = this.#keyEnds[left] ?? 0;
    const longer = leftEnd - leftAt - ((this.#keyEnds[right] ?? 0) - rightAt);
    if (longer !== 0) return longer;
    for (; leftAt < leftEnd; leftAt++, rightAt++) {
      const difference = (out[leftAt] ?? 0) - (out[rightAt] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #encoded(out: Buffer, order: Int32Array): EncodedRows {
    const { table, columns, keyCount } = this.plan;
    const count = order.length;
    const ends = new Int32Array(count);
    const base = this.#starts[order[0] ?? 0] ?? 0;
    let size = 0;
    let isInPlace = true;
    for (let index = 0; index < count; index++) {
      const row = order[index] ?? 0;
      const start = this.#starts[row] ?? 0;
      if (start !== base + size) isInPlace = false;
      size += (this.#ends[row] ?? 0) - start;
      ends[index] = size;
    }
    const bytes = isInPlace ? out.subarray(base, base + size) : this.#pack(out, order, size);
    return { table, columns, keyCount, count, bytes, ends };
  }

  #pack(out: Buffer, order: Int32Array, size: number): Buffer {
    if (this.#packed.byteLength < size) this.#packed = Buffer.allocUnsafeSlow(size);
    const packed = this.#packed;
    let to = 0;
    for (const row of order) to += out.copy(packed, to, this.#starts[row], this.#ends[row]);
    return packed.subarray(0, size);
  }

  #grow(): void {
    const length = this.#starts.length * 2;
    this.#starts = longer(this.#starts, length);
    this.#keyEnds = longer(this.#keyEnds, length);
    this.#ends = longer(this.#ends, length);
    this.#records = longer(this.#records, length);
    const isDelete = new Uint8Array(length);
    isDelete.set(this.#isDelete);
    this.#isDelete = isDelete;
  }
}

function longer(values: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(values);
  return copy;
}

/** FNV-1a. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), HASH_PRIME);
  return hash ^ (hash >>> 15);
}
