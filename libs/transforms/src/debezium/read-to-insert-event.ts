import { defineFields } from '@millrace/config';
import { transform } from '../plugin.ts';
import { withSubject } from '../subject.ts';
import { envelopeOf } from './envelope.ts';

/** Rows of a snapshot (`r`) look like inserts (`c`). */
export const readToInsertEvent = transform(
  'read-to-insert-event',
  'io.debezium.connector.mysql.transforms.ReadToInsertEvent',
  defineFields({}),
  () => ({
    apply: (record) => {
      const envelope = envelopeOf(record);
      if (envelope?.value['op'] !== 'r') return record;
      const { schema, value } = envelope;
      return withSubject(record, 'Value', { schema, value: { ...value, op: 'c' } });
    },
  }),
);
