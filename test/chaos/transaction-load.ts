import { isRetriable, systemClock } from '@millrace/foundation';
import type { KafkaClient, TransactionalProducer } from '@millrace/kafka-client';
import type { Kafka, Producer } from 'kafkajs';

/** How many records a transaction has, by turns in each partition. */
export const RECORDS = 6;
export const PARTITIONS = 3;
const PAUSE_MS = 5;

/** What a client was told of its transactions; of the others nobody knows. */
export interface Told {
  readonly committed: ReadonlySet<string>;
  readonly aborted: ReadonlySet<string>;
}

/** One transaction with the values `id:0` … `id:5`; every third one is aborted. Resolves with what it was told. */
type Attempt = (id: string, isAborted: boolean) => Promise<'committed' | 'aborted' | 'unknown'>;

/** Transaction after transaction, over restarts of the broker. */
export class TransactionLoad {
  readonly name: string;
  readonly #committed = new Set<string>();
  readonly #aborted = new Set<string>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(name: string, attempt: Attempt, close: () => Promise<void>) {
    this.name = name;
    this.#running = this.#run(attempt).finally(close);
    this.#running.catch(() => undefined); // told by `stop`
  }

  get told(): Told {
    return { committed: this.#committed, aborted: this.#aborted };
  }

  get committedCount(): number {
    return this.#committed.size;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(attempt: Attempt): Promise<void> {
    const { signal } = this.#stop;
    for (let count = 0; !signal.aborted; count++) {
      const id = `${this.name}-${count}`;
      const outcome = await attempt(id, count % 3 === 2);
      if (outcome === 'committed') this.#committed.add(id);
      if (outcome === 'aborted') this.#aborted.add(id);
      await systemClock.sleep(PAUSE_MS, signal).catch(() => undefined); // the end of the load
    }
  }
}

function valuesOf(id: string): readonly string[] {
  return Array.from({ length: RECORDS }, (_, index) => `${id}:${index}`);
}

export async function ownTransactions(
  client: KafkaClient,
  topic: string,
): Promise<TransactionLoad> {
  const open = async (): Promise<TransactionalProducer> => {
    const producer = client.transactionalProducer({
      transactionalId: 'own',
      lingerMs: 0,
      requestTimeoutMs: 5_000,
    });
    await producer.initTransactions();
    return producer;
  };
  let producer = await open();
  const attempt: Attempt = async (id, isAborted) => {
    try {
      producer.beginTransaction();
      const { delivered } = await producer.send(
        valuesOf(id).map((value, index) => ({
          topic,
          partition: index % PARTITIONS,
          key: null,
          value: Buffer.from(value),
          timestampMs: null,
          headers: [],
        })),
      );
      const { failures } = await delivered;
      if (failures[0] !== undefined) throw failures[0].error;
      if (!isAborted) await committed(producer);
      else await producer.abortTransaction();
      return isAborted ? 'aborted' : 'committed';
    } catch {
      await producer.close({ timeoutMs: 0 }).catch(() => undefined);
      producer = await open(); // finishes or aborts what was left open
      return isAborted ? 'aborted' : 'unknown';
    }
  };
  return new TransactionLoad('own', attempt, () => producer.close({ timeoutMs: 0 }));
}

/** An outcome that is open is asked for again. */
async function committed(producer: TransactionalProducer): Promise<void> {
  for (;;)
    try {
      await producer.commitTransaction();
      return;
    } catch (error) {
      if (!isRetriable(error)) throw error;
    }
}

export async function kafkaJsTransactions(kafka: Kafka, topic: string): Promise<TransactionLoad> {
  const open = async (): Promise<Producer> => {
    const producer = kafka.producer({
      transactionalId: 'kafkajs',
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    return producer;
  };
  let producer = await open();
  const attempt: Attempt = async (id, isAborted) => {
    try {
      const transaction = await producer.transaction();
      await transaction.send({
        topic,
        acks: -1,
        messages: valuesOf(id).map((value, index) => ({ partition: index % PARTITIONS, value })),
      });
      if (!isAborted) await transaction.commit();
      else await transaction.abort();
      return isAborted ? 'aborted' : 'committed';
    } catch {
      await producer.disconnect().catch(() => undefined);
      producer = await open();
      return isAborted ? 'aborted' : 'unknown';
    }
  };
  return new TransactionLoad('kafkajs', attempt, () => producer.disconnect());
}
