import { parseKeyColumns } from '@millrace/cdc';
import { defineFields, each, oneOf, validRegex, type Validator } from '@millrace/config';

const keyColumns: Validator<string> = (value) =>
  parseKeyColumns(value) === undefined
    ? 'expected <table regex>:<column>[,<column>][;...]'
    : undefined;

const regexList = each(validRegex);

/** What is captured, and what of it becomes a record. */
export const filterFields = defineFields({
  'database.include.list': {
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the databases that are captured. They match whole names, whatever the case.',
  },
  'database.exclude.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the databases that are not captured.',
  },
  'table.include.list': {
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the tables that are captured, as database.table.',
  },
  'table.exclude.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the tables that are not captured.',
  },
  'table.ignore.builtin': {
    type: 'BOOLEAN',
    default: true,
    group: 'Filters',
    doc: "Whether the server's own databases (mysql, sys, performance_schema, information_schema) are left out.",
  },
  'column.include.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the columns that are captured, as database.table.column.',
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
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the columns whose schemas tell the type, length and scale in the database.',
  },
  'datatype.propagate.source.type': {
    type: 'LIST',
    default: null,
    group: 'Filters',
    validate: regexList,
    doc: 'The same by type: regular expressions of "database.table.type".',
  },
  'message.key.columns': {
    type: 'STRING',
    default: null,
    group: 'Filters',
    validate: keyColumns,
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
    doc: 'No record for an update that changes no captured column.',
  },
  'tombstones.on.delete': {
    type: 'BOOLEAN',
    default: true,
    group: 'Filters',
    doc: 'A delete is followed by a record with the key and no value.',
  },
  'gtid.source.includes': {
    type: 'LIST',
    default: null,
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the servers (UUIDs; of MariaDB domain-server) whose transactions count.',
  },
  'gtid.source.excludes': {
    type: 'LIST',
    default: null,
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the servers whose transactions do not count.',
  },
  'gtid.source.filter.dml.events': {
    type: 'BOOLEAN',
    default: true,
    group: 'Filters',
    doc: 'Whether changes of servers that do not count give no records.',
  },
});
