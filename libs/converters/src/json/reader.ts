import {
  DATE,
  DECIMAL,
  Decimal,
  TIME,
  TIMESTAMP,
  decimalScale,
  int64,
  kindOf,
  NumberText,
  type MapSchema,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badJson, badValue } from '../errors.ts';
import type { JsonSettings } from './settings.ts';

/** Turns one parsed JSON node into a record value; undefined is a missing node. */
export type Read = (node: unknown) => unknown;

const DAY_MS = 86_400_000;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
const INT64_BOUND = 2n ** 63n;

/** A reader for all values of a schema. Refuses what Connect would coerce silently (INV-8). */
export function compileReader(schema: Schema, settings: JsonSettings, path = ''): Read {
  const read = compileLogical(schema, path) ?? compileType(schema, settings, path);
  return (node) => {
    if (node !== null && node !== undefined) return read(node);
    if (schema.default !== undefined && schema.default !== null && settings.replaceNullWithDefault)
      return schema.default;
    if (schema.optional) return null;
    throw badValue(`Invalid null value for required ${schema.type.toUpperCase()} field`, path);
  };
}

/** Exact decimals need the digits as written. */
export function holdsDecimal(schema: Schema): boolean {
  switch (schema.type) {
    case 'array':
      return holdsDecimal(schema.items);
    case 'map':
      return holdsDecimal(schema.keys) || holdsDecimal(schema.values);
    case 'struct':
      return schema.fields.some((field) => holdsDecimal(field.schema));
    default:
      return schema.name === DECIMAL;
  }
}

function compileLogical(schema: Schema, path: string): Read | undefined {
  switch (schema.name) {
    case DECIMAL: {
      const scale = decimalScale(schema) ?? 0;
      return (node) => readDecimal(node, scale, path);
    }
    case DATE:
      return (node) => new Date(readInteger(node, 2 ** 31, 'Date', path) * DAY_MS);
    case TIME:
      return (node) => new Date(readInteger(node, 2 ** 31, 'Time', path));
    case TIMESTAMP:
      return (node) => {
        const date = new Date(Number(readInt64(node, path)));
        if (Number.isNaN(date.getTime()))
          throw badValue('Invalid type for Timestamp, the value is out of range', path);
        return date;
      };
    default:
      return undefined;
  }
}

function readDecimal(node: unknown, scale: number, path: string): Decimal {
  if (typeof node === 'string') return Decimal.fromBytes(readBase64(node, path), scale);
  const text =
    node instanceof NumberText
      ? node.text
      : typeof node === 'number' || typeof node === 'bigint'
        ? String(node)
        : undefined;
  const decimal = text === undefined ? undefined : Decimal.parse(text).withScale(scale);
  if (decimal !== undefined) return decimal;
  throw badValue(
    `Invalid type for Decimal, underlying representation should be numeric with at most ${scale} decimals or bytes but was ${kindOf(node)}`,
    path,
  );
}

function compileType(schema: Schema, settings: JsonSettings, path: string): Read {
  switch (schema.type) {
    case 'int8':
      return (node) => readInteger(node, 2 ** 7, 'INT8', path);
    case 'int16':
      return (node) => readInteger(node, 2 ** 15, 'INT16', path);
    case 'int32':
      return (node) => readInteger(node, 2 ** 31, 'INT32', path);
    case 'int64':
      return (node) => readInt64(node, path);
    case 'float32':
      return (node) => Math.fround(readFloat(node, path));
    case 'float64':
      return (node) => readFloat(node, path);
    case 'boolean':
      return (node) => {
        if (typeof node === 'boolean') return node;
        throw mismatch('BOOLEAN', node, path);
      };
    case 'string':
      return (node) => {
        if (typeof node === 'string') return node;
        throw mismatch('STRING', node, path);
      };
    case 'bytes':
      return (node) => {
        if (typeof node === 'string') return readBase64(node, path);
        throw mismatch('BYTES', node, path);
      };
    case 'array': {
      const readItem = compileReader(schema.items, settings, `${path}[]`);
      return (node) => {
        if (Array.isArray(node)) return node.map((item) => readItem(item));
        throw mismatch('ARRAY', node, path);
      };
    }
    case 'map':
      return compileMap(schema, settings, path);
    case 'struct':
      return compileStruct(schema, settings, path);
  }
}

function mismatch(type: string, node: unknown, path: string): Error {
  return badValue(`the JSON value is not a valid ${type}: found ${kindOf(node)}`, path);
}

function readInteger(node: unknown, bound: number, type: string, path: string): number {
  const value = node instanceof NumberText ? Number(node.text) : node;
  if (typeof value === 'number' && Number.isInteger(value) && value >= -bound && value < bound)
    return value;
  throw mismatch(type, node, path);
}

function readInt64(node: unknown, path: string): number | bigint {
  if (typeof node === 'number' && Number.isSafeInteger(node)) return node;
  if (typeof node === 'bigint' && node >= -INT64_BOUND && node < INT64_BOUND) return int64(node);
  throw mismatch('INT64', node, path);
}

function readFloat(node: unknown, path: string): number {
  if (typeof node === 'number') return node;
  if (typeof node === 'bigint') return Number(node);
  if (node instanceof NumberText) return Number(node.text);
  if (node === 'NaN' || node === 'Infinity' || node === '-Infinity') return Number(node);
  throw mismatch('FLOAT', node, path);
}

function readBase64(node: string, path: string): Buffer {
  if (!BASE64.test(node)) throw badValue('the JSON value is not base64', path);
  return Buffer.from(node, 'base64');
}

function compileMap(schema: MapSchema, settings: JsonSettings, path: string): Read {
  const readKey = compileReader(schema.keys, settings, `${path}{key}`);
  const readValue = compileReader(schema.values, settings, `${path}{}`);
  if (schema.keys.type === 'string')
    return (node) => {
      if (!isObject(node))
        throw badJson(
          `Maps with string fields should be encoded as JSON objects, but found ${kindOf(node)}`,
        );
      return new Map(Object.entries(node).map(([key, item]) => [key, readValue(item)]));
    };
  return (node) => {
    if (!Array.isArray(node))
      throw badJson(
        `Maps with non-string fields should be encoded as JSON array of tuples, but found ${kindOf(node)}`,
      );
    return new Map(
      node.map((tuple: unknown) => {
        if (!Array.isArray(tuple) || tuple.length !== 2)
          throw badJson('Found invalid map entry, expected length 2 array');
        return [readKey(tuple[0]), readValue(tuple[1])];
      }),
    );
  };
}

function compileStruct(schema: StructSchema, settings: JsonSettings, path: string): Read {
  const readers = schema.fields.map(
    (field) =>
      [
        field.name,
        compileReader(field.schema, settings, path === '' ? field.name : `${path}.${field.name}`),
      ] as const,
  );
  return (node) => {
    if (!isObject(node))
      throw badJson(`Structs should be encoded as JSON objects, but found ${kindOf(node)}`);
    const struct: Record<string, unknown> = {};
    for (const [name, read] of readers) {
      if (name in Object.prototype) setOwn(struct, name, read(ownMember(node, name)));
      else struct[name] = read(node[name]);
    }
    return struct;
  };
}

/** Every object has members of names such as `constructor`; a field of that name is none of them. */
function ownMember(node: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(node, name) ? node[name] : undefined;
}

function setOwn(struct: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(struct, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

export function isObject(node: unknown): node is Readonly<Record<string, unknown>> {
  return (
    typeof node === 'object' &&
    node !== null &&
    !Array.isArray(node) &&
    !(node instanceof NumberText)
  );
}

/** Without a schema the parsed tree is the value, but for exact fractions, which become doubles. */
export function readSchemaless(node: unknown): unknown {
  if (node instanceof NumberText) return Number(node.text);
  if (Array.isArray(node)) return node.map((item) => readSchemaless(item));
  if (!isObject(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, readSchemaless(item)]));
}
