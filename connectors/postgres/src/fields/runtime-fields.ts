import { atLeast, defineFields, oneOf } from '@millrace/config';

/** Keys of the task that PostgreSQL alone has, or that mean something else there. */
export const runtimeFields = defineFields({
  'xmin.fetch.interval.ms': {
    type: 'LONG',
    default: 0,
    group: 'Runtime',
    validate: atLeast(0),
    doc: 'How often the catalog_xmin of the slot is read, which records then tell as source.xmin; 0 is never.',
  },
  'schema.refresh.mode': {
    type: 'STRING',
    default: 'columns_diff',
    group: 'Runtime',
    validate: oneOf('columns_diff', 'columns_diff_exclude_unchanged_toast'),
    doc: 'Accepted; the columns of a row come with the stream, whatever has become of the table since.',
  },
  'event.processing.failure.handling.mode': {
    type: 'STRING',
    default: 'fail',
    group: 'Runtime',
    validate: oneOf('fail', 'warn', 'skip', 'ignore'),
    doc: 'Accepted; an event that can not be read always stops the task. A record that can not be converted is handled by errors.tolerance.',
  },
  'lsn.flush.timeout.ms': {
    type: 'LONG',
    default: 30_000,
    group: 'Runtime',
    validate: atLeast(1),
    doc: 'Accepted; the server is told in a message of the stream, which nobody waits for.',
  },
  'lsn.flush.timeout.action': {
    type: 'STRING',
    default: 'fail',
    group: 'Runtime',
    validate: oneOf('fail', 'warn', 'ignore'),
    doc: 'Accepted; see lsn.flush.timeout.ms.',
  },
  'database.sslfactory': {
    type: 'STRING',
    default: null,
    group: 'Runtime',
    doc: 'Accepted; a class of Java can not be loaded: certificates are in database.sslrootcert, .sslcert and .sslkey.',
  },
  'signal.emit.failure.max.retries': {
    type: 'INT',
    default: 0,
    group: 'Runtime',
    validate: atLeast(0),
    doc: 'Accepted; a mark that can not be written is tried again with the whole connection.',
  },
  'signal.emit.failure.backoff.ms': {
    type: 'LONG',
    default: 10_000,
    group: 'Runtime',
    validate: atLeast(0),
    doc: 'Accepted; see signal.emit.failure.max.retries.',
  },
});

/** Keys that are accepted and change nothing here, with why. */
export const UNUSED: Readonly<Record<string, string>> = {
  'schema.refresh.mode': 'the columns of a row come with the stream',
  'event.processing.failure.handling.mode': 'an event that can not be read always stops the task',
  'lsn.flush.timeout.ms': 'nobody waits for the server to be told',
  'lsn.flush.timeout.action': 'nobody waits for the server to be told',
  'database.sslfactory': 'classes of Java can not be loaded',
  'signal.emit.failure.max.retries':
    'a mark that can not be written is tried again with the whole connection',
  'signal.emit.failure.backoff.ms':
    'a mark that can not be written is tried again with the whole connection',
  'snapshot.mode.configuration.based.snapshot.schema': 'schemas are always read from the catalogue',
  'snapshot.mode.configuration.based.snapshot.on.schema.error':
    'there is no history of schemas that could be lost',
};
