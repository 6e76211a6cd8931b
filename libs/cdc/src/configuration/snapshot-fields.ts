import { atLeast, defineFields, oneOf } from '@millrace/config';
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
  'snapshot.mode.custom.name': {
    type: 'STRING',
    default: null,
    group: 'Snapshot',
    doc: 'Accepted; a class of Java can not be loaded.',
  },
  'snapshot.locking.mode.custom.name': {
    type: 'STRING',
    default: null,
    group: 'Snapshot',
    doc: 'Accepted; a class of Java can not be loaded.',
  },
  'snapshot.query.mode.custom.name': {
    type: 'STRING',
    default: null,
    group: 'Snapshot',
    doc: 'Accepted; a class of Java can not be loaded.',
  },
  'snapshot.tables.order.by.row.count': {
    type: 'STRING',
    default: 'disabled',
    group: 'Snapshot',
    validate: oneOf('disabled', 'ascending', 'descending'),
    doc: 'Whether small or large tables are read first, by the estimate of the server.',
  },
  'snapshot.max.threads.multiplier': {
    type: 'INT',
    default: 1,
    group: 'Snapshot',
    validate: atLeast(1),
    doc: 'Accepted; chunks are made by snapshot.fetch.size.',
  },
  'legacy.snapshot.max.threads': {
    type: 'BOOLEAN',
    default: false,
    group: 'Snapshot',
    doc: 'Accepted; each thread reads one table at a time.',
  },
});
