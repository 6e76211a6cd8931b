import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';

/** Only its offset counts. */
export function offsetOnlyRecord(
  sourcePartition: SourcePartition,
  sourceOffset: SourceOffset,
): SourceRecord {
  return {
    topic: '',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestampMs: null,
    headers: [],
    sourcePartition,
    sourceOffset,
    isOffsetOnly: true,
  };
}
