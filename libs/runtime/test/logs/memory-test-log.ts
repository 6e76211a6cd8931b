import { systemClock } from '@millrace/foundation';
import type { ConsumedRecord, ProducerRecord } from '@millrace/kafka-client';
import { MemoryLog, MemoryLogClient } from '@millrace/testkit';
import { textRecord, type CuttableClient, type TestLog } from './test-log.ts';

/** The log in memory: quick, and without a broker. */
export class MemoryTestLog implements TestLog {
  readonly #log = new MemoryLog(systemClock);
  readonly faults = this.#log.faults;

  connect(): Promise<CuttableClient> {
    const client = new MemoryLogClient(this.#log);
    const { admin, operations } = client;
    return Promise.resolve({
      admin,
      operations,
      producer: () => client.producer(),
      transactionalProducer: () => client.transactionalProducer(),
      consumer: (options) => client.consumer(options),
      reader: (options) => client.reader(options),
      clusterId: () => client.clusterId(),
      cut: () => {
        client.cut();
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  }

  createTopic(
    name: string,
    partitions?: number,
    configs?: Readonly<Record<string, string>>,
  ): Promise<void> {
    this.#log.createTopic(name, partitions, configs);
    return Promise.resolve();
  }

  topicConfigs(name: string): Promise<Readonly<Record<string, string | null>>> {
    return Promise.resolve(this.#log.topic(name)?.configs ?? {});
  }

  append(record: ProducerRecord): Promise<void> {
    this.#log.append(record);
    return Promise.resolve();
  }

  async appendText(
    topic: string,
    values: readonly (string | null)[],
    partition = 0,
  ): Promise<void> {
    for (const value of values) await this.append(textRecord(topic, value, partition));
  }

  records(topic: string): Promise<readonly ConsumedRecord[]> {
    return Promise.resolve(this.#log.records(topic));
  }

  values(topic: string): Promise<readonly (string | null)[]> {
    return Promise.resolve(this.#log.values(topic));
  }

  committed(group: string, topic: string, partition = 0): Promise<number | undefined> {
    return Promise.resolve(this.#log.committed(group, topic, partition));
  }

  memberCount(group: string): Promise<number> {
    return Promise.resolve(this.#log.memberCount(group));
  }

  expireMembers(group: string): Promise<void> {
    this.#log.expireMembers(group);
    return Promise.resolve();
  }

  releaseAcks(): void {
    this.#log.releaseAcks();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
