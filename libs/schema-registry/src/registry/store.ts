/** A record of the store's log. */
export interface StoreEntry {
  readonly key: string;
  /** Null is a tombstone. */
  readonly value: string | null;
  readonly timestampMs: number;
}

export interface StoreWrite {
  readonly key: string;
  readonly value: string | null;
}

/**
 * The log that the registry's state is read from: the compacted topic `_schemas`, or memory in tests.
 * A registry changes its state only by what it reads back.
 */
export interface SchemaStore {
  /**
   * Takes the right to write, until another writer takes it; then hands every entry not handed out before to
   * `onEntry`, to the end of the log. Nobody else's write can come between that and the next `append`.
   * @throws SchemaRegistryError `schema_registry.store_failed`, `schema_registry.store_timed_out`
   */
  lead(onEntry: (entry: StoreEntry) => void): Promise<void>;
  /**
   * Resolves when the entries are durable and, with all before them, were handed to `onEntry`.
   * @returns false when another writer has taken over: nothing was written, decide again after `lead`
   * @throws as `lead`; whether the entries were written is then open
   */
  append(writes: readonly StoreWrite[], onEntry: (entry: StoreEntry) => void): Promise<boolean>;
  /** Hands out what others have written, without taking the right to write. */
  follow(onEntry: (entry: StoreEntry) => void): Promise<void>;
}
