import { defineFields, oneOfIgnoringCase } from '@millrace/config';
import type { Schema, Struct, StructSchema } from '@millrace/record';
import { unsuitableRecord } from './errors.ts';
import { parsePath } from './field-path.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { fieldValue, perSchema, requireMap, requireStruct, type Subject } from './subject.ts';

const fields = defineFields({
  field: { type: 'STRING', importance: 'MEDIUM', doc: 'Field name to extract.' },
  'replace.null.with.default': replaceNullField,
  'field.syntax.version': {
    type: 'STRING',
    default: 'V1',
    importance: 'HIGH',
    recommended: ['V1', 'V2'],
    doc: 'V1: the name of a field. V2: a path with dots, names with dots in backticks.',
    validate: oneOfIgnoringCase('V1', 'V2'),
  },
});

const PURPOSE = 'field extraction';

/** The record's key or value becomes one of its fields. */
export const extractField = keyAndValue(
  'extract-field',
  'ExtractField',
  fields,
  (settings, side) => {
    const path =
      settings['field.syntax.version'].toUpperCase() === 'V2'
        ? parsePath(settings.field)
        : [settings.field];
    const hasDefaults = settings['replace.null.with.default'];
    const [name = ''] = path;
    const indexOf = perSchema((schema: StructSchema) =>
      schema.fields.findIndex((each) => each.name === name),
    );
    return (draft) => {
      const half = draft.half(side);
      const { schema } = half;
      const index =
        path.length === 1 && schema?.type === 'struct' && !half.isNull ? indexOf(schema) : -1;
      // The whole struct is not made for the one field that stays.
      if (schema?.type === 'struct' && index >= 0) {
        half.requireStruct(PURPOSE);
        half.set(schema.fields[index]?.schema ?? null, half.member(index, hasDefaults));
      } else if (schema === null) half.set(null, withoutSchema(half.value, path));
      else {
        const subject = { schema, value: half.value };
        const extracted = withSchema(subject, path, hasDefaults, settings.field);
        half.set(extracted.schema, extracted.value);
      }
      return true;
    };
  },
);

function withoutSchema(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (current === null || current === undefined) return null;
    const members: Struct = requireMap(current, PURPOSE);
    current = Object.hasOwn(members, name) ? members[name] : null;
  }
  return current ?? null;
}

function withSchema(
  subject: Subject,
  path: readonly string[],
  hasDefaults: boolean,
  whole: string,
): Subject {
  let schema: Schema | null = subject.schema;
  let value = subject.value;
  for (const name of path) {
    const found =
      schema?.type === 'struct' ? schema.fields.find((field) => field.name === name) : undefined;
    if (found === undefined && schema?.type === 'struct')
      throw unsuitableRecord(`Unknown field: ${whole}`);
    if (found === undefined || (value !== null && value !== undefined)) {
      const struct = requireStruct({ schema, value }, PURPOSE);
      value = found === undefined ? null : fieldValue(struct.value, found, hasDefaults);
    }
    schema = found?.schema ?? null;
  }
  return { schema, value: value ?? null };
}
