import type { ConsumerLimits, TopicDirectory } from './groups/consumer/step.ts';
import type { ConfigOverrides } from './metadata/metadata-image.ts';
import type { BrokerSettings } from './settings.ts';
import type { Topics } from './topics.ts';

/** The bounds of a consumer group: the broker's, with what the group itself was given. */
export function consumerLimitsOf(
  { values }: BrokerSettings,
  overrides: ConfigOverrides,
): ConsumerLimits {
  const policy = values['group.consumer.migration.policy'].toLowerCase();
  const isServed = servesConsumerGroups(values['group.coordinator.rebalance.protocols']);
  return {
    sessionTimeoutMs: Number(
      overrides['consumer.session.timeout.ms'] ?? values['group.consumer.session.timeout.ms'],
    ),
    heartbeatIntervalMs: Number(
      overrides['consumer.heartbeat.interval.ms'] ?? values['group.consumer.heartbeat.interval.ms'],
    ),
    membersMax: values['group.consumer.max.size'],
    classicMembersMax: values['group.max.size'],
    assignors: values['group.consumer.assignors'],
    canUpgrade: isServed && (policy === 'bidirectional' || policy === 'upgrade'),
    canDowngrade: policy === 'bidirectional' || policy === 'downgrade',
  };
}

export function servesConsumerGroups(protocols: readonly string[]): boolean {
  return protocols.includes('consumer');
}

/** The topics as groups see them. */
export function topicDirectory(topics: Topics): TopicDirectory {
  return {
    get version() {
      return topics.image.topicsById;
    },
    find: (name) => topics.find(name),
    nameOf: (topicId) => topics.findById(topicId)?.name,
    names: () => topics.image.topicsByName.keys(),
  };
}
