import {
  schemas,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
} from '@millrace/record';

const KEY = schemas.struct(
  { id: schemas.string() },
  { name: 'io.debezium.connector.common.TransactionMetadataKey', version: 1 },
);
const COLLECTION = schemas.struct(
  { data_collection: schemas.string(), event_count: schemas.int64() },
  { name: 'event.collection', version: 1, optional: true },
);
const VALUE = schemas.struct(
  {
    status: schemas.string(),
    id: schemas.string(),
    event_count: schemas.int64({ optional: true }),
    data_collections: schemas.array(COLLECTION, { optional: true }),
    ts_ms: schemas.int64(),
  },
  { name: 'io.debezium.connector.common.TransactionMetadataValue', version: 1 },
);

export interface TransactionBoundary {
  readonly topic: string;
  readonly id: string;
  readonly timestampMs: number;
  readonly sourcePartition: SourcePartition;
  readonly sourceOffset: SourceOffset;
}

/** Counts the events of the transaction in progress, in all and by table. */
export class TransactionCounter {
  #total = 0;
  readonly #byTable = new Map<string, number>();

  begin(): void {
    this.#total = 0;
    this.#byTable.clear();
  }

  /** The 1-based orders of one more event. */
  count(table: string): { readonly totalOrder: number; readonly tableOrder: number } {
    const tableOrder = (this.#byTable.get(table) ?? 0) + 1;
    this.#byTable.set(table, tableOrder);
    return { totalOrder: ++this.#total, tableOrder };
  }

  beginRecord(boundary: TransactionBoundary): SourceRecord {
    return boundaryRecord(boundary, 'BEGIN', null, null);
  }

  endRecord(boundary: TransactionBoundary): SourceRecord {
    const collections = [...this.#byTable].map(([table, count]) => ({
      data_collection: table,
      event_count: count,
    }));
    return boundaryRecord(boundary, 'END', this.#total, collections);
  }
}

function boundaryRecord(
  boundary: TransactionBoundary,
  status: 'BEGIN' | 'END',
  eventCount: number | null,
  collections: readonly unknown[] | null,
): SourceRecord {
  return {
    topic: boundary.topic,
    partition: null,
    keySchema: KEY,
    key: { id: boundary.id },
    valueSchema: VALUE,
    value: {
      status,
      id: boundary.id,
      event_count: eventCount,
      data_collections: collections,
      ts_ms: boundary.timestampMs,
    },
    timestampMs: null,
    headers: [],
    sourcePartition: boundary.sourcePartition,
    sourceOffset: boundary.sourceOffset,
  };
}
