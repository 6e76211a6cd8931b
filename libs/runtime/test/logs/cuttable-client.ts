import { systemClock } from '@millrace/foundation';
import { recordsOfRun, writePacked } from '@millrace/kafka-client';
import type {
  Admin,
  Consumer,
  ConsumerOptions,
  KafkaClient,
  PartitionReader,
  Producer,
  ProducerOptions,
  ProducerRecord,
  ReaderOptions,
  RebalanceCallback,
  SendFailure,
  SendResult,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '@millrace/kafka-client';
import type { LogClient } from '../../src/clients/log-client.ts';
import type { CuttableClient, Faults } from './test-log.ts';

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** A client whose records meet with faults, and that may be cut off as if its process had died. */
export class CuttableKafkaClient implements CuttableClient {
  readonly #client: KafkaClient;
  readonly #faults: Faults;
  readonly #hold: (release: () => void) => void;
  readonly #consumers = new Set<Consumer>();
  #isCut = false;

  constructor(client: KafkaClient, faults: Faults, hold: (release: () => void) => void) {
    this.#client = client;
    this.#faults = faults;
    this.#hold = hold;
  }

  get admin(): Admin {
    return this.#client.admin;
  }

  get operations(): LogClient['operations'] {
    return this.#client.operations;
  }

  clusterId(): Promise<string> {
    return this.#client.clusterId();
  }

  reader(options: ReaderOptions): PartitionReader {
    return this.#client.reader(options);
  }

  transactionalProducer(options: TransactionalProducerOptions): TransactionalProducer {
    return this.#client.transactionalProducer(options);
  }

  producer(options?: ProducerOptions): Producer {
    const producer = this.#client.producer(options);
    const faulty: Producer = overriding(producer, {
      sendRun: (run, signal) => faulty.send(recordsOfRun(run), signal),
      writeRun: (run, from, signal) => writePacked(faulty, run, from, signal),
      send: async (records, signal) => {
        if (this.#isCut) return { delivered: never() };
        const { taken, failures } = this.#sift(records);
        const held = taken.filter(({ record }) => this.#faults.holdAcks?.(record) === true);
        const { delivered } = await producer.send(
          taken.map(({ record }) => record),
          signal,
        );
        return { delivered: this.#outcome(delivered, taken, failures, held.length > 0) };
      },
    });
    return faulty;
  }

  consumer(options: ConsumerOptions): Consumer {
    const { onAssigned, onRevoked, onLost } = options;
    const consumer = this.#client.consumer({
      ...options,
      ...this.#callback('onAssigned', onAssigned),
      ...this.#callback('onRevoked', onRevoked),
      ...this.#callback('onLost', onLost),
    });
    this.#consumers.add(consumer);
    return overriding(consumer, {
      poll: async ({ timeoutMs, signal }) => {
        if (!this.#isCut) return consumer.poll({ timeoutMs, ...(signal && { signal }) });
        await systemClock.sleep(timeoutMs, signal);
        return [];
      },
      commit: (offsets) => (this.#isCut ? never() : consumer.commit(offsets)),
    });
  }

  async cut(): Promise<void> {
    this.#isCut = true;
    await Promise.allSettled([...this.#consumers].map((consumer) => consumer.close()));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #sift(records: readonly ProducerRecord[]): {
    readonly taken: readonly { readonly record: ProducerRecord; readonly index: number }[];
    readonly failures: readonly SendFailure[];
  } {
    const failures: SendFailure[] = [];
    const taken: { record: ProducerRecord; index: number }[] = [];
    for (const [index, record] of records.entries()) {
      const error = this.#faults.refuse?.(record);
      if (error === undefined) taken.push({ record, index });
      else failures.push({ index, error });
    }
    return { taken, failures };
  }

  async #outcome(
    delivered: Promise<SendResult>,
    taken: readonly { readonly index: number }[],
    refused: readonly SendFailure[],
    isHeld: boolean,
  ): Promise<SendResult> {
    const result = await delivered;
    if (isHeld) await new Promise<void>((resolve) => this.#hold(resolve));
    // A dead process hears of nothing.
    if (this.#isCut) return never();
    const failed = result.failures.map(({ index, error }) => ({
      index: taken[index]?.index ?? index,
      error,
    }));
    return { ...result, failures: [...refused, ...failed].sort((a, b) => a.index - b.index) };
  }

  #callback(
    name: 'onAssigned' | 'onRevoked' | 'onLost',
    callback: RebalanceCallback | undefined,
  ): Partial<ConsumerOptions> {
    if (callback === undefined) return {};
    return {
      [name]: (at: Parameters<RebalanceCallback>[0]) => (this.#isCut ? undefined : callback(at)),
    };
  }
}

/** The object with some of its methods replaced. */
function overriding<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const found: unknown = Reflect.get(name in methods ? methods : target, name);
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
}
