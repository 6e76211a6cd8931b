import { silentLogger, type Clock, type Random } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';

export interface LogPorts {
  readonly clock: Clock;
  readonly random: Random;
}

/** Offsets by topic; every topic of a migration has one partition. */
export type Offsets = ReadonlyMap<string, number>;

/** The topics between source and sink, and how far the sink has come. */
export class MigrationLog implements AsyncDisposable {
  readonly #client: KafkaClient;

  constructor(bootstrap: string, { clock, random }: LogPorts) {
    const ports = { clock, random, log: silentLogger };
    this.#client = new KafkaClient({
      bootstrap: parseBootstrap(bootstrap),
      transport: new TcpTransport({ clientId: 'millrace-migrate', ...ports }),
      ...ports,
    });
  }

  /** Kept until they are written to the target, however long that takes. */
  async ensureTopics(names: readonly string[]): Promise<void> {
    const outcomes = await this.#client.admin.createTopics(
      names.map((name) => ({
        name,
        partitions: 1,
        replicationFactor: 1,
        configs: { 'retention.ms': '-1', 'retention.bytes': '-1', 'cleanup.policy': 'delete' },
      })),
    );
    for (const { error } of outcomes)
      if (error !== undefined && error.code !== 'kafka.topic_already_exists') throw error;
  }

  async ends(topics: readonly string[]): Promise<Offsets> {
    if (topics.length === 0) return new Map();
    const answers = await this.#client.admin.listOffsets(
      topics.map((topic) => ({ topic, partition: 0, timestamp: 'latest' as const })),
    );
    return new Map(answers.map(({ topic, offset }) => [topic, offset]));
  }

  /** What the sinks have written to the target for good. */
  async committed(groups: readonly string[]): Promise<Offsets> {
    const offsets = new Map<string, number>();
    for (const group of groups)
      for (const { topic, offset } of await this.#client.admin.listGroupOffsets(group))
        offsets.set(topic, Math.max(0, offset));
    return offsets;
  }

  /** The disk holds what is on its way, not everything that ever was. */
  async forget(offsets: Offsets): Promise<void> {
    const below = [...offsets].filter(([, offset]) => offset > 0);
    if (below.length === 0) return;
    await this.#client.admin.deleteRecords(
      below.map(([topic, beforeOffset]) => ({ topic, partition: 0, beforeOffset })),
    );
  }

  async removeTopics(names: readonly string[]): Promise<void> {
    await this.#client.admin.deleteTopics(names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

/** Records that the sinks have not written yet. */
export function lagOf(ends: Offsets, committed: Offsets): number {
  let lag = 0;
  for (const [topic, end] of ends) lag += Math.max(0, end - (committed.get(topic) ?? 0));
  return lag;
}
