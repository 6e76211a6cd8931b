import type { PartialTransaction, StreamPosition } from '../position.ts';

/** Whether a change is to be delivered; unknown: by an offset of Debezium that counts no changes at its LSN. */
export type Standing = 'new' | 'delivered' | 'unknown';

/**
 * Where the stream stands: transactions come in the order of their commits, and within one the changes come in WAL
 * order, several of them at one LSN. Of the first transaction after a start, what was delivered before is told apart
 * by counting (INV-2); LSNs of different transactions are never compared.
 */
export class StreamPlace {
  #commitLsn: number;
  #hasSeenCommit: boolean;
  #resumeLsn: number;
  #isInTransaction = false;
  #txId: number | null;
  #lsn = 0;
  #countAtLsn = 0;
  /** What of the first transaction was delivered before. */
  #delivered: PartialTransaction | null;
  #isSkipping = false;
  #isHalfway = false;

  /** @param isAfterCommit false when the position is that of a snapshot or a new slot */
  constructor(position: StreamPosition, isAfterCommit: boolean) {
    this.#commitLsn = position.commitLsn;
    this.#hasSeenCommit = isAfterCommit;
    this.#resumeLsn = position.commitLsn;
    this.#delivered = position.partial;
    this.#txId = position.partial?.txId ?? null;
  }

  /** End of the last transaction. */
  get commitLsn(): number {
    return this.#commitLsn;
  }

  /** The same, once one was seen to end. */
  get sequenceLsn(): number | null {
    return this.#hasSeenCommit ? this.#commitLsn : null;
  }

  /** Where a new connection goes on: the last transaction's end, or later if the server said so. */
  get resumeLsn(): number {
    return this.#resumeLsn;
  }

  get txId(): number | null {
    return this.#txId;
  }

  get lsn(): number {
    return this.#lsn;
  }

  /** How many changes at `lsn` were counted. */
  get countAtLsn(): number {
    return this.#countAtLsn;
  }

  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  /** Within a transaction, behind its first change. */
  get isPartial(): boolean {
    return this.#isInTransaction && this.#countAtLsn > 0;
  }

  /** Where another stream has to begin to continue this one. */
  get resumePosition(): StreamPosition {
    if (this.#delivered !== null) return { commitLsn: this.#resumeLsn, partial: this.#delivered };
    if (!this.isPartial || this.#txId === null)
      return { commitLsn: this.#resumeLsn, partial: null };
    return {
      commitLsn: this.#resumeLsn,
      partial: {
        txId: this.#txId,
        lsn: this.#lsn,
        countAtLsn: this.#countAtLsn - (this.#isHalfway ? 1 : 0),
      },
    };
  }

  /** A transaction begins; true when it was delivered in part before. */
  begin(txId: number, lsn: number): boolean {
    this.#txId = txId;
    this.#isInTransaction = true;
    this.#lsn = lsn;
    this.#countAtLsn = 0;
    // The first transaction after a restart may have been delivered in part; another one was not.
    this.#isSkipping = this.#delivered?.txId === txId;
    if (!this.#isSkipping) this.#delivered = null;
    return this.#isSkipping;
  }

  commit(endLsn: number): void {
    this.#isSkipping = false;
    this.#delivered = null;
    this.#isInTransaction = false;
    this.#isHalfway = false;
    this.#commitLsn = endLsn;
    this.#hasSeenCommit = true;
    this.#resumeLsn = Math.max(this.#resumeLsn, endLsn);
  }

  /** Counts a change. Until `made` it counts as not delivered, should its record fail. */
  count(lsn: number): Standing {
    if (lsn === this.#lsn && this.#countAtLsn > 0) this.#countAtLsn++;
    else {
      this.#lsn = lsn;
      this.#countAtLsn = 1;
    }
    this.#isHalfway = true;
    const delivered = this.#delivered;
    if (!this.#isSkipping || delivered === null) return 'new';
    if (lsn < delivered.lsn) return 'delivered';
    if (lsn === delivered.lsn) {
      if (delivered.countAtLsn === null) return 'unknown';
      return this.#countAtLsn <= delivered.countAtLsn ? 'delivered' : 'new';
    }
    this.#isSkipping = false;
    this.#delivered = null;
    return 'new';
  }

  made(): void {
    this.#isHalfway = false;
  }

  /** A message that belongs to no transaction: once delivered, the stream goes on behind it. */
  passMessage(lsn: number): void {
    this.#commitLsn = Math.max(this.#commitLsn, lsn);
    this.#hasSeenCommit = true;
    this.#resumeLsn = Math.max(this.#resumeLsn, lsn + 1);
  }

  /** Everything that committed before this was sent; false while that can't be said. */
  passServer(lsn: number): boolean {
    if (this.#isInTransaction || this.#delivered !== null) return false;
    this.#resumeLsn = Math.max(this.#resumeLsn, lsn);
    return true;
  }
}
