import { ResourceType } from '../resource-type.ts';
import { configResourceOf, type MetadataImage, type TopicEntry } from './metadata-image.ts';
import { configRecord, type MetadataRecord } from './metadata-records.ts';
import { recordsOfSecurity } from './security-image.ts';

/** The fewest records that lead from nothing to this image: what a snapshot holds. */
export function* recordsOfImage(image: MetadataImage): Iterable<MetadataRecord> {
  for (const [name, featureLevel] of image.features)
    yield { kind: 'feature-level', name, featureLevel };
  for (const { isFenced, isInControlledShutdown, ...broker } of image.brokers.values()) {
    yield {
      kind: 'register-broker',
      ...broker,
      isMigratingZkBroker: false,
      fenced: isFenced,
      inControlledShutdown: isInControlledShutdown,
    };
  }
  for (const topic of image.topicsById.values()) yield* recordsOfTopic(topic);
  for (const [key, configs] of image.configs) {
    const [type, name] = configResourceOf(key);
    for (const [config, value] of Object.entries(configs))
      yield configRecord(type, name, config, value);
  }
  if (image.nextProducerId > 0) {
    const { nextProducerId } = image;
    yield { kind: 'producer-ids', brokerId: -1, brokerEpoch: -1, nextProducerId };
  }
  yield* recordsOfSecurity(image.security);
}

export function* recordsOfTopic(topic: TopicEntry): Iterable<MetadataRecord> {
  const { name, topicId } = topic;
  yield { kind: 'topic', name, topicId };
  for (const [config, value] of Object.entries(topic.configs))
    yield configRecord(ResourceType.TOPIC, name, config, value);
  yield* recordsOfPartitions(topic, 0);
}

/** From partition `first` on. */
export function* recordsOfPartitions(topic: TopicEntry, first: number): Iterable<MetadataRecord> {
  for (let partitionId = first; partitionId < topic.partitions.length; partitionId += 1) {
    const partition = topic.partitions[partitionId];
    if (partition === undefined) continue;
    const { eligibleLeaderReplicas: eligible, lastKnownElr } = partition;
    yield {
      kind: 'partition',
      ...partition,
      partitionId,
      topicId: topic.topicId,
      // As Kafka: none is said by leaving it out.
      eligibleLeaderReplicas: eligible.length === 0 ? null : eligible,
      lastKnownElr: lastKnownElr.length === 0 ? null : lastKnownElr,
    };
  }
}
