import type { ConsumedRecord, Producer } from '@millrace/kafka-client';
import { storeWriteFailed } from '../errors.ts';
import type { LogClient } from '../log-client.ts';

export interface TableRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** A compacted topic as a table: read once to its end, then only written by this worker. */
export class CompactedTopic {
  readonly name: string;
  readonly #client: LogClient;
  readonly #producer: Producer;

  constructor(client: LogClient, producer: Producer, name: string) {
    this.#client = client;
    this.#producer = producer;
    this.name = name;
  }

  /** Every record from the beginning to the end as of now. */
  async load(onRecord: (record: ConsumedRecord) => void, signal: AbortSignal): Promise<void> {
    await using reader = this.#client.reader({ topic: this.name, from: 'earliest' });
    await reader.readToEnd((records) => {
      for (const record of records) onRecord(record);
    }, signal);
  }

  /**
   * Resolves when all records are durable.
   * @throws MillraceError `runtime.store_write_failed`
   */
  async write(records: readonly TableRecord[], signal?: AbortSignal): Promise<void> {
    const { delivered } = await this.#producer.send(
      records.map((record) => ({
        topic: this.name,
        partition: null,
        key: record.key,
        value: record.value,
        timestampMs: null,
        headers: [],
      })),
      signal,
    );
    const { failures } = await delivered;
    if (failures[0] !== undefined) throw storeWriteFailed(this.name, failures[0].error);
  }
}
