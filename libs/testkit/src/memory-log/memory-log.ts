import { deferred, type Clock, type MillraceError } from '@millrace/foundation';
import type { ConsumedRecord, ProducerRecord } from '@millrace/kafka-client';

export interface MemoryTopic {
  readonly partitions: ConsumedRecord[][];
  readonly configs: Readonly<Record<string, string | null>>;
}

/** What the log asks of who is in a group. */
interface MemoryMember {
  expire(): void;
}

export interface MemoryGroup {
  readonly members: Set<MemoryMember>;
  readonly committed: Map<string, number>;
  generation: number;
}

export interface MemoryLogFaults {
  /** The error that the log answers to a record, instead of taking it. */
  refuse?: ((record: ProducerRecord) => MillraceError | undefined) | undefined;
  /** Records are taken, but nobody hears of it until this is unset and `releaseAcks` is called. */
  holdAcks?: ((record: ProducerRecord) => boolean) | undefined;
}

/**
 * A log in memory, for tests of what uses one: topics, producers, consumer groups, readers and the admin calls that
 * the runtime needs. It outlives its clients, so a test can cut a client off as a crash would, and open another.
 */
export class MemoryLog {
  readonly faults: MemoryLogFaults = {};
  readonly #clock: Clock;
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #groups = new Map<string, MemoryGroup>();
  #heldAcks: (() => void)[] = [];
  #changed = deferred();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get clock(): Clock {
    return this.#clock;
  }

  createTopic(
    name: string,
    partitionCount = 1,
    configs: Readonly<Record<string, string | null>> = {},
  ): MemoryTopic {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const topic = { partitions: Array.from({ length: partitionCount }, () => []), configs };
    this.#topics.set(name, topic);
    this.#notify();
    return topic;
  }

  topicNames(): readonly string[] {
    return [...this.#topics.keys()].sort();
  }

  topic(name: string): MemoryTopic | undefined {
    return this.#topics.get(name);
  }

  /** All records of a topic, partition after partition. */
  records(topic: string): readonly ConsumedRecord[] {
    return this.#topics.get(topic)?.partitions.flat() ?? [];
  }

  /** Values of a topic as text. */
  values(topic: string): readonly (string | null)[] {
    return this.records(topic).map(({ value }) =>
      value === null ? null : Buffer.from(value).toString(),
    );
  }

  append(record: ProducerRecord): void {
    const topic = this.createTopic(record.topic);
    const partition =
      record.partition ?? (record.key === null ? 0 : sumOf(record.key) % topic.partitions.length);
    const records = topic.partitions[partition];
    if (records === undefined) throw new Error(`no partition ${partition} in ${record.topic}`);
    records.push({
      topic: record.topic,
      partition,
      offset: records.length,
      timestampMs: record.timestampMs ?? this.#clock.nowMs(),
      timestampType: 'create',
      key: record.key,
      value: record.value,
      headers: record.headers,
      leaderEpoch: 0,
    });
    this.#notify();
  }

  /** Text records into one topic. */
  appendText(topic: string, values: readonly (string | null)[], partition = 0): void {
    for (const value of values)
      this.append({
        topic,
        partition,
        key: null,
        value: value === null ? null : Buffer.from(value),
        timestampMs: null,
        headers: [],
      });
  }

  releaseAcks(): void {
    for (const release of this.#heldAcks.splice(0)) release();
  }

  holdAck(release: () => void): void {
    this.#heldAcks.push(release);
  }

  committed(group: string, topic: string, partition = 0): number | undefined {
    return this.#groups.get(group)?.committed.get(`${topic}/${partition}`);
  }

  group(name: string): MemoryGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group: MemoryGroup = { members: new Set(), committed: new Map(), generation: 0 };
    this.#groups.set(name, group);
    return group;
  }

  forgetGroup(name: string): boolean {
    return this.#groups.delete(name);
  }

  /** The members' session expires: their partitions are lost to them, and their commits refused, until they poll. */
  expireMembers(group: string): void {
    for (const member of this.#groups.get(group)?.members ?? []) member.expire();
    this.#notify();
  }

  memberCount(group: string): number {
    return this.#groups.get(group)?.members.size ?? 0;
  }

  /** Resolves at the next change of anything. */
  async change(): Promise<void> {
    await this.#changed.promise;
  }

  changed(): void {
    this.#notify();
  }

  #notify(): void {
    const changed = this.#changed;
    this.#changed = deferred();
    changed.resolve();
  }
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum * 31 + byte) >>> 0;
  return sum;
}

/** A process that has the log; after its death nothing that it does reaches it. */
export interface MemoryProcess {
  readonly log: MemoryLog;
  readonly isCut: boolean;
}
