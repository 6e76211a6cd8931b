import {
  DATE,
  DECIMAL,
  Decimal,
  decimalScale,
  NumberText,
  TIME,
  TIMESTAMP,
  type Schema,
  type Struct,
} from '@millrace/record';
import type { AvroSchema, Json } from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';
import { scrubbed } from './avro-names.ts';
import { isEntry, soleBranch } from './avro-shapes.ts';

const DAY_MS = 86_400_000;

/** The Connect value of a default's JSON; undefined when it is none of the schema. */
export function defaultFromAvro(
  schema: Schema,
  avro: AvroSchema,
  json: Json,
  settings: AvroSettings,
): unknown {
  if (json === null) return schema.optional ? null : undefined;
  switch (avro.kind) {
    case 'int':
    case 'long':
      return typeof json === 'number' || typeof json === 'bigint'
        ? logicalNumber(schema, json)
        : undefined;
    case 'float':
    case 'double':
      return numberOf(json);
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined;
    case 'string':
    case 'enum':
      return typeof json === 'string' ? json : undefined;
    case 'bytes':
    case 'fixed': {
      if (typeof json !== 'string') return undefined;
      const bytes = Buffer.from(json, 'latin1');
      if (schema.name !== DECIMAL) return bytes;
      return Decimal.fromBytes(bytes, decimalScale(schema) ?? 0);
    }
    case 'array':
      return Array.isArray(json) ? arrayOf(schema, avro.items, json, settings) : undefined;
    case 'map': {
      if (schema.type !== 'map' || !isObject(json)) return undefined;
      const entries = Object.entries(json).map(([key, each]) => [
        key,
        defaultFromAvro(schema.values, avro.values, each, settings),
      ]);
      return entries.some(([, each]) => each === undefined) ? undefined : new Map(entries as []);
    }
    case 'record':
      return recordOf(schema, avro, json, settings);
    case 'union': {
      const branch = soleBranch(avro, settings);
      if (branch !== undefined) return defaultFromAvro(schema, branch, json, settings);
      const first = avro.branches[0];
      const field = schema.type === 'struct' ? schema.fields[0] : undefined;
      if (first === undefined || field === undefined || first.kind === 'null') return undefined;
      const value = defaultFromAvro(field.schema, first, json, settings);
      return value === undefined ? undefined : { [field.name]: value };
    }
    case 'null':
      return undefined;
  }
}

function logicalNumber(schema: Schema, json: number | bigint): unknown {
  switch (schema.name) {
    case DATE:
      return new Date(Number(json) * DAY_MS);
    case TIME:
    case TIMESTAMP:
      return new Date(Number(json));
    default:
      return json;
  }
}

function numberOf(json: Json): number | undefined {
  if (json instanceof NumberText) return Number(json.text);
  if (typeof json === 'number' || typeof json === 'bigint') return Number(json);
  return undefined;
}

function arrayOf(
  schema: Schema,
  items: AvroSchema,
  json: readonly Json[],
  settings: AvroSettings,
): unknown {
  if (schema.type === 'map' && isEntry(items)) return undefined; // No JSON default of Avro can say it.
  if (schema.type !== 'array') return undefined;
  const values = json.map((each) => defaultFromAvro(schema.items, items, each, settings));
  return values.includes(undefined) ? undefined : values;
}

function recordOf(
  schema: Schema,
  avro: Extract<AvroSchema, { kind: 'record' }>,
  json: Json,
  settings: AvroSettings,
): Struct | undefined {
  if (schema.type !== 'struct' || !isObject(json)) return undefined;
  const struct: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const own = avro.fields.find((each) => each.name === scrubbed(field.name, settings));
    if (own === undefined) return undefined;
    const node = Object.hasOwn(json, own.name) ? json[own.name] : own.default;
    const value =
      node === undefined ? null : defaultFromAvro(field.schema, own.schema, node, settings);
    if (value === undefined || (value === null && !field.schema.optional)) return undefined;
    struct[field.name] = value;
  }
  return struct;
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberText)
  );
}
