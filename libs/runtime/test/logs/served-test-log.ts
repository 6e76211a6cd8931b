import { CuttableKafkaClient } from './cuttable-client.ts';
import type { ConsumedRecord, KafkaClient, ProducerRecord } from '@millrace/kafka-client';
import { serveLog, type ServedKind, type ServedLog } from './served-log.ts';
import { textRecord, textsOf, type CuttableClient, type Faults, type TestLog } from './test-log.ts';

interface Opened {
  readonly served: ServedLog;
  /** The test's own; no fault hits it. */
  readonly client: KafkaClient;
}

/** A broker of ours or of others, opened when it is first used. */
export class ServedTestLog implements TestLog {
  readonly faults: Faults = {};
  readonly #kind: ServedKind;
  #opened: Promise<Opened> | undefined;
  #held: (() => void)[] = [];

  constructor(kind: ServedKind) {
    this.#kind = kind;
  }

  async connect(): Promise<CuttableClient> {
    const { served } = await this.#open();
    return new CuttableKafkaClient(served.connect(), this.faults, (release) =>
      this.#held.push(release),
    );
  }

  async createTopic(
    name: string,
    partitions = 1,
    configs: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { client } = await this.#open();
    await client.admin.createTopics([{ name, partitions, configs }]);
  }

  async topicConfigs(name: string): Promise<Readonly<Record<string, string | null>>> {
    const { client } = await this.#open();
    const [found] = await client.admin.describeConfigs([{ type: 'topic', name }]);
    return Object.fromEntries((found?.entries ?? []).map((entry) => [entry.name, entry.value]));
  }

  async append(record: ProducerRecord): Promise<void> {
    await this.#append([record]);
  }

  async appendText(
    topic: string,
    values: readonly (string | null)[],
    partition = 0,
  ): Promise<void> {
    await this.#append(values.map((value) => textRecord(topic, value, partition)));
  }

  async #append(records: readonly ProducerRecord[]): Promise<void> {
    const { client } = await this.#open();
    const topic = records[0]?.topic ?? '';
    if ((await client.admin.describeTopics([topic])).length === 0) await this.createTopic(topic);
    await using producer = client.producer({ lingerMs: 0 });
    const { failures } = await (await producer.send(records)).delivered;
    for (const { error } of failures) throw error;
  }

  async records(topic: string): Promise<readonly ConsumedRecord[]> {
    const { client } = await this.#open();
    if ((await client.admin.describeTopics([topic])).length === 0) return [];
    const records: ConsumedRecord[] = [];
    await using reader = client.reader({ topic });
    await reader.readToEnd((batch) => {
      records.push(...batch);
    });
    return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  async values(topic: string): Promise<readonly (string | null)[]> {
    return textsOf(await this.records(topic));
  }

  async committed(group: string, topic: string, partition = 0): Promise<number | undefined> {
    const { client } = await this.#open();
    const offsets = await client.admin.listGroupOffsets(group);
    return offsets.find((each) => each.topic === topic && each.partition === partition)?.offset;
  }

  async memberCount(group: string): Promise<number> {
    return (await this.#members(group)).length;
  }

  async expireMembers(group: string): Promise<void> {
    const { client } = await this.#open();
    const members = await this.#members(group);
    await client.operations.removeGroupMembers(
      group,
      members.map((memberId) => ({ memberId })),
    );
  }

  releaseAcks(): void {
    for (const release of this.#held.splice(0)) release();
  }

  async close(): Promise<void> {
    if (this.#opened === undefined) return;
    const { client, served } = await this.#opened;
    await client.close();
    await served.close();
  }

  async #members(group: string): Promise<readonly string[]> {
    const { client } = await this.#open();
    const listed = (await client.admin.listGroups()).some(({ groupId }) => groupId === group);
    if (!listed) return [];
    const [found] = await client.admin.describeGroups([group]);
    return (found?.members ?? []).map(({ memberId }) => memberId);
  }

  #open(): Promise<Opened> {
    this.#opened ??= serveLog(this.#kind).then((served) => ({ served, client: served.connect() }));
    return this.#opened;
  }
}
