import { assert, unreachable } from '@millrace/foundation';
import type { PartitionChangeRecord, PartitionRecord } from '@millrace/kafka-protocol';
import { ResourceType } from '../resource-type.ts';
import {
  configKey,
  NO_CONFIGS,
  type BrokerEntry,
  type ConfigOverrides,
  type MetadataImage,
  type PartitionEntry,
  type TopicEntry,
} from './metadata-image.ts';
import { NO_LEADER_CHANGE, type MetadataRecord } from './metadata-records.ts';
import { applySecurity, type SecurityRecord } from './security-image.ts';

/** The image after these records. */
export function applyMetadata(
  image: MetadataImage,
  records: Iterable<MetadataRecord>,
): MetadataImage {
  const builder = new ImageBuilder(image);
  for (const record of records) builder.apply(record);
  return builder.build();
}

interface TopicDraft {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: PartitionEntry[];
  configs: ConfigOverrides;
}

type Maps = {
  [K in 'features' | 'brokers' | 'configs']: MetadataImage[K] extends ReadonlyMap<
    infer Key,
    infer Value
  >
    ? Map<Key, Value>
    : never;
};

/**
 * Applies records to a copy of an image. Only the maps that change are copied, and a topic's entry
 * is made once however many records it has, so that a long log is replayed in one go.
 */
export class ImageBuilder {
  readonly #base: MetadataImage;
  readonly #maps: Partial<Maps> = {};
  #topicsByName: Map<string, TopicEntry> | undefined;
  #topicsById: Map<string, TopicEntry> | undefined;
  readonly #drafts = new Map<string, TopicDraft>();
  #draftIds = new Map<string, string>();
  readonly #security: SecurityRecord[] = [];
  #partitionCount: number;
  #nextProducerId: number;

  constructor(base: MetadataImage) {
    this.#base = base;
    this.#partitionCount = base.partitionCount;
    this.#nextProducerId = base.nextProducerId;
  }

  apply(record: MetadataRecord): void {
    switch (record.kind) {
      case 'topic': {
        const { name, topicId } = record;
        assert(this.#idOf(name) === undefined, 'a topic name is used once');
        this.#drafts.set(topicId, { name, topicId, partitions: [], configs: NO_CONFIGS });
        this.#draftIds.set(name, topicId);
        return;
      }
      case 'partition':
        this.#setPartition(record);
        return;
      case 'partition-change':
        this.#changePartition(record);
        return;
      case 'remove-topic':
        this.#removeTopic(record.topicId);
        return;
      case 'config':
        this.#setConfig(record.resourceType, record.resourceName, record.name, record.value);
        return;
      case 'feature-level':
        this.#map('features').set(record.name, record.featureLevel);
        return;
      case 'producer-ids':
        this.#nextProducerId = record.nextProducerId;
        return;
      case 'register-broker': {
        const { brokerId, incarnationId, brokerEpoch, endPoints, features, rack, logDirs } = record;
        this.#map('brokers').set(brokerId, {
          ...{ brokerId, incarnationId, brokerEpoch, endPoints, features, rack, logDirs },
          isFenced: record.fenced,
          isInControlledShutdown: record.inControlledShutdown,
        });
        return;
      }
      case 'unregister-broker':
        this.#map('brokers').delete(record.brokerId);
        return;
      case 'fence-broker':
        this.#changeBroker(record.id, { isFenced: true });
        return;
      case 'unfence-broker':
        this.#changeBroker(record.id, { isFenced: false });
        return;
      case 'broker-registration-change':
        this.#changeBroker(record.brokerId, {
          ...(record.fenced === 0 ? {} : { isFenced: record.fenced > 0 }),
          ...(record.inControlledShutdown === 0 ? {} : { isInControlledShutdown: true }),
          ...(record.logDirs.length === 0 ? {} : { logDirs: record.logDirs }),
        });
        return;
      case 'access-control-entry':
      case 'access-control-entry-removed':
      case 'user-scram-credential':
      case 'user-scram-credential-removed':
      case 'client-quota':
        this.#security.push(record);
        return;
      case 'no-op':
      case 'begin-transaction':
      case 'end-transaction':
      case 'abort-transaction':
      case 'register-controller':
        return;
      default:
        return unreachable(record);
    }
  }

  build(): MetadataImage {
    for (const { name, topicId, partitions, configs } of this.#drafts.values()) {
      const partitionCount = partitions.length;
      const entry: TopicEntry = { name, topicId, partitionCount, partitions, configs };
      this.#byName().set(name, entry);
      this.#byId().set(topicId, entry);
    }
    this.#drafts.clear();
    this.#draftIds = new Map();
    return {
      ...this.#base,
      ...this.#maps,
      topicsByName: this.#topicsByName ?? this.#base.topicsByName,
      topicsById: this.#topicsById ?? this.#base.topicsById,
      partitionCount: this.#partitionCount,
      nextProducerId: this.#nextProducerId,
      security: applySecurity(this.#base.security, this.#security),
    };
  }

  #map<K extends keyof Maps>(name: K): Maps[K] {
    const known = this.#maps[name];
    if (known !== undefined) return known;
    // A copy of the map of that very name, which TypeScript can't follow.
    const copy = new Map(this.#base[name] as ReadonlyMap<never, never>) as Maps[K];
    this.#maps[name] = copy;
    return copy;
  }

  #byName(): Map<string, TopicEntry> {
    return (this.#topicsByName ??= new Map(this.#base.topicsByName));
  }

  #byId(): Map<string, TopicEntry> {
    return (this.#topicsById ??= new Map(this.#base.topicsById));
  }

  #idOf(name: string): string | undefined {
    return (
      this.#draftIds.get(name) ?? (this.#topicsByName ?? this.#base.topicsByName).get(name)?.topicId
    );
  }

  /** Undefined when the topic is gone: a change that lost the race against a deletion changes nothing. */
  #draft(topicId: string): TopicDraft | undefined {
    const known = this.#drafts.get(topicId);
    if (known !== undefined) return known;
    const entry = (this.#topicsById ?? this.#base.topicsById).get(topicId);
    if (entry === undefined) return undefined;
    const { name, partitions, configs } = entry;
    const draft = { name, topicId, partitions: [...partitions], configs };
    this.#drafts.set(topicId, draft);
    return draft;
  }

  #setPartition(record: PartitionRecord): void {
    const draft = this.#draft(record.topicId);
    if (draft === undefined) return;
    assert(record.partitionId <= draft.partitions.length, 'partitions come in order');
    if (record.partitionId === draft.partitions.length) this.#partitionCount += 1;
    draft.partitions[record.partitionId] = {
      replicas: record.replicas,
      isr: record.isr,
      addingReplicas: record.addingReplicas,
      removingReplicas: record.removingReplicas,
      eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? [],
      lastKnownElr: record.lastKnownElr ?? [],
      leader: record.leader,
      leaderRecoveryState: record.leaderRecoveryState,
      leaderEpoch: record.leaderEpoch,
      partitionEpoch: record.partitionEpoch,
      directories: record.directories,
    };
  }

  #changePartition(record: PartitionChangeRecord): void {
    const draft = this.#draft(record.topicId);
    const before = draft?.partitions[record.partitionId];
    if (draft === undefined || before === undefined) return;
    const isElected = record.leader !== NO_LEADER_CHANGE;
    draft.partitions[record.partitionId] = {
      replicas: record.replicas ?? before.replicas,
      isr: record.isr ?? before.isr,
      addingReplicas: record.addingReplicas ?? before.addingReplicas,
      removingReplicas: record.removingReplicas ?? before.removingReplicas,
      eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? before.eligibleLeaderReplicas,
      lastKnownElr: record.lastKnownElr ?? before.lastKnownElr,
      leader: isElected ? record.leader : before.leader,
      leaderRecoveryState:
        record.leaderRecoveryState < 0 ? before.leaderRecoveryState : record.leaderRecoveryState,
      leaderEpoch: before.leaderEpoch + (isElected ? 1 : 0),
      partitionEpoch: before.partitionEpoch + 1,
      directories: record.directories ?? before.directories,
    };
  }

  #removeTopic(topicId: string): void {
    const draft = this.#draft(topicId);
    if (draft === undefined) return;
    this.#partitionCount -= draft.partitions.length;
    this.#drafts.delete(topicId);
    this.#draftIds.delete(draft.name);
    this.#byName().delete(draft.name);
    this.#byId().delete(topicId);
  }

  #setConfig(type: number, resource: string, name: string, value: string | null): void {
    if (type === ResourceType.TOPIC) {
      const topicId = this.#idOf(resource);
      const draft = topicId === undefined ? undefined : this.#draft(topicId);
      if (draft !== undefined) draft.configs = withConfig(draft.configs, name, value);
      return;
    }
    const configs = this.#map('configs');
    const key = configKey(type, resource);
    const changed = withConfig(configs.get(key) ?? NO_CONFIGS, name, value);
    if (Object.keys(changed).length === 0) configs.delete(key);
    else configs.set(key, changed);
  }

  #changeBroker(brokerId: number, changes: Partial<BrokerEntry>): void {
    const brokers = this.#map('brokers');
    const broker = brokers.get(brokerId);
    if (broker !== undefined) brokers.set(brokerId, { ...broker, ...changes });
  }
}

function withConfig(configs: ConfigOverrides, name: string, value: string | null): ConfigOverrides {
  const others = Object.entries(configs).filter(([key]) => key !== name);
  return Object.fromEntries(value === null ? others : [...others, [name, value]]);
}
