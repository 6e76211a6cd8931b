import { defineFields } from '@millrace/config';
import { parseValues } from '@millrace/record';
import { single } from './plugin.ts';

const fields = defineFields({
  header: { type: 'STRING', importance: 'HIGH', doc: 'The name of the header.' },
  'value.literal': {
    type: 'STRING',
    importance: 'HIGH',
    doc: 'Its value, whose type is inferred as for header values: 42 is a number.',
  },
});

/** Adds the same header to every record. */
export const insertHeader = single('insert-header', 'InsertHeader', fields, (settings) => {
  const header = { key: settings.header, ...parseValues(settings['value.literal']) };
  return (draft) => {
    draft.headers = [...draft.headers, header];
    return true;
  };
});
