import { atLeast, defineFields, each, validRegex } from '@millrace/config';

/** Where the versions of tables are kept when the binlog does not name its columns (binlog_row_metadata=MINIMAL). */
export const historyFields = defineFields({
  'schema.history.internal': {
    type: 'CLASS',
    default: 'io.debezium.storage.kafka.history.KafkaSchemaHistory',
    group: 'History',
    doc: 'Only the history in a topic is supported.',
  },
  'schema.history.internal.kafka.topic': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    group: 'History',
    doc: 'Topic of the schema history: one partition, never deleted from. Not needed while the server has binlog_row_metadata=FULL.',
  },
  'schema.history.internal.kafka.bootstrap.servers': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    group: 'History',
    doc: 'Accepted; the history is in the log that this worker writes to.',
  },
  'schema.history.internal.kafka.recovery.poll.interval.ms': {
    type: 'INT',
    default: 100,
    group: 'History',
    validate: atLeast(1),
    doc: 'Accepted.',
  },
  'schema.history.internal.kafka.recovery.attempts': {
    type: 'INT',
    default: 100,
    group: 'History',
    validate: atLeast(0),
    doc: 'Accepted.',
  },
  'schema.history.internal.kafka.query.timeout.ms': {
    type: 'LONG',
    default: 3000,
    group: 'History',
    validate: atLeast(1),
    doc: 'Accepted.',
  },
  'schema.history.internal.kafka.create.timeout.ms': {
    type: 'LONG',
    default: 30_000,
    group: 'History',
    validate: atLeast(1),
    doc: 'Accepted.',
  },
  'schema.history.internal.skip.unparseable.ddl': {
    type: 'BOOLEAN',
    default: false,
    group: 'History',
    doc: 'Accepted; statements are not parsed, tables are described by the server.',
  },
  'schema.history.internal.store.only.captured.tables.ddl': {
    type: 'BOOLEAN',
    default: false,
    group: 'History',
    doc: 'Whether the history has only the captured tables.',
  },
  'schema.history.internal.store.only.captured.databases.ddl': {
    type: 'BOOLEAN',
    default: false,
    group: 'History',
    doc: 'Whether the history has only the captured databases.',
  },
  'schema.history.internal.ddl.filter': {
    type: 'LIST',
    default: null,
    group: 'History',
    validate: each(validRegex),
    doc: 'Regular expressions of statements that are left out of the history.',
  },
  'schema.history.internal.prefer.ddl': {
    type: 'BOOLEAN',
    default: false,
    group: 'History',
    doc: 'Accepted; statements are not parsed.',
  },
  'schema.history.internal.memory.optimization': {
    type: 'BOOLEAN',
    default: false,
    group: 'History',
    doc: 'Accepted.',
  },
});
