import { defineFields } from '@millrace/config';
import { schemas, type Schema, type StructSchema } from '@millrace/record';
import { keyAndValue, single } from './plugin.ts';
import { perSchema, requireNames } from './subject.ts';

/** Drops every record; meant to be used with a predicate. */
export const filter = single('filter', 'Filter', {}, () => () => false);

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
    const wrap = perSchema((schema: Schema): StructSchema => {
      requireNames([{ name: field, schema }]);
      return schemas.struct({ [field]: schema });
    });
    return (draft) => {
      const half = draft.half(side);
      const { schema } = half;
      const value = half.value ?? null;
      if (schema === null) half.setMap({ [field]: value });
      else half.setMembers(wrap(schema), [value]);
      return true;
    };
  },
);

const dropFields = defineFields({
  headers: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'The names of the headers to be removed.',
    validate: (names) => (names.length === 0 ? 'Empty list' : undefined),
  },
});

export const dropHeaders = single('drop-headers', 'DropHeaders', dropFields, ({ headers }) => {
  const dropped = new Set(headers);
  return (draft) => {
    if (draft.headers.some(({ key }) => dropped.has(key)))
      draft.headers = draft.headers.filter(({ key }) => !dropped.has(key));
    return true;
  };
});
