import type { ReplayedTransaction, TransactionLogRecord } from './transaction-records.ts';

/** Where the states of transactions are kept: `__transaction_state`. */
export interface TransactionStore {
  /**
   * Writes one record and answers with 0 or the error for the client: once it is durable, or, when
   * nobody may rely on it before the next durable one, once it is written.
   */
  append(
    transactionalId: string,
    record: TransactionLogRecord,
    options: { readonly isDurable: boolean },
  ): Promise<number>;
  /** Everything stored, oldest first for each id. */
  replay(apply: (record: ReplayedTransaction) => void): Promise<void>;
}
