import { parseKeyColumns } from '@millrace/cdc';
import { defineFields, each, oneOf, type Validator } from '@millrace/config';
import { regexList } from './validators.ts';

const keyColumns: Validator<string> = (value) =>
  parseKeyColumns(value) === undefined
    ? 'expected <table regex>:<column>[,<column>][;...]'
    : undefined;

/** What is captured, and the shape of its records. */
export const filterFields = defineFields({
  'schema.include.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the schemas that are captured. They match whole names, whatever the case.',
  },
  'schema.exclude.list': {
    type: 'LIST',
    default: null,
    importance: 'MEDIUM',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the schemas that are not captured.',
  },
  'table.include.list': {
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the tables that are captured, as schema.table.',
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
    doc: 'The same by type: regular expressions of "schema.table.type".',
  },
  'message.key.columns': {
    type: 'STRING',
    default: null,
    group: 'Filters',
    validate: keyColumns,
    doc: 'Keys of records in place of primary keys: <table regex>:<column>[,<column>][;...].',
  },
  'message.prefix.include.list': {
    type: 'LIST',
    default: null,
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the prefixes of logical messages that are captured.',
  },
  'message.prefix.exclude.list': {
    type: 'LIST',
    default: null,
    group: 'Filters',
    validate: regexList,
    doc: 'Regular expressions of the prefixes of logical messages that are not captured.',
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
    doc: 'No record for an update that changes no captured column; needs REPLICA IDENTITY FULL.',
  },
  'tombstones.on.delete': {
    type: 'BOOLEAN',
    default: true,
    group: 'Filters',
    doc: 'A delete is followed by a record with the key and no value.',
  },
});
