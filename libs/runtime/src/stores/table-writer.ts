import { deferred, MillraceError, type Deferred } from '@millrace/foundation';
import type { Producer, ProducerRecord, TransactionalProducer } from '@millrace/kafka-client';
import { configTopicTaken } from '../errors.ts';

/** Writes the records of the worker's own topics. */
export interface TableWriter {
  /** Resolves when all are durable. All are written or none, if the writer is transactional. */
  write(records: readonly ProducerRecord[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function plainWriter(producer: Producer): TableWriter {
  return {
    async write(records, signal) {
      const { delivered } = await producer.send(records, signal);
      const { failures } = await delivered;
      if (failures[0] !== undefined) throw failures[0].error;
    },
    close: () => producer.close(),
  };
}

interface Waiting extends Deferred {
  readonly records: readonly ProducerRecord[];
}

/**
 * Writes in transactions under the name that the leader of a Connect cluster has, so that a former worker that still
 * lives can't write configurations any more (KIP-618, INV-9), and a change of several records is there as a whole or
 * not at all. What is asked for while a transaction ends shares the next one.
 */
export class FencedWriter implements TableWriter {
  readonly #transactionalId: string;
  readonly #open: (transactionalId: string) => TransactionalProducer;
  #producer: TransactionalProducer | undefined;
  /** Set once somebody else has taken over; there is no way back. */
  #fencedBy: MillraceError | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(transactionalId: string, open: (transactionalId: string) => TransactionalProducer) {
    this.#transactionalId = transactionalId;
    this.#open = open;
  }

  /** Takes over from whoever wrote before; what that one left open is finished. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.#ready(signal);
  }

  async write(records: readonly ProducerRecord[]): Promise<void> {
    const waiting: Waiting = { records, ...deferred() };
    this.#waiting.push(waiting);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    await waiting.promise;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#producer?.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const writes = this.#waiting;
      this.#waiting = [];
      try {
        await this.#transact(writes.flatMap(({ records }) => records));
        for (const each of writes) each.resolve();
      } catch (error) {
        for (const each of writes) each.reject(error);
      }
    }
  }

  async #transact(records: readonly ProducerRecord[]): Promise<void> {
    const producer = await this.#ready();
    try {
      producer.beginTransaction();
      const { delivered } = await producer.send(records);
      const { failures } = await delivered;
      if (failures[0] !== undefined) throw failures[0].error;
      await producer.commitTransaction();
    } catch (error) {
      throw await this.#recover(producer, error);
    }
  }

  /** Leaves a producer that can begin anew, or none; the error to tell. */
  async #recover(producer: TransactionalProducer, error: unknown): Promise<unknown> {
    if (isFenced(error)) return this.#giveUp(error);
    try {
      await producer.abortTransaction();
      return error;
    } catch (abortError) {
      // A partition's leader sees an old epoch only; the coordinator knows that there is a successor.
      if (isFenced(abortError)) return this.#giveUp(abortError);
      // Its transaction is ended by the next producer of the name.
      this.#producer = undefined;
      await producer.close({ timeoutMs: 0 }).catch(() => undefined);
      return error;
    }
  }

  #giveUp(error: unknown): unknown {
    this.#fencedBy = configTopicTaken(this.#transactionalId, error);
    return this.#fencedBy;
  }

  async #ready(signal?: AbortSignal): Promise<TransactionalProducer> {
    if (this.#fencedBy !== undefined) throw this.#fencedBy;
    if (this.#producer !== undefined) return this.#producer;
    const producer = this.#open(this.#transactionalId);
    try {
      await producer.initTransactions(signal);
    } catch (error) {
      await producer.close({ timeoutMs: 0 }).catch(() => undefined);
      throw error;
    }
    this.#producer = producer;
    return producer;
  }
}

function isFenced(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'client.producer_fenced';
}
