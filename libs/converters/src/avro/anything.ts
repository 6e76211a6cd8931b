import { MAP_ENTRY, NAMESPACE, ANYTHING } from './avro-names.ts';
import { primitive, type AvroField, type AvroRecord, type AvroSchema } from './avro-schema.ts';

function optionalField(name: string, schema: AvroSchema): AvroField {
  const branches = [primitive('null'), schema];
  return { name, schema: { kind: 'union', branches }, default: null, props: new Map() };
}

function anything(): AvroRecord {
  const record: AvroRecord = { kind: 'record', name: ANYTHING, fields: [], props: new Map() };
  const required = (name: string): AvroField => ({ name, schema: record, props: new Map() });
  const entry: AvroRecord = {
    kind: 'record',
    name: `${NAMESPACE}.${MAP_ENTRY}`,
    fields: [required('key'), required('value')],
    props: new Map(),
  };
  record.fields.push(
    optionalField('boolean', primitive('boolean')),
    optionalField('bytes', primitive('bytes')),
    optionalField('double', primitive('double')),
    optionalField('float', primitive('float')),
    optionalField('int', primitive('int')),
    optionalField('long', primitive('long')),
    optionalField('string', primitive('string')),
    optionalField('array', { kind: 'array', items: record, props: new Map() }),
    optionalField('map', { kind: 'array', items: entry, props: new Map() }),
  );
  return record;
}

/** What values without a schema are written as: a record of which one field is set, that of the value's type. */
export const ANYTHING_SCHEMA: AvroRecord = anything();
