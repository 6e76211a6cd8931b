import {
  atLeast,
  between,
  defineFields,
  each,
  oneOf,
  type AnyField,
  type Resolved,
  type Validator,
} from '@millrace/config';
import { brokerFields } from './fields.ts';
import { FOREVER } from './forever.ts';
import { gzipLevel } from './gzip-level.ts';
import { kafkaOnlyFields } from './kafka-only-fields.ts';

type BrokerKey = keyof typeof brokerFields;

const THROTTLED = /^\d+:\d+$/;
/** `*`, or a list of partition:broker. */
function throttledReplicas(key: string): Validator<readonly string[]> {
  return (values) =>
    values.every((value) => value === '*' || value === 'none' || THROTTLED.test(value))
      ? undefined
      : `${key} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`;
}

/** Settings of a topic, as Kafka names them. Defaults here are only for keys without a broker key. */
export const topicFields = defineFields({
  'cleanup.policy': {
    type: 'LIST',
    default: ['delete'],
    validate: each(oneOf('compact', 'delete')),
    doc: 'delete, compact, both, or neither: then everything is kept.',
  },
  'compression.type': {
    type: 'STRING',
    default: 'producer',
    validate: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    doc: 'How batches are stored: as their producer packed them, or packed anew.',
  },
  'compression.gzip.level': {
    type: 'INT',
    default: -1,
    validate: gzipLevel,
    doc: 'Level of gzip, where batches are compressed here.',
  },
  'compression.lz4.level': {
    type: 'INT',
    default: 9,
    validate: between(1, 17),
    doc: 'Shown only: lz4 is packed at one level.',
  },
  'compression.zstd.level': {
    type: 'INT',
    default: 3,
    validate: between(-131_072, 22),
    doc: 'Level of zstd, where batches are compressed here. Without Node.js 22.15 it has its default one.',
  },
  'delete.retention.ms': {
    type: 'LONG',
    default: 86_400_000,
    validate: atLeast(0),
    doc: 'How long tombstones stay.',
  },
  'file.delete.delay.ms': {
    type: 'LONG',
    default: 60_000,
    validate: atLeast(0),
    doc: 'How long deleted files stay.',
  },
  'flush.messages': {
    type: 'LONG',
    default: FOREVER,
    validate: atLeast(1),
    doc: 'Records after which the log is fsynced.',
  },
  'flush.ms': {
    type: 'LONG',
    default: FOREVER,
    validate: atLeast(0),
    doc: 'Time after which the log is fsynced.',
  },
  'follower.replication.throttled.replicas': {
    type: 'LIST',
    default: [],
    validate: throttledReplicas('follower.replication.throttled.replicas'),
    doc: 'Has no effect on one node.',
  },
  'index.interval.bytes': {
    type: 'INT',
    default: 4096,
    validate: atLeast(0),
    doc: 'Bytes of log for each index entry.',
  },
  'leader.replication.throttled.replicas': {
    type: 'LIST',
    default: [],
    validate: throttledReplicas('leader.replication.throttled.replicas'),
    doc: 'Has no effect on one node.',
  },
  'local.retention.bytes': {
    type: 'LONG',
    default: -2,
    validate: atLeast(-2),
    doc: 'Has no effect without tiered storage.',
  },
  'local.retention.ms': {
    type: 'LONG',
    default: -2,
    validate: atLeast(-2),
    doc: 'Has no effect without tiered storage.',
  },
  'max.compaction.lag.ms': {
    type: 'LONG',
    default: FOREVER,
    validate: atLeast(1),
    doc: 'Age above which dirty records are compacted.',
  },
  'max.message.bytes': {
    type: 'INT',
    default: 1_048_588,
    validate: atLeast(0),
    doc: 'Largest record batch.',
  },
  'message.timestamp.after.max.ms': {
    type: 'LONG',
    default: 3_600_000,
    validate: atLeast(0),
    doc: 'How far in the future a record’s time may be.',
  },
  'message.timestamp.before.max.ms': {
    type: 'LONG',
    default: FOREVER,
    validate: atLeast(0),
    doc: 'How far in the past a record’s time may be.',
  },
  'message.timestamp.type': {
    type: 'STRING',
    default: 'CreateTime',
    validate: oneOf('CreateTime', 'LogAppendTime'),
    doc: 'Whose time records have.',
  },
  'min.cleanable.dirty.ratio': {
    type: 'DOUBLE',
    default: 0.5,
    validate: between(0, 1),
    doc: 'Dirty share from which the log is compacted.',
  },
  'min.compaction.lag.ms': {
    type: 'LONG',
    default: 0,
    validate: atLeast(0),
    doc: 'Age below which records are not compacted.',
  },
  'min.insync.replicas': {
    type: 'INT',
    default: 1,
    validate: atLeast(1),
    doc: 'Replicas that acks=all waits for.',
  },
  preallocate: { type: 'BOOLEAN', default: false, doc: 'Has no effect.' },
  'remote.log.copy.disable': {
    type: 'BOOLEAN',
    default: false,
    doc: 'Has no effect without tiered storage.',
  },
  'remote.log.delete.on.disable': {
    type: 'BOOLEAN',
    default: false,
    doc: 'Has no effect without tiered storage.',
  },
  'remote.storage.enable': {
    type: 'BOOLEAN',
    default: false,
    doc: 'Must be false: there is no tiered storage.',
  },
  'retention.bytes': {
    type: 'LONG',
    default: -1,
    doc: 'Bytes kept of each partition; -1 for no limit.',
  },
  'retention.ms': {
    type: 'LONG',
    default: 604_800_000,
    validate: atLeast(-1),
    doc: 'How long records are kept; -1 for ever.',
  },
  'segment.bytes': {
    type: 'INT',
    default: 1_073_741_824,
    validate: atLeast(14),
    doc: 'Size of a segment file.',
  },
  'segment.index.bytes': {
    type: 'INT',
    default: 10_485_760,
    validate: atLeast(4),
    doc: 'Largest index file.',
  },
  'segment.jitter.ms': {
    type: 'LONG',
    default: 0,
    validate: atLeast(0),
    doc: 'A segment is closed up to so much before segment.ms, by chance.',
  },
  'segment.ms': {
    type: 'LONG',
    default: 604_800_000,
    validate: atLeast(1),
    doc: 'Age at which a segment is closed.',
  },
  'unclean.leader.election.enable': {
    type: 'BOOLEAN',
    default: false,
    doc: 'Has no effect on one node.',
  },
});

export type TopicKey = keyof typeof topicFields;
export type TopicSettings = Resolved<typeof topicFields>;

/** A broker key that gives a topic key its default, and what its unit is in the topic key's unit. */
export interface BrokerSynonym {
  readonly key: BrokerKey;
  readonly factor: number;
}

const plain = (key: BrokerKey): readonly BrokerSynonym[] => [{ key, factor: 1 }];

/** The first one that is set wins. Keys that are not here have their own default. */
export const brokerSynonyms: Readonly<Partial<Record<TopicKey, readonly BrokerSynonym[]>>> = {
  'cleanup.policy': plain('log.cleanup.policy'),
  'compression.type': plain('compression.type'),
  'compression.gzip.level': plain('compression.gzip.level'),
  'compression.lz4.level': plain('compression.lz4.level'),
  'compression.zstd.level': plain('compression.zstd.level'),
  'delete.retention.ms': plain('log.cleaner.delete.retention.ms'),
  'file.delete.delay.ms': plain('log.segment.delete.delay.ms'),
  'flush.messages': plain('log.flush.interval.messages'),
  'flush.ms': [
    { key: 'log.flush.interval.ms', factor: 1 },
    { key: 'log.flush.scheduler.interval.ms', factor: 1 },
  ],
  'index.interval.bytes': plain('log.index.interval.bytes'),
  'max.compaction.lag.ms': plain('log.cleaner.max.compaction.lag.ms'),
  'max.message.bytes': plain('message.max.bytes'),
  'message.timestamp.after.max.ms': plain('log.message.timestamp.after.max.ms'),
  'message.timestamp.before.max.ms': plain('log.message.timestamp.before.max.ms'),
  'message.timestamp.type': plain('log.message.timestamp.type'),
  'min.cleanable.dirty.ratio': plain('log.cleaner.min.cleanable.ratio'),
  'min.compaction.lag.ms': plain('log.cleaner.min.compaction.lag.ms'),
  'min.insync.replicas': plain('min.insync.replicas'),
  'retention.bytes': plain('log.retention.bytes'),
  'retention.ms': [
    { key: 'log.retention.ms', factor: 1 },
    { key: 'log.retention.minutes', factor: 60_000 },
    { key: 'log.retention.hours', factor: 3_600_000 },
  ],
  'segment.bytes': plain('log.segment.bytes'),
  'local.retention.bytes': plain('log.local.retention.bytes'),
  'local.retention.ms': plain('log.local.retention.ms'),
  'unclean.leader.election.enable': plain('unclean.leader.election.enable'),
  preallocate: plain('log.preallocate'),
  'segment.jitter.ms': [
    { key: 'log.roll.jitter.ms', factor: 1 },
    { key: 'log.roll.jitter.hours', factor: 3_600_000 },
  ],
  'segment.index.bytes': plain('log.index.size.max.bytes'),
  'segment.ms': [
    { key: 'log.roll.ms', factor: 1 },
    { key: 'log.roll.hours', factor: 3_600_000 },
  ],
};

/** Broker settings that are defaults of topics, in the topic's own unit. All but one may change while it runs. */
export const topicDefaultKeys: readonly string[] = Object.values(brokerSynonyms)
  .flatMap((synonyms) => synonyms.filter(({ factor }) => factor === 1).map(({ key }) => key))
  .filter((key) => key !== 'log.flush.scheduler.interval.ms');

const topicFieldsByKey: ReadonlyMap<string, AnyField> = new Map(Object.entries(topicFields));
/** Kafka's keys without an effect included. */
export const shownBrokerFields: ReadonlyMap<string, AnyField> = new Map<string, AnyField>([
  ...kafkaOnlyFields,
  ...Object.entries(brokerFields),
]);

export function topicFieldOf(key: string): AnyField | undefined {
  return topicFieldsByKey.get(key);
}

const brokerFieldsByAlias: ReadonlyMap<string, AnyField> = new Map(
  Object.values(brokerFields).flatMap((field: AnyField) =>
    (field.aliases ?? []).map((alias): [string, AnyField] => [alias, field]),
  ),
);

export function brokerFieldOf(key: string): AnyField | undefined {
  return shownBrokerFields.get(key) ?? brokerFieldsByAlias.get(key);
}

export function isTopicKey(key: string): key is TopicKey {
  return topicFieldsByKey.has(key);
}
