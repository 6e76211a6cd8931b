import { regexList, tableFilterFields } from '@millrace/cdc';
import { defineFields } from '@millrace/config';

/** What is captured, and what of it becomes a record. */
export const filterFields = {
  ...defineFields({
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
    'table.ignore.builtin': {
      type: 'BOOLEAN',
      default: true,
      group: 'Filters',
      doc: "Whether the server's own databases (mysql, sys, performance_schema, information_schema) are left out.",
    },
  }),
  ...tableFilterFields,
  ...defineFields({
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
  }),
} as const;
