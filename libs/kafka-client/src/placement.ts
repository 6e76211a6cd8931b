import { Background } from './background.ts';
import type { CommittedOffset, OffsetReset } from './consumer-api.ts';
import { noCommittedOffset } from './errors.ts';
import type { Fetcher } from './fetcher.ts';
import { keyOf, type TopicPartition } from './records.ts';

/** Where to begin with what was assigned: at the group's offset, or where `auto.offset.reset` says. */
export class Placement {
  readonly #fetcher: Fetcher;
  readonly #resetPolicy: OffsetReset;
  readonly #fetchCommitted: (
    partitions: readonly TopicPartition[],
  ) => Promise<readonly CommittedOffset[]>;
  readonly #search: Background<undefined>;

  constructor(
    fetcher: Fetcher,
    resetPolicy: OffsetReset,
    fetchCommitted: (partitions: readonly TopicPartition[]) => Promise<readonly CommittedOffset[]>,
    signal: AbortSignal,
  ) {
    this.#fetcher = fetcher;
    this.#resetPolicy = resetPolicy;
    this.#fetchCommitted = fetchCommitted;
    this.#search = new Background(signal, () => fetcher.wake.ring());
  }

  /** True when another step may follow at once. */
  advance(): boolean {
    if (this.#search.isDone) {
      this.#search.take();
      return true;
    }
    if (!this.#search.isIdle) return false;
    const unplaced = this.#fetcher.unplaced();
    if (unplaced.length === 0) return false;
    this.#search.start(
      this.#fetchCommitted(unplaced).then((committed) => {
        this.#place(unplaced, committed);
        return undefined;
      }),
    );
    return false;
  }

  #place(partitions: readonly TopicPartition[], committed: readonly CommittedOffset[]): void {
    const offsets = new Map(committed.map((one) => [keyOf(one), one]));
    const stillUnplaced = new Set(this.#fetcher.unplaced().map(keyOf));
    for (const partition of partitions) {
      // Taken away, or sought by the user, meanwhile.
      if (!stillUnplaced.has(keyOf(partition))) continue;
      const { topic, partition: index } = partition;
      const found = offsets.get(keyOf(partition));
      if (found !== undefined) {
        this.#fetcher.seek(topic, index, found.offset, found.leaderEpoch);
      } else if (this.#resetPolicy === 'none') throw noCommittedOffset(topic, index);
      else this.#fetcher.reset(topic, index, this.#resetPolicy);
    }
  }
}
