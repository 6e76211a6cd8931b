import { assert, unreachable } from '@millrace/foundation';
import {
  applySecurity,
  EMPTY_SECURITY,
  isSecurityRecord,
  recordsOfSecurity,
  type SecurityImage,
  type SecurityRecord,
} from './security-image.ts';

/** Texts as clients set them; a key that is absent has its default. */
export type ConfigOverrides = Readonly<Record<string, string>>;

export interface TopicEntry {
  readonly name: string;
  readonly topicId: string;
  readonly partitionCount: number;
  readonly configs: ConfigOverrides;
}

/** One durable decision about the cluster; the image is what follows from all of them in order. */
export type MetadataRecord =
  | SecurityRecord
  | ({ readonly kind: 'topic-created' } & TopicEntry)
  | {
      readonly kind: 'partitions-added';
      readonly topicId: string;
      /** The new total. */
      readonly partitionCount: number;
    }
  | {
      readonly kind: 'topic-configured';
      readonly topicId: string;
      readonly configs: ConfigOverrides;
    }
  | { readonly kind: 'broker-configured'; readonly configs: ConfigOverrides }
  | { readonly kind: 'topic-deleted'; readonly topicId: string }
  /** Producer ids below this one may be in use. */
  | { readonly kind: 'producer-ids-reserved'; readonly nextProducerId: number }
  /** After a stop that was not clean: tells this node's writes from those before (leader epoch). */
  | { readonly kind: 'leader-epoch-bumped'; readonly leaderEpoch: number };

/** What the cluster is, derived from the metadata records alone. Replaced whole, never changed in place. */
export interface MetadataImage {
  readonly topicsByName: ReadonlyMap<string, TopicEntry>;
  readonly topicsById: ReadonlyMap<string, TopicEntry>;
  readonly brokerConfigs: ConfigOverrides;
  readonly nextProducerId: number;
  readonly leaderEpoch: number;
  readonly partitionCount: number;
  readonly security: SecurityImage;
}

export const EMPTY_IMAGE: MetadataImage = {
  topicsByName: new Map(),
  topicsById: new Map(),
  brokerConfigs: {},
  nextProducerId: 0,
  leaderEpoch: 0,
  partitionCount: 0,
  security: EMPTY_SECURITY,
};

export function applyMetadata(
  image: MetadataImage,
  records: readonly MetadataRecord[],
): MetadataImage {
  const topics = new Map(image.topicsById);
  let { brokerConfigs, nextProducerId, leaderEpoch } = image;
  const security = applySecurity(image.security, records.filter(isSecurityRecord));
  for (const record of records) {
    if (isSecurityRecord(record)) continue;
    switch (record.kind) {
      case 'topic-created': {
        const { name, topicId, partitionCount, configs } = record;
        topics.set(topicId, { name, topicId, partitionCount, configs });
        break;
      }
      case 'partitions-added':
        change(topics, record.topicId, { partitionCount: record.partitionCount });
        break;
      case 'topic-configured':
        change(topics, record.topicId, { configs: record.configs });
        break;
      case 'topic-deleted':
        topics.delete(record.topicId);
        break;
      case 'broker-configured':
        brokerConfigs = record.configs;
        break;
      case 'producer-ids-reserved':
        nextProducerId = record.nextProducerId;
        break;
      case 'leader-epoch-bumped':
        leaderEpoch = record.leaderEpoch;
        break;
      default:
        return unreachable(record);
    }
  }
  return { ...imageOf(topics, brokerConfigs, nextProducerId, leaderEpoch), security };
}

/** The fewest records that lead from nothing to this image. */
export function recordsOfImage(image: MetadataImage): readonly MetadataRecord[] {
  return [
    { kind: 'leader-epoch-bumped', leaderEpoch: image.leaderEpoch },
    { kind: 'producer-ids-reserved', nextProducerId: image.nextProducerId },
    { kind: 'broker-configured', configs: image.brokerConfigs },
    ...[...image.topicsById.values()].map((topic) => ({
      kind: 'topic-created' as const,
      ...topic,
    })),
    ...recordsOfSecurity(image.security),
  ];
}

function imageOf(
  topicsById: ReadonlyMap<string, TopicEntry>,
  brokerConfigs: ConfigOverrides,
  nextProducerId: number,
  leaderEpoch: number,
): Omit<MetadataImage, 'security'> {
  const topicsByName = new Map<string, TopicEntry>();
  let partitionCount = 0;
  for (const topic of topicsById.values()) {
    assert(!topicsByName.has(topic.name), 'a topic name is used once');
    topicsByName.set(topic.name, topic);
    partitionCount += topic.partitionCount;
  }
  return { topicsByName, topicsById, brokerConfigs, nextProducerId, leaderEpoch, partitionCount };
}

function change(
  topics: Map<string, TopicEntry>,
  topicId: string,
  changes: Partial<TopicEntry>,
): void {
  const topic = topics.get(topicId);
  // A change that lost the race against a deletion changes nothing.
  if (topic !== undefined) topics.set(topicId, { ...topic, ...changes });
}
