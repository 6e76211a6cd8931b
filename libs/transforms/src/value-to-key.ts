import { defineFields } from '@millrace/config';
import type { StructSchema } from '@millrace/record';
import { unsuitableRecord } from './errors.ts';
import { replaceNullField, single } from './plugin.ts';
import {
  fieldValue,
  perSchema,
  requireMap,
  requireStruct,
  subjectOf,
  withSubject,
} from './subject.ts';

const fields = defineFields({
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'Field names on the record value to extract as the record key.',
    validate: (names) => (names.length === 0 ? 'Empty list' : undefined),
  },
  'replace.null.with.default': replaceNullField,
});

const PURPOSE = 'copying fields from value to key';

/** The key is made of fields of the value. */
export const valueToKey = single('value-to-key', 'ValueToKey', fields, (settings) => {
  const chosen = (schema: StructSchema): StructSchema['fields'] =>
    settings.fields.map((name) => {
      const field = schema.fields.find((each) => each.name === name);
      if (field === undefined) throw unsuitableRecord(`Field does not exist: ${name}`);
      return field;
    });
  const keySchemaOf = perSchema((schema: StructSchema): StructSchema => ({
    type: 'struct',
    optional: false,
    fields: chosen(schema),
  }));
  const hasDefaults = settings['replace.null.with.default'];
  return {
    apply: (record) => {
      const subject = subjectOf(record, 'Value');
      if (subject.schema === null) {
        const members = requireMap(subject.value, PURPOSE);
        const value = Object.fromEntries(
          settings.fields.map((name) => [
            name,
            Object.hasOwn(members, name) ? members[name] : null,
          ]),
        );
        return withSubject(record, 'Key', { schema: null, value });
      }
      const { schema, value } = requireStruct(subject, PURPOSE);
      const keySchema = keySchemaOf(schema);
      const key = Object.fromEntries(
        keySchema.fields.map((field) => [field.name, fieldValue(value, field, hasDefaults)]),
      );
      return withSubject(record, 'Key', { schema: keySchema, value: key });
    },
  };
});
