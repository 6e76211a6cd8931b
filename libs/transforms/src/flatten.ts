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
  rebuilt,
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
    const flat = flatFields(schema, '', schema.optional, schema.default, join);
    return rebuilt(schema, flat);
  });
  return (draft) => {
    const half = draft.half(side);
    if (half.isNull) return true;
    if (half.schema === null) {
      const flat: Record<string, unknown> = {};
      flattenMap(half.map(PURPOSE), '', flat, join);
      half.setMap(flat);
      return true;
    }
    const schema = half.requireStruct(PURPOSE);
    const flatSchema = schemaOf(schema);
    const members = half.members(PURPOSE, true);
    if (isFlat(schema)) half.setSchema(flatSchema);
    else {
      const flat: unknown[] = [];
      pushFlat(schema, members, flat);
      half.setMembers(flatSchema, flat);
    }
    return true;
  };
});

const isFlat = perSchema(({ fields }: StructSchema) =>
  fields.every(({ schema }) => schema.type !== 'struct'),
);

type Join = (prefix: string, name: string) => string;

function flattenMap(
  members: Struct,
  prefix: string,
  into: Record<string, unknown>,
  join: Join,
): void {
  for (const [key, value] of Object.entries(members)) {
    const name = join(prefix, key);
    if (value === null || value === undefined) {
      setMember(into, name, null);
      continue;
    }
    const type = inferType(value);
    if (type === 'map') flattenMap(requireMap(value, PURPOSE), name, into, join);
    else if (type === undefined)
      throw unsuitableRecord(
        `Flatten transformation was passed a value of type ${typeof value} which is not supported by Connect's data API`,
      );
    else setMember(into, name, value);
  }
}

/** The members of a struct, and of those in it, in the order of `flatFields`; null: of one that is not there. */
function pushFlat(
  { fields }: StructSchema,
  members: readonly unknown[] | null,
  into: unknown[],
): void {
  for (const [index, { schema }] of fields.entries()) {
    const member = members?.[index] ?? null;
    if (schema.type !== 'struct') into.push(member);
    else if (member === null) pushFlat(schema, null, into);
    else {
      const struct = requireStruct({ schema, value: member }, PURPOSE).value;
      const inner = schema.fields.map((field) => fieldValue(struct, field, true));
      pushFlat(schema, inner, into);
    }
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
