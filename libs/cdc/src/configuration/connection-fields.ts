import { all, atLeast, defineFields, nonEmpty } from '@millrace/config';
import { topicPart } from './validators.ts';

/** Debezium's keys for the name of a source and the way to its server, of all databases. */
export const commonConnectionFields = defineFields({
  'topic.prefix': {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Connector',
    validate: all(nonEmpty, topicPart),
    aliases: ['database.server.name'],
    doc: 'Logical name of the server: the beginning of all topics, and the key of the offsets. Unique among connectors.',
  },
  'database.hostname': {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Connection',
    validate: nonEmpty,
    doc: 'Host name or address of the server.',
  },
  'database.password': {
    type: 'PASSWORD',
    default: null,
    importance: 'HIGH',
    group: 'Connection',
    doc: 'Password of database.user.',
  },
  'database.initial.statements': {
    type: 'STRING',
    default: null,
    group: 'Connection',
    doc: 'SQL statements, parted by semicolons (;; for one in a text), that run on each new connection except that of the stream.',
  },
  'database.query.timeout.ms': {
    type: 'INT',
    default: 600_000,
    group: 'Connection',
    validate: atLeast(0),
    doc: 'Longest run of a query of ours; 0 is for ever. The reading of a table is not limited.',
  },
});
