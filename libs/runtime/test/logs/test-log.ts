import type { MillraceError } from '@millrace/foundation';
import type { ConsumedRecord, ProducerRecord } from '@millrace/kafka-client';
import type { LogClient } from '../../src/clients/log-client.ts';

/** What the log, or the way to it, does to the records of the workers. */
export interface Faults {
  /** The error that is answered to a record, instead of taking it. */
  refuse?: ((record: ProducerRecord) => MillraceError | undefined) | undefined;
  /** Records are taken, but nobody hears of it until this is unset and `releaseAcks` is called. */
  holdAcks?: ((record: ProducerRecord) => boolean) | undefined;
}

/** The log of one process, which may die. */
export interface CuttableClient extends LogClient {
  /** The process is dead: what it does from now on reaches nobody, and its groups are without it. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** A log under test, and what it holds; which one, says `MILLRACE_RUNTIME_LOG`. */
export interface TestLog {
  readonly faults: Faults;
  connect(): Promise<CuttableClient>;
  createTopic(
    name: string,
    partitions?: number,
    configs?: Readonly<Record<string, string>>,
  ): Promise<void>;
  topicConfigs(name: string): Promise<Readonly<Record<string, string | null>>>;
  append(record: ProducerRecord): Promise<void>;
  /** Text records into one topic. */
  appendText(topic: string, values: readonly (string | null)[], partition?: number): Promise<void>;
  /** All records of a topic, partition after partition. */
  records(topic: string): Promise<readonly ConsumedRecord[]>;
  /** Values of a topic as text. */
  values(topic: string): Promise<readonly (string | null)[]>;
  committed(group: string, topic: string, partition?: number): Promise<number | undefined>;
  memberCount(group: string): Promise<number>;
  /** The members are thrown out: their partitions are lost to them, their commits refused, until they poll. */
  expireMembers(group: string): Promise<void>;
  releaseAcks(): void;
  close(): Promise<void>;
}

export function textRecord(topic: string, value: string | null, partition: number): ProducerRecord {
  return {
    topic,
    partition,
    key: null,
    value: value === null ? null : Buffer.from(value),
    timestampMs: null,
    headers: [],
  };
}

export function textsOf(records: readonly ConsumedRecord[]): readonly (string | null)[] {
  return records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
}
