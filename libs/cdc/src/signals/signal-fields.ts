import { atLeast, defineFields, each, oneOf } from '@millrace/config';

/** Debezium's keys of signals, incremental snapshots and notifications: to be spread into the fields of a connector. */
export const signalFields = defineFields({
  'signal.enabled.channels': {
    type: 'LIST',
    default: ['source'],
    group: 'Signals',
    validate: each(oneOf('source', 'kafka', 'file', 'jmx', 'in-process')),
    recommended: ['source', 'kafka', 'file'],
    doc: 'Where signals come from: source, the table signal.data.collection; kafka, the topic signal.kafka.topic; file, signal.file. jmx and in-process are accepted and have no meaning here.',
  },
  'signal.data.collection': {
    type: 'STRING',
    default: null,
    group: 'Signals',
    doc: 'The signal table: its first three columns are id, type and data. It is captured beside the tables of the filters.',
  },
  'signal.poll.interval.ms': {
    type: 'LONG',
    default: 5000,
    group: 'Signals',
    validate: atLeast(1),
    doc: 'How often topic and file are looked at.',
  },
  'signal.kafka.topic': {
    type: 'STRING',
    default: null,
    group: 'Signals',
    doc: 'Topic of the kafka channel, with one partition; <topic.prefix>-signal by default. Keys of its records are topic.prefix.',
  },
  'signal.kafka.bootstrap.servers': {
    type: 'STRING',
    default: null,
    group: 'Signals',
    doc: "Cluster of that topic; the worker's by default. signal.consumer.* are settings of its client.",
  },
  'signal.kafka.groupId': {
    type: 'STRING',
    default: 'kafka-signal',
    group: 'Signals',
    doc: 'Accepted; how far the topic was read is kept in the offsets of the connector.',
  },
  'signal.kafka.poll.timeout.ms': {
    type: 'INT',
    default: 100,
    group: 'Signals',
    validate: atLeast(0),
    doc: 'Accepted; the topic is read beside the stream.',
  },
  'signal.file': {
    type: 'STRING',
    default: 'file-signals.txt',
    group: 'Signals',
    doc: 'File of the file channel: a signal as JSON in each line. It is emptied once it was read.',
  },
  'incremental.snapshot.chunk.size': {
    type: 'INT',
    default: 1024,
    group: 'Signals',
    validate: atLeast(1),
    doc: 'Most rows of a chunk.',
  },
  'incremental.snapshot.watermarking.strategy': {
    type: 'STRING',
    default: 'insert_insert',
    group: 'Signals',
    validate: oneOf('insert_insert', 'insert_delete', 'INSERT_INSERT', 'INSERT_DELETE'),
    recommended: ['insert_insert', 'insert_delete'],
    doc: 'How chunks are marked in the signal table: two rows, or one that is deleted again.',
  },
  'incremental.snapshot.allow.schema.changes': {
    type: 'BOOLEAN',
    default: false,
    group: 'Signals',
    doc: 'Accepted; the schema of a table may change between any two chunks.',
  },
  'notification.enabled.channels': {
    type: 'LIST',
    default: null,
    group: 'Signals',
    validate: each(oneOf('sink', 'log', 'jmx')),
    recommended: ['sink', 'log', 'jmx'],
    doc: 'How the progress of snapshots is told: sink, as records of notification.sink.topic.name; log; jmx, in the metrics.',
  },
  'notification.sink.topic.name': {
    type: 'STRING',
    default: null,
    group: 'Signals',
    doc: 'Topic of the sink channel.',
  },
});

/** Rules that span these keys: to be added to those of the connector. */
export function signalProblems(
  raw: Readonly<Record<string, string>>,
): readonly { readonly key: string; readonly message: string }[] {
  const channels = (raw['notification.enabled.channels'] ?? '').split(',').map((one) => one.trim());
  return channels.includes('sink') && (raw['notification.sink.topic.name'] ?? '').trim() === ''
    ? [
        {
          key: 'notification.sink.topic.name',
          message: 'the notification channel "sink" needs "notification.sink.topic.name"',
        },
      ]
    : [];
}
