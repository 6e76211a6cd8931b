import { defineFields, oneOf } from '@millrace/config';
import type { Header, StructSchema } from '@millrace/record';
import { badSettings, unsuitableRecord } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import {
  fieldValue,
  perSchema,
  requireMap,
  requireStruct,
  subjectOf,
  withFields,
  withSubject,
} from './subject.ts';

const notEmpty = (entries: readonly string[]): string | undefined =>
  entries.length === 0 ? 'Empty list' : undefined;

const fields = defineFields({
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'Fields whose values become headers.',
    validate: notEmpty,
  },
  headers: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'The names of the headers, in the order of the fields.',
    validate: notEmpty,
  },
  operation: {
    type: 'STRING',
    importance: 'HIGH',
    recommended: ['move', 'copy'],
    doc: 'move: the fields go. copy: they stay.',
    validate: oneOf('move', 'copy'),
  },
  'replace.null.with.default': replaceNullField,
});

/** Fields of the key or value become headers. */
export const headerFrom = keyAndValue('header-from', 'HeaderFrom', fields, (settings, side) => {
  const { fields: names, headers: keys, operation } = settings;
  if (names.length !== keys.length)
    throw badSettings("'fields' config must have the same number of elements as 'headers' config.");
  const purpose = `header ${operation}`;
  const moved = new Set(operation === 'move' ? names : []);
  const hasDefaults = settings['replace.null.with.default'];
  const schemaOf = perSchema((schema: StructSchema) =>
    withFields(
      schema,
      schema.fields.filter(({ name }) => !moved.has(name)),
    ),
  );
  return {
    apply: (record) => {
      const subject = subjectOf(record, side);
      if (subject.schema === null) {
        const members = requireMap(subject.value, purpose);
        const added = names.map((name, index): Header => ({
          key: keys[index] ?? name,
          schema: null,
          value: Object.hasOwn(members, name) ? members[name] : null,
        }));
        const kept = Object.entries(members).filter(([name]) => !moved.has(name));
        const value = Object.fromEntries(kept);
        return withSubject({ ...record, headers: [...record.headers, ...added] }, side, {
          schema: null,
          value,
        });
      }
      const { schema, value } = requireStruct(subject, purpose);
      const added = names.map((name, index): Header => {
        const field = schema.fields.find((each) => each.name === name);
        if (field === undefined) throw unsuitableRecord(`${name} is not a valid field name`);
        return {
          key: keys[index] ?? name,
          schema: field.schema,
          value: fieldValue(value, field, hasDefaults),
        };
      });
      if (moved.size === 0) return { ...record, headers: [...record.headers, ...added] };
      const kept = schemaOf(schema);
      const members = kept.fields.map(
        (field) => [field.name, fieldValue(value, field, hasDefaults)] as const,
      );
      return withSubject({ ...record, headers: [...record.headers, ...added] }, side, {
        schema: kept,
        value: Object.fromEntries(members),
      });
    },
  };
});
