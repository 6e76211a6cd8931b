import { defineFields, each, oneOf } from '@millrace/config';
import { keyColumnsList, regexList } from './validators.ts';

/** Debezium's keys for which tables and columns are captured, and what of them becomes a record. */
export const tableFilterFields = defineFields({
  'table.include.list': {
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the tables that are captured, by whole names: schema.table; of MySQL and MariaDB database.table, here and below.',
  },
  'table.exclude.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the tables that are not captured.',
  },
  'column.include.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the columns that are captured, as schema.table.column.',
  },
  'column.exclude.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the columns that are not captured.',
  },
  'column.propagate.source.type': {
    type: 'LIST',
    default: null,
    importance: 'LOW',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the columns whose schemas tell the type, length and scale in the database.',
  },
  'datatype.propagate.source.type': {
    type: 'LIST',
    default: null,
    importance: 'LOW',
    group: 'Filters',
    validate: regexList,
    doc: 'The same by type: regular expressions of schema.table.type.',
  },
  'message.key.columns': {
    type: 'STRING',
    default: null,
    group: 'Filters',
    validate: keyColumnsList,
    doc: 'Keys of records in place of primary keys: <table regex>:<column>[,<column>][;...].',
  },
  'skipped.operations': {
    type: 'LIST',
    default: ['t'],
    group: 'Filters',
    validate: each(oneOf('c', 'u', 'd', 't', 'none')),
    doc: 'Operations that give no record: c, u, d, t or none.',
  },
  'skip.messages.without.change': {
    type: 'BOOLEAN',
    default: false,
    group: 'Filters',
    doc: 'No record for an update that changes no captured column. PostgreSQL tells so with REPLICA IDENTITY FULL alone.',
  },
  'tombstones.on.delete': {
    type: 'BOOLEAN',
    default: true,
    group: 'Filters',
    doc: 'A delete is followed by a record with the key and no value.',
  },
});
