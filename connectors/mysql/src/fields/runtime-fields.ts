import { atLeast, defineFields, oneOf } from '@millrace/config';

/** How the task behaves, and what it writes beside the rows. */
export const runtimeFields = defineFields({
  'topic.naming.strategy': {
    type: 'CLASS',
    default: 'io.debezium.schema.DefaultTopicNamingStrategy',
    group: 'Runtime',
    doc: 'With io.debezium.schema.DefaultUnicodeTopicNamingStrategy characters that a topic can not have are escaped (_u and the code), not made underscores; every other class means the default.',
  },
  'include.query': {
    type: 'BOOLEAN',
    default: false,
    group: 'Runtime',
    doc: 'Events carry the statement that made them. The server must write it: binlog_rows_query_log_events, of MariaDB binlog_annotate_row_events.',
  },
  'binlog.transaction.unpacked.bytes.max': {
    type: 'LONG',
    default: 134_217_728,
    group: 'Runtime',
    validate: atLeast(1),
    doc: 'Most bytes of a transaction that the server compressed as a whole (binlog_transaction_compression), where Node.js is older than 22.15 and has to unpack it at once: a larger one stops the task. Later ones unpack it in pieces, whatever its size.',
  },
  'include.schema.changes': {
    type: 'BOOLEAN',
    default: true,
    group: 'Runtime',
    doc: 'The topic named topic.prefix has an event for each change of a table.',
  },
  'include.schema.comments': {
    type: 'BOOLEAN',
    default: false,
    group: 'Runtime',
    doc: 'Comments of tables and columns stand in these events and in the history.',
  },
  'event.processing.failure.handling.mode': {
    type: 'STRING',
    default: 'fail',
    group: 'Runtime',
    validate: oneOf('fail', 'warn', 'skip', 'ignore'),
    doc: 'An event of the binlog that can not be used: stop, or leave it out with (warn) or without (skip) a word.',
  },
  'event.deserialization.failure.handling.mode': {
    type: 'STRING',
    default: 'fail',
    group: 'Runtime',
    validate: oneOf('fail', 'warn', 'skip', 'ignore'),
    doc: 'An event of the binlog that can not be read: stop, or leave it out with (warn) or without (skip) a word.',
  },
  'inconsistent.schema.handling.mode': {
    type: 'STRING',
    default: 'fail',
    group: 'Runtime',
    validate: oneOf('fail', 'warn', 'skip'),
    doc: 'A change of a captured table whose columns are not known for certain: stop, or leave the change out.',
  },
  'gtid.ignore.on.recovery': {
    type: 'BOOLEAN',
    default: false,
    group: 'Runtime',
    doc: 'Go on at file and position even though the offset has GTIDs.',
  },
  'gtid.new.channel.position': {
    type: 'STRING',
    default: 'earliest',
    group: 'Runtime',
    validate: oneOf('earliest', 'latest'),
    doc: 'Where to begin with the transactions of a server that the offset does not know: at the first that is still there, or after the last.',
  },
  'binlog.buffer.size': {
    type: 'INT',
    default: 0,
    group: 'Runtime',
    validate: atLeast(0),
    doc: 'Accepted; the binlog of a row format has no transactions that were rolled back.',
  },
  // In place of what all sources have: some converters of Debezium's are known here.
  converters: {
    type: 'STRING',
    default: null,
    group: 'Runtime',
    doc: 'Names of converters; for each, NAME.type with TinyIntOneToBooleanConverter (NAME.selector, NAME.length.checker) or JdbcSinkDataTypesConverter (NAME.selector.boolean, NAME.selector.real, NAME.selector.string, NAME.treat.real.as.double) of io.debezium.connector.binlog.converters. There are no others.',
  },
  'ddl.parser.type': {
    type: 'STRING',
    default: 'default',
    group: 'Runtime',
    doc: 'Accepted; statements are not parsed.',
  },
  'resolve.create.table.like.schema': {
    type: 'BOOLEAN',
    default: false,
    group: 'Runtime',
    doc: 'Accepted; tables are described by the server.',
  },
  'database.jdbc.driver': {
    type: 'CLASS',
    default: null,
    group: 'Runtime',
    doc: 'Accepted; there is one driver.',
  },
  'database.protocol': {
    type: 'STRING',
    default: null,
    group: 'Runtime',
    doc: 'Accepted; there is one driver.',
  },
});
