/** Partitions by topic id. A topic without partitions is left out. */
export type Assignment = ReadonlyMap<string, ReadonlySet<number>>;

export const NO_PARTITIONS: Assignment = new Map();

/** As messages and records hold it. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export function assignmentFrom(topics: readonly TopicPartitions[]): Assignment {
  const assignment = new Map<string, Set<number>>();
  for (const { topicId, partitions } of topics) {
    if (partitions.length === 0) continue;
    const known = assignment.get(topicId);
    if (known === undefined) assignment.set(topicId, new Set(partitions));
    else for (const partition of partitions) known.add(partition);
  }
  return assignment;
}

export function topicPartitionsOf(assignment: Assignment): readonly TopicPartitions[] {
  return [...assignment].map(([topicId, partitions]) => ({
    topicId,
    partitions: [...partitions].sort((a, b) => a - b),
  }));
}

export function equalAssignments(a: Assignment, b: Assignment): boolean {
  if (a === b) return true;
  return a.size === b.size && isWithin(a, b) && isWithin(b, a);
}

/** Whether every partition of `part` is in `whole`. */
export function isWithin(part: Assignment, whole: Assignment): boolean {
  for (const [topicId, partitions] of part) {
    const others = whole.get(topicId);
    if (others === undefined) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}

/** Whether the two have a partition in common. */
export function overlaps(a: Assignment, b: Assignment): boolean {
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined) continue;
    for (const partition of partitions) if (others.has(partition)) return true;
  }
  return false;
}

export function partitionCountOf(assignment: Assignment): number {
  let count = 0;
  for (const partitions of assignment.values()) count += partitions.size;
  return count;
}

/** Collects partitions one by one. */
export function addPartition(
  assignment: Map<string, Set<number>>,
  topicId: string,
  partition: number,
): void {
  const partitions = assignment.get(topicId);
  if (partitions === undefined) assignment.set(topicId, new Set([partition]));
  else partitions.add(partition);
}
