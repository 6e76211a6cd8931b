import type { CommittedOffset } from '@millrace/connector-api';
import type { SourceOffset, SourcePartition, SourceRecord } from '@millrace/record';
import { partitionKey } from '../stores/offset-store.ts';

/** A polled batch on its way; `settle` it when every record of it is acknowledged, dropped or dead-lettered. */
export interface TrackedBatch {
  readonly recordCount: number;
  isSettled: boolean;
}

interface Waiting {
  readonly batch: TrackedBatch;
  readonly offset: SourceOffset;
}

interface PartitionProgress {
  readonly partition: SourcePartition;
  /** In the order in which the source gave them. */
  readonly waiting: Waiting[];
  /** Behind the longest settled prefix; taken by a commit. */
  settled: SourceOffset | undefined;
}

/**
 * Which position of each source partition may be committed: the last one before which nothing is outstanding.
 * Counts by batch, since the producer answers by batch; bounded by the batches in flight.
 */
export class AckTracker {
  readonly #partitions = new Map<string, PartitionProgress>();
  #unsettledCount = 0;

  get hasOutstanding(): boolean {
    return this.#unsettledCount > 0;
  }

  /** Batches are tracked in the order of `poll`. @param recordCount more than there are objects, with runs */
  track(records: readonly SourceRecord[], recordCount = records.length): TrackedBatch {
    const batch: TrackedBatch = { recordCount, isSettled: false };
    for (const { partition, offset } of lastPositions(records)) {
      const key = partitionKey(partition);
      const progress = this.#partitions.get(key) ?? { partition, waiting: [], settled: undefined };
      this.#partitions.set(key, progress);
      progress.waiting.push({ batch, offset });
    }
    this.#unsettledCount++;
    return batch;
  }

  settle(batch: TrackedBatch): void {
    if (batch.isSettled) return;
    batch.isSettled = true;
    this.#unsettledCount--;
  }

  /** The positions that moved since the last call. Who fails to store them gives them back. */
  takeSettled(): readonly CommittedOffset[] {
    const moved: CommittedOffset[] = [];
    for (const [key, progress] of this.#partitions) {
      advance(progress);
      if (progress.settled !== undefined)
        moved.push({ partition: progress.partition, offset: progress.settled });
      progress.settled = undefined;
      if (progress.waiting.length === 0) this.#partitions.delete(key);
    }
    return moved;
  }

  /** Positions taken but not stored: they count again, unless newer ones settled meanwhile. */
  giveBack(positions: readonly CommittedOffset[]): void {
    for (const { partition, offset } of positions) {
      const key = partitionKey(partition);
      const progress = this.#partitions.get(key) ?? { partition, waiting: [], settled: undefined };
      this.#partitions.set(key, progress);
      advance(progress);
      progress.settled ??= offset;
    }
  }
}

function advance(progress: PartitionProgress): void {
  let settledCount = 0;
  for (const waiting of progress.waiting) {
    if (!waiting.batch.isSettled) break;
    progress.settled = waiting.offset;
    settledCount++;
  }
  if (settledCount > 0) progress.waiting.splice(0, settledCount);
}

/** The last position of each source partition in a batch. Lazy records are asked for their partition alone. */
export function lastPositions(records: readonly SourceRecord[]): readonly CommittedOffset[] {
  const seenObjects = new Set<SourcePartition>();
  const seenKeys = new Set<string>();
  const positions: CommittedOffset[] = [];
  let previous: SourcePartition | undefined;
  for (let index = records.length - 1; index >= 0; index--) {
    const record = records[index];
    const partition = record?.sourcePartition;
    if (record === undefined || partition === undefined || partition === previous) continue;
    previous = partition;
    if (seenObjects.has(partition)) continue;
    seenObjects.add(partition);
    const key = partitionKey(partition);
    if (seenKeys.has(key)) continue;
    seenKeys.add(key);
    positions.push({ partition, offset: record.sourceOffset });
  }
  return positions;
}
