import { atLeast, between, defineFields, each, oneOf } from '@millrace/config';
import { FOREVER } from './forever.ts';
import { groupFields } from './group-fields.ts';
import { quotaFields } from './quotas/quota-fields.ts';
import { listenerFields, securityFields } from './security/listener-fields.ts';
import { storageFields } from './storage-fields.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The broker's settings under Kafka's own keys (given to the worker with `broker.` before them). */
export const brokerFields = defineFields({
  ...storageFields,
  listeners: {
    type: 'LIST',
    default: ['PLAINTEXT://127.0.0.1:9092'],
    importance: 'HIGH',
    doc: 'Where the broker listens, as NAME://host:port; listener.security.protocol.map says what each name speaks. Port 0 takes a free one.',
  },
  'advertised.listeners': {
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    doc: 'What clients are told to connect to, by the names of listeners, where it differs from these.',
  },
  ...securityFields,
  ...quotaFields,
  ...listenerFields,
  'log.dirs': {
    type: 'LIST',
    default: ['./data/log'],
    importance: 'HIGH',
    aliases: ['log.dir'],
    doc: 'The folders of the logs. A new log goes where the fewest are; a folder whose disk fails takes only its own logs offline. The first one holds the metadata log, too.',
  },
  'cluster.id': {
    type: 'STRING',
    default: null,
    doc: 'Identity of the cluster; made up at the first start and kept in meta.properties.',
  },
  'node.id': {
    type: 'INT',
    default: 1,
    validate: atLeast(0),
    aliases: ['broker.id'],
    importance: 'HIGH',
    doc: 'Number of this node in its cluster.',
  },
  'process.roles': {
    type: 'LIST',
    default: ['broker', 'controller'],
    validate: each(oneOf('broker', 'controller')),
    doc: 'What this node is. One node is both: a broker, and a quorum of one.',
  },
  'controller.quorum.voters': {
    type: 'LIST',
    default: [],
    doc: 'The voters of the metadata quorum, as id@host:port. Only this node itself may be named.',
  },
  'controller.quorum.bootstrap.servers': {
    type: 'LIST',
    default: [],
    doc: 'Taken as Kafka’s; has no effect on one node.',
  },
  'metadata.log.segment.bytes': {
    type: 'INT',
    // Kafka's is 1 GiB: there old records stay for other nodes, here a snapshot replaces them soon.
    default: 8 * MIB,
    validate: atLeast(8 * MIB),
    doc: 'Size of a segment of the metadata log, and of one change of the metadata.',
  },
  'metadata.log.max.record.bytes.between.snapshots': {
    type: 'LONG',
    // Kafka's is 20 MB; what comes after the last snapshot is read at each start.
    default: 4 * MIB,
    validate: atLeast(1),
    doc: 'Bytes of metadata records after which a snapshot is taken.',
  },
  'broker.rack': { type: 'STRING', default: null, doc: 'Rack of this broker, shown to clients.' },

  'num.partitions': {
    type: 'INT',
    default: 1,
    validate: atLeast(1),
    doc: 'Partitions of a topic that is created without a number.',
  },
  'default.replication.factor': {
    type: 'INT',
    default: 1,
    validate: atLeast(1),
    doc: 'Replication factor of topics that are created automatically.',
  },
  'auto.create.topics.enable': {
    type: 'BOOLEAN',
    default: true,
    doc: 'Whether asking for the metadata of an unknown topic creates it.',
  },
  'delete.topic.enable': { type: 'BOOLEAN', default: true, doc: 'Whether topics may be deleted.' },
  'min.insync.replicas': {
    type: 'INT',
    default: 1,
    validate: atLeast(1),
    doc: 'Replicas that must have a record before acks=all is answered.',
  },
  'compression.type': {
    type: 'STRING',
    default: 'producer',
    validate: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    doc: 'How batches of topics that do not say are stored: as their producer packed them, or packed anew.',
  },
  'message.max.bytes': {
    type: 'INT',
    default: 1_048_588,
    validate: atLeast(0),
    doc: 'Largest record batch that is taken.',
  },
  'log.segment.bytes': {
    type: 'INT',
    default: 1_073_741_824,
    validate: atLeast(14),
    doc: 'Size at which a segment file is closed and the next one begun.',
  },
  'log.roll.hours': {
    type: 'INT',
    default: 168,
    validate: atLeast(1),
    doc: 'Age at which a segment file is closed and the next one begun.',
  },
  'log.roll.ms': { type: 'LONG', default: null, doc: 'As log.roll.hours, which it overrides.' },
  'log.retention.hours': { type: 'INT', default: 168, doc: 'How long records are kept.' },
  'log.retention.minutes': { type: 'INT', default: null, doc: 'Overrides log.retention.hours.' },
  'log.retention.ms': { type: 'LONG', default: null, doc: 'Overrides log.retention.minutes.' },
  'log.retention.bytes': {
    type: 'LONG',
    default: -1,
    doc: 'Bytes kept of each partition; -1 for no limit.',
  },
  'log.retention.check.interval.ms': {
    type: 'LONG',
    default: 5 * MINUTE_MS,
    validate: atLeast(1),
    doc: 'How often retention looks for segments to delete.',
  },
  'log.cleanup.policy': {
    type: 'LIST',
    default: ['delete'],
    validate: each(oneOf('compact', 'delete')),
    doc: 'delete, compact, or both, for topics that do not say.',
  },
  'log.cleaner.enable': { type: 'BOOLEAN', default: true, doc: 'Whether compaction runs.' },
  'log.cleaner.delete.retention.ms': {
    type: 'LONG',
    default: DAY_MS,
    validate: atLeast(0),
    doc: 'How long a tombstone stays in a compacted topic.',
  },
  'log.cleaner.min.compaction.lag.ms': {
    type: 'LONG',
    default: 0,
    validate: atLeast(0),
    doc: 'Age below which a record is not compacted away.',
  },
  'log.cleaner.max.compaction.lag.ms': {
    type: 'LONG',
    default: FOREVER,
    validate: atLeast(1),
    doc: 'Age above which a compacted log is cleaned, however little of it is dirty.',
  },
  'log.cleaner.min.cleanable.ratio': {
    type: 'DOUBLE',
    default: 0.5,
    validate: between(0, 1),
    doc: 'Share of dirty bytes from which a compacted log is cleaned.',
  },
  'log.index.interval.bytes': {
    type: 'INT',
    default: 4 * KIB,
    validate: atLeast(0),
    doc: 'Bytes of log for each index entry.',
  },
  'log.index.size.max.bytes': {
    type: 'INT',
    default: 10 * MIB,
    validate: atLeast(4),
    doc: 'Largest index file.',
  },
  'log.segment.delete.delay.ms': {
    type: 'LONG',
    default: MINUTE_MS,
    validate: atLeast(0),
    doc: 'How long the files of a deleted segment stay for those who still read them.',
  },
  'log.message.timestamp.type': {
    type: 'STRING',
    default: 'CreateTime',
    validate: oneOf('CreateTime', 'LogAppendTime'),
    doc: 'Whether records have the time of their producer or of the append.',
  },
  'log.message.timestamp.before.max.ms': {
    type: 'LONG',
    default: FOREVER,
    validate: atLeast(0),
    doc: 'How far before the broker’s time a record may say that it was made.',
  },
  'log.message.timestamp.after.max.ms': {
    type: 'LONG',
    default: HOUR_MS,
    validate: atLeast(0),
    doc: 'How far after the broker’s time a record may say that it was made.',
  },
  'log.flush.interval.messages': {
    type: 'LONG',
    default: FOREVER,
    validate: atLeast(1),
    doc: 'Records after which a log is fsynced, whoever waits. acks=all always waits for an fsync.',
  },
  'log.flush.interval.ms': {
    type: 'LONG',
    default: null,
    doc: 'Time after which an unflushed log is fsynced; null uses the scheduler interval.',
  },
  'log.flush.scheduler.interval.ms': {
    type: 'LONG',
    default: FOREVER,
    doc: 'How often logs are looked through for what must be fsynced.',
  },
  'log.flush.acks.all': {
    type: 'BOOLEAN',
    default: true,
    doc: 'Whether acks=all is answered only after an fsync. Off is Kafka’s own behaviour: safe against a crash of the process, not of the machine.',
  },
  'log.write.in.place.max.bytes': {
    type: 'INT',
    default: 64 * 1024,
    validate: atLeast(0),
    doc: 'Appends up to this size are written by the event loop itself while the disk is quick and no fsync runs; larger ones, and all with 0, by the thread pool.',
  },
  'log.read.in.place.max.bytes': {
    type: 'INT',
    default: 4 * 1024 * 1024,
    validate: atLeast(0),
    doc: 'What the event loop reads itself in one of its turns, from files that lie in the page cache; more, other files, and all with 0 are read by the thread pool.',
  },
  'producer.id.expiration.ms': {
    type: 'INT',
    default: DAY_MS,
    validate: atLeast(1),
    doc: 'How long an idle idempotent producer is remembered.',
  },
  'transaction.max.timeout.ms': {
    type: 'INT',
    default: 15 * MINUTE_MS,
    validate: atLeast(1),
    doc: 'Longest transaction time-out that a producer may ask for.',
  },
  'transactional.id.expiration.ms': {
    type: 'INT',
    default: 7 * DAY_MS,
    validate: atLeast(1),
    doc: 'How long a transactional id without a transaction is remembered.',
  },
  'transactional.ids.max': {
    type: 'INT',
    default: 100_000,
    validate: atLeast(1),
    doc: 'Most transactional ids that the coordinator keeps; new ones are refused with POLICY_VIOLATION.',
  },
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': {
    type: 'INT',
    default: 10_000,
    validate: atLeast(1),
    doc: 'How often transactions that are past their time-out are looked for and aborted.',
  },
  'transaction.remove.expired.transaction.cleanup.interval.ms': {
    type: 'INT',
    default: HOUR_MS,
    validate: atLeast(1),
    doc: 'How often transactional ids that are past transactional.id.expiration.ms are removed.',
  },
  'transaction.partition.verification.enable': {
    type: 'BOOLEAN',
    default: true,
    doc: 'Whether a transactional write is refused when its partition was not added to the transaction.',
  },
  'add.partitions.to.txn.retry.backoff.max.ms': {
    type: 'INT',
    default: 100,
    validate: atLeast(0),
    doc: 'How long a transactional write waits for the end of the transaction before it, rather than be refused.',
  },
  'transaction.state.log.num.partitions': {
    type: 'INT',
    default: 50,
    validate: atLeast(1),
    doc: 'Partitions of __transaction_state. Fixed once the topic exists.',
  },
  'transaction.state.log.segment.bytes': {
    type: 'INT',
    default: 100 * MIB,
    validate: atLeast(1),
    doc: 'Segment size of __transaction_state.',
  },
  'transaction.state.log.replication.factor': {
    type: 'INT',
    // Kafka has 3, and lowers it on one node only by hand.
    default: 1,
    validate: atLeast(1),
    doc: 'Kept for tools; one node has one replica.',
  },
  'transaction.state.log.min.isr': {
    type: 'INT',
    default: 1,
    validate: atLeast(1),
    doc: 'Kept for tools; one node has one replica.',
  },

  ...groupFields,

  'socket.request.max.bytes': {
    type: 'INT',
    default: 100 * MIB,
    validate: atLeast(1),
    doc: 'Largest request; a longer one closes its connection.',
  },
  'queued.max.request.bytes': {
    type: 'LONG',
    // Kafka has no limit (-1). One request of socket.request.max.bytes is always let in.
    default: 64 * MIB,
    validate: atLeast(1),
    doc: 'Bytes of requests that are received and not yet answered, over all connections; beyond it nothing more is read.',
  },
  'queued.max.response.bytes': {
    type: 'LONG',
    default: 64 * MIB,
    validate: atLeast(1),
    doc: 'Bytes of fetched records that wait for their readers, over all connections; beyond it a fetch answers with one batch.',
  },
  'connection.max.request.bytes': {
    type: 'INT',
    default: 16 * MIB,
    validate: atLeast(1),
    doc: 'Bytes of requests of one connection that are not yet answered; beyond it the connection is not read. One larger request is let in.',
  },
  'connections.max.idle.ms': {
    type: 'LONG',
    default: 10 * MINUTE_MS,
    doc: 'Idle time after which a connection is closed; negative for never.',
  },
  'request.receive.timeout.ms': {
    type: 'INT',
    default: 60_000,
    validate: atLeast(1),
    doc: 'A connection on which a request has begun, and of which less than 64 KiB came in this time, is closed. No key of Kafka’s.',
  },
  'response.send.timeout.ms': {
    type: 'INT',
    default: 120_000,
    validate: atLeast(1),
    doc: 'A connection whose client takes nothing of its answers for this time is closed. No key of Kafka’s.',
  },
  'fetch.max.bytes': {
    type: 'INT',
    default: 55 * MIB,
    validate: atLeast(1024),
    doc: 'Most bytes of records in one answer, whatever the client asks.',
  },
  'max.incremental.fetch.session.cache.slots': {
    type: 'INT',
    default: 1000,
    validate: atLeast(0),
    doc: 'Most fetch sessions that are kept; readers beyond them say all their partitions each time.',
  },
  'max.incremental.fetch.session.cache.partitions': {
    type: 'INT',
    // Kafka has no limit. A partition of a session takes a few hundred bytes.
    default: 200_000,
    validate: atLeast(0),
    doc: 'Most partitions of all fetch sessions together.',
  },
  'max.request.partition.size.limit': {
    type: 'INT',
    default: 2000,
    validate: atLeast(1),
    doc: 'Most partitions that one answer of DescribeTopicPartitions describes.',
  },
  'metrics.topics.max': {
    type: 'INT',
    default: 1000,
    validate: atLeast(0),
    doc: 'Most topics that have metrics of their own; what goes through others counts in the sums only.',
  },
  'partitions.max': {
    type: 'INT',
    default: 10_000,
    validate: atLeast(1),
    doc: 'Most partitions of this node. More are refused with POLICY_VIOLATION.',
  },
  'shutdown.drain.timeout.ms': {
    type: 'LONG',
    default: 5000,
    validate: atLeast(0),
    doc: 'How long closing waits for answers that are on their way.',
  },
});
