import type { Admin } from './admin-api.ts';
import { KafkaAdmin } from './admin.ts';
import type { OperationsAdmin } from './admin-operations-api.ts';
import { KafkaOperationsAdmin } from './admin-operations.ts';
import type { SecurityAdmin } from './admin-security-api.ts';
import { KafkaSecurityAdmin } from './admin-security.ts';
import { Cluster } from './cluster.ts';
import type { ConsumerOptions, Consumer, PartitionReader, ReaderOptions } from './consumer-api.ts';
import { KafkaConsumer } from './consumer.ts';
import { invalidOptions } from './errors.ts';
import type {
  Producer,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from './producer-api.ts';
import { KafkaProducer } from './producer.ts';
import { KafkaRawLog, type RawLog } from './raw-log.ts';
import { KafkaPartitionReader } from './reader.ts';
import { withDefaults, type KafkaClientOptions } from './settings.ts';

/** A producer that was forgotten is not flushed for longer than this when its client is closed. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * What producers, consumers, readers and the admin of one cluster share: its addresses, metadata and
 * time-outs. Nothing is connected before it is needed.
 */
export class KafkaClient implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #admin: KafkaAdmin;

  constructor(options: KafkaClientOptions) {
    if (options.bootstrap.length === 0) {
      throw invalidOptions(
        'a client needs at least one bootstrap address',
        'give bootstrap.servers',
      );
    }
    this.#cluster = new Cluster(withDefaults(options));
    this.#admin = new KafkaAdmin(this.#cluster);
  }

  get admin(): Admin {
    return this.#admin;
  }

  /** Elections, moves, features, transactions and producers of others, groups in detail. */
  get operations(): OperationsAdmin {
    return new KafkaOperationsAdmin(this.#admin.asking);
  }

  /** ACLs, quotas, SCRAM users. */
  get security(): SecurityAdmin {
    return new KafkaSecurityAdmin(this.#admin.asking, this.#cluster.settings.random);
  }

  producer(options: ProducerOptions = {}): Producer {
    return new KafkaProducer(this.#cluster, options);
  }

  transactionalProducer(options: TransactionalProducerOptions): TransactionalProducer {
    return new KafkaProducer(this.#cluster, options);
  }

  consumer(options: ConsumerOptions): Consumer {
    return new KafkaConsumer(this.#cluster, options);
  }

  reader(options: ReaderOptions): PartitionReader {
    return new KafkaPartitionReader(this.#cluster, options);
  }

  /** Record batches as bytes. */
  raw(): RawLog {
    return new KafkaRawLog(this.#cluster);
  }

  async clusterId(): Promise<string> {
    return (await this.#admin.describeCluster()).clusterId;
  }

  /** Closes what was not closed before, as it would itself; producers flush for 5 s at most. */
  async close(): Promise<void> {
    const users = [...this.#cluster.users];
    await Promise.allSettled(
      users.map((user) =>
        user instanceof KafkaProducer ? user.close({ timeoutMs: CLOSE_TIMEOUT_MS }) : user.close(),
      ),
    );
    await this.#admin.close();
    await this.#cluster.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
