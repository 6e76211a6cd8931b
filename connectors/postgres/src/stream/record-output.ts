import type { TransactionPlace } from '@millrace/cdc';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import type { BatchContext, TaskRecords, TransactionContext } from '../row-record.ts';
import type { TableShape } from '../table-shape.ts';

/** Where changes hand their records to, and what these have in common. */
export interface RecordOutput {
  readonly task: TaskRecords;
  readonly batch: BatchContext;
  readonly transaction: TransactionContext;
  readonly lsn: number;
  /** How many changes at `lsn` are delivered once the record of this one is. */
  readonly countAtLsn: number;
  /** Counts an event of the table; null without transaction metadata. */
  placeOf(table: TableShape): TransactionPlace | null;
  offsetAt(lsn: number, countAtLsn: number, messageType: string): SourceOffset;
  emit(record: SourceRecord): void;
}
