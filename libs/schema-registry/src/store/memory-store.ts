import type { SchemaStore, StoreEntry, StoreWrite } from '../registry/store.ts';

/** A log in memory, for tests: several stores over one log are several registries. */
export class MemorySchemaLog {
  readonly entries: StoreEntry[] = [];
  leader: MemorySchemaStore | undefined;
}

export class MemorySchemaStore implements SchemaStore {
  readonly #log: MemorySchemaLog;
  #position = 0;

  constructor(log: MemorySchemaLog = new MemorySchemaLog()) {
    this.#log = log;
  }

  lead(onEntry: (entry: StoreEntry) => void): Promise<void> {
    this.#log.leader = this;
    return this.follow(onEntry);
  }

  async append(
    writes: readonly StoreWrite[],
    onEntry: (entry: StoreEntry) => void,
  ): Promise<boolean> {
    if (this.#log.leader !== this) return false;
    this.#log.entries.push(...writes.map((write) => ({ ...write, timestampMs: 0 })));
    await this.follow(onEntry);
    return true;
  }

  follow(onEntry: (entry: StoreEntry) => void): Promise<void> {
    const unread = this.#log.entries.slice(this.#position);
    this.#position = this.#log.entries.length;
    for (const entry of unread) onEntry(entry);
    return Promise.resolve();
  }
}
