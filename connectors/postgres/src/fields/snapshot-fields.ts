import { atLeast, between, defineFields, oneOf, oneOfIgnoringCase } from '@millrace/config';

/** Which tables are read, when and how. */
export const snapshotFields = defineFields({
  'snapshot.mode': {
    type: 'STRING',
    default: 'initial',
    importance: 'MEDIUM',
    group: 'Snapshot',
    validate: oneOfIgnoringCase(
      'initial',
      'always',
      'initial_only',
      'no_data',
      'never',
      'when_needed',
      'configuration_based',
      'custom', // refused, with the reason
    ),
    recommended: [
      'initial',
      'always',
      'initial_only',
      'no_data',
      'when_needed',
      'configuration_based',
    ],
    doc: 'When the tables are read: when there is no offset (initial), at every start (always), then stop (initial_only), not at all (no_data; its old name is never), or when changes can not be read on (when_needed); configuration_based: as the keys snapshot.mode.configuration.based.* say.',
  },
  'snapshot.mode.configuration.based.snapshot.data': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With snapshot.mode=configuration_based: the tables are read at every start.',
  },
  'snapshot.mode.configuration.based.snapshot.schema': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'Accepted; schemas are always read from the catalogue.',
  },
  'snapshot.mode.configuration.based.start.stream': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With snapshot.mode=configuration_based: changes are streamed (after the snapshot, if any).',
  },
  'snapshot.mode.configuration.based.snapshot.on.schema.error': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'Accepted; there is no history of schemas that could be lost.',
  },
  'snapshot.mode.configuration.based.snapshot.on.data.error': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'With snapshot.mode=configuration_based: the tables are read when changes can not be read on.',
  },
  'snapshot.isolation.mode': {
    type: 'STRING',
    default: 'serializable',
    group: 'Snapshot',
    validate: oneOf('serializable', 'repeatable_read', 'read_committed', 'read_uncommitted'),
    doc: 'With a slot all tables are read at the very moment where the stream begins, which is repeatable_read at least; without one (initial_only) the isolation of the reading transaction.',
  },
  'snapshot.query.mode': {
    type: 'STRING',
    default: 'select_all',
    group: 'Snapshot',
    validate: oneOf('select_all', 'custom'),
    doc: 'select_all: all rows, or what snapshot.select.statement.overrides says.',
  },
  'snapshot.locking.mode': {
    type: 'STRING',
    default: 'none',
    group: 'Snapshot',
    validate: oneOf('none', 'shared', 'custom'),
    doc: 'shared: ACCESS SHARE locks during the snapshot.',
  },
  'snapshot.fetch.size': {
    type: 'INT',
    default: 10_240,
    group: 'Snapshot',
    validate: atLeast(1),
    doc: 'About how many rows one COPY reads: a snapshot that is interrupted goes on behind the last whole one.',
  },
  'snapshot.max.threads': {
    type: 'INT',
    default: 1,
    group: 'Snapshot',
    validate: between(1, 64),
    doc: 'Connections that read the snapshot, all of them at the same moment.',
  },
});
