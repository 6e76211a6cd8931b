import {
  bytesText,
  DATE,
  DECIMAL,
  Decimal,
  decimalScale,
  doubleText,
  floatText,
  kindOf,
  stringText,
  TIME,
  TIMESTAMP,
  type MapSchema,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badValue } from '../errors.ts';
import type { JsonSettings } from './settings.ts';

/** Writes one value as JSON text; null and undefined included. */
export type Write = (value: unknown) => string;

const DAY_MS = 86_400_000;
const INTEGER_RANGES = {
  int8: 2 ** 7,
  int16: 2 ** 15,
  int32: 2 ** 31,
} as const;
const INT64_BOUND = 2n ** 63n;

/** A writer for all values of a schema; `path` is named when a value is refused. */
export function compileWriter(schema: Schema, settings: JsonSettings, path = ''): Write {
  const write = compileLogical(schema, settings, path) ?? compileType(schema, settings, path);
  const absent = compileNull(schema, settings, write, path);
  return (value) => (value === null || value === undefined ? absent() : write(value));
}

function compileNull(
  schema: Schema,
  settings: JsonSettings,
  write: Write,
  path: string,
): () => string {
  if (schema.default !== undefined && schema.default !== null && settings.replaceNullWithDefault)
    return () => write(schema.default);
  if (schema.optional) return () => 'null';
  return () => {
    throw badValue(
      'Conversion error: null value for field that is required and has no default value',
      path,
    );
  };
}

function compileLogical(schema: Schema, settings: JsonSettings, path: string): Write | undefined {
  switch (schema.name) {
    case DECIMAL: {
      const scale = decimalScale(schema) ?? 0;
      return (value) => writeDecimal(value, scale, settings, path);
    }
    case DATE:
      return (value) => {
        const timeMs = timeOf(value, 'Date', path);
        if (timeMs % DAY_MS !== 0)
          throw badValue(
            'Kafka Connect Date type should not have any time fields set to non-zero values.',
            path,
          );
        return String(timeMs / DAY_MS);
      };
    case TIME:
      return (value) => {
        const timeMs = timeOf(value, 'Time', path);
        if (timeMs < 0 || timeMs > DAY_MS)
          throw badValue(
            'Kafka Connect Time type should not have any date fields set to non-zero values.',
            path,
          );
        return String(timeMs);
      };
    case TIMESTAMP:
      return (value) => String(timeOf(value, 'Timestamp', path));
    default:
      return undefined;
  }
}

function timeOf(value: unknown, type: string, path: string): number {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime();
  throw badValue(`Invalid type for ${type}, expected Date but was ${kindOf(value)}`, path);
}

function writeDecimal(value: unknown, scale: number, settings: JsonSettings, path: string): string {
  if (!(value instanceof Decimal))
    throw badValue(`Invalid type for Decimal, expected Decimal but was ${kindOf(value)}`, path);
  if (value.scale !== scale)
    throw badValue(
      `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
      path,
    );
  return settings.decimalFormat === 'NUMERIC' ? value.toString() : bytesText(value.toBytes());
}

function compileType(schema: Schema, settings: JsonSettings, path: string): Write {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32': {
      const bound = INTEGER_RANGES[schema.type];
      const type = schema.type;
      return (value) => {
        if (
          typeof value === 'number' &&
          Number.isInteger(value) &&
          value >= -bound &&
          value < bound
        )
          return String(value);
        throw mismatch(type, value, path);
      };
    }
    case 'int64':
      return (value) => {
        if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
        if (typeof value === 'bigint' && value >= -INT64_BOUND && value < INT64_BOUND)
          return value.toString();
        throw mismatch('int64', value, path);
      };
    case 'float32':
      return (value) => writeFloat(value, floatText, path);
    case 'float64':
      return (value) => writeFloat(value, doubleText, path);
    case 'boolean':
      return (value) => {
        if (typeof value === 'boolean') return value ? 'true' : 'false';
        throw mismatch('boolean', value, path);
      };
    case 'string':
      return (value) => {
        if (typeof value === 'string') return stringText(value);
        throw mismatch('string', value, path);
      };
    case 'bytes':
      return (value) => {
        if (value instanceof Uint8Array) return bytesText(value);
        throw mismatch('bytes', value, path);
      };
    case 'array': {
      const writeItem = compileWriter(schema.items, settings, `${path}[]`);
      return (value) => {
        if (Array.isArray(value)) return `[${value.map((item) => writeItem(item)).join(',')}]`;
        throw mismatch('array', value, path);
      };
    }
    case 'map':
      return compileMap(schema, settings, path);
    case 'struct':
      return compileStruct(schema, settings, path);
  }
}

function mismatch(type: string, value: unknown, path: string): Error {
  return badValue(`Invalid type for ${type}: ${kindOf(value)}, or out of its range`, path);
}

/** NaN and the infinities are quoted, as Jackson does. */
function writeFloat(value: unknown, text: (value: number) => string, path: string): string {
  if (typeof value !== 'number') throw mismatch('float', value, path);
  return Number.isFinite(value) ? text(value) : `"${value}"`;
}

function compileMap(schema: MapSchema, settings: JsonSettings, path: string): Write {
  const writeValue = compileWriter(schema.values, settings, `${path}{}`);
  const writeKey = compileWriter(schema.keys, settings, `${path}{key}`);
  const asObject = schema.keys.type === 'string';
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw mismatch('map', value, path);
    const entries: [unknown, unknown][] =
      value instanceof Map ? [...value.entries()] : Object.entries(value);
    return asObject
      ? `{${entries.map(([key, item]) => `${objectKey(key, path)}:${writeValue(item)}`).join(',')}}`
      : `[${entries.map(([key, item]) => `[${writeKey(key)},${writeValue(item)}]`).join(',')}]`;
  };
}

function objectKey(key: unknown, path: string): string {
  if (typeof key === 'string') return stringText(key);
  throw mismatch('string', key, `${path}{key}`);
}

function compileStruct(schema: StructSchema, settings: JsonSettings, path: string): Write {
  const names = schema.fields.map((field) => field.name);
  const prefixes = names.map((name, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
  // Every object has members of these names; a missing field must not become one of them.
  const isRisky = names.map((name) => name in Object.prototype);
  const writers = schema.fields.map((field) =>
    compileWriter(field.schema, settings, path === '' ? field.name : `${path}.${field.name}`),
  );
  return (value) => {
    if (!isPlainObject(value)) throw mismatch('struct', value, path);
    let text = '{';
    for (let index = 0; index < names.length; index++) {
      const write = writers[index];
      const name = names[index];
      if (write !== undefined && name !== undefined) {
        text += prefixes[index] ?? '';
        text += write(isRisky[index] === true ? ownMember(value, name) : value[name]);
      }
    }
    return text + '}';
  };
}

function ownMember(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Uint8Array)
  );
}
