import { inParallel, type Logger } from '@millrace/foundation';
import type { TopicEntry } from './metadata/metadata-image.ts';

/** Logs that are made at the same time: their waits for the disk overlap, and leave it to others, too. */
const AT_ONCE = 8;
/** So many are waited for. With more the answer comes at once, as Kafka's does. */
const AWAITED_MAX = 64;

export interface LogMakingOptions {
  readonly make: (entry: TopicEntry, partition: number) => Promise<unknown>;
  /** The topic may have been deleted since. */
  readonly isThere: (entry: TopicEntry) => boolean;
  readonly log: Logger;
}

interface Wanted {
  readonly entry: TopicEntry;
  readonly partition: number;
}

/**
 * Makes the logs of new topics, those of many partitions in the background. The topics exist whatever happens here:
 * a log that is used before its turn is made then, as is one that could not be made.
 */
export class LogMaking {
  readonly #options: LogMakingOptions;
  #background: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: LogMakingOptions) {
    this.#options = options;
  }

  async makeAll(entries: readonly TopicEntry[]): Promise<void> {
    const wanted = entries.flatMap((entry) =>
      Array.from({ length: entry.partitionCount }, (_, partition) => ({ entry, partition })),
    );
    if (wanted.length <= AWAITED_MAX) return this.#make(wanted);
    this.#background = this.#background.then(() => this.#make(wanted));
    return undefined;
  }

  /** Resolves when everything that was begun is there. */
  settled(): Promise<void> {
    return this.#background;
  }

  /** Begins nothing more. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#background;
  }

  async #make(wanted: readonly Wanted[]): Promise<void> {
    const { make, isThere, log } = this.#options;
    const failed = new Set<TopicEntry>();
    await inParallel(wanted, AT_ONCE, async ({ entry, partition }) => {
      if (this.#isClosed || failed.has(entry) || !isThere(entry)) return;
      try {
        await make(entry, partition);
      } catch (error) {
        failed.add(entry);
        log.warn(
          { topic: entry.name, partition, err: error },
          'a log could not be made; it is tried again when it is used',
        );
      }
    });
  }
}
