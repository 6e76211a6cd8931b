import { atLeast, defineFields, each, oneOf, type Validator } from '@millrace/config';

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

const notEmpty: Validator<readonly string[]> = (values) =>
  values.length === 0 ? 'must not be empty' : undefined;

/** The broker's settings of groups and their offsets, under Kafka's own keys. */
export const groupFields = defineFields({
  'group.initial.rebalance.delay.ms': {
    type: 'INT',
    // Kafka waits 3 s. Members of a group here mostly start within one process, a few ms apart.
    default: 100,
    validate: atLeast(0),
    doc: 'How long the first member of an empty group waits for others, so that they share one rebalance.',
  },
  'group.min.session.timeout.ms': {
    type: 'INT',
    default: 6000,
    doc: 'Shortest session time-out of a group member.',
  },
  'group.max.session.timeout.ms': {
    type: 'INT',
    default: 30 * MINUTE_MS,
    doc: 'Longest session time-out of a group member.',
  },
  'group.max.size': {
    type: 'INT',
    // Kafka has no limit; a group of more members than this is a client in a loop.
    default: 10_000,
    validate: atLeast(1),
    doc: 'Most members of a group.',
  },
  'groups.max': {
    type: 'INT',
    default: 100_000,
    validate: atLeast(1),
    doc: 'Most groups that the coordinator keeps, those with nothing but offsets included.',
  },
  'group.member.subscription.max.bytes': {
    type: 'INT',
    // A group with longer ones could not be stored in one record of __consumer_offsets either.
    default: MIB,
    validate: atLeast(1),
    doc: 'Longest subscription of a group member: its protocols with their metadata, or its topics. No key of Kafka’s.',
  },
  'offset.metadata.max.bytes': {
    type: 'INT',
    default: 4096,
    doc: 'Longest text that may be stored with a committed offset.',
  },
  'offsets.topic.num.partitions': {
    type: 'INT',
    default: 50,
    validate: atLeast(1),
    doc: 'Partitions of __consumer_offsets. Fixed once the topic exists.',
  },
  'offsets.topic.segment.bytes': {
    type: 'INT',
    default: 100 * MIB,
    validate: atLeast(1),
    doc: 'Segment size of __consumer_offsets.',
  },
  'offsets.retention.minutes': {
    type: 'INT',
    default: 7 * 24 * 60,
    validate: atLeast(1),
    doc: 'How long offsets are kept after their group has become empty.',
  },
  'offsets.retention.check.interval.ms': {
    type: 'LONG',
    default: 10 * MINUTE_MS,
    validate: atLeast(1),
    doc: 'How often expired offsets are looked for.',
  },

  'group.coordinator.rebalance.protocols': {
    type: 'LIST',
    default: ['classic', 'consumer'],
    validate: (values) =>
      values.includes('classic')
        ? each(oneOf('classic', 'consumer'))(values)
        : 'must have the classic protocol',
    doc: 'The group protocols that are served: classic, consumer (KIP-848).',
  },
  'group.consumer.session.timeout.ms': {
    type: 'INT',
    default: 45_000,
    validate: atLeast(1),
    doc: 'Time without a heartbeat after which a member of a consumer group (KIP-848) is given up.',
  },
  'group.consumer.min.session.timeout.ms': {
    type: 'INT',
    default: 45_000,
    validate: atLeast(1),
    doc: 'Shortest session time-out that a consumer group may be given.',
  },
  'group.consumer.max.session.timeout.ms': {
    type: 'INT',
    default: 60_000,
    validate: atLeast(1),
    doc: 'Longest session time-out that a consumer group may be given.',
  },
  'group.consumer.heartbeat.interval.ms': {
    type: 'INT',
    default: 5000,
    validate: atLeast(1),
    doc: 'How often members of consumer groups are told to heartbeat.',
  },
  'group.consumer.min.heartbeat.interval.ms': {
    type: 'INT',
    default: 5000,
    validate: atLeast(1),
    doc: 'Shortest heartbeat interval that a consumer group may be given.',
  },
  'group.consumer.max.heartbeat.interval.ms': {
    type: 'INT',
    default: 15_000,
    validate: atLeast(1),
    doc: 'Longest heartbeat interval that a consumer group may be given.',
  },
  'group.consumer.max.size': {
    type: 'INT',
    // Kafka has no limit; a group of more members than this is a client in a loop.
    default: 10_000,
    validate: atLeast(1),
    doc: 'Most members of a consumer group.',
  },
  'group.consumer.assignors': {
    type: 'LIST',
    default: ['uniform', 'range'],
    validate: (values) => notEmpty(values) ?? each(oneOf('uniform', 'range'))(values),
    doc: 'The assignors that members of consumer groups may ask for; the first is the default.',
  },
  'group.consumer.migration.policy': {
    type: 'STRING',
    default: 'bidirectional',
    validate: (value) =>
      oneOf('bidirectional', 'upgrade', 'downgrade', 'disabled')(value.toLowerCase()),
    doc: 'Whether classic groups may become consumer groups while they have members, and back.',
  },
});
