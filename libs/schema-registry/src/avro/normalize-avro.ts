import { compareText, JsonNumber, sortJson, type Json, type JsonObject } from '../json/json.ts';
import { isRecord, type AvroField, type AvroType } from './model.ts';

/** The same schema with aliases, attributes and the members of values in one order, as `normalize=true` stores it. */
export function normalizeAvro(type: AvroType): AvroType {
  return normalize(type, new Map());
}

function normalize(type: AvroType, done: Map<AvroType, AvroType>): AvroType {
  const known = done.get(type);
  if (known !== undefined) return known;
  if (type.kind === 'union')
    return { kind: 'union', types: type.types.map((branch) => normalize(branch, done)) };
  const properties = sortedProperties(type, type.properties);
  if (type.kind === 'array')
    return { kind: 'array', items: normalize(type.items, done), properties };
  if (type.kind === 'map') return { kind: 'map', values: normalize(type.values, done), properties };
  if (!('name' in type)) return { kind: type.kind, properties };
  const named = {
    ...type,
    doc: type.doc === '' ? undefined : type.doc,
    aliases: type.aliases.toSorted(compareText),
    properties,
  };
  done.set(type, named);
  if (isRecord(named)) named.fields = named.fields.map((field) => normalizeField(field, done));
  return named;
}

function normalizeField(field: AvroField, done: Map<AvroType, AvroType>): AvroField {
  return {
    ...field,
    type: normalize(field.type, done),
    default: field.default === undefined ? undefined : sortJson(field.default),
    aliases: field.aliases.toSorted(compareText),
    properties: sorted(field.properties),
  };
}

/** A logical type that Avro knows comes first, with what belongs to it. */
function sortedProperties(type: AvroType, properties: JsonObject): JsonObject {
  const logical = isLogical(type, properties) ? ['logicalType', 'precision', 'scale'] : [];
  const first = logical.filter(
    (name) =>
      name === 'logicalType' ||
      (properties.get('logicalType') === 'decimal' && !isZeroScale(name, properties)),
  );
  const entries = first.flatMap((name): [string, Json][] => {
    const value = properties.get(name);
    return value === undefined ? [] : [[name, sortJson(value)]];
  });
  return new Map([...entries, ...sorted(properties)]);
}

function isZeroScale(name: string, properties: JsonObject): boolean {
  const scale = properties.get('scale');
  return name === 'scale' && scale instanceof JsonNumber && scale.value === 0;
}

function sorted(properties: JsonObject): JsonObject {
  const entries = [...properties].map(([name, value]): [string, Json] => [name, sortJson(value)]);
  return new Map(entries.sort(([one], [other]) => compareText(one, other)));
}

const LOGICAL_TYPES: Readonly<Record<string, readonly string[]>> = {
  'big-decimal': ['bytes'],
  decimal: ['bytes', 'fixed'],
  uuid: ['string', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
  duration: ['fixed'],
};

function isLogical(type: AvroType, properties: JsonObject): boolean {
  const name = properties.get('logicalType');
  if (typeof name !== 'string' || LOGICAL_TYPES[name]?.includes(type.kind) !== true) return false;
  if (type.kind === 'fixed' && name === 'uuid') return type.size === 16;
  if (type.kind === 'fixed' && name === 'duration') return type.size === 12;
  const precision = properties.get('precision');
  return name !== 'decimal' || (precision instanceof JsonNumber && precision.value > 0);
}
