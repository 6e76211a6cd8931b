import type { CommittedOffset, OffsetReader } from '@millrace/connector-api';
import type { Logger } from '@millrace/foundation';
import type { ProducerRecord } from '@millrace/kafka-client';
import { partitionKey, type OffsetChange, type SourceOffsets } from './offset-store.ts';

/**
 * A topic of the connector's own (`offsets.storage.topic`), with the worker's behind it, as in Kafka Connect: read from
 * the own one first, written there first, then copied to the worker's, so that the connector may give its topic up.
 */
export class DedicatedOffsets implements SourceOffsets {
  readonly #own: SourceOffsets;
  readonly #workers: SourceOffsets;
  readonly #log: Logger;
  /** What is still to be copied, by connector and partition: only the last offset of each matters (INV-6). */
  readonly #uncopied = new Map<
    string,
    { readonly connector: string; readonly change: OffsetChange }
  >();
  #copying: Promise<void> | undefined;

  constructor(own: SourceOffsets, workers: SourceOffsets, log: Logger) {
    this.#own = own;
    this.#workers = workers;
    this.#log = log;
  }

  get topic(): string {
    return this.#own.topic;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#own.refresh(signal), this.#workers.refresh(signal)]);
  }

  reader(connector: string): OffsetReader {
    const own = this.#own.reader(connector);
    const workers = this.#workers.reader(connector);
    return { find: (partition) => own.find(partition) ?? workers.find(partition) };
  }

  list(connector: string): readonly CommittedOffset[] {
    const known = new Map<string, CommittedOffset>();
    for (const offset of [...this.#workers.list(connector), ...this.#own.list(connector)])
      known.set(partitionKey(offset.partition), offset);
    return [...known.values()];
  }

  async write(
    connector: string,
    changes: readonly OffsetChange[],
    signal?: AbortSignal,
  ): Promise<void> {
    // What is forgotten in the own topic alone would come back from the worker's.
    const forgotten = changes.filter(({ offset }) => offset === null);
    if (forgotten.length > 0) await this.#workers.write(connector, forgotten, signal);
    await this.#own.write(connector, changes, signal);
    this.#copy(connector, changes);
  }

  recordsOf(connector: string, changes: readonly OffsetChange[]): readonly ProducerRecord[] {
    return this.#own.recordsOf(connector, changes);
  }

  noteWritten(connector: string, changes: readonly OffsetChange[]): void {
    this.#own.noteWritten(connector, changes);
    this.#copy(connector, changes);
  }

  /** Beside the main thing: a copy that fails is only older than it could be. One write at a time. */
  #copy(connector: string, changes: readonly OffsetChange[]): void {
    for (const change of changes)
      this.#uncopied.set(`${connector}:${partitionKey(change.partition)}`, { connector, change });
    this.#copying ??= this.#copyAll().finally(() => {
      this.#copying = undefined;
    });
  }

  async #copyAll(): Promise<void> {
    while (this.#uncopied.size > 0) {
      const byConnector = new Map<string, OffsetChange[]>();
      for (const { connector, change } of this.#uncopied.values())
        byConnector.set(connector, [...(byConnector.get(connector) ?? []), change]);
      this.#uncopied.clear();
      for (const [connector, changes] of byConnector)
        await this.#workers.write(connector, changes).catch((error: unknown) => {
          this.#log.warn(
            { connector, topic: this.#workers.topic, err: error },
            "offsets were not copied to the worker's topic; those in the connector's own count",
          );
        });
    }
  }
}
