import type { Random } from '@millrace/foundation';
import type { Cluster } from './cluster.ts';
import { PartitionQueue } from './partition-queue.ts';

/**
 * The queues of one topic, and where its records without a key go: to one partition for a batch's
 * worth of bytes, then to another, the rather the less is queued there (KIP-794).
 */
export class TopicQueues {
  readonly name: string;
  partitionCount = 0;
  readonly #cluster: Cluster;
  readonly #batchBytes: number;
  readonly #partitions: (PartitionQueue | undefined)[] = [];
  #sticky = -1;
  /** What the sticky partition was given in its turn. */
  #stickyBytes = 0;

  constructor(name: string, batchBytes: number, cluster: Cluster) {
    this.name = name;
    this.#batchBytes = batchBytes;
    this.#cluster = cluster;
  }

  queue(partition: number): PartitionQueue {
    return (this.#partitions[partition] ??= new PartitionQueue(
      this.name,
      partition,
      this.#batchBytes,
    ));
  }

  /** Where a record of so many bytes goes that says nothing about it. */
  stick(bytes: number): number {
    const queue = this.#partitions[this.#sticky];
    const open = queue?.open;
    const isFull =
      open !== undefined && queue !== undefined && open.byteLength + bytes > queue.batchBytes;
    const hasHadTurn = this.#stickyBytes >= this.#batchBytes;
    if (
      this.#sticky < 0 ||
      this.#sticky >= this.partitionCount ||
      // In the middle of a batch only when it goes on and on.
      (hasHadTurn && (open === undefined || this.#stickyBytes >= 2 * this.#batchBytes)) ||
      isFull
    ) {
      if (isFull) queue.open = undefined;
      this.#sticky = this.#choose(this.#cluster.settings.random);
      this.#stickyBytes = 0;
    }
    this.#stickyBytes += bytes;
    return this.#sticky;
  }

  #choose(random: Random): number {
    let longest = 0;
    for (const queue of this.#partitions) longest = Math.max(longest, queue?.length ?? 0);
    const available: number[] = [];
    let total = 0;
    for (let partition = 0; partition < this.partitionCount; partition += 1) {
      if (this.#cluster.findLeader(this.name, partition) === undefined) continue;
      available.push(partition);
      total += this.#weight(partition, longest);
    }
    let left = random.nextInt(Math.max(1, total));
    for (const partition of available) {
      left -= this.#weight(partition, longest);
      if (left < 0) return partition;
    }
    // No partition has a leader: any will do until there is one.
    return random.nextInt(Math.max(1, this.partitionCount));
  }

  #weight(partition: number, longest: number): number {
    return longest + 1 - (this.#partitions[partition]?.length ?? 0);
  }
}
