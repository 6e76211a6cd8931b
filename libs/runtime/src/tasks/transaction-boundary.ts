import type { TransactionContext } from '@millrace/connector-api';
import type { Clock } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';

/** When a transaction ends: `transaction.boundary` of KIP-618. */
export type TransactionBoundary = 'poll' | 'interval' | 'connector';

/** What is to be done after a record or a batch. */
export type TransactionEnd = 'commit' | 'abort' | undefined;

/** What the connector asked for, with `transaction.boundary=connector`. */
export class RequestedBoundaries implements TransactionContext {
  #afterBatch: TransactionEnd;
  /** By identity: the very records that the next `poll` returns. */
  readonly #afterRecord = new Map<SourceRecord, 'commit' | 'abort'>();

  commitTransaction(record?: SourceRecord): void {
    this.#request('commit', record);
  }

  abortTransaction(record?: SourceRecord): void {
    this.#request('abort', record);
  }

  takeAfter(record: SourceRecord): TransactionEnd {
    const end = this.#afterRecord.get(record);
    this.#afterRecord.delete(record);
    return end;
  }

  get hasRecords(): boolean {
    return this.#afterRecord.size > 0;
  }

  /** Requests for records that did not come are forgotten with the batch (INV-6). */
  takeAfterBatch(): TransactionEnd {
    const end = this.#afterBatch;
    this.#afterBatch = undefined;
    this.#afterRecord.clear();
    return end;
  }

  #request(end: 'commit' | 'abort', record: SourceRecord | undefined): void {
    if (record === undefined) this.#afterBatch = end;
    else this.#afterRecord.set(record, end);
  }
}

/** Whether a transaction is old enough, with `transaction.boundary=interval`. */
export class BoundaryInterval {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #sinceMs: number;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#sinceMs = clock.monotonicMs();
  }

  /** Since the open transaction began. */
  get elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#sinceMs;
  }

  get isOver(): boolean {
    return this.elapsedMs >= this.#intervalMs;
  }

  begin(): void {
    this.#sinceMs = this.#clock.monotonicMs();
  }
}
