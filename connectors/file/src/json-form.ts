import { DATE, DECIMAL, Decimal, TIME, TIMESTAMP, type Schema } from '@millrace/record';
import { valueNotWritable } from './errors.ts';

const DAY_MS = 86_400_000;

/** One value as JsonConverter with its default settings and without schemas would write it. @throws MillraceError */
export function jsonForm(schema: Schema | null, value: unknown): string {
  if (value === null || value === undefined) {
    if (schema?.default !== undefined && schema.default !== null)
      return jsonForm(schema, schema.default);
    return 'null';
  }
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return numberForm(schema, value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return objectForm(schema, value);
    default:
      throw valueNotWritable(`a ${typeof value} has no JSON form`);
  }
}

function numberForm(schema: Schema | null, value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  const text = String(value);
  const isFloat = schema?.type === 'float64' || schema?.type === 'float32';
  if (!isFloat) return text;
  if (schema.type === 'float32' && Math.fround(value) === value) return floatText(value);
  return withPoint(text);
}

/** The shortest decimal that reads back as the same 32-bit float. */
function floatText(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return withPoint(String(short));
  }
  return withPoint(String(value));
}

function withPoint(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function objectForm(schema: Schema | null, value: object): string {
  if (value instanceof Uint8Array)
    return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
  if (value instanceof Decimal) {
    if (schema?.name !== DECIMAL)
      throw valueNotWritable('a decimal without its schema has no JSON form');
    return `"${value.toBytes().toString('base64')}"`;
  }
  if (value instanceof Date) return dateForm(schema, value);
  if (Array.isArray(value)) {
    const items = schema?.type === 'array' ? schema.items : null;
    return `[${value.map((item) => jsonForm(items, item)).join(',')}]`;
  }
  if (value instanceof Map) return mapForm(schema, value);
  if (schema?.type === 'struct') {
    const fields = new Map<string, unknown>(Object.entries(value));
    return `{${schema.fields.map((field) => `${JSON.stringify(field.name)}:${jsonForm(field.schema, fields.get(field.name))}`).join(',')}}`;
  }
  return mapForm(schema, new Map(Object.entries(value)));
}

function dateForm(schema: Schema | null, value: Date): string {
  const timeMs = value.getTime();
  if (schema?.name === DATE && timeMs % DAY_MS === 0) return String(timeMs / DAY_MS);
  if ((schema?.name === TIME && timeMs >= 0 && timeMs <= DAY_MS) || schema?.name === TIMESTAMP)
    return String(timeMs);
  throw valueNotWritable('a date does not fit its schema, or has none');
}

function mapForm(schema: Schema | null, map: ReadonlyMap<unknown, unknown>): string {
  const keys = schema?.type === 'map' ? schema.keys : null;
  const values = schema?.type === 'map' ? schema.values : null;
  const isObject =
    keys === null
      ? [...map.keys()].every((key) => typeof key === 'string')
      : keys.type === 'string';
  const parts = [...map].map(([key, item]) =>
    isObject
      ? `${JSON.stringify(String(key))}:${jsonForm(values, item)}`
      : `[${jsonForm(keys, key)},${jsonForm(values, item)}]`,
  );
  return isObject ? `{${parts.join(',')}}` : `[${parts.join(',')}]`;
}
