import type { Logger } from '@millrace/foundation';
import { DedicatedOffsets } from './dedicated-offsets.ts';
import type { OffsetStore, SourceOffsets } from './offset-store.ts';

export interface OffsetStoresOptions {
  /** `offset.storage.topic`. */
  readonly workers: OffsetStore;
  /** Makes sure that the topic exists, with the settings of the worker's. */
  readonly open: (topic: string) => Promise<OffsetStore>;
  /** The topics that connectors name at present. */
  readonly topicsInUse: () => ReadonlySet<string>;
  readonly log: Logger;
}

/** The worker's offsets, and those of connectors that have a topic of their own. */
export class OffsetStores {
  readonly #options: OffsetStoresOptions;
  readonly #opened = new Map<string, Promise<SourceOffsets>>();

  constructor(options: OffsetStoresOptions) {
    this.#options = options;
  }

  get workers(): OffsetStore {
    return this.#options.workers;
  }

  /** Where a connector's offsets are, by its `offsets.storage.topic`. */
  async of(topic: string | undefined): Promise<SourceOffsets> {
    const { workers, open, log, topicsInUse } = this.#options;
    if (topic === undefined || topic === workers.topic) return workers;
    const known = this.#opened.get(topic);
    if (known !== undefined) return known;
    const inUse = topicsInUse(); // INV-6: as many as there are names in configurations
    for (const each of this.#opened.keys()) if (!inUse.has(each)) this.#opened.delete(each);
    const opening = open(topic).then((own) => new DedicatedOffsets(own, workers, log));
    this.#opened.set(topic, opening);
    opening.catch(() => this.#opened.delete(topic)); // tried again by the next one who asks
    return opening;
  }
}
