import { defineFields } from '@millrace/config';
import { javaText, schemas, type Schema, type Struct, type StructSchema } from '@millrace/record';
import { transform } from '../plugin.ts';
import {
  fieldValue,
  perSchema,
  rebuilt,
  requireStruct,
  setMember,
  withSubject,
} from '../subject.ts';
import { isStruct } from './added-fields.ts';

const DOUBLES = 'io.debezium.data.DoubleVector';
const FLOATS = 'io.debezium.data.FloatVector';
const SPARSE = 'io.debezium.data.SparseDoubleVector';
const PURPOSE = 'Value should be a struct';

/** Vectors of pgvector and MySQL become JSON texts, wherever they are in the value. */
export const vectorToJsonConverter = transform(
  'vector-to-json-converter',
  'io.debezium.transforms.VectorToJsonConverter',
  defineFields({}),
  () => ({
    apply: (record) => {
      const { valueSchema: schema, value } = record;
      if (value === null || value === undefined) return record;
      const struct = requireStruct({ schema, value }, PURPOSE);
      return withSubject(record, 'Value', {
        schema: schemaOf(struct.schema),
        value: structOf(struct.schema, struct.value),
      });
    },
  }),
);

/** Structs lose that they are optional unless they were, and their default, as Debezium makes them anew. */
const schemaOf = perSchema((schema: StructSchema): StructSchema => ({
  ...rebuilt(
    schema,
    schema.fields.map(({ name, schema: type }) => ({ name, schema: memberSchema(type) })),
  ),
  optional: schema.optional,
}));

function memberSchema(schema: Schema): Schema {
  if (isVector(schema) || schema.name === SPARSE)
    return schemas.string({
      optional: schema.optional,
      name: 'io.debezium.data.Json',
      version: 1,
    });
  return schema.type === 'struct' ? schemaOf(schema) : schema;
}

function isVector({ name }: Schema): boolean {
  return name === DOUBLES || name === FLOATS;
}

function structOf(schema: StructSchema, value: Struct): Struct {
  const members: Record<string, unknown> = {};
  for (const field of schema.fields)
    setMember(members, field.name, memberOf(field.schema, fieldValue(value, field, true)));
  return members;
}

function memberOf(schema: Schema, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (isVector(schema) && Array.isArray(value))
    return `{ "values": [${value.map((item) => javaText(itemSchema(schema), item)).join(', ')}] }`;
  if (!isStruct(value) || schema.type !== 'struct') return value;
  return schema.name === SPARSE ? sparseText(value) : structOf(schema, value);
}

function sparseText({ dimensions, vector }: Struct): string {
  const entries: [unknown, unknown][] = vector instanceof Map ? [...vector] : [];
  const sorted = entries.sort(([left], [right]) => Number(left) - Number(right));
  const texts = sorted.map(([index, item]) => `"${String(index)}": ${javaText(DOUBLE, item)}`);
  return `{ "dimensions": ${String(dimensions)}, "vector": { ${texts.join(', ')} } }`;
}

const DOUBLE = schemas.float64();

function itemSchema(schema: Schema): Schema {
  return schema.type === 'array' ? schema.items : DOUBLE;
}
