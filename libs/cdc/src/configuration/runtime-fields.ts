import { atLeast, defineFields } from '@millrace/config';
import { topicPart } from './validators.ts';

/** Debezium's keys for batches, heartbeats, transactions and retries, of all databases. */
export const commonRuntimeFields = defineFields({
  'max.batch.size': {
    type: 'INT',
    default: 2048,
    group: 'Runtime',
    validate: atLeast(1),
    doc: 'Most records of one poll.',
  },
  'max.queue.size': {
    type: 'INT',
    default: 8192,
    group: 'Runtime',
    validate: atLeast(1),
    doc: 'Accepted; what is read ahead is bounded in bytes.',
  },
  'max.queue.size.in.bytes': {
    type: 'LONG',
    default: 0,
    group: 'Runtime',
    validate: atLeast(0),
    doc: 'Most bytes that are read ahead of the log; 0 means 8 MiB.',
  },
  'poll.interval.ms': {
    type: 'LONG',
    default: 500,
    group: 'Runtime',
    validate: atLeast(1),
    doc: 'Longest wait for changes in one poll.',
  },
  'heartbeat.interval.ms': {
    type: 'INT',
    default: 0,
    group: 'Runtime',
    validate: atLeast(0),
    doc: 'How often a heartbeat record is written; 0 is never. An idle source is let go of without.',
  },
  'heartbeat.action.query': {
    type: 'STRING',
    default: null,
    group: 'Runtime',
    doc: 'SQL that runs on the source with each heartbeat.',
  },
  'topic.heartbeat.prefix': {
    type: 'STRING',
    default: '__debezium-heartbeat',
    group: 'Runtime',
    doc: 'The heartbeat topic is <this>.<topic.prefix>.',
  },
  'topic.heartbeat.name': {
    type: 'STRING',
    default: null,
    group: 'Runtime',
    doc: 'The whole name of the heartbeat topic.',
  },
  'topic.naming.strategy': {
    type: 'CLASS',
    default: 'io.debezium.schema.SchemaTopicNamingStrategy',
    group: 'Runtime',
    doc: 'With io.debezium.schema.SchemaUnicodeTopicNamingStrategy characters that a topic can not have are escaped (_u and the code), not made underscores; every other class means the default.',
  },
  'topic.delimiter': {
    type: 'STRING',
    default: '.',
    group: 'Runtime',
    validate: topicPart,
    doc: 'Parts the topic names.',
  },
  'topic.transaction': {
    type: 'STRING',
    default: 'transaction',
    group: 'Runtime',
    doc: 'The transaction topic is <topic.prefix>.<this>.',
  },
  'provide.transaction.metadata': {
    type: 'BOOLEAN',
    default: false,
    group: 'Runtime',
    doc: 'Events carry their place in the transaction, and a topic has the bounds of transactions.',
  },
  'extended.headers.enabled': {
    type: 'BOOLEAN',
    default: true,
    group: 'Runtime',
    doc: 'Headers with the logical name, task and connector.',
  },
  'errors.max.retries': {
    type: 'INT',
    default: -1,
    group: 'Runtime',
    validate: atLeast(-1),
    doc: 'Attempts to reconnect before the task fails; -1 is for ever.',
  },
  'retriable.restart.connector.wait.ms': {
    type: 'LONG',
    default: 10_000,
    group: 'Runtime',
    validate: atLeast(1),
    doc: 'Longest wait between attempts to reconnect; they begin at 200 ms.',
  },
  'read.only': {
    type: 'BOOLEAN',
    default: false,
    group: 'Runtime',
    doc: 'Nothing is written to the source: nothing made there, no heartbeat query, and incremental snapshots take their marks by reading.',
  },
});
