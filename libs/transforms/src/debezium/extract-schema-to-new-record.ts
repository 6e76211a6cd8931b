import { defineFields } from '@millrace/config';
import { schemas, type Field, type Schema, type Struct, type StructSchema } from '@millrace/record';
import { unsuitableRecord } from '../errors.ts';
import { transform } from '../plugin.ts';
import { fieldValue, perSchema, withFields, withSubject } from '../subject.ts';
import { fieldOf, isStruct } from './added-fields.ts';
import { envelopeOf } from './envelope.ts';

const NAME = 'sourceSchema';
const PARAMETER = '__debezium.source.column.';

const columnSchema = schemas.struct(
  {
    name: schemas.string(),
    typeName: schemas.string(),
    length: schemas.int32({ optional: true }),
    scale: schemas.int32({ optional: true }),
    comment: schemas.string({ optional: true }),
  },
  { name: 'io.debezium.connector.source.schema.Column', version: 1 },
);
const tableSchema = schemas.struct(
  { columns: schemas.array(columnSchema) },
  { name: 'io.debezium.connector.source.schema.Table', version: 1 },
);
const sourceSchema = schemas.struct(
  { id: schemas.string(), table: tableSchema },
  { name: 'io.debezium.connector.source.Schema', version: 1 },
);

interface Extended {
  readonly schema: StructSchema;
  readonly columns: readonly Struct[];
}

/** Adds to a change event how its columns were declared; needs `column.propagate.source.type`. */
export const extractSchemaToNewRecord = transform(
  'extract-schema-to-new-record',
  'io.debezium.transforms.ExtractSchemaToNewRecord',
  defineFields({}),
  () => {
    const extendedOf = perSchema((schema: StructSchema): Extended => {
      const row = fieldOf(schema, 'after');
      return {
        schema: withFields(schema, [...schema.fields, { name: NAME, schema: sourceSchema }]),
        columns: row?.type === 'struct' ? row.fields.map(columnOf) : [],
      };
    });
    return {
      apply: (record) => {
        const envelope = envelopeOf(record);
        if (envelope === undefined) return record;
        const { schema, value } = envelope;
        if (!isStruct(value['after']) && !isStruct(value['before'])) return record;
        const extended = extendedOf(schema);
        const source = value['source'];
        const id = isStruct(source) ? (source['table'] ?? null) : null;
        const members = schema.fields.map((field) => [field.name, fieldValue(value, field, true)]);
        const added: Struct = { id, table: { columns: extended.columns } };
        return withSubject(record, 'Value', {
          schema: extended.schema,
          value: { ...Object.fromEntries(members), [NAME]: added },
        });
      },
    };
  },
);

function columnOf({ schema }: Field): Struct {
  const name = parameterOf(schema, 'name');
  const typeName = parameterOf(schema, 'type');
  if (name === null || typeName === null)
    throw unsuitableRecord(
      'Ensure that enable configurations "column.propagate.source.type" or "datatype.propagate.source.type" and the value is set to ".*"',
    );
  const numberOf = (parameter: string): number | null => {
    const text = parameterOf(schema, parameter);
    return text === null ? null : Number(text);
  };
  return {
    name,
    typeName,
    length: numberOf('length'),
    scale: numberOf('scale'),
    comment: parameterOf(schema, 'comment'),
  };
}

function parameterOf({ parameters }: Schema, name: string): string | null {
  return parameters?.[PARAMETER + name] ?? null;
}
