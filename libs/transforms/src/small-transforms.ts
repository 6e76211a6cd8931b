import { defineFields } from '@millrace/config';
import { schemas, type Schema } from '@millrace/record';
import { keyAndValue, single } from './plugin.ts';
import { perSchema, subjectOf, withSubject } from './subject.ts';

/** Drops every record; meant to be used with a predicate. */
export const filter = single('filter', 'Filter', {}, () => ({ apply: () => null }));

const hoistFields = defineFields({
  field: {
    type: 'STRING',
    importance: 'MEDIUM',
    doc: 'Field name for the single field that will be created.',
  },
});

/** Wraps the key or value into a struct, or map, of one field. */
export const hoistField = keyAndValue(
  'hoist-field',
  'HoistField',
  hoistFields,
  ({ field }, side) => {
    const wrap = perSchema((schema: Schema): Schema => schemas.struct({ [field]: schema }));
    return {
      apply: (record) => {
        const { schema, value } = subjectOf(record, side);
        return withSubject(record, side, {
          schema: schema === null ? null : wrap(schema),
          value: { [field]: value ?? null },
        });
      },
    };
  },
);

const dropFields = defineFields({
  headers: { type: 'LIST', importance: 'HIGH', doc: 'The names of the headers to be removed.' },
});

export const dropHeaders = single('drop-headers', 'DropHeaders', dropFields, ({ headers }) => {
  const dropped = new Set(headers);
  return {
    apply: (record) =>
      record.headers.some(({ key }) => dropped.has(key))
        ? { ...record, headers: record.headers.filter(({ key }) => !dropped.has(key)) }
        : record,
  };
});
