import { atLeast, defineFields } from '@millrace/config';
import { regexList } from './validators.ts';

/** Debezium's keys of the initial snapshot that mean the same for all databases. */
export const commonSnapshotFields = defineFields({
  'snapshot.lock.timeout.ms': {
    type: 'LONG',
    default: 10_000,
    group: 'Snapshot',
    validate: atLeast(0),
    doc: 'Longest wait for the locks of snapshot.locking.mode.',
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
    doc: 'Tables that are read by a statement of their own, given as snapshot.select.statement.overrides.<table>.',
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
});
