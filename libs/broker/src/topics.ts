import { inParallel, must, type Logger, type Random } from '@millrace/foundation';
import { ErrorCode, uuidFromBytes, ZERO_UUID } from '@millrace/kafka-protocol';
import { resolveLogConfig, type LogConfig, type PartitionLog } from '@millrace/log';
import { effectiveTopicConfig, topicConfigChain, type BrokerLayers } from './effective-configs.ts';
import { recordsOfPartitions, recordsOfTopic } from './metadata/image-records.ts';
import { configsOf, type ConfigOverrides } from './metadata/metadata-image.ts';
import type { MetadataImage, PartitionEntry, TopicEntry } from './metadata/metadata-image.ts';
import type { MetadataLog } from './metadata/metadata-log.ts';
import { configRecord, type MetadataRecord } from './metadata/metadata-records.ts';
import { topicGone } from './errors.ts';
import { LogMaking } from './log-making.ts';
import type { Refusal } from './refusal.ts';
import { ResourceType } from './resource-type.ts';
import { collisionKey } from './topic-names.ts';

/** Logs that are removed at the same time: their waits for the disk overlap. */
const REMOVED_AT_ONCE = 8;

/** The files of the partitions. */
export interface LogStore {
  find(topic: string, partition: number): PartitionLog | undefined;
  create(
    topic: string,
    partition: number,
    topicId: string,
    config: LogConfig,
  ): Promise<PartitionLog>;
  remove(topic: string, partition: number): Promise<void>;
  /** Takes a log out of service that is of no topic; answers the folder where its files stay. */
  setAside(topic: string, partition: number): Promise<string | undefined>;
  /** All that is there. */
  all(): readonly PartitionLog[];
}

export interface NewTopic {
  readonly name: string;
  readonly partitionCount: number;
  readonly configs: ConfigOverrides;
  /** The replicas of each partition; on this broker when absent. */
  readonly assignments?: readonly (readonly number[])[] | undefined;
  /** Its logs come into being when they are first used. */
  readonly isLazy?: boolean;
}

export interface TopicsOptions {
  readonly metadata: MetadataLog;
  readonly store: LogStore;
  readonly givenConfigs: ConfigOverrides;
  readonly nodeId: number;
  /** Where the files of a new partition are put: an id out of `meta.properties`, zeros for any. */
  readonly directoryId: string;
  readonly partitionsMax: number;
  readonly random: Random;
  readonly log: Logger;
}

export type ConfigChange = (current: ConfigOverrides) => ConfigOverrides;

/**
 * The topics: what the metadata log says, with the logs that belong to it. The metadata is decided
 * and durable first; files follow, and are made on demand if a crash or a full disk came between.
 */
export class Topics {
  readonly #options: TopicsOptions;
  readonly #logs = new Map<string, (PartitionLog | undefined)[]>();
  /** By entry, which is replaced whenever the topic's settings change. */
  #minInSync = new WeakMap<TopicEntry, number>();
  readonly #opening = new Map<string, Promise<PartitionLog>>();
  readonly #making: LogMaking;

  private constructor(options: TopicsOptions) {
    this.#options = options;
    this.#making = new LogMaking({
      make: (entry, partition) => this.openLog(entry, partition),
      isThere: ({ topicId }) => this.findById(topicId) !== undefined,
      log: options.log,
    });
  }

  /** Brings the files in line with the metadata. Logs of no topic are set aside: they may be another cluster's. */
  static async open(options: TopicsOptions): Promise<Topics> {
    const topics = new Topics(options);
    const configs = new Map<string, LogConfig>();
    for (const log of options.store.all()) {
      const entry = options.metadata.image.topicsByName.get(log.topic);
      const isKnown =
        entry !== undefined &&
        log.partition < entry.partitionCount &&
        (log.topicId === undefined || log.topicId === entry.topicId);
      if (isKnown) {
        const config = configs.get(entry.topicId) ?? topics.logConfigOf(entry.configs);
        configs.set(entry.topicId, config);
        log.configure(config);
        topics.#keep(entry.topicId, log.partition, log);
      } else {
        const { topic, partition, topicId } = log;
        const folder = await options.store.setAside(topic, partition);
        options.log.warn(
          { topic, partition, topicId, folder },
          'a log of no topic was set aside; delete its folder when it is not needed',
        );
      }
    }
    return topics;
  }

  get image(): MetadataImage {
    return this.#options.metadata.image;
  }

  /** The epoch that new batches of the partition get; -1 for a partition that does not exist. */
  leaderEpochOf(entry: TopicEntry, partition: number): number {
    return entry.partitions[partition]?.leaderEpoch ?? -1;
  }

  find(name: string): TopicEntry | undefined {
    return this.image.topicsByName.get(name);
  }

  findById(topicId: string): TopicEntry | undefined {
    return this.image.topicsById.get(topicId);
  }

  hasPartition(name: string, partition: number): boolean {
    const entry = this.find(name);
    return entry !== undefined && partition >= 0 && partition < entry.partitionCount;
  }

  /** The log, if it has been used before. For the hot path. */
  findLog(entry: TopicEntry, partition: number): PartitionLog | undefined {
    return this.#logs.get(entry.topicId)?.[partition];
  }

  /** The log of an existing partition; made now if it was never used. Throws what the disk says. */
  openLog(entry: TopicEntry, partition: number): Promise<PartitionLog> {
    const open = this.findLog(entry, partition);
    if (open !== undefined) return Promise.resolve(open);
    const name = `${entry.topicId}-${partition}`;
    const known = this.#opening.get(name);
    if (known !== undefined) return known;
    const opening = this.#createLog(entry, partition).finally(() => this.#opening.delete(name));
    this.#opening.set(name, opening);
    return opening;
  }

  async #createLog(entry: TopicEntry, partition: number): Promise<PartitionLog> {
    const { store } = this.#options;
    // Deleted a moment ago: its folder must not come again.
    if (this.findById(entry.topicId) === undefined) throw topicGone(entry.name);
    const config = this.logConfigOf(entry.configs);
    const log =
      store.find(entry.name, partition) ??
      (await store.create(entry.name, partition, entry.topicId, config));
    this.#keep(entry.topicId, partition, log);
    return log;
  }

  #keep(topicId: string, partition: number, log: PartitionLog): void {
    const logs = this.#logs.get(topicId) ?? [];
    logs[partition] = log;
    this.#logs.set(topicId, logs);
  }

  /** Resolves when the logs of new topics are there. */
  settled(): Promise<void> {
    return this.#making.settled();
  }

  /** Makes no more logs for topics that nobody uses yet. */
  close(): Promise<void> {
    return this.#making.close();
  }

  /** Every log that is open, for metrics and maintenance. */
  *openLogs(): Iterable<PartitionLog> {
    for (const logs of this.#logs.values()) {
      for (const log of logs) if (log !== undefined) yield log;
    }
  }

  /** Creates topics in one durable change. For each its entry, or why not. */
  async create(
    newTopics: readonly NewTopic[],
    isValidateOnly = false,
  ): Promise<readonly (TopicEntry | Refusal)[]> {
    const outcomes: (TopicEntry | Refusal)[] = [];
    await this.#options.metadata.change((image) => {
      const names = new Set(image.topicsByName.keys());
      const collisions = new Map([...names].map((name) => [collisionKey(name), name]));
      let { partitionCount } = image;
      const created: TopicEntry[] = [];
      for (const newTopic of newTopics) {
        const refusal =
          findNameConflict(newTopic.name, names, collisions) ??
          this.#findLimitReached(partitionCount + newTopic.partitionCount);
        if (refusal !== undefined) {
          outcomes.push(refusal);
          continue;
        }
        const { name, partitionCount: count, configs, assignments } = newTopic;
        const partitions = this.#newPartitions(count, assignments);
        const topicId = this.#newTopicId(image);
        const entry = { name, topicId, partitionCount: count, partitions, configs };
        names.add(name);
        collisions.set(collisionKey(name), name);
        partitionCount += count;
        created.push(entry);
        outcomes.push(entry);
      }
      if (isValidateOnly) return [];
      return created.flatMap((entry) => [...recordsOfTopic(entry)]);
    });
    if (!isValidateOnly) {
      await this.#making.makeAll(
        outcomes.flatMap((outcome, index) =>
          'topicId' in outcome && newTopics[index]?.isLazy !== true ? [outcome] : [],
        ),
      );
    }
    return outcomes;
  }

  #newPartitions(
    count: number,
    assignments: readonly (readonly number[])[] | undefined,
  ): readonly PartitionEntry[] {
    const { nodeId, directoryId } = this.#options;
    return Array.from({ length: count }, (_, index) => {
      const replicas = assignments?.[index] ?? [nodeId];
      return {
        replicas,
        isr: replicas,
        addingReplicas: [],
        removingReplicas: [],
        eligibleLeaderReplicas: [],
        lastKnownElr: [],
        leader: replicas[0] ?? -1,
        leaderRecoveryState: 0,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: replicas.map((id) => (id === nodeId ? directoryId : ZERO_UUID)),
      };
    });
  }

  #findLimitReached(partitionCount: number): Refusal | undefined {
    // INV-6: bounded by partitions.max.
    if (partitionCount <= this.#options.partitionsMax) return undefined;
    return {
      errorCode: ErrorCode.POLICY_VIOLATION,
      message: `The broker may have ${this.#options.partitionsMax} partitions at most (partitions.max).`,
    };
  }

  #newTopicId(image: MetadataImage): string {
    for (;;) {
      const topicId = uuidFromBytes(this.#options.random.nextBytes(16));
      // Kafka's tools take a leading '-' for an option, so Kafka makes no such ids either.
      if (topicId !== ZERO_UUID && !topicId.startsWith('-') && !image.topicsById.has(topicId))
        return topicId;
    }
  }

  /** Removes the topic, durably first and then its files. Answers the entry that was removed. */
  async delete(topicId: string): Promise<TopicEntry | undefined> {
    let removed: TopicEntry | undefined;
    await this.#options.metadata.change((image) => {
      removed = image.topicsById.get(topicId);
      return removed === undefined ? [] : [{ kind: 'remove-topic', topicId }];
    });
    if (removed === undefined) return undefined;
    const making = [...this.#opening].filter(([name]) => name.startsWith(`${topicId}-`));
    await Promise.allSettled(making.map(([, log]) => log));
    const logs = this.#logs.get(topicId) ?? [];
    this.#logs.delete(topicId);
    const open = logs.filter((log) => log !== undefined);
    await inParallel(open, REMOVED_AT_ONCE, ({ topic, partition }) =>
      this.#options.store.remove(topic, partition),
    );
    return removed;
  }

  async addPartitions(
    topicId: string,
    partitionCount: number,
    isValidateOnly: boolean,
    assignments?: readonly (readonly number[])[],
  ): Promise<Refusal | undefined> {
    let refusal: Refusal | undefined;
    const image = await this.#options.metadata.change((current) => {
      const entry = current.topicsById.get(topicId);
      refusal = findGrowthProblem(entry, partitionCount);
      const added = partitionCount - (entry?.partitionCount ?? 0);
      refusal ??= this.#findLimitReached(current.partitionCount + added);
      if (refusal !== undefined || isValidateOnly || entry === undefined) return [];
      const partitions = [...entry.partitions, ...this.#newPartitions(added, assignments)];
      return [...recordsOfPartitions({ ...entry, partitions }, entry.partitionCount)];
    });
    const entry = image.topicsById.get(topicId);
    if (refusal === undefined && entry !== undefined && !isValidateOnly)
      await this.#making.makeAll([entry]);
    return refusal;
  }

  /** Changes the topic's own settings; holds for its logs at once. */
  async configure(topicId: string, change: ConfigChange): Promise<void> {
    const image = await this.#options.metadata.change((current) => {
      const entry = current.topicsById.get(topicId);
      if (entry === undefined) return [];
      return changedConfigs(ResourceType.TOPIC, entry.name, entry.configs, change(entry.configs));
    });
    const entry = image.topicsById.get(topicId);
    if (entry !== undefined) this.#configureLogs(entry);
  }

  /** Changes the settings of this broker, of all brokers (''), of a group or a metrics subscription. */
  async configureResource(type: number, name: string, change: ConfigChange): Promise<void> {
    const image = await this.#options.metadata.change((current) => {
      const before = configsOf(current, type, name);
      return changedConfigs(type, name, before, change(before));
    });
    if (type !== ResourceType.BROKER) return;
    this.#minInSync = new WeakMap();
    for (const entry of image.topicsById.values()) this.#configureLogs(entry);
  }

  #configureLogs(entry: TopicEntry): void {
    const config = this.logConfigOf(entry.configs);
    for (const log of this.#logs.get(entry.topicId) ?? []) log?.configure(config);
  }

  get layers(): BrokerLayers {
    const { nodeId, givenConfigs } = this.#options;
    return brokerLayersOf(this.image, nodeId, givenConfigs);
  }

  /** Throws `log.invalid_config`. */
  logConfigOf(overrides: ConfigOverrides): LogConfig {
    return resolveLogConfig(effectiveTopicConfig(overrides, this.layers));
  }

  /** `min.insync.replicas`, which one node can satisfy only when it is 1. */
  minInSyncReplicas(entry: TopicEntry): number {
    const known = this.#minInSync.get(entry);
    if (known !== undefined) return known;
    const value = topicConfigChain('min.insync.replicas', entry.configs, this.layers)[0]?.value;
    const count = Number(value ?? 1);
    this.#minInSync.set(entry, count);
    return count;
  }

  /** A block of producer ids that nobody else has, reserved durably: the first of `count`. */
  async reserveProducerIds(count: number): Promise<number> {
    const { image } = this;
    let first = image.nextProducerId;
    await this.#options.metadata.change((current) => {
      first = current.nextProducerId;
      const { nodeId } = this.#options;
      const brokerEpoch = current.brokers.get(nodeId)?.brokerEpoch ?? -1;
      const nextProducerId = first + count;
      return [{ kind: 'producer-ids', brokerId: nodeId, brokerEpoch, nextProducerId }];
    });
    return first;
  }

  /** The entry of a topic that is known to be there. */
  mustFind(name: string): TopicEntry {
    return must(this.find(name), `topic ${name} exists`);
  }
}

/** The broker's own settings, as far as they were changed while it ran. */
export function brokerLayersOf(
  image: MetadataImage,
  nodeId: number,
  given: ConfigOverrides,
): BrokerLayers {
  return {
    dynamic: configsOf(image, ResourceType.BROKER, String(nodeId)),
    dynamicDefault: configsOf(image, ResourceType.BROKER, ''),
    given,
  };
}

/** A record for each setting that differs. */
function changedConfigs(
  type: number,
  name: string,
  before: ConfigOverrides,
  after: ConfigOverrides,
): readonly MetadataRecord[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys]
    .filter((key) => before[key] !== after[key])
    .map((key) => configRecord(type, name, key, after[key] ?? null));
}

function findNameConflict(
  name: string,
  names: ReadonlySet<string>,
  collisions: ReadonlyMap<string, string>,
): Refusal | undefined {
  if (names.has(name)) {
    return {
      errorCode: ErrorCode.TOPIC_ALREADY_EXISTS,
      message: `Topic '${name}' already exists.`,
    };
  }
  const collision = collisions.get(collisionKey(name));
  if (collision === undefined) return undefined;
  return {
    errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
    message: `Topic '${name}' collides with existing topic: ${collision}`,
  };
}

function findGrowthProblem(entry: TopicEntry | undefined, count: number): Refusal | undefined {
  if (entry === undefined)
    return {
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      message: 'This server does not host this topic-partition.',
    };
  if (count === entry.partitionCount)
    return {
      errorCode: ErrorCode.INVALID_PARTITIONS,
      message: `Topic already has ${count} partition(s).`,
    };
  if (count < entry.partitionCount)
    return {
      errorCode: ErrorCode.INVALID_PARTITIONS,
      message: `The topic ${entry.name} currently has ${entry.partitionCount} partition(s); ${count} would not be an increase.`,
    };
  return undefined;
}
