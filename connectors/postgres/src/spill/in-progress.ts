import { readUint32 } from '../decode/bytes.ts';
import { decodeRelation, MESSAGE } from '../decode/pgoutput.ts';
import { spillFull } from '../errors.ts';
import type { SpillFolder } from './spill-folder.ts';
import { SpilledTransaction } from './spilled-transaction.ts';

const BUFFER_BYTES = 1 << 20;
/** A transaction of so little needs no file, while all of those together take less than the second figure. */
const KEPT_BYTES_MAX = 64 << 10;
const KEPT_BYTES_TOTAL_MAX = 4 << 20;

export interface InProgressOptions {
  readonly folder: SpillFolder;
  /** `millrace.transaction.spill.bytes.max`: of all transactions in progress together. */
  readonly bytesMax: number;
  readonly capturesTable: (schema: string, table: string) => boolean;
}

interface Entry {
  readonly transaction: SpilledTransaction;
  /** Tables whose changes nobody wants. */
  readonly ignored: Set<number>;
}

/**
 * The transactions that the server streams before it knows how they end: kept until they commit, dropped when they
 * abort (INV-2 holds by the commit alone). Blocks never overlap, so one buffer serves all of them.
 */
export class InProgressTransactions {
  readonly #options: InProgressOptions;
  readonly #entries = new Map<number, Entry>();
  #buffer: Buffer | undefined;
  #current: Entry | undefined;
  /** Of all but the current one. */
  #otherBytes = 0;

  constructor(options: InProgressOptions) {
    this.#options = options;
  }

  get isInBlock(): boolean {
    return this.#current !== undefined;
  }

  get count(): number {
    return this.#entries.size;
  }

  get bytesOnDisk(): number {
    let bytes = 0;
    for (const { transaction } of this.#entries.values()) bytes += transaction.bytesOnDisk;
    return bytes;
  }

  startBlock(xid: number, lsn: number): void {
    let entry = this.#entries.get(xid);
    if (entry === undefined) {
      const transaction = new SpilledTransaction(xid, lsn, this.#options.folder);
      entry = { transaction, ignored: new Set() };
      this.#entries.set(xid, entry);
    }
    this.#buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
    entry.transaction.useBuffer(this.#buffer);
    this.#otherBytes = this.#bytes() - entry.transaction.bytes;
    this.#current = entry;
  }

  /** Keeps a message of the block. @throws MillraceError `postgres.spill_full`, `postgres.spill_failed` */
  add(frame: Buffer, at: number, end: number, lsnAt: number): Promise<void> | undefined {
    const entry = this.#current;
    if (entry === undefined) throw new RangeError('a change of no block');
    if (this.#isUnwanted(entry, frame, at, end)) return undefined;
    const pending = entry.transaction.add(frame, at, end, lsnAt);
    const { bytesMax, folder } = this.#options;
    if (this.#otherBytes + entry.transaction.bytes > bytesMax)
      throw spillFull(folder.path, bytesMax);
    return pending;
  }

  async stopBlock(): Promise<void> {
    const transaction = this.#current?.transaction;
    this.#current = undefined;
    if (transaction === undefined) return;
    const isSmall = transaction.bytesOnDisk === 0 && transaction.bytesInMemory <= KEPT_BYTES_MAX;
    if (isSmall && this.#bytesInMemory() <= KEPT_BYTES_TOTAL_MAX) transaction.keep();
    else await transaction.flush();
  }

  async abort(xid: number, subxid: number): Promise<void> {
    const transaction = this.#entries.get(xid)?.transaction;
    if (transaction === undefined) return;
    if (xid !== subxid) {
      await transaction.abort(subxid);
      return;
    }
    this.#entries.delete(xid);
    await transaction.close();
  }

  /** The transaction committed: it is the caller's to read and to close. */
  take(xid: number): SpilledTransaction | undefined {
    const transaction = this.#entries.get(xid)?.transaction;
    this.#entries.delete(xid);
    return transaction;
  }

  async close(): Promise<void> {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    this.#current = undefined;
    await Promise.all(all.map(({ transaction }) => transaction.close()));
  }

  #bytes(): number {
    let bytes = 0;
    for (const { transaction } of this.#entries.values()) bytes += transaction.bytes;
    return bytes;
  }

  #bytesInMemory(): number {
    let bytes = 0;
    for (const { transaction } of this.#entries.values()) bytes += transaction.bytesInMemory;
    return bytes;
  }

  /** A transaction is described its tables anew, so what it says itself is enough to know them. */
  #isUnwanted(entry: Entry, frame: Buffer, at: number, end: number): boolean {
    switch (frame[at]) {
      case MESSAGE.type:
        return true;
      case MESSAGE.relation: {
        // Kept in any case: the server won't describe the table again.
        const { oid, schema, table } = decodeRelation(frame, at + XID_BYTES, end);
        if (this.#options.capturesTable(schema, table)) entry.ignored.delete(oid);
        else entry.ignored.add(oid);
        return false;
      }
      case MESSAGE.insert:
      case MESSAGE.update:
      case MESSAGE.delete:
        return entry.ignored.has(readUint32(frame, at + 1 + XID_BYTES));
      default:
        return false;
    }
  }
}

const XID_BYTES = 4;
