import type { TopicPartition, TopicPartitionOffset } from '@millrace/connector-api';

interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to hand out; everything below went through `put` or a strategy. */
  position: number | undefined;
  /** What the group holds; where a rewind goes. */
  committed: number | undefined;
  /** The first offset that was handed out, when nothing was committed yet. */
  first: number | undefined;
}

/** Which partitions were ours at a moment; one that was revoked and assigned again is not the same. */
export type OwnedPartitions = ReadonlyMap<string, object>;

/** How far each assigned partition has been consumed and committed. */
export class SinkPositions {
  readonly #partitions = new Map<string, PartitionProgress>();

  get count(): number {
    return this.#partitions.size;
  }

  /** Records that went through and whose offset is not committed. */
  get uncommittedCount(): number {
    let count = 0;
    for (const { position, committed, first } of this.#partitions.values())
      if (position !== undefined) count += Math.max(0, position - (committed ?? first ?? position));
    return count;
  }

  all(): readonly TopicPartition[] {
    return [...this.#partitions.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  has({ topic, partition }: TopicPartition): boolean {
    return this.#partitions.has(keyOf(topic, partition));
  }

  assign({ topic, partition }: TopicPartition, committed: number | undefined): void {
    const progress = { topic, partition, position: undefined, committed, first: undefined };
    this.#partitions.set(keyOf(topic, partition), progress);
  }

  release({ topic, partition }: TopicPartition): void {
    this.#partitions.delete(keyOf(topic, partition));
  }

  snapshot(): OwnedPartitions {
    return new Map(this.#partitions);
  }

  /** False when the partition was taken from us since, even if it came back. */
  isStillOwned(topic: string, partition: number, owned: OwnedPartitions): boolean {
    const key = keyOf(topic, partition);
    const progress = this.#partitions.get(key);
    return progress !== undefined && progress === owned.get(key);
  }

  /** Whether no partition was taken from us since. */
  areAllOwned(owned: OwnedPartitions): boolean {
    for (const [key, progress] of owned) if (this.#partitions.get(key) !== progress) return false;
    return true;
  }

  /** A record was fetched: where a rewind without a committed offset would go. */
  begin(topic: string, partition: number, offset: number): void {
    const progress = this.#partitions.get(keyOf(topic, partition));
    if (progress !== undefined) progress.first ??= offset;
  }

  /** Everything below `next` is done. A partition that was taken from us stays forgotten. */
  advance(topic: string, partition: number, next: number): void {
    const progress = this.#partitions.get(keyOf(topic, partition));
    if (progress !== undefined) progress.position = next;
  }

  /** What may be committed: positions that moved, of these partitions or of all. */
  moved(among?: readonly TopicPartition[]): readonly TopicPartitionOffset[] {
    const chosen =
      among === undefined
        ? [...this.#partitions.values()]
        : among.flatMap(
            ({ topic, partition }) => this.#partitions.get(keyOf(topic, partition)) ?? [],
          );
    return chosen.flatMap(({ topic, partition, position, committed }) =>
      position === undefined || position === committed
        ? []
        : [{ topic, partition, offset: position }],
    );
  }

  partitions(): readonly TopicPartition[] {
    return [...this.#partitions.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Of all partitions that anything was consumed of, whether it moved or not. */
  current(): readonly TopicPartitionOffset[] {
    return [...this.#partitions.values()].flatMap(({ topic, partition, position }) =>
      position === undefined ? [] : [{ topic, partition, offset: position }],
    );
  }

  /** Only offsets of partitions that are ours, and not beyond what was consumed. */
  safe(offsets: readonly TopicPartitionOffset[]): readonly TopicPartitionOffset[] {
    return offsets.filter(({ topic, partition, offset }) => {
      const position = this.#partitions.get(keyOf(topic, partition))?.position;
      return position !== undefined && offset <= position;
    });
  }

  markCommitted(offsets: readonly TopicPartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) {
      const progress = this.#partitions.get(keyOf(topic, partition));
      if (progress !== undefined) progress.committed = offset;
    }
  }

  /** Where to go on when what was put can't be trusted: the last committed offsets. */
  rewind(): readonly TopicPartitionOffset[] {
    const targets: TopicPartitionOffset[] = [];
    for (const progress of this.#partitions.values()) {
      const offset = progress.committed ?? progress.first;
      if (offset === undefined || progress.position === undefined) continue;
      progress.position = progress.committed;
      targets.push({ topic: progress.topic, partition: progress.partition, offset });
    }
    return targets;
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
