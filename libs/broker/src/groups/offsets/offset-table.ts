import type { GroupLogRecord } from '../group-log-record.ts';
import { offsetRecord, type CommittedOffset } from '../group-records.ts';

export type OffsetsByTopic = ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>;
export type OffsetTable = Map<string, Map<number, CommittedOffset>>;

export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

export function setOffset(
  topics: OffsetTable,
  topic: string,
  partition: number,
  committed: CommittedOffset | null,
): void {
  const partitions = topics.get(topic);
  if (committed === null) {
    partitions?.delete(partition);
    if (partitions?.size === 0) topics.delete(topic);
  } else if (partitions === undefined) {
    topics.set(topic, new Map([[partition, committed]]));
  } else {
    partitions.set(partition, committed);
  }
}

export function offsetTombstones(groupId: string, offsets: OffsetsByTopic): GroupLogRecord[] {
  return [...offsets].flatMap(([topic, partitions]) =>
    [...partitions.keys()].map((partition) => offsetRecord(groupId, topic, partition, null)),
  );
}

export function countOffsets(offsets: OffsetsByTopic): number {
  let count = 0;
  for (const partitions of offsets.values()) count += partitions.size;
  return count;
}
