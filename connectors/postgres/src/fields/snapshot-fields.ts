import { atLeast, defineFields, oneOf, oneOfIgnoringCase } from '@millrace/config';
import { regexList } from './validators.ts';

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
    ),
    recommended: ['initial', 'always', 'initial_only', 'no_data', 'when_needed'],
    doc: 'When the tables are read: when there is no offset (initial), at every start (always), then stop (initial_only), not at all (no_data; its old name is never), or when changes can not be read on (when_needed).',
  },
  'snapshot.locking.mode': {
    type: 'STRING',
    default: 'none',
    group: 'Snapshot',
    validate: oneOf('none', 'shared'),
    doc: 'shared: ACCESS SHARE locks during the snapshot.',
  },
  'snapshot.lock.timeout.ms': {
    type: 'LONG',
    default: 10_000,
    group: 'Snapshot',
    validate: atLeast(0),
    doc: 'Longest wait for these locks.',
  },
  'snapshot.include.collection.list': {
    type: 'LIST',
    default: null,
    group: 'Snapshot',
    validate: regexList,
    doc: 'Regular expressions of the captured tables that are read; all by default.',
  },
  'snapshot.select.statement.overrides': {
    type: 'LIST',
    default: null,
    group: 'Snapshot',
    doc: 'Tables that are read by a statement of their own, given as snapshot.select.statement.overrides.<schema>.<table>.',
  },
  'snapshot.delay.ms': {
    type: 'LONG',
    default: 0,
    group: 'Snapshot',
    validate: atLeast(0),
    doc: 'Wait before the snapshot.',
  },
  'streaming.delay.ms': {
    type: 'LONG',
    default: 0,
    group: 'Snapshot',
    validate: atLeast(0),
    doc: 'Wait between snapshot and stream.',
  },
  'snapshot.fetch.size': {
    type: 'INT',
    default: 10_240,
    group: 'Snapshot',
    validate: atLeast(1),
    doc: 'Accepted; tables are read with COPY, bounded in bytes.',
  },
  'snapshot.max.threads': {
    type: 'INT',
    default: 1,
    group: 'Snapshot',
    validate: atLeast(1),
    doc: 'Accepted; one connection reads the snapshot.',
  },
});
