import { Decimal } from '../decimal.ts';
import { noJsonForm } from '../errors.ts';
import { kindOf } from '../kind-of.ts';
import { DATE, DECIMAL, TIME, TIMESTAMP } from '../logical.ts';
import type { Schema, StructSchema } from '../schema.ts';
import { doubleText, floatText } from './number-text.ts';
import { bytesText, stringText } from './string-text.ts';

/** How values are written that JSON has no type for. */
export interface JsonStyle {
  /** `base64` of the unscaled value, as Connect by default, which only a schema makes readable; or the `number`. */
  readonly decimals: 'base64' | 'number';
  /** Days or milliseconds, as Connect, by the schema; or ISO 8601 text, without one. */
  readonly dates: 'number' | 'iso';
}

/** As Connect's JsonConverter by default and without schemas. */
const CONNECT: JsonStyle = { decimals: 'base64', dates: 'number' };

const DAY_MS = 86_400_000;

/**
 * Any value as JSON text. Null becomes the schema's default, where there is one; whether a schema allows null is not
 * asked. For many values of one schema a compiled writer is faster.
 * @throws MillraceError `record.no_json_form`
 */
export function jsonText(
  schema: Schema | null,
  value: unknown,
  style: JsonStyle = CONNECT,
): string {
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'number':
      return numberText(schema, value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return value.toString();
    case 'undefined':
      return nullText(schema, style);
    case 'object':
      return value === null ? nullText(schema, style) : objectText(schema, value, style);
    default:
      throw noJsonForm(`a ${typeof value} can't be written as JSON`);
  }
}

function nullText(schema: Schema | null, style: JsonStyle): string {
  const instead = schema?.default ?? null;
  return instead === null ? 'null' : jsonText(schema, instead, style);
}

/**
 * NaN and the infinities are quoted, as Jackson does. Whole numbers beyond 2^53 are doubles, and stay so: as integers
 * their shortest digits would be another number.
 */
function numberText(schema: Schema | null, value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  if (schema?.type === 'float32') return floatText(value);
  return schema?.type === 'float64' || Math.abs(value) > Number.MAX_SAFE_INTEGER
    ? doubleText(value)
    : String(value);
}

function objectText(schema: Schema | null, value: object, style: JsonStyle): string {
  if (Array.isArray(value)) {
    const items = schema?.type === 'array' ? schema.items : null;
    return `[${value.map((item) => jsonText(items, item, style)).join(',')}]`;
  }
  if (value instanceof Uint8Array) return bytesText(value);
  if (value instanceof Decimal) return decimalText(schema, value, style);
  if (value instanceof Date) return dateText(schema, value, style);
  if (value instanceof Map) return mapText(schema, [...value.entries()], style);
  if (schema?.type === 'struct') return structText(schema, value, style);
  const values = schema?.type === 'map' ? schema.values : null;
  if (!hasMembers(value)) return '{}';
  let text = '';
  // Names and values of their own: pairs would be as many lists as there are members.
  for (const key of Object.keys(value))
    text += `${text === '' ? '{' : ','}${nameText(key)}${jsonText(values, value[key], style)}`;
  return `${text === '' ? '{' : text}}`;
}

/** Every object has; TypeScript only does not know by what names. */
function hasMembers(value: object): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object';
}

/** INV-6: names are few and come again with each record, unless somebody uses them for data. */
const NAMES_MAX = 4096;
const nameTexts = new Map<string, string>();

/** `"name":`. */
function nameText(name: string): string {
  const known = nameTexts.get(name);
  if (known !== undefined) return known;
  const text = `${stringText(name)}:`;
  if (nameTexts.size < NAMES_MAX) nameTexts.set(name, text);
  return text;
}

function decimalText(schema: Schema | null, value: Decimal, style: JsonStyle): string {
  if (style.decimals === 'number') return value.toString();
  if (schema?.name !== DECIMAL) throw withoutSchema(value);
  return bytesText(value.toBytes());
}

function dateText(schema: Schema | null, value: Date, style: JsonStyle): string {
  const timeMs = value.getTime();
  if (Number.isNaN(timeMs)) throw noJsonForm("an invalid Date can't be written as JSON");
  if (style.dates === 'iso') return `"${value.toISOString()}"`;
  if (schema?.name === TIMESTAMP) return String(timeMs);
  if (schema?.name === DATE && timeMs % DAY_MS === 0) return String(timeMs / DAY_MS);
  if (schema?.name === TIME && timeMs >= 0 && timeMs <= DAY_MS) return String(timeMs);
  if (schema?.name === DATE || schema?.name === TIME)
    throw noJsonForm(`the Date does not fit its schema ${schema.name}`);
  throw withoutSchema(value);
}

function withoutSchema(value: object): Error {
  return noJsonForm(`a ${kindOf(value)} without a schema can't be written as JSON`);
}

/** An object when the keys are text, else an array of pairs. */
function mapText(
  schema: Schema | null,
  entries: readonly (readonly [unknown, unknown])[],
  style: JsonStyle,
): string {
  const keys = schema?.type === 'map' ? schema.keys : null;
  const values = schema?.type === 'map' ? schema.values : null;
  const isObject =
    keys === null ? entries.every(([key]) => typeof key === 'string') : keys.type === 'string';
  return isObject
    ? `{${entries.map(([key, item]) => `${stringText(String(key))}:${jsonText(values, item, style)}`).join(',')}}`
    : `[${entries.map(([key, item]) => `[${jsonText(keys, key, style)},${jsonText(values, item, style)}]`).join(',')}]`;
}

interface Member {
  readonly name: string;
  readonly schema: Schema;
  /** `{"name":` or `,"name":`. */
  readonly prefix: string;
}

/** Made once a schema, and gone with it. */
const membersOf = new WeakMap<StructSchema, readonly Member[]>();

function structText(schema: StructSchema, value: object, style: JsonStyle): string {
  let members = membersOf.get(schema);
  if (members === undefined) {
    members = schema.fields.map((field, index) => ({
      ...field,
      prefix: `${index === 0 ? '{' : ','}${stringText(field.name)}:`,
    }));
    membersOf.set(schema, members);
  }
  if (members.length === 0) return '{}';
  let text = '';
  for (const { name, schema: type, prefix } of members) {
    // Every object has members of names such as `constructor`; a missing field must not become one of them.
    const item: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
    text += prefix + jsonText(type, item, style);
  }
  return text + '}';
}
