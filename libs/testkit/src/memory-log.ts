import { deferred, MillraceError, type Clock } from '@millrace/foundation';
import type {
  Admin,
  CommittedOffset,
  ConsumedRecord,
  Consumer,
  ConsumerOptions,
  GroupMetadata,
  PartitionReader,
  Producer,
  ProducerMetrics,
  ProducerRecord,
  ReaderOptions,
  SendFailure,
  SendResult,
  TopicPartition,
} from '@millrace/kafka-client';
import type { LogClient } from '@millrace/runtime';

interface MemoryTopic {
  readonly partitions: ConsumedRecord[][];
  readonly configs: Readonly<Record<string, string | null>>;
}

interface MemoryGroup {
  readonly members: Set<MemoryConsumer>;
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

  connect(): MemoryLogClient {
    return new MemoryLogClient(this);
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

/** One process' view of the log. `cut` is its death: nothing that it does from then on reaches the log. */
export class MemoryLogClient implements LogClient {
  readonly log: MemoryLog;
  readonly admin: Admin;
  readonly #consumers = new Set<MemoryConsumer>();
  isCut = false;

  constructor(log: MemoryLog) {
    this.log = log;
    this.admin = memoryAdmin(log);
  }

  producer(): Producer {
    return new MemoryProducer(this);
  }

  readonly operations: LogClient['operations'] = {
    removeGroupMembers: (group, members) => {
      this.log.expireMembers(group);
      return Promise.resolve(
        members.map(({ memberId = '' }) => ({ name: memberId, error: undefined })),
      );
    },
    fenceProducer: () => Promise.resolve(),
    deleteGroupOffsets: (group, partitions) => {
      for (const { topic, partition } of partitions)
        this.log.group(group).committed.delete(`${topic}/${partition}`);
      return Promise.resolve(partitions.map((each) => ({ ...each, error: undefined })));
    },
  };

  /** Transactions are the broker's; what needs them is tested with one. */
  transactionalProducer(): never {
    throw new Error('the log in memory has no transactions');
  }

  consumer(options: ConsumerOptions): Consumer {
    const consumer = new MemoryConsumer(this, options);
    this.#consumers.add(consumer);
    return consumer;
  }

  reader(options: ReaderOptions): PartitionReader {
    return memoryReader(this.log, options);
  }

  clusterId(): Promise<string> {
    return Promise.resolve('memory-log');
  }

  cut(): void {
    this.isCut = true;
    for (const consumer of this.#consumers) consumer.leave();
    this.log.changed();
  }
}

class MemoryProducer implements Producer {
  readonly #client: MemoryLogClient;
  readonly #pending = new Set<Promise<unknown>>();

  constructor(client: MemoryLogClient) {
    this.#client = client;
  }

  async send(
    records: readonly ProducerRecord[],
    signal?: AbortSignal,
  ): Promise<{ readonly delivered: Promise<SendResult> }> {
    signal?.throwIfAborted();
    await Promise.resolve();
    const delivered = this.#deliver(records);
    this.#pending.add(delivered);
    void delivered.then(() => this.#pending.delete(delivered));
    return { delivered };
  }

  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Nobody counts here. */
  metrics(): ProducerMetrics {
    return {
      recordSendTotal: 0,
      recordErrorTotal: 0,
      recordRetryTotal: 0,
      batchSplitTotal: 0,
      requestTotal: 0,
      outgoingByteTotal: 0,
      requestsInFlight: 0,
      bufferTotalBytes: 0,
      bufferAvailableBytes: 0,
    };
  }

  async close(): Promise<void> {
    await this.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #deliver(records: readonly ProducerRecord[]): Promise<SendResult> {
    const { log } = this.#client;
    const failures: SendFailure[] = [];
    const held: Promise<void>[] = [];
    for (const [index, record] of records.entries()) {
      if (this.#client.isCut) return new Promise(() => undefined);
      const error = log.faults.refuse?.(record);
      if (error !== undefined) {
        failures.push({ index, error });
        continue;
      }
      log.append(record);
      if (log.faults.holdAcks?.(record) === true) {
        const release = deferred();
        log.holdAck(() => release.resolve());
        held.push(release.promise);
      }
    }
    await Promise.all(held);
    await new Promise((resolve) => setImmediate(resolve));
    // A dead process hears of nothing.
    return this.#client.isCut ? new Promise(() => undefined) : { failures };
  }
}

const RECORDS_MAX = 500;

class MemoryConsumer implements Consumer {
  readonly #client: MemoryLogClient;
  readonly #options: ConsumerOptions;
  readonly #group: MemoryGroup;
  readonly #positions = new Map<string, { readonly at: TopicPartition; next: number }>();
  readonly #paused = new Set<string>();
  #generation = -1;
  #isMember = false;
  #isExpired = false;
  #isClosed = false;
  #woken = false;

  constructor(client: MemoryLogClient, options: ConsumerOptions) {
    this.#client = client;
    this.#options = options;
    this.#group = client.log.group(options.groupId);
  }

  async poll(options: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly ConsumedRecord[]> {
    options.signal?.throwIfAborted();
    await this.#rebalance();
    const { clock } = this.#client.log;
    const untilMs = clock.monotonicMs() + options.timeoutMs;
    for (;;) {
      const records = this.#take();
      if (records.length > 0 || this.#woken || this.#isStale()) {
        this.#woken = false;
        return records;
      }
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) return [];
      const timer = new AbortController();
      const onAbort = (): void => timer.abort(options.signal?.reason);
      options.signal?.addEventListener('abort', onAbort, { once: true });
      await Promise.race([
        this.#client.log.change(),
        clock.sleep(leftMs, timer.signal).catch(() => undefined),
      ]);
      options.signal?.removeEventListener('abort', onAbort);
      timer.abort();
      options.signal?.throwIfAborted();
    }
  }

  async commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    await Promise.resolve();
    if (this.#client.isCut) return new Promise(() => undefined);
    if (this.#isExpired || !this.#isMember)
      throw new MillraceError({
        code: 'client.commit_rejected',
        retry: 'fatal',
        message: 'not a member of the group',
      });
    for (const { topic, partition, offset } of offsets)
      this.#group.committed.set(`${topic}/${partition}`, offset);
    this.#client.log.changed();
  }

  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    return Promise.resolve(
      partitions.flatMap(({ topic, partition }) => {
        const offset = this.#group.committed.get(`${topic}/${partition}`);
        return offset === undefined ? [] : [{ topic, partition, offset, metadata: '' }];
      }),
    );
  }

  position({ topic, partition }: TopicPartition): number | undefined {
    return this.#positions.get(`${topic}/${partition}`)?.next;
  }

  lag({ topic, partition }: TopicPartition): number | undefined {
    const records = this.#client.log.topic(topic)?.partitions[partition];
    const position = this.position({ topic, partition });
    return records === undefined || position === undefined ? undefined : records.length - position;
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    const position = this.#positions.get(`${topic}/${partition}`);
    if (position !== undefined) position.next = offset;
    this.#client.log.changed();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#paused.add(`${topic}/${partition}`);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#paused.delete(`${topic}/${partition}`);
  }

  paused(): readonly TopicPartition[] {
    return this.assignment().filter(({ topic, partition }) =>
      this.#paused.has(`${topic}/${partition}`),
    );
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#positions.values()].map(({ at }) => at);
  }

  groupMetadata(): GroupMetadata {
    return {
      groupId: this.#options.groupId,
      generationId: this.#generation,
      memberId: '',
      groupInstanceId: null,
    };
  }

  wakeup(): void {
    this.#woken = true;
    this.#client.log.changed();
  }

  expire(): void {
    this.#isExpired = true;
  }

  leave(): void {
    if (this.#group.members.delete(this)) this.#group.generation++;
    this.#isMember = false;
    this.#client.log.changed();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const partitions = this.assignment();
    if (partitions.length > 0) await this.#options.onRevoked?.(partitions);
    this.#positions.clear();
    this.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isStale(): boolean {
    return this.#isExpired || this.#generation !== this.#group.generation;
  }

  async #rebalance(): Promise<void> {
    if (this.#client.isCut || (!this.#isStale() && this.#isMember)) return;
    const before = this.assignment();
    if (before.length > 0) {
      const wasLost = this.#isExpired;
      if (wasLost) await this.#options.onLost?.(before);
      else await this.#options.onRevoked?.(before);
      this.#positions.clear();
      this.#paused.clear();
    }
    this.#isExpired = false;
    if (!this.#isMember) {
      this.#isMember = true;
      this.#group.members.add(this);
      this.#group.generation++;
    }
    this.#generation = this.#group.generation;
    const assigned = this.#assign();
    for (const at of assigned)
      this.#positions.set(`${at.topic}/${at.partition}`, {
        at,
        next: this.#group.committed.get(`${at.topic}/${at.partition}`) ?? 0,
      });
    if (assigned.length > 0) await this.#options.onAssigned?.(assigned);
  }

  #assign(): readonly TopicPartition[] {
    const members = [...this.#group.members];
    const mine = members.indexOf(this);
    return this.#subscribed().flatMap((topic) =>
      (this.#client.log.topic(topic)?.partitions ?? [])
        .map((_, partition) => ({ topic, partition }))
        .filter(({ partition }) => partition % members.length === mine),
    );
  }

  #subscribed(): readonly string[] {
    const { topics, topicsPattern } = this.#options;
    if (topics !== undefined) {
      for (const topic of topics) this.#client.log.createTopic(topic);
      return topics;
    }
    const pattern = new RegExp(`^(?:${topicsPattern?.source ?? ''})$`, 'u');
    return this.#client.log.topicNames().filter((name) => pattern.test(name));
  }

  #take(): readonly ConsumedRecord[] {
    const taken: ConsumedRecord[] = [];
    const limit = this.#options.maxPollRecords ?? RECORDS_MAX;
    if (this.#client.isCut || this.#isStale()) return taken;
    for (const [key, position] of this.#positions) {
      if (this.#paused.has(key)) continue;
      const { topic, partition } = position.at;
      const records = this.#client.log.topic(topic)?.partitions[partition] ?? [];
      const slice = records.slice(position.next, position.next + limit - taken.length);
      taken.push(...slice);
      position.next += slice.length;
    }
    return taken;
  }
}

function memoryReader(log: MemoryLog, { topic }: ReaderOptions): PartitionReader {
  let position = 0;
  const take = (): readonly ConsumedRecord[] => {
    const records = log.records(topic).slice(position);
    position += records.length;
    return records;
  };
  const close = (): Promise<void> => Promise.resolve();
  return {
    readToEnd: async (onRecords) => {
      await onRecords(take());
    },
    poll: () => Promise.resolve(take()),
    position: () => position,
    seek: (_partition, offset) => {
      position = offset;
    },
    wakeup: () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function memoryAdmin(log: MemoryLog): Admin {
  const unsupported = (): Promise<never> =>
    Promise.reject(new Error('the memory log does not have this call'));
  return {
    createTopics: (topics) =>
      Promise.resolve(
        topics.map(({ name, partitions, configs }) => {
          log.createTopic(name, Math.max(1, partitions ?? 1), configs ?? {});
          return { name, error: undefined };
        }),
      ),
    deleteTopics: unsupported,
    listTopics: () =>
      Promise.resolve(log.topicNames().map((name) => ({ name, isInternal: false }))),
    describeTopics: (names) =>
      Promise.resolve(
        names.flatMap((name) => {
          const topic = log.topic(name);
          const partitions = topic?.partitions.map((_, partition) => ({
            partition,
            leader: 1,
            leaderEpoch: 0,
            replicas: [1],
            isr: [1],
          }));
          return partitions === undefined ? [] : [{ name, isInternal: false, partitions }];
        }),
      ),
    createPartitions: unsupported,
    describeConfigs: (resources) =>
      Promise.resolve(
        resources.map((resource) => ({
          resource,
          entries: Object.entries({
            'cleanup.policy': 'delete',
            ...log.topic(resource.name)?.configs,
          }).map(([name, value]) => ({
            name,
            value,
            isDefault: false,
            isReadOnly: false,
            isSensitive: false,
          })),
          error: undefined,
        })),
      ),
    incrementalAlterConfigs: unsupported,
    listOffsets: unsupported,
    deleteRecords: unsupported,
    listGroups: unsupported,
    describeGroups: unsupported,
    listGroupOffsets: (groupId) =>
      Promise.resolve(
        [...log.group(groupId).committed].map(([key, offset]) => {
          const slash = key.lastIndexOf('/');
          const topic = key.slice(0, slash);
          return { topic, partition: Number(key.slice(slash + 1)), offset, metadata: '' };
        }),
      ),
    alterGroupOffsets: (groupId, offsets) => {
      for (const { topic, partition, offset } of offsets)
        log.group(groupId).committed.set(`${topic}/${partition}`, offset);
      return Promise.resolve();
    },
    deleteGroups: (groupIds) =>
      Promise.resolve(
        groupIds.map((name) => {
          log.forgetGroup(name);
          return { name, error: undefined };
        }),
      ),
    describeCluster: () =>
      Promise.resolve({
        clusterId: 'memory-log',
        controllerId: 1,
        brokers: [{ id: 1, host: '127.0.0.1', port: 0, rack: null }],
      }),
  };
}
