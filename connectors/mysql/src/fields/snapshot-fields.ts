import { atLeast, defineFields, oneOf, oneOfIgnoringCase } from '@millrace/config';

const MODES = [
  'initial',
  'always',
  'initial_only',
  'no_data',
  'when_needed',
  'recovery',
  'configuration_based',
] as const;

/** How the tables are read before the stream. */
export const snapshotFields = defineFields({
  'snapshot.mode': {
    type: 'STRING',
    default: 'initial',
    importance: 'MEDIUM',
    group: 'Snapshot',
    validate: oneOfIgnoringCase(...MODES, 'schema_only', 'schema_only_recovery', 'never'),
    recommended: MODES,
    doc: 'When the tables are read: when there is no offset (initial), at every start (always), then stop (initial_only), not at all (no_data; its old name is schema_only), or when changes can not be read on (when_needed). recovery (old: schema_only_recovery) makes the schema history anew from the server and goes on at the offset.',
  },
  'snapshot.mode.configuration.based.snapshot.data': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With configuration_based: the rows are read.',
  },
  'snapshot.mode.configuration.based.snapshot.schema': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With configuration_based: the tables are described in the schema topic and the history.',
  },
  'snapshot.mode.configuration.based.start.stream': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With configuration_based: changes are streamed afterwards.',
  },
  'snapshot.mode.configuration.based.snapshot.on.schema.error': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With configuration_based: the history is made anew when it is gone.',
  },
  'snapshot.mode.configuration.based.snapshot.on.data.error': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With configuration_based: a new snapshot is taken when the binlog of the offset is gone.',
  },
  'snapshot.locking.mode': {
    type: 'STRING',
    default: 'minimal',
    group: 'Snapshot',
    validate: oneOf(
      'minimal',
      'minimal_percona',
      'minimal_percona_no_table_locks',
      'minimal_at_least_once',
      'extended',
      'none',
    ),
    recommended: ['minimal', 'minimal_at_least_once', 'extended', 'none'],
    doc: 'What keeps writers off while the position is read: a global read lock for an instant (minimal), a backup lock (minimal_percona), the same for the whole snapshot (extended), or nothing (none). Without RELOAD the tables are locked one by one and stay so until they are read, unless minimal_at_least_once lets them go at once.',
  },
  'snapshot.isolation.mode': {
    type: 'STRING',
    default: 'repeatable_read',
    group: 'Snapshot',
    validate: oneOf('repeatable_read'),
    doc: 'Only repeatable_read shows one moment.',
  },
  'snapshot.query.mode': {
    type: 'STRING',
    default: 'select_all',
    group: 'Snapshot',
    validate: oneOf('select_all'),
    doc: 'How the tables are read; a class of Java can not be loaded.',
  },
  'snapshot.fetch.size': {
    type: 'INT',
    default: 10_240,
    group: 'Snapshot',
    validate: atLeast(1),
    doc: 'Rows of one chunk of a table with a key: after each the progress is in the offset.',
  },
  'min.row.count.to.stream.results': {
    type: 'INT',
    default: 1000,
    group: 'Snapshot',
    validate: atLeast(0),
    doc: 'Accepted; rows are always taken as they come, bounded in bytes.',
  },
  'snapshot.max.threads': {
    type: 'INT',
    default: 1,
    group: 'Snapshot',
    validate: atLeast(1),
    doc: 'Connections that read tables at the same time, all at one moment. More than one needs a lock mode that holds writers off while they begin.',
  },
});
