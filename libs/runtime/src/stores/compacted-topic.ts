import type { ConsumedRecord, ProducerRecord } from '@millrace/kafka-client';
import { storeWriteFailed } from '../errors.ts';
import type { LogClient } from '../clients/log-client.ts';
import type { TableWriter } from './table-writer.ts';

export interface TableRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
  /** Now by default. */
  readonly timestampMs?: number;
}

/** A compacted topic as a table: read to its end, as often as news is wanted, and written. */
export class CompactedTopic {
  readonly name: string;
  readonly #client: LogClient;
  readonly #writer: TableWriter;
  /** Where the next reading goes on, by partition. */
  #positions = new Map<number, number>();
  #reading: Promise<void> = Promise.resolve();

  constructor(client: LogClient, writer: TableWriter, name: string) {
    this.#client = client;
    this.#writer = writer;
    this.name = name;
  }

  /** Every record that was not read before, to the end as of this call; one reading at a time. */
  readNew(onRecord: (record: ConsumedRecord) => void, signal: AbortSignal): Promise<void> {
    const reading = this.#reading.then(() => this.#readNew(onRecord, signal));
    this.#reading = reading.catch(() => undefined); // the next one goes on where this one came to
    return reading;
  }

  async #readNew(onRecord: (record: ConsumedRecord) => void, signal: AbortSignal): Promise<void> {
    await using reader = this.#client.reader({
      topic: this.name,
      from: new Map(this.#positions),
      // Offsets may be written in transactions (KIP-618).
      isolationLevel: 'read_committed',
    });
    await reader.readToEnd((records) => {
      for (const record of records) {
        onRecord(record);
        this.#positions.set(record.partition, record.offset + 1);
      }
    }, signal);
  }

  /**
   * Resolves when all records are durable.
   * @throws MillraceError `runtime.store_write_failed`
   */
  async write(records: readonly TableRecord[], signal?: AbortSignal): Promise<void> {
    await this.#writer.write(this.recordsOf(records), signal).catch((error: unknown) => {
      throw storeWriteFailed(this.name, error);
    });
  }

  /** The same as records for any producer. */
  recordsOf(records: readonly TableRecord[]): readonly ProducerRecord[] {
    return records.map((record) => ({
      topic: this.name,
      partition: null,
      key: record.key,
      value: record.value,
      timestampMs: record.timestampMs ?? null,
      headers: [],
    }));
  }
}
