import type { SourceRecord } from '@millrace/record';

type Given = Pick<SourceRecord, 'topic' | 'sourcePartition' | 'sourceOffset'> &
  Partial<SourceRecord>;

/** A source record of what is given: no key, no schemas, no headers, and the time of production unless they are. */
export function sourceRecord(given: Given): SourceRecord {
  return {
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestampMs: null,
    headers: [],
    ...given,
  };
}
