import type {
  AlteredSinkOffset,
  TopicPartition,
  TopicPartitionOffset,
} from '@millrace/connector-api';
import { must } from '@millrace/foundation';
import { fenced } from '../../errors.ts';
import type { Session } from './session.ts';

/** What a partition's row in the offsets table says. */
export interface StoredOffset extends TopicPartition {
  /** Every record below is in the target; -1: nothing is known. */
  readonly next: number;
  /** Raised by each task that takes the partition over; one that has an older epoch writes no more. */
  readonly epoch: number;
}

/** A partition goes on by what is about to be committed. */
export interface OffsetMove extends TopicPartition {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

export const NO_OFFSET = -1;

/** The table of offsets in a target, over one connection. */
export interface StoredOffsets {
  /** Raises the epochs of partitions, and returns what is stored of them; makes the table when it is missing. */
  claim(
    connector: string,
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StoredOffset[]>;
  /** Within a transaction; returns how many of the moves took effect. */
  advance(connector: string, moves: readonly OffsetMove[], signal: AbortSignal): Promise<number>;
  read(
    connector: string,
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StoredOffset[]>;
  /** As a person wishes; null forgets. Whoever still writes is fenced. Makes the table when it is missing. */
  alter(
    connector: string,
    offsets: readonly AlteredSinkOffset[],
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * Exactly-once: how far each partition is in the target is stored there, in the transaction of its rows. INV-9: the
 * move names the epoch and the offset that it starts from, so of two owners, and of a COMMIT without an answer that is
 * tried again, only one takes effect.
 */
export class OffsetLedger {
  readonly #connector: string;
  readonly #owned = new Map<string, StoredOffset>();

  constructor(connector: string) {
    this.#connector = connector;
  }

  /** Takes partitions over; returns where to go on, of those that have been written before. */
  async claim(
    session: Session,
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly TopicPartitionOffset[]> {
    const claimed = await session.offsets.claim(this.#connector, partitions, signal);
    for (const stored of claimed) this.#owned.set(keyOf(stored), stored);
    return claimed.flatMap(({ topic, partition, next }) =>
      next === NO_OFFSET ? [] : [{ topic, partition, offset: next }],
    );
  }

  release(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#owned.delete(keyOf(partition));
  }

  /**
   * The moves that records of a batch make. Records below what is stored have been taken before: they are replayed
   * dead letters, and move nothing.
   */
  moves(records: Iterable<TopicPartitionOffset>): readonly OffsetMove[] {
    const moves = new Map<string, OffsetMove>();
    for (const record of records) {
      const key = keyOf(record);
      const stored = this.#owned.get(key);
      const to = record.offset + 1;
      if (stored === undefined || to <= (moves.get(key)?.to ?? stored.next)) continue;
      const { topic, partition, epoch, next } = stored;
      moves.set(key, { topic, partition, epoch, from: next, to });
    }
    return [...moves.values()];
  }

  /** Within the transaction. False: something else is stored than is known here; `refresh` tells what. */
  async advance(
    session: Session,
    moves: readonly OffsetMove[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (moves.length === 0) return true;
    return (await session.offsets.advance(this.#connector, moves, signal)) === moves.length;
  }

  committed(moves: readonly OffsetMove[]): void {
    for (const { topic, partition, epoch, to } of moves)
      if (this.#owned.get(keyOf({ topic, partition }))?.epoch === epoch)
        this.#owned.set(keyOf({ topic, partition }), { topic, partition, epoch, next: to });
  }

  /**
   * What is stored of the partitions that were to be moved: where a COMMIT whose answer was lost took effect after all,
   * its records must not be written again.
   * @throws TargetError `jdbc.fenced` when another task has taken one of them over
   */
  async refresh(
    session: Session,
    moves: readonly OffsetMove[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> {
    const found = await session.offsets.read(this.#connector, moves, signal);
    const stored = new Map(found.map((each) => [keyOf(each), each]));
    const next = new Map<string, number>();
    for (const move of moves) {
      const now = stored.get(keyOf(move));
      if (now?.epoch !== move.epoch) throw fenced(move.topic, move.partition);
      this.#owned.set(keyOf(move), must(now, 'an epoch was read'));
      next.set(keyOf(move), now.next);
    }
    return next;
  }
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
