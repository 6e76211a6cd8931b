import { MillraceError, type Clock, type Logger } from '@millrace/foundation';
import type { ConsumedRecord, KafkaClient, TransactionalProducer } from '@millrace/kafka-client';
import {
  storeFailed,
  storeTimedOut,
  type SchemaStore,
  type StoreEntry,
  type StoreWrite,
} from '@millrace/schema-registry';
import { unsuitableSchemaTopic } from '../errors.ts';

export interface SchemaTopicOptions {
  readonly client: Pick<KafkaClient, 'admin' | 'transactionalProducer' | 'reader'>;
  readonly topic: string;
  readonly replicationFactor: number;
  /** `kafkastore.timeout.ms` */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

type OnEntry = (entry: StoreEntry) => void;

/** Between looks at a topic whose transaction is decided but not marked yet. */
const LOOK_AGAIN_MS = 2;
const PARTITION = 0;

/**
 * The topic `_schemas` as a registry's store.
 *
 * The right to write is a producer's epoch: all registries over one topic use one `transactional.id`, so that opening
 * the producer fences every other one (KIP-98). What was decided on an older state can then not be written any more
 * (INV-9). Each change is one transaction: all of its records or none.
 */
export class SchemaTopic implements SchemaStore, AsyncDisposable {
  readonly #options: SchemaTopicOptions;
  #producer: TransactionalProducer | undefined;
  #position = 0;
  /** One reading at a time: entries are handed out once, and in order. */
  #reading: Promise<void> = Promise.resolve();

  constructor(options: SchemaTopicOptions) {
    this.#options = options;
  }

  /**
   * Creates the topic unless it is there.
   * @throws MillraceError `worker.unsuitable_schema_topic`
   */
  async ensure(): Promise<void> {
    const { client, topic, log } = this.#options;
    if ((await client.admin.describeTopics([topic])).length === 0) await this.#create();
    const [described] = await client.admin.describeTopics([topic]);
    const partitionCount = described?.partitions.length ?? 1;
    if (partitionCount !== 1)
      throw unsuitableSchemaTopic(topic, `has ${partitionCount} partitions, expected 1`);
    const [configs] = await client.admin.describeConfigs([{ type: 'topic', name: topic }]);
    const policy = configs?.entries.find(({ name }) => name === 'cleanup.policy')?.value;
    if (typeof policy === 'string' && policy !== 'compact')
      throw unsuitableSchemaTopic(topic, `has cleanup.policy "${policy}", expected "compact"`);
    log.debug({ topic }, 'the topic of schemas is there');
  }

  async #create(): Promise<void> {
    const { client, topic, log } = this.#options;
    const brokers = (await client.admin.describeCluster()).brokers.length;
    const replicationFactor = Math.min(this.#options.replicationFactor, Math.max(brokers, 1));
    if (replicationFactor < this.#options.replicationFactor)
      log.debug({ topic, replicationFactor }, 'the topic of schemas gets fewer replicas');
    const configs = { 'cleanup.policy': 'compact' };
    const [outcome] = await client.admin.createTopics([
      { name: topic, partitions: 1, replicationFactor, configs },
    ]);
    // Another worker may have been faster.
    if (outcome?.error !== undefined && outcome.error.code !== 'kafka.topic_already_exists')
      throw outcome.error;
  }

  /** Every record, those of transactions that were aborted too: their ids are not given again. */
  async readUncommitted(onEntry: OnEntry, signal: AbortSignal): Promise<void> {
    await using reader = this.#options.client.reader({
      topic: this.#options.topic,
      partitions: [PARTITION],
    });
    await reader.readToEnd((records) => {
      for (const record of records) if (record.key !== null) onEntry(entryOf(record, record.key));
    }, signal);
  }

  async lead(onEntry: OnEntry): Promise<void> {
    await this.#within('taking the right to write', async (signal) => {
      this.#producer ??= await this.#openProducer(signal);
      await this.#read(onEntry, signal);
    });
  }

  async #openProducer(signal: AbortSignal): Promise<TransactionalProducer> {
    const { client, timeoutMs, topic } = this.#options;
    const producer = client.transactionalProducer({
      transactionalId: `millrace-schema-registry-${topic}`,
      lingerMs: 0,
      deliveryTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
      maxBlockMs: timeoutMs,
    });
    try {
      await producer.initTransactions(signal);
      return producer;
    } catch (error) {
      await producer.close({ timeoutMs: 0 });
      throw error;
    }
  }

  async append(writes: readonly StoreWrite[], onEntry: OnEntry): Promise<boolean> {
    const producer = this.#producer;
    if (producer === undefined) return false;
    try {
      await this.#within('writing', (signal) => this.#commit(producer, writes, signal));
    } catch (error) {
      // The next one to write gets a new epoch: what is still under way of this one is then refused.
      await this.#dropProducer();
      if (isFenced(error)) return false;
      throw error;
    }
    await this.#readBack(writes, onEntry);
    return true;
  }

  async #commit(
    producer: TransactionalProducer,
    writes: readonly StoreWrite[],
    signal: AbortSignal,
  ): Promise<void> {
    producer.beginTransaction();
    const { delivered } = await producer.send(
      writes.map(({ key, value }) => ({
        topic: this.#options.topic,
        partition: PARTITION,
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        timestampMs: null,
        headers: [],
      })),
      signal,
    );
    const { failures } = await delivered;
    if (failures[0] !== undefined) throw failures[0].error;
    await producer.commitTransaction();
  }

  /** A transaction is decided before its marker is in the partition: until then nobody reads it. */
  async #readBack(writes: readonly StoreWrite[], onEntry: OnEntry): Promise<void> {
    const last = writes.at(-1);
    let isSeen = false;
    const look: OnEntry = (entry) => {
      isSeen ||= entry.key === last?.key && entry.value === last.value;
      onEntry(entry);
    };
    await this.#within('reading back', async (signal) => {
      for (;;) {
        await this.#read(look, signal);
        if (isSeen) return;
        await this.#options.clock.sleep(LOOK_AGAIN_MS, signal);
      }
    });
  }

  follow(onEntry: OnEntry): Promise<void> {
    return this.#within('reading', (signal) => this.#read(onEntry, signal));
  }

  #read(onEntry: OnEntry, signal: AbortSignal): Promise<void> {
    const reading = this.#reading.then(() => this.#readNew(onEntry, signal));
    this.#reading = reading.catch(() => undefined); // the next one goes on where this one came to
    return reading;
  }

  async #readNew(onEntry: OnEntry, signal: AbortSignal): Promise<void> {
    await using reader = this.#options.client.reader({
      topic: this.#options.topic,
      partitions: [PARTITION],
      from: new Map([[PARTITION, this.#position]]),
      isolationLevel: 'read_committed',
    });
    await reader.readToEnd((records) => {
      for (const record of records) {
        if (record.key !== null) onEntry(entryOf(record, record.key));
        this.#position = record.offset + 1;
      }
    }, signal);
  }

  /** With a deadline, and any error as one that the registry's clients know. */
  async #within<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs, topic } = this.#options;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await raceAgainst(signal, work(signal));
    } catch (error) {
      if (isFenced(error)) throw error;
      if (signal.aborted)
        throw storeTimedOut(`${what} the topic "${topic}" took more than ${timeoutMs} ms`, error);
      throw storeFailed(`${what} the topic "${topic}" failed`, error);
    }
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close({ timeoutMs: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dropProducer();
    await this.#reading;
  }
}

function entryOf({ value, timestampMs }: ConsumedRecord, key: Uint8Array): StoreEntry {
  return {
    key: Buffer.from(key).toString('utf8'),
    value: value === null ? null : Buffer.from(value).toString('utf8'),
    timestampMs,
  };
}

/** Another writer has the epoch, or the coordinator has forgotten ours: nothing of ours counts. */
const FENCED = [
  'client.producer_fenced',
  'client.transaction_failed',
  'kafka.invalid_producer_epoch',
  'kafka.invalid_producer_id_mapping',
  'kafka.producer_fenced',
];

function isFenced(error: unknown): boolean {
  return error instanceof MillraceError && FENCED.includes(error.code);
}

/** Not every wait beneath knows the signal. */
async function raceAgainst<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('timed out'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  work.catch(() => undefined); // when it loses the race, its error comes too late
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
