import type { ConsumerOptions } from './consumer-api.ts';
import type { Fetcher } from './fetcher.ts';
import { keyOf, type TopicPartition } from './records.ts';

type Callbacks = Pick<ConsumerOptions, 'onAssigned' | 'onRevoked' | 'onLost'>;

/** The partitions that we hold, and whom to tell when they come and go. */
export class Ownership {
  readonly #fetcher: Fetcher;
  readonly #callbacks: Callbacks;
  #isRevoking = false;

  constructor(fetcher: Fetcher, callbacks: Callbacks) {
    this.#fetcher = fetcher;
    this.#callbacks = callbacks;
  }

  held(): readonly TopicPartition[] {
    return this.#fetcher.assignment();
  }

  /** What is held and not in `assigned`. */
  superfluous(assigned: readonly TopicPartition[]): readonly TopicPartition[] {
    const wanted = new Set(assigned.map(keyOf));
    return this.held().filter((one) => !wanted.has(keyOf(one)));
  }

  async add(assigned: readonly TopicPartition[]): Promise<void> {
    const added = assigned.filter(({ partition, topic }) => !this.#fetcher.has(topic, partition));
    for (const { partition, topic } of added) this.#fetcher.add(topic, partition);
    await this.#callbacks.onAssigned?.(added);
  }

  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    this.#isRevoking = true;
    try {
      await this.#callbacks.onRevoked?.(partitions);
    } finally {
      this.#isRevoking = false;
      for (const { partition, topic } of partitions) this.#fetcher.remove(topic, partition);
    }
  }

  /** All of it: revoked, or lost when others may hold it already. */
  async giveUpAll(isLost: boolean): Promise<void> {
    const partitions = this.held();
    if (partitions.length === 0 || this.#isRevoking) return;
    if (!isLost) {
      await this.revoke(partitions);
      return;
    }
    for (const { partition, topic } of partitions) this.#fetcher.remove(topic, partition);
    await this.#callbacks.onLost?.(partitions);
  }
}
