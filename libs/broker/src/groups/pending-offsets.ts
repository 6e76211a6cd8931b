import type { CommittedOffset } from './group-records.ts';

/** Who wrote offsets in a transaction, and on which partition of `__consumer_offsets` its marker will come. */
export interface OffsetsTransaction {
  readonly partition: number;
  readonly producerId: number;
}

export interface PendingOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

interface Kept extends PendingOffset {
  /** A later commit without a transaction, or a deletion, came after it in the log: it never counts. */
  isSuperseded: boolean;
}

interface Open {
  readonly offsets: Map<string, Kept>;
  /** Offsets that are being stored: a marker that comes behind them in the log covers them too. */
  readonly writes: Set<Promise<unknown>>;
}

/**
 * Offsets that were committed in transactions which are not decided yet. They are in
 * `__consumer_offsets` already; a commit marker on the same partition makes them count, an abort
 * drops them. Of two offsets for one partition the later one in the log wins, as in Kafka.
 */
export class PendingOffsets {
  readonly #open = new Map<string, Open>();
  /** How many transactions have offsets for a group's partition. */
  readonly #byTarget = new Map<string, number>();
  readonly #byGroup = new Map<string, number>();

  /** Tells of a write that is on its way, so that the end of the transaction waits for it. */
  announce(transaction: OffsetsTransaction, write: Promise<unknown>): void {
    const open = this.#ensure(transaction);
    const settled = write.finally(() => {
      open.writes.delete(settled);
      this.#dropIfEmpty(transaction, open);
    });
    open.writes.add(settled);
  }

  /** The offset is in the log, behind all that was added before. */
  add(transaction: OffsetsTransaction, offset: PendingOffset): void {
    const { offsets } = this.#ensure(transaction);
    const target = targetOf(offset.group, offset.topic, offset.partition);
    if (!offsets.has(target)) {
      count(this.#byTarget, target, 1);
      count(this.#byGroup, offset.group, 1);
    }
    offsets.set(target, { ...offset, isSuperseded: false });
  }

  /** The offset was committed or deleted outside of a transaction. */
  supersede(group: string, topic: string, partition: number): void {
    const target = targetOf(group, topic, partition);
    if (!this.#byTarget.has(target)) return;
    for (const { offsets } of this.#open.values()) {
      const kept = offsets.get(target);
      if (kept !== undefined) kept.isSuperseded = true;
    }
  }

  /** The same for all offsets of a group or topic that is deleted. Answers which they were. */
  supersedeWhere(isGone: (offset: PendingOffset) => boolean): readonly PendingOffset[] {
    const gone: PendingOffset[] = [];
    for (const { offsets } of this.#open.values()) {
      for (const kept of offsets.values()) {
        if (kept.isSuperseded || !isGone(kept)) continue;
        kept.isSuperseded = true;
        gone.push(kept);
      }
    }
    return gone;
  }

  /** A transaction that is not decided yet may change this offset. */
  has(group: string, topic: string, partition: number): boolean {
    return this.#byTarget.has(targetOf(group, topic, partition));
  }

  hasGroup(group: string): boolean {
    return this.#byGroup.has(group);
  }

  /** What is on its way to the log now. Asked before the marker is written. */
  async writesBefore(transaction: OffsetsTransaction): Promise<void> {
    const open = this.#open.get(keyOf(transaction));
    if (open !== undefined) await Promise.allSettled(open.writes);
  }

  /** The transaction is decided. Answers what counts from now on if it was committed. */
  end(transaction: OffsetsTransaction): readonly PendingOffset[] {
    const key = keyOf(transaction);
    const open = this.#open.get(key);
    if (open === undefined) return [];
    const decided = [...open.offsets.values()];
    for (const { group, topic, partition } of decided) {
      count(this.#byTarget, targetOf(group, topic, partition), -1);
      count(this.#byGroup, group, -1);
    }
    open.offsets.clear();
    this.#dropIfEmpty(transaction, open);
    return decided.filter((kept) => !kept.isSuperseded);
  }

  #ensure(transaction: OffsetsTransaction): Open {
    const key = keyOf(transaction);
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const open: Open = { offsets: new Map(), writes: new Set() };
    this.#open.set(key, open);
    return open;
  }

  #dropIfEmpty(transaction: OffsetsTransaction, open: Open): void {
    const key = keyOf(transaction);
    if (open.offsets.size === 0 && open.writes.size === 0 && this.#open.get(key) === open)
      this.#open.delete(key);
  }
}

function keyOf({ partition, producerId }: OffsetsTransaction): string {
  return `${partition}:${producerId}`;
}

function targetOf(group: string, topic: string, partition: number): string {
  return `${topic}:${partition}:${group}`;
}

function count(counts: Map<string, number>, key: string, change: number): void {
  const next = (counts.get(key) ?? 0) + change;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
