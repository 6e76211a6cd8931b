import type { TopicPartition } from './records.ts';

/** Most requests name a topic once and its partitions below. */
export function byTopic<T extends TopicPartition>(
  partitions: readonly T[],
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const partition of partitions) {
    const group = groups.get(partition.topic);
    if (group === undefined) groups.set(partition.topic, [partition]);
    else group.push(partition);
  }
  return groups;
}
