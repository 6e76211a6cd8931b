import { atLeast, defineFields, nonEmpty, oneOf, type Validator } from '@millrace/config';

const slotName: Validator<string> = (value) =>
  /^[a-z0-9_]{1,63}$/.test(value)
    ? undefined
    : 'a slot name has 1 to 63 of the characters a-z, 0-9 and _';

const identities: Validator<string> = (value) =>
  value.split(',').every((part) => /^.+:\s*(?:DEFAULT|FULL|NOTHING|INDEX\s+\S+)\s*$/i.test(part))
    ? undefined
    : 'expected <table regex>:DEFAULT|FULL|NOTHING|INDEX <index>[,...]';

/** Slot, publication, and how far the server may forget. */
export const slotFields = defineFields({
  'plugin.name': {
    type: 'STRING',
    default: 'pgoutput',
    importance: 'MEDIUM',
    group: 'Slot',
    validate: oneOf('pgoutput'),
    recommended: ['pgoutput'],
    doc: 'Output plugin of the server. Only pgoutput, which every PostgreSQL since 10 has; it is also what an absent value means (Debezium means decoderbufs).',
  },
  'slot.name': {
    type: 'STRING',
    default: 'debezium',
    importance: 'MEDIUM',
    group: 'Slot',
    validate: slotName,
    doc: 'Replication slot; made when it does not exist. Unique among connectors.',
  },
  'slot.drop.on.stop': {
    type: 'BOOLEAN',
    default: false,
    group: 'Slot',
    doc: 'Drop the slot when the task stops. Changes until the next start are lost then.',
  },
  'millrace.slot.drop.on.delete': {
    type: 'BOOLEAN',
    default: false,
    group: 'Slot',
    doc: 'Drop the slot when the connector is deleted, so that it does not keep WAL for nobody.',
  },
  'slot.failover': {
    type: 'BOOLEAN',
    default: false,
    group: 'Slot',
    doc: 'Make the slot with FAILOVER (PostgreSQL 17 and later), so that a standby takes it over.',
  },
  'slot.stream.params': {
    type: 'STRING',
    default: null,
    group: 'Slot',
    doc: 'Further options of START_REPLICATION: key=value, parted by semicolons.',
  },
  'slot.max.retries': {
    type: 'INT',
    default: 6,
    group: 'Slot',
    validate: atLeast(0),
    doc: 'How often a start is tried again while the slot is in use.',
  },
  'slot.retry.delay.ms': {
    type: 'LONG',
    default: 10_000,
    group: 'Slot',
    validate: atLeast(1),
    doc: 'Wait between these attempts.',
  },
  'publication.name': {
    type: 'STRING',
    default: 'dbz_publication',
    importance: 'MEDIUM',
    group: 'Slot',
    validate: nonEmpty,
    doc: 'Publication with the captured tables.',
  },
  'publication.autocreate.mode': {
    type: 'STRING',
    default: 'all_tables',
    importance: 'MEDIUM',
    group: 'Slot',
    validate: oneOf('all_tables', 'disabled', 'filtered', 'no_tables'),
    recommended: ['all_tables', 'disabled', 'filtered', 'no_tables'],
    doc: 'How a missing publication is made: for all tables (superuser), not at all, for the captured tables (owner), or without tables.',
  },
  'publish.via.partition.root': {
    type: 'BOOLEAN',
    default: false,
    group: 'Slot',
    doc: 'Changes of partitions carry the name of their root.',
  },
  'replica.identity.autoset.values': {
    type: 'STRING',
    default: null,
    group: 'Slot',
    validate: identities,
    doc: 'Replica identities to set at start: <table regex>:DEFAULT|FULL|NOTHING|INDEX <index>, parted by commas.',
  },
  'offset.mismatch.strategy': {
    type: 'STRING',
    default: null,
    group: 'Slot',
    validate: oneOf('no_validation', 'trust_offset', 'trust_slot', 'trust_greater_lsn'),
    doc: 'What holds when slot and stored offset differ: the offset (trust_offset), the slot (trust_slot), or the later one. By default, and with trust_offset, a slot that stands beyond the offset, and a server that is another one, stop the connector; no_validation goes on over such a gap with a warning, as Debezium does by default.',
  },
  'status.update.interval.ms': {
    type: 'INT',
    default: 10_000,
    group: 'Slot',
    validate: atLeast(1),
    doc: 'How often the server hears of our position.',
  },
  'lsn.flush.mode': {
    type: 'STRING',
    default: null,
    group: 'Slot',
    validate: oneOf('connector', 'connector_and_driver', 'manual'),
    doc: "connector, the default: the slot follows the durable offsets. connector_and_driver: the same; a slot that Debezium's driver moved beyond the offset is accepted. manual: somebody else advances it.",
  },
  'flush.lsn.source': {
    type: 'BOOLEAN',
    default: null,
    group: 'Slot',
    doc: 'The older name of lsn.flush.mode: true is connector, false is manual.',
  },
  'millrace.transaction.streaming': {
    type: 'BOOLEAN',
    default: true,
    group: 'Slot',
    doc: 'Large transactions are read while they run (PostgreSQL 14 and later) and kept on our disk until they commit, so that little is left to read then. false: the server keeps them and sends them after the commit.',
  },
  'millrace.transaction.spill.dir': {
    type: 'STRING',
    default: null,
    group: 'Slot',
    doc: "Folder where they are kept; by default one in the worker's task.scratch.dir, or in the system's folder for temporary files. Nothing in it survives the task.",
  },
  'millrace.transaction.spill.bytes.max': {
    type: 'LONG',
    default: 68_719_476_736,
    group: 'Slot',
    validate: atLeast(1_048_576),
    doc: 'Most bytes of that folder; beyond, the connector lets the server keep such transactions until the task starts again.',
  },
  'millrace.slot.wal.bytes.max': {
    type: 'LONG',
    default: 0,
    group: 'Slot',
    validate: atLeast(0),
    doc: 'Most WAL that the server may keep for the slot, in bytes: less than the room on its disk. 0: no budget; then max_slot_wal_keep_size of the server is the only limit.',
  },
  'millrace.slot.wal.action': {
    type: 'STRING',
    default: 'warn',
    group: 'Slot',
    validate: oneOf('warn', 'fail', 'drop-slot'),
    recommended: ['warn', 'fail', 'drop-slot'],
    doc: 'What happens beyond that budget: a warning, the task fails, or the slot is dropped (which saves the server and loses the changes) and the task fails.',
  },
  'millrace.slot.check.interval.ms': {
    type: 'LONG',
    default: 30_000,
    group: 'Slot',
    validate: atLeast(10),
    doc: 'How often the WAL that the slot keeps is looked at.',
  },
  'millrace.slot.stall.timeout.ms': {
    type: 'LONG',
    default: 600_000,
    group: 'Slot',
    validate: atLeast(10),
    doc: 'A stream that stands for so long while the server writes is warned of.',
  },
});
