import { regexList, tableFilterFields } from '@millrace/cdc';
import { defineFields } from '@millrace/config';

/** What is captured, and the shape of its records. */
export const filterFields = {
  ...defineFields({
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
  }),
  ...tableFilterFields,
  ...defineFields({
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
  }),
} as const;
