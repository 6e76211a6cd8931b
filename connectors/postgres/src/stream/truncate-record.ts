import { placeValue } from '@millrace/cdc';
import { int64, type SourceOffset, type SourceRecord } from '@millrace/record';
import { sourceValue } from '../row-record.ts';
import type { TableShape } from '../table-shape.ts';
import type { RecordOutput } from './record-output.ts';

/** A truncated table: no key, no rows. */
export function truncateRecord(
  shape: TableShape,
  output: RecordOutput,
  sourceOffset: SourceOffset,
): SourceRecord {
  const { batch, lsn, task, transaction } = output;
  return {
    topic: shape.topic,
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: shape.valueSchema,
    value: {
      before: null,
      after: null,
      source: sourceValue(shape, transaction, lsn),
      transaction: placeValue(output.placeOf(shape)),
      op: 't',
      ts_ms: batch.nowMs,
      ts_us: batch.nowMs * 1000,
      ts_ns: int64(BigInt(batch.nowMs) * 1_000_000n),
    },
    timestampMs: null,
    headers: task.headers,
    sourcePartition: task.sourcePartition,
    sourceOffset,
  };
}
