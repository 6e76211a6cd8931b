import type { TopicAccess, TopicLog, TopicLogOptions, TopicRecord } from '@millrace/connector-api';
import { type Clock, type Logger, type Random } from '@millrace/foundation';
import {
  KafkaClient,
  parseBootstrap,
  TcpTransport,
  type PartitionReader,
  type Producer,
} from '@millrace/kafka-client';
import type { LogClient } from '../clients/log-client.ts';
import { ensureTopic } from '../stores/topics.ts';

export interface OwnTopicsPorts {
  readonly client: LogClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const CLIENT_ID = 'millrace-own-topic';
/** A read ends with the fetch that reaches it. */
const READ_RECORDS_MAX = 10_000;
const POLL_STEP_MS = 1000;

/**
 * Topics that connectors keep for themselves, over the client of the runtime. Another cluster is spoken to in plain
 * text; where `clientConfig` asks for security the worker's own cluster and credentials are used.
 */
export class OwnTopics implements TopicAccess {
  readonly #ports: OwnTopicsPorts;

  constructor(ports: OwnTopicsPorts) {
    this.#ports = ports;
  }

  open(topic: string, options: TopicLogOptions = {}): TopicLog {
    const { bootstrapServers = null, clientConfig = {} } = options;
    const isSecured = Object.keys(clientConfig).some((key) => /^(?:security|sasl|ssl)\./.test(key));
    if (bootstrapServers === null || isSecured)
      return new OwnTopic(topic, this.#ports.client, this.#ports.log, undefined);
    const { clock, random, log } = this.#ports;
    const client = new KafkaClient({
      bootstrap: parseBootstrap(bootstrapServers),
      transport: new TcpTransport({ clientId: CLIENT_ID, clock, random, log }),
      clock,
      random,
      log,
    });
    return new OwnTopic(topic, client, log, client);
  }
}

class OwnTopic implements TopicLog {
  readonly #topic: string;
  readonly #client: LogClient;
  readonly #log: Logger;
  /** Closed with this topic. */
  readonly #ownClient: KafkaClient | undefined;
  #reader: PartitionReader | undefined;
  #next = -1;
  #producer: Producer | undefined;

  constructor(topic: string, client: LogClient, log: Logger, ownClient: KafkaClient | undefined) {
    this.#topic = topic;
    this.#client = client;
    this.#log = log;
    this.#ownClient = ownClient;
  }

  async read(
    fromOffset: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly TopicRecord[]; readonly nextOffset: number }> {
    // A reader would wait for a topic that is not there, and others could have it made by their asking.
    if (this.#reader === undefined && !(await this.#exists()))
      return { records: [], nextOffset: fromOffset };
    const topic = this.#topic;
    if (this.#reader === undefined || this.#next !== fromOffset) {
      await this.#reader?.close();
      this.#reader = this.#client.reader({
        topic,
        partitions: [0],
        from: new Map([[0, fromOffset]]),
        isolationLevel: 'read_committed',
      });
    }
    const records: TopicRecord[] = [];
    const take = (polled: readonly TopicRecord[]): void => {
      for (const { offset, key, value } of polled)
        records.push({
          offset,
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
        });
    };
    if (waitMs > 0) take(await this.#reader.poll({ timeoutMs: waitMs, signal }));
    else {
      const end = await this.end();
      while ((this.#reader.position(0) ?? fromOffset) < end && records.length < READ_RECORDS_MAX)
        take(await this.#reader.poll({ timeoutMs: POLL_STEP_MS, signal }));
    }
    this.#next = this.#reader.position(0) ?? fromOffset;
    return { records, nextOffset: this.#next };
  }

  async end(): Promise<number> {
    if (!(await this.#exists())) return 0;
    const [answer] = await this.#client.admin.listOffsets(
      [{ topic: this.#topic, partition: 0, timestamp: 'latest' }],
      { isolationLevel: 'read_committed' },
    );
    return answer?.offset ?? 0;
  }

  async append(
    records: readonly Pick<TopicRecord, 'key' | 'value'>[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#producer ??= this.#client.producer({ acks: 'all', enableIdempotence: true, lingerMs: 0 });
    const { delivered } = await this.#producer.send(
      records.map(({ key, value }) => ({
        topic: this.#topic,
        partition: 0,
        key,
        value,
        timestampMs: null,
        headers: [],
      })),
      signal,
    );
    const [failure] = (await delivered).failures;
    if (failure !== undefined) throw failure.error;
  }

  async ensure(settings: Readonly<Record<string, string>>): Promise<void> {
    await ensureTopic(
      this.#client,
      { name: this.#topic, partitions: 1, replicationFactor: 3, configs: settings },
      this.#log,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader?.close();
    await this.#producer?.close({ timeoutMs: 1000 });
    await this.#ownClient?.close();
  }

  async #exists(): Promise<boolean> {
    const [described] = await this.#client.admin.describeTopics([this.#topic]);
    return described !== undefined;
  }
}
