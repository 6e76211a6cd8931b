import { openBatch, readBatchHeader, RecordCursor } from '@millrace/kafka-protocol';

export interface TimestampedOffset {
  readonly offset: number;
  readonly timestampMs: number;
  /** Of the batch; -1 when unknown. */
  readonly leaderEpoch: number;
}

/** The first record of a batch, at or behind `offsetMin`, whose time is wanted; decompresses the batch. */
export async function findRecordAtTime(
  bytes: Uint8Array,
  isWanted: (timestampMs: number) => boolean,
  offsetMin: number,
): Promise<TimestampedOffset | undefined> {
  const leaderEpoch = readBatchHeader(bytes, 0).partitionLeaderEpoch;
  const cursor = new RecordCursor(await openBatch(bytes));
  while (cursor.next()) {
    const { offset, timestampMs } = cursor;
    if (offset >= offsetMin && isWanted(timestampMs)) return { offset, timestampMs, leaderEpoch };
  }
  return undefined;
}
