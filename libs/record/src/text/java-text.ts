import { Decimal } from '../decimal.ts';
import { noTextForm } from '../errors.ts';
import { doubleText, floatText } from '../json/number-text.ts';
import { kindOf } from '../kind-of.ts';
import { DATE, TIME } from '../logical.ts';
import type { Schema } from '../schema.ts';

/** A value as text, as Java's `toString` of the same value: `Struct{a=1,b=x}`, `{k=v}`, `[a, b]`. */
export function javaText(schema: Schema | null, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return numberText(schema, value);
    case 'object':
      return objectText(schema, value);
    default:
      throw noTextForm(typeof value);
  }
}

export function numberText(schema: Schema | null, value: number): string {
  if (schema?.type === 'float32') return exponential(floatText(value));
  if (schema?.type === 'float64' || !Number.isSafeInteger(value))
    return exponential(doubleText(value));
  return String(value);
}

/** As `Double.toString`: plain from a thousandth to ten millions, else `2.75E10`. */
function exponential(text: string): string {
  const value = Number(text);
  const magnitude = Math.abs(value);
  if (value === 0 || !Number.isFinite(value) || (magnitude >= 1e-3 && magnitude < 1e7)) return text;
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return `${mantissa}${mantissa.includes('.') ? '' : '.0'}E${Number(exponent)}`;
}

/** By schema when there is one, else by magnitude, as Connect's header values. */
export function dateText(schema: Schema | null, value: Date): string {
  const iso = value.toISOString();
  if (schema?.name === DATE) return iso.slice(0, 10);
  if (schema?.name === TIME) return iso.slice(11);
  const timeMs = value.getTime();
  if (schema === null && Math.abs(timeMs) < 86_400_000) return iso.slice(11);
  return schema === null && timeMs % 86_400_000 === 0 ? iso.slice(0, 10) : iso;
}

function objectText(schema: Schema | null, value: object): string {
  if (value instanceof Decimal) return value.toString();
  if (value instanceof Date) return dateText(schema, value);
  if (Array.isArray(value)) {
    const items = schema?.type === 'array' ? schema.items : null;
    return `[${value.map((item) => javaText(items, item)).join(', ')}]`;
  }
  if (value instanceof Map) {
    const keys = schema?.type === 'map' ? schema.keys : null;
    const values = schema?.type === 'map' ? schema.values : null;
    return `{${[...value].map(([key, item]) => `${javaText(keys, key)}=${javaText(values, item)}`).join(', ')}}`;
  }
  // Java prints the identity of a byte array here, which nobody can want (INV-8).
  if (value instanceof Uint8Array) throw noTextForm(kindOf(value));
  const members = new Map(Object.entries(value));
  if (schema?.type !== 'struct')
    return `{${[...members].map(([key, item]) => `${key}=${javaText(null, item)}`).join(', ')}}`;
  return `Struct{${schema.fields
    .map((field) => [field, members.get(field.name) ?? null] as const)
    .filter(([, item]) => item !== null)
    .map(([field, item]) => `${field.name}=${javaText(field.schema, item)}`)
    .join(',')}}`;
}
