import { defineFields } from '@millrace/config';
import type { Field, Schema, Struct, StructSchema } from '@millrace/record';
import { unsuitableRecord } from './errors.ts';
import { keyAndValue } from './plugin.ts';
import {
  fieldValue,
  inferType,
  perSchema,
  requireMap,
  requireStruct,
  setMember,
  subjectOf,
  withSubject,
} from './subject.ts';

const fields = defineFields({
  delimiter: {
    type: 'STRING',
    default: '.',
    importance: 'MEDIUM',
    doc: 'Between the names of a nested field and of what holds it.',
  },
});

const PURPOSE = 'flattening';

/** Nested structs or maps become one level, with joined names. Arrays stay as they are. */
export const flatten = keyAndValue('flatten', 'Flatten', fields, ({ delimiter }, side) => {
  const join = (prefix: string, name: string): string =>
    prefix === '' ? name : `${prefix}${delimiter}${name}`;
  const schemaOf = perSchema((schema: StructSchema): StructSchema => {
    const { name, version, doc, parameters } = schema;
    const flat = flatFields(schema, '', schema.optional, schema.default, join);
    return {
      type: 'struct',
      optional: false,
      fields: flat,
      ...(name === undefined ? {} : { name }),
      ...(version === undefined ? {} : { version }),
      ...(doc === undefined ? {} : { doc }),
      ...(parameters === undefined ? {} : { parameters }),
    };
  });
  return {
    apply: (record) => {
      const subject = subjectOf(record, side);
      if (subject.value === null || subject.value === undefined) return record;
      if (subject.schema === null) {
        const flat = new Map<string, unknown>();
        flattenMap(requireMap(subject.value, PURPOSE), '', flat, join);
        return withSubject(record, side, { schema: null, value: Object.fromEntries(flat) });
      }
      const { schema, value } = requireStruct(subject, PURPOSE);
      const members: Record<string, unknown> = {};
      flattenStruct(schema, value, '', members, join);
      return withSubject(record, side, { schema: schemaOf(schema), value: members });
    },
  };
});

type Join = (prefix: string, name: string) => string;

function flattenMap(members: Struct, prefix: string, into: Map<string, unknown>, join: Join): void {
  for (const [key, value] of Object.entries(members)) {
    const name = join(prefix, key);
    if (value === null || value === undefined) {
      into.set(name, null);
      continue;
    }
    const type = inferType(value);
    if (type === 'map') flattenMap(requireMap(value, PURPOSE), name, into, join);
    else if (type === undefined)
      throw unsuitableRecord(
        `Flatten transformation was passed a value of type ${typeof value} which is not supported by Connect's data API`,
      );
    else into.set(name, value);
  }
}

function flattenStruct(
  schema: StructSchema,
  value: Struct | null,
  prefix: string,
  into: Record<string, unknown>,
  join: Join,
): void {
  for (const field of schema.fields) {
    const name = join(prefix, field.name);
    const member = value === null ? null : fieldValue(value, field, true);
    if (field.schema.type === 'struct') {
      const struct =
        member === null
          ? null
          : requireStruct({ schema: field.schema, value: member }, PURPOSE).value;
      flattenStruct(field.schema, struct, name, into, join);
    } else setMember(into, name, member);
  }
}

/** What is in something optional is optional; defaults of a struct are those of its fields. */
function flatFields(
  schema: StructSchema,
  prefix: string,
  isOptional: boolean,
  inherited: unknown,
  join: Join,
): readonly Field[] {
  return schema.fields.flatMap((field): readonly Field[] => {
    const name = join(prefix, field.name);
    const optional = isOptional || field.schema.optional;
    const fallback = field.schema.default ?? memberOf(inherited, field);
    switch (field.schema.type) {
      case 'struct':
        return flatFields(field.schema, name, optional, fallback, join);
      case 'map':
        throw unsuitableRecord(
          `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
        );
      default:
        return [{ name, schema: adjusted(field.schema, optional, fallback) }];
    }
  });
}

function memberOf(struct: unknown, field: Field): unknown {
  if (typeof struct !== 'object' || struct === null) return undefined;
  return fieldValue(struct as Struct, field, true) ?? undefined;
}

function adjusted(schema: Schema, optional: boolean, fallback: unknown): Schema {
  const { default: own, ...rest } = schema;
  const value = fallback ?? own;
  return {
    ...rest,
    optional,
    ...(value === undefined || value === null ? {} : { default: value }),
  };
}
