import {
  DATE,
  DECIMAL,
  Decimal,
  decimalScale,
  doubleText,
  floatText,
  kindOf,
  NumberText,
  TIME,
  TIMESTAMP,
  type Schema,
} from '@millrace/record';
import { badSchema } from '../errors.ts';
import { isEntryArray, isUnionStruct, scrubbed } from './avro-names.ts';
import type { AvroSchema, Json } from './avro-schema.ts';
import type { AvroSettings } from './avro-settings.ts';

const DAY_MS = 86_400_000;

/** The JSON in which Avro writes a default of a Connect schema. */
export function defaultToAvro(schema: Schema, value: unknown, settings: AvroSettings): Json {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return dateNumber(schema, value);
  switch (schema.type) {
    case 'float32':
      return finite(schema, value, floatText);
    case 'float64':
      return finite(schema, value, doubleText);
    case 'bytes': {
      const bytes = bytesOf(schema, value);
      if (bytes === undefined) throw unfit(schema, value);
      return Buffer.from(bytes).toString('latin1');
    }
    case 'array':
      if (!Array.isArray(value)) throw unfit(schema, value);
      return value.map((each) => defaultToAvro(schema.items, each, settings));
    case 'map': {
      const entries = value instanceof Map ? [...value] : Object.entries(value);
      if (isEntryArray(schema, settings))
        return entries.map(([key, each]) => [
          defaultToAvro(schema.keys, key, settings),
          defaultToAvro(schema.values, each, settings),
        ]);
      return Object.fromEntries(
        entries.map(([key, each]) => [String(key), defaultToAvro(schema.values, each, settings)]),
      );
    }
    case 'struct': {
      const members = new Map(Object.entries(value));
      const parts = schema.fields.map((field): [string, Json] => [
        scrubbed(field.name, settings),
        defaultToAvro(field.schema, members.get(field.name) ?? field.schema.default, settings),
      ]);
      // A default of a union is one of its first branch.
      return isUnionStruct(schema) ? parts[0]?.[1] : Object.fromEntries(parts);
    }
    default:
      return value;
  }
}

function dateNumber(schema: Schema, value: Date): number {
  switch (schema.name) {
    case DATE:
      return Math.floor(value.getTime() / DAY_MS);
    case TIME:
    case TIMESTAMP:
      return value.getTime();
    default:
      throw unfit(schema, value);
  }
}

function finite(schema: Schema, value: unknown, text: (value: number) => string): Json {
  if (typeof value !== 'number') throw unfit(schema, value);
  // As Jackson writes them; they are no valid Avro default, so they stand in connect.default only.
  return Number.isFinite(value) ? new NumberText(text(value)) : String(value);
}

function bytesOf(schema: Schema, value: unknown): Uint8Array | undefined {
  if (value instanceof Decimal && schema.name === DECIMAL)
    return value.withScale(decimalScale(schema) ?? 0)?.toBytes();
  return value instanceof Uint8Array ? value : undefined;
}

function unfit(schema: Schema, value: unknown): Error {
  return badSchema(
    `Invalid type used for default value of ${schema.type.toUpperCase()} field: ${kindOf(value)}`,
  );
}

/** Whether Avro takes a JSON value as default of a schema: of any branch of a union. */
export function isValidDefault(schema: AvroSchema, value: Json): boolean {
  switch (schema.kind) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31;
    case 'long':
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    case 'float':
    case 'double':
      return typeof value === 'number' || value instanceof NumberText;
    case 'string':
    case 'bytes':
    case 'fixed':
    case 'enum':
      return typeof value === 'string';
    case 'array':
      return Array.isArray(value) && value.every((each) => isValidDefault(schema.items, each));
    case 'map':
      return isObject(value) && Object.values(value).every((v) => isValidDefault(schema.values, v));
    case 'record':
      return (
        isObject(value) &&
        schema.fields.every((field) => isValidDefault(field.schema, value[field.name]))
      );
    case 'union':
      return schema.branches.some((branch) => isValidDefault(branch, value));
  }
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberText)
  );
}
