import type { SourceOffset } from '@millrace/record';
import type { RowSource } from './row-record.ts';
import type { TableShape } from './table-shape.ts';

/**
 * Looks over the shoulder of the stream, for signals and snapshots. After what it stops at, `ChangeStream.read` returns,
 * so that whatever follows is made with what the watch says then.
 */
export interface StreamWatch {
  /** Keys to add to the offsets of the records of one `read`. */
  readonly extras: SourceOffset | null;
  /** The stream stops as soon as everything that committed before was read; `Infinity`: it does not. */
  readonly stopAtLsn: number;
  /** A transaction begins in the stream. */
  begin(txId: number): void;
  /** Whether it wants to see changes of this table. Asked for each change, so it must be cheap. */
  concerns(shape: TableShape): boolean;
  /** A change of such a table. True: a signal; the stream stops behind it, and it comes again unless more is delivered. */
  change(change: WatchedChange): boolean;
  truncate(shape: TableShape): void;
}

export interface WatchedChange {
  readonly shape: TableShape;
  readonly kind: 'insert' | 'update' | 'delete';
  readonly txId: number | null;
  /** As in the stream: `oldAt` is −1 when the server sent no old row, `newAt` without a new one. */
  readonly rows: Pick<RowSource, 'buffer' | 'end' | 'oldAt' | 'newAt'>;
}

/** Nobody looks. */
export const NO_WATCH: StreamWatch = {
  extras: null,
  stopAtLsn: Infinity,
  begin: () => undefined,
  concerns: () => false,
  change: () => false,
  truncate: () => undefined,
};
